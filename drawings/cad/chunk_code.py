"""Line chunks as few bytes (图块编码): coordinates as steps from vertex to vertex, arcs as arcs, bytes of one weight together.

docs/drawing-format.md has the layout. A fifth of the bytes of plain 32-bit numbers after gzip, at about their precision. Arcs are found
in the vertices themselves (`arcs`) and come back with the same number of vertices.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad.arcs import Arcs, circular, drawn_arcs, drawn_bends, find_bends
from drawings.cad.curves import numbered

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

MAGIC = 0x51000002
"""First word of a packed chunk; a plain one begins with its number of vertices, which is far below."""
HEAD = struct.Struct("<IIdIIII")
FINE, COARSE = 2.0**25, 2.0**21
"""Steps across a chunk: a full one covers a small part of a large drawing and can do with fewer."""
FULL = 4_000
"""Vertices from which on a chunk is full."""
CLOSED, CLOCKWISE = 0x8000, 0x4000
FINER = 16
"""Half axes of arcs are this much finer than vertices: an error there counts six times in the length of a circle."""
FARTHEST = 2.0**25
"""Steps; the centre of an arc may lie far outside of its chunk, but not beyond 32-bit numbers."""


def pack_lines(xy: Floats, n: Whole, entity: NDArray[np.uint32], arcs: Arcs, origin: tuple[float, float]) -> bytes:
    """Polylines of `n` vertices each in sheet coordinates. Arcs come after the others: not in the order given."""
    xy = xy - np.array(origin)
    curve = arcs.curve.copy()
    curve[:, :2] -= origin
    steps_across = COARSE if int(np.where(arcs.found, 0, n).sum()) > FULL else FINE
    step = max(float(np.abs(xy).max(initial=0.0)) * 2, 1e-300) / steps_across
    is_arc = arcs.found & (np.abs(curve[:, :6]).max(axis=1, initial=0.0) < FARTHEST * step)
    parts = _polylines(xy[~np.repeat(is_arc, n)], n[~is_arc], entity[~is_arc], step)
    bends, polylines, vertices = parts[0]
    curves, circles, ellipses = _curves(curve[is_arc], n[is_arc], entity[is_arc], arcs.closed[is_arc], step)
    return b"".join([HEAD.pack(MAGIC, vertices, step, polylines, bends, circles, ellipses), *parts[1], *curves])


def _polylines(
    xy: Floats, n: Whole, entity: NDArray[np.uint32], step: float
) -> tuple[tuple[int, int, int], list[bytes]]:
    """Numbers of bends, polylines and vertices between bends, and their columns."""
    bends = find_bends(xy, n)
    kept = np.ones(len(xy), dtype=bool)
    row, k = numbered(bends.last - bends.first - 1)
    kept[bends.first[row] + 1 + k] = False
    ends = np.cumsum(n)
    place = np.concatenate([[0], np.cumsum(kept)])
    own = place[ends] - place[ends - n]
    first = np.cumsum(own) - own
    grid = np.rint(xy[kept] / step).astype(np.int64)
    columns = [planes(own.astype("<u2")), planes(zigzag(np.diff(entity.astype(np.int64), prepend=0)))]
    for axis in (0, 1):
        column = grid[:, axis]
        steps = np.diff(column, prepend=0)
        steps[first] = np.diff(column[first], prepend=0)
        columns.append(planes(zigzag(steps)))
    columns.append(planes(np.diff(place[bends.first], prepend=0).astype("<u4")))
    columns.append(planes((bends.last - bends.first - 1).astype("<u2")))
    columns.append(planes(bends.bulge.astype("<f4")))
    return (len(bends), len(n), len(grid)), columns


def _curves(
    curve: Floats, n: Whole, entity: NDArray[np.uint32], closed: NDArray[np.bool_], step: float
) -> tuple[list[bytes], int, int]:
    """The columns of arcs, those of circles first; how many are of circles and of ellipses."""
    is_circle, with_clock = circular(curve)
    order = np.argsort(~is_circle, kind="stable")
    circles = int(is_circle.sum())
    curve, n, entity, closed = curve[order], n[order], entity[order], closed[order]
    grid = np.rint(curve[:, :6] / (step / np.array([1, 1, FINER, FINER, FINER, FINER]))).astype(np.int64)
    marked = n | np.where(closed, CLOSED, 0) | np.where((is_circle & with_clock)[order], CLOCKWISE, 0)
    columns = [planes(marked.astype("<u2")), planes(zigzag(np.diff(entity.astype(np.int64), prepend=0)))]
    columns += [planes(zigzag(np.diff(grid[:, axis], prepend=0))) for axis in (0, 1)]
    columns += [planes(zigzag(grid[:, axis])) for axis in (2, 3)]
    columns.append(planes(curve[:, 6].astype("<f4")))
    columns += [planes(zigzag(grid[circles:, axis])) for axis in (4, 5)]
    return columns, circles, len(curve) - circles


def unpack_lines(data: bytes) -> tuple[Floats, Whole, Whole]:
    """Vertices relative to the origin, start of each polyline (and the end), entity of each. ValueError when not as documented."""
    _magic, vertices, step, polylines, bends, circles, ellipses = HEAD.unpack_from(data)
    arcs = circles + ellipses
    if len(data) != HEAD.size + 6 * polylines + 8 * vertices + 10 * bends + 26 * arcs + 8 * ellipses:
        raise ValueError("a packed chunk of another length")
    reader = _Planes(data, HEAD.size)
    xy, n, entity = _read_polylines(reader, vertices, polylines, bends, step)
    marked = reader.take(arcs, "<u2").astype(np.int64)
    of_arc = np.cumsum(unzigzag(reader.take(arcs, "<u4")))
    centre = [np.cumsum(unzigzag(reader.take(arcs, "<u4"))) * step for _ in (0, 1)]
    a = [unzigzag(reader.take(arcs, "<u4")) * (step / FINER) for _ in (0, 1)]
    turn = reader.take(arcs, "<f4").astype(np.float64)
    side = np.where(marked & CLOCKWISE, -1.0, 1.0)
    b = [-a[1] * side, a[0] * side]
    for axis in (0, 1):
        b[axis][circles:] = unzigzag(reader.take(ellipses, "<u4")) * (step / FINER)
    number = marked & ~(CLOSED | CLOCKWISE)
    drawn = drawn_arcs(np.column_stack((*centre, *a, *b, turn)), number)
    ends = np.cumsum(number)
    closed = (marked & CLOSED) > 0
    drawn[ends[closed] - 1] = drawn[(ends - number)[closed]]
    starts = np.concatenate([[0], np.cumsum(np.concatenate([n, number]))])
    return np.vstack([xy, drawn]), starts, np.concatenate([entity, of_arc])


def _read_polylines(
    reader: _Planes, vertices: int, polylines: int, bends: int, step: float
) -> tuple[Floats, Whole, Whole]:
    """Vertices, number of vertices and entity of the polylines that are no arcs."""
    own = reader.take(polylines, "<u2").astype(np.int64)
    if int(own.sum()) != vertices:
        raise ValueError("a packed chunk with other counts")
    entity = np.cumsum(unzigzag(reader.take(polylines, "<u4")))
    first = np.cumsum(own) - own
    columns = []
    for _axis in (0, 1):
        steps = unzigzag(reader.take(vertices, "<u4"))
        begins = np.cumsum(steps[first])
        along = np.cumsum(steps)
        columns.append((along + np.repeat(begins - along[first], own)) * step)
    xy = np.column_stack(columns)
    at = np.cumsum(reader.take(bends, "<u4").astype(np.int64))
    inside = reader.take(bends, "<u2").astype(np.int64)
    bulge = reader.take(bends, "<f4").astype(np.float64)
    if not bends:
        return xy, own, entity
    if int(at.max()) + 1 >= vertices or (bulge == 0).any():
        raise ValueError("a bend without its end")
    bent = drawn_bends(xy[at], xy[at + 1], bulge, inside)
    row, _k = numbered(inside)
    more = np.bincount(np.searchsorted(first, at, side="right") - 1, weights=inside, minlength=polylines)
    return np.insert(xy, at[row] + 1, bent, axis=0), own + more.astype(np.int64), entity


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
