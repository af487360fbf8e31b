"""One row of the measurement."""

from __future__ import annotations

import os
from typing import Any

from realtime.bench.ground import RAISED

Row = dict[str, Any]


def row(
    name: str, ours: float, *, unit: str, goal: float | None, met: bool | None, runs: list[float] | None = None
) -> Row:
    """One row; `spread` is the least and the greatest of the runs."""
    return {
        "name": name,
        "ours": ours,
        "peer": None,
        "ratio": None,
        "unit": unit,
        "goal": goal,
        "met": met,
        "spread": spread(runs) if runs else None,
        "limits": RAISED,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def spread(runs: list[float]) -> list[float]:
    """Least and greatest."""
    return [round(min(runs), 1), round(max(runs), 1)]


def below(value: float, goal: float | None) -> bool | None:
    """Is the figure within its goal, where there is one?"""
    return None if goal is None else value <= goal
