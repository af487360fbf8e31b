"""Two sheets' entities made comparable (两版图幅对照): equal ones get equal signatures, within a tolerance.

Prepared sheets hold 32-bit floats relative to chunk origins: an entity nobody touched may come back a rounding error
away. So signatures are not rounded coordinates, which would flip at the edge of a bin, but names given to entities that
agree within the tolerance: a millionth of the sheet, far under what any drawing means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Protocol

from joint_review.rules.geometry import Box
from joint_review.rules.matching import Content, Entity

# Of the sheet's longer side; of an entity's own length.
OF_SHEET = 2e-6
OF_LENGTH = 2e-6
# Grey levels by which one patch of a page's picture may differ through compression alone.
GREY = 4.0
CELL = "CELL"


class Measured(Protocol):
    """An entity as drawings.queries gives it."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def layer(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def box(self) -> Box: ...
    @property
    def measures(self) -> tuple[float, ...]: ...


def comparable(
    old: Sequence[Measured], new: Sequence[Measured], *, size: float
) -> tuple[tuple[Entity, ...], tuple[Entity, ...]]:
    """Both sheets' entities with signatures and shapes that mean the same on both; `size`: the longer side."""
    register = Register(size * OF_SHEET)
    return tuple(register.entity(item) for item in old), tuple(register.entity(item) for item in new)


def contents(
    old: Sequence[Measured], new: Sequence[Measured], *, size: float, opaque: tuple[bool, bool] = (False, False)
) -> tuple[Content, Content]:
    """The pair ready for `match`."""
    before, after = comparable(old, new, size=size)
    return Content(before, opaque=opaque[0]), Content(after, opaque=opaque[1])


class Register:
    """Names for entities: the same name for all that agree within the tolerance."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.step = 8 * tolerance
        self.places: dict[tuple[object, ...], list[tuple[Measured, str]]] = defaultdict(list)
        self.shapes: dict[tuple[object, ...], list[tuple[Measured, str]]] = defaultdict(list)
        self.named = 0

    def entity(self, item: Measured) -> Entity:
        """The entity with its signature (shape and place) and its shape."""
        kind = (item.kind, item.layer, item.text)
        place = self.name(self.places, (*kind, *self.bins(item.box[:2])), item, placed=True)
        shape = self.name(self.shapes, (*kind, *self.bins(item.measures[:1])), item, placed=False)
        return Entity(key=item.key, signature=place, shape=shape, box=item.box, layer=item.layer)

    def bins(self, values: Iterable[float]) -> tuple[int, ...]:
        """The bin of each value."""
        return tuple(round(value / self.step) for value in values)

    def name(
        self,
        known: dict[tuple[object, ...], list[tuple[Measured, str]]],
        bucket: tuple[object, ...],
        item: Measured,
        *,
        placed: bool,
    ) -> str:
        """The name of the first entity that agrees, in this bin or a neighbouring one; else a new name."""
        fixed, bins = bucket[:3], bucket[3:]
        for steps in sorted(product((0, -1, 1), repeat=len(bins)), key=lambda move: sum(map(abs, move))):
            near = (*fixed, *(value + step for value, step in zip(bins, steps, strict=True)))  # type: ignore[operator]
            for other, found in known.get(near, ()):
                if self.agree(item, other, placed=placed):
                    return found
        self.named += 1
        name = f"{'p' if placed else 's'}{self.named}"
        known[bucket].append((item, name))
        return name

    def agree(self, a: Measured, b: Measured, *, placed: bool) -> bool:
        """Same measures, and for a placed one the same box."""
        if len(a.measures) != len(b.measures):
            return False
        if a.kind == CELL:
            # Cells of two pages lie on the same grid; only what is painted in them may differ.
            same = all(abs(x - y) <= GREY for x, y in zip(a.measures, b.measures, strict=True))
            return same and (not placed or a.key == b.key)
        allowed = self.tolerance + OF_LENGTH * abs(a.measures[0])
        if any(abs(x - y) > allowed for x, y in zip(a.measures, b.measures, strict=True)):
            return False
        return not placed or all(abs(x - y) <= 2 * self.tolerance for x, y in zip(a.box, b.box, strict=True))
