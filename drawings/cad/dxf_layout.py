"""Layouts: paper space with what its viewports show of the model (布局与视口)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from drawings.cad import clip, layers
from drawings.cad.dxf_draw import Drawer
from drawings.cad.fidelity import Report
from drawings.cad.ink import (
    COLOR_BY_LAYER,
    PROXY,
    Affine,
    Fills,
    Ink,
    Look,
    Record,
    Strokes,
    box_transformed,
    multiplied,
    transformed,
)

PAPER_UNITS = {0: ("inch", 0.0254), 1: ("mm", 0.001), 2: ("pixel", None)}
UNITS: dict[int, tuple[str, float | None]] = {
    0: ("unitless", None), 1: ("inch", 0.0254), 2: ("foot", 0.3048), 3: ("mile", 1609.344), 4: ("mm", 0.001), 5: ("cm", 0.01),
    6: ("m", 1.0), 7: ("km", 1000.0), 8: ("microinch", 2.54e-8), 9: ("mil", 2.54e-5), 10: ("yard", 0.9144),
    11: ("angstrom", 1e-10), 12: ("nm", 1e-9), 13: ("micron", 1e-6), 14: ("dm", 0.1), 15: ("dam", 10.0), 16: ("hm", 100.0),
    17: ("Gm", 1e9), 18: ("AU", 149597870700.0), 19: ("ly", 9.4607304725808e15), 20: ("parsec", 3.0856775814913673e16),
    21: ("US survey foot", 0.3048006096012192), 22: ("US survey inch", 0.0254000508001016),
    23: ("US survey yard", 0.9144018288036576), 24: ("US survey mile", 1609.3472186944375),
}  # fmt: skip


def model_units(doc: Any) -> dict[str, Any]:
    """Drawing units of the model space by $INSUNITS; "unitless" when the file does not say."""
    try:
        name, metres = UNITS[int(doc.header.get("$INSUNITS", 0) or 0)]
    except (KeyError, ValueError, TypeError):
        name, metres = UNITS[0]
    return {"name": name, "metres_per_unit": metres, "source": "header" if metres else "unitless"}


def paper_units(layout: Any) -> dict[str, Any]:
    try:
        name, metres = PAPER_UNITS[int(layout.dxf_layout.dxf.get("plot_paper_units", 1))]
    except (KeyError, ValueError, TypeError, AttributeError):
        name, metres = PAPER_UNITS[1]
    return {"name": name, "metres_per_unit": metres, "source": "paper"}


def in_tab_order(doc: Any) -> list[Any]:
    """All layouts, the model first, then as the tabs stand."""
    found = list(doc.layouts)

    def place(layout: Any) -> tuple[int, int]:
        return (0 if layout.is_modelspace else 1, int(layout.dxf_layout.dxf.get("taborder", 0)))

    return sorted(found, key=place)


OFF = 0x20000
"""Bit of a viewport's flags: switched off."""


def viewports(layout: Any) -> tuple[list[Any], set[int]]:
    """Viewports that show the model, and which of them (by place) are off.

    The overall viewport of the paper is not one: it has the id 1; or, where ids are not kept (all -1), the status 1; or, where a
    layout was never opened and nothing is kept, it is the first.
    """
    found = [e for e in layout if e.dxftype() == "VIEWPORT"]
    ids = [e.dxf.get("id", -1) for e in found]
    states = [e.dxf.get("status", 0) for e in found]
    if 1 in ids:
        overall = ids.index(1)
    elif any(i > 1 for i in ids):
        overall = -1
    elif 1 in states and max(states) > 1:
        overall = states.index(1)
    else:
        overall = 0
    known = any(s > 0 for i, s in enumerate(states) if i != overall)
    shown = [e for i, e in enumerate(found) if i != overall]
    off = {
        i for i, e in enumerate(shown) if int(e.dxf.get("flags", 0)) & OFF or (known and e.dxf.get("status", 0) == 0)
    }
    return shown, off


