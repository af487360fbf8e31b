"""Departments sign (签署验收意见); the last signature gives one consolidated opinion, or one list of what failed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import can, require
from accounts.queries import display_name
from joint_review import catalogue
from joint_review.acceptance.actions.locking import lock_acceptance_task
from joint_review.acceptance.actions.papers import issue_opinion
from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, AcceptanceTask, Defect
from joint_review.acceptance.rules import aggregate
from joint_review.acceptance.states import ACCEPTANCE_MOVES, ACCEPTANCE_TASK_MOVES
from joint_review.actions.locking import move
from joint_review.events import AcceptanceFailed, AcceptancePassed, AcceptanceSigned
from joint_review.words import state_label
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Forbidden, StateConflict
from ledger.record import record
from projects import actions as projects
from projects.queries import items_of


@transaction.atomic
def sign_acceptance(task_id: UUID, *, actor: Actor, remark: str = "") -> AcceptanceTask:
    """Sign the department's results (签署验收意见), by another person than the inspector.

    The last signature ends the attempt: one consolidated opinion (联合验收意见书) when nothing failed, else the lead
    issues one merged list.
    """
    round_, task = lock_acceptance_task(task_id)
    checks = list(task.checks.order_by("code"))
    refuse_same_person(task, checks, actor)
    failed = any(check.result == "FAIL" for check in checks)
    require(actor, "acceptance.reject_sign_off" if failed else "acceptance.sign_off", task)
    if round_.state != "visited":
        raise StateConflict(
            _("联合验收当前为“%(state)s”，不能签署。") % {"state": state_label("AcceptanceRound", round_.state)}
        )
    open_checks = [catalogue.check_names()[check.code].zh for check in checks if not check.result]
    if open_checks:
        raise StateConflict(
            _("还有事项没有结论：%(names)s。") % {"names": _("、").join(open_checks)},
            next_step=_("请由现场验收人员逐项给出结论后再签署。"),
        )
    move(task, ACCEPTANCE_TASK_MOVES, "sign")
    task.signed_by_id, task.signed_at, task.signed_in = actor.person_id, now(), round_.attempt
    task.remark = remark.strip()
    task.save(update_fields=["state", "signed_by", "signed_at", "signed_in", "remark"])
    event = AcceptanceSigned(
        project_id=round_.project_id,
        acceptance_id=round_.pk,
        task_id=task.pk,
        department=task.department.code,
        results={check.code: check.result for check in checks},
    )
    record(event, actor=actor, subject=task, project_id=round_.project_id)
    conclude_if_last(round_)
    return task


def refuse_same_person(task: AcceptanceTask, checks: list[AcceptanceCheck], actor: Actor) -> None:
    """Say who has signed already, or that an inspector cannot sign his own results."""
    if not can(actor, "acceptance.view", task):
        return
    if task.state == "signed":
        raise Conflict(
            _("%(name)s已签署本部门验收意见。") % {"name": display_name(task.signed_by_id)}, code="signed_already"
        )
    inspectors = {task.inspected_by_id, *(check.concluded_by_id for check in checks)}
    inspectors |= set(Defect.objects.filter(check_of__task=task).values_list("rechecked_by_id", flat=True))
    if actor.person_id is not None and actor.person_id in inspectors:
        raise Forbidden(
            _("现场验收与签署须由两人分别办理，您已给出本任务的验收结论。"),
            code="four_eyes",
            next_step=_("请由本部门审批岗签署。"),
        )


def conclude_if_last(round_: AcceptanceRound) -> None:
    """All departments have signed: PASS, PASS_WITH_COMMITMENT or FAIL; the caller holds the acceptance's lock."""
    if round_.tasks.exclude(state="signed").exists():
        return
    checks = list(AcceptanceCheck.objects.filter(task__round=round_).order_by("code"))
    outcome = aggregate([check.result or None for check in checks])
    round_.outcome = outcome
    system = Actor.system(cause="AcceptanceSigned")
    if outcome == "FAIL":
        move(round_, ACCEPTANCE_MOVES, "fail")
        round_.save(update_fields=["state", "outcome"])
        event = AcceptanceFailed(
            project_id=round_.project_id,
            acceptance_id=round_.pk,
            attempt=round_.attempt,
            failed=[check.code for check in checks if check.result == "FAIL"],
        )
        record(event, actor=system, subject=round_, project_id=round_.project_id)
        return
    require(system, "acceptance.issue_certificate", round_)
    move(round_, ACCEPTANCE_MOVES, "pass")
    paper = issue_opinion(round_, checks, actor=system)
    round_.paper_id, round_.ended_at = paper.pk, now()
    round_.save(update_fields=["state", "outcome", "paper_id", "ended_at"])
    passed = AcceptancePassed(project_id=round_.project_id, acceptance_id=round_.pk, outcome=outcome, paper_id=paper.pk)
    record(passed, actor=system, subject=round_, project_id=round_.project_id)
    decide_items(round_, checks, paper)


def decide_items(round_: AcceptanceRound, checks: list[AcceptanceCheck], paper: Any) -> None:
    """Every item of the acceptance is decided by its check, the consolidated opinion last (national code 11 or 12)."""
    system = Actor.system(cause="AcceptancePassed")
    by_item = {kind.item: check for check in checks if (kind := catalogue.check_kinds()[check.code]).item}
    basis = _("联合验收意见书%(number)s") % {"number": paper.number}
    # Deciding one may make the next ready (the summary after the parts), so look again until nothing is left.
    while True:
        ready = [item for item in items_of(round_.project_id) if item.decided_by == "ACCEPTANCE" and item.is_open]
        if not ready:
            return
        for item in ready:
            check = by_item.get(item.code)
            promised = check.result == "PASS_WITH_COMMITMENT" if check else round_.outcome == "PASS_WITH_COMMITMENT"
            projects.decide_item(item.pk, actor=system, passed=True, basis=basis, outstanding=promised)
