"""What LibreDWG misreads is put right: classes of a DWG 2004 behind a long number, attributes behind one of several lines, draw order."""

from __future__ import annotations

import io
import random
from collections import Counter
from typing import Any

import pytest
from ezdxf import filemanagement

from drawings.cad import dwg, dwg_attributes, dwg_classes, dwg_mending, dwg_order, dxf_draw
from drawings.cad.sniff import sniff


def bits_of(value: int, size: int) -> str:
    return "".join(f"{byte:08b}" for byte in value.to_bytes(size, "little"))


def table(*maintenance: int) -> bytes:
    """A table of classes as AutoCAD writes it in a DWG 2004, class n with its maintenance version."""
    row = "00" + bits_of(499 + len(maintenance), 2) + 8 * "0" + 8 * "0" + "1"
    for place, version in enumerate(maintenance):
        row += "00" + bits_of(500 + place, 2) + "10"
        for text in (b"ObjectDBX Classes\0", b"", b"ACAD_TABLE\0"):
            row += ("01" + bits_of(len(text), 1) if text else "10") + "".join(f"{byte:08b}" for byte in text)
        row += "0" + "00" + bits_of(0x1F2, 2) + "01" + bits_of(3, 1) + "01" + bits_of(33, 1)
        row += ("00" + bits_of(version, 4) if version > 255 else "01" + bits_of(version, 1)) + "1010"
    row += "0" * (-len(row) % 8)
    return bytes(20) + int("1" + row, 2).to_bytes(len(row) // 8 + 1, "big")[1:]


def classes_as_read(content: bytes) -> list[tuple[int, int]]:
    """Class numbers and instances as LibreDWG reads them: the maintenance version as a short number."""
    bits = dwg_classes._Bits(content)
    last = bits.number(2)
    bits.take(17)
    found: list[tuple[int, int]] = []
    while not found or found[-1][0] < last:
        number = bits.number(2)
        bits.number(2)
        for _ in range(3):
            bits.words()
        bits.take(1)
        bits.number(2)
        found.append((number, bits.number(4)))
        for size in (4, 2, 4, 4):
            bits.number(size)
    return found


def test_a_long_maintenance_version_is_written_short() -> None:
    content = table(0, 20, 329, 42, 4000, 1)
    mended = dwg_classes.shortened(content)
    assert mended is not None
    assert len(mended) == len(content)
    assert classes_as_read(mended) == [(500 + n, 3) for n in range(6)]
    with pytest.raises(IndexError):
        classes_as_read(content)


def test_what_needs_no_mending_is_left_alone() -> None:
    assert dwg_classes.shortened(table(0, 20, 42)) is None
    assert dwg_classes.mended(b"AC1018" + bytes(500)) is None
    assert dwg_classes.mended(b"AC1032" + bytes(500)) is None


@pytest.mark.parametrize("size", [4, 5, 40, 3000])
def test_a_packed_page_unpacks_to_itself(size: int) -> None:
    draw = random.Random(size)
    word = bytes(draw.randrange(256) for _ in range(37))
    content = b"".join(word[: draw.randrange(37)] if draw.random() < 0.7 else draw.randbytes(9) for _ in range(size))
    content = (content + bytes(size))[:size] + bytes(size)
    packed = dwg_classes.packed(content)
    assert dwg_classes.unpacked(packed, len(content)) == content
    assert size < 40 or len(packed) < len(content)


def attribute(**other: Any) -> dict[str, Any]:
    row = {
        "handle": "F01", "owner": "", "layer": "AA", "style": "11", "invisible": 0, "color": 1,
        "tag": {"text": "NO"}, "text": {"bytes": "甲-1".encode("gbk").hex()}, "ins_pt": {"x": 1.0, "y": 2.0},
        "alignment_pt": {"x": 5.0, "y": 6.0}, "extrusion": {"x": 0, "y": 0, "z": 1}, "elevation": 0, "height": 2.5, "rotation": 0.5,
        "width_factor": 0.7, "oblique_angle": 0, "generation": 0, "horiz_alignment": 0, "vert_alignment": 3, "flags": 0,
    }  # fmt: skip
    return row | other


def test_attributes_that_the_document_lacks_are_given_to_their_block_reference() -> None:
    doc = filemanagement.new()
    doc.blocks.new("DOOR")
    insert = doc.modelspace().add_blockref("DOOR", (0, 0))
    there = insert.add_attrib("TAG", "first", (0, 0))
    rows = [
        attribute(owner=insert.dxf.handle),
        attribute(owner=insert.dxf.handle, handle=there.dxf.handle),
        attribute(owner=insert.dxf.handle, handle="F02", height=float("nan")),
        attribute(owner="FFFF", handle="F03"),
    ]
    dwg_attributes.add_missing(doc, rows, {"AA": "门"}, lambda raw: raw.decode("gbk"))
    assert [(a.dxf.tag, a.dxf.text) for a in insert.attribs] == [("TAG", "first"), ("NO", "甲-1")]
    added = insert.attribs[1].dxf
    assert (added.handle, added.layer, added.valign, added.align_point) == ("F01", "门", 3, (5, 6, 0))
    assert added.rotation == pytest.approx(28.6479, abs=1e-4)


def test_a_polyline_gets_the_widths_that_the_dxf_lacks() -> None:
    model = filemanagement.new("R2010", setup=False).modelspace()
    line = model.add_lwpolyline([(0, 0, 0, 0, 0.5), (9, 0, 0, 0, 0), (9, 5, 0, 0, 0)])
    other = model.add_lwpolyline([(0, 0), (9, 0)])
    rows = [(line.dxf.handle, [70.0, 70.0, 70.0, 0.0, 0.0, 0.0]), (other.dxf.handle, [1.0, 1.0]), ("FFFF", [1.0, 1.0])]
    dwg_mending.give_widths(model.doc, rows)
    assert [tuple(map(float, point)) for point in line.get_points("xyseb")] == [
        (0, 0, 70, 70, 0.5), (9, 0, 70, 0, 0), (9, 5, 0, 0, 0),
    ]  # fmt: skip
    assert not other.has_width, "the numbers of vertices differ"


def name_a_table(layout: Any, handle: str) -> None:
    """A table by a handle that the document does not have."""
    layout.block_record.new_extension_dict().dictionary["ACAD_SORTENTS"] = handle


def words_drawn(layout: Any) -> list[str]:
    return [entity.dxf.text for entity in dxf_draw._in_order(layout)]


def test_what_the_author_laid_above_is_drawn_last() -> None:
    doc = filemanagement.new()
    model, block = doc.modelspace(), doc.blocks.new("DOOR")
    for layout in (model, block):
        for word in "abc":
            layout.add_text(word)
    first, second, third = (entity.dxf.handle for entity in model)
    name_a_table(model, "355")
    rows: list[dwg_order.Row] = [
        (model.layout_key, [(first, third), (third, second), (second, first)]),
        (block.block_record_handle, [(block[0].dxf.handle, "FFFF")]),
    ]
    assert words_drawn(model) == ["a", "b", "c"]
    assert dwg_order.give_orders(doc, rows, {}, apart=set(), unread=["356"]) == []
    assert words_drawn(model) == ["b", "c", "a"]
    assert words_drawn(block) == ["b", "c", "a"]


def test_an_order_that_cannot_be_kept_is_named() -> None:
    doc = filemanagement.new()
    model, door = doc.modelspace(), doc.blocks.new("DOOR")
    handle = model.add_text("a").dxf.handle
    owners = {"F00": "GONE", model.layout_key: "*Model_Space"}

    def lost(*rows: dwg_order.Row, unread: tuple[str, ...] = ()) -> list[str]:
        return dwg_order.give_orders(doc, rows, owners, apart={"F01"}, unread=unread)

    assert lost((model.layout_key, [(handle, "F02")]), ("F00", [])) == []
    assert lost(("F00", [(handle, "F02")])) == ["GONE"]
    assert lost((model.layout_key, [("F01", "F02")])) == ["*Model_Space"]
    assert lost((model.layout_key, None)) == ["*Model_Space"]
    name_a_table(door, "355")
    assert lost(unread=("356",)) == []
    assert lost(unread=("355",)) == ["DOOR"]
    zh, en = dwg_order.not_kept(["*Model_Space", "DOOR", "DOOR", "*Paper_Space3", "B"])
    assert "：模型、图块 DOOR、布局 等。" in zh
    assert "in: model, block DOOR, layout and others." in en


@pytest.mark.parametrize(
    ("orders", "unread", "told"),
    [
        ([], [], False),
        ([("1F", [])], [], False),
        ([("1F", [("A", "B")])], [], True),
        ([("1F", None)], [], True),
        ([], ["355"], True),
    ],
)
def test_the_second_reader_brings_no_order_and_says_so(orders: Any, unread: list[str], told: bool) -> None:
    doc = filemanagement.new()
    doc.modelspace().add_line((0, 0), (1, 1))
    doc.write(text := io.StringIO())
    second = dwg.Second(text.getvalue().encode(), Counter(), Counter(LINE=1), "0")
    kind = sniff(b"AC1018" + bytes(600), "a.dwg")
    source = dwg.Source(0, Counter(LINE=1), [], {}, [], b"", {}, [], [], [], orders, unread)
    assert ("W_ORDER" in {warning.code for warning in dwg._from_pycadkit(second, source, kind).warnings}) is told
    assert told or "W_ORDER" in {warning.code for warning in dwg._from_pycadkit(second, None, kind).warnings}
