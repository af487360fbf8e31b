"""A finished sheet: ink with dashes cut, levels given, texts measured, records numbered (图幅成形)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import limits
from drawings.cad.dashes import dashed_strokes
from drawings.cad.draw_order import levels
from drawings.cad.errors import Refusal
from drawings.cad.extents import Box, bounding_box, first_view, text_boxes
from drawings.cad.fidelity import Report
from drawings.cad.ink import (
    ADAPTIVE,
    COLOR_BY_LAYER,
    FLAG_ADAPTIVE,
    FLAG_BY_LAYER,
    FLAG_DASHED,
    FLAG_MASK,
    FLAG_PROXY,
    MASK,
    NO_LAYER,
    PROXY,
    Drawn,
    Fills,
    Ink,
    Look,
    Picture,
    Record,
    Strokes,
    Text,
    joined_strokes,
)
from drawings.cad.layers import Layers
from drawings.cad.line_symbols import NONE as NO_SYMBOLS
from drawings.cad.line_symbols import Symbols, placed
from drawings.cad.text_rows import text_records


@dataclass
class Records:
    """The table of entities.bin."""

    handle: NDArray[np.uint64]
    rgba: NDArray[np.uint32]
    layer: NDArray[np.uint16]
    via: NDArray[np.uint16]
    type: NDArray[np.uint16]
    weight: NDArray[np.uint16]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.handle)


@dataclass
class Sheet:
    """Everything that is written for one sheet, in drawing coordinates."""

    records: Records
    types: list[str]
    layers: Layers
    strokes: Strokes
    snaps: Strokes
    """True lines under dashed ones, or all vector paths of a PDF page: for snapping only."""
    fills: Fills
    texts: list[dict[str, Any]]
    pictures: list[Picture]
    stroke_level: NDArray[np.uint8]
    fill_level: NDArray[np.uint8]
    picture_level: list[int]
    bbox: Box
    fit: Box
    layer_use: Mapping[int, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (len(self.strokes) or len(self.fills) or self.texts or self.pictures)

    def visible_records(self) -> NDArray[np.bool_]:
        """Records that show when the sheet opens."""
        return visible_records(self.records, self.layers)


def visible_records(records: Records, layers: Layers) -> NDArray[np.bool_]:
    """Records whose layer is on and of whose layers none is frozen."""
    table = list(layers.by_key.values())
    shown = np.array([layer.on and not layer.frozen for layer in table] + [True], dtype=bool)
    frozen = np.array([layer.frozen for layer in table] + [False], dtype=bool)
    last = len(table)
    layer = np.where(records.layer == NO_LAYER, last, records.layer)
    via = np.where(records.via == NO_LAYER, last, records.via)
    visible: NDArray[np.bool_] = shown[layer] & ~frozen[via]
    return visible


def finish(
    ink: Ink,
    layers: Layers,
    patterns: Mapping[str, Sequence[float]],
    report: Report,
    symbols: Symbols = NO_SYMBOLS,
) -> Sheet:
    """Turn collected ink into a sheet. Raises Refusal E_DASH, E_EXPAND."""
    _close_infinite(ink)
    drawn = _finite(Drawn(*ink.closed(), ink.texts, ink.pictures), report)
    used = _used(len(ink.looks), drawn)
    kept: list[Record] = [record for record, keep in zip(ink.looks, used, strict=True) if keep]
    strokes, fills, texts, pictures = _renumbered(drawn, np.cumsum(used) - 1)

    strokes, snaps, dashed = dashed_strokes(strokes, kept, patterns, report)
    texts = [*texts, *placed(snaps, kept, symbols, report)]
    if int(strokes.n.sum()) + len(fills.xy) > limits.VERTICES:
        raise Refusal("E_EXPAND", "绘制后的顶点过多", "too many vertices when drawn")
    drawn = Drawn(strokes, fills, texts, pictures)
    records, types = _records(kept, layers, dashed)
    stroke_level, fill_level, text_level, picture_level = levels(ink.masks, drawn, report)
    lines = text_records(texts, text_level)
    bbox = bounding_box(drawn)
    return Sheet(
        records,
        types,
        layers,
        strokes,
        snaps,
        fills,
        lines,
        pictures,
        stroke_level,
        fill_level,
        picture_level,
        bbox,
        first_view(drawn, visible_records(records, layers), bbox),
        _layer_use(records),
    )


def _renumbered(drawn: Drawn, number: NDArray[np.int64]) -> Drawn:
    """The same with its looks numbered anew, without those that nothing uses."""
    strokes, fills, texts, pictures = drawn
    return Drawn(
        Strokes(strokes.xy, strokes.n, number[strokes.look].astype(np.uint32), strokes.seq),
        Fills(fills.xy, fills.corner, number[fills.look].astype(np.uint32), fills.seq),
        [t._replace(look=int(number[t.look])) for t in texts],
        [p._replace(look=int(number[p.look])) for p in pictures],
    )


def _close_infinite(ink: Ink) -> None:
    """Construction lines (XLINE, RAY) end a little outside of everything else."""
    if not ink.infinite:
        return
    pending, ink.infinite = ink.infinite, []
    strokes, fills = ink.closed()
    points = np.array([(p[0], p[1]) for p in pending])
    box = ink.box()
    low, high = points.min(axis=0), points.max(axis=0)
    if box is not None:
        low, high = np.minimum(low, box[:2]), np.maximum(high, box[2:])
    pad = 0.05 * max(float((high - low).max()), 1.0)
    low, high = low - pad, high + pad
    rows, look, seq = [], [], []
    for x, y, dx, dy, both, number, order in pending:
        start, end = (-math.inf if both else 0.0), math.inf
        for position, step, least, most in ((x, dx, low[0], high[0]), (y, dy, low[1], high[1])):
            if step:
                first, last = sorted(((least - position) / step, (most - position) / step))
                start, end = max(start, first), min(end, last)
        if not end > start:
            continue
        rows.append((x + dx * start, y + dy * start, x + dx * end, y + dy * end))
        look.append(number)
        seq.append(order)
    if not rows:
        return
    added = Strokes(
        np.array(rows).reshape(-1, 2), np.full(len(rows), 2, np.uint32), np.array(look, np.uint32), np.array(seq)
    )
    ink._closed = (joined_strokes([strokes, added]), fills)


def _finite(drawn: Drawn, report: Report) -> Drawn:
    """Drop and report what has no finite place."""
    strokes, fills, texts, pictures = drawn
    lost = 0
    if len(strokes):
        good = _in_range(strokes.xy)
        if not good.all():
            whole = np.asarray(np.logical_and.reduceat(good, strokes.starts[:-1]))
            lost += int((~whole).sum())
            strokes = strokes.taken(whole)
    if len(fills):
        good = _in_range(fills.xy)
        if not good.all():
            keep = good[fills.corner].all(axis=1)
            lost += int((~keep).sum())
            xy = np.where(good[:, None], fills.xy, 0.0)
            fills = Fills(xy, fills.corner[keep], fills.look[keep], fills.seq[keep])
    placed = np.asarray(np.isfinite(text_boxes(texts)).all(axis=1))
    kept = [t for at, t in enumerate(texts) if placed[at] and _readable(t)]
    lost += len(texts) - len(kept)
    if lost:
        report.warn("W_FAR", f"{lost} 个图形位置无效，未显示", f"{lost} pieces have no valid place and are not shown")
    return Drawn(strokes, fills, kept, pictures)


def _in_range(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Points that are finite and within the limit of coordinates."""
    return np.asarray(np.isfinite(xy).all(axis=1) & (np.abs(xy) < limits.COORDINATE).all(axis=1))


