"""Layer states on the server: one's own, those shared with one's side, and nobody else's."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db.models import Q

from accounts import access
from drawings.models import DrawingSet, LayerState
from ledger.actor import Actor
from ledger.models import AuditEvent
from tests.actions.drawings_world import make_sheets
from tests.cast import Cast


@pytest.fixture
def address(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a set that fire and planning review."""
    (sheet,) = make_sheets(cast)

    def reviewed(actor: Actor) -> Q:
        return Q() if actor.username in {"fire", "planning"} else access.NOBODY

    monkeypatch.setitem(access._relations, (DrawingSet, "I"), [reviewed])
    return f"/api/v1/sets/{sheet.revision.set_id}/layer-states"


def keep(cast: Cast, who: str, address: str, **more: Any) -> Any:
    body = {"name": "只看墙", "shown": ["墙"], "hidden": ["轴网"], **more}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    return cast.client(who).post(address, json.dumps(body), content_type="application/json", headers=headers)


def remove(cast: Cast, who: str, state: str) -> int:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    return int(cast.client(who).delete(f"/api/v1/layer-states/{state}", headers=headers).status_code)


def names(cast: Cast, who: str, address: str) -> list[tuple[str, bool]]:
    return [(state["name"], state["mine"]) for state in cast.client(who).get(address).json()]


def test_own_ones_are_kept_written_over_and_removed(cast: Cast, address: str) -> None:
    first = keep(cast, "fire", address)
    assert first.status_code == 200, first.content
    again = keep(cast, "fire", address, name="  只看墙 ", shown=["墙", "门窗", "墙"])
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["shown"] == ["墙", "门窗"]
    assert names(cast, "fire", address) == [("只看墙", True)]
    assert names(cast, "planning", address) == [], "not shared"
    assert remove(cast, "planning", first.json()["id"]) == 404
    assert remove(cast, "fire", first.json()["id"]) == 204
    assert names(cast, "fire", address) == []
    told = AuditEvent.objects.filter(name__in=["LayerStateKept", "LayerStateRemoved"]).count()
    assert told == 3


def test_a_shared_one_is_for_reviewers_of_every_department_and_not_for_the_applicant(cast: Cast, address: str) -> None:
    shared = keep(cast, "fire", address, shared=True).json()
    (seen,) = cast.client("planning").get(address).json()
    assert (seen["name"], seen["mine"], seen["author"]) == ("只看墙", False, cast.fire.name)
    assert remove(cast, "planning", shared["id"]) == 404, "whose it is removes it"
    assert keep(cast, "planning", address).json()["id"] != shared["id"], "his own, with the same name"
    assert names(cast, "owner", address) == []
    assert keep(cast, "owner", address, name="我方", shared=True).status_code == 200
    assert {name for name, _mine in names(cast, "fire", address)} == {"只看墙"}
    assert cast.client("rival").get(address).status_code == 404
    assert keep(cast, "rival", address).status_code == 404
    keep(cast, "fire", address, shared=False)
    assert names(cast, "planning", address) == [("只看墙", True)], "taken back"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "长" * 61},
        {"shown": ["墙"], "hidden": ["墙"]},
        {"shown": [""]},
        {"shown": [str(n) for n in range(5_001)]},
    ],
)
def test_what_is_no_layer_state_is_refused(cast: Cast, address: str, wrong: dict[str, Any]) -> None:
    assert keep(cast, "fire", address, **wrong).status_code == 422
    assert not LayerState.objects.exists()


def test_there_are_at_most_forty(cast: Cast, address: str) -> None:
    set_id = uuid.UUID(address.split("/")[4])
    LayerState.objects.bulk_create(
        LayerState(set_id=set_id, person_id=cast.fire.person_id, name=f"状态 {n}") for n in range(40)
    )
    assert keep(cast, "fire", address).status_code == 429
    assert keep(cast, "fire", address, name="状态 7").status_code == 200
