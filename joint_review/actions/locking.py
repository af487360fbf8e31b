"""Locks of this room, always in the order project > round > task > opinion (then the sheets, by drawings)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from joint_review.models import Opinion, Round, Task
from joint_review.rules.evaluations import RoundKind
from joint_review.states import Moves, NoSuchMove, target_of
from joint_review.words import state_label
from ledger.errors import NotFound, StateConflict
from projects.queries import lock_project


def lock_round(round_id: UUID, *, any_kind: bool = False) -> Round:
    """The round, locked after its project; NotFound when there is none.

    Of drawings only, unless `any_kind`: what reads sheets must not meet a round without them.
    """
    rounds = Round.objects.all() if any_kind else Round.objects.filter(kind=RoundKind.DRAWINGS)
    project_id = rounds.filter(pk=round_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    lock_project(project_id)
    return (
        Round.objects.select_for_update(of=("self",))
        .select_related("project", "set", "revision", "item", "convened_by")
        .get(pk=round_id)
    )


def lock_task(task_id: UUID, *, any_kind: bool = False) -> tuple[Round, Task]:
    """The task, locked after its project and round; of drawings only, unless `any_kind`."""
    round_id = Task.objects.filter(pk=task_id).values_list("round_id", flat=True).first()
    if round_id is None:
        raise NotFound
    round_ = lock_round(round_id, any_kind=any_kind)
    task = Task.objects.select_for_update(of=("self",)).select_related("department").get(pk=task_id)
    task.round = round_
    return round_, task


def lock_opinion(opinion_id: UUID) -> tuple[Round, Opinion]:
    """The opinion, locked after its project and the round it stands in."""
    round_id = Opinion.objects.filter(pk=opinion_id).values_list("round_id", flat=True).first()
    if round_id is None:
        raise NotFound
    round_ = lock_round(round_id)
    opinion = Opinion.objects.select_for_update(of=("self",)).get(pk=opinion_id)
    if opinion.round_id != round_id:
        # The next round was opened between the two reads; its lock order is the same, so just take the new one.
        return lock_opinion(opinion_id)
    opinion.round = round_
    return round_, opinion


def move(subject: Model, moves: Moves, act: str) -> None:
    """Change `subject.state` by the table, or say in which state it is."""
    state: str = subject.state  # type: ignore[attr-defined]
    try:
        subject.state = target_of(moves, state, act)  # type: ignore[attr-defined]
    except NoSuchMove:
        raise StateConflict(
            _("当前状态（%(state)s）下不能进行这项操作。") % {"state": state_label(type(subject).__name__, state)},
            next_step=_("页面内容可能已经更新，请刷新后查看。"),
        ) from None


def require_open(round_: Round) -> None:
    """The round still takes opinions and signatures."""
    if round_.state != "open":
        raise StateConflict(
            _("本轮联审已不在审查中（%(state)s）。") % {"state": state_label("Round", round_.state)},
            next_step=_("新的意见请在下一轮提出。"),
        )
