"""Cutting ink at a boundary (裁剪): viewports of layouts and clipped block references (XCLIP).

A rectangle that lies along the axes is cut with numpy; any other boundary with shapely, only where a primitive crosses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import box as shapely_box
from shapely import get_coordinates, get_parts, intersection, intersects, linestrings, polygons
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import triangulate

from drawings.cad.ink import Fills, Ink, Points, Strokes, Text, joined_strokes, text_corners

EPSILON = 1e-9


@dataclass(frozen=True)
class Boundary:
    """What stays: the inside of `rect` (x0, y0, x1, y1) when it is a rectangle along the axes, else the inside of `area`."""

    area: Any
    rect: tuple[float, float, float, float] | None

    @classmethod
    def of_rect(cls, x0: float, y0: float, x1: float, y1: float) -> Boundary:
        return cls(shapely_box(x0, y0, x1, y1), (x0, y0, x1, y1))

    @classmethod
    def of_ring(cls, ring: list[tuple[float, float]]) -> Boundary | None:
        if len(ring) < 3:
            return None
        area = Polygon(ring)
        if not area.is_valid:
            area = area.buffer(0)
        if area.is_empty:
            return None
        x0, y0, x1, y1 = area.bounds
        full = (x1 - x0) * (y1 - y0)
        if full > 0 and abs(area.area - full) < 1e-9 * full:
            return cls(area, (x0, y0, x1, y1))
        return cls(area, None)


def of_insert(insert: Any) -> Boundary | None:
    """Boundary of a clipped block reference in the block's own coordinates, or None."""
    from ezdxf import xclip

    if not insert.has_extension_dict:
        return None
    try:
        clip = xclip.XClip(insert)
        if not clip.has_clipping_path or not clip.is_clipping_enabled:
            return None
        path = clip.get_block_clipping_path()
    except (AttributeError, ValueError, TypeError, KeyError):
        return None
    inner = [(v.x, v.y) for v in path.inner_polygon()]
    if len(inner) == 2:
        (x0, y0), (x1, y1) = inner
        inner = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    made = Boundary.of_ring(inner)
    if made is None or not path.is_inverted_clip:
        return made
    x0, y0, x1, y1 = made.area.bounds
    reach = 1e3 * max(x1 - x0, y1 - y0, 1.0)
    outside = shapely_box(x0 - reach, y0 - reach, x1 + reach, y1 + reach).difference(made.area)
    return Boundary(outside, None)


def clipped_stencil(stencil: Ink, boundary: Boundary) -> Ink:
    """A copy of a stencil with what lies inside the boundary."""
    strokes, fills = stencil.closed()
    made = Ink()
    made.looks = list(stencil.looks)
    made.seq = stencil.seq
    made.add_strokes(clip_strokes(strokes, boundary))
    made.add_fills(clip_fills(fills, boundary))
    made.texts = clip_texts(stencil.texts, boundary)
    made.count += len(made.texts)
    made.masks = list(stencil.masks)
    return made


def clip_texts(texts: list[Text], boundary: Boundary) -> list[Text]:
    """Texts whose middle lies inside: a run is kept whole or not at all."""
    if not texts:
        return []
    middles = np.array([np.mean(text_corners(t), axis=0) for t in texts])
    if boundary.rect is not None:
        x0, y0, x1, y1 = boundary.rect
        inside = (middles[:, 0] >= x0) & (middles[:, 0] <= x1) & (middles[:, 1] >= y0) & (middles[:, 1] <= y1)
    else:
        from shapely import contains_xy

        inside = contains_xy(boundary.area, middles[:, 0], middles[:, 1])
    return [t for t, keep in zip(texts, inside, strict=True) if keep]


def clip_strokes(strokes: Strokes, boundary: Boundary) -> Strokes:
    if not len(strokes):
        return strokes
    boxes = strokes.boxes()
    x0, y0, x1, y1 = boundary.area.bounds
    apart = (boxes[:, 2] < x0) | (boxes[:, 0] > x1) | (boxes[:, 3] < y0) | (boxes[:, 1] > y1)
    strokes, boxes = strokes.taken(~apart), boxes[~apart]
    if not len(strokes):
        return strokes
    if boundary.rect is not None:
        within = (boxes[:, 0] >= x0) & (boxes[:, 2] <= x1) & (boxes[:, 1] >= y0) & (boxes[:, 3] <= y1)
        whole, crossing = strokes.taken(within), strokes.taken(~within)
        return joined_strokes([whole, _cut_by_rect(crossing, boundary.rect)])
    return _cut_by_area(strokes, boundary.area)


