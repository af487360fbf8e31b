"""What departments do with their tasks (部门任务): claim, hand over, sign; the last signature completes the round."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import can, require
from accounts.legal_day import SHANGHAI
from accounts.queries import display_name
from drawings import actions as drawings
from drawings.queries import sheets_of
from joint_review import catalogue
from joint_review.actions.locking import lock_task, move, require_open
from joint_review.actions.rounds import complete_if_last
from joint_review.events import TaskClaimed, TaskHandedOver, TaskSigned, TaskTakenBack
from joint_review.models import Opinion, Round, Task
from joint_review.queries.facts import standing_of_task
from joint_review.rules.evaluations import RoundKind, of_drawings, why_not_answer
from joint_review.rules.opinions import why_not_conclude
from joint_review.states import OPINION_MOVES, TASK_CONCLUSIONS, TASK_MOVES
from joint_review.words import refuse
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Forbidden, Refused, StateConflict
from ledger.record import record


@transaction.atomic
def claim_task(task_id: UUID, *, actor: Actor) -> Task:
    """Take a task (领取任务): the first review (初审) is the actor's from now on."""
    round_, task = lock_task(task_id, any_kind=True)
    if task.first_by_id is not None and task.first_by_id != actor.person_id and can(actor, "joint_review.view", task):
        raise Conflict(
            _("任务已由%(name)s领取。") % {"name": display_name(task.first_by_id)},
            next_step=_("请与其协商，或选择其他任务。"),
        )
    require(actor, "task.claim", task)
    if task.first_by_id == actor.person_id:
        return task
    require_open(round_)
    begin_first_review(task, actor)
    return task


def begin_first_review(task: Task, actor: Actor) -> None:
    """Note who does the first review; the caller holds the task's lock."""
    move(task, TASK_MOVES, "claim")
    task.first_by_id, task.first_at = actor.person_id, now()
    task.save(update_fields=["state", "first_by", "first_at"])
    record(
        TaskClaimed(
            project_id=task.round.project_id, round_id=task.round_id, task_id=task.pk, department=task.department.code
        ),
        actor=actor,
        subject=task,
        project_id=task.round.project_id,
    )


@transaction.atomic
def hand_over_task(task_id: UUID, *, actor: Actor) -> Task:
    """The first reviewer is done and asks for the signature (送审)."""
    round_, task = lock_task(task_id, any_kind=True)
    require(actor, "task.hand_over", task)
    require_open(round_)
    if task.first_by_id != actor.person_id:
        raise Forbidden(_("只有领取任务的初审人可以送审。"), code="not_first_reviewer")
    move(task, TASK_MOVES, "hand_over")
    task.handed_over_at = now()
    task.save(update_fields=["state", "handed_over_at"])
    event = TaskHandedOver(
        project_id=round_.project_id, round_id=round_.pk, task_id=task.pk, department=task.department.code
    )
    record(event, actor=actor, subject=task, project_id=round_.project_id)
    return task


@transaction.atomic
def take_back_task(task_id: UUID, *, actor: Actor) -> Task:
    """More work is needed before the signature (退回初审): by the first reviewer or by who would sign."""
    round_, task = lock_task(task_id, any_kind=True)
    require(actor, "task.take_back", task)
    require_open(round_)
    move(task, TASK_MOVES, "take_back")
    task.handed_over_at = None
    task.save(update_fields=["state", "handed_over_at"])
    event = TaskTakenBack(
        project_id=round_.project_id, round_id=round_.pk, task_id=task.pk, department=task.department.code
    )
    record(event, actor=actor, subject=task, project_id=round_.project_id)
    return task


@transaction.atomic
def sign_task(task_id: UUID, *, actor: Actor, conclusion: str, remark: str = "") -> Task:
    """Sign the department's conclusion (出具审查意见); the last signature completes the round.

    The signer is not the one who did the first review (一审一核): refused here in words, and by the database.
    """
    round_, task = lock_task(task_id, any_kind=True)
    refuse_second_signature(task, actor)
    require(actor, "task.sign", task)
    require_open(round_)
    if conclusion not in TASK_CONCLUSIONS:
        raise Refused("unknown_conclusion", _("请选择审查结论。"), field="conclusion")
    if task.first_by_id is None:
        raise StateConflict(
            _("尚无人初审，不能直接签署。"), next_step=_("请先由另一位审查人员领取任务并完成初审（一审一核）。")
        )
    why_not = why_not_sign(round_, task, conclusion, remark)
    if why_not:
        raise refuse(why_not, field="conclusion")
    move(task, TASK_MOVES, "sign")
    task.signed_by_id, task.signed_at = actor.person_id, now()
    task.conclusion, task.remark = conclusion, remark.strip()
    task.save(update_fields=["state", "signed_by", "signed_at", "conclusion", "remark"])
    numbers = sign_opinions(task)
    if round_.kind == RoundKind.DRAWINGS:
        sheet_ids = [sheet.pk for sheet in sheets_of(of_drawings(round_.revision_id))]
        drawings.sign_sheets(sheet_ids, task_id=task.pk, conclusion=conclusion, actor=actor)
        close_marking(round_, task, sheet_ids, actor)
    event = TaskSigned(
        project_id=round_.project_id,
        round_id=round_.pk,
        task_id=task.pk,
        department=task.department.code,
        conclusion=conclusion,
        opinions=numbers,
    )
    record(event, actor=actor, subject=task, project_id=round_.project_id)
    complete_if_last(round_)
    return task


def why_not_sign(round_: Round, task: Task, conclusion: str, remark: str) -> str | None:
    """Why this conclusion cannot be signed: by the department's opinions on drawings, elsewhere by its own words."""
    if round_.kind != RoundKind.DRAWINGS:
        return why_not_answer(conclusion, remark)
    return why_not_conclude(conclusion, standing_of_task(task), catalogue.opinion_classes(), remark=remark)


def refuse_second_signature(task: Task, actor: Actor) -> None:
    """Say who has signed already, or that one person cannot be both reviewer and signer."""
    if task.state == "signed" and can(actor, "joint_review.view", task):
        raise Conflict(
            _("%(name)s已于%(at)s签署本部门意见。")
            % {"name": display_name(task.signed_by_id), "at": local_minute(task.signed_at)},
            code="signed_already",
        )
    if task.first_by_id == actor.person_id and task.first_by_id is not None and can(actor, "joint_review.view", task):
        raise Forbidden(
            _("初审与签署须由两人分别办理，您已办理本任务的初审。"),
            code="four_eyes",
            next_step=_("请送审，由本部门审批岗签署。"),
        )


def local_minute(at: datetime | None) -> str:
    """An instant in Shanghai, to the minute."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""


def sign_opinions(task: Task) -> list[int]:
    """The department's opinions of this round may no longer be changed; returns their numbers."""
    numbers = []
    opinions = Opinion.objects.select_for_update(of=("self",)).filter(
        authors__department=task.department,
        authors__discipline=task.discipline,
        round_id=task.round_id,
        state__in=["draft", "kept"],
    )
    for opinion in opinions.order_by("number"):
        move(opinion, OPINION_MOVES, "sign")
        opinion.save(update_fields=["state"])
        numbers.append(opinion.number)
    return numbers


def close_marking(round_: Round, task: Task, sheet_ids: list[UUID], actor: Actor) -> None:
    """Open sockets learn that the department may no longer mark, unless another task of it is still open."""
    others = Task.objects.filter(round=round_, department=task.department).exclude(pk=task.pk)
    if not others.filter(state__in=["open", "claimed", "handed_over"]).exists():
        drawings.revoke_marking(sheet_ids, department_code=task.department.code, actor=actor)
