"""What the author of a drawing says of it beside its lines: saved layer states, where north is."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ezdxf import filemanagement

from drawings.cad import dxf_read, layer_states, north, raster
from tests.cad import made


def read_back(doc: Any, *, fast_from: int | None = None) -> dxf_read.Loaded:
    stream = io.StringIO()
    doc.write(stream)
    return dxf_read.read(stream.getvalue().encode(), fast_from=fast_from)


def drawing() -> Any:
    doc = filemanagement.new("R2010", setup=False)
    doc.modelspace().add_line((0, 0), (10, 10))
    for name in ("墙", "轴网", "家具"):
        doc.layers.add(name)
    return doc


def test_layer_states_of_the_author_are_told_by_names() -> None:
    doc = drawing()
    states = doc.layers.head.new_extension_dict().add_dictionary("ACAD_LAYERSTATES")
    by_handle = states.add_xrecord("方案一")
    rows: list[tuple[int, Any]] = [(91, 2047), (301, ""), (290, 1), (302, "0")]
    for name, flags in (("墙", 0), ("轴网", 1), ("家具", 2 | 8)):
        rows += [(330, doc.layers.get(name).dxf.handle), (90, flags), (62, 7), (370, -3), (1, "Color_7")]
    by_handle.reset(rows)
    states.add_xrecord("by name").reset([(91, 2047), (8, "墙"), (90, 4), (62, 7)])
    states.add_xrecord("nothing").reset([(91, 2047)])
    assert layer_states.of_document(read_back(doc).doc) == [
        {"name": "by name", "shown": ["墙"], "hidden": []},
        {"name": "方案一", "shown": ["墙"], "hidden": ["家具", "轴网"]},
    ]
    assert layer_states.of_document(read_back(drawing()).doc) == []


def north_of(loaded: dxf_read.Loaded) -> Any:
    return north.of_model(loaded.doc, loaded.picked, loaded.words)


@pytest.mark.parametrize("fast_from", [None, 1])
def test_north_is_the_turn_of_the_arrow_that_the_drawing_has(fast_from: int | None) -> None:
    doc = drawing()
    assert north_of(read_back(doc, fast_from=fast_from)) is None
    doc.blocks.new("指北针-1").add_line((0, 0), (0, 5))
    doc.modelspace().add_blockref("指北针-1", (0, 0), dxfattribs={"rotation": 30})
    loaded = read_back(doc, fast_from=fast_from)
    assert (loaded.picked is not None and "INSERT" in loaded.picked.tables) == (fast_from is not None)
    assert north_of(loaded) == {"angle": -30.0, "source": "arrow"}
    doc.modelspace().add_blockref("指北针-1", (9, 0), dxfattribs={"rotation": 75})
    assert north_of(read_back(doc, fast_from=fast_from)) is None, "arrows that disagree say nothing"


def test_the_place_on_the_earth_says_more_than_an_arrow() -> None:
    doc = drawing()
    doc.blocks.new("NORTH ARROW").add_line((0, 0), (0, 5))
    doc.modelspace().add_blockref("NORTH ARROW", (0, 0))
    doc.modelspace().new_geodata({"north_direction": (math.sin(math.radians(20)), math.cos(math.radians(20)))})
    found = north_of(read_back(doc))
    assert found == {"angle": 20.0, "source": "geodata"}


def test_a_layout_takes_north_as_its_viewports_turn_it() -> None:
    layout = drawing().layout("Layout1")
    model = {"angle": 20.0, "source": "geodata"}

    def turned(*degrees: float) -> list[dict[str, Any]]:
        return [{"matrix": [math.cos(math.radians(d)), math.sin(math.radians(d)), 0, 0, 0, 0]} for d in degrees]

    assert north.of_layout(layout, model, turned(90, 90)) == {"angle": -70.0, "source": "geodata"}
    assert north.of_layout(layout, model, turned(90, 0)) is None
    assert north.of_layout(layout, model, []) is None
    assert north.of_layout(layout, None, turned(90)) is None


def test_fills_are_drawn_in_their_order(tmp_path: Path) -> None:
    """A roof over the ground over the sheet: along a space-filling curve the large ones would come between the small ones."""
    doc = filemanagement.new("R2010", setup=False)
    model = doc.modelspace()
    sides = [(0, 0, 1000), *((x, y, 90) for x in range(0, 1000, 100) for y in range(0, 1000, 100)), (300, 300, 200)]
    for number, (x, y, side) in enumerate(sides):
        hatch = model.add_hatch(color=1 + number % 6)
        hatch.paths.add_polyline_path([(x, y), (x + side, y), (x + side, y + side), (x, y + side)], is_closed=True)
    sheet = made.prepared(made.written(doc), tmp_path)["model"]
    handles = sheet.entities()["handle"]
    drawn = [int(handles[entity]) for _, entity, _ in sheet.triangles()]
    assert len(drawn) == 2 * len(sides)
    assert drawn == sorted(drawn)


@pytest.mark.parametrize(
    ("dark", "given", "shown"),
    [
        (False, (255, 255, 0), (178, 178, 0)),
        (False, (0, 255, 255), (0, 193, 193)),
        (False, (238, 232, 205), (238, 232, 205)),
        (False, (255, 0, 0), (255, 0, 0)),
        (True, (0, 0, 255), (89, 89, 255)),
        (True, (255, 255, 0), (255, 255, 0)),
        (True, (20, 20, 20), (88, 88, 88)),
        (True, (0, 0, 0), (88, 88, 88)),
        (True, (96, 48, 0), (121, 80, 40)),
        (True, (128, 128, 128), (128, 128, 128)),
        (False, (254, 254, 254), (254, 254, 254)),
    ],
)
def test_colours_that_the_paper_swallows_are_made_readable(
    dark: bool, given: tuple[int, int, int], shown: tuple[int, int, int]
) -> None:
    """The same numbers as in frontend/src/drawing/drawing.test.ts."""
    found = raster.legible(np.array([given], dtype=np.float64), dark=dark)
    assert tuple(found[0].round().astype(int).tolist()) == shown
