"""Rooms that are open for review now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from drawings.queries import mark_counts, sheets_of
from joint_review.models import Round
from joint_review.rules.evaluations import of_drawings


@dataclass(frozen=True)
class OpenRoom:
    """One sheet under review: its page and its socket, as paths."""

    sheet: UUID
    page: str
    ws: str
    bbox: tuple[float, float, float, float]
    round: UUID
    project: str
    name: str

    def facts(self) -> dict[str, Any]:
        """As `manage.py demo_room` and var/demo.json tell it."""
        return {**asdict(self), "sheet": str(self.sheet), "round": str(self.round), "bbox": list(self.bbox)}


def shared_room() -> OpenRoom | None:
    """The sheet to meet on: of the open rounds the one with most marks, the first of its round among equals.

    For operators, who have the machine anyway (`manage.py demo_room`); people find their rooms on their desks.
    """
    best: tuple[int, int, OpenRoom] | None = None
    rounds = Round.objects.filter(state="open", kind="drawings").select_related("project").order_by("opened_at")
    for order, round_ in enumerate(rounds):
        sheets = [sheet for sheet in sheets_of(of_drawings(round_.revision_id)) if sheet.state == "open"]
        marks = mark_counts(sheet.pk for sheet in sheets)
        for sheet in sheets:
            x0, y0, x1, y1 = sheet.bbox
            room = OpenRoom(
                sheet=sheet.pk,
                page=reverse("realtime:canvas", args=[sheet.pk]),
                ws=f"/ws/sheets/{sheet.pk}/",
                bbox=(x0, y0, x1, y1),
                round=round_.pk,
                project=round_.project.name,
                name=f"{sheet.number} {sheet.name}".strip(),
            )
            rank = (marks.get(sheet.pk, 0), -order)
            if best is None or rank > best[:2]:
                best = (*rank, room)
    return best[2] if best else None
