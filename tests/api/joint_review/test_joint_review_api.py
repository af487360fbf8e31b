"""The API of the canvas: one round seen and worked on by several departments, and what strangers get."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from joint_review.models import Opinion, Round
from tests.actions.joint_review.world import (
    FIRE_LANE,
    LANE_REGION,
    mark,
    open_review,
    sheet_of,
    sign_rest,
    task_of,
)
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def send(client: Client, path: str, body: Any = None, *, method: str = "post", key: str | None = None) -> Any:
    """An unsafe call as the browser makes it: with its one-time key."""
    call = getattr(client, method)
    return call(
        f"/api/v1{path}",
        data=body if body is not None else {},
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid.uuid4()), "Accept": "application/json"},
    )


def get(client: Client, path: str) -> Any:
    """A safe call."""
    return client.get(f"/api/v1{path}", headers={"Accept": "application/json"})


def test_a_round_shows_branches_sheets_and_my_buttons(city: Cast, opened: Round) -> None:
    seen = get(city.client("fire"), f"/rounds/{opened.pk}").json()
    assert (seen["no"], seen["state"]) == (1, "open")
    by_code = {task["department"]["code"]: task for task in seen["tasks"]}
    assert set(by_code) == {"NRP", "HUC", "CAD", "ADB"}
    mine = by_code["HUC"]
    assert mine["mine"]
    assert mine["discipline"]["code"] == "FIRE"
    assert set(mine["can"]) == {"claim", "raise"}
    assert by_code["NRP"]["can"] == []
    assert [sheet["number"] for sheet in seen["sheets"]] == ["A-01", "A-02"]
    assert {one["code"] for one in seen["classes"]} >= {"MANDATORY", "SUGGESTION"}
    assert get(city.client("lead"), f"/rounds/{opened.pk}").json()["can"] == ["freeze", "conflict"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 404), ("rival", 404), ("designer", 404), ("window", 404), ("sysadmin", 404), ("supervisor", 200)],
)
def test_who_may_look_at_a_round(city: Cast, opened: Round, who: str, status: int) -> None:
    client = city.client(who)
    found = get(client, f"/rounds/{opened.pk}").status_code
    assert found in ({403, 404} if status == 404 else {status})
    assert get(client, f"/rounds/{opened.pk}/opinions").status_code == found
    assert Client().get(f"/api/v1/rounds/{opened.pk}", headers={"Accept": "application/json"}).status_code == 401


def test_from_a_mark_to_a_signature(city: Cast, opened: Round) -> None:
    fire, fire2 = city.client("fire"), city.client("fire2")
    task, sheet = task_of(opened, "HUC"), sheet_of(opened)
    assert send(fire, f"/tasks/{task.pk}/claim").json()["state"] == "claimed"
    obj = mark(sheet, city.fire)
    body = {
        "task_id": str(task.pk),
        "sheet_id": str(sheet.pk),
        "marks": [str(obj)],
        "region": list(LANE_REGION),
        "cls": "MANDATORY",
        "clause_code": FIRE_LANE,
        "text": "消防车道净宽不足",
        "demand": "车道净宽 ≥ 4 m",
    }
    key = str(uuid.uuid4())
    first, again = (
        send(fire, f"/rounds/{opened.pk}/opinions", body, key=key),
        send(fire, f"/rounds/{opened.pk}/opinions", body, key=key),
    )
    assert first.status_code == again.status_code == 201
    assert Opinion.objects.filter(round=opened).count() == 1
    made = first.json()
    assert (made["no"], made["blocking"], made["marks"], made["state"]) == (1, True, [str(obj)], "draft")
    assert made["demand_label"] == "车道净宽 ≥ 4 m"
    assert made["clause"]["no"] == "GB 55037-2022 3.4.5"
    assert set(made["can"]) == {"edit", "withdraw"}
    changed = send(
        fire, f"/opinions/{made['id']}", {"text": "消防车道净宽 3.2 m，不足 4 m", "version": 1}, method="patch"
    )
    assert changed.status_code == 200
    assert changed.json()["clause"]["code"] == FIRE_LANE
    stale = send(fire2, f"/opinions/{made['id']}", {"text": "x", "version": 1}, method="patch")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    (listed,) = get(city.client("planning"), f"/rounds/{opened.pk}/opinions").json()
    # Another department with an unsigned task may put its name to the draft; it may not change a word of it.
    assert (listed["mine"], listed["can"]) == (False, ["join"])
    meddled = send(city.client("planning"), f"/opinions/{made['id']}", {"text": "x", "version": 2}, method="patch")
    assert meddled.status_code == 403
    (watched,) = get(city.client("supervisor"), f"/rounds/{opened.pk}/opinions").json()
    assert (watched["mine"], watched["can"]) == (False, [])
    send(fire, f"/tasks/{task.pk}/hand-over")
    refused = send(fire, f"/tasks/{task.pk}/sign", {"conclusion": "revise"})
    assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
    tired = send(city.client("fire2", fresh=False), f"/tasks/{task.pk}/sign", {"conclusion": "revise"})
    assert (tired.status_code, tired.json()["code"]) == (403, "step_up_required")
    wrong = send(fire2, f"/tasks/{task.pk}/sign", {"conclusion": "agree"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "breach_stands")
    assert send(fire2, f"/tasks/{task.pk}/sign", {"conclusion": "revise", "remark": ""}).json()["state"] == "signed"
    (settled,) = get(city.client("planning"), f"/rounds/{opened.pk}/opinions").json()
    assert settled["can"] == []


def test_what_is_wrong_is_said_under_its_field(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    answer = send(
        city.client("fire"), f"/rounds/{opened.pk}/opinions", {"task_id": str(task.pk), "cls": "MANDATORY", "text": " "}
    )
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"text", "clause_code"}
    unknown = send(city.client("fire"), f"/rounds/{opened.pk}/opinions", {"task_id": str(task.pk), "hack": 1})
    assert unknown.status_code == 422
    other = open_review(city, opened.project)
    elsewhere = {"task_id": str(task.pk), "cls": "DEPTH", "text": "x"}
    assert send(city.client("fire"), f"/rounds/{other.pk}/opinions", elsewhere).status_code == 404


def test_live_warnings_name_duplicates_and_contradictions(city: Cast, opened: Round) -> None:
    sheet = sheet_of(opened)
    body = {
        "task_id": str(task_of(opened, "HUC").pk),
        "sheet_id": str(sheet.pk),
        "region": list(LANE_REGION),
        "cls": "MANDATORY",
        "clause_code": FIRE_LANE,
        "text": "消防车道净宽不足 4 米",
        "demand": "车道净宽 ≥ 4 m",
    }
    assert send(city.client("fire"), f"/rounds/{opened.pk}/opinions", body).status_code == 201
    writing = {
        "task_id": str(task_of(opened, "NRP").pk),
        "sheet_id": str(sheet.pk),
        "region": list(LANE_REGION),
        "cls": "PLANNING",
        "text": "消防车道净宽不足4米，请加宽",
    }
    planning = city.client("planning")
    assert send(planning, f"/rounds/{opened.pk}/similar", writing).json() == {"duplicates": [1], "contradicts": []}
    writing["demand"] = "车道净宽不超过 3.5 m"
    assert send(planning, f"/rounds/{opened.pk}/similar", writing).json()["contradicts"] == [1]


def test_clauses_are_found_in_both_languages(city: Cast) -> None:
    fire = city.client("fire")
    found = get(fire, "/clauses?q=消防车道").json()
    assert found[0]["code"] == FIRE_LANE
    assert get(fire, "/clauses?q=fire lane").json()[0]["code"] == FIRE_LANE
    assert get(fire, "/clauses?q=没有这样的条文").json() == []
    assert get(city.client("owner"), "/clauses?q=消防").status_code == 403


def test_notice_answers_and_recheck_over_http(city: Cast, noticed: Round) -> None:
    owner = city.client("owner")
    opinions = list(noticed.opinions.order_by("number"))
    for opinion in opinions:
        answered = send(owner, f"/opinions/{opinion.pk}/answer", {"kind": "explain", "text": "见说明"})
        assert answered.status_code == 204
    assert send(city.client("rival"), f"/opinions/{opinions[0].pk}/answer", {"kind": "revise"}).status_code == 404
    following = send(owner, f"/rounds/{noticed.pk}/answers").json()
    assert following["no"] == 2
    fire = city.client("fire")
    listed = get(fire, f"/rounds/{following['next_round_id']}/opinions").json()
    mine = next(entry for entry in listed if entry["mine"])
    assert "recheck" in mine["can"]
    assert mine["match"]["verdict"] == "unchanged"
    assert [entry["kind"] for entry in mine["replies"]] == ["explain"]
    done = send(fire, f"/opinions/{mine['id']}/recheck", {"result": "accept"})
    assert done.json()["state"] == "closed"
    assert [entry["kind"] for entry in done.json()["replies"]] == ["explain", "accept"]


def test_the_lead_issues_over_http(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    breach = {"task_id": str(task.pk), "cls": "DEPTH", "text": "缺防火分区图"}
    send(city.client("fire"), f"/rounds/{opened.pk}/opinions", breach)
    send(city.client("fire2"), f"/tasks/{task.pk}/sign", {"conclusion": "revise"})
    lead = city.client("lead")
    early = send(lead, f"/rounds/{opened.pk}/notice")
    assert (early.status_code, early.json()["code"]) == (409, "state")
    assert early.json()["next_step"]
    sign_rest(city, opened)
    assert "notice" in get(lead, f"/rounds/{opened.pk}").json()["can"]
    assert send(lead, f"/rounds/{opened.pk}/notice").status_code == 201
    assert send(city.client("lead2"), f"/rounds/{opened.pk}/notice").json()["code"] == "noticed_already"
