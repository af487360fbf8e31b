"""Which sheet of a new revision follows which sheet of the old one (图幅对应).

Matched by drawing number, then by exactly the same content (files may be renamed and pages reordered), by a layout's own
name within files of the same name, by words that are nearly all the same, by the place in the file, by name, and last by
words that are mostly the same; each step only where it is unambiguous. What is left over is new, or gone: never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from drawings.cad.title_block import SKETCH, same_number
from drawings.rules.titles import GIVEN_BY_PROGRAM


@dataclass(frozen=True)
class SheetFacts:
    """What is known of a sheet for matching."""

    id: UUID
    number: str
    name: str
    file_name: str
    key: str
    fingerprint: str
    # Hashes of its words (drawings.cad.readings.sketch); empty where unknown.
    sketch: frozenset[int] = frozenset()
    kind: str = ""


@dataclass(frozen=True)
class SheetPair:
    """`change` is new (no old), gone (no new), identical (same content) or changed."""

    old: UUID | None
    new: UUID | None
    change: str


Rule = Callable[[SheetFacts], Hashable | None]


def by_number(sheet: SheetFacts) -> Hashable | None:
    """The drawing number of the title block (图号)."""
    return same_number(sheet.number) or None


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


def by_own_name(sheet: SheetFacts) -> Hashable | None:
    """The name that somebody gave a layout, within a file of the same name."""
    name = sheet.name.strip().lower()
    return by_file_and_name(sheet) if name and not GIVEN_BY_PROGRAM.fullmatch(name) else None


# Nearly the same words, and mostly the same words; the next best must be clearly worse.
STEPS: tuple[Rule | float, ...] = (
    by_number, by_content, by_own_name, 0.8, by_file_and_name, by_file_and_key, by_name, 0.5,
)  # fmt: skip
CLEARLY = 0.15
FEW_WORDS = 6


def alike(old: list[SheetFacts], new: list[SheetFacts], least: float) -> dict[UUID, SheetFacts]:
    """Pairs of sheets of one kind whose words agree to at least this share, best for each other and clearly so."""
    shares = {
        (before.id, after.id): share
        for before in old
        for after in new
        if before.kind == after.kind and (share := likeness(before.sketch, after.sketch)) >= least
    }
    found: dict[UUID, SheetFacts] = {}
    for before in old:
        for after in new:
            share = shares.get((before.id, after.id), 0.0)
            rivals = [
                other for pair, other in shares.items() if pair != (before.id, after.id) and (pair[0] == before.id or pair[1] == after.id)
            ]  # fmt: skip
            if share and all(share >= other + CLEARLY for other in rivals):
                found[after.id] = before
    return found


def likeness(a: frozenset[int], b: frozenset[int]) -> float:
    """The share of words in common, estimated from the smallest hashes of each (bottom-k sketch)."""
    if min(len(a), len(b)) < FEW_WORDS:
        return 0.0
    # Beyond the smaller sketch's end a hash may be missing only because it was cut off.
    smallest = sorted(a | b)[: None if max(len(a), len(b)) < SKETCH else min(len(a), len(b))]
    return sum(1 for each in smallest if each in a and each in b) / len(smallest)


def match(old: list[SheetFacts], new: list[SheetFacts]) -> list[SheetPair]:
    """Pairs in the order of the new revision, then what is gone, in the order of the old one."""
    follows: dict[UUID, SheetFacts] = {}
    left_old, left_new = list(old), list(new)
    for rule in STEPS:
        if isinstance(rule, float):
            follows |= alike(left_old, left_new, rule)
        else:
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
