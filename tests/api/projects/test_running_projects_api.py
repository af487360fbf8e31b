"""The HTTP API of accepted projects: their days, their strips, their items, and what a stranger finds of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.clock_now import freeze
from projects.models import Project
from tests.actions.projects.filing import BOUNDARY, accepted, decide, instant, item
from tests.api.projects.requests import API, send
from tests.cast import Cast

pytestmark = pytest.mark.django_db


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


def test_a_rival_and_a_visitor_find_nothing(city: Cast, running: Project) -> None:
    """Every address is tried by a stranger: the project does not exist for him."""
    rival, visitor, found = city.client("rival"), Client(), item(running, "DR-REC").pk
    wrong = []
    for method, path, body in [*UNSAFE, *(("GET", path, None) for path in SAFE)]:
        address = path.format(id=running.pk, item=found)
        answers = (send(rival, method, address, body)[0], send(visitor, method, address, body)[0])
        if answers != (404, 401):
            wrong.append((method, path, answers))
    assert wrong == []
    running.refresh_from_db()
    assert (running.state, item(running, "DR-REC").state) == ("accepted", 1)


def test_the_strips_ask_as_often_for_one_as_for_many(city: Cast, running: Project, begun: Project) -> None:
    from projects.queries import strips_of

    projects = [running, begun, accepted(city)]
    with CaptureQueriesContext(connection) as one:
        strips_of(projects[:1])
    with CaptureQueriesContext(connection) as three:
        strips_of(projects)
    assert len(three) == len(one)


def test_the_strip_counts_the_days_since_the_clock_was_computed(city: Cast, begun: Project) -> None:
    from projects.queries import project_strip

    with freeze(instant("2026-03-03T09:30")):
        assert (project_strip(begun.pk)["day"], project_strip(begun.pk)["running"]) == (1, True)
    with freeze(instant("2026-03-09T09:30")):
        assert project_strip(begun.pk)["day"] == 5
    decide(city, begun, "DR-REC", at="2026-03-09T10:00")
    with freeze(instant("2026-03-20T10:00")):
        strip = project_strip(begun.pk)
    assert (strip["day"], strip["running"], strip["stopped"], strip["reason"]) == (5, False, True, "等待企业办理")


def test_a_day_is_contested_by_the_enterprise_and_answered_by_the_supervisor(city: Cast, at_land: Project) -> None:
    path = f"/projects/{at_land.pk}/days/2026-03-05/contest"
    with freeze(instant("2026-03-09T10:00")):
        status, contest = send(city.client("owner"), "POST", path, {"reason": "这一天窗口尚未通知我们"})
        assert (status, contest["state"]) == (201, "open")
        assert send(city.client("owner"), "POST", path, {"reason": "这一天窗口尚未通知我们"})[0] == 409
        assert send(city.client("owner"), "POST", path.replace("05", "12"), {"reason": "还没到这天"})[0] == 404
        answer = {"upheld": True, "answer": "情况属实，已提醒窗口"}
        assert send(city.client("owner"), "POST", f"/contests/{contest['id']}/answer", answer)[0] == 403
        status, contest = send(city.client("supervisor"), "POST", f"/contests/{contest['id']}/answer", answer)
        assert (status, contest["state"]) == (200, "upheld")
        ledger = city.client("owner").get(f"{API}/projects/{at_land.pk}/days").json()
    assert {day["day"]: day["contested"] for day in ledger["days"]}["2026-03-05"] == "upheld"


def test_the_ledger_of_a_past_moment_shows_what_was_known_then(city: Cast, at_land: Project) -> None:
    decide(city, at_land, "EV-LND", at="2026-03-16T10:00")
    client = city.client("owner")
    with freeze(instant("2026-03-20T10:00")):
        now = client.get(f"{API}/projects/{at_land.pk}/days").json()
        then = client.get(f"{API}/projects/{at_land.pk}/days", {"at": "2026-03-06T12:00"}).json()
    assert now["days"][-1]["day"] == "2026-03-20"
    assert then["days"][-1]["day"] == "2026-03-06"
    assert then["days"] == now["days"][: len(then["days"])]
    assert then["stopped"] == 3


def test_an_item_says_what_its_reader_may_do(city: Cast, running: Project) -> None:
    address = f"{API}/items/{item(running, 'DR-REC').pk}"
    assert city.client("bureau").get(address).json()["can"] == ["accept", "first_review"]
    assert city.client("bureau2").get(address).json()["can"] == []
    assert city.client("owner").get(address).json()["can"] == []
    actions_of_owner = city.client("owner").get(f"{API}/items/{item(running, 'EV-LND').pk}").json()["can"]
    assert actions_of_owner == []
