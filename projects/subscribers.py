"""What the projects room does when it hears of something."""

from __future__ import annotations

from ledger.actor import Actor
from ledger.subscribe import Delivery, subscribe
from projects.actions.upkeep import recompute_due_dates
from projects.events import CalendarLoaded
from projects.queries.sweeps import accepted_projects


@subscribe(CalendarLoaded)
def recompute_after_notice(event: CalendarLoaded, delivery: Delivery) -> None:  # noqa: ARG001
    """A year's notice was loaded: every open due date anew; the same again changes nothing."""
    actor = Actor.system(cause="CalendarLoaded")
    for project_id in accepted_projects():
        recompute_due_dates(project_id, actor=actor)
