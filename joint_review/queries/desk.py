"""What waits for whom: tasks for desks, branches for the project page, notices for the applicant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from accounts.access import can, relation_query, scope
from joint_review.acceptance.models import AcceptanceRound, AcceptanceTask
from joint_review.models import MergedNotice, Round, Task
from joint_review.queries.names import department_out, discipline_out, kind_name
from joint_review.rules.evaluations import RoundKind
from joint_review.words import state_label
from ledger.actor import Actor

OPEN = ("open", "claimed", "handed_over")


def tasks_on_desk(actor: Actor) -> list[dict[str, Any]]:
    """Everything in joint review and acceptance that waits for the actor's department, earliest due first."""
    if not actor.department_codes:
        return []
    tasks = (
        scope(actor, "joint_review.view", Task.objects.filter(relation_query(actor, Task, "D")))
        .filter(state__in=OPEN, round__state="open")
        .select_related("department", "round__project", "round__set")
    )
    acceptances = (
        scope(actor, "acceptance.view", AcceptanceTask.objects.filter(relation_query(actor, AcceptanceTask, "D")))
        .filter(state__in=("open", "inspected"), round__state="visited")
        .select_related("department", "round__project")
    )
    entries = [task_entry(actor, task) for task in tasks] + [acceptance_entry(task) for task in acceptances]
    entries += [lead_entry(round_) for round_ in rounds_to_lead(actor)]
    entries += [acceptance_lead_entry(round_) for round_ in acceptances_to_lead(actor)]
    return sorted(entries, key=lambda entry: (entry["due_on"] is None, entry["due_on"] or entry["since"].date()))


def task_entry(actor: Actor, task: Task) -> dict[str, Any]:
    """A review task as a line of the desk."""
    return {
        "kind": "task",
        "id": task.pk,
        "project_id": task.round.project_id,
        "project": task.round.project.name,
        "title": title_of(task.round),
        # What else than drawings the round is about.
        "about": "" if task.round.kind == RoundKind.DRAWINGS else task.round.kind,
        "round": task.round.no,
        "department": department_out(task.department),
        "discipline": discipline_out(task.discipline),
        "state": task.state,
        "state_label": state_label("Task", task.state),
        "mine": task.first_by_id == actor.person_id,
        "my_turn": can(actor, "task.sign", task) if task.first_by_id else can(actor, "task.claim", task),
        "since": task.round.opened_at,
        "due_on": task.due_on,
        "url": reverse(page_of(task.round, "task"), args=[task.pk]),
    }


def title_of(round_: Round) -> str:
    """What a round is about: the set of drawings, or the kind of evaluation."""
    return round_.set.name if round_.kind == RoundKind.DRAWINGS else kind_name(round_.kind)


def page_of(round_: Round, what: str) -> str:
    """The address of a round or task by its name: rounds without drawings have pages of their own."""
    if round_.kind == RoundKind.DRAWINGS:
        return f"joint_review:{what}"
    return "joint_review:evaluation_task" if what == "task" else "joint_review:evaluation"


def acceptance_entry(task: AcceptanceTask) -> dict[str, Any]:
    """An acceptance task as a line of the desk."""
    return {
        "kind": "acceptance",
        "id": task.pk,
        "project_id": task.round.project_id,
        "project": task.round.project.name,
        "title": "",
        "round": task.round.attempt,
        "department": department_out(task.department),
        "discipline": None,
        "state": task.state,
        "state_label": state_label("AcceptanceTask", task.state),
        "mine": False,
        "my_turn": True,
        "since": task.round.visited_at or task.round.applied_at,
        "due_on": task.round.due_on,
        "url": reverse("joint_review:acceptance_task", args=[task.pk]),
    }


def rounds_to_lead(actor: Actor) -> list[Round]:
    """Complete rounds that wait for the lead's notice."""
    return list(
        scope(actor, "notice.issue", Round.objects.filter(state="complete"))
        .select_related("project", "set", "convened_by")
        .order_by("completed_at")
    )


