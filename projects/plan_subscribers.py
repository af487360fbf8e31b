"""What follows for sites and plans (规划核查的触发): a new red line, a plan layer published or ended."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.queries import districts
from ledger.actor import Actor
from ledger.subscribe import Delivery, subscribe
from projects.actions.contradictions import end_gone, find_contradictions
from projects.actions.site_checks import check_plans, check_plans_of
from projects.events import SiteSet
from projects.queries.plan_checks import checked_because_of, last_check, projects_in_conflict_with
from projects.queries.touched import live_projects_of, projects_on
from regional_eval.events import PlanLayerEnded, PlanLayerPublished
from regional_eval.queries.ground import changed_ground
from regional_eval.queries.plans import is_first_to_lie_within

SUPERSEDED = "superseded"


@subscribe(SiteSet)
def check_new_red_line(event: SiteSet, delivery: Delivery) -> None:  # noqa: ARG001
    """A red line was drawn or changed: check it, unless the last check is of this very line."""
    last = last_check(event.project_id)
    if last is None or last.site_sha256 != event.sha256:
        check_plans(event.project_id, actor=Actor.system(cause="SiteSet"), cause="site_set")


@subscribe(PlanLayerPublished)
def check_after_publication(event: PlanLayerPublished, delivery: Delivery) -> None:  # noqa: ARG001
    """A plan layer took effect: only projects whose land changed are checked again; owners hear of contradictions.

    The first version of a plan in which every site must lie changes the land of those, too, that lie outside.
    """
    actor = Actor.system(cause="PlanLayerPublished")
    touched = set(projects_on(changed_ground(event.layer_id)))
    if is_first_to_lie_within(event.layer_id):
        touched |= set(live_projects_of(event.district_id))
    check_again(sorted(touched), event.layer_id, "layer_published", actor)
    for district_id in places_of(event.district_id):
        find_contradictions(event.layer_id, district_id=district_id, actor=actor)


@subscribe(PlanLayerEnded)
def check_after_end(event: PlanLayerEnded, delivery: Delivery) -> None:  # noqa: ARG001
    """A plan layer ran out or was revoked: what it said of projects on its land, and against other plans, is gone.

    What a superseded version said is settled by the publication of its successor.
    """
    if event.how == SUPERSEDED:
        return
    actor = Actor.system(cause="PlanLayerEnded")
    touched = {*projects_on(changed_ground(event.layer_id)), *projects_in_conflict_with(event.layer_id)}
    check_again(sorted(touched), event.layer_id, "layer_ended", actor)
    for district_id in places_of(event.district_id):
        end_gone(district_id, actor=actor)


def places_of(district_id: int | None) -> list[int]:
    """The layer's district; every one for a layer common to all."""
    return [district_id] if district_id is not None else [one.pk for one in districts()]


def check_again(project_ids: Iterable[UUID], layer_id: UUID, cause: str, actor: Actor) -> None:
    """Check each once for this cause, however often the event is delivered."""
    new = [project_id for project_id in project_ids if not checked_because_of(project_id, layer_id, cause)]
    check_plans_of(new, actor=actor, cause=cause, layer_id=layer_id)
