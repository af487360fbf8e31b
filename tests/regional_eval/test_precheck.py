"""The public pre-check over HTTP: answers without sign-in, reads what people bring, stores nothing unless asked."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import ezdxf
import pytest
import shapefile
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ledger.models import Answer, AuditEvent
from regional_eval.carrying import KEY
from regional_eval.models import Region, SourceFile
from regional_eval.queries import shapes
from regional_eval.queries.asked import asked_by, read_facts
from regional_eval.rules.limits import read_limits
from regional_eval.views.precheck import CHECKS_PER_MINUTE
from tests.cast import Cast
from tests.regional_eval.ground import drafted, drafted_plan, polygon, published

pytestmark = pytest.mark.django_db
# In metres of the district's zone (EPSG:4548), as a survey's drawing has them.
CORNERS = [(430796.0, 4329910.0), (431000.0, 4329910.0), (431000.0, 4330110.0), (430796.0, 4330110.0)]


@pytest.fixture(autouse=True)
def fresh_minute() -> None:
    """Every test begins with its own minute of the rate limit."""
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "zh-hans"})


def check(client: Client, boundary: dict[str, Any], **more: str) -> Any:
    return client.post(
        "/precheck/", {"boundary": json.dumps(boundary), "on": "2026-11-22", **more}, HTTP_HX_REQUEST="true"
    )


def shapes_in(response: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = response.context["result"]["shapes"]
    return found


def test_a_visitor_sees_reuse_remainder_and_conflicts(cast: Cast, visitor: Client) -> None:
    published(cast, drafted(cast))
    published(cast, drafted_plan(cast))
    published(cast, drafted(cast, code="T-SB", kind="SOIL_WATER", effect="COMMITMENT"))
    inside = check(visitor, polygon(116.202, 39.102, 0.002))
    assert inside.status_code == 200
    assert "可复用" in inside.content.decode()
    assert "承诺后可复用" in inside.content.decode()
    assert inside.context["result"]["reusable"] == 2
    across = check(visitor, polygon(116.209, 39.101, 0.008))
    page = across.content.decode()
    assert "部分覆盖，需补评" in page
    assert "绿线" in page
    assert "橙 · 需协调" in page
    groups = {shape["group"] for shape in shapes_in(across)}
    assert groups == {"remainder", "MAJOR"}
    # Two kinds with the same remainder are one shape that both rows choose.
    assert [shape["id"].split() for shape in shapes_in(across) if shape["group"] == "remainder"] == [
        ["kind:GEO_HAZARD", "kind:SOIL_WATER"]
    ]


def test_drafts_are_nobodys_business(cast: Cast, visitor: Client) -> None:
    drafted(cast)
    drafted_plan(cast)
    page = check(visitor, polygon(116.202, 39.102, 0.002))
    assert (page.context["result"]["reusable"], page.context["result"]["conflicts"]) == (0, [])
    assert visitor.get("/assessments/areas.json").json()["shapes"] == []


@pytest.mark.parametrize("user", ["", "owner"])
def test_nothing_is_stored(cast: Cast, visitor: Client, user: str) -> None:
    published(cast, drafted(cast))
    client = cast.client(user) if user else visitor
    kept = [model.objects.count() for model in (Answer, AuditEvent, SourceFile, Session)]
    response = client.post(
        "/precheck/",
        {"boundary": json.dumps(polygon(116.202, 39.102, 0.002)), "idempotency_key": "once"},
    )
    assert response.status_code == 200
    assert [model.objects.count() for model in (Answer, AuditEvent, SourceFile, Session)] == kept
    assert KEY not in client.session


def test_asked_to_keep_it_goes_into_the_wizard_after_sign_in(cast: Cast, visitor: Client) -> None:
    site = polygon(116.202, 39.102, 0.002)
    answer = visitor.post("/precheck/keep/", {"boundary": json.dumps(site), "fact-floor_area_m2": "11,800"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/projects/new/")
    visitor.post("/accounts/login/", {"login": "owner", "password": "lianshen-demo"})
    assert visitor.session[KEY]["boundary"] == site
    made = visitor.post("/projects/new/", {"name": "预查后的项目", "idempotency_key": "a"})
    project = made["Location"].split("/")[2]
    assert 'value="11800"' in visitor.get(f"/projects/{project}/facts/").content.decode()
    page = visitor.get(f"/projects/{project}/site/")
    assert page.context["from_precheck"]
    assert json.loads(page.context["boundary"]) == site
    visitor.post(f"/projects/{project}/site/", {"boundary": json.dumps(site), "idempotency_key": "b"})
    assert KEY not in visitor.session


@pytest.mark.parametrize(
    ("boundary", "said"),
    [
        ("", "还没有红线"),
        ("{", "无法识别"),
        (json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}), "不在国内"),
        (
            json.dumps({"type": "Polygon", "coordinates": [[[116.2, 39.1], [116.21, 39.11], [116.21, 39.1], [116.2, 39.11], [116.2, 39.1]]]}),
            "自相交",
        ),
    ],
)  # fmt: skip
def test_a_bad_red_line_is_refused_in_words(cast: Cast, visitor: Client, boundary: str, said: str) -> None:
    response = visitor.post("/precheck/", {"boundary": boundary}, HTTP_HX_REQUEST="true")
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_figure_that_is_none_is_named(cast: Cast, visitor: Client) -> None:
    response = check(visitor, polygon(116.202, 39.102, 0.002), **{"fact-floor_area_m2": "大约一万"})
    assert response.status_code == 422
    assert "总建筑面积" in response.content.decode()


def test_many_checks_from_one_address_are_slowed_down(cast: Cast, visitor: Client) -> None:
    cache.set("precheck:127.0.0.1", CHECKS_PER_MINUTE, 60)
    assert check(visitor, polygon(116.202, 39.102, 0.002)).status_code == 429


def dxf() -> bytes:
    drawing = ezdxf.new()
    drawing.modelspace().add_lwpolyline(CORNERS, close=True)
    out = io.StringIO()
    drawing.write(out)
    return out.getvalue().encode()


def zipped_shapefile() -> bytes:
    parts = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts) as writer:
        writer.field("NAME", "C")
        writer.poly([[*CORNERS, CORNERS[0]]])
        writer.record("红线")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(f"redline.{name}", part.getvalue())
    return out.getvalue()


@pytest.mark.parametrize(("name", "make"), [("红线.dxf", dxf), ("红线.zip", zipped_shapefile)])
def test_a_visitors_file_is_read_in_the_districts_zone_and_said_so(
    cast: Cast, visitor: Client, name: str, make: Any
) -> None:
    response = visitor.post(
        "/precheck/file/", {"file": SimpleUploadedFile(name, make())}, HTTP_ACCEPT="application/json"
    )
    assert response.status_code == 200, response.content.decode()
    read = response.json()
    lon, lat = read["boundary"]["coordinates"][0][0][0]
    assert (round(lon, 3), round(lat, 3)) == (116.2, 39.1)
    assert any("第 39 带" in note for note in read["notes"])
    assert not SourceFile.objects.exists()


def test_a_file_that_is_none_is_refused(cast: Cast, visitor: Client) -> None:
    response = visitor.post(
        "/precheck/file/", {"file": SimpleUploadedFile("a.dxf", b"not a drawing")}, HTTP_ACCEPT="application/json"
    )
    assert response.status_code == 422


def test_it_asks_for_the_figures_that_decide_here() -> None:
    limits = read_limits([{"parameter": "excavation_depth", "operator": "<=", "value": 12, "unit": "m"},
                          {"parameter": "hazard_level", "operator": "in", "value": ["LOW"]},
                          {"parameter": "land_area", "operator": "<=", "value": 1}])  # fmt: skip
    asked = asked_by(limits, ["in_river_management_zone", "高边坡"])
    assert ("excavation_depth_m", "m") in asked.figures
    assert all(fact != "land_area_m2" for fact, _unit in asked.figures)
    assert asked.choices == (("hazard_level", ("LOW",)),)
    assert asked.flags == ("in_river_management_zone",)
    typed = {"fact-excavation_depth_m": "6.5", "fact-in_river_management_zone": "no", "fact-floor_area_m2": "x"}
    assert read_facts(asked, typed) == (
        {"excavation_depth_m": 6.5, "in_river_management_zone": False},
        {"floor_area_m2": "x"},
    )


def test_the_same_answer_over_the_api(cast: Cast, visitor: Client) -> None:
    published(cast, drafted(cast))
    listed = visitor.get("/api/v1/assessments").json()
    assert [(row["kind"], row["state"], row["valid_to"]) for row in listed] == [
        ("GEO_HAZARD", "published", "2029-12-31")
    ]
    asked = {"boundary": polygon(116.202, 39.102, 0.002), "crs": "EPSG:4490", "on": "2026-11-22"}
    answer = visitor.post("/api/v1/precheck", json.dumps(asked), content_type="application/json").json()
    assert [(row["kind"], row["outcome"]) for row in answer["assessments"]] == [("GEO_HAZARD", "REUSABLE")]
    assert answer["site"]["gk_zone"] == 39
    late = visitor.post(
        "/api/v1/precheck", json.dumps({**asked, "on": "2030-01-01"}), content_type="application/json"
    ).json()
    assert late["assessments"][0]["outcome"] == "NOT_REUSABLE"


def test_many_areas_are_sent_by_what_the_map_shows(
    cast: Cast, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        published(cast, drafted(cast, code=f"T-{number}"))
    everything = visitor.get("/assessments/areas.json").json()
    assert (len(everything["shapes"]), everything["total"], everything["by_view"]) == (3, 3, False)
    cache.clear()
    monkeypatch.setattr(shapes, "ALL_AT_ONCE", 2)
    monkeypatch.setattr(shapes, "MOST_IN_VIEW", 2)
    assert visitor.get("/assessments/areas.json").json() == {"shapes": [], "total": 3, "by_view": True}
    here = visitor.get("/assessments/areas.json?view=116.19,39.09,116.22,39.12").json()
    assert (len(here["shapes"]), here["total"], here["by_view"]) == (2, 3, True)
    assert visitor.get("/assessments/areas.json?view=110,30,111,31").json()["shapes"] == []
    for nonsense in ("1,2,3", "a,b,c,d", "nan,nan,nan,nan", "117,39,116,40", "116,-90,117,90"):
        assert visitor.get(f"/assessments/areas.json?view={nonsense}").status_code == 422


def test_a_region_is_named_in_the_readers_language(cast: Cast, visitor: Client) -> None:
    layer = published(cast, drafted(cast))
    Region.objects.update(name_en="Test Park")
    inside = {"boundary": json.dumps(polygon(116.202, 39.102, 0.002)), "on": "2026-11-22"}
    english = Client(headers={"accept-language": "en"}).post("/precheck/", inside, HTTP_HX_REQUEST="true")
    assert "Test Park" in english.content.decode()
    assert "Test Park" not in check(visitor, polygon(116.202, 39.102, 0.002)).content.decode()
    assert layer is not None
