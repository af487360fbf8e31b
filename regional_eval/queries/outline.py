"""The outline in a visitor's file (红线文件): read for his map, in longitude and latitude, faults and all; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ledger.errors import Refused
from regional_eval.geometry.ground import corners_of
from regional_eval.geometry.planes import LONLAT, central_meridian, to_lonlat, zone_of
from regional_eval.geometry.recognise import Recognised, recognise
from regional_eval.importing.apart import read_apart
from regional_eval.importing.files import ReadFile

MOST_PARTS = 20
DIGITS = 9


@dataclass(frozen=True)
class Outline:
    """GeoJSON, EPSG:4490, and what was done to understand the file."""

    boundary: dict[str, Any]
    notes: tuple[str, ...]


def read_outline(data: bytes, name: str, *, zone_epsg: int) -> Outline:
    """The closed areas of a Shapefile, a DXF or a GeoJSON. A boundary is not repaired here: the map names its faults.

    `zone_epsg`: the district's zone, taken for plane coordinates without a zone's number, and said so. Refused: no
    closed area, more than 20 of them (a whole map), coordinates of no system known here.
    """
    read = read_apart(data, name)
    polygons = [polygon for feature in read.features for polygon in feature.polygons]
    if any(feature.fault == "too_many_points" for feature in read.features):
        raise Refused(
            "too_many_points",
            _("文件里的图形顶点过多，看起来是整幅地图。"),
            field="file",
            next_step=_("请只保留本项目的用地红线，再导出。"),
        )
    if not polygons:
        raise Refused(
            "no_polygon",
            _("文件里没有闭合的面。"),
            field="file",
            next_step=_("请把红线画成闭合多段线或面，再导出。"),
        )
    if len(polygons) > MOST_PARTS:
        raise Refused(
            "too_many_parts",
            _("文件里有 %(n)s 个面，看起来是整幅地图。") % {"n": len(polygons)},
            field="file",
            next_step=_("请只保留本项目的用地红线，再导出。"),
        )
    system = system_of(corners_of(polygons), read.epsg, zone_epsg)
    parts = [
        [
            to_lonlat(shapely.LineString(np.asarray(ring, dtype=float)[:, :2]), system.epsg)
            for ring in polygon
            if len(ring) > 1
        ]
        for polygon in polygons
    ]
    coordinates = [
        [[[round(x, DIGITS), round(y, DIGITS)] for x, y in ring.coords] for ring in polygon]
        for polygon in parts
        if polygon
    ]
    return Outline({"type": "MultiPolygon", "coordinates": coordinates}, tuple(notes_of(read, system, len(polygons))))


def system_of(corners: NDArray[np.float64], declared: int | None, zone_epsg: int) -> Recognised:
    """The file's system; plane coordinates that tell no zone are taken for the district's, to be looked at on the map."""
    try:
        return recognise(corners, declared)
    except Refused as refusal:
        if refusal.code != "zone_missing":
            raise
    return Recognised(recognise(corners, zone_epsg).epsg, "district")


def notes_of(read: ReadFile, system: Recognised, parts: int) -> list[str]:
    """What the reader should check on the map."""
    notes = list(read.notes)
    if system.epsg == LONLAT:
        if not system.certain:
            notes.append(_("按 CGCS2000 经纬度读取，请核对位置。"))
    else:
        words = (
            _("按文件注明的 CGCS2000 第 %(zone)s 带（中央子午线 %(meridian)s°）换算，请核对位置。")
            if system.certain
            else _("按坐标数值识别为 CGCS2000 第 %(zone)s 带（中央子午线 %(meridian)s°）换算，请核对位置。")
        )
        notes.append(words % {"zone": zone_of(system.epsg), "meridian": central_meridian(system.epsg)})
    if parts > 1:
        notes.append(_("文件含 %(n)s 个地块，全部作为本项目用地。") % {"n": parts})
    return notes
