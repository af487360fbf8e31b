"""Where north is on a sheet (指北): by the place of the drawing on the earth (GEODATA), or by its north arrow.

The angle is in degrees clockwise from the top of the sheet. The setting NORTHDIRECTION is not believed: its sense of turning is nowhere stated, and
whoever sets it places the drawing on the earth, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from ezdxf.lldxf.const import DXFError
from ezdxf.math import Vec2

from drawings.cad.fast_pick import Picked

ARROW = re.compile(r"指北|指南针|north.?arrow|^north$|compass", re.IGNORECASE)
NEAR = 0.5
"""Degrees by which arrows may differ and still say the same."""


def of_model(doc: Any, picked: Picked | None, words: Callable[[bytes], str]) -> dict[str, Any] | None:
    """North of the model space: its angle and what tells it (`geodata` or `arrow`); None when nothing does.

    `picked`: block references that the document lacks; `words`: the text of bytes of the file.
    """
    model = doc.modelspace()
    try:
        located = model.get_geodata()
    except (DXFError, AttributeError, TypeError, ValueError, KeyError):
        located = None
    if located is not None:
        up = Vec2(located.dxf.get("north_direction", (0.0, 1.0)))
        if math.isfinite(up.x) and math.isfinite(up.y) and (up.x or up.y):
            return _told(math.degrees(math.atan2(up.x, up.y)), "geodata")
    turns = list(_arrows(model))
    if picked is not None and "INSERT" in picked.tables:
        table = picked.tables["INSERT"]
        names, which = table.words(2)
        named = {at for at, name in enumerate(names) if ARROW.search(words(name))}
        rows = zip(which.tolist(), table.number(50, 0).tolist(), table.number(42, 1).tolist(), strict=True)
        turns += [turn + (180.0 if height < 0 else 0.0) for at, turn, height in rows if at in named]
    return _agreed(turns)


def of_layout(layout: Any, model: dict[str, Any] | None, viewports: list[dict[str, Any]]) -> dict[str, Any] | None:
    """North of a sheet of paper: its own arrow, or the model's north as all its viewports turn it."""
    found = _agreed(list(_arrows(layout)))
    if found is not None or model is None or not viewports:
        return found
    turns = [math.degrees(math.atan2(v["matrix"][1], v["matrix"][0])) for v in viewports]
    return _told(model["angle"] - turns[0], model["source"]) if _alike(turns) else None


def _arrows(layout: Any) -> Iterator[float]:
    """The turns of the blocks that are named after a north arrow, in degrees counter-clockwise."""
    for insert in layout.query("INSERT"):
        if ARROW.search(str(insert.dxf.get("name", ""))):
            yield float(insert.dxf.get("rotation", 0.0)) + (180.0 if insert.dxf.get("yscale", 1.0) < 0 else 0.0)


def _agreed(turns: list[float]) -> dict[str, Any] | None:
    return _told(-turns[0], "arrow") if turns and _alike(turns) else None


def _alike(turns: list[float]) -> bool:
    return all(abs(math.remainder(turn - turns[0], 360.0)) <= NEAR for turn in turns)


def _told(angle: float, source: str) -> dict[str, Any]:
    return {"angle": round(math.remainder(angle, 360.0), 4) + 0.0, "source": source}
