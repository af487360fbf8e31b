"""Rows and pages: a paper is a list of rows, each drawn whole; pages are cut between rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
Draw = Callable[[Canvas, float, float], None]


@dataclass(frozen=True)
class Row:
    """A strip of `height` points over the full text width; `draw(canvas, left, top)` paints it.

    `keep` binds it to the next row; `break_before` starts a new page; `head` is repeated on top of the
    next page when the page is cut before this row. `opening` is painted when the row comes first on its page
    and `closing` when it comes last (the rules of a box that is cut). `mark` names the row for whoever asks
    where it came to stand.
    """

    height: float
    draw: Draw | None = None
    keep: bool = False
    break_before: bool = False
    head: tuple[Row, ...] = ()
    opening: Draw | None = None
    closing: Draw | None = None
    mark: str = ""


@dataclass
class Page:
    """Rows placed on one page, each with the distance of its top from the top of the text area."""

    rows: list[tuple[float, Row]] = field(default_factory=list)
    used: float = 0.0

    def add(self, row: Row) -> None:
        """Place `row` under what is there."""
        self.rows.append((self.used, row))
        self.used += row.height


def paginate(rows: Sequence[Row], height: float, first_page_used: float = 0.0) -> list[Page]:
    """Cut `rows` into pages of `height` points; bound rows stay together while they fit one page."""
    pages = [Page(used=first_page_used)]
    index = 0
    while index < len(rows):
        group = _bound_group(rows, index)
        needed = sum(row.height for row in group)
        page = pages[-1]
        fresh = not page.rows and len(pages) > 1
        if group[0].break_before and not fresh:
            page = _new_page(pages)
        elif page.used + needed > height + 0.01 and not fresh and (needed <= height or not page.rows):
            page = _new_page(pages)
            for head in group[0].head:
                page.add(head)
        for row in group:
            if page.used + row.height > height + 0.01 and page.rows:
                page = _new_page(pages)
                for head in row.head:
                    page.add(head)
            page.add(row)
        index += len(group)
    return pages


def _new_page(pages: list[Page]) -> Page:
    pages.append(Page())
    return pages[-1]


def _bound_group(rows: Sequence[Row], start: int) -> list[Row]:
    end = start
    while end < len(rows) - 1 and rows[end].keep and not rows[end + 1].break_before:
        end += 1
    return list(rows[start : end + 1])
