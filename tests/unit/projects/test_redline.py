"""The red line: what is refused, with which words, and how it is measured."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import DomainError, Invalid
from projects.rules.redline import RedLine, read_red_line

# identifiers.md section 5: planar 132737.313 m2 in 4545, ellipsoidal 132676.266 m2.
SQUARE = [[106.63, 26.38], [106.634, 26.38], [106.634, 26.383], [106.63, 26.383], [106.63, 26.38]]
HOLE = [[106.631, 26.381], [106.631, 26.382], [106.632, 26.382], [106.632, 26.381], [106.631, 26.381]]
# The same square in zone 36 (EPSG:4524, easting with prefix).
SQUARE_4524 = [
    [36363275.081, 2919661.507],
    [36363674.3, 2919656.5],
    [36363678.5, 2919988.9],
    [36363279.2, 2919993.9],
    [36363275.081, 2919661.507],
]


def polygon(*rings: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings), **more}


def read(raw: Any, datum: str = "") -> RedLine:
    return read_red_line(raw, epsg=4545, datum=datum)


def test_the_area_vector() -> None:
    line = read(polygon(SQUARE))
    assert line.area_legal_m2 == pytest.approx(132737.313, abs=0.01)
    assert line.area_m2 == pytest.approx(132676.266, abs=0.05)
    assert line.area_mu == pytest.approx(199.106, abs=0.001)
    assert line.points == 5
    assert line.datum == "EPSG:4490"


@pytest.mark.parametrize(
    "raw",
    [
        polygon(SQUARE),
        json.dumps(polygon(SQUARE)),
        json.dumps(polygon(SQUARE)).encode(),
        {"type": "Feature", "properties": {"name": "红线"}, "geometry": polygon(SQUARE)},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": polygon(SQUARE)}]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        polygon([[*corner, 1203.5] for corner in SQUARE]),
        polygon(list(reversed(SQUARE))),
        polygon(SQUARE, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}),
        polygon(SQUARE, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}),
    ],
)
def test_the_same_boundary_in_many_clothes(raw: Any) -> None:
    assert read(raw).area_legal_m2 == pytest.approx(132737.313, abs=0.01)


def test_a_hole_is_left_out_and_a_second_parcel_added() -> None:
    whole = read(polygon(SQUARE)).area_m2
    hole = read(polygon(list(reversed(HOLE)))).area_m2
    assert read(polygon(SQUARE, HOLE)).area_m2 == pytest.approx(whole - hole, abs=0.01)
    other = [[lon + 0.01, lat] for lon, lat in SQUARE]
    both = read({"type": "MultiPolygon", "coordinates": [[SQUARE], [other]]})
    assert both.area_m2 == pytest.approx(2 * whole, rel=1e-6)


def test_a_declared_gauss_krueger_zone_is_converted() -> None:
    line = read(polygon(SQUARE_4524), datum="EPSG:4524")
    assert line.centroid == pytest.approx((106.632, 26.3815), abs=1e-4)
    assert line.area_legal_m2 == pytest.approx(132737, rel=0.002)


CROSSING = [[106.63, 26.38], [106.634, 26.383], [106.634, 26.38], [106.63, 26.383], [106.63, 26.38]]


@pytest.mark.parametrize(
    ("raw", "datum", "code", "said"),
    [
        ("{", "", "not_json", "GeoJSON"),
        ("[]", "", "not_geojson", "面"),
        ("[" * 100_000, "", "not_json", "GeoJSON"),
        (b"\xff\xfe\x00", "", "not_json", "UTF-8"),
        (b" " * (6 * 1024 * 1024), "", "too_large", "5 MB"),
        ({"type": "LineString", "coordinates": SQUARE}, "", "not_polygon", "LineString"),
        ({}, "", "not_polygon", "面"),
        ({"type": "FeatureCollection", "features": []}, "", "empty", "没有图形"),
        ({"type": "Feature", "geometry": None}, "", "not_polygon", "面"),
        (polygon([]), "", "empty", "为空"),
        (polygon(SQUARE[:-1]), "", "not_closed", "(106.630000, 26.380000)"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0]]), "", "too_few_points", "三个"),
        (polygon([SQUARE[0], ["x", 1], SQUARE[1], SQUARE[0]]), "", "bad_position", "不是数字"),
        (polygon([SQUARE[0], [True, 1], SQUARE[1], SQUARE[0]]), "", "bad_position", "不是数字"),
        (polygon([SQUARE[0], [float("nan"), 1], SQUARE[1], SQUARE[0]]), "", "bad_position", "不是数字"),
        (polygon([SQUARE[0], [106.63], SQUARE[1], SQUARE[0]]), "", "bad_position", "坐标对"),
        (polygon(CROSSING), "", "self_crossing", "(106.632000, 26.381500)"),
        (polygon([[106.63, 26.38], [106.634, 26.38], [106.632, 26.38], [106.63, 26.38]]), "", "zero_area", "面积为零"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), "", "swapped_axes", "[106.6300, 26.3800]"),
        (polygon([[lon - 200 + 100, lat] for lon, lat in SQUARE]), "", "out_of_range", "国内范围"),
        (polygon(SQUARE_4524), "", "projected", "EPSG:4524"),
        (polygon([[y, x] for x, y in SQUARE_4524]), "EPSG:4524", "swapped_axes", "先东坐标"),
        (
            polygon([[11870000, 3050000], [11870400, 3050000], [11870400, 3050300], [11870000, 3050000]]),
            "",
            "projected",
            "网络墨卡托",
        ),
        (
            polygon([[659654.6, 2919661.5], [660000, 2919661.5], [660000, 2920000], [659654.6, 2919661.5]]),
            "",
            "projected",
            "三度带",
        ),
        (polygon(SQUARE), "GCJ-02", "web_map_crs", "网络地图"),
        (polygon(SQUARE), "BD-09", "web_map_crs", "网络地图"),
        (polygon(SQUARE, crs={"properties": {"name": "EPSG:3857"}}), "", "web_map_crs", "网络地图"),
        (polygon(SQUARE), "EPSG:2343", "unknown_crs", "EPSG:2343"),
        (polygon(SQUARE, crs={"properties": {"name": "EPSG:4524"}}), "EPSG:4490", "crs_differs", "EPSG:4524"),
        (polygon(SQUARE, [[lon + 0.01, lat] for lon, lat in HOLE]), "", "bad_hole", "内孔"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "", "parts_overlap", "重叠"),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[lon + 0.001, lat + 0.001] for lon, lat in SQUARE]]]},
            "",
            "parts_overlap",
            "重叠",
        ),
        (polygon([[80, 26], [110, 26], [110, 50], [80, 50], [80, 26]]), "", "too_large_area", "平方公里"),
        (
            polygon([[106.63 + n * 1e-7, 26.38] for n in range(20_001)] + [SQUARE[2], SQUARE[0]]),
            "",
            "too_many_points",
            "顶点过多",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_bad_red_line_is_refused_with_how_to_mend_it(raw: Any, datum: str, code: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(raw, datum)
    assert refusal.value.code == code
    assert said in refusal.value.errors["boundary"][0]


def test_a_bow_tie_whose_lobes_cancel_out_is_called_crossing_not_empty() -> None:
    bow = [[106.63, 26.38], [106.634, 26.38], [106.63, 26.383], [106.634, 26.383], [106.63, 26.38]]
    with pytest.raises(Invalid) as refusal:
        read(polygon(bow))
    assert refusal.value.code == "self_crossing"


def test_touching_parcels_are_no_overlap() -> None:
    other = [[lon + 0.004, lat] for lon, lat in SQUARE]
    with pytest.raises(Invalid):  # they share an edge: one parcel, to be drawn as one
        read({"type": "MultiPolygon", "coordinates": [[SQUARE], [other]]})


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features", "crs", "properties"]), inner)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection"]), junk)
def test_no_input_gets_more_than_a_refusal(kind: str, content: Any) -> None:
    try:
        read({"type": kind, "coordinates": content, "geometry": content, "features": content, "crs": content})
    except DomainError:
        return


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.floats(116.0, 116.01), st.floats(39.0, 39.01)), min_size=3, max_size=7, unique=True))
def test_any_ring_is_either_measured_or_refused(corners: list[tuple[float, float]]) -> None:
    ring = polygon([list(corner) for corner in [*corners, corners[0]]])
    shape = shapely.Polygon(ring["coordinates"][0])
    if not shape.is_valid or shape.area < 1e-9:
        with pytest.raises(Invalid) as refusal:
            read_red_line(ring, epsg=4548)
        assert refusal.value.code in {"self_crossing", "zero_area", "bad_shape", "too_few_points"}
        return
    line = read_red_line(ring, epsg=4548)
    assert line.area_m2 > 0
    # One zone's plane differs from the ellipsoid by less than 0.1 % (spatial.md section 2).
    assert line.area_legal_m2 == pytest.approx(line.area_m2, rel=1e-3)
