"""A page that annotates as the browser does: pending ops kept until acknowledged, sent again with the same cid."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
import uuid
from typing import Any

from django.conf import settings
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.actions.drawings_world import TEXT


class Annotator(threading.Thread):
    """Draws `count` marks, a little apart, through whatever happens to the server; knows its own copy of the log."""

    def __init__(self, number: int, port: int, origin: str, sheet: str, cookie: str, count: int, pause: float) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.origin, self.sheet, self.cookie = number, port, origin, sheet, cookie
        self.count, self.pause = count, pause
        self.pending: dict[str, dict[str, Any]] = {}
        self.acked: dict[str, int] = {}
        self.log: list[dict[str, Any]] = []
        self.made = 0
        self.connections = 0
        self.is_in = False
        self.refused: list[dict[str, Any]] = []
        self.codes: list[int] = []
        self.faults: list[str] = []
        self.epoch: str | None = None
        self.leave = threading.Event()
        self.chance = random.Random(number)
        self.lag: dict[str, float] = {}

    @property
    def last(self) -> int:
        """The last seq this page has applied."""
        return int(self.log[-1]["seq"]) if self.log else 0

    @property
    def is_done(self) -> bool:
        """Everything made and acknowledged."""
        return self.made >= self.count and not self.pending

    def run(self) -> None:
        """Connect, annotate, and when it breaks connect again."""
        wait = 0.1
        while not self.leave.is_set():
            try:
                self.annotate()
                wait = 0.1
            except (OSError, WebSocketException, TimeoutError) as broken:
                self.is_in = False
                self.codes.append(getattr(getattr(broken, "rcvd", None), "code", 1006) or 1006)
                time.sleep(self.chance.uniform(0, wait))
                wait = min(wait * 2, 1.0)
            except Exception as fault:  # noqa: BLE001 - the test must see it
                self.faults.append(repr(fault))
                return

    def annotate(self) -> None:
        """One connection."""
        opening = connect(
            f"ws://127.0.0.1:{self.port}/ws/sheets/{self.sheet}/",
            origin=self.origin,
            subprotocols=["review.v1"],
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={self.cookie}"},
            compression=None,
            open_timeout=5,
            close_timeout=1,
            max_size=None,
        )
        with opening as socket:
            self.connections += 1
            hello = {"t": "hello", "v": 1, "since": self.last or None, "epoch": self.epoch, "client": str(uuid.uuid4())}
            socket.send(json.dumps(hello))
            welcomed = False
            due = time.monotonic()
            while not self.leave.is_set():
                if welcomed and self.made < self.count and time.monotonic() >= due:
                    due = time.monotonic() + self.chance.uniform(0, 2 * self.pause)
                    frame = self.make()
                    socket.send(json.dumps(frame))
                with contextlib.suppress(TimeoutError):
                    frame = json.loads(socket.recv(timeout=max(0.001, min(0.02, due - time.monotonic()))))
                    if frame["t"] == "welcome":
                        welcomed = self.is_in = True
                        self.epoch = frame["epoch"]
                        for held in self.pending.values():
                            socket.send(json.dumps(held))
                    self.hear(frame, socket)

    def make(self) -> dict[str, Any]:
        """The next op, kept until it is acknowledged."""
        self.made += 1
        cid = f"{self.number}-{self.made}"
        frame = {"t": "op", "cid": cid, "k": "create", "obj": str(uuid.uuid4()), "base": None, "p": TEXT}
        self.pending[cid] = frame
        return frame

    def hear(self, frame: dict[str, Any], socket: Any) -> None:
        """Apply one frame as the protocol says."""
        if frame["t"] == "ack":
            self.pending.pop(frame["cid"], None)
            known = self.acked.setdefault(frame["cid"], frame["seq"])
            if known != frame["seq"]:
                self.faults.append(f"{frame['cid']} acknowledged as {known} and as {frame['seq']}")
        elif frame["t"] == "nack":
            if frame["code"] in {"retry", "rate"}:
                threading.Timer(0.3, self.again, [socket, frame["cid"]]).start()
            else:
                self.refused.append(frame)
                self.pending.pop(frame["cid"], None)
        elif frame["t"] == "ops":
            for op in frame["ops"]:
                if op["seq"] <= self.last:
                    continue
                if op["seq"] != self.last + 1:
                    self.faults.append(f"gap: {op['seq']} after {self.last}")
                self.log.append(op)

    def again(self, socket: Any, cid: str) -> None:
        """Send once more what was to be sent later."""
        held = self.pending.get(cid)
        if held is not None:
            with contextlib.suppress(OSError, WebSocketException):
                socket.send(json.dumps(held))
