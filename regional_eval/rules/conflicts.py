"""Conflicts of a site with the plans in force (多规合一冲突检测; plan_layers.yaml). Pure.

The geometry is the engine's: `judge` is given what of the site each feature of a layer takes, and asks `cover` where a
site must lie within a layer. It answers with every conflict, slivers and missing figures included; a layer in force
without any answer is "checked and clear" (核查无冲突), which the caller stores as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from regional_eval.rules import land_use
from regional_eval.rules.answers import Conflict, Cover, Reason
from regional_eval.rules.controls import Compared, Control, Verdict, compare, mu_of, number, read_controls
from regional_eval.rules.land_use import LandUse, Suits
from regional_eval.rules.plan_kinds import ConflictKind, LayerRule, PlanLayerKind, Severity

# Less is the overlay's own rounding, not an overlap: nothing so small is anywhere half a metre wide.
NOTHING_M2 = 0.01
# At tolerance 0 an overlap blocks when it is larger than this or anywhere wider than 0.5 m (sliver_rule).
SLIVER_M2 = 1.0
# Works that lie in a road's red line by nature (民用建筑通用规范 GB 55031: 地铁相关设施及市政公用设施除外).
LISTED: Mapping[str, frozenset[str]] = {"ROAD_REDLINE": frozenset({"ROAD", "PIPE", "DRAINAGE", "TRANSPORT"})}
# How sub-zones are written, and what they are.
ZONES: Mapping[str, str] = {
    "CORE": "CORE",
    "核心": "CORE",
    "核心区": "CORE",
    "保护范围": "CORE",
    "核心保护范围": "CORE",
    "CONTROL": "CONTROL",
    "建设控制地带": "CONTROL",
    "LEVEL_1": "LEVEL_1",
    "1": "LEVEL_1",
    "一级": "LEVEL_1",
    "一级保护区": "LEVEL_1",
    "LEVEL_2": "LEVEL_2",
    "2": "LEVEL_2",
    "二级": "LEVEL_2",
    "二级保护区": "LEVEL_2",
    "QUASI": "QUASI",
    "准": "QUASI",
    "准保护区": "QUASI",
}


@dataclass(frozen=True)
class PlanHit:
    """What one feature of one layer version takes of the site.

    `attributes`: the layer's with the feature's own over them. `wide`: some part of the overlap is wider than 0.5 m.
    `distance_m`: from the site to a line, where the layer is lines. `in_force`: is the version on that day?
    """

    layer_id: UUID
    feature: int
    attributes: Mapping[str, Any]
    area_m2: float
    share: float
    # GeoJSON, EPSG:4490.
    geometry: dict[str, Any]
    wide: bool = True
    # The published version's own severity; None: the kind's.
    severity: str | None = None
    distance_m: float | None = None
    in_force: bool = True


@dataclass(frozen=True)
class Case:
    """What is the same for all hits of one kind: the kind, the project's facts and the table of uses."""

    kind: PlanLayerKind
    facts: Mapping[str, Any]
    site_area_m2: float
    uses: Sequence[LandUse]


def judge(
    kind: PlanLayerKind,
    hits: Sequence[PlanHit],
    *,
    site_area_m2: float,
    facts: Mapping[str, Any],
    cover: Callable[[], Cover],
    uses: Sequence[LandUse] = (),
    layers: Sequence[UUID] = (),
) -> tuple[Conflict, ...]:
    """All conflicts of a site with one kind of plan layer, heaviest first.

    `hits` and `cover` speak of the published versions of this kind together; `layers` are those versions' ids, first
    the one to name when nothing is hit. `uses` is the table of land uses (用地性质). A figure that a rule needs and
    `facts` lack gives MISSING_PARAMETER and never a pass.
    """
    case = Case(kind, facts, site_area_m2, uses)
    found: list[Conflict] = []
    for hit in hits:
        if hit.area_m2 >= NOTHING_M2:
            found += judge_overlap(case, hit)
        elif kind.geometry == "MultiLineString":
            found += judge_line(case, hit)
    in_force = tuple(hit.layer_id for hit in hits if hit.in_force) + tuple(layers)
    if kind.rule in WITHIN and in_force:
        found += judge_outside(case, hits, in_force[0], cover())
    return tuple(sorted(found, key=lambda conflict: (Severity(conflict.severity).rank, -conflict.area_m2)))


