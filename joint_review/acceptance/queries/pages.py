"""Joint acceptance for readers: one page for the enterprise and the lead, one per department."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.access import can, get_for
from accounts.queries import display_names
from joint_review import catalogue
from joint_review.acceptance.models import (
    AcceptanceCheck,
    AcceptanceRound,
    AcceptanceTask,
    Defect,
    DepartmentVisit,
)
from joint_review.queries.names import department_out, language
from joint_review.words import state_label
from ledger.actor import Actor
from ledger.clock_now import now


def acceptance_for(actor: Actor, acceptance_id: UUID) -> AcceptanceRound:
    """One acceptance the actor may see, or NotFound."""
    get_for(actor, "acceptance.view", AcceptanceRound, acceptance_id)
    return AcceptanceRound.objects.select_related("project__owner", "convened_by").get(pk=acceptance_id)


def acceptance_task_for(actor: Actor, task_id: UUID) -> AcceptanceTask:
    """One department's task, for departments and the lead; what it holds is not told to the enterprise yet."""
    get_for(actor, "acceptance.view_task", AcceptanceTask, task_id)
    return AcceptanceTask.objects.select_related("department", "round__project").get(pk=task_id)


def acceptance_view(actor: Actor, round_: AcceptanceRound) -> dict[str, Any]:
    """The acceptance with its branches, defects, and what the actor may do."""
    tasks = list(
        round_.tasks.select_related("department").prefetch_related("checks__defects").order_by("department__code")
    )
    came = dict(
        DepartmentVisit.objects.filter(round=round_, attempt=round_.attempt).values_list("department_id", "came")
    )
    people = display_names(person for task in tasks for person in (task.inspected_by_id, task.signed_by_id) if person)
    is_applicant = actor.principal_id is not None
    branches = [branch_view(actor, task, people, came.get(task.department_id)) for task in tasks]
    defects = [
        defect_view(defect, round_)
        for task in tasks
        for check in task.checks.all()
        for defect in check.defects.all()
        # What a department notes is its own until the merged list is issued.
        if defect.state != "struck" and (not is_applicant or defect_is_told(defect, round_))
    ]
    failing = [defect for defect in defects if defect["failing"] and defect["state"] == "listed"]
    return {
        "branches": branches,
        "defects": sorted(defects, key=lambda defect: defect["number"]),
        "to_answer": failing if round_.state == "rectifying" else [],
        "answered": sum(bool(defect["answered_now"]) for defect in failing),
        "signed": sum(task.state == "signed" for task in tasks),
        "state_label": state_label("AcceptanceRound", round_.state),
        "is_applicant": is_applicant,
        "can_schedule": round_.state in {"applied", "scheduled"} and can(actor, "acceptance.schedule_visit", round_),
        "can_note": round_.state in {"scheduled", "visited"} and can(actor, "acceptance.record_visit", round_),
        "can_record_visit": round_.state == "scheduled"
        and round_.visit_at is not None
        and now() >= round_.visit_at
        and can(actor, "acceptance.record_visit", round_),
        "can_issue": round_.state == "failed" and can(actor, "acceptance.issue_rectification", round_),
        "can_submit": round_.state == "rectifying" and can(actor, "acceptance.submit_rectification", round_),
    }


def branch_view(actor: Actor, task: AcceptanceTask, people: dict[int, str], came: bool | None) -> dict[str, Any]:
    """One department's line."""
    return {
        "id": task.pk,
        "department": department_out(task.department),
        "state": task.state,
        "state_label": state_label("AcceptanceTask", task.state),
        "badge": {"open": "waiting", "inspected": "running", "signed": "done"}[task.state],
        "checks": [check_view(check) for check in sorted(task.checks.all(), key=lambda check: check.code)],
        "came": came,
        "who": people.get(task.signed_by_id or task.inspected_by_id or 0, ""),
        "signed_at": task.signed_at,
        "mine": task.department.code in actor.department_codes and can(actor, "acceptance.view_task", task),
    }


