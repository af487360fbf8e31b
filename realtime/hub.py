"""The rooms of one process (房间): one hub, one room per sheet that somebody looks at, many members.

A room holds the last ops ready encoded and gives the same bytes to every member. The database is the truth: what a lost
doorbell or a dead bus withholds is found by comparing heads (`heal`), so that losing Redis costs latency, never ops.

Everything here runs on the event loop's thread and reads the database only through `Log`, in an executor.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import structlog

from realtime.protocol import RESTART, SLOW_CONSUMER, Frame, frame_of, ops_frame

log = structlog.get_logger()

RING_OPS = 2048
# Characters; large ops fill the ring sooner, and who needs more of them reads the table.
RING_SIZE = 8 * 1024 * 1024
# A client this close to the head takes the rest from the ring without a further await.
LAST_FROM_RING = 8
PAGE_OPS = 500
PAGE_BYTES = 128 * 1024
SEND_SECONDS = 30.0
FAREWELL_SECONDS = 5.0

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Log(Protocol):
    """Where a room reads the truth."""

    async def head(self, sheet: UUID) -> int:
        """The sheet's last seq."""

    async def page(self, sheet: UUID, after: int, limit: int) -> list[str]:
        """Encoded ops that follow `after`."""


@dataclass(eq=False)
class Member:
    """One open socket in a room. Frames wait in an outbox bounded in bytes; who does not read is closed with 4408."""

    conn: str
    sheet: UUID
    send: Send
    outbox_limit: int
    info: dict[str, Any] = field(default_factory=dict)
    outbox: deque[Frame] = field(default_factory=deque)
    waiting: int = 0
    closing: int | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None
    on_close: Callable[[Member], None] | None = None

    def start(self) -> None:
        """Begin to send what comes into the outbox."""
        self._task = asyncio.create_task(self._run())

    def push(self, frame: Frame) -> None:
        """Queue a frame that must arrive; too much unread closes the socket, and it catches up when it comes back."""
        if self.closing is not None:
            return
        if self.waiting + frame.size > self.outbox_limit:
            self.close(SLOW_CONSUMER)
            return
        self.outbox.append(frame)
        self.waiting += frame.size
        self._wake.set()

    def push_if_idle(self, frame: Frame) -> None:
        """Queue a frame that may be lost (cursors): dropped first when anything waits."""
        if self.closing is None and not self.waiting:
            self.push(frame)

    async def send_now(self, frame: Frame) -> None:
        """Send with back-pressure, outside the outbox: pages of catch-up, which must not count against it."""
        await asyncio.wait_for(self.send({"type": "websocket.send", "text": frame.text}), SEND_SECONDS)

    def close(self, code: int) -> None:
        """Close the socket after what is queued; a slow one loses its queue at once, so that memory is free."""
        if self.closing is not None:
            return
        self.closing = code
        if code == SLOW_CONSUMER:
            self.outbox.clear()
            self.waiting = 0
        if self.on_close is not None:
            self.on_close(self)
        self._wake.set()
        asyncio.get_running_loop().call_later(SEND_SECONDS, self.stop)
        if self._task is None:
            self.start()

    def stop(self) -> None:
        """Stop sending: the socket is gone."""
        if self._task is not None:
            self._task.cancel()
        self.gone.set()

    async def _run(self) -> None:
        """Send one frame after the other; the server's own back-pressure makes this wait."""
        try:
            while True:
                while self.outbox:
                    frame = self.outbox.popleft()
                    await self.send({"type": "websocket.send", "text": frame.text})
                    self.waiting = max(0, self.waiting - frame.size)
                if self.closing is not None:
                    await self.send({"type": "websocket.close", "code": self.closing})
                    await asyncio.wait_for(self.gone.wait(), FAREWELL_SECONDS)
                    return
                self._wake.clear()
                await self._wake.wait()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a socket may break in any way; only this one is lost
            log.debug("socket_broken", conn=self.conn, error=type(error).__name__)
        finally:
            self.gone.set()


