"""Sittings of a sheet's log and who took part (会审纪要). Pure; the page of minutes and its words are in views and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

# A pause as long as this ends a sitting (the same as in frontend/src/review/playback.ts).
PAUSE = timedelta(minutes=30)

Op = dict[str, Any]


@dataclass
class Sitting:
    """A run of ops without a long pause; `people` are those who wrote, with their departments, in order of appearance."""

    begin: datetime
    end: datetime
    ops: list[Op] = field(default_factory=list)
    people: dict[tuple[int, str | None], int] = field(default_factory=dict)

    def take(self, op: Op, at: datetime) -> None:
        """One more op."""
        self.ops.append(op)
        self.end = at
        if op["by"] is not None:
            who = (op["by"], op["dept"])
            self.people[who] = self.people.get(who, 0) + 1


def sittings_of(ops: Iterable[Op]) -> list[Sitting]:
    """The sittings of a log, oldest first."""
    found: list[Sitting] = []
    for op in ops:
        at = datetime.fromisoformat(op["at"])
        if not found or at - found[-1].end >= PAUSE:
            found.append(Sitting(begin=at, end=at))
        found[-1].take(op, at)
    return found


@dataclass(frozen=True)
class Entry:
    """One line of the minutes: one op, or several of one person on one mark in a row."""

    op: Op
    count: int
    tool: str
    text: str


def entries_of(ops: Iterable[Op], tools: dict[str, str]) -> list[Entry]:
    """The lines of a sitting. Changes that one person makes to one mark one after the other are one line with their number.

    `tools` remembers with which tool each mark was drawn, from sitting to sitting.
    """
    lines: list[Entry] = []
    for op in ops:
        obj, kind = op["obj"], op["k"]
        if kind == "create":
            tools[obj] = str(op["p"].get("tool", ""))
        last = lines[-1] if lines else None
        text = op["p"].get("text")
        said = text if isinstance(text, str) else ""
        if (
            last is not None
            and kind == last.op["k"] == "patch"
            and (obj, op["by"], op["dept"]) == (last.op["obj"], last.op["by"], last.op["dept"])
        ):
            lines[-1] = Entry(op, last.count + 1, last.tool, said or last.text)
        else:
            lines.append(Entry(op, 1, tools.get(obj or "", ""), said))
    return lines
