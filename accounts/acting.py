"""`/as/<mandate>/…`: the mandate under which an agent acts is part of the address (代办).

The prefix is stripped before routing and given back by `reverse()`, so every link on the page keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix

PREFIX = re.compile(r"^/as/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(/.*)$")


class ActingUnderMandate:
    """Middleware: takes the mandate out of the path."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.mandate_id = None  # type: ignore[attr-defined]
        request.prefix = ""  # type: ignore[attr-defined]
        found = PREFIX.match(request.path_info)
        if found is None:
            return self.get_response(request)
        request.mandate_id = UUID(found[1])  # type: ignore[attr-defined]
        request.prefix = f"/as/{found[1]}"  # type: ignore[attr-defined]
        request.path_info = found[2]
        before = get_script_prefix()
        set_script_prefix(f"/as/{found[1]}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)
