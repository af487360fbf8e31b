"""From the first form to decided items, over HTTP, by the enterprise and by its agent."""

from __future__ import annotations

import pytest

from ledger.outbox import dispatch_all
from notices.models import Letter
from projects.actions import load_domain
from projects.models import Project
from tests.cast import Cast
from tests.portal.journey import BASIC, Journey


@pytest.fixture
def domain(db: None) -> None:
    load_domain()


def test_a_project_runs_from_the_form_to_its_first_permits(cast: Cast, domain: None) -> None:
    journey = Journey(cast)
    journey.file()
    dispatch_all()
    window = cast.client("window")
    queue = window.get("/queue/")
    assert [row.project for row in queue.context["rows"]] == [BASIC["name"]]
    assert window.get(f"/projects/{journey.project_id}/intake/").status_code == 200
    project = journey.accept()
    assert (project.state, project.edition.template_code, project.limit_days) == ("accepted", "PRIVATE_FILING_40", 40)
    owner = cast.client("owner")
    page = owner.get(f"/projects/{project.pk}/")
    assert page.status_code == 200
    assert page.context["lines"]
    assert page.context["days"]
    assert owner.get("/").context["cards"][0]["strip"]["name"] == BASIC["name"]
    assert journey.decide_everything_open(stages={"S0", "S1", "S2"}) > 10
    dispatch_all()
    assert Letter.objects.filter(kind="item_decided").exists()
    for who in ("owner", "planning", "bureau2", "lead", "supervisor", "window"):
        assert cast.client(who).get(f"/projects/{project.pk}/").status_code == 200, who
    assert cast.client("rival").get(f"/projects/{project.pk}/").status_code == 404
    for item in project.items.filter(ready_at__isnull=False)[:3]:
        assert owner.get(f"/items/{item.pk}/").status_code == 200
        assert cast.client("rival").get(f"/items/{item.pk}/").status_code == 404


def test_an_agent_files_in_the_name_of_the_enterprise(cast: Cast, domain: None) -> None:
    journey = Journey(cast, prefix=f"/as/{cast.mandate()}", applicant="agent")
    journey.file()
    project = Project.objects.get(pk=journey.project_id)
    assert (project.owner_id, project.submitted_by.username) == (cast.yunqi.pk, "agent")
    board = cast.client("agent").get("/").context["principals"]
    assert [len(principal["cards"]) for principal in board] == [0, 1] or [len(p["cards"]) for p in board] == [1, 0]


@pytest.mark.parametrize("who", ["planning", "bureau", "lead", "fire2", "commissioner"])
def test_every_desk_opens(cast: Cast, domain: None, who: str) -> None:
    assert cast.client(who).get("/desk/").status_code == 200


def test_anybody_may_ask_by_number_and_sees_no_person(cast: Cast, domain: None, client: object) -> None:
    journey = Journey(cast)
    journey.file()
    project = journey.accept()
    from django.test import Client

    page = Client().get("/status/", {"number": project.receipt_number})
    assert page.status_code == 200
    text = page.content.decode()
    assert BASIC["name"] in text
    assert "王企业" not in text
    assert Client().get("/status/", {"number": "nothing-like-it"}).status_code == 404


def test_a_wrong_field_says_how_to_mend_it(cast: Cast, domain: None) -> None:
    journey = Journey(cast)
    answer = journey.post("owner", "/projects/new/", {**BASIC, "code": "2611-130629-89-01-161805"})
    assert answer.status_code == 422
    assert "code" in answer.context["errors"]
    journey.send("new", BASIC)
    again = journey.post("owner", "/projects/new/", BASIC)
    assert again.status_code == 409
    assert Project.objects.count() == 1


def test_a_red_line_that_crosses_itself_is_refused_in_words(cast: Cast, domain: None) -> None:
    journey = Journey(cast)
    answer = journey.send("new", BASIC)
    path = answer["Location"].replace("/facts/", "/site/")
    bowtie = '{"type":"Polygon","coordinates":[[[116.21,39.10],[116.213,39.102],[116.213,39.10],[116.21,39.102],[116.21,39.10]]]}'
    refused = journey.post("owner", path, {"boundary": bowtie})
    assert refused.status_code == 422
    assert any("交" in text for text in refused.context["boundary_errors"])
