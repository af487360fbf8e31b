"""Small pieces of land for the tests of the land's pages: squares near the demo city's centre."""

from __future__ import annotations

import json
from typing import Any

from accounts.actions.second_key import ask_second_key, confirm_second_key
from regional_eval import actions
from regional_eval.models import LayerVersion
from tests.cast import Cast

WHOLE = "2026-01-01"


def square(x: float, y: float, size: float = 0.01) -> list[list[float]]:
    """A closed ring."""
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def polygon(x: float, y: float, size: float = 0.01) -> dict[str, Any]:
    """A square as GeoJSON."""
    return {"type": "Polygon", "coordinates": [square(x, y, size)]}


def file_of(*rings: list[list[float]], **properties: Any) -> bytes:
    """A GeoJSON file with one polygon a ring."""
    features = [
        {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in rings
    ]
    crs = {"type": "name", "properties": {"name": "EPSG:4490"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode()


APPROVED = {
    "number": "云区评〔2026〕1号",
    "holder": "云川新区管理委员会",
    "approval_document_no": "云新审批〔2026〕101号",
    "approved_on": WHOLE,
    "valid_from": WHOLE,
    "valid_to": "2029-12-31",
    "region_code": "YC-T",
}


def drafted(
    cast: Cast, data: bytes | None = None, *, code: str = "T-DZ", version: str = "1", **terms: Any
) -> LayerVersion:
    """A draft of a geological hazard assessment over one square, by `assess`."""
    given = {"kind": "GEO_HAZARD", **APPROVED, **terms}
    report = actions.import_layer(
        data or file_of(square(116.20, 39.10)),
        "park.geojson",
        actor=cast.assess,
        purpose="assessment",
        code=code,
        version=version,
        attributes=given,
    )
    return LayerVersion.objects.get(pk=report.version_id)


def drafted_plan(
    cast: Cast, data: bytes | None = None, *, code: str = "T-LX", version: str = "1", **more: Any
) -> LayerVersion:
    """A draft green line over one square, by `assess`."""
    attributes = {"layer": "GREEN_LINE", "effective_from": WHOLE, **more}
    report = actions.import_layer(
        data or file_of(square(116.215, 39.10, 0.005)),
        "green.geojson",
        actor=cast.assess,
        purpose="plan",
        code=code,
        version=version,
        attributes=attributes,
    )
    return LayerVersion.objects.get(pk=report.version_id)


def published(cast: Cast, layer: LayerVersion) -> LayerVersion:
    """Reviewed by `assess2`, who asks for publication; `assess` confirms."""
    actions.review_layer(layer.pk, actor=cast.assess2)
    layer.refresh_from_db()
    row = "plan_layer.publish" if layer.purpose == "plan" else "assessment.publish"
    key = ask_second_key(row, layer, actor=cast.assess2, summary="发布")
    confirm_second_key(key.pk, actor=cast.assess)
    layer.refresh_from_db()
    return layer
