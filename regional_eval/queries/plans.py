"""Plan layers for rooms above (规划图层): whose they are, what they are called, and where they contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import shapely
from django.db import connection
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from regional_eval import domain
from regional_eval.geometry.covered import as_geojson
from regional_eval.geometry.repair import polygons_only
from regional_eval.models import Feature, LayerVersion, State
from regional_eval.rules.answers import Reason
from regional_eval.rules.contradictions import Side, contradiction, may_contradict, tolerance_m2
from regional_eval.rules.controls import mu_of
from regional_eval.rules.land_use import LandUse, read_land_uses
from regional_eval.rules.plan_kinds import LayerRule, PlanLayerKind, read_plan_kind

# A case with more places than a person can look at names the largest of them.
MOST_PATCHES = 200
# Pairs of tiles that are read at once.
PAGE = 2000


@cache
def plan_kinds() -> Mapping[str, PlanLayerKind]:
    """Code -> kind of plan layer (plan_layers.yaml)."""
    return {code: read_plan_kind(raw) for code, raw in domain.plan_layers().items()}


@cache
def land_uses() -> tuple[LandUse, ...]:
    """The table of land uses (用地用海分类)."""
    return read_land_uses(domain.read("plan_layers")["land_use_codes"]["codes"])


@dataclass(frozen=True)
class LayerLabel:
    """A layer version by name."""

    id: UUID
    kind: str
    code: str
    version: str
    state: str
    effective_from: date
    effective_to: date | None
    owner: str
    sha256: str


def layer_labels(layer_ids: Iterable[UUID]) -> dict[UUID, LayerLabel]:
    """The names of these versions (图层版本)."""
    return {layer.pk: label_of(layer) for layer in LayerVersion.objects.filter(pk__in=list(layer_ids))}


def is_first_to_lie_within(layer_id: UUID) -> bool:
    """Is it the first version of a plan in which every site must lie? Then it changes what holds outside it, too."""
    layer = LayerVersion.objects.only("kind", "supersedes").get(pk=layer_id)
    return layer.supersedes_id is None and plan_kinds()[layer.kind].rule == LayerRule.MUST_BE_WITHIN


def label_of(layer: LayerVersion) -> LayerLabel:
    """One version by name."""
    return LayerLabel(
        id=layer.pk,
        kind=layer.kind,
        code=layer.code,
        version=layer.version,
        state=layer.state,
        effective_from=layer.effective_from,
        effective_to=layer.effective_to,
        owner=owner_of(layer),
        sha256=layer.sha256,
    )


def owner_of(layer: LayerVersion) -> str:
    """The department whose plan it is: as imported, else the authority of its kind."""
    return layer.owner_department_code or plan_kinds()[layer.kind].authority


def layer_owners(layer_ids: Collection[UUID]) -> dict[UUID, str]:
    """Version -> code of the department whose plan it is (主管部门)."""
    return {layer.pk: owner_of(layer) for layer in LayerVersion.objects.filter(pk__in=list(layer_ids))}


# Plans against plans


@dataclass(frozen=True)
class Patch:
    """One place on which two plans contradict each other."""

    first: int
    second: int
    area_m2: float
    mu: float
    # GeoJSON, EPSG:4490.
    geometry: dict[str, Any]
    reason: Reason

    def as_json(self) -> dict[str, Any]:
        """For a stored case."""
        return {
            "first": self.first,
            "second": self.second,
            "area_m2": round(self.area_m2, 2),
            "mu": self.mu,
            "geometry": self.geometry,
            "reason": self.reason.as_json(),
        }


@dataclass(frozen=True)
class Contradiction:
    """What one version has against another for one reason, the largest place first; all places count in `area_m2`."""

    first: LayerLabel
    second: LayerLabel
    reason: str
    area_m2: float
    patches: tuple[Patch, ...]


def contradictions_of(layer_id: UUID, district_id: int) -> tuple[Contradiction, ...]:
    """Where a published plan layer contradicts the other published plans of a district (规划间矛盾).

    Empty for a version that is not published. Each pair of versions and reason comes once.
    """
    layer = LayerVersion.objects.filter(pk=layer_id, purpose="plan", state=State.PUBLISHED).first()
    if layer is None:
        return ()
    kinds = plan_kinds()
    others = {
        other.pk: other
        for other in published_beside(layer, district_id)
        if may_contradict(kinds[layer.kind], kinds[other.kind])
    }
    found: dict[tuple[UUID, str], list[Patch]] = defaultdict(list)
    for first, second, shape in overlaps(layer.pk, list(others)):
        other = others[second.layer_id]
        area = float(shape.area)
        if area <= tolerance_m2(kinds[layer.kind], kinds[other.kind]):
            continue
        why = contradiction(side_of(layer, first), side_of(other, second), land_uses())
        place = as_geojson(shape) if why else None
        if why is not None and place is not None:
            patch = Patch(first.index, second.index, area, mu_of(area), place, why)
            found[other.pk, why.code].append(patch)
    return tuple(
        Contradiction(
            label_of(layer),
            label_of(others[other_id]),
            code,
            sum(patch.area_m2 for patch in patches),
            tuple(sorted(patches, key=lambda patch: -patch.area_m2)[:MOST_PATCHES]),
        )
        for (other_id, code), patches in found.items()
    )


def published_beside(layer: LayerVersion, district_id: int) -> QuerySet[LayerVersion]:
    """The other published plan layers that hold in the district and whose boxes meet the layer's."""
    return LayerVersion.objects.filter(
        Q(district_id=district_id) | Q(district_id=None),
        purpose="plan",
        state=State.PUBLISHED,
        minx__lte=layer.maxx,
        maxx__gte=layer.minx,
        miny__lte=layer.maxy,
        maxy__gte=layer.miny,
    ).exclude(pk=layer.pk)


def side_of(layer: LayerVersion, feature: Feature) -> Side:
    """A feature with the attributes of its layer under its own."""
    return Side(plan_kinds()[layer.kind], {**layer.attributes, **feature.attributes})


PAIRS = """
    SELECT one.feature_id, other.feature_id, one.plane, other.plane
    FROM regional_eval_tile one
    JOIN regional_eval_tile other ON one.ground && other.ground
    WHERE one.layer_id = %s AND other.layer_id = ANY(%s)
    ORDER BY one.feature_id, other.feature_id
"""


def overlaps(layer_id: UUID, other_ids: Sequence[UUID]) -> list[tuple[Feature, Feature, BaseGeometry]]:
    """Every pair of polygons of the two sides that overlap, with their common ground in the plane; found by tiles."""
    if not other_ids:
        return []
    pieces: dict[tuple[int, int], list[BaseGeometry]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [layer_id, list(other_ids)])
        while rows := cursor.fetchmany(PAGE):
            ones = shapely.from_wkb([bytes(row[2]) for row in rows])
            others = shapely.from_wkb([bytes(row[3]) for row in rows])
            common = shapely.intersection(ones, others)
            for row, shape in zip(rows, common, strict=True):
                if shape.area > 0:
                    pieces[row[0], row[1]].append(polygons_only(shape))
    features = Feature.objects.in_bulk({pk for pair in pieces for pk in pair})
    return [
        (features[first], features[second], shapely.union_all(shapes) if len(shapes) > 1 else shapes[0])
        for (first, second), shapes in pieces.items()
        if features[first].role == Feature.Role.AREA and features[second].role == Feature.Role.AREA
    ]
