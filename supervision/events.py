"""What administrators do to the running system."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.events import Event


@dataclass(frozen=True)
class DeliveryRetried(Event):
    """A delivery that had been given up was put back into the queue (重新投递)."""

    delivery_id: int
    handler: str
