"""The outlook of running projects equals the plan's own schedule, and its queries do not grow with their number."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.clock_now import freeze
from projects import actions
from projects.actions.settling import days_left
from projects.actions.workings import read_workings
from projects.models import ItemCase, Project
from projects.pipeline import graph
from projects.queries.forecast import outlooks_of
from tests.actions.projects.filing import accepted, decide, draft, instant
from tests.cast import Cast


def by_hand(project: Project) -> int:
    """The scalar engine on what is left of each item."""
    workings = read_workings(project)
    running = [row for row in workings.items if row.need not in {"not_needed", "reused"}]
    days = {row.code: days_left(workings, row) for row in running}
    return graph.schedule({row.code: tuple(row.prerequisites) for row in running}, days).total


def test_the_outlook_is_what_the_plan_says(city: Cast) -> None:
    first = accepted(city)
    second = accepted(city)
    decide(city, second, "DR-REC", at="2026-03-03T10:00")
    with freeze(instant("2026-03-04T10:00")):
        for project in (first, second):
            project.refresh_from_db()
        made = outlooks_of([first, second])
        assert {pk: outlook.days_left for pk, outlook in made.items()} == {
            first.pk: by_hand(first),
            second.pk: by_hand(second),
        }
        assert made[second.pk].ends_on > instant("2026-03-04T10:00").date()
        actions.stop_clock(
            first, ground="FORCE_MAJEURE", evidence="停办令", actor=city.commissioner, act="item.pause_clock"
        )
        first.refresh_from_db()
        assert ItemCase.objects.filter(project=first, is_paused=True).exists()
        assert outlooks_of([first])[first.pk].days_left == by_hand(first)
        assert outlooks_of([draft(city)]) == {}


def test_the_list_page_asks_as_often_for_one_as_for_many(city: Cast) -> None:
    accepted(city)
    client = city.client("supervisor")
    client.get("/projects/")
    with CaptureQueriesContext(connection) as one:
        assert client.get("/projects/").status_code == 200
    for _more in range(3):
        accepted(city)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/projects/")
    assert "最快办结" in page.content.decode()
    assert len(many) == len(one)
