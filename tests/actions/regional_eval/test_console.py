"""`import_layer` and `check_site` at the console: every format and field encoding, terms, refusals with exit code 2."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import call_command
from django.test import override_settings

from regional_eval import file_store
from regional_eval.engine import Wanted, boxes, named
from regional_eval.engine.port import Piece
from regional_eval.engine.postgis import available
from regional_eval.geometry import areas
from regional_eval.geometry.planes import to_plane
from regional_eval.importing.files import read_file
from regional_eval.models import Assessment, Feature, LayerVersion, State, Tile
from regional_eval.queries.site_check import changed_ground
from tests.actions.regional_eval import files
from tests.unit.regional_eval.borders import FIXTURES, fixture_features, generated_county

pytestmark = pytest.mark.django_db
TERMS = {
    "kind": "GEO_HAZARD",
    "status": "PUBLISHED",
    "valid_from": "2026-01-01",
    "valid_to": "2028-12-31",
    "limits": {"excavation_depth_m": 12},
    "industries": ["C39", "I65"],
}
ON = "2026-06-30"


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    # A process for every file is tested where it is made (test_regional_eval_apart); here it would take all the time.
    monkeypatch.setattr("regional_eval.importing.examine.read_apart", read_file)
    with override_settings(BLOB_DIR=tmp_path / "blobs"):
        yield


def run(*words: Any) -> tuple[int, dict[str, Any]]:
    """Exit status and the JSON object of a command."""
    out = io.StringIO()
    try:
        call_command(*map(str, words), "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        return int(end.code or 0), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


class Console:
    """Files of one test in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes | dict[str, Any]) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
        return path

    def load(self, data: bytes, *words: Any, kind: str = "assessment", code: str = "zone", terms: Any = None,
             name: str = "land") -> tuple[int, dict[str, Any]]:  # fmt: skip
        path = self.put(name, data)
        given = ["--attributes", self.put("terms.json", terms)] if terms is not None else []
        return run("import_layer", path, "--kind", kind, "--code", code, *given, *words)

    def check(self, shape: Any, facts: Any = None, *words: Any) -> dict[str, Any]:
        site = self.put("site.geojson", json.loads(shapely.to_geojson(shape)))
        given = ["--facts", self.put("facts.json", facts)] if facts else []
        status, found = run("check_site", site, "--on", ON, *given, *words)
        assert status == 0, found
        return found

    def refused(self, *words: Any) -> str:
        status, found = run(*words)
        assert status == 2
        assert found["verdict"] == "refused"
        assert found["message"]
        return str(found["code"])


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


def kind_of(found: dict[str, Any], kind: str = "GEO_HAZARD") -> dict[str, Any]:
    """The answer of one kind."""
    return next(answer for answer in found["assessments"] if answer["kind"] == kind)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("cpg", [True, False])
def test_a_zipped_shapefile_with_chinese_fields(console: Console, encoding: str, cpg: bool) -> None:
    data = files.zipped_shapefile([files.square(0, 0), files.square(2000, 0)], encoding=encoding, cpg=cpg)
    status, report = console.load(data, terms=TERMS, name="范围.zip")
    assert status == 0, report
    assert (report["imported"], report["repaired"], report["rejected"]) == (2, [], [])
    assert report["crs_used"] == "EPSG:4545"
    layer = LayerVersion.objects.get(pk=report["version_id"])
    names = [feature.attributes["名称"] for feature in Feature.objects.filter(layer=layer).order_by("index")]
    assert names == ["云川高新区东片", "贵安新区"]
    # A feature's own term overrides the file's.
    assert {str(found.valid_to) for found in layer.assessments.all()} == {"2027-12-31"}
    assert file_store.fetch(layer.source.sha256) == data


def test_a_hole_of_a_shapefile_is_no_land(console: Console) -> None:
    whole = files.square(0, 0)
    holed = whole - shapely.Polygon(files.square(400, 400, 200).exterior)
    status, report = console.load(files.zipped_shapefile([holed]), terms=TERMS)
    assert status == 0
    feature = Feature.objects.get(layer=report["version_id"])
    assert feature.area_m2 == pytest.approx(areas.geodesic_m2(whole) * 0.96, rel=1e-4)


