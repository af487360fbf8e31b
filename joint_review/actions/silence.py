"""Silence as no objection (逾期视为无意见), only where the item's rule says so and never for fire or structure."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.legal_day import today_in_shanghai
from joint_review.actions.locking import lock_task, move
from joint_review.actions.opinions import drop_opinion
from joint_review.actions.rounds import complete_if_last
from joint_review.events import TaskLapsed
from joint_review.models import Opinion, Task
from joint_review.states import TASK_MOVES
from ledger.actor import Actor
from ledger.record import record

WAITING = ("open", "claimed", "handed_over")


def lapse_overdue_tasks(*, actor: Actor) -> int:
    """Note every silence that counts by today; returns how many tasks. Safe to run again, or twice at once."""
    overdue = Task.objects.filter(
        silence_counts=True, due_on__lt=today_in_shanghai(), state__in=WAITING, round__state="open"
    )
    return sum(lapse_task(task_id, actor=actor) for task_id in list(overdue.values_list("pk", flat=True)))


@transaction.atomic
def lapse_task(task_id: UUID, *, actor: Actor) -> bool:
    """One task's silence; False when the department has spoken meanwhile.

    Drafts nobody signed say nothing and are withdrawn. A department that still owes a recheck is not silent: its task
    stays open.
    """
    round_, task = lock_task(task_id, any_kind=True)
    require(actor, "task.lapse", task)
    if round_.state != "open" or task.state not in WAITING:
        return False
    own = Opinion.objects.select_for_update(of=("self",)).filter(
        round=round_, authors__department=task.department, authors__discipline=task.discipline
    )
    if own.filter(state__in=["answered", "kept"]).exists():
        return False
    for opinion in own.filter(state="draft").order_by("number"):
        drop_opinion(opinion, task, actor=actor, why="lapsed")
    move(task, TASK_MOVES, "lapse")
    task.save(update_fields=["state"])
    event = TaskLapsed(
        project_id=round_.project_id, round_id=round_.pk, task_id=task.pk, department=task.department.code
    )
    record(event, actor=actor, subject=task, project_id=round_.project_id)
    complete_if_last(round_)
    return True
