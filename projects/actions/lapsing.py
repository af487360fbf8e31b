"""Confirmations that a change of the form has overtaken (共享应用不再适用): a part of editing, before acceptance."""

from __future__ import annotations

from django.db.models import QuerySet

from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.models import AssessmentReuse, Project, RecheckTask
from projects.queries.reuse import answer_of_kind, site_answer
from projects.reuse_events import RecheckClosed, ReuseEnded, ReuseLapsed
from projects.states import reuse_move, reuse_state_name
from projects.words import _
from regional_eval.reasons import in_words

# What the project's own figures cause; an assessment that ended meanwhile is for the re-check.
BY_FIGURES = frozenset(
    {
        "limit_exceeded",
        "exception",
        "industry_not_allowed",
        "industry_negative",
        "industry_missing",
        "industry_unreadable",
        "industry_too_coarse",
    }
)


def lapse_unfit(project: Project, *, actor: Actor) -> None:
    """End every confirmed reuse that was confirmed for another red line, or whose limits the new figures break."""
    confirmed = list(project.reuses.filter(state=AssessmentReuse.State.CONFIRMED))
    site = getattr(project, "site", None)
    if not confirmed or site is None:
        return
    found = None
    for reuse in confirmed:
        if reuse.answer["site"]["sha256"] != site.sha256:
            lapse(reuse, _("用地红线已改变，请重新提请。"), actor=actor)
            continue
        found = found or site_answer(project)
        against = [one for one in answer_of_kind(found, reuse.kind).reasons if one.code in BY_FIGURES]
        if against:
            lapse(reuse, " ".join(in_words(one) for one in against), actor=actor)


def lapse(reuse: AssessmentReuse, why: str, *, actor: Actor) -> None:
    """The row's last word."""
    reuse.state = reuse_move(reuse.state, "lapse")
    reuse.ended_at, reuse.ended_why = now(), why
    reuse.save(update_fields=["state", "ended_at", "ended_why"])
    record_end(reuse, actor=actor)
    end_rechecks(reuse.rechecks.all(), RecheckTask.Outcome.MOOT, why, actor=actor)
    event = ReuseLapsed(project_id=reuse.project_id, reuse_id=reuse.pk, kind=reuse.kind, reason=why)
    record(event, actor=actor, subject=reuse, project_id=reuse.project_id)


def record_end(reuse: AssessmentReuse, *, actor: Actor) -> None:
    """The event by which the paper of a confirmed reuse loses its effect."""
    if reuse.paper_id is None:
        raise ValueError(f"reuse {reuse.pk} was never confirmed")
    event = ReuseEnded(
        project_id=reuse.project_id,
        reuse_id=reuse.pk,
        kind=reuse.kind,
        paper_id=reuse.paper_id,
        state=reuse.state,
        reason=f"{reuse_state_name(reuse.state)}：{reuse.ended_why}",
    )
    record(event, actor=actor, subject=reuse, project_id=reuse.project_id)


def end_rechecks(tasks: QuerySet[RecheckTask], outcome: str, why: str, *, actor: Actor) -> None:
    """Close what is open of these: with the one that was decided, or because nothing is left to look at."""
    for task in tasks.filter(closed_at__isnull=True).select_for_update(of=("self",)).order_by("opened_at"):
        task.closed_at, task.closed_by_id = now(), actor.person_id
        task.outcome, task.remark = outcome, why
        task.save(update_fields=["closed_at", "closed_by", "outcome", "remark"])
        event = RecheckClosed(
            project_id=task.project_id,
            recheck_id=task.pk,
            reuse_id=task.reuse_id,
            kind=task.kind,
            outcome=outcome,
            reason=why,
        )
        record(event, actor=actor, subject=task, project_id=task.project_id)
