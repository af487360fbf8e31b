"""Plan layers for tests, through the operator's import: squares beside and over the test's red line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from regional_eval.actions.console import import_at_console
from tests.cast import Cast

# The red line of `filing.BOUNDARY`: 116.110..116.114, 38.990..38.993.
WEST, SOUTH, EAST, NORTH = 116.110, 38.990, 116.114, 38.993


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A polygon by its corners."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


WHOLE = square(WEST - 0.01, SOUTH - 0.01, EAST + 0.01, NORTH + 0.01)
# A quarter of the site in its east.
EAST_QUARTER = square(EAST - 0.001, SOUTH - 0.001, EAST + 0.002, NORTH + 0.001)
FAR_AWAY = square(EAST + 0.02, SOUTH, EAST + 0.03, NORTH)


def publish(
    cast: Cast,
    kind: str,
    *places: Mapping[str, Any],
    code: str = "",
    version: str = "1",
    properties: Mapping[str, Any] | None = None,
    **attributes: Any,
) -> UUID:
    """A plan layer of the cast's district with these polygons, in force since 2026."""
    features = [{"type": "Feature", "properties": dict(properties or {}), "geometry": dict(place)} for place in places]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    given = {"layer": kind, "effective_from": "2026-01-01", **attributes}
    with transaction.atomic():
        report = import_at_console(
            content,
            f"{kind}.geojson",
            purpose="plan",
            code=code or f"131099-{kind}",
            version=version,
            attributes=given,
            crs="EPSG:4490",
            district_id=cast.district.pk,
        )
    return report.version_id
