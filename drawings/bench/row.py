"""One row of `manage.py bench drawings`."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def row(
    name: str, ours: float, *, unit: str, goal: float | None, met: bool | None, peer: float | None = None, **more: Any
) -> Row:
    """One row; the ratio says how many times less ours takes."""
    ratio = round(peer / ours, 2) if peer is not None and ours else None
    return {"name": name, "ours": round(ours, 3), "peer": None if peer is None else round(peer, 3), "ratio": ratio,
            "unit": unit, "goal": goal, "met": met, **more}  # fmt: skip


def absent(name: str, ours: float, *, unit: str, goal: float, why: str) -> Row:
    """A row whose peer is not here: said, and not passed."""
    return row(f"{name} (PEER ABSENT: {why})", ours, unit=unit, goal=goal, met=False, note=f"peer absent: {why}")
