"""What the projects room does when it hears of something."""

from __future__ import annotations

from certificates.actions import end_paper
from ledger.actor import Actor
from ledger.subscribe import Delivery, subscribe
from projects import plan_subscribers
from projects.actions.recall import open_rechecks, recheck_changed_land
from projects.actions.upkeep import recompute_due_dates
from projects.events import CalendarLoaded, ItemRetracted, ReuseEnded
from projects.queries.sweeps import accepted_projects
from regional_eval.events import AssessmentEnded, PlanLayerEnded, PlanLayerPublished

# What follows for plans is in a file of its own; importing it subscribes it.
__all__ = ["plan_subscribers"]


@subscribe(CalendarLoaded)
def recompute_after_notice(event: CalendarLoaded, delivery: Delivery) -> None:  # noqa: ARG001
    """A year's notice was loaded: every open due date anew; the same again changes nothing."""
    actor = Actor.system(cause="CalendarLoaded")
    for project_id in accepted_projects():
        recompute_due_dates(project_id, actor=actor)


@subscribe(AssessmentEnded)
def recall_after_end(event: AssessmentEnded, delivery: Delivery) -> None:  # noqa: ARG001
    """An assessment was amended, ran out or was revoked: whoever leaned on it before the works began looks again."""
    actor = Actor.system(cause="AssessmentEnded")
    open_rechecks(event.assessment_id, layer_id=event.layer_id, how=event.how, reason=event.reason, actor=actor)


@subscribe(ReuseEnded)
def end_confirmation_paper(event: ReuseEnded, delivery: Delivery) -> None:  # noqa: ARG001
    """The public register says at once that the confirmation counts no more."""
    end_paper(event.paper_id, actor=Actor.system(cause="ReuseEnded"), reason=event.reason)


@subscribe(ItemRetracted)
def end_decision_paper(event: ItemRetracted, delivery: Delivery) -> None:  # noqa: ARG001
    """The paper of a retracted decision has no effect any more; items without a paper have none to end."""
    if event.paper_id is not None:
        end_paper(event.paper_id, actor=Actor.system(cause="ItemRetracted"), reason=event.reason)


@subscribe(PlanLayerPublished)
def recheck_after_plan(event: PlanLayerPublished, delivery: Delivery) -> None:  # noqa: ARG001
    """A plan took effect: reuses on the land it changes, and on no other, are computed again."""
    recheck_changed_land(event.layer_id, how="plan_published", actor=Actor.system(cause="PlanLayerPublished"))


@subscribe(PlanLayerEnded)
def recheck_without_plan(event: PlanLayerEnded, delivery: Delivery) -> None:  # noqa: ARG001
    """A plan ended; its successor, where there is one, is looked at by its own event."""
    if event.how != "superseded":
        recheck_changed_land(event.layer_id, how="plan_ended", actor=Actor.system(cause="PlanLayerEnded"))
