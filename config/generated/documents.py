"""The generated documents as texts: path below the repository -> content."""

from __future__ import annotations

import csv
import dataclasses
import inspect
import json
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps

from ledger.events import REGISTRY
from ledger.subscribe import BY_EVENT

ROOT = Path(__file__).resolve().parents[2]
HEAD = "<!-- Written by `manage.py generate`; do not edit. -->\n"
OUR_ROOMS = ("ledger", "accounts", "regional_eval", "certificates", "projects", "drawings", "joint_review",
             "joint_review.acceptance", "realtime", "notices", "supervision", "portal")  # fmt: skip


def documents() -> dict[str, str]:
    """Every generated document."""
    return {
        "docs/generated/permissions.md": permissions(),
        "docs/generated/states.md": states(),
        "docs/generated/events.md": events(),
        "docs/generated/openapi.json": openapi(),
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def permissions() -> str:
    """The permission table as a page, grouped by object."""
    path = ROOT / "accounts" / "permission_matrix.tsv"
    with path.open(encoding="utf-8", newline="") as opened:
        head, *rows = list(csv.reader(opened, delimiter="\t"))
    allowed = sum(cell != "-" for row in rows for cell in row[4:])
    text = f"{HEAD}# Who may do what\n\n{len(rows)} actions, {len(head) - 4} roles, {allowed} cells allow. "
    text += "Letters: promises of the permission model in docs/adr/0002-one-permission-table.md.\n"
    for kind in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == kind]
        text += f"\n## {kind}\n\n" + table(["action", *head[2:]], [row[1:] for row in mine])
    return text


def state_tables() -> dict[str, Mapping[tuple[Any, str], Any]]:
    """Every `MOVES` and `*_MOVES` table of the rooms, by name."""
    found: dict[str, Mapping[tuple[Any, str], Any]] = {}
    for room in OUR_ROOMS:
        if find_spec(f"{room}.states") is None:
            continue
        module = import_module(f"{room}.states")
        for name, value in vars(module).items():
            if (name == "MOVES" or name.endswith("_MOVES")) and isinstance(value, Mapping):
                what = name.removesuffix("MOVES").strip("_").lower() or "paper"
                found[f"{room}: {what.replace('_', ' ')}"] = value
    return found


def state_name(state: Any) -> str:
    """A name that a diagram can hold."""
    if state is None:
        return "[*]"
    name = getattr(state, "name", None)
    return f"{name}_{int(state)}" if name is not None and isinstance(state, int) else str(state)


def states() -> str:
    """Every transition table as a diagram."""
    text = f"{HEAD}# States\n\nDrawn from the tables in each room's `states.py`, which the server and the tests use.\n"
    for title, moves in state_tables().items():
        text += f"\n## {title}\n\n```mermaid\nstateDiagram-v2\n"
        for (before, act), after in moves.items():
            text += f"    {state_name(before)} --> {state_name(after)}: {act}\n"
        text += "```\n"
    return text


def events() -> str:
    """Every event with its fields and its subscribers."""
    for config in apps.get_app_configs():
        for name in ("events", "subscribers"):
            if find_spec(f"{config.name}.{name}") is not None and config.name in OUR_ROOMS:
                import_module(f"{config.name}.{name}")
    text = f"{HEAD}# Events\n\nWritten to the audit chain by `record()`; subscribers run from the outbox.\n"
    for room in OUR_ROOMS:
        mine = [kind for kind in REGISTRY.values() if kind.__module__.startswith(f"{room}.events")]
        if not mine:
            continue
        rows = []
        for kind in sorted(mine, key=lambda each: each.__name__):
            fields = ", ".join(f"`{item.name}`" for item in dataclasses.fields(kind))
            heard = ", ".join(f"`{name.rpartition(':')[0]}`" for name in sorted(BY_EVENT.get(kind.__name__, [])))
            rows.append([f"`{kind.__name__}`", inspect.getdoc(kind) or "", fields, heard or "nobody"])
        text += f"\n## {room}\n\n" + table(["event", "what happened", "fields", "heard by"], rows)
    return text


def openapi() -> str:
    """The API's own description, sorted so that only changes show."""
    from config.api import api

    schema = api.get_openapi_schema()
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
