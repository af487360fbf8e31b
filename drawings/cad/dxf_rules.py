"""ezdxf's rules of what an entity shows, with our own where the browser or the report needs more (绘制规则)."""

from __future__ import annotations

import contextlib
import io
import math
import random
from typing import TYPE_CHECKING, Any

import numpy as np
from ezdxf.addons.drawing.config import Configuration, ImagePolicy, LinePolicy, ProxyGraphicPolicy
from ezdxf.addons.drawing.frontend import UniversalFrontend
from ezdxf.addons.drawing.gfxproxy import DXFGraphicProxy
from ezdxf.addons.drawing.properties import Properties
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.entities.insert import Insert
from ezdxf.entities.viewport import Viewport
from ezdxf.math import Matrix44, Vec2, Vec3
from ezdxf.render import hatching

from drawings.cad import curves, limits, tolerance
from drawings.cad.dxf_pipeline import Pipeline
from drawings.cad.ink import arc_points, composed

if TYPE_CHECKING:
    from drawings.cad.dxf_draw import Drawer

CIRCLE_STEPS = 96
NOT_CLOSED = 32
"""Flag of a hatch boundary path."""
SOLID_TYPES = frozenset({"3DSOLID", "BODY", "REGION", "SURFACE", "EXTRUDEDSURFACE", "LOFTEDSURFACE", "REVOLVEDSURFACE",
                         "SWEPTSURFACE", "PLANESURFACE", "NURBSURFACE"})  # fmt: skip


def silent_reason(entity: Any) -> str:
    """Why an entity drew nothing although nobody said why."""
    kind = entity.dxftype()
    if kind in {"TEXT", "ATTRIB", "ATTDEF", "MTEXT"}:
        return "empty"
    if kind in SOLID_TYPES:
        return "solid"
    if kind in {"POINT"} and str(entity.dxf.get("layer", "")).lower() == "defpoints":
        return "defpoints"
    if kind.endswith("UNDERLAY"):
        return "underlay"
    if kind == "ACAD_PROXY_ENTITY":
        return "no_graphics"
    if kind in {"LINE", "LWPOLYLINE", "POLYLINE", "INSERT", "DIMENSION", "HATCH", "ARC", "CIRCLE", "SPLINE", "ELLIPSE",
                "SOLID", "LEADER", "SEQEND", "MLINE", "3DFACE", "TRACE", "MPOLYGON", "XLINE", "RAY", "POINT"}:  # fmt: skip
        return "empty"
    return "unsupported" if isinstance(entity, DXFGraphic) else "no_graphics"