def judge_overlap(case: Case, hit: PlanHit) -> list[Conflict]:
    """One overlap: of an outdated version, a sliver, or a matter for the layer's rule."""
    if not hit.in_force:
        return [conflict(case, hit, ConflictKind.STALE_LAYER, Severity.WARNING, Reason("layer_not_in_force"))]
    tolerance = case.kind.sliver_tolerance_m2
    within = case.kind.rule in WITHIN
    if tolerance == 0 and not within:
        if hit.area_m2 <= SLIVER_M2 and not hit.wide:
            return [conflict(case, hit, of_overlap(case.kind.rule), Severity.WARNING, sliver(hit.area_m2, SLIVER_M2))]
    elif hit.area_m2 <= tolerance:
        if within:
            return []
        return [conflict(case, hit, of_overlap(case.kind.rule), Severity.INFO, sliver(hit.area_m2, tolerance))]
    return RULES[case.kind.rule](case, hit)


def judge_line(case: Case, hit: PlanHit) -> list[Conflict]:
    """A line through the site or near it, a matter for the layer's rule."""
    if not hit.in_force:
        return [conflict(case, hit, ConflictKind.STALE_LAYER, Severity.WARNING, Reason("layer_not_in_force"))]
    return RULES[case.kind.rule](case, hit)


def sliver(area_m2: float, tolerance: float) -> Reason:
    """The overlap is under the tolerance: a person may look at it."""
    return Reason("sliver", {"area_m2": round(area_m2, 2), "tolerance_m2": tolerance})


def of_overlap(rule: LayerRule) -> ConflictKind:
    """How an overlap with such a layer is called."""
    if rule in {LayerRule.PROHIBIT, LayerRule.PROHIBIT_EXCEPT_LISTED}:
        return ConflictKind.OVERLAP_PROHIBITED
    return ConflictKind.INFORM if rule == LayerRule.INFORM else ConflictKind.OVERLAP_CONTROLLED


# 1. A rule each


def prohibit(case: Case, hit: PlanHit) -> list[Conflict]:
    """压占禁止区: any overlap, save for works that lie there by nature."""
    if str(case.facts.get("use")) in LISTED.get(case.kind.code, ()):
        return [conflict(case, hit, ConflictKind.OVERLAP_CONTROLLED, Severity.INFO, Reason("listed_by_nature"))]
    return [conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, Reason("overlap_prohibited"))]


def prohibit_except_listed(case: Case, hit: PlanHit) -> list[Conflict]:
    """压占禁止区, unless the project's use is on the layer's list: then with the authority's opinion (有限人为活动)."""
    listed = words(hit.attributes.get("listed"))
    use = case.facts.get("use")
    if listed and use is None:
        missing = Reason("missing_figure", {"figure": "use"})
        return [
            conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, Reason("overlap_prohibited"), missing),
        ]
    if use is not None and str(use) in listed:
        return [
            conflict(
                case, hit, ConflictKind.OVERLAP_CONTROLLED, severity_of(case, hit).at_most(Severity.MAJOR),
                Reason("listed_needs_opinion", {"authority": case.kind.authority}),
            )
        ]  # fmt: skip
    return [conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, Reason("overlap_prohibited_unlisted"))]


def control(case: Case, hit: PlanHit) -> list[Conflict]:
    """占用控制区: by its sub-zone prohibited, or a matter for the authority's opinion; limits on height hold there."""
    zone = ZONES.get(str(hit.attributes.get("zone") or "").strip())
    judged = ZONE_RULES.get(case.kind.code, only_controlled)(case, hit, zone)
    return [judged, *judge_controls(case, hit)] if judged.rule == ConflictKind.OVERLAP_CONTROLLED else [judged]


def only_controlled(case: Case, hit: PlanHit, _zone: str | None) -> Conflict:
    """An opinion of the authority is needed."""
    return conflict(case, hit, ConflictKind.OVERLAP_CONTROLLED, None, needs_opinion(case))


