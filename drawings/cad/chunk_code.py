"""Line chunks as few bytes (图块编码): coordinates as steps from vertex to vertex, arcs as arcs, bytes of one weight together.

docs/drawing-format.md has the layout. A third to a fifth of the bytes of plain 32-bit numbers after gzip, at about their precision. Arcs are found in the vertices themselves (whatever was sampled evenly on a circle or an ellipse),
so that nothing before this needs to know of them, and come back with the same number of vertices.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MAGIC = 0x51000001
"""First word of a packed chunk; a plain one begins with its number of vertices, which is far below."""
HEAD = struct.Struct("<IIdII")
FINE, COARSE = 2.0**25, 2.0**21
"""Steps across a chunk: a full one covers a small part of a large drawing and can do with fewer."""
FULL = 4_000
"""Vertices from which on a chunk is full."""
ARC_LEAST = 8
"""Vertices from which on an arc is shorter as an arc."""
CLOSED = 0x8000
NEAR = 2e-6
"""How far the vertices may lie from the arc, as a share of its size."""


@dataclass(frozen=True)
class Arcs:
    """Which polylines are arcs, and of those centre, two half axes, turn from vertex to vertex, and whether they close."""

    found: NDArray[np.bool_]
    curve: Floats
    """A row for every polyline; only those of arcs mean something."""
    closed: NDArray[np.bool_]

    def taken(self, own: Whole) -> Arcs:
        return Arcs(self.found[own], self.curve[own], self.closed[own])


def pack_lines(xy: Floats, n: Whole, entity: NDArray[np.uint32], arcs: Arcs, origin: tuple[float, float]) -> bytes:
    """Polylines of `n` vertices each in sheet coordinates. Arcs come after the others: not in the order given."""
    is_arc = arcs.found
    xy = xy - np.array(origin)
    arc = arcs.curve[is_arc].copy()
    arc[:, :2] -= origin
    plain = ~np.repeat(is_arc, n)
    steps_across = COARSE if int(plain.sum()) > FULL else FINE
    step = max(float(np.abs(xy).max(initial=0.0)) * 2, 1e-300) / steps_across
    grid = np.rint(xy[plain] / step).astype(np.int64)
    own = n[~is_arc]
    first = np.concatenate([[0], np.cumsum(own)])[:-1]
    parts = [
        HEAD.pack(MAGIC, len(grid), step, len(own), int(is_arc.sum())),
        planes(own.astype("<u2")),
        planes(zigzag(np.diff(entity[~is_arc].astype(np.int64), prepend=0))),
    ]
    for axis in (0, 1):
        column = grid[:, axis]
        steps = np.diff(column, prepend=0)
        steps[first] = np.diff(column[first], prepend=0)
        parts.append(planes(zigzag(steps)))
    parts.append(planes((n[is_arc] | np.where(arcs.closed[is_arc], CLOSED, 0)).astype("<u2")))
    parts.append(planes(zigzag(np.diff(entity[is_arc].astype(np.int64), prepend=0))))
    parts += [planes(arc[:, column].astype("<f4")) for column in range(7)]
    return b"".join(parts)


def unpack_lines(data: bytes) -> tuple[Floats, Whole, Whole]:
    """Vertices relative to the origin, start of each polyline (and the end), entity of each. ValueError when not as documented."""
    _magic, vertices, step, plain, arcs = HEAD.unpack_from(data)
    if len(data) != HEAD.size + 6 * plain + 8 * vertices + 34 * arcs:
        raise ValueError("a packed chunk of another length")
    reader = _Planes(data, HEAD.size)
    own = reader.take(plain, "<u2").astype(np.int64)
    if int(own.sum()) != vertices:
        raise ValueError("a packed chunk with other counts")
    entity = np.cumsum(unzigzag(reader.take(plain, "<u4")))
    first = np.concatenate([[0], np.cumsum(own)])[:-1]
    columns = []
    for _axis in (0, 1):
        steps = unzigzag(reader.take(vertices, "<u4"))
        begins = np.cumsum(steps[first])
        along = np.cumsum(steps)
        columns.append((along + np.repeat(begins - along[first], own)) * step)
    counts = reader.take(arcs, "<u2").astype(np.int64)
    of_arc = np.cumsum(unzigzag(reader.take(arcs, "<u4")))
    curve = np.column_stack([reader.take(arcs, "<f4").astype(np.float64) for _ in range(7)]).reshape(-1, 7)
    number = counts & ~CLOSED
    drawn = _drawn(curve, number)
    ends = np.cumsum(number)
    closed = (counts & CLOSED) > 0
    drawn[ends[closed] - 1] = drawn[(ends - number)[closed]]
    starts = np.concatenate([[0], np.cumsum(np.concatenate([own, number]))])
    return np.vstack([np.column_stack(columns), drawn]), starts, np.concatenate([entity, of_arc])


# ---------------------------------------------------------------- arcs


def _drawn(curve: Floats, n: Whole) -> Floats:
    """`n` points each of centre + a cos(k turn) + b sin(k turn)."""
    row = np.repeat(np.arange(len(curve)), n)
    k = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    angle = (k * curve[row, 6])[:, None]
    return np.asarray(curve[row, 0:2] + curve[row, 2:4] * np.cos(angle) + curve[row, 4:6] * np.sin(angle))


def find_arcs(xy: Floats, starts: Whole) -> Arcs:
    """Polylines whose vertices lie evenly on a circle or an ellipse, told by what evenly turned points have in common:
    the sum of a point's neighbours is 2 cos(turn) times the point, from the centre."""
    n = np.diff(starts)
    made = Arcs(np.zeros(len(n), dtype=bool), np.zeros((len(n), 7)), np.zeros(len(n), dtype=bool))
    some = np.flatnonzero((n >= ARC_LEAST) & (n < CLOSED))
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
    drawn = _drawn(curve, count)
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


# ---------------------------------------------------------------- bytes


def zigzag(values: NDArray[Any]) -> NDArray[np.uint32]:
    """Signed numbers so that small ones have few bits: 0, -1, 1, -2, 2, …"""
    return ((values << 1) ^ (values >> 63)).astype("<u4")


def unzigzag(values: NDArray[Any]) -> Whole:
    wide = values.astype(np.int64)
    return (wide >> 1) ^ -(wide & 1)


def planes(values: NDArray[np.generic]) -> bytes:
    """All lowest bytes, then all second ones, and so on: what is alike lies together."""
    width = values.dtype.itemsize
    return np.ascontiguousarray(values).view(np.uint8).reshape(-1, width).T.tobytes()


def pack_handles(handles: NDArray[np.uint64]) -> bytes:
    """Handles as steps from one to the next (modulo 2^64), in planes."""
    return planes(np.diff(handles.astype("<u8"), prepend=np.zeros(1, "<u8")).astype("<u8"))


def unpack_handles(data: bytes, count: int, at: int) -> NDArray[np.uint64]:
    """What `pack_handles` took."""
    return np.cumsum(_Planes(data, at).take(count, "<u8").astype(np.uint64), dtype=np.uint64)


class _Planes:
    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = np.frombuffer(data, dtype=np.uint8), at

    def take(self, count: int, kind: str) -> NDArray[np.generic]:
        width = np.dtype(kind).itemsize
        end = self.at + width * count
        part = self.data[self.at : end].reshape(width, count).T
        self.at = end
        return np.ascontiguousarray(part).view(kind).reshape(count)
