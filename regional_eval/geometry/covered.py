"""When is a site covered (是否落在评估范围内)? Never by an exact predicate: those are wrong three times of four.

Rule V1: what is left is at most max(1 m², 0.1 % of the site) AND nowhere wider than 0.5 m. The share forgives rounding
and survey noise along a long edge, the width refuses a thin long strip that really lies outside
(design/spatial.md section 3; docs/algorithms/reuse.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from regional_eval.geometry.planes import from_plane
from regional_eval.geometry.repair import polygons_only
from regional_eval.rules.answers import Cover

DECIMALS = 9
# Seams between pieces that were rounded to a centimetre apart close on this grid.
SEAM_M = 0.05
# How far a mitre may reach where a border is moved, in widths of the move (the library's own limit).
MITRE = 5.0


@dataclass(frozen=True)
class CoveredRule:
    """One version of the rule; a decision keeps the version it was made under."""

    version: str
    largest_m2: float
    largest_share: float
    widest_m: float

    def holds(self, remainder: BaseGeometry, site_m2: float) -> bool:
        """Is what is left nothing but noise?"""
        if remainder.area > max(self.largest_m2, self.largest_share * site_m2):
            return False
        return not self.wide(remainder)

    def wide(self, remainder: BaseGeometry) -> bool:
        """Is it anywhere wider than the rule allows?

        What lies within a metre of a border of this length has this area at most, so that most of what is really left
        need not be shrunk to see it: the shrinking with mitres reaches at most five times as deep as half the width.
        """
        reach = MITRE * self.widest_m / 2
        rings = shapely.get_num_geometries(remainder) + int(holes_of(remainder).sum())
        if remainder.area > 2 * reach * remainder.length + rings * math.pi * reach * reach:
            return True
        return (
            not remainder.is_empty
            and not remainder.buffer(-self.widest_m / 2, join_style="mitre", mitre_limit=MITRE).is_empty
        )


COVERED_V1 = CoveredRule("V1", largest_m2=1.0, largest_share=0.001, widest_m=0.5)
RULES = {COVERED_V1.version: COVERED_V1}


def holes_of(shape: BaseGeometry) -> NDArray[np.int64]:
    """How many holes each part of a shape has."""
    found: NDArray[np.int64] = shapely.get_num_interior_rings(shapely.get_parts(shape))
    return found


def remainder_of(site: BaseGeometry, land: Sequence[BaseGeometry]) -> BaseGeometry:
    """What of the site no piece covers, in the plane."""
    if not land:
        return site
    together = land[0] if len(land) == 1 else shapely.union_all(land)
    return polygons_only(shapely.difference(site, together))


def without_seams(left: BaseGeometry, land: Sequence[BaseGeometry]) -> BaseGeometry:
    """The remainder after the seams of a few centimetres between the pieces are closed."""
    return polygons_only(shapely.difference(left, shapely.union_all(land, grid_size=SEAM_M)))


def cover_of(site: BaseGeometry, pieces: Iterable[BaseGeometry], rule: CoveredRule = COVERED_V1) -> Cover:
    """Do the pieces together cover the site by the rule? With the share and what remains to be assessed (补评范围).

    Seams are closed to decide, not to measure: what is reported as the remainder is as exact as the borders.
    """
    land = list(pieces)
    if any(piece is site for piece in land):
        return Cover(covered=True, share=1.0, remainder_m2=0.0, remainder=None)
    site_m2 = float(site.area)
    left = remainder_of(site, land)
    covered = rule.holds(left, site_m2) or (len(land) > 1 and rule.holds(without_seams(left, land), site_m2))
    if not covered:
        left = worth_assessing(left, rule)
    left_m2 = float(left.area)
    share = 1.0 - left_m2 / site_m2 if site_m2 else 0.0
    return Cover(
        covered=covered,
        share=min(max(share, 0.0), 1.0),
        remainder_m2=left_m2,
        remainder=None if covered else as_geojson(left),
    )


def worth_assessing(left: BaseGeometry, rule: CoveredRule) -> BaseGeometry:
    """Without the slivers, unless it is nothing but slivers."""
    parts = [part for part in shapely.get_parts(left) if rule.wide(part)]
    if not parts:
        return left
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def as_geojson(plane: BaseGeometry) -> dict[str, Any] | None:
    """A shape of the plane as GeoJSON in EPSG:4490; None for an empty one."""
    if plane.is_empty:
        return None
    return lonlat_geojson(from_plane(plane))


def lonlat_geojson(lonlat: BaseGeometry) -> dict[str, Any]:
    """GeoJSON with nine decimals, outer rings counter-clockwise, plain lists."""
    rounded = shapely.transform(shapely.orient_polygons(lonlat), lambda xy: xy.round(DECIMALS))
    if rounded.geom_type == "Polygon":
        return {"type": "Polygon", "coordinates": rings(rounded)}
    if rounded.geom_type == "MultiPolygon":
        return {"type": "MultiPolygon", "coordinates": [rings(part) for part in rounded.geoms]}
    content: dict[str, Any] = rounded.__geo_interface__
    return content


def rings(polygon: BaseGeometry) -> list[list[list[float]]]:
    """The rings of one polygon as lists."""
    return [[list(corner) for corner in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
