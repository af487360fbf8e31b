"""What LibreDWG reads and its DXF lacks or has wrong, given back to the document (补正)."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Any

from ezdxf.lldxf.const import DXFError


def mend_hatch_splines(doc: Any) -> None:
    """LibreDWG writes the weights of a rational spline in a hatch boundary with the code of its knots, behind them."""
    for hatch in doc.entitydb.query("HATCH MPOLYGON"):
        for path in hatch.paths:
            for edge in getattr(path, "edges", ()):
                knots = getattr(edge, "knot_values", None)
                count = len(edge.control_points) if knots else 0
                needed = count + int(edge.degree) + 1 if knots else 0
                if knots and not edge.weights and len(knots) == needed + count:
                    edge.knot_values, edge.weights = knots[:needed], knots[needed:]


def give_colors(doc: Any, rows: Sequence[tuple[str, int | None, int | None]]) -> None:
    """True colours that have a name, and transparency: handle, colour, alpha."""
    for handle, rgb, alpha in rows:
        entity = doc.entitydb.get(handle)
        if entity is None or not entity.is_alive or not hasattr(entity.dxf, "set"):
            continue
        with contextlib.suppress(ValueError, AttributeError, DXFError):
            if rgb is not None and not entity.dxf.hasattr("true_color"):
                entity.dxf.set("true_color", rgb)
            if alpha is not None and not entity.dxf.hasattr("transparency"):
                entity.dxf.set("transparency", 0x02000000 | alpha)


def give_widths(doc: Any, rows: Sequence[tuple[str, list[float]]]) -> None:
    """Widths of polylines from vertex to vertex: handle; start and end of each, one after the other."""
    for handle, widths in rows:
        line = doc.entitydb.get(handle)
        if line is None or not line.is_alive or line.dxftype() != "LWPOLYLINE" or len(widths) != 2 * len(line):
            continue
        if line.has_width or not all(math.isfinite(width) and width >= 0 for width in widths):
            continue
        points = line.get_points("xyb")
        pairs = zip(widths[0::2], widths[1::2], strict=True)
        line.set_points([(x, y, *pair, bulge) for (x, y, bulge), pair in zip(points, pairs, strict=True)], "xyseb")
        line.dxf.discard("const_width")
