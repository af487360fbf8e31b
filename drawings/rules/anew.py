"""Which sheet is which when the same file is prepared by a newer version (重新制备): no sheet is ever taken away.

Pure. A layout is known again by its own name in the file, for a reader that finds a layout its forerunner dropped moves
the others along (layout-2 becomes layout-3); a page by its place. Names that are read otherwise now (another encoding)
leave the place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from uuid import UUID

Box = tuple[float, float, float, float]

DRAFT, OPEN, FROZEN, SIGNED = "draft", "open", "frozen", "signed"


@dataclass(frozen=True)
class SheetWas:
    """A sheet as the older version made it; `own_name` is the layout's in the file, empty where nobody knows it any more."""

    id: UUID
    key: str
    kind: str
    own_name: str
    bbox: Box
    has_marks: bool


@dataclass(frozen=True)
class SheetIs:
    """What the new preparation gives."""

    key: str
    kind: str
    own_name: str
    bbox: Box


@dataclass(frozen=True)
class Following:
    """`renewed` sheet -> new key; `gone` and `moved` stay with the older preparation; `found` are keys nobody had."""

    renewed: dict[UUID, str]
    gone: tuple[UUID, ...]
    moved: tuple[UUID, ...]
    found: tuple[str, ...]

    @property
    def kept(self) -> tuple[UUID, ...]:
        """Every sheet that stays with the older preparation."""
        return (*self.gone, *self.moved)


def by_own_name(sheet: SheetWas | SheetIs) -> Hashable | None:
    """The layout's name in the file; pages and the model space have their place."""
    name = sheet.own_name.strip().casefold()
    return (sheet.kind, name) if sheet.kind == "layout" and name else None


def by_place(sheet: SheetWas | SheetIs) -> Hashable:
    """The place in the file."""
    return (sheet.kind, sheet.key)


def follow(old: Sequence[SheetWas], new: Sequence[SheetIs]) -> Following:
    """Pair the sheets of one file before and after.

    A sheet with marks whose drawing would lie somewhere else altogether is `moved`: its marks point at coordinates, so it
    keeps the older preparation.
    """
    pairs: dict[UUID, SheetIs] = {}
    rules: tuple[Callable[[SheetWas | SheetIs], Hashable | None], ...] = (by_own_name, by_place)
    for rule in rules:
        taken = {item.key for item in pairs.values()}
        before = [sheet for sheet in old if sheet.id not in pairs]
        after = [item for item in new if item.key not in taken]
        counted = Counter(rule(sheet) for sheet in before)
        waiting = {rule(item): item for item in after if counted[rule(item)] == 1}
        pairs |= {
            sheet.id: waiting[found] for sheet in before if (found := rule(sheet)) is not None and found in waiting
        }
    moved = tuple(sheet.id for sheet in old if sheet.has_marks and sheet.id in pairs and apart(sheet, pairs[sheet.id]))
    taken = {item.key for item in pairs.values()}
    return Following(
        renewed={sheet_id: item.key for sheet_id, item in pairs.items() if sheet_id not in moved},
        gone=tuple(sheet.id for sheet in old if sheet.id not in pairs),
        moved=moved,
        found=tuple(item.key for item in new if item.key not in taken),
    )


def apart(old: SheetWas, new: SheetIs) -> bool:
    """Do the two have no point in common?"""
    a, b = old.bbox, new.bbox
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def steps_of_found(states: Sequence[str]) -> tuple[str, ...]:
    """The moves of a sheet found anew, by the states of its revision's other sheets.

    It joins a review that is running, so that it can be marked; in one that was frozen it is frozen, too. What is signed
    was signed without it: it stays outside, a draft that nobody has reviewed.
    """
    if SIGNED in states or not states:
        return ()
    if OPEN in states:
        return ("open",)
    return ("open", "freeze") if FROZEN in states else ()
