"""One row of `manage.py bench drawings`."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any

Row = dict[str, Any]


def row(
    name: str, ours: float, *, unit: str, goal: float | None, met: bool | None, peer: float | None = None, **more: Any
) -> Row:
    """One row; the ratio says how many times less ours takes."""
    ratio = round(peer / ours, 2) if peer is not None and ours else None
    return {"name": name, "ours": round(ours, 3), "peer": None if peer is None else round(peer, 3), "ratio": ratio,
            "unit": unit, "goal": goal, "met": met, **more}  # fmt: skip


def absent(name: str, ours: float, *, unit: str, goal: float | None, why: str) -> Row:
    """A row whose peer is not here: said, and not passed."""
    return row(f"{name} (PEER ABSENT: {why})", ours, unit=unit, goal=goal, met=False, note=f"peer absent: {why}")


def attempted(name: str, say: Callable[[str], None], measure: Callable[[], Sequence[Row]]) -> list[Row]:
    """The rows of one measurement; when it fails, one row that says so and is not passed, so that the others are measured."""
    try:
        return list(measure())
    except Exception as error:  # noqa: BLE001 - whatever breaks one measurement is told in its row, with its trace
        say(traceback.format_exc())
        why = f"{type(error).__name__}: {error}"[:200]
        return [row(f"{name} (FAILED: {why})", 0.0, unit="", goal=0.0, met=False, note=f"failed: {why}")]
