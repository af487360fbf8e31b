"""What viewports of R12 to R14 show: their extended data tell it, where later versions have fields of their own (早期版本视口)."""

from __future__ import annotations

import contextlib
import math
from typing import Any

from ezdxf.entities.viewport import Viewport
from ezdxf.lldxf.const import DXFError

FIRST = 3
"""Place of the first value: behind the name, the opening bracket and the version."""
FROZEN = 27
"""Place of the first frozen layer, behind a bracket of its own."""


def keep_old_views() -> None:
    """Let ezdxf leave the extended data alone: it reads them into an object that it then drops, and takes names for handles."""
    Viewport.load_xdata_into_dxf_namespace = _left_alone  # type: ignore[assignment]


def _left_alone(viewport: Any) -> None:
    pass


def mend(doc: Any) -> None:
    """Give the viewports of an old file the view and the frozen layers that their extended data tell."""
    for viewport in doc.entitydb.query("VIEWPORT"):
        if viewport.dxf.hasattr("view_height") or viewport.xdata is None:
            continue
        with contextlib.suppress(DXFError, IndexError, TypeError, ValueError, AttributeError):
            _mend(viewport, [tag.value for tag in viewport.xdata.get_xlist("ACAD", "MVIEW")][FIRST:])


def _mend(viewport: Any, values: list[Any]) -> None:
    target, direction, twist, height, x, y = values[:6]
    if not (all(math.isfinite(float(v)) for v in (twist, height, x, y)) and height > 0):
        return
    dxf = viewport.dxf
    dxf.view_target_point, dxf.view_direction_vector = target, direction
    dxf.view_twist_angle, dxf.view_height = float(twist), float(height)
    dxf.view_center_point = (float(x), float(y))
    frozen = values[FROZEN - 1 :]
    viewport.frozen_layers = [str(name) for name in frozen if str(name) not in {"{", "}"}]