def test_a_shapefile_without_prj_is_known_by_its_numbers_or_refused(console: Console) -> None:
    plain = files.zipped_shapefile([files.square(0, 0)], prj=False)
    status, found = console.load(plain, terms=TERMS)
    assert (status, found["code"]) == (2, "zone_missing")
    status, found = console.load(plain, "--crs", "4545", terms=TERMS)
    assert (status, found["crs_used"]) == (0, "EPSG:4545")
    prefixed = files.zipped_shapefile([files.square(0, 0)], prj=False, epsg=4524)
    status, found = console.load(prefixed, terms=TERMS)
    assert (status, found["crs_used"], found["crs_how"]) == (0, "EPSG:4524", "magnitude")
    assert "prj_missing" in found["notes"]
    status, found = console.load(files.zipped_shapefile([files.square(0, 0)]), "--crs", "4546", terms=TERMS)
    assert (status, found["code"]) == (2, "crs_differs")


def test_closed_polylines_of_a_dxf(console: Console) -> None:
    status, report = console.load(files.dxf([files.square(0, 0)]), "--crs", "4545", terms=TERMS, name="红线.dxf")
    assert (status, report["imported"], report["format"]) == (0, 1, "DXF")
    feature = Feature.objects.get(layer=report["version_id"])
    assert feature.attributes["cad_layer"] == "红线"
    assert feature.area_m2 == pytest.approx(areas.geodesic_m2(files.square(0, 0)), rel=1e-5)
    status, found = console.load(
        files.dxf([files.square(0, 0)], closed=False), "--crs", "4545", terms=TERMS, name="a.dxf"
    )
    assert (status, found["code"]) == (2, "not_polygon")
    # Half a circle on each side: the square of 1 km and two circles of 500 m.
    status, report = console.load(files.dxf([files.square(0, 0)], bulge=1), "--crs", "4545", terms=TERMS, name="b.dxf")
    assert status == 0
    feature = Feature.objects.get(layer=report["version_id"])
    assert feature.area_m2 == pytest.approx(1e6 + 2 * 3.14159 * 500**2, rel=1e-3)


def test_six_answers_at_the_console(console: Console) -> None:
    status, _report = console.load(files.geojson((files.square(0, 0, 4000), {})), terms=TERMS)
    assert status == 0
    inside, across, beyond = files.square(500, 500), files.square(3500, 500), files.square(9000, 9000)
    facts = {"excavation_depth_m": 9}
    assert kind_of(console.check(inside, facts, "--industry", "C3912"))["outcome"] == "REUSABLE"
    assert kind_of(console.check(inside, None, "--industry", "C3912"))["outcome"] == "UNKNOWN"
    assert kind_of(console.check(inside, facts, "--industry", "C2511"))["outcome"] == "NOT_REUSABLE"
    found = kind_of(console.check(across, facts, "--industry", "C3912"))
    assert found["outcome"] == "PARTIAL"
    assert found["covered_share"] == pytest.approx(0.5, abs=0.001)
    assert found["remainder_m2"] == pytest.approx(500_000, rel=0.002)
    assert found["remainder"]["type"] == "Polygon"
    assert kind_of(console.check(beyond, facts, "--industry", "C3912"))["outcome"] == "NOT_REUSABLE"
    site = console.check(inside, facts)["site"]
    assert site["area_m2"] == pytest.approx(areas.geodesic_m2(inside), rel=1e-5)
    assert site["mu"] == pytest.approx(site["area_m2"] * 3 / 2000, abs=0.001)
    assert (site["gk_zone"], site["gk_epsg"]) == (36, 4545)


def test_several_assessments_cover_together_without_their_cutouts(console: Console) -> None:
    west, east = files.square(0, 0, 2000), files.square(2000, 0, 2000)
    cut = files.square(2800, 800, 100)
    terms = {**TERMS, "limits": {}, "industries": []}
    data = files.geojson(
        (west, {"region": "西片"}), (east, {"region": "东片"}), (cut, {"region": "东片", "role": "cutout"})
    )
    status, report = console.load(data, terms=terms)
    assert (status, report["imported"]) == (0, 3)
    assert Assessment.objects.filter(layer=report["version_id"]).count() == 2
    found = kind_of(console.check(files.square(1600, 200, 500)))
    assert found["outcome"] == "REUSABLE"
    assert set(found["region"].split("、")) == {"西片", "东片"}
    found = kind_of(console.check(files.square(2600, 600, 400)))
    assert found["outcome"] == "PARTIAL"
    assert found["remainder_m2"] == pytest.approx(10_000, rel=0.01)


