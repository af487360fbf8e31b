"""Reading a zipped Shapefile: GBK or UTF-8 fields, the .prj if there is one, and nothing that a ZIP bomb could unfold."""

from __future__ import annotations

import io
import struct
import zipfile
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import shapefile
import shapely

from ledger.errors import Refused
from regional_eval.geometry.recognise import epsg_of_wkt
from regional_eval.importing.files import MEGABYTE, RawFeature, ReadFile, enough, refused
from regional_eval.words import _

FORMAT = "Shapefile"
LARGEST_UNPACKED = 160 * MEGABYTE
MOST_MEMBERS = 200
POLYGON_TYPES = {5, 15, 25}
LINE_TYPES = {3, 13, 23}
# The language byte of a .dbf header that names GBK (cp936), as Chinese software writes it.
GBK_BYTES = {0x4D, 0x7A}
DBF_LEAST = 32
BROKEN = (
    shapefile.ShapefileException,
    struct.error,
    ValueError,
    IndexError,
    KeyError,
    EOFError,
    OSError,
    AssertionError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
    UnicodeError,
)


def read_zipped_shapefile(data: bytes) -> ReadFile:
    """The one Shapefile in a ZIP. Refused: not a ZIP, none or several in it, too large when unpacked, damaged."""
    parts = unpack(data)
    notes: list[str] = []
    epsg = None
    if "prj" in parts:
        epsg = epsg_of_wkt(parts["prj"].decode("utf-8", errors="replace"))
    else:
        notes.append("prj_missing")
    encoding = encoding_of(parts.get("dbf", b""), parts.get("cpg", b""))
    notes.append(f"encoding:{encoding}")
    if "dbf" not in parts:
        notes.append("dbf_missing")
    try:
        features = features_of(parts, encoding)
    except Refused:
        raise
    except BROKEN as error:
        raise refused(
            "shapefile_damaged", _("Shapefile 已损坏，无法读取。"), _("请在制图软件中检查后重新导出并打包。")
        ) from error
    return ReadFile(FORMAT, features, epsg, tuple(notes))


