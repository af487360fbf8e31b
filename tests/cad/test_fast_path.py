"""The fast path draws what the truth path draws: the same entities at the same places in the same looks, and the same account."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest

from drawings.bench.plan import plan
from drawings.cad import dxf_binary, dxf_read, dxf_scan, fast_pick, job
from drawings.cad.compare import compare
from drawings.cad.errors import Refusal
from drawings.cad.tables import SIGNATURES, made_table, read_table
from tests.cad import made

NEVER = 1 << 60
ALL = os.environ.get("LIANSHEN_ALL_FIXTURES") == "1"


def both_ways(data: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The model's sheet by the truth path alone and with the fast path."""
    sheets = []
    for name, least in (("truth", NEVER), ("fast", 1)):
        monkeypatch.setattr(fast_pick, "WORTH", least)
        here = folder / name
        here.mkdir()
        (here / "source").write_bytes(data)
        job.run("prepare", here / "source", here / "out", name="x.dxf")
        sheets.append(here / "out" / "model")
    return sheets[0], sheets[1]


def looks(sheet: Path) -> set[tuple[Any, ...]]:
    """Handle, colour, layer, reference's layer, type, weight and flags of every record."""
    read = made.Prepared.load(sheet)
    layers = [layer["name"] for layer in read.manifest["layers"]]
    rows = zip(*(column.tolist() for column in read.entities().values()), strict=True)
    return {
        (handle, rgba, layers[layer], via if via == 65535 else layers[via], read.manifest["types"][kind], weight, flags)
        for handle, rgba, layer, via, kind, weight, flags in rows
    }


def same(truth: Path, fast: Path, *, handles: bool = True) -> None:
    """`handles`: False for a file without any, for which the parser makes up its own."""
    for table in (read_table, made_table):  # as it was drawn, and as it was written
        told = compare(table(truth), table(fast))
        assert told.identical, (told.added[:3], told.removed[:3], told.changed[:3])
    if handles:
        assert looks(truth) == looks(fast)
    else:
        assert {look[1:] for look in looks(truth)} == {look[1:] for look in looks(fast)}
    for name in ("fidelity.json", "manifest.json"):
        a, b = (json.loads((sheet / name).read_text()) for sheet in (truth, fast))
        if not handles:
            for kind in ("not_shown", "hidden"):
                a[kind], b[kind] = ([{**item, "handles": None} for item in told.get(kind, [])] for told in (a, b))
        for key in ("entities", "shown", "not_shown", "hidden", "warnings", "bbox", "layers", "viewports"):
            if key in a and not (name == "manifest.json" and key == "entities"):
                assert a[key] == b[key], (name, key)


def test_a_plan_is_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = plan(600)
    same(*both_ways(data, tmp_path, monkeypatch))
    picked = fast_pick.pick(dxf_scan.scan(data), least=1)
    assert picked is not None
    assert picked.count > 0.85 * 600


