"""The page itself: red head, number, title, body, signature with the place of the seal, appendices, folios."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import segno
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from certificates.rendering.content import Appendix, DrawingEntry, PaperContent, Paragraph, Table
from certificates.rendering.faces import Faces, faces_for
from certificates.rendering.flow import MM, Page, Row, paginate
from certificates.rendering.typeset import BODY, CLOSER, GREY, RED, SMALL, TITLE, Setter, Style

# GB/T 9704-2012, 5.2: margin above 37 mm, at the binding edge 28 mm, text area 156 x 225 mm.
LEFT = 28 * MM
TOP = A4[1] - 37 * MM
WIDTH = 156 * MM
HEIGHT = 225 * MM
HEAD_SIZE = 34.0
SEAL_SIZE = 42 * MM
SEAL_MARK = "seal"
SIGNATURE_ABOVE = 64.0  # room over the signer's name, so that the seal touches no line of the body
SIGNATURE_BELOW = 26.0
# Every letter the layout itself may print, besides what the content holds.
FIXED_LETTERS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "　—·：第共页样稿附件图纸目录扫码核验号名版本文与校值抄送意见依据要求年月日。"
)


@dataclass(frozen=True)
class SealPlace:
    """Where the seal is to be pressed: page from 0, box (x0, y0, x1, y1) in points from the lower left corner."""

    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ComposedPaper:
    """An unsigned PDF and the place of its seal."""

    pdf: bytes
    pages: int
    seal: SealPlace


def compose(content: PaperContent, *, office_font: str | None = None) -> ComposedPaper:
    """Lay out one paper (排版). Equal content gives equal bytes.

    Raises PictureUnusable for a picture that cannot be shown and FaceUnusable for a FONT_PATH that is no font.
    """
    with faces_for(letters_of(content), office_font) as faces:
        return _compose(content, faces)


def letters_of(content: PaperContent) -> frozenset[str]:
    """Every letter the paper may need."""
    return frozenset("".join(_texts(content)) + FIXED_LETTERS)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        for item in fields(value):
            yield from _texts(getattr(value, item.name))


def _compose(content: PaperContent, faces: Faces) -> ComposedPaper:
    setter, letter = _letter(content, faces)
    rows = [*letter, *(row for group in _appendices(content, setter) for row in group)]
    pages = paginate(rows, HEIGHT)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1, invariant=1, initialFontName=faces.names[0])
    canvas.setTitle(f"{content.title} {content.number}".strip())
    canvas.setAuthor(content.issuer)
    canvas.setSubject(content.verify_url)
    canvas.setCreator("Lianshen")
    place: SealPlace | None = None
    for index, page in enumerate(pages):
        place = _paint(canvas, page, index=index, count=len(pages), content=content, setter=setter) or place
        canvas.showPage()
    canvas.save()
    if place is None:
        raise AssertionError("a paper always has a signature block")
    return ComposedPaper(out.getvalue(), len(pages), place)


def _letter(content: PaperContent, faces: Faces) -> tuple[Setter, list[Row]]:
    """Head, body and signature in the largest size that fits them on one page; else in the usual size on several."""
    for body in (BODY, *CLOSER):
        setter = Setter(faces, WIDTH, body)
        rows = [*_head(content, setter), *_body(content, setter), *_signature(content, setter)]
        if len(paginate(rows, HEIGHT)) == 1:
            return setter, rows
    setter = Setter(faces, WIDTH)
    return setter, [*_head(content, setter), *_body(content, setter), *_signature(content, setter)]


def _paint(
    canvas: Canvas, page: Page, *, index: int, count: int, content: PaperContent, setter: Setter
) -> SealPlace | None:
    place = None
    if content.draft:
        _watermark(canvas, setter)
    if index:
        _running_head(canvas, content, setter)
    _folio(canvas, index, count, content, setter)
    for position, (offset, row) in enumerate(page.rows):
        top = TOP - offset
        if row.draw:
            row.draw(canvas, LEFT, top)
        if row.opening and position == 0:
            row.opening(canvas, LEFT, top)
        if row.closing and position == len(page.rows) - 1:
            row.closing(canvas, LEFT, top)
        if row.mark == SEAL_MARK:
            place = SealPlace(index, _seal_box(content, setter, top))
    return place


def _head(content: PaperContent, setter: Setter) -> list[Row]:
    """发文机关标志, 文号, red rule, title, addressee."""
    natural = setter.faces.width(content.issuer, 1.0) or 1.0
    size = min(HEAD_SIZE, WIDTH * 0.98 / natural)
    spread = min(0.22 * size, (WIDTH * 0.98 - natural * size) / max(len(content.issuer) - 1, 1))
    issuer = Style(size, 52, bold=True, colour=RED)

    def draw_issuer(canvas: Canvas, left: float, top: float) -> None:
        across = natural * size + spread * (len(content.issuer) - 1)
        setter.text(canvas, left + (WIDTH - across) / 2, top - size, content.issuer, issuer, spread=spread)

    def draw_rule(canvas: Canvas, left: float, top: float) -> None:
        canvas.setStrokeColorRGB(*RED)
        canvas.setLineWidth(2.2)
        canvas.line(left, top - 6, left + WIDTH, top - 6)
        canvas.setLineWidth(0.6)
        canvas.line(left, top - 9.2, left + WIDTH, top - 9.2)

    number = replace(setter.body, align="center", leading=30)
    return [
        Row(60, draw_issuer),
        *(setter.paragraph(content.number, number) if content.number else [Row(30)]),
        Row(34, draw_rule),
        *setter.paragraph(content.title, TITLE),
        Row(10),
        *setter.paragraph(f"{content.addressee}：", setter.body),
    ]


def _body(content: PaperContent, setter: Setter) -> list[Row]:
    rows: list[Row] = []
    for block in content.body:
        if rows and not isinstance(block, Paragraph):
            rows.append(Row(6))
        rows += setter.rows(block)
    if content.remedy:
        rows += setter.paragraph(content.remedy, setter.body, indent=2)
    titles = _appendix_titles(content)
    if titles:
        rows.append(Row(setter.body.leading / 2, keep=True))
        for index, title in enumerate(titles):
            number = f"{index + 1}. " if len(titles) > 1 else ""
            lead, indent = ("附件：", 2) if index == 0 else ("", 5)
            rows += setter.paragraph(f"{lead}{number}{title}", setter.body, indent=indent, keep=index < len(titles) - 1)
    # The signature never stands alone on a page (此页无正文): the last two lines of the text go with it.
    bound = 2 if len(rows) > 2 else len(rows)
    return [*rows[:-bound], *(replace(row, keep=True) for row in rows[-bound:])]


def chinese_date(content: PaperContent) -> str:
    """The date as GB/T 9704-2012, 7.3.5.4 wants it: Arabic figures, no leading zero."""
    return f"{content.day.year}年{content.day.month}月{content.day.day}日"


def _signature_columns(content: PaperContent, setter: Setter) -> tuple[float, float, float]:
    """(middle of the seal, left of the signer, left of the date), from the left edge of the text area."""
    signer_width = setter.measure(content.signer, setter.body)
    date_width = setter.measure(chinese_date(content), setter.body)
    block = max(signer_width, date_width, SEAL_SIZE * 0.9)
    middle = WIDTH - 2 * setter.body.size - block / 2
    return middle, middle - signer_width / 2, middle - date_width / 2


def _signature(content: PaperContent, setter: Setter) -> list[Row]:
    """Signer over date at the right with room for the seal; QR code and code at the left."""
    height = SIGNATURE_ABOVE + 2 * setter.body.leading + SIGNATURE_BELOW
    matrix = tuple(tuple(bool(cell) for cell in line) for line in segno.make(content.verify_url, error="m").matrix)

    def draw(canvas: Canvas, left: float, top: float) -> None:
        _, signer_left, date_left = _signature_columns(content, setter)
        setter.text(canvas, left + signer_left, top - SIGNATURE_ABOVE - setter.body.size, content.signer, setter.body)
        setter.text(
            canvas,
            left + date_left,
            top - SIGNATURE_ABOVE - setter.body.leading - setter.body.size,
            chinese_date(content),
            setter.body,
        )
        side = 66.0
        bottom = top - height + 34
        _draw_qr(canvas, matrix, left, bottom, side)
        note = replace(SMALL, size=8.5, leading=12, colour=GREY)
        setter.text(canvas, left, bottom - 12, f"扫码核验　核验码 {content.verify_code}", note)
        setter.text(canvas, left, bottom - 23, content.verify_url, replace(note, size=7))

    rows = [Row(height, draw, mark=SEAL_MARK)]
    if content.copies_to:
        rows += _copies(content.copies_to, setter)
    return rows


def _copies(copies_to: str, setter: Setter) -> list[Row]:
    """版记: to whom copies go, between two rules."""

    def rule(canvas: Canvas, left: float, top: float) -> None:
        canvas.setStrokeColorRGB(0, 0, 0)
        canvas.setLineWidth(0.8)
        canvas.line(left, top - 3, left + WIDTH, top - 3)

    lines = [replace(row, keep=True) for row in setter.paragraph(f"抄送：{copies_to}", Style(13, 20), indent=1)]
    return [Row(6, rule, keep=True), *lines, Row(6, rule)]


def _seal_box(content: PaperContent, setter: Setter, top: float) -> tuple[float, float, float, float]:
    """The seal covers signer and date, which stand a little below its middle (7.3.5.1)."""
    middle, _, _ = _signature_columns(content, setter)
    centre_y = top - SIGNATURE_ABOVE - 1
    half = SEAL_SIZE / 2
    return (LEFT + middle - half, centre_y - half, LEFT + middle + half, centre_y + half)


def _draw_qr(canvas: Canvas, matrix: tuple[tuple[bool, ...], ...], left: float, bottom: float, side: float) -> None:
    module = side / len(matrix)
    path = canvas.beginPath()
    for line_number, line in enumerate(matrix):
        column = 0
        while column < len(line):
            run = 0
            while column + run < len(line) and line[column + run]:
                run += 1
            if run:
                path.rect(left + column * module, bottom + side - (line_number + 1) * module, run * module, module)
            column += run or 1
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawPath(path, stroke=0, fill=1)


def _appendix_titles(content: PaperContent) -> list[str]:
    titles = [appendix.title for appendix in content.appendices]
    return [*titles, "图纸目录"] if content.drawings else titles


def _appendices(content: PaperContent, setter: Setter) -> Iterator[list[Row]]:
    appendices = list(content.appendices)
    if content.drawings:
        appendices.append(Appendix("图纸目录", (drawing_table(content.drawings),)))
    for index, appendix in enumerate(appendices, start=1):
        label = f"附件{index}" if len(appendices) > 1 else "附件"
        lead = setter.paragraph(label, replace(setter.body, bold=True), keep=True)
        rows = [
            replace(lead[0], break_before=True),
            *lead[1:],
            *(replace(row, keep=True) for row in setter.paragraph(appendix.title, replace(TITLE, size=18, leading=30))),
            Row(10, keep=True),
        ]
        for block in appendix.blocks:
            rows += setter.rows(block)
        yield rows


def drawing_table(drawings: tuple[DrawingEntry, ...]) -> Table:
    """图纸目录: number, name, version, and the sha256 by which a drawing file is known again."""
    return Table(
        ("图号", "图名", "版本", "文件与 SHA-256 校验值"),
        tuple(
            (entry.number, entry.name, entry.version, "\n".join(filter(None, (entry.file, *_halves(entry.sha256)))))
            for entry in drawings
        ),
        (1.0, 1.9, 0.65, 3.6),
    )


def _halves(digest: str) -> tuple[str, str]:
    return digest[:32], digest[32:]


def _running_head(canvas: Canvas, content: PaperContent, setter: Setter) -> None:
    note = replace(SMALL, size=9, colour=GREY)
    canvas.setStrokeColorRGB(*GREY)
    canvas.setLineWidth(0.4)
    y = TOP + 20
    canvas.line(LEFT, y, LEFT + WIDTH, y)
    setter.text(canvas, LEFT, y + 5, content.title, note)
    setter.text(canvas, LEFT + WIDTH - setter.measure(content.number, note), y + 5, content.number, note)


def _folio(canvas: Canvas, index: int, count: int, content: PaperContent, setter: Setter) -> None:
    """Page number between dashes, at the outer edge (7.5), and how many pages there are."""
    y = TOP - HEIGHT - 7 * MM - 14
    folio = Style(14, 20)
    text = f"— {index + 1} —"
    odd = index % 2 == 0
    x = LEFT + WIDTH - 14 - setter.measure(text, folio) if odd else LEFT + 14
    setter.text(canvas, x, y, text, folio)
    note = replace(SMALL, size=8, colour=GREY)
    foot = f"第 {index + 1} 页　共 {count} 页　·　核验码 {content.verify_code}"
    x = LEFT if odd else LEFT + WIDTH - setter.measure(foot, note)
    setter.text(canvas, x, y, foot, note)


def _watermark(canvas: Canvas, setter: Setter) -> None:
    canvas.saveState()
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(52)
    style = Style(150, 150, bold=True, colour=(0.9, 0.9, 0.9))
    setter.text(canvas, -setter.measure("样稿", style) / 2, -54, "样稿", style)
    canvas.restoreState()
