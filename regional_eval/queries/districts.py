"""Whose land an operator speaks of at the console (行政区划)."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.queries import districts
from ledger.errors import Refused
from regional_eval.words import _


@dataclass(frozen=True)
class Place:
    """A district by id, with the zone in which its areas are shown."""

    id: int
    epsg: int


def district_named(code: str) -> Place | None:
    """The district of a code; without one the only district there is, None where there are several or none.

    Refused: a code that no district has.
    """
    found = [(row.code, Place(row.pk, row.epsg)) for row in districts()]
    if not code:
        return found[0][1] if len(found) == 1 else None
    named = [place for known, place in found if known == code]
    if not named:
        raise Refused(
            "district_unknown",
            _("没有代码为“%(code)s”的行政区划。") % {"code": code},
            next_step=_("可用：%(codes)s。") % {"codes": "、".join(known for known, _place in found) or "—"},
        )
    return named[0]
