"""Dates that move into the past at once are found at once, not at night."""

from __future__ import annotations

from uuid import UUID

from ledger.actor import Actor
from ledger.subscribe import Delivery, subscribe
from projects.events import DueDatesChanged, ProjectAccepted
from supervision.actions import sweep_project

CAUSE = "DatesChanged"


def look_at(project_id: UUID) -> None:
    """Sweep one project."""
    sweep_project(project_id, actor=Actor.system(cause=CAUSE))


@subscribe(ProjectAccepted)
def after_acceptance(event: ProjectAccepted, delivery: Delivery) -> None:  # noqa: ARG001
    """Silence reaches back to the day of receipt and may find items overdue at once."""
    if event.mode == "silence":
        look_at(event.project_id)


@subscribe(DueDatesChanged)
def after_a_calendar_change(event: DueDatesChanged, delivery: Delivery) -> None:  # noqa: ARG001
    """A loaded notice may move a date into the past."""
    look_at(event.project_id)
