"""The pages of the register: the public sees what is published, managers carry a file from upload to publication."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from regional_eval.models import LayerVersion
from tests.cast import Cast
from tests.regional_eval.ground import APPROVED, drafted, drafted_plan, file_of, published, square

pytestmark = pytest.mark.django_db


def test_the_public_reads_published_assessments_and_nothing_else(cast: Cast) -> None:
    shown = published(cast, drafted(cast)).assessments.get()
    hidden = drafted(cast, code="T-2").assessments.get()
    plan = published(cast, drafted_plan(cast))
    visitor = Client(headers={"accept-language": "zh-hans"})
    assert APPROVED["number"] in visitor.get("/assessments/").content.decode()
    assert visitor.get(f"/assessments/{shown.pk}/").status_code == 200
    assert len(visitor.get(f"/assessments/{shown.pk}/land.json").json()["shapes"]) == 1
    assert visitor.get(f"/assessments/{hidden.pk}/").status_code == 404
    assert visitor.get(f"/assessments/{hidden.pk}/land.json").status_code == 404
    for path in (
        "/layers/",
        f"/layers/{plan.pk}/",
        f"/layers/{plan.pk}/original/{plan.source.sha256[:12]}.geojson",
        "/regions/",
        "/layers/import/",
    ):
        assert visitor.get(path).status_code in {302, 401, 404}, path


def test_a_file_goes_from_upload_to_a_published_layer(cast: Cast) -> None:
    drafter, checker = cast.client("assess"), cast.client("assess2")
    bow_tie = [[116.22, 39.1], [116.23, 39.11], [116.23, 39.1], [116.22, 39.11], [116.22, 39.1]]
    data = file_of(square(116.20, 39.10), bow_tie)
    form: dict[str, Any] = {
        "purpose": "plan", "kind": "GREEN_LINE", "code": "T-LX", "version": "3", "valid_from": "2026-01-01",
        "crs": "", "idempotency_key": "1",
    }  # fmt: skip
    shown = drafter.post("/layers/import/", {**form, "file": SimpleUploadedFile("green.geojson", data)})
    page = shown.content.decode()
    assert "CGCS2000 经纬度（EPSG:4490）" in page
    assert "自相交" in page
    assert "须人工核对" in page
    assert not LayerVersion.objects.exists()
    confirm = {**form, "given": shown.context["token"], "crs": "4490", "idempotency_key": "2"}
    assert drafter.post("/layers/import/confirm/", confirm).status_code == 422
    answer = drafter.post("/layers/import/confirm/", {**confirm, "confirmed": "yes", "idempotency_key": "3"})
    layer = LayerVersion.objects.get()
    assert answer["Location"] == f"/layers/{layer.pk}/"
    assert drafter.get(f"/layers/{layer.pk}/original/{layer.source.sha256[:12]}.geojson").content == data
    assert drafter.post(f"/layers/{layer.pk}/review/", {"idempotency_key": "4"}).status_code == 403
    checker.post(f"/layers/{layer.pk}/review/", {"idempotency_key": "5"})
    checker.post(f"/layers/{layer.pk}/publish/", {"idempotency_key": "6"})
    layer.refresh_from_db()
    assert layer.state == "reviewed"
    keys = drafter.get("/confirmations/").context["keys"]
    drafter.post(f"/confirmations/{keys[0].pk}/", {"answer": "confirm", "idempotency_key": "7"})
    layer.refresh_from_db()
    assert layer.state == "published"
    for path in ("/layers/", f"/layers/{layer.pk}/", f"/layers/{layer.pk}/land.json", "/regions/", "/assessments/"):
        assert checker.get(path).status_code == 200, path


def test_a_file_somebody_else_uploaded_cannot_be_confirmed(cast: Cast) -> None:
    answer = cast.client("assess").post(
        "/layers/import/confirm/", {"given": "made:up:token", "confirmed": "yes", "idempotency_key": "1"}
    )
    assert answer.status_code == 422


def test_unreadable_coordinates_keep_the_file_for_another_try(cast: Cast) -> None:
    ring = [[430796, 4329910], [431000, 4329910], [431000, 4330110], [430796, 4329910]]
    data = file_of(ring).replace(b"EPSG:4490", b"")
    form: dict[str, Any] = {
        "purpose": "assessment", "kind": "HERITAGE", "code": "T-WW", "valid_from": "2026-01-01", "idempotency_key": "1",
    }  # fmt: skip
    client = cast.client("assess")
    refused = client.post("/layers/import/", {**form, "file": SimpleUploadedFile("a.geojson", data)})
    assert refused.status_code == 422
    assert "看不出是哪一个三度带" in refused.content.decode()
    assert "已上传" in refused.content.decode()
    again = client.post(
        "/layers/import/", {**form, "given": refused.context["token"], "crs": "4548", "idempotency_key": "2"}
    )
    assert again.status_code == 200
    assert again.context["examined"].system.epsg == 4548


def test_terms_are_filled_in_and_a_limit_that_cannot_be_read_is_named(cast: Cast) -> None:
    layer = drafted(cast)
    assessment = layer.assessments.get()
    client = cast.client("assess")
    form = {**APPROVED, "effect": "EXEMPT", "limits": "excavation_depth 12", "idempotency_key": "1"}
    refused = client.post(f"/assessments/{assessment.pk}/terms/", form)
    assert refused.status_code == 422
    assert "读不出上限" in refused.content.decode()
    limits = "excavation_depth ≤ 12 m\nhazard_level in LOW, MEDIUM"
    client.post(f"/assessments/{assessment.pk}/terms/", {**form, "limits": limits, "idempotency_key": "2"})
    assessment.refresh_from_db()
    assert assessment.parameter_limits == [
        {"parameter": "excavation_depth", "operator": "<=", "value": 12, "unit": "m"},
        {"parameter": "hazard_level", "operator": "in", "value": ["LOW", "MEDIUM"], "unit": ""},
    ]
    assert limits.replace("≤", "<=") in client.get(f"/assessments/{assessment.pk}/terms/").content.decode().replace(
        "&lt;", "<"
    )


def test_a_region_is_made_and_drawn(cast: Cast) -> None:
    client = cast.client("assess")
    made = client.post("/regions/new/", {"code": "YC-N", "name": "北区", "idempotency_key": "1"})
    assert made.status_code == 302
    assert client.post("/regions/new/", {"code": "YC-N", "name": "又一个", "idempotency_key": "2"}).status_code == 422
    assert "北区" in client.get("/regions/").content.decode()
