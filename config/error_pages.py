"""Django's own refusals (no such address, a crash, a bad request) in the same form as ours."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ledger.answers import answer_for, wants_json
from ledger.errors import Forbidden, NotFound, Refused

log = structlog.get_logger()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself is malformed."""
    error = Refused("bad_request", _("请求的格式有误，系统没有处理。"), next_step=_("请返回上一页重试。"))
    error.status = 400
    return answer_for(request, error)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 raised by Django itself, such as a missing CSRF token."""
    return answer_for(request, Forbidden())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old, or came from elsewhere."""
    log.warning("csrf_refused", reason=reason)
    return answer_for(
        request, Forbidden(_("页面已过期，请刷新后重试。"), code="csrf", next_step=_("刷新页面后，重新提交一次。"))
    )


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return answer_for(request, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Says so with the request's number; uses no database and no session."""
    number = str(structlog.contextvars.get_contextvars().get("request", ""))
    title = _("系统出错，刚才的操作没有生效。")
    next_step = _("请稍后重试；如仍有问题，请把编号告诉管理员。")
    if request.path_info.startswith("/api/") or wants_json(request):
        problem = {
            "type": "about:blank#internal",
            "title": title,
            "status": 500,
            "code": "internal",
            "next_step": next_step,
            "request": number,
        }
        return JsonResponse(
            problem, status=500, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
        )
    page = render_to_string("errors/500.html", {"title": title, "next_step": next_step, "number": number})
    return HttpResponse(page, status=500)
