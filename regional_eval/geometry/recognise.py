"""Which coordinate system a file is in (坐标系识别): told by the size of its numbers, held against what is declared.

Longitude and latitude are told from a Gauss-Krueger zone, a zone with its number before the easting from one without;
swapped axes, another zone than declared, web maps and other datums are refused with a plain sentence. Coordinates of
web maps in degrees (GCJ-02, BD-09) look like any others: they are refused where the file says so, and where nothing is
declared the answer is marked as not certain, so that a person confirms it (design/spatial.md section 2d).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from ledger.errors import Refused
from regional_eval.geometry.planes import (
    FIRST_ZONE_3,
    FIRST_ZONE_6,
    GEOGRAPHIC,
    GK3_PREFIXED,
    GK6_PREFIXED,
    LAT_RANGE,
    LON_RANGE,
    LONLAT,
    central_meridian,
    definition,
    is_gauss_krueger,
    is_prefixed,
    way,
    zone_of,
)
from regional_eval.words import _

SAME_AS_LONLAT = frozenset({"EPSG:4490", "EPSG:4326", "EPSG:4480", "EPSG:4979", "CRS84", "CGCS2000", "WGS84", "WGS-84"})
WEB_MAP = frozenset(
    {"GCJ02", "GCJ-02", "BD09", "BD-09", "BD09LL", "MARS", "EPSG:3857", "EPSG:900913", "EPSG:3785", "EPSG:102100"}
)
WEB_MAP_WORDS = re.compile(r"gcj[-_ ]?02|bd[-_ ]?09|火星坐标|百度坐标|高德坐标", re.IGNORECASE)
NORTHING = (330_000.0, 6_000_000.0)
EASTING = (50_000.0, 950_000.0)
# A district lies within a degree and a half of its zone's middle; a zone too many puts it 1.5 to 4.5 degrees off.
FURTHEST_FROM_HOME = 1.6


@dataclass(frozen=True)
class Recognised:
    """The system, and how it is known: `declared`, or `magnitude` (then a person confirms)."""

    epsg: int
    how: str

    @property
    def certain(self) -> bool:
        """Was it declared?"""
        return self.how == "declared"


def refusal(code: str, message: str, next_step: str | None = None) -> Refused:
    """A refusal of the coordinates."""
    return Refused(code, message, field="crs", next_step=next_step)


def normal_name(name: str) -> str:
    """`urn:ogc:def:crs:EPSG::4490`, `epsg:4490` and `4490` are the same name."""
    text = name.strip().upper()
    code = re.search(r"(?:EPSG:(?:[^:]*:)?|^)(\d{4,6})$", text)
    if code:
        return f"EPSG:{code[1]}"
    if text.endswith("CRS84"):
        return "CRS84"
    return text.replace("_", "-")


def named_in(content: Mapping[str, Any]) -> str:
    """The system that a GeoJSON object names itself, empty when it names none."""
    crs = content.get("crs")
    if isinstance(crs, str):
        return normal_name(crs)
    if isinstance(crs, Mapping):
        properties = crs.get("properties")
        if isinstance(properties, Mapping) and isinstance(properties.get("name"), str | int):
            return normal_name(str(properties["name"]))
    return ""


def declared_epsg(name: str) -> int | None:
    """The EPSG code of a declared name, None for an empty one. Refused: web maps, other datums, unknown names."""
    normal = normal_name(name)
    if not normal:
        return None
    if normal in WEB_MAP or WEB_MAP_WORDS.search(normal):
        raise web_map()
    if normal in SAME_AS_LONLAT:
        return LONLAT
    number = re.fullmatch(r"EPSG:(\d+)", normal)
    if number and is_gauss_krueger(int(number[1])):
        return int(number[1])
    raise refusal(
        "unknown_crs",
        _("不认识坐标系“%(crs)s”。可用：CGCS2000 经纬度（EPSG:4490）或 CGCS2000 高斯-克吕格投影（EPSG:4491 至 4554）。")
        % {"crs": name[:60]},
        _("请先在制图软件中转换为 CGCS2000 坐标系再导入。"),
    )


def epsg_of_wkt(text: str) -> int | None:
    """The code of a Shapefile's .prj; None when the text says nothing usable. Refused as `declared_epsg` refuses."""
    try:
        crs = pyproj.CRS.from_user_input(text.strip())
        base = crs.geodetic_crs
        datum = f"{base.datum.name} {base.name}".lower() if base is not None and base.datum is not None else ""
        method = crs.coordinate_operation.method_name.lower() if crs.coordinate_operation is not None else ""
        values = {p.name.lower(): p.value for p in crs.coordinate_operation.params} if crs.coordinate_operation else {}
    except (pyproj.exceptions.CRSError, AttributeError):
        return None
    if "pseudo" in method or "mercator auxiliary" in method or "popular" in method:
        raise web_map()
    known = any(word in datum for word in ("china 2000", "china_2000", "cgcs2000", "china geodetic", "china_geodetic"))
    if crs.is_geographic and (known or "wgs" in datum or "world geodetic" in datum):
        return LONLAT
    meridian = next((value for name, value in values.items() if "longitude" in name), None)
    easting = next((value for name, value in values.items() if "easting" in name), None)
    if known and "transverse mercator" in method and meridian is not None and easting is not None:
        found = zone_by_meridian(float(meridian), float(easting))
        if found:
            return found
    raise refusal(
        "other_datum",
        _("文件的坐标系是“%(name)s”，不是 CGCS2000。") % {"name": crs.name[:80]},
        _("请先在制图软件中转换为 CGCS2000 坐标系再导入。"),
    )


