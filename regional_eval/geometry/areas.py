"""Areas (面积): equal-area for shares and decisions, Gauss-Krueger for the figure that papers show, 亩."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from regional_eval.geometry.planes import (
    ALBERS,
    GEOGRAPHIC,
    central_meridian,
    definition,
    moved,
    plain_zone_at,
    zone_of,
)

MU_PER_M2 = Fraction(3, 2000)
GEOD: Any = pyproj.Geod(ellps="GRS80")


@dataclass(frozen=True)
class PlanarArea:
    """An area as land papers show it: it depends on the zone, so the zone goes with it."""

    m2: float
    epsg: int
    zone: int
    central_meridian: int


def equal_area_m2(lonlat: BaseGeometry) -> float:
    """m² on the ellipsoid, by the equal-area plane (within 1e-7)."""
    return float(moved(lonlat, GEOGRAPHIC, ALBERS).area)


def geodesic_m2(lonlat: BaseGeometry) -> float:
    """m² by geodesic edges: slow and independent of the plane, to check the other by."""
    total = 0.0
    for part in shapely.get_parts(lonlat):
        total += abs(GEOD.polygon_area_perimeter(*part.exterior.coords.xy)[0])
        for ring in part.interiors:
            total -= abs(GEOD.polygon_area_perimeter(*ring.coords.xy)[0])
    return total


def planar_area(lonlat: BaseGeometry, epsg: int | None = None) -> PlanarArea:
    """m² in the plane of a zone: the one given, else the 3-degree zone of the centroid."""
    code = epsg or plain_zone_at(lonlat.centroid.x)
    area = float(moved(lonlat, GEOGRAPHIC, definition(code)).area)
    return PlanarArea(area, code, zone_of(code), central_meridian(code))


def planar_distance_m(lonlat: BaseGeometry, plane: BaseGeometry, epsg: int) -> float:
    """Metres between a site and a shape of the equal-area plane, measured in a Gauss-Krueger zone.

    Equal areas cost true lengths: in the equal-area plane a distance is up to 3 % off, which a setback must not be.
    """
    zone = definition(epsg)
    return float(shapely.distance(moved(lonlat, GEOGRAPHIC, zone), moved(plane, ALBERS, zone)))


def mu(m2: float) -> float:
    """亩: exactly 3/2000 of m², rounded once."""
    return float(Fraction(m2) * MU_PER_M2)
