"""Confirmations that a change of the form has overtaken (共享应用不再适用): a part of editing, before acceptance."""

from __future__ import annotations

from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.models import AssessmentReuse, Project
from projects.queries.reuse import answer_of_kind, site_answer
from projects.reuse_events import ReuseLapsed
from projects.states import reuse_move
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
    event = ReuseLapsed(project_id=reuse.project_id, reuse_id=reuse.pk, kind=reuse.kind, reason=why)
    record(event, actor=actor, subject=reuse, project_id=reuse.project_id)
