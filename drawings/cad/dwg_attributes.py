"""Attributes of block references that LibreDWG knows and its DXF lacks (块属性): its writer ends at the first attribute of several lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any


def add_missing(
    doc: Any, rows: Sequence[dict[str, Any]], layers: dict[str, str], words: Callable[[bytes], str]
) -> None:
    """Give each block reference of `doc` the attributes of `rows` that it lacks.

    `layers`: layer names by handle; `words`: the text of bytes in the file's code page.
    """
    known = doc.entitydb
    styles = {str(style.dxf.handle).upper(): str(style.dxf.name) for style in doc.styles}
    for row in rows:
        insert = known.get(row["owner"])
        if row["handle"] in known or insert is None or insert.dxftype() != "INSERT":
            continue
        place, second = row["ins_pt"], row["alignment_pt"]
        numbers = [row[key] for key in ("height", "rotation", "width_factor", "oblique_angle", "elevation")]
        if not all(isinstance(n, int | float) and math.isfinite(n) for n in [*numbers, *_xy(place), *_xy(second)]):
            continue  # counted, and named as lost
        height, rotation, width, slant, elevation = (float(n) for n in numbers)
        attributes: dict[str, Any] = {
            "handle": row["handle"],
            "layer": layers.get(row["layer"], "0"),
            "style": styles.get(row["style"], "Standard"),
            "height": height,
            "rotation": math.degrees(rotation),
            "width": width or 1.0,
            "oblique": math.degrees(slant),
            "flags": int(row["flags"] or 0),
            "invisible": int(bool(row["invisible"])),
            "text_generation_flag": int(row["generation"] or 0),
            "halign": int(row["horiz_alignment"] or 0),
            "valign": int(row["vert_alignment"] or 0),
            "color": int(row["color"]) if 0 <= int(row["color"]) <= 256 else 256,
        }
        if isinstance(row["extrusion"], dict):
            attributes["extrusion"] = tuple(float(row["extrusion"].get(axis, 0.0)) for axis in "xyz")
        if attributes["halign"] or attributes["valign"]:
            attributes["align_point"] = (*_xy(second), elevation)
        insert.add_attrib(_text(row["tag"], words), _text(row["text"], words), (*_xy(place), elevation), attributes)


def _xy(point: Any) -> tuple[float, float]:
    """The two numbers of a point; not numbers when it is none."""
    if not isinstance(point, dict):
        return math.nan, math.nan
    return float(point.get("x", math.nan)), float(point.get("y", math.nan))


def _text(row: dict[str, str], words: Callable[[bytes], str]) -> str:
    return words(bytes.fromhex(row["bytes"])) if "bytes" in row else row.get("text", "")
