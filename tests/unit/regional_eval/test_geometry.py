"""Coordinate systems by magnitude, repair with a report, areas: what is taken, mended with a word, or refused."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from ledger.errors import Refused
from regional_eval.geometry import areas, planes
from regional_eval.geometry.ground import read_ground
from regional_eval.geometry.recognise import declared_epsg, epsg_of_wkt, recognise
from regional_eval.geometry.repair import Land, Rejected, land_of
from regional_eval.geometry.tiles import tiles_of
from tests.unit.regional_eval.borders import fixture_features, generated_county

# identifiers.md section 5: planar 132737.313 m2 in 4545, ellipsoidal 132676.266 m2.
SQUARE = [[106.63, 26.38], [106.634, 26.38], [106.634, 26.383], [106.63, 26.383], [106.63, 26.38]]
ZONES = [*range(4491, 4555)]
# A place in every zone: its middle and 0.4 degrees beside it, at several latitudes.
# Zones 13 and 14 before the easting have the size of a web map's metres in eastern China: they must be declared.
LIKE_WEB_MAPS = (4491, 4492)
LATITUDES = (19.5, 26.4, 39.9, 50.2)


def at(epsg: int, lat: float) -> Any:
    """A small square in a zone, EPSG:4490."""
    lon = planes.central_meridian(epsg) + 0.4
    return shapely.box(lon, lat, lon + 0.004, lat + 0.003)


def corners(shape: Any) -> Any:
    return shapely.get_coordinates(shape)


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return refusal.value.code


@pytest.mark.parametrize("epsg", ZONES)
def test_our_zones_are_those_of_the_register(epsg: int) -> None:
    """Our own PROJ strings against the EPSG database that pyproj brings."""
    official = pyproj.Transformer.from_crs(4490, epsg, always_xy=True)
    for lat in LATITUDES:
        place = at(epsg, lat)
        ours = planes.moved(place, planes.GEOGRAPHIC, planes.definition(epsg))
        theirs = shapely.transform(place, official.transform, interleaved=False)
        assert np.allclose(corners(ours), corners(theirs), atol=1e-6)


@pytest.mark.parametrize("epsg", [code for code in ZONES if 75 <= planes.central_meridian(code) <= 134])
@pytest.mark.parametrize("lat", LATITUDES)
def test_a_zone_is_recognised(epsg: int, lat: float) -> None:
    there = planes.moved(at(epsg, lat), planes.GEOGRAPHIC, planes.definition(epsg))
    assert recognise(corners(there), epsg).epsg == epsg
    if epsg in LIKE_WEB_MAPS:
        with pytest.raises(Refused) as refused:
            recognise(corners(there), None)
        assert code_of(refused) == "web_map_crs"
    elif planes.is_prefixed(epsg):
        assert recognise(corners(there), None).epsg == epsg
        other = epsg + 1 if epsg + 1 in ZONES else epsg - 1
        with pytest.raises(Refused) as refused:
            recognise(corners(there), other)
        assert code_of(refused) in {"wrong_zone", "crs_differs"}
    else:
        with pytest.raises(Refused) as refused:
            recognise(corners(there), None)
        assert code_of(refused) == "zone_missing"
    with pytest.raises(Refused) as refused:
        recognise(corners(there)[:, ::-1], epsg)
    assert code_of(refused) == "swapped_axes"
    land = land_of([[corners(there)]], epsg)
    assert isinstance(land, Land)
    assert land.area_m2 == pytest.approx(areas.geodesic_m2(at(epsg, lat)), rel=1e-5)


@pytest.mark.parametrize(
    ("rows", "declared", "code"),
    [
        ([[26.38, 106.63]], None, "swapped_axes"),
        ([[26.38, 106.63]], 4490, "swapped_axes"),
        ([[11870000, 3050000]], None, "web_map_crs"),
        ([[12950000, 4860000]], None, "web_map_crs"),
        ([[106.63, 26.38]], 4545, "crs_differs"),
        ([[36363275.0, 2919661.5]], 4490, "projected"),
        ([[36363275.0, 2919661.5]], 4525, "wrong_zone"),
        ([[363275.0, 2919661.5]], 4524, "crs_differs"),
        ([[2.35, 48.85]], None, "out_of_range"),
        ([[0.0, 0.0]], None, "out_of_range"),
        ([[60363275.0, 2919661.5]], None, "unknown_coordinates"),
        ([[363275.0, -12.0]], 4545, "unknown_coordinates"),
    ],
)
def test_what_cannot_be_is_refused(rows: Any, declared: int | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        recognise(np.array(rows, dtype=float), declared)
    assert code_of(refused) == code
    assert refused.value.message


def test_land_three_degrees_from_its_district_is_refused() -> None:
    there = planes.moved(shapely.Polygon(SQUARE), planes.GEOGRAPHIC, planes.definition(4545))
    assert recognise(corners(there), 4545, home=4545).epsg == 4545
    with pytest.raises(Refused) as refused:
        recognise(corners(there), 4546, home=4545)
    assert code_of(refused) == "wrong_zone"


@pytest.mark.parametrize("name", ["EPSG:3857", "gcj-02", "GCJ02", "BD09", "bd_09", "EPSG:900913", "火星坐标"])
def test_web_maps_are_refused_by_name(name: str) -> None:
    with pytest.raises(Refused) as refused:
        declared_epsg(name)
    assert code_of(refused) == "web_map_crs"


@pytest.mark.parametrize("kind", ["WKT1_ESRI", "WKT2_2019", "WKT1_GDAL"])
@pytest.mark.parametrize("epsg", [4490, 4498, 4526, 4548, 4513, 4554])
def test_a_prj_is_read(epsg: int, kind: str) -> None:
    assert epsg_of_wkt(pyproj.CRS(epsg).to_wkt(kind)) == epsg


@pytest.mark.parametrize(
    ("epsg", "code"), [(3857, "web_map_crs"), (2383, "other_datum"), (2436, "other_datum"), (32650, "other_datum")]
)
def test_a_prj_of_another_datum_is_refused(epsg: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        epsg_of_wkt(pyproj.CRS(epsg).to_wkt("WKT1_ESRI"))
    assert code_of(refused) == code


# Repair


def rings(*points: tuple[float, float]) -> list[Any]:
    """A polygon near the vector's square, in hundredths of its side."""
    return [[[106.63 + x * 4e-5, 26.38 + y * 3e-5] for x, y in points]]


