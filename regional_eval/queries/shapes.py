"""Land as shapes for a map (图形): GeoJSON, thinned to what a screen can show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import shapely
from django.db.models import QuerySet

from regional_eval.models import Assessment, Feature, LayerVersion
from regional_eval.queries.register import in_force
from regional_eval.terms import kind_name, region_name

# More than a screen can tell apart; the rest is said, not shown.
MOST_SHAPES = 3000
MANY = 300
# About a metre; with many shapes about ten.
FINE, COARSE = 0.00001, 0.0001
DIGITS = 7


def geojson_of(wkb: bytes | memoryview, tolerance: float = 0.0) -> dict[str, Any]:
    """A stored polygon as GeoJSON, EPSG:4490."""
    shape = shapely.from_wkb(bytes(wkb))
    if tolerance:
        thinned = shapely.simplify(shape, tolerance, preserve_topology=True)
        shape = shape if thinned.is_empty else thinned
    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.transform(shape, lambda xy: xy.round(DIGITS))))
    return found


def shapes_of(
    features: QuerySet[Feature],
    group: Callable[[Feature], str],
    ident: Callable[[Feature], str],
    label: Callable[[Feature], str],
) -> list[dict[str, Any]]:
    """Features in the form that the map reads."""
    found = list(features[:MOST_SHAPES])
    tolerance = COARSE if len(found) > MANY else FINE
    return [
        {
            "id": ident(feature),
            "group": group(feature),
            "label": label(feature),
            "geometry": geojson_of(feature.lonlat, tolerance),
        }
        for feature in found
    ]


def layer_shapes(layer: LayerVersion) -> list[dict[str, Any]]:
    """The polygons of one version; repaired ones stand out."""
    repaired = {int(entry["index"]) for entry in layer.repairs if "index" in entry}
    names: dict[Any, str] = {assessment.pk: str(assessment) for assessment in layer.assessments.all()}

    def group(feature: Feature) -> str:
        if feature.index in repaired:
            return "repaired"
        if feature.role == Feature.Role.CUTOUT:
            return "cutout"
        return layer.severity or "area"

    def label(feature: Feature) -> str:
        name = next(
            (str(feature.attributes[key]) for key in ("name", "NAME", "名称") if feature.attributes.get(key)), ""
        )
        return " · ".join(filter(None, [f"#{feature.index + 1}", name, names.get(feature.assessment_id, "")]))

    features = Feature.objects.filter(layer=layer).order_by("index")
    return shapes_of(features, group, lambda feature: f"feature:{feature.index}", label)


def published_shapes(on: date) -> list[dict[str, Any]]:
    """The land of every assessment in force, for the pre-check's map (public by law)."""
    by_id = {found.pk: found for found in in_force(on).select_related("region")}
    features = Feature.objects.filter(assessment_id__in=by_id).order_by("pk")
    return shapes_of(
        features,
        lambda feature: "cutout" if feature.role == Feature.Role.CUTOUT else "area",
        lambda feature: f"kind:{owner_of(by_id, feature).kind}",
        lambda feature: label_of(owner_of(by_id, feature)),
    )


def owner_of(by_id: dict[Any, Assessment], feature: Feature) -> Assessment:
    """The assessment whose terms hold on a polygon."""
    return by_id[feature.assessment_id]


def label_of(assessment: Assessment) -> str:
    """What the pointer says of an assessment's land."""
    return " · ".join(filter(None, [kind_name(assessment.kind), region_name(assessment.region), assessment.number]))


def assessment_shapes(assessment: Assessment) -> list[dict[str, Any]]:
    """The land of one assessment, its region's boundary below."""
    features = Feature.objects.filter(assessment=assessment).order_by("index")
    return shapes_of(
        features,
        lambda feature: "cutout" if feature.role == Feature.Role.CUTOUT else "area",
        lambda feature: f"feature:{feature.index}",
        lambda _feature: label_of(assessment),
    )


def region_shapes(boundaries: Iterable[tuple[str, str, dict[str, Any] | None]]) -> list[dict[str, Any]]:
    """Boundaries of regions: (code, name, GeoJSON)."""
    return [
        {"id": f"region:{code}", "group": "area", "label": name, "geometry": boundary}
        for code, name, boundary in boundaries
        if boundary
    ]
