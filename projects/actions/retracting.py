"""Decisions that leaned on a reuse which was put back (撤回依据共享应用作出的决定).

A decision is never undone by the platform: the department that made it keeps it, or retracts it because what it rested
on has changed (行政许可法第八条). A retracted item is needed again, its own time begins on that day, and the paper of
the decision has no effect any more.
"""

from __future__ import annotations

from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden, StateConflict
from ledger.record import record
from projects.actions.lapsing import end_rechecks
from projects.actions.needs import items_of_kind, set_need
from projects.actions.progress import advance, move_item
from projects.models import ItemCase, Project, RecheckTask
from projects.pipeline.planner import Need, need_of
from projects.pipeline.template import ItemSpec
from projects.queries.calendar import calendar_for
from projects.queries.confirmed_reuse import confirmed_reuse, works_have_begun
from projects.reuse_events import ItemRetracted, RecheckOpened
from projects.rules.reuse import RECHECK_WORKING_DAYS
from projects.states import FAVOURABLE
from projects.words import _

MAY_DECIDE_OF_DECISION = frozenset({RecheckTask.Outcome.KEPT, RecheckTask.Outcome.PUT_BACK})
# Needs that a confirmed reuse gives to an item which is nevertheless decided.
BY_REUSE = frozenset({Need.PROMISED, Need.SIMPLIFIED})


def leaned(item: ItemCase) -> bool:
    """Was the item decided in favour on the strength of a reuse?"""
    return item.state in FAVOURABLE and item.need in BY_REUSE and item.need_reason.startswith("reuse:")


def open_decision_rechecks(project: Project, put_back: RecheckTask, why: str) -> list[RecheckTask]:
    """Ask the departments that decided items on the strength of the reuse whether their decisions stand."""
    actor = Actor.system(cause="RecheckClosed")
    due_on = calendar_for(project.district_id).add(today_in_shanghai(), RECHECK_WORKING_DAYS)
    opened = []
    for _spec, item in items_of_kind(project, put_back.kind):
        if not leaned(item):
            continue
        task = RecheckTask.objects.create(
            project=project,
            reuse_id=put_back.reuse_id,
            cause=RecheckTask.Cause.DECISION_LEANED,
            kind=put_back.kind,
            layer_id=put_back.layer_id,
            item=item,
            how="put_back",
            reason=why,
            department_code=item.department_code,
            opened_at=now(),
            due_on=due_on,
        )
        event = RecheckOpened(
            project_id=project.pk,
            recheck_id=task.pk,
            reuse_id=task.reuse_id,
            cause=task.cause,
            kind=task.kind,
            how=task.how,
            reason=why,
            due_on=due_on,
            department_code=task.department_code,
        )
        record(event, actor=actor, subject=task, project_id=project.pk)
        opened.append(task)
    return opened


def close_decision(project: Project, task: RecheckTask, outcome: str, why: str, *, actor: Actor) -> RecheckTask:
    """The department that decided the item keeps its decision or retracts it; nobody else may."""
    if task.department_code not in actor.department_codes:
        raise Forbidden
    if outcome == RecheckTask.Outcome.PUT_BACK:
        spec, item = next(pair for pair in items_of_kind(project, task.kind) if pair[1].pk == task.item_id)
        retract(project, spec, item, why, actor=actor)
    end_rechecks(RecheckTask.objects.filter(pk=task.pk), outcome, why, actor=actor)
    task.refresh_from_db()
    return task


def retract(project: Project, spec: ItemSpec, item: ItemCase, why: str, *, actor: Actor) -> None:
    """Retract the decision (national code 14); the item is reached anew with what it needs now."""
    if works_have_begun(project):
        raise StateConflict(
            _("项目已经开工，决定不再因此撤回。"), next_step=_("请选择维持决定；确需处理的，依照法定程序另行办理。")
        )
    move_item(item, "retract", actor=actor, remark=why)
    event = ItemRetracted(
        project_id=project.pk,
        item_id=item.pk,
        code=item.code,
        department_code=item.department_code,
        paper_id=item.decision_paper_id,
        reason=why,
    )
    item.state = item.ready_at = item.day_zero = item.taken_at = None
    item.decided_at = item.decided_on = item.due_on = item.warn_on = item.decision_paper_id = None
    item.decision_basis = item.decision_remark = ""
    item.step, item.posts_now = 0, []
    need, reason = need_of(spec, project.facts, confirmed_reuse(project))
    set_need(project, item, spec, need, reason, remark=why, actor=actor)
    record(event, actor=actor, subject=item, project_id=project.pk)
    advance(project, cause="RecheckClosed")
