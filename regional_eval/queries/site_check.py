"""One site against everything in force on a day (用地核查): what may be reused, what conflicts, what is clear.

The geometry comes from the engine, the decisions from `regional_eval.rules`; here they are put together. The same
answer goes to the command line, to the API, to pages and into frozen answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from ledger.clock_now import now
from regional_eval.domain import assessment_kinds, plan_layers
from regional_eval.engine import Piece, Wanted, engine
from regional_eval.engine.port import PURPOSES
from regional_eval.geometry.areas import planar_distance_m
from regional_eval.geometry.covered import COVERED_V1, as_geojson, cover_of
from regional_eval.geometry.ground import Ground, read_ground
from regional_eval.geometry.repair import polygons_only
from regional_eval.models import Assessment, Feature, LayerVersion, State
from regional_eval.queries.ground import changed_ground
from regional_eval.queries.plans import land_uses, plan_kinds
from regional_eval.rules.answers import Conflict, Cover, KindAnswer
from regional_eval.rules.conflicts import SLIVER_M2, PlanHit, judge
from regional_eval.rules.kinds import read_kind
from regional_eval.rules.limits import read_limits
from regional_eval.rules.reuse import AreaTerms, decide

__all__ = ["SiteAnswer", "SiteMeasure", "changed_ground", "check_ground", "check_site"]
LINES = "MultiLineString"
# How far from a site a pipeline or a building line may matter; the rules judge the distance itself.
REACH_M = 60.0
# The plans whose version an assessment rests on.
PLANS_ASSESSED = ("REGULATORY_PLAN", "TERRITORIAL_PLAN")


@dataclass(frozen=True)
class SiteMeasure:
    """The site in figures. `gk_area_m2` is planar in the zone that goes with it: what land papers show."""

    area_m2: float
    mu: float
    crs_used: str
    crs_how: str
    gk_area_m2: float
    gk_zone: int
    gk_epsg: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """The fields of cli.md and the planar area."""
        return {
            "area_m2": round(self.area_m2, 3),
            "mu": round(self.mu, 4),
            "crs_used": self.crs_used,
            "crs_how": self.crs_how,
            "gk_area_m2": round(self.gk_area_m2, 3),
            "gk_zone": self.gk_zone,
            "gk_epsg": self.gk_epsg,
            "sha256": self.sha256,
        }


@dataclass(frozen=True)
class SiteAnswer:
    """The whole answer, with the layer versions that were asked, their digests and the version of the covered rule."""

    site: SiteMeasure
    assessments: tuple[KindAnswer, ...]
    conflicts: tuple[Conflict, ...]
    # Codes of plan layers in force that have nothing against the site (核查无冲突).
    clear: tuple[str, ...]
    layers: tuple[tuple[UUID, str], ...]
    rule: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """The fields of cli.md."""
        return {
            "site": self.site.as_json(),
            "assessments": [answer.as_json() for answer in self.assessments],
            "conflicts": [conflict.as_json() for conflict in self.conflicts],
            "clear": list(self.clear),
            "layers": [{"id": str(layer), "sha256": sha256} for layer, sha256 in self.layers],
            "rule": self.rule,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True)
class Asked:
    """What is asked about a site besides its land."""

    on: date
    industry: str | None
    facts: Mapping[str, object]
    district_id: int | None
    purposes: tuple[str, ...]


def check_site(
    boundary: Mapping[str, Any],
    on: date,
    *,
    industry: str | None = None,
    facts: Mapping[str, object] | None = None,
    district_id: int | None = None,
    purposes: Sequence[str] = PURPOSES,
    crs: str = "",
    zone_epsg: int | None = None,
) -> SiteAnswer:
    """Check a GeoJSON boundary on a day (用地核查). Refused: a boundary that is none, or in a doubtful system.

    Without `district_id` the layers of every district count. `facts` are the project's figures for limits and plans;
    the site's own area stands in for a land area that is not given.
    """
    ground = read_ground(boundary, declared=crs, zone_epsg=zone_epsg)
    return check_ground(
        ground, Asked(on, industry, {"land_area_m2": ground.area_m2, **(facts or {})}, district_id, tuple(purposes))
    )


def check_ground(ground: Ground, asked: Asked) -> SiteAnswer:
    """Check a site that was read."""
    layers = plan_layers_on(asked.on, asked.district_id)
    reach = REACH_M if any(is_of_lines(layer.kind) for layer in layers.values()) else 0.0
    wanted = Wanted(on=asked.on, purposes=asked.purposes, district_id=asked.district_id, reach_m=reach)
    return answer_of(ground, engine().overlay(ground.plane, wanted), asked, layers)


def is_of_lines(kind: str) -> bool:
    """Does this kind of plan layer consist of lines (管线、建筑控制线)?"""
    return bool(plan_layers()[kind]["geometry"] == LINES)


def answer_of(ground: Ground, pieces: Sequence[Piece], asked: Asked, layers: Mapping[UUID, LayerVersion]) -> SiteAnswer:
    """Put together what the engine found of one site."""
    ours = [piece for piece in pieces if piece.assessment_id is not None]
    plans = [piece for piece in pieces if piece.assessment_id is None]
    answers: tuple[KindAnswer, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    clear: tuple[str, ...] = ()
    used: dict[UUID, str] = {}
    if "assessment" in asked.purposes:
        answers, used = answer_kinds(ground, ours, asked, layers.values())
    if "plan" in asked.purposes:
        conflicts, clear = answer_plans(ground, plans, asked, layers)
        used |= {layer.pk: layer.sha256 for layer in layers.values()}
    planar = ground.planar
    measure = SiteMeasure(
        area_m2=ground.area_m2,
        mu=ground.mu,
        crs_used=f"EPSG:{ground.crs_used}",
        crs_how=ground.crs_how,
        gk_area_m2=planar.m2,
        gk_zone=planar.zone,
        gk_epsg=planar.epsg,
        sha256=ground.sha256,
    )
    versions = tuple(sorted(used.items(), key=lambda item: str(item[0])))
    return SiteAnswer(measure, answers, conflicts, clear, versions, COVERED_V1.version, now())


def plan_layers_on(on: date, district_id: int | None) -> dict[UUID, LayerVersion]:
    """The plan layer versions in force on a day, also those that were superseded since."""
    found = LayerVersion.objects.filter(
        Q(state=State.PUBLISHED) | Q(state=State.SUPERSEDED, effective_to__isnull=False),
        Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        purpose=LayerVersion.Purpose.PLAN,
        effective_from__lte=on,
    ).defer("repairs", "rejections")
    if district_id is not None:
        found = found.filter(Q(district_id=district_id) | Q(district__isnull=True))
    return {layer.pk: layer for layer in found.order_by("kind", "code", "pk")}


# Assessments


def answer_kinds(
    ground: Ground, pieces: Sequence[Piece], asked: Asked, plans: Collection[LayerVersion]
) -> tuple[tuple[KindAnswer, ...], dict[UUID, str]]:
    """An answer for every kind of which any assessment is published, those that touch the site first."""
    parts = parts_of(pieces)
    rows = {
        row.pk: row
        for row in Assessment.objects.filter(pk__in=list(parts)).select_related("region", "layer", "replaces")
    }
    # One that was amended says nothing where its successor has come.
    rows = {key: row for key, row in rows.items() if row.layer.state != State.SUPERSEDED}
    terms: dict[str, list[AreaTerms]] = defaultdict(list)
    for key, row in rows.items():
        land, cut = parts[key]
        terms[row.kind].append(terms_of(row, land.area / ground.plane.area, cut))
    known = Assessment.objects.filter(state=State.PUBLISHED)
    if asked.district_id is not None:
        known = known.filter(Q(layer__district_id=asked.district_id) | Q(layer__district__isnull=True))
    others = set(known.values_list("kind", flat=True).distinct()) - set(terms)
    order = [kind for kind in assessment_kinds() if kind in terms] + [
        kind for kind in assessment_kinds() if kind in others
    ]

    def cover(ids: Collection[UUID]) -> Cover:
        """The geometry of some areas together."""
        return cover_of(ground.plane, [parts[key][0] for key in ids])

    answers = tuple(
        decide(
            read_kind(assessment_kinds()[kind]),
            terms[kind],
            on=asked.on,
            industry=asked.industry,
            facts=asked.facts,
            plan_version=plan_in_force(asked, terms[kind], plans),
            cover=cover,
        )
        for kind in order
    )
    return answers, {row.layer.pk: row.layer.sha256 for row in rows.values()}


def parts_of(pieces: Sequence[Piece]) -> dict[UUID, tuple[BaseGeometry, float]]:
    """Assessment -> what it covers of the site without the cutouts of its version, and the m² that those take."""
    cutouts: dict[UUID, list[BaseGeometry]] = defaultdict(list)
    land: dict[tuple[UUID, UUID], list[BaseGeometry]] = defaultdict(list)
    for piece in pieces:
        if piece.role == Feature.Role.CUTOUT:
            cutouts[piece.layer_id].append(piece.part)
        elif piece.assessment_id is not None:
            land[piece.layer_id, piece.assessment_id].append(piece.part)
    found: dict[UUID, tuple[BaseGeometry, float]] = {}
    for (layer, assessment), members in land.items():
        whole = members[0] if len(members) == 1 else polygons_only(shapely.union_all(members))
        left = whole
        if cutouts[layer]:
            left = polygons_only(shapely.difference(whole, shapely.union_all(cutouts[layer])))
        found[assessment] = (left, float(whole.area - left.area))
    return found


def terms_of(row: Assessment, share: float, cutout_m2: float) -> AreaTerms:
    """The legal terms of an assessment as the rules read them."""
    compatible = row.layer.attributes.get("compatible_plans") or ()
    return AreaTerms(
        id=row.pk,
        layer_id=row.layer_id,
        number=row.number or row.region.name,
        region=row.region.name,
        region_en=row.region.name_en,
        state=row.state,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        plan_version=row.plan_version,
        limits=read_limits(row.parameter_limits),
        industries=tuple(map(str, row.industries)),
        negative_list=tuple(map(str, row.negative_list)),
        exceptions=tuple(row.exceptions),
        effect=row.effect,
        not_needed=row.not_needed,
        share=min(share, 1.0),
        cutout_m2=cutout_m2,
        fee_saved_yuan=row.fee_saved_yuan,
        days_saved=row.days_saved,
        compatible_plans=tuple(map(str, compatible)) if isinstance(compatible, list) else (str(compatible),),
    )


def plan_in_force(asked: Asked, areas: Sequence[AreaTerms], plans: Collection[LayerVersion]) -> str | None:
    """The plan version to hold assessments against: as the project says, else the published plan's; None: not known."""
    said = asked.facts.get("plan_version")
    if said:
        return str(said)
    names: list[str] = []
    for layer in plans:
        if layer.kind in PLANS_ASSESSED:
            own = layer.attributes.get("plan_version")
            names += [str(own)] if own else [layer.version, f"{layer.code} {layer.version}"]
    wanted = {area.plan_version for area in areas}
    return next((name for name in names if name in wanted), names[0] if names else None)


