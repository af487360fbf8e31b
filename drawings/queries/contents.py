"""What lies on a prepared sheet, for rooms that follow opinions over revisions (图幅内容)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from drawings.cad.contents import Box, SheetFacts, read_facts
from drawings.cad.cuttings import MarkShape, cut
from drawings.cad.marks_dxf import DxfMark, marks_dxf
from drawings.cad.palette import DEPARTMENT_COLORS
from drawings.models import Sheet
from drawings.store import prepared_path
from ledger.errors import NotFound

__all__ = [
    "DEPARTMENT_COLORS",
    "DxfMark",
    "MarkShape",
    "dxf_of_marks",
    "facts_of_prepared",
    "picture_of_place",
    "preparation_of",
]


def preparation_of(sheet_id: UUID) -> tuple[str, str]:
    """Where a sheet is prepared now: immutable under this name, while the sheet may move on (重新制备). NotFound without one."""
    row = Sheet.objects.filter(pk=sheet_id).values_list("kept_sha", "file__render_sha", "key").first()
    if row is None:
        raise NotFound
    return row[0] or row[1], row[2]


@lru_cache(maxsize=8)
def facts_of_prepared(render_sha: str, key: str) -> SheetFacts:
    """Prepared sheets are immutable, so what was read once stays true."""
    return read_facts(prepared_path(render_sha) / key)


def picture_of_place(sheet_id: UUID, region: Box | None, *, marks: Sequence[MarkShape] = ()) -> bytes:
    """PNG of a place on a sheet with the marks that point at it (图面截图); None shows the whole sheet."""
    render_sha, key = preparation_of(sheet_id)
    return cut(prepared_path(render_sha) / key, region, marks=marks)


def dxf_of_marks(sheet_id: UUID, marks: Sequence[DxfMark], *, title: str) -> bytes:
    """Marks of one sheet as a DXF in the sheet's own coordinates, a layer per department (意见图层)."""
    row = Sheet.objects.filter(pk=sheet_id).first()
    if row is None:
        raise NotFound
    x0, y0, x1, y1 = (float(value) for value in row.bbox)
    return marks_dxf(marks, box=(x0, y0, x1, y1), units=row.units, title=title)
