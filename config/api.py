"""The HTTP API: every room's `api.router` under /api/v1, one document, one form of error.

Who acts, CSRF and idempotency are settled by middleware before an operation runs
(accounts.middleware, ledger.idempotency).
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer

from ledger.answers import answer_for
from ledger.errors import DomainError, Invalid, NotFound, Refused

log = structlog.get_logger()
ROOMS = (
    "accounts",
    "regional_eval",
    "certificates",
    "projects",
    "drawings",
    "joint_review",
    "realtime",
    "notices",
    "supervision",
    "portal",
)


class PlainJson(JSONRenderer):
    """JSON with Chinese as it is, not as ASCII escapes."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="联审 Lianshen",
    version="1",
    description="One system from red line to completion acceptance (从用地红线到竣工验收).",
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
    renderer=PlainJson(),
)


@api.exception_handler(DomainError)
def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """What a room refuses, as problem+json."""
    return answer_for(request, error)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, _error: Http404) -> HttpResponse:
    """Django's own 404 in the same form."""
    return answer_for(request, NotFound())


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A field of the wrong type or range: named by its place in the body."""
    fields: dict[str, list[str]] = {}
    for fault in error.errors:
        fields.setdefault(field_name(fault.get("loc", ())), []).append(str(fault.get("msg", "")))
    return answer_for(request, Invalid(fields))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """ninja's own refusals, such as a body that is not JSON."""
    status = error.status_code
    problem = Refused("bad_request", _("请求的格式有误，系统没有处理。"))
    problem.status = status
    return answer_for(request, problem)


def field_name(place: tuple[Any, ...]) -> str:
    """("body", "payload", "site", "area") -> "site.area"; ("query", "q") -> "q"."""
    parts = [str(part) for part in place]
    return ".".join(parts[2:] if parts[:1] == ["body"] and len(parts) > 2 else parts[1:]) or "body"


for room in ROOMS:
    if find_spec(f"{room}.api") is not None:
        api.add_router("", import_module(f"{room}.api").router, tags=[room])
