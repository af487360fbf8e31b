"""What the enterprise must do now (下一步), and the branches of the metro line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import can, scope
from accounts.queries import departments
from ledger.actor import Actor
from projects.models import AssessmentReuse, ItemCase, Material, Project
from projects.pipeline.planner import Need
from projects.queries.calendar import calendar_for, today_of
from projects.states import ENDED, FAVOURABLE, STOPPED, Code, item_state_name
from projects.workdays import WorkCalendar
from regional_eval.terms import kind_name


@dataclass(frozen=True)
class NextStep:
    """One thing the enterprise must do: what, why, where."""

    text: str
    why: str
    href: str
    action: str


def projects_of(actor: Actor) -> QuerySet[Project]:
    """The projects the actor sees as a party, newest first."""
    return scope(actor, "project.list", Project.objects.all()).select_related("edition").order_by("-created_at")


def steps_for_applicant(actor: Actor, projects: Iterable[Project]) -> dict[UUID, list[NextStep]]:
    """For each project what its enterprise must do now; drawings and notices are added by the rooms that hold them."""
    found = list(projects)
    events: dict[UUID, list[ItemCase]] = {project.pk: [] for project in found}
    for item in ItemCase.objects.filter(project__in=found, ready_at__isnull=False, decided_at__isnull=True).order_by(
        "position"
    ):
        if item.is_by_applicant and not item.held_by and item.decided_by == "HAND":
            events[item.project_id].append(item)
    late: dict[UUID, int] = {}
    for project_id in Material.objects.filter(project__in=found, state="outstanding").values_list(
        "project_id", flat=True
    ):
        late[project_id] = late.get(project_id, 0) + 1
    return {
        project.pk: steps_of_project(actor, project, events[project.pk], late.get(project.pk, 0)) for project in found
    }


def steps_of_project(actor: Actor, project: Project, events: list[ItemCase], late: int) -> list[NextStep]:
    """The steps of one project."""
    if project.state in {Project.State.DRAFT, Project.State.CORRECTION}:
        if not can(actor, "project.edit_form", project):
            return []
        corrected = project.state == Project.State.CORRECTION
        return [
            NextStep(
                _("补正后重新提交") if corrected else _("填完并提交申报"),
                _("窗口已一次性告知全部补正内容。") if corrected else _("草稿尚未申报，提交之后才开始受理。"),
                reverse("projects:edit" if corrected or not project.place else "projects:filing", args=[project.pk]),
                _("去补正") if corrected else _("继续填写"),
            ),
            *promises_to_sign(actor, project),
        ]
    if project.state != Project.State.ACCEPTED:
        return promises_to_sign(actor, project)
    steps = promises_to_sign(actor, project)
    steps += [
        NextStep(
            _("报告：%(item)s") % {"item": item.name},
            _("这一步由企业自行完成，报告后后续审批随即开始，不计入审批时限。"),
            reverse("projects:item", args=[item.pk]),
            _("去报告"),
        )
        for item in events
        if can(actor, "item.report_event", item)
    ]
    if late and can(actor, "project.view", project):
        why = _("容缺受理的材料逾期未补交，会影响后续事项。")
        steps.append(
            NextStep(
                _("补交容缺材料 %(n)s 件") % {"n": late}, why, reverse("projects:late", args=[project.pk]), _("去补交")
            )
        )
    return steps


def promises_to_sign(actor: Actor, project: Project) -> list[NextStep]:
    """Commitments without which a proposed reuse cannot be confirmed (签署告知承诺)."""
    waiting = AssessmentReuse.objects.filter(
        project=project, state=AssessmentReuse.State.PROPOSED, effect="COMMITMENT", promised_at__isnull=True
    )
    return [
        NextStep(
            _("签署承诺：%(kind)s") % {"kind": kind_name(reuse.kind)},
            _("区域评估成果须签署告知承诺后，部门才能确认应用。"),
            reverse("projects:reuse", args=[project.pk]),
            _("去签署"),
        )
        for reuse in waiting
        if can(actor, "promise.sign", reuse)
    ]


def state_of(item: ItemCase, today: Any) -> str:
    """The state of an item for the metro line: waiting, running, warn, late, stopped, done, refused."""
    code = None if item.state is None else Code(item.state)
    if code is None:
        return "waiting"
    if code in FAVOURABLE:
        return "done"
    if code in ENDED:
        return "refused"
    if code in STOPPED or item.is_paused:
        return "stopped"
    if item.due_on is not None and today > item.due_on:
        return "late"
    if item.warn_on is not None and today >= item.warn_on:
        return "warn"
    return "running"


def metro_lines(project: Project) -> list[dict[str, Any]]:
    """The branches by stage (办理进展): every item that is run, who holds it since when, days used and left."""
    english = (get_language() or "").startswith("en")
    by_code = {row.code: row for row in departments(project.district_id)}
    calendar = calendar_for(project.district_id)
    today = today_of(project.district_id)
    items = [item for item in project.items.order_by("position") if Need(item.need).is_run]
    lines: list[dict[str, Any]] = []
    for stage in project.stages.order_by("code"):
        held = [item for item in items if item.stage == stage.code]
        if not held:
            continue
        done = sum(item.state in FAVOURABLE for item in held)
        text = _("%(done)s / %(all)s 项已办结") % {"done": done, "all": len(held)}
        lines.append({"stage": stage.name_en if english else stage.name_zh, "text": text})
        for item in held:
            state = state_of(item, today)
            is_open = item.ready_at is not None and item.decided_at is None
            lines.append(
                {
                    "name": item.name,
                    "note": way_of(item),
                    "href": reverse("projects:item", args=[item.pk]),
                    "state": state,
                    "label": item_state_name(item.state) if item.state is not None else _("未开始"),
                    "department": by_code.get(item.department_code),
                    "who": _("企业") if item.is_by_applicant else "",
                    "day": days_used(item, today, calendar) if is_open else None,
                    "total": item.limit_days or None,
                    "stopped": state == "stopped",
                    "tone": {"warn": "amber", "late": "red"}.get(state, ""),
                    "due": item.due_on if is_open else None,
                    "text": "",
                }
            )
    return lines


def way_of(item: ItemCase) -> str:
    """How an item is run, where not in the plain way."""
    return {
        Need.PROMISED.value: _("告知承诺办理"),
        Need.SIMPLIFIED.value: _("引用区域评估，简化办理"),
        Need.TOLERATED.value: _("容缺办理，材料后补"),
    }.get(item.need, "")


def days_used(item: ItemCase, today: date, calendar: WorkCalendar) -> int | None:
    """Day n of the item's own limit: what its stops took does not count; null where no clock runs for it."""
    if item.day_zero is None or not item.counts or not item.limit_days:
        return None
    left = item.remaining_days if item.due_on is None else calendar.between(today, item.due_on)
    return None if left is None else item.limit_days - left


def items_not_needed(project: Project) -> list[dict[str, str]]:
    """Items that this project does not need, each with why."""
    reasons = {"condition": _("按项目情况不涉及"), "reuse": _("共享应用区域评估成果")}
    return [
        {"name": item.name, "why": item.need_remark or reasons.get(item.need_reason.partition(":")[0], "")}
        for item in project.items.order_by("position")
        if not Need(item.need).is_run
    ]


def public_status(number: str) -> Project | None:
    """The project of a receipt number; the caller masks what is not public."""
    return (
        Project.objects.filter(receipt_number__iexact=number.strip()).select_related("owner").first()
        if number.strip()
        else None
    )