def odd_drawing() -> ezdxf.document.Drawing:
    """Every property and every exception that the rules of picking name, some of it beyond them."""
    doc = ezdxf.new("R2018", setup=["linetypes"])
    doc.layers.add("墙体", color=3, linetype="DASHED", lineweight=50)
    doc.layers.add("RED", true_color=0xFF0000)
    doc.layers.add("OFF", color=2).off()
    model = doc.modelspace()
    looks_: list[dict[str, Any]] = [
        {}, {"color": 0}, {"color": 1}, {"color": 7}, {"color": 256}, {"true_color": 0x123456}, {"lineweight": 70},
        {"lineweight": -2}, {"lineweight": -3}, {"linetype": "CENTER"}, {"linetype": "ByBlock"}, {"linetype": "NONE"},
        {"linetype": "DASHDOT", "ltscale": 3.0}, {"layer": "墙体"}, {"layer": "RED"}, {"layer": "OFF"}, {"layer": "没有"},
        {"invisible": 1}, {"transparency": 0x0200007F}, {"layer": "墙体", "color": 5, "lineweight": 0},
    ]  # fmt: skip
    flips: list[dict[str, Any]] = [{}, {"extrusion": (0, 0, -1)}, {"extrusion": (0, 0.6, 0.8)}]
    part = doc.blocks.new("PART", base_point=(3, 4))
    part.add_line((0, 0), (9, 2), dxfattribs={"color": 0})
    part.add_circle((5, 5), 2, dxfattribs={"layer": "墙体", "lineweight": -2})
    part.add_text("构件", height=2).set_placement((1, 1))
    part.add_solid([(0, 0), (1, 0), (0, 1), (1, 1)], dxfattribs={"color": 6})
    part.add_attdef("NO", (0, 8), "n", height=1)
    other = doc.blocks.new("MASKED")
    other.add_line((0, 0), (4, 4))
    other.add_wipeout([(0, 0), (3, 3)])
    doc.blocks.new("EMPTY")
    for i, look in enumerate(looks_):
        y = i * 40.0
        model.add_line((0, y), (30, y + 7), dxfattribs=look)
        model.add_circle((50, y), 9, dxfattribs=look)
        model.add_lwpolyline([(70, y), (90, y), (90, y + 9)], close=bool(i % 2), dxfattribs=look)
        model.add_text("室内 Room", height=3, dxfattribs=look).set_placement((100, y))
        model.add_blockref("PART", (150, y), dxfattribs={**look, "rotation": i * 20, "xscale": -1 if i % 3 else 2})
        hatch = model.add_hatch(dxfattribs=look)
        hatch.paths.add_polyline_path([(200, y), (210, y), (212, y + 8)], is_closed=True)
    for i, flip in enumerate(flips):
        x = 300.0 + i * 60
        model.add_circle((x, 0), 5, dxfattribs=flip)
        model.add_arc((x, 20), 5, 350, 20, dxfattribs=flip)
        model.add_lwpolyline([(x, 40), (x + 9, 40), (x + 9, 49)], dxfattribs=flip)
        model.add_text("翻转", height=3, dxfattribs=flip).set_placement((x, 60))
        model.add_blockref("PART", (x, 80), dxfattribs=flip)
        model.add_solid([(x, 100), (x + 5, 100), (x, 105), (x + 5, 105)], dxfattribs=flip)
    model.add_lwpolyline([(5, 1200, 0, 0, 0.6), (25, 1200, 2, 2, 0), (25, 1220, 0, 0, 0)])
    for i, closed in enumerate((True, False)):
        y = 1300 + 40 * i
        bends = [(0, y, 0.5), (20, y, 0), (20, y, -1), (40, y + 9, 1e-9), (50, y, 0.7), (0, y, 0.2)]
        model.add_lwpolyline(bends, format="xyb", close=closed)
        model.add_lwpolyline(bends[:4], format="xyb", close=closed, dxfattribs={"extrusion": (0, 0, -1)})
        model.add_lwpolyline([(60, y, 1), (80, y, 1)], format="xyb", close=closed)
    for i, (start, end) in enumerate([(0, math.tau), (0.3, 5), (5, 1), (-2, 2)]):
        model.add_ellipse((120 + i * 30, 1300), (9, 4), 0.4, start, end)
        model.add_ellipse((120 + i * 30, 1330), (0, 8), 1, start, end, dxfattribs={"extrusion": (0, 0, -1)})
    for i, closed in enumerate((True, False)):
        y = 1360 + 20 * i
        bends = [(0, y), (20, y, 0, 0, 1), (40, y + 9), (50, y, 0, 0, -0.3), (0, y)]
        model.add_polyline2d(bends, format="xyseb", close=closed)
        model.add_polyline2d([(70, y), (90, y), (90, y), (80, y + 9)], close=closed)
        model.add_polyline2d([(100, y), (120, y, 2, 2, 0)], format="xyseb", close=closed)
        model.add_polyline2d([(130, y), (150, y), (150, y + 9)], close=closed, dxfattribs={"extrusion": (0, 0, -1)})
        model.add_polyline3d([(160, y, 0), (170, y, 5), (175, y + 9, 0)], close=closed)
    model.add_polymesh((3, 3))
    knots = [0, 0, 0, 0, 1, 1, 3, 4, 4, 4, 4]
    control = [(0, 1440), (20, 1450), (30, 1430), (40, 1440), (60, 1470), (70, 1440), (80, 1445)]
    model.add_open_spline(control, knots=knots)
    model.add_open_spline([(x + 100, y, x) for x, y in control])
    model.add_open_spline([(x + 200, y) for x, y in control[:4]])
    model.add_open_spline([(x + 200, y + 40) for x, y in control], degree=2)
    model.add_rational_spline([(x + 100, y + 40) for x, y in control], weights=[1, 2, 1, 1, 3, 1, 1])
    model.add_spline([(x, y + 80) for x, y in control])
    for attachment in range(1, 10):
        attributes = {"char_height": 3, "attachment_point": attachment, "width": 30, "rotation": attachment * 10}
        for i, words in enumerate(
            ("一层平面 Plan of the ground floor\\P第二行", "{\\H2x;大} 100%%d", "a\\~b", " \\P ")
        ):
            insert = (300 + attachment * 60, 1400 + i * 40)
            model.add_mtext(words, dxfattribs={**attributes, "insert": insert, "line_spacing_factor": 1 + i / 4})
    doc.styles.add("WIDE", font="hztxt.shx").dxf.width = 0.7
    model.add_mtext("宽 wide", dxfattribs={"style": "WIDE", "char_height": 3, "insert": (900, 1400)})
    model.add_text("宽 wide", height=3, dxfattribs={"style": "WIDE"}).set_placement((900, 1420))
    model.add_mtext("无宽", dxfattribs={"char_height": 3, "insert": (940, 1400), "width": 0})
    model.add_lwpolyline([(30, 1200), (30, 1210), (30, 1200), (30, 1200)], close=True)
    model.add_solid([(50, 1200), (60, 1200), (60, 1210), (50, 1210)])  # a bow tie
    model.add_solid([(70, 1200), (80, 1200), (75, 1210), (75, 1210)])
    pattern = model.add_hatch(color=3)
    pattern.set_pattern_fill("ANSI31", scale=2)
    pattern.paths.add_polyline_path([(90, 1200), (120, 1200), (120, 1220)], is_closed=True)
    gradient = model.add_hatch()
    gradient.set_gradient((255, 0, 0), (0, 0, 255))
    gradient.paths.add_polyline_path([(130, 1200), (150, 1200), (150, 1220)], is_closed=True)
    dent = model.add_hatch(color=4)
    dent.paths.add_polyline_path([(160, 1200), (180, 1200), (165, 1203), (160, 1220)], is_closed=True)
    double = model.add_hatch(color=4)
    double.paths.add_polyline_path([(190, 1200), (220, 1200), (220, 1230), (190, 1230)], is_closed=True)
    double.paths.add_polyline_path([(195, 1205), (215, 1205), (215, 1225), (195, 1225)], is_closed=True)
    for across in range(6):
        for up in range(4):
            x, y = 300 + across * 40, 1200 + up * 20
            attributes = {"halign": across, "valign": up, "align_point": (x + 20, y), "insert": (x, y), "width": 0.8}
            model.add_text("Ag 对齐", height=3, rotation=across * 30, dxfattribs=attributes)
    for words in ("%%c100", "a^Jb", "\\U+697C梯", "  ", "100%", "tail  "):
        model.add_text(words, height=3).set_placement((600, 1200 + 10 * len(words)))
    model.add_text("斜", height=3, dxfattribs={"oblique": 15}).set_placement((650, 1200))
    model.add_text("反", height=3, dxfattribs={"text_generation_flag": 2}).set_placement((650, 1220))
    with_attribute = model.add_blockref("PART", (700, 1200))
    with_attribute.add_attrib("NO", "A-01", (700, 1210))
    model.add_blockref(
        "PART", (720, 1200), dxfattribs={"row_count": 2, "column_count": 3, "row_spacing": 9, "column_spacing": 9}
    )
    model.add_blockref("MASKED", (800, 1200))
    model.add_blockref("EMPTY", (820, 1200))
    model.add_blockref("NOT THERE", (840, 1200))
    return doc


