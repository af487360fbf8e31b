"""Rooms of one process: order, catch-up with back-pressure, slow readers, healing."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime import hub as hub_module
from realtime.bus import LocalBus
from realtime.hub import Hub, Member, pages
from realtime.presence import Presence
from realtime.protocol import SLOW_CONSUMER, frame_of
from tests.realtime.fakes import SHEET, MemoryLog, Wire, settle


async def join(hub: Hub, wire: Wire, since: int = 0, **options: int) -> Member:
    member = wire.member(**options)
    room = await hub.enter(SHEET)
    await hub.catch_up(room, member, since)
    return member


async def test_everybody_gets_the_same_ops_once_and_in_order() -> None:
    log = MemoryLog()
    hub = Hub(log)
    wires = [Wire() for _ in range(5)]
    for wire in wires:
        await join(hub, wire)
    for _ in range(20):
        hub.deliver(SHEET, *log.append(SHEET, 3))
    await settle()
    assert all(wire.seqs == list(range(1, 61)) for wire in wires)
    assert log.pages_read == 0, "live ops are never read back from the table"


async def test_known_ops_are_dropped_and_a_gap_is_read_from_the_log() -> None:
    log = MemoryLog()
    hub = Hub(log)
    wire = Wire()
    await join(hub, wire)
    first = log.append(SHEET, 2)
    lost = log.append(SHEET, 3)
    later = log.append(SHEET, 2)
    hub.deliver(SHEET, *first)
    hub.deliver(SHEET, *first)
    hub.deliver(SHEET, *later)
    await settle()
    hub.deliver(SHEET, *lost)
    await settle()
    assert wire.seqs == list(range(1, 8))


async def test_overlapping_runs_give_only_what_is_new() -> None:
    log = MemoryLog()
    hub = Hub(log)
    wire = Wire()
    await join(hub, wire)
    first, ops = log.append(SHEET, 6)
    hub.deliver(SHEET, first, ops[:4])
    hub.deliver(SHEET, 3, ops[2:])
    await settle()
    assert wire.seqs == [1, 2, 3, 4, 5, 6]
    assert [frame["from"] for frame in wire.frames] == [1, 5]


async def test_a_lost_doorbell_is_healed_by_the_head() -> None:
    log = MemoryLog()
    hub = Hub(log)
    wire = Wire()
    await join(hub, wire)
    log.append(SHEET, 1200)
    hub.heard_of(SHEET, 1200)
    await settle(300)
    assert wire.seqs == list(range(1, 1201))


async def test_catch_up_is_paged_with_back_pressure_and_not_counted_as_slow() -> None:
    """Pitfall 1: a big catch-up through the bounded outbox kicks the client for ever."""
    log = MemoryLog()
    log.append(SHEET, 3000, size=2000)
    hub = Hub(log)
    wire = Wire()
    wire.reading.clear()
    joining = asyncio.ensure_future(join(hub, wire, outbox_limit=100_000))
    await asyncio.sleep(0.05)
    assert not joining.done(), "the catch-up waits for the reader"
    wire.reading.set()
    member = await joining
    await settle(200)
    assert wire.closed is None
    assert member.closing is None
    assert wire.seqs == list(range(1, 3001))
    assert wire.largest < 2 * hub_module.PAGE_BYTES


async def test_ops_committed_during_a_catch_up_arrive_once() -> None:
    log = MemoryLog()
    log.append(SHEET, 900)
    log.lag = 0.002
    hub = Hub(log)
    wire = Wire()
    joining = asyncio.ensure_future(join(hub, wire))
    for _ in range(40):
        hub.deliver(SHEET, *log.append(SHEET, 2))
        await asyncio.sleep(0.001)
    await joining
    hub.deliver(SHEET, *log.append(SHEET, 2))
    await asyncio.sleep(0.05)
    assert wire.seqs == list(range(1, 983))


async def test_a_slow_reader_alone_is_closed_and_its_queue_freed() -> None:
    log = MemoryLog()
    hub = Hub(log)
    slow, healthy = Wire(), Wire()
    lazy = await join(hub, slow, outbox_limit=50_000)
    await join(hub, healthy)
    await settle()
    slow.reading.clear()
    for _ in range(100):
        hub.deliver(SHEET, *log.append(SHEET, 1, size=1000))
        await settle(4)
    assert lazy.closing == SLOW_CONSUMER
    assert not lazy.outbox
    assert lazy.waiting == 0
    assert healthy.seqs == list(range(1, 101))
    slow.reading.set()
    await settle()
    assert slow.closed == SLOW_CONSUMER


async def test_a_frame_that_may_be_lost_never_waits() -> None:
    log = MemoryLog()
    hub = Hub(log)
    wire = Wire()
    member = await join(hub, wire)
    await settle()
    wire.reading.clear()
    hub.deliver(SHEET, *log.append(SHEET, 1))
    for x in range(50):
        member.push_if_idle(frame_of({"t": "eph", "list": [{"x": x}]}))
    wire.reading.set()
    await settle()
    assert [frame["t"] for frame in wire.frames] == ["ops"]
    member.push_if_idle(frame_of({"t": "eph", "list": [{"x": 51}]}))
    await settle()
    assert wire.frames[-1]["t"] == "eph"


async def test_the_ring_serves_a_storm_without_reading_the_table() -> None:
    log = MemoryLog()
    hub = Hub(log)
    first = Wire()
    await join(hub, first)
    for _ in range(50):
        hub.deliver(SHEET, *log.append(SHEET, 20))
    wires = [Wire() for _ in range(50)]
    await asyncio.gather(*(join(hub, wire) for wire in wires))
    await settle(200)
    assert all(wire.seqs == list(range(1, 1001)) for wire in wires)
    assert log.pages_read == 0


async def test_the_ring_is_bounded() -> None:
    log = MemoryLog()
    hub = Hub(log)
    await join(hub, Wire())
    for _ in range(30):
        hub.deliver(SHEET, *log.append(SHEET, 100))
    room = hub.rooms[SHEET]
    assert len(room.ring) == hub_module.RING_OPS
    assert room.from_ring(3000 - hub_module.RING_OPS - 1, 5) is None
    late = Wire()
    await join(hub, late)
    await settle(300)
    assert late.seqs == list(range(1, 3001))


async def test_the_last_one_out_shuts_the_room() -> None:
    shut: list[UUID] = []

    async def note(sheet: UUID) -> None:
        shut.append(sheet)

    hub = Hub(MemoryLog())
    hub.on_shut = note
    rooms = []
    for _ in range(2):
        wire = Wire()
        room = await hub.enter(SHEET)
        member = wire.member()
        await hub.catch_up(room, member, 0)
        rooms.append((room, member))
    hub.leave(*rooms[0])
    assert SHEET in hub.rooms
    hub.leave(*rooms[1])
    await settle()
    assert SHEET not in hub.rooms
    assert shut == [SHEET]


async def test_a_room_that_cannot_be_opened_leaves_nothing_behind() -> None:
    class Broken(MemoryLog):
        async def head(self, sheet: UUID) -> int:
            raise OSError("database away")

    hub = Hub(Broken())
    with pytest.raises(OSError, match="database away"):
        await hub.enter(SHEET)
    assert not hub.rooms


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 400_000), max_size=60), st.integers(1, 1000))
def test_pages_are_contiguous_and_lose_nothing(sizes: list[int], first: int) -> None:
    ops = ["x" * size for size in sizes]
    cut = list(pages(first, ops))
    assert [op for _number, page in cut for op in page] == ops
    expected = first
    for number, page in cut:
        assert number == expected
        assert len(page) == 1 or sum(map(len, page)) <= hub_module.PAGE_BYTES
        expected += len(page)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(5, 60))
def test_replicas_converge_whatever_the_doorbells_do(seed: int, processes: int, commits: int) -> None:
    """30 % of the announcements dropped, doubled, reordered; sockets come and go: every log equals the table."""
    asyncio.run(converge(random.Random(seed), processes, commits))


async def converge(chance: random.Random, processes: int, commits: int) -> None:
    log = MemoryLog()
    hubs = [Hub(log) for _ in range(processes)]
    wires: list[tuple[Hub, Wire, Member]] = []
    late: list[tuple[Hub, int, list[str]]] = []
    for hub in hubs:
        wire = Wire()
        wires.append((hub, wire, await join(hub, wire)))
    for _ in range(commits):
        first, ops = log.append(SHEET, chance.randint(1, 12))
        for hub in hubs:
            fate = chance.random()
            if fate < 0.3:
                continue
            if fate < 0.5:
                late.append((hub, first, ops))
                continue
            hub.deliver(SHEET, first, ops)
            if fate > 0.9:
                hub.deliver(SHEET, first, ops)
        if late and chance.random() < 0.5:
            hub, first, ops = late.pop(chance.randrange(len(late)))
            hub.deliver(SHEET, first, ops)
        if chance.random() < 0.2:
            hub, wire, member = wires.pop(chance.randrange(len(wires)))
            room = hub.rooms[SHEET]
            hub.leave(room, member)
            member.stop()
            seen = len(wire.seqs)
            assert wire.seqs == list(range(1, seen + 1))
            fresh = hubs[chance.randrange(len(hubs))]
            again = Wire()
            again.frames = list(wire.frames)
            wires.append((fresh, again, await join(fresh, again, since=seen)))
        await settle(chance.randint(0, 6))
    head = await log.head(SHEET)
    for hub in hubs:
        hub.heard_of(SHEET, head)
    for hub, first, ops in late:
        hub.deliver(SHEET, first, ops)
    await settle(400)
    for _hub, wire, _member in wires:
        assert wire.seqs == list(range(1, head + 1))


async def test_after_a_restart_the_log_is_read_once_for_all_who_come_back() -> None:
    log = MemoryLog()
    log.append(SHEET, 1200)
    log.lag = 0.001
    hub = Hub(log)
    wires = [Wire() for _ in range(20)]
    await asyncio.gather(*(join(hub, wire, since=100) for wire in wires))
    await asyncio.sleep(0.05)
    assert all(wire.seqs == list(range(101, 1201)) for wire in wires)
    assert log.pages_read == 3, "1,100 ops in pages of 500, whoever asks"
    late = Wire()
    await join(hub, late)
    await settle()
    assert late.seqs == list(range(1, 1201))
    assert log.pages_read == 4, "only what nobody had asked for"


async def test_what_does_not_fit_in_the_ring_is_read_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = MemoryLog()
    log.append(SHEET, 900)
    hub = Hub(log)
    wire, busy = Wire(), Wire()
    room = await hub.enter(SHEET)
    room.ring_ops = 300
    log.lag = 0.001
    both = asyncio.gather(join(hub, wire), join(hub, busy, since=700))
    for _ in range(20):
        hub.deliver(SHEET, *log.append(SHEET, 10))
        await asyncio.sleep(0.001)
    await both
    await asyncio.sleep(0.05)
    assert wire.seqs == list(range(1, 1101))
    assert busy.seqs == list(range(701, 1101))
    assert len(room.ring) <= 300


async def test_a_storm_is_told_in_few_frames() -> None:
    hub = Hub(MemoryLog())
    presence = Presence(hub, LocalBus(lambda *_: None, lambda *_: None))
    wires = [Wire() for _ in range(50)]
    members = []
    for number, wire in enumerate(wires):
        member = await join(hub, wire)
        member.info = {"conn": member.conn, "user": number, "name": str(number), "dept": None, "role": ""}
        members.append(member)
        await presence.arrive(hub.rooms[SHEET], member)
    await asyncio.sleep(0.12)
    told = [frame for frame in wires[0].frames if frame["t"] == "presence" and frame["k"] == "join"]
    assert {who["conn"] for frame in told for who in frame["who"]} >= {member.conn for member in members[1:]}
    assert len(told) <= 4
    for member in members[1:]:
        hub.rooms[SHEET].members.discard(member)
        await presence.depart(hub.rooms[SHEET], member)
    await asyncio.sleep(0.12)
    left = [frame for frame in wires[0].frames if frame["t"] == "presence" and frame["k"] == "leave"]
    assert {who["conn"] for frame in left for who in frame["who"]} == {member.conn for member in members[1:]}
    assert len(left) <= 3


async def test_who_comes_and_leaves_within_a_moment_has_left() -> None:
    hub = Hub(MemoryLog())
    presence = Presence(hub, LocalBus(lambda *_: None, lambda *_: None))
    stays = Wire()
    member = await join(hub, stays)
    member.info = {"conn": member.conn, "user": 1}
    fleeting = {"conn": "fleeting", "user": 2}
    presence.say(SHEET, "join", fleeting)
    presence.say(SHEET, "leave", fleeting)
    await asyncio.sleep(0.06)
    assert [frame["k"] for frame in stays.frames if frame["t"] == "presence"] == ["leave"]
