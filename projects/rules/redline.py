"""The red line (用地红线): read a boundary, refuse what is none, measure it. Pure.

Stored in EPSG:4490 (CGCS2000 longitude, latitude). A legal boundary is never repaired silently: what is wrong is named
with its place, and the applicant mends it. Basis: domain/identifiers.md section 5, design/spatial.md sections 2 and 3.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from ledger.errors import Invalid
from projects.words import _
from regional_eval.geometry.areas import equal_area_m2, planar_area
from regional_eval.geometry.planes import GK3_PLAIN, GK3_PREFIXED, LAT_RANGE, LON_RANGE, to_lonlat
from regional_eval.geometry.recognise import named_in, normal_name

FIELD = "boundary"
LARGEST_TEXT = 5 * 1024 * 1024
MOST_POINTS = 20_000
SMALLEST_M2 = 1.0
LARGEST_M2 = 5_000_000_000.0
DECIMALS = 9  # about a tenth of a millimetre

SAME_AS_4490 = frozenset(
    {"EPSG:4490", "EPSG:4326", "CRS84", "OGC:CRS84", "EPSG:4480", "CGCS2000", "WGS84", "EPSG:4979"}
)
WEB_MAP = frozenset({"GCJ02", "GCJ-02", "BD09", "BD-09", "EPSG:3857", "EPSG:900913", "EPSG:3785", "MARS"})


@dataclass(frozen=True)
class RedLine:
    """A boundary that may be filed."""

    geojson: dict[str, Any]
    area_m2: float
    area_legal_m2: float
    epsg: int
    bounds: tuple[float, float, float, float]
    centroid: tuple[float, float]
    points: int
    datum: str
    sha256: str

    @property
    def area_mu(self) -> float:
        """The planar area in 亩 (1 亩 = 2000/3 m²)."""
        return self.area_legal_m2 * 3 / 2000


def read_red_line(raw: str | bytes | Mapping[str, Any], *, epsg: int, datum: str = "") -> RedLine:
    """The red line in GeoJSON `raw`, measured in the district's zone `epsg` (planar) and on the ellipsoid.

    `datum` is what the applicant declares; a `crs` member of the file must agree with it. Invalid names the fault and
    how to mend it: not closed, crossing itself (where), no area, outside China, axes swapped, projected or web-map
    coordinates, too many points.
    """
    content = parse(raw)
    named = named_in(content)
    declared = normal_name(datum)
    if named and declared and crs_family(named) != crs_family(declared):
        raise fault(
            "crs_differs",
            _("文件注明的坐标系是 %(named)s，您选择的是 %(declared)s，请核对后选择一致的坐标系。")
            % {"named": named, "declared": declared},
        )
    crs = named or declared or "EPSG:4490"
    refuse_web_map(crs)
    rings = list(rings_of(content))
    check_rings(rings, crs)
    polygon = build(rings)
    if crs_family(crs) != "EPSG:4490":
        polygon = to_4490(polygon, crs)
    check_range(polygon)
    check_shape(polygon)
    return measure(polygon, epsg=epsg, datum=crs)


def parse(raw: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object; Invalid when it is none."""
    if isinstance(raw, Mapping):
        return raw
    if len(raw) > LARGEST_TEXT:
        raise fault("too_large", _("红线文件过大（最多 5 MB），请只导出本项目的边界。"))
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise fault(
            "not_json", _("红线文件不是有效的 GeoJSON，请从制图软件导出 GeoJSON（UTF-8）后重新上传。")
        ) from error
    if not isinstance(content, dict):
        raise fault("not_geojson", _("红线文件不是 GeoJSON 面要素，请导出一个面（Polygon）。"))
    return content


def crs_family(crs: str) -> str:
    """Systems without a shift between them count as one (4490 and 4326 for a boundary as filed)."""
    return "EPSG:4490" if crs in SAME_AS_4490 else crs


def refuse_web_map(crs: str) -> None:
    """GCJ-02 and BD-09 are shifted by hundreds of metres, Web Mercator is no survey datum: refused as evidence."""
    if crs in WEB_MAP:
        raise fault(
            "web_map_crs",
            _(
                "网络地图坐标（火星坐标、百度坐标、网络墨卡托）与实地相差数百米，不能作为红线依据。请改用测绘成果（CGCS2000）。"
            ),
        )
    zone = re.fullmatch(r"EPSG:(\d+)", crs)
    is_zone = zone is not None and (int(zone[1]) in GK3_PREFIXED or int(zone[1]) in GK3_PLAIN)
    if crs_family(crs) != "EPSG:4490" and not is_zone:
        raise fault(
            "unknown_crs",
            _("不认识坐标系“%(crs)s”。可用：CGCS2000 经纬度（EPSG:4490）或 CGCS2000 三度带（EPSG:4513 至 4554）。")
            % {"crs": crs},
        )


