"""Rounds and tasks for readers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.access import can, get_for, scope
from accounts.queries import display_names
from drawings.queries import mark_counts, match_sheets, sheets_of
from joint_review.models import Round, Task
from joint_review.queries.facts import outcome_of
from joint_review.queries.names import classes_out, department_out, discipline_out, late_reasons_out
from joint_review.rules.evaluations import RoundKind, of_drawings
from joint_review.states import TASK_MOVES, acts_in
from joint_review.words import state_label
from ledger.actor import Actor
from ledger.errors import NotFound


def round_for(actor: Actor, round_id: UUID) -> Round:
    """One round of drawings the actor may see, or NotFound."""
    get_for(actor, "joint_review.view", Round, round_id)
    require_drawings(Round.objects.filter(pk=round_id))
    tasks = Task.objects.select_related("department").order_by("department__code", "discipline")
    return (
        Round.objects.select_related("project", "set", "revision", "item", "convened_by")
        .prefetch_related(Prefetch("tasks", tasks))
        .get(pk=round_id)
    )


def task_for(actor: Actor, task_id: UUID) -> Task:
    """One task of a round of drawings the actor may see, or NotFound."""
    get_for(actor, "joint_review.view", Task, task_id)
    require_drawings(Round.objects.filter(tasks=task_id))
    return Task.objects.select_related("department", "round__project", "round__set", "round__revision").get(pk=task_id)


def require_drawings(rounds: QuerySet[Round]) -> None:
    """NotFound for a round without drawings: it has pages of its own (queries.evaluations)."""
    if not rounds.filter(kind=RoundKind.DRAWINGS).exists():
        raise NotFound


def rounds_of(actor: Actor, project_id: UUID) -> QuerySet[Round]:
    """The rounds of drawings of a project that the actor may see, newest first."""
    return (
        scope(actor, "joint_review.view", Round.objects.filter(project_id=project_id, kind=RoundKind.DRAWINGS))
        .select_related("set", "revision", "convened_by")
        .order_by("-opened_at")
    )


def round_view(actor: Actor, round_: Round) -> dict[str, Any]:
    """A round as the API answers it: branches, sheets with what changed, and what the actor may do."""
    tasks = list(round_.tasks.all())
    people = display_names(
        person for task in tasks for person in (task.first_by_id, task.signed_by_id) if person is not None
    )
    return {
        "id": round_.pk,
        "no": round_.no,
        "state": round_.state,
        "state_label": state_label("Round", round_.state),
        "due_on": round_.due_on,
        "opened_at": round_.opened_at,
        "project": {"id": round_.project_id, "name": round_.project.name, "code": round_.project.code},
        "set": {"id": round_.set_id, "name": round_.set.name},
        "revision": {"id": round_.revision_id, "no": round_.revision.no},
        "tasks": [task_view(actor, task, people) for task in tasks],
        "sheets": sheets_view(round_),
        "can": round_can(actor, round_),
        "classes": classes_out(),
        "late_reasons": late_reasons_out() if round_.no > 1 else [],
    }


def task_view(actor: Actor, task: Task, people: dict[int, str]) -> dict[str, Any]:
    """One branch: department, state, who, since when, and what the actor may do with it."""
    return {
        "id": task.pk,
        "department": department_out(task.department),
        "discipline": discipline_out(task.discipline),
        "covers": [discipline_out(code) for code in task.covers],
        "undecided": list(task.undecided),
        "state": task.state,
        "state_label": state_label("Task", task.state),
        "conclusion": task.conclusion or None,
        "remark": task.remark,
        "due_on": task.due_on,
        "mine": task.department.code in actor.department_codes,
        "can": task_can(actor, task),
        "people": [
            {"id": person, "name": people.get(person, "—"), "step": step}
            for person, step in ((task.first_by_id, "first"), (task.signed_by_id, "sign"))
            if person is not None
        ],
    }


def task_can(actor: Actor, task: Task) -> list[str]:
    """The acts whose permission row and state allow them now (buttons)."""
    if task.round.state != "open":
        return []
    possible = acts_in(TASK_MOVES, task.state)
    rows = (
        ("claim", "task.claim", "claim" in possible and task.first_by_id is None),
        ("hand_over", "task.hand_over", "hand_over" in possible and task.first_by_id == actor.person_id),
        ("take_back", "task.take_back", "take_back" in possible),
        ("sign", "task.sign", "sign" in possible and task.first_by_id != actor.person_id),
        (
            "raise",
            "opinion.raise",
            task.state in {"open", "claimed", "handed_over"} and task.department.code in actor.department_codes,
        ),
    )
    return [name for name, action, fits in rows if fits and can(actor, action, task)]


def round_can(actor: Actor, round_: Round) -> list[str]:
    """What the actor may do with the round now."""
    found = []
    if round_.state == "complete" and outcome_of(round_) != "close" and can(actor, "notice.issue", round_):
        found.append("notice")
    states = {sheet.state for sheet in sheets_of(of_drawings(round_.revision_id))} if round_.state == "open" else set()
    if "open" in states and can(actor, "room.freeze", round_):
        found.append("freeze")
    if "frozen" in states and can(actor, "room.thaw", round_):
        found.append("thaw")
    if round_.state in {"open", "complete"} and can(actor, "conflict.open", round_):
        found.append("conflict")
    return found


def sheets_view(round_: Round) -> list[dict[str, Any]]:
    """The sheets of the round's revision, with how each differs from the round before."""
    sheets = list(sheets_of(of_drawings(round_.revision_id)))
    marks = mark_counts(sheet.pk for sheet in sheets)
    changes = changes_since_previous(round_)
    return [
        {
            "id": sheet.pk,
            "number": sheet.number,
            "name": sheet.name,
            "state": sheet.state,
            "marks": marks.get(sheet.pk, 0),
            # A sheet that came to light after an upgrade is new to everybody, in a first round, too.
            "change": changes.get(sheet.pk) or ("new" if sheet.found_at else None),
            "picture": f"{sheet.render}overview.webp",
        }
        for sheet in sheets
    ]


def changes_since_previous(round_: Round) -> dict[UUID, str]:
    """Sheet -> new, changed or identical; empty in a first round."""
    if round_.previous_id is None:
        return {}
    before = Round.objects.values_list("revision_id", flat=True).get(pk=round_.previous_id)
    if before == round_.revision_id:
        return {sheet.pk: "identical" for sheet in sheets_of(round_.revision_id)}
    return {
        pair.new: pair.change for pair in match_sheets(before, of_drawings(round_.revision_id)) if pair.new is not None
    }


def is_task_of(task_id: UUID, round_id: UUID) -> bool:
    """Is it a task of this round?"""
    return Task.objects.filter(pk=task_id, round_id=round_id).exists()


def departments_of_round(round_id: UUID) -> list[str]:
    """The codes of the departments that have a task in a round, for a room that has decided who is told."""
    return sorted(set(Task.objects.filter(round_id=round_id).values_list("department__code", flat=True)))


def review_of_sheet(actor: Actor, sheet: Any) -> tuple[UUID | None, UUID | None]:
    """For the canvas: the round a sheet is reviewed in and the actor's own task there, where he may see them."""
    found = Round.objects.filter(pk=sheet.round_id).first() if sheet.round_id else None
    if found is None or not can(actor, "joint_review.view", found):
        return None, None
    tasks = [
        task for task in found.tasks.select_related("department") if task.department.code in actor.department_codes
    ]
    own = min(tasks, key=lambda task: (task.state in {"signed", "silent"}, task.discipline), default=None)
    return found.pk, own.pk if own else None
