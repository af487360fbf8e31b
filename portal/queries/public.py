"""What the law lets everybody see of a filing (办件公开); a field that is not listed here cannot appear."""

from __future__ import annotations

from typing import Any

from accounts.access import can
from ledger.actor import Actor
from projects.queries.steps import metro_lines, public_status
from projects.queries.strips import strips_of
from projects.states import project_state_name

PUBLIC_LINE = ("stage", "text", "name", "state", "label", "department", "who", "due")


def status_of(actor: Actor, number: str) -> dict[str, Any] | None:
    """The public state of the project with this receipt number, or None; no drawings, no persons, no coordinates."""
    project = public_status(number)
    if not can(actor, "project.view_public_status", project) or project is None:
        return None
    strip = strips_of([project])[project.pk]
    lines = metro_lines(project) if project.accepted_at else []
    return {
        "name": project.name,
        "owner": project.owner.name,
        "code": project.code,
        "stage": strip["stage"],
        "state": project_state_name(project.state),
        "reason": strip["reason"] if strip["stopped"] else "",
        "day": strip["day"],
        "total": strip["total"],
        "stopped": strip["stopped"],
        "due": project.due_on,
        "next_actor": strip["next_actor"],
        "lines": [{name: line[name] for name in PUBLIC_LINE if name in line} for line in lines],
    }
