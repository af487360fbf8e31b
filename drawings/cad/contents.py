"""What lies on a prepared sheet, entity by entity, for following opinions from one revision to the next.

Reads the files of docs/drawing-format.md. Every entity gets its box and measures that do not depend on where it lies, so
that two revisions can be compared within a tolerance: the files hold 32-bit floats relative to chunk origins, and an
unchanged entity may come back a rounding error away.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drawings.cad.chunk_code import MAGIC, unpack_handles, unpack_lines

Box = tuple[float, float, float, float]
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# A picture without entities (PDF) is looked at in so many cells along its longer side, each in 4 x 4 patches.
CELLS = 48
PATCHES = 4


@dataclass(frozen=True)
class EntityFacts:
    """One entity. `key` is its handle in upper-case hex, or a running name where the file has none.

    `measures`: lengths, areas and moments about the own centre; equal for equal shapes wherever they lie.
    """

    key: str
    kind: str
    layer: str
    text: str
    box: Box
    measures: tuple[float, ...]


@dataclass(frozen=True)
class SheetFacts:
    """A whole sheet: its size, its entities, and whether there is anything that can be compared."""

    size: float
    entities: tuple[EntityFacts, ...]
    opaque: bool


def read_facts(folder: Path) -> SheetFacts:
    """The facts of the prepared sheet in `folder`; OSError or ValueError when its files are not as documented."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    x0, y0, x1, y1 = manifest["bbox"]
    size = max(x1 - x0, y1 - y0, 1e-9)
    centre = ((x0 + x1) / 2, (y0 + y1) / 2)
    if manifest["kind"] == "page":
        facts = page_facts(folder, manifest, centre)
    else:
        facts = drawing_facts(folder, manifest, centre)
    return SheetFacts(size=size, entities=tuple(facts), opaque=not facts)


def drawing_facts(folder: Path, manifest: dict[str, Any], centre: tuple[float, float]) -> list[EntityFacts]:
    """Entities of a model or layout, one per handle; records without a handle stand for themselves."""
    handles, layers, kinds = read_entities(folder / manifest["entities"]["file"])
    names = [f"{handle:X}" if handle else f"record {number}" for number, handle in enumerate(handles.tolist())]
    keys = sorted(set(names))
    group_of_key = {key: number for number, key in enumerate(keys)}
    group = np.array([group_of_key[name] for name in names], dtype=np.int64)
    tally = Tally(len(keys), centre)
    for chunk in manifest["chunks"]:
        if chunk["role"] != "draw":
            continue
        data = (folder / chunk["file"]).read_bytes()
        if len(data) != chunk["bytes"]:
            raise ValueError(f"{chunk['file']} has {len(data)} bytes, not {chunk['bytes']}")
        if chunk["kind"] == "line":
            tally.add_lines(*read_lines(data, chunk["origin"]), group)
        else:
            tally.add_fills(*read_fills(data, chunk["origin"]), group)
    words: dict[int, list[str]] = defaultdict(list)
    texts = [record for record in read_texts(folder, manifest) if "e" in record]
    numbers = [int(group[record["e"]]) for record in texts]
    tally.add_texts(texts, numbers)
    for record, number in zip(texts, numbers, strict=True):
        words[number].append(record["s"])
    first = {number: record for record, number in reversed(list(enumerate(group.tolist())))}
    layer_names = [layer["name"] for layer in manifest["layers"]]
    return [
        EntityFacts(
            key=key,
            kind=manifest["types"][int(kinds[first[number]])],
            layer=layer_names[int(layers[first[number]])],
            text="\n".join(sorted(words.get(number, ()))),
            box=box,
            measures=tally.measures(number),
        )
        for number, key in enumerate(keys)
        if (box := tally.box(number)) is not None
    ]


def page_facts(folder: Path, manifest: dict[str, Any], centre: tuple[float, float]) -> list[EntityFacts]:
    """A PDF page: its words, and its picture in cells, for whatever is painted shows there."""
    facts = []
    for number, record in enumerate(read_texts(folder, manifest)):
        tally = Tally(1, centre)
        tally.add_text(record, 0)
        box = tally.box(0)
        if box is not None:
            facts.append(EntityFacts(f"word {number}", "WORD", "", record["s"], box, tally.measures(0)))
    return facts + picture_cells(folder, manifest["overview"])


