"""The one place where a DomainError becomes an answer: problem+json, an htmx toast, or a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from ledger.errors import DomainError, InFlight, SignInRequired, StepUpRequired, TooMany

RETRY_SECONDS = {InFlight: 2, TooMany: 10}


def answer_for(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The refusal in the form its reader understands."""
    if request.path_info.startswith("/api/") or wants_json(request):
        response: HttpResponse = JsonResponse(
            error.as_problem(),
            status=error.status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False},
        )
    elif isinstance(error, SignInRequired):
        return HttpResponseRedirect(f"{reverse('account_login')}?next={quote(request.get_full_path())}")
    elif request.headers.get("HX-Request"):
        response = HttpResponse(status=error.status)
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = json.dumps({"refused": error.as_problem()})
    else:
        context = {
            "error": error,
            "problem": error.as_problem(),
            "back": request.headers.get("Referer", "/"),
            "again": fields_to_send_again(request, error),
        }
        response = render(request, "errors/refusal.html", context, status=error.status)
    for kind, seconds in RETRY_SECONDS.items():
        if isinstance(error, kind):
            response["Retry-After"] = str(seconds)
    return response


def fields_to_send_again(request: HttpRequest, error: DomainError) -> list[tuple[str, str]] | None:
    """What the person had filled in, so that giving the password is all that is left to do."""
    if not isinstance(error, StepUpRequired) or request.method != "POST" or request.FILES:
        return None
    return [
        (name, value)
        for name in request.POST
        if name not in {"csrfmiddlewaretoken", "step_up_password"}
        for value in request.POST.getlist(name)
    ]


def wants_json(request: HttpRequest) -> bool:
    """A script asked, not a person's navigation."""
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "text/html" not in accepted


class RefusalsBecomeAnswers:
    """Middleware: what a view refuses is answered in plain words, never as a trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a DomainError; everything else goes on to the 500 page."""
        return answer_for(request, exception) if isinstance(exception, DomainError) else None