def lead_entry(round_: Round) -> dict[str, Any]:
    """A complete round as a line of the lead's desk."""
    return {
        "kind": "notice",
        "id": round_.pk,
        "project_id": round_.project_id,
        "project": round_.project.name,
        "title": title_of(round_),
        "about": "" if round_.kind == RoundKind.DRAWINGS else round_.kind,
        "round": round_.no,
        "department": department_out(round_.convened_by),
        "discipline": None,
        "state": round_.state,
        "state_label": state_label("Round" if round_.kind == RoundKind.DRAWINGS else "Evaluation", round_.state),
        "mine": False,
        "my_turn": True,
        "since": round_.completed_at,
        "due_on": round_.due_on,
        "url": reverse(page_of(round_, "round"), args=[round_.pk]),
    }


def acceptances_to_lead(actor: Actor) -> list[AcceptanceRound]:
    """Acceptances that wait for a date, for the visit to be recorded, or for the rectification notice."""
    waiting = AcceptanceRound.objects.filter(state__in=("applied", "scheduled", "failed"))
    return list(
        scope(actor, "acceptance.schedule_visit", waiting)
        .select_related("project", "convened_by")
        .order_by("applied_at")
    )


def acceptance_lead_entry(round_: AcceptanceRound) -> dict[str, Any]:
    """An acceptance as a line of the lead's desk."""
    return {
        "kind": "acceptance_lead",
        "id": round_.pk,
        "project_id": round_.project_id,
        "project": round_.project.name,
        "title": "",
        "round": round_.attempt,
        "department": department_out(round_.convened_by),
        "discipline": None,
        "state": round_.state,
        "state_label": state_label("AcceptanceRound", round_.state),
        "mine": False,
        "my_turn": True,
        "since": round_.applied_at,
        "due_on": round_.due_on,
        "url": reverse("joint_review:acceptance", args=[round_.pk]),
    }


def waiting_for_applicant(actor: Actor, project_id: UUID | None = None) -> list[dict[str, Any]]:
    """Notices and rectifications that wait for the applicant's side, soonest first."""
    notices = scope(actor, "notice.view", MergedNotice.objects.filter(round__state="noticed")).select_related(
        "round__project", "round__set"
    )
    acceptances = scope(actor, "acceptance.view", AcceptanceRound.objects.filter(state="rectifying")).select_related(
        "project"
    )
    if project_id is not None:
        notices = notices.filter(round__project_id=project_id)
        acceptances = acceptances.filter(project_id=project_id)
    entries = [
        {
            "kind": "notice",
            "project_id": notice.round.project_id,
            "project": notice.round.project.name,
            "title": notice.round.set.name,
            "count": notice.items.count(),
            "since": notice.issued_at,
            "due_on": notice.due_on,
            "url": reverse("joint_review:notice", args=[notice.pk]),
        }
        for notice in notices
    ] + [
        {
            "kind": "rectification",
            "project_id": round_.project_id,
            "project": round_.project.name,
            "title": "",
            "count": 0,
            "since": round_.applied_at,
            "due_on": latest.due_on if (latest := round_.rectifications.order_by("-attempt").first()) else None,
            "url": reverse("joint_review:acceptance", args=[round_.pk]),
        }
        for round_ in acceptances
    ]
    return sorted(entries, key=lambda entry: (entry["due_on"] is None, entry["due_on"], entry["since"]))


def branches_of(project_id: UUID) -> list[dict[str, Any]]:
    """The running round's branches for the metro line of the project page; the caller has decided who asks."""
    running = Q(round__state__in=("open", "complete", "noticed"))
    tasks = Task.objects.filter(running, round__project_id=project_id).select_related("department", "round")
    return [
        {
            "department": department_out(task.department),
            "discipline": discipline_out(task.discipline),
            "round": task.round.no,
            "state": task.state,
            "state_label": state_label("Task", task.state),
            "since": task.signed_at or task.first_at or task.round.opened_at,
            "due_on": task.due_on,
        }
        for task in tasks.order_by("department__code", "discipline")
    ]
