"""What a draft opinion says and where (意见草稿): its words checked, its marks cited, its place found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from drawings import actions as drawings
from drawings.actions import CitedMark
from drawings.queries import sheets_of
from joint_review import catalogue
from joint_review.models import Round
from joint_review.queries.places import is_late_place
from joint_review.rules.contradictions import OPERATORS, parse_demand
from joint_review.rules.evaluations import of_drawings
from joint_review.rules.geometry import Box, box_of, box_of_geometry, joined, padded
from joint_review.rules.matching import Place
from joint_review.rules.opinions import faults_of_wording
from joint_review.words import fault, refuse
from ledger.actor import Actor
from ledger.errors import Invalid, Refused

TEXT_LIMIT = 4000
DEMAND_LIMIT = 200
COORDINATE_LIMIT = 1e12
# A region made from marks has this much room around them.
ROOM = 0.05


@dataclass(frozen=True)
class Wording:
    """What the department says: class, clause, words, demand."""

    cls: str
    text: str
    clause_code: str = ""
    demand: Mapping[str, Any] | str | None = None


@dataclass(frozen=True)
class Spot:
    """Where it says it: a sheet with marks, a region or entity handles; nothing at all: the whole set."""

    sheet_id: UUID | None = None
    marks: Sequence[UUID] = field(default_factory=tuple)
    region: Sequence[float] | None = None
    handles: Sequence[str] = field(default_factory=tuple)


def checked_wording(wording: Wording) -> Wording:
    """The words as they are stored, or every fault at once under its field."""
    clause = wording.clause_code or None
    faults = faults_of_wording(
        cls=wording.cls,
        clause=clause,
        text=wording.text,
        classes=catalogue.opinion_classes(),
        clauses=catalogue.clauses(),
    )
    errors: dict[str, list[str]] = {}
    for name, code in faults:
        errors.setdefault(name, []).append(fault(code))
    if len(wording.text) > TEXT_LIMIT:
        errors.setdefault("text", []).append(fault("too_long"))
    demand = checked_demand(wording.demand, errors)
    if errors:
        raise Invalid(errors)
    return Wording(cls=wording.cls, text=wording.text.strip(), clause_code=clause or "", demand=demand)


def checked_demand(demand: Mapping[str, Any] | str | None, errors: dict[str, list[str]]) -> dict[str, str] | None:
    """A demand (指标要求) with its four parts, the number as text; None when nothing was filled in.

    One written in a line is read where it is a comparison (消防车道净宽 ≥ 4 m), else kept as the words it is.
    """
    if isinstance(demand, str):
        return read_demand(demand, errors)
    if not demand or not any(str(value).strip() for value in demand.values()):
        return None
    parts = {name: str(demand.get(name, "")).strip() for name in ("parameter", "operator", "value", "unit")}
    try:
        number = Decimal(parts["value"])
        ok = number.is_finite() and abs(number) < COORDINATE_LIMIT
    except InvalidOperation:
        ok = False
    if not ok or not parts["parameter"] or parts["operator"] not in OPERATORS or len(parts["parameter"]) > 60:
        errors.setdefault("demand", []).append(fault("bad_demand"))
    return parts


def read_demand(text: str, errors: dict[str, list[str]]) -> dict[str, str] | None:
    """A demand in one line."""
    if not text.strip():
        return None
    if len(text) > DEMAND_LIMIT:
        errors.setdefault("demand", []).append(fault("too_long"))
        return None
    read = parse_demand(text)
    if read is None:
        return {"text": text.strip()}
    return {"parameter": read.parameter, "operator": read.operator, "value": str(read.value), "unit": read.unit}


def clause_as_cited(code: str) -> dict[str, Any]:
    """The edition of the clause at this moment: an opinion keeps what it cited, whatever the library says later."""
    if not code:
        return {}
    clause = catalogue.clauses()[code]
    return {
        "code": clause.code,
        "standard": clause.standard,
        "standard_zh": clause.standard_zh,
        "standard_en": clause.standard_en,
        "number": clause.number,
        "topic_zh": clause.topic_zh,
        "topic_en": clause.topic_en,
        "cited": clause.cited(),
        "certain": clause.certain,
    }


def place_of(round_: Round, spot: Spot, opinion_id: UUID, actor: Actor) -> tuple[list[CitedMark], Place]:
    """Cite the marks and find the region: the one given, else what the marks cover."""
    region = checked_region(spot.region)
    if spot.sheet_id is None:
        if spot.marks or region:
            raise Invalid({"region": [fault("region_needs_sheet")]})
        return [], Place()
    sheet = next((sheet for sheet in sheets_of(of_drawings(round_.revision_id)) if sheet.pk == spot.sheet_id), None)
    if sheet is None:
        raise Refused("sheet_not_in_round", _("这张图不在本轮联审中。"), field="sheet_id")
    cited: list[CitedMark] = []
    if spot.marks:
        marks = list(dict.fromkeys(spot.marks))
        cited = drawings.cite_marks(spot.sheet_id, marks, opinion_id=opinion_id, actor=actor)
    if region is None and cited:
        around = joined(box for mark in cited if (box := box_of_geometry(mark.geom)))
        side = max(sheet.bbox[2] - sheet.bbox[0], sheet.bbox[3] - sheet.bbox[1])
        region = padded(around, ROOM, least=side / 100) if around else None
    handles = tuple(dict.fromkeys(str(handle)[:40] for handle in spot.handles))[:500]
    return cited, Place(region, handles)


def checked_region(region: Sequence[float] | None) -> Box | None:
    """Four finite numbers of the sheet, as a box."""
    if region is None:
        return None
    if len(region) != 4 or not all(-COORDINATE_LIMIT < value < COORDINATE_LIMIT for value in region):
        raise Invalid({"region": [fault("bad_region")]})
    return box_of(float(value) for value in region)


def checked_late_reason(round_: Round, sheet_id: UUID | None, place: Place, late_reason: str) -> str:
    """The reason class of a late hit; empty when the opinion is not late."""
    if round_.no == 1 or sheet_id is None or not is_late_place(round_, sheet_id, place):
        return ""
    if late_reason not in catalogue.late_reasons():
        raise refuse("late_hit", field="late_reason")
    return late_reason


def mark_as_cited(mark: CitedMark) -> dict[str, Any]:
    """The mark as evidence: what it looked like and the hash of the op that shaped it."""
    return {
        "obj": str(mark.obj),
        "ver": mark.ver,
        "geom": mark.geom,
        "text": mark.text,
        "dept": mark.dept,
        "op_hash": mark.op_hash,
    }
