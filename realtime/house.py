"""Everything the sockets of one process share (会审大厅): hub, committer, bus, presence, and the watch over them.

Made at the first socket, on its event loop: the ASGI server runs without lifespan events.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from django.db import close_old_connections, connection

from drawings import queries
from drawings.actions import Commit, OpRequest, commit_ops
from realtime.admission import Visitor, look, reason_to_close
from realtime.bus import Bus, make_bus
from realtime.committer import BATCH_OPS, CommitOps, Committer
from realtime.hub import Hub, Log, Member
from realtime.presence import HEARTBEAT_SECONDS, Presence
from realtime.protocol import NOT_SIGNED_IN, dump, frame_of_text

log = structlog.get_logger()
T = TypeVar("T")

WRITERS = 2
READERS = 4
# How often heads, permission epochs and sessions are compared with the tables: all that is needed when the bus is down.
POLL_SECONDS = 0.5
RECHECK_SECONDS = 60.0


def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Run database work in an executor's thread with a healthy connection; a broken one is thrown away."""
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()


class Logs(Log, Protocol):
    """What the house reads: the logs of rooms, and many heads at once."""

    async def heads(self, sheets: list[UUID]) -> dict[UUID, int]:
        """The last seq of several sheets."""
        ...


class SheetLogs:
    """The rooms' view of the op logs, through the reader executor."""

    def __init__(self, run: Callable[..., Awaitable[Any]]) -> None:
        self.run = run

    async def head(self, sheet: UUID) -> int:
        """The sheet's last seq."""
        return (await self.heads([sheet])).get(sheet, 0)

    async def heads(self, sheets: list[UUID]) -> dict[UUID, int]:
        """The last seq of several sheets in one query."""
        found: dict[UUID, int] = await self.run(queries.heads, sheets)
        return found

    async def page(self, sheet: UUID, after: int, limit: int) -> list[str]:
        """Encoded ops after a seq."""
        ops = await self.run(partial(queries.ops_between, sheet, after, limit=limit))
        return [dump(op) for op in ops]


