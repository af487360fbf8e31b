"""PDF pages: judged without drawing them, shown as tiles, searchable and snappable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image

from drawings.cad.errors import Refusal
from tests.cad import made


def drawing(pages: int = 1, *, rotate: int = 0, size: tuple[float, float] = (842, 595)) -> Any:
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page(width=size[0], height=size[1])
        page.draw_line((100, 100), (400, 100), width=2)
        page.draw_rect(pymupdf.Rect(50, 200, 250, 300))
        page.insert_text((72, 500), f"First floor plan {number + 1}", fontsize=20)
        page.insert_text((72, 550), "一层平面图", fontname="china-s", fontsize=20)
        page.set_rotation(rotate)
    return document


def code_of(content: bytes, folder: Path) -> str:
    with pytest.raises(Refusal) as caught:
        made.prepared(content, folder, "plan.pdf")
    return caught.value.code


def test_each_page_is_a_sheet_with_a_pyramid(tmp_path: Path) -> None:
    sheets = made.prepared(drawing(2).tobytes(), tmp_path, "plan.pdf")
    assert list(sheets) == ["page-1", "page-2"]
    sheet = sheets["page-1"]
    manifest, tiles = sheet.manifest, sheet.manifest["tiles"]
    assert manifest["bbox"] == [0, 0, 842, 595]
    assert manifest["units"]["source"] == "paper"
    for before, after in zip(tiles["levels"], tiles["levels"][1:], strict=False):
        assert after["width"] == pytest.approx(2 * before["width"], abs=1)
    for level in tiles["levels"]:
        for row in range(level["rows"]):
            for column in range(level["cols"]):
                path = sheet.folder / tiles["template"].format(z=level["z"], x=column, y=row)
                with Image.open(path) as tile:
                    assert tile.width == min(512, level["width"] - 512 * column)
                    assert tile.height == min(512, level["height"] - 512 * row)
    assert max(manifest["overview"]["width"], manifest["overview"]["height"]) == 1600


def test_tiles_put_together_are_the_page(tmp_path: Path) -> None:
    document = drawing()
    sheet = made.prepared(document.tobytes(), tmp_path, "plan.pdf")["page-1"]
    level = sheet.manifest["tiles"]["levels"][1]
    whole = Image.new("L", (level["width"], level["height"]))
    for row in range(level["rows"]):
        for column in range(level["cols"]):
            with Image.open(sheet.folder / f"tiles/{level['z']}/{column}_{row}.webp") as tile:
                whole.paste(tile.convert("L"), (column * 512, row * 512))
    scale = level["width"] / 842
    pixmap = document[0].get_pixmap(matrix=pymupdf.Matrix(scale, scale))
    page = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples).convert("L").resize(whole.size)
    difference = np.abs(np.asarray(whole, dtype=int) - np.asarray(page, dtype=int))
    assert (difference > 60).mean() < 0.005
    assert (np.asarray(page) < 100).sum() > 200


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_vectors_and_words_lie_where_they_are_seen(rotate: int, tmp_path: Path) -> None:
    sheet = made.prepared(drawing(rotate=rotate).tobytes(), tmp_path, "plan.pdf")["page-1"]
    width, height = sheet.manifest["bbox"][2:]
    assert (width, height) == ((842, 595) if rotate % 180 == 0 else (595, 842))
    ends = {tuple(np.round(p).astype(int).tolist()) for xy, _, _ in sheet.lines("snap") for p in xy}
    seen = {
        0: {(100, 495), (400, 495)}, 90: {(495, 742), (495, 442)}, 180: {(742, 100), (442, 100)}, 270: {(100, 100), (100, 400)},
    }[rotate]  # fmt: skip
    assert seen <= ends
    assert sheet.lines("draw") == []
    words = {row["s"]: row for row in sheet.texts}
    assert set(words) == {"First floor plan 1", "一层平面图"}
    assert all(row["hide"] == 1 for row in sheet.texts)
    assert round(words["First floor plan 1"].get("rot", 0)) % 360 == -rotate % 360


def test_bookmarks_name_the_sheets(tmp_path: Path) -> None:
    document = drawing(2)
    document.set_toc([[1, "建施-01 总平面图", 1], [1, "建施-02 一层平面图", 2]])
    sheets = made.prepared(document.tobytes(), tmp_path, "plan.pdf")
    assert [s.manifest["name"] for s in sheets.values()] == ["建施-01 总平面图", "建施-02 一层平面图"]


def test_a_password(tmp_path: Path) -> None:
    locked = drawing().tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner")
    assert code_of(locked, tmp_path) == "E_ENCRYPTED"


def test_an_owner_password_alone_is_no_obstacle(tmp_path: Path) -> None:
    locked = drawing().tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="", owner_pw="owner")
    assert set(made.prepared(locked, tmp_path, "plan.pdf")) == {"page-1"}


@pytest.mark.parametrize(
    "key",
    [
        "<< /S /JavaScript /JS (app.alert\\(1\\);) >>",
        "<< /S /Launch /F (calc.exe) >>",
        "<< /S /URI /URI (javascript:alert\\(1\\)) >>",
    ],
)
def test_what_would_start_by_itself(key: str, tmp_path: Path) -> None:
    document = drawing()
    document.xref_set_key(document.pdf_catalog(), "OpenAction", key)
    assert code_of(document.tobytes(), tmp_path) == "E_ACTIVE"


def test_an_attachment(tmp_path: Path) -> None:
    document = drawing()
    document.embfile_add("evil.exe", b"MZ" + b"\0" * 100)
    assert code_of(document.tobytes(), tmp_path) == "E_ACTIVE"


def test_a_plain_link_is_no_danger(tmp_path: Path) -> None:
    document = drawing()
    link = {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(0, 0, 50, 50), "uri": "https://example.org/"}
    document[0].insert_link(link)
    assert set(made.prepared(document.tobytes(), tmp_path, "plan.pdf")) == {"page-1"}


def test_half_a_pdf(tmp_path: Path) -> None:
    content = drawing(3).tobytes()
    assert code_of(content[: len(content) // 2], tmp_path) == "E_TRUNCATED"


def test_a_lost_page_is_not_passed_over(tmp_path: Path) -> None:
    """A file whose directory had to be rebuilt must give all the pages that its bytes hold."""
    content = drawing(3).tobytes(deflate=False, clean=False)
    start = content.index(b"/Kids")
    end = content.index(b"]", start)
    first = content[start:end].split(b"[")[1].split(b"R")[0] + b"R"
    shorter = content[:start] + b"/Kids[" + first + content[end:]
    shorter = shorter.replace(b"/Count 3", b"/Count 1")
    broken = shorter[: shorter.rindex(b"startxref")] + b"startxref\n99999999\n%%EOF"
    assert code_of(broken, tmp_path) == "E_LOSS"


@pytest.mark.parametrize("box", ["[0 0 10000000 10000000]", "[0 0 40000 100]"])
def test_a_page_of_a_mile(box: str, tmp_path: Path) -> None:
    document = drawing()
    document.xref_set_key(document[0].xref, "MediaBox", box)
    assert code_of(document.tobytes(), tmp_path) == "E_PAGE_SIZE"


def test_layers_that_are_off_are_named(tmp_path: Path) -> None:
    document = drawing()
    layer = document.add_ocg("隐藏图层", on=False)
    document[0].insert_text((72, 50), "HIDDEN", oc=layer)
    result = made.inspected(document.tobytes(), tmp_path, "plan.pdf")
    note = next(w for w in result["warnings"] if w["code"] == "W_HIDDEN_LAYERS")
    assert "隐藏图层" in note["zh"]


def test_a_blank_page_is_named(tmp_path: Path) -> None:
    document = drawing()
    document.new_page(width=300, height=300)
    sheets = made.prepared(document.tobytes(), tmp_path, "plan.pdf")
    assert sheets["page-1"].fidelity["verdict"] == "ok"
    assert [w["code"] for w in sheets["page-2"].fidelity["warnings"]] == ["W_BLANK"]


def test_a_page_count_beyond_all_bounds(tmp_path: Path) -> None:
    content = drawing(2).tobytes(deflate=False, clean=False).replace(b"/Count 2", b"/Count -7")
    assert code_of(content, tmp_path) in {"E_PAGES", "E_DAMAGED"}


def test_numbers_of_objects_that_are_gone(tmp_path: Path) -> None:
    """Half of the file is gone: MuPDF mends the table of objects, in which the page still names contents that it lost."""
    content = drawing().tobytes(deflate=False, clean=False)
    named = content.replace(b"/Contents", b"/Contents 77777 0 R/Was", 1)
    assert len(named) > len(content)
    assert code_of(named, tmp_path) == "E_DAMAGED"


def blanked(content: bytes, after: bytes, size: int = 64) -> bytes:
    at = content.index(after) + len(after)
    return content[:at] + bytes(size) + content[at + size :]


@pytest.mark.parametrize("where", ["contents", "object"])
def test_a_hole_of_zeros_is_told_of(where: str, tmp_path: Path) -> None:
    """A disk lost a block: zeros are blanks to every reader, and what stood there is gone without a word."""
    document = drawing()
    whole = document.tobytes(deflate=False, clean=False) + bytes(512)
    assert made.inspected(whole, tmp_path, "plan.pdf")["warnings"] == []  # a file may be padded at its end
    start = b"stream\n" if where == "contents" else b"/Type/Font"
    result = made.inspected(blanked(whole, start), tmp_path, "plan.pdf")
    assert "W_CONTENT" in {warning["code"] for warning in result["warnings"]}


def nested_forms(depth: int, each: int) -> bytes:
    """Forms that draw the next one `each` times: a few kilobytes that mean each ** depth drawings."""
    document = pymupdf.open()
    page = document.new_page()
    below = ""
    for _ in range(depth):
        xref = document.get_new_xref()
        inner = f"/Resources<</XObject<</F {below} 0 R>>>>" if below else ""
        document.update_object(xref, f"<</Type/XObject/Subtype/Form/BBox[0 0 100 100]{inner}>>")
        document.update_stream(xref, b"/F Do " * each if below else b"0 0 m 1 1 l S", new=True)
        below = str(xref)
    document.xref_set_key(page.xref, "Resources", f"<</XObject<</F {below} 0 R>>>>")
    contents = document.get_new_xref()
    document.update_object(contents, "<<>>")
    document.update_stream(contents, b"/F Do", new=True)
    page.set_contents(contents)
    content: bytes = document.tobytes()
    return content


def test_forms_within_forms_are_counted_not_drawn(tmp_path: Path) -> None:
    assert code_of(nested_forms(12, 10), tmp_path) == "E_EXPAND"
    assert set(made.prepared(nested_forms(3, 10), tmp_path, "plan.pdf")) == {"page-1"}


def test_a_pattern_of_specks_is_not_laid(tmp_path: Path) -> None:
    document = drawing()
    xref = document.get_new_xref()
    document.update_object(
        xref,
        "<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .001/YStep .001/Resources<<>>>>",
    )
    document.update_stream(xref, b"0 0 .5 .5 re f", new=True)
    assert code_of(document.tobytes(), tmp_path) == "E_DASH"


def test_two_million_strokes_in_ninety_kilobytes(tmp_path: Path) -> None:
    document = drawing()
    contents = document[0].get_contents()[0]
    document.update_stream(contents, b"0 0 m 612 792 l S\n" * 2_000_000)
    content = document.tobytes(deflate=True)
    assert len(content) < 100_000
    assert code_of(content, tmp_path) == "E_OBJECTS"
