"""`check_invariants` asks every room, and a fault that is put in is found."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from ledger.actor import Actor
from ledger.record import record
from projects.events import DomainLoaded
from tests.cast import Cast


def ask() -> tuple[int, dict[str, Any]]:
    """Exit status and answer."""
    written = StringIO()
    try:
        call_command("check_invariants", "--json", stdout=written)
    except SystemExit as end:
        return int(end.code or 0), json.loads(written.getvalue())
    return 0, json.loads(written.getvalue())


def test_a_sound_system_has_none(cast: Cast) -> None:
    status, answer = ask()
    assert (status, answer["violations"]) == (0, [])
    assert {"ledger", "drawings", "joint_review", "certificates", "projects"} <= set(answer["rooms"])


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("INSERT INTO ledger_chainhead (chain, n, hash) VALUES ('system:cut', 3, '\\x01')", "chain system:cut"),
        (
            """INSERT INTO ledger_outbox (event_id, handler, state, attempts, next_at, last_error)
               SELECT id, 'x', 'parked', 10, now(), '' FROM ledger_auditevent LIMIT 1""",
            "1 deliveries were given up",
        ),
        (
            """INSERT INTO certificates_numberseries (district_id, kind, year, last)
               SELECT id, 'NOTICE', 2026, 7 FROM accounts_district LIMIT 1""",
            "counts 7, holds 0",
        ),
    ],
)
def test_a_fault_is_found(cast: Cast, statement: str, told: str) -> None:
    record(DomainLoaded(editions=[], years=[2026]), actor=Actor.system(cause="installation"), subject=cast.district)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    status, answer = ask()
    assert status == 2
    assert any(told in violation for violation in answer["violations"]), answer
