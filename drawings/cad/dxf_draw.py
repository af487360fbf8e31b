"""An ezdxf document as ink: the truth path (忠实绘制). Every entity goes through ezdxf's own Frontend rules.

Our part is below it: what the Frontend decides to draw is collected with numpy-friendly stores instead of being painted; block
content is drawn once as a stencil; layers that are off are drawn too (the viewer can switch them on); and each entity
that leaves no trace is reported with its reason.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from ezdxf import reorder
from ezdxf.addons import acadctb
from ezdxf.addons.drawing.config import Configuration, ImagePolicy, LinePolicy, ProxyGraphicPolicy
from ezdxf.addons.drawing.frontend import UniversalFrontend
from ezdxf.addons.drawing.gfxproxy import DXFGraphicProxy
from ezdxf.addons.drawing.pipeline import AbstractPipeline
from ezdxf.addons.drawing.properties import LayerProperties, Properties, RenderContext
from ezdxf.addons.drawing.unified_text_renderer import UnifiedTextRenderer
from ezdxf.entities import DXFGraphic, Insert, Viewport
from ezdxf.math import Matrix44, Vec2, Vec3
from ezdxf.math.triangulation import mapbox_earcut_2d
from ezdxf.npshapes import NumpyPath2d
from ezdxf.proxygraphic import ProxyGraphic
from ezdxf.render import hatching
from ezdxf.tools.text import replace_non_printable_characters

from drawings.cad import clip, limits
from drawings.cad.errors import Refusal
from drawings.cad.fidelity import Report
from drawings.cad.ink import (
    ADAPTIVE,
    BLACK,
    BYBLOCK,
    BYLAYER0,
    COLOR_BY_LAYER,
    MASK,
    PROXY,
    Affine,
    Ink,
    LayerLook,
    Look,
    Record,
    Text,
    arc_points,
    composed,
)
from drawings.cad.layers import DEFAULT_WEIGHT, Layers

# What the Frontend resolves to these values is still open or depends on the paper. No file is likely to use them.
FOREGROUND, OF_BLOCK, OF_LAYER0, BACKGROUND = "#01f3a7", "#01f3a8", "#01f3a9", "#01f3aa"
OPEN_LAYER = "\x01layer of the reference"
BLOCK_WEIGHT, LAYER0_WEIGHT = 99.99, 88.88
BLOCK_LINE, LAYER0_LINE = "\x01BYBLOCK", "\x02BYLAYER0"
MARKED = {FOREGROUND: ADAPTIVE | BLACK, OF_BLOCK: BYBLOCK, OF_LAYER0: BYLAYER0, BACKGROUND: MASK | BLACK}

CIRCLE_STEPS = 96
FLATTEN = 2e-4
"""Sagitta of curves, as a share of the curve's size."""
SOLID_TYPES = frozenset({"3DSOLID", "BODY", "REGION", "SURFACE", "EXTRUDEDSURFACE", "LOFTEDSURFACE", "REVOLVEDSURFACE",
                         "SWEPTSURFACE", "PLANESURFACE", "NURBSURFACE"})  # fmt: skip


