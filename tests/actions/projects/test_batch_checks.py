"""Checks of many sites at once (批量核查): the same answers as one by one, stored the same way."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.outbox import dispatch_all
from projects import actions
from projects.actions.site_checks import check_plans, check_plans_of
from projects.models import Project, SiteCheck
from projects.queries.plan_answers import asked_of
from regional_eval.queries.site_batch import check_plans_of_many
from regional_eval.queries.site_check import check_site
from tests.actions.projects.filing import draft, instant
from tests.actions.projects.plans import EAST, EAST_QUARTER, FAR_AWAY, NORTH, SOUTH, WEST, WHOLE, publish, square
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PLANS = Actor.system(cause="PlanLayerPublished")


@pytest.fixture(autouse=True)
def one_day() -> Any:
    with freeze(instant("2026-03-02T10:00")):
        yield


def some_projects(cast: Cast) -> list[Project]:
    """Three sites: under everything, at an edge, and away from it all."""
    made = [draft(cast), draft(cast), draft(cast)]
    places = [None, square(EAST - 0.002, SOUTH, EAST + 0.002, NORTH), square(WEST - 0.2, SOUTH, WEST - 0.196, NORTH)]
    for project, place in zip(made, places, strict=True):
        if place is not None:
            actions.set_site(project.pk, place, actor=cast.owner)
    return [Project.objects.select_related("site").get(pk=project.pk) for project in made]


def test_many_at_once_get_the_very_answers_of_one_by_one(city: Cast) -> None:
    publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    publish(city, "RIVER_BLUE_LINE", FAR_AWAY)
    publish(city, "URBAN_DEVELOPMENT_BOUNDARY", WHOLE)
    publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "0902", "容积率": "≤2.0"})
    pipe = {"type": "LineString", "coordinates": [[WEST - 0.001, NORTH + 0.0001], [EAST + 0.001, NORTH + 0.0001]]}
    publish(city, "CIVIL_PIPELINE", pipe, properties={"clearance_m": 15})
    publish(city, "GREEN_LINE", EAST_QUARTER, effective_to="2026-02-01")  # ran out, without a successor
    asked = [asked_of(project) for project in some_projects(city)]
    together = check_plans_of_many(asked, today_in_shanghai(), district_id=city.district.pk)
    for question, answer in zip(asked, together, strict=True):
        alone = check_site(
            question.boundary,
            today_in_shanghai(),
            industry=question.industry,
            facts=question.facts,
            district_id=city.district.pk,
            purposes=("plan",),
        )
        assert {**answer.as_json(), "at": ""} == {**alone.as_json(), "at": ""}
    assert [len(answer.conflicts) > 0 for answer in together] == [True, True, True]
    assert {conflict.layer for conflict in together[0].conflicts} >= {"PERMANENT_BASIC_FARMLAND", "CIVIL_PIPELINE"}


def test_a_published_layer_checks_those_it_touches_together(city: Cast) -> None:
    under, edge, away = some_projects(city)
    layer = publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    made = check_plans_of([under.pk, edge.pk], actor=PLANS, cause="layer_published", layer_id=layer)
    assert [(check.project_id, check.came) for check in made] == [
        (project.pk, 1) for project in sorted((under, edge), key=lambda one: one.pk)
    ]
    again = check_plans(under.pk, actor=city.owner)
    assert (again.came, again.went) == (0, 0)
    assert not SiteCheck.objects.filter(project=away).exists()


def test_the_first_plan_to_lie_in_reaches_those_outside_it(city: Cast) -> None:
    under, _edge, away = some_projects(city)
    dispatch_all()
    before = SiteCheck.objects.filter(project=away).count()
    publish(city, "URBAN_DEVELOPMENT_BOUNDARY", WHOLE)
    dispatch_all()
    found = SiteCheck.objects.filter(project=away).first()
    assert found is not None
    assert SiteCheck.objects.filter(project=away).count() == before + 1
    assert [conflict["kind"] for conflict in found.result["conflicts"]] == ["OUTSIDE_REQUIRED"]
    assert SiteCheck.objects.filter(project=under).first().clear == ["URBAN_DEVELOPMENT_BOUNDARY"]  # type: ignore[union-attr]