def test_plans_in_force_conflict_or_are_clear(console: Console) -> None:
    line = {"layer": "ECOLOGICAL_REDLINE", "severity": "BLOCKING", "effective_from": "2025-01-01"}
    assert console.load(files.geojson((files.square(0, 0), {})), kind="plan", code="redline", terms=line)[0] == 0
    found = console.check(files.square(900, 900))
    (conflict,) = found["conflicts"]
    assert (conflict["layer"], conflict["severity"]) == ("ECOLOGICAL_REDLINE", "BLOCKING")
    assert conflict["area_m2"] == pytest.approx(10_000, rel=0.01)
    assert conflict["share"] == pytest.approx(0.01, rel=0.01)
    assert conflict["geometry"]["type"] == "Polygon"
    assert found["clear"] == []
    found = console.check(files.square(3000, 3000))
    assert (found["conflicts"], found["clear"]) == ([], ["ECOLOGICAL_REDLINE"])
    # A version that begins later does not hold on the day; one that replaces it does, from its own first day.
    later = {**line, "effective_from": "2026-12-01"}
    first = LayerVersion.objects.get(code="redline")
    assert console.load(files.geojson((files.square(3000, 3000), {})), kind="plan", code="redline", terms=later)[0] == 0
    assert console.check(files.square(900, 900))["conflicts"] != []
    first.refresh_from_db()
    assert str(first.effective_to) == "2026-11-30"
    assert console.check(files.square(3000, 3000))["conflicts"] == []


def test_changed_ground_is_what_came_and_what_went(console: Console) -> None:
    line = {"layer": "ECOLOGICAL_REDLINE", "effective_from": "2025-01-01"}
    stays, went, came = files.square(0, 0), files.square(5000, 0), files.square(0, 5000)
    console.load(files.geojson((stays, {}), (went, {})), kind="plan", code="redline", terms=line)
    status, report = console.load(files.geojson((stays, {}), (came, {})), kind="plan", code="redline", terms=line)
    assert status == 0
    boxes = sorted(changed_ground(LayerVersion.objects.get(pk=report["version_id"]).pk))
    wanted = sorted([came.bounds, went.bounds])
    assert len(boxes) == 2
    for box, bounds in zip(boxes, wanted, strict=True):
        assert box == pytest.approx(bounds, abs=3e-4)  # a turned box holds a little more


