"""Group commit: bounded batches, answers after the commit, one poison op alone, patience with a database that is away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from drawings.actions import Commit, OpRequest
from ledger.actor import Actor
from ledger.errors import NotFound
from realtime import committer as module
from realtime.committer import Committer
from tests.realtime.fakes import SHEET

ACTOR = Actor(person_id=1)


class Store:
    """A database in memory: counts batches, may refuse."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.seq = 0
        self.gate = threading.Event()
        self.gate.set()
        self.faults: list[Exception] = []
        self.running = 0
        self.most_running = 0

    def __call__(self, sheet: UUID, requests: Sequence[OpRequest]) -> Commit:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            self.gate.wait(10)
            if self.faults:
                raise self.faults.pop(0)
            self.batches.append(len(requests))
            ops, results = [], []
            for request in requests:
                self.seq += 1
                ops.append({"seq": self.seq, "cid": request.frame["cid"]})
                results.append({"t": "ack", "cid": request.frame["cid"], "seq": self.seq, "ver": 1})
            return Commit(results, ops, self.seq)
        finally:
            self.running -= 1


class Bench:
    """A committer with its answers and announcements in the order they came."""

    def __init__(self, **bounds: int) -> None:
        self.store = Store()
        self.told: list[Any] = []
        self.committer = Committer(self.store, self.announce, ThreadPoolExecutor(2), **bounds)

    def announce(self, _sheet: UUID, first: int, ops: list[str]) -> None:
        self.told.append(("room", first, len(ops)))

    def submit(self, cid: str, size: int = 100, sheet: UUID = SHEET) -> None:
        request = OpRequest(ACTOR, {"cid": cid})
        self.committer.submit(sheet, request, size, self.told.append)

    async def settle(self) -> None:
        await asyncio.wait_for(self.committer.settle(), 20)

    def answers(self) -> list[dict[str, Any]]:
        return [item for item in self.told if isinstance(item, dict)]


async def test_ops_gather_while_a_commit_runs() -> None:
    bench = Bench()
    bench.store.gate.clear()
    bench.submit("first")
    await asyncio.sleep(0.02)
    for n in range(600):
        bench.submit(str(n))
    assert bench.told == [], "nobody is answered before the commit"
    bench.store.gate.set()
    await bench.settle()
    assert bench.store.batches == [1, 256, 256, 88]
    assert [answer["seq"] for answer in bench.answers()] == list(range(1, 602))
    assert bench.store.most_running == 1, "one batch of a sheet at a time"


async def test_a_batch_is_bounded_in_bytes() -> None:
    """Pitfall 2: 256 ops of 20 KB are a 5 MB frame that kicks healthy readers."""
    bench = Bench()
    bench.store.gate.clear()
    bench.submit("first")
    await asyncio.sleep(0.02)
    for n in range(20):
        bench.submit(str(n), size=20_000)
    bench.submit("larger than a batch", size=500_000)
    bench.store.gate.set()
    await bench.settle()
    assert bench.store.batches == [1, 6, 6, 6, 2, 1]


async def test_senders_hear_before_the_room() -> None:
    bench = Bench()
    bench.submit("a")
    await bench.settle()
    assert [item if isinstance(item, tuple) else item["t"] for item in bench.told] == ["ack", ("room", 1, 1)]


async def test_sheets_are_committed_side_by_side() -> None:
    bench = Bench()
    bench.store.gate.clear()
    bench.submit("a")
    bench.submit("b", sheet=UUID(int=7))
    await asyncio.sleep(0.05)
    assert bench.store.running == 2
    bench.store.gate.set()
    await bench.settle()


async def test_a_database_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_PAUSES", (0.01, 0.01, 0.01))
    bench = Bench()
    bench.store.faults = [OperationalError("gone"), OperationalError("gone")]
    bench.submit("a")
    await bench.settle()
    assert bench.answers()[0]["t"] == "ack"
    bench.store.faults = [OperationalError("gone")] * 4
    bench.submit("b")
    bench.submit("c")
    await bench.settle()
    assert [(answer["cid"], answer.get("code")) for answer in bench.answers()[1:]] == [("b", "retry"), ("c", "retry")]


async def test_a_sheet_that_is_gone_and_a_fault_of_ours_are_answered_too() -> None:
    bench = Bench()
    bench.store.faults = [NotFound("gone")]
    bench.submit("a")
    await bench.settle()
    bench.store.faults = [RuntimeError("our fault")]
    bench.submit("b")
    await bench.settle()
    bench.submit("c")
    await bench.settle()
    assert [answer.get("code") for answer in bench.answers()] == ["not_found", "retry", None]


async def test_a_queue_that_is_full_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_OPS", 5)
    bench = Bench()
    bench.store.gate.clear()
    for n in range(8):
        bench.submit(str(n))
    assert [answer["code"] for answer in bench.answers()] == ["retry"] * 3
    bench.store.gate.set()
    await bench.settle()
    assert len(bench.answers()) == 8


async def test_a_crowded_room_gathers_and_an_empty_one_does_not_wait() -> None:
    for listeners, expected in ((0, [1, 2]), (100_000, [3])):
        bench = Bench()
        bench.committer.listeners = lambda _sheet, count=listeners: count
        bench.submit("a")
        await asyncio.sleep(0.001)
        bench.submit("b")
        bench.submit("c")
        await bench.settle()
        assert bench.store.batches == expected


async def test_what_waits_of_somebody_who_was_put_out_is_dropped() -> None:
    bench = Bench()
    bench.store.gate.clear()
    bench.submit("running")
    await asyncio.sleep(0.05)
    put_out = False

    def is_wanted() -> bool:
        return not put_out

    for number in range(3):
        bench.committer.submit(SHEET, OpRequest(ACTOR, {"cid": f"his-{number}"}), 100, bench.told.append, is_wanted)
    bench.submit("another's")
    put_out = True
    bench.store.gate.set()
    await bench.settle()
    assert [answer["cid"] for answer in bench.answers()] == ["running", "another's"]
    assert bench.store.batches == [1, 1]
    for number in range(3):
        bench.committer.submit(SHEET, OpRequest(ACTOR, {"cid": f"late-{number}"}), 100, bench.told.append, is_wanted)
    await bench.settle()
    assert bench.store.batches == [1, 1], "nothing to commit, no commit"
    assert bench.committer.bytes == {}
