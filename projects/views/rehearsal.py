"""Rehearsal before filing (申报预演): facts and own dates in, Gantt, path and levers out. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import action, get_for, require
from accounts.legal_day import today_in_shanghai
from accounts.queries import departments, districts
from ledger.actor import Actor
from ledger.errors import Invalid
from projects.clock import SHANGHAI, legal_day
from projects.models import Project
from projects.pipeline.planner import Reusable, make_plan
from projects.pipeline.rehearsal import Rehearsal, levers_of, rehearse
from projects.pipeline.savings import Savings, clock_savings
from projects.queries.calendar import calendar_for
from projects.queries.confirmed_reuse import confirmed_reuse
from projects.queries.editions import choose_template, edition_in_force, published_editions, template_of
from projects.queries.filing import asked_groups
from projects.queries.rehearsal import past_cases
from projects.queries.reuse import possible_reuse, site_answer
from projects.rules.facts import read_answers
from projects.views.reading import actor_of
from projects.workdays import WorkCalendar
from regional_eval.terms import kind_name

# What enterprises usually need for their own doings, in working days: a start for the form, never a promise.
USUAL_DAYS = {"EV-LND": 30, "EV-DSN": 30, "EV-TND": 20, "EV-BEG": 5, "EV-CON": 240, "SV-ALL": 10}


@dataclass(frozen=True)
class Asked:
    """What the reader asked for."""

    answers: dict[str, str]
    facts: dict[str, Any]
    template: str
    accept: date
    own_days: dict[str, int]


@action("rehearsal.run")
@require_GET
def rehearsal(request: HttpRequest) -> HttpResponse:
    """Rehearse a project that is not filed, or start from one of one's own (`?project=`)."""
    actor = actor_of(request)
    require(actor, "rehearsal.run")
    project = project_asked(request, actor)
    given = request.GET.dict() if "go" in request.GET or project is None else {}
    errors: dict[str, list[str]] = {}
    try:
        asked = read_asked(given, project)
    except Invalid as refusal:
        errors = refusal.errors
        asked = None
    shown = None
    if asked is not None and (project is not None or "go" in request.GET):
        shown = show(asked, actor, project)
    answers = asked.answers if asked is not None else dict(given)
    context = {
        "project": project,
        "editions": list(published_editions()),
        "groups": asked_groups(answers, errors),
        "errors": errors,
        "template": asked.template if asked else given.get("template", ""),
        "accept": asked.accept if asked else today_in_shanghai(),
        "shown": shown,
    }
    return render(request, "projects/rehearsal.html", context, status=422 if errors else 200)


def project_asked(request: HttpRequest, actor: Actor) -> Project | None:
    """One's own project to start from."""
    written = request.GET.get("project", "")
    if not written:
        return None
    try:
        project_id = UUID(written)
    except ValueError:
        raise Invalid({"project": [_("项目编号无效。")]}) from None
    return get_for(actor, "project.view", Project, project_id)


def read_asked(given: Mapping[str, str], project: Project | None) -> Asked:
    """The form; without one, the project's own facts. Invalid names each wrong field."""
    if project is not None and not given:
        answers = {code: as_typed(value) for code, value in project.facts.items()}
        return Asked(answers, dict(project.facts), "", today_in_shanghai(), dict(USUAL_DAYS))
    facts = read_answers(given)
    errors: dict[str, list[str]] = {}
    accept = today_in_shanghai()
    if given.get("accept"):
        try:
            accept = date.fromisoformat(given["accept"])
        except ValueError:
            errors["accept"] = [_("请按 2026-12-31 的格式填写日期。")]
    own: dict[str, int] = {}
    for name, value in given.items():
        if not name.startswith("own-") or not value.strip():
            continue
        if not value.strip().isascii() or not value.strip().isdigit() or len(value.strip()) > 4:
            errors[name] = [_("请填写工作日数，例如 20。")]
            continue
        own[name.removeprefix("own-")] = int(value)
    if errors:
        raise Invalid(errors)
    return Asked(dict(given), facts, given.get("template", ""), accept, own if own else dict(USUAL_DAYS))


