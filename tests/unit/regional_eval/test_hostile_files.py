"""Files that are broken, mistaken or meant to hurt: imported with a report, or refused in plain words; never a crash.

Read by the two doors: the import of layers (`examine`), and a visitor's red line (`read_outline`, then `read_ground`).
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
import shapely
from ezdxf.filemanagement import new as new_dxf

from ledger.errors import Refused
from regional_eval.geometry.ground import read_ground
from regional_eval.geometry.planes import GEOGRAPHIC, definition, way
from regional_eval.importing import examine as examining
from regional_eval.importing import geojson
from regional_eval.importing.examine import examine
from regional_eval.importing.files import read_file
from regional_eval.queries import outline
from regional_eval.queries.outline import read_outline

X, Y, D = 116.11, 38.99, 0.004
SQUARE = [[X, Y], [X + D, Y], [X + D, Y + D], [X, Y + D], [X, Y]]
HOLE = [[X + 0.001, Y + 0.001], [X + 0.002, Y + 0.001], [X + 0.002, Y + 0.002], [X + 0.001, Y + 0.002],
        [X + 0.001, Y + 0.001]]  # fmt: skip
AREA, HOLE_AREA = 153_887.1, 9_617.9
HOME = 4548


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the test's own process; that it is another one is tested elsewhere."""
    for module in (examining, outline):
        monkeypatch.setattr(module, "read_apart", read_file)
    # Not a million corners, which take seconds to write: the same rule with a smaller number.
    monkeypatch.setattr(geojson, "MOST_CORNERS", 1_500)


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(*geometries: Any, properties: dict[str, Any] | None = None, **more: Any) -> bytes:
    features = [{"type": "Feature", "properties": properties or {}, "geometry": each} for each in geometries]
    return json.dumps({"type": "FeatureCollection", **more, "features": features}).encode()


def moved(ring: list[list[float]], east: float) -> list[list[float]]:
    return [[x + east, y] for x, y in ring]


def in_zone(epsg: int, ring: list[list[float]]) -> list[list[float]]:
    to_zone = way(GEOGRAPHIC, definition(epsg))
    return [list(to_zone.transform(*corner)) for corner in ring]


def both(data: bytes, name: str) -> tuple[str, str]:
    """The codes of the refusals at the two doors."""
    codes = []
    for door in (
        lambda: examine(data, name),
        lambda: read_ground(read_outline(data, name, zone_epsg=HOME).boundary),
    ):
        with pytest.raises(Refused) as refused:
            door()
        assert len(refused.value.message) < 200
        codes.append(refused.value.code)
    return codes[0], codes[1]


def many_corners(count: int) -> list[list[float]]:
    angle = np.linspace(0, 2 * np.pi, count)
    ring: list[list[float]] = np.column_stack([X + D * np.cos(angle), Y + D * np.sin(angle)]).round(9).tolist()
    return [*ring[:-1], ring[0]]


