"""What happens in joint review and acceptance (联审与联合验收事件)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class RoundOpened(Event):
    """A round was opened; departments have their tasks (开启联审)."""

    project_id: UUID
    round_id: UUID
    set_id: UUID
    revision_id: UUID
    no: int
    departments: list[str]
    due_on: date | None


@dataclass(frozen=True)
class TaskClaimed(Event):
    """A reviewer took a task: the first review is his (初审)."""

    project_id: UUID
    round_id: UUID
    task_id: UUID
    department: str


@dataclass(frozen=True)
class TaskHandedOver(Event):
    """The first reviewer handed the task to the signer (送审)."""

    project_id: UUID
    round_id: UUID
    task_id: UUID
    department: str


@dataclass(frozen=True)
class TaskTakenBack(Event):
    """The first reviewer or the signer took the task back for more work (退回初审)."""

    project_id: UUID
    round_id: UUID
    task_id: UUID
    department: str


@dataclass(frozen=True)
class TaskSigned(Event):
    """A department signed its conclusion (出具审查意见)."""

    project_id: UUID
    round_id: UUID
    task_id: UUID
    department: str
    conclusion: str
    opinions: list[int]


@dataclass(frozen=True)
class TaskLapsed(Event):
    """A department said nothing in time where silence counts as no objection (逾期视为无意见)."""

    project_id: UUID
    round_id: UUID
    task_id: UUID
    department: str


@dataclass(frozen=True)
class RoundCompleted(Event):
    """Every task is signed; the round waits for the lead or closes by itself (本轮审查完成)."""

    project_id: UUID
    round_id: UUID
    no: int
    outcome: str


@dataclass(frozen=True)
class RoundClosed(Event):
    """No blocking opinion is open: the drawings passed (联审通过)."""

    project_id: UUID
    round_id: UUID
    set_id: UUID
    no: int
    paper_id: UUID


@dataclass(frozen=True)
class SetReturned(Event):
    """After the last round blocking opinions are open: the set goes back (退回图纸集)."""

    project_id: UUID
    round_id: UUID
    set_id: UUID
    no: int
    paper_id: UUID


@dataclass(frozen=True)
class OpinionRaised(Event):
    """A department raised an opinion (提出审查意见)."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    number: int
    department: str
    cls: str
    late_reason: str


@dataclass(frozen=True)
class OpinionEdited(Event):
    """The draft of an opinion was changed (修改意见)."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    version: int
    fields: list[str]


@dataclass(frozen=True)
class OpinionWithdrawn(Event):
    """A draft opinion was withdrawn (撤回意见)."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    number: int
    why: str


@dataclass(frozen=True)
class OpinionJoined(Event):
    """Another department joined an opinion as co-author (联合署名); `instead_of` is its own that was merged into it."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    department: str
    instead_of: UUID | None


@dataclass(frozen=True)
class ConflictOpened(Event):
    """Two opinions cannot both be met (意见冲突)."""

    project_id: UUID
    round_id: UUID
    conflict_id: UUID
    departments: list[str]


@dataclass(frozen=True)
class ConflictRuled(Event):
    """The lead ruled on a conflict (会办裁定)."""

    project_id: UUID
    round_id: UUID
    conflict_id: UUID
    prevails: UUID | None


@dataclass(frozen=True)
class ConflictSettled(Event):
    """One of two contradicting opinions was changed or taken back (冲突消除)."""

    project_id: UUID
    round_id: UUID
    conflict_id: UUID


@dataclass(frozen=True)
class RoomFrozen(Event):
    """Marking on a round's sheets was stopped by hand (冻结批注)."""

    project_id: UUID
    round_id: UUID
    reason: str


@dataclass(frozen=True)
class RoomThawed(Event):
    """Marking on a round's sheets goes on (解冻批注)."""

    project_id: UUID
    round_id: UUID
    reason: str


@dataclass(frozen=True)
class NoticeIssued(Event):
    """The merged notice went to the applicant; the clock stands (签发合并告知书)."""

    project_id: UUID
    round_id: UUID
    notice_id: UUID
    paper_id: UUID
    opinions: int
    due_on: date | None


@dataclass(frozen=True)
class OpinionAnswered(Event):
    """The applicant wrote or changed the answer to one opinion, not submitted yet (填写答复)."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    kind: str


@dataclass(frozen=True)
class AnswersSubmitted(Event):
    """The applicant submitted all answers; the clock runs (提交答复)."""

    project_id: UUID
    round_id: UUID
    notice_id: UUID
    revision_id: UUID | None
    revised: int
    explained: int
    objected: int


@dataclass(frozen=True)
class OpinionRechecked(Event):
    """An author department looked at the answer (复核)."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    department: str
    result: str
    state: str