@dataclass(eq=False)
class Room:
    """One sheet in this process: where it stands, its last ops, who is in."""

    sheet: UUID
    cur: int
    ring_ops: int = RING_OPS
    ring_size: int = RING_SIZE
    held: int = 0
    ring: deque[str] = field(default_factory=deque)
    members: set[Member] = field(default_factory=set)
    joining: int = 0
    healing: asyncio.Lock = field(default_factory=asyncio.Lock)
    filling: asyncio.Lock = field(default_factory=asyncio.Lock)

    def put(self, first: int, ops: Sequence[str]) -> bool:
        """Take ops that begin at `first`, drop what is known, give the rest to everybody; False when a gap is before them."""
        end = first + len(ops) - 1
        if end <= self.cur:
            return True
        if first > self.cur + 1:
            return False
        fresh = ops[self.cur + 1 - first :]
        begin = self.cur + 1
        self.cur = end
        self.ring.extend(fresh)
        self.held += sum(map(len, fresh))
        while len(self.ring) > self.ring_ops or (self.held > self.ring_size and len(self.ring) > 1):
            self.held -= len(self.ring.popleft())
        for number, page in pages(begin, fresh):
            frame = ops_frame(number, page)
            for member in list(self.members):
                member.push(frame)
        return True

    @property
    def oldest(self) -> int:
        """The first seq that the ring has; one more than `cur` when it is empty."""
        return self.cur - len(self.ring) + 1

    def put_before(self, ops: Sequence[str]) -> bool:
        """Take older ops, which end where the ring begins; False when there is no place for them."""
        size = sum(map(len, ops))
        if len(self.ring) + len(ops) > self.ring_ops or self.held + size > self.ring_size:
            return False
        self.ring.extendleft(reversed(ops))
        self.held += size
        return True

    def from_ring(self, after: int, limit: int) -> list[str] | None:
        """Ops that follow `after`, when the ring still has them."""
        if after + 1 < self.oldest:
            return None
        start = after + 1 - self.oldest
        return [self.ring[index] for index in range(start, min(start + limit, len(self.ring)))]


def pages(first: int, ops: Sequence[str]) -> Iterable[tuple[int, list[str]]]:
    """Cut a run of ops into frames of at most about PAGE_BYTES."""
    page: list[str] = []
    size, begin = 0, first
    for number, op in enumerate(ops, start=first):
        if page and (size + len(op) > PAGE_BYTES or len(page) >= PAGE_OPS):
            yield begin, page
            page, size, begin = [], 0, number
        page.append(op)
        size += len(op)
    if page:
        yield begin, page


