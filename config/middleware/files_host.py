"""The second origin (第二来源): hands out originals by a short-lived address and knows nothing else.

A hostile file that a browser could be talked into opening then runs on an origin without sessions, cookies or pages.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlparse

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from drawings.serving import ORIGINALS, send_by_token


class FilesHost:
    """Middleware, before sessions: answers `/originals/<token>`, and on the files' host nothing but that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ORIGINALS) and request.method in {"GET", "HEAD"}:
            try:
                return send_by_token(request, request.path_info.removeprefix(ORIGINALS))
            except Http404:
                return nothing()
        if settings.FILES_ORIGIN and request.get_host() == urlparse(settings.FILES_ORIGIN).netloc:
            return nothing()
        return self.get_response(request)


def nothing() -> HttpResponse:
    """A bare 404: this origin has no pages."""
    return HttpResponse("404\n", status=404, content_type="text/plain; charset=utf-8")
