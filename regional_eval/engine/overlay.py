"""Cutting a site with tiles (叠加): the part that a feature takes, put together from its tiles."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.port import TOUCH_M2
from regional_eval.geometry.repair import polygons_only

NOTHING = shapely.Polygon()


def part_of(site: BaseGeometry, tiles: Sequence[BaseGeometry]) -> BaseGeometry:
    """What of the site the tiles of one feature take; `site` should be prepared. Empty when nothing."""
    parts: list[BaseGeometry] = []
    for tile in tiles:
        if not shapely.intersects(site, tile):
            continue
        if shapely.covers(site, tile):
            parts.append(tile)
            continue
        part = shapely.intersection(tile, site)
        if part.area > TOUCH_M2:
            parts.append(part if part.geom_type == "Polygon" else polygons_only(part))
    if not parts:
        return NOTHING
    return parts[0] if len(parts) == 1 else polygons_only(shapely.union_all(parts))


def near(site: BaseGeometry, lines: Sequence[BaseGeometry], reach_m: float) -> tuple[BaseGeometry, float] | None:
    """The lines of one feature within reach: what runs through the site (else the nearest line), and how far it is."""
    distances = [float(shapely.distance(site, line)) for line in lines]
    if min(distances) > reach_m:
        return None
    if min(distances) > 0:
        return lines[distances.index(min(distances))], min(distances)
    through = shapely.union_all([shapely.intersection(site, line) for line in lines])
    return through, 0.0
