"""Hostile and broken DXF files get one named answer before any parser sees them."""

from __future__ import annotations

import io
from pathlib import Path

import ezdxf
import pytest

from drawings.cad import dxf_expansion, dxf_reduce, dxf_scan
from drawings.cad.dxf_read import read
from drawings.cad.errors import Refusal
from drawings.cad.sniff import sniff
from tests.cad import made


def code_of(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(Refusal) as caught:
        read(data)
    return caught.value.code


GOOD = made.dxf(made.line(0, 0, 100, 50) + made.text(1, 1, 2.5, "ok"))


def test_an_honest_file_is_read() -> None:
    assert read(GOOD.encode()).raw.total == 2


def test_half_a_file_is_truncated_not_repaired() -> None:
    assert code_of(GOOD[: len(GOOD) // 2]) == "E_TRUNCATED"


def test_half_of_a_large_file_is_truncated() -> None:
    many = made.dxf("".join(made.line(i, 0, i, 1) for i in range(5000)))
    assert code_of(many[: len(many) // 2]) == "E_TRUNCATED"


def test_exponential_blocks_are_counted_not_drawn() -> None:
    content = made.exponential_blocks()
    assert len(content) < 10_000
    assert code_of(content) == "E_EXPAND"


def test_a_multiple_insert_flood() -> None:
    content = made.dxf(
        made.insert("A", 0, 0, 70, 32767, 71, 32767, 44, 1, 45, 1), made.block("A", made.line(0, 0, 1, 1))
    )
    assert code_of(content) == "E_EXPAND"


def test_a_block_in_itself() -> None:
    content = made.dxf(made.insert("A"), made.block("A", made.insert("B")) + made.block("B", made.insert("A")))
    assert code_of(content) == "E_CYCLE"


def test_a_cycle_that_nothing_draws_does_no_harm() -> None:
    content = made.dxf(made.line(0, 0, 1, 1), made.block("A", made.insert("A")))
    assert read(content.encode()).raw.entities["LINE"] == 1


def test_blocks_nested_too_deeply() -> None:
    chain = "".join(made.block(f"C{i}", made.insert(f"C{i + 1}")) for i in range(200))
    assert code_of(made.dxf(made.insert("C0"), chain + made.block("C200", made.line(0, 0, 1, 1)))) == "E_DEPTH"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400", "abc"])
def test_numbers_that_are_none(value: str) -> None:
    assert code_of(made.dxf(made.line(value, 0, 1, 1))) == "E_NUMBER"


def test_coordinates_out_of_range() -> None:
    assert code_of(made.dxf(made.line("1e15", 0, 1, 1))) == "E_COORD"


def test_the_message_names_the_line_of_the_file() -> None:
    with pytest.raises(Refusal) as caught:
        read(made.dxf(made.line("nan", 0, 1, 1)).encode())
    number = int("".join(c for c in caught.value.detail_en.split(",")[0] if c.isdigit()))
    assert made.dxf(made.line("nan", 0, 1, 1)).splitlines()[number - 1] == "nan"


def test_a_line_of_a_megabyte() -> None:
    assert code_of(made.dxf(made.text(0, 0, 2, "A" * (1 << 20)))) == "E_LINE"


def test_letters_where_a_group_code_stands() -> None:
    assert code_of(GOOD.replace(" 10\n", "xyz\n", 1)) == "E_DAMAGED"


def test_an_archive_behind_the_end() -> None:
    assert code_of(GOOD + "PK\x03\x04" + "x" * 100) == "E_POLYGLOT"


def test_a_drawing_without_entities() -> None:
    assert code_of(made.dxf("")) == "E_EMPTY"


def test_repeated_handles_are_named_and_nothing_is_lost() -> None:
    rows = "".join(
        made.tags(
            0, "LINE", 5, "FF", 100, "AcDbEntity", 8, "0", 100, "AcDbLine", 10, i, 20, 0, 30, 0, 11, i, 21, 9, 31, 0
        )
        for i in range(50)
    )
    loaded = read(made.dxf(rows, version="AC1015").encode())
    assert len(loaded.doc.modelspace()) == 50
    assert "W_HANDLES" in {w.code for w in loaded.warnings}


def test_comments_before_the_first_section() -> None:
    assert read(("999\nmade by a program\n" + GOOD).encode()).raw.total == 2


def test_windows_and_old_mac_line_ends() -> None:
    for end in ("\r\n", "\r"):
        assert read(GOOD.replace("\n", end).encode()).raw.total == 2


def test_binary_dxf_tells_the_same_as_ascii() -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_line((0, 0), (7, 3))
    doc.modelspace().add_text("防火分区", height=3)
    stream = io.BytesIO()
    doc.write(stream, fmt="bin")
    loaded = read(stream.getvalue())
    assert loaded.raw.entities == {"LINE": 1, "TEXT": 1}
    assert loaded.doc.modelspace()[1].dxf.text == "防火分区"


def test_half_a_binary_dxf() -> None:
    doc = ezdxf.new("R2010")
    doc.modelspace().add_line((0, 0), (7, 3))
    stream = io.BytesIO()
    doc.write(stream, fmt="bin")
    assert code_of(stream.getvalue()[: len(stream.getvalue()) // 2]) == "E_TRUNCATED"


def test_expansion_counts_what_ezdxf_draws() -> None:
    inner = made.block("A", made.line(0, 0, 1, 1) + made.line(1, 1, 2, 2))
    outer = made.block("B", made.insert("A") * 3 + made.line(0, 0, 9, 9))
    scanned = dxf_scan.scan(made.dxf(made.insert("B") * 2, inner + outer).encode())
    grown = dxf_expansion.check_expansion(scanned)
    # 2 references to B, in each 3 references to A and a line, in each A 2 lines
    assert grown.primitives == 2 + 2 * (3 + 1 + 3 * 2)
    assert grown.depth == 2


def test_what_draws_nothing_is_left_out_before_parsing() -> None:
    doc = ezdxf.new("R2018")
    doc.modelspace().add_line((0, 0), (1, 1))
    whole = made.written(doc).encode()
    kept = dxf_reduce.reduced(dxf_scan.scan(whole))
    assert b"  0\nMATERIAL\n" in whole
    assert b"  0\nMATERIAL\n" not in kept
    assert b"\nLAYOUT\n" in kept


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.dwg", b"MZ" + b"\0" * 4096, "E_TYPE"),
        ("plan.dxf", b"PK\x03\x04" + b"\0" * 100, "E_TYPE"),
        ("plan.pdf", b"<html><body>x</body></html>", "E_TYPE"),
        ("plan.pdf", GOOD.encode(), "E_TYPE"),
        ("plan.exe", GOOD.encode(), "E_TYPE"),
        ("plan.dwg", b"AC1009" + b"\0" * 4096, "E_TYPE"),
        ("plan.dwg", b"AC1032", "E_TRUNCATED"),
        ("plan.pdf", b"<html><script>1</script>%PDF-1.7\n", "E_POLYGLOT"),
        ("plan.pdf", b"%PDF-1.7\n%%EOF\nPK\x03\x04", "E_POLYGLOT"),
        ("plan.dxf", b"   ", "E_SIZE"),
    ],
)
def test_name_first_bytes_and_structure_must_agree(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        sniff(content, name)
    assert caught.value.code == code


def test_an_old_dwg_is_told_which_version_to_save() -> None:
    with pytest.raises(Refusal, match="2018 or 2013"):
        sniff(b"AC1009" + b"\0" * 4096, "plan.dwg")


def test_columns_that_are_joined_to_one_text_are_no_loss(tmp_path: Path) -> None:
    doc = ezdxf.new("R2000")
    mtext = doc.modelspace().add_mtext_static_columns(["一", "二", "三"], width=20, gutter_width=5, height=50)
    assert mtext is not None
    result = made.inspected(made.written(doc), tmp_path)
    assert result["sheets"][0]["entities"]["MTEXT"] >= 1
