"""Regional assessments under the test projects' red line, through the real import."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from accounts.access import confirmed
from ledger.actor import Actor
from projects import actions
from regional_eval.actions import revoke_assessment
from regional_eval.actions.console import import_at_console
from tests.cast import Cast

# The red line of tests.actions.projects.filing lies inside; HALF covers its western half.
WIDE = (116.10, 38.98, 116.13, 39.0)
HALF = (116.10, 38.98, 116.112, 39.0)


def box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    """One ring."""
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def assess(cast: Cast, kind: str, *, where: tuple[float, float, float, float] = WIDE, **terms: Any) -> UUID:
    """A published assessment; returns its id."""
    from regional_eval.models import Assessment

    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": box(*where)}}
        ],
    }
    attributes = {
        "kind": kind,
        "status": "PUBLISHED",
        "valid_from": "2026-01-01",
        "valid_to": "2028-12-31",
        "number": f"{kind}-1",
        "region": "云川产业园",
        **terms,
    }
    report = import_at_console(
        json.dumps(collection).encode(),
        f"{kind}.geojson",
        purpose="assessment",
        code=attributes.pop("code", f"{kind.lower()}-zone"),
        attributes=attributes,
        district_id=cast.district.pk,
        home_epsg=cast.district.epsg,
    )
    found: UUID = Assessment.objects.get(layer__in=report.versions).pk
    return found


def revoke(cast: Cast, assessment_id: UUID) -> None:
    """Two managers take it back."""
    with confirmed("assessment.withdraw"):
        revoke_assessment(assessment_id, actor=cast.assess2, reason="区内发现新的崩塌隐患，原结论不再适用")


def recalled(cast: Cast, assessment_id: UUID) -> None:
    """Taken back, and the wave that follows, without the letters and papers that the outbox makes besides."""
    from regional_eval.models import Assessment

    revoke(cast, assessment_id)
    ended = Assessment.objects.get(pk=assessment_id)
    system = Actor.system(cause="AssessmentEnded")
    actions.open_rechecks(ended.pk, layer_id=ended.layer_id, how="revoked", reason=ended.revoked_reason, actor=system)


def plan(cast: Cast, version: str, *, where: tuple[float, float, float, float] = WIDE) -> UUID:
    """A published regulatory plan; returns the layer's id."""
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"land_use_code": "1001"},
                "geometry": {"type": "Polygon", "coordinates": box(*where)},
            }
        ],
    }
    report = import_at_console(
        json.dumps(collection).encode(),
        "plan.geojson",
        purpose="plan",
        code="control-plan",
        version=version,
        attributes={"layer": "REGULATORY_PLAN", "effective_from": "2026-01-01", "plan_version": version},
        district_id=cast.district.pk,
        home_epsg=cast.district.epsg,
    )
    found: UUID = next(iter(report.versions))
    return found
