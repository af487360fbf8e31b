"""What the parts of one process share: the count of a person's sockets is right whenever somebody leaves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from realtime.house import House
from tests.realtime.fakes import Wire


class SlowBus:
    """Counts sockets; while one is renewed, its owner and the next one's leave."""

    def __init__(self, house: House) -> None:
        self.house, self.counted = house, set[str]()

    async def count_socket(self, person: int, conn: str) -> int:
        self.counted.add(conn)
        self.house.visitors.clear()
        return len(self.counted)

    async def forget_socket(self, person: int, conn: str) -> None:
        self.counted.discard(conn)


async def test_who_leaves_during_a_heartbeat_is_not_counted_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    wire = Wire()
    visitor = cast(Any, SimpleNamespace(actor=SimpleNamespace(person_id=7)))
    for _ in range(3):
        house.visitors[wire.member()] = visitor
    bus = SlowBus(house)
    house.bus = cast(Any, bus)

    async def nothing() -> None:
        return None

    monkeypatch.setattr(house.presence, "heartbeat", nothing)
    await house.heartbeat()
    assert bus.counted == set()
