"""Points of curves (曲线取点), for one entity and for many at once: both paths of drawing take them from here, so that they agree."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

FULL_STEPS = 96
"""Straight pieces of a full turn."""
CLOSE = 1e-10
STRAIGHT = 1e-6
"""A bulge below this is a straight line, as ezdxf has it."""


def steps_of(span: Floats) -> Whole:
    """Pieces of arcs that span so many radians."""
    steps: Whole = np.maximum(2, np.ceil(np.abs(span) / (2 * math.pi) * FULL_STEPS)).astype(np.int64)
    return steps


def numbered(counts: Whole) -> tuple[Whole, Whole]:
    """For runs of these lengths: the run of each element, and its place in it."""
    run = np.repeat(np.arange(len(counts)), counts)
    return run, np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts)


def apart(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Which points are not the same, as ezdxf closes polylines."""
    return np.asarray(~(np.abs(a - b) <= CLOSE * np.maximum(np.abs(a), np.abs(b))).all(axis=1))


def sweep(start: Floats, end: Floats) -> Floats:
    """The end of a counter-clockwise arc, beyond its start."""
    return np.asarray(end + 2 * math.pi * np.maximum(0, np.floor((start + 1e-12 - end) / (2 * math.pi)) + 1))


def ellipses(centre: Floats, major: Floats, ratio: Floats, start: Floats, end: Floats) -> tuple[Floats, Whole]:
    """Points of elliptic arcs (parameters in radians) and their number for each; rows of `centre` and `major` are x, y."""
    end = sweep(start, end)
    end = np.where(end - start > 2 * math.pi + 1e-9, start + 2 * math.pi, end)
    steps = steps_of(end - start)
    row, k = numbered(steps + 1)
    t = np.where(k == steps[row], end[row], start[row] + k * ((end - start) / steps)[row])
    minor = np.column_stack((-major[:, 1], major[:, 0])) * ratio[:, None]
    return centre[row] + np.cos(t)[:, None] * major[row] + np.sin(t)[:, None] * minor[row], steps + 1


def bulged(xy: Floats, n: Whole, bulge: Floats, closed: NDArray[np.bool_]) -> tuple[Floats, Whole]:
    """Polylines with arcs: `xy` and `bulge` of all their vertices, `n` vertices each; closed ones end where they begin."""
    ends = np.cumsum(n)
    first = ends - n
    after = np.arange(1, len(xy) + 1)
    after[ends - 1] = np.where(closed, first, ends - 1)
    step = xy[after] - xy
    moves = apart(xy, xy[after])
    last = np.zeros(len(xy), dtype=bool)
    last[ends - 1] = True
    bends = (np.abs(bulge) >= STRAIGHT) & moves
    pieces = np.where(bends, steps_of(4 * np.arctan(bulge)), 1)
    pieces[last & ~(closed.repeat(n) & moves)] = 0  # an open end, or a closed one that is there already
    pieces[~moves & ~last & (np.abs(bulge) >= STRAIGHT)] = 0
    counts = (
        pieces + 1
    )  # every vertex, then the points up to the next one; the next vertex comes by itself unless it closes
    closing = last & (pieces > 0)
    counts = np.where(closing, counts, np.maximum(counts - (pieces > 0), 1))
    row, k = numbered(counts)
    b = np.where(bends, bulge, 1.0)[row]
    angle = np.where(bends[row], k * (4 * np.arctan(b)) / np.maximum(pieces[row], 1), 0.0)
    middle = xy[row] + step[row] / 2 + np.column_stack((-step[row, 1], step[row, 0])) * ((1 - b * b) / (4 * b))[:, None]
    arm = xy[row] - middle
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = middle + arm * cos + np.column_stack((-arm[:, 1], arm[:, 0])) * sin
    out = np.where(((k == 0) | ~bends[row])[:, None], xy[row], turned)
    final = closing[row] & (k == counts[row] - 1)
    out[final] = xy[after[row[final]]]
    return out, np.asarray(np.add.reduceat(counts, first), dtype=np.int64)


def one_bulged(points: list[tuple[Any, ...]], *, closed: bool) -> Floats:
    """One polyline from (x, y, bulge) rows."""
    rows = np.array(points, dtype=np.float64).reshape(-1, 3)
    return bulged(rows[:, :2], np.array([len(rows)]), rows[:, 2], np.array([closed]))[0]
