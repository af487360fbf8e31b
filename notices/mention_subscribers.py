"""A letter to everybody whom a reply in a mark's thread names, if he may see it."""

from __future__ import annotations

from accounts import sessions
from accounts.access import can
from accounts.queries import display_name
from drawings.events import PeopleMentioned
from drawings.queries import ops_between, sheet
from ledger.subscribe import Delivery, subscribe
from notices import places
from notices.actions import Addressee, write_letters
from projects.queries.parties import parties_of

EXCERPT = 80


@subscribe(PeopleMentioned)
def on_mentioned(event: PeopleMentioned, delivery: Delivery) -> None:
    """Who may enter the sheet's room in one of his posts finds the thread; others learn nothing of it."""
    room = sheet(event.sheet_id)
    [reply] = ops_between(event.sheet_id, event.seq - 1, limit=1)
    link = places.mark(event.sheet_id, event.obj)
    people = [
        Addressee(person, link)
        for person in event.people
        if any(
            can(sessions.actor_of_post(post, language="zh-hans"), "room.join", room)
            for post in sessions.posts_of(person)
        )
    ]
    parties = parties_of(room.revision.set.project_id)
    details = {
        "project": parties.name,
        "sheet": str(room),
        "who": display_name(reply["by"]),
        "text": reply["p"]["text"][:EXCERPT],
    }
    write_letters("mentioned", people, event_id=delivery.event_id, project_id=parties.project_id, details=details)
