"""`manage.py due_date`: when a limit is over, and every day that counts or does not."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from ledger.errors import Refused
from projects.clock import LONGEST_LIMIT, ClockDay, Pause, Unit, count_deadline, days_of_clock, legal_day, parse_instant
from projects.management.answering import AnsweringCommand
from projects.queries.ledger import reason_in_words
from projects.words import _
from projects.workdays import WorkCalendar


class Command(AnsweringCommand):
    help = "计算届满日并逐日说明 / compute a due date and explain every day"

    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        parser.add_argument("--accept", required=True, help="ISO 8601; without a zone it is Asia/Shanghai")
        parser.add_argument("--limit", required=True, help="days")
        parser.add_argument("--unit", default=Unit.WORKING_DAY.value, help="working_day or calendar_day")
        parser.add_argument("--pause", action="append", default=[], metavar="FROM..TO", help="both days included")

    def answer(self, **options: Any) -> dict[str, Any]:
        """due_on, warn_on, provisional, days."""
        calendar = self.calendar()
        unit = read_unit(options["unit"])
        pauses = [read_pause(text) for text in options["pause"]]
        day_zero = legal_day(parse_instant(options["accept"]), calendar)
        made = count_deadline(day_zero, read_limit(options["limit"]), calendar, unit=unit, pauses=pauses)
        if made.due_on is None or made.warn_on is None:
            raise Refused("open_pause", _("中止没有结束日期，届满日还不能确定。"))
        days = days_of_clock(made, made.due_on, calendar, unit=unit, pauses=pauses)
        return {
            "due_on": made.due_on.isoformat(),
            "warn_on": made.warn_on.isoformat(),
            "provisional": made.provisional,
            "days": [
                {"date": day.day.isoformat(), "counted": day.counted, "why": why_of(day, calendar)} for day in days
            ],
        }

    def show(self, answer: dict[str, Any]) -> None:
        """A line per day, then the dates."""
        for day in answer["days"]:
            self.stdout.write(f"{day['date']}  {'●' if day['counted'] else '·'}  {day['why']}")
        mark = _("（预计）") if answer["provisional"] else ""
        self.stdout.write(
            _("预警日 %(warn)s，届满日 %(due)s%(mark)s")
            % {"warn": answer["warn_on"], "due": answer["due_on"], "mark": mark}
        )


def why_of(day: ClockDay, calendar: WorkCalendar) -> str:
    """The reason of a day in plain words."""
    words = {
        "day_zero": _("受理日，不计入"),
        "paused": _("中止期间，不计入"),
        "calendar_day": _("日历日"),
        "moved_to_workday": _("期限已满，届满日顺延至工作日"),
    }
    return words.get(day.reason) or reason_in_words(day.day, calendar)


def read_limit(text: str) -> int:
    """A whole number of days."""
    try:
        return int(text)
    except ValueError as error:
        raise Refused(
            "limit", _("时限应为 0 至 %(longest)s 的整数，现为“%(text)s”。") % {"longest": LONGEST_LIMIT, "text": text}
        ) from error


def read_unit(text: str) -> Unit:
    """working_day or calendar_day."""
    try:
        return Unit(text)
    except ValueError as error:
        raise Refused("unit", _("单位应为 working_day 或 calendar_day，现为“%(text)s”。") % {"text": text}) from error


def read_pause(text: str) -> Pause:
    """FROM..TO, both days included."""
    first, dots, last = text.partition("..")
    try:
        if not dots:
            raise ValueError(text)
        return Pause(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
    except ValueError as error:
        raise Refused("pause", _("中止期间应写成 2026-03-09..2026-03-20，现为“%(text)s”。") % {"text": text}) from error
