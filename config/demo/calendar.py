"""Instants of the demo's history, counted back from today in working days."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from accounts.legal_day import SHANGHAI, today_in_shanghai
from projects.queries.calendar import bundled_calendar


def working_days_ago(days: int, hour: int = 10, minute: int = 0) -> datetime:
    """An office hour of the working day that lies `days` working days before today (0: today or the last one)."""
    calendar = bundled_calendar()
    day = today_in_shanghai()
    while not calendar.is_working(day):
        day -= timedelta(days=1)
    left = days
    while left > 0:
        day -= timedelta(days=1)
        if calendar.is_working(day):
            left -= 1
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)
