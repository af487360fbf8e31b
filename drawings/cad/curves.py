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
SAGITTA = 2e-4
"""How far a spline may lie from its straight pieces, as a share of its size."""
FLAT_SPAN = 1e-9
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


def splines(points: Floats, n: Whole, knots: Floats) -> tuple[Floats, Whole]:
    """Points of cubic B-splines that begin and end at their outer control points (4 equal knots there): `n` control points each,
    one after the other, and n + 4 knots each. Every span is cut into equal parameters, as many as its bend asks for."""
    of_spline, place = numbered(n - 3)  # spans: from knot `place + 3` of its spline to the next one
    first_point = (np.cumsum(n) - n)[of_spline] + place
    first_knot = (np.cumsum(n + 4) - n - 4)[of_spline] + place
    u = np.stack([knots[first_knot + k] for k in range(8)])  # u[3] .. u[4] is the span
    real = u[4] - u[3] > FLAT_SPAN * (knots[np.cumsum(n + 4) - 1] - knots[np.cumsum(n + 4) - n - 4])[of_spline]
    of_spline, first_point, u = of_spline[real], first_point[real], u[:, real]
    control = np.stack([points[first_point + k] for k in range(4)])
    bezier = np.stack([_blossom(control, u, ends) for ends in ((3, 3, 3), (3, 3, 4), (3, 4, 4), (4, 4, 4))])
    begin = np.cumsum(n) - n
    low, high = np.minimum.reduceat(points, begin, axis=0), np.maximum.reduceat(points, begin, axis=0)
    size = np.maximum((high - low).max(axis=1), 1e-9)[of_spline]
    bend = np.abs(bezier[2:] - 2 * bezier[1:-1] + bezier[:-2]).max(axis=(0, 2))
    steps = np.clip(np.ceil(np.sqrt(0.75 * bend / (size * SAGITTA))), 1, 64).astype(np.int64)
    row, k = numbered(steps)
    t = ((k + 1) / steps[row])[:, None]
    s = 1 - t
    b0, b1, b2, b3 = (part[row] for part in bezier)
    inner = s**3 * b0 + 3 * s * s * t * b1 + 3 * s * t * t * b2 + t**3 * b3
    inner[k + 1 == steps[row]] = bezier[3]
    counts = np.bincount(of_spline, weights=steps, minlength=len(n)).astype(np.int64)
    return np.insert(inner, np.cumsum(counts) - counts, points[begin], axis=0), counts + 1


def _blossom(control: Floats, u: Floats, arguments: tuple[int, int, int]) -> Floats:
    """The polar form of the span at three of its knots: a control point of its Bézier curve."""
    d = list(control)
    for r, argument in enumerate(arguments, start=1):
        for j in range(3, r - 1, -1):
            share = ((u[argument] - u[j]) / (u[j + 4 - r] - u[j]))[:, None]
            d[j] = (1 - share) * d[j - 1] + share * d[j]
    return np.asarray(d[3])


def clamped(n: Whole, knots: Floats) -> NDArray[np.bool_]:
    """Which of these knot vectors (n + 4 knots each) never fall, and begin and end with four equal ones."""
    ends = np.cumsum(n + 4)
    begins = ends - n - 4
    ok = (knots[begins] == knots[begins + 3]) & (knots[ends - 1] == knots[ends - 4]) & (knots[begins] < knots[ends - 1])
    row, k = numbered(n + 4)
    falls = np.zeros(len(n), dtype=bool)
    falls[row[1:][(np.diff(knots) < 0) & (k[1:] > 0)]] = True
    return np.asarray(ok & ~falls)
