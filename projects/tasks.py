"""What time itself brings about; each task may run twice or late and does the same."""

from __future__ import annotations

from celery import shared_task

from ledger.actor import Actor
from projects.actions.acceptance import SILENCE, accept_by_silence
from projects.actions.upkeep import recompute_due_dates
from projects.queries.sweeps import filings_past_their_check, projects_with_open_stops

STOP_ENDED = "StopReachedItsCap"


@shared_task(name="projects.tasks.accept_silent_filings")
def accept_silent_filings() -> int:
    """Accept the filings that the window left unanswered for five working days (视为受理); how many there were."""
    actor = Actor.system(cause=SILENCE)
    return sum(accept_by_silence(project_id, actor=actor) is not None for project_id in filings_past_their_check())


@shared_task(name="projects.tasks.refresh_stopped_clocks")
def refresh_stopped_clocks() -> int:
    """Recompute the clocks of projects with an open stop, whose cap may have run out; how many dates changed."""
    actor = Actor.system(cause=STOP_ENDED)
    return sum(recompute_due_dates(project_id, actor=actor) for project_id in projects_with_open_stops())
