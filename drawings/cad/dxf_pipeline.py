"""Where ezdxf's primitives arrive: lines, paths, fills and texts become ink (图元落墨)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from ezdxf.addons.drawing.config import Configuration
from ezdxf.addons.drawing.pipeline import AbstractPipeline
from ezdxf.addons.drawing.properties import Properties
from ezdxf.addons.drawing.unified_text_renderer import UnifiedTextRenderer
from ezdxf.math import Matrix44
from ezdxf.npshapes import NumpyPath2d
from ezdxf.tools.text import replace_non_printable_characters

from drawings.cad.ink import MASK, Affine, Text
from drawings.cad.triangles import filled, without_repeats

if TYPE_CHECKING:
    from drawings.cad.dxf_draw import Drawer

NUMBERED = re.compile(r"%%(\d{3})")
SIGNS = {127: "°", 128: "±", 129: "Ø", 176: "°", 177: "±", 178: "²", 179: "³", 216: "Ø"}
REBAR = {130: "φ", 131: "ΦB", 132: "ΦC", 133: "ΦD"}
"""HPB300, HRB335, HRB400, RRB400: the letters are those of the notation by keyboard (平法)."""
FLATTEN = 2e-4
"""Sagitta of curves, as a share of the curve's size."""


class Pipeline(AbstractPipeline):
    """Where the Frontend's primitives arrive."""

    def __init__(self, drawer: Drawer) -> None:
        self.drawer = drawer
        self.text_engine = UnifiedTextRenderer()

    def set_draw_entities_callback(self, callback: Any) -> None:
        pass

    def set_config(self, config: Configuration) -> None:
        pass

    def set_current_entity_handle(self, handle: str) -> None:
        pass

    def push_clipping_shape(self, shape: Any, transform: Matrix44 | None) -> None:
        self.drawer.report.warn(
            "W_CLIP", "倾斜图块的裁剪边界未应用", "the clip of a tilted block reference was not applied"
        )

    def pop_clipping_shape(self) -> None:
        pass

    def draw_viewport(self, vp: Any, layout_ctx: Any, bbox_cache: Any = None) -> None:
        pass

    def finalize(self) -> None:
        pass

    def set_background(self, color: str) -> None:
        pass

    def enter_entity(self, entity: Any, properties: Properties) -> None:
        pass

    def exit_entity(self, entity: Any) -> None:
        pass

    def draw_point(self, pos: Any, properties: Properties) -> None:
        self.drawer.ink.dot(pos.x, pos.y, self.drawer.number(properties))

    def draw_line(self, start: Any, end: Any, properties: Properties) -> None:
        self.drawer.ink.segment(start.x, start.y, end.x, end.y, self.drawer.number(properties))

    def draw_solid_lines(self, lines: Iterable[tuple[Any, Any]], properties: Properties) -> None:
        """Lines that are already dashes (hatch patterns): never dashed again."""
        look = self.drawer.look(properties)
        number = self.drawer.entry(look._replace(line_type="CONTINUOUS"))
        ink = self.drawer.ink
        for start, end in lines:
            ink.segment(start.x, start.y, end.x, end.y, number)

    def draw_path(self, path: Any, properties: Properties) -> None:
        number = self.drawer.number(properties)
        for flat in _flattened(NumpyPath2d(path)):
            self.drawer.ink.polyline(flat, number)

    def draw_filled_paths(self, paths: Iterable[Any], properties: Properties) -> None:
        rings = [ring for path in paths for ring in _flattened(NumpyPath2d(path), closed=True)]
        self._fill(rings, properties)

    def draw_filled_polygon(self, points: Iterable[Any], properties: Properties) -> None:
        flat = [c for p in points for c in (p.x, p.y)]
        self._fill([flat], properties)

    def _fill(self, rings: list[list[float]], properties: Properties) -> None:
        polygons = [list(zip(ring[0::2], ring[1::2], strict=True)) for ring in rings]
        polygons = [without_repeats(ring) for ring in polygons]
        polygons = [ring for ring in polygons if len(ring) >= 3]
        if not polygons:
            return
        number = self.drawer.number(properties)
        ink = self.drawer.ink
        for points, corners in filled(polygons):
            ink.triangles(points, corners, number)
        color = self.drawer.look(properties).color
        if color >= 0 and color & MASK:
            xs = [x for ring in polygons for x, _ in ring]
            ys = [y for ring in polygons for _, y in ring]
            ink.mask((min(xs), min(ys), max(xs), max(ys)))

    def draw_text(
        self, text: str, transform: Matrix44, properties: Properties, cap_height: float, dxftype: str = "TEXT"
    ) -> None:
        text = replace_non_printable_characters(text, replacement=" ").rstrip()
        if "%%" in text:
            text = NUMBERED.sub(self._numbered, text)
        if not text.strip():
            return
        face = properties.font
        name = face.filename if face is not None else ""
        font = (
            self.text_engine.get_font(face) if face is not None else self.text_engine.get_font(self.default_font_face)
        )
        m = transform
        x, y, o = m.get_row(0), m.get_row(1), m.get_row(3)
        matrix: Affine = (x[0], x[1], y[0], y[1], o[0], o[1])
        if not all(math.isfinite(v) for v in matrix):
            return
        drawer = self.drawer
        number = drawer.entry(drawer.look(properties)._replace(line_type="CONTINUOUS"))
        width = font.text_width_ex(text, cap_height)
        drawer.ink.text(Text(matrix, cap_height, width, text, name, number, drawer.ink.seq, ""))

    def _numbered(self, found: re.Match[str]) -> str:
        """The character that %%nnn stands for in the shape fonts of AutoCAD and of the Chinese structural programs."""
        number = int(found[1])
        if number in REBAR:
            self.drawer.report.warn(
                "W_SYMBOL",
                "钢筋等级符号没有对应字体：一级以 φ、二至四级以 ΦB、ΦC、ΦD 表示",
                "signs of reinforcement grades have no font: shown as φ, ΦB, ΦC, ΦD",
            )
            return REBAR[number]
        return SIGNS.get(number) or (chr(number) if 32 <= number < 127 else found[0])

    def draw_image(self, image_data: Any, properties: Properties) -> None:
        pass


def _flattened(path: Any, *, closed: bool = False) -> Iterator[list[float]]:
    """Straight runs of a path: x, y, x, y, … per sub-path."""
    if not len(path):
        return
    for part in path.sub_paths() if path.has_sub_paths else [path]:
        if part.has_curves:
            box = part.extents()
            size = max(box[1].x - box[0].x, box[1].y - box[0].y, 1e-9)
            points = [c for p in part.flattening(size * FLATTEN, segments=4) for c in (p.x, p.y)]
        else:
            points = (
                np.asarray(part.vertices_array() if hasattr(part, "vertices_array") else part._vertices)
                .ravel()
                .tolist()
            )
        if closed and len(points) >= 4 and (points[0] != points[-2] or points[1] != points[-1]):
            points += points[:2]
        if len(points) >= 4:
            yield points
