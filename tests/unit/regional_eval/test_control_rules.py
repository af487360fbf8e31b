"""Control parameters (规划控制指标), land use (用地性质) and plans against plans (规划间矛盾)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_eval import domain
from regional_eval.rules.contradictions import Side, contradiction, may_contradict
from regional_eval.rules.controls import PARAMETERS, Control, Verdict, compare, mu_of, read_controls
from regional_eval.rules.land_use import Suits, read_code, read_land_uses, suits
from regional_eval.rules.plan_kinds import read_plan_kind

KINDS = {code: read_plan_kind(raw) for code, raw in domain.plan_layers().items()}
USES = read_land_uses(domain.read("plan_layers")["land_use_codes"]["codes"])
SITE_M2 = 10_000.0

WRITTEN = [
    # 控规 attribute tables as they come
    ({"容积率": 2.0}, False, [("FLOOR_AREA_RATIO", "<=", 2.0)]),
    ({"容积率": "1.0-2.0"}, False, [("FLOOR_AREA_RATIO", ">=", 1.0), ("FLOOR_AREA_RATIO", "<=", 2.0)]),
    ({"容积率": "≥1.2"}, False, [("FLOOR_AREA_RATIO", ">=", 1.2)]),
    # 工业项目建设用地控制指标: a floor for 容积率, a ceiling for 绿地率
    ({"FLOOR_AREA_RATIO": 1.2, "GREEN_RATIO": "15%"}, True, [("FLOOR_AREA_RATIO", ">=", 1.2), ("GREEN_RATIO", "<=", 15)]),
    ({"绿地率": "30％"}, False, [("GREEN_RATIO", ">=", 30)]),
    ({"controls": [{"parameter": "HEIGHT_LIMIT", "operator": "<=", "value": 24, "unit": "m"}]}, False, [("HEIGHT_LIMIT", "<=", 24)]),
    ({"配套设施": "幼儿园、社区用房"}, False, [("FACILITY_LIST", "all", ("幼儿园", "社区用房"))]),
    ({"地块编号": "A-01", "容积率": ""}, False, []),
]  # fmt: skip


@pytest.mark.parametrize(("attributes", "industrial", "expected"), WRITTEN)
def test_limits_are_read_as_plans_write_them(attributes: dict[str, Any], industrial: bool, expected: list[Any]) -> None:
    found, unreadable = read_controls(attributes, industrial=industrial)
    assert [(c.parameter, c.operator, c.value) for c in found] == expected
    assert unreadable == ()


def test_a_limit_that_cannot_be_read_is_named() -> None:
    assert read_controls({"容积率": "按规划条件"}) == ((), ("FLOOR_AREA_RATIO",))
    assert read_controls({"controls": [{"parameter": "没有", "value": 1}, 3]})[1] == ("没有", "3")


COMPARED = [
    # parameter, operator, limit, facts, verdict
    # 容积率: 计容建筑面积 over 用地面积
    ("FLOOR_AREA_RATIO", "<=", 2.0, {"counted_floor_area_m2": 20_000}, "HOLDS"),
    ("FLOOR_AREA_RATIO", "<=", 2.0, {"counted_floor_area_m2": 20_049}, "HOLDS"),  # 2.0049 is published as 2.00
    ("FLOOR_AREA_RATIO", "<=", 2.0, {"counted_floor_area_m2": 20_050}, "FAILS"),  # 2.01
    ("FLOOR_AREA_RATIO", "<=", 2.0, {"floor_area_m2": 19_000}, "HOLDS"),  # cellars can only lower it
    ("FLOOR_AREA_RATIO", "<=", 2.0, {"floor_area_m2": 26_000}, "UNKNOWN"),
    ("FLOOR_AREA_RATIO", ">=", 1.2, {"floor_area_m2": 11_000}, "FAILS"),
    ("FLOOR_AREA_RATIO", ">=", 1.2, {"floor_area_m2": 26_000}, "UNKNOWN"),
    ("FLOOR_AREA_RATIO", "<=", 2.0, {}, "UNKNOWN"),
    ("FLOOR_AREA_RATIO", "<=", 2.0, {"FLOOR_AREA_RATIO": 2.3}, "FAILS"),
    # 建筑密度 and 绿地率 in per cent of the red line
    ("BUILDING_DENSITY", "<=", 30, {"building_footprint_m2": 3_004}, "HOLDS"),
    ("BUILDING_DENSITY", "<=", 30, {"building_footprint_m2": 3_006}, "FAILS"),
    ("GREEN_RATIO", ">=", 30, {"green_area_m2": 2_900}, "FAILS"),
    ("GREEN_RATIO", "<=", 15, {"green_area_m2": 1_500}, "HOLDS"),
    # 限高 and 退线 in metres
    ("HEIGHT_LIMIT", "<=", 24, {"building_height_m": 24.004}, "HOLDS"),
    ("HEIGHT_LIMIT", "<=", 24, {"building_height_m": 24.01}, "FAILS"),
    ("SETBACK", ">=", 8, {"setback_m": 7.9}, "FAILS"),
    # 投资强度: 15 亩; the total bounds it from above
    ("INVESTMENT_INTENSITY", ">=", 300, {"fixed_investment_10k_yuan": 4_500}, "HOLDS"),
    ("INVESTMENT_INTENSITY", ">=", 300, {"investment_10k_yuan": 4_400}, "FAILS"),
    ("INVESTMENT_INTENSITY", ">=", 300, {"investment_10k_yuan": 9_000}, "UNKNOWN"),
    # 停车配建
    ("PARKING_RATIO", ">=", 1.0, {"parking_spaces": 99, "floor_area_m2": 10_000}, "FAILS"),
    ("PARKING_RATIO", ">=", 1.0, {"parking_spaces": 99}, "UNKNOWN"),
    # GB/T 51129
    ("PREFAB_RATIO", ">=", 50, {"prefab_ratio_pct": 50}, "HOLDS"),
    ("OFFICE_SHARE", "<=", 7, {"office_share_pct": 7.1}, "FAILS"),
    # an unreadable figure is none
    ("HEIGHT_LIMIT", "<=", 24, {"building_height_m": "二十米"}, "UNKNOWN"),
    ("HEIGHT_LIMIT", "<=", 24, {"building_height_m": float("nan")}, "UNKNOWN"),
]


@pytest.mark.parametrize(("parameter", "operator", "limit", "facts", "verdict"), COMPARED)
def test_figures_are_compared(parameter: str, operator: str, limit: float, facts: dict[str, Any], verdict: str) -> None:
    assert compare(Control(parameter, operator, float(limit)), facts, SITE_M2).verdict == Verdict[verdict]


def test_facilities_must_all_be_there() -> None:
    asked = Control("FACILITY_LIST", "all", ("幼儿园", "社区用房"))
    assert compare(asked, {"facilities": ["幼儿园"]}, SITE_M2).missing == ("社区用房",)
    assert compare(asked, {"facilities": ["社区用房", "幼儿园"]}, SITE_M2).verdict == Verdict.HOLDS
    assert compare(asked, {}, SITE_M2).verdict == Verdict.UNKNOWN


@given(st.floats(min_value=0, max_value=1e9))
def test_mu_is_exactly_three_two_thousandths_rounded_once(area_m2: float) -> None:
    assert mu_of(area_m2) == float(round(Fraction(area_m2) * 3 / 2000, 4))


def test_mu_of_known_areas() -> None:
    assert mu_of(2000) == 3.0
    assert mu_of(10_000) == 15.0
    assert mu_of(666.6667) == 1.0


@pytest.mark.parametrize(
    ("text", "code"),
    [("0701", "0701"), ("070102", "0701"), ("R2", "0701"), ("M1", "100101"), ("M", "1001"), ("G3", "1403"), ("工业用地", "1001"), ("Z9", None), ("", None), ("99", None)],
)  # fmt: skip
def test_uses_are_read_in_either_classification(text: str, code: str | None) -> None:
    """自然资发〔2023〕234号; GB 50137 approximately."""
    assert read_code(text, USES) == code


def test_an_office_may_be_a_government_or_a_business() -> None:
    assert suits(("0801", "0902"), "09", {}, USES) == Suits.UNKNOWN
    assert suits(("0801", "0902"), "0902", {"compatible": ["0801"]}, USES) == Suits.YES
    assert suits(("0801", "0902"), "07", {}, USES) == Suits.NO


CONTRADICTIONS = [
    # first kind and attributes, second kind and attributes, reason
    # 三区三线: the three lines neither cross nor overlap.
    ("PERMANENT_BASIC_FARMLAND", {}, "URBAN_DEVELOPMENT_BOUNDARY", {}, "three_lines_overlap"),
    ("PERMANENT_BASIC_FARMLAND", {}, "ECOLOGICAL_REDLINE", {}, "three_lines_overlap"),
    # 土地管理法第三十五条 against 城乡规划法第三十八条
    ("PERMANENT_BASIC_FARMLAND", {}, "REGULATORY_PLAN", {"land_use": "07"}, "forbidden_but_planned"),
    ("REGULATORY_PLAN", {"land_use": "R2"}, "RIVER_BLUE_LINE", {}, "forbidden_but_planned"),
    ("REGULATORY_PLAN", {"land_use": "17"}, "RIVER_BLUE_LINE", {}, None),
    ("REGULATORY_PLAN", {"land_use": "14"}, "GREEN_LINE", {}, None),
    ("REGULATORY_PLAN", {"land_use": "07"}, "GREEN_LINE", {}, "forbidden_but_planned"),
    ("REGULATORY_PLAN", {"land_use": "1207"}, "ROAD_REDLINE", {}, None),
    ("TERRITORIAL_PLAN", {"land_use": "07"}, "ROAD_REDLINE", {}, None),
    ("TERRITORIAL_PLAN", {"land_use": "07"}, "PERMANENT_BASIC_FARMLAND", {}, "forbidden_but_planned"),
    ("LAND_SUPPLY_PARCEL", {"land_use": "1001"}, "ECOLOGICAL_REDLINE", {}, "forbidden_but_planned"),
    ("REGULATORY_PLAN", {"land_use": "07"}, "WATER_SOURCE", {"zone": "一级"}, "forbidden_but_planned"),
    ("REGULATORY_PLAN", {"land_use": "07"}, "WATER_SOURCE", {"zone": "准"}, None),
    # two plans for one parcel
    ("TERRITORIAL_PLAN", {"land_use": "07"}, "REGULATORY_PLAN", {"land_use": "1001"}, "uses_exclude"),
    ("TERRITORIAL_PLAN", {"land_use": "07"}, "REGULATORY_PLAN", {"land_use": "0701"}, None),
    ("TERRITORIAL_PLAN", {"land_use": "07", "conditional": "09"}, "REGULATORY_PLAN", {"land_use": "09"}, None),
    ("REGULATORY_PLAN", {"land_use": "07", "容积率": "≥2.5"}, "LAND_SUPPLY_PARCEL", {"land_use": "0701", "容积率": "≤2.0"}, "limits_exclude"),
    ("REGULATORY_PLAN", {"land_use": "07", "限高": 80}, "AIRPORT_CLEARANCE", {"限高": 45}, None),
    ("REGULATORY_PLAN", {"land_use": "07", "限高": "≥60"}, "AIRPORT_CLEARANCE", {"限高": 45}, "limits_exclude"),
    # neither plans anything
    ("FOREST_LAND", {}, "GEO_HAZARD_ZONE", {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("first", "one", "second", "other", "reason"), CONTRADICTIONS)
def test_plans_that_no_project_can_follow_together(
    first: str, one: dict[str, Any], second: str, other: dict[str, Any], reason: str | None
) -> None:
    found = contradiction(Side(KINDS[first], one), Side(KINDS[second], other), USES)
    turned = contradiction(Side(KINDS[second], other), Side(KINDS[first], one), USES)
    assert (found.code if found else None) == reason
    assert (turned.code if turned else None) == reason
    assert reason is None or may_contradict(KINDS[first], KINDS[second])


def test_every_control_parameter_of_the_domain_is_compared() -> None:
    """The use is compared by its compatibility; all others by a figure."""
    assert set(PARAMETERS) == set(domain.control_parameters()) - {"LAND_USE_CODE"}