def _cut_by_rect(strokes: Strokes, rect: tuple[float, float, float, float]) -> Strokes:
    """Liang-Barsky on every segment at once; what crosses the edge becomes single segments."""
    if not len(strokes):
        return strokes
    dots = strokes.n == 1
    x0, y0, x1, y1 = rect
    dot_part = strokes.taken(dots)
    if len(dot_part):
        keep = (
            (dot_part.xy[:, 0] >= x0)
            & (dot_part.xy[:, 0] <= x1)
            & (dot_part.xy[:, 1] >= y0)
            & (dot_part.xy[:, 1] <= y1)
        )
        dot_part = dot_part.taken(keep)
    strokes = strokes.taken(~dots)
    if not len(strokes):
        return dot_part
    owner = np.repeat(np.arange(len(strokes)), strokes.n)
    same = owner[1:] == owner[:-1]
    a, b, owner = strokes.xy[:-1][same], strokes.xy[1:][same], owner[:-1][same]
    d = b - a
    t0, t1 = np.zeros(len(a)), np.ones(len(a))
    for axis, low, high in ((0, x0, x1), (1, y0, y1)):
        with np.errstate(divide="ignore", invalid="ignore"):
            first = (low - a[:, axis]) / d[:, axis]
            last = (high - a[:, axis]) / d[:, axis]
        still = d[:, axis] == 0
        out = still & ((a[:, axis] < low) | (a[:, axis] > high))
        enter, leave = np.minimum(first, last), np.maximum(first, last)
        t0 = np.where(still, t0, np.maximum(t0, enter))
        t1 = np.where(still, t1, np.minimum(t1, leave))
        t1 = np.where(out, -1.0, t1)
    keep = t1 > t0
    a, d, t0, t1, owner = a[keep], d[keep], t0[keep, None], t1[keep, None], owner[keep]
    xy = np.empty((2 * len(a), 2))
    xy[0::2] = a + d * t0
    xy[1::2] = a + d * t1
    parts = Strokes(xy, np.full(len(a), 2, np.uint32), strokes.look[owner], strokes.seq[owner])
    return joined_strokes([dot_part, parts])


def _cut_by_area(strokes: Strokes, area: Any) -> Strokes:
    from shapely import contains_xy, prepare

    prepare(area)
    dots = strokes.n == 1
    kept = strokes.taken(dots)
    if len(kept):
        kept = kept.taken(contains_xy(area, kept.xy[:, 0], kept.xy[:, 1]))
    strokes = strokes.taken(~dots)
    if not len(strokes):
        return kept
    lines = linestrings(strokes.xy, indices=np.repeat(np.arange(len(strokes)), strokes.n))
    meets = np.flatnonzero(intersects(area, lines))
    cut = intersection(lines[meets], area)
    pieces, owner = get_parts(cut, return_index=True)
    is_line = np.array([p.geom_type == "LineString" for p in pieces], dtype=bool)
    pieces, owner = pieces[is_line], meets[owner[is_line]]
    if not len(pieces):
        return kept
    xy, index = get_coordinates(pieces, return_index=True)
    n = np.bincount(index, minlength=len(pieces)).astype(np.uint32)
    return joined_strokes([kept, Strokes(xy, n, strokes.look[owner], strokes.seq[owner])])


def clip_fills(fills: Fills, boundary: Boundary) -> Fills:
    """Triangles inside; those that cross the edge are cut and triangulated again."""
    if not len(fills):
        return fills
    corners = fills.xy[fills.corner]
    low, high = corners.min(axis=1), corners.max(axis=1)
    x0, y0, x1, y1 = boundary.area.bounds
    meets = ~((high[:, 0] < x0) | (low[:, 0] > x1) | (high[:, 1] < y0) | (low[:, 1] > y1))
    within = np.zeros(len(fills), dtype=bool)
    if boundary.rect is not None:
        within = (low[:, 0] >= x0) & (high[:, 0] <= x1) & (low[:, 1] >= y0) & (high[:, 1] <= y1)
    xy: list[Points] = [corners[within].reshape(-1, 2)]
    owner: list[NDArray[np.int64]] = [np.flatnonzero(within)]
    crossing = np.flatnonzero(meets & ~within)
    if len(crossing):
        cut = intersection(polygons(corners[crossing]), boundary.area)
        for number, shape in zip(crossing, cut, strict=True):
            triangles = _triangles(shape)
            if len(triangles):
                xy.append(triangles.reshape(-1, 2))
                owner.append(np.full(len(triangles), number))
    points, owners = np.concatenate(xy), np.concatenate(owner)
    return Fills(points, np.arange(len(points), dtype=np.uint32).reshape(-1, 3), fills.look[owners], fills.seq[owners])


def _triangles(shape: Any) -> Points:
    if shape.is_empty or shape.area <= EPSILON * EPSILON:
        return np.zeros((0, 3, 2))
    parts = list(shape.geoms) if isinstance(shape, MultiPolygon) or hasattr(shape, "geoms") else [shape]
    found = []
    for part in parts:
        if part.geom_type != "Polygon" or part.area <= 0:
            continue
        ring = np.asarray(part.exterior.coords)[:-1]
        if not part.interiors and part.convex_hull.area - part.area <= 1e-12 * part.area:
            found += [ring[[0, i, i + 1]] for i in range(1, len(ring) - 1)]
            continue
        for triangle in triangulate(part):
            if part.contains(triangle.representative_point()):
                found.append(np.asarray(triangle.exterior.coords)[:3])
    return np.array(found) if found else np.zeros((0, 3, 2))
