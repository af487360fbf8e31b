"""Locks of joint acceptance, in the order project > acceptance > task."""

from __future__ import annotations

from uuid import UUID

from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, AcceptanceTask, Defect
from ledger.errors import NotFound
from projects.queries import lock_project


def lock_acceptance(acceptance_id: UUID) -> AcceptanceRound:
    """The acceptance, locked after its project."""
    project_id = AcceptanceRound.objects.filter(pk=acceptance_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    lock_project(project_id)
    return (
        AcceptanceRound.objects.select_for_update(of=("self",))
        .select_related("project__owner", "convened_by")
        .get(pk=acceptance_id)
    )


def lock_acceptance_task(task_id: UUID) -> tuple[AcceptanceRound, AcceptanceTask]:
    """A department's task, locked after its project and acceptance."""
    round_id = AcceptanceTask.objects.filter(pk=task_id).values_list("round_id", flat=True).first()
    if round_id is None:
        raise NotFound
    round_ = lock_acceptance(round_id)
    task = AcceptanceTask.objects.select_for_update(of=("self",)).select_related("department").get(pk=task_id)
    task.round = round_
    return round_, task


def lock_check(check_id: UUID) -> tuple[AcceptanceRound, AcceptanceTask, AcceptanceCheck]:
    """One check with its task and acceptance, all locked."""
    task_id = AcceptanceCheck.objects.filter(pk=check_id).values_list("task_id", flat=True).first()
    if task_id is None:
        raise NotFound
    round_, task = lock_acceptance_task(task_id)
    check = AcceptanceCheck.objects.select_for_update(of=("self",)).get(pk=check_id)
    check.task = task
    return round_, task, check


def lock_defect(defect_id: UUID) -> tuple[AcceptanceRound, AcceptanceTask, Defect]:
    """One defect with its task and acceptance, all locked."""
    check_id = Defect.objects.filter(pk=defect_id).values_list("check_of_id", flat=True).first()
    if check_id is None:
        raise NotFound
    round_, task, check = lock_check(check_id)
    defect = Defect.objects.select_for_update(of=("self",)).get(pk=defect_id)
    defect.check_of = check
    return round_, task, defect
