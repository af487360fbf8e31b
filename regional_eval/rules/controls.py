"""Control parameters of a plan (规划控制指标) against the project's figures. Pure.

Figures are compared at the places they are published with (容积率 two, percentages and metres one or two): a site
measured as 9,999.97 m2 instead of 10,000 m2 breaks no limit. A missing figure is UNKNOWN and never a pass; a figure
known only as a bound decides where the bound is enough: total floor area bounds 计容面积 from above, so a ratio under
the limit holds for certain, one over it is UNKNOWN until 计容面积 is given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

MU_PER_M2 = Fraction(3, 2000)


def mu_of(area_m2: float) -> float:
    """Square metres as 亩: exactly 3/2000, rounded once, to four places."""
    return float(round(Fraction(area_m2) * MU_PER_M2, 4))


class Verdict(Enum):
    """What the comparison says."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Parameter:
    """One control parameter: how many places it is compared with, and its words in plans' attribute tables."""

    code: str
    unit: str
    places: int
    # The operator when a plan gives a bare number; of an industrial parcel where that differs.
    operator: str
    industrial: str
    words: tuple[str, ...]


PARAMETERS: Mapping[str, Parameter] = {
    found.code: found
    for found in (
        Parameter("FLOOR_AREA_RATIO", "", 2, "<=", ">=", ("容积率", "FAR")),
        Parameter("BUILDING_DENSITY", "%", 1, "<=", "<=", ("建筑密度",)),
        Parameter("GREEN_RATIO", "%", 1, ">=", "<=", ("绿地率",)),
        Parameter("HEIGHT_LIMIT", "m", 2, "<=", "<=", ("建筑限高", "限高", "建筑高度", "height_limit_m")),
        Parameter("SETBACK", "m", 2, ">=", ">=", ("退线距离", "退线", "setback_m")),
        Parameter("PARKING_RATIO", "per_100_m2", 2, ">=", ">=", ("停车配建",)),
        Parameter("FACILITY_LIST", "", 0, "all", "all", ("配套设施",)),
        Parameter("INVESTMENT_INTENSITY", "10k yuan/mu", 1, ">=", ">=", ("投资强度",)),
        Parameter("OFFICE_SHARE", "%", 1, "<=", "<=", ("行政办公及生活设施占比",)),
        Parameter("SPONGE_RUNOFF", "%", 1, ">=", ">=", ("年径流总量控制率",)),
        Parameter("PREFAB_RATIO", "%", 1, ">=", ">=", ("装配率",)),
        Parameter("AIR_DEFENCE_AREA", "m2", 2, ">=", ">=", ("人防面积",)),
    )
}
BY_WORD = {word: code for code, found in PARAMETERS.items() for word in (code, *found.words)}


@dataclass(frozen=True)
class Control:
    """One limit of a parcel: `value` a number, or the facilities that must all be there."""

    parameter: str
    operator: str
    value: float | tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True)
class Figure:
    """What is known of a project's figure: between `least` and `most`, the same when it is known exactly."""

    least: float | None = None
    most: float | None = None

    @property
    def exact(self) -> float | None:
        """The figure itself, when it is known."""
        return self.least if self.least is not None and self.least == self.most else None


def exactly(value: float) -> Figure:
    """A figure that is known."""
    return Figure(value, value)


# 1. What the plan says

OPERATORS = {
    "<=": "<=",
    "≤": "<=",
    "<": "<=",
    "＜": "<=",
    ">=": ">=",
    "≥": ">=",
    ">": ">=",
    "＞": ">=",
    "=": "=",
    "＝": "=",
}
WRITTEN = re.compile(r"(<=|>=|[≤≥<>＜＞=＝])?\s*(\d+(?:\.\d+)?)\s*(%|％|m|米|M)?")
RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*[-~～—–]\s*(\d+(?:\.\d+)?)\s*(%|％|m|米)?")


