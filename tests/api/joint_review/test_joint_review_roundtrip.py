"""The notice for AutoCAD and Excel: a layer per department, and a form whose answers come back whole or not at all."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

import ezdxf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from joint_review.models import MergedNotice, Reply, Round
from joint_review.roundtrip.form import FIRST_ROW, KEY_COLUMN, KIND_COLUMN, TEXT_COLUMN, write_form
from tests.cast import Cast


@pytest.fixture
def notice(noticed: Round) -> MergedNotice:
    found: MergedNotice = noticed.notice
    return found


def send(client: Client, notice: MergedNotice, data: bytes) -> str:
    """Import a form; what the page says then."""
    answer = client.post(
        f"/notices/{notice.pk}/answers/import/",
        {"file": SimpleUploadedFile("答复.xlsx", data), "idempotency_key": str(uuid.uuid4())},
        follow=True,
    )
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def form_of(client: Client, notice: MergedNotice) -> Any:
    answer = client.get(f"/notices/{notice.pk}/answers.xlsx")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return load_workbook(io.BytesIO(answer.content))


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_opinions_are_drawn_on_their_departments_layers(city: Cast, notice: MergedNotice) -> None:
    answer = city.client("owner").get(f"/notices/{notice.pk}/marks/")
    assert answer.status_code == 200
    data = answer.content
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
    doc = ezdxf.read(io.StringIO(data.decode()))
    assert not doc.audit().errors
    layers = [layer.dxf.name for layer in doc.layers if layer.dxf.name.startswith("联审-")]
    assert layers
    item = notice.items.order_by("number").first()
    assert item is not None
    bubbles = {b.get_attrib_text("NO"): b for b in doc.modelspace().query("INSERT")}
    assert str(item.number) in bubbles
    assert item.wording["text"] in bubbles[str(item.number)].get_attrib_text("TEXT")
    clouds = list(doc.modelspace().query("LWPOLYLINE"))
    assert clouds
    x0, y0, x1, y1 = item.wording["region"]
    cloud = min(clouds, key=lambda c: abs(c[0][0] - x0))
    xs = [point[0] for point in cloud]
    ys = [point[1] for point in cloud]
    margin = max(x1 - x0, y1 - y0)
    assert min(xs) <= x1 and max(xs) >= x0 and min(ys) <= y1 and max(ys) >= y0  # noqa: PT018 - one place
    assert max(xs) - min(xs) <= (x1 - x0) + margin
    assert {e.dxf.layer for e in doc.modelspace() if e.dxf.layer != "0"} <= set(layers)


def test_the_form_comes_back_as_drafts_and_goes_out_with_them(city: Cast, notice: MergedNotice) -> None:
    client = city.client("owner")
    book = form_of(client, notice)
    page = book["答复"]
    count = notice.items.count()
    kinds = ["修改", "说明", "异议"]
    for n in range(count):
        page.cell(FIRST_ROW + n, KIND_COLUMN).value = kinds[n % 3]
        page.cell(FIRST_ROW + n, TEXT_COLUMN).value = f"=已按意见 {n} 处理"
        page.cell(FIRST_ROW + n, TEXT_COLUMN).data_type = "s"
    said = send(client, notice, saved(book))
    assert f"已导入 {count} 条答复" in said
    replies = {reply.opinion_id: reply for reply in Reply.objects.filter(notice=notice)}
    assert len(replies) == count
    first = notice.items.order_by("number").first()
    assert first is not None
    assert (replies[first.opinion_id].kind, replies[first.opinion_id].text) == ("revise", "=已按意见 0 处理")
    assert all(reply.submitted_at is None for reply in replies.values())
    again = form_of(client, notice)["答复"]
    cell = again.cell(FIRST_ROW, TEXT_COLUMN)
    assert (cell.value, cell.data_type) == ("=已按意见 0 处理", "s"), "words are never a formula"


def test_one_bad_row_leaves_everything_as_it_was(city: Cast, notice: MergedNotice) -> None:
    client = city.client("owner")
    book = form_of(client, notice)
    page = book["答复"]
    for n in range(notice.items.count()):
        page.cell(FIRST_ROW + n, KIND_COLUMN).value = "修改"
    last = FIRST_ROW + notice.items.count() - 1
    page.cell(last, KIND_COLUMN).value = "同意"
    assert f"第 {last} 行" in send(client, notice, saved(book))
    page.cell(last, KIND_COLUMN).value = "说明"
    assert "请写明说明或异议的理由" in send(client, notice, saved(book))
    page.cell(last, KIND_COLUMN).value = "修改"
    page.cell(last, KEY_COLUMN).value = str(uuid.uuid4())
    assert "意见不在本告知书中" in send(client, notice, saved(book))
    assert not Reply.objects.exists()


def bomb() -> bytes:
    """60 MB of zeros in 60 kB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return stream.getvalue()


def entity() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    return stream.getvalue()


def test_what_is_no_form_is_said_and_touches_nothing(city: Cast, notice: MergedNotice) -> None:
    client = city.client("owner")
    for data in (b"", b"PK\x03\x04broken", b"a,b\n1,2\n", bomb(), entity(), b"\xd0\xcf\x11\xe0" + bytes(600)):
        assert "答复表" in send(client, notice, data), data[:20]
    assert not Reply.objects.exists()


def test_only_its_own_form_and_only_those_who_answer(city: Cast, notice: MergedNotice) -> None:
    client = city.client("owner")
    assert "不属于本告知书" in send(client, notice, write_form(uuid.uuid4(), "别的", []))
    assert "不是从告知书页面下载的" in send(client, notice, saved(Workbook()))
    assert "还没有填写" in send(client, notice, saved(form_of(client, notice)))
    for name in ("rival", "sysadmin"):
        other = city.client(name)
        for path in ("marks/", "answers.xlsx"):
            assert other.get(f"/notices/{notice.pk}/{path}").status_code in {403, 404}
    book = form_of(client, notice)
    book["答复"].cell(FIRST_ROW, KIND_COLUMN).value = "修改"
    key = {"file": SimpleUploadedFile("a.xlsx", saved(book)), "idempotency_key": str(uuid.uuid4())}
    fire = city.client("fire").post(f"/notices/{notice.pk}/answers/import/", key, follow=True)
    assert fire.status_code in {403, 404}
    assert not Reply.objects.exists()
