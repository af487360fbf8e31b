"""Where opinions stand on the drawings: contents of sheets compared, late hits, what a revision changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from drawings.queries import sheet
from drawings.queries.contents import facts_of_prepared, preparation_of
from drawings.rules.matching import SheetPair
from joint_review.models import Anchor, Round
from joint_review.rules.comparison import contents
from joint_review.rules.geometry import Box, box_of
from joint_review.rules.matching import UNCHANGED, Content, Match, Place, changed_layers, is_late, match
from joint_review.rules.planning import SheetChange


def compared(old_id: UUID, new_id: UUID) -> tuple[Content, Content]:
    """Two sheets as they are prepared now, made comparable."""
    return compared_prepared(preparation_of(old_id), preparation_of(new_id))


@lru_cache(maxsize=16)
def compared_prepared(old_place: tuple[str, str], new_place: tuple[str, str]) -> tuple[Content, Content]:
    """Two prepared sheets, which never change."""
    old, new = facts_of_prepared(*old_place), facts_of_prepared(*new_place)
    return contents(old.entities, new.entities, size=max(old.size, new.size), opaque=(old.opaque, new.opaque))


def match_place(place: Place, old_id: UUID, new_id: UUID | None) -> Match:
    """What became of a place of the old sheet on the new one; None: the sheet is gone."""
    if new_id is None:
        return match(place, Content(), None)
    if identical(old_id, new_id):
        return Match(UNCHANGED, place.region, place.handles, certain=True, why="identical_sheet")
    old, new = compared(old_id, new_id)
    return match(with_handles(place, old), old, new)


def identical(old_id: UUID, new_id: UUID) -> bool:
    """The same sheet, or one with exactly the same content (fingerprint of everything drawn)."""
    if old_id == new_id:
        return True
    fingerprint = sheet(old_id).fingerprint
    return bool(fingerprint) and fingerprint == sheet(new_id).fingerprint


def with_handles(place: Place, content: Content) -> Place:
    """A region that names no entities follows those that lie wholly in it, where there are not too many."""
    if place.handles or place.region is None:
        return place
    inside = [entity.key for entity in content.inside(place.region) if " " not in entity.key]
    return Place(place.region, tuple(inside)) if 0 < len(inside) <= FOLLOWED else place


# More than so many entities are compared as a region.
FOLLOWED = 500


def place_of(anchor: Anchor) -> Place:
    """The stored anchor as the rules see it."""
    region: Box | None = box_of(anchor.region) if anchor.region else None
    return Place(region, tuple(anchor.handles))


def changes_of(pairs: Iterable[SheetPair]) -> list[SheetChange]:
    """What a revision changed, sheet by sheet, with the layers concerned; a new sheet's layers are not compared."""
    changes = []
    for pair in pairs:
        if pair.change == "identical":
            continue
        either = pair.new or pair.old
        known = sheet(either) if either else None
        if known is None:
            continue
        layers = None
        if pair.change == "changed" and pair.old and pair.new:
            layers = changed_layers(*compared(pair.old, pair.new))
        changes.append(SheetChange(sheet=str(known.pk), name=f"{known.number} {known.name}", layers=layers))
    return changes


def is_late_place(round_: Round, sheet_id: UUID, place: Place) -> bool:
    """Has this place been the same since the first round (前轮未提)?"""
    first_id = sheet_in_first_round(round_, sheet_id)
    if first_id is None:
        return False
    if identical(first_id, sheet_id):
        return is_late(place, Content(), Content(), round_number=round_.no)
    first, now = compared(first_id, sheet_id)
    return is_late(with_handles(place, first), first, now, round_number=round_.no)


def sheet_in_first_round(round_: Round, sheet_id: UUID) -> UUID | None:
    """The sheet's forerunner in the revision of round one; None when it is new since."""
    first = Round.objects.filter(set_id=round_.set_id, no=1).values_list("revision_id", flat=True).first()
    found = sheet(sheet_id)
    while found.revision_id != first:
        if found.predecessor_id is None:
            return None
        found = sheet(found.predecessor_id)
    return found.pk
