"""Which sheet of a new revision follows which sheet of the old one (图幅对应).

Matched by drawing number, then by name within files of the same name, then by name, then by content; each step only
where it is unambiguous. What is left over is new, or gone: never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID


@dataclass(frozen=True)
class SheetFacts:
    """What is known of a sheet for matching."""

    id: UUID
    number: str
    name: str
    file_name: str
    key: str
    fingerprint: str


@dataclass(frozen=True)
class SheetPair:
    """`change` is new (no old), gone (no new), identical (same content) or changed."""

    old: UUID | None
    new: UUID | None
    change: str


Rule = Callable[[SheetFacts], Hashable | None]


def by_number(sheet: SheetFacts) -> Hashable | None:
    """The drawing number of the title block (图号)."""
    return sheet.number.strip().upper() or None


def by_file_and_name(sheet: SheetFacts) -> Hashable | None:
    """The layout's name within a file of the same name."""
    return (PurePath(sheet.file_name).stem.strip().lower(), sheet.name.strip().lower())


def by_file_and_key(sheet: SheetFacts) -> Hashable | None:
    """The same place in a file of the same name: page 3 of 建筑.pdf."""
    return (PurePath(sheet.file_name).stem.strip().lower(), sheet.key)


def by_name(sheet: SheetFacts) -> Hashable | None:
    """The sheet's own name, wherever it is; the model space of every file has the same one."""
    name = sheet.name.strip().lower()
    return name if name and name != "model" else None


def by_content(sheet: SheetFacts) -> Hashable | None:
    """Exactly the same drawing under another name."""
    return sheet.fingerprint or None


def match(old: list[SheetFacts], new: list[SheetFacts]) -> list[SheetPair]:
    """Pairs in the order of the new revision, then what is gone, in the order of the old one."""
    follows: dict[UUID, SheetFacts] = {}
    left_old, left_new = list(old), list(new)
    for rule in (by_number, by_file_and_name, by_file_and_key, by_content, by_name):
        keyed_old, keyed_new = grouped(left_old, rule), grouped(left_new, rule)
        for key, candidates in keyed_new.items():
            before = keyed_old.get(key, [])
            if len(candidates) == 1 and len(before) == 1:
                follows[candidates[0].id] = before[0]
        taken = {sheet.id for sheet in follows.values()}
        left_old = [sheet for sheet in left_old if sheet.id not in taken]
        left_new = [sheet for sheet in left_new if sheet.id not in follows]
    pairs = [pair_of(follows.get(sheet.id), sheet) for sheet in new]
    return pairs + [SheetPair(old=sheet.id, new=None, change="gone") for sheet in left_old]


def grouped(sheets: list[SheetFacts], rule: Rule) -> dict[Hashable, list[SheetFacts]]:
    """Sheets by the rule's key; those without one are left out."""
    groups: dict[Hashable, list[SheetFacts]] = defaultdict(list)
    for sheet in sheets:
        key = rule(sheet)
        if key is not None:
            groups[key].append(sheet)
    return groups


def pair_of(old: SheetFacts | None, new: SheetFacts) -> SheetPair:
    """The pair and how the new one differs."""
    if old is None:
        return SheetPair(old=None, new=new.id, change="new")
    same = bool(new.fingerprint) and new.fingerprint == old.fingerprint
    return SheetPair(old=old.id, new=new.id, change="identical" if same else "changed")
