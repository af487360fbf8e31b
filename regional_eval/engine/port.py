"""The one door to the land (空间引擎): what may be asked, and what comes back, whichever engine answers.

Engines: PostgreSQL's own `box` with shapely (`boxes`, the default), PostGIS (`postgis`). Both find the same pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from shapely.geometry.base import BaseGeometry

PURPOSES = ("assessment", "plan")
# Overlaps below this are touching borders after rounding.
TOUCH_M2 = 1e-4


@dataclass(frozen=True)
class Wanted:
    """Which features count: those in force on a day, of a district (with the common ones), of some kinds.

    `strict` leaves out assessments that are over, not yet valid, or of other industries; without it they come too, so
    that the answer can say why they do not count. `reach_m` finds lines that far from the site.
    """

    on: date
    purposes: tuple[str, ...] = PURPOSES
    district_id: int | None = None
    kinds: tuple[str, ...] = ()
    industry: str = ""
    strict: bool = False
    reach_m: float = 0.0


@dataclass(frozen=True)
class Piece:
    """What one feature takes of the site, in the plane; a line that only passes near has a part without area."""

    feature_id: int
    layer_id: UUID
    assessment_id: UUID | None
    role: str
    part: BaseGeometry
    # From the site, for lines; 0 where it touches.
    distance_m: float = 0.0

    @property
    def area_m2(self) -> float:
        """Equal-area m²."""
        return float(self.part.area)


class SpatialIndex(Protocol):
    """An engine."""

    name: str

    def overlay(self, site: BaseGeometry, wanted: Wanted) -> list[Piece]:
        """The pieces of one site (in the plane), in the order of the features."""
        ...

    def join(self, sites: Sequence[BaseGeometry], layers: Sequence[UUID]) -> list[tuple[int, Piece]]:
        """The pieces of many sites with some layer versions, each with its site's position."""
        ...
