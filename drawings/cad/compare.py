"""Two revisions of a sheet, entity by entity (图纸比对): added, removed, changed and how, text-only changes named, regions.

First by handle, where handles survive; what is left by its place, so that renumbered handles are no change; then what
kept its handle, its place or its shape is the same thing changed; the rest is new or gone. Equal means equal within a
millionth of the sheet: prepared files hold 32-bit floats, an untouched entity may come back a rounding error away.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import box as shapely_box
from shapely import union_all

from drawings.cad.contents import Box
from drawings.cad.tables import CELL, Table, whole

OF_SHEET = 2e-6
OF_LENGTH = 2e-6
# Grey levels by which a patch of a page's picture may differ through compression alone.
GREY = 4.0
# Regions: changes closer than this share of the sheet are one.
CLOSE = 0.008
REGIONS = 200
TEXT, MOVED, LAYER, SHAPE = "text", "moved", "layer", "shape"


@dataclass(frozen=True)
class Change:
    """One entity that is on both sheets and not the same. `how`: text, moved, layer or shape."""

    old: str
    new: str
    kind: str
    layer: str
    how: str
    box: Box
    old_text: str = ""
    new_text: str = ""


@dataclass(frozen=True)
class Single:
    """One entity that is on one sheet only."""

    key: str
    kind: str
    layer: str
    box: Box
    text: str = ""


@dataclass
class Comparison:
    """What differs between two sheets."""

    added: list[Single] = field(default_factory=list)
    removed: list[Single] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    regions: list[Box] = field(default_factory=list)
    same: int = 0

    @property
    def identical(self) -> bool:
        """Nothing differs."""
        return not (self.added or self.removed or self.changed)

    @property
    def texts(self) -> list[Change]:
        """Changes of words alone (仅文字变化)."""
        return [change for change in self.changed if change.how == TEXT]

    def as_dict(self) -> dict[str, Any]:
        """As `compare_drawings` prints it (cli.md), with the text-only changes spelled out."""
        return {
            "added": [item.key for item in self.added],
            "removed": [item.key for item in self.removed],
            "changed": [change.new for change in self.changed],
            "texts": [
                {
                    "id": change.new,
                    "old": change.old_text,
                    "new": change.new_text,
                    "layer": change.layer,
                    "box": list(change.box),
                }
                for change in self.texts
            ],
            "moved": [change.new for change in self.changed if change.how == MOVED],
            "regions": [list(region) for region in self.regions],
            "identical": self.identical,
        }


def compare(old: Table, new: Table) -> Comparison:
    """Compare two tables."""
    return _Comparing(old, new).done()


class _Comparing:
    """Pairs rows step by step; what is paired leaves the game."""

    def __init__(self, old: Table, new: Table) -> None:
        self.old, self.new = old, new
        self.tolerance = max(old.size, new.size) * OF_SHEET
        self.old_free = np.ones(len(old), dtype=bool)
        self.new_free = np.ones(len(new), dtype=bool)
        self.old_written, self.new_written = (with_words(table) for table in (old, new))
        self.made = Comparison()

    def done(self) -> Comparison:
        """All steps in order."""
        handles = self.old.has_handles and self.new.has_handles
        common = self.by_handle() if handles else (whole(np.zeros(0)), whole(np.zeros(0)))
        if not handles:
            self.cells()
        equal = self.agree(*common)
        self.take_same(common[0][equal], common[1][equal])
        self.by_place()
        # Handles that never agree were dealt anew: an equal number means nothing then.
        trusted = len(equal) > 0 and (float(equal.mean()) >= 0.5 or len(equal) - int(equal.sum()) <= 3)
        if trusted:
            self.kept_handle(*common)
        self.kept_place()
        self.kept_shape()
        self.made.added = [self.single(self.new, row) for row in np.flatnonzero(self.new_free).tolist()]
        self.made.removed = [self.single(self.old, row) for row in np.flatnonzero(self.old_free).tolist()]
        changed = self.made.changed
        boxes = [item.box for item in (*self.made.added, *self.made.removed)] + [change.box for change in changed]
        drawn = [item.box for item in (*self.made.added, *self.made.removed)]
        drawn += [change.box for change in changed if change.how != TEXT]
        self.made.regions = in_order(regions_of(boxes, max(self.old.size, self.new.size)), drawn)
        return self.made

    def by_handle(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the same handle."""
        _keys, old, new = np.intersect1d(self.old.handles, self.new.handles, assume_unique=True, return_indices=True)
        return whole(old), whole(new)

    def agree(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which pairs are equal in kind, layer, words, shape and place."""
        if not len(a):
            return np.zeros(0, dtype=bool)
        same: NDArray[np.bool_] = np.asarray(self.old.kinds[a] == self.new.kinds[b], dtype=bool)
        same &= np.asarray(self.old.layers[a] == self.new.layers[b], dtype=bool)
        same &= self.shapes_agree(a, b)
        same &= np.asarray((np.abs(self.old.box[a] - self.new.box[b]) <= 2 * self.tolerance).all(axis=1), dtype=bool)
        if self.old.texts or self.new.texts:
            written = same & (self.old_written[a] | self.new_written[b])
            for at in np.flatnonzero(written).tolist():
                if self.old.texts.get(int(a[at]), "") != self.new.texts.get(int(b[at]), ""):
                    same[at] = False
        return same

    def shapes_agree(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which pairs have equal measures."""
        before, after = self.old.measures[a], self.new.measures[b]
        if before.shape[1] != after.shape[1]:
            return np.zeros(len(a), dtype=bool)
        allowed = self.tolerance + OF_LENGTH * np.abs(before[:, :1])
        return np.asarray((np.abs(before - after) <= allowed).all(axis=1), dtype=bool)

    def take_same(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> None:
        self.old_free[a] = False
        self.new_free[b] = False
        self.made.same += len(a)

    def cells(self) -> None:
        """The picture of a page, cell by cell: only what is painted may differ, and only beyond compression."""
        old = {self.place(self.old, row): row for row in np.flatnonzero(self.old.kinds == CELL).tolist()}
        for row in np.flatnonzero(self.new.kinds == CELL).tolist():
            before = old.get(self.place(self.new, row))
            if before is None:
                continue
            self.old_free[before] = self.new_free[row] = False
            if (np.abs(self.old.measures[before] - self.new.measures[row]) <= GREY).all():
                self.made.same += 1
            else:
                self.note(before, row, SHAPE)

    def place(self, table: Table, row: int, step: float | None = None) -> tuple[int, int]:
        """The lower left corner in steps of the tolerance."""
        unit = step or 16 * self.tolerance
        return (round(float(table.box[row, 0]) / unit), round(float(table.box[row, 1]) / unit))

    def by_place(self) -> None:
        """Equal in everything but the handle."""
        places = self.places_of_free()
        for row in np.flatnonzero(self.new_free).tolist():
            for near in self.around(self.new, row):
                for before in places.get((str(self.new.kinds[row]), *near), ()):
                    pair = (np.array([before]), np.array([row]))
                    if self.old_free[before] and bool(self.agree(*pair)[0]):
                        self.take_same(*pair)
                        break
                if not self.new_free[row]:
                    break

    def places_of_free(self) -> dict[tuple[str, int, int], list[int]]:
        """Rows of the old sheet that are left, by kind and place."""
        found: dict[tuple[str, int, int], list[int]] = defaultdict(list)
        for row in np.flatnonzero(self.old_free).tolist():
            found[(str(self.old.kinds[row]), *self.place(self.old, row))].append(row)
        return found

    def around(self, table: Table, row: int) -> Iterable[tuple[int, int]]:
        """The place and its neighbours: what lies on an edge may have been rounded to the other side."""
        x, y = self.place(table, row)
        return [(x, y), *((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)]

    def kept_handle(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> None:
        """The same handle and kind: the same thing, changed."""
        for before, row in zip(a.tolist(), b.tolist(), strict=True):
            if self.old_free[before] and self.new_free[row] and self.old.kinds[before] == self.new.kinds[row]:
                self.pair(before, row)

    def kept_place(self) -> None:
        """Texts at the same place with other words, and things that only changed their layer."""
        places = self.places_of_free()
        for row in np.flatnonzero(self.new_free).tolist():
            for near in self.around(self.new, row):
                fitting = [
                    before
                    for before in places.get((str(self.new.kinds[row]), *near), ())
                    if self.old_free[before] and (row in self.new.texts) == (before in self.old.texts)
                ]
                if fitting and (
                    row in self.new.texts or bool(self.shapes_agree(np.array(fitting[:1]), np.array([row]))[0])
                ):
                    self.pair(fitting[0], row)
                    break

    def kept_shape(self) -> None:
        """The same shape and words elsewhere: moved; only where it is one of its kind."""
        shapes: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for row in np.flatnonzero(self.old_free).tolist():
            shapes[self.shape(self.old, row)].append(row)
        candidates: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for row in np.flatnonzero(self.new_free).tolist():
            candidates[self.shape(self.new, row)].append(row)
        for key, rows in candidates.items():
            before = shapes.get(key, [])
            if len(rows) == len(before) == 1:
                self.pair(before[0], rows[0])

    def shape(self, table: Table, row: int) -> tuple[object, ...]:
        """Kind, layer, words and measures in coarse steps."""
        unit = 64 * self.tolerance
        steps = tuple(round(float(value) / unit) for value in table.measures[row])
        return (str(table.kinds[row]), str(table.layers[row]), table.texts.get(row, ""), steps)

    def pair(self, before: int, row: int) -> None:
        """The same thing on both sheets: say how it changed, or that it did not."""
        self.old_free[before] = self.new_free[row] = False
        a, b = np.array([before]), np.array([row])
        words = self.old.texts.get(before, "") != self.new.texts.get(row, "")
        corner = (np.abs(self.old.box[before, :2] - self.new.box[row, :2]) <= 16 * self.tolerance).all()
        layer = self.old.layers[before] != self.new.layers[row]
        shape = bool(self.shapes_agree(a, b)[0])
        if words and self.geometry_same(before, row) and (corner or self.same_line(before, row)):
            self.note(before, row, TEXT)
        elif shape and not words:
            self.note(before, row, LAYER if corner and layer else MOVED)
        else:
            self.note(before, row, SHAPE)

    def geometry_same(self, before: int, row: int) -> bool:
        """Apart from the words, is everything as it was? A block whose attribute was edited, a dimension whose text was."""
        plain = self.new.plain
        if plain != self.old.plain:
            return False
        a, b = self.old.measures[before, :plain], self.new.measures[row, :plain]
        allowed = self.tolerance + OF_LENGTH * (abs(float(a[0])) if plain else 0.0)
        frames = self.old.frame[before], self.new.frame[row]
        if not np.isfinite(frames[0]).all() or not np.isfinite(frames[1]).all():
            return bool(np.isfinite(frames[0]).all() == np.isfinite(frames[1]).all())
        near = (np.abs(frames[0] - frames[1]) <= 2 * self.tolerance).all()
        return bool(near and (np.abs(a - b) <= allowed).all())

    def same_line(self, before: int, row: int) -> bool:
        """Texts set centred or to the right move their left end with their length: same line, overlapping."""
        a, b = self.old.box[before], self.new.box[row]
        height = max(a[3] - a[1], b[3] - b[1])
        level = abs(a[1] - b[1]) <= 0.1 * height and abs(a[3] - b[3]) <= 0.1 * height
        upright = abs(a[0] - b[0]) <= 0.1 * (a[2] - a[0]) and abs(a[2] - b[2]) <= 0.1 * max(a[2] - a[0], 1e-9)
        apart = a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
        return bool((level or upright) and not apart)

    def note(self, before: int, row: int, how: str) -> None:
        a, b = self.old.box[before], self.new.box[row]
        box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        gone, come = differing_lines(self.old.texts.get(before, ""), self.new.texts.get(row, ""))
        self.made.changed.append(
            Change(
                old=self.old.name(before),
                new=self.new.name(row),
                kind=str(self.new.kinds[row]),
                layer=str(self.new.layers[row]),
                how=how,
                box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                old_text=gone,
                new_text=come,
            )
        )

    def single(self, table: Table, row: int) -> Single:
        x0, y0, x1, y1 = (float(value) for value in table.box[row])
        return Single(
            table.name(row), str(table.kinds[row]), str(table.layers[row]), (x0, y0, x1, y1), table.texts.get(row, "")
        )


def with_words(table: Table) -> NDArray[np.bool_]:
    """Which rows have words."""
    written = np.zeros(len(table), dtype=bool)
    written[list(table.texts)] = True
    return written


def differing_lines(old: str, new: str) -> tuple[str, str]:
    """Of texts with several lines (blocks with attributes) only those that differ."""
    before, after = Counter(old.split("\n")), Counter(new.split("\n"))
    return " / ".join((before - after).elements()), " / ".join((after - before).elements())


def regions_of(boxes: list[Box], size: float) -> list[Box]:
    """Changes that lie close together as one region, largest first; at most REGIONS of them."""
    if not boxes:
        return []
    reach = size * CLOSE
    corners = np.array(boxes)
    while True:
        grown = shapely_box(corners[:, 0] - reach, corners[:, 1] - reach, corners[:, 2] + reach, corners[:, 3] + reach)
        merged = union_all(grown)
        parts = list(getattr(merged, "geoms", [merged]))
        if len(parts) <= REGIONS:
            break
        reach *= 2
    bounds = [part.bounds for part in parts]
    return sorted(bounds, key=lambda b: -(b[2] - b[0]) * (b[3] - b[1]))


def in_order(regions: list[Box], drawn: list[Box]) -> list[Box]:
    """Regions with the most changes of geometry first: an edited title block is no place to begin."""
    middles = np.array([((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in drawn]).reshape(-1, 2)

    def inside(region: Box) -> int:
        x, y = middles[:, 0], middles[:, 1]
        return int(((x >= region[0]) & (x <= region[2]) & (y >= region[1]) & (y <= region[3])).sum())

    return sorted(regions, key=inside, reverse=True)


def fingerprint(folder: Path) -> str:
    """SHA-256 over what is drawn: two sheets with the same one are identical, whatever file they came in."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".gz" or path.name in {"manifest.json", "fidelity.json"}:
            continue
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