WHOLE = 132_676.266


@pytest.mark.parametrize(
    ("polygon", "code", "share"),
    [
        (rings((0, 0), (100, 100), (100, 0), (0, 100), (0, 0)), "self_crossing", 0.5),
        (rings((0, 0), (100, 0), (100, 100), (0, 100)), "open_ring", 1.0),
        (rings((0, 0), (100, 0), (100, 50), (160, 50), (100, 50), (100, 100), (0, 100), (0, 0)), "self_crossing", 1.0),
        ([*rings((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)),
          *rings((160, 20), (240, 20), (240, 60), (160, 60), (160, 20))], "bad_hole", None),
        ([*rings((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)), [[106.631, 26.381]]], "collapsed_hole", 1.0),
    ],
)  # fmt: skip
def test_a_fault_is_mended_with_a_report(polygon: list[Any], code: str, share: float | None) -> None:
    land = land_of([polygon], 4490)
    assert isinstance(land, Land)
    assert land.repair is not None
    assert code in land.repair.codes or (code == "self_crossing" and "ring_touches_itself" in land.repair.codes)
    assert land.plane.is_valid
    assert land.lonlat.is_valid
    report = land.repair.as_json(3)
    assert report["index"] == 3
    assert math.isfinite(report["area_change"])
    if share is not None:
        assert land.area_m2 == pytest.approx(WHOLE * share, rel=1e-4)


def test_a_bow_tie_keeps_both_halves_and_asks_for_a_look() -> None:
    """`buffer(0)` keeps one of them and says nothing."""
    raw = rings((0, 0), (100, 100), (100, 0), (0, 100), (0, 0))
    land = land_of([raw], 4490)
    assert isinstance(land, Land)
    assert land.repair is not None
    assert len(shapely.get_parts(land.plane)) == 2
    assert planes.to_plane(shapely.Polygon(raw[0]).buffer(0)).area < 0.6 * land.area_m2
    assert land.repair.needs_look
    assert land.repair.place == pytest.approx((106.632, 26.3815), abs=1e-6)