class Drawer:
    """Draws the layouts of one document."""

    def __init__(
        self,
        doc: Any,
        layers: Layers,
        extras: dict[str, list[Extra]] | None = None,
        previews: dict[str, bytes] | None = None,
    ) -> None:
        self.doc = doc
        self.layers = layers
        self.layer_looks = layers.looks
        self.fallback = LayerLook(ADAPTIVE | BLACK | COLOR_BY_LAYER, DEFAULT_WEIGHT, "CONTINUOUS")
        self.extras = extras or {}
        self.previews = previews or {}
        self.simple: SimpleSource | None = None
        self.ink = Ink()
        self.report = Report()
        self.stencils: dict[str, Ink] = {}
        self.building: list[str] = []
        self.ctx = RenderContext(doc, ctb=acadctb.new_ctb())
        self.ctx.set_layer_properties_override(_all_visible)
        self.frontend = _Frontend(self)
        self.handle = 0
        self.kind = ""
        self.via: str | None = None
        self.proxy = False
        self.patterns: dict[str, tuple[float, ...]] = {
            name: tuple(float(v) for v in pattern) for name, pattern in self.ctx.line_pattern.items()
        }
        self._colors: dict[str, int] = dict(MARKED)
        self._last: tuple[int, int] = (-1, -1)

    # ------------------------------------------------------------ a layout

    def draw(self, layout: Any) -> tuple[Ink, Report]:
        """Draw one layout, its viewports excepted. Returns the ink and the account of it."""
        self.ink, self.report = Ink(), Report()
        self._enter(layout)
        self._entities(list(_in_order(layout)), layout.block_record_name, top=True)
        for extra in self.extras.get(layout.layout_key, []):
            self._extra(extra)
        return self.ink, self.report

    def _enter(self, layout: Any) -> None:
        ctx = self.ctx
        ctx.set_current_layout(layout, ctx.override_ctb)
        ctx.current_layout_properties.set_colors(BACKGROUND, FOREGROUND)
        for layer in self.doc.layers:  # ezdxf takes colour 7 of a layer that is off (stored as -7) for plain white
            known = ctx.layers.get(str(layer.dxf.name).lower())
            if known is not None and abs(int(layer.dxf.get("color", 7))) == 7 and not layer.dxf.hasattr("true_color"):
                known.has_aci_color_7 = True
        open_layer = LayerProperties()
        open_layer.layer = OPEN_LAYER
        open_layer.color = OF_LAYER0
        open_layer.lineweight = LAYER0_WEIGHT
        open_layer.linetype_name = LAYER0_LINE
        ctx.layers[OPEN_LAYER.lower()] = open_layer

    def _entities(self, entities: list[Any], block: str, *, top: bool) -> None:
        ranks = self.simple.ranks(block, len(entities)) if self.simple else None
        for index, entity in enumerate(entities):
            self.ink.seq = float(ranks[index] if ranks is not None else index + 1)
            self._entity(entity, top=top)
        if self.simple:
            self.ink.seq = max(self.ink.seq, float(self.simple.draw(self, block, top=top)))
        self.ink.seq = math.floor(self.ink.seq) + 1.0

    def _entity(self, entity: Any, *, top: bool) -> None:
        kind = str(entity.dxftype())
        if kind == "VIEWPORT":
            return
        handle = str(entity.dxf.get("handle") or "")
        if top:
            self.handle = _number(handle)
            self.kind = kind
            self.via = str(entity.dxf.get("layer", "0")) if kind == "INSERT" else None
            self.report.entities[kind] += 1
        if kind == "ATTDEF" and not top:
            self._constant_attribute(entity)
            return
        before = self.ink.count
        missed = sum(sum(c.values()) for c in self.report.missed.values())
        try:
            self._draw_one(entity)
        except (Refusal, MemoryError, RecursionError):
            raise
        except Exception as error:  # noqa: BLE001 - one faulty entity must not cost the sheet; it is reported by type and handle
            self.report.miss(kind, "error", handle)
            self.report.warn(
                "W_ENTITY", f"{kind} {handle}：{type(error).__name__}", f"{kind} {handle}: {type(error).__name__}"
            )
        if self.ink.count == before and handle in self.previews and not entity.dxf.get("invisible", 0):
            self._forget(kind, handle)
            self.draw_proxy(self.previews[handle], str(entity.dxf.get("layer", "0")))
        if self.ink.count > limits.PRIMITIVES * 4:
            raise Refusal("E_EXPAND", "展开后的图元过多", "too many primitives after expansion")
        if self.ink.count > before:
            if top:
                self.report.shown[kind] += 1
            return
        if sum(sum(c.values()) for c in self.report.missed.values()) == missed:
            self.report.miss(kind, _silent_reason(entity), handle)

    def _forget(self, kind: str, handle: str) -> None:
        """Take back a miss: the preview is tried instead."""
        for key in [k for k in self.report.missed if k[0] == kind]:
            self.report.missed[key].pop(handle, None)
            if not self.report.missed[key]:
                del self.report.missed[key]

    def _draw_one(self, entity: Any) -> None:
        if not isinstance(entity, DXFGraphic):
            entity = DXFGraphicProxy(entity)
        properties = self.ctx.resolve_all(entity)
        self.frontend.exec_property_override(entity, properties)
        if entity.dxf.get("invisible", 0) or not properties.is_visible:
            self.report.miss(entity.dxftype(), "invisible", str(entity.dxf.get("handle") or ""))
            return
        self.frontend.draw_entity(entity, properties)

    def _constant_attribute(self, entity: Any) -> None:
        """A constant attribute has no ATTRIB: its definition is what is shown."""
        if not entity.is_const or entity.is_invisible:
            return
        from ezdxf.entities import Text as TextEntity

        attributes = {
            key: value for key, value in entity.dxfattribs().items() if key in {
                "layer", "color", "true_color", "height", "rotation", "width", "oblique", "style", "insert", "align_point",
                "halign", "text", "text_generation_flag", "extrusion",
            }
        }  # fmt: skip
        attributes["valign"] = entity.dxf.get("valign", 0)
        self._draw_one(TextEntity.new(dxfattribs=attributes, doc=self.doc))

    def _extra(self, extra: Extra) -> None:
        """Graphics of an entity that the document lacks, from the DWG reader."""
        self.handle, self.kind, self.via = extra.handle, extra.kind, None
        self.report.entities[extra.kind] += 1
        before = self.ink.count
        self.ink.seq += 1.0
        self.draw_proxy(extra.data, extra.layer)
        if self.ink.count > before:
            self.report.shown[extra.kind] += 1
        else:
            self.report.miss(extra.kind, "no_graphics", f"{extra.handle:X}")

    def draw_proxy(self, data: bytes, layer: str) -> None:
        """Draw proxy graphics (代理图形): what the object's own program left for others to show."""
        self.proxy = True
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                entities = list(ProxyGraphic(data, self.doc).virtual_entities())
        except Exception:  # noqa: BLE001 - unknown graphics give nothing; the caller reports what left no trace
            entities = []
        try:
            for entity in entities:
                if layer and entity.dxf.get("layer", "0") == "0":
                    entity.dxf.layer = layer
                self._draw_one(entity)
        finally:
            self.proxy = False

    # ------------------------------------------------------------ block references

    def insert(self, entity: Any, properties: Properties) -> None:
        block = entity.block()
        handle = str(entity.dxf.get("handle") or "")
        if block is None:
            self.report.miss("INSERT", "missing_block", handle)
            return
        if block.block is not None and block.block.dxf.flags & 4:
            self.report.lack("xref", str(block.block.dxf.get("xref_path", "") or entity.dxf.name))
            if not len(block):
                self.report.miss("INSERT", "xref", handle)
                return
        m = entity.matrix44()
        z = m.get_row(2)
        if abs(z[0]) > 1e-9 * abs(z[2] or 1) or abs(z[1]) > 1e-9 * abs(z[2] or 1):
            self.frontend.slow_insert(entity, properties)  # tilted out of the plane: entity by entity in space
            return
        stencil = self.stencil(block)
        x, y, o = m.get_row(0), m.get_row(1), m.get_row(3)
        matrix: Affine = (x[0], x[1], y[0], y[1], o[0], o[1])
        if not all(math.isfinite(v) for v in matrix):
            self.report.miss("INSERT", "error", handle)
            return
        boundary = clip.of_insert(entity)
        if boundary is not None:
            stencil = clip.clipped_stencil(stencil, boundary)
        reference = self.look(properties)
        looks = [self.entry(composed(look, reference, self.layer_looks, self.fallback)) for look in stencil.looks]
        for dx, dy in _grid(entity):
            self.ink.place(stencil, (*matrix[:4], matrix[4] + dx, matrix[5] + dy), looks)
        if entity.attribs:
            self.ctx.push_state(properties)
            try:
                for attribute in entity.attribs:
                    self._draw_one(attribute)
            finally:
                self.ctx.pop_state()

    def stencil(self, block: Any) -> Ink:
        """The content of a block, drawn once with open looks."""
        key = str(block.name).lower()
        known = self.stencils.get(key)
        if known is not None:
            return known
        if key in self.building:
            raise Refusal("E_CYCLE", block.name, block.name)
        if len(self.building) > limits.INSERT_DEPTH:
            raise Refusal("E_DEPTH")
        self.building.append(key)
        outer = self.ink
        self.ink = Ink()
        self.ctx.push_state(_open_properties())
        try:
            self._entities(list(_in_order(block)), block.name, top=False)
            for extra in self.extras.get(block.block_record_handle, []):
                self._extra(extra)
        finally:
            self.ctx.pop_state()
            made, self.ink = self.ink, outer
            self.building.pop()
        self.stencils[key] = made
        return made

    # ------------------------------------------------------------ looks

    def look(self, properties: Properties) -> Look:
        color = self._colors.get(properties.color)
        if color is None:
            color = self._colors[properties.color] = _packed(properties.color)
        if color >= 0:
            if getattr(properties, "by_layer", False):
                color |= COLOR_BY_LAYER
            if self.proxy:
                color |= PROXY
        weight = properties.lineweight
        name: str | int = properties.linetype_name
        return Look(
            None if properties.layer == OPEN_LAYER else properties.layer,
            color,
            BYBLOCK if weight == BLOCK_WEIGHT else BYLAYER0 if weight == LAYER0_WEIGHT else round(weight * 100),
            BYBLOCK if name == BLOCK_LINE else BYLAYER0 if name == LAYER0_LINE else name,
            properties.linetype_scale,
        )

    def entry(self, look: Look) -> int:
        """Number of the look in the current store: a record on a sheet, an open look in a stencil."""
        if self.building:
            return self.ink.look(look)
        return self.ink.look(Record(look, self.handle, self.kind, self.via))

    def number(self, properties: Properties) -> int:
        return self.entry(self.look(properties))