@dataclass(frozen=True)
class AnchorConfirmed(Event):
    """A person confirmed or corrected where an opinion stands on the new sheet (确认意见位置)."""

    project_id: UUID
    round_id: UUID
    opinion_id: UUID
    verdict: str


@dataclass(frozen=True)
class AcceptanceApplied(Event):
    """The enterprise applied for joint acceptance; departments have their tasks (申请联合验收)."""

    project_id: UUID
    acceptance_id: UUID
    departments: list[str]


@dataclass(frozen=True)
class VisitScheduled(Event):
    """One date for all (确定统一验收时间)."""

    project_id: UUID
    acceptance_id: UUID
    visit_at: datetime
    departments: list[str]


@dataclass(frozen=True)
class DepartmentCame(Event):
    """A department came to the visit, or did not (到场记录)."""

    project_id: UUID
    acceptance_id: UUID
    department: str
    came: bool


@dataclass(frozen=True)
class VisitRecorded(Event):
    """The visit took place (现场验收完成)."""

    project_id: UUID
    acceptance_id: UUID


@dataclass(frozen=True)
class DefectListed(Event):
    """A department listed a defect (记录问题)."""

    project_id: UUID
    acceptance_id: UUID
    defect_id: UUID
    department: str
    severity: str
    late_reason: str


@dataclass(frozen=True)
class DefectStruck(Event):
    """A defect was struck off before the department signed (撤销问题)."""

    project_id: UUID
    acceptance_id: UUID
    defect_id: UUID


@dataclass(frozen=True)
class CheckConcluded(Event):
    """An inspector noted the result of a check (验收结论)."""

    project_id: UUID
    acceptance_id: UUID
    check_id: UUID
    code: str
    result: str


@dataclass(frozen=True)
class AcceptanceSigned(Event):
    """A department signed its acceptance opinion (签署验收意见)."""

    project_id: UUID
    acceptance_id: UUID
    task_id: UUID
    department: str
    results: dict[str, str]


@dataclass(frozen=True)
class AcceptanceFailed(Event):
    """Every department signed and something failed: one merged list follows (验收未通过)."""

    project_id: UUID
    acceptance_id: UUID
    attempt: int
    failed: list[str]


@dataclass(frozen=True)
class RectificationIssued(Event):
    """The merged rectification notice went to the enterprise; the clock stands (签发整改告知)."""

    project_id: UUID
    acceptance_id: UUID
    notice_id: UUID
    paper_id: UUID
    defects: int
    due_on: date | None


@dataclass(frozen=True)
class DefectAnswered(Event):
    """The enterprise said how a defect was mended (填写整改情况)."""

    project_id: UUID
    acceptance_id: UUID
    defect_id: UUID


@dataclass(frozen=True)
class RectificationSubmitted(Event):
    """The enterprise asks for re-inspection of what failed; the clock runs (申请复验)."""

    project_id: UUID
    acceptance_id: UUID
    attempt: int
    departments: list[str]


@dataclass(frozen=True)
class DefectRechecked(Event):
    """The department looked at a mended defect again (复验)."""

    project_id: UUID
    acceptance_id: UUID
    defect_id: UUID
    passed: bool


@dataclass(frozen=True)
class AcceptancePassed(Event):
    """The last department signed: one consolidated opinion (联合验收通过)."""

    project_id: UUID
    acceptance_id: UUID
    outcome: str
    paper_id: UUID


@dataclass(frozen=True)
class EvaluationOpened(Event):
    """Departments are asked about a site, a scheme or a report (征求前期意见、开启评估评审)."""

    project_id: UUID
    round_id: UUID
    kind: str
    departments: list[str]
    due_on: date | None


@dataclass(frozen=True)
class EvaluationAnswered(Event):
    """Every department has answered; the expert meeting comes next (各部门评估意见已齐)."""

    project_id: UUID
    round_id: UUID
    kind: str
    convened_by: str


@dataclass(frozen=True)
class MeetingRecorded(Event):
    """The one expert meeting was held and its minutes recorded (记录专家评审会)."""

    project_id: UUID
    round_id: UUID
    experts: int


@dataclass(frozen=True)
class EvaluationConcluded(Event):
    """One result from all departments (出具综合评审意见)."""

    project_id: UUID
    round_id: UUID
    kind: str
    outcome: str
    paper_id: UUID
