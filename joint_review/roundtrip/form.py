"""The answer form in Excel (意见答复表): written for one notice, filled in by the designers, read back row by row.

What comes back is a file from outside: it is measured before it is opened, only cells are read, and nothing but the two
answer columns of known opinions counts.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from joint_review.models.notices import ANSWER_KINDS
from joint_review.queries.names import answer_label
from ledger.errors import Refused

SHEET, KEYS = "答复", "lianshen"
HEAD_ROW, FIRST_ROW = 4, 5
KIND_COLUMN, TEXT_COLUMN, KEY_COLUMN = 9, 10, 11
FORM_BYTES = 3 * 1024 * 1024
UNPACKED_BYTES = 30 * 1024 * 1024
PARTS = 200
ROWS = 2_000
WRITTEN_KINDS = {
    "修改": "revise", "说明": "explain", "异议": "object", "revise": "revise", "explain": "explain", "object": "object",
    "explanation": "explain", "objection": "object", "revision": "revise",
}  # fmt: skip


@dataclass(frozen=True)
class FormAnswer:
    """One filled-in row: its number on the sheet, the opinion, how it is answered, and the words."""

    row: int
    opinion_id: UUID
    kind: str
    text: str


def write_form(notice_id: UUID, heading: str, entries: list[dict[str, Any]]) -> bytes:
    """The form for one notice; entries as `queries.notice_view` gives them, in order."""
    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - openpyxl's new book has one
    page.title = SHEET
    put(page, 1, 1, heading, font=Font(bold=True, size=14))
    put(
        page,
        2,
        1,
        _(
            "请在“答复方式”选择修改、说明或异议，在“答复内容”写明（说明和异议必填），存盘后在告知书页面导入。其余各列请勿改动。"
        ),
    )
    heads = [
        _("序号"), _("图号"), _("图名"), _("部门"), _("类别"), _("条文"), _("意见"), _("要求"), _("答复方式"), _("答复内容"), "id",
    ]  # fmt: skip
    for column, head in enumerate(heads, 1):
        put(page, HEAD_ROW, column, head, font=Font(bold=True), fill=PatternFill("solid", fgColor="E8F0FB"))
    for row, entry in enumerate(entries, FIRST_ROW):
        write_row(page, row, entry)
    widths = (6, 12, 22, 14, 14, 22, 46, 24, 12, 46, 4)
    for column, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.column_dimensions[get_column_letter(KEY_COLUMN)].hidden = True
    page.freeze_panes = f"A{FIRST_ROW}"
    kinds = DataValidation(
        type="list", formula1=f'"{",".join(answer_label(kind) for kind in ANSWER_KINDS)}"', allow_blank=True
    )
    kinds.add(
        f"{get_column_letter(KIND_COLUMN)}{FIRST_ROW}:{get_column_letter(KIND_COLUMN)}{FIRST_ROW + max(len(entries), 1) - 1}"
    )
    page.add_data_validation(kinds)
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False
    page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight = "landscape", 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    keys = book.create_sheet(KEYS)
    keys["A1"] = str(notice_id)
    keys.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_row(page: Any, row: int, entry: dict[str, Any]) -> None:
    """One entry with the answer given so far."""
    sheet, reply = entry["sheet"] or {}, entry["reply"] or {}
    clause = entry["clause"] or {}
    values = [
        entry["number"],
        sheet.get("number", ""),
        sheet.get("name", ""),
        _("、").join(department["short_name"] for department in entry["departments"]),
        entry["cls_label"],
        f"{clause['no']} {clause['topic']}" if clause else "",
        entry["text"],
        entry["demand"] or "",
        reply.get("kind_label", ""),
        reply.get("text", ""),
        str(entry["opinion_id"]),
    ]
    for column, value in enumerate(values, 1):
        open_ = column in {KIND_COLUMN, TEXT_COLUMN} and entry["can_answer"]
        put(page, row, column, value, open_=open_, fill=PatternFill("solid", fgColor="FFF9E5") if open_ else None)


def put(
    page: Any, row: int, column: int, value: Any, *, font: Font | None = None, fill: PatternFill | None = None, open_: bool = False
) -> None:  # fmt: skip
    """A cell; words are words, whatever they begin with (=, +, -, @ are no formulas here)."""
    cell = page.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = "".join(sign for sign in value if sign >= " " or sign in "\n\t")
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}
    else:
        cell.value = value
    cell.alignment = Alignment(wrap_text=row >= HEAD_ROW, vertical="top")
    cell.protection = Protection(locked=not open_)
    if font:
        cell.font = font
    if fill:
        cell.fill = fill


def read_form(data: bytes, notice_id: UUID) -> list[FormAnswer]:
    """The filled-in rows of a form of this notice; Refused when it is no such form."""
    measure(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        key = str(book[KEYS].cell(row=1, column=1).value or "") if KEYS in book.sheetnames else ""
        rows = (
            list(
                book[SHEET].iter_rows(min_row=FIRST_ROW, max_row=FIRST_ROW + ROWS, max_col=KEY_COLUMN, values_only=True)
            )
            if SHEET in book.sheetnames
            else []
        )
    except Exception as error:
        raise no_form() from error
    if key != str(notice_id):
        raise Refused(
            "other_form",
            _("这份答复表不属于本告知书。") if key else _("这不是从告知书页面下载的答复表。"),
            field="file",
            next_step=_("请在本页下载答复表，填写后再导入。"),
        )
    answers = []
    for number, row in enumerate(rows, FIRST_ROW):
        cells = [*row, *[None] * KEY_COLUMN][:KEY_COLUMN]
        kind, text = words(cells[KIND_COLUMN - 1]), words(cells[TEXT_COLUMN - 1])
        if not kind and not text:
            continue
        try:
            opinion_id = UUID(words(cells[KEY_COLUMN - 1]))
        except ValueError:
            raise Refused(
                "form_row_unknown",
                _("第 %(row)s 行找不到对应的意见，表格的隐藏列可能被改动。") % {"row": number},
                field="file",
                next_step=_("请重新下载答复表填写。"),
            ) from None
        answers.append(FormAnswer(number, opinion_id, WRITTEN_KINDS.get(kind.lower(), kind), text))
    return answers


def measure(data: bytes) -> None:
    """Refuse what is no small, plain workbook before any of it is parsed: size, bombs, document types."""
    if len(data) > FORM_BYTES:
        raise Refused(
            "form_too_large", _("答复表超过 3 MB。"), field="file", next_step=_("请使用下载的答复表，不要插入图片。")
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
                raise no_form()
            left = UNPACKED_BYTES
            for part in parts:
                if part.filename.startswith("xl/vbaProject"):
                    raise no_form()
                with archive.open(part) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                # What the directory says may be a lie; what is unpacked is counted.
                if left < 0 or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                    raise no_form()
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise no_form() from error
    except Exception as error:
        if isinstance(error, Refused):
            raise
        raise no_form() from error


def no_form() -> Refused:
    """Not a form of ours."""
    return Refused(
        "not_a_form",
        _("文件不是可读取的 Excel 答复表（.xlsx）。"),
        field="file",
        next_step=_("请在本页下载答复表，填写后存为 .xlsx 再导入。"),
    )


def words(value: Any) -> str:
    """A cell as words."""
    return "" if value is None else str(value).strip()
