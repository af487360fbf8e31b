"""The demo's base map: made again byte for byte, sound as geometry, served to everybody and nothing else with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pyproj import Transformer
from shapely import transform
from shapely.geometry import box, shape
from shapely.ops import unary_union

from portal.demo.make_basemap import EPSG, FOLDER, PAINTED, QUARTERS, write

METRES = Transformer.from_crs(4490, EPSG, always_xy=True).transform


def features(layer: str) -> list[dict[str, Any]]:
    """The features of a committed layer."""
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{layer}.geojson").read_text(encoding="utf-8"))["features"]
    return found


def test_the_committed_files_are_what_the_maker_writes(tmp_path: Path) -> None:
    made = write(tmp_path)
    assert {path.name for path in made} == {path.name for path in FOLDER.iterdir()}
    for path in made:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), f"{path.name}: run portal.demo.make_basemap"


def test_the_map_is_small_enough_for_a_page() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_200_000


def test_everything_lies_in_the_district() -> None:
    west, south, east, north = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))["bounds"]
    district = box(west, south, east, north).buffer(0.003)
    for layer in PAINTED:
        for feature in features(layer):
            assert district.contains(shape(feature["geometry"])), (layer, feature["properties"])


def test_parcels_are_sound_numbered_once_and_clear_of_each_other_and_of_water() -> None:
    parcels = features("parcels")
    numbers = [parcel["properties"]["number"] for parcel in parcels]
    assert len(numbers) == len(set(numbers)) > 500
    shapes = [transform(shape(parcel["geometry"]), METRES, interleaved=False) for parcel in parcels]
    for parcel, land in zip(parcels, shapes, strict=True):
        assert land.is_valid, parcel["properties"]
        assert abs(land.area - parcel["properties"]["area"]) < 1
    water = unary_union(
        [transform(shape(feature["geometry"]), METRES, interleaved=False) for feature in features("water")]
    )
    assert unary_union(shapes).intersection(water).area < 1
    # Corners are simplified by up to 20 cm, so neighbours may share a sliver: under 20 m² of 28 km².
    assert sum(land.area for land in shapes) - unary_union(shapes).area < 20


def test_the_quarters_of_the_story_are_there() -> None:
    kinds = [quarter.kind for quarter in QUARTERS]
    assert kinds.count("industry") == 2
    assert "old_town" in kinds
    names = {feature["properties"].get("name_zh") for feature in features("places")}
    assert {"云川智造产业园", "滨河新材料产业园", "云川老城", "镜湖"} <= names


@pytest.mark.django_db
def test_anybody_may_see_it() -> None:
    client = Client()
    index = client.get("/basemap/").json()
    assert [layer["name"] for layer in index["layers"]] == list(PAINTED)
    for layer in index["layers"]:
        answer = client.get(layer["url"])
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/geo+json"
        assert "public" in answer["Cache-Control"]
        assert json.loads(answer.content)["type"] == "FeatureCollection"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fsettings", "index", "Water", "%2e%2e"])
def test_no_other_file_comes_with_it(name: str) -> None:
    assert Client().get(f"/basemap/{name}.geojson").status_code == 404
