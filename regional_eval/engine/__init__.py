"""The spatial engine of this installation (空间引擎), chosen by the setting SPATIAL_ENGINE."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from regional_eval.engine.boxes import BoxIndex
from regional_eval.engine.port import Piece, SpatialIndex, Wanted
from regional_eval.engine.postgis import PostgisIndex

ENGINES: dict[str, type[SpatialIndex]] = {BoxIndex.name: BoxIndex, PostgisIndex.name: PostgisIndex}

__all__ = ["ENGINES", "Piece", "SpatialIndex", "Wanted", "engine", "named"]


def engine() -> SpatialIndex:
    """The engine that the setting names."""
    return named(getattr(settings, "SPATIAL_ENGINE", BoxIndex.name))


@cache
def named(name: str) -> SpatialIndex:
    """One engine by its name. Raises ImproperlyConfigured for a name there is none of."""
    if name not in ENGINES:
        raise ImproperlyConfigured(f"LIANSHEN_SPATIAL_ENGINE must be one of {', '.join(ENGINES)}, not {name!r}")
    return ENGINES[name]()
