"""`manage.py plan_project`: items, critical path, dates and levers of a template for a project's facts."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandParser
from django.db import Error as DatabaseProblem

from ledger.clock_now import now
from ledger.errors import Refused
from projects import domain
from projects.clock import legal_day, parse_instant
from projects.management.answering import AnsweringCommand
from projects.pipeline.planner import Change, PlannedItem, date_place, make_plan, rank_levers
from projects.pipeline.publishing import check_reachable
from projects.pipeline.template import Template, read_template
from projects.queries.editions import published_editions, template_of
from projects.rules.facts import check_values
from projects.words import _
from projects.workdays import WorkCalendar

WHAT_IF = re.compile(r"([^=\s]+)=(reuse|commit|[+-]\d{1,4})")


class Command(AnsweringCommand):
    help = "编排一个项目的事项、关键路径和日期 / plan a project; undecided items are planned as needed"

    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        parser.add_argument("--template", required=True, metavar="CODE_OR_FILE")
        parser.add_argument("--facts", metavar="F.json", help="{fact: value}; null is 'I do not know'")
        parser.add_argument("--accept", help="ISO 8601; without it: now")
        parser.add_argument(
            "--what-if", action="append", nargs="+", default=[], metavar="ITEM=reuse|commit|+N", dest="what_if"
        )

    def answer(self, **options: Any) -> dict[str, Any]:
        """total_days, critical_path, items, levers, stages."""
        template = find_template(options["template"])
        facts = read_facts(options["facts"], template) if options["facts"] else {}
        changes = read_changes(options["what_if"])
        plan = make_plan(template, facts, changes=changes)
        calendar = self.calendar()
        day_zero = legal_day(parse_instant(options["accept"]) if options["accept"] else now(), calendar)
        return {
            "total_days": plan.total,
            "critical_path": list(plan.critical_path),
            "items": [show_item(item, day_zero, calendar) for item in plan.items],
            "levers": [
                {"change": lever.text, "days_saved": lever.days_saved}
                for lever in rank_levers(template, facts, changes=changes)
            ],
            "stages": [{"code": stage.code, "from": stage.first, "to": stage.last} for stage in plan.stages],
        }

    def show(self, answer: dict[str, Any]) -> None:
        """A table, then the path and the levers."""
        self.stdout.write(f"{'':10} {'':9} {'es':>3} {'ef':>3} {'':>3} {'':10}")
        for item in answer["items"]:
            place = f"{item['es']:>3} {item['ef']:>3} {item['slack']:>3}" if item["es"] is not None else " " * 11
            mark = "*" if item["critical"] else " "
            self.stdout.write(f"{item['code']:10} {item['applies']:9} {place} {mark} {item['due_on'] or ''}")
        self.stdout.write(_("合计 %(days)s 个工作日") % {"days": answer["total_days"]})
        self.stdout.write(_("关键路径：%(path)s") % {"path": " → ".join(answer["critical_path"])})
        for stage in answer["stages"]:
            self.stdout.write(f"{stage['code']}  {stage['from']}–{stage['to']}")
        for lever in answer["levers"]:
            self.stdout.write(
                _("%(change)s：可节省 %(days)s 个工作日") % {"change": lever["change"], "days": lever["days_saved"]}
            )


def show_item(item: PlannedItem, day_zero: date, calendar: WorkCalendar) -> dict[str, Any]:
    """One item as JSON; one that is not run has no place."""
    shown: dict[str, Any] = {"code": item.spec.code, "applies": item.applies}
    if item.place is None:
        return shown | dict.fromkeys(("es", "ef", "ls", "lf", "slack")) | {
            "critical": False, "start_on": None, "due_on": None, "provisional": False,
        }  # fmt: skip
    dates = date_place(item.place, day_zero, calendar)
    return shown | {
        "es": item.place.es,
        "ef": item.place.ef,
        "ls": item.place.ls,
        "lf": item.place.lf,
        "slack": item.place.slack,
        "critical": item.place.critical,
        "start_on": dates.start_on.isoformat(),
        "due_on": dates.due_on.isoformat(),
        "provisional": dates.provisional,
    }


def find_template(name: str) -> Template:
    """A template by its code (the edition in force, else the bundled one) or from a YAML or JSON file."""
    if Path(name).is_file():
        try:
            template = read_template(domain.read_yaml(Path(name)))
            check_reachable(template)
            return template
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise Refused("bad_template", _("模板文件不是有效的 YAML 或 JSON：%(name)s。") % {"name": name}) from error
    code = next((known for known in domain.template_paths() if known.removesuffix("_40") == name), name)
    try:
        edition = published_editions().filter(template_code=code).first()
    except DatabaseProblem:
        edition = None
    if edition is not None:
        return template_of(edition)
    if code in domain.template_paths():
        return read_template(domain.template(code))
    raise Refused(
        "no_template",
        _("没有名为“%(name)s”的流程模板，也没有这个文件。") % {"name": name},
        next_step=_("可用的模板：%(codes)s") % {"codes": "、".join(domain.template_paths())},
    )


def read_facts(name: str, template: Template) -> dict[str, Any]:
    """The facts of a JSON file, each of its kind; a template's own facts are known, too."""
    try:
        found = json.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused("facts_file", _("读不到要素文件：%(name)s。") % {"name": name}) from error
    except ValueError as error:
        raise Refused("facts_file", _("要素文件不是有效的 JSON：%(name)s。") % {"name": name}) from error
    if not isinstance(found, dict):
        raise Refused("facts_file", _("要素文件应为 {要素: 值}：%(name)s。") % {"name": name})
    return check_values(found, also_known=template.facts_asked)


def read_changes(given: list[list[str]]) -> dict[str, Change]:
    """ITEM=reuse, ITEM=commit, ITEM=+N; several in one argument by commas."""
    changes: dict[str, Change] = {}
    for text in (part.strip() for group in given for word in group for part in word.split(",")):
        if not text:
            continue
        found = WHAT_IF.fullmatch(text)
        if found is None:
            raise Refused(
                "what_if", _("假设应写成 事项=reuse、事项=commit 或 事项=+5，现为“%(text)s”。") % {"text": text}
            )
        kind = found[2]
        changes[found[1]] = Change(kind) if kind in {"reuse", "commit"} else Change("more", int(kind))
    return changes