def zone_by_meridian(meridian: float, easting: float) -> int | None:
    """The code of a zone by its middle and its false easting: 500 km, or the zone's number before it."""
    number, rest = divmod(easting, 1_000_000)
    if rest != 500_000:
        return None
    for first, width in ((GK3_PREFIXED, 3), (GK6_PREFIXED, 6)):
        for code in first:
            zone = zone_of(code)
            middle = zone * 3 if width == 3 else zone * 6 - 3
            if middle == meridian and number in (0, zone):
                return code if number else code + len(first)
    return None


def recognise(corners: NDArray[np.float64], declared: int | None, home: int | None = None) -> Recognised:
    """The system of these corners (rows of x, y). Refused when they cannot be what is declared, or nothing known.

    `home` is the zone of the district that the land must be near, where one is known.
    """
    if len(corners) == 0:
        raise refusal("empty", _("文件里没有坐标。"))
    middle = (float(np.median(corners[:, 0])), float(np.median(corners[:, 1])))
    if abs(middle[0]) <= 180 and abs(middle[1]) <= 180:
        return in_degrees(middle, declared)
    if declared == LONLAT:
        raise refusal(
            "projected",
            _("坐标是投影坐标（例如 %(x)s, %(y)s），不是经纬度。") % {"x": f"{middle[0]:.0f}", "y": f"{middle[1]:.0f}"},
            _("请选择对应的坐标系，或导出为 CGCS2000 经纬度。"),
        )
    found = in_metres(middle, declared)
    lon, lat = way(definition(found.epsg), GEOGRAPHIC).transform(*middle)
    check_country(float(lon), float(lat))
    if home is not None:
        check_home(float(lon), found.epsg, home)
    return found


def in_degrees(middle: tuple[float, float], declared: int | None) -> Recognised:
    """Longitude first, and not declared as something else."""
    x, y = middle
    if declared is not None and declared != LONLAT:
        raise refusal(
            "crs_differs",
            _("声明的坐标系是 EPSG:%(epsg)s（投影坐标），但坐标数值是经纬度。") % {"epsg": declared},
            _("请核对后选择一致的坐标系。"),
        )
    if LAT_RANGE[0] <= x <= LAT_RANGE[1] and LON_RANGE[0] <= y <= LON_RANGE[1]:
        raise refusal(
            "swapped_axes",
            _("经度和纬度写反了：应先经度后纬度，例如 [%(lon)s, %(lat)s]，现为 [%(x)s, %(y)s]。")
            % {"lon": f"{y:.4f}", "lat": f"{x:.4f}", "x": f"{x:.4f}", "y": f"{y:.4f}"},
        )
    check_country(x, y)
    return Recognised(LONLAT, "declared" if declared else "magnitude")


def check_country(lon: float, lat: float) -> None:
    """Is the middle of the land inside the country?"""
    if not (LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]):
        raise refusal(
            "out_of_range",
            _("图形不在国内范围（经度 %(lon)s，纬度 %(lat)s）。请核对坐标系和坐标数值。")
            % {"lon": f"{lon:.4f}", "lat": f"{lat:.4f}"},
        )