class House:
    """The shared parts, started together and stopped together."""

    def __init__(
        self, commit: CommitOps | None = None, logs: Logs | None = None, *, batch_ops: int = BATCH_OPS
    ) -> None:
        self.readers = ThreadPoolExecutor(READERS, thread_name_prefix="room-reader")
        self.writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="room-writer")
        self.logs = logs or SheetLogs(self.read)
        self.hub = Hub(self.logs)
        self.bus: Bus = make_bus(self.heard_room, self.heard_ring)
        self.hub.on_open = self.bus.subscribe
        self.hub.on_shut = self.bus.unsubscribe
        self.committer = Committer(
            commit or commit_in_thread,
            self.announce,
            self.writers,
            batch_ops=batch_ops,
            listeners=self.hub.listeners,
        )
        self.presence = Presence(self.hub, self.bus)
        # Socket -> its sign-in; also those that have not said hello yet.
        self.visitors: dict[Member, Visitor] = {}
        self.checked: dict[Member, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen, and watch."""
        await self.bus.start()
        self._tasks = [
            asyncio.create_task(self.every(POLL_SECONDS, self.poll)),
            asyncio.create_task(self.every(HEARTBEAT_SECONDS, self.heartbeat)),
        ]

    async def stop(self) -> None:
        """Close every socket with 1012 and end."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.committer.settle()
        await self.hub.stop()
        await self.bus.stop()
        self.readers.shutdown(wait=True)
        self.writers.shutdown(wait=True)

    async def read(self, work: Callable[..., T], *arguments: Any) -> T:
        """Database reading beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, partial(in_thread, work, *arguments))

    async def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Repeat `work`; a failure is logged and tried again at the next turn."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the watch must outlive a database that is away
                log.warning("watch_failed", work=work.__name__, error=type(error).__name__)

    # ---- what is said and heard

    def announce(self, sheet: UUID, first: int, ops: list[str]) -> None:
        """Committed here: to the room, then to the other processes."""
        self.hub.deliver(sheet, first, ops)
        self.bus.publish(sheet, "ops", [str(first), *ops])

    def heard_room(self, sheet: UUID, kind: str, lines: list[str]) -> None:
        """Another process says something of a room."""
        if kind == "ops":
            self.hub.deliver(sheet, int(lines[0]), lines[1:])
            return
        room = self.hub.rooms.get(sheet)
        if room is None:
            return
        if kind == "eph":
            self.hub.tell_frame(room, frame_of_text(lines[0]), lossy=True)
        elif kind == "presence":
            for member in list(room.members):
                if member.info:
                    member.push(frame_of_text(lines[0]))

    def heard_ring(self, topic: str, payload: dict[str, Any]) -> None:
        """A doorbell: `sheet:<uuid>` has grown, `person:<id>` lost something or signed out."""
        kind, _colon, name = topic.partition(":")
        if kind == "sheet":
            sheet, head = UUID(name), payload.get("seq")
            if isinstance(head, int):
                self.hub.heard_of(sheet, head)
            if payload.get("ask"):
                # Open, freeze, marking rights: everybody in the room is asked again.
                self.hub.spawn(self.recheck([member for member in self.visitors if member.sheet == sheet]))
        elif kind == "person" and name.isdigit():
            person = int(name)
            affected = [member for member, visitor in self.visitors.items() if visitor.actor.person_id == person]
            self.hub.spawn(self.recheck(affected))

    # ---- the watch

    async def poll(self) -> None:
        """Compare with the tables: heads of rooms, epochs of people, life of sessions."""
        rooms = [(room, room.cur) for room in self.hub.rooms.values()]
        if rooms:
            heads = await self.logs.heads([room.sheet for room, _cur in rooms])
            for room, before in rooms:
                head = heads.get(room.sheet, 0)
                if head < before:
                    # What the room had given out before this look is no longer there.
                    self.hub.restart_room(room)
                else:
                    self.hub.heard_of(room.sheet, head)
        if self.visitors:
            await self.look_at_visitors()

    async def look_at_visitors(self) -> None:
        """Find those from whom something was taken, who signed out, or who were not asked for a minute."""
        visitors = dict(self.visitors)
        people = {visitor.actor.person_id for visitor in visitors.values() if visitor.actor.person_id is not None}
        sights = await self.read(look, people, {visitor.session_key for visitor in visitors.values()})
        now = time.monotonic()
        doubtful = []
        for member, visitor in visitors.items():
            person = visitor.actor.person_id
            if visitor.session_key not in sights.sessions:
                member.close(NOT_SIGNED_IN)
            elif (
                person is None
                or sights.epochs.get(person) != visitor.permission_epoch
                or now - self.checked.get(member, now) > RECHECK_SECONDS
            ):
                doubtful.append(member)
        await self.recheck(doubtful)

    async def recheck(self, members: Sequence[Member]) -> None:
        """Ask again whether these may stay; close those who may not."""
        for member in members:
            visitor, sheet = self.visitors.get(member), member.sheet
            if visitor is None or member.closing is not None:
                continue
            code, fresh = await self.read(reason_to_close, visitor, sheet)
            if member not in self.visitors:
                continue
            self.checked[member] = time.monotonic()
            if code:
                member.close(code)
            else:
                self.visitors[member] = fresh

    async def heartbeat(self) -> None:
        """Presence and socket counts are leases: renew them."""
        await self.presence.heartbeat()
        for member, visitor in list(self.visitors.items()):
            person = visitor.actor.person_id
            # Who has left while the others were renewed must not be counted for ever.
            if person is None or member not in self.visitors:
                continue
            await self.bus.count_socket(person, member.conn)
            if member not in self.visitors:
                await self.bus.forget_socket(person, member.conn)


def commit_in_thread(sheet: UUID, requests: Sequence[OpRequest]) -> Commit:
    """`commit_ops` in a writer thread; the committer announces the ops itself.

    Where connections come from a pool, the few writers keep theirs: asking at every stroke whether it still lives costs as
    much as the stroke. A broken one shows at the commit, is thrown away, and the committer tries again.
    """
    if "pool" not in connection.settings_dict["OPTIONS"]:
        return in_thread(partial(commit_ops, sheet, requests, announce=False))
    try:
        return commit_ops(sheet, requests, announce=False)
    finally:
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
        connection.health_check_done = True  # type: ignore[attr-defined]


# What opens a house; the measuring servers of `realtime.bench` open theirs with another store.
make_house: Callable[[], House] = House
_houses: dict[asyncio.AbstractEventLoop, House] = {}
_opening: dict[asyncio.AbstractEventLoop, asyncio.Task[House]] = {}


async def house() -> House:
    """The house of this event loop, opened at the first call."""
    loop = asyncio.get_running_loop()
    found = _houses.get(loop)
    if found is not None:
        return found
    if loop not in _opening:
        _opening[loop] = asyncio.create_task(_open())
    return await asyncio.shield(_opening[loop])


async def _open() -> House:
    opened = make_house()
    await opened.start()
    _houses[asyncio.get_running_loop()] = opened
    return opened


async def close_house() -> None:
    """Stop the house of this event loop (tests)."""
    loop = asyncio.get_running_loop()
    _opening.pop(loop, None)
    found = _houses.pop(loop, None)
    if found is not None:
        await found.stop()
