"""The facts of a project (项目要素): read answers, check them, give each its plain question. Pure."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger.errors import Invalid, Refused
from projects import domain
from projects.words import _

UNKNOWN = "unknown"
LARGEST_NUMBER = 1e12
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－", "0123456789.,-")
_INDUSTRY = re.compile(r"[A-T](\d{2,4})?")


@dataclass(frozen=True)
class FactChoice:
    """One answer to choose."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class FactKind:
    """One fact: how it is asked and what may be answered. `kind`: number | yes_no | choice | text."""

    code: str
    group: str
    kind: str
    name_zh: str
    name_en: str
    question_zh: str
    question_en: str
    hint_zh: str
    hint_en: str
    unit: str
    choices: tuple[FactChoice, ...]
    from_map: bool


@cache
def catalogue() -> Mapping[str, FactKind]:
    """Every fact by code, in the order of the questions (domain/facts.yaml)."""
    return {
        raw["code"]: FactKind(
            code=raw["code"],
            group=raw["group"],
            kind=raw["kind"],
            name_zh=raw["name_zh"],
            name_en=raw["name_en"],
            question_zh=raw["question_zh"],
            question_en=raw["question_en"],
            hint_zh=raw.get("hint_zh", ""),
            hint_en=raw.get("hint_en", ""),
            unit=raw.get("unit", ""),
            choices=tuple(FactChoice(**choice) for choice in raw.get("choices", ())),
            from_map=raw.get("from_map", False),
        )
        for raw in domain.read("facts")["facts"]
    }


def read_answers(answers: Mapping[str, str]) -> dict[str, Any]:
    """A form's answers as values: text in, numbers, yes/no and choices out; `unknown` becomes None.

    A blank answer is no answer and left out. Invalid names each field that cannot be read and how to write it.
    """
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for code, kind in catalogue().items():
        text = answers.get(code, "").strip()
        if not text:
            continue
        if text == UNKNOWN:
            values[code] = None
            continue
        try:
            values[code] = read_one(kind, text)
        except ValueError as error:
            errors[code] = [str(error)]
    if errors:
        raise Invalid(errors)
    return values


def read_one(kind: FactKind, text: str) -> Any:
    """One answer; ValueError with what to write instead."""
    if kind.kind == "yes_no":
        if text not in {"yes", "no"}:
            raise ValueError(_("请选择“是”“否”或“不知道”。"))
        return text == "yes"
    if kind.kind == "choice":
        if text not in {choice.code for choice in kind.choices}:
            raise ValueError(_("请从列出的选项中选择。"))
        return text
    if kind.kind == "number":
        return read_number(text)
    code = text.upper()
    if not _INDUSTRY.fullmatch(code):
        raise ValueError(_("行业代码是一个字母加 2 至 4 位数字，例如 C3670。"))
    return code


def read_number(text: str) -> float | int:
    """A number not below zero; thousands separators and full-width digits are understood."""
    plain = text.translate(_FULL_WIDTH).replace(",", "").replace(" ", "")
    try:
        number = float(plain)
    except ValueError as error:
        raise ValueError(_("请填写数字，例如 12000 或 12000.5。")) from error
    if not math.isfinite(number) or number > LARGEST_NUMBER:
        raise ValueError(_("数字超出了合理范围，请核对单位。"))
    if number < 0:
        raise ValueError(_("不能填写负数。"))
    return int(number) if number.is_integer() else number


def check_values(values: Mapping[str, Any], *, also_known: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Typed values (API, command line): each of its kind, None for "I do not know".

    Refused (unknown_fact) for a code that neither the catalogue nor `also_known` has, with the nearest one that exists;
    (fact_type) for a value of another kind.
    """
    checked: dict[str, Any] = {}
    for code, value in values.items():
        kind = catalogue().get(code)
        if kind is None and code not in also_known:
            near = difflib.get_close_matches(code, catalogue(), n=1)
            advice = _("是否想写“%(near)s”？") % {"near": near[0]} if near else _("可用的要素见 domain/facts.yaml。")
            raise Refused(
                "unknown_fact", _("没有名为“%(code)s”的项目要素。") % {"code": code}, field=code, next_step=advice
            )
        if value is not None and kind is not None:
            check_one(kind, value)
        checked[code] = value
    return checked


def check_one(kind: FactKind, value: Any) -> None:
    """One typed value; Refused (fact_type) with what it should be."""
    if kind.kind == "yes_no":
        good, wanted = isinstance(value, bool), _("应为是或否（true/false）")
    elif kind.kind == "number":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        good, wanted = is_number and 0 <= value <= LARGEST_NUMBER, _("应为不小于零的数字")
    elif kind.kind == "choice":
        codes = [choice.code for choice in kind.choices]
        good, wanted = value in codes, _("应为以下之一：%(codes)s") % {"codes": _("、").join(codes)}
    else:
        good, wanted = isinstance(value, str) and bool(_INDUSTRY.fullmatch(value)), _("应为行业代码，例如 C3670")
    if not good:
        message = _("要素 %(code)s %(wanted)s，现为 %(value)s。")
        raise Refused(
            "fact_type", message % {"code": kind.code, "wanted": wanted, "value": str(value)[:60]}, field=kind.code
        )
