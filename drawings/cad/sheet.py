"""A finished sheet: ink with dashes cut, levels given, texts measured, records numbered (图幅成形)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import fonts, limits
from drawings.cad.errors import Refusal
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
    Fills,
    Ink,
    Picture,
    Record,
    Strokes,
    Text,
    joined_strokes,
    text_corners,
)
from drawings.cad.layers import Layers

Box = tuple[float, float, float, float]
TOTAL_DASHES = 1_500_000
ABSURD_DASHES = 1e8
MASK_WORK = 4e8


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
        """Records that show when the sheet opens: their layer is on, none of their layers is frozen."""
        table = list(self.layers.by_key.values())
        shown = np.array([layer.on and not layer.frozen for layer in table] + [True], dtype=bool)
        frozen = np.array([layer.frozen for layer in table] + [False], dtype=bool)
        last = len(table)
        layer = np.where(self.records.layer == NO_LAYER, last, self.records.layer)
        via = np.where(self.records.via == NO_LAYER, last, self.records.via)
        return shown[layer] & ~frozen[via]


def finish(ink: Ink, layers: Layers, patterns: Mapping[str, Sequence[float]], report: Report) -> Sheet:
    """Turn collected ink into a sheet. Raises Refusal E_DASH, E_EXPAND."""
    _close_infinite(ink)
    strokes, fills = ink.closed()
    strokes, fills, texts, pictures = _finite(strokes, fills, ink.texts, ink.pictures, report)
    used = _used(len(ink.looks), strokes, fills, texts, pictures)
    number = np.cumsum(used) - 1
    kept: list[Record] = [record for record, keep in zip(ink.looks, used, strict=True) if keep]
    strokes = Strokes(strokes.xy, strokes.n, number[strokes.look].astype(np.uint32), strokes.seq)
    fills = Fills(fills.xy, fills.corner, number[fills.look].astype(np.uint32), fills.seq)
    texts = [t._replace(look=int(number[t.look])) for t in texts]
    pictures = [p._replace(look=int(number[p.look])) for p in pictures]

    strokes, snaps, dashed = _dashed(strokes, kept, patterns, report)
    if int(strokes.n.sum()) + len(fills.xy) > limits.VERTICES:
        raise Refusal("E_EXPAND", "绘制后的顶点过多", "too many vertices when drawn")
    records, types = _records(kept, layers, dashed)
    stroke_level, fill_level, text_level, picture_level = _levels(ink, strokes, fills, texts, pictures, report)
    lines = text_records(texts, text_level)
    bbox = _bbox(strokes, fills, texts, pictures)
    sheet = Sheet(
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
        bbox,
    )
    sheet.fit = _fit(sheet, texts)
    sheet.layer_use = _layer_use(sheet, texts)
    return sheet


# ---------------------------------------------------------------- clean-up


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


def _finite(
    strokes: Strokes, fills: Fills, texts: list[Text], pictures: list[Picture], report: Report
) -> tuple[Strokes, Fills, list[Text], list[Picture]]:
    """Drop and report what has no finite place."""
    lost = 0
    if len(strokes):
        good = np.isfinite(strokes.xy).all(axis=1) & (np.abs(strokes.xy) < limits.COORDINATE).all(axis=1)
        if not good.all():
            keep = np.logical_and.reduceat(good, strokes.starts[:-1])
            lost += int((~keep).sum())
            strokes = strokes.taken(keep)
    if len(fills):
        good = np.isfinite(fills.xy).all(axis=1) & (np.abs(fills.xy) < limits.COORDINATE).all(axis=1)
        if not good.all():
            keep = good[fills.corner].all(axis=1)
            lost += int((~keep).sum())
            xy = np.where(good[:, None], fills.xy, 0.0)
            fills = Fills(xy, fills.corner[keep], fills.look[keep], fills.seq[keep])
    kept = [t for t in texts if all(math.isfinite(v) for c in text_corners(t) for v in c) and _readable(t)]
    lost += len(texts) - len(kept)
    if lost:
        report.warn("W_FAR", f"{lost} 个图形位置无效，未显示", f"{lost} pieces have no valid place and are not shown")
    return strokes, fills, kept, pictures


def _readable(text: Text) -> bool:
    a, b, c, d, *_ = text.matrix
    return abs(a * d - b * c) > 1e-24 and text.cap > 0


def _used(number: int, strokes: Strokes, fills: Fills, texts: list[Text], pictures: list[Picture]) -> NDArray[np.bool_]:
    used = np.zeros(number, dtype=bool)
    used[strokes.look] = True
    used[fills.look] = True
    for item in (*texts, *pictures):
        used[item.look] = True
    return used


def _records(kept: list[Record], layers: Layers, dashed: NDArray[np.bool_]) -> tuple[Records, list[str]]:
    names: dict[str, int] = {}
    types: dict[str, int] = {}
    for record in kept:
        layers.get(record.look.layer or "0")
        if record.via is not None:
            layers.get(record.via)
    for key in layers.by_key:
        names[key] = len(names)
    count = len(kept)
    handle = np.fromiter((r.handle for r in kept), dtype=np.uint64, count=count)
    color = np.fromiter((max(r.look.color, 0) for r in kept), dtype=np.int64, count=count)
    layer = np.fromiter((names[(r.look.layer or "0").lower()] for r in kept), dtype=np.uint16, count=count)
    via = np.fromiter(
        (names[r.via.lower()] if r.via is not None else NO_LAYER for r in kept), dtype=np.uint16, count=count
    )
    kind = np.fromiter((types.setdefault(r.type, len(types)) for r in kept), dtype=np.uint16, count=count)
    weight = np.fromiter((max(0, r.look.weight) for r in kept), dtype=np.uint16, count=count)
    flags = (
        np.where(color & ADAPTIVE, FLAG_ADAPTIVE, 0)
        | np.where(color & MASK, FLAG_MASK, 0)
        | np.where(color & COLOR_BY_LAYER, FLAG_BY_LAYER, 0)
        | np.where(color & PROXY, FLAG_PROXY, 0)
        | np.where(dashed, FLAG_DASHED, 0)
    ).astype(np.uint8)
    rgba = (color & 0xFFFFFFFF).astype(np.uint32)
    return Records(handle, rgba, layer, via, kind, weight, flags), list(types)


# ---------------------------------------------------------------- dashes


def _dashed(
    strokes: Strokes, records: list[Record], patterns: Mapping[str, Sequence[float]], report: Report
) -> tuple[Strokes, Strokes, NDArray[np.bool_]]:
    """Cut strokes with a line type into dashes. Returns (all strokes, the true lines of cut ones, records with dashes)."""
    scaled: dict[int, NDArray[np.float64]] = {}
    for i, record in enumerate(records):
        name = record.look.line_type
        pattern = patterns.get(name) if isinstance(name, str) else None
        if pattern is not None and len(pattern) >= 2:
            lengths = np.abs(np.asarray(pattern[: len(pattern) // 2 * 2], dtype=float)) * abs(record.look.scale)
            if math.isfinite(float(lengths.sum())) and lengths.sum() > 0:
                scaled[i] = lengths
    flagged = np.zeros(len(records), dtype=bool)
    if not scaled or not len(strokes):
        return strokes, Strokes.empty(), flagged
    has = np.zeros(len(records), dtype=bool)
    has[list(scaled)] = True
    chosen = has[strokes.look] & (strokes.n > 1)
    if not chosen.any():
        return strokes, Strokes.empty(), flagged
    lined = strokes.taken(chosen)
    steps = np.hypot(*np.diff(lined.xy, axis=0).T)
    starts = lined.starts
    last = starts[1:-1] - 1
    steps[last] = 0.0
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = along[starts[1:] - 1] - along[starts[:-1]]
    period = np.array([scaled[int(k)].sum() for k in lined.look])
    marks = np.array([len(scaled[int(k)]) / 2 for k in lined.look])
    dashes = length / period * marks
    if len(dashes) and float(dashes.max()) > ABSURD_DASHES:
        raise Refusal("E_DASH", f"一条线 {dashes.max():.2g} 段", f"{dashes.max():.2g} dashes in one line")
    dense = dashes > limits.DASHES_PER_LINE
    order = np.argsort(dashes)
    beyond = np.cumsum(dashes[order]) > TOTAL_DASHES
    dense[order[beyond]] = True
    short = dashes < 1.0
    if dense.any():
        number = int(dense.sum())
        report.warn(
            "W_DASH",
            f"{number} 条线的线型过密，以实线显示",
            f"{number} lines have too dense a line type and are shown solid",
        )
    cut = ~dense & ~short
    rest = strokes.taken(~chosen)
    whole, true = lined.taken(~cut), lined.taken(cut)
    flagged[true.look] = True
    flagged[rest.look] = (
        False  # a record has one line type: nothing of it is elsewhere, but texts and fills share tables
    )
    flagged[whole.look] = False
    pieces = _cut_all(true, scaled)
    return joined_strokes([rest, whole, pieces]), true, flagged


def _cut_all(strokes: Strokes, scaled: Mapping[int, NDArray[np.float64]]) -> Strokes:
    parts: list[Strokes] = []
    straight = strokes.n == 2
    lines = strokes.taken(straight)
    for look in np.unique(lines.look):
        parts.append(_cut_straight(lines.taken(lines.look == look), scaled[int(look)]))
    bent = strokes.taken(~straight)
    starts = bent.starts
    for i in range(len(bent)):
        xy = bent.xy[starts[i] : starts[i + 1]]
        made, n = _cut_bent(xy, scaled[int(bent.look[i])])
        if len(n):
            parts.append(
                Strokes(made, n, np.full(len(n), bent.look[i], np.uint32), np.full(len(n), float(bent.seq[i])))
            )
    return joined_strokes(parts)


def _cut_straight(lines: Strokes, pattern: NDArray[np.float64]) -> Strokes:
    """All two-point lines of one pattern at once."""
    if not len(lines):
        return lines
    a, b = lines.xy[0::2], lines.xy[1::2]
    length = np.hypot(*(b - a).T)
    good = length > 0
    a, b, length = a[good], b[good], length[good]
    look, seq = lines.look[good], lines.seq[good]
    period = pattern.sum()
    offsets = np.concatenate([[0.0], np.cumsum(pattern)])
    repeats = np.ceil(length / period).astype(np.int64)
    owner = np.repeat(np.arange(len(a)), repeats)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    rows = []
    for k in range(0, len(pattern), 2):
        start = turn * period + offsets[k]
        end = start + pattern[k]
        inside = start < length[owner]
        rows.append((owner[inside], start[inside], np.minimum(end[inside], length[owner[inside]])))
    owners = np.concatenate([r[0] for r in rows])
    t0 = np.concatenate([r[1] for r in rows]) / length[owners]
    t1 = np.concatenate([r[2] for r in rows]) / length[owners]
    d = (b - a)[owners]
    dot = t1 <= t0
    n = np.where(dot, 1, 2).astype(np.uint32)
    xy = np.empty((2 * len(owners), 2))
    xy[0::2] = a[owners] + d * t0[:, None]
    xy[1::2] = a[owners] + d * t1[:, None]
    keep = np.ones(2 * len(owners), dtype=bool)
    keep[1::2] = ~dot
    return Strokes(xy[keep], n, look[owners], seq[owners])


def _cut_bent(xy: NDArray[np.float64], pattern: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    """One polyline: dashes go round its corners."""
    steps = np.hypot(*np.diff(xy, axis=0).T)
    s = np.concatenate([[0.0], np.cumsum(steps)])
    total = s[-1]
    if total <= 0:
        return xy[:1], np.array([1], np.uint32)
    period = pattern.sum()
    offsets = np.concatenate([[0.0], np.cumsum(pattern)[:-1]])
    turns = np.arange(math.ceil(total / period)) * period
    begin = (turns[:, None] + offsets[0::2]).ravel()
    end = (turns[:, None] + (offsets + pattern)[0::2]).ravel()
    keep = begin < total
    begin, end = begin[keep], np.minimum(end[keep], total)
    first = np.searchsorted(s, begin, side="right")
    last = np.searchsorted(s, end, side="left")
    inner = np.maximum(last - first, 0)
    n = (inner + np.where(end > begin, 2, 1)).astype(np.uint32)
    where = np.empty(int(n.sum()))
    position = np.concatenate([[0], np.cumsum(n)[:-1]]).astype(np.int64)
    where[position] = begin
    long = end > begin
    where[position[long] + n[long] - 1] = end[long]
    for i in np.flatnonzero(inner):
        where[position[i] + 1 : position[i] + 1 + inner[i]] = s[first[i] : last[i]]
    return np.column_stack((np.interp(where, s, xy[:, 0]), np.interp(where, s, xy[:, 1]))), n


# ---------------------------------------------------------------- levels


def _levels(
    ink: Ink, strokes: Strokes, fills: Fills, texts: list[Text], pictures: list[Picture], report: Report
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[int], list[int]]:
    """Draw order where something hides something: each mask lies one level above all that it covers."""
    counts = (len(strokes), len(fills), len(texts), len(pictures))
    masks = sorted(ink.masks)
    total = sum(counts)
    if not masks or not total:
        return np.zeros(counts[0], np.uint8), np.zeros(counts[1], np.uint8), [0] * counts[2], [0] * counts[3]
    if len(masks) * total > MASK_WORK:
        masks = masks[: max(1, int(MASK_WORK / total))]
        report.warn("W_MASKS", "遮罩过多，部分遮盖次序未还原", "too many wipeouts: the order of some is not kept")
    boxes = np.vstack(
        [
            strokes.boxes(),
            fills.boxes(),
            np.array([_text_box(t) for t in texts]).reshape(-1, 4),
            np.array([_picture_box(p) for p in pictures]).reshape(-1, 4),
        ]
    )
    seq = np.concatenate([strokes.seq, fills.seq, [t.seq for t in texts], [p.seq for p in pictures]])
    level = np.zeros(total, dtype=np.int32)
    for order, (x0, y0, x1, y1) in masks:
        meets = (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0) & (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
        before = level[meets & (seq < order)]
        if not len(before):
            continue
        above = min(int(before.max()) + 1, limits.LEVELS - 1)
        after = meets & (seq >= order)
        level[after] = np.maximum(level[after], above)
    a, b, c = counts[0], counts[0] + counts[1], counts[0] + counts[1] + counts[2]
    return (
        level[:a].astype(np.uint8), level[a:b].astype(np.uint8), level[b:c].tolist(), level[c:].tolist()
    )  # fmt: skip


def _text_box(text: Text) -> Box:
    corners = np.array(text_corners(text))
    low, high = corners.min(axis=0), corners.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _picture_box(picture: Picture) -> Box:
    corners = np.array(picture_corners(picture))
    low, high = corners.min(axis=0), corners.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def picture_corners(picture: Picture) -> list[tuple[float, float]]:
    a, b, c, d, e, f = picture.matrix
    h, w = picture.pixels.shape[:2]
    return [(e, f), (a * w + e, b * w + f), (a * w + c * h + e, b * w + d * h + f), (c * h + e, d * h + f)]


# ---------------------------------------------------------------- texts


def text_records(texts: list[Text], levels: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of text.json: words of one line joined, big-font Chinese in its own proportions."""
    out: list[dict[str, Any]] = []
    for text, level in _joined_words(texts, levels):
        face = fonts.typeface(text.font)
        runs = face.runs(text.text)
        if len(runs) > 1:
            whole = _row(text, 0.0, text.text, text.width, text.cap, 0.0, level)
            whole["hide"] = 1
            out.append(whole)
        natural = face.width(text.text) * text.cap
        squeeze = text.width / natural if natural > 0 else 1.0
        x = 0.0
        for part, han in runs:
            width = face.run_width(part, han=han) * text.cap * squeeze
            if part.strip():
                shown = part.rstrip()
                if shown != part:
                    shown_width = face.run_width(shown, han=han) * text.cap * squeeze
                else:
                    shown_width = width
                if han and face.shx:
                    em = fonts.HAN_BODY * text.cap
                    row = _row(text, x, shown, shown_width, em * fonts.CAP_HEIGHT, em * 0.1, level)
                else:
                    row = _row(text, x, shown, shown_width, text.cap, 0.0, level)
                if len(runs) > 1:
                    row["p"] = 1
                out.append(row)
            x += width
    return out


