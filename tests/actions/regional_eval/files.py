"""Files as survey offices make them, of a county in Guizhou (zone 36), and hostile ones."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import ezdxf
import pyproj
import shapefile
import shapely

from regional_eval.geometry.planes import GEOGRAPHIC, definition, moved

WEST, SOUTH = 106.60, 26.36


def square(x: float, y: float, size: float = 1000.0) -> Any:
    """A square, metres east and north of a corner, EPSG:4490 by way of zone 36."""
    origin = moved(shapely.Point(WEST, SOUTH), GEOGRAPHIC, definition(4545))
    plane = shapely.box(origin.x + x, origin.y + y, origin.x + x + size, origin.y + y + size)
    return moved(plane, definition(4545), GEOGRAPHIC)


def geojson(*features: tuple[Any, dict[str, Any]], **more: Any) -> bytes:
    """A feature collection of shapes with properties."""
    members = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape, properties in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": members, **more}, ensure_ascii=False).encode()


def zipped_shapefile(
    shapes: list[Any],
    *,
    encoding: str = "gbk",
    epsg: int = 4545,
    prj: bool = True,
    cpg: bool = True,
    names: list[str] | None = None,
) -> bytes:
    """A zipped Shapefile with a Chinese field, as the software of a province's office writes it."""
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("名称", "C", 60)
        writer.field("valid_to", "C", 10)
        for number, shape in enumerate(shapes):
            plane = shape if epsg == 4490 else moved(shape, GEOGRAPHIC, definition(epsg))
            rings = []
            for part in shapely.get_parts(plane):
                outer = shapely.Polygon(part.exterior).normalize()
                rings.append(list(shapely.geometry.polygon.orient(outer, -1).exterior.coords))
                rings += [
                    list(shapely.geometry.polygon.orient(shapely.Polygon(ring), 1).exterior.coords)
                    for ring in part.interiors
                ]
            writer.poly(rings)
            writer.record((names or ["云川高新区东片", "贵安新区"])[number % 2], "2027-12-31")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, data in parts.items():
            archive.writestr(f"评估范围/范围.{ending}", data.getvalue())
        if prj:
            archive.writestr("评估范围/范围.prj", pyproj.CRS(epsg).to_wkt("WKT1_ESRI"))
        if cpg:
            archive.writestr("评估范围/范围.cpg", "UTF-8" if encoding == "utf-8" else "GBK")
    return out.getvalue()


def dxf(shapes: list[Any], *, epsg: int = 4545, closed: bool = True, bulge: float = 0.0) -> bytes:
    """Closed polylines of the model space."""
    document = ezdxf.new("R2010")
    for shape in shapes:
        plane = moved(shape, GEOGRAPHIC, definition(epsg))
        points = [(x, y, bulge) for x, y in plane.exterior.coords[:-1]]
        document.modelspace().add_lwpolyline(points, format="xyb", close=closed, dxfattribs={"layer": "红线"})
    text = io.StringIO()
    document.write(text)
    return text.getvalue().encode("utf-8")


def bomb() -> bytes:
    """A ZIP that would unfold to a gigabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dbf", b"x")
        archive.writestr("a.shp", bytes(200 * 2**20))
    return out.getvalue()


def shapefile_that_lies() -> bytes:
    """Its header promises two thousand million parts."""
    header = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 1000) + struct.pack("<2i8d", 1000, 5, *[0.0] * 8)
    record = struct.pack(">2i", 1, 400) + struct.pack("<i4d2i", 5, 0, 0, 1, 1, 2**31 - 1, 2**31 - 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.shp", header + record)
    return out.getvalue()