def picture_cells(folder: Path, overview: dict[str, Any]) -> list[EntityFacts]:
    """The page's picture as a grid of cells, each measured by the mean darkness of its patches (0..255)."""
    with Image.open(folder / overview["file"]) as picture:
        grey = np.asarray(picture.convert("L"), dtype=np.float64)
    height, width = grey.shape
    step = max(PATCHES, -(-max(width, height) // CELLS))
    x0, y0, x1, y1 = overview["bbox"]
    per_x, per_y = (x1 - x0) / width, (y1 - y0) / height
    cells = []
    for top in range(0, height, step):
        for left in range(0, width, step):
            cell = grey[top : top + step, left : left + step]
            box = (
                x0 + left * per_x,
                y1 - min(top + step, height) * per_y,
                x0 + min(left + step, width) * per_x,
                y1 - top * per_y,
            )
            patches = [
                float(patch.mean())
                for band in np.array_split(cell, PATCHES)
                for patch in np.array_split(band, PATCHES, axis=1)
                if patch.size
            ]
            cells.append(EntityFacts(f"cell {left // step},{top // step}", "CELL", "", "", box, tuple(patches)))
    return cells


def read_texts(folder: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The text records."""
    texts = manifest.get("texts")
    if not texts:
        return []
    found: list[dict[str, Any]] = json.loads((folder / texts["file"]).read_text(encoding="utf-8"))["texts"]
    return found


def read_entities(path: Path) -> tuple[NDArray[np.uint64], NDArray[np.uint16], NDArray[np.uint16]]:
    """Handles, layers and types of entities.bin."""
    data = path.read_bytes()
    count, packed = np.frombuffer(data, "<u4", 2).tolist()
    handles = unpack_handles(data, count, 8) if packed else np.frombuffer(data, "<u8", count, 8)
    layers = np.frombuffer(data, "<u2", count, 8 + 12 * count)
    kinds = np.frombuffer(data, "<u2", count, 8 + 16 * count)
    return handles, layers, kinds


def read_lines(data: bytes, origin: list[float]) -> tuple[Floats, Whole, Whole]:
    """Vertices in sheet coordinates, the polylines' starts, and the entity of each polyline."""
    if len(data) >= 4 and int.from_bytes(data[:4], "little") == MAGIC:
        near, begins, entities = unpack_lines(data)
        return near + np.array(origin), begins, entities
    vertices, lines = (int(value) for value in np.frombuffer(data, "<u4", 2))
    points = np.frombuffer(data, "<f4", 2 * vertices, 8).astype(np.float64).reshape(-1, 2) + np.array(origin)
    starts = np.frombuffer(data, "<u4", lines + 1, 8 + 8 * vertices).astype(np.int64)
    owners = np.frombuffer(data, "<u4", lines, 12 + 8 * vertices + 4 * lines).astype(np.int64)
    return points, starts, owners


def read_fills(data: bytes, origin: list[float]) -> tuple[Floats, Whole, Whole]:
    """Vertices in sheet coordinates, the triangles, and the entity of each triangle."""
    vertices, triangles = (int(value) for value in np.frombuffer(data, "<u4", 2))
    points = np.frombuffer(data, "<f4", 2 * vertices, 8).astype(np.float64).reshape(-1, 2) + np.array(origin)
    corners = np.frombuffer(data, "<u4", 3 * triangles, 8 + 8 * vertices).astype(np.int64).reshape(-1, 3)
    owners = np.frombuffer(data, "<u4", triangles, 8 + 8 * vertices + 12 * triangles).astype(np.int64)
    return points, corners, owners


class Tally:
    """Boxes and moments of many entities at once; coordinates are taken from the sheet's centre for precision."""

    # Columns: weight, x, y, xx, xy, yy (weighted by length or area), and how many pieces.
    COLUMNS = 7

    def __init__(self, count: int, centre: tuple[float, float]) -> None:
        self.centre = np.array(centre)
        self.low = np.full((count, 2), np.inf)
        self.high = np.full((count, 2), -np.inf)
        self.lines = np.zeros((count, self.COLUMNS))
        self.fills = np.zeros((count, self.COLUMNS))

    def add_lines(self, points: Floats, starts: Whole, owners: Whole, group: Whole) -> None:
        """Polylines by their segments: where a chunk cuts a long one does not matter."""
        if not len(owners):
            return
        entity = group[owners]
        first = starts[:-1]
        for axis in (0, 1):
            along = np.ascontiguousarray(points[:, axis])
            np.minimum.at(self.low[:, axis], entity, np.minimum.reduceat(along, first))
            np.maximum.at(self.high[:, axis], entity, np.maximum.reduceat(along, first))
        shifted = points - self.centre
        ends = np.vstack([shifted[1:], shifted[-1:]])
        weight = np.hypot(*(ends - shifted).T)
        inner = np.ones(len(points))
        inner[starts[1:] - 1] = 0.0  # from the last vertex of a polyline nothing leads on
        weight *= inner
        self.add_moments(self.lines, entity, weight, (ends + shifted) / 2, runs=(first, inner))

    def add_fills(self, points: Floats, corners: Whole, owners: Whole, group: Whole) -> None:
        """Triangles by their areas."""
        entity = group[owners]
        self.grow(points[corners].reshape(-1, 2), np.repeat(entity, 3))
        a, b, c = (points[corners[:, number]] - self.centre for number in range(3))
        area = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2
        self.add_moments(self.fills, entity, area, (a + b + c) / 3)

    def add_texts(self, records: list[dict[str, Any]], numbers: list[int]) -> None:
        """Runs of text by their base lines and heights, all at once: one by one each would cost as much as all entities."""
        if not records:
            return
        turn = np.deg2rad([record.get("rot", 0) for record in records])
        wide, high = (np.array([record[key] for record in records], dtype=np.float64)[:, None] for key in ("w", "h"))
        along = np.column_stack((np.cos(turn), np.sin(turn))) * wide
        up = np.column_stack((-np.sin(turn), np.cos(turn))) * high
        start = np.array([(record["x"], record["y"]) for record in records], dtype=np.float64)
        corners = np.stack((start, start + along, start + along + up, start + up), axis=1)
        owners = np.repeat(np.array(numbers, dtype=np.int64), 4)
        self.grow(corners.reshape(-1, 2), owners)
        after = np.roll(corners, -1, axis=1)
        middle = ((corners + after) / 2).reshape(-1, 2) - self.centre
        self.add_moments(self.lines, owners, np.hypot(*(after - corners).reshape(-1, 2).T), middle)

    def add_text(self, record: dict[str, Any], number: int) -> None:
        """One run of text."""
        self.add_texts([record], [number])

    def grow(self, points: Floats, owners: Whole) -> None:
        """Widen the boxes."""
        np.minimum.at(self.low, owners, points)
        np.maximum.at(self.high, owners, points)

    @staticmethod
    def add_moments(
        target: Floats, owners: Whole, weight: Floats, middle: Floats, *, runs: tuple[Whole, Floats] | None = None
    ) -> None:
        """Sum weights, first and second moments and the number of pieces per entity.

        `runs`: where each owner's pieces begin, and which pieces count; without it every piece has its own owner.
        """
        x, y = middle[:, 0], middle[:, 1]
        pieces = np.ones_like(weight) if runs is None else runs[1]
        columns = (weight, weight * x, weight * y, weight * x * x, weight * x * y, weight * y * y, pieces)
        for column, values in enumerate(columns):
            sums = values if runs is None else np.add.reduceat(values, runs[0])
            if len(owners) * 4 > len(target):
                target[:, column] += np.bincount(owners, weights=sums, minlength=len(target))
            else:
                np.add.at(target[:, column], owners, sums)

    def box(self, number: int) -> Box | None:
        """The entity's box in sheet coordinates; None when nothing of it is drawn."""
        if not np.isfinite(self.low[number]).all():
            return None
        (x0, y0), (x1, y1) = self.low[number].tolist(), self.high[number].tolist()
        return (x0, y0, x1, y1)

    def measures(self, number: int) -> tuple[float, ...]:
        """Lengths and areas, spread about the own centre (as lengths), number of pieces, width and height."""
        width, height = (self.high[number] - self.low[number]).tolist()
        return (*spread(self.lines[number]), *spread(self.fills[number]), width, height)


def spread(row: Floats) -> tuple[float, ...]:
    """Weight, spread along x and y and between them (all as lengths), and pieces; zeros when there is nothing."""
    weight, x, y, xx, xy, yy, pieces = row.tolist()
    if weight <= 0:
        return (0.0, 0.0, 0.0, 0.0, float(pieces))
    mean_x, mean_y = x / weight, y / weight
    var_x, var_y = max(xx / weight - mean_x**2, 0.0), max(yy / weight - mean_y**2, 0.0)
    cov = xy / weight - mean_x * mean_y
    both = (var_x + var_y) ** 0.5
    return (weight, var_x**0.5, var_y**0.5, cov / both if both else 0.0, float(pieces))
