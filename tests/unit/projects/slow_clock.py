"""A slow clock that walks day by day, written apart from the fast one: the oracle of the property tests.

It knows weekends, the rows of the calendar file and nothing else; no table, no sums.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from projects import domain

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
OFF = {row["date"] for row in domain.calendar_rows() if row["kind"] == "OFF"}
WORK = {row["date"] for row in domain.calendar_rows() if row["kind"] == "WORK"}
STATUTORY = {row["date"] for row in domain.statutory_rows()}


def works(day: date) -> bool:
    """Monday to Friday, except the days off, plus the adjusted workdays."""
    text = day.isoformat()
    if text in WORK:
        return True
    if text in OFF or text in STATUTORY:
        return False
    return day.weekday() < 5


def slow_day_zero(instant: datetime) -> date:
    """行政许可 day 0: the day itself, or the next working day after close of business or on a rest day."""
    local = instant.astimezone(SHANGHAI)
    day = local.date()
    if works(day) and (local.hour, local.minute, local.second, local.microsecond) < (17, 0, 0, 0):
        return day
    day += DAY
    while not works(day):
        day += DAY
    return day


def slow_due(instant: datetime, limit: int, pauses: list[tuple[date, date]], unit: str) -> tuple[date, date]:
    """Due day and warning day by walking."""
    zero = slow_day_zero(instant)
    day, counted = zero, 0
    while counted < limit:
        day += DAY
        if any(first <= day <= last for first, last in pauses):
            continue
        if unit == "calendar_day" or works(day):
            counted += 1
    while limit and (not works(day) or (day > zero and any(first <= day <= last for first, last in pauses))):
        day += DAY
    due = day
    span = max(1, -(-limit // 5))
    warn = zero
    while True:
        after, cursor = 0, warn
        while cursor < due:
            cursor += DAY
            after += works(cursor)
        if after <= span:
            return due, warn
        warn += DAY
