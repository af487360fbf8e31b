"""Answering commands that need the working calendar (cli.md); the rest is in `ledger.command_answers`."""

from __future__ import annotations

from django.db import Error as DatabaseProblem

from ledger.command_answers import AnsweringCommand as Answering
from projects.queries.calendar import bundled_calendar, calendar_for
from projects.words import _
from projects.workdays import WorkCalendar


class AnsweringCommand(Answering):
    """A command that counts days."""

    def calendar(self) -> WorkCalendar:
        """The calendar in force; without a database the bundled one, which is said."""
        try:
            return calendar_for(None)
        except DatabaseProblem:
            self.stderr.write(_("没有连接数据库，使用随程序提供的工作日历（2024 至 2026 年为正式日历）。"))
            return bundled_calendar()
