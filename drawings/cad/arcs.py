"""Arcs found again in finished vertices (寻回圆弧): whole polylines on a circle or an ellipse, and bends inside of others.

What was sampled evenly on a curve says so itself, so that neither blocks nor clips nor line types need to know of arcs. Whatever is
found gives back the same vertices, as many and at the same places (to `NEAR` of its size): a regular polygon may well be "an arc".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drawings.cad.curves import numbered

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

ARC_LEAST = 8
"""Vertices from which on an arc is shorter as an arc."""
ARC_MOST = 0x4000
AT_ONCE = 400_000
"""Vertices looked at together."""
NEAR = 2e-6
"""How far the vertices may lie from the arc, as a share of its size."""
BEND_LEAST = 3
"""Vertices inside of a bend from which on it is shorter as a bend."""
EVEN = 1e-5
"""How much one turn of a bend may differ from the next, before it is tried."""
LEAST_TURN = 1e-4
FULLEST = 1.5 * math.pi
"""A bend beyond three quarters of a turn is no bend: its two ends would no longer tell well where it lies."""


@dataclass(frozen=True)
class Arcs:
    """Which polylines are arcs, and of those centre, two half axes, turn from vertex to vertex, and whether they close."""

    found: Mask
    curve: Floats
    """A row for every polyline; only those of arcs mean something."""
    closed: Mask

    def taken(self, own: Whole) -> Arcs:
        return Arcs(self.found[own], self.curve[own], self.closed[own])


@dataclass(frozen=True)
class Bends:
    """Runs of vertices on circles inside of polylines: numbers of their first and last vertex, and the bulge between these two."""

    first: Whole
    last: Whole
    bulge: Floats

    def __len__(self) -> int:
        return len(self.first)


def drawn_arcs(curve: Floats, n: Whole) -> Floats:
    """`n` points each of centre + a cos(k turn) + b sin(k turn)."""
    k = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
    angle = k * np.repeat(curve[:, 6], n)
    cos, sin = np.cos(angle), np.sin(angle)
    out = np.empty((len(k), 2))
    for axis in (0, 1):
        centre, a, b = (np.repeat(curve[:, column + axis], n) for column in (0, 2, 4))
        out[:, axis] = centre + a * cos + b * sin
    return out


def drawn_bends(start: Floats, end: Floats, bulge: Floats, inside: Whole) -> Floats:
    """The `inside` points each of arcs from `start` to `end`, without these two."""
    row, k = numbered(inside)
    step = end - start
    middle = start + step / 2 + np.column_stack((-step[:, 1], step[:, 0])) * ((1 - bulge**2) / (4 * bulge))[:, None]
    arm = (start - middle)[row]
    angle = (k + 1) * (4 * np.arctan(bulge) / (inside + 1))[row]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.asarray(middle[row] + arm * cos + np.column_stack((-arm[:, 1], arm[:, 0])) * sin)


def find_arcs(xy: Floats, starts: Whole) -> Arcs:
    """As `_found_arcs`, some polylines at a time."""
    n = np.diff(starts)
    made = Arcs(np.zeros(len(n), dtype=bool), np.zeros((len(n), 7)), np.zeros(len(n), dtype=bool))
    begin = 0
    while begin < len(n):
        end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + AT_ONCE, side="right")) - 1)
        own = slice(begin, end)
        part = _found_arcs(xy[starts[begin] : starts[end]], starts[begin : end + 1] - starts[begin])
        made.found[own], made.curve[own], made.closed[own] = part.found, part.curve, part.closed
        begin = end
    return made


def _found_arcs(xy: Floats, starts: Whole) -> Arcs:
    """Polylines whose vertices lie evenly on a circle or an ellipse, told by what evenly turned points have in common:
    the sum of a point's neighbours is 2 cos(turn) times the point, from the centre."""
    n = np.diff(starts)
    made = Arcs(np.zeros(len(n), dtype=bool), np.zeros((len(n), 7)), np.zeros(len(n), dtype=bool))
    some = np.flatnonzero((n >= ARC_LEAST) & (n < ARC_MOST))
    if not len(some):
        return made
    first, count = starts[some], n[some]
    early, late = first + 1, first + count // 2
    base = xy[first]
    before, here, after = (xy[early + shift] - base for shift in (-1, 0, 1))
    far = xy[late] - base
    sums, far_sums = before + after, xy[late - 1] + xy[late + 1] - 2 * base
    apart = here - far
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.clip(((sums - far_sums) * apart).sum(axis=1) / (2 * (apart**2).sum(axis=1)), -1, 1)
        centre = (far_sums + sums - 2 * cosine[:, None] * (far + here)) / (4 * (1 - cosine))[:, None]
        turn = np.arccos(cosine)
        a = -centre
        b = (here - centre - a * cosine[:, None]) / np.sin(turn)[:, None]
        curve = np.column_stack((centre + base, a, b, turn))
    good = np.isfinite(curve).all(axis=1) & (turn > 1e-3) & (turn < 2)
    some, curve, count = some[good], curve[good], count[good]
    if not len(some):
        return made
    drawn = drawn_arcs(curve, count)
    take = np.repeat(starts[some] - (np.cumsum(count) - count), count) + np.arange(len(drawn))
    off = np.abs(drawn - xy[take]).max(axis=1)
    size = np.abs(curve[:, 2:6]).max(axis=1)
    fits = np.maximum.reduceat(off, np.cumsum(count) - count) <= NEAR * size
    chosen = some[fits]
    made.found[chosen] = True
    made.curve[chosen] = curve[fits]
    gap = np.abs(xy[starts[chosen]] - xy[starts[chosen + 1] - 1]).max(axis=1)
    made.closed[chosen] = gap <= NEAR * size[fits]
    return made


