"""Intake checks on real files through the sandbox: found, kept with the revision, and said on the page."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import ezdxf
import pytest
from django.utils import translation

from drawings.actions import add_revision, create_set
from drawings.models import Sheet
from tests.actions.drawings_world import make_project
from tests.actions.test_drawings_uploads import prepare_all, received
from tests.cast import Cast


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


def plan(number: str, name: str, *, closed: bool, font: str = "txt") -> bytes:
    """A site plan with a title block, a dashed red line and an empty layout."""
    document = ezdxf.new("R2018", setup=True)
    document.header["$INSUNITS"] = 6
    document.layers.add("总-用地红线", linetype="DASHED")
    document.styles.add("HZ", font=font)
    space = document.modelspace()
    ring = [(0, 0), (250, 0), (250, 125), (0, 125)]
    space.add_lwpolyline(ring if closed else [*ring, (0, 1.5)], close=closed, dxfattribs={"layer": "总-用地红线"})
    for row, (label, value) in enumerate([("图名", name), ("比例", "1:500"), ("图号", number)]):
        space.add_text(label, height=1.2).set_placement((300, 60 - 12 * row))
        space.add_text(value, height=1.8, dxfattribs={"style": "HZ"}).set_placement((308, 55 - 12 * row))
    stream = io.StringIO()
    document.write(stream)
    return stream.getvalue().encode()


def test_what_a_delivery_lacks_is_named_and_nothing_is_blocked(cast: Cast) -> None:
    drawing_set = create_set(make_project(cast).pk, name="总平面图", actor=cast.owner)
    empty = cast.client("owner").get(f"/sets/{drawing_set.pk}/").content.decode()
    assert "file-drop-zone" in empty
    assert "还没有图纸" not in empty, "the drop says what to do; a second sentence about nothing is one too many"
    files = [
        received("一.dxf", plan("总施-01", "总平面图", closed=False, font="hztxt.shx")),
        received("二.dxf", plan("总施-1", "竖向布置图", closed=True)),
    ]
    revision = add_revision(drawing_set.pk, files, actor=cast.owner)
    prepare_all(revision)
    assert revision.state == "clean"
    sheets = list(Sheet.objects.filter(revision=revision).order_by("position"))
    assert [(sheet.number, sheet.name) for sheet in sheets] == [("总施-01", "总平面图"), ("总施-1", "竖向布置图")]
    by_code = {item["code"]: item for item in revision.checks}
    assert by_code["RED_LINE_OPEN"]["sheets"] == [str(sheets[0].pk)]
    assert by_code["RED_LINE_OPEN"]["gap"] == pytest.approx(1.5, abs=1e-3)
    assert by_code["RED_LINE_CLOSED"]["area"] == pytest.approx(31250.0, rel=1e-4)
    assert by_code["NUMBER_TWICE"]["n"] == 2
    assert by_code["UNITS_FOUND"]["units"] == ["m"]
    assert by_code["FONT_MISSING"]["fonts"][0]["font"] == "hztxt.shx"
    assert by_code["LAYOUT_EMPTY"]["layouts"][0]["layout"] == "Layout1"
    page = cast.client("owner").get(f"/sets/{drawing_set.pk}/").content.decode()
    for words in (
        "用地红线没有闭合",
        "图号 总施-01 出现 2 次",
        "字体缺失：hztxt.shx",
        "图纸目录",
        "图上面积 31,250",
        "1:500",
        '<span class="muted small sheet-card-file">一.dxf</span>',  # nothing else says which file a sheet is from
        "总施-01 总平面图 · 一.dxf</a>",
    ):
        assert words in page, words
    with translation.override("zh-hans"):  # what the request switches on is switched back
        answer = cast.client("owner").get(f"/sets/{drawing_set.pk}/", headers={"Accept-Language": "en"})
    assert "The site&#x27;s red line is not closed" in answer.content.decode()
    client = cast.client("owner")
    found = client.get(f"/api/v1/revisions/{revision.pk}/texts", {"q": "布置图"}).json()
    assert [(hits["number"], hits["count"]) for hits in found] == [("总施-1", 1)]
    x0, y0, x1, y1 = found[0]["texts"][0]["box"]
    assert x0 == pytest.approx(308, abs=0.5)
    assert y0 < 55 < y1
    assert x1 > x0
    assert len(client.get(f"/api/v1/revisions/{revision.pk}/texts", {"q": "图"}).json()) == 2
    assert client.get(f"/api/v1/revisions/{revision.pk}/texts", {"q": " "}).json() == []
    assert cast.client("rival").get(f"/api/v1/revisions/{revision.pk}/texts", {"q": "图"}).status_code == 404
