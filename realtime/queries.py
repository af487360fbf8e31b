"""Readers of the rooms: the minutes of a sheet, made from its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.access import require
from accounts.queries import department_by_code, display_names
from drawings.queries import ops_between, sheet_for
from ledger.actor import Actor
from ledger.errors import NotFound
from realtime.rules import Entry, Sitting, entries_of, sittings_of

PAGE = 1000


@dataclass
class Line:
    """One line of the minutes as it is shown; the page gives act and tool their words."""

    entry: Entry
    at: datetime
    name: str
    department: Any
    # Whose marking rights the op changes.
    granted: Any
    act: str = ""
    tool: str = ""


@dataclass(frozen=True)
class SittingMinutes:
    """One sitting: when, who wrote, what."""

    sitting: Sitting
    people: list[tuple[str, Any, int]]
    lines: list[Line]


@dataclass(frozen=True)
class Minutes:
    """The minutes of one sheet up to `head`, whose hash anyone can compare with the log's."""

    sheet: Any
    head: int
    head_hash: str
    sittings: list[SittingMinutes]


def whole_log(sheet_id: UUID) -> list[dict[str, Any]]:
    """Every op, page by page."""
    ops: list[dict[str, Any]] = []
    while page := ops_between(sheet_id, len(ops), limit=PAGE):
        ops += page
    return ops


def minutes_of(actor: Actor, sheet_id: UUID) -> Minutes:
    """The minutes (会审纪要) of a sheet, latest sitting first; for those who may play its log back."""
    sheet = sheet_for(actor, sheet_id)
    require(actor, "room.replay", sheet)
    ops = [op for op in whole_log(sheet_id) if op["seq"] <= sheet.seq]
    names = display_names({op["by"] for op in ops if op["by"] is not None})
    district = sheet.revision.set.project.district_id
    codes = {op["dept"] for op in ops} | {op["p"].get("dept") for op in ops}
    departments = {code: department_or_none(code, district) for code in codes}
    tools: dict[str, str] = {}
    shown = []
    for sitting in sittings_of(ops):
        lines = [
            Line(
                entry=entry,
                at=datetime.fromisoformat(entry.op["at"]),
                name=names.get(entry.op["by"], ""),
                department=departments[entry.op["dept"]],
                granted=departments.get(entry.op["p"].get("dept")) if entry.op["k"].startswith("perm.") else None,
            )
            for entry in entries_of(sitting.ops, tools)
        ]
        people = [(names.get(who, ""), departments[code], count) for (who, code), count in sitting.people.items()]
        shown.append(SittingMinutes(sitting, people, lines))
    shown.reverse()
    return Minutes(sheet=sheet, head=sheet.seq, head_hash=bytes(sheet.head_hash).hex(), sittings=shown)


def department_or_none(code: str | None, district_id: int) -> Any:
    """The department of a code in the district, or None."""
    if code is None:
        return None
    try:
        return department_by_code(code, district_id)
    except NotFound:
        return None
