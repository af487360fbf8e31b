"""The load: many light pages in one process, which only look for the ops they wait for."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

OPENING_TOGETHER = 20
PATIENCE = 60.0
CID = re.compile(r'"cid":"([^"]+)"')
MARK = {
    "tool": "cloud",
    "geom": {"type": "Polygon", "coordinates": [[[100.5, 200.5], [400.5, 200.5], [400.5, 500.5], [100.5, 200.5]]]},
    "text": "疏散楼梯间前室面积不足，请复核。",
    "style": {"color": "#c8161d", "width": 2},
}


@dataclass
class Crowd:
    """Pages on one sheet. `seen[cid]` counts who has got an op, `at[cid]` when each got it."""

    url: str
    cookies: list[str]
    cookie_name: str
    size: int
    # The seq to begin at: who opens a room has the snapshot already.
    since: int = 0
    sockets: list[ClientConnection] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    whole: dict[str, asyncio.Event] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Crowd:
        turns = asyncio.Semaphore(OPENING_TOGETHER)

        async def open_one(number: int) -> None:
            async with turns:
                socket = await connect(
                    self.url,
                    subprotocols=["review.v1"],  # type: ignore[list-item]
                    additional_headers={"Cookie": f"{self.cookie_name}={self.cookies[number % len(self.cookies)]}"},
                    compression=None,
                    max_size=None,
                    open_timeout=PATIENCE,
                )
                self.sockets.append(socket)
                await self.say_hello(socket, self.since)
                await self.welcomed(socket)
                self.readers.append(asyncio.create_task(self.read(socket)))

        try:
            await asyncio.gather(*map(open_one, range(self.size)))
        except BaseException:
            await self.leave()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Break every line: to say goodbye politely two hundred times would last longer than the measurement."""
        for reader in self.readers:
            reader.cancel()
        await asyncio.gather(*self.readers, return_exceptions=True)
        for socket in self.sockets:
            socket.transport.abort()

    @property
    def arrived(self) -> set[str]:
        """The marks that have reached every page."""
        return {cid for cid, whole in self.whole.items() if whole.is_set()}

    async def say_hello(self, socket: ClientConnection, since: int) -> None:
        """Where this page begins."""
        await socket.send(json.dumps({"t": "hello", "v": 1, "since": since, "client": str(uuid.uuid4())}))

    async def welcomed(self, socket: ClientConnection) -> None:
        """Wait for the welcome; too far behind: take the head as it is and begin there."""
        while True:
            frame = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
            if frame["t"] == "welcome":
                return
            if frame["t"] == "resync":
                await self.say_hello(socket, frame["head"])

    async def read(self, socket: ClientConnection) -> None:
        """Note when ops arrive."""
        async for text in socket:
            line = str(text)
            if line.startswith('{"t":"ops"'):
                now = time.perf_counter()
                for cid in CID.findall(line):
                    begun = self.sent.get(cid)
                    if begun is None:
                        continue
                    self.delays.append(now - begun)
                    self.left[cid] -= 1
                    if self.left[cid] == 0:
                        self.whole[cid].set()
            elif line.startswith('{"t":"nack"'):
                self.refused.append(line[:300])

    async def draw(self, number: int) -> str:
        """Socket `number` draws a mark; returns its cid."""
        cid = uuid.uuid4().hex
        frame = {"t": "op", "cid": cid, "k": "create", "obj": str(uuid.uuid4()), "base": None, "p": MARK}
        self.left[cid], self.whole[cid] = len(self.sockets), asyncio.Event()
        self.sent[cid] = time.perf_counter()
        await self.sockets[number].send(json.dumps(frame, ensure_ascii=False))
        return cid


async def windows(crowd: Crowd, seconds: float, *, senders: int = 10) -> float:
    """`senders` pages, each drawing its next mark when everybody has got the last: marks per second."""
    until, done = time.perf_counter() + seconds, 0

    async def work(number: int) -> None:
        nonlocal done
        while time.perf_counter() < until:
            cid = await crowd.draw(number)
            await asyncio.wait_for(crowd.whole[cid].wait(), PATIENCE)
            done += 1

    begun = time.perf_counter()
    await asyncio.gather(*(work(number) for number in range(min(senders, crowd.size))))
    return done / (time.perf_counter() - begun)


async def steady(crowd: Crowd, seconds: float, per_second: float) -> list[float]:
    """Marks from all pages at a steady rate: every delay from sent to received by anybody, in seconds."""
    crowd.delays.clear()
    chance, begun, cids = random.Random(5), time.perf_counter(), []  # noqa: S311 - who draws next
    for turn in range(int(seconds * per_second)):
        await asyncio.sleep(max(0.0, begun + turn / per_second - time.perf_counter()))
        cids.append(await crowd.draw(chance.randrange(crowd.size)))
    await asyncio.gather(*(asyncio.wait_for(crowd.whole[cid].wait(), PATIENCE) for cid in cids))
    return list(crowd.delays)


async def one_after_the_other(crowd: Crowd, marks: int) -> list[float]:
    """One page draws, a mark at a time, drawing idle: delays until the OTHER page has it, in seconds."""
    delays = []
    for _ in range(marks):
        cid = await crowd.draw(0)
        await asyncio.wait_for(crowd.whole[cid].wait(), PATIENCE)
        delays.append(time.perf_counter() - crowd.sent[cid])
        await asyncio.sleep(0.02)
    return delays


def share(values: Iterable[float], percent: float) -> float:
    """A percentile (nearest rank)."""
    ordered: list[Any] = sorted(values)
    return float(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]) if ordered else float("nan")
