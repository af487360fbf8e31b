"""A log in memory and sockets in memory, for tests of rooms without a database or a server."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from realtime.hub import Member

SHEET = UUID("11111111-1111-4111-8111-111111111111")


class MemoryLog:
    """What `Hub` reads; `lag` makes every read slow."""

    def __init__(self) -> None:
        self.ops: dict[UUID, list[str]] = {}
        self.pages_read = 0
        self.lag = 0.0

    def append(self, sheet: UUID, count: int = 1, size: int = 20) -> tuple[int, list[str]]:
        """Commit some ops; returns their first seq and texts."""
        ops = self.ops.setdefault(sheet, [])
        first = len(ops) + 1
        texts = [json.dumps({"seq": first + n, "p": "x" * size}) for n in range(count)]
        ops.extend(texts)
        return first, texts

    async def head(self, sheet: UUID) -> int:
        """The last seq."""
        await asyncio.sleep(self.lag)
        return len(self.ops.get(sheet, []))

    async def page(self, sheet: UUID, after: int, limit: int) -> list[str]:
        """Ops after a seq."""
        self.pages_read += 1
        await asyncio.sleep(self.lag)
        return self.ops.get(sheet, [])[after : after + limit]


class Wire:
    """The far end of a socket: collects frames, may stop reading."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self.largest = 0

    async def send(self, message: dict[str, Any]) -> None:
        """What the server sends; waits while nobody reads, as a full TCP window does."""
        await self.reading.wait()
        if message["type"] == "websocket.close":
            self.closed = message["code"]
            return
        self.largest = max(self.largest, len(message["text"]))
        self.frames.append(json.loads(message["text"]))
        await asyncio.sleep(0)

    @property
    def seqs(self) -> list[int]:
        """Seqs in the order of arrival."""
        return [op["seq"] for frame in self.frames if frame["t"] == "ops" for op in frame["ops"]]

    def member(self, sheet: UUID = SHEET, **options: Any) -> Member:
        """A started member of a room at this wire."""
        made = Member(conn=uuid4().hex, sheet=sheet, send=self.send, **{"outbox_limit": 4 * 1024 * 1024} | options)
        made.start()
        return made


async def settle(rounds: int = 60) -> None:
    """Let everything that is ready run."""
    for _ in range(rounds):
        await asyncio.sleep(0)
