"""Conflicts of a site with the plans (多规合一冲突检测): a table per rule, each row with the clause it stands on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from regional_eval import domain
from regional_eval.rules.answers import Conflict, Cover
from regional_eval.rules.conflicts import RULES, PlanHit, judge
from regional_eval.rules.land_use import read_land_uses
from regional_eval.rules.plan_kinds import ConflictKind, LayerRule, Severity, read_plan_kind

KINDS = {code: read_plan_kind(raw) for code, raw in domain.plan_layers().items()}
USES = read_land_uses(domain.read("plan_layers")["land_use_codes"]["codes"])
LAYER = UUID(int=7)
SITE_M2 = 20_000.0
PATCH = {"type": "Polygon", "coordinates": [[[116.0, 39.0], [116.1, 39.0], [116.1, 39.1], [116.0, 39.0]]]}


def hit(area: float = 500.0, *, wide: bool = True, **rest: Any) -> PlanHit:
    attributes = rest.pop("attributes", {})
    return PlanHit(LAYER, 3, attributes, area, area / SITE_M2, PATCH, wide=wide, **rest)


def covered(remainder_m2: float = 0.0, *, by_rule: bool | None = None) -> Cover:
    whole = remainder_m2 < 20 if by_rule is None else by_rule
    return Cover(whole, 1 - remainder_m2 / SITE_M2, remainder_m2, PATCH if remainder_m2 else None)


def check(
    code: str, *hits: PlanHit, facts: dict[str, Any] | None = None, cover: Cover | None = None
) -> tuple[Conflict, ...]:
    return judge(
        KINDS[code],
        hits,
        site_area_m2=SITE_M2,
        facts=facts or {},
        cover=lambda: cover or covered(),
        uses=USES,
        layers=[LAYER],
    )


def said(conflicts: tuple[Conflict, ...]) -> list[tuple[str, str, str]]:
    return [(c.rule, c.severity, c.reasons[0].code) for c in conflicts]


OVERLAPS = [
    # layer, attributes, facts, kind, severity, reason
    # 土地管理法第三十三至三十五条: any overlap blocks, whatever the project.
    ("PERMANENT_BASIC_FARMLAND", {}, {"use": "ROAD"}, "OVERLAP_PROHIBITED", "BLOCKING", "overlap_prohibited"),
    # 自然资发〔2022〕142号: ten kinds of limited activity, with the authority's opinion.
    ("ECOLOGICAL_REDLINE", {"listed": "PIPE"}, {"use": "INDUSTRY"}, "OVERLAP_PROHIBITED", "BLOCKING", "overlap_prohibited_unlisted"),
    ("ECOLOGICAL_REDLINE", {"listed": "ROAD, PIPE"}, {"use": "PIPE"}, "OVERLAP_CONTROLLED", "MAJOR", "listed_needs_opinion"),
    ("ECOLOGICAL_REDLINE", {}, {}, "OVERLAP_PROHIBITED", "BLOCKING", "overlap_prohibited_unlisted"),
    # 城乡规划法; 民用建筑通用规范 GB 55031: no building in the road, save public works.
    ("ROAD_REDLINE", {}, {"use": "HOUSING"}, "OVERLAP_PROHIBITED", "BLOCKING", "overlap_prohibited"),
    ("ROAD_REDLINE", {}, {"use": "PIPE"}, "OVERLAP_CONTROLLED", "INFO", "listed_by_nature"),
    # 城市蓝线管理办法, 建设部令145号
    ("RIVER_BLUE_LINE", {}, {"use": "HOUSING"}, "OVERLAP_PROHIBITED", "BLOCKING", "overlap_prohibited_unlisted"),
    # 城市绿线管理办法, 建设部令112号
    ("GREEN_LINE", {}, {"use": "HOUSING"}, "OVERLAP_PROHIBITED", "MAJOR", "overlap_prohibited_unlisted"),
    # 城市黄线管理办法, 建设部令144号
    ("INFRA_YELLOW_LINE", {"listed": ["ENERGY"]}, {"use": "ENERGY"}, "OVERLAP_CONTROLLED", "MAJOR", "listed_needs_opinion"),
    # 自然保护区条例
    ("NATURE_RESERVE", {}, {"use": "HOUSING"}, "OVERLAP_PROHIBITED", "BLOCKING", "overlap_prohibited_unlisted"),
    # of 城市紫线管理办法(建设部令119号); 文物保护法: core and control zone.
    ("HERITAGE_PURPLE_LINE", {"zone": "保护范围"}, {}, "OVERLAP_PROHIBITED", "BLOCKING", "heritage_core"),
    ("HERITAGE_PURPLE_LINE", {"zone": "建设控制地带"}, {}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("HERITAGE_PURPLE_LINE", {}, {}, "OVERLAP_PROHIBITED", "BLOCKING", "zone_unknown"),
    # 水污染防治法第六十五条, 第六十六条, 第六十七条
    ("WATER_SOURCE", {"zone": "一级"}, {"discharges_pollutants": False}, "OVERLAP_PROHIBITED", "BLOCKING", "water_level_1"),
    ("WATER_SOURCE", {"zone": "二级"}, {"discharges_pollutants": True}, "OVERLAP_PROHIBITED", "BLOCKING", "water_level_2"),
    ("WATER_SOURCE", {"zone": "二级"}, {"discharges_pollutants": False}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("WATER_SOURCE", {"zone": "准"}, {"heavy_water_pollution": False}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("WATER_SOURCE", {"zone": "?"}, {}, "OVERLAP_PROHIBITED", "BLOCKING", "zone_unknown"),
    # 森林法第三十七条; 地质灾害防治条例; 防洪法; 矿产资源法; 城市轨道交通运营管理规定
    ("FOREST_LAND", {}, {}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("GEO_HAZARD_ZONE", {}, {}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("FLOOD_STORAGE", {}, {}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("MINING_RIGHT", {}, {}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    ("RAIL_PROTECTION", {}, {}, "OVERLAP_CONTROLLED", "MAJOR", "needs_opinion"),
    # 土地调查条例; conversion of farm land: 土地管理法第四十四条
    ("LAND_USE_STATUS", {"land_use": "0101"}, {}, "INFORM", "INFO", "farm_land_conversion"),
    ("LAND_USE_STATUS", {"land_use": "07"}, {}, "INFORM", "INFO", "informs"),
    # 国土空间规划体系(中发〔2019〕18号)
    ("TERRITORIAL_PLAN", {"land_use": "14"}, {"use": "HOUSING"}, "USE_MISMATCH", "MAJOR", "use_not_compatible"),
    ("TERRITORIAL_PLAN", {"land_use": "09", "conditional": ["07"]}, {"use": "HOUSING"}, "USE_MISMATCH", "MINOR", "use_conditional"),
    ("TERRITORIAL_PLAN", {"land_use": "100102"}, {"use": "INDUSTRY"}, "MISSING_PARAMETER", "WARNING", "use_too_coarse"),
    ("TERRITORIAL_PLAN", {"land_use": "10"}, {}, "MISSING_PARAMETER", "WARNING", "use_missing"),
    ("TERRITORIAL_PLAN", {"land_use": "??"}, {"use": "HOUSING"}, "MISSING_PARAMETER", "WARNING", "plan_use_unreadable"),
    # 民用航空法第五十八条: over the ground, or an absolute surface.
    ("AIRPORT_CLEARANCE", {"HEIGHT_LIMIT": 45}, {"building_height_m": 45.01}, "HEIGHT_EXCEEDED", "BLOCKING", "limit_not_kept"),
    ("AIRPORT_CLEARANCE", {"HEIGHT_LIMIT": 45}, {}, "MISSING_PARAMETER", "WARNING", "figure_missing"),
    ("AIRPORT_CLEARANCE", {}, {"building_height_m": 9}, "MISSING_PARAMETER", "WARNING", "plan_limit_missing"),
    ("AIRPORT_CLEARANCE", {"elevation_limit_m": 60, "ground_elevation_m": 12}, {"building_height_m": 48.5}, "HEIGHT_EXCEEDED", "BLOCKING", "elevation_exceeded"),
    ("AIRPORT_CLEARANCE", {"elevation_limit_m": 60}, {"building_height_m": 48.5}, "MISSING_PARAMETER", "WARNING", "missing_figure"),
    ("MICROWAVE_CORRIDOR", {"限高": "≤80m"}, {"building_height_m": 81}, "HEIGHT_EXCEEDED", "MAJOR", "limit_not_kept"),
    # 规划条件
    ("BUILDING_LINE", {"退线": 8}, {"setback_m": 7.99}, "SETBACK_SHORT", "MAJOR", "limit_not_kept"),
    ("BUILDING_LINE", {"退线": 8}, {}, "MISSING_PARAMETER", "WARNING", "figure_missing"),
    # GB 50289-2016
    ("CIVIL_PIPELINE", {}, {}, "OVERLAP_CONTROLLED", "MINOR", "over_pipeline"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "attributes", "facts", "kind", "severity", "reason"), OVERLAPS)
def test_an_overlap_is_judged_by_its_layers_rule(
    code: str, attributes: dict[str, Any], facts: dict[str, Any], kind: str, severity: str, reason: str
) -> None:
    found = check(code, hit(attributes=attributes), facts=facts)
    assert said(found) == [(kind, severity, reason)]
    assert found[0].layer == code
    assert found[0].geometry == PATCH
    assert found[0].share == pytest.approx(0.025)


CLEAR = [
    # 中发〔2019〕18号: the same use, one below it, one on the place's compatibility list.
    ("TERRITORIAL_PLAN", {"land_use": "07"}, {"use": "HOUSING"}),
    ("TERRITORIAL_PLAN", {"land_use": "M2"}, {"land_use_code": "100102"}),
    ("TERRITORIAL_PLAN", {"land_use": "工业用地", "compatible": "11"}, {"land_use_code": "1101"}),
    # 民用航空法第五十八条
    ("AIRPORT_CLEARANCE", {"HEIGHT_LIMIT": 45}, {"building_height_m": 45}),
    ("AIRPORT_CLEARANCE", {"elevation_limit_m": 60}, {"building_height_m": 48, "ground_elevation_m": 12}),
    # 规划条件
    ("BUILDING_LINE", {"退线": 8}, {"setback_m": 8}),
    # 国土空间规划: what lies in the boundary is as it should be.
    ("URBAN_DEVELOPMENT_BOUNDARY", {}, {}),
]


@pytest.mark.parametrize(("code", "attributes", "facts"), CLEAR)
def test_what_a_layer_allows_is_clear(code: str, attributes: dict[str, Any], facts: dict[str, Any]) -> None:
    assert check(code, hit(attributes=attributes), facts=facts) == ()


SLIVERS = [
    # sliver_rule, tolerance 0: over 1 m2 or wider than 0.5 m blocks; smaller is a WARNING with its area.
    ("PERMANENT_BASIC_FARMLAND", 1.01, False, "BLOCKING"),
    ("PERMANENT_BASIC_FARMLAND", 1.0, False, "WARNING"),
    ("PERMANENT_BASIC_FARMLAND", 0.6, True, "BLOCKING"),
    ("PERMANENT_BASIC_FARMLAND", 0.009, False, None),
    # tolerances of their own: under them INFO (domain.md section 3)
    ("ROAD_REDLINE", 0.5, True, "INFO"),
    ("ROAD_REDLINE", 0.51, True, "BLOCKING"),
    ("GEO_HAZARD_ZONE", 10.0, True, "INFO"),
    ("GEO_HAZARD_ZONE", 10.1, True, "MAJOR"),
]


@pytest.mark.parametrize(("code", "area", "wide", "severity"), SLIVERS)
def test_a_sliver_is_told_from_an_overlap(code: str, area: float, wide: bool, severity: str | None) -> None:
    found = check(code, hit(area, wide=wide))
    assert [c.severity for c in found] == ([severity] if severity else [])
    if severity in {"WARNING", "INFO"}:
        assert found[0].reasons[0].code == "sliver"
        assert found[0].area_m2 == area


OUTSIDE = [
    # layer, remainder, covered by the versioned rule, facts, hits, kind, severity
    # 三区三线: tolerance 10 m2
    ("URBAN_DEVELOPMENT_BOUNDARY", 10.0, False, {}, 1, None, None),
    ("URBAN_DEVELOPMENT_BOUNDARY", 11.0, False, {}, 1, "OUTSIDE_REQUIRED", "MAJOR"),
    ("URBAN_DEVELOPMENT_BOUNDARY", SITE_M2, False, {}, 0, "OUTSIDE_REQUIRED", "MAJOR"),
    # 土地出让合同: within the granted parcel; before the grant there is none to be within.
    ("LAND_SUPPLY_PARCEL", 30.0, False, {}, 1, "OUTSIDE_REQUIRED", "BLOCKING"),
    ("LAND_SUPPLY_PARCEL", 0.9, True, {}, 1, None, None),
    ("LAND_SUPPLY_PARCEL", SITE_M2, False, {"land": "AUCTION"}, 0, "INFORM", "INFO"),
    ("LAND_SUPPLY_PARCEL", SITE_M2, False, {"land": "EXISTING"}, 0, "OUTSIDE_REQUIRED", "BLOCKING"),
    # 城乡规划法第三十八条: no conditions without a plan for the ground.
    ("REGULATORY_PLAN", 900.0, False, {}, 0, "MISSING_PARAMETER", "WARNING"),
    # A layer that must not be touched asks nothing of the rest.
    ("PERMANENT_BASIC_FARMLAND", SITE_M2, False, {}, 0, None, None),
]


@pytest.mark.parametrize(("code", "rest", "by_rule", "facts", "hits", "kind", "severity"), OUTSIDE)
def test_what_is_outside_a_required_layer(
    code: str, rest: float, by_rule: bool, facts: dict[str, Any], hits: int, kind: str | None, severity: str | None
) -> None:
    inside = [hit(SITE_M2 - rest, attributes={})] * hits
    found = check(code, *inside, facts=facts, cover=covered(rest, by_rule=by_rule))
    assert [(c.rule, c.severity) for c in found] == ([(kind, severity)] if kind else [])
    if kind:
        assert found[0].area_m2 == rest
        assert found[0].layer_id == LAYER


def test_a_parcels_limits_are_one_conflict_for_each_kind() -> None:
    parcel = {
        "land_use": "07", "容积率": "≤2.0", "建筑密度": 30, "绿地率": "30%", "限高": "54m", "退线": 6, "停车配建": 1,
    }  # fmt: skip
    facts = {
        "use": "COMMERCIAL", "counted_floor_area_m2": 41_000, "building_footprint_m2": 6_400, "green_area_m2": 6_000,
        "building_height_m": 60, "setback_m": 5,
    }  # fmt: skip
    found = {c.rule: c for c in check("REGULATORY_PLAN", hit(attributes=parcel), facts=facts)}
    assert {rule: c.severity for rule, c in found.items()} == {
        ConflictKind.USE_MISMATCH: "MAJOR",
        ConflictKind.PARAMETER_EXCEEDED: "MAJOR",
        ConflictKind.HEIGHT_EXCEEDED: "MAJOR",
        ConflictKind.SETBACK_SHORT: "MAJOR",
        ConflictKind.MISSING_PARAMETER: "WARNING",
    }
    exceeded = [
        (r.params["parameter"], r.params["limit"], r.params["value"]) for r in found["PARAMETER_EXCEEDED"].reasons
    ]
    assert exceeded == [("FLOOR_AREA_RATIO", 2.0, 2.05), ("BUILDING_DENSITY", 30.0, 32.0)]
    assert [r.params["parameter"] for r in found["MISSING_PARAMETER"].reasons] == ["PARKING_RATIO"]


def test_a_missing_figure_in_a_polluting_zone_is_said_and_never_a_pass() -> None:
    found = check("WATER_SOURCE", hit(attributes={"zone": "二级"}))
    assert [r.code for r in found[0].reasons] == ["water_level_2", "missing_figure"]
    assert found[0].severity == Severity.BLOCKING


def test_a_control_zones_height_limit_holds_there() -> None:
    """文物保护法第二十九条: in the control zone by height and style."""
    found = check(
        "HERITAGE_PURPLE_LINE",
        hit(attributes={"zone": "CONTROL", "限高": 12}),
        facts={"building_height_m": 15},
    )
    assert {c.rule for c in found} == {"OVERLAP_CONTROLLED", "HEIGHT_EXCEEDED"}


def test_a_version_not_in_force_only_warns() -> None:
    """STALE_LAYER: layer version not in force."""
    assert said(check("PERMANENT_BASIC_FARMLAND", hit(in_force=False))) == [
        ("STALE_LAYER", "WARNING", "layer_not_in_force")
    ]


def test_the_published_severity_overrules_the_kinds_and_the_features_both() -> None:
    assert check("FOREST_LAND", hit(severity="MINOR"))[0].severity == "MINOR"
    assert check("FOREST_LAND", hit(severity="MINOR", attributes={"severity": "BLOCKING"}))[0].severity == "BLOCKING"


def test_pipelines_near_the_site() -> None:
    """GB 50289-2016: clear distance."""
    near = {"attributes": {"clearance_m": 5}}
    assert said(check("CIVIL_PIPELINE", hit(0, distance_m=3.2, **near))) == [
        ("OVERLAP_CONTROLLED", "MINOR", "clearance_short")
    ]
    assert check("CIVIL_PIPELINE", hit(0, distance_m=5, **near)) == ()
    assert said(check("CIVIL_PIPELINE", hit(0))) == [("OVERLAP_CONTROLLED", "MINOR", "over_pipeline")]


def test_conflicts_come_heaviest_first_and_largest_first() -> None:
    found = check("GEO_HAZARD_ZONE", hit(50), hit(5), hit(900))
    assert [(c.severity, c.area_m2) for c in found] == [("MAJOR", 900), ("MAJOR", 50), ("INFO", 5)]


def test_every_kind_of_layer_has_a_rule_and_no_other_is_known() -> None:
    assert len(KINDS) == 23
    assert {kind.rule for kind in KINDS.values()} == set(RULES) == set(LayerRule)
    assert {kind["code"] for kind in domain.read("plan_layers")["conflict_kinds"]} - {"TOPOLOGY", "DATUM"} == (
        set(ConflictKind) - {"INFORM"}
    )
