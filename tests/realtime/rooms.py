"""A real uvicorn in this process and browsers without a screen: for tests of the whole protocol."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import uvicorn
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

ORIGIN = "http://127.0.0.1:8000"
assert ORIGIN in settings.PUBLIC_ORIGINS


def small(made: socket.socket) -> socket.socket:
    """Little room in the system for what the other side does not read: what the product itself keeps is seen sooner."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    return made


class LiveServer:
    """The ASGI application on a free port, on a thread of this process, with the test's database."""

    def __init__(self) -> None:
        from config.asgi import application

        config = uvicorn.Config(
            application,
            ws="websockets-sansio",
            ws_max_size=131072,
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="error",
        )
        self.server = uvicorn.Server(config)
        self.listening = small(socket.create_server(("127.0.0.1", 0)))
        self.port: int = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.server.run, args=([self.listening],), daemon=True)

    def start(self) -> None:
        """Listen."""
        self.thread.start()
        until = time.monotonic() + 20
        while not self.server.started:
            if time.monotonic() > until:
                raise RuntimeError("uvicorn does not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """End."""
        self.server.should_exit = True
        self.thread.join(20)


class Browser:
    """One socket as a page holds it, with what it has heard."""

    def __init__(self, port: int, sheet: Any, cookie: str | None, **options: Any) -> None:
        headers = dict(options.pop("headers", {}))
        if cookie is not None:
            headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={cookie}"
        self.stack = ExitStack()
        opening = connect(
            f"ws://127.0.0.1:{port}/ws/sheets/{sheet}/",
            origin=options.pop("origin", ORIGIN),
            subprotocols=options.pop("subprotocols", ["review.v1"]),
            additional_headers=headers,
            compression=None,
            open_timeout=10,
            close_timeout=2,
            max_size=None,
            **options,
        )
        self.socket: ClientConnection = self.stack.enter_context(opening)
        self.heard: list[dict[str, Any]] = []
        self.code: int | None = None

    def send(self, frame: dict[str, Any] | str) -> None:
        """One frame."""
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def hello(self, since: int | None = None, epoch: str | None = None, **more: Any) -> dict[str, Any]:
        """Say hello and wait for the welcome (or what comes instead)."""
        self.send({"t": "hello", "v": 1, "since": since, "epoch": epoch, "client": str(uuid.uuid4()), **more})
        return self.wait(lambda frame: frame["t"] in {"welcome", "resync"})

    def next(self, timeout: float = 5.0) -> dict[str, Any] | None:
        """The next frame; None when the socket was closed (then `code` says how)."""
        try:
            frame: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout))
        except ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd else 1006
            return None
        self.heard.append(frame)
        return frame

    def wait(self, wanted: Callable[[dict[str, Any]], bool], timeout: float = 8.0) -> dict[str, Any]:
        """Read until a frame fits; fail when the socket closes or time runs out."""
        until = time.monotonic() + timeout
        while True:
            frame = self.next(max(0.01, until - time.monotonic()))
            if frame is None:
                raise AssertionError(f"closed with {self.code} after {self.heard[-3:]}")
            if wanted(frame):
                return frame

    def answer(self, cid: str, timeout: float = 8.0) -> dict[str, Any]:
        """The ack or nack of an op."""
        return self.wait(lambda frame: frame["t"] in {"ack", "nack"} and frame["cid"] == cid, timeout)

    def do(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Send an op and wait for its answer."""
        self.send(frame)
        return self.answer(frame["cid"])

    def until_seq(self, seq: int, timeout: float = 8.0) -> None:
        """Read until the log is known up to `seq`."""
        if seq not in self.seqs:
            self.wait(lambda frame: frame["t"] == "ops" and frame["ops"][-1]["seq"] >= seq, timeout)

    def until_closed(self, timeout: float = 8.0) -> int | None:
        """Read until the socket closes; its code."""
        until = time.monotonic() + timeout
        while self.next(max(0.01, until - time.monotonic())) is not None:
            pass
        return self.code

    @property
    def seqs(self) -> list[int]:
        """Seqs in the order of arrival."""
        return [op["seq"] for frame in self.heard if frame["t"] == "ops" for op in frame["ops"]]

    @property
    def ops(self) -> list[dict[str, Any]]:
        """Ops in the order of arrival."""
        return [op for frame in self.heard if frame["t"] == "ops" for op in frame["ops"]]

    def close(self) -> None:
        """Leave; that the server is slow to hang up is no fault of a test."""
        with suppress(ConnectionClosed):
            self.stack.close()


@contextmanager
def setting(**values: Any) -> Iterator[None]:
    """Settings for a while; the server's thread sees them too."""
    before = {name: getattr(settings, name) for name in values}
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
