"""`manage.py load_domain`: put the bundled templates and calendar in force where they are missing."""

from __future__ import annotations

from typing import Any

from projects.actions import load_domain
from projects.management.answering import AnsweringCommand
from projects.queries.calendar import loaded_years
from projects.queries.editions import published_editions
from projects.words import _


class Command(AnsweringCommand):
    help = "载入流程模板和工作日历 / load templates and calendar; a second run changes nothing"

    def answer(self, **options: Any) -> dict[str, Any]:
        """What was loaded now, and what is in force."""
        loaded = load_domain()
        return {
            "loaded": loaded,
            "templates": [
                {"code": edition.template_code, "version": edition.version, "critical_days": edition.critical_days}
                for edition in published_editions()
            ],
            "years": sorted(year.year for year in loaded_years()),
        }

    def show(self, answer: dict[str, Any]) -> None:
        """One line per template."""
        for edition in answer["templates"]:
            self.stdout.write(f"{edition['code']:32} {edition['version']:6} {edition['critical_days']:>3}")
        self.stdout.write(_("工作日历：%(years)s 年") % {"years": "、".join(map(str, answer["years"]))})
