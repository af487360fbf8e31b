"""The auditor reads and verifies, the system administrator retries; nobody else sees either."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from ledger.actor import Actor
from ledger.models import AuditEvent, Outbox
from ledger.record import record
from projects.events import DomainLoaded
from tests.cast import Cast


@pytest.fixture
def parked(cast: Cast) -> Outbox:
    loaded = DomainLoaded(editions=[], years=[2026])
    event = record(loaded, actor=Actor.system(cause="installation"), subject=cast.district)
    return Outbox.objects.create(
        event=event, handler="nobody", state="parked", attempts=10, next_at=timezone.now(), last_error="boom"
    )


@pytest.mark.parametrize(("who", "status"), [("sysadmin", 200), ("owner", 403), ("auditor", 403), ("planning", 403)])
def test_operations_belong_to_the_system_administrator(cast: Cast, parked: Outbox, who: str, status: int) -> None:
    assert cast.client(who).get("/operations/").status_code == status


def test_a_parked_delivery_is_put_back_with_an_audit_row(cast: Cast, parked: Outbox) -> None:
    form = {"idempotency_key": str(uuid4())}
    assert cast.client("sysadmin").post(f"/operations/deliveries/{parked.pk}/retry/", form).status_code == 302
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == ("waiting", 0)
    assert AuditEvent.objects.filter(name="DeliveryRetried").count() == 1


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("supervisor", 200), ("sysadmin", 403), ("owner", 403)])
def test_the_trail_is_read_by_auditor_and_supervisor(cast: Cast, who: str, status: int) -> None:
    answer = cast.client(who).get("/audit/?name=Mandate&project=not-a-uuid&person=x")
    assert answer.status_code == status


def test_the_auditor_verifies_every_chain(cast: Cast) -> None:
    answer = cast.client("auditor").post("/audit/verify/", {"idempotency_key": str(uuid4())})
    assert (answer.status_code, answer.context["bad"]) == (200, [])
    assert answer.context["events"] == AuditEvent.objects.count()
