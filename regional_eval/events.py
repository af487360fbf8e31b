"""What happens to assessments and plan layers; rooms above subscribe (reuse, recall, re-checks)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class LayerImported(Event):
    """A file became a draft version with its report (导入图层); `sha256` is the original file's."""

    layer_id: UUID
    purpose: str
    kind: str
    code: str
    version: str
    features: int
    repaired: int
    rejected: int
    sha256: str


@dataclass(frozen=True)
class LayerReviewed(Event):
    """Somebody other than the drafter checked a draft version (审核图层)."""

    layer_id: UUID
    purpose: str
    kind: str


@dataclass(frozen=True)
class LayerReturned(Event):
    """A version went back to its drafter (退回修改)."""

    layer_id: UUID
    purpose: str
    kind: str
    reason: str


@dataclass(frozen=True)
class LayerDiscarded(Event):
    """A draft was thrown away (删除草稿); the original file stays in the store."""

    layer_id: UUID
    purpose: str
    kind: str
    code: str
    version: str


@dataclass(frozen=True)
class TermsEdited(Event):
    """The terms of a draft were changed (修改评估条件)."""

    layer_id: UUID
    assessment_id: UUID | None
    changed: list[str]


@dataclass(frozen=True)
class AssessmentPublished(Event):
    """A regional assessment takes effect (发布区域评估)."""

    assessment_id: UUID
    layer_id: UUID
    kind: str
    # None: a common layer that holds in every district.
    district_id: int | None


@dataclass(frozen=True)
class AssessmentEnded(Event):
    """A published assessment may no longer be leaned on (区域评估失效): `how` is amended, expired or revoked."""

    assessment_id: UUID
    layer_id: UUID
    kind: str
    how: str
    reason: str


@dataclass(frozen=True)
class PlanLayerPublished(Event):
    """A version of a plan layer takes effect (发布规划图层)."""

    layer_id: UUID
    kind: str
    # None: a common layer that holds in every district.
    district_id: int | None


@dataclass(frozen=True)
class PlanLayerRevoked(Event):
    """A published plan layer version was withdrawn without a successor (撤销规划图层)."""

    layer_id: UUID
    kind: str
    district_id: int | None
    reason: str


@dataclass(frozen=True)
class PlanLayerEnded(Event):
    """A plan layer version is past its last day (规划图层到期): `how` is superseded or expired."""

    layer_id: UUID
    kind: str
    district_id: int | None
    how: str


@dataclass(frozen=True)
class RegionEdited(Event):
    """A region was made, or its boundary or names changed (维护区域)."""

    region_id: UUID
    code: str
    name: str
