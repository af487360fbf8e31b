"""What became of the place of an open opinion in the next revision: unchanged, changed, moved or gone (意见随版迁移).

Pure: two sheets' contents in, a verdict out; nothing is dropped and nothing is guessed in silence: a verdict that a
person must look at says `certain=False` (图幅位置待确认).

An entity has a `signature` (what and where it is) and a `shape` (what it is, wherever it lies). Source: domain.md
section 4, "a new sheet version under an open opinion"; docs/algorithms/merge.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from joint_review.rules.geometry import Box, joined, shifted, touch

UNCHANGED = "unchanged"
CHANGED = "changed"
MOVED = "moved"
GONE = "gone"
VERDICTS = (UNCHANGED, CHANGED, MOVED, GONE)


@dataclass(frozen=True)
class Entity:
    """One entity of a prepared sheet; `key` is its handle, or a running name where the file has no handles."""

    key: str
    signature: str
    shape: str
    box: Box
    layer: str = ""


@dataclass(frozen=True)
class Content:
    """Everything on one sheet. `opaque`: a scanned picture without vector content; `digest` names the picture."""

    entities: tuple[Entity, ...] = ()
    opaque: bool = False
    digest: str = ""
    by_key: Mapping[str, Entity] = field(init=False, repr=False, compare=False)
    by_shape: Mapping[str, list[Entity]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {entity.key: entity for entity in self.entities})
        by_shape: dict[str, list[Entity]] = defaultdict(list)
        for entity in self.entities:
            by_shape[entity.shape].append(entity)
        object.__setattr__(self, "by_shape", dict(by_shape))

    def touching(self, region: Box) -> list[Entity]:
        """The entities whose box meets the region."""
        return [entity for entity in self.entities if touch(entity.box, region)]

    def inside(self, region: Box) -> list[Entity]:
        """The entities that lie wholly in the region."""
        x0, y0, x1, y1 = region
        return [e for e in self.entities if x0 <= e.box[0] and y0 <= e.box[1] and e.box[2] <= x1 and e.box[3] <= y1]


@dataclass(frozen=True)
class Place:
    """Where an opinion points: a region, entity handles, both, or neither (the whole sheet)."""

    region: Box | None = None
    handles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """The verdict, the place on the new sheet, and whether a person must confirm it."""

    verdict: str
    region: Box | None
    handles: tuple[str, ...]
    certain: bool
    why: str


def match(place: Place, old: Content, new: Content | None) -> Match:
    """Where `place` of the old sheet is on the new one; `new` None: the sheet is no longer in the set."""
    if new is None:
        return Match(GONE, place.region, (), certain=True, why="sheet_gone")
    if old.opaque or new.opaque:
        if old.digest and old.digest == new.digest:
            return Match(UNCHANGED, place.region, place.handles, certain=True, why="same_picture")
        return Match(CHANGED, place.region, (), certain=False, why="no_vector_content")
    tracked = [old.by_key[handle] for handle in place.handles if handle in old.by_key]
    region = place.region or joined(entity.box for entity in tracked)
    if region is None:
        same = signatures(old.entities) == signatures(new.entities)
        return Match(UNCHANGED if same else CHANGED, None, (), certain=True, why="whole_sheet")
    if tracked:
        return match_entities(tracked, region, place, old, new)
    return match_region(region, place, old, new)


def match_entities(tracked: list[Entity], region: Box, place: Place, old: Content, new: Content) -> Match:
    """The opinion names entities: follow them first, then look at what surrounds them."""
    kept = [entity for entity in tracked if same_entity(entity, new)]
    if len(kept) == len(tracked):
        surroundings_same = signatures(old.touching(region)) == signatures(new.touching(region))
        if surroundings_same:
            return Match(UNCHANGED, place.region, place.handles, certain=True, why="same_entities")
        return Match(CHANGED, place.region, place.handles, certain=True, why="surroundings_changed")
    move = common_move(tracked, new)
    if move is not None:
        (dx, dy), keys, certain = move
        if (dx, dy) == (0.0, 0.0):
            same = signatures(old.touching(region)) == signatures(new.touching(region))
            return Match(UNCHANGED if same else CHANGED, place.region, keys, certain=same, why="new_handles")
        return Match(MOVED, shifted(region, dx, dy), keys, certain=certain, why="moved_together")
    alive = tuple(entity.key for entity in tracked if entity.key in new.by_key)
    if not alive and not any(counterparts(entity, new) for entity in tracked):
        return Match(GONE, region, (), certain=True, why="entities_gone")
    here = joined(new.by_key[key].box for key in alive) if alive else None
    return Match(
        CHANGED, joined([region, here]) if here else region, alive, certain=bool(alive), why="entities_changed"
    )


def match_region(region: Box, place: Place, old: Content, new: Content) -> Match:
    """The opinion names only a region: compare what lies in it."""
    before, after = old.touching(region), new.touching(region)
    if signatures(before) == signatures(after):
        return Match(UNCHANGED, place.region, (), certain=True, why="same_content")
    inside = old.inside(region)
    if inside and not new.inside(region):
        move = common_move(inside, new)
        if move is not None and move[0] != (0.0, 0.0):
            return Match(MOVED, shifted(region, *move[0]), (), certain=False, why="content_moved")
        if not any(counterparts(entity, new) for entity in inside):
            return Match(GONE, region, (), certain=True, why="content_gone")
    return Match(CHANGED, region, (), certain=True, why="content_changed")


def same_entity(entity: Entity, new: Content) -> bool:
    """Is the entity of this handle there, unchanged and in its place?"""
    found = new.by_key.get(entity.key)
    return found is not None and found.signature == entity.signature


def counterparts(entity: Entity, new: Content) -> list[Entity]:
    """Entities of the same shape: the one with the same handle alone when it has kept its shape, else all."""
    own = new.by_key.get(entity.key)
    if own is not None and own.shape == entity.shape:
        return [own]
    return new.by_shape.get(entity.shape, [])


def common_move(tracked: list[Entity], new: Content) -> tuple[tuple[float, float], tuple[str, ...], bool] | None:
    """One shift that brings every tracked entity onto one of its counterparts; (shift, new keys, certain) or None.

    Certain when the handles themselves moved; a move found only by shape may be another of the same kind.
    """
    options = [counterparts(entity, new) for entity in tracked]
    if any(not option for option in options):
        return None
    first = tracked[0]
    candidates = sorted({offset(first, other) for other in options[0]}, key=lambda shift: abs(shift[0]) + abs(shift[1]))
    for shift in candidates:
        chosen = []
        for entity, option in zip(tracked, options, strict=True):
            hit = next((other for other in option if near(offset(entity, other), shift, entity.box)), None)
            if hit is None:
                break
            chosen.append(hit.key)
        else:
            by_handle = all(entity.key == key for entity, key in zip(tracked, chosen, strict=True))
            return ((0.0, 0.0) if near(shift, (0.0, 0.0), first.box) else shift), tuple(chosen), by_handle
    return None


def offset(before: Entity, after: Entity) -> tuple[float, float]:
    """How far the entity's box has moved."""
    return (after.box[0] - before.box[0], after.box[1] - before.box[1])