def heritage(case: Case, hit: PlanHit, zone: str | None) -> Conflict:
    """保护范围: no other works (文物保护法第二十八条); 建设控制地带: with consent, by height and style."""
    if zone == "CORE":
        return conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, Reason("heritage_core"))
    if zone == "CONTROL":
        lighter = severity_of(case, hit).at_most(Severity.MAJOR)
        return conflict(case, hit, ConflictKind.OVERLAP_CONTROLLED, lighter, needs_opinion(case))
    return conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, Reason("zone_unknown"))


# The fact that makes the project forbidden in a zone (水污染防治法第六十六、六十七条).
POLLUTING = {"LEVEL_2": "discharges_pollutants", "QUASI": "heavy_water_pollution"}


def water_source(case: Case, hit: PlanHit, zone: str | None) -> Conflict:
    """一级: nothing but water works; 二级: nothing that discharges; 准: nothing that pollutes heavily (第六十五至六十七条)."""
    if zone == "LEVEL_1" or zone not in POLLUTING:
        code = "water_level_1" if zone == "LEVEL_1" else "zone_unknown"
        return conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, Reason(code))
    fact = POLLUTING[zone]
    said = case.facts.get(fact)
    if said is False:
        lighter = severity_of(case, hit).at_most(Severity.MAJOR)
        return conflict(case, hit, ConflictKind.OVERLAP_CONTROLLED, lighter, needs_opinion(case))
    reasons = [Reason(f"water_{zone.lower()}")]
    if said is None:
        reasons.append(Reason("missing_figure", {"figure": fact}))
    return conflict(case, hit, ConflictKind.OVERLAP_PROHIBITED, None, *reasons)


ZONE_RULES: Mapping[str, Callable[[Case, PlanHit, str | None], Conflict]] = {
    "HERITAGE_PURPLE_LINE": heritage,
    "WATER_SOURCE": water_source,
}


def use_must_match(case: Case, hit: PlanHit) -> list[Conflict]:
    """用地性质: the project's use against the plan's, by the plan's compatibility lists."""
    planned = land_use.planned_use(hit.attributes, case.uses)
    if planned is None:
        return [missing(case, hit, Reason("plan_use_unreadable"))]
    wanted = land_use.project_uses(case.facts, case.uses)
    said: dict[str, str | int | float] = {"planned": planned, "wanted": "、".join(wanted)}
    answer = land_use.suits(wanted, planned, hit.attributes, case.uses)
    if answer == Suits.NO:
        return [conflict(case, hit, ConflictKind.USE_MISMATCH, None, Reason("use_not_compatible", said))]
    if answer == Suits.CONDITIONAL:
        lighter = severity_of(case, hit).at_most(Severity.MINOR)
        return [conflict(case, hit, ConflictKind.USE_MISMATCH, lighter, Reason("use_conditional", said))]
    if answer == Suits.UNKNOWN:
        code = "use_too_coarse" if wanted else "use_missing"
        return [missing(case, hit, Reason(code, said))]
    return []


def parameters(case: Case, hit: PlanHit) -> list[Conflict]:
    """控规地块: its use and its control parameters (城乡规划法第三十八条)."""
    return [*use_must_match(case, hit), *judge_controls(case, hit)]


def setback(case: Case, hit: PlanHit) -> list[Conflict]:
    """建筑退线: the distance that the line asks for against the project's least distance."""
    if hit.distance_m is not None and hit.distance_m > 0 and number(hit.attributes, "reach_m") is None:
        return []
    limits, unreadable = read_controls(hit.attributes)
    if not any(limit.parameter == "SETBACK" for limit in limits) and not unreadable:
        return [missing(case, hit, Reason("plan_limit_missing", {"parameter": "SETBACK"}))]
    return judge_controls(case, hit)


