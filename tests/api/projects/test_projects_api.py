"""The HTTP API: the main way through, strict input, who may not, one answer per key."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Project
from tests.actions.projects.filing import (
    BOUNDARY,
    OFFICE,
    draft,
    fresh_code,
    submitted,
)
from tests.api.projects.requests import API, send
from tests.cast import Cast

pytestmark = pytest.mark.django_db


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


def test_a_refusal_is_asked_for_and_waits_for_the_second_clerk(city: Cast) -> None:
    project = submitted(city)
    body = {"reason": "位于永久基本农田，不得建设。"}
    status, asked = send(city.client("window"), "POST", f"/projects/{project.pk}/rejection", body)
    assert (status, asked["action"]) == (202, "project.reject_at_window")
    project.refresh_from_db()
    assert project.state == "submitted"