# Plans


def answer_plans(
    ground: Ground, pieces: Sequence[Piece], asked: Asked, layers: Mapping[UUID, LayerVersion]
) -> tuple[tuple[Conflict, ...], tuple[str, ...]]:
    """Every conflict, heaviest first by layer, and the codes of the layers in force without any."""
    stale = outdated([piece for piece in pieces if piece.layer_id not in layers], layers)
    every = {**layers, **stale}
    features = {
        row["pk"]: row
        for row in Feature.objects.filter(pk__in=[piece.feature_id for piece in pieces]).values(
            "pk", "index", "attributes"
        )
    }
    by_kind: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.layer_id in every:
            by_kind[every[piece.layer_id].kind].append(piece)
    in_force: dict[str, list[UUID]] = defaultdict(list)
    for layer in layers.values():
        in_force[layer.kind].append(layer.pk)
    conflicts: list[Conflict] = []
    clear: list[str] = []
    for code, kind in plan_kinds().items():
        members = by_kind.get(code, [])
        if not members and code not in in_force:
            continue
        hits = [
            hit_of(ground, piece, every[piece.layer_id], features[piece.feature_id], piece.layer_id in layers)
            for piece in members
        ]
        parts = [piece.part for piece in members if piece.layer_id in layers and piece.area_m2 > 0]
        found = judge(
            kind,
            hits,
            site_area_m2=ground.area_m2,
            facts=asked.facts,
            cover=lambda parts=parts: cover_of(ground.plane, parts),  # type: ignore[misc]
            uses=land_uses(),
            layers=in_force[code],
        )
        conflicts += found
        if not found:
            clear.append(code)
    return tuple(conflicts), tuple(clear)


