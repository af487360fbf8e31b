"""What a file and its attributes say of the law (属性): the layer's own terms, and per feature those that override them.

Names are those of cli.md and of `record_fields` in assessment_kinds.yaml, in any case, and cut to the ten characters
that a .dbf keeps. Properties with other names stay with the feature as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from ledger.errors import Refused
from regional_eval.domain import assessment_kinds, plan_layers, severities
from regional_eval.rules.limits import read_limits
from regional_eval.words import _

STATES = {"draft", "reviewed", "published", "expired", "revoked"}
EFFECTS = {"EXEMPT", "SIMPLIFIED", "COMMITMENT"}
# A plan layer without a first day has been in force since before anybody asks; an assessment is valid from its import.
SINCE_EVER = date(1949, 10, 1)
DBF_NAME = 10
YES = {"1", "true", "t", "yes", "y", "是"}
NO = {"0", "false", "f", "no", "n", "否", ""}

# The names a property may have -> the field.
NAMES = {
    "kind": "kind", "assessment_kind": "kind", "layer": "layer", "plan_layer": "layer", "status": "state", "valid_from": "valid_from", "effective_from": "valid_from", "valid_to": "valid_to",
    "effective_to": "valid_to", "limits": "limits", "parameter_limits": "limits", "industries": "industries",
    "negative_list": "negative_list", "exceptions": "exceptions", "effect": "effect", "not_needed": "not_needed",
    "number": "number", "assessment_no": "number", "region": "region", "region_name": "region", "area_name": "region",
    "region_code": "region_code", "area_code": "region_code", "holder": "holder", "report_document": "report_document",
    "expert_opinion": "expert_opinion", "reviewing_expert_opinion": "expert_opinion",
    "approval_document_no": "approval_document_no", "approved_on": "approved_on", "plan_version": "plan_version",
    "fee_saved_yuan": "fee_saved_yuan", "fee_saved": "fee_saved_yuan", "days_saved": "days_saved",
    "severity": "severity", "owner_department_code": "owner", "owner": "owner", "role": "role", "sub_area": "role",
    "compatible_plans": "compatible_plans",
}  # fmt: skip
FIELDS = {**{name[:DBF_NAME]: field_ for name, field_ in NAMES.items() if name not in {"region_code"}}, **NAMES}


@dataclass(frozen=True)
class Terms:
    """The terms of one or more features; equal terms make one assessment."""

    kind: str
    state: str
    valid_from: date
    valid_to: date | None = None
    region: str = ""
    region_code: str = ""
    number: str = ""
    holder: str = ""
    report_document: str = ""
    expert_opinion: str = ""
    approval_document_no: str = ""
    approved_on: date | None = None
    plan_version: str = ""
    limits: tuple[tuple[str, str, str, str], ...] = ()
    industries: tuple[str, ...] = ()
    negative_list: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    effect: str = ""
    not_needed: bool = False
    fee_saved_yuan: int | None = None
    days_saved: int | None = None
    severity: str = ""
    owner: str = ""

    def limits_as_rows(self) -> list[dict[str, Any]]:
        """As the record keeps them."""
        return [
            {"parameter": parameter, "operator": operator, "value": json.loads(value), "unit": unit}
            for parameter, operator, value, unit in self.limits
        ]


@dataclass(frozen=True)
class Given:
    """Values by field, with the properties that are none of ours."""

    values: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)


def split(properties: Mapping[str, Any]) -> Given:
    """Our fields by whatever name they have, and the rest."""
    values: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in properties.items():
        known = FIELDS.get(str(name).strip().lower())
        if known is None:
            others[str(name)] = value
        elif value not in (None, "", [], {}):
            values[known] = value
    return Given(values, others)


def base_terms(purpose: str, code: str, attributes: Mapping[str, Any], today: date, *, default_state: str) -> Terms:
    """The terms of the whole file. Refused: no kind, or a value that cannot be read."""
    values = split(attributes).values
    kind = kind_of(purpose, values, code)
    started = SINCE_EVER if purpose == "plan" else today
    return over(Terms(kind=kind, state=default_state, valid_from=started), values, purpose)


def over(terms: Terms, values: Mapping[str, Any], purpose: str) -> Terms:
    """The same terms with these values over them. Refused when one cannot be read."""
    if not values:
        return terms
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in {"kind", "layer"}:
            if kind_name(purpose) == name or name == "kind":
                changes["kind"] = known_kind(purpose, value)
        elif name in READERS:
            changes[name] = READERS[name](name, value)
    made = replace(terms, **changes)
    if made.valid_to is not None and made.valid_to < made.valid_from:
        raise unreadable("valid_to", made.valid_to)
    return made


def of_feature(values: Mapping[str, Any], purpose: str) -> dict[str, Any]:
    """The values of one feature; a `kind` or `layer` that is no code of ours is some other software's property."""
    codes = set(known(purpose))
    return {
        name: value
        for name, value in values.items()
        if name not in {"kind", "layer"} or str(value).strip().upper() in codes
    }


