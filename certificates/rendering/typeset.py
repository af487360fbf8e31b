"""Blocks of a paper turned into rows: paragraphs, ruled tables, opinions with pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, UnidentifiedImageError
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from certificates.rendering.content import (
    Block,
    Facts,
    NumberedList,
    Opinion,
    Opinions,
    Paragraph,
    PictureUnusable,
    Table,
)
from certificates.rendering.faces import Faces
from certificates.rendering.flow import MM, Draw, Row
from certificates.rendering.lines import break_lines

BLACK = (0.0, 0.0, 0.0)
GREY = (0.42, 0.42, 0.42)
RED = (0.78, 0.05, 0.07)
TINT = (0.955, 0.955, 0.955)
HAIRLINE = 0.5
PAD = 5.0
PICTURE_HEIGHT = 62 * MM
PICTURE_PIXELS = 1400


@dataclass(frozen=True)
class Style:
    """Letter size and line distance in points; `bold` thickens the outlines (the Song face has one weight).

    `stroke` is by how much, as a share of the size.
    """

    size: float
    leading: float
    bold: bool = False
    colour: tuple[float, float, float] = BLACK
    align: str = "justify"
    stroke: float = 0.032


BODY = Style(16, 28.5)
# A letter that just misses one page is set a little closer, so that the signature does not go over alone.
CLOSER = (Style(15, 25.5), Style(14, 23.5))
TITLE = Style(22, 34, bold=True, align="center")
SMALL = Style(10.5, 16)
CELL = Style(11, 17, align="left")
CELL_HEAD = Style(11, 17, bold=True, align="left")


@dataclass(frozen=True)
class Setter:
    """Sets text in the faces of one paper over a text area `width` points wide."""

    faces: Faces
    width: float
    body: Style = BODY

    def text(
        self, canvas: Canvas, left: float, baseline: float, text: str, style: Style, *, spread: float = 0.0
    ) -> None:
        """Paint one line; `spread` points are added after every letter."""
        run = canvas.beginText(left, baseline)
        run.setFillColorRGB(*style.colour)
        if style.bold:
            run.setStrokeColorRGB(*style.colour)
            run.setTextRenderMode(2)
            canvas.setLineWidth(style.size * style.stroke)
        run.setCharSpace(spread)
        for name, part in self.faces.runs(text):
            run.setFont(name, style.size)
            run.textOut(part)
        run.setCharSpace(0)
        if style.bold:
            run.setTextRenderMode(0)
        canvas.drawText(run)

    def measure(self, text: str, style: Style) -> float:
        """Width of `text` in points."""
        return self.faces.width(text, style.size)

    def lines(self, text: str, style: Style, width: float, indent: float = 0.0) -> list[str]:
        """`text` broken into lines of at most `width` points."""
        return break_lines(text, lambda piece: self.measure(piece, style), width, indent)

    # -- rows -----------------------------------------------------------------------------------------------

    def rows(self, block: Block) -> list[Row]:
        """The rows of one block."""
        match block:
            case Paragraph():
                return self.paragraph(block.text, self.body, indent=2 if block.indent else 0)
            case NumberedList():
                rows: list[Row] = []
                for number, item in enumerate(block.items, start=1):
                    rows += self.paragraph(f"{number}. {item}", self.body, indent=2)
                return rows
            case Facts():
                return self.facts(block)
            case Table():
                return self.table(block)
            case Opinions():
                rows = []
                for opinion in block.items:
                    rows += self.opinion(opinion)
                return rows

    def paragraph(self, text: str, style: Style, indent: float = 0, keep: bool = False) -> list[Row]:
        """Lines of one paragraph; never one line alone on a page."""
        first = indent * style.size
        lines = self.lines(text, style, self.width, first)
        rows = []
        for index, line in enumerate(lines):
            last = index == len(lines) - 1
            rows.append(
                Row(
                    style.leading,
                    self._line(line, style, first if index == 0 else 0.0, stretch=not last),
                    keep=keep or (len(lines) > 1 and index in {0, len(lines) - 2} and not last),
                )
            )
        return rows

    def _line(self, line: str, style: Style, indent: float, *, stretch: bool) -> Draw:
        def draw(canvas: Canvas, left: float, top: float) -> None:
            natural = self.measure(line, style)
            room = self.width - indent - natural
            x, spread = left + indent, 0.0
            if style.align == "center":
                x = left + (self.width - natural) / 2
            elif style.align == "right":
                x = left + room
            elif style.align == "justify" and stretch and len(line) > 1 and 0 < room < 3 * style.size:
                spread = room / (len(line) - 1)
            self.text(canvas, x, _baseline(top, style), line, style, spread=spread)

        return draw

    def facts(self, block: Facts) -> list[Row]:
        """Label and value pairs; two pairs share a line while both are short."""
        label_width = max(4.5 * CELL.size, *(self.measure(label, CELL) for label, _ in block.rows)) + 2 * PAD
        label_width = min(label_width, self.width * 0.28)
        half = self.width / 2 - label_width - 2 * PAD
        rows: list[Row] = []
        pairs = list(block.rows)
        while pairs:
            first = pairs.pop(0)
            fits = self.measure(first[1], CELL) <= half and "\n" not in first[1]
            if fits and pairs and self.measure(pairs[0][1], CELL) <= half and "\n" not in pairs[0][1]:
                second = pairs.pop(0)
                cells = [first[0], first[1], second[0], second[1]]
                widths = [label_width, self.width / 2 - label_width] * 2
            else:
                cells = list(first)
                widths = [label_width, self.width - label_width]
            rows += self._ruled(
                cells, widths, [CELL if i % 2 else replace(CELL, colour=GREY) for i in range(len(cells))]
            )
        return [*rows, Row(10)]

    def table(self, block: Table) -> list[Row]:
        """A ruled table whose head is repeated on every page."""
        columns = len(block.head)
        shares = block.widths or (1.0,) * columns
        widths = [self.width * share / sum(shares) for share in shares]
        head = tuple(self._ruled(list(block.head), widths, [CELL_HEAD] * columns, tint=True))
        rows = [replace(row, keep=True) for row in head]
        for cells in block.rows:
            rows += self._ruled(list(cells), widths, [CELL] * columns, head=head)
        return [*rows, Row(10)]

    def _ruled(
        self,
        cells: Sequence[str],
        widths: Sequence[float],
        styles: Sequence[Style],
        *,
        tint: bool = False,
        head: tuple[Row, ...] = (),
    ) -> list[Row]:
        """One table row, cut into a strip per line so that a long one may go over the page."""
        columns = [
            self.lines(cell, style, width - 2 * PAD) for cell, style, width in zip(cells, styles, widths, strict=True)
        ]
        count = max(len(lines) for lines in columns)
        edges = [sum(widths[:index]) for index in range(len(widths) + 1)]
        rows = []
        for index in range(count):
            first, last = index == 0, index == count - 1
            strip = [lines[index] if index < len(lines) else "" for lines in columns]
            height = styles[0].leading + (3 if first else 0) + (3 if last else 0)
            rows.append(
                Row(
                    height,
                    self._strip(strip, edges, styles, height, first=first, last=last, tint=tint),
                    keep=not last and (count <= 6 or index == 0 or index == count - 2),
                    head=head,
                    opening=_rule_over(edges),
                    closing=_rule_under(edges, height),
                )
            )
        return rows

    def _strip(
        self,
        strip: Sequence[str],
        edges: Sequence[float],
        styles: Sequence[Style],
        height: float,
        *,
        first: bool,
        last: bool,
        tint: bool,
    ) -> Draw:
        def draw(canvas: Canvas, left: float, top: float) -> None:
            if tint:
                canvas.setFillColorRGB(*TINT)
                canvas.rect(left, top - height, edges[-1], height, stroke=0, fill=1)
            canvas.setStrokeColorRGB(*BLACK)
            canvas.setLineWidth(HAIRLINE)
            for edge in edges:
                canvas.line(left + edge, top, left + edge, top - height)
            if first:
                _rule_over(edges)(canvas, left, top)
            if last:
                _rule_under(edges, height)(canvas, left, top)
            for text, edge, style in zip(strip, edges, styles, strict=False):
                self.text(canvas, left + edge + PAD, _baseline(top - (3 if first else 0), style), text, style)

        return draw

    def opinion(self, opinion: Opinion) -> list[Row]:
        """One opinion in a box: who and on what, the text, what is demanded, the picture."""
        heading = "　".join(part for part in (opinion.department, opinion.discipline, opinion.kind) if part)
        number_width = max(40.0, self.measure(opinion.number, CELL_HEAD) + 2 * PAD)
        widths = [number_width, self.width - number_width]
        rows = self._ruled([opinion.number, heading], widths, [CELL_HEAD, CELL_HEAD], tint=True)
        lines: list[tuple[str, str]] = []
        for label, value in (
            ("图纸", opinion.sheet),
            ("依据", opinion.clause),
            ("意见", opinion.text),
            ("要求", opinion.demand),
        ):
            if value:
                lines.append((label, value))
        for label, value in lines:
            rows += self._ruled([label, value], widths, [replace(CELL, colour=GREY), CELL])
        rows = [replace(row, keep=True) if index < 3 else row for index, row in enumerate(rows)]
        if opinion.picture:
            rows[-1] = replace(rows[-1], keep=True)
            rows.append(self._picture(opinion.picture))
        return [*rows, Row(12)]

    def _picture(self, data: bytes) -> Row:
        picture, (across, down) = fitted_picture(data)
        scale = min((self.width - 2 * PAD) / across, PICTURE_HEIGHT / down)
        height = down * scale + 2 * PAD

        def draw(canvas: Canvas, left: float, top: float) -> None:
            canvas.setStrokeColorRGB(*BLACK)
            canvas.setLineWidth(HAIRLINE)
            canvas.rect(left, top - height, self.width, height, stroke=1, fill=0)
            x = left + (self.width - across * scale) / 2
            canvas.drawImage(picture, x, top - height + PAD, across * scale, down * scale, mask=None)

        return Row(height, draw)


def fitted_picture(data: bytes) -> tuple[ImageReader, tuple[int, int]]:
    """The picture on white, no larger than print needs, and its size in pixels.

    Raises PictureUnusable when it cannot be decoded: a notice that shows less than was raised must not go out.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as source:
            source.load()
            image = source.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureUnusable(str(error)) from error
    image.thumbnail((PICTURE_PIXELS, PICTURE_PIXELS))
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return ImageReader(white), white.size


def _baseline(top: float, style: Style) -> float:
    return top - style.leading / 2 - style.size * 0.36


def _rule_over(edges: Sequence[float]) -> Draw:
    def draw(canvas: Canvas, left: float, top: float) -> None:
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(HAIRLINE)
        canvas.line(left, top, left + edges[-1], top)

    return draw


def _rule_under(edges: Sequence[float], height: float) -> Draw:
    def draw(canvas: Canvas, left: float, top: float) -> None:
        canvas.setStrokeColorRGB(*BLACK)
        canvas.setLineWidth(HAIRLINE)
        canvas.line(left, top - height, left + edges[-1], top - height)

    return draw