def with_viewports(
    drawer: Drawer, layout: Any, paper: Ink, report: Report, model: Ink
) -> tuple[Ink, list[dict[str, Any]]]:
    """The paper's ink with the model's ink under it, cut by each viewport. Returns it and the manifest rows of the viewports."""
    rows: list[dict[str, Any]] = []
    shown, off = viewports(layout)
    if not shown:
        return paper, rows
    made = Ink()
    made.looks = list(paper.looks)
    looks = _ViewportLooks(drawer, layout, model, made, report)
    strokes, fills = paper.closed()
    made.add_strokes(strokes)
    made.add_fills(fills)
    made.texts = list(paper.texts)
    made.pictures = list(paper.pictures)
    made.masks = list(paper.masks)
    made.infinite = list(paper.infinite)
    made.seq = paper.seq
    for order, viewport in enumerate(shown):
        row = _place(drawer, viewport, made, model, report, looks=looks, order=float(order), off=order in off)
        if row is not None:
            rows.append(row)
    made.count = max(1, paper.count)
    return made, rows


class _ViewportLooks:
    """The model's looks as the viewports of one layout show them: with dashes and layer colours of their own (视口替代)."""

    def __init__(self, drawer: Drawer, layout: Any, model: Ink, made: Ink, report: Report) -> None:
        self.drawer, self.model, self.made, self.report = drawer, model, made, report
        self.dashes_by_paper = _dashes_by_paper(layout)
        self.dashed = any(drawer.patterns.get(str(record.look.line_type)) for record in model.looks)
        self.known: dict[tuple[float, tuple[tuple[str, int], ...]], int] = {}

    def base(self, viewport: Any, scale: float) -> int:
        """Where the looks for this viewport begin in the store of the sheet."""
        colors, other = layers.overrides(self.drawer.doc, str(viewport.dxf.get("handle") or ""))
        if other:
            self.report.warn(
                "W_VIEWPORT",
                "视口对图层线型或线宽的替代未应用，按图层原样显示",
                "line types or weights that a viewport gives a layer of its own are shown as the layer has them",
            )
        factor = scale if self.dashed and not self.dashes_by_paper else 1.0
        key = (factor, tuple(sorted(colors.items())))
        if key not in self.known:
            self.known[key] = len(self.made.looks)
            self.made.looks += [self._seen(record, factor, colors) for record in self.model.looks]
        return self.known[key]

    def _seen(self, record: Record, factor: float, colors: dict[str, int]) -> Record:
        look = record.look
        own = colors.get((look.layer or "0").lower()) if look.color >= 0 and look.color & COLOR_BY_LAYER else None
        if own is not None:  # no longer the layer's colour, as far as the browser is concerned
            look = look._replace(color=own | look.color & PROXY)
        return record._replace(look=look._replace(scale=look.scale * factor))


def _dashes_by_paper(layout: Any) -> bool:
    """Are dashes as long on paper in viewports of every scale (PSLTSCALE)? Else they are as long in the model."""
    flags = layout.dxf_layout.dxf.get("layout_flags")
    if flags is not None and layout.doc.dxfversion >= "AC1015":
        return bool(int(flags) & 1)
    return bool(layout.doc.header.get("$PSLTSCALE", 1))


