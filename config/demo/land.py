"""The land of the demo city (区域评估与规划图层): all six answers of the reuse test, a conflict of each severity, and two
plans that contradict each other. Its shapes come from the base map; everything is imported, reviewed and published by
the product's own acts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry import LineString, box, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

import portal.demo
from accounts.actions.second_key import ask_second_key, confirm_second_key
from accounts.legal_day import today_in_shanghai
from config.demo.calendar import working_days_ago
from config.demo.filing import person
from ledger.actor import Actor
from ledger.clock_now import freeze
from regional_eval import actions
from regional_eval.queries.register import layer_for

BASE_MAP = Path(portal.demo.__file__).parent / "basemap"
PARK, NEW_MATERIALS = "云川智造产业园", "滨河新材料产业园"
OPEN_LAND = {"fields"}
METRE = 0.00001
# East of here the archaeologists have not been.
HERITAGE_EDGE = 116.2330
# The block at the park's northern edge, whose plan runs into the green belt.
NORTH_BLOCK = box(116.2330, 39.1085, 116.2450, 39.11125)
GREEN_BELT = box(116.2200, 39.1110, 116.2450, 39.1115)


@cache
def base_map(name: str) -> list[dict[str, Any]]:
    """The features of one layer of the base map."""
    found: list[dict[str, Any]] = json.loads((BASE_MAP / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return found


def named(layer: str, name: str) -> BaseGeometry:
    """A shape of the base map by its name."""
    return shape(next(each["geometry"] for each in base_map(layer) if each["properties"].get("name_zh") == name))


def fields_by_the_hill() -> list[BaseGeometry]:
    """The field parcels at the foot of 望云山."""
    found = [shape(each["geometry"]) for each in base_map("green") if each["properties"]["kind"] == "field"]
    return [field for field in found if field.bounds[0] > 116.2190]


def built_ground() -> BaseGeometry:
    """Where the city may grow: its quarters with the streets between them, without fields, hill and river."""
    quarters = unary_union(
        [shape(each["geometry"]) for each in base_map("areas") if each["properties"]["kind"] not in OPEN_LAND]
    )
    closed = quarters.buffer(60 * METRE).buffer(-60 * METRE)
    open_land = unary_union([*fields_by_the_hill(), named("green", "望云山"), named("water", "云川河")])
    return closed.difference(open_land.buffer(METRE)).buffer(-METRE).buffer(METRE, join_style="mitre")


def quarters(built: BaseGeometry) -> list[tuple[str, str, BaseGeometry]]:
    """Name, land use and ground of each planning unit: the quarters with half of the streets around them."""
    uses = {"industry": "1001", "logistics": "1101", "business": "09"}
    left, found = built, []
    for each in base_map("areas"):
        if each["properties"]["kind"] not in OPEN_LAND:
            ground = shape(each["geometry"]).buffer(60 * METRE).intersection(left)
            left = left.difference(ground)
            found.append((str(each["properties"]["name_zh"]), uses.get(each["properties"]["kind"], "07"), ground))
    return found


def file_of(features: Iterable[tuple[BaseGeometry, dict[str, Any]]]) -> bytes:
    """A GeoJSON file as a survey office would send it."""
    content = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        "features": [
            {"type": "Feature", "properties": properties, "geometry": mapping(shapely.set_precision(ground, 1e-8))}
            for ground, properties in features
        ],
    }
    return json.dumps(content, ensure_ascii=False).encode()


def since(years: float) -> date:
    """So many years before today."""
    return today_in_shanghai() - timedelta(days=round(years * 365))


def terms(
    number: int, *, began: float = 0.5, years: float | None = 3, region: str = "YC-ZZY", **more: Any
) -> dict[str, Any]:
    """The terms of an assessment as its file names them."""
    start = since(began)
    name = PARK if region == "YC-ZZY" else NEW_MATERIALS
    found: dict[str, Any] = {
        "region_code": region,
        "region": name,
        "number": f"云区评〔{start.year}〕{number}号",
        "holder": "云川新区管理委员会",
        "approval_document_no": f"云新审批〔{start.year}〕{100 + number}号",
        "approved_on": start.isoformat(),
        "report_document": f"{name}区域评估报告（第 {number} 卷）",
        "valid_from": start.isoformat(),
        **more,
    }
    if years is not None:
        found["valid_to"] = (start + timedelta(days=round(years * 365))).isoformat()
    return found


def assessments() -> list[tuple[str, str, bytes]]:
    """Code, kind and file of each assessment: on a site across HERITAGE_EDGE they give all six answers."""
    park, materials = named("areas", PARK), named("areas", NEW_MATERIALS)
    west = park.intersection(box(116.2, 39.0, HERITAGE_EDGE, 39.2))
    halves = park.intersection(box(116.2, 39.0, 116.2300, 39.2)), park.intersection(box(116.2300, 39.0, 116.3, 39.2))
    # 高风险地块: an old gravel pit in the south-east of the park.
    pit = box(116.2405, 39.0955, 116.2425, 39.0972)
    depth = [{"parameter": "excavation_depth", "operator": "<=", "value": 12, "unit": "m"}]
    return [
        ("YC-ZZY-TDKC", "LAND_SURVEY", file_of([(park, terms(1, years=None, days_saved=10, fee_saved_yuan=20000))])),
        ("YC-ZZY-KC", "MINERAL", file_of([(park, terms(2, not_needed=True, days_saved=25, fee_saved_yuan=50000))])),
        ("YC-ZZY-DZ", "GEO_HAZARD", file_of([
            (park, terms(3, limits=depth, days_saved=30, fee_saved_yuan=60000)),
            (pit, terms(3, limits=depth, days_saved=30, fee_saved_yuan=60000, role="cutout")),
        ])),
        ("YC-ZZY-SB", "SOIL_WATER", file_of([(park, terms(4, effect="COMMITMENT", days_saved=20, fee_saved_yuan=40000))])),
        ("YC-ZZY-WW", "HERITAGE", file_of([(west, terms(5, days_saved=45, fee_saved_yuan=120000))])),
        ("YC-ZZY-FH", "FLOOD", file_of([(park, terms(6, began=3.2, years=3, days_saved=30, fee_saved_yuan=80000))])),
        ("YC-ZZY-QH", "CLIMATE", file_of([(park, terms(7, effect="SIMPLIFIED", years=5))])),
        ("YC-ZZY-JT", "TRAFFIC", file_of([
            (half, terms(8 + at, days_saved=20, fee_saved_yuan=50000)) for at, half in enumerate(halves)
        ])),
        ("YC-ZZY-NY", "ENERGY", file_of([(park, terms(10, effect="COMMITMENT", limits=[
            {"parameter": "land_area", "operator": "<=", "value": 30000, "unit": "m2"}
        ]))])),
        ("YC-XCL-HP", "EIA", file_of([(materials, terms(
            11, region="YC-XCL", effect="SIMPLIFIED", negative_list=["C2631", "C2614"], industries=["C26", "C28", "C30"]
        ))])),
    ]  # fmt: skip


def plan_layers() -> list[tuple[str, str, bytes, dict[str, Any]]]:
    """Code, kind, file and attributes of each plan layer; the north block gives a conflict of each severity."""
    hill, river = named("green", "望云山"), named("water", "云川河")
    green = [named("green", "云川绿廊"), named("green", "镜湖公园")]
    core = named("areas", "云川老城").centroid.buffer(250 * METRE)
    built = built_ground()
    # The detailed plan leaves park, river and the monument's core to their own plans; only the north block does not.
    kept_open = unary_union([*green, GREEN_BELT, core])
    street = LineString([(116.2196, 39.11065), (116.2320, 39.1107), (116.2460, 39.1108)])
    block = {
        "name": "智造园北区",
        "land_use_code": "100101",
        "controls": [
            {"parameter": "FLOOR_AREA_RATIO", "operator": "<=", "value": 2.0},
            {"parameter": "BUILDING_DENSITY", "operator": "<=", "value": 55, "unit": "%"},
        ],
    }
    limits = [
        {"parameter": "FLOOR_AREA_RATIO", "operator": "<=", "value": 2.5},
        {"parameter": "HEIGHT_LIMIT", "operator": "<=", "value": 60, "unit": "m"},
    ]
    elsewhere = [
        (ground, {"name": f"{name}控制单元", "land_use_code": use, "controls": limits})
        for name, use, ground in quarters(built.difference(NORTH_BLOCK.union(kept_open.buffer(METRE))))
    ]
    return [
        ("YC-STHX", "ECOLOGICAL_REDLINE", file_of([(hill, {"name": "望云山生态保护红线"})]), {}),
        ("YC-YJJBNT", "PERMANENT_BASIC_FARMLAND", file_of(
            [(field, {"name": f"基本农田 {at + 1} 号"}) for at, field in enumerate(fields_by_the_hill())]
        ), {}),
        ("YC-CZKF", "URBAN_DEVELOPMENT_BOUNDARY", file_of([(built, {"name": "城镇集中建设区"})]), {}),
        ("YC-KG", "REGULATORY_PLAN", file_of([
            (NORTH_BLOCK, block), *elsewhere,
        ]), {}),
        ("YC-LX", "GREEN_LINE", file_of([
            *((each, {"name": name}) for each, name in zip(green, ("云川绿廊", "镜湖公园"), strict=True)),
            (GREEN_BELT, {"name": "智造园北侧防护绿地"}),
        ]), {}),
        ("YC-HDLX", "RIVER_BLUE_LINE", file_of([(river.buffer(15 * METRE), {"name": "云川河河道蓝线"})]), {}),
        ("YC-ZX", "HERITAGE_PURPLE_LINE", file_of([
            (core, {"name": "老城历史文化街区", "zone": "核心保护范围"}),
            (core.buffer(150 * METRE).difference(core), {"name": "老城建设控制地带", "zone": "建设控制地带"}),
        ]), {}),
        ("YC-GX", "CIVIL_PIPELINE", file_of([(street, {"name": "北环路 DN800 给水干管", "clearance_m": 5})]), {}),
        ("YC-TDXZ", "LAND_USE_STATUS", file_of([
            (field, {"name": "耕地", "land_use_code": "01"}) for field in fields_by_the_hill()
        ]), {}),
    ]  # fmt: skip


@transaction.atomic
def make_land() -> None:
    """演示区域评估和规划图层：起草、他人审核、双人发布。"""
    drafter, checker = person("assess"), person("assess2")
    earlier = working_days_ago(60)
    with freeze(earlier):
        for code, name, english in (
            ("YC-ZZY", PARK, "Yunchuan Smart Manufacturing Park"),
            ("YC-XCL", NEW_MATERIALS, "Binhe New Materials Park"),
        ):
            boundary = mapping(shapely.set_precision(named("areas", name), 1e-8))
            actions.draft_region(
                actor=drafter, code=code, name=name, name_en=english, boundary=json.loads(json.dumps(boundary))
            )
        for code, kind, data in assessments():
            publish((drafter, checker), "assessment", code, {"kind": kind}, data)
        for code, kind, data, more in plan_layers():
            attributes = {"layer": kind, "effective_from": since(1).isoformat(), **more}
            publish((drafter, checker), "plan", code, attributes, data)
    actions.expire_assessments(actor=Actor.system(cause=actions.DAY_ENDED))


def publish(people: tuple[Actor, Actor], purpose: str, code: str, attributes: dict[str, Any], data: bytes) -> None:
    """One file from draft to publication, by two people."""
    drafter, checker = people
    report = actions.import_layer(
        data, f"{code}.geojson", actor=drafter, purpose=purpose, code=code, version="1", attributes=attributes
    )
    for layer_id in report.versions:
        actions.review_layer(layer_id, actor=checker)
        row = "plan_layer.publish" if purpose == "plan" else "assessment.publish"
        layer = layer_for(checker, layer_id)
        key = ask_second_key(row, layer, actor=checker, summary=f"发布 {code} 1")
        confirm_second_key(key.pk, actor=drafter)