def unpack(data: bytes) -> dict[str, bytes]:
    """The members of the one Shapefile by their endings, in lower case."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
        raise refused("zip_damaged", _("ZIP 文件已损坏，无法打开。")) from error
    if len(members) > MOST_MEMBERS:
        raise refused("zip_too_many", _("ZIP 中的文件过多，请只打包一个 Shapefile。"))
    shapes = [PurePosixPath(member.filename) for member in members if member.filename.lower().endswith(".shp")]
    shapes = [path for path in shapes if "__MACOSX" not in path.parts]
    if len(shapes) != 1:
        raise refused(
            "shapefile_count",
            _("ZIP 中应有且只有一个 Shapefile（.shp），现有 %(count)s 个。") % {"count": len(shapes)},
            _("请把 .shp、.shx、.dbf、.prj 四个文件打包成一个 ZIP。"),
        )
    wanted = shapes[0]
    found: dict[str, bytes] = {}
    room = LARGEST_UNPACKED
    for member in members:
        path = PurePosixPath(member.filename)
        ending = path.suffix.lower().lstrip(".")
        if path.parent == wanted.parent and path.stem == wanted.stem and ending in {"shp", "shx", "dbf", "prj", "cpg"}:
            found[ending] = member_bytes(archive, member, room)
            room -= len(found[ending])
    return found


def member_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> bytes:
    """One member of at most `room` bytes, whatever the directory says of its size."""
    if member.file_size > room:
        raise too_large()
    try:
        with archive.open(member) as stream:
            data = stream.read(room + 1)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise refused("zip_damaged", _("ZIP 文件已损坏或加了密码，无法打开。")) from error
    if len(data) > room:
        raise too_large()
    return data


def too_large() -> Refused:
    """It would unfold to more than one import takes."""
    return refused(
        "too_large",
        _("解压后的文件过大（最多 %(most)s MB）。") % {"most": LARGEST_UNPACKED // MEGABYTE},
        _("请按区县拆分后分次导入。"),
    )


def encoding_of(dbf: bytes, cpg: bytes) -> str:
    """The encoding of the fields: what the file names if the bytes are that, else the first that they are."""
    if len(dbf) < DBF_LEAST:
        return "utf-8"
    begins = struct.unpack("<H", dbf[8:10])[0]
    text = dbf[begins:]
    named = cpg.decode("ascii", errors="replace").strip().lower().replace("-", "").replace("_", "")
    order = ["utf-8", "gb18030"]
    if named in {"gbk", "gb2312", "gb18030", "936", "cp936", "ansi936"} or (not named and dbf[29] in GBK_BYTES):
        order.reverse()
    for encoding in order:
        try:
            text.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    # A field cut in the middle of a character: the rest of it is readable.
    return order[0]


def features_of(parts: dict[str, bytes], encoding: str) -> list[RawFeature]:
    """Shapes with their records; a deleted or missing record leaves a feature without properties."""
    streams = {ending: io.BytesIO(parts[ending]) for ending in ("shp", "shx", "dbf") if ending in parts}
    with shapefile.Reader(encoding=encoding, encodingErrors="replace", **streams) as reader:
        enough(len(reader))
        kind = reader.shapeType
        if kind not in POLYGON_TYPES | LINE_TYPES:
            raise refused("not_polygon", _("Shapefile 里是%(kind)s，不是面。") % {"kind": reader.shapeTypeName})
        records = properties_of(reader) if "dbf" in parts else []
        features = []
        for index, shape in enumerate(reader.iterShapes()):
            properties = records[index] if index < len(records) else {}
            features.append(feature_of(index, shape, properties))
        return features


def properties_of(reader: Any) -> list[dict[str, Any]]:
    """The records as plain values; bytes and dates as text."""
    return [
        {name: plain(value) for name, value in record.as_dict().items() if value not in (None, "")}
        for record in reader.iterRecords()
    ]


def plain(value: Any) -> Any:
    """A value that JSON can hold."""
    if isinstance(value, str):
        return value.replace("\x00", "").strip()
    if isinstance(value, int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def feature_of(index: int, shape: Any, properties: dict[str, Any]) -> RawFeature:
    """One shape: its rings sorted into polygons, or its lines."""
    if shape is None or shape.shapeType == 0 or not shape.points:
        return RawFeature(index, properties=properties, fault="empty")
    corners = np.array([point[:2] for point in shape.points], dtype=float)
    starts = [*shape.parts, len(corners)]
    runs = [corners[first:last] for first, last in pairwise(starts) if last > first]
    if shape.shapeType in LINE_TYPES:
        return RawFeature(index, lines=[run.tolist() for run in runs], properties=properties)
    # Plain lists: the features may come out of another process, as JSON.
    polygons = [[ring.tolist() for ring in polygon] for polygon in polygons_of(runs)]
    return RawFeature(index, polygons=polygons, properties=properties)


def polygons_of(rings: list[Any]) -> list[list[Any]]:
    """Outer rings turn clockwise in a Shapefile, holes the other way; a hole belongs to the ring that it lies in.

    A hole in no ring is an outer ring that somebody turned the wrong way.
    """
    turned = [(ring, signed_area(ring)) for ring in rings]
    made = [[ring] for ring, area in turned if area <= 0 or not np.isfinite(area)]
    holes = [ring for ring, area in turned if area > 0]
    if len(made) == 1:
        inside = shapely.Polygon(made[0][0]) if len(made[0][0]) > 3 else None
        for hole in holes:
            if inside is not None and shapely.intersects_xy(inside, hole[:, 0], hole[:, 1]).any():
                made[0].append(hole)
            else:
                made.append([hole])
        return made
    outer = [shapely.Polygon(rings[0]) if len(rings[0]) > 3 else shapely.Polygon() for rings in made]
    tree = shapely.STRtree(outer)
    for hole in holes:
        spots = [
            int(spot)
            for spot in tree.query(shapely.box(*hole.min(axis=0), *hole.max(axis=0)))
            if shapely.intersects_xy(outer[int(spot)], hole[:, 0], hole[:, 1]).all()
        ]
        if spots:
            made[min(spots, key=lambda spot: outer[spot].area)].append(hole)
        else:
            made.append([hole])
    return made


def signed_area(ring: Any) -> float:
    """Twice the area inside a ring, positive when it turns anticlockwise."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