def test_everything_out_of_the_ordinary_is_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = made.written(odd_drawing()).encode()
    same(*both_ways(data, tmp_path, monkeypatch))
    picked = fast_pick.pick(dxf_scan.scan(data), least=1)
    assert picked is not None
    assert {
        "LINE",
        "CIRCLE",
        "LWPOLYLINE",
        "TEXT",
        "INSERT",
        "HATCH",
        "SOLID",
        "ELLIPSE",
        "MTEXT",
        "POLYLINE",
        "SPLINE",
    } <= set(picked.types)


def test_a_table_of_draw_order_holds_for_picked_entities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doc = ezdxf.new("R2010")
    model = doc.modelspace()
    line = model.add_line((0, 0), (10, 10))
    model.add_circle((5, 5), 3)
    model.add_wipeout([(2, 2), (8, 8)])
    model.set_redraw_order([(line.dxf.handle, "FFFF")])
    truth, fast = both_ways(made.written(doc).encode(), tmp_path, monkeypatch)
    same(truth, fast)
    levels = []
    for sheet in (truth, fast):
        chunks = made.Prepared.load(sheet).manifest["chunks"]
        levels.append(sorted((chunk["level"], chunk["kind"], chunk["prims"]) for chunk in chunks))
    assert levels[0] == levels[1]
    assert max(level for level, _kind, _prims in levels[0]) > 0


