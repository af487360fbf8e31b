"""Reading GeoJSON (RFC 7946, and the older `crs` member that survey software still writes)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from regional_eval.geometry.recognise import WEB_MAP_WORDS, declared_epsg, named_in, web_map
from regional_eval.importing.files import MOST_CORNERS, RawFeature, ReadFile, enough, refused
from regional_eval.words import _

FORMAT = "GeoJSON"
POLYGONS = {"Polygon", "MultiPolygon"}
LINES = {"LineString", "MultiLineString"}
MOST_DEPTH = 16
CRS_FIELD = re.compile(r"坐标系|坐标类型|crs|srs|datum|coord", re.IGNORECASE)


def read_geojson(data: bytes) -> ReadFile:
    """The features of a GeoJSON object, in the order of the file."""
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        try:
            content = json.loads(data.decode("gb18030"))
        except (ValueError, RecursionError) as error:
            raise not_json() from error
    except (ValueError, RecursionError) as error:
        raise not_json() from error
    if not isinstance(content, dict):
        raise refused("not_geojson", _("文件不是 GeoJSON 对象。"))
    if WEB_MAP_WORDS.search(str(content.get("name", ""))[:200]):
        raise web_map()
    members = content.get("features") if content.get("type") == "FeatureCollection" else [content]
    if not isinstance(members, list):
        raise refused("not_geojson", _("文件不是 GeoJSON 要素集。"))
    enough(len(members))
    features = [feature_of(index, member) for index, member in enumerate(members)]
    return ReadFile(FORMAT, features, declared_epsg(named_in(content)))


def not_json() -> Exception:
    """Not readable at all."""
    return refused("not_json", _("文件不是有效的 GeoJSON（UTF-8 编码的 JSON），请重新导出。"))


def feature_of(index: int, member: Any) -> RawFeature:
    """One feature, or a bare geometry."""
    if not isinstance(member, Mapping):
        return RawFeature(index, fault="not_polygon")
    given = member.get("properties")
    properties = dict(given) if isinstance(given, Mapping) else {}
    geometry = member.get("geometry") if member.get("type") == "Feature" else member
    polygons: list[list[Any]] = []
    lines: list[Any] = []
    fault = gather(geometry, polygons, lines, 0)
    if not fault and not polygons and not lines:
        fault = "empty"
    if says_web_map(properties):
        raise web_map()
    if sum(map(len, lines)) + sum(len(ring) for polygon in polygons for ring in polygon) > MOST_CORNERS:
        return RawFeature(index, properties=properties, fault="too_many_points")
    return RawFeature(index, polygons, lines, properties, fault)


def says_web_map(properties: Mapping[str, Any]) -> bool:
    """Does a field that names the coordinate system name a web map's? Exports of web maps say it there."""
    return any(
        CRS_FIELD.search(str(name)) and WEB_MAP_WORDS.search(str(value)[:200]) for name, value in properties.items()
    )


def gather(geometry: Any, polygons: list[list[Any]], lines: list[Any], depth: int) -> str:
    """Add the geometry's polygons and lines; the code of what is wrong with it, or nothing."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if not isinstance(kind, str) or depth > MOST_DEPTH:
        return "empty" if geometry is None else "not_polygon"
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        for member in members if isinstance(members, list) else []:
            fault = gather(member, polygons, lines, depth + 1)
            if fault:
                return fault
        return ""
    coordinates = geometry.get("coordinates")
    if kind not in POLYGONS | LINES:
        return "not_polygon"
    if not isinstance(coordinates, list):
        return "empty"
    parts = [coordinates] if kind in {"Polygon", "LineString"} else coordinates
    for part in parts:
        if not isinstance(part, list):
            return "bad_position"
        if kind in LINES:
            lines.append(part)
        elif all(isinstance(ring, list) for ring in part):
            if part:
                polygons.append(part)
        else:
            return "bad_position"
    return ""
