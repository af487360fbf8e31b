"""The kinds of plan layer as the rules need them (规划图层类别; plan_layers.yaml). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a conflict weighs (冲突等级), heaviest first."""

    BLOCKING = "BLOCKING"  # 红:否决
    MAJOR = "MAJOR"  # 橙:需协调
    MINOR = "MINOR"  # 黄:需修改
    WARNING = "WARNING"  # 蓝:提示
    INFO = "INFO"  # 灰:信息

    @property
    def rank(self) -> int:
        """0 for the heaviest."""
        return list(Severity).index(self)

    def at_most(self, other: Severity) -> Severity:
        """The lighter of two."""
        return self if self.rank >= other.rank else other


class LayerRule(StrEnum):
    """What a plan layer says of the ground it covers (图层规则)."""

    PROHIBIT = "PROHIBIT"
    PROHIBIT_EXCEPT_LISTED = "PROHIBIT_EXCEPT_LISTED"
    MUST_BE_WITHIN = "MUST_BE_WITHIN"
    USE_MUST_MATCH = "USE_MUST_MATCH"
    PARAMETERS = "PARAMETERS"
    CONTROL = "CONTROL"
    HEIGHT = "HEIGHT"
    SETBACK = "SETBACK"
    CLEARANCE = "CLEARANCE"
    INFORM = "INFORM"


class ConflictKind(StrEnum):
    """The kinds of conflict (冲突类型; plan_layers.yaml, conflict_kinds)."""

    OVERLAP_PROHIBITED = "OVERLAP_PROHIBITED"
    OUTSIDE_REQUIRED = "OUTSIDE_REQUIRED"
    OVERLAP_CONTROLLED = "OVERLAP_CONTROLLED"
    USE_MISMATCH = "USE_MISMATCH"
    PARAMETER_EXCEEDED = "PARAMETER_EXCEEDED"
    SETBACK_SHORT = "SETBACK_SHORT"
    HEIGHT_EXCEEDED = "HEIGHT_EXCEEDED"
    PLAN_PLAN = "PLAN_PLAN"
    STALE_LAYER = "STALE_LAYER"
    MISSING_PARAMETER = "MISSING_PARAMETER"
    INFORM = "INFORM"  # a layer that only informs


@dataclass(frozen=True)
class PlanLayerKind:
    """One kind of plan layer. `sliver_tolerance_m2`: what an overlap may measure and still be a sliver of the data."""

    code: str
    name_zh: str
    name_en: str
    authority: str
    rule: LayerRule
    default_severity: Severity
    legal_basis: str = ""
    sliver_tolerance_m2: float = 0.0
    geometry: str = "MultiPolygon"


def read_plan_kind(raw: Mapping[str, Any]) -> PlanLayerKind:
    """One entry under `layers` of plan_layers.yaml."""
    return PlanLayerKind(
        code=raw["code"],
        name_zh=raw["name_zh"],
        name_en=raw["name_en"],
        authority=raw["authority"],
        rule=LayerRule(raw["rule"]),
        default_severity=Severity(raw["default_severity"]),
        legal_basis=raw.get("legal_basis", ""),
        sliver_tolerance_m2=float(raw.get("sliver_tolerance_m2") or 0),
        geometry=raw.get("geometry", "MultiPolygon"),
    )
