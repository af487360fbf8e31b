"""What lands in the prepared files is what the drawing says: text, layers, blocks, dashes, masks, layouts, proxies."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
from ezdxf.path import make_path

from drawings.cad import pack
from drawings.cad.errors import Refusal
from drawings.cad.ink import FLAG_ADAPTIVE, FLAG_DASHED, FLAG_MASK, FLAG_PROXY
from tests.cad import made


def total_length(sheet: made.Prepared) -> float:
    return sum(float(np.hypot(*np.diff(xy, axis=0).T).sum()) for xy, _, _ in sheet.lines())


# ---------------------------------------------------------------- Chinese


def test_cp936_bytes_show_their_chinese(tmp_path: Path) -> None:
    header = made.tags(9, "$DWGCODEPAGE", 3, "ANSI_936")
    content = made.dxf(
        made.text(0, 0, 350, "防火门 FM甲1021", 7, "HZ"), header=header, tables=made.style_table("txt.shx", "hztxt.shx")
    )
    sheet = made.prepared(content.encode("cp936"), tmp_path)["model"]
    assert sheet.words == ["防火门 FM甲1021"]
    assert sheet.fidelity["fonts"]["substituted"]["hztxt.shx"] == "Noto Sans SC"


def test_gbk_under_a_wrong_code_page_is_read_and_named(tmp_path: Path) -> None:
    header = made.tags(9, "$DWGCODEPAGE", 3, "ANSI_1252")
    words = "建筑设计防火规范要求疏散宽度"
    sheet = made.prepared(made.dxf(made.text(0, 0, 3, words), header=header).encode("gbk"), tmp_path)["model"]
    assert sheet.words == [words]
    assert "W_ENCODING" in {w["code"] for w in sheet.fidelity["warnings"]}


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    header = made.tags(9, "$DWGCODEPAGE", 3, "ANSI_1252")
    sheet = made.prepared(made.dxf(made.text(0, 0, 3, "Höhe über Gelände"), header=header).encode("cp1252"), tmp_path)[
        "model"
    ]
    assert sheet.words == ["Höhe über Gelände"]


def test_unicode_and_mif_escapes(tmp_path: Path) -> None:
    header = made.tags(9, "$DWGCODEPAGE", 3, "ANSI_936")
    content = made.dxf(made.text(0, 0, 3, r"\U+697C\U+68AF") + made.text(0, 9, 3, r"\M+5B7C0"), header=header)
    assert set(made.prepared(content, tmp_path)["model"].words) == {"楼梯", "防"}


def test_big_font_characters_are_as_high_as_the_text(tmp_path: Path) -> None:
    """In an SHX big font a character fills the text height; in a TrueType font its capitals do."""
    shx = made.dxf(made.text(0, 0, 100, "楼梯间", 7, "HZ"), tables=made.style_table("txt.shx", "hztxt.shx"))
    ttf = made.dxf(made.text(0, 0, 100, "楼梯间", 7, "HZ"), tables=made.style_table("simsun.ttf"))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = made.prepared(shx, tmp_path / "a")["model"].texts[0]
    other = made.prepared(ttf, tmp_path / "b")["model"].texts[0]
    assert one["w"] == pytest.approx(300, rel=0.02)
    assert other["w"] == pytest.approx(300 / 0.733, rel=0.02)
    assert other["h"] == pytest.approx(100)


def test_mixed_text_is_drawn_in_parts_and_found_whole(tmp_path: Path) -> None:
    content = made.dxf(made.text(0, 0, 100, "M1021甲级", 7, "HZ"), tables=made.style_table("txt.shx", "hztxt.shx"))
    rows = made.prepared(content, tmp_path)["model"].texts
    assert [r["s"] for r in rows if r.get("hide")] == ["M1021甲级"]
    assert [r["s"] for r in rows if r.get("p")] == ["M1021", "甲级"]


def test_alignment_rotation_and_width_are_worked_out(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_text("ABC", height=10, rotation=90).set_placement(
        (100, 100), align=ezdxf.enums.TextEntityAlignment.MIDDLE_CENTER
    )
    row = made.prepared(made.written(doc), tmp_path)["model"].texts[0]
    assert row["rot"] == pytest.approx(90)
    assert row["y"] + row["w"] / 2 == pytest.approx(100, abs=0.01)
    assert row["x"] - row["h"] / 2 == pytest.approx(100, abs=0.01)


# ---------------------------------------------------------------- layers and colours


def test_layers_keep_their_states_and_hidden_content_is_there(tmp_path: Path) -> None:
    tables = made.layer_table(("WALL", 0, 1), ("OFF", 0, -3), ("FROZEN", 1, 7))
    content = made.dxf(
        made.line(0, 0, 10, 0, "WALL") + made.line(0, 5, 10, 5, "OFF") + made.line(0, 9, 10, 9, "FROZEN"), tables=tables
    )
    sheet = made.prepared(content, tmp_path)["model"]
    layers = {row["name"]: row for row in sheet.manifest["layers"]}
    assert (layers["WALL"]["on"], layers["WALL"]["frozen"], layers["WALL"]["color"]) == (True, False, "#ff0000")
    assert (layers["OFF"]["on"], layers["FROZEN"]["frozen"]) == (False, True)
    assert len(sheet.lines()) == 3
    # what is hidden does not decide what is shown first
    assert sheet.manifest["fit"][3] < 5


def test_colour_seven_follows_the_paper_also_on_a_layer_that_is_off(tmp_path: Path) -> None:
    content = made.dxf(made.line(0, 0, 10, 0, "X"), tables=made.layer_table(("X", 0, -7)))
    assert made.prepared(content, tmp_path)["model"].entities()["flags"][0] & FLAG_ADAPTIVE


def test_by_block_and_layer_zero_inherit_from_each_reference(tmp_path: Path) -> None:
    body = (
        made.line(0, 0, 1, 0, "0", 62, 0)  # by block
        + made.line(0, 1, 1, 1, "0")  # by layer, layer 0: the reference's
        + made.line(0, 2, 1, 2, "OWN")  # its own layer
        + made.line(0, 3, 1, 3, "0", 62, 5)  # its own colour
    )
    references = made.tags(0, "INSERT", 8, "REF", 62, 3, 2, "A", 10, 0, 20, 0, 30, 0)
    references += made.tags(0, "INSERT", 8, "REF", 62, 4, 2, "A", 10, 10, 20, 0, 30, 0)
    content = made.dxf(references, made.block("A", body), made.layer_table(("REF", 0, 1), ("OWN", 0, 2)))
    sheet = made.prepared(content, tmp_path)["model"]
    records, names = sheet.entities(), [row["name"] for row in sheet.manifest["layers"]]
    found = {}
    for xy, entity, _ in sheet.lines():
        color = tuple(int(records["rgba"][entity]) >> shift & 255 for shift in (0, 8, 16))
        found[round(xy[0][0]), round(xy[0][1])] = (names[records["layer"][entity]], color)
    assert found[0, 0] == ("REF", (0, 255, 0))
    assert found[10, 0] == ("REF", (0, 255, 255))
    assert found[0, 1] == found[10, 1] == ("REF", (255, 0, 0))
    assert found[0, 2] == ("OWN", (255, 255, 0))
    assert found[0, 3] == ("REF", (0, 0, 255))


def test_the_selected_entity_is_the_outermost_reference(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    inner = doc.blocks.new("INNER")
    inner.add_line((0, 0), (1, 0))
    doc.blocks.new("OUTER").add_blockref("INNER", (5, 5))
    reference = doc.modelspace().add_blockref("OUTER", (100, 0), dxfattribs={"xscale": 2, "yscale": 2})
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    xy, entity, _ = sheet.lines()[0]
    assert xy.tolist() == [[110, 10], [112, 10]]
    assert int(sheet.entities()["handle"][entity]) == int(reference.dxf.handle, 16)
    assert sheet.manifest["types"][sheet.entities()["type"][entity]] == "INSERT"


# ---------------------------------------------------------------- blocks, against ezdxf's own explosion


def test_placed_blocks_equal_exploded_ones(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    content = doc.blocks.new("DOOR", base_point=(3, 2))
    content.add_line((0, 0), (10, 0))
    content.add_arc((0, 0), 10, 0, 90)
    content.add_lwpolyline([(0, 0, 0, 0, 0.5), (5, 5, 0, 0, 0), (9, 1, 0, 0, 0)])
    nested = doc.blocks.new("PAIR")
    nested.add_blockref("DOOR", (0, 0), dxfattribs={"rotation": 30})
    nested.add_blockref("DOOR", (40, 0), dxfattribs={"xscale": -1.5, "rotation": -15})
    model = doc.modelspace()
    model.add_blockref("PAIR", (100, 50), dxfattribs={"xscale": 2, "yscale": 3, "rotation": 20})
    model.add_blockref("PAIR", (0, 0), dxfattribs={"extrusion": (0, 0, -1)})
    model.add_blockref(
        "DOOR", (0, 90), dxfattribs={"row_count": 3, "column_count": 4, "row_spacing": 25, "column_spacing": 30}
    )
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    expected = sum(_exploded_length(reference) for reference in model.query("INSERT"))
    assert total_length(sheet) == pytest.approx(expected, rel=2e-3)
    # Not ezdxf.bbox: it explodes first, and an explosion cannot keep an arc that is mirrored, turned and stretched at once.
    points = np.array([p.vec2 for r in model.query("INSERT") for line in _exploded(r) for p in line])
    assert sheet.manifest["bbox"] == pytest.approx([*points.min(axis=0), *points.max(axis=0)], abs=0.05)


def _exploded_length(reference: Any) -> float:
    """Length of all that a reference draws, point by point through ezdxf's matrices."""
    return sum(float(sum(a.distance(b) for a, b in itertools.pairwise(points))) for points in _exploded(reference))