class Rules(UniversalFrontend):
    """ezdxf's rules, with our treatment of block references, curves, infinite lines, wipeouts and dense hatches."""

    def __init__(self, drawer: Drawer) -> None:
        self.drawer = drawer
        points = float(drawer.doc.header.get("$PDSIZE", 0.0) or 0.0)
        super().__init__(
            drawer.ctx,
            Pipeline(drawer),
            Configuration(
                line_policy=LinePolicy.SOLID,
                image_policy=ImagePolicy.MISSING,
                proxy_graphic_policy=ProxyGraphicPolicy.SHOW,
                hatching_timeout=5.0,
                pdsize=points if points > 0 else _point_size(drawer.doc),  # type: ignore[arg-type]
            ),
        )

    def log_message(self, message: str) -> None:
        pass

    def skip_entity(self, entity: Any, msg: str) -> None:
        kind, handle = str(entity.dxftype()), str(entity.dxf.get("handle") or "")
        reason = "unsupported"
        if "invisible" in msg:
            reason = "invisible"
        elif "3D" in msg:
            reason = "text_3d"
        elif "too small" in msg:
            reason = "empty"
        elif kind in SOLID_TYPES:
            reason = "solid"
        elif kind == "SHAPE":
            reason = "shape"
        elif kind.endswith("UNDERLAY"):
            reason = "underlay"
        elif not isinstance(entity, DXFGraphic) or isinstance(entity, DXFGraphicProxy):
            reason = "no_graphics"
        self.drawer.report.miss(kind, reason, handle)

    def exec_property_override(self, entity: Any, properties: Properties) -> None:
        properties.by_layer = not entity.dxf.hasattr("true_color") and entity.dxf.get("color", 256) == 256  # type: ignore[attr-defined]

    def draw_entity(self, entity: Any, properties: Properties) -> None:
        if isinstance(entity, Insert):
            self.drawer.insert(entity, properties)
            return
        if isinstance(entity, Viewport):
            return
        if entity.dxftype() == "TOLERANCE":
            self.draw_tolerance_entity(entity, properties)
            return
        proxied = isinstance(entity, DXFGraphicProxy) or entity.dxftype() == "ACAD_PROXY_ENTITY"
        if proxied:
            self.drawer.proxy = True
        try:
            with contextlib.redirect_stdout(_SINK):
                super().draw_entity(entity, properties)
        finally:
            if proxied:
                self.drawer.proxy = False

    def draw_proxy_graphic(self, data: bytes | None, doc: Any) -> None:
        if data:
            self.draw_entities(self.drawer.proxy_entities(data))

    def slow_insert(self, entity: Any, properties: Properties) -> None:
        """Block reference tilted in space: ezdxf transforms each entity."""
        super().draw_composite_entity(entity, properties)

    def draw_composite_entity(self, entity: Any, properties: Properties) -> None:
        kind = entity.dxftype()
        if kind == "DIMENSION" and entity.dxf.get("geometry") is not None:
            block = entity.get_geometry_block()
            if block is not None and len(block):
                self._placed(block, properties, entity)
                return
        super().draw_composite_entity(entity, properties)

    def _placed(self, block: Any, properties: Properties, entity: Any) -> None:
        """Content of an anonymous block at its own place (dimensions), with by-block looks of `entity`."""
        drawer = self.drawer
        stencil = drawer.stencil(block)
        reference = drawer.look(properties)
        looks = [drawer.entry(composed(look, reference, drawer.layer_looks, drawer.fallback)) for look in stencil.looks]
        x, y = 0.0, 0.0
        if entity.dxf.hasattr("insert"):
            x, y = entity.dxf.insert.x, entity.dxf.insert.y
        drawer.ink.place(stencil, (1.0, 0.0, 0.0, 1.0, x, y), looks)

    def draw_line_entity(self, entity: Any, properties: Properties) -> None:
        d = entity.dxf
        if entity.dxftype() == "LINE":
            self.drawer.ink.segment(d.start.x, d.start.y, d.end.x, d.end.y, self.drawer.number(properties))
            return
        way = d.unit_vector
        if abs(way.x) < 1e-12 and abs(way.y) < 1e-12:
            return
        ink = self.drawer.ink
        ink.infinite.append(
            (d.start.x, d.start.y, way.x, way.y, entity.dxftype() == "XLINE", self.drawer.number(properties), ink.seq)
        )
        ink.count += 1

    def draw_curve_entity(self, entity: Any, properties: Properties) -> None:
        kind = entity.dxftype()
        if kind in {"CIRCLE", "ARC"}:
            d = entity.dxf
            z = d.extrusion.z if d.hasattr("extrusion") else 1.0
            flat = not d.hasattr("extrusion") or (abs(d.extrusion.x) < 1e-9 and abs(d.extrusion.y) < 1e-9 and z)
            if flat:
                start, end = 0.0, 2 * math.pi
                if kind == "ARC":
                    start = math.radians(d.start_angle)
                    end = math.radians(d.end_angle)
                    while end <= start + 1e-12:
                        end += 2 * math.pi
                points = arc_points(d.center.x, d.center.y, abs(d.radius), start, end, steps_full=CIRCLE_STEPS)
                if z < 0:
                    points[:, 0] = -points[:, 0]
                self.drawer.ink.polyline(points.ravel().tolist(), self.drawer.number(properties))
                return
        if kind == "ELLIPSE" and _from_above(entity):
            d = entity.dxf
            centre, major = np.array([[d.center.x, d.center.y]]), np.array([[d.major_axis.x, d.major_axis.y]])
            numbers = (np.array([float(value)]) for value in (d.ratio, d.start_param, d.end_param))
            points, _ = curves.ellipses(centre, major, *numbers)
            self.drawer.ink.polyline(points.ravel().tolist(), self.drawer.number(properties))
            return
        if kind == "SPLINE" and entity.dxf.degree == 3 and not len(entity.weights):
            n, knots = np.array([len(entity.control_points)]), np.array(entity.knots, dtype=np.float64)
            if n[0] >= 4 and len(knots) == n[0] + 4 and curves.clamped(n, knots)[0]:
                control = np.array([tuple(point)[:2] for point in entity.control_points], dtype=np.float64)
                points, _ = curves.splines(control, n, knots)
                self.drawer.ink.polyline(points.ravel().tolist(), self.drawer.number(properties))
                return
        super().draw_curve_entity(entity, properties)

    def draw_polyline_entity(self, entity: Any, properties: Properties) -> None:
        """Arcs of flat polylines as `curves` has them; the rest as ezdxf does."""
        if entity.dxftype() == "LWPOLYLINE" and entity.has_arc and not entity.has_width and _from_above(entity):
            points = entity.get_points("xyb")
            if len(points) > 1:
                flat = curves.one_bulged(points, closed=entity.closed).ravel().tolist()
                self.drawer.ink.polyline(flat, self.drawer.number(properties))
                return
        if entity.dxftype() == "POLYLINE" and entity.is_2d_polyline and entity.has_arc and not entity.has_width:
            rows = [vertex.format("xyb") for vertex in entity.vertices]
            if len(rows) > 1 and _from_above(entity):
                flat = curves.one_bulged(rows, closed=entity.is_closed).ravel().tolist()
                self.drawer.ink.polyline(flat, self.drawer.number(properties))
                return
        super().draw_polyline_entity(entity, properties)

    def draw_text_entity_3d(self, entity: Any, properties: Properties) -> None:
        """Text that stands out of the plane: its shadow on the plane, by ezdxf's own placing."""
        self.draw_text_entity_2d(entity, properties)

    def draw_hatch_entity(self, entity: Any, properties: Properties, *, loops: list[Any] | None = None) -> None:
        """Without the boundary paths that the author's program found open: it fills up to the closed ones only."""
        closed = [path for path in entity.paths if not path.path_type_flags & NOT_CLOSED]
        if closed and loops is None:
            entity.paths.paths = closed
        super().draw_hatch_entity(entity, properties, loops=loops)

    def draw_hatch_pattern(self, polygon: Any, paths: list[Any], properties: Properties) -> None:
        if polygon.pattern is None or not polygon.pattern.lines:
            return
        estimate = _hatch_lines(polygon, paths)
        if estimate > limits.HATCH_LINES / 10:
            self.drawer.report.warn(
                "W_HATCH_DENSE",
                f"填充过密（约 {estimate:.3g} 条线），以实心显示",
                f"a hatch is too dense (about {estimate:.3g} lines), shown solid",
            )
            raise hatching.DenseHatchingLinesError
        before = self.drawer.ink.count
        # ezdxf moves each pattern a little by chance, off the corners: by the same chance always, so that equal drawings stay equal.
        random.seed(1)
        super().draw_hatch_pattern(polygon, paths, properties)
        if self.drawer.ink.count == before and paths:
            raise hatching.DenseHatchingLinesError  # no line met the boundary, or time ran out: solid rather than nothing

    def draw_tolerance_entity(self, entity: Any, properties: Properties) -> None:
        """A feature control frame, which ezdxf has not."""
        cap, gap = tolerance.sizes(entity)
        engine, face = self.pipeline.text_engine, self.get_font_face(properties)
        found = tolerance.frame(
            str(entity.dxf.content), cap, gap, lambda words: float(engine.get_font(face).text_width_ex(words, cap))
        )
        at, way = entity.dxf.insert, entity.dxf.x_axis_vector.normalize()
        up = entity.dxf.get("extrusion", Vec3(0, 0, 1)).cross(way).normalize()
        number, ink = self.drawer.number(properties), self.drawer.ink
        for x0, y0, x1, y1 in found.lines:
            start, end = at + way * x0 + up * y0, at + way * x1 + up * y1
            ink.segment(start.x, start.y, end.x, end.y, number)
        for x, y, words in found.words:
            place = Matrix44.ucs(way, up, way.cross(up), at + way * x + up * y)
            self.pipeline.draw_text(words, place, properties, cap, "TOLERANCE")

    def draw_image_entity(self, entity: Any, properties: Properties) -> None:
        definition = entity.image_def
        name = str(definition.dxf.get("filename", "")) if definition is not None else ""
        self.drawer.report.lack("image", name)
        points = [v.vec2 for v in entity.boundary_path_wcs()]
        if len(points) > 1:
            self.drawer.ink.polyline([c for p in points for c in (p.x, p.y)], self.drawer.number(properties))
        self.drawer.report.miss("IMAGE", "image", str(entity.dxf.get("handle") or ""))

    def draw_ole2frame_entity(self, entity: Any, properties: Properties) -> None:
        box = entity.bbox()
        if not box.is_empty:
            corners = [Vec2(v) for v in box.rect_vertices()]
            corners.append(corners[0])
            self.drawer.ink.polyline([c for p in corners for c in (p.x, p.y)], self.drawer.number(properties))
        self.drawer.report.miss(entity.dxftype(), "embedded", str(entity.dxf.get("handle") or ""))

    def draw_viewport(self, vp: Any) -> None:
        pass


