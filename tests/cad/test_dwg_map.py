"""The object map of an old DWG tells of an object whose size was blanked: the readers pass over it without a word (promise R12)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from drawings.cad import dwg_map
from tests.cad import made

OBJECTS = (b"\x04\x00wall\x00\x00", b"\x06\x00window\x00\x00", b"\x04\x00door\x00\x00")


def number(value: int) -> bytes:
    """Seven bits a byte, lowest first."""
    out = bytearray()
    while value > 0x3F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def drawing(version: bytes = b"AC1015") -> bytes:
    """A header, three objects behind it, and the map that names them."""
    begin = 300
    body, steps, last = b"", b"", 0
    for content in OBJECTS:
        place = begin + len(body)
        steps += number(5) + number(place - last)
        last, body = place, body + content
    at = begin + len(body)
    the_map = struct.pack(">H", 2 + len(steps)) + steps + b"\x00\x00" + struct.pack(">H", 2) + b"\x00\x00"
    head = version.ljust(0x15, b"\x00") + struct.pack("<IBII", 1, 2, at, len(the_map))
    return head.ljust(begin, b"\x00") + body + the_map


def test_a_whole_file_lacks_nothing() -> None:
    assert dwg_map.lost_objects(drawing()) == 0


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_blanked_object_is_missed(which: int) -> None:
    data = bytearray(drawing())
    at = data.index(OBJECTS[which])
    data[at : at + 4] = bytes(4)
    assert dwg_map.lost_objects(bytes(data)) == 1


def test_an_object_beyond_the_end_is_missed() -> None:
    data = drawing()
    at = data.index(OBJECTS[2])
    assert dwg_map.lost_objects(data[:at] + b"\xff\x7f" + data[at + 2 :]) == 1


@pytest.mark.parametrize("cut", [0x16, 0x1A, 320, -7])
def test_a_map_that_cannot_be_read_is_a_loss_and_no_error(cut: int) -> None:
    assert dwg_map.lost_objects(drawing()[:cut]) >= 1


def test_newer_files_have_another_map() -> None:
    assert dwg_map.lost_objects(drawing(b"AC1018")[:40]) == 0


@pytest.mark.fixtures
@pytest.mark.skipif(not made.FIXTURES.is_dir(), reason=f"NOT TESTED: no real drawings, {made.FIXTURES} is absent")
def test_a_real_drawing_that_lost_a_line_is_called_damaged(tmp_path: Path) -> None:
    whole = (made.FIXTURES / "Aspose.CAD-for-.NET__Examples__Data__DWG-Drawings__City_skyway_map.dwg").read_bytes()
    assert dwg_map.lost_objects(whole) == 0
    result = made.inspected(whole[:52529] + bytes(16) + whole[52545:], tmp_path, "plan.dwg")
    assert "W_CHECKSUM" in {warning["code"] for warning in result["warnings"]}
