"""Calendars for tests, built from the domain's own rows."""

from __future__ import annotations

from functools import cache

from projects import domain
from projects.workdays import WorkCalendar, build_calendar, rules_from_rows


@cache
def bundled() -> WorkCalendar:
    """The calendar as it is seeded: 2024 to 2026 published, the rest provisional."""
    return build_calendar(rules_from_rows(domain.calendar_rows()), {2024, 2025, 2026}, domain.statutory_rows())