def _exploded(reference: Any) -> Iterator[list[Any]]:
    for one in reference.multi_insert() if reference.mcount > 1 else [reference]:
        matrix = one.matrix44()
        for entity in one.block():
            inner = _exploded(entity) if entity.dxftype() == "INSERT" else [make_path(entity).flattening(0.001)]
            for points in inner:
                yield list(matrix.transform_vertices(points))


def test_attributes_show_their_values_and_not_their_definitions(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    frame = doc.blocks.new("FRAME")
    frame.add_line((0, 0), (100, 0))
    frame.add_attdef("图号", (10, 10), "XX-00", height=5)
    doc.modelspace().add_blockref("FRAME", (0, 0)).add_attrib("图号", "建施-03", (10, 10), dxfattribs={"height": 5})
    assert made.prepared(made.written(doc), tmp_path)["model"].words == ["建施-03"]


def test_a_missing_external_reference_is_named(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.add_xref_def(r"C:\projects\A-01 底图.dwg", "BASE")
    doc.modelspace().add_blockref("BASE", (0, 0))
    doc.modelspace().add_line((0, 0), (1, 1))
    report = made.prepared(made.written(doc), tmp_path)["model"].fidelity
    assert report["missing"] == [{"kind": "xref", "name": "A-01 底图.dwg", "count": 1}]
    assert ("INSERT", 1, "xref") in {(r["type"], r["count"], r["reason"]) for r in report["not_shown"]}
    assert report["verdict"] == "warn"


# ---------------------------------------------------------------- lines, fills, masks


def test_dashes_cover_what_the_pattern_says_and_the_true_line_is_kept(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010", setup=True)
    doc.linetypes.add("AXIS", [8.0, 5.0, -1.0, 1.0, -1.0])
    doc.modelspace().add_line((0, 0), (800, 0), dxfattribs={"linetype": "AXIS"})
    doc.modelspace().add_lwpolyline([(0, 10), (100, 10), (100, 110)], dxfattribs={"linetype": "AXIS"})
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    assert total_length(sheet) == pytest.approx((800 + 200) * 6 / 8, rel=0.01)
    assert sorted(len(xy) for xy, _, _ in sheet.lines("snap")) == [2, 3]
    assert all(sheet.entities()["flags"] & FLAG_DASHED)


def test_dashes_without_number_are_refused(tmp_path: Path) -> None:
    table = made.tags(0, "TABLE", 2, "LTYPE", 70, 1, 0, "LTYPE", 2, "TINY", 70, 0, 3, "x", 72, 65, 73, 2, 40, "0.00002",
                      49, "0.00001", 49, "-0.00001", 0, "ENDTAB")  # fmt: skip
    with pytest.raises(Refusal) as caught:
        made.prepared(made.dxf(made.line(0, 0, 100000, 100000, "0", 6, "TINY"), tables=table), tmp_path)
    assert caught.value.code == "E_DASH"


def test_too_dense_a_line_type_is_shown_solid_and_named(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.linetypes.add("FINE", [0.02, 0.01, -0.01])
    doc.modelspace().add_line((0, 0), (10000, 0), dxfattribs={"linetype": "FINE"})
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    assert total_length(sheet) == pytest.approx(10000)
    assert "W_DASH" in {w["code"] for w in sheet.fidelity["warnings"]}


def test_a_wipeout_hides_what_is_below_it_and_nothing_else(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    model = doc.modelspace()
    model.add_line((0, 5), (100, 5), dxfattribs={"color": 1})  # under it
    model.add_wipeout([(10, 0), (30, 10)])
    model.add_line((15, 2), (25, 2), dxfattribs={"color": 2})  # over it
    model.add_line((60, 2), (90, 2), dxfattribs={"color": 3})  # beside it
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    records = sheet.entities()
    levels = {int(records["rgba"][e]) & 0xFFFFFF: level for _, e, level in sheet.lines()}
    masks = {level for _, e, level in sheet.triangles() if records["flags"][e] & FLAG_MASK}
    assert masks == {1}
    assert levels[0x0000FF] == 0
    assert levels[0x00FFFF] == 1
    assert levels[0x00FF00] == 0


def test_a_hatch_with_an_island_keeps_its_hole(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    hatch = doc.modelspace().add_hatch(color=2)
    hatch.paths.add_polyline_path([(0, 0), (10, 0), (10, 10), (0, 10)], is_closed=True, flags=1)
    hatch.paths.add_polyline_path([(4, 4), (6, 4), (6, 6), (4, 6)], is_closed=True, flags=16)
    triangles = made.prepared(made.written(doc), tmp_path)["model"].triangles()
    area = sum(abs(_cross(t[1] - t[0], t[2] - t[0])) / 2 for t, _, _ in triangles)
    assert area == pytest.approx(96)


def _cross(a: np.ndarray, b: np.ndarray) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def test_pattern_lines_lie_inside_their_boundary(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    hatch = doc.modelspace().add_hatch(color=2)
    hatch.set_pattern_fill("ANSI31", scale=0.5)
    hatch.paths.add_polyline_path([(0, 0), (40, 0), (40, 30), (0, 30)], is_closed=True)
    lines = made.prepared(made.written(doc), tmp_path)["model"].lines()
    assert len(lines) > 20
    points = np.vstack([xy for xy, _, _ in lines])
    assert points.min() > -0.01
    assert points[:, 0].max() < 40.01
    assert points[:, 1].max() < 30.01


def test_what_lies_on_an_undefined_layer_is_black_on_white_paper(tmp_path: Path) -> None:
    content = made.dxf(
        made.line(0, 0, 10, 5, "墙线") + made.text(1, 1, 2, "A", 62, 256).replace("  8\n0\n", "  8\n文字\n")
    )
    sheet = made.prepared(content, tmp_path)["model"]
    assert sorted(sheet.manifest["layers"][n]["name"] for n in sheet.entities()["layer"]) == ["墙线", "文字"]
    assert (sheet.entities()["flags"] & FLAG_ADAPTIVE).all()


def test_an_open_boundary_path_of_a_hatch_is_no_boundary(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    hatch = doc.modelspace().add_hatch(color=3)
    hatch.paths.add_polyline_path([(0, 0), (10, 0), (10, 10), (0, 10)], is_closed=True, flags=1)
    hatch.paths.add_polyline_path([(2, 2), (8, 2), (8, 8), (2, 8)], is_closed=True, flags=16 | 32)
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    corners = [triangle for triangle, _, _ in sheet.triangles()]
    assert sum(_area(t) for t in corners) == pytest.approx(100)


def _area(corners: Any) -> float:
    (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
    return abs(float(ax * by - ay * bx)) / 2


def test_the_same_drawing_gives_the_same_bytes(tmp_path: Path) -> None:
    """Sheets of two revisions are compared by what is drawn on them: nothing may lie elsewhere by chance."""
    doc = ezdxf.new("R2010")
    hatch = doc.modelspace().add_hatch(color=3)
    hatch.set_pattern_fill("ANSI37", scale=0.7)
    hatch.paths.add_polyline_path([(5, 60), (35, 60), (35, 80), (5, 80)], is_closed=True)
    content = made.written(doc)
    drawn = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        sheet = made.prepared(content, folder)["model"]
        drawn.append(
            [(chunk["file"], (sheet.folder / chunk["file"]).read_bytes()) for chunk in sheet.manifest["chunks"]]
        )
    assert drawn[0]
    assert drawn[0] == drawn[1]


def test_a_hatch_of_a_billion_lines_is_shown_solid_and_named(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    hatch = doc.modelspace().add_hatch(color=2)
    hatch.set_pattern_fill("DENSE", definition=[[45, (0, 0), (0, 0.0001), []]])
    hatch.paths.add_polyline_path([(0, 0), (100000, 0), (100000, 100000), (0, 100000)], is_closed=True)
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    assert sheet.triangles()
    assert "W_HATCH_DENSE" in {w["code"] for w in sheet.fidelity["warnings"]}


def test_wide_polylines_are_filled(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_lwpolyline([(0, 0), (100, 0)], dxfattribs={"const_width": 4})
    triangles = made.prepared(made.written(doc), tmp_path)["model"].triangles()
    assert sum(abs(_cross(t[1] - t[0], t[2] - t[0])) / 2 for t, _, _ in triangles) == pytest.approx(400)


def test_curves_are_round_to_a_fraction_of_their_size(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_circle((1000, 2000), 500)
    doc.modelspace().add_ellipse((0, 0), (300, 0), 0.5)
    lines = made.prepared(made.written(doc), tmp_path)["model"].lines()
    circle = max((xy for xy, _, _ in lines), key=lambda xy: xy[:, 1].max())
    middles = (circle[1:] + circle[:-1]) / 2
    assert np.hypot(*(middles - (1000, 2000)).T).min() > 500 * 0.999
    assert math.isclose(circle[0][0], circle[-1][0], abs_tol=1e-3)


# ---------------------------------------------------------------- proxies


def test_graphics_of_an_absent_program_are_shown(tmp_path: Path) -> None:
    """天正 objects: AutoCAD without their program saves them as proxies with graphics."""
    data = made.proxy_square(100, 100, 50)
    proxy = made.tags(0, "ACAD_PROXY_ENTITY", 5, "A1", 100, "AcDbEntity", 8, "WALL", 100, "AcDbProxyEntity", 90, 498, 91, 500,
                      92, len(data)) + made.hexed(310, data) + made.tags(93, 0, 94, 0)  # fmt: skip
    tables = made.layer_table(("0", 0, 7), ("WALL", 0, 1))
    sheet = made.prepared(made.dxf(proxy, tables=tables, version="AC1015"), tmp_path)["model"]
    assert total_length(sheet) == pytest.approx(200)
    assert all(sheet.entities()["flags"] & FLAG_PROXY)
    assert sheet.fidelity["shown"] == {"ACAD_PROXY_ENTITY": 1}


def test_a_custom_object_without_graphics_is_named_not_dropped(tmp_path: Path) -> None:
    custom = made.tags(0, "TCH_WALL", 5, "A2", 100, "AcDbEntity", 8, "0", 100, "TDbWall", 40, 240)
    sheet = made.prepared(made.dxf(custom + made.line(0, 0, 1, 1), version="AC1015"), tmp_path)["model"]
    missed = sheet.fidelity["not_shown"]
    assert [(m["type"], m["count"], m["reason"], m["handles"]) for m in missed] == [
        ("TCH_WALL", 1, "no_graphics", ["A2"])
    ]
    assert sheet.fidelity["verdict"] == "warn"


def test_a_drawing_of_nothing_but_invisible_objects_says_so(tmp_path: Path) -> None:
    custom = made.tags(0, "TCH_WALL", 5, "A2", 100, "AcDbEntity", 8, "0", 100, "TDbWall", 40, 240)
    result = made.inspected(made.dxf(custom, version="AC1015"), tmp_path)
    assert result["verdict"] == "warn"
    assert result["not_shown"][0]["type"] == "TCH_WALL"


# ---------------------------------------------------------------- layouts


def test_a_layout_shows_the_model_through_its_viewport(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.units = 4
    model = doc.modelspace()
    model.add_lwpolyline([(0, 0), (40000, 0), (40000, 20000), (0, 20000)], close=True)
    model.add_line((0, 0), (90000, 0), dxfattribs={"layer": "HIDDEN"})
    model.add_text("A-101", height=500).set_placement((20000, 10000))
    paper = doc.layouts.new("建施-01")
    paper.page_setup(size=(594, 420), margins=(0, 0, 0, 0), units="mm")
    doc.layers.add("HIDDEN")
    viewport = paper.add_viewport(
        center=(300, 200), size=(500, 300), view_center_point=(20000, 10000), view_height=30000
    )
    viewport.frozen_layers = ["HIDDEN"]
    paper.add_text("图框", height=5).set_placement((500, 10))
    sheets = made.prepared(made.written(doc), tmp_path)
    sheet = next(s for s in sheets.values() if s.manifest["name"] == "建施-01")
    (row,) = sheet.manifest["viewports"]
    assert row["scale"] == pytest.approx(0.01)
    assert row["rect"] == pytest.approx([50, 50, 550, 350])
    assert row["frozen"] == ["HIDDEN"]
    assert sheet.manifest["units"] == {"name": "mm", "metres_per_unit": 0.001, "source": "paper"}
    assert set(sheet.words) == {"A-101", "图框"}
    title = next(t for t in sheet.texts if t["s"] == "A-101")
    assert (title["x"], title["y"], title["h"]) == pytest.approx((300, 200, 5))
    layers = [sheet.manifest["layers"][sheet.entities()["layer"][e]]["name"] for _, e, _ in sheet.lines()]
    assert "HIDDEN" not in layers
    assert sheets["model"].manifest["units"]["name"] == "mm"


def test_what_reaches_out_of_the_viewport_is_cut_at_its_edge(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_line((-1e6, 0), (1e6, 0))
    paper = doc.layouts.new("A1")
    paper.add_viewport(center=(100, 100), size=(100, 80), view_center_point=(0, 0), view_height=80)
    sheet = next(s for s in made.prepared(made.written(doc), tmp_path).values() if s.manifest["name"] == "A1")
    inside = [xy for xy, _, _ in sheet.lines() if len(xy) == 2]
    assert inside[0] == pytest.approx(np.array([[50, 100], [150, 100]]), abs=1e-6)


def test_an_empty_layout_is_no_sheet(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_line((0, 0), (1, 1))
    doc.layouts.new("空")
    assert set(made.prepared(made.written(doc), tmp_path)) == {"model"}


def test_strays_do_not_decide_what_is_shown_first(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    for i in range(200):
        doc.modelspace().add_line((i, 0), (i, 100))
    doc.modelspace().add_line((5e7, 5e7), (5e7, 5e7 + 1))
    manifest = made.prepared(made.written(doc), tmp_path)["model"].manifest
    assert manifest["bbox"][2] > 4e7
    assert manifest["fit"][2] < 1000


def test_construction_lines_end_near_the_drawing(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_line((0, 0), (100, 100))
    doc.modelspace().add_xline((50, 50), (1, 0))
    doc.modelspace().add_ray((50, 50), (0, 1))
    x0, y0, x1, y1 = made.prepared(made.written(doc), tmp_path)["model"].manifest["bbox"]
    assert (x0, x1) == pytest.approx((-5, 105))
    assert (y0, y1) == pytest.approx((0, 105))


def test_long_drawings_are_cut_into_chunks_that_add_up(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    model = doc.modelspace()
    model.add_lwpolyline([(i, math.sin(i / 50) * 100) for i in range(34_000)])
    for i in range(1_000):
        model.add_line((i % 100 * 10, i // 100 * 10), (i % 100 * 10 + 5, i // 100 * 10))
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    chunks = [c for c in sheet.manifest["chunks"] if c["kind"] == "line"]
    assert len(chunks) > 3
    assert max(c["vertices"] for c in chunks) < 30_000
    assert sum(len(xy) for xy, _, _ in sheet.lines()) == 34_000 + 2_000 + 2  # two cuts repeat their vertex
    for chunk in chunks:
        assert (sheet.folder / chunk["file"]).stat().st_size == chunk["bytes"]
        assert (sheet.folder / (chunk["file"] + ".gz")).exists() or chunk["bytes"] <= pack.COMPRESS_ABOVE


def test_text_in_paragraphs_wraps_and_is_joined_to_lines(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_mtext(
        r"{\fSimSun|b0|i0;设计 说明}\P1. fire door of class A", dxfattribs={"char_height": 10, "width": 0}
    )
    words = made.prepared(made.written(doc), tmp_path)["model"].words
    assert words == ["设计 说明", "1. fire door of class A"]


def test_a_tilted_block_is_shown_from_above(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.blocks.new("B").add_line((0, 0), (10, 0))
    doc.modelspace().add_blockref("B", (0, 0), dxfattribs={"extrusion": (1, 0, 1)})
    doc.modelspace().add_line((0, 0), (1, 0))
    assert len(made.prepared(made.written(doc), tmp_path)["model"].lines()) == 2
