"""Forecast of many projects at once (批量推算): the same critical path method as `graph.schedule`, on arrays. Pure.

All projects of one template share its order; each has its own remaining days per item. An item that is not run, or is
decided, takes no days: it hands on what it waited for, exactly as `graph.hand_on` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ledger.errors import Refused
from projects.pipeline.template import Template
from projects.words import _


@dataclass(frozen=True)
class Forecast:
    """Working days from now: `total` per project; earliest and latest finish per item and project (items x projects)."""

    codes: tuple[str, ...]
    total: Any
    ef: Any
    lf: Any

    def slack(self) -> Any:
        """Working days each item may slip before the end of its project moves."""
        return self.lf - self.ef


def forecast(template: Template, days: Any) -> Forecast:
    """Schedule every project of one template: `days` is items x projects in the order of `template.order`.

    Refused (negative_limit) for a negative number, (forecast_shape) for another number of items.
    """
    length = np.ascontiguousarray(days, dtype=np.int32)
    order = template.order
    if length.ndim != 2 or length.shape[0] != len(order):
        raise Refused("forecast_shape", _("推算需要每个事项一行，共 %(n)s 行。") % {"n": len(order)})
    if length.size and int(length.min()) < 0:
        raise Refused("negative_limit", _("推算用的天数不能是负数。"))
    row = {code: number for number, code in enumerate(order)}
    before = [[row[other] for other in template.prerequisites[code]] for code in order]
    ef = np.empty_like(length)
    for number, others in enumerate(before):
        # In place: the whole table is touched once forward and once backward.
        here = ef[number]
        np.copyto(here, length[number])
        if others:
            here += latest(ef, others)
    total = ef.max(axis=0) if len(order) else np.zeros(length.shape[1], dtype=np.int32)
    lf = np.empty_like(ef)
    lf[:] = total
    for number in range(len(order) - 1, -1, -1):
        if before[number]:
            start = lf[number] - length[number]
            for other in before[number]:
                np.minimum(lf[other], start, out=lf[other])
    return Forecast(order, total, ef, lf)


def latest(ef: Any, others: Sequence[int]) -> Any:
    """The latest finish among some items, per project."""
    if len(others) == 1:
        return ef[others[0]]
    found = np.maximum(ef[others[0]], ef[others[1]])
    for other in others[2:]:
        np.maximum(found, ef[other], out=found)
    return found
