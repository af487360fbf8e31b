"""Acts of administrators on the running system."""

from __future__ import annotations

from django.db import transaction

from accounts.access import require
from ledger import outbox, queries
from ledger.actor import Actor
from ledger.errors import NotFound
from ledger.record import record
from supervision.events import DeliveryRetried


@transaction.atomic
def retry_delivery(delivery_id: int, *, actor: Actor) -> None:
    """Deliver a parked message again (重新投递)."""
    require(actor, "config.retry_delivery")
    delivery = queries.parked_deliveries().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    record(DeliveryRetried(delivery_id=delivery.pk, handler=delivery.handler), actor=actor, subject=delivery)
    outbox.retry_parked(delivery_id)
