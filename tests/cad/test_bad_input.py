"""The four bad files that come first: one answer in plain words within 30 s, and nothing of them stays."""

from __future__ import annotations

import re
import time
from pathlib import Path

import ezdxf
import pytest
from ezdxf.math import Vec2
from ezdxf.render.mleader import ConnectionSide

from drawings.cad import dwg_sums, sandbox
from drawings.cad.errors import Refusal
from tests.cad import made

SECONDS = 30


@pytest.mark.parametrize(
    ("name", "content", "codes"), made.bad_files(), ids=["half-dwg", "locked-pdf", "blocks", "exe"]
)
def test_a_bad_file_is_answered_once_and_soon(name: str, content: bytes, codes: set[str], tmp_path: Path) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    started = time.monotonic()
    with pytest.raises(Refusal) as caught:
        sandbox.run("prepare", source, tmp_path / "out")
    assert time.monotonic() - started < SECONDS
    refusal = caught.value
    assert refusal.code in codes
    assert re.search(r"[\u4e00-\u9fff]", refusal.message("zh"))
    assert re.search(r"[\u4e00-\u9fff]", refusal.next_step("zh"))
    assert len(refusal.message("en").split()) > 3
    assert not re.search(r"Error|Traceback|Exception|0x[0-9a-f]{6}", refusal.message("en"))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_record_that_contradicts_itself(tmp_path: Path) -> None:
    """A leader whose frame has lost its first line: the reader only asserts that it is there."""
    document = ezdxf.new("R2010", setup=True)  # type: ignore[attr-defined]
    builder = document.modelspace().add_multileader_mtext("Standard")
    builder.set_content("见大样")
    builder.add_leader_line(ConnectionSide.left, [Vec2(-20, -15)])
    builder.build(insert=Vec2(5, 0))
    whole = made.written(document)
    damaged = whole.replace("302\nLEADER{\n", "302\nLEADEN{\n")
    assert damaged != whole
    with pytest.raises(Refusal) as caught:
        made.inspected(damaged.encode(), tmp_path, "plan.dxf")
    assert caught.value.code == "E_DAMAGED"
    assert "Error" not in caught.value.message("en")


CUT = {
    "R14": "libredwg__test__test-data__r14__Leader.dwg",
    "2000": "libredwg__test__test-data__2000__Leader.dwg",
    "2004": "libredwg__test__test-data__2004__Surface.dwg",
    "2007": "libredwg__test__test-data__2007__ATMOS-DC22S.dwg",
    "2010": "libredwg__test__test-data__2010__Leader.dwg",
    "2013": "Aspose.CAD-for-.NET__Examples__Data__DWG-Drawings__ZD_-_Senior_D6m_H2m45.dwg",
    "2018": "ACadSharp__samples__aec_objects__AecObjects.dwg",
}


@pytest.mark.fixtures
@pytest.mark.skipif(not made.FIXTURES.is_dir(), reason=f"NOT TESTED: no real drawings, {made.FIXTURES} is absent")
@pytest.mark.parametrize("version", CUT)
def test_a_real_dwg_of_which_only_the_last_bytes_are_missing(version: str, tmp_path: Path) -> None:
    """The readers may still find every entity: the file itself says how long it is."""
    content = (made.FIXTURES / CUT[version]).read_bytes()
    source = tmp_path / "cut.dwg"
    source.write_bytes(content[:-1])
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", source)
    assert caught.value.code == "E_TRUNCATED"


@pytest.mark.fixtures
@pytest.mark.skipif(not made.FIXTURES.is_dir(), reason=f"NOT TESTED: no real drawings, {made.FIXTURES} is absent")
def test_a_real_dwg_with_a_hole_in_it_is_refused_for_its_loss(tmp_path: Path) -> None:
    content = bytearray(
        (made.FIXTURES / "LibreCAD__librecad__src__lib__filters__tests__testdata__tarch__t1.dwg").read_bytes()
    )
    at = int(0.37 * len(content))
    content[at : at + 500] = bytes(500)
    source = tmp_path / "hole.dwg"
    source.write_bytes(bytes(content))
    with pytest.raises(Refusal) as caught:
        sandbox.run("inspect", source)
    assert caught.value.code in {"E_LOSS", "E_DAMAGED"}


@pytest.mark.fixtures
@pytest.mark.skipif(not made.FIXTURES.is_dir(), reason=f"NOT TESTED: no real drawings, {made.FIXTURES} is absent")
@pytest.mark.parametrize("version", ["2004", "2010", "2013", "2018"])
def test_one_wrong_bit_in_a_real_dwg_is_seen_by_its_sums(version: str) -> None:
    """The readers unpack a damaged page without a word; its sum tells."""
    content = (made.FIXTURES / CUT[version]).read_bytes()
    pages, wrong = dwg_sums.wrong_pages(content)
    assert pages > 10
    assert wrong == 0
    for at in (0x100, 0x110, 0x1A0 + 40, len(content) // 2):
        damaged = content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]
        found, wrong = dwg_sums.wrong_pages(damaged)
        assert wrong == 1 or found < pages, at
