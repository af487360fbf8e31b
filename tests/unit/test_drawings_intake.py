"""What intake reads from sheets and says of a delivery: title blocks, drawing lists, red lines, named causes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from django.utils import translation

from drawings.cad.red_line import is_site_layer, judge
from drawings.cad.title_block import same_number, tell
from drawings.rules.intake import SheetSeen, check, drawing_list
from drawings.words import finding_words


def at(x: float, y: float, s: str, h: float = 2.5, **more: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "h": h, "w": 0.9 * h * len(s), "s": s, **more}


def block(x: float, y: float, number: str, name: str, scale: str = "1:100") -> list[dict[str, Any]]:
    """Labels above their values, as the institutes of the demo draw it."""
    rows = [("工程名称", "云启产业园"), ("图  名", name), ("比例", scale), ("图号：", number)]
    found = []
    for row, (label, value) in enumerate(rows):
        found += [at(x, y - 20 * row, label), at(x + 20, y - 20 * row - 9, value, h=3.5)]
    return found


def turned(records: list[dict[str, Any]], turn: int) -> list[dict[str, Any]]:
    """The same page laid on its side."""
    angle = math.radians(turn)
    cos, sin = round(math.cos(angle)), round(math.sin(angle))
    return [
        {**r, "x": r["x"] * cos - r["y"] * sin, "y": r["x"] * sin + r["y"] * cos, "rot": turn - 360 * (turn > 180)}
        for r in records
    ]


def side(x: float, y: float, number: str, name: str) -> list[dict[str, Any]]:
    """Values right of their labels, bilingual."""
    return [
        at(x, y, "DRAWING TITLE"), at(x + 45, y, name, h=4),
        at(x, y - 12, "SCALE"), at(x + 45, y - 12, "1：50"),
        at(x, y - 24, "DRAWING NO."), at(x + 45, y - 24, number),
    ]  # fmt: skip


NOISE = [at(10, 500, "一层平面图  1:100", h=7), at(50, 300, "FM甲1021"), at(80, 310, "图号"), at(5, 5, "比例尺")]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (block(700, 200, "建施-02", "一层平面图"), [("建施-02", "一层平面图", 100)]),
        (side(700, 200, "A-101", "GROUND FLOOR PLAN"), [("A-101", "GROUND FLOOR PLAN", 50)]),
        (block(700, 200, "总施-01", "总平面图", "1:500") + NOISE, [("总施-01", "总平面图", 500)]),
        (block(700, 200, "建施-05", "门窗详图", "见图"), [("建施-05", "门窗详图", None)]),
        (block(0, 0, "建施-02", "一层") + block(2000, 0, "建施-03", "二层"),
         [("建施-02", "一层", 100), ("建施-03", "二层", 100)]),
        (turned(block(700, 200, "建施-06", "楼梯详图"), 90), [("建施-06", "楼梯详图", 100)]),
        (turned(side(700, 200, "A-102", "FIRST FLOOR PLAN"), 270), [("A-102", "FIRST FLOOR PLAN", 50)]),
        (turned(block(0, 0, "建施-07", "墙身"), 180) + NOISE, [("建施-07", "墙身", 100)]),
        ([at(0, 0, "图号"), at(0, -9, "（空）")], []),
        ([at(0, 0, "图号", rot=90), at(0, -9, "建施-02")], []),
        ([], []),
    ],
)  # fmt: skip
def test_title_blocks_are_read_or_left_alone(
    records: list[dict[str, Any]], expected: list[tuple[str, str, int | None]]
) -> None:
    found = [(t.fields.get("number"), t.fields.get("name"), t.scale) for t in tell(records).titles]
    assert found == expected


def listing(rows: list[tuple[str, str]], x: float = 100, y: float = 800) -> list[dict[str, Any]]:
    found = [at(x, y + 25, "图 纸 目 录", h=7), at(x, y, "序号"), at(x + 25, y, "图号"), at(x + 120, y, "图纸名称")]
    found += [at(x + 250, y, "图幅")]
    for row, (number, name) in enumerate(rows, 1):
        low = y - 8 * row
        found += [at(x + 2, low, str(row)), at(x + 22, low, number), at(x + 75, low, name), at(x + 250, low, "A1+1/4")]
    return [*found, at(x, y - 8 * len(rows) - 90, "说明 2026"), at(x + 60, y - 8 * len(rows) - 90, "与目录无关的话")]


def test_a_drawing_list_is_read_row_by_row() -> None:
    rows = [("总施-01", "总平面图"), ("建施-02", "一层平面图"), ("建施-03", "二层平面图"), ("A-101", "Plan")]
    told = tell(listing(rows) + block(700, 200, "建施-00", "图纸目录"))
    assert [(row.number, row.name) for row in told.rows] == rows
    assert told.has_list
    assert [title.fields["number"] for title in told.titles] == ["建施-00"]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("建施-02", "建施 - 2", True),
        ("建施—02", "建施-02", True),
        ("A-101", "a_101", False),
        ("Ａ-１０１", "A-101", True),
        ("建施-02", "建施-20", False),
        ("建施-02", "结施-02", False),
    ],
)
def test_numbers_are_compared_as_people_do(a: str, b: str, same: bool) -> None:
    assert (same_number(a) == same_number(b)) is same


SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 60.0), (0.0, 60.0)]


def test_a_red_line_is_closed_or_it_is_said_where_not() -> None:
    closed, areas, ends, gap, loose = judge([[*SQUARE, SQUARE[0]]])
    assert (closed, areas, ends, gap, loose) == (1, (6000.0,), (), None, 0.0)
    # Four strokes drawn this way and that, ends a hair apart.
    strokes = [[SQUARE[0], SQUARE[1]], [SQUARE[2], SQUARE[1]], [(100.0, 60.0005), SQUARE[3]], [SQUARE[0], SQUARE[3]]]
    assert judge(strokes)[0] == 1
    closed, areas, ends, gap, loose = judge([[*SQUARE, (0.0, 2.5)]])
    assert (closed, areas, loose) == (0, (), 1.0)
    assert sorted(ends) == [(0.0, 0.0), (0.0, 2.5)]
    assert gap == 2.5
    with_legend = judge([[*SQUARE, SQUARE[0]], [(200.0, 0.0), (218.0, 0.0)]])
    assert with_legend[0] == 1
    assert math.isclose(with_legend[4], 18 / 338, rel_tol=1e-4)
    assert judge([[*SQUARE, SQUARE[0]], [(500.0, 0.0), (600.0, 0.0), (600.0, 50.0), (500.0, 0.0)]])[0] == 2


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("总-用地红线", True), ("用地红线", True), ("红线", True), ("总-红线", True), ("RED_LINE", True), ("PROPERTY-LINE", True),
        ("道路红线", False), ("建筑红线", False), ("用地红线标注", False), ("建-墙体", False), ("红线外道路", False),
    ],
)  # fmt: skip
def test_which_layer_is_the_sites_own_line(name: str, site: bool) -> None:
    assert is_site_layer(name) is site


def sheet(id_: str, number: str = "", name: str = "平面图", **more: Any) -> SheetSeen:
    given: dict[str, Any] = {"kind": "model", "units": "mm", "metres": 0.001, "fidelity": {}, "readings": {}, **more}
    return SheetSeen(id=id_, number=number, name=name, **given)


def levels(*sheets: SheetSeen, empty: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    return {item["code"]: item["level"] for item in check(list(sheets), empty)}


def test_every_cause_has_its_name() -> None:
    good = sheet("1", "建施-01", readings={"titles": [{"number": "建施-01", "scale": "1:100", "n": 100}]})
    assert levels(good) == {"UNITS_FOUND": "ok", "SCALE_FOUND": "ok", "PARTS_COMPLETE": "ok", "NUMBERS_UNIQUE": "ok"}
    assert levels(sheet("1", "a-1", metres=None))["UNITS_MISSING"] == "warn"
    differs = {"titles": [{"number": "a-1", "n": 100}], "viewport_scale": 150}
    assert levels(sheet("1", "a-1", kind="layout", readings=differs))["SCALE_DIFFERS"] == "warn"
    report = {
        "fonts": {"missing": ["hztxt.shx"], "uses": {"hztxt.shx": 12}, "substituted": {"hztxt.shx": "Noto Sans SC"}},
        "missing": [{"kind": "xref", "name": "轴网.dwg", "count": 1}, {"kind": "image", "name": "章.png", "count": 1}],
        "not_shown": [{"count": 3}],
        "warnings": [{"code": "W_BLANK"}],
    }
    found = levels(sheet("1", "a-1", fidelity=report), empty=(("a.dwg", "布局1"),))
    assert {"XREF_MISSING", "IMAGE_MISSING", "FONT_MISSING", "NOT_SHOWN", "SHEET_BLANK", "LAYOUT_EMPTY"} <= set(found)
    assert "PARTS_COMPLETE" not in found
    line = {"layers": ["用地红线"], "closed": 0, "areas": [], "open_ends": [[0, 0], [0, 2.5]], "gap": 2.5, "loose": 1}
    assert levels(sheet("1", "a-1", readings={"red_line": line}))["RED_LINE_OPEN"] == "warn"
    closed = {**line, "closed": 1, "areas": [31_250_000_000.0], "open_ends": [], "loose": 0.0}
    (said,) = [i for i in check([sheet("1", "a-1", readings={"red_line": closed})]) if i["code"] == "RED_LINE_CLOSED"]
    assert said["area"] == 31_250.0
    assert levels(sheet("1", "总施-01", "总平面图"))["RED_LINE_NONE"] == "note"
    assert levels(sheet("1", ""))["NUMBER_MISSING"] == "note"


def test_numbers_twice_are_said_but_a_frame_and_its_layout_are_one() -> None:
    twice = check([sheet("1", "建施-01"), sheet("2", "建施 - 1"), sheet("3", "建施-03")])
    (item,) = [i for i in twice if i["code"] == "NUMBER_TWICE"]
    assert (item["sheets"], item["n"]) == (["1", "2"], 2)
    assert "NUMBER_TWICE" not in levels(sheet("1", "建施-01"), sheet("2", "建施-01", kind="layout"))


def test_the_list_is_held_against_what_was_sent() -> None:
    rows = [
        {"number": "建施-01", "name": "一层平面图"},
        {"number": "建施-02", "name": "二层平面图"},
        {"number": "建施-09", "name": "剖面"},
    ]
    index = sheet("0", "建施-00", "图纸目录", readings={"list": rows})
    one, two = sheet("1", "建施 - 1", "1#楼一层平面图"), sheet("2", "建施-02", "屋顶平面图")
    extra = sheet("3", "建施-07", "立面图")
    by_code = {item["code"]: item for item in check([index, one, two, extra])}
    assert by_code["LISTED_NOT_SENT"]["rows"] == [rows[2]]
    assert by_code["SENT_NOT_LISTED"]["sheets"] == ["3"]
    assert by_code["NAME_DIFFERS"]["sheets"] == ["2"]
    table = drawing_list([index, one, two, extra])
    assert [(row["number"], row["listed"], row["sent"]) for row in table] == [
        ("建施-00", False, True), ("建施 - 1", True, True), ("建施-02", True, True), ("建施-07", False, True),
        ("建施-09", True, False),
    ]  # fmt: skip
    assert (
        levels(index, one, sheet("2", "建施-02", "二层平面图"), sheet("9", "建施-09", "剖面"))["LIST_COMPLETE"] == "ok"
    )
    assert levels(one, two)["LIST_NONE"] == "note"


def test_frames_side_by_side_in_one_model_space_count_each() -> None:
    titles = [{"number": "建施-01", "name": "一层"}, {"number": "建施-02", "name": "二层"}]
    several = sheet("1", "", "建筑", readings={"titles": titles})
    assert [row["number"] for row in drawing_list([several])] == ["建施-01", "建施-02"]
    assert "NUMBER_MISSING" not in levels(several)
    assert levels(several, sheet("2", "建施-02"))["NUMBER_TWICE"] == "warn"


def test_a_font_spelled_two_ways_is_one_and_units_are_words() -> None:
    one, other = ({"fonts": {"missing": [font], "uses": {font: n}}} for font, n in (("Arial.ttf", 2), ("arial.ttf", 3)))
    found = check([sheet("1", "a-1", fidelity=one), sheet("2", "a-2", fidelity=other)])
    (fonts,) = [item["fonts"] for item in found if item["code"] == "FONT_MISSING"]
    assert [(font["font"], font["n"]) for font in fonts] == [("Arial.ttf", 5)]
    with translation.override("zh-hans"):
        text, _next = finding_words({"code": "UNITS_FOUND", "units": ["foot", "mm"], "n": 2})
    assert "英尺、mm" in text