def outdated(pieces: Sequence[Piece], layers: Mapping[UUID, LayerVersion]) -> dict[UUID, LayerVersion]:
    """Versions that ran out and have no successor in force: what they say is shown as out of date (图层过期)."""
    current = {(layer.district_id, layer.code) for layer in layers.values()}
    found = LayerVersion.objects.filter(pk__in={piece.layer_id for piece in pieces}, purpose=LayerVersion.Purpose.PLAN)
    return {
        layer.pk: layer
        for layer in found.defer("repairs", "rejections")
        if layer.state in {State.PUBLISHED, State.EXPIRED} and (layer.district_id, layer.code) not in current
    }


def hit_of(
    ground: Ground, piece: Piece, layer: LayerVersion, feature: Mapping[str, Any], in_force: bool
) -> PlanHit:  # fmt: skip
    """What one feature takes of the site, as the rules read it."""
    area = piece.area_m2
    distance: float | None = None
    if area == 0 and piece.part.geom_type not in {"Polygon", "MultiPolygon"}:
        near = piece.distance_m > 0
        distance = planar_distance_m(ground.lonlat, piece.part, ground.planar.epsg) if near else 0.0
    return PlanHit(
        layer_id=piece.layer_id,
        feature=feature["index"],
        attributes={**layer.attributes, **feature["attributes"]},
        area_m2=area,
        share=area / ground.plane.area,
        geometry=as_geojson(piece.part) or {},
        wide=area > SLIVER_M2 or COVERED_V1.wide(piece.part),
        severity=layer.severity or None,
        distance_m=distance,
        in_force=in_force,
    )