def _place(
    drawer: Drawer,
    viewport: Any,
    made: Ink,
    model: Ink,
    report: Report,
    *,
    looks: _ViewportLooks,
    order: float,
    off: bool,
) -> dict[str, Any] | None:
    handle = str(viewport.dxf.get("handle") or "")
    report.entities["VIEWPORT"] += 1
    border = _border(viewport)
    if border is None:
        report.miss("VIEWPORT", "empty", handle)
        return None
    look = Look(str(viewport.dxf.get("layer", "0")), *drawer.layer_looks.get(
        str(viewport.dxf.get("layer", "0")).lower(), drawer.fallback), 1.0)  # fmt: skip
    frame = made.look(Record(look._replace(line_type="CONTINUOUS"), int(handle or "0", 16), "VIEWPORT", None))
    made.seq += 1.0
    made.polyline([c for p in [*border, border[0]] for c in p], frame)
    if off:
        report.miss("VIEWPORT", "invisible", handle)
        return None
    if not viewport.is_top_view:
        report.miss("VIEWPORT", "view_3d", handle)
        return None
    matrix = _matrix(viewport)
    boundary = clip.Boundary.of_ring(border)
    if matrix is None or boundary is None:
        report.miss("VIEWPORT", "error", handle)
        return None
    base = looks.base(viewport, math.hypot(matrix[0], matrix[1]))
    frozen = {str(name).lower() for name in viewport.frozen_layers}
    under = -1e6 + order * 1e4  # what a viewport shows lies under what is drawn on the paper
    scale = 1.0 / (model.seq + 2.0) * 1e3
    hidden = _frozen_looks(model, frozen)
    strokes, fills = model.closed()
    strokes = strokes.taken(~hidden[strokes.look]) if len(strokes) else strokes
    if len(strokes):
        moved = Strokes(
            transformed(strokes.xy, matrix), strokes.n, strokes.look + np.uint32(base), under + strokes.seq * scale
        )
        made.add_strokes(clip.clip_strokes(moved, boundary))
    if len(fills):
        keep = ~hidden[fills.look]
        made.add_fills(
            clip.clip_fills(
                Fills(
                    transformed(fills.xy, matrix),
                    fills.corner[keep],
                    fills.look[keep] + np.uint32(base),
                    under + fills.seq[keep] * scale,
                ),
                boundary,
            )
        )
    texts = [
        t._replace(matrix=multiplied(t.matrix, matrix), look=t.look + base, seq=under + t.seq * scale)
        for t in model.texts
        if not hidden[t.look]
    ]
    made.texts += clip.clip_texts(texts, boundary)
    made.masks += [
        (under + seq * scale, _overlap(box_transformed(box, matrix), boundary.area.bounds)) for seq, box in model.masks
    ]
    report.shown["VIEWPORT"] += 1
    x0, y0, x1, y1 = boundary.area.bounds
    return {
        "id": handle,
        "rect": [x0, y0, x1, y1],
        "clip": None if boundary.rect is not None else [[float(x), float(y)] for x, y in border],
        "matrix": [float(v) for v in matrix],
        "scale": float(math.hypot(matrix[0], matrix[1])),
        "frozen": sorted(str(name) for name in viewport.frozen_layers),
    }


def _overlap(box: tuple[float, float, float, float], other: Any) -> tuple[float, float, float, float]:
    return max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])


def _border(viewport: Any) -> list[tuple[float, float]] | None:
    """The viewport's edge on paper: its rectangle or its clip path."""
    from ezdxf.path import make_path

    try:
        path = make_path(viewport)
        points = list(path.flattening(max(viewport.dxf.width, viewport.dxf.height) * 1e-3)) if len(path) else []
    except (TypeError, ValueError, AttributeError, KeyError):
        points = []
    ring = [(float(p.x), float(p.y)) for p in points]
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    if len(ring) < 3:
        center, w, h = viewport.dxf.center, viewport.dxf.width / 2, viewport.dxf.height / 2
        if w <= 0 or h <= 0:
            return None
        x, y = center.x, center.y
        ring = [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]
    return ring if all(math.isfinite(v) for p in ring for v in p) else None


def _matrix(viewport: Any) -> Affine | None:
    try:
        m = viewport.get_transformation_matrix()
    except (ValueError, ZeroDivisionError, AttributeError):
        return None
    x, y, o = m.get_row(0), m.get_row(1), m.get_row(3)
    matrix = (x[0], x[1], y[0], y[1], o[0], o[1])
    if not all(math.isfinite(v) for v in matrix) or abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) < 1e-30:
        return None
    return matrix


def _frozen_looks(model: Ink, frozen: set[str]) -> Any:
    """Which of the model's looks this viewport does not show."""
    return np.array(
        [
            (r.look.layer or "0").lower() in frozen or (r.via is not None and r.via.lower() in frozen)
            for r in model.looks
        ],
        dtype=bool,
    )
