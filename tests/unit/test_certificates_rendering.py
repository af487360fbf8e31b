"""Papers look like papers: line breaking, pages, letters embedded, seal and QR where they belong."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from certificates.rendering import (
    Appendix,
    DrawingEntry,
    Facts,
    NumberedList,
    Opinion,
    Opinions,
    PaperContent,
    Paragraph,
    Table,
    compose,
    draw_seal,
)
from certificates.rendering.content import from_json, to_json
from certificates.rendering.faces import FaceUnusable, faces_for
from certificates.rendering.flow import Row, paginate
from certificates.rendering.lines import NEVER_FIRST, NEVER_LAST, break_lines
from certificates.rendering.typeset import PictureUnusable

SHORT = PaperContent(
    title="受理通知书",
    number="云川受〔2026〕12号",
    issuer="云川新区自然资源和规划局",
    addressee="云启精密制造有限公司",
    body=(Paragraph("你单位的申请收悉。经审查，申请材料齐全，符合法定形式，决定予以受理。"),),
    signer="云川新区自然资源和规划局",
    day=date(2026, 3, 5),
    verify_url="https://example.invalid/verify/ABCD-EFGH-JKMN/",
    verify_code="ABCD-EFGH-JKMN",
    remedy="凭本通知书编号可以查询办理进度。",
)


def picture(across: int = 400, down: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (across, down), "red").save(out, "PNG")
    return out.getvalue()


def opened(content: PaperContent) -> pymupdf.Document:
    return pymupdf.open(stream=compose(content).pdf, filetype="pdf")


def text_of(content: PaperContent) -> str:
    return "".join(page.get_text() for page in opened(content)).replace("\n", "")


# -- lines --------------------------------------------------------------------------------------------------------


def one_each(text: str) -> float:
    return float(sum(1.0 if ord(letter) > 0x2E80 else 0.5 for letter in text))


@settings(max_examples=300)
@given(st.text(alphabet="中文字，。（）《》、；“”abc123 -/", max_size=120), st.integers(6, 30))
def test_breaking_loses_nothing_but_spaces_and_never_overflows(text: str, width: int) -> None:
    lines = break_lines(text, one_each, float(width))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    for line in lines:
        assert one_each(line) <= width


def test_marks_do_not_begin_or_end_a_line() -> None:
    text = "依据《中华人民共和国行政许可法》（二〇一九年修正）第三十二条，决定予以受理。" * 6
    for width in range(8, 30):
        lines = break_lines(text, one_each, float(width))
        assert not any(line[0] in NEVER_FIRST for line in lines[1:]), width
        assert not any(line[-1] in NEVER_LAST for line in lines[:-1]), width


def test_words_and_numbers_stay_whole_but_a_hash_may_be_cut() -> None:
    lines = break_lines("项目代码2026-131099-35-03-100234已经赋码", one_each, 14.0)
    assert any("2026-131099-35-03-100234" in line for line in lines)
    assert all(one_each(line) <= 10 for line in break_lines("a" * 64, one_each, 10.0))


# -- pages --------------------------------------------------------------------------------------------------------


def test_bound_rows_stay_together_and_heads_are_repeated() -> None:
    head = Row(2, mark="head")
    rows = [Row(5), Row(3, keep=True), Row(3), *[Row(4, head=(head,), mark=f"row {n}") for n in range(3)]]
    pages = paginate(rows, 10)
    assert [round(sum(row.height for _, row in page.rows)) for page in pages] == [5, 10, 10]
    assert [row.mark for _, row in pages[2].rows] == ["head", "row 1", "row 2"]


def test_a_group_higher_than_a_page_is_cut_rather_than_lost() -> None:
    rows = [Row(4, keep=True, mark=str(n)) for n in range(9)]
    pages = paginate(rows, 10)
    assert [row.mark for page in pages for _, row in page.rows] == [str(n) for n in range(9)]


# -- papers -------------------------------------------------------------------------------------------------------


def test_equal_content_gives_equal_bytes() -> None:
    assert compose(SHORT).pdf == compose(SHORT).pdf


def test_a_short_letter_has_everything_on_one_page() -> None:
    document = opened(SHORT)
    assert len(document) == 1
    text = text_of(SHORT)
    for part in (
        SHORT.issuer,
        SHORT.number,
        SHORT.title,
        f"{SHORT.addressee}：",
        "决定予以受理",
        "2026年3月5日",
        "— 1 —",
    ):
        assert part in text, part


def test_letters_are_embedded_truetype_subsets() -> None:
    document = opened(SHORT)
    fonts = [font for page in document for font in page.get_fonts()]
    assert fonts
    for _xref, kind, subtype, name, *_rest in fonts:
        assert (kind, subtype) == ("ttf", "TrueType")
        assert "+" in name
    assert len(compose(SHORT).pdf) < 120_000


def test_the_head_is_red_and_the_text_black() -> None:
    spans = [
        span
        for block in opened(SHORT)[0].get_text("dict")["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
    ]
    colours = {span["text"]: span["color"] for span in reversed(spans)}  # the signer has the same name further down
    assert colours[SHORT.issuer] >> 16 > 150
    assert colours[SHORT.issuer] & 0xFFFF < 0x3000
    assert colours[SHORT.title] == 0


def test_the_seal_covers_signer_and_date_and_no_line_of_the_text() -> None:
    composed = compose(SHORT)
    page = pymupdf.open(stream=composed.pdf, filetype="pdf")[composed.seal.page]
    x0, y0, x1, y1 = composed.seal.box
    seal = pymupdf.Rect(x0, page.rect.height - y1, x1, page.rect.height - y0)
    assert round(seal.width / 72 * 25.4) == 42
    signer = page.search_for(SHORT.signer)[-1]
    day = page.search_for("2026年3月5日")[0]
    remedy = page.search_for("可以查询办理进度")[0]
    for box in (signer, day):
        assert seal.intersects(box)
    assert abs((signer.x0 + signer.x1) / 2 - (seal.x0 + seal.x1) / 2) < 2
    assert not seal.intersects(remedy)


def test_the_qr_code_says_the_address() -> None:
    page = opened(SHORT)[0]
    dark = [drawing for drawing in page.get_drawings() if drawing.get("fill") == (0.0, 0.0, 0.0)]
    assert any(drawing["rect"].width > 60 for drawing in dark), "the code is drawn as vectors"
    assert SHORT.verify_url in text_of(SHORT)


def test_a_long_notice_runs_over_pages_with_number_and_head_on_each() -> None:
    opinions = tuple(
        Opinion(str(n), "住房和城乡建设局", "消防车道净宽不足，请核对并修改。" * 12, picture=picture())
        for n in range(1, 9)
    )
    content = replace(
        SHORT, appendices=(Appendix("审查意见明细", (Opinions(opinions),)),), copies_to="云川新区人民防空办公室。"
    )
    document = opened(content)
    assert len(document) > 4
    for number, page in enumerate(document, start=1):
        text = page.get_text()
        assert f"— {number} —" in text
        assert f"共 {len(document)} 页" in text
        assert content.number in text
    assert sum(len(page.get_images()) for page in document) == 8
    assert "附件" in document[0].get_text() + document[1].get_text()
    assert "抄送" in text_of(content)


def test_nothing_is_printed_outside_the_text_area() -> None:
    content = replace(
        SHORT,
        body=(
            Facts((("项目名称", "很长的名称" * 30), ("代码", "2026-131099-35-03-100234"), ("备注", "无"))),
            NumberedList(("第一项" * 40, "第二项")),
            Table(("图号", "说明"), (("建施-01", "a" * 200), ("建施-02", "说明文字" * 60))),
            Paragraph("W" * 300),
        ),
    )
    for page in opened(content):
        for word in page.get_text("words"):
            assert word[2] <= 28 / 25.4 * 72 + 156 / 25.4 * 72 + 1.5, word
            assert word[0] >= 28 / 25.4 * 72 - 1, word


def test_the_drawing_list_has_number_version_and_hash() -> None:
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    content = replace(SHORT, drawings=(DrawingEntry("建施-01", "总平面图", "B", digest, "总平面图.dxf"),))
    text = text_of(content)
    for part in ("图纸目录", "建施-01", "总平面图.dxf", digest[:32], digest[32:]):
        assert part in text, part


def test_a_table_over_two_pages_repeats_its_head() -> None:
    rows = tuple((f"建施-{n:02d}", "平面图") for n in range(60))
    document = opened(replace(SHORT, appendices=(Appendix("目录", (Table(("图号", "名称"), rows),)),)))
    with_head = [page for page in document if "图号" in page.get_text()]
    assert len(with_head) >= 2


def test_a_rare_letter_comes_from_another_face() -> None:
    """㸆 is in Droid Sans Fallback only; a letter that no face has leaves an empty box, not a crash."""
    text = text_of(replace(SHORT, addressee="王\U00020bb7\u3e06有限公司"))
    assert "有限公司" in text


def test_a_draft_says_so_on_every_page() -> None:
    document = opened(replace(SHORT, draft=True, number=""))
    assert all("样稿" in page.get_text() for page in document)


def test_an_office_face_is_used_and_a_bad_one_refused(tmp_path: Path) -> None:
    face = Path(pymupdf.__file__).parent  # any file that is no font
    with pytest.raises(FaceUnusable):
        compose(SHORT, office_font=str(face / "__init__.py"))
    with pytest.raises(FaceUnusable):
        compose(SHORT, office_font=str(tmp_path / "missing.ttf"))
    own = tmp_path / "office.ttf"
    own.write_bytes(bytes(pymupdf.Font("china-s").buffer))
    composed = compose(SHORT, office_font=str(own))
    names = {font[3] for page in pymupdf.open(stream=composed.pdf, filetype="pdf") for font in page.get_fonts()}
    assert all("OfficeFace" in name for name in names), names


def test_a_broken_picture_stops_the_paper() -> None:
    broken = Opinions((Opinion("1", "住建局", "意见", picture=b"\x89PNG\r\n\x1a\n broken"),))
    with pytest.raises(PictureUnusable):
        compose(replace(SHORT, body=(broken,)))


def test_faces_leave_no_trace_in_the_worker() -> None:
    from reportlab.pdfbase import pdfmetrics

    before = set(pdfmetrics.getRegisteredFontNames())
    with faces_for("联审") as faces:
        assert set(faces.names) <= set(pdfmetrics.getRegisteredFontNames())
    assert set(pdfmetrics.getRegisteredFontNames()) == before


def test_content_comes_back_from_json_as_it_was() -> None:
    data = picture()
    content = replace(
        SHORT,
        body=(Paragraph("文"), NumberedList(("一", "二")), Facts((("甲", "乙"),)), Table(("a",), (("b",),), (1.0,))),
        appendices=(Appendix("明细", (Opinions((Opinion("1", "住建局", "意见", picture=data),)),)),),
        drawings=(DrawingEntry("1", "图", "A", "0" * 64),),
    )
    assert from_json(to_json(content), lambda _sha256: data) == content


# -- the seal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["云川新区行政审批局", "云川新区住房和城乡建设局", "水务局"])
def test_the_seal_is_a_red_vector_with_the_name_on_its_arc(name: str) -> None:
    page = pymupdf.open(stream=draw_seal(name, code="1310990000003"), filetype="pdf")[0]
    assert page.get_images() == []
    assert "".join(page.get_text().split()).startswith(name)
    pixels = page.get_pixmap(dpi=144)
    places = [(x, y) for x in range(0, pixels.width, 3) for y in range(0, pixels.height, 3)]
    painted = [colour for colour in (pixels.pixel(x, y) for x, y in places) if min(colour) < 245]
    assert painted
    assert all(red > 190 and red > green and red > blue for red, green, blue in painted)
