"""Review marks as a DXF to lay over the drawing (意见图层): one layer per department, clouds, numbers and words.

Coordinates are those of the sheet, so that the file can be attached or pasted at 0,0. Pure: marks in, bytes out.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drawings.cad.contents import Box

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.layouts.layout import Modelspace

UNITS = {"inch": 1, "foot": 2, "mm": 4, "cm": 5, "m": 6, "km": 7, "dm": 14}
# Characters that AutoCAD refuses in a layer name.
FORBIDDEN = str.maketrans(dict.fromkeys('<>/\\":;?*|=`,', "_"))
TAG = "LIANSHEN_NO"
ARCS = 36


@dataclass(frozen=True)
class DxfMark:
    """One numbered opinion: its department's layer and colour, the place, the marks that point at it, and its words."""

    number: str
    layer: str
    color: str
    text: str
    region: Box | None
    geometries: tuple[dict[str, Any], ...] = ()
    department: str = ""


def marks_dxf(marks: Sequence[DxfMark], *, box: Box, units: str, title: str) -> bytes:
    """A DXF (R2010) of the marks on one sheet; `box` is the sheet's, by which texts are sized."""
    # Here and not above: a web process starts without the library.
    from ezdxf.enums import TextEntityAlignment
    from ezdxf.filemanagement import new

    doc = new("R2010")
    doc.header["$INSUNITS"] = UNITS.get(units, 0)
    doc.styles.add("LIANSHEN", font="simsun.ttf")
    doc.header["$TEXTSTYLE"] = "LIANSHEN"
    height = max(box[2] - box[0], box[3] - box[1], 1e-6) / 220
    tag(doc, height)
    space = doc.modelspace()
    for mark in marks:
        layer = layer_of(doc, mark)
        place = mark.region or box_of(mark.geometries)
        for geometry in mark.geometries:
            draw(space, geometry, layer)
        if place is None:
            place = (box[0], box[3] + 4 * height, box[0], box[3] + 4 * height)
        elif not any(geometry.get("type") == "Polygon" for geometry in mark.geometries):
            cloud(space, grown(place, height), layer)
        label(space, mark, place, height, layer)
    heading = space.add_text(title, height=1.6 * height, dxfattribs={"style": "LIANSHEN", "layer": "0"})
    heading.set_placement((box[0], box[1] - 4 * height), align=TextEntityAlignment.TOP_LEFT)
    stream = io.StringIO()
    doc.write(stream)
    return stream.getvalue().encode("utf-8")


def layer_of(doc: Drawing, mark: DxfMark) -> str:
    """The department's layer, made when it is new."""
    name = " ".join(mark.layer.translate(FORBIDDEN).split())[:200] or "LIANSHEN"
    if name not in doc.layers:
        layer = doc.layers.add(name)
        red, green, blue = (int(mark.color[at : at + 2], 16) for at in (1, 3, 5))
        layer.rgb = (red, green, blue)
    return name


def tag(doc: Drawing, height: float) -> None:
    """The numbered bubble: a block with the number, and the words as an attribute that is not drawn."""
    from ezdxf.enums import TextEntityAlignment

    block = doc.blocks.new(TAG)
    block.add_circle((0, 0), 1.5 * height)
    number = block.add_attdef("NO", dxfattribs={"height": 1.4 * height, "style": "LIANSHEN"})
    number.set_placement((0, 0), align=TextEntityAlignment.MIDDLE_CENTER)
    for row, name in enumerate(("DEPT", "TEXT")):
        hidden = block.add_attdef(name, (0, -(row + 3) * height), dxfattribs={"height": height, "style": "LIANSHEN"})
        hidden.is_invisible = True


def label(space: Modelspace, mark: DxfMark, place: Box, height: float, layer: str) -> None:
    """The bubble at the upper right corner of the place, and the words beside it."""
    at = (place[2] + 2.5 * height, place[3] + 2.5 * height)
    bubble = space.add_blockref(TAG, at, dxfattribs={"layer": layer})
    bubble.add_auto_attribs({"NO": mark.number, "DEPT": mark.department, "TEXT": mark.text})
    for attribute in bubble.attribs:
        attribute.dxf.layer = layer
    words = space.add_mtext(escaped(mark.text), dxfattribs={"layer": layer, "style": "LIANSHEN", "char_height": height})
    words.dxf.insert = (at[0] + 2.2 * height, at[1] + height)
    words.dxf.width = 42 * height


def escaped(text: str) -> str:
    """Words as MTEXT takes them: its control characters are ours to write, not the author's."""
    return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}").replace("\n", "\\P")


def draw(space: Modelspace, geometry: dict[str, Any], layer: str) -> None:
    """A mark's own geometry: clouds and outlines as clouds, lines as lines, points as points."""
    kind, at = geometry.get("type"), geometry.get("coordinates")
    try:
        if kind == "Point":
            space.add_point(point(at), dxfattribs={"layer": layer})
        elif kind == "LineString":
            space.add_lwpolyline([point(p) for p in at or []], dxfattribs={"layer": layer})
        elif kind == "Polygon":
            for ring in at or []:
                bulged(space, [point(p) for p in ring], layer)
    except (TypeError, ValueError, IndexError):
        return


def point(given: Any) -> tuple[float, float]:
    """A finite point, or ValueError."""
    x, y = float(given[0]), float(given[1])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(given)
    return (x, y)


def cloud(space: Modelspace, box: Box, layer: str) -> None:
    """A revision cloud round a box."""
    x0, y0, x1, y1 = box
    bulged(space, [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], layer)


def bulged(space: Modelspace, ring: Sequence[tuple[float, float]], layer: str) -> None:
    """A closed outline of small arcs bowing outwards, about ARCS of them."""
    if len(ring) < 3:
        return
    around = sum(math.dist(a, b) for a, b in itertools.pairwise(ring))
    area = sum(a[0] * b[1] - a[1] * b[0] for a, b in itertools.pairwise(ring))
    bulge = 0.5 if area > 0 else -0.5
    vertices: list[tuple[float, float, float]] = []
    for a, b in itertools.pairwise(ring):
        pieces = max(1, round(ARCS * math.dist(a, b) / around)) if around > 0 else 1
        for n in range(pieces):
            share = n / pieces
            vertices.append((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, bulge))
    space.add_lwpolyline(vertices, format="xyb", close=True, dxfattribs={"layer": layer})


def grown(box: Box, by: float) -> Box:
    """A little larger on every side."""
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)


def box_of(geometries: Iterable[dict[str, Any]]) -> Box | None:
    """The box round GeoJSON geometries; None when there is no point in them."""
    points: list[tuple[float, float]] = []

    def walk(value: Any) -> None:
        if isinstance(value, list | tuple):
            if len(value) >= 2 and all(isinstance(n, int | float) for n in value[:2]):
                points.append((float(value[0]), float(value[1])))
            else:
                for inner in value:
                    walk(inner)

    for geometry in geometries:
        walk(geometry.get("coordinates"))
    points = [p for p in points if all(map(math.isfinite, p))]
    if not points:
        return None
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return (min(xs), min(ys), max(xs), max(ys))
