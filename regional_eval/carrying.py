"""A visitor's red line that he asked to keep (带入申报): in his own session until he has filed it, nowhere else."""

from __future__ import annotations

from typing import Any, TypedDict

from django.contrib.sessions.backends.base import SessionBase

KEY = "precheck_red_line"


class Carried(TypedDict):
    """What is carried from the pre-check into the filing wizard."""

    boundary: dict[str, Any]
    facts: dict[str, Any]


def carry(session: SessionBase, boundary: dict[str, Any], facts: dict[str, Any]) -> None:
    """Keep it; a session survives signing in."""
    session[KEY] = Carried(boundary=boundary, facts=facts)


def carried(session: SessionBase) -> Carried | None:
    """What is kept, if anything."""
    found: Carried | None = session.get(KEY)
    return found


def put_down(session: SessionBase) -> None:
    """It has been taken over, or is not wanted any more."""
    session.pop(KEY, None)
