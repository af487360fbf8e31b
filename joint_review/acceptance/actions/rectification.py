"""What failed is mended (整改): one merged list, answers, and a re-inspection of the failed checks only (复验)."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from joint_review import catalogue
from joint_review.acceptance.actions.checks import begin_inspection, require_visited
from joint_review.acceptance.actions.locking import lock_acceptance, lock_defect
from joint_review.acceptance.actions.papers import issue_rectification_paper
from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, Defect, RectificationNotice
from joint_review.acceptance.rules import checks_to_reinspect
from joint_review.acceptance.states import ACCEPTANCE_MOVES, ACCEPTANCE_TASK_MOVES, DEFECT_MOVES
from joint_review.actions.locking import move
from joint_review.events import DefectAnswered, DefectRechecked, RectificationIssued, RectificationSubmitted
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Refused, StateConflict
from ledger.record import record
from projects import actions as projects
from projects.queries import due_after, items_of

STOP_GROUND = "RECTIFICATION"
TEXT_LIMIT = 2000


@transaction.atomic
def issue_rectification(acceptance_id: UUID, *, actor: Actor) -> RectificationNotice:
    """Issue the one list of everything that failed (签发整改告知书); the clock stands until the answer."""
    round_ = lock_acceptance(acceptance_id)
    require(actor, "acceptance.issue_rectification", round_)
    if round_.state == "rectifying":
        raise Conflict(_("整改告知书已经签发。"), code="issued_already")
    if round_.state != "failed":
        raise StateConflict(
            _("全部部门签署且有未通过事项时，才签发整改告知书。"), next_step=_("请先催办未签署的部门。")
        )
    defects = list(open_defects(round_))
    due_on = due_after(round_.project_id, catalogue.settings()["acceptance"]["rectification_working_days"])
    paper = issue_rectification_paper(round_, defects, due_on=due_on, actor=actor)
    notice = RectificationNotice.objects.create(
        id=uuid.uuid4(),
        round=round_,
        attempt=round_.attempt,
        issued_by_id=actor.signed_in(),
        issued_at=now(),
        due_on=due_on,
        paper_id=paper.pk,
    )
    move(round_, ACCEPTANCE_MOVES, "issue_rectification")
    round_.save(update_fields=["state"])
    for item in held_items(round_):
        projects.stop_clock(
            item,
            ground=STOP_GROUND,
            evidence=_("整改告知书%(number)s") % {"number": paper.number},
            actor=actor,
            act="acceptance.issue_rectification",
        )
    event = RectificationIssued(
        project_id=round_.project_id,
        acceptance_id=round_.pk,
        notice_id=notice.pk,
        paper_id=paper.pk,
        defects=len(defects),
        due_on=due_on,
    )
    record(event, actor=actor, subject=notice, project_id=round_.project_id)
    return notice


def held_items(round_: AcceptanceRound) -> list[Any]:
    """The open items that this acceptance decides; their clocks stand and go on together."""
    return [item for item in items_of(round_.project_id) if item.is_open and item.held_by == f"acceptance:{round_.pk}"]


def open_defects(round_: AcceptanceRound) -> list[Defect]:
    """Defects of failed checks that the enterprise must mend, by number."""
    return list(
        Defect.objects.filter(
            check_of__task__round=round_,
            check_of__result="FAIL",
            state="listed",
            severity__in=sorted(catalogue.failing_severities()),
        )
        .select_related("check_of__task__department")
        .order_by("number")
    )


@transaction.atomic
def answer_defect(defect_id: UUID, *, actor: Actor, text: str) -> Defect:
    """Say how a defect was mended (填写整改情况); a draft until all are submitted together."""
    round_, _task, defect = lock_defect(defect_id)
    require(actor, "acceptance.answer_defect", defect)
    if round_.state != "rectifying" or defect.state != "listed":
        raise StateConflict(_("这个问题当前不需要填写整改情况。"))
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise Refused("text_needed", _("请写明如何整改、何时完成（2000 字以内）。"), field="text")
    move(defect, DEFECT_MOVES, "answer")
    defect.answer = text.strip()
    defect.answered_by_id, defect.answered_at = actor.person_id, now()
    defect.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    event = DefectAnswered(project_id=round_.project_id, acceptance_id=round_.pk, defect_id=defect.pk)
    record(event, actor=actor, subject=defect, project_id=round_.project_id)
    return defect


@transaction.atomic
def submit_rectification(acceptance_id: UUID, *, actor: Actor) -> AcceptanceRound:
    """All is mended (申请复验): the clock runs, and only departments with failed checks look again."""
    round_ = lock_acceptance(acceptance_id)
    require(actor, "acceptance.submit_rectification", round_)
    if round_.state != "rectifying":
        raise StateConflict(_("当前没有待提交的整改。"))
    defects = open_defects(round_)
    silent = [str(defect.number) for defect in defects if not defect.answer or answered_before_notice(defect, round_)]
    if silent:
        raise Refused(
            "answers_missing",
            _("还有问题未填写整改情况：第 %(numbers)s 条。") % {"numbers": _("、").join(silent)},
            next_step=_("请逐条写明整改情况后一次提交。"),
        )
    for defect in defects:
        move(defect, DEFECT_MOVES, "submit")
        defect.save(update_fields=["state"])
    RectificationNotice.objects.filter(round=round_, attempt=round_.attempt).update(answered_at=now())
    move(round_, ACCEPTANCE_MOVES, "submit_rectification")
    round_.attempt += 1
    round_.outcome = "OPEN"
    round_.due_on = due_after(round_.project_id, catalogue.limits()["recheck_working_days"])
    round_.save(update_fields=["state", "attempt", "outcome", "due_on"])
    departments = reopen_failed(round_)
    for item in held_items(round_):
        projects.resume_clock(
            item,
            ground=STOP_GROUND,
            evidence=_("整改情况已提交，申请复验"),
            actor=actor,
            act="acceptance.submit_rectification",
        )
    event = RectificationSubmitted(
        project_id=round_.project_id, acceptance_id=round_.pk, attempt=round_.attempt, departments=departments
    )
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    return round_


def answered_before_notice(defect: Defect, round_: AcceptanceRound) -> bool:
    """An answer of an earlier attempt does not answer this one."""
    notice = RectificationNotice.objects.filter(round=round_, attempt=round_.attempt).first()
    return notice is not None and defect.answered_at is not None and defect.answered_at < notice.issued_at


def reopen_failed(round_: AcceptanceRound) -> list[str]:
    """Open the tasks with failed checks again; passed checks keep result and date. Returns departments' codes."""
    departments = []
    for task in round_.tasks.select_for_update(of=("self",)).select_related("department").order_by("department__code"):
        failed = checks_to_reinspect(task.checks.values_list("code", "result"))
        if not failed:
            continue
        move(task, ACCEPTANCE_TASK_MOVES, "reopen")
        task.inspected_by_id = task.inspected_at = task.signed_by_id = task.signed_at = None
        task.save(update_fields=["state", "inspected_by", "inspected_at", "signed_by", "signed_at"])
        AcceptanceCheck.objects.filter(task=task, code__in=failed).update(
            result="", reason="", concluded_by=None, concluded_at=None
        )
        departments.append(task.department.code)
    return departments


@transaction.atomic
def recheck_defect(defect_id: UUID, *, actor: Actor, passed: bool, note: str = "") -> Defect:
    """The department looks at a mended defect again (复验): closed, or listed once more with the reason."""
    round_, task, defect = lock_defect(defect_id)
    require(actor, "acceptance.reinspect", task)
    require_visited(round_, task)
    if not passed and not note.strip():
        raise Refused("reason_needed", _("请写明复验不合格的原因。"), field="note")
    move(defect, DEFECT_MOVES, "pass" if passed else "fail")
    defect.recheck_note = note.strip()[:400]
    defect.rechecked_by_id, defect.rechecked_at = actor.person_id, now()
    defect.save(update_fields=["state", "recheck_note", "rechecked_by", "rechecked_at"])
    if task.inspected_by_id is None:
        begin_inspection(task, actor)
    event = DefectRechecked(project_id=round_.project_id, acceptance_id=round_.pk, defect_id=defect.pk, passed=passed)
    record(event, actor=actor, subject=defect, project_id=round_.project_id)
    return defect