def height(case: Case, hit: PlanHit) -> list[Conflict]:
    """净空与微波通道: the height over the ground, or the top's elevation where the layer gives an absolute surface."""
    absolute = number(hit.attributes, "elevation_limit_m", "限制海拔高度")
    if absolute is None:
        limits, unreadable = read_controls(hit.attributes)
        if not any(limit.parameter == "HEIGHT_LIMIT" for limit in limits) and not unreadable:
            return [missing(case, hit, Reason("plan_limit_missing", {"parameter": "HEIGHT_LIMIT"}))]
        return judge_controls(case, hit)
    ground = number(case.facts, "ground_elevation_m")
    ground = number(hit.attributes, "ground_elevation_m") if ground is None else ground
    built = number(case.facts, "building_height_m")
    if ground is None or built is None:
        absent = "ground_elevation_m" if ground is None else "building_height_m"
        return [missing(case, hit, Reason("missing_figure", {"figure": absent}))]
    if ground + built <= absolute:
        return []
    top: dict[str, str | int | float] = {"value": round(ground + built, 2), "limit": absolute}
    return [conflict(case, hit, ConflictKind.HEIGHT_EXCEEDED, None, Reason("elevation_exceeded", top))]


def clearance(case: Case, hit: PlanHit) -> list[Conflict]:
    """地下管线: works over a pipeline, or nearer than its clear distance (GB 50289-2016)."""
    wanted = number(hit.attributes, "clearance_m", "净距")
    if hit.distance_m is not None and hit.distance_m > 0:
        if wanted is None:
            return [missing(case, hit, Reason("plan_limit_missing", {"parameter": "CLEARANCE"}))]
        if hit.distance_m >= wanted:
            return []
        near: dict[str, str | int | float] = {"value": round(hit.distance_m, 2), "limit": wanted}
        return [conflict(case, hit, ConflictKind.OVERLAP_CONTROLLED, None, Reason("clearance_short", near))]
    return [conflict(case, hit, ConflictKind.OVERLAP_CONTROLLED, None, Reason("over_pipeline"))]


def inform(case: Case, hit: PlanHit) -> list[Conflict]:
    """现状: recorded only; farm land must be converted before it is built on (农用地转用)."""
    planned = land_use.planned_use(hit.attributes, case.uses)
    code = "farm_land_conversion" if planned and land_use.is_farm(planned) else "informs"
    said: dict[str, str | int | float] = {"use": planned} if planned else {}
    return [conflict(case, hit, ConflictKind.INFORM, None, Reason(code, said))]


def within(_case: Case, _hit: PlanHit) -> list[Conflict]:
    """What lies within a required layer is as it should be; what is outside is judged for the site as a whole."""
    return []


RULES: Mapping[LayerRule, Callable[[Case, PlanHit], list[Conflict]]] = {
    LayerRule.PROHIBIT: prohibit,
    LayerRule.PROHIBIT_EXCEPT_LISTED: prohibit_except_listed,
    LayerRule.MUST_BE_WITHIN: within,
    LayerRule.USE_MUST_MATCH: use_must_match,
    LayerRule.PARAMETERS: parameters,
    LayerRule.CONTROL: control,
    LayerRule.HEIGHT: height,
    LayerRule.SETBACK: setback,
    LayerRule.CLEARANCE: clearance,
    LayerRule.INFORM: inform,
}


# 2. The site as a whole

WITHIN = frozenset({LayerRule.MUST_BE_WITHIN, LayerRule.USE_MUST_MATCH, LayerRule.PARAMETERS})


def judge_outside(case: Case, hits: Sequence[PlanHit], layer_id: UUID, cover: Cover) -> list[Conflict]:
    """What of the site no feature of the layer takes: outside a required layer, or without any plan for it.

    Before land is granted there is no parcel to lie in (供地前): said, not held against the site.
    """
    outside = max(cover.remainder_m2, 0.0)
    if outside < NOTHING_M2 or cover.remainder is None:
        return []
    share = outside / case.site_area_m2 if case.site_area_m2 > 0 else 1.0
    rest = PlanHit(layer_id, -1, {}, outside, share, cover.remainder)
    if cover.covered or outside <= case.kind.sliver_tolerance_m2:
        return []
    if case.kind.rule != LayerRule.MUST_BE_WITHIN:
        return [missing(case, rest, Reason("no_plan_for_this_ground"))]
    touched = [hit for hit in hits if hit.in_force and hit.area_m2 >= NOTHING_M2]
    if case.kind.code == "LAND_SUPPLY_PARCEL" and not touched and case.facts.get("land") != "EXISTING":
        return [conflict(case, rest, ConflictKind.INFORM, Severity.INFO, Reason("land_not_granted_yet"))]
    own = next((Severity(hit.severity) for hit in touched if hit.severity), None)
    return [conflict(case, rest, ConflictKind.OUTSIDE_REQUIRED, own, Reason("outside_required"))]


