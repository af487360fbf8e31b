"""Rows about what breaks: a storm of pages, a page that does not read, Valkey away, a killed server, and idle pages' memory."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect

from config.launcher.valkey import free_port
from realtime.bench.ground import Ground, memory_mb, run_loop
from realtime.bench.load import MARK
from realtime.bench.rows_of import Row, below, row

STORM_PAGES = 200
STORM_OPS = 50
STORM_SECONDS = 5.0
SLOW_MB = 12
SLOW_GOAL_MB = 8.0 + 4.0
VALKEY_GOAL_SECONDS = 1.5
VALKEY_MARKS = 80
BACK_GOAL_SECONDS = 3.0
PATIENCE = 60.0
ON_THEIR_WAY = 4

Say = Callable[[str], None]


class Page:
    """One page: knows how far its copy of the log is, and fails when it is not contiguous."""

    def __init__(self, ground: Ground, url: str, number: int = 0, *, since: int | None = None) -> None:
        cookies = list(ground.room["cookies"].values())
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={cookies[number % len(cookies)]}"
        self.url = url
        self.ground = ground
        # A page has the snapshot when it opens the socket.
        self.last = ground.head() if since is None else since
        self.epoch: str | None = None
        self.socket: ClientConnection | None = None
        self.arrived: dict[str, float] = {}
        self.acked: set[str] = set()

    async def open(self, **options: Any) -> Page:
        """Connect and be welcomed, from where the copy stands; a new copy begins at the head."""
        self.socket = await connect(
            self.url,
            subprotocols=["review.v1"],  # type: ignore[list-item]
            additional_headers={"Cookie": self.cookie},
            compression=None,
            max_size=None,
            open_timeout=PATIENCE,
            **options,
        )
        await self.hello(self.last)
        return self

    @property
    def line(self) -> ClientConnection:
        """The open socket."""
        if self.socket is None:
            raise RuntimeError("not open")
        return self.socket

    async def hello(self, since: int) -> None:
        """Say hello and read until welcome; too far behind: begin at the head."""
        frame = {"t": "hello", "v": 1, "since": since, "epoch": self.epoch, "client": str(uuid.uuid4())}
        await self.send(frame)
        while True:
            heard = await self.hear()
            if heard["t"] == "welcome":
                self.epoch = heard["epoch"]
                self.last = max(self.last, since)
                return
            if heard["t"] == "resync":
                self.last = heard["head"]
                await self.hello(heard["head"])
                return

    async def send(self, frame: dict[str, Any]) -> None:
        """One frame."""
        await self.line.send(json.dumps(frame, ensure_ascii=False))

    async def hear(self) -> dict[str, Any]:
        """The next frame, applied."""
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.line.recv(), PATIENCE))
        if frame["t"] == "ops":
            now = time.perf_counter()
            for op in frame["ops"]:
                if op["seq"] <= self.last:
                    continue
                if op["seq"] != self.last + 1:
                    raise RuntimeError(f"a gap: {op['seq']} after {self.last}")
                self.last = op["seq"]
                self.arrived[op["cid"]] = now
        elif frame["t"] == "ack":
            self.acked.add(frame["cid"])
            self.ground.promised.add(frame["cid"])
        elif frame["t"] == "nack":
            raise RuntimeError(f"refused: {frame}")
        return frame

    async def until(self, seq: int) -> None:
        """Read until the copy is as far as this."""
        while self.last < seq:
            await self.hear()

    async def draw(self, p: dict[str, Any] = MARK) -> str:
        """Send one mark; its cid."""
        cid = uuid.uuid4().hex
        await self.send({"t": "op", "cid": cid, "k": "create", "obj": str(uuid.uuid4()), "base": None, "p": p})
        return cid

    async def draw_and_wait(self, count: int, p: dict[str, Any] = MARK) -> None:
        """Marks, few of them on their way at any time, until each is acknowledged."""
        waiting: set[str] = set()
        for _ in range(count):
            waiting.add(await self.draw(p))
            while len(waiting) >= ON_THEIR_WAY:
                await self.hear()
                waiting -= self.acked
        while waiting:
            await self.hear()
            waiting -= self.acked

    async def close(self) -> None:
        """Break the line: a polite goodbye waits for a page that does not read."""
        if self.socket is not None:
            self.socket.transport.abort()


def rows(ground: Ground, say: Say, *, runs: int, pages: int = STORM_PAGES) -> list[Row]:
    """All of them."""
    made = []
    for name, measure, unit, goal in (
        (f"storm: {pages} pages broken at once, {STORM_OPS} marks meanwhile, all caught up", storm, "s", STORM_SECONDS),
        ("memory of a page that does not read, until it is closed (4408)", slow_reader, "MB", SLOW_GOAL_MB),
        ("memory of one idle page", idle_pages, "KB", None),
        ("longest way of a mark to another process after Valkey was killed", valkey_away, "s", VALKEY_GOAL_SECONDS),
        ("server killed: pages back and a mark acknowledged, after its restart", killed, "s", BACK_GOAL_SECONDS),
    ):
        figures = []
        for turn in range(runs):
            say(f"{name}, run {turn + 1} of {runs}")
            figures.append(measure(ground, pages))
        value = round(median(figures), 2)
        made.append(row(name, value, unit=unit, goal=goal, met=below(value, goal), runs=figures))
    return made


async def open_pages(ground: Ground, url: str, count: int) -> list[Page]:
    """So many pages at the head of the log."""
    since = ground.head()
    return [await Page(ground, url, number, since=since).open() for number in range(count)]


def storm(ground: Ground, pages: int) -> float:
    """Seconds until the last page is back and has everything."""

    async def work(url: str) -> float:
        writer = await Page(ground, url).open()
        crowd = await open_pages(ground, url, pages)
        for page in crowd:
            page.line.transport.abort()
        await writer.draw_and_wait(STORM_OPS)
        await writer.until(writer.last)
        head, begun = writer.last, time.perf_counter()

        async def come_back(page: Page) -> float:
            await page.open()
            await page.until(head)
            return time.perf_counter() - begun

        seconds = await asyncio.gather(*map(come_back, crowd))
        await asyncio.gather(*(page.close() for page in [*crowd, writer]))
        return max(seconds)

    with ground.serving("group") as url:
        return run_loop(work(url))


def slow_reader(ground: Ground, _pages: int) -> float:
    """Growth of the server's memory with a page that does not read, less the growth without one."""
    large = {**MARK, "tool": "freehand", "geom": {"type": "LineString", "coordinates": [[1.5, 2.5]] * 4000}}

    async def work(url: str, *, with_slow: bool) -> float:
        writer = await Page(ground, url).open()
        await writer.draw_and_wait(20, large)
        before = memory_mb(ground.pid)
        async with AsyncExitStack() as stack:
            if with_slow:
                narrow = socket.socket()
                narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
                narrow.connect(("127.0.0.1", int(url.split(":")[2].split("/", maxsplit=1)[0])))
                narrow.settimeout(0)
                slow = await Page(ground, url, 1).open(sock=narrow, max_queue=1)
                stack.push_async_callback(slow.close)
            await writer.draw_and_wait(SLOW_MB * 1024 * 1024 // len(json.dumps(large)), large)
            return memory_mb(ground.pid) - before

    grown = []
    for with_slow in (False, True):
        with ground.serving("group") as url:
            grown.append(run_loop(work(url, with_slow=with_slow)))
    return max(0.0, grown[1] - grown[0])


def idle_pages(ground: Ground, pages: int) -> float:
    """KB of the server's memory for each page that is open and does nothing."""

    async def work(url: str) -> float:
        first = await open_pages(ground, url, 10)
        before = memory_mb(ground.pid)
        crowd = await open_pages(ground, url, pages)
        grown = memory_mb(ground.pid) - before
        await asyncio.gather(*(page.close() for page in [*first, *crowd]))
        return grown * 1024 / pages

    with ground.serving("group") as url:
        return run_loop(work(url))


def valkey_away(ground: Ground, _pages: int) -> float:
    """Seconds: the longest delay of a mark drawn on one process until a page of another, which only reads, has it."""
    valkey = ground.valkey
    child = valkey.start()

    async def work(here: str, there: str) -> float:
        writer, reader = await Page(ground, here).open(), await Page(ground, there, 1).open()
        sent: dict[str, float] = {}

        async def read() -> None:
            # All the while: a mark has come when it comes, not when somebody looks.
            while len(sent) < VALKEY_MARKS or not sent.keys() <= reader.arrived.keys():
                await reader.hear()

        reading = asyncio.create_task(read())
        for turn in range(VALKEY_MARKS):
            if turn == 20:
                child.kill()
            cid = await writer.draw()
            sent[cid] = time.perf_counter()
            await asyncio.sleep(0.05)
        await reading
        while not sent.keys() <= writer.acked:
            await writer.hear()
        await asyncio.gather(writer.close(), reader.close())
        return max(reader.arrived[cid] - begun for cid, begun in sent.items())

    try:
        bus = {"LIANSHEN_BUS": "redis", "REDIS_URL": valkey.url}
        with ground.serving("group", **bus) as here, ground.serving("group", **bus) as there:
            return run_loop(work(here, there))
    finally:
        valkey.stop()


def killed(ground: Ground, _pages: int) -> float:
    """Seconds from the restarted server's open port until twenty pages are back and one has a mark acknowledged."""
    port = free_port()
    process = ground.spawn("group", port)

    async def work() -> float:
        nonlocal process
        url = ground.url(port)
        crowd = await open_pages(ground, url, 20)
        await crowd[0].draw_and_wait(10)
        process.kill()
        process = await asyncio.to_thread(ground.spawn, "group", port)
        begun = time.perf_counter()
        await asyncio.gather(*(page.open() for page in crowd))
        await crowd[0].draw_and_wait(1)
        seconds = time.perf_counter() - begun
        await asyncio.gather(*(page.close() for page in crowd))
        return seconds

    try:
        return run_loop(work())
    finally:
        process.kill()