def circular(curve: Floats) -> tuple[Mask, Mask]:
    """Which arcs are of circles, and which of those turn clockwise: their second half axis follows from the first."""
    a, b = curve[:, 2:4], curve[:, 4:6]
    left = np.column_stack((-a[:, 1], a[:, 0]))
    near = NEAR / 2 * np.abs(a).max(axis=1, initial=0.0)
    with_clock = np.abs(b + left).max(axis=1, initial=0.0) <= near
    return (np.abs(b - left).max(axis=1, initial=0.0) <= near) | with_clock, with_clock


def find_bends(xy: Floats, n: Whole) -> Bends:
    """Bends of polylines of `n` vertices each: steps of one length that all turn by the same angle."""
    none = np.zeros(0, dtype=np.int64)
    if len(xy) < BEND_LEAST + 2:
        return Bends(none, none, np.zeros(0))
    point = xy[:, 0] + 1j * xy[:, 1]
    step = np.diff(point)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        turn = step[1:] / step[:-1]  # turn[i]: at vertex i + 1
        even = np.abs(turn[1:] - turn[:-1]) <= EVEN
        even &= (np.abs(np.abs(turn[1:]) - 1) <= EVEN) & (np.abs(np.angle(turn[1:])) > LEAST_TURN)
    owner = np.repeat(np.arange(len(n)), n)
    even &= owner[:-3] == owner[3:]  # even[i]: vertices i to i + 3 turn evenly
    change = np.flatnonzero(np.diff(np.concatenate([[False], even, [False]]).astype(np.int8)))
    first, last = change[0::2], change[1::2] + 2
    first[1:] = np.maximum(first[1:], last[:-1])  # two bends may share a vertex, no step
    angle = np.angle(turn[np.minimum(first + 1, len(turn) - 1)]) if len(first) else np.zeros(0)
    if len(first):
        most = np.floor(FULLEST / np.maximum(np.abs(angle), 1e-12)).astype(np.int64)
        last = np.minimum(last, first + most)
    keep = last - first - 1 >= BEND_LEAST
    first, last, angle = first[keep], last[keep], angle[keep]
    if not len(first):
        return Bends(none, none, np.zeros(0))
    inside = last - first - 1
    bulge = np.tan(angle * (inside + 1) / 4)
    row, k = numbered(inside)
    off = np.abs(drawn_bends(xy[first], xy[last], bulge, inside) - xy[first[row] + 1 + k]).max(axis=1)
    begins = np.cumsum(inside) - inside
    size = np.abs(xy[last] - xy[first]).max(axis=1)
    fits = np.maximum.reduceat(off, begins) <= NEAR * size
    return Bends(first[fits], last[fits], bulge[fits])
