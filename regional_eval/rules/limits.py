"""Parameter limits of an approved assessment against a project's figures (参数上限). Pure.

A figure that the project has not given is UNKNOWN, never a pass (domain.md section 2).
"""

from __future__ import annotations

import operator as signs
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from regional_eval.rules.answers import Reason

# None: nobody can tell yet.
Verdict = bool | None

# A parameter of assessment_kinds.yaml -> the project's fact that answers it.
FACT_OF = {
    "building_height": "building_height_m",
    "land_area": "land_area_m2",
    "floor_area": "floor_area_m2",
    "excavation_depth": "excavation_depth_m",
    "spoil_outside_area": "spoil_outside_area_m3",
    "ground_elevation": "ground_elevation_m",
    "occupied_storage_volume": "occupied_storage_volume_m3",
    "natural_period": "natural_period_s",
    "annual_water_intake": "annual_water_intake_m3",
    "pollutant_quota": "pollutant_quota_t",
    "energy_per_output": "energy_per_output_tce",
    "energy": "annual_energy_tce",
    "earthwork": "earthwork_m3",
}
SPELLED = {"≤": "<=", "≥": ">=", "=": "==", "lte": "<=", "gte": ">=", "lt": "<", "gt": ">", "eq": "==", "ne": "!=",
           "max": "<=", "min": ">=", "most": "<=", "least": ">="}  # fmt: skip
RANGES = frozenset({"within", "in_assessed_range", "between"})
COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {"<=": signs.le, "<": signs.lt, ">=": signs.ge, ">": signs.gt}
PAIR = 2
LISTS = frozenset({"in", "not_in"})
BOUND = re.compile(r"(max|min)_(.+)|(.+)_(max|min|at_most|at_least)")


@dataclass(frozen=True)
class Limit:
    """One limit as the approval wrote it: `excavation_depth <= 12 m`."""

    parameter: str
    operator: str
    value: Any
    unit: str = ""

    @property
    def fact(self) -> str:
        """The fact that answers it, by its own name or by the catalogue's."""
        return FACT_OF.get(self.parameter, self.parameter)

    def text(self) -> str:
        """`<= 12 m`, for a sentence."""
        value = "–".join(map(str, self.value)) if self.operator in RANGES and is_list(self.value) else self.value
        if is_list(value):
            value = ", ".join(map(str, value))
        return f"{self.operator} {value} {self.unit}".strip()


def read_limits(raw: Any) -> tuple[Limit, ...]:
    """The limits of a record: a list of {parameter, operator, value, unit}, or a mapping.

    A mapping takes `{"building_height_m": 60}` (at most), `{"hazard_level": ["LOW"]}` (one of), `{"max_floor_area": 1}`,
    `{"floor_area": {"max": 1, "min": 0}}` and `{"floor_area": {"operator": "<", "value": 1, "unit": "m2"}}`.
    """
    if isinstance(raw, Mapping):
        return tuple(limit for name, value in raw.items() for limit in read_named(str(name), value))
    return tuple(
        Limit(str(row["parameter"]), spelled(row.get("operator")), row.get("value"), str(row.get("unit") or ""))
        for row in raw or ()
        if isinstance(row, Mapping) and row.get("parameter")
    )


def read_named(name: str, value: Any) -> list[Limit]:
    """The limits behind one name of a mapping."""
    if isinstance(value, Mapping):
        if "value" in value:
            return [Limit(name, spelled(value.get("operator")), value["value"], str(value.get("unit") or ""))]
        unit = str(value.get("unit") or "")
        return [Limit(name, spelled(sign), bound, unit) for sign, bound in value.items() if sign != "unit"]
    if is_list(value):
        return [Limit(name, "in", list(value))]
    bound = BOUND.fullmatch(name)
    if bound:
        way = bound.group(1) or bound.group(4)
        return [Limit(bound.group(2) or bound.group(3), ">=" if way in {"min", "at_least"} else "<=", value)]
    return [Limit(name, "<=" if is_number(value) else "==", value)]


def spelled(operator: Any) -> str:
    """The operator as the rules write it; at most, when none is given."""
    text = str(operator or "<=").strip()
    return SPELLED.get(text, text)


def check_limit(limit: Limit, facts: Mapping[str, object]) -> tuple[Verdict, Reason | None]:
    """Does the project keep the limit? With the reason when it does not, or when nobody can tell."""
    given = facts.get(limit.parameter)
    if given is None:
        given = facts.get(limit.fact)
    shown: dict[str, str | int | float] = {"parameter": limit.fact, "limit": limit.text()}
    if limit.value is None:
        return None, Reason("limit_not_set", shown)
    if given is None:
        return None, Reason("parameter_missing", shown)
    kept = keeps(limit, given)
    if kept is None:
        return None, Reason("limit_unreadable", shown)
    if kept:
        return True, None
    return False, Reason("limit_exceeded", {**shown, "given": given if isinstance(given, int | float) else str(given)})


def keeps(limit: Limit, given: object) -> Verdict:
    """Compare one figure; None for what cannot be compared."""
    operator, value = limit.operator, limit.value
    if operator in RANGES and is_number(value):
        operator = "<="
    if operator in LISTS:
        wanted = value if is_list(value) else [value]
        return bool((given in wanted) == (operator == "in"))
    if operator in {"==", "!="}:
        return bool((given == value) == (operator == "=="))
    if not is_number(given):
        return None
    if operator in RANGES:
        if not is_list(value) or len(value) != PAIR or not all(map(is_number, value)):
            return None
        return bool(value[0] <= given <= value[1])
    compare = COMPARED.get(operator)
    return bool(compare(given, value)) if compare is not None and is_number(value) else None


def is_number(value: object) -> bool:
    """A figure; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not isnan(value)


def is_list(value: object) -> bool:
    """Several values."""
    return isinstance(value, Sequence) and not isinstance(value, str)
