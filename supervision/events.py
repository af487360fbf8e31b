"""What administrators do to the running system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class DeliveryRetried(Event):
    """A delivery that had been given up was put back into the queue (重新投递)."""

    delivery_id: int
    handler: str


@dataclass(frozen=True)
class CardRaised(Event):
    """A rule found a date that is near or over: a yellow or a red card (黄牌、红牌)."""

    project_id: UUID
    card_id: UUID
    colour: str
    rule: str
    item_id: UUID | None
    department_code: str
    on: date
    legal_at: datetime


@dataclass(frozen=True)
class CardExplained(Event):
    """The department said why and what it does about it (说明原因)."""

    project_id: UUID
    card_id: UUID


@dataclass(frozen=True)
class CardAppealed(Event):
    """The department holds that the card is wrong (申诉)."""

    project_id: UUID
    card_id: UUID


@dataclass(frozen=True)
class CardWithdrawn(Event):
    """The supervisor took the card back after an appeal (撤销)."""

    project_id: UUID
    card_id: UUID
