"""Rows of a department's desk and of the window's queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import require
from joint_review.queries.desk import tasks_on_desk
from ledger.actor import Actor
from projects.queries.calendar import calendar_for, today_of
from projects.queries.contradictions import contradictions_to_answer
from projects.queries.lists import queue_of
from projects.queries.rechecks import proposals_on_desk, rechecks_on_desk
from projects.queries.strips import items_on_desk
from projects.states import project_state_name
from regional_eval.terms import kind_name


@dataclass(frozen=True)
class DeskRow:
    """One thing to do; `left` in working days, negative when overdue."""

    what: str
    note: str
    project: str
    kind: str
    href: str
    due: date | None
    left: int | None
    state: str
    label: str
    item_id: UUID | None

    @property
    def over(self) -> int:
        """Working days over time."""
        return -(self.left or 0)


def rows_of_desk(actor: Actor) -> list[DeskRow]:
    """Items at my posts and tasks in rounds and acceptances, nearest limit first (工作台)."""
    require(actor, "item.list")
    rows = [
        DeskRow(
            what=waiting.item.name,
            note=_("批准办结") if "pos_approve" in waiting.item.posts_now else _("受理审核"),
            project=waiting.project_name,
            kind=_("审批事项"),
            href=reverse("projects:item", args=[waiting.item.pk]),
            due=waiting.due_on,
            left=waiting.days_left,
            state=tone(waiting.days_left, paused=waiting.item.is_paused),
            label="",
            item_id=waiting.item.pk,
        )
        for waiting in items_on_desk(actor)
    ]
    rows += [row_of_task(actor, entry) for entry in tasks_on_desk(actor) if entry["my_turn"] or entry["mine"]]
    rows += rows_of_reuse(actor)
    rows += rows_of_contradictions(actor)
    return sorted(rows, key=lambda row: (row.left is None, row.left or 0))


def rows_of_reuse(actor: Actor) -> list[DeskRow]:
    """Proposals to lean on regional assessments, and re-checks of those that ended (区域评估应用与复核)."""
    rows = [
        DeskRow(
            what=kind_name(reuse.kind),
            note=_("确认或者不予确认"),
            project=reuse.project.name,
            kind=_("区域评估应用"),
            href=reverse("projects:reuse_case", args=[reuse.pk]),
            due=None,
            left=None,
            state="waiting",
            label=_("待确认"),
            item_id=None,
        )
        for reuse in proposals_on_desk(actor)
    ]
    for task in rechecks_on_desk(actor):
        left = days_left(actor, task.due_on)
        rows.append(
            DeskRow(
                what=kind_name(task.kind),
                note=_("所依据的成果有变化"),
                project=task.project.name,
                kind=_("区域评估复核"),
                href=reverse("projects:rechecks"),
                due=task.due_on,
                left=left,
                state=tone(left),
                label=_("待复核"),
                item_id=None,
            )
        )
    return rows


def rows_of_contradictions(actor: Actor) -> list[DeskRow]:
    """Plans that contradict each other and wait for the department's answer (规划间矛盾)."""
    rows = []
    for entry in contradictions_to_answer(actor):
        left = days_left(actor, entry["case"].due_on)
        rows.append(
            DeskRow(
                what=f"{entry['first']} / {entry['second']}",
                note=entry["reason"],
                project="",
                kind=_("规划间矛盾"),
                href=reverse("projects:contradiction", args=[entry["case"].pk]),
                due=entry["case"].due_on,
                left=left,
                state=tone(left),
                label=_("待答复"),
                item_id=None,
            )
        )
    return rows


def row_of_task(actor: Actor, entry: dict[str, Any]) -> DeskRow:
    """A task of joint review or acceptance as a row."""
    names = {
        "task": _("联合审图"),
        "notice": _("联审汇总"),
        "acceptance": _("联合验收"),
        "acceptance_lead": _("联合验收组织"),
    }
    discipline = entry["discipline"]
    what = entry["title"] if entry.get("about") else names[entry["kind"]]
    if discipline:
        what = _("%(what)s（%(discipline)s）") % {"what": what, "discipline": discipline["name"]}
    left = days_left(actor, entry["due_on"])
    note = _("第 %(n)s 轮") % {"n": entry["round"]}
    return DeskRow(
        what=what,
        note=note if entry.get("about") else " · ".join(part for part in (entry["title"], note) if part),
        project=entry["project"],
        kind=what if entry.get("about") else names[entry["kind"]],
        href=entry["url"],
        due=entry["due_on"],
        left=left,
        state=tone(left),
        label=entry["state_label"],
        item_id=None,
    )


def days_left(actor: Actor, due_on: date | None) -> int | None:
    """Working days until the limit, negative when it has passed."""
    if due_on is None:
        return None
    calendar, today = calendar_for(actor.district_id), today_of(actor.district_id)
    return -calendar.between(due_on, today) if today > due_on else calendar.between(today, due_on)


def tone(left: int | None, *, paused: bool = False) -> str:
    """The state badge of a limit."""
    if paused:
        return "stopped"
    if left is None:
        return "running"
    return "late" if left < 0 else "warn" if left <= 1 else "running"


@dataclass(frozen=True)
class QueueRow:
    """One filing at the window."""

    project: str
    owner: str
    number: str
    at: datetime | None
    due: date | None
    state: str
    label: str
    href: str
    waiting: bool


def rows_of_queue(actor: Actor, *, everything: bool) -> list[QueueRow]:
    """Filings of the window's district (收件), those that wait first."""
    require(actor, "project.list")
    rows = []
    for project in queue_of(actor):
        waiting = project.state == "submitted"
        if not waiting and not everything:
            continue
        left = days_left(actor, project.check_due_on) if waiting else None
        rows.append(
            QueueRow(
                project=project.name,
                owner=project.owner.name,
                number=project.receipt_number or "",
                at=project.submitted_at,
                due=project.check_due_on if waiting else None,
                state=tone(left)
                if waiting
                else {"correction": "stopped", "rejected": "refused"}.get(project.state, "done"),
                label=project_state_name(project.state),
                href=reverse("projects:intake", args=[project.pk]),
                waiting=waiting,
            )
        )
    return rows