def _readable(text: Text) -> bool:
    a, b, c, d, *_ = text.matrix
    return abs(a * d - b * c) > 1e-24 and text.cap > 0


def _used(number: int, drawn: Drawn) -> NDArray[np.bool_]:
    """Which of the looks something is drawn in."""
    used = np.zeros(number, dtype=bool)
    used[drawn.strokes.look] = True
    used[drawn.fills.look] = True
    used[[text.look for text in drawn.texts]] = True
    used[[picture.look for picture in drawn.pictures]] = True
    return used


def _records(kept: list[Record], layers: Layers, dashed: NDArray[np.bool_]) -> tuple[Records, list[str]]:
    names: dict[str, int] = {}
    types: dict[str, int] = {}
    looks: dict[int, int] = {}
    distinct: list[Look] = []
    look_of = np.empty(len(kept), dtype=np.int64)
    for at, record in enumerate(kept):  # looks are shared by most records: resolve each once
        found = looks.get(id(record.look))
        if found is None:
            found = looks[id(record.look)] = len(distinct)
            distinct.append(record.look)
        look_of[at] = found
    vias = {record.via for record in kept if record.via is not None}
    for name in [*(look.layer or "0" for look in distinct), *sorted(vias)]:
        layers.get(name)
    for key in layers.by_key:
        names[key] = len(names)
    count = len(kept)
    handle = np.fromiter((r.handle for r in kept), dtype=np.uint64, count=count)
    color = np.array([max(look.color, 0) for look in distinct], dtype=np.int64)[look_of]
    layer = np.array([names[(look.layer or "0").lower()] for look in distinct], dtype=np.uint16)[look_of]
    number_of: dict[str | None, int] = {None: NO_LAYER}
    number_of.update((name, names[name.lower()]) for name in vias)
    via = np.fromiter((number_of[r.via] for r in kept), dtype=np.uint16, count=count)
    kind = np.fromiter((types.setdefault(r.type, len(types)) for r in kept), dtype=np.uint16, count=count)
    weight = np.array([max(0, look.weight) for look in distinct], dtype=np.uint16)[look_of]
    flags = (
        np.where(color & ADAPTIVE, FLAG_ADAPTIVE, 0)
        | np.where(color & MASK, FLAG_MASK, 0)
        | np.where(color & COLOR_BY_LAYER, FLAG_BY_LAYER, 0)
        | np.where(color & PROXY, FLAG_PROXY, 0)
        | np.where(dashed, FLAG_DASHED, 0)
    ).astype(np.uint8)
    rgba = (color & 0xFFFFFFFF).astype(np.uint32)
    return Records(handle, rgba, layer, via, kind, weight, flags), list(types)


def _layer_use(records: Records) -> dict[int, int]:
    """How many entities lie on each layer."""
    numbers, counts = np.unique(records.layer.astype(np.int64), return_counts=True)
    return {int(n): int(c) for n, c in zip(numbers, counts, strict=True)}
