"""What happens to projects and items. Every event carries its project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.events import Event
from projects import reuse_events as reuse

# Kept in a file of their own; other rooms find them here.
ItemRetracted = reuse.ItemRetracted
RecheckClosed = reuse.RecheckClosed
RecheckOpened = reuse.RecheckOpened
ReuseConfirmed = reuse.ReuseConfirmed
ReuseEnded = reuse.ReuseEnded
ReuseLapsed = reuse.ReuseLapsed
ReusePromised = reuse.ReusePromised
ReuseProposed = reuse.ReuseProposed
ReuseRefused = reuse.ReuseRefused
ReuseWithdrawn = reuse.ReuseWithdrawn


@dataclass(frozen=True)
class DomainLoaded(Event):
    """Templates and calendar were loaded from the bundle (载入领域数据)."""

    editions: list[str]
    years: list[int]


@dataclass(frozen=True)
class EditionPublished(Event):
    """A pipeline edition came into force (发布流程版本)."""

    edition_id: UUID
    template_code: str
    version: str
    critical_days: int


@dataclass(frozen=True)
class CalendarLoaded(Event):
    """A year's notice was loaded into the calendar (载入放假通知); open due dates are recomputed."""

    year: int
    days: int
    source: str


@dataclass(frozen=True)
class ProjectCreated(Event):
    """A project was begun as a draft (新建项目)."""

    project_id: UUID
    owner_id: UUID
    name: str
    code: str


@dataclass(frozen=True)
class ProjectEdited(Event):
    """The form of a project was changed (修改申报信息); `fields` are the names of what changed."""

    project_id: UUID
    fields: list[str]


@dataclass(frozen=True)
class SiteSet(Event):
    """The red line was drawn or uploaded (划定用地红线). Square decimetres keep it whole."""

    project_id: UUID
    area_dm2: int
    sha256: str
    source: str


@dataclass(frozen=True)
class DesignerEngaged(Event):
    """A design institute was engaged (委托设计单位)."""

    project_id: UUID
    organisation_id: UUID


@dataclass(frozen=True)
class DesignerReleased(Event):
    """A design institute no longer works for the project (解除设计委托)."""

    project_id: UUID
    organisation_id: UUID


@dataclass(frozen=True)
class ProjectSubmitted(Event):
    """The enterprise filed the project (提交申报)."""

    project_id: UUID
    receipt_number: str
    check_due_on: date
    again: bool


@dataclass(frozen=True)
class CorrectionRequested(Event):
    """The window told everything to mend, once (一次性补正告知)."""

    project_id: UUID
    notice_id: UUID
    entries: int
    paper_id: UUID


@dataclass(frozen=True)
class ProjectAccepted(Event):
    """The filing was accepted and the clock starts (受理). `mode`: window | tolerance | silence."""

    project_id: UUID
    edition: str
    mode: str
    day_zero: date
    due_on: date | None
    paper_id: UUID | None


@dataclass(frozen=True)
class ProjectRejected(Event):
    """The filing was not accepted (不予受理)."""

    project_id: UUID
    paper_id: UUID


@dataclass(frozen=True)
class ProjectWithdrawn(Event):
    """The enterprise took the project back (撤件)."""

    project_id: UUID
    reason: str


@dataclass(frozen=True)
class ProjectFinished(Event):
    """Every item is done (全流程办结)."""

    project_id: UUID
    used_days: int


@dataclass(frozen=True)
class StageStarted(Event):
    """The first item of a stage was reached (阶段开始)."""

    project_id: UUID
    stage: str
    due_on: date | None


@dataclass(frozen=True)
class StageFinished(Event):
    """The last item of a stage is done (阶段办结)."""

    project_id: UUID
    stage: str
    used_days: int


@dataclass(frozen=True)
class ItemReady(Event):
    """An item's prerequisites are decided and it is its department's turn (事项到达)."""

    project_id: UUID
    item_id: UUID
    code: str
    department_code: str
    due_on: date | None


@dataclass(frozen=True)
class ItemStepTaken(Event):
    """One step of an item was taken (环节办理)."""

    project_id: UUID
    item_id: UUID
    code: str
    step: str
    outcome: str


@dataclass(frozen=True)
class ItemDecided(Event):
    """An item is finished (事项办结). `state`: national code 11, 12 or 13."""

    project_id: UUID
    item_id: UUID
    code: str
    department_code: str
    state: int
    basis: str


@dataclass(frozen=True)
class ItemEventReported(Event):
    """The enterprise reported what it has done itself (报告节点完成): land, design, tender, building."""

    project_id: UUID
    item_id: UUID
    code: str
    happened_on: date


