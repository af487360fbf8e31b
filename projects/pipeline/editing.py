"""Editing a template's data item by item (编辑流程): every change gives whole new data that can still be read. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.errors import Refused
from projects.pipeline.template import Template, read_template
from projects.words import _

# What may be changed of an item; anything else would make it another item.
EDITABLE = frozenset(
    [
        "name_zh",
        "name_en",
        "stage",
        "department",
        "kind",
        "limit_working_days",
        "internal_limit_working_days",
        "counts_toward_total",
        "prerequisites",
        "consulted_departments",
        "applies_if",
        "regional_assessment",
        "regional_effect",
        "legal_basis",
        "basis_certainty",
        "conditions",
        "review_criteria",
        "on_timeout",
        "pause_reasons",
        "materials",
        "statutory_limit",
        "parallel_group",
        "results",
        "fee",
        "note",
        "decided_by",
    ]
)
Data = dict[str, Any]


def with_version(raw: Mapping[str, Any], version: str) -> Data:
    """A copy under another version number; Refused for a version that is no short name."""
    if not version.strip() or len(version) > 20:
        raise Refused("edition_version", _("请填写版本号，例如 1.1（不超过 20 个字符）。"), field="version")
    return checked({**copy.deepcopy(dict(raw)), "version": version.strip()})


def change_item(raw: Mapping[str, Any], code: str, fields: Mapping[str, Any]) -> Data:
    """The same template with some fields of one item changed; None takes a field away.

    Refused for an unknown item or field, and for whatever makes the whole unreadable: a cycle, a prerequisite that
    does not exist, a negative limit, a condition that is none.
    """
    unknown = sorted(set(fields) - EDITABLE)
    if unknown:
        raise Refused("item_field", _("事项没有可以修改的字段“%(name)s”。") % {"name": unknown[0]}, field=unknown[0])
    made = copy.deepcopy(dict(raw))
    item = next((item for item in made["items"] if item.get("code") == code), None)
    if item is None:
        raise Refused("unknown_item", _("模板中没有事项 %(code)s。") % {"code": code}, field="code")
    for name, value in fields.items():
        if value is None:
            item.pop(name, None)
        else:
            item[name] = copy.deepcopy(value)
    return checked(made)


def add_item(raw: Mapping[str, Any], item: Mapping[str, Any]) -> Data:
    """The same template with one more item at its end."""
    made = copy.deepcopy(dict(raw))
    made["items"] = [*made["items"], copy.deepcopy(dict(item))]
    return checked(made)


def remove_item(raw: Mapping[str, Any], code: str) -> Data:
    """The same template without one item; those behind it wait for what it waited for (前置关系顺延)."""
    made = copy.deepcopy(dict(raw))
    gone = next((item for item in made["items"] if item.get("code") == code), None)
    if gone is None:
        raise Refused("unknown_item", _("模板中没有事项 %(code)s。") % {"code": code}, field="code")
    made["items"] = [item for item in made["items"] if item.get("code") != code]
    for item in made["items"]:
        if code in (item.get("prerequisites") or []):
            item["prerequisites"] = without(item["prerequisites"], code, gone.get("prerequisites") or [])
    return checked(made)


def without(needed: Sequence[str], code: str, handed_on: Sequence[str]) -> list[str]:
    """Prerequisites with one replaced by its own, each once, in order."""
    found: dict[str, None] = {}
    for other in needed:
        found |= dict.fromkeys(handed_on if other == code else [other])
    return list(found)


def checked(raw: Data) -> Data:
    """The data, if a template can be read from it."""
    read_template(raw)
    return raw


def changed_items(before: Template, after: Template) -> list[str]:
    """Codes of items that were added, taken away or changed, for the record."""
    codes = {**dict.fromkeys(before.by_code), **dict.fromkeys(after.by_code)}
    return sorted(code for code in codes if before.by_code.get(code) != after.by_code.get(code))
