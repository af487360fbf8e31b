"""Many copies of one sheet behind unreliable doorbells: a state machine that tries to make them differ (promise R1).

The rooms, the op table and the meaning of the log are the product's; table, bus and sockets are in memory. Pages write at
the same time from what they have seen, processes lose, double and reorder what they are told, lines break with answers
on their way, readers stand still, the lead freezes and thaws. Whatever the order: every page's log is a piece of the table
from its beginning, its marks are what the table's were at that place, and at the end nothing is lost or doubled.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from drawings.rules.fold import empty_state, fold, reply_of
from drawings.rules.ops import PERMISSION, Mark, Nack, Writer, decide_op, read_op
from realtime.hub import Hub, Member, Room
from realtime.protocol import dump, frame_of
from tests.realtime.fakes import SHEET, Wire, settle

RUNS = int(os.environ.get("LIANSHEN_REPLICA_RUNS", "100"))
DEPARTMENTS = ("HUC", "NRP", "CAD")
GEOM = {"type": "Point", "coordinates": [1, 2]}
MAY = frozenset(PERMISSION.values())
# A page that does not read is closed soon, so that short runs see it.
OUTBOX = 6_000


class Table:
    """The sheet's log in memory, written by the op table, and the state after every op."""

    def __init__(self) -> None:
        self.ops: list[dict[str, Any]] = []
        self.states = [empty_state()]
        self.marks: dict[str, Mark] = {}
        self.first: dict[tuple[int, str], tuple[int, int]] = {}
        self.append("sheet.open", by=None, dept=None, p={}, obj=None, ver=None, cid="sys:open")

    @property
    def state(self) -> str:
        return str(self.states[-1]["state"])

    def append(self, k: str, **fields: Any) -> dict[str, Any]:
        op = {"seq": len(self.ops) + 1, "k": k, "at": "2026-03-11T02:00:00.000000Z", **fields}
        self.ops.append(op)
        self.states.append(fold(self.states[-1], op))
        return op

    def commit(self, person: int, dept: str, frame: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The answer to one op, and its row when it is new: the steps of `drawings.actions.log.Batch`."""
        op = read_op(frame)
        known = self.first.get((person, op.cid))
        if known is not None:
            return {"t": "ack", "cid": op.cid, "seq": known[0], "ver": known[1], "dup": True}, None
        writer = Writer(person_id=person, department_code=dept, may=MAY)
        outcome = decide_op(sheet=str(SHEET), state=self.state, mark=self.marks.get(op.obj), writer=writer, op=op)
        if isinstance(outcome, Nack):
            return {"t": "nack", "cid": op.cid, "code": outcome.code}, None
        mark = outcome.mark
        row = self.append(op.k, by=person, dept=dept, p=outcome.p, obj=op.obj, ver=mark.ver, cid=op.cid)
        if op.k == "reply":
            mark = Mark(**{**vars(mark), "thread": (*mark.thread, reply_of(row))})
        self.marks[op.obj] = mark
        self.first[person, op.cid] = (row["seq"], mark.ver)
        return {"t": "ack", "cid": op.cid, "seq": row["seq"], "ver": mark.ver}, row

    async def head(self, _sheet: UUID) -> int:
        await asyncio.sleep(0)
        return len(self.ops)

    async def page(self, _sheet: UUID, after: int, limit: int) -> list[str]:
        await asyncio.sleep(0)
        return [dump(op) for op in self.ops[after : after + limit]]


class Page:
    """One browser: its own log and marks, ops kept until answered, a line to one process."""

    def __init__(self, number: int) -> None:
        self.person = number + 1
        self.dept = DEPARTMENTS[number % len(DEPARTMENTS)]
        self.log: list[dict[str, Any]] = []
        self.view = empty_state()
        self.pending: list[dict[str, Any]] = []
        # Sent over this line and not answered yet: only a new line sends it again.
        self.flying: set[str] = set()
        self.acked: dict[str, int] = {}
        self.refused: set[str] = set()
        self.made = 0
        self.hub: Hub | None = None
        self.wire = Wire()
        self.member: Member | None = None
        self.room: Room | None = None
        self.coming: asyncio.Future[None] | None = None
        self.heard = 0

    @property
    def last(self) -> int:
        return len(self.log)

    def hear(self) -> None:
        """Apply what has arrived, as the protocol says."""
        for frame in self.wire.frames[self.heard :]:
            if frame["t"] == "ops":
                assert [op["seq"] for op in frame["ops"]] == list(
                    range(frame["from"], frame["from"] + len(frame["ops"]))
                )
                for op in frame["ops"]:
                    if op["seq"] <= self.last:
                        continue
                    self.log.append(op)
                    self.view = fold(self.view, op)  # raises when there is a gap
            else:
                self.answered(frame)
        self.heard = len(self.wire.frames)

    def answered(self, frame: dict[str, Any]) -> None:
        cid = frame["cid"]
        self.pending = [op for op in self.pending if op["cid"] != cid]
        if frame["t"] == "nack":
            assert cid not in self.acked, "what was acknowledged is never refused"
            self.refused.add(cid)
        else:
            assert self.acked.setdefault(cid, frame["seq"]) == frame["seq"], "one op, one place in the log"


class Replicas(RuleBasedStateMachine):
    """See the top of this file."""

    @initialize(processes=st.integers(1, 4), pages=st.integers(2, 5))
    def begin(self, processes: int, pages: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.table = Table()
        self.hubs = [Hub(self.table) for _ in range(processes)]
        self.pages = [Page(number) for number in range(pages)]
        self.late: list[tuple[Hub, int, list[str]]] = []
        for number, page in enumerate(self.pages):
            self.connect(page, self.hubs[number % processes])

    # ---- what happens

    @rule(who=st.integers(0, 9), which=st.integers(0, 99), kind=st.sampled_from(sorted(PERMISSION)))
    def write(self, who: int, which: int, kind: str) -> None:
        """A page writes from what it has seen, which may be old."""
        page = self.pages[who % len(self.pages)]
        seen = sorted(page.view["objects"])
        obj = str(uuid.uuid5(SHEET, f"{page.person}-{page.made}"))
        if kind != "create":
            if not seen:
                return
            obj = seen[which % len(seen)]
        p: dict[str, Any] = {}
        if kind == "create":
            p = {"tool": "text", "geom": GEOM, "text": f"意见 {page.made}"}
        elif kind in {"patch", "reply"}:
            p = {"text": f"改 {page.made}"}
        page.made += 1
        base = None if kind == "create" else page.view["objects"][obj]["ver"]
        page.pending.append(
            {"t": "op", "cid": f"{page.person}-{page.made}", "k": kind, "obj": obj, "base": base, "p": p}
        )

    @rule(who=st.integers(0, 9), count=st.integers(1, 6), fates=st.lists(st.integers(0, 9), min_size=4, max_size=4))
    def send(self, who: int, count: int, fates: list[int]) -> None:
        """A page's pending ops are committed together; the other processes hear of it, or not, or twice, or late."""
        page = self.pages[who % len(self.pages)]
        self.commit(page, count, fates)

    @rule(fates=st.lists(st.integers(0, 9), min_size=4, max_size=4))
    def freeze_or_thaw(self, fates: list[int]) -> None:
        """A worker writes it: no process has it at first hand."""
        kind = "sheet.freeze" if self.table.state == "open" else "sheet.thaw"
        cid = f"sys:{len(self.table.ops)}"
        op = self.table.append(kind, by=99, dept="HUC", p={}, obj=None, ver=None, cid=cid)
        self.announce(None, [op], fates)

    @precondition(lambda self: self.late)
    @rule(which=st.integers(0, 99))
    def ring_late(self, which: int) -> None:
        """A doorbell that was held up, out of its order."""
        hub, first, ops = self.late.pop(which % len(self.late))
        self.run(self.deliver(hub, first, ops))

    @rule(which=st.integers(0, 9))
    def look_at_the_head(self, which: int) -> None:
        """One process's poll."""
        hub = self.hubs[which % len(self.hubs)]
        self.run(self.poll(hub))

    @rule(who=st.integers(0, 9), where=st.integers(0, 9), hears_first=st.booleans())
    def break_the_line(self, who: int, where: int, hears_first: bool) -> None:
        """What was on its way is gone; the page comes back, perhaps to another process, and sends what is pending."""
        page = self.pages[who % len(self.pages)]
        if hears_first:
            page.hear()
        self.disconnect(page)
        self.connect(page, self.hubs[where % len(self.hubs)])

    @rule(who=st.integers(0, 9))
    def stand_still(self, who: int) -> None:
        """A page that reads no more, or reads again."""
        wire = self.pages[who % len(self.pages)].wire
        if wire.reading.is_set():
            wire.reading.clear()
        else:
            wire.reading.set()

    @rule(rounds=st.integers(1, 40))
    def time_passes(self, rounds: int) -> None:
        self.run(settle(rounds))
        for page in self.pages:
            page.hear()

    # ---- what must hold

    @invariant()
    def every_copy_is_the_table_up_to_its_place(self) -> None:
        for page in getattr(self, "pages", []):
            assert page.log == self.table.ops[: page.last]
            assert page.view == self.table.states[page.last]

    @invariant()
    def what_is_acknowledged_is_in_the_table(self) -> None:
        for page in getattr(self, "pages", []):
            for cid, seq in page.acked.items():
                assert self.table.ops[seq - 1]["cid"] == cid

    def teardown(self) -> None:
        """The lines are good again: everybody ends with the same log, and each op has been answered one way."""
        if not hasattr(self, "loop"):
            return
        try:
            self.come_to_rest()
        finally:
            for page in self.pages:
                self.disconnect(page)
            self.run(settle(20))
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.run(settle(5))
            self.loop.close()

    def come_to_rest(self) -> None:
        for page in self.pages:
            page.wire.reading.set()
            self.disconnect(page)
            self.connect(page, self.hubs[page.person % len(self.hubs)])
        self.run(settle(100))
        for page in self.pages:
            while page.pending:
                before = len(page.pending)
                self.commit(page, 4, [0, 0, 0, 0])
                self.run(settle(80))
                page.hear()
                assert len(page.pending) < before, "every op is answered"
        for hub in self.hubs:
            self.run(self.poll(hub))
        self.run(settle(300))
        cids = [op["cid"] for op in self.table.ops]
        assert len(cids) == len(set(cids)), "nothing doubled"
        for page in self.pages:
            page.hear()
            assert page.log == self.table.ops
            assert page.view == self.table.states[-1]
            assert page.acked.keys() | page.refused == {f"{page.person}-{n}" for n in range(1, page.made + 1)}
            assert not page.acked.keys() & page.refused
        state = "draft"
        for op, after in zip(self.table.ops, self.table.states[1:], strict=True):
            assert op["by"] in {None, 99} or state == "open", "nothing is written on a frozen sheet"
            state = after["state"]

    # ---- how

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def connect(self, page: Page, hub: Hub) -> None:
        """Begin to come in; what else happens meanwhile, happens while the page is catching up."""

        async def enter(member: Member) -> None:
            page.room = await hub.enter(SHEET)
            await hub.catch_up(page.room, member, page.last)

        async def begin() -> None:
            page.wire, page.heard, page.hub, page.room = Wire(), 0, hub, None
            page.flying.clear()
            page.member = page.wire.member(outbox_limit=OUTBOX)
            page.coming = asyncio.ensure_future(enter(page.member))
            await settle(1)

        self.run(begin())

    def disconnect(self, page: Page) -> None:
        async def leave() -> None:
            if page.coming is not None:
                page.coming.cancel()
                await asyncio.gather(page.coming, return_exceptions=True)
            if page.member is not None and page.hub is not None:
                if page.room is not None:
                    page.hub.leave(page.room, page.member)
                page.member.stop()
            page.member = page.room = page.coming = None

        self.run(leave())

    def commit(self, page: Page, count: int, fates: list[int]) -> None:
        """Through the page's process: answers first, then its room, then the bus. Nothing goes over a dead line."""

        async def work() -> None:
            if page.coming is not None:
                if not page.coming.done() and not page.wire.reading.is_set():
                    return  # who does not read has not read his welcome
                await page.coming  # a page writes once it is welcome; others may still be catching up
            member, hub = page.member, page.hub
            if member is None or hub is None or member.closing is not None:
                return
            rows = []
            for frame in [op for op in page.pending if op["cid"] not in page.flying][:count]:
                page.flying.add(frame["cid"])
                answer, row = self.table.commit(page.person, page.dept, frame)
                member.push(frame_of(answer))
                if row is not None:
                    rows.append(row)
            if rows:
                self.announce_now(hub, rows, fates)

        self.run(work())

    def announce(self, at: Hub | None, rows: list[dict[str, Any]], fates: list[int]) -> None:
        async def work() -> None:
            self.announce_now(at, rows, fates)

        self.run(work())

    def announce_now(self, at: Hub | None, rows: list[dict[str, Any]], fates: list[int]) -> None:
        """30 % lost, 20 % late, 10 % twice."""
        first, texts = rows[0]["seq"], [dump(row) for row in rows]
        for hub, fate in zip(self.hubs, fates, strict=False):
            if hub is at:
                hub.deliver(SHEET, first, texts)
            elif fate in {5, 6}:
                self.late.append((hub, first, texts))
            elif fate not in {7, 8, 9}:
                hub.deliver(SHEET, first, texts)
                if fate == 4:
                    hub.deliver(SHEET, first, texts)

    async def deliver(self, hub: Hub, first: int, ops: list[str]) -> None:
        hub.deliver(SHEET, first, ops)
        await settle(2)

    async def poll(self, hub: Hub) -> None:
        hub.heard_of(SHEET, len(self.table.ops))
        await settle(4)


Replicas.TestCase.settings = settings(
    max_examples=RUNS,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestReplicas = Replicas.TestCase


def test_the_machine_finds_a_fault(monkeypatch: Any) -> None:
    """A room that gives out ops after a gap is caught: the machine above can fail."""
    monkeypatch.setattr("realtime.hub.Room.put", put_without_looking)
    machine = Replicas()
    machine.begin(processes=2, pages=2)
    machine.time_passes(60)
    writer = machine.pages[0]
    for _ in range(2):
        machine.write(who=0, which=0, kind="create")
        machine.commit(writer, 1, [0, 9, 0, 0])  # the other process hears nothing
        writer.pending.clear()
    machine.write(who=0, which=0, kind="create")
    machine.commit(writer, 1, [0, 0, 0, 0])
    caught = False
    try:
        machine.time_passes(40)
    except ValueError as fault:
        caught = "does not follow" in str(fault)
    finally:
        for page in machine.pages:
            machine.disconnect(page)
        machine.run(settle(10))
        machine.loop.close()
    assert caught


def put_without_looking(room: Any, first: int, ops: list[str]) -> bool:
    """What `Room.put` must not do."""
    room.cur = first + len(ops) - 1
    for member in list(room.members):
        member.push(frame_of({"t": "ops", "from": first, "ops": [json.loads(op) for op in ops]}))
    return True
