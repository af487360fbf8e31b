"""The cards of an enterprise, and the board of an agent over all his mandates."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.legal_day import today_in_shanghai
from accounts.queries import live_mandates_of
from accounts.sessions import actors_of_agent
from joint_review.queries.desk import waiting_for_applicant
from ledger.actor import Actor
from projects.queries.steps import projects_of, steps_for_applicant
from projects.queries.strips import strips_of


def cards_for(actor: Actor, *, prefix: str = "") -> list[dict[str, Any]]:
    """One card per project: its strip and what its enterprise must do now."""
    projects = list(projects_of(actor))
    strips = strips_of(projects)
    steps = steps_for_applicant(actor, projects)
    waiting = waiting_for_applicant(actor)
    cards = []
    for project in projects:
        answers = [
            {"text": answer_text(entry), "href": prefix + entry["url"]}
            for entry in waiting
            if entry["project_id"] == project.pk
        ]
        cards.append(
            {
                "strip": strips[project.pk],
                "todo": answers + [{"text": step.text, "href": prefix + step.href} for step in steps[project.pk]],
                "href": prefix + reverse("portal:project", args=[project.pk]),
            }
        )
    return sorted(cards, key=lambda card: not card["todo"])


def answer_text(entry: dict[str, Any]) -> str:
    """What a notice or a rectification asks of the enterprise."""
    if entry["kind"] == "rectification":
        return _("完成整改并申请复验")
    return ngettext("答复合并告知书（%(n)s 条）", "答复合并告知书（%(n)s 条）", entry["count"]) % {"n": entry["count"]}


def board_of_agent(actor: Actor) -> list[dict[str, Any]]:
    """Each enterprise with its projects; one mandate at a time, never two at once."""
    today = today_in_shanghai()
    mandates = {mandate.pk: mandate for mandate in live_mandates_of(actor.signed_in())}
    board = []
    for acting in actors_of_agent(actor.signed_in()):
        if acting.mandate_id is None or acting.mandate_id not in mandates:
            continue
        mandate = mandates[acting.mandate_id]
        prefix = f"/as/{mandate.pk}"
        board.append(
            {
                "name": mandate.principal.name,
                "number": mandate.number,
                "ends_on": mandate.ends_on,
                "days_left": (mandate.ends_on - today).days,
                "prefix": prefix,
                "cards": cards_for(acting, prefix=prefix),
            }
        )
    return board