def test_old_files_without_handles_and_chinese_code_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(made.line(i, 0, i + 1, 9, "墙体") for i in range(40)) + made.text(0, 20, 2, "首层平面图")
    data = made.dxf(body, header=made.tags(9, "$DWGCODEPAGE", 3, "ANSI_936")).encode("gbk")
    truth, fast = both_ways(data, tmp_path, monkeypatch)
    read = made.Prepared.load(fast)
    assert read.words == ["首层平面图"] == made.Prepared.load(truth).words
    assert "墙体" in [layer["name"] for layer in read.manifest["layers"]]
    assert np.unique(read.entities()["handle"]).tolist() == [0]  # the file has none, so we name none
    assert compare(read_table(truth), read_table(fast)).identical


def test_what_is_picked_is_counted(tmp_path: Path) -> None:
    loaded = dxf_read.read(plan(300), fast_from=1)
    assert loaded.picked is not None
    assert loaded.raw.total - loaded.picked.count == sum(len(block) for block in loaded.doc.blocks)


def test_the_stored_table_is_the_one_that_the_files_give(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(plan(2200))
    job.run("prepare", tmp_path / "source", tmp_path / "out", name="x.dxf")
    sheet = tmp_path / "out" / "model"
    stored, made_now = read_table(sheet), made_table(sheet)
    assert (sheet / SIGNATURES).is_file()
    assert stored.texts == made_now.texts
    assert (stored.handles == made_now.handles).all()
    assert (stored.layers == made_now.layers).all()
    # The files hold rounded vertices, the table what they were before.
    rounded = made_now.size * 1e-5
    assert np.allclose(stored.box, made_now.box, rtol=0, atol=rounded)
    assert np.allclose(stored.measures, made_now.measures, rtol=1e-4, atol=rounded)


@pytest.mark.fixtures
@pytest.mark.skipif(not ALL, reason="NOT TESTED here: every real DXF both ways; run.py soak drawings")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", sorted(path.name for path in made.FIXTURES.glob("*.[dD][xX][fF]")))
def test_real_drawings_are_the_same_both_ways(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (made.FIXTURES / name).read_bytes()
    try:
        truth, fast = both_ways(data, tmp_path, monkeypatch)
    except Refusal as refusal:
        pytest.skip(f"NOT TESTED: refused, {refusal.code}")
    if truth.is_dir() or fast.is_dir():  # some have layouts only
        scanned = dxf_scan.scan(dxf_binary.to_ascii(data) if data.startswith(dxf_binary.BINARY_SENTINEL) else data)
        same(truth, fast, handles=bool(len(scanned.first_pairs(scanned.in_sections(b"ENTITIES"), 5))))
