"""What is drawn on a sheet, as growing arrays (图形收集): polylines, triangles, texts, and the looks that they share.

Two kinds of sheet content use the same store. A *sheet* has concrete looks. A *stencil* (the content of a block definition, drawn once)
has symbolic looks, in which "by block" and "by the layer of the reference" are still open; placing it transforms its arrays
with numpy and closes what is open. A block that stands 5,000 times is therefore drawn once.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Ids = NDArray[np.uint32]

BYBLOCK = -1
BYLAYER0 = -2
"""Colour, weight or line type of the layer on which the block reference lies."""

ADAPTIVE = 1 << 32
MASK = 1 << 33
COLOR_BY_LAYER = 1 << 34
PROXY = 1 << 35
BLACK = 0xFF000000

FLAG_ADAPTIVE, FLAG_MASK, FLAG_BY_LAYER, FLAG_DASHED, FLAG_PROXY, FLAG_REPAIRED = 1, 2, 4, 8, 16, 32
NO_LAYER = 65535
STEP = 1.0 / 1024.0
"""Draw order inside one entity, so that its parts stay before the next entity (which is 1 further)."""

Affine = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: x' = a*x + c*y + e, y' = b*x + d*y + f."""
IDENTITY: Affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Look(NamedTuple):
    """How something is drawn. In stencils `layer` may be None, `color`, `weight` and `line_type` BYBLOCK or BYLAYER0."""

    layer: str | None
    color: int
    """0xAABBGGRR plus the bits ADAPTIVE, MASK, COLOR_BY_LAYER, PROXY; or BYBLOCK, BYLAYER0."""
    weight: int
    """1/100 mm; or BYBLOCK, BYLAYER0."""
    line_type: str | int
    """Upper-case name; or BYBLOCK, BYLAYER0."""
    scale: float
    """Line type scale of the entity times the drawing's."""


class Record(NamedTuple):
    """One row of entities.bin: a look of one selectable entity."""

    look: Look
    handle: int
    type: str
    via: str | None


class LayerLook(NamedTuple):
    """What "by layer" means for one layer."""

    color: int
    weight: int
    line_type: str


class Text(NamedTuple):
    """One run of text: `matrix` takes local coordinates (base line along x, left end at 0) to the drawing."""

    matrix: Affine
    cap: float
    width: float
    text: str
    font: str
    look: int
    seq: float
    decoration: str


class Picture(NamedTuple):
    """A raster picture: RGBA pixels and where pixel coordinates (y up) go."""

    pixels: NDArray[np.uint8]
    matrix: Affine
    look: int
    seq: float


@dataclass
class Strokes:
    """Polylines: `xy` of all, `n` vertices, look and sequence of each."""

    xy: Points
    n: Ids
    look: Ids
    seq: NDArray[np.float64]
    """Place in the draw order: whole numbers per entity, fractions inside one."""

    @classmethod
    def empty(cls) -> Strokes:
        return cls(np.zeros((0, 2)), np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0))

    def __len__(self) -> int:
        return len(self.n)

    @property
    def starts(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.n, dtype=np.int64)])

    def boxes(self) -> Points:
        """x0, y0, x1, y1 of each polyline."""
        return _boxes(self.xy, self.starts)

    def taken(self, keep: NDArray[np.bool_]) -> Strokes:
        if keep.all():
            return self
        return Strokes(self.xy[np.repeat(keep, self.n)], self.n[keep], self.look[keep], self.seq[keep])


@dataclass
class Fills:
    """Triangles: `xy` of all vertices, three vertex numbers, look and sequence of each."""

    xy: Points
    corner: NDArray[np.uint32]
    look: Ids
    seq: NDArray[np.float64]

    @classmethod
    def empty(cls) -> Fills:
        return cls(np.zeros((0, 2)), np.zeros((0, 3), np.uint32), np.zeros(0, np.uint32), np.zeros(0))

    def __len__(self) -> int:
        return len(self.look)

    def boxes(self) -> Points:
        if not len(self):
            return np.zeros((0, 4))
        corners = self.xy[self.corner]
        return np.hstack([corners.min(axis=1), corners.max(axis=1)])


class Drawn(NamedTuple):
    """All that a sheet shows, of each kind."""

    strokes: Strokes
    fills: Fills
    texts: list[Text]
    pictures: list[Picture]


def _boxes(xy: Points, starts: NDArray[np.int64]) -> Points:
    if len(starts) < 2:
        return np.zeros((0, 4))
    out = np.empty((len(starts) - 1, 4))
    for axis in (0, 1):  # one after the other: several times faster than rows of two
        along = np.ascontiguousarray(xy[:, axis])
        out[:, axis] = np.minimum.reduceat(along, starts[:-1])
        out[:, axis + 2] = np.maximum.reduceat(along, starts[:-1])
    return out