def _row(text: Text, dx: float, words: str, width: float, cap: float, lift: float, level: int) -> dict[str, Any]:
    a, b, c, d, e, f = text.matrix
    along = math.hypot(a, b)
    ux, uy = (a / along, b / along) if along else (1.0, 0.0)
    cross = ux * d - uy * c  # height of the local y axis over the base line
    slant = (ux * c + uy * d) / abs(cross) if cross else 0.0
    height = cap * abs(cross)
    digits = max(0, min(9, 4 - math.floor(math.log10(height)))) if height > 0 else 6
    row: dict[str, Any] = {
        "e": text.look,
        "x": round(a * dx + c * lift + e, digits),
        "y": round(b * dx + d * lift + f, digits),
        "h": round(height, digits + 1),
        "w": round(width * along, digits),
        "s": words.encode("utf-8", "replace").decode("utf-8"),
    }
    angle = math.degrees(math.atan2(uy, ux))
    if abs(angle) > 1e-3:
        row["rot"] = round(angle, 3)
    oblique = math.degrees(math.atan(slant))
    if abs(oblique) > 0.05:
        row["ob"] = round(oblique, 2)
    if cross < 0:
        row["mx"] = 1
    if level:
        row["lv"] = level
    if text.decoration:
        row["dec"] = text.decoration
    return row


