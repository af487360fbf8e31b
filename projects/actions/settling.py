"""Clocks of items, stages and the project computed anew (时限核算), from what was read under the lock."""

from __future__ import annotations

from datetime import date

from ledger.clock_now import now
from projects.actions.workings import Workings, is_run
from projects.clock import Pause, Unit, count_deadline, count_whole
from projects.models import ItemCase, Project, StageCase
from projects.pipeline import graph
from projects.pipeline.template import BESIDE
from projects.states import FAVOURABLE, project_move

WAITING_APPLICANT = "WAITING_APPLICANT"


def settle_items(workings: Workings) -> None:
    """Due, warning and statutory dates of every open item; slack of every item that is still to come."""
    slack = slack_of(workings)
    for item in workings.items:
        item.slack_days = slack.get(item.code)
        if not item.is_open or item.is_by_applicant or item.day_zero is None:
            item.due_on = item.due_on if item.decided_at and not item.is_by_applicant else None
            item.warn_on = item.warn_on if item.due_on else None
            item.is_paused = False
            item.remaining_days = item.step_due_on = None
            continue
        pauses = workings.pauses_of(item)
        promised = count_deadline(item.day_zero, item.limit_days, workings.calendar, pauses=pauses)
        item.due_on, item.warn_on = promised.due_on, promised.warn_on
        item.remaining_days = promised.remaining if promised.due_on is None else None
        item.is_provisional = promised.provisional
        item.is_paused = any(row.ended_at is None and row.item_id in {None, item.pk} for row in workings.pauses)
        item.internal_due_on, item.step_due_on = inner_dates(workings, item, pauses)
        item.statutory_due_on = None
        if item.statutory_days is not None:
            item.statutory_due_on = count_deadline(
                item.day_zero,
                item.statutory_days,
                workings.calendar,
                unit=Unit(item.statutory_unit),
                pauses=pauses,
            ).due_on


def inner_dates(workings: Workings, item: ItemCase, pauses: tuple[Pause, ...]) -> tuple[date | None, date | None]:
    """The department's own limit (内部时限), and the day by which the step whose turn it is should be done.

    The steps share the stricter of the two limits evenly, rounded up, so that a step can be late in an item in time.
    """
    if item.day_zero is None:
        return None, None
    internal = None
    if item.internal_days is not None:
        internal = count_deadline(item.day_zero, item.internal_days, workings.calendar, pauses=pauses).due_on
    steps = len(workings.template.steps)
    if not item.posts_now or item.step >= steps:
        return internal, None
    whole = item.limit_days if item.internal_days is None else min(item.internal_days, item.limit_days)
    share = -(-whole * (item.step + 1) // steps)
    return internal, count_deadline(item.day_zero, share, workings.calendar, pauses=pauses).due_on


def slack_of(workings: Workings) -> dict[str, int]:
    """Working days each unfinished item may slip before the end moves, from what is left of each."""
    running = [item for item in workings.items if is_run(item)]
    days = {item.code: days_left(workings, item) for item in running}
    made = graph.schedule({item.code: tuple(item.prerequisites) for item in running}, days)
    return {item.code: made.places[item.code].slack for item in running if item.decided_at is None}


def days_left(workings: Workings, item: ItemCase) -> int:
    """Working days the item still needs at most, by its promise."""
    if item.decided_at is not None or not item.counts:
        return 0
    run = workings.run_of(item)
    if run is None:
        return item.limit_days
    return count_whole([run], item.limit_days, workings.calendar, workings.today).remaining


def belongs_to_stage(item: ItemCase, stage: StageCase) -> bool:
    """Is the item one of those that make the stage's time? (PRE-START items run beside; utilities do not hold it.)"""
    inside = item.stage == stage.code and is_run(item) and item.parallel_group != BESIDE
    return inside and (item.counts or not stage.counts or item.kind == "EVENT")


def settle_stages(workings: Workings) -> tuple[list[StageCase], list[StageCase]]:
    """State and clock of every stage; returns those that began and those that ended just now."""
    started, finished = [], []
    for stage in workings.stages:
        items = [item for item in workings.items if belongs_to_stage(item, stage)]
        before = stage.state
        if not items:
            stage.state = StageCase.State.NOT_NEEDED
        elif all(item.decided_at is not None for item in items):
            stage.state = StageCase.State.FINISHED
        elif any(item.ready_at is not None for item in items):
            stage.state = StageCase.State.RUNNING
        runs = workings.runs(item for item in items if item.counts)
        stage.day_zero = min((item.day_zero for item in items if item.day_zero), default=None)
        if before == StageCase.State.WAITING and stage.state != before and stage.day_zero:
            started.append(stage)
        if before != StageCase.State.FINISHED and stage.state == StageCase.State.FINISHED:
            stage.finished_at = now()
            finished.append(stage)
        if not runs or not stage.limit_days:
            stage.due_on = stage.warn_on = stage.remaining_days = None
            continue
        whole = count_whole(runs, stage.limit_days, workings.calendar, workings.today)
        stage.used_days, stage.remaining_days = whole.used, whole.remaining
        stage.due_on, stage.warn_on, stage.is_provisional = whole.due_on, whole.warn_on, whole.provisional
    return started, finished


def settle_project(workings: Workings) -> bool:
    """The project's own clock; True when everything is done and it ends now (办结)."""
    project = workings.project
    counted = [item for item in workings.items if item.counts and is_run(item)]
    whole = count_whole(workings.runs(counted), project.limit_days, workings.calendar, workings.today)
    project.used_days, project.remaining_days = whole.used, whole.remaining
    project.due_on, project.warn_on = whole.due_on, whole.warn_on
    project.is_provisional = whole.provisional
    project.stopped_since = whole.stopped_since
    project.stopped_ground = "" if whole.stopped_since is None else ground_of_stop(workings)
    project.calendar_version = workings.calendar.version
    project.clock_on = workings.today
    running = [stage for stage in workings.stages if stage.counts and stage.state == StageCase.State.RUNNING]
    if running:
        project.stage = running[0].code
    everything = [item for item in workings.items if is_run(item)]
    if project.state == Project.State.ACCEPTED and all(item.state in FAVOURABLE for item in everything):
        project.state = project_move(project.state, "finish")
        project.ended_at = now()
        project.stopped_ground = ""
        return True
    return False


def ground_of_stop(workings: Workings) -> str:
    """Why the whole stands still: an open stop of a counted item, else the enterprise's own turn."""
    open_items = {item.pk for item in workings.items if item.is_open and item.counts}
    for row in workings.pauses:
        if row.ended_at is None and (row.item_id is None or row.item_id in open_items):
            return row.ground
    return WAITING_APPLICANT
