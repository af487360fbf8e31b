"""Sheets that come to light after an upgrade are told to every post that reviews them, and to the applicant's side."""

from __future__ import annotations

import pytest
from django.db import transaction

from drawings.events import SheetsFound
from ledger.actor import Actor
from ledger.outbox import dispatch_all
from ledger.record import record
from notices.models import Letter
from tests.actions.joint_review.world import open_review, sheet_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_those_who_review_are_asked_to_look_and_the_applicant_knows(cast: Cast) -> None:
    round_ = open_review(cast)
    sheet = sheet_of(round_)
    event = SheetsFound(
        project_id=round_.project_id,
        set_id=round_.set_id,  # type: ignore[arg-type]
        revision_id=sheet.revision_id,
        round_id=round_.pk,
        state="open",
        sheets=[sheet.pk],
        names=["A-09 屋顶平面"],
    )
    with transaction.atomic():
        record(event, actor=Actor.system(cause="test"), subject=sheet, project_id=round_.project_id)
    dispatch_all()
    asked: dict[int | None, Letter] = {
        letter.person_id: letter for letter in Letter.objects.filter(kind="sheets_found")
    }
    assert {cast.fire.person_id, cast.fire2.person_id, cast.lead.person_id} <= set(asked)
    assert cast.owner.person_id not in asked
    assert cast.rival.person_id not in asked
    letter = asked[cast.fire.person_id]
    assert letter.asks_for_action
    assert letter.link == f"/rounds/{round_.pk}/"
    assert letter.details["sheets"] == "A-09 屋顶平面"
    told = set(Letter.objects.filter(kind="sheets_found_told").values_list("person_id", flat=True))
    assert cast.owner.person_id in told
    assert cast.rival.person_id not in told
