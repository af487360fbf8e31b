"""Which figures of a project decide here (所需指标): what limits and exceptions of the published assessments ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from regional_eval.queries.register import in_force
from regional_eval.rules.limits import LISTS, Limit, read_limits
from regional_eval.rules.reuse import FLAG

# What plans compare with, whatever the assessments say.
ALWAYS = ("floor_area_m2", "building_height_m")
BY_MAP = "land_area_m2"


@dataclass(frozen=True)
class Asked:
    """Facts to ask for: figures with their unit, choices with their values, and yes-or-no facts."""

    figures: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    flags: tuple[str, ...]


UNITS = {
    "_m2": "m²",
    "_m3": "m³",
    "_m": "m",
    "_tce": "tce",
    "_10k_yuan": "10k_yuan",
    "_pct": "%",
    "_s": "s",
    "_t": "t",
}


def unit_of(fact: str) -> str:
    """The unit that a fact's name ends in."""
    return next((unit for ending, unit in UNITS.items() if fact.endswith(ending)), "")


def asked_on(day: date) -> Asked:
    """What the assessments in force on this day ask for."""
    rows = list(in_force(day).values_list("parameter_limits", "exceptions"))
    limits = [limit for raw, _exceptions in rows for limit in read_limits(raw)]
    return asked_by(limits, (exception for _limits, found in rows for exception in found))


def asked_by(limits: Iterable[Limit], exceptions: Iterable[Any]) -> Asked:
    """The facts behind limits and exceptions, each once."""
    figures = dict.fromkeys(ALWAYS)
    choices: dict[str, dict[str, None]] = {}
    for limit in limits:
        if limit.operator in LISTS or isinstance(limit.value, str):
            values = limit.value if isinstance(limit.value, list) else [limit.value]
            choices.setdefault(limit.fact, {}).update(dict.fromkeys(map(str, values)))
        elif limit.fact != BY_MAP:
            figures[limit.fact] = None
    flags = dict.fromkeys(name for exception in exceptions if (name := flag_of(exception)))
    return Asked(
        tuple((fact, unit_of(fact)) for fact in figures),
        tuple((fact, tuple(values)) for fact, values in choices.items()),
        tuple(flags),
    )


def flag_of(exception: Any) -> str:
    """The yes-or-no fact of an exception; empty for one in words."""
    if isinstance(exception, Mapping):
        return str(exception.get("fact") or "").lower()
    return str(exception).lower() if FLAG.fullmatch(str(exception)) else ""


def read_facts(asked: Asked, typed: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """What was typed into these fields: the facts, and the fields whose figure cannot be read."""
    facts: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for fact, _unit in asked.figures:
        written = typed.get(f"fact-{fact}", "").replace(",", "").replace("，", "").strip()
        if not written:
            continue
        try:
            facts[fact] = float(written)
        except ValueError:
            wrong[fact] = written
    for fact, _values in asked.choices:
        if chosen := typed.get(f"fact-{fact}", "").strip():
            facts[fact] = chosen
    for fact in asked.flags:
        answer = typed.get(f"fact-{fact}", "")
        if answer in {"yes", "no"}:
            facts[fact] = answer == "yes"
    return facts, wrong
