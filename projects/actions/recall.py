"""The recall wave (复核): a regional assessment ended, or a plan changed the land; who leaned or lies on it looks again.

A confirmed reuse is not undone by itself (domain.md section 2): before the works begin it is checked again and kept,
renewed or put back, as a recorded act; once they have begun a later change has no effect.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.access import require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, NotFound, StateConflict
from ledger.record import record
from projects.actions.lapsing import end_rechecks, record_end
from projects.actions.needs import undo_reuse
from projects.actions.papers import issue_reuse_confirmation
from projects.actions.progress import person_of
from projects.actions.retracting import MAY_DECIDE_OF_DECISION, close_decision, open_decision_rechecks
from projects.actions.reuse import asked, follow, spoken, write_answer
from projects.models import AssessmentReuse, Project, RecheckTask
from projects.queries.calendar import calendar_for, today_of
from projects.queries.confirmed_reuse import works_have_begun
from projects.queries.locking import lock_project
from projects.queries.reuse import holding_of
from projects.queries.touched import LIVE_PROJECTS, projects_on
from projects.reuse_events import RecheckOpened
from projects.rules.reuse import RECHECK_WORKING_DAYS, check_outcome, check_promise, check_reason
from projects.states import reuse_move
from projects.words import _
from regional_eval.queries.site_check import changed_ground

MAY_DECIDE = frozenset({RecheckTask.Outcome.KEPT, RecheckTask.Outcome.RENEWED, RecheckTask.Outcome.PUT_BACK})


@transaction.atomic
def open_rechecks(assessment_id: UUID, *, layer_id: UUID, how: str, reason: str, actor: Actor) -> list[RecheckTask]:
    """Open a re-check for every confirmed reuse that leaned on the assessment, before the works have begun (开启复核).

    Idempotent by reuse, layer and how it ended.
    """
    leaning = AssessmentReuse.objects.filter(
        assessment_ids__contains=[assessment_id], state=AssessmentReuse.State.CONFIRMED
    )
    opened = []
    for project_id, reuse_id in leaning.order_by("project_id", "pk").values_list("project_id", "pk"):
        project = lock_project(project_id)
        reuse = AssessmentReuse.objects.get(pk=reuse_id)
        if project.state not in LIVE_PROJECTS or works_have_begun(project):
            continue
        task = open_recheck(
            project,
            reuse,
            cause=RecheckTask.Cause.ASSESSMENT_ENDED,
            layer_id=layer_id,
            how=how,
            reason=reason,
            actor=actor,
        )
        if task is not None:
            opened.append(task)
    return opened


@transaction.atomic
def recheck_changed_land(layer_id: UUID, *, how: str, actor: Actor) -> list[RecheckTask]:
    """A plan took effect or was withdrawn: on the land it changes, and nowhere else, every confirmed reuse is computed
    again, and one that no longer holds is to be looked at (规划变更复核)."""
    opened = []
    for project_id in projects_on(changed_ground(layer_id)):
        if not AssessmentReuse.objects.filter(project=project_id, state=AssessmentReuse.State.CONFIRMED).exists():
            continue
        project = lock_project(project_id)
        if project.state not in LIVE_PROJECTS or works_have_begun(project):
            continue
        for reuse in project.reuses.filter(state=AssessmentReuse.State.CONFIRMED):
            holding = holding_of(reuse)
            if holding.holds:
                continue
            task = open_recheck(
                project,
                reuse,
                cause=RecheckTask.Cause.PLAN_PUBLISHED,
                layer_id=layer_id,
                how=how,
                reason=" ".join(holding.reasons),
                actor=actor,
            )
            if task is not None:
                opened.append(task)
    return opened


def open_recheck(
    project: Project, reuse: AssessmentReuse, *, cause: str, layer_id: UUID, how: str, reason: str, actor: Actor
) -> RecheckTask | None:
    """One task with its limit, unless it is there already."""
    require(actor, "recheck.open", project)
    due_on = calendar_for(project.district_id).add(today_of(project.district_id), RECHECK_WORKING_DAYS)
    task, is_new = RecheckTask.objects.get_or_create(
        reuse=reuse,
        layer_id=layer_id,
        how=how,
        defaults={
            "project": project,
            "cause": cause,
            "kind": reuse.kind,
            "reason": reason,
            "department_code": reuse.department_code,
            "opened_at": now(),
            "due_on": due_on,
        },
    )
    if not is_new:
        return None
    event = RecheckOpened(
        project_id=project.pk,
        recheck_id=task.pk,
        reuse_id=reuse.pk,
        cause=cause,
        kind=reuse.kind,
        how=how,
        reason=reason,
        due_on=due_on,
        department_code=task.department_code,
    )
    record(event, actor=actor, subject=task, project_id=project.pk)
    return task


@transaction.atomic
def close_recheck(task_id: UUID, *, actor: Actor, outcome: str, reason: str) -> RecheckTask:
    """Decide a re-check (办结复核).

    `kept`: what was confirmed stands; `renewed`: confirmed anew on what is in force today, with a new paper; `put_back`:
    the item is needed again and its own time begins on the day it is reached; one that was decided on the strength of
    the reuse is looked at by whoever decided it. What ends takes its paper's effect with it.
    """
    project_id = RecheckTask.objects.filter(pk=task_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    project = lock_project(project_id)
    task = RecheckTask.objects.select_for_update(of=("self",)).select_related("reuse").get(pk=task_id)
    require(actor, "recheck.close", task)
    if task.closed_at is not None:
        raise StateConflict(_("这项复核已经办结。"), next_step=_("请刷新页面，查看最新办理情况。"))
    allowed = MAY_DECIDE if task.item_id is None else MAY_DECIDE_OF_DECISION
    if outcome not in allowed:
        raise Invalid({"outcome": [_("请从列出的选项中选择。")]})
    why = check_reason(reason)
    if task.item_id is not None:
        return close_decision(project, task, outcome, why, actor=actor)
    if outcome == RecheckTask.Outcome.RENEWED:
        renew(project, task, actor=actor)
    elif outcome == RecheckTask.Outcome.PUT_BACK:
        put_back(project, task, why, actor=actor)
    # One decision answers every question that is open about the same reuse, unless it is only kept.
    asked_now = (
        task.reuse.rechecks.all() if outcome != RecheckTask.Outcome.KEPT else task.reuse.rechecks.filter(pk=task.pk)
    )
    end_rechecks(asked_now, outcome, why, actor=actor)
    if outcome == RecheckTask.Outcome.PUT_BACK:
        open_decision_rechecks(project, task, why)
    task.refresh_from_db()
    return task


def held_reuse(task: RecheckTask) -> AssessmentReuse:
    """The reuse under re-check, locked."""
    return AssessmentReuse.objects.select_for_update(of=("self",)).get(pk=task.reuse_id)


def renew(project: Project, task: RecheckTask, *, actor: Actor) -> None:
    """Confirm anew on today's assessments; the old row and its paper stay on record as renewed."""
    old = held_reuse(task)
    answer, frozen = asked(project, old.kind, old.answer.get("facts", {}))
    check_outcome(answer.outcome, spoken(answer))
    check_promise(answer.effect, is_signed=old.promised_at is not None)
    end_reuse(old, "renew", _("按现行成果重新确认"), actor=actor)
    at = now()
    new = AssessmentReuse(
        project=project,
        kind=old.kind,
        department_code=old.department_code,
        proposed_at=at,
        proposed_by_id=person_of(actor),
        promised_at=old.promised_at,
        promised_by_id=old.promised_by_id,
        decided_at=at,
        decided_by_id=person_of(actor),
    )
    write_answer(new, answer, frozen)
    new.paper_id = issue_reuse_confirmation(project, new, actor=actor)
    new.state = AssessmentReuse.State.CONFIRMED
    new.save()
    follow(project, new, new.paper_id, actor=actor)


def put_back(project: Project, task: RecheckTask, why: str, *, actor: Actor) -> None:
    """The reuse ends; the items of its kind are needed again."""
    reuse = held_reuse(task)
    end_reuse(reuse, "put_back", why, actor=actor)
    undo_reuse(project, reuse.kind, remark=why, actor=actor)


def end_reuse(reuse: AssessmentReuse, act: str, why: str, *, actor: Actor) -> None:
    """The row's last word; its paper follows."""
    reuse.state = reuse_move(reuse.state, act)
    reuse.ended_at, reuse.ended_why = now(), why
    reuse.save(update_fields=["state", "ended_at", "ended_why"])
    record_end(reuse, actor=actor)
