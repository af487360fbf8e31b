"""Sockets open only from our own pages (promise S3): twelve origins, one of them ours."""

from __future__ import annotations

from typing import Any

import pytest

from config.origins import ExactOrigin

OURS = "http://127.0.0.1:8000"


async def verdict(*origins: bytes) -> str:
    """What a socket with these Origin headers meets: the application, or a refusal."""
    reached: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        reached.append("application")

    incoming = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1006}]

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        reached.append(message["type"])

    scope = {"type": "websocket", "path": "/ws/", "headers": [(b"origin", origin) for origin in origins]}
    await ExactOrigin(application, [OURS, "https://lianshen.example"])(scope, receive, send)
    return reached[0]


@pytest.mark.parametrize("origin", [OURS.encode(), b"https://lianshen.example"])
async def test_our_own_origin_is_let_in(origin: bytes) -> None:
    assert await verdict(origin) == "application"


@pytest.mark.parametrize(
    "origins",
    [
        (),
        (b"null",),
        (b"",),
        (b"https://127.0.0.1:8000",),  # other scheme
        (b"http://127.0.0.1:8001",),  # other port
        (b"http://127.0.0.1",),  # no port
        (b"http://127.0.0.1:8000.evil.example",),  # suffix
        (b"http://evil.example/?http://127.0.0.1:8000",),
        (b"http://user@127.0.0.1:8000",),
        (b"https://LIANSHEN.example",),  # a browser never sends capitals
        (b"https://xn--lianshn-3fd.example",),  # looks alike in Unicode
        (b"https://lianshen.example\xff",),
        (b"http://[::1",),  # malformed: urlparse raises
        (b"http://127.0.0.1:99999999",),
        (OURS.encode(), b"http://evil.example"),  # two headers
    ],
)
async def test_any_other_origin_is_refused(origins: tuple[bytes, ...]) -> None:
    assert await verdict(*origins) == "websocket.close"
