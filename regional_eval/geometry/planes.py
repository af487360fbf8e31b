"""Coordinate systems of land in China and the way between them (坐标系).

At rest: EPSG:4490 (CGCS2000 longitude, latitude). For overlays: one equal-area plane for the whole country, so that
shares are exact everywhere and no two layers ever meet in different zones (design/spatial.md section 2).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

LONLAT = 4490
# Ellipsoidal Albers, exact to 1e-7 of an area anywhere in the country.
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m +no_defs"
# Without the datum's name, so that PROJ neither looks for a shift nor for a grid.
GEOGRAPHIC = "+proj=longlat +ellps=GRS80 +no_defs"
# China with its islands.
LON_RANGE = (73.0, 136.0)
LAT_RANGE = (3.0, 54.0)
# Gauss-Krueger zones of CGCS2000: 3 degrees wide with the zone's number before the easting and without, and 6 degrees.
GK3_PREFIXED = range(4513, 4534)
GK3_PLAIN = range(4534, 4555)
GK6_PREFIXED = range(4491, 4502)
GK6_PLAIN = range(4502, 4513)
FIRST_ZONE_3 = 25
FIRST_ZONE_6 = 13
# A straight edge of a file is not straight in another projection: 10 km stray by 1.4 m, 1 km by 1.4 cm (it goes with L²).
LONGEST_EDGE_M = 1000.0
LONGEST_EDGE_DEGREES = 0.009


def is_gauss_krueger(epsg: int) -> bool:
    """Is it one of the 64 zones?"""
    return epsg in range(GK6_PREFIXED.start, GK3_PLAIN.stop)


def zone_of(epsg: int) -> int:
    """The zone's number (带号) of a Gauss-Krueger code."""
    if epsg in GK3_PREFIXED or epsg in GK3_PLAIN:
        return FIRST_ZONE_3 + (epsg - GK3_PREFIXED.start) % len(GK3_PREFIXED)
    return FIRST_ZONE_6 + (epsg - GK6_PREFIXED.start) % len(GK6_PREFIXED)


def width_of(epsg: int) -> int:
    """3 or 6 degrees."""
    return 3 if epsg >= GK3_PREFIXED.start else 6


def central_meridian(epsg: int) -> int:
    """Degrees east of the zone's middle (中央子午线)."""
    zone = zone_of(epsg)
    return zone * 3 if width_of(epsg) == 3 else zone * 6 - 3


def is_prefixed(epsg: int) -> bool:
    """Does the easting begin with the zone's number?"""
    return epsg in GK3_PREFIXED or epsg in GK6_PREFIXED


def plain_zone_at(lon: float) -> int:
    """The 3-degree code (4534 to 4554) in whose zone a longitude lies; what a region's own setting overrules."""
    zone = min(max(round(lon / 3), FIRST_ZONE_3), FIRST_ZONE_3 + len(GK3_PLAIN) - 1)
    return GK3_PLAIN.start + zone - FIRST_ZONE_3


def definition(epsg: int) -> str:
    """A PROJ string: spelt out, so that axis orders and databases have no say."""
    if epsg == LONLAT:
        return GEOGRAPHIC
    if not is_gauss_krueger(epsg):
        raise ValueError(f"EPSG:{epsg} is no CGCS2000 system known here")
    easting = 500_000 + (zone_of(epsg) * 1_000_000 if is_prefixed(epsg) else 0)
    return f"+proj=tmerc +lat_0=0 +lon_0={central_meridian(epsg)} +k=1 +x_0={easting} +ellps=GRS80 +units=m +no_defs"


@lru_cache(maxsize=160)
def way(source: str, target: str) -> Any:
    """A transformer between two PROJ strings; making one costs more than using it a hundred times."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def moved(shape: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """The same land in other coordinates; what cannot be moved becomes infinite, which the reader refuses."""
    return shapely.transform(shape, way(source, target).transform, interleaved=False)


def to_lonlat(shape: BaseGeometry, epsg: int) -> BaseGeometry:
    """From a system of the file to EPSG:4490, vertex by vertex."""
    return shape if epsg == LONLAT else moved(shape, definition(epsg), GEOGRAPHIC)


def to_plane(shape: BaseGeometry, epsg: int = LONLAT) -> BaseGeometry:
    """From a system of the file to the equal-area plane; long edges get vertices first, so that they stay where they are."""
    longest = LONGEST_EDGE_DEGREES if epsg == LONLAT else LONGEST_EDGE_M
    if longest_edge(shape) > longest:
        shape = shapely.segmentize(shape, longest)
    return moved(shape, definition(epsg), ALBERS)


def from_plane(shape: BaseGeometry) -> BaseGeometry:
    """From the equal-area plane to EPSG:4490."""
    return moved(shape, ALBERS, GEOGRAPHIC)


def box_in_plane(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The box in the plane that holds a lon/lat box."""
    minx, miny, maxx, maxy = to_plane(shapely.segmentize(shapely.box(*bounds), LONGEST_EDGE_DEGREES)).bounds
    return minx, miny, maxx, maxy


def box_in_lonlat(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The lon/lat box that holds a box of the plane."""
    minx, miny, maxx, maxy = from_plane(shapely.segmentize(shapely.box(*bounds), LONGEST_EDGE_M)).bounds
    return minx, miny, maxx, maxy


def longest_edge(shape: BaseGeometry) -> float:
    """Length of the longest edge in the shape's own units (jumps between rings count too: at worst a needless look)."""
    corners = shapely.get_coordinates(shape)
    if len(corners) < 2:
        return 0.0
    steps = np.diff(corners, axis=0)
    return math.sqrt(float((steps * steps).sum(axis=1).max()))
