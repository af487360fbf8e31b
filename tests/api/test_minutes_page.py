"""The page of minutes: who may read it, what it links to."""

from __future__ import annotations

import pytest

from drawings.actions import OpRequest, commit_ops
from tests.actions.drawings_world import TEXT, make_sheets, new_obj, op, reviewing
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_minutes_name_who_did_what_and_lead_there(cast: Cast) -> None:
    with reviewing("fire", "planning"):
        (sheet,) = make_sheets(cast)
        obj = new_obj()
        frames = [(cast.fire, op("create", obj)), (cast.planning, op("reply", obj, p={"text": "<b>同意</b>"}))]
        commit_ops(sheet.pk, [OpRequest(actor, frame) for actor, frame in frames])
        answer = cast.client("planning").get(f"/sheets/{sheet.pk}/minutes/")
        assert answer.status_code == 200
        page = answer.content.decode()
        for said in (cast.fire.name, cast.planning.name, TEXT["text"], f"/sheets/{sheet.pk}/review/#mark-{obj}"):
            assert str(said) in page
        assert "&lt;b&gt;同意&lt;/b&gt;" in page
        sheet.refresh_from_db()
        assert bytes(sheet.head_hash).hex() in page
        english = cast.client("planning").get(f"/sheets/{sheet.pk}/minutes/", headers={"Accept-Language": "en"})
        assert english.status_code == 200


def test_the_applicant_has_no_minutes(cast: Cast) -> None:
    with reviewing("fire"):
        (sheet,) = make_sheets(cast)
        assert cast.client("fire").get(f"/sheets/{sheet.pk}/minutes/").status_code == 200
        assert cast.client("owner").get(f"/sheets/{sheet.pk}/minutes/").status_code in {403, 404}
        assert cast.client("rival").get(f"/sheets/{sheet.pk}/minutes/").status_code == 404