def _joined_words(texts: list[Text], levels: Sequence[int]) -> list[tuple[Text, int]]:
    """Words that a paragraph layout set one by one, joined to lines again where nothing changes between them."""
    joined: list[tuple[Text, int]] = []
    for text, level in zip(texts, levels, strict=True):
        if joined:
            last, last_level = joined[-1]
            both = _with_word(last, text) if last_level == level else None
            if both is not None:
                joined[-1] = (both, level)
                continue
        joined.append((text, level))
    return joined


def _with_word(first: Text, word: Text) -> Text | None:
    if (
        first.look != word.look or first.font != word.font or first.cap != word.cap
        or math.floor(first.seq) != math.floor(word.seq) or first.matrix[:4] != word.matrix[:4]
        or first.decoration != word.decoration
    ):  # fmt: skip
        return None
    a, b, c, d, e, f = first.matrix
    det = a * d - b * c
    if abs(det) < 1e-30:
        return None
    dx, dy = word.matrix[4] - e, word.matrix[5] - f
    x, y = (d * dx - c * dy) / det, (a * dy - b * dx) / det
    gap = x - first.width
    if abs(y) > 0.02 * first.cap or not -0.05 * first.cap < gap < 1.2 * first.cap:
        return None
    words = first.text + (" " if gap > 0.12 * first.cap else "") + word.text
    face = fonts.typeface(first.font)
    total = x + word.width
    natural = face.width(words) * first.cap
    if natural <= 0 or not 0.9 < total / natural < 1.1:
        return None
    return first._replace(text=words, width=total)