@dataclass
class Ink:
    """The store of one sheet or one stencil."""

    looks: list[Any] = field(default_factory=list)
    """Look in a stencil, Record on a sheet: what the numbers in the arrays mean."""
    texts: list[Text] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    masks: list[tuple[float, tuple[float, float, float, float]]] = field(default_factory=list)
    """Sequence and box of everything that hides what lies under it."""
    infinite: list[tuple[float, float, float, float, bool, int, float]] = field(default_factory=list)
    """XLINE and RAY: x, y, dx, dy, both ways, look, sequence."""
    seq: float = 0.0

    def __post_init__(self) -> None:
        self._known: dict[Any, int] = {}
        self._xy = array("d")
        self._n = array("I")
        self._look = array("I")
        self._seq = array("d")
        self._stroke_parts: list[Strokes] = []
        self._fill_xy = array("d")
        self._corner = array("I")
        self._fill_look = array("I")
        self._fill_seq = array("d")
        self._fill_parts: list[Fills] = []
        self._closed: tuple[Strokes, Fills] | None = None
        self.count = 0
        """Primitives so far: tells whether an entity drew anything."""

    # ------------------------------------------------------------ writing

    def look(self, look: Look | Record) -> int:
        number = self._known.get(look)
        if number is None:
            number = self._known[look] = len(self.looks)
            self.looks.append(look)
        return number

    def segment(self, x0: float, y0: float, x1: float, y1: float, look: int) -> None:
        self._xy.extend((x0, y0, x1, y1))
        self._n.append(2)
        self._look.append(look)
        self._seq.append(self.seq)
        self.count += 1

    def dot(self, x: float, y: float, look: int) -> None:
        self._xy.extend((x, y))
        self._n.append(1)
        self._look.append(look)
        self._seq.append(self.seq)
        self.count += 1

    def polyline(self, flat: Iterable[float], look: int) -> None:
        """`flat`: x, y, x, y, … of at least one vertex."""
        before = len(self._xy)
        self._xy.extend(flat)
        number = (len(self._xy) - before) // 2
        if number == 0:
            return
        self._n.append(number)
        self._look.append(look)
        self._seq.append(self.seq)
        self.count += 1

    def triangles(self, points: Sequence[tuple[float, float]], corners: Iterable[int], look: int) -> None:
        """`corners`: three numbers of `points` for each triangle."""
        base = len(self._fill_xy) // 2
        before = len(self._corner)
        self._corner.extend(base + c for c in corners)
        added = (len(self._corner) - before) // 3
        if not added:
            return
        for x, y in points:
            self._fill_xy.extend((x, y))
        self._fill_look.extend([look] * added)
        self._fill_seq.extend([self.seq] * added)
        self.count += 1

    def text(self, text: Text) -> None:
        self.texts.append(text)
        self.count += 1

    def mask(self, box: tuple[float, float, float, float]) -> None:
        """Remember that what is drawn now hides what is below."""
        self.masks.append((self.seq, box))
        self.seq += STEP

    def add_strokes(self, part: Strokes) -> None:
        if len(part):
            self._stroke_parts.append(part)
            self.count += len(part)

    def add_fills(self, part: Fills) -> None:
        if len(part):
            self._fill_parts.append(part)
            self.count += len(part)

    # ------------------------------------------------------------ reading

    def closed(self) -> tuple[Strokes, Fills]:
        """All strokes and all fills as arrays. After this nothing may be written."""
        if self._closed is None:
            own = Strokes(
                np.frombuffer(self._xy, dtype=np.float64).reshape(-1, 2) if self._xy else np.zeros((0, 2)),
                _u32(self._n),
                _u32(self._look),
                np.array(self._seq, dtype=np.float64),
            )
            fills = Fills(
                np.frombuffer(self._fill_xy, dtype=np.float64).reshape(-1, 2) if self._fill_xy else np.zeros((0, 2)),
                _u32(self._corner).reshape(-1, 3),
                _u32(self._fill_look),
                np.array(self._fill_seq, dtype=np.float64),
            )
            self._closed = (joined_strokes([own, *self._stroke_parts]), joined_fills([fills, *self._fill_parts]))
            self._stroke_parts, self._fill_parts = [], []
        return self._closed

    def box(self) -> tuple[float, float, float, float] | None:
        """Box of everything finite."""
        strokes, fills = self.closed()
        parts = [a for a in (strokes.xy, fills.xy) if len(a)]
        if self.texts:
            parts.append(np.array([corner for t in self.texts for corner in text_corners(t)]))
        if not parts:
            return None
        low = np.min([p.min(axis=0) for p in parts], axis=0)
        high = np.max([p.max(axis=0) for p in parts], axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    # ------------------------------------------------------------ placing a stencil

    def place(self, stencil: Ink, matrix: Affine, looks: Sequence[int]) -> None:
        """Put the stencil's content here, transformed; `looks[i]` is the look here of the stencil's look i."""
        strokes, fills = stencil.closed()
        table = np.array(looks, dtype=np.uint32)
        base, inside = self.seq, STEP / (stencil.seq + 2.0)
        if len(strokes):
            self.add_strokes(
                Strokes(transformed(strokes.xy, matrix), strokes.n, table[strokes.look], base + strokes.seq * inside)
            )
        if len(fills):
            self.add_fills(
                Fills(transformed(fills.xy, matrix), fills.corner, table[fills.look], base + fills.seq * inside)
            )
        for text in stencil.texts:
            self.text(
                text._replace(
                    matrix=multiplied(text.matrix, matrix), look=looks[text.look], seq=base + text.seq * inside
                )
            )
        for picture in stencil.pictures:
            self.pictures.append(
                picture._replace(
                    matrix=multiplied(picture.matrix, matrix), look=looks[picture.look], seq=base + picture.seq * inside
                )
            )
            self.count += 1
        for seq, box in stencil.masks:
            self.masks.append((base + seq * inside, box_transformed(box, matrix)))
        for x, y, dx, dy, both, look, seq in stencil.infinite:
            a, b, c, d, e, f = matrix
            self.infinite.append(
                (
                    a * x + c * y + e,
                    b * x + d * y + f,
                    a * dx + c * dy,
                    b * dx + d * dy,
                    both,
                    looks[look],
                    base + seq * inside,
                )
            )
            self.count += 1
        self.seq += STEP


def _u32(values: array[int]) -> Ids:
    return np.array(values, dtype=np.uint32)


def joined_strokes(parts: Sequence[Strokes]) -> Strokes:
    parts = [p for p in parts if len(p)]
    if not parts:
        return Strokes.empty()
    if len(parts) == 1:
        return parts[0]
    return Strokes(
        np.concatenate([p.xy for p in parts]),
        np.concatenate([p.n for p in parts]),
        np.concatenate([p.look for p in parts]),
        np.concatenate([p.seq for p in parts]),
    )


def joined_fills(parts: Sequence[Fills]) -> Fills:
    parts = [p for p in parts if len(p)]
    if not parts:
        return Fills.empty()
    offsets = np.cumsum([0, *[len(p.xy) for p in parts]])
    return Fills(
        np.concatenate([p.xy for p in parts]),
        np.concatenate([p.corner + np.uint32(o) for p, o in zip(parts, offsets, strict=False)]),
        np.concatenate([p.look for p in parts]),
        np.concatenate([p.seq for p in parts]),
    )


# ---------------------------------------------------------------- looks


def composed(look: Look, reference: Look, layers: dict[str, LayerLook], fallback: LayerLook) -> Look:
    """What a symbolic look becomes under a block reference with the look `reference`, itself perhaps symbolic."""
    layer = look.layer if look.layer is not None else reference.layer
    color, weight, line_type = look.color, look.weight, look.line_type
    of_reference: LayerLook | None = None
    if BYLAYER0 in (color, weight, line_type) and reference.layer is not None:
        of_reference = layers.get(reference.layer.lower(), fallback)
    if color == BYBLOCK:
        color = reference.color
    elif color == BYLAYER0 and of_reference is not None:
        color = of_reference.color
    if weight == BYBLOCK:
        weight = reference.weight
    elif weight == BYLAYER0 and of_reference is not None:
        weight = of_reference.weight
    if line_type == BYBLOCK:
        line_type = reference.line_type
    elif line_type == BYLAYER0 and of_reference is not None:
        line_type = of_reference.line_type
    return Look(layer, color, weight, line_type, look.scale)


# ---------------------------------------------------------------- geometry


def transformed(xy: Points, matrix: Affine) -> Points:
    a, b, c, d, e, f = matrix
    if (a, b, c, d) == (1.0, 0.0, 0.0, 1.0):
        moved: Points = xy + np.array((e, f))
        return moved
    return np.column_stack((xy[:, 0] * a + xy[:, 1] * c + e, xy[:, 0] * b + xy[:, 1] * d + f))


def multiplied(first: Affine, then: Affine) -> Affine:
    """The matrix that does `first`, then `then`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (p * a + r * b, q * a + s * b, p * c + r * d, q * c + s * d, p * e + r * f + t, q * e + s * f + u)


def box_transformed(box: tuple[float, float, float, float], matrix: Affine) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    moved = transformed(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), matrix)
    low, high = moved.min(axis=0), moved.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def text_corners(text: Text) -> list[tuple[float, float]]:
    """Corners of the run from base line to cap height."""
    a, b, c, d, e, f = text.matrix
    w, h = text.width, text.cap
    return [(e, f), (a * w + e, b * w + f), (a * w + c * h + e, b * w + d * h + f), (c * h + e, d * h + f)]


def arc_points(cx: float, cy: float, radius: float, start: float, end: float, *, steps_full: int = 96) -> Points:
    """Points of an arc from `start` to `end` (radians, counter-clockwise), both ends included."""
    span = end - start
    steps = max(2, math.ceil(abs(span) / (2 * math.pi) * steps_full))
    angles = np.linspace(start, end, steps + 1)
    return np.column_stack((cx + radius * np.cos(angles), cy + radius * np.sin(angles)))
