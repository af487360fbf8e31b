"""Drafting papers (文书起草): kinds are data, a draft is checked before it gets a number. Pure.

`kinds.yaml` holds the wording, `labels.yaml` the printed names of facts. A sentence that needs a fact which was
not given refuses the draft, except inside [ ], which is then left out: a paper never goes out with a hole in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from certificates.rendering.content import (
    Appendix,
    Block,
    DrawingEntry,
    Facts,
    NumberedList,
    Opinion,
    Opinions,
    PaperContent,
    Paragraph,
    Table,
)

HERE = Path(__file__).resolve().parent / "papers"
FACTS_HERE = "$facts"
BODY_HERE = "$body"
_FACT = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
LONGEST_TEXT = 20_000
Picture = Callable[[str], bytes]


class UnknownKind(ValueError):
    """There is no paper of this kind."""


class DraftIncomplete(ValueError):
    """A fact that the wording needs was not given; `missing` are its printed labels."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__("、".join(missing))
        self.missing = tuple(missing)


class DraftMalformed(ValueError):
    """The body is no text, list or known block: a fault of the caller, not of a user."""


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper (文书种类)."""

    code: str
    title: str
    title_en: str
    # Rows of the permission table: who may do one of these acts causes the paper by it.
    acts: frozenset[str]
    mark: str
    pattern: str
    body: tuple[str, ...]
    basis: str
    remedy: str
    shown: tuple[str, ...]
    appendix: str = "明细"


@dataclass(frozen=True)
class Draft:
    """What a caller gives to be put on a paper.

    `facts` are {fact or printed label: text or date}; `basis` text or texts; `body` text, texts or blocks:
    {"list": [..]}, {"facts": {..}}, {"table": {"head": [..], "rows": [[..]], "widths": [..]}},
    {"opinions": [{..}]}, {"appendix": title, "blocks": [..]}; opinions always go into an appendix.
    """

    facts: Mapping[str, object]
    basis: str | Sequence[str] | None = None
    body: object = None
    remedy: str | None = None
    drawings: tuple[DrawingEntry, ...] = ()
    copies_to: str = ""


@dataclass(frozen=True)
class Heading:
    """What stands around the text: who issues what to whom, when, under which number."""

    number: str
    issuer: str
    addressee: str
    day: date
    verify_url: str
    verify_code: str
    title: str = ""
    is_draft: bool = field(default=False)


@cache
def kinds() -> Mapping[str, PaperKind]:
    """Every kind of paper by its code."""
    read = yaml.safe_load((HERE / "kinds.yaml").read_text(encoding="utf-8"))
    return {
        code: PaperKind(
            code=code,
            title=entry["title"],
            title_en=entry["title_en"],
            acts=frozenset(entry["acts"]),
            mark=entry["mark"],
            pattern=entry.get("pattern", read["defaults"]["pattern"]),
            body=tuple(entry["body"]),
            basis=entry["basis"],
            remedy=entry["remedy"],
            shown=tuple(entry["shown"]),
            appendix=entry.get("appendix", "明细"),
        )
        for code, entry in read["kinds"].items()
    }


@cache
def labels() -> Mapping[str, str]:
    """Printed label of every named fact."""
    found: dict[str, str] = yaml.safe_load((HERE / "labels.yaml").read_text(encoding="utf-8"))
    return found


def kind_of(code: str) -> PaperKind:
    """One kind. Raises UnknownKind."""
    try:
        return kinds()[code]
    except KeyError as error:
        raise UnknownKind(code) from error


def label_of(fact: str) -> str:
    """The printed label of a fact; a fact named in Chinese is its own label."""
    if fact in labels():
        return labels()[fact]
    if fact.isascii():
        raise DraftMalformed(f"no printed label for the fact {fact!r}: add it to certificates/papers/labels.yaml")
    return fact


def written_number(pattern: str, *, district: str, mark: str, year: int, n: int) -> str:
    """文号 by the pattern of a district: 云川受〔2026〕12号."""
    return pattern.format(district=district, mark=mark, year=year, n=n)


def district_mark(name: str) -> str:
    """The short word of a district in its numbers: 云川新区 -> 云川."""
    return re.sub(r"(新区|高新区|经济开发区|开发区|自治县|[市区县])$", "", name) or name


def full_name(district: str, department: str) -> str:
    """A department's full name on paper: 云川新区 + 行政审批局, without saying the district twice."""
    if department.startswith(district[:2]):
        return department
    for length in range(len(district), 0, -1):
        if department.startswith(district[-length:]) and length > 1:
            return district + department[length:]
    return district + department


def chinese_day(value: object) -> str:
    """A fact as printed: dates as 2026年3月5日, everything else as text."""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value).strip()


