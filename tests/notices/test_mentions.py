"""An @ in a mark's thread becomes one letter to each person who may see the mark, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from drawings.actions import OpRequest, commit_ops
from drawings.models import Sheet
from ledger.models import Outbox
from ledger.outbox import dispatch_all
from notices.models import Letter
from tests.actions.drawings_world import make_sheets, new_obj, op, reviewing
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def reply(cast: Cast, sheet: Sheet, obj: str, *people: Any) -> dict[str, Any]:
    words = {"text": "请看这里：净宽不足 1.1 m", "mentions": [person.person_id for person in people]}
    frame = op("reply", obj, p=words)
    [answer] = commit_ops(sheet.pk, [OpRequest(cast.fire, frame)]).results
    assert answer["t"] == "ack"
    return frame


def test_who_is_mentioned_gets_one_letter(cast: Cast) -> None:
    with reviewing("fire", "planning"):
        (sheet,) = make_sheets(cast)
        obj = new_obj()
        commit_ops(sheet.pk, [OpRequest(cast.fire, op("create", obj))])
        frame = reply(cast, sheet, obj, cast.planning, cast.fire, cast.rival)
        commit_ops(sheet.pk, [OpRequest(cast.fire, frame)])  # sent again after a broken line
        dispatch_all()
        letters = Letter.objects.filter(kind="mentioned")
        assert [letter.person_id for letter in letters] == [cast.planning.person_id], "not oneself, and no stranger"
        assert letters[0].link == f"/sheets/{sheet.pk}/review/#mark-{obj}"
        assert letters[0].details["who"] == cast.fire.name
        assert letters[0].details["text"] == "请看这里：净宽不足 1.1 m"


def test_a_reply_without_an_at_asks_nothing_of_the_outbox(cast: Cast) -> None:
    with reviewing("fire"):
        (sheet,) = make_sheets(cast)
        obj = new_obj()
        commit_ops(sheet.pk, [OpRequest(cast.fire, op("create", obj))])
        before = Outbox.objects.count()
        reply(cast, sheet, obj, cast.fire)
        assert Outbox.objects.count() == before