class Extra:
    """Proxy graphics of an entity that the document itself does not hold."""

    def __init__(self, handle: int, kind: str, layer: str, data: bytes) -> None:
        self.handle, self.kind, self.layer, self.data = handle, kind, layer, data


class SimpleSource:
    """Entities read straight from the file, without ezdxf (the fast path). See `dxf_fast`."""

    def ranks(self, block: str, count: int) -> Any:
        raise NotImplementedError

    def draw(self, drawer: Drawer, block: str, *, top: bool) -> float:
        raise NotImplementedError


def _all_visible(layers: Iterable[LayerProperties]) -> None:
    for layer in layers:
        layer.is_visible = True


def _open_properties() -> Properties:
    open_ = Properties()
    open_.color = OF_BLOCK
    open_.layer = OPEN_LAYER
    open_.lineweight = BLOCK_WEIGHT
    open_.linetype_name = BLOCK_LINE
    open_.linetype_pattern = ()
    return open_


def _in_order(layout: Any) -> Iterator[Any]:
    try:
        mapping = dict(layout.get_redraw_order())
    except (AttributeError, TypeError, ValueError):
        mapping = {}
    return iter(reorder.ascending(layout, mapping)) if mapping else iter(layout)


def _number(handle: str) -> int:
    try:
        return int(handle, 16) & 0xFFFFFFFFFFFFFFFF
    except ValueError:
        return 0


