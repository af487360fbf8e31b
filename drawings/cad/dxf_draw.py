"""An ezdxf document as ink: the truth path (忠实绘制). Every entity goes through ezdxf's own Frontend rules.

Our part is below it: what the Frontend decides to draw is collected with numpy-friendly stores instead of being painted; block
content is drawn once as a stencil; layers that are off are drawn too (the viewer can switch them on); and each entity
that leaves no trace is reported with its reason.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator
from typing import Any

from ezdxf import reorder
from ezdxf.addons import acadctb
from ezdxf.addons.drawing.gfxproxy import DXFGraphicProxy
from ezdxf.addons.drawing.properties import Properties, RenderContext
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.math import Vec3

from drawings.cad import clip, fast_draw, limits, line_symbols
from drawings.cad.dxf_rules import Rules, silent_reason
from drawings.cad.errors import Refusal
from drawings.cad.fast_pick import Picked
from drawings.cad.fidelity import Report
from drawings.cad.ink import (
    ADAPTIVE,
    BLACK,
    BYBLOCK,
    BYLAYER0,
    COLOR_BY_LAYER,
    PROXY,
    STEP,
    Affine,
    Ink,
    LayerLook,
    Look,
    Record,
    composed,
)
from drawings.cad.layers import DEFAULT_WEIGHT, Layers
from drawings.cad.open_looks import (
    BACKGROUND,
    BLOCK_LINE,
    BLOCK_WEIGHT,
    FOREGROUND,
    LAYER0_LINE,
    LAYER0_WEIGHT,
    MARKED,
    OPEN_LAYER,
    all_visible,
    open_layer,
    open_properties,
    packed,
)  # fmt: skip
from drawings.cad.proxy_graphics import Graphics


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
        self.picked: Picked | None = None
        self.words: fast_draw.Words = bytes.decode
        self.ink = Ink()
        self.report = Report()
        self.stencils: dict[str, Ink] = {}
        self.building: list[str] = []
        self.ctx = RenderContext(doc, ctb=acadctb.new_ctb())
        self.ctx.set_layer_properties_override(all_visible)
        self.frontend = Rules(self)
        self.handle = 0
        self.kind = ""
        self.via: str | None = None
        self.proxy = False
        self.patterns: dict[str, tuple[float, ...]] = {
            name: tuple(float(v) for v in pattern) for name, pattern in self.ctx.line_pattern.items()
        }
        self.symbols = line_symbols.of_document(doc, self.ctx.fonts)
        self.patterns.update(self.symbols.patterns)
        self._colors: dict[str, int] = dict(MARKED)
        self._last: tuple[int, int] = (-1, -1)

    # ------------------------------------------------------------ a layout

    def draw(self, layout: Any) -> tuple[Ink, Report]:
        """Draw one layout, its viewports excepted. Returns the ink and the account of it."""
        self.ink, self.report = Ink(), Report()
        self._enter(layout)
        if self.picked is not None and layout.is_modelspace:
            self._picked(layout, self.picked)
        else:
            self._entities(list(_in_order(layout)), top=True)
        for extra in self.extras.get(layout.layout_key, []):
            self._extra(extra)
        return self.ink, self.report

    def _picked(self, layout: Any, picked: Picked) -> None:
        """The model of a large file: plain entities in columns, the others one by one, each at its place in the draw order."""
        place = fast_draw.places(picked, _redraw_order(layout))
        fast_draw.draw(self, picked, place, self.words)
        records = {handle: record for record, handle in enumerate(picked.handles.tolist()) if handle in picked.others}
        for entity in list(_in_order(layout)):
            record = records.get(_number(str(entity.dxf.get("handle") or "")))
            self.ink.seq = float(place[record]) if record is not None else self.ink.seq + STEP
            self._entity(entity, top=True)
        self.ink.seq = float(len(place) + 1)

    def _enter(self, layout: Any) -> None:
        ctx = self.ctx
        ctx.set_current_layout(layout, ctx.override_ctb)
        ctx.current_layout_properties.set_colors(BACKGROUND, FOREGROUND)
        for layer in self.doc.layers:  # ezdxf takes colour 7 of a layer that is off (stored as -7) for plain white
            known = ctx.layers.get(str(layer.dxf.name).lower())
            if known is not None and abs(int(layer.dxf.get("color", 7))) == 7 and not layer.dxf.hasattr("true_color"):
                known.has_aci_color_7 = True
        ctx.layers[OPEN_LAYER.lower()] = open_layer()

    def _entities(self, entities: list[Any], *, top: bool) -> None:
        for index, entity in enumerate(entities):
            self.ink.seq = float(index + 1)
            self._entity(entity, top=top)
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
        missed = self.report.misses
        try:
            self._draw_one(entity)
        except (Refusal, MemoryError, RecursionError):
            raise
        except Exception as error:  # noqa: BLE001 - one faulty entity must not cost the sheet; it is reported by type and handle
            self.report.miss(kind, "error", handle)
            self.report.warn(
                "W_ENTITY", f"{kind} {handle}：{type(error).__name__}", f"{kind} {handle}: {type(error).__name__}"
            )
        if self.ink.count == before and self._has_graphics(entity, handle):
            self.report.forget(kind, handle)
            self.draw_proxy(self.previews[handle], str(entity.dxf.get("layer", "0")))
        if self.ink.count > limits.PRIMITIVES * 4:
            raise Refusal("E_EXPAND", "展开后的图元过多", "too many primitives after expansion")
        if self.ink.count > before:
            if top:
                self.report.shown[kind] += 1
            return
        if self.report.misses == missed:
            self.report.miss(kind, silent_reason(entity), handle)

    def _has_graphics(self, entity: Any, handle: str) -> bool:
        """Whether the graphics of its own program may stand for an entity that drew nothing. Those of a mask are a black fill."""
        return handle in self.previews and not entity.dxf.get("invisible", 0) and entity.dxftype() != "WIPEOUT"

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
        from ezdxf.entities.text import Text as TextEntity

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
        if (
            extra.kind == "WIPEOUT"
        ):  # a fill in the colour that the paper had: black over all, and what lay above it is not known
            self.report.miss(extra.kind, "mask", f"{extra.handle:X}")
            return
        self.ink.seq += 1.0
        self.draw_proxy(extra.data, extra.layer)
        if extra.kind == "IMAGE":
            self.report.miss(extra.kind, "image", f"{extra.handle:X}")
        elif self.ink.count > before:
            self.report.shown[extra.kind] += 1
        else:
            self.report.miss(extra.kind, "no_graphics", f"{extra.handle:X}")

    def draw_proxy(self, data: bytes, layer: str) -> None:
        """Draw proxy graphics (代理图形): what the object's own program left for others to show."""
        self.proxy = True
        try:
            for entity in self.proxy_entities(data):
                if layer and entity.dxf.get("layer", "0") == "0":
                    entity.dxf.layer = layer
                self._draw_one(entity)
        finally:
            self.proxy = False

    def proxy_entities(self, data: bytes) -> list[Any]:
        """What proxy graphics draw; records that cannot be read are told of."""
        graphics = Graphics(data, self.doc)
        with contextlib.redirect_stdout(io.StringIO()):
            entities = list(graphics.entities())
        for _ in range(graphics.unread):
            self.report.warn("W_PROXY", "代理图形的部分记录无法解读", "some records of proxy graphics cannot be read")
        return entities

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
        self.ctx.push_state(open_properties())
        try:
            self._entities(list(_in_order(block)), top=False)
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
            color = self._colors[properties.color] = packed(properties.color)
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


def _redraw_order(layout: Any) -> dict[str, str]:
    try:
        return dict(layout.get_redraw_order())
    except (AttributeError, TypeError, ValueError):
        return {}


def _in_order(layout: Any) -> Iterator[Any]:
    mapping = _redraw_order(layout)
    return iter(reorder.ascending(layout, mapping)) if mapping else iter(layout)


def _number(handle: str) -> int:
    try:
        return int(handle, 16) & 0xFFFFFFFFFFFFFFFF
    except ValueError:
        return 0


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