@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("gcj02 by its name.geojson", collection(polygon(SQUARE)), ("web_map_crs", "web_map_crs")),
        ("a.geojson", collection(polygon(SQUARE), crs={"type": "name", "properties": {"name": "GCJ-02"}}),
         ("web_map_crs", "web_map_crs")),
        ("a.geojson", collection(polygon(SQUARE), properties={"坐标系": "火星坐标 GCJ-02"}),
         ("web_map_crs", "web_map_crs")),
        ("a.geojson", b'<?xml version="1.0"?><kml><Placemark/></kml>', ("unknown_format", "unknown_format")),
        ("a.geojson", b'{"type":"Polygon","coordinates":[[[' + b"9" * 400 + b",1],[2,2],[3,3],[1,1]]]}",
         ("bad_position", "bad_position")),
        ("a.geojson", collection(polygon([[1e300, 1e300], [X, Y], [X, Y + D], [1e300, 1e300]])),
         ("bad_position", "bad_position")),
        ("a.geojson", collection(polygon([[X, Y], [float("nan"), Y], [X + D, Y + D], [X, Y]])),
         ("bad_position", "bad_position")),
        ("a.geojson", collection(polygon([[X, Y], [X + D, Y], [10, 50], [X, Y]])), ("out_of_range", "out_of_range")),
        ("a.geojson", collection(polygon([[y, x] for x, y in SQUARE])), ("swapped_axes", "swapped_axes")),
        ("a.geojson", collection({"type": "GeometryCollection", "geometries": []}), ("empty", "no_polygon")),
        ("a.geojson", collection(), ("empty", "empty")),
        ("a.geojson", collection(polygon(in_zone(4525, SQUARE)), crs={"type": "name", "properties": {"name": "EPSG:4526"}}),
         ("wrong_zone", "wrong_zone")),
        ("a.geojson", collection(polygon(many_corners(1_600))), ("too_many_points", "too_many_points")),
    ],
)  # fmt: skip
def test_what_cannot_be_land_is_refused_at_both_doors(name: str, data: bytes, codes: tuple[str, str]) -> None:
    assert both(data, name) == codes


def test_too_many_corners_are_not_handed_on() -> None:
    (feature,) = read_file(collection(polygon(many_corners(1_502))), "a.geojson").features
    assert (feature.fault, feature.polygons) == ("too_many_points", [])


def test_heights_are_left_out_and_rings_may_run_either_way() -> None:
    plain = examine(collection(polygon(SQUARE)), "a.geojson")
    high = examine(collection(polygon([[x, y, 23.5] for x, y in SQUARE])), "a.geojson")
    assert [piece.land.sha256 for piece in high.pieces] == [piece.land.sha256 for piece in plain.pieces]
    wound = {
        "type": "MultiPolygon",
        "coordinates": [[SQUARE, HOLE], [moved(SQUARE, 2 * D)[::-1], moved(HOLE, 2 * D)[::-1]]],
    }
    made = examine(collection(wound), "a.geojson")
    assert made.repaired == []
    assert made.area_m2 == pytest.approx(2 * (AREA - HOLE_AREA), rel=1e-4)


def test_land_across_the_border_of_two_zones_is_the_same_from_either() -> None:
    across = [[115.495, 38.9], [115.505, 38.9], [115.505, 38.905], [115.495, 38.905], [115.495, 38.9]]
    as_degrees = examine(collection(polygon(across)), "a.geojson").pieces[0].land
    for epsg in (4547, 4548, 4526, 4527):
        named = {"type": "name", "properties": {"name": f"EPSG:{epsg}"}}
        found = examine(collection(polygon(in_zone(epsg, across)), crs=named), "a.geojson").pieces[0].land
        # A straight border is straight in the plane of its file only: 900 m of it stray by a centimetre.
        assert found.area_m2 == pytest.approx(as_degrees.area_m2, rel=1e-5)
        assert shapely.hausdorff_distance(found.plane, as_degrees.plane) < 0.03


def dxf(*polylines: list[Any]) -> bytes:
    document = new_dxf("R2010")
    for corners in polylines:
        document.modelspace().add_lwpolyline(corners, format="xyb", close=True)
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode()


def test_the_arcs_of_a_dxf_become_chords_of_a_centimetre() -> None:
    east, north = in_zone(4527, SQUARE)[0]
    circle = examine(dxf([(east, north, 1.0), (east + 200, north, 1.0)]), "a.dxf")
    assert circle.area_m2 == pytest.approx(np.pi * 100**2, rel=5e-4)


def test_half_a_dxf_is_refused_instead_of_half_of_its_boundaries() -> None:
    squares = [[(*corner, 0.0) for corner in in_zone(4527, moved(SQUARE, k * D))[:-1]] for k in range(20)]
    data = dxf(*squares)
    assert len(examine(data, "a.dxf").pieces) == 20
    last = data.rindex(b"LWPOLYLINE")
    assert both(data[:last], "a.dxf") == ("dxf_damaged", "dxf_damaged")