# 3. Control parameters

OF_PARAMETER: Mapping[str, ConflictKind] = {
    "HEIGHT_LIMIT": ConflictKind.HEIGHT_EXCEEDED,
    "SETBACK": ConflictKind.SETBACK_SHORT,
}


def judge_controls(case: Case, hit: PlanHit) -> list[Conflict]:
    """The limits on a parcel: one conflict per kind with a reason for each parameter, one for all that is missing."""
    planned = land_use.planned_use(hit.attributes, case.uses)
    limits, unreadable = read_controls(hit.attributes, industrial=bool(planned and planned.startswith("10")))
    failed: dict[ConflictKind, list[Reason]] = {}
    for result in map(partial(compare_with, case), limits):
        if result.verdict == Verdict.HOLDS:
            continue
        fails = result.verdict == Verdict.FAILS
        kind = OF_PARAMETER.get(result.control.parameter, ConflictKind.PARAMETER_EXCEEDED)
        failed.setdefault(kind if fails else ConflictKind.MISSING_PARAMETER, []).append(why(result))
    failed.setdefault(ConflictKind.MISSING_PARAMETER, []).extend(
        Reason("plan_limit_unreadable", {"parameter": code}) for code in unreadable
    )
    return [
        conflict(case, hit, kind, Severity.WARNING if kind == ConflictKind.MISSING_PARAMETER else None, *reasons)
        for kind, reasons in failed.items()
        if reasons
    ]


def compare_with(case: Case, limit: Control) -> Compared:
    """One limit with the project's figure."""
    return compare(limit, case.facts, case.site_area_m2)


def why(result: Compared) -> Reason:
    """The parameter, what the plan asks and what the project has."""
    limit = result.control
    said: dict[str, str | int | float] = {"parameter": limit.parameter, "operator": limit.operator, "unit": limit.unit}
    said["limit"] = "、".join(limit.value) if isinstance(limit.value, tuple) else limit.value
    if result.missing:
        said["missing"] = "、".join(result.missing)
    if result.value is not None:
        said["value"] = result.value
    if result.verdict == Verdict.FAILS:
        return Reason("limit_not_kept", said)
    return Reason("figure_is_a_bound" if result.bound and result.value is not None else "figure_missing", said)


# 4. Writing conflicts


def needs_opinion(case: Case) -> Reason:
    """Whose opinion is needed (征求主管部门意见)."""
    return Reason("needs_opinion", {"authority": case.kind.authority})


def missing(case: Case, hit: PlanHit, reason: Reason) -> Conflict:
    """参数缺失: cannot be decided, and said so."""
    return conflict(case, hit, ConflictKind.MISSING_PARAMETER, Severity.WARNING, reason)


def severity_of(case: Case, hit: PlanHit) -> Severity:
    """As the feature says, else its version, else the kind."""
    said = hit.attributes.get("severity") or hit.severity
    return Severity(said) if said in set(Severity) else case.kind.default_severity


def conflict(case: Case, hit: PlanHit, kind: ConflictKind, severity: Severity | None, *reasons: Reason) -> Conflict:
    """One conflict; without a severity, the layer's."""
    return Conflict(
        layer_id=hit.layer_id,
        layer=case.kind.code,
        feature=hit.feature,
        rule=kind.value,
        severity=(severity or severity_of(case, hit)).value,
        area_m2=hit.area_m2,
        mu=mu_of(hit.area_m2),
        share=hit.share,
        geometry=hit.geometry,
        reasons=reasons,
    )


def words(listed: object) -> frozenset[str]:
    """A list of codes, or a text with commas as Shapefiles have it."""
    if isinstance(listed, list | tuple):
        return frozenset(str(word).strip() for word in listed)
    return frozenset(word.strip() for word in str(listed or "").replace("，", ",").split(",") if word.strip())
