"""Sockets are opened only from our own pages: the Origin header must be one of PUBLIC_ORIGINS, letter by letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from channels.security.websocket import WebsocketDenier


class ExactOrigin:
    """Refuse a socket whose Origin is absent, repeated or not exactly one of the allowed ones.

    Channels' own validators parse the header: one ignores scheme and port, the other raises on a malformed port.
    """

    def __init__(self, application: Any, allowed: Iterable[str]) -> None:
        self.application = application
        self.allowed = {origin.encode("ascii") for origin in allowed}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        origins = [value for name, value in scope.get("headers", []) if name == b"origin"]
        if len(origins) == 1 and origins[0] in self.allowed:
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)
