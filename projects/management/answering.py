"""Commands that answer with one JSON object or a readable text: exit 0, 2 when the input is refused (cli.md)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseProblem

from ledger.errors import DomainError
from projects.queries.calendar import bundled_calendar, calendar_for
from projects.words import _
from projects.workdays import WorkCalendar

REFUSED = 2


class AnsweringCommand(BaseCommand):
    """`answer()` returns what is printed; a DomainError becomes `verdict: refused` with code and message."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser | ArgumentParser) -> None:
        """Every such command knows --json."""
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer; refuse in words, never with a trace."""
        try:
            answer = self.answer(**options)
        except DomainError as refusal:
            problem = {"verdict": "refused", "code": refusal.code, "message": refusal.message}
            if refusal.next_step:
                problem["next_step"] = refusal.next_step
            if options["json"]:
                self.stdout.write(json.dumps(problem, ensure_ascii=False))
            else:
                self.stderr.write(f"{refusal.message} {refusal.next_step or ''}".strip())
            raise SystemExit(REFUSED) from None
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.show(answer)

    def answer(self, **options: Any) -> dict[str, Any]:
        """The JSON fields of this command."""
        raise NotImplementedError

    def show(self, answer: dict[str, Any]) -> None:
        """The same for people."""
        raise NotImplementedError

    def calendar(self) -> WorkCalendar:
        """The calendar in force; without a database the bundled one, which is said."""
        try:
            return calendar_for(None)
        except DatabaseProblem:
            self.stderr.write(_("没有连接数据库，使用随程序提供的工作日历（2024 至 2026 年为正式日历）。"))
            return bundled_calendar()
