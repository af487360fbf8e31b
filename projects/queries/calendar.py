"""The calendar in force (工作日历), built from our own tables and kept per process until its rows change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet

from ledger.clock_now import now
from ledger.errors import NotFound
from projects import domain
from projects.clock import legal_day
from projects.models import CalendarDay, CalendarYear, Project
from projects.workdays import DayRule, WorkCalendar, build_calendar, rules_from_rows

log = structlog.get_logger()


def calendar_for(district_id: int | None, *, at: datetime | None = None) -> WorkCalendar:
    """The national calendar with the district's own exceptions; `at`: as it was known at that moment (for replays).

    One query; the table itself is built once per set of rows. Without any row it is the bundled calendar.
    """
    rows = years_in_force(at).filter(Q(district_id=district_id) | Q(district__isnull=True))
    keys = tuple(rows.order_by("pk").values_list("pk", flat=True))
    if not keys:
        log.warning("calendar_empty", advice="run manage.py load_domain")
        return bundled_calendar()
    return built(keys)


def years_in_force(at: datetime | None) -> QuerySet[CalendarYear]:
    """The rows that hold now, or held at a past moment."""
    if at is None:
        return CalendarYear.objects.filter(superseded_at__isnull=True)
    return CalendarYear.objects.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=at), loaded_at__lte=at)


@lru_cache(maxsize=32)
def built(keys: tuple[int, ...]) -> WorkCalendar:
    """The calendar of exactly these rows, which never change once written."""
    years = list(CalendarYear.objects.filter(pk__in=keys))
    national = {year.pk for year in years if year.district_id is None}
    days = list(CalendarDay.objects.filter(of_year_id__in=keys))
    return build_calendar(
        rules_of(day for day in days if day.of_year_id in national),
        {year.year for year in years if year.district_id is None},
        domain.statutory_rows(),
        rules_of(day for day in days if day.of_year_id not in national),
    )


def rules_of(days: Iterable[CalendarDay]) -> list[DayRule]:
    """Stored days as rules."""
    return [DayRule(day.day, day.working, day.name_zh, day.name_en, day.reason) for day in days]


@cache
def bundled_calendar() -> WorkCalendar:
    """The calendar of the domain data, for work without a database."""
    rules = rules_from_rows(domain.calendar_rows())
    return build_calendar(rules, {rule.day.year for rule in rules}, domain.statutory_rows())


def today_of(district_id: int | None) -> date:
    """The working day as which this instant counts (视同日)."""
    return legal_day(now(), calendar_for(district_id))


def due_after(project_id: UUID, days: int) -> date:
    """The day `days` working days after today's legal day, by the calendar of the project's district."""
    district_id = Project.objects.filter(pk=project_id).values_list("district_id", flat=True).first()
    if district_id is None:
        raise NotFound
    calendar = calendar_for(district_id)
    return calendar.add(legal_day(now(), calendar), days)


def loaded_years() -> QuerySet[CalendarYear]:
    """Every year that has its notice, newest first."""
    return years_in_force(None).filter(district__isnull=True).order_by("-year")
