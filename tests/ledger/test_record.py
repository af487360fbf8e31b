"""Acts, their audit rows and their deliveries live and die together."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from accounts.models import District
from ledger.actor import Actor
from ledger.events import Event, from_body
from ledger.models import AuditEvent, ChainHead, Outbox
from ledger.outbox import ATTEMPTS_BEFORE_PARKING, dispatch_all, dispatch_one
from ledger.queries import verify_chains
from ledger.record import record
from ledger.subscribe import BY_EVENT, Delivery, subscribe


@dataclass(frozen=True)
class LampLit(Event):
    """A lamp was lit, for these tests."""

    lamp: str
    brightness: int | None = None


@dataclass(frozen=True)
class LampBroken(Event):
    """A lamp whose subscriber always fails."""

    lamp: str


heard: list[tuple[str, int]] = []


@subscribe(LampLit)
def hear(event: LampLit, delivery: Delivery) -> None:
    heard.append((event.lamp, delivery.attempt))


@subscribe(LampBroken)
def fail(event: LampBroken, delivery: Delivery) -> None:
    District.objects.create(code="half", name_zh="半", name_en="half")
    raise RuntimeError("the bulb is gone")


@pytest.fixture
def district(db: None) -> District:
    heard.clear()
    return District.objects.create(code="1", name_zh="甲", name_en="A")


@pytest.mark.django_db(transaction=True)
def test_record_refuses_to_run_outside_a_transaction() -> None:
    district = District.objects.create(code="1", name_zh="甲", name_en="A")
    with pytest.raises(TransactionManagementError):
        record(LampLit("a"), actor=Actor.public(), subject=district)
    assert AuditEvent.objects.count() == 0


def test_rows_follow_each_other_and_verify(district: District) -> None:
    project = uuid4()
    for number in range(5):
        record(LampLit(f"lamp {number}"), actor=Actor.system(cause="Dusk"), subject=district, project_id=project)
    assert list(AuditEvent.objects.order_by("n").values_list("n", flat=True)) == [1, 2, 3, 4, 5]
    assert [verdict.first_bad for verdict in verify_chains()] == [None]


@pytest.mark.parametrize(
    ("tamper", "first_bad"),
    [
        ('UPDATE ledger_auditevent SET body = \'{"lamp": "forged"}\' WHERE n = 3', 3),
        ("UPDATE ledger_auditevent SET person_id = 99 WHERE n = 2", 2),
        ("UPDATE ledger_auditevent SET at = at - interval '1 day' WHERE n = 4", 4),
        ("UPDATE ledger_auditevent SET effective_at = effective_at + interval '1 s' WHERE n = 1", 1),
        ("UPDATE ledger_auditevent SET hash = sha256('x') WHERE n = 5", 5),
        ("DELETE FROM ledger_auditevent WHERE n = 3", 3),
        ("DELETE FROM ledger_auditevent WHERE n = 5", 5),
        ("DELETE FROM ledger_chainhead", 1),
    ],
)
def test_tampering_names_the_first_bad_row(district: District, tamper: str, first_bad: int) -> None:
    project = uuid4()
    for number in range(5):
        record(LampLit(f"lamp {number}"), actor=Actor.public(), subject=district, project_id=project)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_outbox")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_auditevent DISABLE TRIGGER USER")
        cursor.execute(tamper)
        cursor.execute("ALTER TABLE ledger_auditevent ENABLE TRIGGER USER")
    found = [verdict.first_bad for verdict in verify_chains()]
    # A deleted head leaves a chain whose tail cannot be trusted: position after the last row.
    assert found == [6 if "chainhead" in tamper else first_bad]


@pytest.mark.parametrize("change", ["UPDATE ledger_auditevent SET name = 'x'", "DELETE FROM ledger_auditevent"])
def test_the_database_refuses_to_change_a_row(district: District, change: str) -> None:
    record(LampLit("a"), actor=Actor.public(), subject=district)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_act_leaves_nothing() -> None:
    district = District.objects.create(code="1", name_zh="甲", name_en="A")

    @transaction.atomic
    def act() -> None:
        record(LampLit("a"), actor=Actor.public(), subject=district)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert (AuditEvent.objects.count(), Outbox.objects.count(), ChainHead.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_eight_writers_of_one_chain_leave_no_gap() -> None:
    district = District.objects.create(code="1", name_zh="甲", name_en="A")
    project = uuid4()

    def write() -> None:
        try:
            for _round in range(10):
                with transaction.atomic():
                    record(LampLit("a"), actor=Actor.public(), subject=district, project_id=project)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(AuditEvent.objects.values_list("n", flat=True)) == list(range(1, 81))
    assert [verdict.first_bad for verdict in verify_chains()] == [None]


def test_delivery_happens_once_and_is_marked(district: District) -> None:
    record(LampLit("a", brightness=3), actor=Actor.public(), subject=district)
    assert dispatch_all() == 1
    assert heard == [("a", 1)]
    assert dispatch_all() == 0
    assert Outbox.objects.get().state == Outbox.State.DONE


def test_a_full_outbox_lets_other_work_come_between(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("ledger.outbox.send_nudge", lambda: asked.append(len(heard)))
    for lamp in "abc":
        record(LampLit(lamp), actor=Actor.public(), subject=district)
    assert dispatch_all(0) == 1
    assert asked == [1]
    assert dispatch_all(60) == 2
    assert (asked, [lamp for lamp, _attempt in heard]) == ([1], ["a", "b", "c"])


def test_a_failing_subscriber_is_rolled_back_retried_and_parked(district: District) -> None:
    record(LampBroken("b"), actor=Actor.public(), subject=district)
    for attempt in range(1, ATTEMPTS_BEFORE_PARKING + 1):
        assert dispatch_one()
        row = Outbox.objects.get()
        assert (row.attempts, District.objects.filter(code="half").exists()) == (attempt, False)
        Outbox.objects.update(next_at=row.event.at)
    assert row.state == Outbox.State.PARKED
    assert "the bulb is gone" in row.last_error
    assert not dispatch_one()


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_never_deliver_the_same_row() -> None:
    heard.clear()
    district = District.objects.create(code="1", name_zh="甲", name_en="A")
    with transaction.atomic():
        for number in range(40):
            record(LampLit(str(number)), actor=Actor.public(), subject=district)

    def work() -> None:
        try:
            dispatch_all()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(lamp) for lamp, _attempt in heard) == list(range(40))


def test_event_bodies_come_back_as_they_went() -> None:
    event = LampLit("灯", brightness=None)
    assert from_body("LampLit", event.to_body()) == event
    assert BY_EVENT["LampLit"] == [f"{__name__}.hear:LampLit"]