HOSTILE = {
    "not json": (b"{", "not_json"),
    "only noise": (b"\x00\xff\xfe" * 400, "unknown_format"),
    "empty file": (b"  ", "empty"),
    "deep": (b"[" * 100_000, "not_json"),
    "empty collection": (b'{"type": "FeatureCollection", "features": []}', "empty"),
    "null geometry": (b'{"type": "Feature", "geometry": null}', "empty"),
    "NaN": (b'{"type":"Polygon","coordinates":[[[106.6,NaN],[106.7,26.4],[106.7,26.5],[106.6,NaN]]]}', "bad_position"),
    "web map": (files.geojson((files.square(0, 0), {}), crs="EPSG:3857"), "web_map_crs"),
    "swapped": (files.geojson((shapely.transform(files.square(0, 0), lambda xy: xy[:, ::-1]), {})), "swapped_axes"),
    "no area": (
        b'{"type":"Polygon","coordinates":[[[106.6,26.4],[106.7,26.4],[106.65,26.4],[106.6,26.4]]]}',
        "zero_area",
    ),
    "points": (b'{"type":"Point","coordinates":[106.6,26.4]}', "not_polygon"),
    "zip bomb": (files.bomb(), "too_large"),
    "lying shapefile": (files.shapefile_that_lies(), "shapefile_damaged"),
    "cut zip": (files.zipped_shapefile([files.square(0, 0)])[:300], "zip_damaged"),
    "broken dxf": (b"0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n", "dxf_damaged"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_is_refused_with_a_code(console: Console, name: str) -> None:
    data, code = HOSTILE[name]
    status, found = console.load(data, terms=TERMS)
    assert (status, found["verdict"], found["code"]) == (2, "refused", code)
    assert not LayerVersion.objects.exists()


def test_two_hundred_megabytes_are_refused_unread(console: Console) -> None:
    path = console.put("big.geojson", b"{")
    with path.open("r+b") as file:
        file.truncate(200 * 2**20)
    assert console.refused("import_layer", path, "--kind", "assessment", "--code", "x") == "too_large"
    assert console.refused("check_site", path, "--on", ON) == "too_large"


def test_words_that_are_wrong_are_refused(console: Console) -> None:
    land = files.geojson((files.square(0, 0), {}))
    for terms, code in (
        ({}, "kind_missing"),
        ({"kind": "NOTHING"}, "kind_unknown"),
        ({**TERMS, "valid_to": "soon"}, "attribute_unreadable"),
        ({**TERMS, "valid_to": "2020-01-01"}, "attribute_unreadable"),
        ({**TERMS, "status": "perhaps"}, "attribute_unreadable"),
    ):
        status, found = console.load(land, terms=terms)
        assert (status, found["code"]) == (2, code)
    assert console.load(land, "--layer-version", "7", terms=TERMS)[0] == 0
    assert console.load(land, "--layer-version", "7", terms=TERMS)[1]["code"] == "version_exists"
    site = console.put("site.json", json.loads(land))
    assert console.refused("check_site", site, "--on", "tomorrow") == "date"
    assert console.refused("check_site", console.folder / "absent", "--on", ON) == "unreadable"
    assert console.refused("check_site", site, "--on", ON, "--district", "nowhere") == "district_unknown"


def test_a_draft_says_nothing_until_it_is_published(console: Console) -> None:
    status, report = console.load(files.geojson((files.square(0, 0), {})), terms={"kind": "GEO_HAZARD"})
    assert status == 0
    assert LayerVersion.objects.get(pk=report["version_id"]).state == State.DRAFT
    assert console.check(files.square(100, 100, 100))["assessments"] == []


def test_a_large_polygon_is_cut_and_answers_as_a_whole(console: Console) -> None:
    county = generated_county()
    status, report = console.load(files.geojson((county, {})), terms={**TERMS, "limits": {}, "industries": []})
    assert status == 0
    assert Tile.objects.filter(layer=report["version_id"]).count() > 10
    middle = county.representative_point()
    site = shapely.box(middle.x, middle.y, middle.x + 0.03, middle.y + 0.03)
    for _again in range(4):  # the first times by its tiles, then by the whole that is kept
        assert kind_of(console.check(site))["covered_share"] == pytest.approx(1.0)


def test_a_batch_finds_what_single_checks_find(console: Console) -> None:
    line = {"layer": "ECOLOGICAL_REDLINE", "effective_from": "2025-01-01"}
    features = [(files.square(x * 700, y * 700, 600), {}) for x in range(6) for y in range(6)]
    features.append((generated_county(), {}))
    report = console.load(files.geojson(*features), kind="plan", code="redline", terms=line)[1]
    index, layer = named("boxes"), LayerVersion.objects.get(pk=report["version_id"])
    sites = [to_plane(files.square(x * 333.0, 450, 500)) for x in range(12)]
    single = [
        (at, piece.feature_id, round(piece.area_m2, 3))
        for at, site in enumerate(sites)
        for piece in index.overlay(site, Wanted(on=date(2026, 6, 30)))
    ]

    def flat(pairs: list[tuple[int, Piece]]) -> list[tuple[int, int, float]]:
        return [(at, piece.feature_id, round(piece.area_m2, 3)) for at, piece in pairs]

    assert len(single) > 20
    assert flat(index.join(sites, [layer.pk])) == single
    boxes.TREES.kept.clear()
    worth, boxes.WORTH_A_TREE = boxes.WORTH_A_TREE, 0
    try:
        assert flat(index.join(sites, [layer.pk])) == single
    finally:
        boxes.WORTH_A_TREE = worth
    if not available():
        with pytest.raises(Exception, match="no PostGIS"):
            named("postgis").overlay(sites[0], Wanted(on=date(2026, 6, 30)))
        return
    assert flat(named("postgis").join(sites, [layer.pk])) == single
    found = [
        (at, piece.feature_id, round(piece.area_m2, 3))
        for at, site in enumerate(sites)
        for piece in named("postgis").overlay(site, Wanted(on=date(2026, 6, 30)))
    ]
    assert found == single


def test_the_invalid_counties_of_baoding_come_in_with_a_report(console: Console) -> None:
    fixture_features("baoding_invalid.geojson")
    status, report = run("import_layer", FIXTURES / "baoding_invalid.geojson", "--kind", "assessment", "--code", "baoding",
                         "--attributes", console.put("terms.json", TERMS))  # fmt: skip
    assert (status, report["imported"], len(report["repaired"]), report["rejected"]) == (0, 24, 12, [])
    assert all(abs(entry["area_change"]) < 1e-6 for entry in report["repaired"])
    assert LayerVersion.objects.get(pk=report["version_id"]).repairs == report["repaired"]
