"""What inspectors note (验收记录): defects, once and in full, and the result of each check."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.legal_day import today_in_shanghai
from joint_review import catalogue
from joint_review.acceptance.actions.locking import lock_check, lock_defect
from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, AcceptanceTask, Defect
from joint_review.acceptance.queries.guards import failing_defects
from joint_review.acceptance.rules import Finding, why_not_result
from joint_review.acceptance.states import ACCEPTANCE_TASK_MOVES, CHECK_RESULTS, DEFECT_MOVES
from joint_review.actions.locking import move
from joint_review.events import CheckConcluded, DefectListed, DefectStruck
from joint_review.words import refuse, state_label
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, Refused, StateConflict
from ledger.record import record

TEXT_LIMIT = 2000


@dataclass(frozen=True)
class Promise:
    """What is promised instead of mended at once (承诺): what, by whom, until when."""

    text: str = ""
    person: str = ""
    due_on: date | None = None

    @property
    def is_complete(self) -> bool:
        """All three are given."""
        return bool(self.text.strip() and self.person.strip() and self.due_on)


@transaction.atomic
def list_defect(
    check_id: UUID,
    *,
    actor: Actor,
    severity: str,
    place: str,
    text: str,
    clause_code: str = "",
    late_reason: str = "",
) -> Defect:
    """List a defect (记录问题) with severity, place and clause: all at the first visit.

    In a re-inspection only failed checks are looked at, and what is new there needs its reason (一次性告知).
    """
    round_, task, check = lock_check(check_id)
    require(actor, "acceptance.record_defect", task)
    require_visited(round_, task)
    errors = faults_of_defect(severity, place, text, clause_code)
    if errors:
        raise Invalid(errors)
    if round_.attempt > 1 and late_reason not in catalogue.late_reasons():
        raise Refused(
            "late_defect",
            _("问题应在首次现场验收时一次性告知。"),
            field="late_reason",
            next_step=_("确需补充的，请选择现在才提出的原因；会计入部门的统计。"),
        )
    number = (Defect.objects.filter(check_of__task__round=round_).aggregate(n=Max("number"))["n"] or 0) + 1
    defect = Defect.objects.create(
        id=uuid.uuid4(),
        check_of=check,
        number=number,
        severity=severity,
        clause_code=clause_code,
        place=place.strip(),
        text=text.strip(),
        found_in=round_.attempt,
        late_reason=late_reason if round_.attempt > 1 else "",
        found_by_id=actor.signed_in(),
        found_at=now(),
    )
    reopen_result(check)
    event = DefectListed(
        project_id=round_.project_id,
        acceptance_id=round_.pk,
        defect_id=defect.pk,
        department=task.department.code,
        severity=severity,
        late_reason=defect.late_reason,
    )
    record(event, actor=actor, subject=defect, project_id=round_.project_id)
    return defect


def faults_of_defect(severity: str, place: str, text: str, clause_code: str) -> dict[str, list[str]]:
    """What is wrong with the words, by field."""
    errors: dict[str, list[str]] = {}
    if severity not in catalogue.severities():
        errors["severity"] = [_("请选择问题等级。")]
    if not place.strip() or len(place) > 200:
        errors["place"] = [_("请写明位置，例如：3 号楼 2 层 ⑤-⑥轴（200 字以内）。")]
    if not text.strip() or len(text) > TEXT_LIMIT:
        errors["text"] = [_("请写明问题和整改要求（2000 字以内）。")]
    if clause_code and clause_code not in catalogue.clauses():
        errors["clause_code"] = [_("条文库中没有这一条，请重新选择。")]
    return errors


def require_visited(round_: AcceptanceRound, task: AcceptanceTask) -> None:
    """Results are noted after the visit and before the department's signature."""
    if round_.state != "visited":
        raise StateConflict(
            _("联合验收当前为“%(state)s”，不能记录。") % {"state": state_label("AcceptanceRound", round_.state)},
            next_step=_("现场验收完成后再记录问题和结论。"),
        )
    if task.state == "signed":
        raise StateConflict(_("本部门已签署验收意见，不能再增改。"))


