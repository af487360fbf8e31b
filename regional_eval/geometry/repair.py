"""From the rings of a file to land (入库检查与修复): taken as filed, repaired with a report, or rejected with a reason.

Never `buffer(0)`, which loses half of a bow tie without a word. What a repair changed is told with the area before and
after; a change of more than a thousandth asks for a person's look (design/spatial.md section 3, import pipeline).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from regional_eval.geometry.planes import (
    ALBERS,
    LAT_RANGE,
    LON_RANGE,
    LONLAT,
    definition,
    from_plane,
    moved,
    to_lonlat,
    to_plane,
)

MOST_CORNERS = 500_000
SMALLEST_PART_M2 = 1.0
# No coordinate of any system here is larger.
LARGEST_NUMBER = 1e8
# Nor does any program write a larger one; beyond it a position is no position (NaN and infinity with it).
LARGEST_WRITTEN = 1e15
GRID_M = 0.001
ASK_ABOVE = 0.001
VALID = "Valid Geometry"
Ring = NDArray[np.float64]


@dataclass(frozen=True)
class Repair:
    """What was done to one feature (修复记录)."""

    codes: tuple[str, ...]
    place: tuple[float, float] | None
    area_before_m2: float
    area_after_m2: float
    dropped_parts: int = 0
    dropped_m2: float = 0.0

    @property
    def area_change(self) -> float:
        """Share of the larger of both areas; negative when land was lost."""
        larger = max(self.area_before_m2, self.area_after_m2)
        return (self.area_after_m2 - self.area_before_m2) / larger if larger else 0.0

    @property
    def needs_look(self) -> bool:
        """Must a person compare before and after?"""
        return abs(self.area_change) > ASK_ABOVE

    def as_json(self, index: int) -> dict[str, Any]:
        """For the report, which is kept with the layer version."""
        return {
            "index": index,
            "area_change": round(self.area_change, 9),
            "area_before_m2": round(self.area_before_m2, 3),
            "area_after_m2": round(self.area_after_m2, 3),
            "codes": list(self.codes),
            "place": [round(value, 6) for value in self.place] if self.place else None,
            "dropped_parts": self.dropped_parts,
            "dropped_m2": round(self.dropped_m2, 3),
            "needs_look": self.needs_look,
        }


@dataclass(frozen=True)
class Land:
    """One feature that may be stored: EPSG:4490 and the equal-area plane, with its repair if there was one."""

    lonlat: BaseGeometry
    plane: BaseGeometry
    area_m2: float
    sha256: str
    repair: Repair | None = None


@dataclass(frozen=True)
class Rejected:
    """A feature that is no land: `code` of the closed list below, with figures for the sentence."""

    code: str
    params: dict[str, str | int | float] = field(default_factory=dict)


# empty, not_polygon, not_line, bad_position, too_few_points, too_many_points, zero_area, out_of_range
Polygons = Sequence[Sequence[Sequence[Any]]]


def land_of(polygons: Polygons, epsg: int) -> Land | Rejected:
    """A polygon or several, each the list of its rings, in the system `epsg` of the file."""
    read = rings_of(polygons)
    if isinstance(read, Rejected):
        return read
    parts, codes = read
    shape = built(parts)
    # Judged in the numbers of the file: what coincides there exactly would come apart, or meet, in another plane.
    reason = shapely.is_valid_reason(shape)
    plane = to_plane(shape, epsg)
    if not np.isfinite(shapely.get_coordinates(plane)).all() or not in_country(to_lonlat(shape, epsg)):
        return Rejected("out_of_range")
    measured = float(moved(shape, definition(epsg), ALBERS).area)
    if not codes and reason == VALID and shapely.is_valid(plane) and measured >= SMALLEST_PART_M2:
        lonlat = to_lonlat(shape, epsg)
        return finished(lonlat, plane, measured, None)
    return mended(shape, epsg, measured, codes)


def in_country(lonlat: BaseGeometry) -> bool:
    """Whole inside the country; one corner astray is a slip of the pen."""
    low_x, low_y, high_x, high_y = lonlat.bounds
    return bool(LON_RANGE[0] <= low_x <= high_x <= LON_RANGE[1] and LAT_RANGE[0] <= low_y <= high_y <= LAT_RANGE[1])


def rings_of(polygons: Polygons) -> tuple[list[list[Ring]], set[str]] | Rejected:
    """The rings as arrays, closed; what was closed is named. Numbers that are none reject the feature."""
    codes: set[str] = set()
    parts: list[list[Ring]] = []
    corners = 0
    for polygon in polygons:
        rings: list[Ring] = []
        for position, raw in enumerate(polygon):
            corners += len(raw)
            if corners > MOST_CORNERS:
                return Rejected("too_many_points", {"most": MOST_CORNERS})
            ring = ring_of(raw)
            if ring is None:
                return Rejected("bad_position")
            if len(ring) and np.abs(ring).max() > LARGEST_NUMBER:
                return Rejected("out_of_range")
            if len(ring) and not np.array_equal(ring[0], ring[-1]):
                codes.add("open_ring")
                ring = np.vstack([ring, ring[:1]])
            if len(ring) < 4:
                if position == 0:
                    codes.add("collapsed_part")
                    break
                codes.add("collapsed_hole")
                continue
            rings.append(ring)
        if rings:
            parts.append(rings)
    if not parts:
        return Rejected("too_few_points" if codes else "empty")
    return parts, codes


def ring_of(raw: Any) -> Ring | None:
    """Columns x and y; None when a position is no pair of finite numbers."""
    if isinstance(raw, np.ndarray):
        ring = raw[:, :2].astype(float)
        return ring if np.isfinite(ring).all() else None
    pairs: list[tuple[float, float]] = []
    for position in raw:
        if not isinstance(position, list | tuple) or len(position) < 2:
            return None
        x, y = position[0], position[1]
        for value in (x, y):
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            # A whole number of hundreds of digits is no float, and cannot even be asked whether it is finite.
            if not -LARGEST_WRITTEN < value < LARGEST_WRITTEN:
                return None
        pairs.append((float(x), float(y)))
    return np.array(pairs, dtype=float).reshape(-1, 2)


def built(parts: list[list[Ring]]) -> BaseGeometry:
    """The shape as given, valid or not."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def mended(shape: BaseGeometry, epsg: int, before: float, codes: set[str]) -> Land | Rejected:
    """`make_valid` by structure, polygons only, no crumbs, on a millimetre grid; what it did is told."""
    place: tuple[float, float] | None = None
    reason = shapely.is_valid_reason(shape)
    if reason != VALID:
        code, place = fault_of(reason, shape, epsg)
        codes = codes | {code}
        shape = polygons_only(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    made = to_plane(shape, epsg)
    if not shapely.is_valid(made):
        made = polygons_only(shapely.make_valid(made, method="structure", keep_collapsed=False))
    made = polygons_only(shapely.set_precision(made, GRID_M))
    parts = shapely.get_parts(made)
    areas = shapely.area(parts)
    kept = parts[areas >= SMALLEST_PART_M2]
    if len(kept) == 0:
        return Rejected("zero_area", {"area_m2": round(float(areas.sum()), 3)})
    crumbs = areas[areas < SMALLEST_PART_M2]
    if len(crumbs):
        codes = codes | {"crumbs_dropped"}
    made = kept[0] if len(kept) == 1 else shapely.MultiPolygon(list(kept))
    repair = Repair(
        codes=tuple(sorted(codes)) or ("snapped",),
        place=place,
        area_before_m2=before,
        area_after_m2=float(made.area),
        dropped_parts=len(crumbs),
        dropped_m2=float(crumbs.sum()),
    )
    return finished(from_plane(made), made, float(made.area), repair)


def finished(lonlat: BaseGeometry, plane: BaseGeometry, area_m2: float, repair: Repair | None) -> Land:
    """Rings turned the usual way round, and the digest of the land."""
    lonlat = shapely.orient_polygons(lonlat)
    plane = shapely.orient_polygons(plane)
    return Land(lonlat, plane, area_m2, digest(lonlat), repair)


def digest(lonlat: BaseGeometry) -> str:
    """The same land gives the same digest: coordinates to a tenth of a millimetre, wherever the ring begins."""
    rounded = shapely.normalize(shapely.transform(lonlat, lambda xy: xy.round(9) + 0.0))
    return hashlib.sha256(shapely.to_wkb(rounded, byte_order=1)).hexdigest()


def polygons_only(shape: BaseGeometry) -> BaseGeometry:
    """Without the lines and points that a repair or an overlay leaves."""
    parts = [part for part in flat(shape) if part.geom_type == "Polygon" and not part.is_empty]
    if len(parts) == 1:
        return parts[0]
    return shapely.MultiPolygon(parts)


def flat(shape: BaseGeometry) -> list[BaseGeometry]:
    """The simple parts of a collection of collections."""
    if shape.geom_type in {"Polygon", "LineString", "Point", "LinearRing"}:
        return [shape]
    return [simple for part in shapely.get_parts(shape) for simple in flat(part)]


def fault_of(reason: str, shape: BaseGeometry, epsg: int) -> tuple[str, tuple[float, float] | None]:
    """The library's verdict as a code, and where, in longitude and latitude."""
    found = re.search(r"\[(-?[\d.eE+-]+) (-?[\d.eE+-]+)\]", reason)
    place = None
    if found:
        spot = to_lonlat(shapely.Point(float(found[1]), float(found[2])), epsg)
        place = (float(spot.x), float(spot.y))
    lower = reason.lower()
    if "ring self" in lower:
        return "ring_touches_itself", place
    if "self-intersection" in lower:
        parts = shapely.get_parts(shape)
        return ("parts_overlap" if len(parts) > 1 and shapely.is_valid(parts).all() else "self_crossing"), place
    if "nested" in lower:
        return "parts_overlap", place
    if "hole" in lower:
        return "bad_hole", place
    if "too few" in lower:
        return "collapsed_part", place
    return "invalid", place


def line_land(lines: Sequence[Sequence[Any]], epsg: int) -> Land | Rejected:
    """A line or several, of the two plan layers that consist of lines (建筑控制线, 管线)."""
    read: list[Ring] = []
    for raw in lines:
        line = ring_of(raw)
        if line is None:
            return Rejected("bad_position")
        if len(line) > MOST_CORNERS:
            return Rejected("too_many_points", {"most": MOST_CORNERS})
        if len(line) and np.abs(line).max() > LARGEST_NUMBER:
            return Rejected("out_of_range")
        if len(np.unique(line, axis=0)) > 1:
            read.append(line)
    if not read:
        return Rejected("too_few_points" if lines else "empty")
    shape = shapely.LineString(read[0]) if len(read) == 1 else shapely.MultiLineString(read)
    plane = to_plane(shape, epsg)
    lonlat = to_lonlat(shape, epsg)
    if not np.isfinite(shapely.get_coordinates(plane)).all() or not in_country(lonlat):
        return Rejected("out_of_range")
    return Land(lonlat, plane, 0.0, digest(lonlat))


def lonlat_land(lonlat: BaseGeometry) -> Land | Rejected:
    """A shape that is already in EPSG:4490 (a drawn boundary, a stored feature)."""
    parts = [[list(ring.coords) for ring in (part.exterior, *part.interiors)] for part in shapely.get_parts(lonlat)]
    return land_of(parts, LONLAT)
