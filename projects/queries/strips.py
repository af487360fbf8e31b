"""One project in one line (项目条), and the items behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import get_for
from accounts.legal_day import today_in_shanghai
from accounts.queries import departments
from ledger.actor import Actor
from ledger.errors import NotFound
from projects.models import ItemCase, Project, StageCase
from projects.queries.calendar import calendar_for, today_of
from projects.queries.ledger import ground_name
from projects.states import project_state_name
from projects.workdays import WorkCalendar

# While the clock stands on one of these, the enterprise acts (clock_rules.pauses: what resumes them is its answer).
ANSWERED_BY_APPLICANT = frozenset({"SUPPLEMENT", "RECTIFICATION", "DESIGN_REVISION"})


def project_for(actor: Actor, project_id: UUID) -> Project:
    """One project the actor may look at, or NotFound."""
    project = get_for(actor, "project.view", Project, project_id)
    return Project.objects.select_related("owner", "district", "edition").get(pk=project.pk)


def items_of(project_id: UUID) -> QuerySet[ItemCase]:
    """The items of a project in the order of its pipeline; the caller has decided who asks."""
    return ItemCase.objects.filter(project_id=project_id).order_by("position")


def item_by_code(project_id: UUID, code: str) -> ItemCase:
    """One item of a project by its code; NotFound when its pipeline has none."""
    found = ItemCase.objects.filter(project_id=project_id, code=code).select_related("project").first()
    if found is None:
        raise NotFound
    return found


def project_strip(project_id: UUID) -> dict[str, Any]:
    """Name, code, stage, day n of the total, running or stopped and why, and who acts next."""
    project = Project.objects.select_related("edition").filter(pk=project_id).first()
    if project is None:
        raise NotFound
    return strips_of([project])[project.pk]


def strips_of(projects: Iterable[Project]) -> dict[UUID, dict[str, Any]]:
    """The strips of several projects in a number of queries that depends on their districts, not on how many they are."""
    found = list(projects)
    open_items: dict[UUID, list[ItemCase]] = {project.pk: [] for project in found}
    waiting = ItemCase.objects.filter(project__in=found, ready_at__isnull=False, decided_at__isnull=True).order_by(
        "position"
    )
    for item in waiting:
        open_items[item.project_id].append(item)
    names = {district: {row.code: row for row in departments(district)} for district in {p.district_id for p in found}}
    english = (get_language() or "").startswith("en")
    stages = stage_names(project.pk for project in found)
    calendars = {district: calendar_for(district) for district in {project.district_id for project in found}}
    today = today_in_shanghai()
    strips = {}
    for project in found:
        is_running = project.is_running and bool(project.day_zero)
        stopped = project.state == Project.State.ACCEPTED and project.stopped_since is not None
        strips[project.pk] = {
            "project_id": project.pk,
            "name": project.name,
            "code": project.code,
            "state": project.state,
            "stage": stages.get((project.pk, project.stage), ""),
            "day": day_number(project, calendars[project.district_id], today),
            "total": project.limit_days if project.day_zero else None,
            "running": is_running,
            "stopped": stopped,
            "reason": reason_of(project, stopped=stopped),
            "due_on": project.due_on,
            "is_provisional": project.is_provisional,
            "next_actor": next_actor(project, open_items[project.pk], names[project.district_id], english=english),
        }
    return strips


def stage_names(project_ids: Iterable[UUID]) -> dict[tuple[UUID, str], str]:
    """The names of the stages of these projects (阶段) by project and stage code, in the reader's language; one query."""
    english = (get_language() or "").startswith("en")
    return {
        (stage.project_id, stage.code): stage.name_en if english else stage.name_zh
        for stage in StageCase.objects.filter(project__in=list(project_ids))
    }


def day_number(project: Project, calendar: WorkCalendar, today: date) -> int | None:
    """Day n of the government's clock as of today; null before it starts.

    What was used when the clocks were last computed, and every working day since then on which the clock ran.
    """
    if project.day_zero is None:
        return None
    if project.clock_on is None or project.state != Project.State.ACCEPTED:
        return project.used_days
    until = today if project.stopped_since is None else min(today, project.stopped_since - timedelta(days=1))
    return project.used_days + max(0, calendar.between(max(project.clock_on, project.day_zero), until))


def reason_of(project: Project, *, stopped: bool) -> str:
    """Why the clock stands, or what the project waits for."""
    if stopped:
        return ground_name(project.stopped_ground) if project.stopped_ground else _("等待企业办理")
    return "" if project.is_running else project_state_name(project.state)


def next_actor(project: Project, items: Sequence[ItemCase], departments_by_code: Any, *, english: bool) -> str:
    """Who acts next, in words: the department with its items, the window, or the enterprise."""
    if project.state in {Project.State.DRAFT, Project.State.CORRECTION}:
        return _("企业")
    if project.state == Project.State.SUBMITTED:
        return _("综合窗口")
    if project.state != Project.State.ACCEPTED:
        return ""
    if project.stopped_since is not None and project.stopped_ground in ANSWERED_BY_APPLICANT:
        return _("企业")
    mine = [item for item in items if item.is_by_applicant]
    theirs: dict[str, list[ItemCase]] = {}
    for item in items:
        if not item.is_by_applicant:
            theirs.setdefault(item.department_code, []).append(item)
    parts = []
    for code, held in list(theirs.items())[:2]:
        department = departments_by_code.get(code)
        name = "" if department is None else department.name_en if english else department.short_name
        parts.append(
            _("%(who)s（%(what)s）") % {"who": name, "what": held[0].name}
            if len(held) == 1
            else _("%(who)s（%(n)s 项）") % {"who": name, "n": len(held)}
        )
    if mine and not parts:
        return _("企业（%(item)s）") % {"item": mine[0].name}
    said = _("、").join(parts)
    return _("%(some)s等 %(n)s 个部门") % {"some": said, "n": len(theirs)} if len(theirs) > 2 else said


@dataclass(frozen=True)
class Waiting:
    """One item on a desk."""

    item: ItemCase
    project_name: str
    due_on: date | None
    days_left: int | None


def items_on_desk(actor: Actor) -> list[Waiting]:
    """Items at a step of the actor's posts, in departments whose power he exercises, nearest due date first."""
    posts = actor.roles & {"pos_accept", "pos_first", "pos_second", "pos_approve"}
    if not posts or not actor.department_codes:
        return []
    found = (
        ItemCase.objects.filter(
            project__district_id=actor.district_id or 0,
            project__state=Project.State.ACCEPTED,
            department_code__in=actor.department_codes,
            posts_now__overlap=list(posts),
            decided_at__isnull=True,
            decided_by="HAND",
            held_by="",
        )
        .exclude(steps__person_id=actor.signed_in())
        .select_related("project")
        .order_by("due_on", "position")
    )
    calendar = calendar_for(actor.district_id)
    today = today_of(actor.district_id)
    rows = []
    for item in found:
        left = None
        if item.due_on is not None:
            late = today > item.due_on
            left = -calendar.between(item.due_on, today) if late else calendar.between(today, item.due_on)
        rows.append(Waiting(item, item.project.name, item.due_on, left))
    return rows