def test_overlapping_parts_count_once_and_crumbs_go_with_a_word() -> None:
    one = rings((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
    two = rings((50, 0), (150, 0), (150, 100), (50, 100), (50, 0))
    crumb = rings((300, 300), (300.1, 300), (300.1, 300.1), (300, 300))
    land = land_of([one, two, crumb], 4490)
    assert isinstance(land, Land)
    assert land.repair is not None
    assert {"parts_overlap", "crumbs_dropped"} <= set(land.repair.codes)
    assert land.area_m2 == pytest.approx(1.5 * WHOLE, rel=1e-4)
    assert land.repair.dropped_parts == 1


@pytest.mark.parametrize(
    ("polygons", "code"),
    [
        ([], "empty"),
        ([[]], "empty"),
        ([[[]]], "too_few_points"),
        ([rings((0, 0), (1, 1), (0, 0))], "too_few_points"),
        ([rings((0, 0), (50, 0), (100, 0), (0, 0))], "zero_area"),
        ([[[[106.63, 26.38], [math.nan, 26.38], [106.64, 26.39], [106.63, 26.38]]]], "bad_position"),
        ([[[[106.63, 26.38], [math.inf, 26.38], [106.64, 26.39], [106.63, 26.38]]]], "bad_position"),
        ([[[[106.63, 26.38], ["a", 1], [106.64, 26.39], [106.63, 26.38]]]], "bad_position"),
        ([[[[106.63, 26.38], [True, 1], [106.64, 26.39], [106.63, 26.38]]]], "bad_position"),
        ([[[[106.63, 26.38], 5, [106.64, 26.39], [106.63, 26.38]]]], "bad_position"),
        ([[[[106.63, 26.38], [10.0, 26.38], [106.64, 26.39], [106.63, 26.38]]]], "out_of_range"),
        ([[[[1e308, 1e308], [-1e308, 1e308], [0, 1], [1e308, 1e308]]]], "bad_position"),
        ([[[[1e12, 1e12], [-1e12, 1e12], [0, 1], [1e12, 1e12]]]], "out_of_range"),
        ([np.zeros((1, 1_000_001, 2))], "too_many_points"),
    ],
)
def test_what_is_no_land_is_rejected_with_its_reason(polygons: list[Any], code: str) -> None:
    found = land_of(polygons, 4490)
    assert isinstance(found, Rejected)
    assert found.code == code


def test_the_twelve_invalid_polygons_of_baoding_are_mended_with_a_report() -> None:
    mended = []
    for index, feature in enumerate(fixture_features("baoding_invalid.geojson")):
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        land = land_of(parts, 4490)
        assert isinstance(land, Land)
        assert land.plane.is_valid
        assert land.area_m2 == pytest.approx(areas.geodesic_m2(land.lonlat), rel=1e-5)
        if land.repair is not None:
            mended.append(index)
            assert abs(land.repair.area_change) < 0.001
    assert len(mended) == 12


# Areas


def test_areas_are_within_a_hundred_thousandth_of_geodesic() -> None:
    county = generated_county()
    land = land_of([[corners(county)]], 4490)
    assert isinstance(land, Land)
    assert land.area_m2 == pytest.approx(areas.geodesic_m2(county), rel=1e-6)


def test_real_counties_are_within_a_hundred_thousandth_of_geodesic() -> None:
    for feature in fixture_features("hebei_counties.geojson")[::5]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        land = land_of(parts, 4490)
        assert isinstance(land, Land)
        assert land.area_m2 == pytest.approx(areas.geodesic_m2(land.lonlat), rel=1e-5)


def test_the_planar_area_names_its_zone() -> None:
    ground = read_ground({"type": "Polygon", "coordinates": [SQUARE]}, zone_epsg=4545)
    assert ground.planar.m2 == pytest.approx(132_737.313, abs=0.01)
    assert (ground.planar.epsg, ground.planar.zone, ground.planar.central_meridian) == (4545, 36, 108)
    assert ground.area_m2 == pytest.approx(WHOLE, abs=0.05)
    assert ground.mu == pytest.approx(199.0144, abs=0.001)


def test_tiles_are_the_polygon() -> None:
    plane = planes.to_plane(generated_county())
    tiles = tiles_of(plane)
    assert len(tiles) > 10
    assert max(shapely.get_num_coordinates(tiles)) <= 256
    assert sum(tile.area for tile in tiles) == pytest.approx(plane.area, rel=1e-9)


# A site is refused where a layer would be mended


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"type": "Polygon", "coordinates": rings((0, 0), (100, 100), (100, 0), (0, 100), (0, 0))}, "self_crossing"),
        ({"type": "Polygon", "coordinates": rings((0, 0), (100, 0), (100, 100), (0, 100))}, "open_ring"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "FeatureCollection", "features": []}, "empty"),
        ({"type": "GeometryCollection", "geometries": []}, "empty"),
        ({"type": "Point", "coordinates": [106, 26]}, "not_polygon"),
        ({"type": ["Polygon"]}, "not_polygon"),
        ({}, "not_polygon"),
        ({"type": "Feature", "geometry": None}, "not_polygon"),
        ({"type": "MultiPolygon", "coordinates": [1, 2]}, "empty"),
        ({"type": "Polygon", "coordinates": [SQUARE], "crs": "EPSG:3857"}, "web_map_crs"),
        ({"type": "Polygon", "coordinates": [[[y, x] for x, y in SQUARE]]}, "swapped_axes"),
        ({"type": "Polygon", "coordinates": [[[106.63, 26.38]] * 30_000]}, "too_many_points"),
    ],
)
def test_a_faulty_site_is_refused_in_words(content: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_ground(content)
    assert code_of(refused) == code
    assert refused.value.message


def test_deep_nesting_is_refused() -> None:
    content: dict[str, Any] = {"type": "Polygon", "coordinates": [SQUARE]}
    for _level in range(40):
        content = {"type": "GeometryCollection", "geometries": [content]}
    with pytest.raises(Refused):
        read_ground(json.loads(json.dumps(content)))