def in_metres(middle: tuple[float, float], declared: int | None) -> Recognised:
    """A Gauss-Krueger zone: by the number before the easting, or as declared; a wrong one is refused."""
    x, y = middle
    if NORTHING[0] <= x <= NORTHING[1] and (y >= 13_000_000 or (EASTING[0] <= y <= EASTING[1] and x > EASTING[1])):
        raise refusal(
            "swapped_axes",
            _("坐标的先后写反了：应先东坐标（Y）后北坐标（X），现为 %(x)s, %(y)s。")
            % {"x": f"{x:.0f}", "y": f"{y:.0f}"},
        )
    if 7_900_000 <= abs(x) <= 15_300_000 and abs(y) <= 7_300_000:
        zone, easting = divmod(x, 1_000_000)
        if not (13 <= zone <= 15 and EASTING[0] <= easting <= EASTING[1] and declared in GK6_PREFIXED):
            raise web_map()
    if not NORTHING[0] <= y <= NORTHING[1]:
        raise unknown(middle)
    number, easting = int(x // 1_000_000), x % 1_000_000
    if number == 0:
        return without_number(middle, declared)
    found = code_of_number(number)
    if found is None or not EASTING[0] <= easting <= EASTING[1]:
        raise unknown(middle)
    if declared is not None and declared != found:
        raise wrong_zone(declared, found)
    return Recognised(found, "declared" if declared else "magnitude")


def code_of_number(number: int) -> int | None:
    """The code of the zone whose number stands before the easting (13 to 23: 6 degrees, 25 to 45: 3 degrees)."""
    if FIRST_ZONE_3 <= number < FIRST_ZONE_3 + len(GK3_PREFIXED):
        return GK3_PREFIXED.start + number - FIRST_ZONE_3
    if FIRST_ZONE_6 <= number < FIRST_ZONE_6 + len(GK6_PREFIXED):
        return GK6_PREFIXED.start + number - FIRST_ZONE_6
    return None


def without_number(middle: tuple[float, float], declared: int | None) -> Recognised:
    """No number before the easting: the same figures fit 21 zones, so the zone must be declared."""
    x = middle[0]
    if not EASTING[0] <= x <= EASTING[1]:
        raise unknown(middle)
    if declared is None:
        raise refusal(
            "zone_missing",
            _("坐标是不带带号的投影坐标（东坐标 %(x)s），看不出是哪一个三度带。") % {"x": f"{x:.0f}"},
            _("请注明坐标系：EPSG:4534（中央子午线 75°）至 EPSG:4554（135°），例如中央子午线 117° 为 EPSG:4548。"),
        )
    if is_prefixed(declared):
        raise refusal(
            "crs_differs",
            _("声明的坐标系 EPSG:%(epsg)s 应带带号，但东坐标 %(x)s 没有带号。") % {"epsg": declared, "x": f"{x:.0f}"},
            _("请核对后选择一致的坐标系。"),
        )
    return Recognised(declared, "declared")


def check_home(lon: float, epsg: int, home: int) -> None:
    """Is land of a Gauss-Krueger file where its district is? One zone too many shifts it by three degrees, silently."""
    meridian = central_meridian(home)
    if abs(lon - meridian) > FURTHEST_FROM_HOME:
        raise refusal(
            "wrong_zone",
            _(
                "按 EPSG:%(epsg)s 换算后的位置在经度 %(lon)s°，远离本区划（中央子午线 %(meridian)s°），坐标系可能选错了带。"
            )
            % {"epsg": epsg, "lon": f"{lon:.2f}", "meridian": meridian},
            _("请核对带号，或导出为 CGCS2000 经纬度。"),
        )


def wrong_zone(declared: int, found: int) -> Refused:
    """Another zone than declared."""
    return refusal(
        "wrong_zone",
        _("坐标的带号是 %(found)s，声明的坐标系 EPSG:%(declared)s 不是这一带。")
        % {"found": zone_of(found), "declared": declared},
        _("请核对后改选 EPSG:%(epsg)s，或改正坐标。") % {"epsg": found},
    )


def web_map() -> Refused:
    """Web-map coordinates are no evidence."""
    return refusal(
        "web_map_crs",
        _("网络地图坐标（火星坐标、百度坐标、网络墨卡托）与实地相差数百米，不能作为法定边界。"),
        _("请改用测绘成果（CGCS2000）。"),
    )


def figure(value: float) -> str:
    """A number of a file for a sentence: nobody reads three hundred digits."""
    return f"{value:.1f}" if abs(value) < 1e12 else f"{value:.3g}"


def unknown(middle: tuple[float, float]) -> Refused:
    """Numbers of no known system."""
    return refusal(
        "unknown_coordinates",
        _("坐标数值（例如 %(x)s, %(y)s）不属于 CGCS2000 的任何坐标系。")
        % {"x": figure(middle[0]), "y": figure(middle[1])},
        _("请核对坐标系，或导出为 CGCS2000 经纬度。"),
    )