def _packed(color: str) -> int:
    alpha = int(color[7:9], 16) if len(color) == 9 else 255
    marked = MARKED.get(color[:7])
    if marked is not None:
        return marked if marked < 0 else (marked & ~BLACK) | (alpha << 24)
    return int(color[1:3], 16) | (int(color[3:5], 16) << 8) | (int(color[5:7], 16) << 16) | (alpha << 24)


def _grid(insert: Any) -> list[tuple[float, float]]:
    """Offsets of a multiple insert (MINSERT), in drawing coordinates."""
    if insert.mcount <= 1:
        return [(0.0, 0.0)]
    dxf = insert.dxf
    columns = dxf.column_count if dxf.column_spacing else 1
    rows = dxf.row_count if dxf.row_spacing else 1
    angle = math.radians(dxf.rotation)
    ocs = insert.ocs()
    offsets = []
    for row in range(rows):
        for column in range(columns):
            step = Vec3(column * dxf.column_spacing, row * dxf.row_spacing, 0).rotate(angle)
            wcs = ocs.to_wcs(step)
            offsets.append((wcs.x, wcs.y))
    return offsets


def _silent_reason(entity: Any) -> str:
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


# ---------------------------------------------------------------- ezdxf's side


class _Frontend(UniversalFrontend):
    """ezdxf's rules, with our treatment of block references, curves, infinite lines, wipeouts and dense hatches."""

    def __init__(self, drawer: Drawer) -> None:
        self.drawer = drawer
        points = float(drawer.doc.header.get("$PDSIZE", 0.0) or 0.0)
        super().__init__(
            drawer.ctx,
            _Pipeline(drawer),
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
        proxied = isinstance(entity, DXFGraphicProxy) or entity.dxftype() == "ACAD_PROXY_ENTITY"
        if proxied:
            self.drawer.proxy = True
        try:
            with contextlib.redirect_stdout(_SINK):
                super().draw_entity(entity, properties)
        finally:
            if proxied:
                self.drawer.proxy = False

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
        super().draw_curve_entity(entity, properties)

    def draw_text_entity_3d(self, entity: Any, properties: Properties) -> None:
        """Text that stands out of the plane: its shadow on the plane, by ezdxf's own placing."""
        self.draw_text_entity_2d(entity, properties)

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
        super().draw_hatch_pattern(polygon, paths, properties)
        if self.drawer.ink.count == before and paths:
            raise hatching.DenseHatchingLinesError  # no line met the boundary, or time ran out: solid rather than nothing

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


class _Pipeline(AbstractPipeline):
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
        polygons = [_without_repeats(ring) for ring in polygons]
        polygons = [ring for ring in polygons if len(ring) >= 3]
        if not polygons:
            return
        number = self.drawer.number(properties)
        ink = self.drawer.ink
        for exterior, holes in _nested(polygons):
            points, corners = _triangulated(exterior, holes)
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


def _without_repeats(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    out = [p for i, p in enumerate(ring) if i == 0 or p != ring[i - 1]]
    if len(out) > 1 and out[0] == out[-1]:
        out.pop()
    return out


def _nested(polygons: list[list[tuple[float, float]]]) -> Iterator[tuple[list[Any], list[list[Any]]]]:
    """Rings by the even-odd rule as (exterior, holes). Works for disjoint and nested rings; one ring is the usual case."""
    if len(polygons) == 1:
        yield polygons[0], []
        return
    boxes = [(min(x for x, _ in p), min(y for _, y in p), max(x for x, _ in p), max(y for _, y in p)) for p in polygons]
    order = sorted(range(len(polygons)), key=lambda i: -(boxes[i][2] - boxes[i][0]) * (boxes[i][3] - boxes[i][1]))
    depth: dict[int, int] = {}
    parent: dict[int, int] = {}
    for position, i in enumerate(order):
        level = 0
        for j in order[:position]:
            if _box_in(boxes[i], boxes[j]) and _inside(polygons[i][0], polygons[j]):
                level += 1
                if i not in parent or depth[j] >= depth[parent[i]]:
                    parent[i] = j
        depth[i] = level
    for i in order:
        if depth[i] % 2 == 0:
            yield polygons[i], [polygons[j] for j in order if parent.get(j) == i and depth[j] == depth[i] + 1]


def _box_in(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _inside(point: tuple[float, float], ring: list[tuple[float, float]]) -> bool:
    x, y = point
    result = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            result = not result
        x0, y0 = x1, y1
    return result


def _triangulated(
    exterior: list[tuple[float, float]], holes: list[list[tuple[float, float]]]
) -> tuple[list[tuple[float, float]], list[int]]:
    if len(exterior) == 3 and not holes:
        return exterior, [0, 1, 2]
    if len(exterior) == 4 and not holes and _convex(exterior):
        return exterior, [0, 1, 2, 0, 2, 3]
    number: dict[tuple[float, float], int] = {}
    points: list[tuple[float, float]] = []
    corners: list[int] = []
    for triangle in mapbox_earcut_2d(Vec2.list(exterior), [Vec2.list(h) for h in holes] or None):
        for v in triangle:
            key = (v.x, v.y)
            known = number.get(key)
            if known is None:
                known = number[key] = len(points)
                points.append(key)
            corners.append(known)
    return points, corners


def _convex(ring: list[tuple[float, float]]) -> bool:
    sign = 0.0
    for i in range(4):
        (x0, y0), (x1, y1), (x2, y2) = ring[i], ring[(i + 1) % 4], ring[(i + 2) % 4]
        cross = (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
        if cross * sign < 0:
            return False
        sign = sign or cross
    return True
