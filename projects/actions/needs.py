"""Changing how an item is run after acceptance (调整办理方式): reused, promised, simplified, or put back. A part of acts."""

from __future__ import annotations

from ledger.actor import Actor
from ledger.record import record
from projects.actions.progress import advance, move_item
from projects.events import ItemNeedSettled
from projects.models import ItemCase, Project
from projects.pipeline.planner import COMMITMENT_DAYS, NOT_RUN, Need, Reusable, need_of
from projects.pipeline.template import ItemSpec
from projects.queries.editions import template_for
from projects.queries.items import steps_of_turn
from projects.rules.reuse import check_not_begun


def items_of_kind(project: Project, kind: str) -> list[tuple[ItemSpec, ItemCase]]:
    """The project's items that ask for this kind of assessment and are not switched off by the facts."""
    if project.state != Project.State.ACCEPTED:
        return []
    specs = {spec.code: spec for spec in template_for(project).items if spec.regional_assessment == kind}
    rows = project.items.filter(code__in=specs).select_for_update(of=("self",)).order_by("position")
    return [(specs[item.code], item) for item in rows if item.need_reason != "condition" or item.need != "not_needed"]


def is_begun(item: ItemCase) -> bool:
    """Has anybody worked on it, or does a round or an acceptance hold it?"""
    return item.decided_at is not None or bool(item.held_by) or steps_of_turn(item).exists()


def check_still_open(project: Project, kind: str) -> None:
    """Refuse while an item of this kind is under way or done."""
    for _spec, item in items_of_kind(project, kind):
        check_not_begun(item.name, is_begun=is_begun(item))


def apply_reuse(project: Project, kind: str, answer: Reusable, *, remark: str, actor: Actor) -> list[ItemCase]:
    """Run the items of this kind as the confirmed reuse says; the clocks are computed anew."""
    changed = []
    for spec, item in items_of_kind(project, kind):
        need, reason = need_of(spec, project.facts, {kind: answer})
        if need == item.need or reason in {"always", "condition", "fact_missing"}:
            continue
        check_not_begun(item.name, is_begun=is_begun(item))
        set_need(project, item, spec, need, reason, remark=remark, actor=actor)
        changed.append(item)
    if changed:
        advance(project, cause="ReuseConfirmed")
    return changed


def undo_reuse(project: Project, kind: str, *, remark: str, actor: Actor) -> list[ItemCase]:
    """Put the items of this kind back to what they need without the reuse (恢复单独办理).

    An item that was not run is reached anew: its own time begins on that day. One that was decided stays decided until
    the department that decided it retracts the decision (行政许可法第八条; `projects.actions.retracting`).
    """
    changed = []
    for spec, item in items_of_kind(project, kind):
        need, reason = need_of(spec, project.facts, {})
        if item.need in {need, Need.TOLERATED} or item.decided_at is not None:
            continue
        set_need(project, item, spec, need, reason, remark=remark, actor=actor)
        changed.append(item)
    if changed:
        advance(project, cause="RecheckClosed")
    return changed


def set_need(
    project: Project, item: ItemCase, spec: ItemSpec, need: Need, reason: str, *, remark: str, actor: Actor
) -> None:
    """One item's need and limit, recorded; one that is no longer run ends its turn."""
    item.need, item.need_reason, item.need_remark = need, reason, remark
    item.need_settled_by_id = actor.person_id
    item.limit_days = min(spec.limit_days, COMMITMENT_DAYS) if need is Need.PROMISED else spec.limit_days
    item.internal_days = None if spec.internal_days is None else min(spec.internal_days, item.limit_days)
    if need in NOT_RUN:
        if item.state is not None:
            move_item(item, "withdraw", actor=actor, remark=remark)
        item.state = item.ready_at = item.day_zero = item.due_on = item.warn_on = None
        item.posts_now = []
    item.save()
    event = ItemNeedSettled(project_id=project.pk, item_id=item.pk, code=item.code, need=need, reason=remark)
    record(event, actor=actor, subject=item, project_id=project.pk)
