"""What the rules of reuse and of plan conflicts answer (区域评估应用结论, 规划冲突). Pure.

A reason is a code with its figures; the words are made at the edge (`regional_eval.words`), in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID


class Outcome(StrEnum):
    """The six answers of the reuse test, for one kind of assessment (domain.md section 2)."""

    REUSABLE = "REUSABLE"
    REUSABLE_WITH_COMMITMENT = "REUSABLE_WITH_COMMITMENT"
    PARTIAL = "PARTIAL"
    NOT_REUSABLE = "NOT_REUSABLE"
    NOT_NEEDED = "NOT_NEEDED"
    UNKNOWN = "UNKNOWN"

    @property
    def may_be_proposed(self) -> bool:
        """May the enterprise lean on this answer?"""
        return self in {Outcome.REUSABLE, Outcome.REUSABLE_WITH_COMMITMENT, Outcome.NOT_NEEDED}


class Effect(StrEnum):
    """What reuse does to the item (应用效果)."""

    EXEMPT = "EXEMPT"  # 免于单独评估: the confirmation stands in the item's place
    COMMITMENT = "COMMITMENT"  # 告知承诺: signed by the owner, decided at once
    SIMPLIFIED = "SIMPLIFIED"  # 简化: the item runs with a smaller form that cites the regional result


@dataclass(frozen=True)
class Reason:
    """Why, as a code of `regional_eval.words` and what to put into its sentence."""

    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For a frozen answer and for the command line."""
        return {"code": self.code, **({"params": dict(self.params)} if self.params else {})}


@dataclass(frozen=True)
class Cover:
    """What the geometry says of some areas together: covered by the versioned rule, with what is left (补评范围)."""

    covered: bool
    share: float
    remainder_m2: float
    # GeoJSON, EPSG:4490.
    remainder: dict[str, Any] | None = None


@dataclass(frozen=True)
class UsedArea:
    """One published assessment that the answer leans on."""

    assessment_id: UUID
    layer_id: UUID
    number: str
    region: str
    share: float
    valid_to: date | None
    region_en: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a frozen answer."""
        return {
            "assessment_id": str(self.assessment_id),
            "layer_id": str(self.layer_id),
            "number": self.number,
            "region": self.region,
            "region_en": self.region_en,
            "share": round(self.share, 6),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }


@dataclass(frozen=True)
class KindAnswer:
    """The reuse test of one kind of assessment for one site on one day."""

    kind: str
    outcome: str
    effect: str | None
    covered_share: float
    remainder_m2: float
    remainder: dict[str, Any] | None
    used: tuple[UsedArea, ...]
    reasons: tuple[Reason, ...]
    valid_to: date | None
    days_saved: int | None
    fee_saved: int | None

    def as_json(self) -> dict[str, Any]:
        """The fields of cli.md, and what a frozen answer keeps besides."""
        return {
            "kind": self.kind,
            "region": "、".join(dict.fromkeys(area.region for area in self.used)),
            "region_en": ", ".join(dict.fromkeys(area.region_en or area.region for area in self.used)),
            "outcome": str(self.outcome),
            "effect": str(self.effect) if self.effect else None,
            "covered_share": round(self.covered_share, 6),
            "remainder_m2": round(self.remainder_m2, 2),
            "remainder": self.remainder,
            "used": [area.as_json() for area in self.used],
            "reasons": [reason.as_json() for reason in self.reasons],
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "days_saved": self.days_saved,
            "fee_saved": self.fee_saved,
        }


@dataclass(frozen=True)
class Conflict:
    """One hit of one plan layer's rule. `layer` is the code of plan_layers.yaml, `severity` as written there."""

    layer_id: UUID
    layer: str
    feature: int
    rule: str
    severity: str
    area_m2: float
    mu: float
    share: float
    # GeoJSON, EPSG:4490.
    geometry: dict[str, Any]
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fields of cli.md, and what a stored check keeps besides."""
        return {
            "layer": self.layer,
            "layer_id": str(self.layer_id),
            "kind": self.rule,
            "feature": self.feature,
            "severity": self.severity,
            "area_m2": round(self.area_m2, 2),
            "mu": round(self.mu, 4),
            "share": round(self.share, 6),
            "geometry": self.geometry,
            "reasons": [reason.as_json() for reason in self.reasons],
        }