class Hub:
    """All rooms of this process."""

    def __init__(self, log_reader: Log) -> None:
        self.log = log_reader
        self.rooms: dict[UUID, Room] = {}
        self._opening: dict[UUID, asyncio.Task[Room]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # The bus subscribes and unsubscribes a room's channel here.
        self.on_open: Callable[[UUID], Awaitable[None]] | None = None
        self.on_shut: Callable[[UUID], Awaitable[None]] | None = None

    async def enter(self, sheet: UUID) -> Room:
        """The sheet's room, opened when nobody was in it; `leave` or `join` must follow."""
        room = self.rooms.get(sheet)
        if room is None:
            opening = self._opening.get(sheet)
            if opening is None:
                opening = asyncio.create_task(self._open(sheet))
                self._opening[sheet] = opening
                opening.add_done_callback(lambda _done: self._opening.pop(sheet, None))
            room = await asyncio.shield(opening)
        room.joining += 1
        return room

    async def _open(self, sheet: UUID) -> Room:
        """Subscribe first, read the head after: what is committed between is then either in the head or announced."""
        if self.on_open is not None:
            await self.on_open(sheet)
        try:
            room = Room(sheet=sheet, cur=await self.log.head(sheet))
        except BaseException:
            if self.on_shut is not None:
                self.spawn(self.on_shut(sheet))
            raise
        self.rooms[sheet] = room
        return room

    async def catch_up(self, room: Room, member: Member, since: int) -> None:
        """Send everything after `since`, page by page with back-pressure, then make the member one of the room.

        Between the last look at the ring and `members.add` there is no await: no op can fall between.
        """
        position = since
        # The client may know more than this process has heard of: it came from another one.
        await self.heal(room, position)
        while room.cur - position > LAST_FROM_RING or (ops := room.from_ring(position, LAST_FROM_RING)) is None:
            await self.fill(room, position)
            page = room.from_ring(position, PAGE_OPS)
            if page is None:
                page = await self.log.page(room.sheet, position, PAGE_OPS)
            if not page:
                break
            for number, part in pages(position + 1, page):
                await member.send_now(ops_frame(number, part))
            position += len(page)
            # Ops may have been read that the room has not heard of yet: it hears of them by itself.
            if position > room.cur:
                await self.heal(room, position)
        ops = room.from_ring(position, LAST_FROM_RING) or []
        if ops:
            member.push(ops_frame(position + 1, ops))
        room.members.add(member)

    async def fill(self, room: Room, after: int) -> None:
        """Read what the ring lacks after this seq, once for all who ask: after a restart everybody comes at the same moment."""
        async with room.filling:
            while (oldest := room.oldest) > after + 1:
                start = max(after, oldest - 1 - PAGE_OPS)
                page = await self.log.page(room.sheet, start, oldest - 1 - start)
                if room.oldest != oldest:
                    continue  # the ring has moved meanwhile
                if len(page) < oldest - 1 - start or not room.put_before(page):
                    return

    def leave(self, room: Room, member: Member | None) -> None:
        """One less; the last one shuts the room."""
        room.joining -= 1
        if member is not None:
            room.members.discard(member)
        if room.joining <= 0 and self.rooms.get(room.sheet) is room:
            del self.rooms[room.sheet]
            if self.on_shut is not None:
                self.spawn(self.on_shut(room.sheet))

    def deliver(self, sheet: UUID, first: int, ops: Sequence[str]) -> None:
        """Committed ops, from this process or another: to everybody, or a reason to read the gap."""
        room = self.rooms.get(sheet)
        if room is not None and ops and not room.put(first, ops):
            self.spawn(self.heal(room, first + len(ops) - 1))

    def heard_of(self, sheet: UUID, head: int) -> None:
        """A doorbell or a look at the table says how far the log is."""
        room = self.rooms.get(sheet)
        if room is None:
            return
        if head > room.cur:
            self.spawn(self.heal(room, head))

    async def heal(self, room: Room, head: int) -> None:
        """Read from the log what the room has missed, up to `head` at least."""
        async with room.healing:
            while room.cur < head:
                # The room may move on while the page is read: the page keeps its own place.
                after = room.cur
                page = await self.log.page(room.sheet, after, PAGE_OPS)
                if not page:
                    return
                room.put(after + 1, page)

    def restart_room(self, room: Room) -> None:
        """The log has become shorter (a restored database): everybody comes back and finds the new epoch."""
        log.warning("sheet_log_went_back", sheet=str(room.sheet), cur=room.cur)
        self.rooms.pop(room.sheet, None)
        for member in list(room.members):
            member.close(RESTART)

    def tell(self, sheet: UUID, message: dict[str, Any], *, lossy: bool = False) -> Frame | None:
        """Something that is not in the log, to everybody in the room; returns the frame for the bus."""
        room = self.rooms.get(sheet)
        if room is None:
            return None
        frame = frame_of(message)
        self.tell_frame(room, frame, lossy=lossy)
        return frame

    def tell_frame(self, room: Room, frame: Frame, *, lossy: bool) -> None:
        """A ready frame to everybody in the room."""
        for member in list(room.members):
            if lossy:
                member.push_if_idle(frame)
            else:
                member.push(frame)

    def listeners(self, sheet: UUID) -> int:
        """How many members the sheet's room has in this process."""
        room = self.rooms.get(sheet)
        return len(room.members) if room is not None else 0

    def members(self) -> Iterable[tuple[Room, Member]]:
        """Everybody, with his room."""
        for room in list(self.rooms.values()):
            for member in list(room.members):
                yield room, member

    def spawn(self, work: Awaitable[None]) -> None:
        """Run something beside; its failure is logged and hurts nobody."""
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("room_work_failed")

    async def stop(self) -> None:
        """Say goodbye to everybody (1012) and end what runs."""
        for _room, member in self.members():
            member.close(RESTART)
        for task in list(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
