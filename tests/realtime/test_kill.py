"""kill -9 while people annotate: nothing acknowledged is lost, nothing is doubled, every copy of the log is the table."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.databases import database_url
from tests.realtime.annotator import Annotator
from tests.realtime.ground import Ground

NO_END = 10**9
CYCLES = int(os.environ.get("LIANSHEN_KILL_CYCLES", "5"))

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    webs = getattr(request, "param", 1)
    made = Ground(f"kill{webs}", webs=webs)
    try:
        made.open(with_valkey=webs > 1)
        yield made
    finally:
        made.close()


def annotators(ground: Ground, people: int, count: int, pause: float) -> list[Annotator]:
    names = sorted(ground.room["cookies"])
    return [
        Annotator(
            number,
            ground.ports[number % len(ground.ports)],
            ground.origin,
            ground.room["sheet"],
            ground.room["cookies"][names[number % len(names)]],
            count,
            pause,
        )
        for number in range(people)
    ]


def table(ground: Ground) -> list[tuple[int, str]]:
    with psycopg.connect(database_url(ground.database)) as connection:
        return connection.execute("SELECT seq, cid FROM drawings_sheetop ORDER BY seq").fetchall()


def wait_until(condition: Callable[[], bool], seconds: float, what: Callable[[], Any]) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what()}")
        time.sleep(0.05)


def people_now(people: list[Annotator]) -> Callable[[], list[Any]]:
    """Where everybody is, for the message of a failure."""
    return lambda: [(one.number, one.made, len(one.pending), one.last, one.codes[-3:], one.faults) for one in people]


def finish(ground: Ground, people: list[Annotator]) -> None:
    """Everybody done, then compare every copy with the table."""
    state = people_now(people)
    wait_until(lambda: all(one.is_done for one in people) or any(one.faults for one in people), 90, state)
    rows = table(ground)
    wait_until(lambda: all(one.last >= len(rows) for one in people) or any(one.faults for one in people), 20, state)
    for one in people:
        one.leave.set()
    for one in people:
        one.join(10)
    rows = table(ground)
    assert [fault for one in people for fault in one.faults] == []
    assert [seq for seq, _cid in rows] == list(range(1, len(rows) + 1)), "contiguous"
    stored = {cid: seq for seq, cid in rows}
    assert len(stored) == len(rows), "nothing doubled"
    for one in people:
        assert one.refused == []
        assert len(one.acked) == one.count
        assert {cid: stored.get(cid) for cid in one.acked} == one.acked, "nothing acknowledged is lost"
        assert [(op["seq"], op["cid"]) for op in one.log] == rows, "the page's log is the table"
    assert len(rows) == 1 + sum(one.count for one in people)


def test_killing_the_web_process_loses_nothing(ground: Ground, record_property: Any) -> None:
    chance = random.Random(11)
    people = annotators(ground, 2, count=NO_END, pause=0.02)
    for one in people:
        one.start()
    (port,) = ground.ports
    slowest = 0.0
    for _cycle in range(CYCLES):
        enough = [one.made + chance.randint(5, 25) for one in people]
        wait_until(
            lambda goal=enough: any(one.made >= mark for one, mark in zip(people, goal, strict=True)),
            60,
            people_now(people),
        )
        known = [one.connections for one in people]
        ground.kill(port)
        ground.start(port)
        ground.wait(port)
        begun = time.monotonic()
        wait_until(
            lambda before=known: all(one.connections > n for one, n in zip(people, before, strict=True)),
            30,
            people_now(people),
        )
        slowest = max(slowest, time.monotonic() - begun)
    for one in people:
        one.count = one.made
    finish(ground, people)
    assert all(one.connections > CYCLES for one in people)
    record_property("slowest_way_back_seconds", round(slowest, 2))


@pytest.mark.parametrize("ground", [2], indirect=True)
def test_two_processes_share_a_room_and_outlive_valkey(ground: Ground) -> None:
    people = annotators(ground, 6, count=80, pause=0.03)
    for one in people:
        one.start()
    wait_until(lambda: sum(one.made for one in people) > 100, 60, lambda: [one.made for one in people])
    assert ground.valkey is not None
    ground.valkey.stop()
    sockets = sum(one.connections for one in people)
    finish(ground, people)
    assert sum(one.connections for one in people) == sockets, "losing the bus closes no socket"
