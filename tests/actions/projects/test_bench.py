"""The measuring ground: the product's own queries on temporary rows, and nothing left behind."""

from __future__ import annotations

import pytest

from projects import domain
from projects.bench.ground import CITY, stored_rows
from projects.bench.rows import FULL, QUICK, plan_row, sweep_rows
from projects.models import ItemCase, Project
from projects.pipeline.template import read_template


@pytest.mark.django_db(transaction=True)
def test_the_rows_go_with_the_session_and_the_figures_are_of_equal_answers() -> None:
    with stored_rows(items=4000, projects=300) as stored:
        assert ItemCase.objects.count() == 4000
        (swept,) = sweep_rows(stored)
        assert "0 due today" not in swept["name"]
        many, _seconds = stored.list_page(CITY)
        few, _seconds = stored.list_page(CITY + 1)
        assert many == few
    assert not ItemCase.objects.exists()
    assert not Project.objects.exists()


def test_the_full_run_has_the_sizes_of_the_issue() -> None:
    assert (FULL.projects, FULL.rows, FULL.listed) == (100_000, 2_500_000, 100_000)
    template = read_template(domain.template("GOV_BUILDING_40"))
    assert len(template.items) >= 50
    assert set(plan_row(template, QUICK)) == {"name", "ours", "peer", "ratio", "unit", "goal", "met"}
