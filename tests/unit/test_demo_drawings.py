"""The drawings of the demo city: real files, always the same bytes, and B differs from A where it says so."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import ezdxf
import pymupdf
import pytest
from ezdxf.document import Drawing
from ezdxf.entities import Insert
from shapely.geometry import shape

from portal.demo.drawings import (
    PARCEL,
    PROJECT,
    DemoDrawing,
    drawing_set,
    fire_layout_gbk,
    pdf_set,
    red_line_geojson,
)

LIMIT = 500_000
SITE, GROUND_FLOOR, UPPER_FLOOR, ELEVATION, FIRE = range(5)


@pytest.fixture(scope="module")
def sets() -> dict[str, list[DemoDrawing]]:
    return {"A": drawing_set("A"), "B": drawing_set("B")}


@cache
def read(drawing: DemoDrawing, encoding: str = "utf8") -> Drawing:
    return ezdxf.read(io.StringIO(drawing.data.decode(encoding)))


def title_of(doc: Drawing) -> dict[str, str]:
    block = doc.modelspace().query('INSERT[name=="图签栏"]').first
    assert isinstance(block, Insert)
    return {attribute.dxf.tag: attribute.dxf.text for attribute in block.attribs}


def measures(doc: Drawing) -> list[float]:
    return sorted(round(float(dimension.get_measurement()), 3) for dimension in doc.modelspace().query("DIMENSION"))


def test_the_set_is_small_and_always_the_same(sets: dict[str, list[DemoDrawing]]) -> None:
    assert drawing_set("A") == sets["A"]
    assert pdf_set("A") == pdf_set("A")
    assert fire_layout_gbk("B") == fire_layout_gbk("B")
    for drawing in (*sets["A"], *sets["B"], fire_layout_gbk("A"), pdf_set("B")):
        assert 20_000 < len(drawing.data) < LIMIT, drawing.file_name


@pytest.mark.parametrize("letter", ["A", "B"])
def test_every_sheet_is_a_sound_dxf_with_a_title_block(sets: dict[str, list[DemoDrawing]], letter: str) -> None:
    for drawing in sets[letter]:
        doc = read(drawing)
        assert doc.dxfversion == "AC1032"
        assert doc.audit().errors == []
        title = title_of(doc)
        assert title["工程名称"] == PROJECT
        assert (title["图号"], title["图名"]) == (drawing.number, drawing.name)
        assert doc.header["$INSUNITS"] == (6 if drawing.number == "总施-01" else 4)
        layers = {entity.dxf.layer for entity in doc.modelspace()}
        assert len(layers) >= 8
        assert layers <= {layer.dxf.name for layer in doc.layers}


def test_the_sheets_hold_what_a_reviewer_looks_for(sets: dict[str, list[DemoDrawing]]) -> None:
    counts = {
        index: {kind: len(read(drawing).modelspace().query(kind)) for kind in ("DIMENSION", "HATCH", "INSERT", "TEXT")}
        for index, drawing in enumerate(sets["A"])
    }
    assert all(counts[index]["DIMENSION"] >= 6 for index in counts)
    assert all(counts[index]["HATCH"] >= 3 for index in counts)
    words = " ".join(text.dxf.text for text in read(sets["A"][GROUND_FLOOR]).modelspace().query("TEXT"))
    for room in ("门厅", "消防控制室", "会议室", "男卫", "女卫", "封闭楼梯间"):
        assert room in words, room


def test_b_moves_the_east_stair_on_both_floors(sets: dict[str, list[DemoDrawing]]) -> None:
    for index in (GROUND_FLOOR, UPPER_FLOOR):
        places = {}
        for letter in ("A", "B"):
            inserts = read(sets[letter][index]).modelspace().query("INSERT")
            places[letter] = sorted(insert.dxf.insert.x for insert in inserts if insert.dxf.name.startswith("楼梯"))
        assert places["A"] == [0, 43200]
        assert places["B"] == [0, 31200]


def test_b_widens_the_fire_lane_on_both_sheets(sets: dict[str, list[DemoDrawing]]) -> None:
    for index, unit in ((SITE, 1.0), (FIRE, 1000.0)):
        before, after = (measures(read(sets[letter][index])) for letter in ("A", "B"))
        assert 3.5 * unit in before
        assert 3.5 * unit not in after
        assert len(before) == len(after)


def test_b_renames_the_fire_sheet_but_keeps_its_number(sets: dict[str, list[DemoDrawing]]) -> None:
    before, after = sets["A"][FIRE], sets["B"][FIRE]
    assert before.number == after.number
    assert before.name != after.name


def test_the_elevation_is_handed_in_unchanged(sets: dict[str, list[DemoDrawing]]) -> None:
    assert sets["A"][ELEVATION] == sets["B"][ELEVATION]


def test_handles_survive_a_revision(sets: dict[str, list[DemoDrawing]]) -> None:
    """What did not change keeps its handle, so that marks find their place again."""
    for index in (SITE, FIRE):
        before, after = (read(sets[letter][index]).modelspace() for letter in ("A", "B"))
        assert [(entity.dxf.handle, entity.dxftype()) for entity in before] == [
            (entity.dxf.handle, entity.dxftype()) for entity in after
        ]


def test_old_software_gets_gbk() -> None:
    drawing = fire_layout_gbk("A")
    with pytest.raises(UnicodeDecodeError):
        drawing.data.decode("utf8")
    doc = read(drawing, "gbk")
    assert doc.dxfversion == "AC1015"
    assert doc.header["$DWGCODEPAGE"] == "ANSI_936"
    assert title_of(doc)["图名"] == drawing.name
    assert "消防救援场地" in {text.dxf.text for text in doc.modelspace().query("TEXT")}
    assert doc.audit().errors == []


def test_the_pdf_has_two_sheets_with_letters_and_lines() -> None:
    before, after = (pymupdf.open(stream=pdf_set(letter).data, filetype="pdf") for letter in ("A", "B"))
    assert [len(before), len(after)] == [2, 2]
    assert "建 筑 设 计 说 明" in before[0].get_text()
    assert "门 窗 表" in before[1].get_text()
    assert len(before[1].get_drawings()) > 100
    assert "车道净宽 3.5m" in before[0].get_text()
    assert "车道净宽 4.0m" in after[0].get_text()


def test_the_red_line_is_the_parcel_of_the_base_map() -> None:
    parcels = json.loads(Path("portal/demo/basemap/parcels.geojson").read_text(encoding="utf-8"))
    parcel = next(item for item in parcels["features"] if item["properties"]["number"] == PARCEL)
    ours, theirs = shape(red_line_geojson()), shape(parcel["geometry"])
    assert ours.is_valid
    assert ours.intersection(theirs).area / ours.union(theirs).area > 0.98
