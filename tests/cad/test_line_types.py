"""Line types with more than dashes: words between them, shapes of a font that is not here, dots written as dashes of next to nothing."""

from __future__ import annotations

from pathlib import Path

import ezdxf
import numpy as np
import pytest

from tests.cad import made

GAS = 'A,50,-20,["GAS",STANDARD,S=10,R=0.0,X=-10,Y=-5],-25'


def test_words_stand_in_the_gaps_of_their_line(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.styles.new("WORDS", dxfattribs={"font": "txt.shx"})
    doc.linetypes.add("GAS_LINE", GAS, description="GAS", length=95.0)
    doc.modelspace().add_line((0, 0), (0, 500), dxfattribs={"linetype": "GAS_LINE"})
    doc.modelspace().add_line((100, 0), (130, 0), dxfattribs={"linetype": "GAS_LINE"})  # too short for any
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    rows = [row for row in sheet.texts if row["s"] == "GAS"]
    assert [round(row["y"]) for row in rows] == [60 + 95 * turn for turn in range(5)]
    assert {(round(row["x"]), row["rot"], row["h"]) for row in rows} == {(5, 90, 10)}
    dashes = sorted(sorted(points[:, 1].round().tolist()) for points, _, _ in sheet.lines() if abs(points[0][0]) < 1)
    assert dashes == [[95 * turn, min(500, 95 * turn + 50)] for turn in range(6)]
    assert not sheet.fidelity["warnings"]


def test_upright_words_do_not_stand_on_their_head(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    line_type = doc.linetypes.add("GAS_LINE", GAS, description="GAS", length=95.0)
    tags = line_type.pattern_tags.tags
    tags[:] = [type(tag)(74, 10) if (tag.code, tag.value) == (74, 2) else tag for tag in tags]
    for start, end in (((0, 0), (180, 0)), ((180, 50), (0, 50))):
        doc.modelspace().add_line(start, end, dxfattribs={"linetype": "GAS_LINE"})
    rows = made.prepared(made.written(doc), tmp_path)["model"].texts
    there, back = ({"x": row["x"], "y": row["y"], "w": row["w"], "rot": row.get("rot", 0)} for row in rows)
    assert (there["x"], there["y"], there["rot"], back["rot"]) == (60, -5, 0, 0)
    assert back["y"] == 45
    assert back["x"] == pytest.approx(180 - 60 - back["w"], abs=0.01)


def test_a_line_type_with_shapes_is_solid_and_named(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.linetypes.add("BATTING", "A,.0001,-.1,[132,ltypeshp.shx,x=-.1,s=.1],-.2", description="", length=0.3001)
    doc.modelspace().add_line((0, 0), (9, 0), dxfattribs={"linetype": "BATTING"})
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    assert [points.tolist() for points, _, _ in sheet.lines()] == [[[0, 0], [9, 0]]]
    (note,) = [note for note in sheet.fidelity["warnings"] if note["code"] == "W_LINETYPE"]
    assert "BATTING" in note["zh"]
    assert "BATTING" in note["en"]


def test_a_dash_of_next_to_nothing_is_a_dot(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.linetypes.add("DOTS", [1.0, 0.0001, -0.9999])
    doc.modelspace().add_line((0, 0), (9, 0), dxfattribs={"linetype": "DOTS"})
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    dots = [points for points, _, _ in sheet.lines()]
    assert {len(points) for points in dots} == {1}
    assert np.concatenate(dots)[:, 0].tolist() == pytest.approx(list(range(9)))
