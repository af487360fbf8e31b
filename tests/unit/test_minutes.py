"""Sittings and lines of the minutes, from the log alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from realtime.rules import entries_of, sittings_of

START = datetime(2026, 3, 11, 2, tzinfo=UTC)


def op(minute: float, k: str, obj: str | None = "a", by: int | None = 7, **p: Any) -> dict[str, Any]:
    at = (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"k": k, "obj": obj, "by": by, "dept": "HUC" if by else None, "at": at, "p": p}


def test_a_long_pause_ends_a_sitting() -> None:
    log = [op(0, "sheet.open", None, None), op(1, "create", tool="cloud"), op(30.9, "reply"), op(61, "delete", by=8)]
    first, second = sittings_of(log)
    assert [row["k"] for row in first.ops] == ["sheet.open", "create", "reply"]
    assert first.people == {(7, "HUC"): 2}
    assert (first.end - first.begin).total_seconds() == 30.9 * 60
    assert second.people == {(8, "HUC"): 1}
    assert sittings_of([]) == []


def test_changes_of_one_person_to_one_mark_are_one_line() -> None:
    tools: dict[str, str] = {}
    log = [
        op(0, "create", tool="text", text="一"),
        op(1, "patch", text="二"),
        op(2, "patch", geom={}),
        op(3, "patch", by=8, text="三"),
        op(4, "patch", obj="b"),
        op(5, "reply", text="同意"),
        op(6, "reply", text="同意"),
    ]
    lines = entries_of(log, tools)
    assert [(line.op["k"], line.count, line.text) for line in lines] == [
        ("create", 1, "一"),
        ("patch", 2, "二"),
        ("patch", 1, "三"),
        ("patch", 1, ""),
        ("reply", 1, "同意"),
        ("reply", 1, "同意"),
    ]
    assert [line.tool for line in lines] == ["text", "text", "text", "", "text", "text"]
    assert tools == {"a": "text"}