def reopen_result(check: AcceptanceCheck) -> None:
    """A result noted before this defect no longer stands by itself."""
    if check.result and check.result != "FAIL":
        check.result, check.concluded_at, check.concluded_by_id = "", None, None
        check.save(update_fields=["result", "concluded_at", "concluded_by"])


@transaction.atomic
def strike_defect(defect_id: UUID, *, actor: Actor) -> Defect:
    """Take a defect off the list before the department has signed (撤销问题)."""
    round_, task, defect = lock_defect(defect_id)
    require(actor, "acceptance.record_defect", task)
    require_visited(round_, task)
    if defect.found_in != round_.attempt:
        raise StateConflict(_("已告知企业的问题不能撤销，请在复验时给出结论。"))
    move(defect, DEFECT_MOVES, "strike")
    defect.save(update_fields=["state"])
    event = DefectStruck(project_id=round_.project_id, acceptance_id=round_.pk, defect_id=defect.pk)
    record(event, actor=actor, subject=defect, project_id=round_.project_id)
    return defect


@transaction.atomic
def conclude_check(
    check_id: UUID, *, actor: Actor, result: str, reason: str = "", promise: Promise | None = None
) -> AcceptanceCheck:
    """Note the result of one check (验收结论). The department's signature makes it final, by another person."""
    round_, task, check = lock_check(check_id)
    require(actor, "acceptance.conclude_check", task)
    require_visited(round_, task)
    promise = promise or Promise()
    if result not in CHECK_RESULTS or result == "DEEMED_PASS":
        raise Refused("unknown_result", _("请选择验收结论。"), field="result")
    if check.result and task.signed_in is not None and check.concluded_at and check.concluded_at < reopened_at(round_):
        raise StateConflict(_("此项首次验收已通过，不再复验。"), next_step=_("复验只针对未通过的事项。"))
    kind = catalogue.check_kinds()[check.code]
    finding = Finding(
        failing_defects=failing_defects(check.pk),
        promise=promise.is_complete,
        reason=reason,
        undecided=check.undecided,
    )
    why_not = why_not_result(kind, result, finding)
    if why_not:
        raise refuse(why_not, field="result")
    if result == "PASS_WITH_COMMITMENT" and promise.due_on and promise.due_on <= today_in_shanghai():
        raise Refused("promise_overdue", _("承诺期限应晚于今天。"), field="promise_due_on")
    write_result(check, result, reason, promise if result == "PASS_WITH_COMMITMENT" else Promise(), actor)
    if task.state == "open" or task.inspected_by_id is None:
        begin_inspection(task, actor)
    event = CheckConcluded(
        project_id=round_.project_id, acceptance_id=round_.pk, check_id=check.pk, code=check.code, result=result
    )
    record(event, actor=actor, subject=check, project_id=round_.project_id)
    return check


def reopened_at(round_: AcceptanceRound) -> datetime:
    """When the attempt that runs now began: results noted before it stand."""
    notice = round_.rectifications.filter(answered_at__isnull=False).order_by("-answered_at").first()
    return notice.answered_at if notice and notice.answered_at else round_.applied_at


def write_result(check: AcceptanceCheck, result: str, reason: str, promise: Promise, actor: Actor) -> None:
    """Store the result with its reason or commitment."""
    values: Mapping[str, object] = {
        "result": result,
        "reason": reason.strip()[:400],
        "promise": promise.text.strip()[:400],
        "promise_by": promise.person.strip()[:60],
        "promise_due_on": promise.due_on,
        "concluded_by_id": actor.person_id,
        "concluded_at": now(),
    }
    for name, value in values.items():
        setattr(check, name, value)
    check.save(
        update_fields=[
            "result", "reason", "promise", "promise_by", "promise_due_on", "concluded_by", "concluded_at",
        ]
    )  # fmt: skip


def begin_inspection(task: AcceptanceTask, actor: Actor) -> None:
    """The inspector (现场验收人) of this attempt."""
    move(task, ACCEPTANCE_TASK_MOVES, "inspect")
    task.inspected_by_id, task.inspected_at = actor.person_id, now()
    task.save(update_fields=["state", "inspected_by", "inspected_at"])
