"""A site on the ground (用地): what is asked about, measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from ledger.errors import Refused
from regional_eval.geometry.areas import PlanarArea, mu, planar_area
from regional_eval.geometry.planes import LONLAT
from regional_eval.geometry.recognise import declared_epsg, named_in, recognise
from regional_eval.geometry.repair import Land, Rejected, land_of, ring_of
from regional_eval.words import _

MOST_SITE_CORNERS = 20_000
LARGEST_SITE_M2 = 5_000_000_000.0
MOST_DEPTH = 16


@dataclass(frozen=True)
class Ground:
    """One site: as filed and in the equal-area plane, with what a check prints."""

    lonlat: BaseGeometry
    plane: BaseGeometry
    area_m2: float
    crs_used: int
    crs_how: str
    planar: PlanarArea
    sha256: str
    repair: dict[str, Any] | None = None

    @property
    def mu(self) -> float:
        """亩."""
        return mu(self.area_m2)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """In the plane."""
        minx, miny, maxx, maxy = self.plane.bounds
        return minx, miny, maxx, maxy


def read_ground(content: Mapping[str, Any], *, declared: str = "", zone_epsg: int | None = None) -> Ground:
    """The site in a GeoJSON object. A legal boundary is never repaired silently: a fault is Refused with its place.

    `declared` is the system named beside the file (it must agree with what the file says itself), `zone_epsg` the
    district's Gauss-Krueger zone for the area that papers show.
    """
    polygons = list(polygons_in(content))
    named, said = named_in(content), declared_epsg(declared)
    inside = declared_epsg(named)
    if said is not None and inside is not None and said != inside:
        raise fault(
            "crs_differs",
            _("文件注明的坐标系是 EPSG:%(named)s，声明的是 EPSG:%(declared)s，请核对后选择一致的坐标系。")
            % {"named": inside, "declared": said},
        )
    corners = corners_of(polygons)
    system = recognise(corners, said or inside, zone_epsg)
    land = land_of(polygons, system.epsg)
    if isinstance(land, Rejected):
        raise fault(land.code, rejected_in_words(land))
    return ground_of(land, system.epsg, system.how, zone_epsg)


def ground_of(land: Land, epsg: int, how: str, zone_epsg: int | None = None) -> Ground:
    """A site of read land; Refused when it had to be repaired or is no plausible size."""
    if land.repair is not None:
        place = land.repair.place
        where = f"({place[0]:.6f}, {place[1]:.6f})" if place else ""
        raise fault(*fault_in_words(land.repair.codes, where))
    if land.area_m2 > LARGEST_SITE_M2:
        raise fault(
            "too_large_area",
            _("用地面积 %(area)s 平方公里，超出合理范围，请核对坐标。") % {"area": f"{land.area_m2 / 1e6:.0f}"},
        )
    return Ground(
        lonlat=land.lonlat,
        plane=land.plane,
        area_m2=land.area_m2,
        crs_used=epsg,
        crs_how=how,
        planar=planar_area(land.lonlat, zone_epsg),
        sha256=land.sha256,
    )


def stored_ground(boundary: Mapping[str, Any], zone_epsg: int | None = None) -> Ground:
    """The site of a boundary that was checked when it was filed (EPSG:4490)."""
    return read_ground(boundary, declared=f"EPSG:{LONLAT}", zone_epsg=zone_epsg)


def fault(code: str, message: str) -> Refused:
    """A refusal of the boundary."""
    return Refused(code, message, field="boundary")


def polygons_in(content: Any, depth: int = 0) -> list[list[list[Any]]]:
    """Every polygon of a GeoJSON object as its list of rings. Refused: none, or something that is no polygon."""
    named = content.get("type") if isinstance(content, Mapping) else None
    kind = named if isinstance(named, str) else ""
    if depth > MOST_DEPTH:
        raise fault("not_geojson", _("图形嵌套过深，请导出为一个面（Polygon）。"))
    if kind in {"FeatureCollection", "GeometryCollection"}:
        members = content.get("features" if kind == "FeatureCollection" else "geometries")
        if not isinstance(members, list) or not members:
            raise fault("empty", _("文件里没有图形，请导出项目边界这一个面。"))
        return [polygon for member in members for polygon in polygons_in(member, depth + 1)]
    if kind == "Feature":
        return polygons_in(content.get("geometry"), depth + 1)
    coordinates = content.get("coordinates") if isinstance(content, Mapping) else None
    if kind in {"Polygon", "MultiPolygon"} and (not isinstance(coordinates, list) or not coordinates):
        raise fault("empty", _("图形的坐标为空，请重新导出。"))
    if kind == "Polygon":
        return [rings_in(coordinates)]
    if kind == "MultiPolygon" and coordinates is not None:
        return [rings_in(polygon) for polygon in coordinates]
    raise fault(
        "not_polygon",
        _("边界必须是面（Polygon 或 MultiPolygon），文件中的图形类型是：%(kind)s。") % {"kind": (kind or _("空"))[:40]},
    )


def rings_in(polygon: Any) -> list[Any]:
    """The rings of one polygon, each a list."""
    if not isinstance(polygon, list) or not polygon or not all(isinstance(ring, list) for ring in polygon):
        raise fault("empty", _("图形的坐标为空，请重新导出。"))
    return polygon


def corners_of(polygons: list[list[list[Any]]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """All corners as rows. Refused: too many, or a position that is no pair of numbers."""
    count = sum(len(ring) for polygon in polygons for ring in polygon)
    if count > MOST_SITE_CORNERS:
        raise fault(
            "too_many_points",
            _("边界顶点过多（%(count)s 个，最多 %(most)s 个），请抽稀后重试。")
            % {"count": count, "most": MOST_SITE_CORNERS},
        )
    rings = [ring_of(ring) for polygon in polygons for ring in polygon]
    if any(ring is None for ring in rings):
        raise fault("bad_position", rejected_in_words(Rejected("bad_position")))
    return np.vstack([ring for ring in rings if ring is not None])


def rejected_in_words(rejected: Rejected) -> str:
    """Why a feature is no land, in the reader's language."""
    words = {
        "empty": _("没有图形。"),
        "not_polygon": _("不是面图形。"),
        "not_line": _("不是线图形。"),
        "bad_position": _("有一个顶点的坐标不是数字，请重新导出。"),
        "too_few_points": _("边界至少需要三个不同的顶点。"),
        "too_many_points": _("顶点过多（最多 %(most)s 个），请抽稀后重新导出。"),
        "zero_area": _("围成的面积为零，请检查顶点是否都在一条线上。"),
        "out_of_range": _("有坐标不在国内范围，请核对坐标系和坐标数值。"),
    }
    return words[rejected.code] % rejected.params


def fault_in_words(codes: tuple[str, ...], place: str) -> tuple[str, str]:
    """The gravest fault of a boundary, where, and how to mend it."""
    words = {
        "self_crossing": _("边界在 %(place)s 处自相交，请调整顶点顺序，让边界不交叉。"),
        "parts_overlap": _("几块地在 %(place)s 附近重叠或共用边界，请合并成一块或完全分开。"),
        "bad_hole": _("内孔在 %(place)s 处伸出了外边界，请检查内孔。"),
        "ring_touches_itself": _("边界在 %(place)s 处碰到自己（尖刺或重复的边），请删去多余的顶点。"),
        "invalid": _("边界的形状在 %(place)s 处有问题，请检查后重新绘制。"),
        "open_ring": _("边界没有闭合，请让最后一点与第一点相同。"),
        "collapsed_part": _("有一块地不足三个不同的顶点，请删去或补全。"),
        "collapsed_hole": _("有一个内孔不足三个不同的顶点，请删去或补全。"),
        "crumbs_dropped": _("边界带有小于 1 平方米的碎块，请删去。"),
        "snapped": _("围成的面积不足 1 平方米。"),
    }
    code = next(code for code in words if code in codes)
    return code, words[code] % {"place": place}
