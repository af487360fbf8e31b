"""The reuse of regional assessments: six outcomes, each row citing where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest

from regional_eval.rules.answers import Cover, KindAnswer
from regional_eval.rules.industries import Listed, is_listed, read_industry
from regional_eval.rules.kinds import AssessmentKind
from regional_eval.rules.limits import Limit, check_limit, read_limits
from regional_eval.rules.reuse import AreaTerms, decide

SPACE = UUID("6d2f2f4e-3f3a-4b6a-9b56-8c8d0c0c2a11")
HAZARD = AssessmentKind(
    "GEO_HAZARD", "地质灾害危险性", "Geological hazard", "NRP", "EXEMPT", "EA-GEO", (20, 40), (30_000, 200_000)
)
USED_ON = date(2026, 6, 1)
SITE_M2 = 10_000.0


def area(number: str = "A", **changes: Any) -> AreaTerms:
    terms = AreaTerms(
        id=uuid5(SPACE, number),
        layer_id=uuid5(SPACE, f"layer {number}"),
        number=number,
        region="园区",
        state="published",
        valid_from=date(2025, 1, 1),
        valid_to=date(2026, 12, 31),
        plan_version="",
        limits=(),
        industries=(),
        negative_list=(),
        exceptions=(),
        effect="EXEMPT",
        not_needed=False,
        share=1.0,
    )
    return replace(terms, **changes)


def ground(areas: Collection[AreaTerms]) -> Callable[[Collection[UUID]], Cover]:
    """Areas side by side along the site: shares add up until the whole is reached."""

    def cover(ids: Collection[UUID]) -> Cover:
        share = min(1.0, sum(one.share for one in areas if one.id in set(ids)))
        return Cover(share >= 0.999, share, SITE_M2 * (1 - share), None if share >= 1 else {"type": "Polygon"})

    return cover


def ask(*areas: AreaTerms, industry: str | None = "C3912", plan: str | None = None, **facts: Any) -> KindAnswer:
    return decide(HAZARD, areas, on=USED_ON, industry=industry, facts=facts, plan_version=plan, cover=ground(areas))


DEPTH = read_limits([{"parameter": "excavation_depth", "operator": "<=", "value": 12, "unit": "m"}])
TABLE = [
    # what, areas, asked with, outcome, effect, reasons
    ("whole site inside, exempt: spatial.md 0.6", [area()], {}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("commitment: assessment_kinds effects", [area(effect="COMMITMENT", days_saved=20, fee_saved_yuan=1)], {},
     "REUSABLE_WITH_COMMITMENT", "COMMITMENT", []),
    ("simplified runs smaller: Gaoming notice 简化", [area(effect="SIMPLIFIED")], {}, "REUSABLE", "SIMPLIFIED", []),
    ("not needed is its own state: domain.md 2, Anhui", [area(not_needed=True)], {}, "NOT_NEEDED", None,
     ["saving_typical"]),
    ("nothing under the site", [], {}, "NOT_REUSABLE", None, ["no_assessment"]),
    ("outside part is listed: PARTIAL", [area(share=0.6)], {}, "PARTIAL", None, ["remainder"]),
    ("high-risk sub-area is cut out: domain.md 2", [area(share=0.9, cutout_m2=1000.0)], {}, "PARTIAL", None,
     ["remainder", "cut_out"]),
    ("wholly in the cut-out", [area(share=0.0, cutout_m2=SITE_M2)], {}, "NOT_REUSABLE", None, ["cut_out"]),
    ("first day counts", [area(valid_from=USED_ON)], {}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("last day counts", [area(valid_to=USED_ON)], {}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("the day before the first", [area(valid_from=date(2026, 6, 2))], {}, "NOT_REUSABLE", None, ["not_yet_valid"]),
    ("the day after the last", [area(valid_to=date(2026, 5, 31))], {}, "NOT_REUSABLE", None, ["out_of_date"]),
    ("no end", [area(valid_to=None)], {}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("revoked", [area(state="revoked")], {}, "NOT_REUSABLE", None, ["revoked"]),
    ("a draft is nothing yet", [area(state="draft")], {}, "NOT_REUSABLE", None, ["not_published"]),
    ("allowed industry by prefix: GB/T 4754", [area(industries=("C39",))], {}, "REUSABLE", "EXEMPT",
     ["saving_typical"]),
    ("other industry", [area(industries=("C26", "44"))], {}, "NOT_REUSABLE", None, ["industry_not_allowed"]),
    ("negative list: Gaoming notice", [area(negative_list=("391",))], {}, "NOT_REUSABLE", None, ["industry_negative"]),
    ("industry not said", [area(industries=("C39",))], {"industry": None}, "UNKNOWN", None, ["industry_missing"]),
    ("industry not said, none asked", [area()], {"industry": None}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("industry too coarse for the list", [area(negative_list=("3912",))], {"industry": "C39"}, "UNKNOWN", None,
     ["industry_too_coarse"]),
    ("unreadable industry", [area(negative_list=("3912",))], {"industry": "X1"}, "UNKNOWN", None,
     ["industry_unreadable"]),
    ("a negative list in words is for the department", [area(negative_list=("两高项目",))], {}, "REUSABLE", "EXEMPT",
     ["negative_in_words", "saving_typical"]),
    ("limit kept", [area(limits=DEPTH)], {"excavation_depth_m": 12}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("limit exceeded", [area(limits=DEPTH)], {"excavation_depth_m": 12.5}, "NOT_REUSABLE", None, ["limit_exceeded"]),
    ("a missing figure is UNKNOWN: domain.md 2", [area(limits=DEPTH)], {}, "UNKNOWN", None, ["parameter_missing"]),
    ("'I do not know' is no figure", [area(limits=DEPTH)], {"excavation_depth_m": None}, "UNKNOWN", None,
     ["parameter_missing"]),
    ("a limit without its value", [area(limits=(Limit("excavation_depth", "<=", None),))],
     {"excavation_depth_m": 1}, "UNKNOWN", None, ["limit_not_set"]),
    ("exceeded beats missing", [area(limits=(*DEPTH, Limit("floor_area", "<=", 1)))],
     {"excavation_depth_m": 20}, "NOT_REUSABLE", None, ["limit_exceeded", "parameter_missing"]),
    ("exception holds", [area(exceptions=("in_river_management_zone",))], {"in_river_management_zone": True},
     "NOT_REUSABLE", None, ["exception"]),
    ("exception does not hold", [area(exceptions=("in_river_management_zone",))],
     {"in_river_management_zone": False}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("exception not answered", [area(exceptions=("in_river_management_zone",))], {}, "UNKNOWN", None,
     ["exception_unknown"]),
    ("exception in words is for the department", [area(exceptions=("high-risk sub-area",))], {}, "REUSABLE",
     "EXEMPT", ["exception_in_words", "saving_typical"]),
    ("plan as assessed", [area(plan_version="2035")], {"plan": "2035"}, "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("plan declared compatible", [area(plan_version="2030", compatible_plans=("2035",))], {"plan": "2035"},
     "REUSABLE", "EXEMPT", ["saving_typical"]),
    ("another plan in force", [area(plan_version="2030")], {"plan": "2035"}, "NOT_REUSABLE", None, ["plan_changed"]),
    ("nobody knows the plan in force", [area(plan_version="2030")], {}, "UNKNOWN", None, ["plan_unknown"]),
    ("two cover together", [area("A", share=0.5), area("B", share=0.5)], {}, "REUSABLE", "EXEMPT",
     ["saving_typical"]),
    ("together, the stricter is said", [area("A", share=0.5), area("B", share=0.5, effect="COMMITMENT")], {},
     "REUSABLE_WITH_COMMITMENT", "COMMITMENT", ["saving_typical"]),
    ("the mildest that covers alone wins", [area("A"), area("B", effect="COMMITMENT")], {}, "REUSABLE", "EXEMPT",
     ["saving_typical"]),
    ("together with one that is out of date", [area("A", share=0.5), area("B", share=0.5, state="expired")], {},
     "PARTIAL", None, ["remainder", "expired"]),
    ("a missing figure could complete it", [area("A", share=0.5), area("B", share=0.5, limits=DEPTH)], {}, "UNKNOWN",
     None, ["parameter_missing"]),
    ("a missing figure could not complete it", [area("A", share=0.5), area("B", share=0.3, limits=DEPTH)], {},
     "PARTIAL", None, ["remainder", "parameter_missing"]),
    ("needed here, not needed there", [area("A", share=0.5, not_needed=True), area("B", share=0.5)], {}, "REUSABLE",
     "EXEMPT", ["saving_typical"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("areas", "asked", "outcome", "effect", "reasons"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_outcome(
    areas: list[AreaTerms], asked: dict[str, Any], outcome: str, effect: str | None, reasons: list[str]
) -> None:
    found = ask(*areas, **asked)
    assert (found.outcome, found.effect, [reason.code for reason in found.reasons]) == (outcome, effect, reasons)


def test_what_is_not_needed_is_not_leaned_on() -> None:
    found = ask(area("A"), area("B", share=0.4, valid_to=date(2026, 7, 1)))
    assert [used.number for used in found.used] == ["A"]
    assert found.valid_to == date(2026, 12, 31)


def test_validity_of_several_is_the_earliest_end() -> None:
    found = ask(area("A", share=0.5), area("B", share=0.5, valid_to=date(2026, 7, 1)), area("C", share=0.1))
    assert (found.valid_to, {used.number for used in found.used}) == (date(2026, 7, 1), {"A", "B"})


def test_savings_are_the_record_s_the_least_of_several_and_none_where_a_report_is_made() -> None:
    recorded = ask(
        area("A", share=0.5, days_saved=30, fee_saved_yuan=80_000),
        area("B", share=0.5, days_saved=25, fee_saved_yuan=90_000),
    )
    assert (recorded.days_saved, recorded.fee_saved) == (25, 80_000)
    typical = ask(area())
    assert (typical.days_saved, typical.fee_saved) == (20, 30_000)
    for found in (ask(area(share=0.6, days_saved=30)), ask(area(effect="SIMPLIFIED")), ask()):
        assert (found.days_saved, found.fee_saved) == (None, None)


def test_remainder_of_a_partial_answer() -> None:
    found = ask(area(share=0.6))
    assert found.remainder_m2 == pytest.approx(4000)
    assert found.remainder is not None
    # Nothing usable: everything is left to be assessed.
    assert ask(area(state="expired")).remainder_m2 == pytest.approx(SITE_M2)


@pytest.mark.parametrize(
    ("text", "code"),
    [("C3912", "C3912"), ("3912", "C3912"), ("39", "C39"), ("c", "C"), (" 0111 ", "A0111"), ("A3912", None),
     ("9999", None), ("3", None), ("", None), ("两高", None)],
)  # fmt: skip
def test_industry_code(text: str, code: str | None) -> None:
    assert read_industry(text) == code


def test_industry_on_a_list_of_prefixes() -> None:
    assert is_listed("C3912", ("C",)) is Listed.YES
    assert is_listed("C3912", ("C392", "D")) is Listed.NO
    assert is_listed("C39", ("C392",)) is Listed.MAYBE


@pytest.mark.parametrize(
    ("raw", "facts", "verdict"),
    [
        ({"building_height_m": 60}, {"building_height_m": 60}, True),
        ({"max_floor_area": 10}, {"floor_area_m2": 11}, False),
        ({"ground_elevation_min": 5}, {"ground_elevation_m": 4.9}, False),
        ({"hazard_level": ["LOW", "MEDIUM"]}, {"hazard_level": "HIGH"}, False),
        ({"hazard_level": ["LOW", "MEDIUM"]}, {"hazard_level": "LOW"}, True),
        ({"floor_area": {"operator": "<", "value": 10, "unit": "m2"}}, {"floor_area_m2": 10}, False),
        ({"floor_area": {"max": 10}}, {"floor_area": 10}, True),
        ([{"parameter": "ground_elevation", "operator": "in_assessed_range", "value": [3, 9]}],
         {"ground_elevation_m": 9.1}, False),
        ([{"parameter": "pollutant_quota", "operator": "within", "value": 4}], {"pollutant_quota_t": 4}, True),
        ([{"parameter": "spoil_outside_area", "operator": "==", "value": 0}], {"spoil_outside_area_m3": 0}, True),
        ([{"parameter": "x", "operator": "not_in", "value": ["A"]}], {"x": "A"}, False),
        ([{"parameter": "x", "operator": "<=", "value": 3}], {"x": "tall"}, None),
        ([{"parameter": "x", "operator": "<=", "value": 3}], {"x": True}, None),
        ([{"parameter": "x", "operator": "about", "value": 3}], {"x": 3}, None),
        ([{"parameter": "x", "operator": "within", "value": [3]}], {"x": 3}, None),
    ],
)  # fmt: skip
def test_limit(raw: Any, facts: dict[str, object], verdict: bool | None) -> None:
    (limit,) = read_limits(raw)
    assert check_limit(limit, facts)[0] is verdict
