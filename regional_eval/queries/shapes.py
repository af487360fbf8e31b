"""Land as shapes for a map (图形): GeoJSON, thinned to what a screen can show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.db.models import Exists, OuterRef, QuerySet

from regional_eval.geometry.planes import box_in_plane
from regional_eval.models import Assessment, Feature, LayerVersion, Tile
from regional_eval.queries.register import in_force
from regional_eval.terms import kind_name, region_name

# More than a screen can tell apart; the rest is said, not shown.
MOST_SHAPES = 3000
MANY = 300
# About a metre; with many shapes about ten.
FINE, COARSE = 0.00001, 0.0001
DIGITS = 7
# A city has some dozens of assessments: they go with one answer. A province's go by what the map shows.
ALL_AT_ONCE = 400
MOST_IN_VIEW = 400
SCREEN_DOTS = 2000


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


@dataclass(frozen=True)
class View:
    """What a map shows: longitude and latitude of its corners."""

    west: float
    south: float
    east: float
    north: float

    @property
    def tolerance(self) -> float:
        """Degrees that nobody sees on a screen of so many dots."""
        return max(self.east - self.west, self.north - self.south) / SCREEN_DOTS


@dataclass(frozen=True)
class Published:
    """The shapes for a map, and how many there are in all where it looks. `by_view`: too many to send them all."""

    shapes: list[dict[str, Any]]
    total: int
    by_view: bool


def published_shapes(on: date, view: View | None = None) -> Published:
    """The land of the assessments in force, for the pre-check's map (public by law).

    Where there are few, all of them at once; where there are many, nothing until a view is named, then those in it,
    the largest first, thinned to what its screen can show.
    """
    found = Feature.objects.filter(assessment__in=in_force(on))
    if view is None:
        total = found.count()
        if total > ALL_AT_ONCE:
            return Published([], total, by_view=True)
        return Published(area_shapes(found.order_by("pk"), COARSE if total > MANY else FINE), total, by_view=False)
    minx, miny, maxx, maxy = box_in_plane((view.west, view.south, view.east, view.north))
    tiles = Tile.objects.filter(feature=OuterRef("pk"), minx__lte=maxx, maxx__gte=minx, miny__lte=maxy, maxy__gte=miny)
    there = found.filter(Exists(tiles))
    largest = there.order_by("-area_m2", "pk")[:MOST_IN_VIEW]
    return Published(area_shapes(largest, max(view.tolerance, FINE)), there.count(), by_view=True)


def area_shapes(features: QuerySet[Feature], tolerance: float) -> list[dict[str, Any]]:
    """Land of assessments as the map takes it."""
    return [
        {
            "id": f"kind:{owner_of(feature).kind}",
            "group": "cutout" if feature.role == Feature.Role.CUTOUT else "area",
            "label": label_of(owner_of(feature)),
            "geometry": geojson_of(feature.lonlat, tolerance),
        }
        for feature in features.select_related("assessment__region")
    ]


def owner_of(feature: Feature) -> Assessment:
    """The assessment whose terms hold on a polygon of assessments."""
    if feature.assessment is None:
        raise ValueError(f"feature {feature.pk} is of a plan")
    return feature.assessment


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
