"""Working on items (事项办理): the departments' steps, the applicant's own reports, and what follows from elsewhere."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.legal_day import SHANGHAI, today_in_shanghai
from accounts.queries import display_name
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused, StateConflict
from ledger.record import record
from projects.actions.clock import end_pause
from projects.actions.papers import issue_decision_paper
from projects.actions.progress import (
    advance,
    facts_of,
    finish_item,
    move_item,
    person_of,
    record_decision,
    take_in_hand,
)
from projects.actions.settling import inner_dates
from projects.actions.workings import read_workings
from projects.clock import legal_day
from projects.events import ItemEventReported, ItemHeld, ItemNeedSettled, ItemStepTaken
from projects.models import ItemCase, ItemStep, Project
from projects.pipeline.planner import Need
from projects.pipeline.template import Step
from projects.queries.calendar import calendar_for
from projects.queries.editions import template_for
from projects.queries.locking import lock_item
from projects.queries.plan_bars import bars_on
from projects.queries.powers import entries_for, holds_power
from projects.rules.conflicts import check_not_barred
from projects.rules.items import check_by_hand, check_other_person, check_step, current_step
from projects.rules.powers import check_power
from projects.words import _

ACTION_OF_POST = {
    "pos_accept": "item.accept",
    "pos_first": "item.first_review",
    "pos_second": "item.second_review",
    "pos_approve": "item.approve",
}


def check_running(project: Project) -> None:
    """Items move only in an accepted project."""
    if project.state != Project.State.ACCEPTED:
        raise StateConflict(_("项目尚未受理或已经结束，不能办理事项。"))


@transaction.atomic
def accept_item(item_id: UUID, *, actor: Actor, remark: str = "") -> ItemCase:
    """Take the step that begins with acceptance (受理; in two-step editions 受理审核)."""
    return take_step(item_id, "pos_accept", actor=actor, remark=remark)


@transaction.atomic
def first_review(item_id: UUID, *, actor: Actor, remark: str = "") -> ItemCase:
    """Take the first review (初审)."""
    return take_step(item_id, "pos_first", actor=actor, remark=remark)


@transaction.atomic
def second_review(item_id: UUID, *, actor: Actor, remark: str = "") -> ItemCase:
    """Take the second review (复审)."""
    return take_step(item_id, "pos_second", actor=actor, remark=remark)


@transaction.atomic
def approve_item(item_id: UUID, *, actor: Actor, basis: str = "", remark: str = "") -> ItemCase:
    """Approve and finish (批准办结): national code 11, or 12 while tolerated papers are outstanding."""
    return take_step(item_id, "pos_approve", actor=actor, remark=remark, basis=basis)


@transaction.atomic
def deny_item(item_id: UUID, *, actor: Actor, basis: str) -> ItemCase:
    """Decide against the application (不予许可): national code 13, with reasons (行政许可法第三十八条第二款)."""
    if len(basis.strip()) < 10:
        raise Refused("reason_missing", _("请写明不予批准的理由和依据（不少于 10 个字）。"), field="basis")
    return take_step(item_id, "pos_approve", actor=actor, remark=basis, basis=basis, act="deny")


def take_step(
    item_id: UUID, post: str, *, actor: Actor, remark: str = "", basis: str = "", act: str = "pass"
) -> ItemCase:
    """Take the current step, which must be the turn of `post`; every post the step joins must be the actor's.

    Two people for two steps: checked here for a clear word, and by an exclusion constraint in the database.
    """
    project, item = lock_item(item_id)
    steps = template_for(project).steps
    step = allow_step(item, post, steps, actor=actor, act=act)
    check_running(project)
    check_by_hand(facts_of(item))
    day = legal_day(now(), calendar_for(project.district_id))
    check_power(entries_for(item), item.code, item.name, actor.department_code, day)
    is_last = item.step == len(steps) - 1
    if is_last and act != "deny":
        check_not_barred(item.name, bars_on(project, item.code))
    outcome = act if is_last else "pass"
    write_step(item, step, outcome, remark, actor=actor)
    if is_last:
        done = act if act == "deny" or not owes_papers(project, item) else "pass_outstanding"
        finish_item(item, done, calendar_for(project.district_id), actor=actor, basis=basis.strip() or item.legal_basis)
        item.decision_remark = remark.strip()
    else:
        take_in_hand(item, actor=actor)
        item.step += 1
        item.posts_now = list(steps[item.step].posts)
        workings = read_workings(project)
        item.internal_due_on, item.step_due_on = inner_dates(workings, item, workings.pauses_of(item))
    item.save()
    event = ItemStepTaken(project_id=project.pk, item_id=item.pk, code=item.code, step=step.code, outcome=outcome)
    record(event, actor=actor, subject=item, project_id=project.pk)
    if is_last:
        record_decision(project, item, actor=actor)
        item.decision_paper_id = issue_decision_paper(project, item, actor=actor)
        item.save(update_fields=["decision_paper_id"])
        advance(project, cause="ItemDecided")
        item.refresh_from_db()
    return item


def allow_step(item: ItemCase, post: str, steps: tuple[Step, ...], *, actor: Actor, act: str) -> Step:
    """The step whose turn it is, if the actor may take it: the table's rows for every post that the step joins.

    Who belongs to the item's desk is told who was faster, or that he took the other step, rather than a bare "no".
    """
    on_desk = (
        post in actor.roles
        and (item.department_code in actor.department_codes or holds_power(actor, item))
        and actor.district_id == item.project.district_id
    )
    if on_desk:
        step = current_step_or_who(item, steps, post)
        check_other_person(actor.person_id, item.step, list(item.steps.values_list("number", "person_id")))
    elif item.step < len(steps):
        step = steps[item.step]
    else:
        step = steps[-1]
    for joined in {post, *step.posts}:
        action = ACTION_OF_POST[joined]
        require(actor, "item.deny" if act == "deny" and joined == "pos_approve" else action, item)
    return step


def current_step_or_who(item: ItemCase, steps: tuple[Step, ...], post: str) -> Step:
    """The step whose turn it is; when another has just taken it, say who and when."""
    try:
        step = current_step(facts_of(item), steps)
        check_step(step, post)
    except StateConflict:
        last = item.steps.order_by("-at").first()
        if last is None:
            raise
        raise StateConflict(
            _("“%(name)s”的“%(step)s”环节已由%(who)s于 %(at)s 办理。")
            % {
                "name": item.name,
                "step": last.name,
                "who": display_name(last.person_id),
                "at": f"{last.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            },
            code="already_done",
            next_step=_("请刷新页面，查看最新办理情况。"),
        ) from None
    return step


def write_step(item: ItemCase, step: Step, outcome: str, remark: str, *, actor: Actor) -> None:
    """Who took the step."""
    ItemStep.objects.create(
        item=item,
        number=item.step,
        code=step.code,
        name_zh=step.name_zh,
        name_en=step.name_en,
        posts=list(step.posts),
        person_id=person_of(actor),
        post_id=actor.post_id,
        outcome=outcome,
        remark=remark.strip(),
        at=now(),
    )


def owes_papers(project: Project, item: ItemCase) -> bool:
    """Are tolerated papers of this item still outstanding (容缺)?"""
    return project.materials.filter(item_codes__contains=[item.code], state="outstanding").exists()


@transaction.atomic
def report_event(item_id: UUID, *, actor: Actor, happened_on: date | None = None, remark: str = "") -> ItemCase:
    """The enterprise reports what it has done itself: land obtained, design finished, works finished (报告节点).

    The day it happened may lie in the past; the government's clock starts from the report, never before.
    """
    project, item = lock_item(item_id)
    require(actor, "item.report_event", item)
    check_running(project)
    if not item.is_by_applicant:
        raise Refused("not_by_applicant", _("“%(name)s”由部门办理，不由企业报告。") % {"name": item.name})
    if not item.is_open:
        state = _("前面的事项还没有办结") if item.ready_at is None else _("已经报告过")
        raise StateConflict(_("“%(name)s”现在不能报告：%(state)s。") % {"name": item.name, "state": state})
    day = happened_on or today_in_shanghai()
    if day > today_in_shanghai():
        raise Refused("future_event", _("完成日期不能晚于今天。"), field="happened_on")
    item.happened_on = day
    item.decision_remark = remark.strip()
    basis = _("企业报告：%(day)s 完成") % {"day": day.isoformat()}
    finish_item(item, "pass", calendar_for(project.district_id), actor=actor, basis=basis)
    item.save()
    event = ItemEventReported(project_id=project.pk, item_id=item.pk, code=item.code, happened_on=day)
    record(event, actor=actor, subject=item, project_id=project.pk)
    record_decision(project, item, actor=actor)
    advance(project, cause="ItemEventReported")
    item.refresh_from_db()
    return item


@transaction.atomic
def settle_need(item_id: UUID, *, actor: Actor, needed: bool, reason: str) -> ItemCase:
    """Settle whether an item is needed (确认是否需要办理): mostly one that no known fact decides.

    An item that nobody has begun may be found not needed; its prerequisites then pass on to what follows.
    """
    project, item = lock_item(item_id)
    require(actor, "item.settle_need", item)
    check_running(project)
    if len(reason.strip()) < 4:
        raise Refused("reason_missing", _("请写明理由，企业和监察都会看到。"), field="reason")
    if item.decided_at is not None or item.steps.exists() or item.held_by:
        raise StateConflict(_("“%(name)s”已经开始办理，不能再调整是否需要。") % {"name": item.name})
    item.need = Need.NEEDED if needed else Need.NOT_NEEDED
    item.need_reason = "settled"
    item.need_remark = reason.strip()
    item.need_settled_by_id = actor.person_id
    if not needed:
        if item.state is not None:
            move_item(item, "withdraw", actor=actor, remark=item.need_remark)
        item.state = item.ready_at = item.day_zero = item.due_on = item.warn_on = None
        item.posts_now = []
    item.save()
    event = ItemNeedSettled(
        project_id=project.pk, item_id=item.pk, code=item.code, need=item.need, reason=item.need_remark
    )
    record(event, actor=actor, subject=item, project_id=project.pk)
    advance(project, cause="ItemNeedSettled")
    item.refresh_from_db()
    return item


# Doors for joint review and acceptance


def require_in_hand(item: ItemCase) -> None:
    """Refuse when the item has not been reached, is ended, or is held by somebody else."""
    if not item.is_open:
        raise StateConflict(
            _("“%(name)s”还没有到达或已经办结。") % {"name": item.name},
            next_step=_("请先办结前面的事项；企业需要完成的节点请提醒企业报告。"),
        )


@transaction.atomic
def hold_item(item_id: UUID, *, by: str, actor: Actor) -> ItemCase:
    """A round or an acceptance takes hold of the item (`by`: such as `round:<uuid>`): it alone decides from now on.

    Part of the caller's act, which is what was allowed; a newer round of the same kind takes over.
    """
    project, item = lock_item(item_id)
    check_running(project)
    require_in_hand(item)
    kind = by.partition(":")[0]
    if item.held_by and item.held_by.partition(":")[0] != kind:
        raise StateConflict(_("“%(name)s”正由其他联审或验收办理。") % {"name": item.name})
    item.held_by = by
    take_in_hand(item, actor=actor, remark=by)
    item.save()
    event = ItemHeld(project_id=project.pk, item_id=item.pk, code=item.code, by=by)
    record(event, actor=actor, subject=item, project_id=project.pk)
    return item


@transaction.atomic
def release_item(item_id: UUID, *, actor: Actor) -> ItemCase:
    """The round or acceptance lets the item go without deciding it (a set returned, an acceptance withdrawn)."""
    project, item = lock_item(item_id)
    item.held_by = ""
    item.save(update_fields=["held_by"])
    event = ItemHeld(project_id=project.pk, item_id=item.pk, code=item.code, by="")
    record(event, actor=actor, subject=item, project_id=project.pk)
    return item


@transaction.atomic
def decide_item(item_id: UUID, *, actor: Actor, passed: bool, basis: str, outstanding: bool = False) -> ItemCase:
    """Decide an item as the consequence of a round or an acceptance (系统办结); system actors only.

    `outstanding`: passed with promises open, national code 12.
    """
    project, item = lock_item(item_id)
    require(actor, "item.decide", item)
    check_running(project)
    require_in_hand(item)
    if passed:
        check_not_barred(item.name, bars_on(project, item.code))
    end_pauses_of(item, actor=actor)
    act = "deny" if not passed else "pass_outstanding" if outstanding else "pass"
    finish_item(item, act, calendar_for(project.district_id), actor=actor, basis=basis)
    item.save()
    record_decision(project, item, actor=actor)
    advance(project, cause="ItemDecided")
    item.refresh_from_db()
    return item


def end_pauses_of(item: ItemCase, *, actor: Actor) -> None:
    """A decision ends what still stops the item."""
    for row in item.pauses.filter(ended_at__isnull=True):
        end_pause(row, item, evidence=_("随办结恢复计时"), actor=actor)


def end_open_items(project: Project, act: str, *, actor: Actor, remark: str) -> None:
    """End every open item of a project that is taken back."""
    calendar = calendar_for(project.district_id)
    for item in project.items.filter(ready_at__isnull=False, decided_at__isnull=True).select_for_update():
        end_pauses_of(item, actor=actor)
        move_item(item, act, actor=actor, remark=remark)
        item.decided_at = now()
        item.decided_on = legal_day(item.decided_at, calendar)
        item.posts_now = []
        item.held_by = ""
        item.due_on = item.warn_on = None
        item.save()
