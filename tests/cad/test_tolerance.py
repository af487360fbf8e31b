"""Feature control frames: what they say, in boxes of the size of their words; and shapes and solids, which are named."""

from __future__ import annotations

from pathlib import Path

import ezdxf
import pytest

from drawings.cad import tolerance
from tests.cad import made


def test_signs_and_words_of_the_boxes_are_told_apart() -> None:
    content = r"{\Fgdt;j}%%v{\Fgdt;n}0.05{\Fgdt;m}%%vA%%v%%v%%v^J{\Fgdt;b}%%v0.1%%vB^J5"
    assert tolerance.rows_of(content) == [["位置度", "Ø0.05Ⓜ", "A"], ["⊥", "0.1", "B"], ["5"]]


def test_a_frame_is_drawn_at_its_place_and_turned_with_it(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010", setup=True)
    doc.dimstyles.get("Standard").dxf.dimtxt = 3.0
    doc.dimstyles.get("Standard").dxf.dimscale = 2.0
    attributes = {"content": r"{\Fgdt;b}%%v0.1%%vA", "insert": (100, 50), "x_axis_vector": (0, 1, 0)}
    doc.modelspace().new_entity("TOLERANCE", attributes)
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    assert sheet.fidelity["shown"] == {"TOLERANCE": 1}
    assert not sheet.fidelity["not_shown"]
    assert " ".join(row["s"] for row in sheet.texts) == "⊥ 0.1 A"
    assert {(row["h"], row["rot"]) for row in sheet.texts} == {(6, 90)}
    x0, y0, x1, y1 = sheet.manifest["bbox"]
    assert (x0, x1, y0) == (pytest.approx(94), pytest.approx(106), pytest.approx(50))  # twice as high as its words
    assert y1 > 50 + 3 * 12


def test_shapes_and_solids_are_named_with_their_number_and_why(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    model = doc.modelspace()
    model.add_line((0, 0), (9, 9))
    for _ in range(2):
        model.add_shape("DRAIN", (1, 1))
    model.add_3dsolid().sat = model.add_region().sat = ["700 0 1 0"]
    told = made.prepared(made.written(doc), tmp_path)["model"].fidelity["not_shown"]
    assert [(item["type"], item["count"], item["reason"]) for item in told] == [
        ("3DSOLID", 1, "solid"), ("REGION", 1, "solid"), ("SHAPE", 2, "shape"),
    ]  # fmt: skip
    assert all("无法显示" in item["zh"] and "cannot be shown" in item["en"] for item in told)