def near(a: tuple[float, float], b: tuple[float, float], scale: Box) -> bool:
    """Equal shifts, up to a thousandth of the entity's size and rounding."""
    tolerance = 1e-3 * max(scale[2] - scale[0], scale[3] - scale[1]) + 1e-6
    return abs(a[0] - b[0]) <= tolerance and abs(a[1] - b[1]) <= tolerance


def signatures(entities: Iterable[Entity]) -> Counter[str]:
    """What is there, however often."""
    return Counter(entity.signature for entity in entities)


def changed_layers(old: Content, new: Content) -> frozenset[str] | None:
    """The layers of what was added or removed between two contents; None when a picture cannot be compared."""
    if old.opaque or new.opaque:
        return frozenset() if old.digest and old.digest == new.digest else None
    gone = signatures(old.entities) - signatures(new.entities)
    come = signatures(new.entities) - signatures(old.entities)
    return frozenset(entity.layer for entity in old.entities if entity.signature in gone) | frozenset(
        entity.layer for entity in new.entities if entity.signature in come
    )


def is_late(place: Place, first: Content | None, now: Content, *, round_number: int) -> bool:
    """A late hit (前轮未提): raised after round one on a place that has not changed since round one.

    `first` is the same sheet as the first round saw it; None: the sheet was not in the first round, nothing is late.
    The duty to say everything at once is 行政许可法第三十二条 (一次性告知); a late opinion needs its reason.
    """
    if round_number <= 1 or first is None:
        return False
    return match(place, first, now).verdict == UNCHANGED