def rings_of(content: Mapping[str, Any]) -> Iterable[list[Any]]:
    """Every polygon of the file as its list of rings."""
    kind = content.get("type")
    if kind == "FeatureCollection":
        features = content.get("features")
        if not isinstance(features, list) or not features:
            raise fault("empty", _("红线文件里没有图形，请导出项目边界这一个面。"))
        for feature in features:
            yield from rings_of(feature if isinstance(feature, Mapping) else {})
    elif kind == "Feature":
        geometry = content.get("geometry")
        yield from rings_of(geometry if isinstance(geometry, Mapping) else {})
    elif kind == "Polygon":
        yield list_of(content.get("coordinates"))
    elif kind == "MultiPolygon":
        for polygon in list_of(content.get("coordinates")):
            yield list_of(polygon)
    else:
        named = str(kind) if kind else _("空")
        raise fault(
            "not_polygon",
            _("红线必须是面（Polygon 或 MultiPolygon），文件中的图形类型是：%(kind)s。") % {"kind": named},
        )


def list_of(value: Any) -> list[Any]:
    """A list that is not empty."""
    if not isinstance(value, list) or not value:
        raise fault("empty", _("红线文件里的坐标为空，请重新导出。"))
    return value


def check_rings(polygons: list[list[Any]], crs: str) -> None:
    """Numbers, closed, at least three corners; then whether the numbers can be what they are said to be."""
    points = 0
    for polygon in polygons:
        for ring in polygon:
            corners = [corner_of(position) for position in list_of(ring)]
            points += len(corners)
            if points > MOST_POINTS:
                raise fault(
                    "too_many_points", _("红线顶点过多（最多 %(most)s 个），请抽稀后重新上传。") % {"most": MOST_POINTS}
                )
            if corners[0] != corners[-1]:
                raise fault(
                    "not_closed",
                    _("红线没有闭合：起点 %(first)s 与终点 %(last)s 不重合。请让最后一点与第一点相同。")
                    % {"first": place_of(corners[0]), "last": place_of(corners[-1])},
                )
            if len(set(corners)) < 3:
                raise fault(
                    "too_few_points",
                    _("红线至少需要三个不同的顶点，现只有 %(count)s 个。") % {"count": len(set(corners))},
                )
            for corner in corners:
                check_magnitude(corner, crs)


def corner_of(position: Any) -> tuple[float, float]:
    """One position; a third coordinate (height) is left out."""
    if not isinstance(position, list | tuple) or len(position) < 2:
        raise fault("bad_position", _("红线中有一个顶点不是坐标对，请重新导出。"))
    x, y = position[0], position[1]
    for value in (x, y):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise fault("bad_position", _("红线中有一个顶点的坐标不是数字：%(value)s。") % {"value": str(value)[:40]})
    return float(x), float(y)


def place_of(corner: tuple[float, float]) -> str:
    """A corner as text."""
    return f"({corner[0]:.6f}, {corner[1]:.6f})"


def check_magnitude(corner: tuple[float, float], crs: str) -> None:
    """Tell swapped axes and undeclared projected coordinates by their size."""
    x, y = corner
    if crs_family(crs) != "EPSG:4490":
        if 1_000_000 <= x <= 6_000_000 and (10_000 <= y < 1_000_000 or y >= 25_000_000):
            raise fault(
                "swapped_axes",
                _("坐标的先后写反了：应先东坐标（Y）后北坐标（X），现为 %(place)s。") % {"place": place_of(corner)},
            )
        return
    if LAT_RANGE[0] <= x <= LAT_RANGE[1] and LON_RANGE[0] <= y <= LON_RANGE[1]:
        raise fault(
            "swapped_axes",
            _("经度和纬度写反了：应先经度后纬度，例如 [%(lon)s, %(lat)s]，现为 [%(x)s, %(y)s]。")
            % {"lon": f"{y:.4f}", "lat": f"{x:.4f}", "x": f"{x:.4f}", "y": f"{y:.4f}"},
        )
    if abs(x) > 180 or abs(y) > 90:
        raise fault("projected", projected_advice(x, y))


