"""When each of many projects would be done if the enterprise lost no time (推算): stored dates in, one pass on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from accounts.legal_day import today_in_shanghai
from projects.models import ItemCase, Project
from projects.pipeline.forecast import forecast
from projects.pipeline.planner import NOT_RUN
from projects.queries.calendar import calendar_for
from projects.queries.editions import template_of
from projects.workdays import WorkCalendar


@dataclass(frozen=True)
class Outlook:
    """Government days still to come at most, the day on which they would be over, and whether that day may move."""

    days_left: int
    ends_on: date
    provisional: bool


def outlooks_of(projects: Iterable[Project]) -> dict[UUID, Outlook]:
    """The outlook of every accepted project among these; one query for all items, one pass per pipeline edition."""
    found = [project for project in projects if project.state == Project.State.ACCEPTED and project.edition is not None]
    if not found:
        return {}
    today = today_in_shanghai()
    calendars = {district: calendar_for(district) for district in {project.district_id for project in found}}
    left = days_left_of(found, calendars, today)
    outlooks: dict[UUID, Outlook] = {}
    by_edition: dict[UUID | None, list[Project]] = {}
    for project in found:
        by_edition.setdefault(project.edition_id, []).append(project)
    for alike in by_edition.values():
        edition = alike[0].edition
        if edition is None:
            continue
        template = template_of(edition)
        row = {code: number for number, code in enumerate(template.order)}
        days = np.zeros((len(row), len(alike)), dtype=np.int32)
        for column, project in enumerate(alike):
            for code, number in left[project.pk].items():
                if code in row:
                    days[row[code], column] = number
        totals = forecast(template, days).total.tolist()
        for project, total in zip(alike, totals, strict=True):
            calendar = calendars[project.district_id]
            ends = calendar.add(today, total) if total else today
            outlooks[project.pk] = Outlook(total, ends, calendar.touches_provisional(today, ends))
    return outlooks


def days_left_of(
    projects: Iterable[Project], calendars: Mapping[int, WorkCalendar], today: date
) -> dict[UUID, dict[str, int]]:
    """Project -> item -> working days it still needs at most, from the dates stored at its transitions."""
    district = {project.pk: project.district_id for project in projects}
    left: dict[UUID, dict[str, int]] = {pk: {} for pk in district}
    rows: Any = ItemCase.objects.filter(project__in=list(district), decided_at__isnull=True, counts=True).exclude(
        need__in=[need.value for need in NOT_RUN]
    )
    columns = ("project_id", "code", "ready_at", "due_on", "remaining_days", "limit_days")
    for pk, code, ready_at, due_on, remaining, limit in rows.order_by().values_list(*columns):
        if ready_at is None:
            left[pk][code] = limit
        elif due_on is None:
            left[pk][code] = limit if remaining is None else remaining
        else:
            left[pk][code] = max(0, calendars[district[pk]].between(today, due_on))
    return left