def kind_name(purpose: str) -> str:
    """What the kind is called in attributes."""
    return "kind" if purpose == "assessment" else "layer"


def kind_of(purpose: str, values: Mapping[str, Any], code: str) -> str:
    """The kind that is named, else the layer's code when that is one."""
    named = values.get(kind_name(purpose)) or (values.get("kind") if purpose == "plan" else None)
    if named:
        return known_kind(purpose, named)
    if code.upper() in known(purpose):
        return code.upper()
    raise Refused(
        "kind_missing",
        _("没有注明%(what)s。")
        % {"what": _("评估类型（kind）") if purpose == "assessment" else _("规划图层（layer）")},
        field="attributes",
        next_step=_("请在属性中写明，可用：%(codes)s。") % {"codes": "、".join(known(purpose))},
    )


def known(purpose: str) -> Sequence[str]:
    """The codes there are."""
    return tuple(assessment_kinds() if purpose == "assessment" else plan_layers())


def known_kind(purpose: str, value: Any) -> str:
    """A code that exists."""
    code = str(value).strip().upper()
    if code not in known(purpose):
        raise Refused(
            "kind_unknown",
            _("不认识的类型“%(kind)s”。") % {"kind": str(value)[:60]},
            field="attributes",
            next_step=_("可用：%(codes)s。") % {"codes": "、".join(known(purpose))},
        )
    return code


def unreadable(name: str, value: Any) -> Refused:
    """A value that is none of its kind."""
    return Refused(
        "attribute_unreadable",
        _("属性 %(name)s 的值“%(value)s”无法识别。") % {"name": name, "value": str(value)[:60]},
        field="attributes",
    )


def read_day(name: str, value: Any) -> date:
    """2026-01-01, 2026/1/1 or 20260101."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip().split("T")[0]
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise unreadable(name, value)


def read_state(name: str, value: Any) -> str:
    """PUBLISHED and its like."""
    state = str(value).strip().lower()
    if state not in STATES:
        raise unreadable(name, value)
    return state


def read_text(_name: str, value: Any) -> str:
    """Text of a length that a record holds."""
    return str(value).strip()[:120]


def read_long_text(_name: str, value: Any) -> str:
    """Text without a limit that matters."""
    return str(value).strip()[:20_000]


def read_list(name: str, value: Any) -> tuple[str, ...]:
    """A list, or a text with commas between; entries that are objects stay JSON."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            return read_list(name, parsed(name, text))
        for sign in "，、;；":
            text = text.replace(sign, ",")
        return tuple(entry.strip() for entry in text.split(",") if entry.strip())
    if isinstance(value, list | tuple):
        return tuple(entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False) for entry in value)
    if isinstance(value, int | float):
        return (str(value),)
    raise unreadable(name, value)


def parsed(name: str, text: str) -> Any:
    """JSON in a text field."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(name, text) from error


def read_limit_rows(name: str, value: Any) -> tuple[tuple[str, str, str, str], ...]:
    """The limits in any way that `rules.limits` reads, as text that can be compared."""
    given = parsed(name, value) if isinstance(value, str) else value
    if not isinstance(given, Mapping | list | tuple):
        raise unreadable(name, value)
    return tuple(
        (limit.parameter, limit.operator, json.dumps(limit.value, ensure_ascii=False), limit.unit)
        for limit in read_limits(given)
    )


def read_effect(name: str, value: Any) -> str:
    """EXEMPT, SIMPLIFIED or COMMITMENT."""
    effect = str(value).strip().upper()
    if effect not in EFFECTS:
        raise unreadable(name, value)
    return effect


def read_flag(name: str, value: Any) -> bool:
    """Yes or no."""
    text = str(value).strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise unreadable(name, value)


def read_count(name: str, value: Any) -> int:
    """A whole number that is not negative."""
    try:
        count = round(float(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise unreadable(name, value) from error
    if not 0 <= count < 2**31:
        raise unreadable(name, value)
    return count


def read_severity(name: str, value: Any) -> str:
    """One of the five."""
    severity = str(value).strip().upper()
    if severity not in severities():
        raise unreadable(name, value)
    return severity


READERS = {
    "state": read_state, "valid_from": read_day, "valid_to": read_day, "approved_on": read_day, "region": read_text,
    "region_code": read_text, "number": read_text, "holder": read_text, "report_document": read_long_text,
    "expert_opinion": read_long_text, "approval_document_no": read_text, "plan_version": read_text,
    "limits": read_limit_rows, "industries": read_list, "negative_list": read_list, "exceptions": read_list,
    "effect": read_effect, "not_needed": read_flag, "fee_saved_yuan": read_count, "days_saved": read_count,
    "severity": read_severity, "owner": read_text,
}  # fmt: skip
CUTOUT = {"cutout", "cut_out", "excluded", "high_risk", "剔除", "剔除区", "高风险区"}


def is_cutout(values: Mapping[str, Any]) -> bool:
    """Does this feature take land out (剔除区) instead of adding some?"""
    return str(values.get("role", "")).strip().lower() in CUTOUT
