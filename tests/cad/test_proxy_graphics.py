"""Proxy graphics: arcs that stand in space, records that cannot be read, matrices of both kinds."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from ezdxf import filemanagement
from ezdxf.math import Vec3

from drawings.cad import layers
from drawings.cad.dxf_draw import Drawer, Extra
from drawings.cad.proxy_graphics import Graphics
from tests.cad import made

ARC, CIRCLE, MATRIX, MATRIX_2, WORDS = 5, 3, 29, 30, 38


def graphics(*records: tuple[int, bytes]) -> Graphics:
    body = b"".join(struct.pack("<2L", len(data) + 8, kind) + data for kind, data in records)
    return Graphics(struct.pack("<2L", len(body) + 8, len(records)) + body, filemanagement.new())


def points(*xyz: float) -> bytes:
    return struct.pack(f"<{len(xyz)}d", *xyz)


def drawn(found: Graphics) -> list[Any]:
    return list(found.entities())


def test_an_arc_that_stands_in_space_is_drawn_as_it_stands() -> None:
    """A half circle upright on the x axis: seen from above it is a line of its diameter, not a circle without end."""
    (path,) = drawn(graphics((ARC, points(0, 0, 0, 5, 0, 5, 10, 0, 0))))
    at = [Vec3(v.dxf.location) for v in path.vertices]
    assert at[0].isclose((0, 0, 0), abs_tol=1e-9)
    assert at[-1].isclose((10, 0, 0), abs_tol=1e-9)
    assert all(
        abs(p.y) < 1e-9 and -1e-9 <= p.z <= 5 + 1e-9 and (p - Vec3(5, 0, 0)).magnitude == pytest.approx(5) for p in at
    )
    assert len(at) > 20


def test_arcs_in_the_plane_stay_arcs_and_points_on_a_line_a_line() -> None:
    arc, straight = drawn(graphics((ARC, points(1, 0, 0, 0, 1, 0, -1, 0, 0)), (ARC, points(0, 0, 0, 1, 1, 0, 2, 2, 0))))
    assert (arc.dxftype(), round(arc.dxf.radius, 9)) == ("ARC", 1)
    assert [tuple(v.dxf.location) for v in straight.vertices] == [(0, 0, 0), (1, 1, 0), (2, 2, 0)]
    (ring,) = drawn(graphics((CIRCLE, points(0, 0, 0, 5, 0, 5, 10, 0, 0))))
    assert max(v.dxf.location.z for v in ring.vertices) == pytest.approx(5)
    assert min(v.dxf.location.z for v in ring.vertices) == pytest.approx(-5)


def test_an_arc_that_turns_clockwise_is_not_its_other_half() -> None:
    """A shallow arc of a door or a wall, drawn either way: a few degrees, not all the others."""
    there, back = drawn(
        graphics((ARC, points(0, 0, 7, 50, 1, 7, 100, 0, 7)), (ARC, points(100, 0, 7, 50, 1, 7, 0, 0, 7)))
    )
    for arc in (there, back):
        assert (arc.dxf.end_angle - arc.dxf.start_angle) % 360 == pytest.approx(4.5825, abs=1e-3)
        assert arc.dxf.center.z == 7
        assert arc.start_point.isclose((100, 0, 7), abs_tol=1e-6)


def test_a_record_that_cannot_be_read_is_counted_and_costs_no_other() -> None:
    whole = (ARC, points(1, 0, 0, 0, 1, 0, -1, 0, 0))
    found = graphics((ARC, b"short"), whole, (99, bytes(48)), (99, b"look"), (27, bytes(48)), whole)
    assert [entity.dxftype() for entity in drawn(found)] == ["ARC", "ARC"]
    assert found.unread == 2


def test_words_without_their_end_are_counted() -> None:
    """One flipped bit in a length: the record ends before the name of its face does."""
    words = points(0, 0, 0, 0, 0, 1, 1, 0, 0) + "轴线".encode("utf-16-le") + bytes(2)
    found = graphics((WORDS, words.ljust(200, b"\x01")), (ARC, points(1, 0, 0, 0, 1, 0, -1, 0, 0)))
    assert [entity.dxftype() for entity in drawn(found)] == ["ARC"]
    assert found.unread == 1


@pytest.mark.parametrize("kind", [MATRIX, MATRIX_2])
def test_matrices_of_both_kinds_move_what_follows(kind: int) -> None:
    moved = points(1, 0, 0, 100, 0, 1, 0, 200, 0, 0, 1, 0, 0, 0, 0, 1)
    found = graphics((kind, moved), (ARC, points(1, 0, 0, 0, 1, 0, -1, 0, 0)))
    (arc,) = drawn(found)
    assert arc.dxf.center.isclose((100, 200, 0))
    assert found.unread == 0


def test_a_mask_of_unknown_order_hides_nothing_and_is_named() -> None:
    """What a DWG reader brings of a WIPEOUT is a fill in the colour of the author's screen: black over all that the mask lay under."""
    doc = filemanagement.new("R2010")
    model = doc.modelspace()
    model.add_line((0, 0), (9, 9))
    square = made.proxy_square(0, 0, 5)
    beside = [Extra(0xAB, "WIPEOUT", "0", square), Extra(0xAC, "TCH_WALL", "0", square)]
    _, report = Drawer(doc, layers.from_document(doc), {model.layout_key: beside}).draw(model)
    assert {kind: dict(handles) for kind, handles in report.missed.items()} == {("WIPEOUT", "mask"): {"AB": 1}}
    assert report.shown == {"LINE": 1, "TCH_WALL": 1}
