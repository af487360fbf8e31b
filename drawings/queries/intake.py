"""A revision as the intake checks see it, and its drawing list (图纸目录) for readers."""

from __future__ import annotations

from typing import Any

from drawings.models import Revision, Sheet
from drawings.rules.intake import SheetSeen, drawing_list


def seen(sheet: Sheet) -> SheetSeen:
    """A sheet as the checks know it."""
    return SheetSeen(
        id=str(sheet.pk),
        number=sheet.number,
        name=sheet.name,
        kind=sheet.kind,
        units=sheet.units,
        metres=sheet.scale,
        fidelity=sheet.fidelity,
        readings=sheet.readings,
        kept=bool(sheet.kept_sha),
        found=sheet.found_at is not None,
    )


def drawing_list_of(revision: Revision) -> list[dict[str, Any]]:
    """One row per drawing sent, then what its own drawing list names and was not sent; sheets prefetched in order."""
    return drawing_list([seen(sheet) for sheet in revision.sheets.all()])
