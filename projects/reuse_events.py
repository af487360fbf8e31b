"""What happens to the reuse of regional assessments; `projects.events` hands these on to other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class ReuseProposed(Event):
    """The enterprise proposes to lean on regional assessments of one kind (提请共享应用)."""

    project_id: UUID
    reuse_id: UUID
    kind: str
    department_code: str
    outcome: str
    effect: str


@dataclass(frozen=True)
class ReusePromised(Event):
    """The enterprise signed the commitment that a reuse depends on (签署告知承诺)."""

    project_id: UUID
    reuse_id: UUID
    kind: str


@dataclass(frozen=True)
class ReuseConfirmed(Event):
    """The approving department confirmed a reuse; its answer is frozen (确认共享应用)."""

    project_id: UUID
    reuse_id: UUID
    kind: str
    department_code: str
    paper_id: UUID
    answer_sha256: str


@dataclass(frozen=True)
class ReuseRefused(Event):
    """The approving department did not confirm a reuse, with its reason (不予确认共享应用)."""

    project_id: UUID
    reuse_id: UUID
    kind: str
    department_code: str
    reason: str


@dataclass(frozen=True)
class ReuseWithdrawn(Event):
    """The enterprise took its proposal back (撤回共享应用)."""

    project_id: UUID
    reuse_id: UUID
    kind: str


@dataclass(frozen=True)
class RecheckOpened(Event):
    """What a confirmed reuse leans on ended or changed before the works began (开启复核)."""

    project_id: UUID
    recheck_id: UUID
    reuse_id: UUID
    cause: str
    kind: str
    how: str
    reason: str
    due_on: date
    department_code: str = ""


@dataclass(frozen=True)
class RecheckClosed(Event):
    """Somebody looked again: kept, renewed or put back (办结复核)."""

    project_id: UUID
    recheck_id: UUID
    reuse_id: UUID
    kind: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class ReuseLapsed(Event):
    """The enterprise changed what a confirmation rested on before acceptance (共享应用不再适用)."""

    project_id: UUID
    reuse_id: UUID
    kind: str
    reason: str


@dataclass(frozen=True)
class ReuseEnded(Event):
    """A confirmed reuse counts no more: renewed, put back or overtaken; its paper loses its effect (确认书失效)."""

    project_id: UUID
    reuse_id: UUID
    kind: str
    paper_id: UUID
    state: str
    reason: str


@dataclass(frozen=True)
class ItemRetracted(Event):
    """A decision that leaned on a reuse was retracted by the department that made it (撤回决定); the item begins anew."""

    project_id: UUID
    item_id: UUID
    code: str
    department_code: str
    paper_id: UUID | None
    reason: str
