"""One request, one act (幂等): repeats of an unsafe request get the first answer.

The key and the act commit together, so a crash leaves either both or neither. A repeat while the first is still
running gets 409 with Retry-After; the same key with another body gets 422.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.answers import answer_for
from ledger.errors import DomainError, InFlight, Refused
from ledger.models import Answer

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
KEY_FIELD = "idempotency_key"
# Fields that differ between two sendings of the same form.
NOT_CONTENT = frozenset({KEY_FIELD, "csrfmiddlewaretoken", "step_up_password"})
# Sign-in is not repeated work: a second sign-in is a second session. allauth's forms carry no key of ours.
# The pre-check keeps nothing of what it was asked, not even its answer.
WITHOUT_KEY = ("/accounts/", "/i18n/", "/precheck/", "/api/v1/precheck")
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect", "HX-Location", "HX-Trigger", "HX-Refresh")
LARGEST_KEPT_BODY = 256 * 1024


class AnswerOnce:
    """Middleware: runs the unsafe request and the note of its answer in one transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE or request.path_info.startswith(WITHOUT_KEY):
            return self.get_response(request)
        key = request.headers.get("Idempotency-Key") or request.POST.get(KEY_FIELD, "")
        scope = scope_of(request)
        if not key or scope is None:
            # `process_view` refuses it, so that an unknown path is still a 404.
            request.idempotency_key = ""  # type: ignore[attr-defined]
            return self.get_response(request)
        request.idempotency_key = key  # type: ignore[attr-defined]
        try:
            return self.answer(request, scope, key)
        except DomainError as error:
            return answer_for(request, error)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        """Refuse a signed-in unsafe request that brings no key."""
        needed = request.method not in SAFE and scope_of(request) is not None
        has_key = bool(getattr(request, "idempotency_key", ""))
        if not needed or has_key or request.path_info.startswith(WITHOUT_KEY):
            return None
        return answer_for(
            request,
            Refused(
                "idempotency_key_required",
                _("请求缺少防重复提交标识。"),
                next_step=_("请刷新页面后重新提交；接口调用请带上 Idempotency-Key。"),
            ),
        )

    def answer(self, request: HttpRequest, scope: str, key: str) -> HttpResponseBase:
        """Do the work once, or give the remembered answer."""
        if len(key) > 80:
            raise Refused("idempotency_key_too_long", _("防重复提交标识过长（最多 80 个字符）。"))
        fingerprint = fingerprint_of(request)
        with transaction.atomic():
            if not try_lock(f"{scope}\n{key}"):
                raise InFlight(next_step=_("请几秒后再试，不要重复填写。"))
            known = Answer.objects.filter(scope=scope, key=key).first()
            if known is not None:
                if known.fingerprint != fingerprint:
                    raise Refused("idempotency_key_reused", _("同一防重复提交标识被用于不同的内容。"))
                return replay(known)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            elif not response.streaming and len(response.content) <= LARGEST_KEPT_BODY:  # type: ignore[attr-defined]
                remember(scope, key, fingerprint, response)  # type: ignore[arg-type]
            return response


def scope_of(request: HttpRequest) -> str | None:
    """Whose keys these are: one person acting for one principal; a visitor has none."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.person_id is None:
        return None
    return f"{actor.person_id}:{actor.mandate_id or '-'}"


def fingerprint_of(request: HttpRequest) -> str:
    """SHA-256 of method, path and content; files count by name and size, their own sha256 travels in a field."""
    digest = hashlib.sha256(f"{request.method} {request.path_info}\n".encode())
    if (request.content_type or "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        for name in sorted(set(request.POST) - NOT_CONTENT):
            digest.update(f"{name}={request.POST.getlist(name)!r}\n".encode())
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                digest.update(f"{name}:{file.name}:{file.size}\n".encode())
    else:
        digest.update(request.body)
    return digest.hexdigest()


def try_lock(text: str) -> bool:
    """A lock that lives as long as the transaction; False when somebody holds it."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def remember(scope: str, key: str, fingerprint: str, response: HttpResponse) -> None:
    """Keep the answer beside the act."""
    Answer.objects.create(
        scope=scope,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=response.content,
    )


def replay(known: Answer) -> HttpResponse:
    """The first answer again, marked as such."""
    response = HttpResponse(bytes(known.body), status=known.status, headers=known.headers)
    response["Idempotent-Replayed"] = "true"
    response.replayed = True  # type: ignore[attr-defined]
    return response


def forget_old_answers() -> int:
    """Delete answers older than a week; a repeat after that is a new request."""
    return Answer.objects.filter(at__lt=timezone.now() - timedelta(days=7)).delete()[0]
