"""Line types: strokes cut into dashes (线型)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drawings.cad import limits
from drawings.cad.errors import Refusal
from drawings.cad.fidelity import Report
from drawings.cad.ink import Record, Strokes, joined_strokes

TOTAL_DASHES = 1_500_000
ABSURD_DASHES = 1e8
DOT = 1e-3
"""A dash shorter than this share of its pattern is meant as a dot; as a line nobody would see it."""


def dashed_strokes(
    strokes: Strokes, records: list[Record], patterns: Mapping[str, Sequence[float]], report: Report
) -> tuple[Strokes, Strokes, NDArray[np.bool_]]:
    """Cut strokes with a line type into dashes. Returns (all strokes, the true lines of cut ones, records with dashes)."""
    patterned = _patterns(records, patterns)
    flagged = np.zeros(len(records), dtype=bool)
    if not patterned.lengths or not len(strokes):
        return strokes, Strokes.empty(), flagged
    chosen = (patterned.number[strokes.look] >= 0) & (strokes.n > 1)
    if not chosen.any():
        return strokes, Strokes.empty(), flagged
    lined = strokes.taken(chosen)
    steps = np.hypot(*np.diff(lined.xy, axis=0).T)
    starts = lined.starts
    last = starts[1:-1] - 1
    steps[last] = 0.0
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = along[starts[1:] - 1] - along[starts[:-1]]
    own = patterned.number[lined.look]
    period = np.array([lengths.sum() for lengths in patterned.lengths])[own]
    marks = np.array([len(lengths) / 2 for lengths in patterned.lengths])[own]
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
    pieces = _cut_all(true, patterned)
    return joined_strokes([rest, whole, pieces]), true, flagged


@dataclass(frozen=True)
class _Patterned:
    """Dash lengths in drawing units, each different one once, and which of them a record has (-1: none)."""

    lengths: list[NDArray[np.float64]]
    number: NDArray[np.int64]


def _patterns(records: list[Record], patterns: Mapping[str, Sequence[float]]) -> _Patterned:
    known: dict[tuple[str | int, float], int] = {}
    lengths: list[NDArray[np.float64]] = []

    def number(name: str | int, scale: float) -> int:
        pattern = patterns.get(name) if isinstance(name, str) else None
        if pattern is None or len(pattern) < 2:
            return -1
        scaled = np.abs(np.asarray(pattern[: len(pattern) // 2 * 2], dtype=float)) * abs(scale)
        if not (math.isfinite(float(scaled.sum())) and scaled.sum() > 0):
            return -1
        dots = scaled[0::2] < DOT * scaled.sum()
        scaled[1::2][dots] += scaled[0::2][dots]
        scaled[0::2][dots] = 0.0
        lengths.append(scaled)
        return len(lengths) - 1

    out = np.empty(len(records), dtype=np.int64)
    for i, record in enumerate(records):
        key = (record.look.line_type, record.look.scale)
        found = known.get(key)
        if found is None:
            found = known[key] = number(*key)
        out[i] = found
    return _Patterned(lengths, out)


def _cut_all(strokes: Strokes, patterned: _Patterned) -> Strokes:
    parts: list[Strokes] = []
    straight = strokes.n == 2
    lines = strokes.taken(straight)
    of_line = patterned.number[lines.look]
    for group in np.unique(of_line).tolist():
        parts.append(_cut_straight(lines.taken(of_line == group), patterned.lengths[group]))
    bent = strokes.taken(~straight)
    starts = bent.starts
    for i in range(len(bent)):
        xy = bent.xy[starts[i] : starts[i + 1]]
        made, n = _cut_bent(xy, patterned.lengths[int(patterned.number[bent.look[i]])])
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
