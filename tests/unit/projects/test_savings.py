"""What reuse really saves: nothing beside the critical path, days on it, and never a sum of single savings."""

from __future__ import annotations

from typing import Any

import pytest

from projects import domain
from projects.pipeline.planner import Reusable, make_plan
from projects.pipeline.rehearsal import levers_of, rehearse
from projects.pipeline.savings import clock_savings, kinds_wanted
from projects.pipeline.template import Template, read_template

FREE = Reusable("REUSABLE", "EXEMPT")


def item(code: str, days: int, *before: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "department": "NRP", "limit_working_days": days, "prerequisites": list(before), **more}


def assessment(code: str, days: int, kind: str, *before: str) -> dict[str, Any]:
    return item(code, days, *before, kind="ASSESSMENT", regional_assessment=kind, regional_effect="EXEMPT")


def made(*items: dict[str, Any]) -> Template:
    return read_template({"template_code": "T", "stages": [{"code": "S1"}], "items": list(items)})


def test_two_assessments_side_by_side_save_less_together_than_their_sum() -> None:
    # A 6 days and B 5 days, side by side before C: without A the path runs over B.
    template = made(assessment("A", 6, "GEO_HAZARD"), assessment("B", 5, "SEISMIC"), item("C", 3, "A", "B"))
    saved = clock_savings(template, {}, {"GEO_HAZARD": FREE, "SEISMIC": FREE})
    assert (saved.days_without, saved.days_with, saved.days) == (9, 3, 6)
    assert (saved.by_kind["GEO_HAZARD"].days, saved.by_kind["SEISMIC"].days) == (1, 0)
    assert (saved.by_kind["GEO_HAZARD"].beside, saved.by_kind["SEISMIC"].beside) == (False, True)


@pytest.mark.parametrize("code", ["GOV_BUILDING_40", "PRIVATE_FILING_40", "PRIVATE_VERIFICATION_40"])
def test_reuse_shortens_no_general_pipeline_on_paper(code: str) -> None:
    """domain.md section 1: assessments run beside; tell users so, do not claim that reuse cuts the 40 days."""
    template, facts = read_template(domain.template(code)), domain.worst_case_facts()
    every = dict.fromkeys(kinds_wanted(template, facts), FREE)
    assert len(every) > 8
    assert clock_savings(template, facts, every).days == 0


def test_a_known_red_line_leaves_only_the_levers_that_it_allows() -> None:
    template = made(assessment("A", 6, "GEO_HAZARD"), assessment("B", 5, "SEISMIC"), item("C", 3, "A", "B"))
    rehearsal = rehearse(make_plan(template, {}), {})
    assert {lever.item for lever in levers_of(rehearsal, {}, {}, {})} == {"A", "B"}
    allowed = {"GEO_HAZARD": Reusable("REUSABLE", "SIMPLIFIED")}
    levers = levers_of(rehearsal, {}, {}, {}, possible=allowed)
    # The assessment itself only simplifies: the item still runs, and no day is claimed.
    assert [(lever.item, lever.saves_clock) for lever in levers] == [("A", 0)]
    assert levers_of(rehearsal, {}, {}, {}, possible={}) == []