def read_controls(
    attributes: Mapping[str, Any], *, industrial: bool = False
) -> tuple[tuple[Control, ...], tuple[str, ...]]:
    """The limits on a parcel and the parameters whose limit cannot be read.

    Either `controls: [{parameter, operator, value, unit}]`, or a column per parameter (`FLOOR_AREA_RATIO` or 容积率)
    with a number, `≤2.0`, `1.0-2.0` or `30%`. A bare number takes the parameter's usual side (plan_layers.yaml,
    `comparison`), which for 容积率 and 绿地率 of industrial land is the other one.
    """
    found: list[Control] = []
    unreadable: list[str] = []
    listed = attributes.get("controls")
    for raw in listed if isinstance(listed, list | tuple) else ():
        code = BY_WORD.get(str(raw.get("parameter") or raw.get("code") or "")) if isinstance(raw, Mapping) else None
        if code is None:
            unreadable.append(str(raw.get("parameter", "?")) if isinstance(raw, Mapping) else str(raw))
            continue
        collect(found, unreadable, code, raw.get("value"), raw.get("operator"), industrial=industrial)
    for word, code in BY_WORD.items():
        if attributes.get(word) not in (None, ""):
            collect(found, unreadable, code, attributes[word], None, industrial=industrial)
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unreadable))


def collect(
    found: list[Control], unreadable: list[str], code: str, value: object, operator: object, *, industrial: bool
) -> None:
    """Add one limit as it is written."""
    parameter = PARAMETERS[code]
    usual = parameter.industrial if industrial else parameter.operator
    if code == "FACILITY_LIST":
        names = value if isinstance(value, list | tuple) else re.split(r"[,，、;；]", str(value))
        found.append(Control(code, "all", tuple(str(name).strip() for name in names if str(name).strip())))
        return
    said = OPERATORS.get(str(operator)) if operator else None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        found.append(Control(code, said or usual, float(value), parameter.unit))
        return
    text = str(value).strip()
    if within := RANGE.fullmatch(text):
        low, high = sorted((float(within.group(1)), float(within.group(2))))
        found += [Control(code, ">=", low, parameter.unit), Control(code, "<=", high, parameter.unit)]
    elif single := WRITTEN.fullmatch(text):
        written = OPERATORS.get(single.group(1) or "")
        found.append(Control(code, said or written or usual, float(single.group(2)), parameter.unit))
    else:
        unreadable.append(code)


# 2. What the project is


def number(facts: Mapping[str, Any], *names: str) -> float | None:
    """The first of these facts that is a number and not negative."""
    for name in names:
        value = facts.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
            return float(value)
    return None


def figure_of(control: Control, facts: Mapping[str, Any], site_area_m2: float) -> Figure:
    """The project's figure for one control, from what was said of it; areas are divided by the measured red line."""
    said = number(facts, control.parameter, control.parameter.lower())
    if said is not None:
        return exactly(said)
    make = FIGURES.get(control.parameter)
    return make(facts, site_area_m2, control) if make and site_area_m2 > 0 else Figure()


def plain(*names: str) -> Callable[[Mapping[str, Any], float, Control], Figure]:
    """A figure that is a fact by itself."""

    def make(facts: Mapping[str, Any], _area: float, _control: Control) -> Figure:
        value = number(facts, *names)
        return Figure() if value is None else exactly(value)

    return make


def floor_area_ratio(facts: Mapping[str, Any], area: float, _control: Control) -> Figure:
    """容积率 = 计容建筑面积 / 用地面积; the total floor area, cellars included, is an upper bound."""
    counted, total = number(facts, "counted_floor_area_m2"), number(facts, "floor_area_m2")
    if counted is not None:
        return exactly(counted / area)
    return Figure(None, total / area) if total is not None else Figure()


def share_of_site(*names: str) -> Callable[[Mapping[str, Any], float, Control], Figure]:
    """An area of the project in per cent of the site."""

    def make(facts: Mapping[str, Any], area: float, _control: Control) -> Figure:
        value = number(facts, *names)
        return Figure() if value is None else exactly(value / area * 100)

    return make


def investment_intensity(facts: Mapping[str, Any], area: float, _control: Control) -> Figure:
    """投资强度 = 固定资产投资 / 亩; the total investment is an upper bound."""
    fixed, total = number(facts, "fixed_investment_10k_yuan"), number(facts, "investment_10k_yuan")
    mu = float(Fraction(area) * MU_PER_M2)
    if fixed is not None:
        return exactly(fixed / mu)
    return Figure(None, total / mu) if total is not None else Figure()


