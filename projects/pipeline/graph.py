"""The network of items (事项网络): order, handing-on of prerequisites, critical path, slack. Pure integers.

Times are working-day indices: an item that starts at 3 and lasts 2 works on days 4 and 5; dates come in only at the
edge (clock.py). Equal to the reference `critical_path.py` on the domain's templates (tests/unit).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ledger.errors import Refused
from projects.words import _

Prerequisites = Mapping[str, Sequence[str]]


class Place(NamedTuple):
    """Where one item lies: earliest and latest start and finish, slack, and whether it is critical."""

    es: int
    ef: int
    ls: int
    lf: int

    @property
    def slack(self) -> int:
        """Working days the item may slip without moving the end (机动时间)."""
        return self.ls - self.es

    @property
    def critical(self) -> bool:
        """No slack at all."""
        return self.ls == self.es


@dataclass(frozen=True)
class Schedule:
    """The places of all items, the total, and one longest chain of items that take time."""

    total: int
    places: Mapping[str, Place]
    critical_path: tuple[str, ...]


def order_of(prerequisites: Prerequisites) -> tuple[str, ...]:
    """The items so that each comes after its prerequisites, else in the order given.

    Refused for a prerequisite that does not exist and for a cycle, both by name.
    """
    for code, needed in prerequisites.items():
        for other in needed:
            if other not in prerequisites:
                raise Refused(
                    "unknown_prerequisite",
                    _("事项 %(code)s 的前置事项 %(other)s 不存在。") % {"code": code, "other": other},
                )
    waiting = {code: set(needed) for code, needed in prerequisites.items()}
    followers: dict[str, list[str]] = {code: [] for code in prerequisites}
    for code, others in waiting.items():
        for other in others:
            followers[other].append(code)
    ready = [code for code, others in waiting.items() if not others]
    order: list[str] = []
    for code in ready:
        order.append(code)
        for follower in followers[code]:
            waiting[follower].discard(code)
            if not waiting[follower]:
                ready.append(follower)
    if len(order) != len(prerequisites):
        circle = find_circle({code: needed for code, needed in waiting.items() if needed})
        raise Refused(
            "cycle",
            _("事项之间互为前置，形成循环：%(circle)s。请去掉其中一项前置关系。") % {"circle": " → ".join(circle)},
        )
    return tuple(order)


def find_circle(waiting: Mapping[str, Collection[str]]) -> list[str]:
    """One circle among items that wait for each other, first item repeated at the end."""
    code = min(waiting)
    seen: list[str] = []
    while code not in seen:
        seen.append(code)
        code = min(other for other in waiting[code] if other in waiting)
    return [*seen[seen.index(code) :], code]


def hand_on(
    prerequisites: Prerequisites, kept: Collection[str], order: Sequence[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """The kept items with their prerequisites; one that is switched off hands on its own (前置关系顺延).

    Without this, dropping an item would let its followers start before what the dropped one waited for.
    """
    keeping = frozenset(kept)
    resolved: dict[str, tuple[str, ...]] = {}
    for code in order_of(prerequisites) if order is None else order:
        found: dict[str, None] = {}
        for other in prerequisites[code]:
            found |= dict.fromkeys([other] if other in keeping else resolved[other])
        resolved[code] = tuple(found)
    return {code: needed for code, needed in resolved.items() if code in keeping}


def schedule(prerequisites: Prerequisites, days: Mapping[str, int], order: Sequence[str] | None = None) -> Schedule:
    """Critical path method: earliest forward, latest backward.

    `order` saves the sorting when many schedules of one template are made. Refused for a negative duration.
    """
    order = order_of(prerequisites) if order is None else order
    ef: dict[str, int] = {}
    es: dict[str, int] = {}
    before: dict[str, str | None] = {}
    for code in order:
        length = days[code]
        if length < 0:
            raise Refused(
                "negative_limit", _("事项 %(code)s 的时限不能是负数（%(days)s）。") % {"code": code, "days": length}
            )
        start, last = 0, None
        for other in prerequisites[code]:
            if last is None or ef[other] > start:
                start, last = ef[other], other
        before[code] = last
        es[code] = start
        ef[code] = start + length
    total = max(ef.values(), default=0)
    lf = dict.fromkeys(order, total)
    for code in reversed(order):
        start = lf[code] - days[code]
        for other in prerequisites[code]:
            lf[other] = min(lf[other], start)
    places = {code: Place(es[code], ef[code], lf[code] - days[code], lf[code]) for code in order}
    return Schedule(total=total, places=places, critical_path=trace(order, ef, before, days))


def trace(
    order: Sequence[str], ef: Mapping[str, int], before: Mapping[str, str | None], days: Mapping[str, int]
) -> tuple[str, ...]:
    """The longest chain from its end back to its start, items without duration left out."""
    if not order:
        return ()
    path: list[str] = []
    code: str | None = max(order, key=lambda other: ef[other])
    while code is not None:
        if days[code] > 0:
            path.append(code)
        code = before[code]
    return tuple(reversed(path))


def ancestors(prerequisites: Prerequisites, code: str) -> frozenset[str]:
    """Everything that must come before `code`."""
    found: set[str] = set()
    waiting: list[str] = list(prerequisites[code])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(prerequisites[other])
    return frozenset(found)


def longest_chain(prerequisites: Prerequisites, days: Mapping[str, int], among: Iterable[str]) -> int:
    """Length of the longest chain within part of the network (for stage limits)."""
    kept = set(among)
    return schedule(hand_on(prerequisites, kept), days).total
