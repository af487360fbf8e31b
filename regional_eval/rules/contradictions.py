"""Plans that contradict each other on one patch of ground (规划间矛盾, PLAN_PLAN). Pure.

No fault of an applicant: the case goes to the two owners of the layers (plan_layers.yaml, conflict_kinds).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regional_eval.rules import land_use
from regional_eval.rules.answers import Reason
from regional_eval.rules.conflicts import ZONES
from regional_eval.rules.controls import no_common_value, read_controls
from regional_eval.rules.land_use import LandUse, Suits
from regional_eval.rules.plan_kinds import LayerRule, PlanLayerKind

# 三条控制线不交叉、不重叠 (三区三线).
THREE_LINES = frozenset({"PERMANENT_BASIC_FARMLAND", "ECOLOGICAL_REDLINE", "URBAN_DEVELOPMENT_BOUNDARY"})
# What a prohibiting layer is itself meant for: a parcel of that use agrees with it.
MEANT_FOR: Mapping[str, tuple[str, ...]] = {
    "ROAD_REDLINE": ("12",),
    "RIVER_BLUE_LINE": ("17", "05"),
    "GREEN_LINE": ("14",),
    "INFRA_YELLOW_LINE": ("12", "13"),
    "WATER_SOURCE": ("13", "17"),
    "HERITAGE_PURPLE_LINE": ("15", "0803"),
}
# A master plan names the main use of a quarter; streets, green strips and works within it are no contradiction.
FINER_THAN_A_MASTER_PLAN = frozenset({"ROAD_REDLINE", "GREEN_LINE", "INFRA_YELLOW_LINE", "RIVER_BLUE_LINE"})
PLANNING = frozenset({"TERRITORIAL_PLAN", "REGULATORY_PLAN", "LAND_SUPPLY_PARCEL"})
SLIVER_M2 = 1.0


@dataclass(frozen=True)
class Side:
    """One feature of one plan: its kind and its attributes, the layer's under the feature's own."""

    kind: PlanLayerKind
    attributes: Mapping[str, Any]


def tolerance_m2(first: PlanLayerKind, second: PlanLayerKind) -> float:
    """An overlap of two plans up to this is a sliver of their data."""
    return max(first.sliver_tolerance_m2, second.sliver_tolerance_m2, SLIVER_M2)


def may_contradict(first: PlanLayerKind, second: PlanLayerKind) -> bool:
    """Can these two kinds contradict each other at all? Spares the geometry of those that cannot."""
    codes = {first.code, second.code}
    if codes <= THREE_LINES:
        return len(codes) == 2
    if "TERRITORIAL_PLAN" in codes and codes & FINER_THAN_A_MASTER_PLAN:
        return False
    planning = [kind for kind in (first, second) if kind.code in PLANNING]
    return bool(planning) and (len(planning) == 2 or any(forbids_somewhere(kind) for kind in (first, second)))


def forbids_somewhere(kind: PlanLayerKind) -> bool:
    """Does this kind keep building off its ground, at least in some zone?"""
    return kind.rule in {LayerRule.PROHIBIT, LayerRule.PROHIBIT_EXCEPT_LISTED, LayerRule.CONTROL, LayerRule.HEIGHT}


def contradiction(first: Side, second: Side, uses: Sequence[LandUse]) -> Reason | None:
    """Why no project on their common patch can follow both; None when one can.

    The three lines must not overlap; one forbids what the other plans to build; their uses exclude each other; their
    limits leave no number.
    """
    if not may_contradict(first.kind, second.kind):
        return None
    codes = {"first": first.kind.code, "second": second.kind.code}
    if {first.kind.code, second.kind.code} <= THREE_LINES:
        return Reason("three_lines_overlap", codes)
    for forbidding, planning in ((first, second), (second, first)):
        use = land_use.planned_use(planning.attributes, uses) if planning.kind.code in PLANNING else None
        if use and forbids(forbidding) and land_use.is_built(use) and not agrees(forbidding, use):
            return Reason("forbidden_but_planned", {**codes, "use": use})
    return opposed_uses(first, second, uses) or opposed_limits(first, second, uses)


def forbids(side: Side) -> bool:
    """Does this feature keep building off its ground?"""
    if side.kind.rule in {LayerRule.PROHIBIT, LayerRule.PROHIBIT_EXCEPT_LISTED}:
        return True
    zone = ZONES.get(str(side.attributes.get("zone") or "").strip())
    return side.kind.rule == LayerRule.CONTROL and zone in {"CORE", "LEVEL_1"}


def agrees(forbidding: Side, use: str) -> bool:
    """Is the planned use what the prohibiting layer is there for?"""
    return use.startswith(MEANT_FOR.get(forbidding.kind.code, ("none",)))


def opposed_uses(first: Side, second: Side, uses: Sequence[LandUse]) -> Reason | None:
    """Two plans mean the same ground for uses that neither allows the other."""
    if not {first.kind.code, second.kind.code} <= PLANNING:
        return None
    one, other = (land_use.planned_use(side.attributes, uses) for side in (first, second))
    if one is None or other is None:
        return None
    answers = {
        land_use.suits((one,), other, second.attributes, uses),
        land_use.suits((other,), one, first.attributes, uses),
    }
    return Reason("uses_exclude", {"first_use": one, "second_use": other}) if answers == {Suits.NO} else None


def opposed_limits(first: Side, second: Side, uses: Sequence[LandUse]) -> Reason | None:
    """Two plans' limits on one parameter leave no number for a project."""
    sides = [
        read_controls(side.attributes, industrial=(land_use.planned_use(side.attributes, uses) or "").startswith("10"))[
            0
        ]
        for side in (first, second)
    ]
    pair = no_common_value(*sides)
    if pair is None:
        return None
    return Reason(
        "limits_exclude",
        {
            "parameter": pair[0].parameter,
            "first_limit": f"{pair[0].operator}{pair[0].value:g}" if isinstance(pair[0].value, float) else "",
            "second_limit": f"{pair[1].operator}{pair[1].value:g}" if isinstance(pair[1].value, float) else "",
            "unit": pair[0].unit,
        },
    )