@dataclass(frozen=True)
class ItemNeedSettled(Event):
    """It was settled whether an undecided item is needed (确认是否需要办理)."""

    project_id: UUID
    item_id: UUID
    code: str
    need: str
    reason: str


@dataclass(frozen=True)
class ItemHeld(Event):
    """A round or an acceptance took hold of an item and alone decides it (由联审或验收办结)."""

    project_id: UUID
    item_id: UUID
    code: str
    by: str


@dataclass(frozen=True)
class ClockStopped(Event):
    """The clock of an item, or of the whole project, was stopped on a legal ground (时限中止)."""

    project_id: UUID
    item_id: UUID | None
    pause_id: UUID
    ground: str
    starts_on: date


@dataclass(frozen=True)
class ClockResumed(Event):
    """The clock goes on (恢复计时)."""

    project_id: UUID
    item_id: UUID | None
    pause_id: UUID
    ground: str
    ends_on: date


@dataclass(frozen=True)
class DueDatesChanged(Event):
    """Due dates were computed anew because the calendar changed (时限重算)."""

    project_id: UUID
    was: date | None
    now: date | None
    items: int


@dataclass(frozen=True)
class DayContested(Event):
    """The enterprise contests one day of the ledger (对台账提出异议)."""

    project_id: UUID
    contest_id: UUID
    day: date


@dataclass(frozen=True)
class ContestAnswered(Event):
    """The supervisor answered the objection (答复异议)."""

    project_id: UUID
    contest_id: UUID
    day: date
    upheld: bool


@dataclass(frozen=True)
class PrereviewAsked(Event):
    """The enterprise asked the window to look at a draft before filing (提请预审)."""

    project_id: UUID


@dataclass(frozen=True)
class PrereviewMessagePosted(Event):
    """Something was said about one item or the whole before filing (申审互动)."""

    project_id: UUID
    message_id: UUID
    item_code: str
    side: str
    verdict: str


@dataclass(frozen=True)
class PrereviewAnswered(Event):
    """The window answered a pre-review item by item (预审答复)."""

    project_id: UUID
    items: int
    to_mend: int


@dataclass(frozen=True)
class EditionDrafted(Event):
    """An administrator began or changed a draft of the catalogue (编制流程草稿)."""

    edition_id: UUID
    template_code: str
    version: str
    changed: list[str]


@dataclass(frozen=True)
class EditionChanged(Event):
    """A running project moved to another edition of its pipeline (更换流程版本)."""

    project_id: UUID
    was: str
    now: str
    reason: str
    added: list[str]
    dropped: list[str]


@dataclass(frozen=True)
class PowerEntered(Event):
    """An entry of the powers table came into force (权责清单生效)."""

    power_id: UUID
    department_code: str
    item_code: str
    holder_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class PowerTakenBack(Event):
    """A power was taken back (职权收回)."""

    power_id: UUID
    last_day: date
    why: str


@dataclass(frozen=True)
class DossierExported(Event):
    """The project was exported in the tables of the exchange standard (按共享交换标准导出)."""

    project_id: UUID
    format: str
    sha256: str


@dataclass(frozen=True)
class SiteChecked(Event):
    """The site was checked against the plans in force (规划核查); `came` and `went`: conflicts since the check before."""

    project_id: UUID
    check_id: UUID
    cause: str
    sha256: str
    blocking: int
    came: int
    went: int
    # Owner departments of conflicts that came.
    departments: list[str]


@dataclass(frozen=True)
class ConflictOverridden(Event):
    """The owner department gave its finding on a conflict, with the reason (认定规划冲突); the conflict itself stays."""

    project_id: UUID
    conflict_id: UUID
    layer: str
    finding: str
    department: str


@dataclass(frozen=True)
class ContradictionFound(Event):
    """Two published plans contradict each other (发现规划间矛盾): their owners have a case with its own limit."""

    contradiction_id: UUID
    district_id: int
    number: int
    departments: list[str]
    due_on: date


@dataclass(frozen=True)
class ContradictionAnswered(Event):
    """One owner of two contradicting plans answered (答复规划间矛盾)."""

    contradiction_id: UUID
    department: str
    position: str


@dataclass(frozen=True)
class ContradictionClosed(Event):
    """A case of two contradicting plans ended (规划间矛盾办结): agreed, dismissed, referred, or gone by itself."""

    contradiction_id: UUID
    district_id: int
    number: int
    outcome: str
    departments: list[str]
