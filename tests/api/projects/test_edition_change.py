"""The window's page on moving a running project to the edition in force (更换流程版本)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.actions import confirm_second_key
from accounts.models import SecondKey
from ledger.clock_now import freeze
from projects import actions
from tests.actions.projects.filing import accepted, instant
from tests.actions.projects.test_catalogue_acts import new_draft, publish
from tests.cast import Cast

pytestmark = pytest.mark.django_db
REASON = "新版流程压缩时限，企业书面同意适用"


def test_from_the_notice_on_the_intake_page_to_the_second_clerk(cast: Cast) -> None:
    project = accepted(cast)
    page, window = f"/projects/{project.pk}/edition/", cast.client("window")
    assert "没有可更换的版本" in window.get(page).content.decode()
    assert page not in window.get(f"/projects/{project.pk}/intake/").content.decode()

    draft = new_draft(cast)
    actions.add_draft_item(
        draft.pk,
        {"code": "NEW-1", "name_zh": "新增的事项", "department": "NRP", "limit_working_days": 1, "stage": "S1"},
        actor=cast.sysadmin,
    )
    publish(cast, draft)
    assert page in window.get(f"/projects/{project.pk}/intake/").content.decode()
    shown = window.get(page).content.decode()
    assert "新增的事项" in shown
    assert "提请更换" in shown
    assert 'name="reason"' not in cast.client("owner").get(page).content.decode()

    form = {"edition_id": str(draft.pk), "reason": "短", "idempotency_key": str(uuid4())}
    assert window.post(f"{page}ask/", form).status_code == 422
    assert not SecondKey.objects.filter(action="project.change_edition").exists()
    assert window.post(f"{page}ask/", form | {"reason": REASON, "idempotency_key": str(uuid4())}).status_code == 302
    key = SecondKey.objects.get(action="project.change_edition")
    with freeze(instant("2026-03-04T10:00")):
        confirm_second_key(key.pk, actor=cast.window2)
    project.refresh_from_db()
    assert project.edition == draft
    assert project.items.filter(code="NEW-1").exists()
    assert "没有可更换的版本" in window.get(page).content.decode()


def test_what_would_be_lost_is_said_before_anybody_is_asked(cast: Cast) -> None:
    project = accepted(cast)
    draft = new_draft(cast)
    actions.remove_draft_item(draft.pk, "DR-REC", actor=cast.sysadmin)
    publish(cast, draft)
    window = cast.client("window")
    shown = window.get(f"/projects/{project.pk}/edition/").content.decode()
    assert "不能更换" in shown
    assert 'name="reason"' not in shown
    form = {"edition_id": str(draft.pk), "reason": REASON, "idempotency_key": str(uuid4())}
    assert window.post(f"/projects/{project.pk}/edition/ask/", form).status_code == 422
    assert not SecondKey.objects.filter(action="project.change_edition").exists()
