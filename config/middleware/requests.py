"""Every request has an id (also in the answer's X-Request-ID) and one line in the log."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = structlog.get_logger("requests")
GIVEN_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
# Probes ask every few seconds; a line each would bury the rest.
QUIET = frozenset({"healthz", "readyz", "metrics"})


class RequestLog:
    """Middleware: binds `request` to every log line of this request, and writes method, route, status and time.

    The route is the pattern, not the path: paths may hold numbers that belong to somebody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        match = request.resolver_match
        if match is None or match.url_name not in QUIET:
            actor = getattr(request, "actor", None)
            log.info(
                "request",
                method=request.method,
                route=match.route if match else None,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
                person=getattr(actor, "person_id", None),
                mandate=getattr(actor, "mandate_id", None),
            )
        return response
