"""The domain data (领域数据): items, templates, facts, clock rules, calendar, clauses, disciplines and the rest.

Seed and reference: what is in force lives in the database. Other rooms read their part by `read("disciplines")`.
Pure: no Django. Do not change what a reader returns; it is shared.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read(name: str) -> Any:
    """One part by its name: `items`, `facts`, `clock_rules`, `disciplines`, `clauses`, `acceptance`;
    KeyError for a name that is not there."""
    path = HERE / f"{name}.yaml"
    if "/" in name or not path.is_file():
        raise KeyError(name)
    return read_yaml(path)


def read_yaml(path: Path) -> Any:
    """Parse one YAML file; yaml.YAMLError when it is not YAML."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - a safe loader, by libyaml or not


@cache
def template_paths() -> dict[str, Path]:
    """Template code -> file, in the order of the codes (流程模板)."""
    return {read_yaml(path)["template_code"]: path for path in sorted((HERE / "templates").glob("*.yaml"))}


@cache
def template(code: str) -> Any:
    """One of the seven templates; KeyError for an unknown code."""
    return read_yaml(template_paths()[code])


@cache
def calendar_rows() -> tuple[dict[str, str], ...]:
    """Days that differ from Monday-to-Friday in the years whose notice is known: date, kind OFF|WORK, name, reason."""
    return tuple(read_table("calendar_2024_2026.csv"))


@cache
def statutory_rows() -> tuple[dict[str, str], ...]:
    """Statutory holidays of years without a notice (no 调休 is known for them): date, name, reason."""
    return tuple(read_table("statutory_days_2027_2056.csv"))


@cache
def glossary() -> tuple[dict[str, str], ...]:
    """The words: zh, en, code_name, meaning."""
    return tuple(read_table("glossary.tsv", delimiter="\t"))


@cache
def worst_case_facts() -> Any:
    """Facts that switch on as many conditional items as can be."""
    return json.loads((HERE / "worst_case_facts.json").read_text(encoding="utf-8"))


def read_table(name: str, *, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of one table file."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))
