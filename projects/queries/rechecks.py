"""The recall wave as lists (复核清单): open re-checks, and everybody who leaned on one assessment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from accounts.access import scope
from accounts.queries import department_by_code, display_names
from certificates.queries import papers_of
from ledger.actor import Actor
from projects.models import AssessmentReuse, Project, RecheckTask
from projects.queries.calendar import calendar_for, today_of
from projects.queries.confirmed_reuse import leaning_on, works_have_begun
from projects.states import reuse_state_name
from projects.words import _
from regional_eval.terms import kind_name


def how_ended(how: str) -> str:
    """What happened to the ground of a reuse."""
    return {
        "amended": _("成果已修订"),
        "expired": _("成果已到期失效"),
        "revoked": _("成果已被撤销"),
        "plan_published": _("规划已更新"),
        "plan_ended": _("规划已失效"),
        "put_back": _("决定所依据的共享应用已恢复为单独评估"),
    }.get(how, how)


def recheck_outcome(outcome: str, *, of_decision: bool) -> str:
    """How a re-check ended."""
    if of_decision and outcome in {"kept", "put_back"}:
        return _("维持决定") if outcome == "kept" else _("撤回决定，重新办理")
    return {
        "kept": _("维持原确认"),
        "renewed": _("按现行成果换发确认"),
        "put_back": _("恢复单独评估"),
        "moot": _("不再需要复核"),
    }.get(outcome, "")


@dataclass(frozen=True)
class RecheckRow:
    """One re-check in the list."""

    task: RecheckTask
    project: Project
    owner: str
    kind: str
    how: str
    department: Any
    href: str
    project_href: str
    left: int | None
    late: bool
    # The decided item whose decision is in question; empty where the reuse itself is.
    item: str
    outcome: str
    who: str
    may_close: bool


def closable_by(actor: Actor) -> QuerySet[RecheckTask]:
    """Open re-checks that the actor may decide; whether a decision stands is for the department that made it."""
    mine = scope(actor, "recheck.close", RecheckTask.objects.filter(closed_at__isnull=True))
    return mine.filter(Q(item__isnull=True) | Q(department_code__in=sorted(actor.department_codes)))


def recheck_rows(actor: Actor, *, everything: bool) -> list[RecheckRow]:
    """The re-checks that the actor may see, those over time first."""
    tasks = scope(actor, "recheck.list", RecheckTask.objects.all())
    if not everything:
        tasks = tasks.filter(closed_at__isnull=True)
    found = list(
        tasks.select_related("project", "project__owner", "reuse", "item").order_by("closed_at", "due_on", "pk")
    )
    closable = set(closable_by(actor).values_list("pk", flat=True))
    names = display_names(task.closed_by_id for task in found if task.closed_by_id)
    sees_projects = set(
        scope(actor, "project.view", Project.objects.filter(pk__in={task.project_id for task in found})).values_list(
            "pk", flat=True
        )
    )
    rows = []
    for task in found:
        calendar, today = calendar_for(task.project.district_id), today_of(task.project.district_id)
        late = task.closed_at is None and today > task.due_on
        rows.append(
            RecheckRow(
                task=task,
                project=task.project,
                owner=task.project.owner.name,
                kind=kind_name(task.kind),
                how=how_ended(task.how),
                department=department_by_code(task.department_code, task.project.district_id),
                href=reverse("projects:reuse_case", args=[task.reuse_id]),
                project_href=reverse("projects:reuse", args=[task.project_id])
                if task.project_id in sees_projects
                else "",
                left=None if task.closed_at or late else calendar.between(today, task.due_on),
                late=late,
                item=task.item.name if task.item else "",
                outcome=recheck_outcome(task.outcome, of_decision=task.item_id is not None),
                who=names.get(task.closed_by_id or 0, ""),
                may_close=task.pk in closable,
            )
        )
    return rows


@dataclass(frozen=True)
class LeaningRow:
    """One project that leaned on an assessment, whatever became of it."""

    project: Project
    owner: str
    kind: str
    used_on: date
    state: str
    paper: str
    verify_href: str
    begun: bool
    href: str


def leaning_rows(actor: Actor, written_id: str) -> list[LeaningRow]:
    """Every project and certificate that leaned on the assessment, those with works begun included (反查)."""
    try:
        assessment_id = UUID(written_id)
    except ValueError:
        return []
    mine = set(scope(actor, "assessment.view_reuse", AssessmentReuse.objects.all()).values_list("pk", flat=True))
    rows = []
    for reuse in leaning_on(assessment_id):
        if reuse.pk not in mine:
            continue
        papers = {paper.id: paper for paper in papers_of(reuse.project_id)}
        paper = papers.get(reuse.paper_id) if reuse.paper_id else None
        rows.append(
            LeaningRow(
                project=reuse.project,
                owner=reuse.project.owner.name,
                kind=kind_name(reuse.kind),
                used_on=reuse.used_on,
                state=reuse_state_name(reuse.state),
                paper=paper.number if paper else "",
                verify_href=paper.verify_href if paper else "",
                begun=works_have_begun(reuse.project),
                href=reverse("projects:reuse_case", args=[reuse.pk]),
            )
        )
    return rows


@dataclass(frozen=True)
class ReuseTotals:
    """What reuse has saved so far in the reader's sight; working days of the clock belong to each project's plan."""

    confirmed: int
    projects: int
    fee_yuan: int
    waiting: int

    @property
    def fee_text(self) -> str:
        """Yuan, grouped by thousands."""
        return f"{self.fee_yuan:,}"


def reuse_totals(actor: Actor) -> ReuseTotals:
    """Confirmed reuses, their projects and the money of the reports that were not made (共享应用统计)."""
    rows = scope(actor, "assessment.view_reuse", AssessmentReuse.objects.all())
    confirmed = rows.filter(state=AssessmentReuse.State.CONFIRMED)
    sums = confirmed.aggregate(n=Count("pk"), projects=Count("project", distinct=True), fee=Sum("fee_yuan"))
    waiting = rows.filter(state=AssessmentReuse.State.PROPOSED).count()
    return ReuseTotals(sums["n"], sums["projects"], sums["fee"] or 0, waiting)


def proposals_on_desk(actor: Actor) -> list[AssessmentReuse]:
    """Proposals that the actor's department confirms or refuses, the oldest first (工作台)."""
    found = scope(actor, "assessment.confirm_reuse", AssessmentReuse.objects.filter(state="proposed"))
    return list(found.select_related("project").order_by("proposed_at"))


def rechecks_on_desk(actor: Actor) -> list[RecheckTask]:
    """Open re-checks that the actor may decide."""
    return list(closable_by(actor).select_related("project").order_by("due_on"))
