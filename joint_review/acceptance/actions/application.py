"""From the one application to the one visit (联合验收申请与统一现场验收)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.queries import department_by_code
from joint_review import catalogue
from joint_review.acceptance.actions.locking import lock_acceptance
from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, AcceptanceTask, DepartmentVisit
from joint_review.acceptance.queries.guards import applies_here, why_not_yet
from joint_review.acceptance.rules import plan_acceptance
from joint_review.acceptance.states import ACCEPTANCE_MOVES, RUNNING_ACCEPTANCES
from joint_review.actions.locking import move
from joint_review.events import AcceptanceApplied, DepartmentCame, VisitRecorded, VisitScheduled
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import NotFound, Refused, StateConflict
from ledger.record import record
from projects import actions as projects
from projects.domain import read
from projects.queries import due_after, items_of, lock_project

PAPERS_CHECK = "AC-APP"


@transaction.atomic
def apply_for_acceptance(project_id: UUID, *, actor: Actor, statement: str = "") -> AcceptanceRound:
    """The enterprise applies once (申请联合验收); every department gets its task the same day.

    Refused while an item of the stages before is open, or the works are not reported finished and surveyed.
    """
    project = lock_project(project_id)
    require(actor, "acceptance.apply", project)
    running = AcceptanceRound.objects.filter(project=project, state__in=sorted(RUNNING_ACCEPTANCES)).first()
    if running is not None:
        raise StateConflict(_("联合验收已经申请，正在办理。"), next_step=_("请在联合验收页面查看进展。"))
    if AcceptanceRound.objects.filter(project=project, state="passed").exists():
        raise StateConflict(_("项目已通过联合验收。"))
    items = list(items_of(project.pk))
    obstacles = why_not_yet(items)
    if obstacles:
        raise Refused(
            "not_ready_for_acceptance",
            _("还不能申请联合验收：%(obstacles)s。") % {"obstacles": _("；").join(obstacles)},
            next_step=_("前面各阶段的事项全部办结、完工和联合测绘登记后即可申请。"),
        )
    data = read("acceptance")
    round_ = AcceptanceRound.objects.create(
        id=uuid.uuid4(),
        project=project,
        convened_by=department_by_code(data["lead_department"], project.district_id),
        applied_by_id=actor.signed_in(),
        on_behalf_of=actor.on_behalf_of,
        applied_at=now(),
        statement=statement.strip()[:4000],
        due_on=due_after(project.pk, data["limit_working_days"]),
    )
    codes = make_tasks(round_, items)
    papers_check = next((item for item in items if item.code == PAPERS_CHECK and item.is_open), None)
    if papers_check is not None:
        projects.hold_item(papers_check.pk, by=f"acceptance:{round_.pk}", actor=actor)
    event = AcceptanceApplied(project_id=project.pk, acceptance_id=round_.pk, departments=codes)
    record(event, actor=actor, subject=round_, project_id=project.pk)
    return round_


def make_tasks(round_: AcceptanceRound, items: list[Any]) -> list[str]:
    """One task per department with all its checks; returns the departments' codes."""
    kinds = catalogue.check_kinds()
    plans = plan_acceptance(kinds.values(), applies_here(items, round_.project.facts))
    for plan in plans:
        task = AcceptanceTask.objects.create(
            id=uuid.uuid4(),
            round=round_,
            department=department_by_code(plan.department, round_.project.district_id),
        )
        AcceptanceCheck.objects.bulk_create(
            AcceptanceCheck(task=task, code=code, undecided=code in plan.undecided) for code in plan.checks
        )
    return [plan.department for plan in plans]


@transaction.atomic
def schedule_visit(
    acceptance_id: UUID, *, actor: Actor, visit_at: datetime, meeting_point: str = ""
) -> AcceptanceRound:
    """Set one date and place for all (确定统一验收时间): the papers are in order. May be set again before the visit."""
    round_ = lock_acceptance(acceptance_id)
    require(actor, "acceptance.schedule_visit", round_)
    if visit_at <= now():
        raise Refused("visit_in_the_past", _("验收时间不能早于现在。"), field="visit_at")
    move(round_, ACCEPTANCE_MOVES, "schedule_visit")
    round_.visit_at, round_.meeting_point = visit_at, meeting_point.strip()[:200]
    round_.save(update_fields=["state", "visit_at", "meeting_point"])
    departments = list(round_.tasks.order_by("department__code").values_list("department__code", flat=True))
    event = VisitScheduled(
        project_id=round_.project_id, acceptance_id=round_.pk, visit_at=visit_at, departments=departments
    )
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    open_department_items(round_)
    return round_


def open_department_items(round_: AcceptanceRound) -> None:
    """The papers are checked: that item is decided, and the departments' items are held by the acceptance."""
    system = Actor.system(cause="VisitScheduled")
    held = f"acceptance:{round_.pk}"
    for item in items_of(round_.project_id):
        if item.code == PAPERS_CHECK and item.is_open:
            projects.decide_item(
                item.pk, actor=system, passed=True, basis=_("联合验收资料核对无误，已确定统一验收时间")
            )
    for item in items_of(round_.project_id):
        if item.decided_by == "ACCEPTANCE" and item.is_open and item.held_by != held:
            projects.hold_item(item.pk, by=held, actor=system)


@transaction.atomic
def note_presence(acceptance_id: UUID, *, actor: Actor, department_code: str, came: bool) -> DepartmentVisit:
    """Note whether a department came to the visit (到场记录)."""
    round_ = lock_acceptance(acceptance_id)
    require(actor, "acceptance.record_visit", round_)
    if round_.state not in {"scheduled", "visited"}:
        raise StateConflict(_("请先确定统一验收时间。"))
    task = round_.tasks.select_related("department").filter(department__code=department_code).first()
    if task is None:
        raise NotFound
    visit, _made = DepartmentVisit.objects.update_or_create(
        round=round_,
        department=task.department,
        attempt=round_.attempt,
        defaults={"came": came, "noted_by_id": actor.signed_in(), "noted_at": now()},
    )
    event = DepartmentCame(project_id=round_.project_id, acceptance_id=round_.pk, department=department_code, came=came)
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    return visit


@transaction.atomic
def record_visit(acceptance_id: UUID, *, actor: Actor) -> AcceptanceRound:
    """The visit took place (现场验收完成): from now on departments may list defects and sign."""
    round_ = lock_acceptance(acceptance_id)
    require(actor, "acceptance.record_visit", round_)
    if round_.visit_at is None or now() < round_.visit_at:
        raise StateConflict(_("还没有到约定的验收时间。"), next_step=_("如提前验收，请先改期。"))
    move(round_, ACCEPTANCE_MOVES, "record_visit")
    round_.visited_at = now()
    round_.save(update_fields=["state", "visited_at"])
    event = VisitRecorded(project_id=round_.project_id, acceptance_id=round_.pk)
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    return round_
