"""Pipelines in force, and plans before anything is filed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.access import action, require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused
from projects.api.routing import actor_of, router
from projects.clock import SHANGHAI, legal_day
from projects.pipeline.planner import Plan, date_place, make_plan, rank_levers
from projects.pipeline.template import Template
from projects.queries.calendar import calendar_for
from projects.queries.editions import choose_template, edition_in_force, published_editions, template_of
from projects.rules.facts import check_values
from projects.schemas import (
    PlanIn,
    PlanOut,
    TemplateOut,
)


@router.get("/templates", response=list[TemplateOut], summary="施行中的流程")
@action("rehearsal.run")
def list_templates(request: HttpRequest) -> list[dict[str, Any]]:
    """The pipeline editions in force, by priority."""
    require(actor_of(request), "rehearsal.run")
    return [
        {
            "code": edition.template_code,
            "version": edition.version,
            "name_zh": edition.name_zh,
            "name_en": edition.name_en,
            "priority": edition.priority,
            "total_limit": edition.total_limit,
            "critical_days": edition.critical_days,
        }
        for edition in published_editions()
    ]


@router.post("/plans", response=PlanOut, summary="编排预演")
@action("rehearsal.run")
def post_plan(request: HttpRequest, body: PlanIn) -> dict[str, Any]:
    """Plan a project that is not filed: items, critical path, dates, levers. Writes nothing."""
    actor = actor_of(request)
    require(actor, "rehearsal.run")
    facts = check_values(body.facts)
    choice = choose_template(facts)
    code = body.template or choice.chosen
    if code is None:
        raise Refused(
            "no_template",
            _("按现有情况没有匹配的流程。"),
            field="facts",
            next_step=_("请补充投资类型、管理方式和用途；仍不能确定的，由综合窗口选择。"),
        )
    template = template_of(edition_in_force(code))
    plan = make_plan(template, facts)
    levers = rank_levers(template, facts)
    accept = body.accept or now()
    return plan_out(plan, template, accept.replace(tzinfo=accept.tzinfo or SHANGHAI), actor) | {
        "chosen_by": "caller" if body.template else "facts",
        "might_come_first": [{"template": fit.code, "missing": list(fit.missing)} for fit in choice.might_come_first],
        "levers": [{"change": lever.text, "days_saved": lever.days_saved} for lever in levers],
    }


def plan_out(plan: Plan, template: Template, accept: datetime, actor: Actor) -> dict[str, Any]:
    """A plan with its dates."""
    calendar = calendar_for(actor.district_id)
    day_zero = legal_day(accept, calendar)
    items = []
    for item in plan.items:
        dates = date_place(item.place, day_zero, calendar) if item.place else None
        items.append(
            {
                "code": item.spec.code,
                "name_zh": item.spec.name_zh,
                "name_en": item.spec.name_en,
                "stage": item.spec.stage,
                "department": item.spec.department,
                "applies": item.applies,
                "need": item.need.value,
                "reason": item.reason,
                "missing": list(item.missing),
                "days": item.days,
                "prerequisites": list(item.prerequisites),
                "es": item.place.es if item.place else None,
                "ef": item.place.ef if item.place else None,
                "slack": item.place.slack if item.place else None,
                "critical": bool(item.place and item.place.critical),
                "start_on": dates.start_on if dates else None,
                "due_on": dates.due_on if dates else None,
                "provisional": bool(dates and dates.provisional),
            }
        )
    return {
        "template": template.code,
        "total_days": plan.total,
        "limit_days": template.total_limit,
        "critical_path": list(plan.critical_path),
        "items": items,
        "stages": [{"code": stage.code, "from": stage.first, "to": stage.last} for stage in plan.stages],
    }
