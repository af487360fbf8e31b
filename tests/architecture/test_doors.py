"""Every address and socket message has a row of the permission table; every event says what happened."""

from __future__ import annotations

import dataclasses
import inspect
import re

import pytest
from django.core.checks import Error
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from accounts import checks
from accounts.policy import policy
from config.generated.documents import events, state_tables
from ledger.events import REGISTRY

CHINESE = re.compile(r"[\u3400-\u9fff]")


def unmarked(request: HttpRequest) -> HttpResponse:
    """A view whose author forgot the mark."""
    return HttpResponse("secret")


urlpatterns = [path("forgotten/", unmarked)]


def test_every_door_of_the_product_has_its_row() -> None:
    assert list(checks.missing_actions()) == []


@override_settings(ROOT_URLCONF="tests.architecture.test_doors")
def test_a_view_without_a_mark_stops_the_start() -> None:
    found = checks.every_door_has_its_row()
    assert [type(each) for each in found] == [Error]
    assert "/forgotten/" in str(found[0].msg)


def test_a_socket_message_without_a_row_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checks.SOCKET_MESSAGES, "shout", "sheet.shout")
    assert "socket message shout" in list(checks.missing_actions())


def test_every_message_a_page_may_send_is_registered() -> None:
    assert {"hello", "op", "eph", "pos", "ping"} <= set(checks.SOCKET_MESSAGES)


def test_nobody_may_do_what_the_table_forbids_to_all() -> None:
    for name in ("audit.edit", "audit.delete", "user.impersonate", "mandate.sub_delegate"):
        assert not policy()[name].cells, name


def test_every_event_says_in_chinese_what_happened() -> None:
    events()  # imports them all
    assert len(REGISTRY) > 40
    silent = [kind.__name__ for kind in REGISTRY.values()
              if kind.__module__.split(".")[0] != "tests" and not CHINESE.search(inspect.getdoc(kind) or "")]  # fmt: skip
    assert silent == []


def test_events_are_frozen() -> None:
    events()
    loose = [kind.__name__ for kind in REGISTRY.values() if not kind.__dataclass_params__.frozen]  # type: ignore[attr-defined]
    assert loose == []
    assert all(dataclasses.is_dataclass(kind) for kind in REGISTRY.values())


def test_every_state_of_a_table_can_be_reached() -> None:
    for title, moves in state_tables().items():
        starts = {before for before, _act in moves}
        reached = set(moves.values())
        # Exactly the first states are not the end of a move; a table with none is a circle without an entrance.
        assert len(starts - reached) <= 1, f"{title}: {starts - reached} cannot be reached"
