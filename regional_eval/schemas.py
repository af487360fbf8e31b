"""What the HTTP API of this room takes and gives."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from regional_eval.terms import region_name


class SiteCheckIn(Schema):
    """A site and what is known of the project."""

    boundary: dict[str, Any] = Field(description="GeoJSON, Polygon or MultiPolygon")
    crs: str = Field("", description="EPSG code, where the GeoJSON does not name it; else told by magnitude")
    on: date | None = Field(None, description="day of use; today when absent")
    industry: str = Field("", description="GB/T 4754")
    facts: dict[str, str | float | bool | None] = Field(default_factory=dict)


class AssessmentOut(Schema):
    """One regional assessment."""

    id: UUID
    kind: str
    region: str
    number: str
    state: str
    effect: str
    not_needed: bool
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_region(found: Any) -> str:
        """The region's name in the caller's language."""
        return region_name(found.region)
