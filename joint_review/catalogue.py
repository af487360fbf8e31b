"""Disciplines, classes of opinion, clauses and checks of acceptance as frozen data (联审目录).

The national part comes from projects/domain, what a district sets from joint_review/data. Pure: no Django.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from joint_review.acceptance.rules import CheckKind
from joint_review.rules.opinions import OpinionClass
from joint_review.rules.planning import Discipline
from projects import domain

HERE = Path(__file__).resolve().parent / "data"
IN_FORCE = re.compile(r"in force (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Named:
    """A code with its names in both languages."""

    code: str
    zh: str
    en: str

    def label(self, language: str) -> str:
        """The name in the reader's language."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True)
class Clause:
    """One clause of the library (条文). `certain` False: the article number must be checked against the standard."""

    code: str
    standard: str
    standard_zh: str
    standard_en: str
    number: str
    discipline: str
    cls: str
    topic_zh: str
    topic_en: str
    valid_from: date | None
    certain: bool

    def title(self, language: str) -> str:
        """Name of the standard, in the reader's language."""
        return self.standard_en if language.startswith("en") else self.standard_zh

    def topic(self, language: str) -> str:
        """What it is about, in our own words."""
        return self.topic_en if language.startswith("en") else self.topic_zh

    def cited(self) -> str:
        """As it is cited on paper: 《建筑防火通用规范》GB 55037-2022 第3.4.5条."""
        return f"《{self.standard_zh}》{self.standard} 第{self.number}条"


@cache
def settings() -> Any:
    """The district's settings of joint review."""
    return domain.read_yaml(HERE / "review.yaml")


@cache
def disciplines() -> tuple[Discipline, ...]:
    """Every discipline (专业) in the order of the catalogue."""
    conditions, on_request = settings()["disciplines"], frozenset(settings()["on_request"])
    rows = domain.read("disciplines")["disciplines"]
    known = {row["code"] for row in rows}
    if unknown := (set(conditions) | on_request) - known:
        raise ValueError(f"review.yaml names unknown disciplines: {sorted(unknown)}")
    return tuple(
        Discipline(
            code=row["code"],
            department=row["reviewing_department"],
            applies_if=conditions.get(row["code"]),
            layer_hint=row["layer_hint"],
            on_request=row["code"] in on_request,
        )
        for row in rows
    )


@cache
def discipline_names() -> Mapping[str, Named]:
    """Discipline code -> names."""
    return named(domain.read("disciplines")["disciplines"])


@cache
def opinion_classes() -> Mapping[str, OpinionClass]:
    """Classes of opinion (意见类别) by code, gravest first."""
    return {
        row["code"]: OpinionClass(
            code=row["code"],
            must_fix=row["must_fix"],
            blocks=row["blocks_certificate"],
            needs_clause=row["needs_clause"],
        )
        for row in domain.read("disciplines")["opinion_classes"]
    }


@cache
def class_names() -> Mapping[str, Named]:
    """Class code -> names."""
    return named(domain.read("disciplines")["opinion_classes"])


@cache
def late_reasons() -> Mapping[str, Named]:
    """Why an opinion comes late, by code."""
    return named(settings()["late_reasons"])


@cache
def limits() -> Mapping[str, Any]:
    """Working days of first review, design revision and recheck; the last round (disciplines.yaml)."""
    found: Mapping[str, Any] = domain.read("disciplines")["limits"]
    return found


@cache
def clauses() -> Mapping[str, Clause]:
    """The clause library (条文库) by code, such as GB55037-2022#3.4.5."""
    data = domain.read("clauses")
    standards = {row["code"]: row for row in data["standards"]}
    topics: Mapping[str, str] = domain.read_yaml(HERE / "clause_topics.yaml")
    found = {}
    for row in data["clauses"]:
        standard = standards[row["standard_code"]]
        in_force = IN_FORCE.search(standard["status"])
        found[row["id"]] = Clause(
            code=row["id"],
            standard=row["standard_code"],
            standard_zh=standard["name_zh"],
            standard_en=standard["name_en"],
            number=str(row["clause_no"]),
            discipline=row["discipline"],
            cls=row["default_class"],
            topic_zh=topics[row["id"]],
            topic_en=row["topic"],
            valid_from=date.fromisoformat(in_force[1]) if in_force else None,
            certain=row["certainty"] != "C",
        )
    return found


def search_clauses(text: str, *, discipline: str | None = None, limit: int = 20) -> list[Clause]:
    """Clauses that hold every word of `text` in number, standard or topic, in either language; own discipline first."""
    words = text.lower().split()
    hits = [clause for clause in clauses().values() if all(word in haystack(clause) for word in words)]
    hits.sort(key=lambda clause: (clause.discipline != discipline, clause.cls != "MANDATORY", clause.code))
    return hits[:limit]


def haystack(clause: Clause) -> str:
    """Everything a clause may be found by, lower case, with and without the spaces of the standard's number."""
    parts = (clause.code, clause.standard, clause.standard.replace(" ", ""), clause.standard_zh, clause.standard_en)
    return " ".join((*parts, clause.number, clause.topic_zh, clause.topic_en)).lower()


@cache
def check_kinds() -> Mapping[str, CheckKind]:
    """The checks of joint acceptance (验收事项) by code."""
    extra = settings()["acceptance"]
    return {
        row["code"]: CheckKind(
            code=row["code"],
            department=row["department"],
            applies_if=row["applies_if"],
            item=row["code"] if row["in_item_catalogue"] else None,
            commitment=row["code"] not in extra["no_commitment"],
            silence=row["code"] in extra["silence"],
        )
        for row in domain.read("acceptance")["items"]
    }


@cache
def check_names() -> Mapping[str, Named]:
    """Check code -> names."""
    return {row["code"]: Named(row["code"], row["zh"], row["en"]) for row in domain.read("acceptance")["items"]}


@cache
def severities() -> Mapping[str, Named]:
    """Severities of a defect (问题等级) by code, gravest first."""
    return named(settings()["acceptance"]["severities"])


@cache
def failing_severities() -> frozenset[str]:
    """The severities that fail a check."""
    return frozenset(row["code"] for row in settings()["acceptance"]["severities"] if row["fails"])


def named(rows: list[dict[str, Any]]) -> dict[str, Named]:
    """Rows with name_zh and name_en by their code."""
    return {row["code"]: Named(row["code"], row["name_zh"], row["name_en"]) for row in rows}


@cache
def item_names() -> Mapping[str, Named]:
    """The items of the catalogue by code: evaluations and chapters are named by the item they belong to."""
    return {row["code"]: Named(row["code"], row["name_zh"], row["name_en"]) for row in domain.read("items")["items"]}


@cache
def item_departments() -> Mapping[str, str]:
    """Item code -> the department whose evaluation or chapter it is."""
    return {row["code"]: row["department"] for row in domain.read("items")["items"]}


@cache
def technical_items() -> frozenset[str]:
    """Items that are an assessment and no licence: a joint evaluation may decide them (技术性评估)."""
    return frozenset(row["code"] for row in domain.read("items")["items"] if row["kind"] == "ASSESSMENT")