def parking_ratio(facts: Mapping[str, Any], _area: float, control: Control) -> Figure:
    """停车配建: places per 100 m2 of floor area, or per flat (户)."""
    places = number(facts, "parking_spaces")
    base = number(facts, "dwellings") if "flat" in control.unit or "户" in control.unit else None
    floor = number(facts, "floor_area_m2")
    base = base if base is not None else floor / 100 if floor is not None else None
    return exactly(places / base) if places is not None and base else Figure()


FIGURES: Mapping[str, Callable[[Mapping[str, Any], float, Control], Figure]] = {
    "FLOOR_AREA_RATIO": floor_area_ratio,
    "BUILDING_DENSITY": share_of_site("building_footprint_m2"),
    "GREEN_RATIO": share_of_site("green_area_m2"),
    "HEIGHT_LIMIT": plain("building_height_m"),
    "SETBACK": plain("setback_m"),
    "PARKING_RATIO": parking_ratio,
    "INVESTMENT_INTENSITY": investment_intensity,
    "OFFICE_SHARE": plain("office_share_pct"),
    "SPONGE_RUNOFF": plain("runoff_control_pct"),
    "PREFAB_RATIO": plain("prefab_ratio_pct"),
    "AIR_DEFENCE_AREA": plain("air_defence_area_m2"),
}


# 3. The comparison


@dataclass(frozen=True)
class Compared:
    """One control with the project's figure and the verdict."""

    control: Control
    verdict: Verdict
    # As compared, at the parameter's places; None when it is not known. `bound`: an upper bound only.
    value: float | None = None
    bound: bool = False
    missing: tuple[str, ...] = ()


def compare(control: Control, facts: Mapping[str, Any], site_area_m2: float) -> Compared:
    """One limit against the project: HOLDS, FAILS, or UNKNOWN with what is missing."""
    if isinstance(control.value, tuple):
        return compare_facilities(control, facts)
    places = PARAMETERS[control.parameter].places
    figure = figure_of(control, facts, site_area_m2)
    least, most = at_places(figure.least, places), at_places(figure.most, places)
    shown = most if most is not None else least
    return Compared(
        control, judge_bounds(control.operator, at_places(control.value, places), least, most), shown, least != most
    )


def judge_bounds(operator: str, limit: float | None, least: float | None, most: float | None) -> Verdict:
    """Decide by the bounds; what they leave open is UNKNOWN."""
    if limit is None or (least is None and most is None):
        return Verdict.UNKNOWN
    under = most is not None and most <= limit
    over = least is not None and least >= limit
    above, below = least is not None and least > limit, most is not None and most < limit
    holds, fails = {"<=": (under, above), ">=": (over, below)}.get(operator, (under and over, above or below))
    return Verdict.HOLDS if holds else Verdict.FAILS if fails else Verdict.UNKNOWN


def compare_facilities(control: Control, facts: Mapping[str, Any]) -> Compared:
    """配套设施: every one that the plan names must be among the project's."""
    wanted = control.value if isinstance(control.value, tuple) else ()
    given = facts.get("facilities")
    if not isinstance(given, list | tuple):
        return Compared(control, Verdict.UNKNOWN)
    absent = tuple(name for name in wanted if name not in given)
    return Compared(control, Verdict.FAILS if absent else Verdict.HOLDS, missing=absent)


def at_places(value: float | None, places: int) -> float | None:
    """Round half up, as published figures are."""
    if value is None:
        return None
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def no_common_value(first: Iterable[Control], second: Iterable[Control]) -> tuple[Control, Control] | None:
    """Two limits of two plans on one parameter that no project can meet together; None when there is none."""
    others: Sequence[Control] = list(second)
    for one in first:
        for other in others:
            if one.parameter == other.parameter and excludes(one, other):
                return one, other
    return None


def excludes(one: Control, other: Control) -> bool:
    """Is there no number that keeps both?"""
    if isinstance(one.value, tuple) or isinstance(other.value, tuple):
        return False
    low = max((c.value for c in (one, other) if c.operator in {">=", "="} and isinstance(c.value, float)), default=None)
    high = min(
        (c.value for c in (one, other) if c.operator in {"<=", "="} and isinstance(c.value, float)), default=None
    )
    return low is not None and high is not None and low > high