def check_view(check: AcceptanceCheck) -> dict[str, Any]:
    """One check with its result in words."""
    return {
        "id": check.pk,
        "code": check.code,
        "name": catalogue.check_names()[check.code].label(language()),
        "undecided": check.undecided,
        "result": check.result,
        "result_label": result_label(check.result),
        "tone": {"PASS": "green", "PASS_WITH_COMMITMENT": "amber", "FAIL": "red"}.get(check.result, ""),
        "reason": check.reason,
        "promise": check.promise,
        "promise_by": check.promise_by,
        "promise_due_on": check.promise_due_on,
        "is_fire": check.code == "AC-FIR",
        "may_promise": catalogue.check_kinds()[check.code].commitment and check.code != "AC-FIR",
        "may_not_apply": check.undecided or catalogue.check_kinds()[check.code].applies_if is not None,
    }


def result_label(result: str) -> str:
    """A result of a check in words."""
    return {
        "": _("待验收"),
        "PASS": _("通过"),
        "PASS_WITH_COMMITMENT": _("承诺通过"),
        "FAIL": _("不通过"),
        "NOT_APPLICABLE": _("不涉及"),
        "DEEMED_PASS": _("逾期视为通过"),
    }[result]


def defect_view(defect: Defect, round_: AcceptanceRound) -> dict[str, Any]:
    """One defect."""
    check = defect.check_of
    return {
        "id": defect.pk,
        "number": defect.number,
        "check": catalogue.check_names()[check.code].label(language()),
        "department": department_out(check.task.department),
        "severity": defect.severity,
        "severity_label": catalogue.severities()[defect.severity].label(language()),
        "failing": defect.severity in catalogue.failing_severities(),
        "place": defect.place,
        "text": defect.text,
        "clause": catalogue.clauses()[defect.clause_code].cited() if defect.clause_code else "",
        "state": defect.state,
        "state_label": state_label("Defect", defect.state),
        "answer": defect.answer,
        "answered_now": bool(defect.answer) and round_.state == "rectifying" and answered_since_notice(defect, round_),
        "recheck_note": defect.recheck_note,
        "late": bool(defect.late_reason),
    }


def answered_since_notice(defect: Defect, round_: AcceptanceRound) -> bool:
    """Was the answer written for the notice that runs now?"""
    notice = round_.rectifications.filter(attempt=round_.attempt).first()
    return notice is None or defect.answered_at is None or defect.answered_at >= notice.issued_at


def defect_is_told(defect: Defect, round_: AcceptanceRound) -> bool:
    """Has the enterprise been told of it: by a merged list, or by the opinion?"""
    if round_.state == "passed":
        return True
    return round_.rectifications.filter(attempt__gte=defect.found_in).exists()


def task_page(actor: Actor, task: AcceptanceTask) -> dict[str, Any]:
    """The department's checklist with its defects, for the phone on site."""
    round_ = task.round
    checks = list(task.checks.prefetch_related("defects").order_by("code"))
    mine = task.department.code in actor.department_codes
    open_ = round_.state == "visited" and task.state != "signed" and mine
    people = display_names(person for person in (task.inspected_by_id, task.signed_by_id) if person)
    return {
        "checks": [
            {
                **check_view(check),
                "defects": [defect_view(defect, round_) for defect in check.defects.all() if defect.state != "struck"],
            }
            for check in checks
        ],
        "inspector": people.get(task.inspected_by_id or 0, ""),
        "signer": people.get(task.signed_by_id or 0, ""),
        "can_note": open_ and can(actor, "acceptance.record_defect", task),
        "can_recheck": open_ and round_.attempt > 1 and can(actor, "acceptance.reinspect", task),
        "can_sign": open_
        and all(check.result for check in checks)
        and actor.person_id not in {task.inspected_by_id, *(check.concluded_by_id for check in checks)}
        and (can(actor, "acceptance.sign_off", task) or can(actor, "acceptance.reject_sign_off", task)),
        "failed": any(check.result == "FAIL" for check in checks),
        "state_label": state_label("AcceptanceTask", task.state),
        "severities": [{"code": one.code, "name": one.label(language())} for one in catalogue.severities().values()],
        "late_reasons": [
            {"code": one.code, "name": one.label(language())} for one in catalogue.late_reasons().values()
        ],
        "attempt": round_.attempt,
    }
