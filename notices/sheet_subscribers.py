"""Sheets that come to light in files that were handed in before are told to those who review them, and to the applicant."""

from __future__ import annotations

from drawings.events import SheetsFound
from drawings.queries import revision
from joint_review.queries import departments_of_round
from ledger.subscribe import Delivery, subscribe
from notices import addressing, places
from notices.actions import Addressee, write_letters
from projects.queries.parties import parties_of

NAMED = 8
REVIEWERS = ("pos_first", "pos_second", "pos_approve")


@subscribe(SheetsFound)
def on_sheets_found(event: SheetsFound, delivery: Delivery) -> None:
    """Every post of the round's departments and the leads look; the applicant's side knows."""
    parties = parties_of(event.project_id)
    drawings = places.drawing_set(event.set_id)
    at_round = places.round_(event.round_id) if event.round_id else drawings
    departments = departments_of_round(event.round_id) if event.round_id else []
    reviewers = addressing.posts(parties, departments, REVIEWERS, at_round)
    reviewers += addressing.posts(parties, ["HUC", "NRP"], ["lead"], at_round)
    names = [*event.names[:NAMED], *(["…"] if len(event.names) > NAMED else [])]
    details = {
        "project": parties.name,
        "set": revision(event.revision_id).set.name,
        "n": len(event.sheets),
        "sheets": "、".join(names),
    }
    told: tuple[tuple[str, list[Addressee]], ...] = (
        ("sheets_found", list({each.person_id: each for each in reviewers}.values())),
        ("sheets_found_told", addressing.applicants(parties, drawings) + addressing.designers(parties, drawings)),
    )
    for kind, people in told:
        write_letters(kind, people, event_id=delivery.event_id, project_id=event.project_id, details=details)
