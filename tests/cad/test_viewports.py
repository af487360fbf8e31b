"""What a viewport shows in its own way: views of old files, dashes as long as in the model, colours of its own for a layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest

from tests.cad import made

HEAD = made.tags(0, "VIEWPORT", 5, "26B", 67, 1, 8, "0", 10, 100, 20, 50, 30, 0, 40, 80, 41, 60, 68, 2, 69, 2)


def old_view(*frozen: str) -> str:
    """The extended data of a viewport of R12: 1:10 of the model round (500, 400), without some layers."""
    point = [1010, 0.0, 1020, 0.0, 1030, 0.0, 1010, 0.0, 1020, 0.0, 1030, 1.0]
    view = [1040, 0.0, 1040, 600.0, 1040, 500.0, 1040, 400.0, 1040, 50.0, 1040, 0.0, 1040, 0.0]
    modes = [1070, 0, 1070, 1000, 1070, 1, 1070, 1, *[1070, 0] * 4, *[1040, 0.0] * 3, *[1040, 0.5] * 4, 1070, 0]
    names = [part for name in frozen for part in (1003, name)]
    head = [1001, "ACAD", 1000, "MVIEW", 1002, "{", 1070, 16]
    return made.tags(*head, *point, *view, *modes, 1002, "{", *names, 1002, "}", 1002, "}")


def test_a_viewport_of_r12_shows_what_its_extended_data_tell(tmp_path: Path) -> None:
    overall = made.tags(0, "VIEWPORT", 5, "267", 67, 1, 8, "0", 10, 100, 20, 50, 30, 0, 40, 300, 41, 200, 68, 1, 69, 1)
    body = made.line(500, 400, 600, 400) + made.line(500, 450, 600, 450, "家具") + overall + HEAD + old_view("家具")
    tables = made.layer_table(("0", 0, 7), ("家具", 0, 7))
    sheet = made.prepared(made.dxf(body, tables=tables).encode(), tmp_path)["layout-1"]
    (row,) = sheet.manifest["viewports"]
    assert row["scale"] == pytest.approx(0.1)
    assert row["frozen"] == ["家具"]
    lines = [points.round(3).tolist() for points, _, _ in sheet.lines() if len(points) == 2]
    assert lines == [[[100.0, 50.0], [110.0, 50.0]]]


def paper(doc: Any, *, by_paper: bool) -> tuple[Any, Any]:
    """A layout with a viewport of 1:10, and the viewport."""
    layout = doc.layout("Layout1")
    layout.dxf_layout.dxf.layout_flags = int(by_paper)
    viewport = layout.add_viewport(center=(100, 100), size=(100, 100), view_center_point=(500, 500), view_height=1000)
    return layout, viewport


@pytest.mark.parametrize(("by_paper", "dash"), [(True, 10.0), (False, 1.0)])
def test_dashes_are_as_long_on_paper_or_in_the_model(by_paper: bool, dash: float, tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    doc.linetypes.add("GAPS", [20.0, 10.0, -10.0])
    doc.modelspace().add_line((100, 500), (900, 500), dxfattribs={"linetype": "GAPS"})
    paper(doc, by_paper=by_paper)
    sheet = made.prepared(made.written(doc), tmp_path)["layout-1"]
    lengths = [float(np.hypot(*np.diff(points, axis=0)[0])) for points, _, _ in sheet.lines() if len(points) == 2]
    assert max(lengths) == pytest.approx(dash, rel=0.01)
    assert len(lengths) > 3


def test_a_viewport_gives_a_layer_a_colour_of_its_own(tmp_path: Path) -> None:
    doc = ezdxf.new("R2010")
    layer = doc.layers.add("墙", color=3)
    doc.linetypes.add("GAPS", [20.0, 10.0, -10.0])
    doc.modelspace().add_line((100, 500), (900, 500), dxfattribs={"layer": "墙"})
    doc.modelspace().add_line((100, 600), (900, 600), dxfattribs={"layer": "墙", "color": 2})
    layout, viewport = paper(doc, by_paper=True)
    other = layout.add_viewport(center=(300, 100), size=(100, 100), view_center_point=(500, 500), view_height=1000)
    own = layer.get_vp_overrides()
    own.set_color(viewport.dxf.handle, 1)
    own.set_linetype(viewport.dxf.handle, "GAPS")
    own.commit()
    sheet = made.prepared(made.written(doc), tmp_path)["layout-1"]
    table = sheet.entities()
    seen = {
        (round(points[0][0]), round(points[0][1]), f"{int(table['rgba'][record]) & 0xFFFFFF:06x}")
        for points, record, _ in sheet.lines()
        if len(points) == 2
    }
    red, green, yellow = "0000ff", "00ff00", "00ffff"  # blue is highest
    assert {(60, 100, red), (60, 110, yellow), (260, 100, green), (260, 110, yellow)} == seen
    assert [note["count"] for note in sheet.fidelity["warnings"] if note["code"] == "W_VIEWPORT"] == [1]
    assert other.dxf.handle in {row["id"] for row in sheet.manifest["viewports"]}