def as_typed(value: Any) -> str:
    """A stored answer as the form would send it."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def show(asked: Asked, actor: Actor, project: Project | None) -> dict[str, Any]:
    """Everything the page shows of one rehearsal; a project with a red line is held against the regional assessments."""
    possible = reuse_on(project, asked)
    confirmed = confirmed_reuse(project) if project is not None else {}
    choice = choose_template(asked.facts, reusable=None if possible is None else set(possible))
    code = asked.template or choice.chosen
    if code is None:
        missing = sorted({fact for fit in choice.might_come_first for fact in fit.missing})
        return {"none": True, "none_fits": choice.none_fits, "missing": missing}
    edition = edition_in_force(code)
    template = template_of(edition)
    plan = make_plan(template, asked.facts, reuse=confirmed)
    own = {item.spec.code: asked.own_days.get(item.spec.code, 0) for item in plan.items if item.spec.is_by_applicant}
    made = rehearse(plan, own)
    district = actor.district_id or next((row.pk for row in districts()[:1]), None)
    calendar = calendar_for(district)
    day_zero = legal_day(datetime.combine(asked.accept, time(9, 0), SHANGHAI), calendar)
    english = (get_language() or "").startswith("en")
    names = {item.code: item.name_en if english else item.name_zh for item in template.items}
    return {
        "edition": edition,
        "name": edition.name_en if english else edition.name_zh,
        "plan": plan,
        "limit": template.total_limit,
        "might_come_first": [fit.code for fit in choice.might_come_first],
        "calendar_days": made.calendar_days,
        "finish_on": calendar.add(day_zero, made.calendar_days) if made.calendar_days else day_zero,
        "provisional": calendar.touches_provisional(day_zero, calendar.add(day_zero, max(1, made.calendar_days))),
        "path": [names[step] for step in plan.critical_path],
        "own": [(step, names[step], own.get(step, 0), step in made.own_on_path) for step in own if step in names],
        "own_on_path": [names[step] for step in made.own_on_path],
        "lanes": lanes_of(made, names, district, day_zero, calendar),
        "undecided": [names[item.spec.code] for item in plan.undecided],
        "not_needed": [names[item.spec.code] for item in plan.items if item.place is None],
        "levers": [
            {"name": names[lever.item], "lever": lever, "text": lever_in_words(lever.kind, lever.days)}
            for lever in levers_of(made, asked.facts, own, confirmed, possible=possible)
        ],
        "reuse": reuse_in_words(possible, clock_savings(template, asked.facts, possible)) if possible else None,
        "has_line": possible is not None,
        "past": past_cases(code, district),
    }


def reuse_on(project: Project | None, asked: Asked) -> dict[str, Reusable] | None:
    """What the red line may lean on when it is accepted; None without a red line."""
    if project is None or getattr(project, "site", None) is None:
        return None
    return possible_reuse(site_answer(project, on=asked.accept, figures=asked.facts))


def reuse_in_words(possible: Mapping[str, Reusable], saved: Savings) -> dict[str, Any]:
    """The kinds that may be used, and what all of them together do to the clock: 0 is said as 0."""
    return {
        "kinds": [kind_name(kind) for kind in possible],
        "days": saved.days,
        "without": saved.days_without,
        "together": saved.days_with,
    }


def lever_in_words(kind: str, days: int) -> str:
    """What the enterprise would do."""
    words = {"reuse": _("共享应用区域评估成果"), "commit": _("改为告知承诺办理")}
    return words.get(kind) or _("提前 %(n)s 个工作日完成") % {"n": days}


def lanes_of(
    made: Rehearsal, names: Mapping[str, str], district: int | None, day_zero: date, calendar: WorkCalendar
) -> list[dict[str, Any]]:
    """Gantt lanes in the order of their start; slack is drawn behind each bar."""
    by_code = {row.code: row for row in departments(district)} if district is not None else {}
    specs = made.plan.template.by_code
    lanes = []
    for item in sorted(made.items, key=lambda item: (item.place.es, item.place.ef)):
        if not item.days:
            continue
        first, last = calendar.add(day_zero, item.place.es + 1), calendar.add(day_zero, item.place.ef)
        text = _("%(name)s：%(first)s 至 %(last)s，%(days)s 个工作日，机动 %(slack)s 天") % {
            "name": names[item.code],
            "first": first.isoformat(),
            "last": last.isoformat(),
            "days": item.days,
            "slack": item.place.slack,
        }
        kind = "running" if item.own else "planned"
        bars = [
            {
                "start": item.place.es,
                "days": item.days,
                "kind": f"{kind} critical" if item.place.critical else kind,
                "text": text,
            }
        ]
        if item.place.slack:
            slack = {"start": item.place.ef, "days": item.place.slack, "kind": "slack", "text": _("机动时间")}
            bars.append(slack)
        lanes.append({"name": names[item.code], "department": by_code.get(specs[item.code].department), "bars": bars})
    return lanes
