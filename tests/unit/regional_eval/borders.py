"""Borders to cut sites along: real ones beside the repository, and generated ones with a river's roughness."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

FIXTURES = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "spatial"


def fixture_features(name: str) -> list[dict[str, Any]]:
    """The features of a fixture; skips loudly where the fixtures are not there."""
    path = FIXTURES / name
    if not path.is_file():
        pytest.skip(f"NOT RUN: {name} is not beside the repository (../shared/fixtures/spatial)")
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


@cache
def hebei_county() -> Any:
    """The county with the most vertices, EPSG:4490."""
    shapes = [shape(feature["geometry"]) for feature in fixture_features("hebei_counties.geojson")]
    largest = max(shapes, key=shapely.get_num_coordinates)
    return max(shapely.get_parts(largest), key=lambda part: part.area)


@cache
def generated_county(corners: int = 4000, seed: int = 7) -> Any:
    """A county of about 30 km across in Guizhou, EPSG:4490, its border as rough as a river's."""
    chance = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = np.full(corners, 0.15)
    for wave in (2, 3, 5, 9, 17, 40, 90, 200, 450):
        radius += 0.15 * chance.normal() / wave**1.4 * np.cos(wave * angle + chance.uniform(0, 7)) * 0.35
    x, y = 106.63 + radius * np.cos(angle) * 1.12, 26.38 + radius * np.sin(angle)
    return shapely.Polygon(np.column_stack([x, y]).round(7))
