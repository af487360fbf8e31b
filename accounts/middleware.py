"""At the door: who acts, is sign-in needed, and did anything decide before an answer left?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from accounts.access import begin_decisions
from accounts.actions.identity import check_factor
from accounts.checks import action_of_view, is_plumbing
from accounts.policy import is_public
from accounts.sessions import actor_from_session, actor_from_token
from ledger.actor import Actor
from ledger.answers import answer_for
from ledger.errors import DomainError, Forbidden, SignInRequired

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FACTOR_FIELD = "step_up_password"


class ActorOfRequest:
    """Middleware: sets `request.actor` from the session or a bearer token, and asks for sign-in where it is needed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.decisions = begin_decisions()  # type: ignore[attr-defined]
        request.actor = Actor.public(language=translation.get_language())  # type: ignore[attr-defined]
        try:
            request.actor = self.find_actor(request)  # type: ignore[attr-defined]
        except DomainError as error:
            return answer_for(request, error)
        structlog.contextvars.bind_contextvars(person=request.actor.person_id)  # type: ignore[attr-defined]
        return self.get_response(request)

    def find_actor(self, request: HttpRequest) -> Actor:
        """Bearer token first, then the session; a fresh password in the form counts as step-up."""
        language = translation.get_language() or "zh-hans"
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            actor = actor_from_token(text.strip(), language=language)
            if actor is None:
                raise SignInRequired(_("接口令牌无效或已过期。"), next_step=_("请向系统管理员重新申请令牌。"))
            # A token is not sent by the browser on its own, so it cannot be forged across sites.
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
            request.bearer = True  # type: ignore[attr-defined]
            return actor
        if request.method == "POST" and request.POST.get(FACTOR_FIELD) and request.user.is_authenticated:
            check_factor(request, request.POST[FACTOR_FIELD])
        return actor_from_session(
            request.session,
            mandate_id=request.mandate_id,  # type: ignore[attr-defined]
            language=language,
        )

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Ask for sign-in unless the action is public; check CSRF for API calls that ride on the session cookie."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        name = action_of_view(view, request.method or "GET")
        if actor.person_id is None and name is not None and not is_public(name):
            return answer_for(request, SignInRequired())
        from_browser = not getattr(request, "bearer", False)
        unsafe_api = request.path_info.startswith("/api/") and request.method not in SAFE
        if unsafe_api and from_browser and check_csrf(request) is not None:
            return answer_for(request, Forbidden(_("页面已过期，请刷新后重试。"), code="csrf"))
        return None


class NoAnswerWithoutDecision:
    """Middleware: a success that left without asking the permission table is a fault of the program."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        succeeded = 200 <= response.status_code < 300
        if succeeded and match is not None and not is_plumbing(match):
            decided = request.decisions or getattr(response, "replayed", False)  # type: ignore[attr-defined]
            if not decided:
                raise RuntimeError(f"{request.method} {request.path_info} answered without a permission decision")
        return response
