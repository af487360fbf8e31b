"""Who hears of yellow and red cards (黄牌、红牌): the department that holds the matter, and the supervisors."""

from __future__ import annotations

from uuid import UUID

from accounts.queries import people_with_role
from ledger.subscribe import Delivery, subscribe
from notices import addressing, places
from notices.actions import Addressee, write_letters
from projects.queries.parties import Parties, parties_of
from supervision.events import CardAppealed, CardExplained, CardRaised, CardWithdrawn
from supervision.queries import card_in_both, is_overtaken

# Who explains a card or appeals it, and whose work it is about.
ANSWERING = ("pos_approve", "commissioner")
WORKING = ("pos_first",)


def department(parties: Parties, code: str, roles: tuple[str, ...]) -> list[Addressee]:
    """Those of the department in these posts."""
    return addressing.posts(parties, [code], roles, places.cards())


def supervisors(parties: Parties) -> list[Addressee]:
    """The supervisors of the district (电子监察)."""
    people = people_with_role("supervisor", district_id=parties.district_id)
    return [Addressee(person, places.cards()) for person in people]


def send(kind: str, card_id: UUID, parties: Parties, people: list[Addressee], delivery: Delivery) -> None:
    """One letter to each, with the card in both languages."""
    write_letters(
        kind,
        people,
        event_id=delivery.event_id,
        project_id=parties.project_id,
        details={"project": parties.name, **card_in_both(card_id)},
    )


@subscribe(CardRaised)
def on_raised(event: CardRaised, delivery: Delivery) -> None:
    """Who answers for the department has something to explain, those at work see it; a breach (red) the supervisors too."""
    if is_overtaken(event.card_id):
        return
    parties = parties_of(event.project_id)
    send("card_raised", event.card_id, parties, department(parties, event.department_code, ANSWERING), delivery)
    seeing = department(parties, event.department_code, WORKING)
    if event.colour == "red":
        seeing += supervisors(parties)
    send("card_seen", event.card_id, parties, seeing, delivery)


@subscribe(CardExplained)
def on_explained(event: CardExplained, delivery: Delivery) -> None:
    """The supervisors read the reason."""
    parties = parties_of(event.project_id)
    send("card_explained", event.card_id, parties, supervisors(parties), delivery)


@subscribe(CardAppealed)
def on_appealed(event: CardAppealed, delivery: Delivery) -> None:
    """The supervisors have an appeal to decide."""
    parties = parties_of(event.project_id)
    send("card_appealed", event.card_id, parties, supervisors(parties), delivery)


@subscribe(CardWithdrawn)
def on_withdrawn(event: CardWithdrawn, delivery: Delivery) -> None:
    """The department learns that the card no longer stands."""
    parties = parties_of(event.project_id)
    code = str(card_in_both(event.card_id)["department_code"])
    send("card_withdrawn", event.card_id, parties, department(parties, code, ANSWERING + WORKING), delivery)