def compose_content(kind: PaperKind, draft: Draft, heading: Heading, picture: Picture) -> PaperContent:
    """The paper of this kind from a draft.

    `picture` gives the bytes of a kept picture by its sha256. Raises DraftIncomplete when the wording needs facts
    that are not there, DraftMalformed for a body of no known form.
    """
    facts = {name: chinese_day(value) for name, value in draft.facts.items() if value not in (None, "")}
    basis = _joined(draft.basis) or kind.basis
    body_blocks, appendices = _blocks(draft.body, kind, picture)
    blocks: list[Block] = []
    for entry in kind.body:
        if entry == FACTS_HERE:
            blocks += _fact_table(kind, facts)
        elif entry == BODY_HERE:
            blocks += body_blocks
        elif text := fill(entry, {**facts, "basis": basis}):
            blocks.append(Paragraph(text))
    return PaperContent(
        title=heading.title or kind.title,
        number=heading.number,
        issuer=heading.issuer,
        addressee=heading.addressee,
        body=tuple(blocks),
        signer=heading.issuer,
        day=heading.day,
        verify_url=heading.verify_url,
        verify_code=heading.verify_code,
        remedy=kind.remedy if draft.remedy is None else draft.remedy.strip(),
        appendices=tuple(appendices),
        drawings=draft.drawings,
        copies_to=draft.copies_to,
        draft=heading.is_draft,
    )


def fill(template: str, facts: Mapping[str, str]) -> str:
    """Put facts into a sentence; a part in [ ] that lacks one is left out. Raises DraftIncomplete."""

    def optional(match: re.Match[str]) -> str:
        part = match.group(1)
        return part if all(name in facts for name in _FACT.findall(part)) else ""

    text = _OPTIONAL.sub(optional, template)
    missing = [label_of(name) for name in _FACT.findall(text) if name not in facts]
    if missing:
        raise DraftIncomplete(missing)
    return _FACT.sub(lambda match: facts[match.group(1)], text).strip()


def _fact_table(kind: PaperKind, facts: Mapping[str, str]) -> list[Block]:
    rows = [(label_of(name), facts[name]) for name in kind.shown if name in facts]
    rows += [(label_of(name), text) for name, text in facts.items() if name not in kind.shown]
    return [Facts(tuple(rows))] if rows else []


def _joined(basis: str | Sequence[str] | None) -> str:
    if basis is None or isinstance(basis, str):
        return (basis or "").strip().rstrip("。")
    return "、".join(text.strip().rstrip("。") for text in basis if text.strip())


def _blocks(body: object, kind: PaperKind, picture: Picture) -> tuple[list[Block], list[Appendix]]:
    blocks: list[Block] = []
    appendices: list[Appendix] = []
    for part in _parts(body):
        match part:
            case str():
                blocks += [Paragraph(text) for text in part.strip().split("\n") if text.strip()]
            case {"appendix": str(title), "blocks": inside}:
                inner, further = _blocks(inside, kind, picture)
                appendices += [Appendix(title, tuple(inner)), *further]
            case {"opinions": list(items)}:
                opinions = tuple(_opinion(item, number, picture) for number, item in enumerate(items, start=1))
                if opinions:
                    appendices.append(Appendix(kind.appendix, (Opinions(opinions),)))
            case {"list": list(items)}:
                blocks.append(NumberedList(tuple(str(item).strip() for item in items)))
            case {"paragraph": str(text)}:
                blocks.append(Paragraph(text.strip()))
            case {"facts": dict(pairs)}:
                rows = tuple((label_of(str(name)), chinese_day(value)) for name, value in pairs.items())
                blocks.append(Facts(rows))
            case {"table": {"head": list(head), "rows": list(rows), **rest}}:
                blocks.append(_table(head, rows, rest.get("widths", ())))
            case _:
                raise DraftMalformed(f"not a block of a paper: {part!r:.200}")
    return blocks, appendices


def _parts(body: object) -> list[Any]:
    if body is None:
        return []
    if isinstance(body, str | Mapping):
        return [body]
    if isinstance(body, Iterable):
        return list(body)
    raise DraftMalformed(f"a body is text or a list, not {type(body).__name__}")


def _table(head: list[object], rows: list[object], widths: object) -> Table:
    written = tuple(tuple(chinese_day(cell) for cell in row) for row in rows if isinstance(row, list | tuple))
    if len(written) != len(rows) or any(len(row) != len(head) for row in written):
        raise DraftMalformed("every row of a table has as many cells as its head")
    shares = tuple(float(width) for width in widths) if isinstance(widths, list | tuple) else ()
    if shares and len(shares) != len(head):
        raise DraftMalformed("a table has one width per column")
    return Table(tuple(str(cell) for cell in head), written, shares)


def _opinion(item: object, number: int, picture: Picture) -> Opinion:
    if not isinstance(item, Mapping) or not item.get("text") or not item.get("department"):
        raise DraftMalformed("an opinion has at least a department and a text")
    known = {"number", "department", "text", "discipline", "kind", "clause", "sheet", "demand", "picture"}
    if set(item) - known:
        raise DraftMalformed(f"unknown fields of an opinion: {sorted(set(item) - known)}")
    sha256 = item.get("picture")
    return Opinion(
        number=str(item.get("number") or number),
        department=str(item["department"]),
        text=str(item["text"]).strip()[:LONGEST_TEXT],
        discipline=str(item.get("discipline") or ""),
        kind=str(item.get("kind") or ""),
        clause=str(item.get("clause") or ""),
        sheet=str(item.get("sheet") or ""),
        demand=str(item.get("demand") or "").strip()[:LONGEST_TEXT],
        picture=picture(str(sha256)) if sha256 else None,
    )
