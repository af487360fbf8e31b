"""Demands that no drawing can meet at once (意见冲突): two departments ask for values without a common solution.

A demand (指标要求) is parameter, operator, value, unit: 消防车道净宽 >= 4 m. Two demands on the same parameter at the
same place contradict when no number satisfies both. Other parameters are never compared: what the system does not
understand it does not judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

OPERATORS = (">=", ">", "=", "<", "<=")
SIGNS = {
    ">=": ">=", "≥": ">=", "不小于": ">=", "不少于": ">=", "不低于": ">=",
    "<=": "<=", "≤": "<=", "不大于": "<=", "不超过": "<=", "不高于": "<=",
    ">": ">", "大于": ">", "<": "<", "小于": "<", "=": "=", "等于": "=",
}  # fmt: skip
WRITTEN = re.compile(
    r"(?P<parameter>[^<>=≥≤\d]{1,60}?)\s*(?P<sign>"
    + "|".join(sorted(map(re.escape, SIGNS), key=len, reverse=True))
    + r")\s*(?P<value>-?\d{1,12}(?:\.\d{1,6})?)\s*(?P<unit>[^\s\d，。,;；]{0,10})\Z"
)
# Units of one kind, in terms of the first.
FACTORS: dict[str, tuple[str, Decimal]] = {
    "m": ("m", Decimal(1)),
    "mm": ("m", Decimal("0.001")),
    "cm": ("m", Decimal("0.01")),
    "m2": ("m2", Decimal(1)),
    "m²": ("m2", Decimal(1)),
    "%": ("%", Decimal(1)),
    "h": ("h", Decimal(1)),
    "min": ("h", Decimal(1) / Decimal(60)),
    "个": ("个", Decimal(1)),
    "": ("", Decimal(1)),
}


@dataclass(frozen=True)
class Demand:
    """What must hold: `value` in `unit`."""

    parameter: str
    operator: str
    value: Decimal
    unit: str = ""


def parse_demand(text: str) -> Demand | None:
    """A demand written in one line, 消防车道净宽 ≥ 4 m or 绿地率不小于 30%; None when it is no comparison."""
    found = WRITTEN.match(text.strip())
    if found is None:
        return None
    value = Decimal(found["value"])
    if not value.is_finite():
        return None
    return Demand(
        parameter=found["parameter"].strip(), operator=SIGNS[found["sign"]], value=value, unit=found["unit"].strip()
    )


def in_base_unit(demand: Demand) -> tuple[str, Decimal] | None:
    """(base unit, value); None for a unit the table does not know."""
    factor = FACTORS.get(demand.unit.strip().lower())
    return None if factor is None else (factor[0], demand.value * factor[1])


def bounds(operator: str, value: Decimal) -> tuple[Decimal | None, bool, Decimal | None, bool]:
    """(lower, lower included, upper, upper included)."""
    if operator in {">=", ">"}:
        return (value, operator == ">=", None, False)
    if operator in {"<=", "<"}:
        return (None, False, value, operator == "<=")
    return (value, True, value, True)


def contradict(a: Demand, b: Demand) -> bool:
    """No value satisfies both, same parameter, comparable units."""
    if a.parameter.strip() != b.parameter.strip():
        return False
    first, second = in_base_unit(a), in_base_unit(b)
    if first is None or second is None or first[0] != second[0]:
        return False
    one, other = bounds(a.operator, first[1]), bounds(b.operator, second[1])
    return above(one, other) or above(other, one)


def above(
    one: tuple[Decimal | None, bool, Decimal | None, bool], other: tuple[Decimal | None, bool, Decimal | None, bool]
) -> bool:
    """Does `one` begin above where `other` ends?"""
    lower, lower_in = one[0], one[1]
    upper, upper_in = other[2], other[3]
    if lower is None or upper is None:
        return False
    return lower > upper or (lower == upper and not (lower_in and upper_in))
