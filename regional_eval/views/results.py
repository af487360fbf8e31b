"""An answer about a site in words and shapes: what the pre-check's page shows and prints."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from regional_eval.domain import plan_layers, severities
from regional_eval.plan_reasons import conflict_kind_name
from regional_eval.queries.site_check import SiteAnswer
from regional_eval.reasons import in_words
from regional_eval.rules.answers import Conflict, KindAnswer, Outcome
from regional_eval.terms import (
    OUTCOME_LOOK,
    SEVERITY_LOOK,
    effect_name,
    either_name,
    kind_name,
    layer_name,
    outcome_name,
    severity_name,
)

ORDER = (
    Outcome.REUSABLE,
    Outcome.REUSABLE_WITH_COMMITMENT,
    Outcome.NOT_NEEDED,
    Outcome.PARTIAL,
    Outcome.UNKNOWN,
    Outcome.NOT_REUSABLE,
)
GOOD = (Outcome.REUSABLE, Outcome.REUSABLE_WITH_COMMITMENT, Outcome.NOT_NEEDED)
NOTHING_HERE = "no_assessment"


def grouped(value: float, decimals: int = 0) -> str:
    """41,490.57: figures in lists are read by their groups of three, in both languages."""
    return f"{value:,.{decimals}f}"


@dataclass(frozen=True)
class KindRow:
    """One kind of assessment on this site."""

    name: str
    outcome: str
    outcome_name: str
    colour: str
    icon: str
    share: str
    remainder: str
    valid_to: date | None
    effect: str
    days_saved: int | None
    fee_saved: str
    used: tuple[str, ...]
    reasons: tuple[str, ...]
    shape: str
    is_bare: bool


@dataclass(frozen=True)
class ConflictRow:
    """The conflicts of one layer that weigh the same and are of one kind."""

    layer: str
    what: str
    severity: str
    severity_name: str
    colour: str
    icon: str
    places: int
    area: str
    mu: str
    share: str
    authority: str
    basis: str
    reasons: tuple[str, ...]
    shape: str


def kind_row(found: KindAnswer) -> KindRow:
    """The row of one kind."""
    outcome = Outcome(found.outcome)
    colour, icon = OUTCOME_LOOK[outcome]
    leaned = bool(found.used) or found.covered_share > 0
    return KindRow(
        name=kind_name(found.kind),
        outcome=outcome,
        outcome_name=outcome_name(outcome),
        colour=colour,
        icon=icon,
        share=f"{found.covered_share:.1%}" if leaned else "",
        remainder=grouped(found.remainder_m2),
        valid_to=found.valid_to,
        effect=effect_name(found.effect) if found.effect else "",
        days_saved=found.days_saved,
        fee_saved=grouped(found.fee_saved) if found.fee_saved else "",
        used=tuple(f"{either_name(area.region, area.region_en)} {area.number}".strip() for area in found.used),
        reasons=tuple(in_words(reason) for reason in found.reasons),
        shape=f"kind:{found.kind}" if leaned else "",
        is_bare=not leaned and all(reason.code == NOTHING_HERE for reason in found.reasons),
    )


Weight = tuple[str, str, str]


def weight_of(found: Conflict) -> Weight:
    """What goes into one row."""
    return found.severity, found.layer, found.rule


def shape_id(weight: Weight) -> str:
    """The id of its shapes."""
    return "conflict:" + ":".join(weight)


def conflict_rows(conflicts: Iterable[Conflict], authorities: Mapping[str, str]) -> list[ConflictRow]:
    """The gravest first, then the largest; several places of one layer are one row."""
    rank = {code: at for at, code in enumerate(severities())}
    groups: dict[Weight, list[Conflict]] = defaultdict(list)
    for found in conflicts:
        groups[weight_of(found)].append(found)
    ordered = sorted(groups.items(), key=lambda item: (rank.get(item[0][0], len(rank)), -area_of(item[1])))
    return [conflict_row(weight, members, authorities) for weight, members in ordered]


def area_of(members: Sequence[Conflict]) -> float:
    """Of the places, each once: one place may break several rules."""
    return sum({(found.layer_id, found.feature): found.area_m2 for found in members}.values())


def conflict_row(weight: Weight, members: Sequence[Conflict], authorities: Mapping[str, str]) -> ConflictRow:
    """One row."""
    severity, layer, rule = weight
    entry = plan_layers().get(layer, {})
    colour, icon = SEVERITY_LOOK.get(severity, ("stopped", "info"))
    places = {(found.layer_id, found.feature): found for found in members}.values()
    area = sum(found.area_m2 for found in places)
    return ConflictRow(
        layer=layer_name(layer),
        what=conflict_kind_name(rule),
        severity=severity,
        severity_name=severity_name(severity),
        colour=colour,
        icon=icon,
        places=len(places),
        area=grouped(area) if area else "",
        mu=grouped(sum(found.mu for found in places), 2),
        share=f"{sum(found.share for found in places):.1%}",
        authority=authorities.get(str(entry.get("authority", "")), ""),
        basis=str(entry.get("legal_basis", "")),
        reasons=tuple(dict.fromkeys(in_words(reason) for found in members for reason in found.reasons)),
        shape=shape_id(weight) if any(found.geometry for found in members) else "",
    )


def shapes_of(answer: SiteAnswer) -> list[dict[str, Any]]:
    """What is drawn over the map: what remains to be assessed (kinds with the same rest as one shape), and conflicts."""
    rests: dict[str, list[str]] = defaultdict(list)
    for found in answer.assessments:
        if found.outcome == Outcome.PARTIAL and found.remainder:
            rests[json.dumps(found.remainder)].append(found.kind)
    shapes = [
        {
            "id": " ".join(f"kind:{kind}" for kind in kinds),
            "group": "remainder",
            "label": " · ".join(kind_name(kind) for kind in kinds),
            "geometry": json.loads(rest),
        }
        for rest, kinds in rests.items()
    ]
    shapes += [
        {
            "id": shape_id(weight_of(found)),
            "group": found.severity,
            "label": f"{layer_name(found.layer)} · {severity_name(found.severity)}",
            "geometry": found.geometry,
        }
        for found in answer.conflicts
        if found.geometry
    ]
    return shapes


def results(answer: SiteAnswer, authorities: Mapping[str, str]) -> dict[str, Any]:
    """Everything the result panel shows; `authorities` names departments by code."""
    rows = sorted((kind_row(found) for found in answer.assessments), key=lambda row: ORDER.index(Outcome(row.outcome)))
    conflicts = conflict_rows(answer.conflicts, authorities)
    good = [found for found in answer.assessments if found.outcome in GOOD]
    return {
        "site": answer.site,
        "area": grouped(answer.site.gk_area_m2, 2),
        "mu": grouped(answer.site.gk_area_m2 * 3 / 2000, 2),
        "rows": [row for row in rows if not row.is_bare],
        "bare": [row for row in rows if row.is_bare],
        "conflicts": conflicts,
        "clear": [layer_name(code) for code in answer.clear],
        "prohibited": sum(row.severity == "BLOCKING" for row in conflicts),
        "weighty": sum(row.severity in {"BLOCKING", "MAJOR", "MINOR"} for row in conflicts),
        "reusable": len(good),
        "partial": sum(row.outcome == Outcome.PARTIAL for row in rows),
        "unknown": sum(row.outcome == Outcome.UNKNOWN for row in rows),
        "refused": sum(row.outcome == Outcome.NOT_REUSABLE and not row.is_bare for row in rows),
        "fee_saved": grouped(sum(found.fee_saved or 0 for found in good)) if good else "",
        "longest_days": max((found.days_saved or 0 for found in good), default=0),
        "shapes": shapes_of(answer),
        "rule": answer.rule,
    }