_SINK = io.StringIO()


def _from_above(entity: Any) -> bool:
    """In the plane of the drawing, not mirrored or tilted."""
    if not entity.dxf.hasattr("extrusion"):
        return True
    x, y, z = entity.dxf.extrusion
    return bool(abs(x) < 1e-12 and abs(y) < 1e-12 and z > 0)


def _point_size(doc: Any) -> float:
    """Size of point symbols where the file says "relative to the screen": half a percent of its extents."""
    try:
        low, high = doc.header.get("$EXTMIN"), doc.header.get("$EXTMAX")
        size = max(high[0] - low[0], high[1] - low[1])
    except (TypeError, IndexError):
        return 1.0
    return size * 0.005 if 0 < size < 1e12 else 1.0


def _hatch_lines(polygon: Any, paths: list[Any]) -> float:
    """About how many lines, dashes counted, a pattern gives inside its boundary."""
    box = _path_box(paths)
    if box is None:
        return 0.0
    diagonal = math.hypot(box[2] - box[0], box[3] - box[1])
    total = 0.0
    for line in polygon.pattern.lines:
        angle = math.radians(line.angle)
        offset = line.offset
        distance = abs(-math.sin(angle) * offset.x + math.cos(angle) * offset.y)
        if distance <= 0:
            return math.inf
        rows = diagonal / distance
        period = sum(abs(d) for d in line.dash_length_items) if line.dash_length_items else 0.0
        total += rows * (max(1.0, diagonal / period * len(line.dash_length_items) / 2) if period > 0 else 1.0)
    return total


def _path_box(paths: list[Any]) -> tuple[float, float, float, float] | None:
    low = [math.inf, math.inf]
    high = [-math.inf, -math.inf]
    for path in paths:
        for v in path.control_vertices():
            low = [min(low[0], v.x), min(low[1], v.y)]
            high = [max(high[0], v.x), max(high[1], v.y)]
    if high[0] < low[0]:
        return None
    return low[0], low[1], high[0], high[1]
