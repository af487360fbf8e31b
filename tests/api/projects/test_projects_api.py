"""The HTTP API: the main way through, strict input, who may not, one answer per key."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.clock_now import freeze
from projects.actions import load_domain
from projects.models import Project
from tests.actions.projects.filing import (
    BOUNDARY,
    OFFICE,
    accepted,
    decide,
    draft,
    fresh_code,
    instant,
    item,
    submitted,
)
from tests.cast import Cast

API = "/api/v1"


@pytest.fixture
def city(cast: Cast) -> Cast:
    load_domain()
    return cast


def send(client: Client, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    """One unsafe request with its key; (status, JSON)."""
    headers = {"Idempotency-Key": key or str(uuid4())}
    answer = client.generic(method, API + path, *encoded(body), headers=headers)
    return answer.status_code, answer.json() if answer.content else None


def encoded(body: Any) -> tuple[bytes, str]:
    import json

    return json.dumps(body).encode(), "application/json"


def test_from_draft_to_accepted(city: Cast) -> None:
    owner, window = city.client("owner"), city.client("window")
    form = {
        "name": "研发楼",
        "code": fresh_code(),
        "place": "创新大道",
        "contents": "一栋",
        "planned_start": "2027-03-01",
    }
    status, project = send(owner, "POST", "/projects", form)
    assert (status, project["state"], project["planned_start"]) == (201, "draft", "2027-03-01")
    path = f"/projects/{project['id']}"
    status, project = send(owner, "PATCH", path, {"facts": {**OFFICE, "needs_gas": None}, "version": 1})
    assert (status, project["template"], project["facts"]["needs_gas"]) == (200, "PRIVATE_FILING_40", None)
    status, site = send(owner, "PUT", f"{path}/site", {"boundary": BOUNDARY})
    assert (status, site["epsg"]) == (200, 4548)
    status, papers = send(owner, "PUT", f"{path}/materials", {"materials": {"M-ARCH": True}})
    assert status == 200
    assert {paper["code"]: paper["state"] for paper in papers if paper["at_filing"]}["M-ARCH"] == "declared"
    status, project = send(owner, "POST", f"{path}/submit")
    assert (status, project["state"], project["next_actor"]) == (200, "submitted", "综合窗口")
    status, project = send(window, "POST", f"{path}/accept", {})
    assert (status, project["state"], project["limit_days"]) == (200, "accepted", 40)
    items = owner.get(f"{API}{path}/items").json()
    assert {entry["code"] for entry in items if entry["state"] == 1} >= {"DR-REC", "PL-GEN"}
    days = owner.get(f"{API}{path}/days").json()
    assert days["days"][0]["kind"] == "day_zero"


def test_the_same_key_gives_the_same_project_and_another_body_is_refused(city: Cast) -> None:
    owner, key = city.client("owner"), str(uuid4())
    form = {"name": "研发楼", "code": fresh_code()}
    first = send(owner, "POST", "/projects", form, key=key)
    assert send(owner, "POST", "/projects", form, key=key) == first
    status, problem = send(owner, "POST", "/projects", {**form, "name": "另一栋"}, key=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    status, problem = send(owner, "POST", "/projects", form)
    assert (status, problem["code"]) == (409, "code_taken")
    assert Project.objects.count() == 1


LOOSE: list[tuple[str, str, Any]] = [
    ("POST", "/projects", {"name": "甲", "owner_id": str(uuid4())}),  # mass assignment
    ("POST", "/projects", {"name": 1}),
    ("POST", "/projects", {}),
    ("POST", "/projects", {"name": "甲", "length_m": False}),
    ("POST", "/projects", {"name": "甲", "planned_start": "tomorrow"}),
    ("PATCH", "/projects/{id}", {"state": "accepted"}),
    ("PATCH", "/projects/{id}", {"facts": {"floor_area_m2": [1]}}),
    ("PATCH", "/projects/{id}", {"facts": {"floor_area_m2": False}}),
    ("PATCH", "/projects/{id}", {"facts": {"has_pool": True}}),
    ("PUT", "/projects/{id}/site", {"boundary": []}),
    ("PUT", "/projects/{id}/site", {"boundary": {"type": "Point", "coordinates": [116, 39]}}),
    ("POST", "/plans", {"facts": {"floor_area_m2": "big"}}),
]


def test_input_is_strict(city: Cast) -> None:
    project = draft(city)
    owner = city.client("owner")
    passed = [
        (method, path, body)
        for method, path, body in LOOSE
        if send(owner, method, path.format(id=project.pk), body)[0] != 422
    ]
    assert passed == []
    project.refresh_from_db()
    assert (project.state, Project.objects.count()) == ("draft", 1)


def test_a_bad_check_digit_names_the_field_and_the_expected_one(city: Cast) -> None:
    status, problem = send(
        city.client("owner"), "POST", "/projects", {"name": "甲", "code": "2608-520900-04-01-314153"}
    )
    assert status == 422
    assert "2" in problem["errors"]["code"][0]


UNSAFE = [
    ("PATCH", "/projects/{id}", {"name": "乙"}),
    ("PUT", "/projects/{id}/site", {"boundary": BOUNDARY}),
    ("PUT", "/projects/{id}/materials", {"materials": {}}),
    ("POST", "/projects/{id}/submit", None),
    ("POST", "/projects/{id}/withdraw", {"reason": "不办了"}),
    ("POST", "/projects/{id}/designers", {"uscc": "91350100M000100Y43"}),
    ("PUT", "/projects/{id}/materials/checked", {"materials": {}}),
    ("POST", "/projects/{id}/accept", {}),
    ("POST", "/projects/{id}/correction", {"entries": [{"name": "甲", "fault": "缺", "remedy": "补"}]}),
    ("POST", "/projects/{id}/rejection", {"reason": "位于永久基本农田，不得建设。"}),
    ("POST", "/projects/{id}/days/2026-03-03/contest", {"reason": "那天没有人办理"}),
    ("POST", "/items/{item}/accept", {}),
    ("POST", "/items/{item}/first-review", {}),
    ("POST", "/items/{item}/second-review", {}),
    ("POST", "/items/{item}/approve", {}),
    ("POST", "/items/{item}/deny", {"basis": "属于核准目录，不适用备案"}),
    ("POST", "/items/{item}/event", {}),
    ("POST", "/items/{item}/need", {"needed": False, "reason": "不需要办理"}),
    ("POST", "/items/{item}/pause", {"ground": "HEARING", "evidence": "告知书", "expected_days": 5}),
    ("POST", "/items/{item}/resume", {"ground": "HEARING", "evidence": "笔录"}),
]
SAFE = ["/projects/{id}", "/projects/{id}/materials", "/projects/{id}/items", "/projects/{id}/days", "/items/{item}"]


def test_a_rival_and_a_visitor_find_nothing(city: Cast) -> None:
    """Every address is tried by a stranger: the project does not exist for him."""
    project = accepted(city)
    rival, visitor, found = city.client("rival"), Client(), item(project, "DR-REC").pk
    wrong = []
    for method, path, body in [*UNSAFE, *(("GET", path, None) for path in SAFE)]:
        address = path.format(id=project.pk, item=found)
        answers = (send(rival, method, address, body)[0], send(visitor, method, address, body)[0])
        if answers != (404, 401):
            wrong.append((method, path, answers))
    assert wrong == []
    project.refresh_from_db()
    assert (project.state, item(project, "DR-REC").state) == ("accepted", 1)


def test_a_list_asks_the_database_as_often_for_one_as_for_many(city: Cast) -> None:
    owner = city.client("owner")
    draft(city)
    owner.get(f"{API}/projects")
    with CaptureQueriesContext(connection) as one:
        assert owner.get(f"{API}/projects").json()["count"] == 1
    draft(city)
    draft(city)
    with CaptureQueriesContext(connection) as three:
        assert owner.get(f"{API}/projects").json()["count"] == 3
    assert len(three) == len(one)


def test_the_strips_ask_as_often_for_one_as_for_many(city: Cast) -> None:
    from projects.queries import strips_of

    projects = [accepted(city), accepted(city), accepted(city)]
    with CaptureQueriesContext(connection) as one:
        strips_of(projects[:1])
    with CaptureQueriesContext(connection) as three:
        strips_of(projects)
    assert len(three) == len(one)


def test_the_strip_counts_the_days_since_the_clock_was_computed(city: Cast) -> None:
    from projects.queries import project_strip

    project = accepted(city, facts={**OFFICE, "land_area_m2": 3000})
    with freeze(instant("2026-03-03T09:30")):
        assert (project_strip(project.pk)["day"], project_strip(project.pk)["running"]) == (1, True)
    with freeze(instant("2026-03-09T09:30")):
        assert project_strip(project.pk)["day"] == 5
    decide(city, project, "DR-REC", at="2026-03-09T10:00")
    with freeze(instant("2026-03-20T10:00")):
        strip = project_strip(project.pk)
    assert (strip["day"], strip["running"], strip["stopped"], strip["reason"]) == (5, False, True, "等待企业办理")


def test_a_plan_before_anything_is_filed(city: Cast) -> None:
    owner = city.client("owner")
    facts = {**OFFICE, "traffic_generator": None, "land_area_m2": 3000}
    body = {"facts": facts, "accept": "2026-11-23T10:00:00+08:00"}
    status, plan = send(owner, "POST", "/plans", body)
    assert (status, plan["template"], plan["total_days"], plan["chosen_by"]) == (200, "PRIVATE_FILING_40", 37, "facts")
    undecided = {entry["code"]: entry["missing"] for entry in plan["items"] if entry["applies"] == "undecided"}
    assert undecided == {"EA-TRA": ["traffic_generator"]}
    last = next(entry for entry in plan["items"] if entry["code"] == "AC-REC")
    assert (last["due_on"], last["provisional"]) == ("2027-01-14", True)
    status, problem = send(owner, "POST", "/plans", {"facts": {"use": "ROAD"}})
    assert (status, problem["code"]) == (422, "no_template")
    status, plan = send(owner, "POST", "/plans", {"facts": {}, "template": "GOV_BUILDING_40"})
    assert (status, plan["total_days"]) == (200, 40)
    assert len(owner.get(f"{API}/templates").json()) == 7
    assert Project.objects.count() == 0


def test_a_day_is_contested_by_the_enterprise_and_answered_by_the_supervisor(city: Cast) -> None:
    project = accepted(city, facts={**OFFICE, "land_area_m2": 3000})
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    path = f"/projects/{project.pk}/days/2026-03-05/contest"
    with freeze(instant("2026-03-09T10:00")):
        status, contest = send(city.client("owner"), "POST", path, {"reason": "这一天窗口尚未通知我们"})
        assert (status, contest["state"]) == (201, "open")
        assert send(city.client("owner"), "POST", path, {"reason": "这一天窗口尚未通知我们"})[0] == 409
        assert send(city.client("owner"), "POST", path.replace("05", "12"), {"reason": "还没到这天"})[0] == 404
        answer = {"upheld": True, "answer": "情况属实，已提醒窗口"}
        assert send(city.client("owner"), "POST", f"/contests/{contest['id']}/answer", answer)[0] == 403
        status, contest = send(city.client("supervisor"), "POST", f"/contests/{contest['id']}/answer", answer)
        assert (status, contest["state"]) == (200, "upheld")
        ledger = city.client("owner").get(f"{API}/projects/{project.pk}/days").json()
    assert {day["day"]: day["contested"] for day in ledger["days"]}["2026-03-05"] == "upheld"


def test_the_ledger_of_a_past_moment_shows_what_was_known_then(city: Cast) -> None:
    project = accepted(city, facts={**OFFICE, "land_area_m2": 3000})
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    decide(city, project, "EV-LND", at="2026-03-16T10:00")
    client = city.client("owner")
    with freeze(instant("2026-03-20T10:00")):
        now = client.get(f"{API}/projects/{project.pk}/days").json()
        then = client.get(f"{API}/projects/{project.pk}/days", {"at": "2026-03-06T12:00"}).json()
    assert now["days"][-1]["day"] == "2026-03-20"
    assert then["days"][-1]["day"] == "2026-03-06"
    assert then["days"] == now["days"][: len(then["days"])]
    assert then["stopped"] == 3


def test_a_refusal_is_asked_for_and_waits_for_the_second_clerk(city: Cast) -> None:
    project = submitted(city)
    body = {"reason": "位于永久基本农田，不得建设。"}
    status, asked = send(city.client("window"), "POST", f"/projects/{project.pk}/rejection", body)
    assert (status, asked["action"]) == (202, "project.reject_at_window")
    project.refresh_from_db()
    assert project.state == "submitted"


def test_an_item_says_what_its_reader_may_do(city: Cast) -> None:
    project = accepted(city)
    address = f"{API}/items/{item(project, 'DR-REC').pk}"
    assert city.client("bureau").get(address).json()["can"] == ["accept", "first_review"]
    assert city.client("bureau2").get(address).json()["can"] == []
    assert city.client("owner").get(address).json()["can"] == []
    actions_of_owner = city.client("owner").get(f"{API}/items/{item(project, 'EV-LND').pk}").json()["can"]
    assert actions_of_owner == []
