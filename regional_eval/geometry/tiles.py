"""Cutting a large polygon into tiles (分块), so that an overlay at its edge touches hundreds of vertices, not thousands."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from regional_eval.geometry.repair import flat, polygons_only

MOST_CORNERS = 256
# A rosette with all its vertices in one spot cannot be cut for ever.
SMALLEST_TILE_M = 0.5


def tiles_of(plane: BaseGeometry, most: int = MOST_CORNERS) -> list[BaseGeometry]:
    """Pieces of at most `most` vertices that together are the shape; the shape itself when it is small."""
    if shapely.get_num_coordinates(plane) <= most:
        return [plane]
    if plane.geom_type in {"LineString", "MultiLineString"}:
        return cut_lines(plane, most)
    made: list[BaseGeometry] = []
    waiting = [part for part in flat(plane) if not part.is_empty]
    while waiting:
        piece = waiting.pop()
        minx, miny, maxx, maxy = piece.bounds
        if shapely.get_num_coordinates(piece) <= most or max(maxx - minx, maxy - miny) < SMALLEST_TILE_M:
            made.append(piece)
            continue
        if maxx - minx >= maxy - miny:
            middle = (minx + maxx) / 2
            halves = (shapely.box(minx, miny, middle, maxy), shapely.box(middle, miny, maxx, maxy))
        else:
            middle = (miny + maxy) / 2
            halves = (shapely.box(minx, miny, maxx, middle), shapely.box(minx, middle, maxx, maxy))
        for half in halves:
            waiting += [part for part in flat(polygons_only(shapely.intersection(piece, half))) if not part.is_empty]
    return made


def cut_lines(plane: BaseGeometry, most: int) -> list[BaseGeometry]:
    """Runs of vertices, each beginning where the one before ends."""
    made: list[BaseGeometry] = []
    for line in flat(plane):
        corners = shapely.get_coordinates(line)
        for start in range(0, len(corners) - 1, most - 1):
            run = corners[start : start + most]
            made.append(shapely.LineString(run))
    return made
