"""Everything the project page joins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import can
from accounts.queries import display_names, organisation
from certificates.queries import papers_of, title_in_english
from drawings.queries import sets_for
from joint_review.queries.desk import waiting_for_applicant
from joint_review.queries.evaluations import kinds_to_convene
from joint_review.queries.project import acts_on_project, rounds_of_project
from ledger.actor import Actor
from ledger.queries import events_of_project
from portal.queries.history import WORDS
from portal.queries.homes import answer_text
from projects.queries.ledger import day_ledger
from projects.queries.parties import parties_of
from projects.queries.plan_checks import plan_summary
from projects.queries.reuse_page import reuse_badges
from projects.queries.steps import items_not_needed, metro_lines, steps_for_applicant
from projects.queries.strips import items_of, project_for, strips_of

KIND_OF_DAY = {"day_zero": "rest", "counted": "counted", "stopped": "stopped", "rest": "rest"}


def page_of(actor: Actor, project_id: UUID) -> dict[str, Any]:
    """What one reader sees of one project (项目页)."""
    project = project_for(actor, project_id)
    parties = parties_of(project_id)
    lines = metro_lines(project) if project.accepted_at else []
    if not can(actor, "item.list"):  # a design institute follows the progress; what an item says is not for it
        lines = [line | {"href": ""} for line in lines]
    site = getattr(project, "site", None)
    steps = steps_for_applicant(actor, [project])[project.pk] if actor.principal_id else []
    answers = waiting_for_applicant(actor, project_id) if actor.principal_id else []
    may_see_drawings = can(actor, "drawing.list", project)
    return {
        "project": project,
        "strip": strips_of([project])[project.pk],
        "todo": [{"text": answer_text(one), "why": "", "href": one["url"], "action": _("去办理")} for one in answers]
        + [{"text": one.text, "why": one.why, "href": one.href, "action": one.action} for one in steps]
        + acts_on_project(actor, project_id),
        "lines": lines,
        "progress": {
            "done": sum(line.get("state") == "done" for line in lines),
            "total": sum("state" in line for line in lines),
        },
        "not_needed": items_not_needed(project) if project.accepted_at else [],
        "days": days_of(project_id),
        "expected": {"due": project.due_on, "provisional": project.is_provisional} if project.due_on else None,
        "boundary": site.boundary if site else None,
        "area": _("%(metres)s m²（%(mu)s 亩）")
        % {"metres": f"{site.area_legal_m2:,.2f}", "mu": f"{site.area_legal_m2 / 666.6667:,.2f}"}
        if site
        else "",
        "epsg": site.epsg if site else None,
        "sets": sets_shown(actor, project_id) if may_see_drawings else [],
        "drawings_href": reverse("drawings:sets", args=[project_id]) if may_see_drawings else "",
        "reuse": reuse_badges(project_id),
        "plans": plan_summary(actor, project),
        "convene": bool(kinds_to_convene(actor, project_id)),
        "rounds": rounds_of_project(actor, project_id),
        "papers": papers_shown(actor, project_id),
        "history": history_of(project_id, {str(item.pk): item.name for item in items_of(project_id)}),
        "people": [{"role": _("建设单位"), "name": parties.owner_name}]
        + [{"role": _("设计单位"), "name": organisation(one).name} for one in parties.institutes],
        "may_engage": "ent_admin" in actor.roles,
    }


def days_of(project_id: UUID) -> list[dict[str, Any]]:
    """The cells of the day grid (逐日台账)."""
    rows = day_ledger(project_id).rows
    return [
        {
            "date": row.day,
            "n": row.number,
            "kind": "today" if row is rows[-1] and row.kind == "counted" else KIND_OF_DAY[row.kind],
            "why": row.why,
        }
        for row in rows
    ]


def sets_shown(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """The drawing sets with their latest revision."""
    shown = []
    for one in sets_for(actor, project_id):
        last = list(one.revisions.all())[-1:]
        note = _("第 %(no)s 版") % {"no": last[0].no} if last else _("还没有上传")
        shown.append({"name": one.name, "href": reverse("drawings:set", args=[one.pk]), "note": note})
    return shown


def papers_shown(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """Papers and certificates, newest first; one that is being sealed has no address yet."""
    return [
        {
            "title": paper.title,
            "number": paper.number,
            "href": reverse("certificates:document", args=[paper.id]) if paper.state == "issued" else "",
        }
        for paper in papers_of(project_id, actor)
    ]


def paper_of(body: Mapping[str, Any]) -> str:
    """The paper an event speaks of, with its number; empty for an event of something else."""
    if "title" not in body or "number" not in body:
        return ""
    title = str(body["title"])
    if (get_language() or "").startswith("en"):
        title = title_in_english(str(body.get("kind", "")), title)
    return f"{title} {body['number']}"


def history_of(project_id: UUID, items: dict[str, str]) -> list[dict[str, Any]]:
    """The project's own audit trail in words, newest first (办理记录); `items` names what an event speaks of."""
    events = [event for event in events_of_project(project_id).order_by("-n")[:200] if event.name in WORDS]
    names = display_names(event.person_id for event in events if event.person_id)
    return [
        {
            "at": event.effective_at,
            "what": str(WORDS[event.name]),
            "who": names.get(event.person_id or 0, _("系统")),
            "text": items.get(str(event.body.get("item_id", "")), "") or paper_of(event.body),
        }
        for event in events[:30]
    ]