def projected_advice(x: float, y: float) -> str:
    """What large numbers most probably are, and what to choose."""
    prefix = int(abs(x) // 1_000_000)
    if 25 <= prefix <= 45 and 1_000_000 <= abs(y) <= 6_000_000:
        return _(
            "坐标是投影坐标（第 %(zone)s 带），不是经纬度。请在坐标系中选择 EPSG:%(epsg)s，或导出为 CGCS2000 经纬度。"
        ) % {
            "zone": prefix,
            "epsg": 4488 + prefix,
        }
    if 7_000_000 <= abs(x) <= 16_000_000 and abs(y) <= 8_000_000:
        return _("坐标像是网络墨卡托投影（网络地图），不能作为红线依据。请改用测绘成果（CGCS2000）。")
    return _(
        "坐标超出了经纬度的范围，像是没有带号的投影坐标。请选择对应的三度带（EPSG:4534 至 4554），或导出为 CGCS2000 经纬度。"
    )


def build(polygons: list[list[Any]]) -> BaseGeometry:
    """A shape of the checked rings, as given: nothing is repaired."""
    parts = [
        shapely.Polygon(
            [corner_of(position) for position in polygon[0]],
            [[corner_of(position) for position in hole] for hole in polygon[1:]],
        )
        for polygon in polygons
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def check_range(polygon: BaseGeometry) -> None:
    """Inside the country, whole."""
    min_lon, min_lat, max_lon, max_lat = polygon.bounds
    inside = LON_RANGE[0] <= min_lon and max_lon <= LON_RANGE[1] and LAT_RANGE[0] <= min_lat and max_lat <= LAT_RANGE[1]
    if not inside:
        raise fault(
            "out_of_range",
            _("红线不在国内范围（经度 %(lon)s，纬度 %(lat)s）。请核对坐标系和坐标数值。")
            % {"lon": f"{min_lon:.4f}–{max_lon:.4f}", "lat": f"{min_lat:.4f}–{max_lat:.4f}"},
        )


def check_shape(polygon: BaseGeometry) -> None:
    """One clear area: not crossing itself, no parts on each other, no holes outside; the place is named."""
    area = equal_area_m2(polygon)
    reason = shapely.is_valid_reason(polygon)
    if reason != "Valid Geometry":
        raise fault(*explain(reason, polygon, area))
    if area < SMALLEST_M2:
        raise fault("zero_area", _("红线围成的面积为零，请检查顶点是否都在一条线上。"))
    if area > LARGEST_M2:
        raise fault(
            "too_large_area",
            _("红线面积 %(area)s 平方公里，超出合理范围，请核对坐标。") % {"area": f"{area / 1e6:.0f}"},
        )


def explain(reason: str, polygon: BaseGeometry, area: float) -> tuple[str, str]:
    """The library's verdict in plain words, with the crossing point."""
    found = re.search(r"\[(-?[\d.eE+-]+) (-?[\d.eE+-]+)\]", reason)
    place = f"({float(found[1]):.6f}, {float(found[2]):.6f})" if found else ""
    if area < SMALLEST_M2 and not has_lobes(polygon):
        return "zero_area", _("红线围成的面积为零，请检查顶点是否都在一条线上。")
    if "Self-intersection" in reason:
        if polygon.geom_type == "MultiPolygon" and all(part.is_valid for part in shapely.get_parts(polygon)):
            return "parts_overlap", _("红线的几块地在 %(place)s 附近重叠或共用边界，请合并成一块或完全分开。") % {
                "place": place
            }
        return "self_crossing", _("红线在 %(place)s 处自相交，请调整顶点顺序，让边界不交叉。") % {"place": place}
    if "Nested" in reason:
        return "parts_overlap", _("红线的几块地在 %(place)s 附近重叠或共用边界，请合并成一块或完全分开。") % {
            "place": place
        }
    if "Hole" in reason or "hole" in reason:
        return "bad_hole", _("红线的内孔在 %(place)s 处伸出了外边界，请检查内孔。") % {"place": place}
    return "bad_shape", _("红线的形状在 %(place)s 处有问题（边界接触或重复），请检查后重新绘制。") % {"place": place}


def has_lobes(polygon: BaseGeometry) -> bool:
    """Does a crossing boundary enclose something (a bow tie), though the signed area cancels out?"""
    repaired = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    return bool(equal_area_m2(repaired) >= SMALLEST_M2)


def to_4490(polygon: BaseGeometry, crs: str) -> BaseGeometry:
    """From a declared Gauss-Krueger zone to longitude and latitude."""
    found = to_lonlat(polygon, int(crs.removeprefix("EPSG:")))
    if not all(math.isfinite(value) for value in found.bounds):
        raise fault("out_of_range", _("坐标无法换算为经纬度，请核对所选的坐标系。"))
    return found


def measure(polygon: BaseGeometry, *, epsg: int, datum: str) -> RedLine:
    """The filed form: outer rings counter-clockwise, nine decimals, with its areas."""
    filed = shapely.transform(shapely.orient_polygons(polygon), lambda xy: xy.round(DECIMALS))
    geojson = as_geojson(filed)
    text = json.dumps(geojson, sort_keys=True, separators=(",", ":"))
    return RedLine(
        geojson=geojson,
        area_m2=equal_area_m2(filed),
        area_legal_m2=planar_area(filed, epsg).m2,
        epsg=epsg,
        bounds=tuple(filed.bounds),
        centroid=(filed.centroid.x, filed.centroid.y),
        points=int(shapely.get_num_coordinates(filed)),
        datum=datum,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def as_geojson(polygon: BaseGeometry) -> dict[str, Any]:
    """Plain lists, as JSON will hold them."""
    content: dict[str, Any] = json.loads(json.dumps(mapping(polygon)))
    return content


def fault(code: str, message: str) -> Invalid:
    """A refusal of the red line."""
    return Invalid({FIELD: [message]}, code=code)