# ---------------------------------------------------------------- extents


def _bbox(strokes: Strokes, fills: Fills, texts: list[Text], pictures: list[Picture]) -> Box:
    parts = [strokes.xy] if len(strokes) else []
    if len(fills):
        parts.append(fills.xy[fills.corner.ravel()])
    corners = [c for t in texts for c in text_corners(t)] + [c for p in pictures for c in picture_corners(p)]
    if corners:
        parts.append(np.array(corners))
    if not parts:
        return (0.0, 0.0, 1.0, 1.0)
    low = np.min([p.min(axis=0) for p in parts], axis=0)
    high = np.max([p.max(axis=0) for p in parts], axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _fit(sheet: Sheet, texts: list[Text]) -> Box:
    """What to show first: what is visible, without strays. Strays are what lies far outside of the middle 98 per cent."""
    shown = sheet.visible_records()
    boxes = [sheet.strokes.boxes()[shown[sheet.strokes.look]], sheet.fills.boxes()[shown[sheet.fills.look]]]
    boxes.append(np.array([_text_box(t) for t in texts if shown[t.look]]).reshape(-1, 4))
    boxes.append(np.array([_picture_box(p) for p in sheet.pictures if shown[p.look]]).reshape(-1, 4))
    box = np.vstack(boxes)
    if not len(box):
        return _padded(sheet.bbox)
    middle = (box[:, :2] + box[:, 2:]) / 2
    low, high = np.percentile(middle, 1, axis=0), np.percentile(middle, 99, axis=0)
    size = np.maximum(high - low, 1e-9)
    reach = 1.5 * float(size.max())
    near = ((middle >= low - reach) & (middle <= high + reach)).all(axis=1)
    near &= ((box[:, 2:] - box[:, :2]) <= 20 * (float(size.max()) + 1e-9)).all(axis=1) | (len(box) < 20)
    chosen = box[near] if near.any() else box
    return _padded(
        (float(chosen[:, 0].min()), float(chosen[:, 1].min()), float(chosen[:, 2].max()), float(chosen[:, 3].max()))
    )


def _padded(box: Box) -> Box:
    """A box with a margin and a size, also around a single point or a straight line."""
    size = max(box[2] - box[0], box[3] - box[1])
    if size <= 0:
        size = max(1.0, abs(box[0]) * 1e-6, abs(box[1]) * 1e-6)
    pad = size * 0.02
    x0, y0, x1, y1 = box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad
    short = size * 0.05
    if x1 - x0 < short:
        middle = (x0 + x1) / 2
        x0, x1 = middle - short / 2, middle + short / 2
    if y1 - y0 < short:
        middle = (y0 + y1) / 2
        y0, y1 = middle - short / 2, middle + short / 2
    return x0, y0, x1, y1


def _layer_use(sheet: Sheet, texts: list[Text]) -> dict[int, int]:
    """How many entities lie on each layer."""
    used = np.unique(sheet.records.layer.astype(np.int64) << 48 | np.arange(len(sheet.records)), return_index=False)
    layers = used >> 48
    numbers, counts = np.unique(layers, return_counts=True)
    return {int(n): int(c) for n, c in zip(numbers, counts, strict=True)}
