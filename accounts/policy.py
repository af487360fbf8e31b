"""The permission table (权限表): permission_matrix.tsv is the policy, read once, nothing else decides.

A cell is one relation letter and suffixes: `+` step-up, `2` another person confirms, `~` personal fields masked,
`-` deny. Anything unknown in the file stops the start.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

HERE = Path(__file__).resolve().parent
RELATIONS = frozenset("AOMJIDPCESLUR")
SUFFIXES = frozenset("+2~")
LEADING_COLUMNS = ("object", "action", "state guard", "verb")
ROLES = (
    "public",
    "ent_member",
    "ent_admin",
    "agent",
    "window",
    "pos_accept",
    "pos_first",
    "pos_second",
    "pos_approve",
    "commissioner",
    "lead",
    "assess_mgr",
    "supervisor",
    "sysadmin",
    "secadmin",
    "auditor",
    "designer",
)


@dataclass(frozen=True)
class Cell:
    """One allowing cell."""

    relation: str
    step_up: bool = False
    second: bool = False
    masked: bool = False


@dataclass(frozen=True)
class Row:
    """One action: who may, by which relation."""

    action: str
    guard: str
    verb: str
    cells: Mapping[str, Cell]


@cache
def policy() -> Mapping[str, Row]:
    """Every action by its name `object.action`."""
    return read_policy((HERE / "permission_matrix.tsv").read_text(encoding="utf-8"))


def read_policy(text: str) -> dict[str, Row]:
    """Parse the table; an unknown role, relation, suffix or a repeated action is ImproperlyConfigured."""
    lines = csv.reader(text.splitlines(), delimiter="\t")
    header = tuple(next(lines))
    roles = header[len(LEADING_COLUMNS) :]
    if header[: len(LEADING_COLUMNS)] != LEADING_COLUMNS or set(roles) != set(ROLES) or len(roles) != len(ROLES):
        raise ImproperlyConfigured(f"permission_matrix.tsv has the wrong columns: {header}")
    rows: dict[str, Row] = {}
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        if len(line) != len(header):
            raise ImproperlyConfigured(f"permission_matrix.tsv line {number} has {len(line)} cells, not {len(header)}")
        name = f"{line[0]}.{line[1]}"
        if name in rows:
            raise ImproperlyConfigured(f"permission_matrix.tsv line {number} repeats {name}")
        cells = {role: cell for role, text in zip(roles, line[4:], strict=True) if (cell := read_cell(text, number))}
        rows[name] = Row(action=name, guard=line[2], verb=line[3], cells=cells)
    return rows


def read_cell(text: str, line: int) -> Cell | None:
    """One cell; None denies."""
    if text == "-":
        return None
    if not text or text[0] not in RELATIONS or not set(text[1:]) <= SUFFIXES:
        raise ImproperlyConfigured(f"permission_matrix.tsv line {line}: unknown cell {text!r}")
    return Cell(relation=text[0], step_up="+" in text, second="2" in text, masked="~" in text)


@cache
def system_acts() -> frozenset[tuple[str, str]]:
    """The pairs (action, causing event) that the system may do by itself (accounts/system_acts.tsv)."""
    lines = csv.reader((HERE / "system_acts.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t")
    next(lines)
    pairs = set()
    for line in lines:
        if not line:
            continue
        if line[0] not in policy():
            raise ImproperlyConfigured(f"system_acts.tsv names an unknown action: {line[0]}")
        pairs.add((line[0], line[1]))
    return frozenset(pairs)


def row_of(action: str) -> Row:
    """The table's row of an action; an action without a row is a fault of the program, not of the user."""
    try:
        return policy()[action]
    except KeyError as error:
        raise ImproperlyConfigured(f"no row in permission_matrix.tsv for {action}") from error


def is_public(action: str) -> bool:
    """May somebody do it without signing in?"""
    return "public" in row_of(action).cells
