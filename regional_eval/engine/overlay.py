"""Cutting sites with tiles (叠加): the parts that features take, each put together from its tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.port import TOUCH_M2
from regional_eval.geometry.repair import polygons_only

NOTHING = shapely.Polygon()
# So few pairs are cut sooner one by one than arrays are set up for them.
FEW = 6


def cut_pairs(sites: NDArray[Any], tiles: NDArray[Any]) -> NDArray[Any]:
    """What each tile takes of its site, pair by pair, all at once; the sites should be prepared."""
    parts: NDArray[Any] = np.full(len(tiles), NOTHING, dtype=object)
    if len(tiles) <= FEW:
        for at in range(len(tiles)):
            parts[at] = cut_one(sites[at], tiles[at])
        return parts
    meet = shapely.intersects(sites, tiles)
    parts[meet] = cut_meeting(sites[meet], tiles[meet])
    return parts


def cut_one(site: BaseGeometry, tile: BaseGeometry) -> BaseGeometry:
    """The same for one pair."""
    if not shapely.intersects(site, tile):
        return NOTHING
    if shapely.covered_by(site, tile):
        return site
    return tile if shapely.covers(site, tile) else shapely.intersection(tile, site)


def cut_meeting(sites: NDArray[Any], tiles: NDArray[Any]) -> NDArray[Any]:
    """The same for pairs that meet.

    A third of the pairs needs no overlay, which is what costs: a site inside a tile is taken whole and comes back as
    the very object, so that whoever asks what is left of it knows at a glance.
    """
    of_sites, of_tiles = shapely.bounds(sites), shapely.bounds(tiles)
    whole = boxes_lie_in(of_sites, of_tiles)
    whole[whole] = shapely.covered_by(sites[whole], tiles[whole])
    inside = ~whole & boxes_lie_in(of_tiles, of_sites)
    inside[inside] = shapely.covers(sites[inside], tiles[inside])
    cut = ~whole & ~inside
    parts = np.where(whole, sites, tiles)
    parts[cut] = shapely.intersection(tiles[cut], sites[cut])
    return parts


def boxes_lie_in(inner: NDArray[np.float64], outer: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the inner boxes lie in their outer ones: what does not needs no exact look."""
    found: NDArray[np.bool_] = np.logical_and(
        (inner[:, :2] >= outer[:, :2]).all(axis=1), (inner[:, 2:] <= outer[:, 2:]).all(axis=1)
    )
    return found


def part_of(site: BaseGeometry, tiles: Sequence[BaseGeometry] | NDArray[Any]) -> BaseGeometry:
    """What of the site the tiles of one feature take; `site` should be prepared. Empty when nothing."""
    return together(site, cut_pairs(np.full(len(tiles), site, dtype=object), np.asarray(tiles, dtype=object)))


def together(site: BaseGeometry, parts: Sequence[BaseGeometry] | NDArray[Any]) -> BaseGeometry:
    """The parts of one feature as one shape without lines and points; empty when they only touch the site."""
    if any(part is site for part in parts):
        return site
    areas = shapely.area(parts)
    real = [part for part, area in zip(parts, areas, strict=True) if area > TOUCH_M2]
    if not real:
        return NOTHING
    whole = real[0] if len(real) == 1 else shapely.union_all(real)
    return whole if whole.geom_type == "Polygon" else polygons_only(whole)


def near(site: BaseGeometry, lines: Sequence[BaseGeometry], reach_m: float) -> tuple[BaseGeometry, float] | None:
    """The lines of one feature within reach: what runs through the site (else the nearest line), and how far it is."""
    distances = [float(shapely.distance(site, line)) for line in lines]
    if min(distances) > reach_m:
        return None
    if min(distances) > 0:
        return lines[distances.index(min(distances))], min(distances)
    through = shapely.union_all([shapely.intersection(site, line) for line in lines])
    return through, 0.0
