"""What a file is, told by its bytes, and its features as they are written there (导入文件). No database.

Hostile files are refused before they cost much: by size, by what a ZIP says it holds, by the number of features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import Refused
from regional_eval.geometry.recognise import WEB_MAP_WORDS, web_map
from regional_eval.words import _

MEGABYTE = 1024 * 1024
LARGEST_FILE = 64 * MEGABYTE
MOST_FEATURES = 200_000
# Of one feature; what has more is not even handed on.
MOST_CORNERS = 500_000
BLANK = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True)
class RawFeature:
    """One feature of a file: polygons (each a list of rings) or lines, its properties, or why it is neither."""

    index: int
    polygons: list[list[Any]] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class ReadFile:
    """The features, and the coordinate system that the file itself names (an EPSG code) if it does."""

    format: str
    features: list[RawFeature]
    epsg: int | None = None
    # What a reader should know: the encoding that was taken, a missing .prj, members that were left out.
    notes: tuple[str, ...] = ()


def is_text(data: bytes) -> bool:
    """Whether it is GeoJSON, which takes no parser but Python's own."""
    return data[:64].lstrip(BLANK)[:1] in {b"{", b"["}


def read_file(data: bytes, name: str) -> ReadFile:
    """The features of a file. Refused: too large, none of the three formats, damaged, nothing in it."""
    from regional_eval.importing.dxf import read_dxf
    from regional_eval.importing.geojson import read_geojson
    from regional_eval.importing.shapefiles import read_zipped_shapefile

    if len(data) > LARGEST_FILE:
        raise refused(
            "too_large",
            _("文件过大（%(size)s MB，最多 %(most)s MB）。")
            % {"size": len(data) // MEGABYTE, "most": LARGEST_FILE // MEGABYTE},
            _("请按区县拆分后分次导入。"),
        )
    if not data.strip():
        raise refused("empty", _("文件是空的。"))
    if WEB_MAP_WORDS.search(name):
        raise web_map()
    reader: Callable[[bytes], ReadFile]
    start = data[:64].lstrip(BLANK)
    if data[:4] == b"PK\x03\x04" or data[:4] == b"PK\x05\x06":
        reader = read_zipped_shapefile
    elif is_text(data):
        reader = read_geojson
    elif data[:18] == b"AutoCAD Binary DXF" or start[:1] in {b"0", b"9"} or name.lower().endswith(".dxf"):
        reader = read_dxf
    else:
        raise refused(
            "unknown_format",
            _("不认识文件“%(name)s”的格式。") % {"name": name[:80]},
            _("可导入 GeoJSON、打包为 ZIP 的 Shapefile（.shp .shx .dbf .prj）和 DXF 闭合多段线。"),
        )
    read = reader(data)
    if not read.features:
        raise refused("empty", _("文件里没有图形。"))
    return read


def enough(count: int) -> None:
    """Refused when a file has more features than one import takes."""
    if count > MOST_FEATURES:
        raise refused(
            "too_many_features",
            _("图形过多（%(count)s 个，一次最多 %(most)s 个）。") % {"count": count, "most": MOST_FEATURES},
            _("请按区县拆分后分次导入。"),
        )


def refused(code: str, message: str, next_step: str | None = None) -> Refused:
    """A refusal of the file."""
    return Refused(code, message, field="file", next_step=next_step)
