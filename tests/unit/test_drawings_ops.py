"""The op table (批注操作判定表), row by row: realtime.md section 4.1 and the fault table of section 5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drawings.rules.ops import (
    NACK_CODES,
    PERMISSION,
    THREAD_LIMIT,
    Accepted,
    BadOp,
    Mark,
    Nack,
    Op,
    Writer,
    decide_op,
    merge,
    read_op,
)

SHEET = "11111111-1111-4111-8111-111111111111"
OTHER_SHEET = "22222222-2222-4222-8222-222222222222"
OBJ = "33333333-3333-4333-8333-333333333333"
P = {"tool": "text", "geom": {"type": "Point", "coordinates": [1, 2]}, "text": "疏散距离不足"}
ALL = frozenset(PERMISSION.values())
OWN = Writer(person_id=1, department_code="HUC", may=ALL)
COLLEAGUE = Writer(person_id=2, department_code="HUC", may=ALL)
OTHER = Writer(person_id=3, department_code="NRP", may=ALL)
READER = Writer(person_id=4, department_code="HUC", may=frozenset())
MARK = Mark(obj=OBJ, sheet=SHEET, ver=3, dept="HUC", by=1, p=P)
DELETED, CITED, RESOLVED = replace(MARK, deleted=True), replace(MARK, cited=True), replace(MARK, resolved=True)


def op(kind: str, base: int | None = 3, fields: Any = None) -> Op:
    given = {"create": P, "patch": {"text": "改"}, "reply": {"text": "同意"}}
    return Op(cid="c1", k=kind, obj=OBJ, base=base, fields=given.get(kind) if fields is None else fields)


def decide(mark: Mark | None, writer: Writer, op_: Op, state: str = "open") -> Accepted | Nack:
    return decide_op(sheet=SHEET, state=state, mark=mark, writer=writer, op=op_)


@pytest.mark.parametrize(
    ("why", "mark", "writer", "state", "op_", "code"),
    [
        ("create of a known mark", MARK, OWN, "open", op("create", None), "exists"),
        ("create on another sheet's id", replace(MARK, sheet=OTHER_SHEET), OWN, "open", op("create", None), "exists"),
        ("patch of another sheet's mark", replace(MARK, sheet=OTHER_SHEET), OWN, "open", op("patch"), "not_found"),
        ("patch of an unknown mark", None, OWN, "open", op("patch"), "not_found"),
        ("reply to an unknown mark", None, OWN, "open", op("reply", None), "not_found"),
        ("no right to create", None, READER, "open", op("create", None), "forbidden"),
        ("no right to patch, before frozen", MARK, READER, "frozen", op("patch"), "forbidden"),
        ("create when frozen", None, OWN, "frozen", op("create", None), "frozen"),
        ("reply when frozen", MARK, OTHER, "frozen", op("reply", None), "frozen"),
        ("patch on a sheet not yet open", MARK, OWN, "draft", op("patch"), "frozen"),
        ("patch on a signed sheet", MARK, OWN, "signed", op("patch"), "frozen"),
        ("another department patches", MARK, OTHER, "open", op("patch"), "not_owner"),
        ("another department deletes", MARK, OTHER, "open", op("delete"), "not_owner"),
        ("another department restores", DELETED, OTHER, "open", op("restore"), "not_owner"),
        ("another department resolves", MARK, OTHER, "open", op("resolve"), "not_owner"),
        ("patch of a cited mark", CITED, OWN, "open", op("patch"), "cited"),
        ("delete of a cited mark", CITED, OWN, "open", op("delete"), "cited"),
        ("resolve of a cited mark", CITED, OWN, "open", op("resolve"), "cited"),
        ("patch after delete", DELETED, OWN, "open", op("patch"), "deleted"),
        ("delete after delete", DELETED, OWN, "open", op("delete"), "deleted"),
        ("reply after delete", DELETED, OTHER, "open", op("reply", None), "deleted"),
        ("two tabs, same base", MARK, OWN, "open", op("patch", 2), "stale"),
        ("base from the future", MARK, OWN, "open", op("patch", 4), "stale"),
        ("no base", MARK, OWN, "open", op("patch", None), "stale"),
        ("delete of an old version", MARK, COLLEAGUE, "open", op("delete", 1), "stale"),
        ("restore of an old version", DELETED, OWN, "open", op("restore", 1), "stale"),
        ("create with a base", None, OWN, "open", op("create", 1), "invalid"),
        ("create without geometry", None, OWN, "open", op("create", None, {"tool": "text"}), "invalid"),
        ("patch with an unknown field", MARK, OWN, "open", op("patch", 3, {"dept": "NRP"}), "invalid"),
        ("delete with fields", MARK, OWN, "open", op("delete", 3, {"text": "x"}), "invalid"),
        ("restore of a living mark", MARK, OWN, "open", op("restore"), "invalid"),
        ("resolve twice", RESOLVED, OWN, "open", op("resolve"), "invalid"),
        ("reopen of an open one", MARK, OWN, "open", op("reopen"), "invalid"),
        ("empty reply", MARK, OTHER, "open", op("reply", None, {"text": " "}), "invalid"),
        ("full thread", replace(MARK, thread=({},) * THREAD_LIMIT), OWN, "open", op("reply", None), "invalid"),
        ("nobody's department, another author", replace(MARK, dept=None, by=9), OWN, "open", op("patch"), "not_owner"),
    ],
)
def test_refusals(why: str, mark: Mark | None, writer: Writer, state: str, op_: Op, code: str) -> None:
    outcome = decide(mark, writer, op_, state)
    assert isinstance(outcome, Nack), why
    assert outcome.code == code
    assert outcome.code in NACK_CODES
    if mark is not None and mark.sheet != SHEET:
        assert outcome.cur is None, "nothing of another sheet's mark may be told"
    if code == "stale":
        assert outcome.cur == MARK.as_seen() or outcome.cur == DELETED.as_seen()


@pytest.mark.parametrize(
    ("mark", "writer", "op_", "after"),
    [
        (None, OWN, op("create", None), Mark(obj=OBJ, sheet=SHEET, ver=1, dept="HUC", by=1, p=P)),
        (MARK, COLLEAGUE, op("patch"), replace(MARK, ver=4, p={**P, "text": "改"})),
        (MARK, OWN, op("patch", 3, {"text": None}), replace(MARK, ver=4, p={k: P[k] for k in ("tool", "geom")})),
        (MARK, OWN, op("delete"), replace(MARK, ver=4, deleted=True)),
        (DELETED, OWN, op("restore"), replace(MARK, ver=4)),
        (MARK, OWN, op("resolve"), replace(MARK, ver=4, resolved=True)),
        (RESOLVED, OWN, op("reopen"), replace(MARK, ver=4)),
        (MARK, OTHER, op("reply", None), MARK),
        (CITED, OTHER, op("reply", None), CITED),
        (RESOLVED, OTHER, op("reply", 1), RESOLVED),
    ],
)
def test_what_an_accepted_op_does(mark: Mark | None, writer: Writer, op_: Op, after: Mark) -> None:
    outcome = decide(mark, writer, op_)
    assert isinstance(outcome, Accepted)
    assert outcome.mark == after
    assert outcome.is_new is (op_.k == "create")


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"cid": 7},
        {"cid": ""},
        {"cid": "x" * 41},
        {"cid": "a b"},
        {"cid": "a\n"},
        {"cid": "c", "k": "create"},
        {"cid": "c", "k": "sheet.freeze", "obj": OBJ},
        {"cid": "c", "k": "cite", "obj": OBJ},
        {"cid": "c", "k": ["create"], "obj": OBJ},
        {"cid": "c", "k": "create", "obj": "not a uuid"},
        {"cid": "c", "k": "create", "obj": OBJ + "\n"},
        {"cid": "c", "k": "create", "obj": f"{{{OBJ}}}"},
        {"cid": "c", "k": "create", "obj": None},
        {"cid": "c", "k": "patch", "obj": OBJ, "base": "3"},
        {"cid": "c", "k": "patch", "obj": OBJ, "base": True},
        {"cid": "c", "k": "patch", "obj": OBJ, "base": 0},
        {"cid": "c", "k": "patch", "obj": OBJ, "base": 2**40},
        {"cid": "c", "k": "patch", "obj": OBJ, "base": 1, "by": 7},
    ],
)
def test_no_op_at_all(frame: dict[str, Any]) -> None:
    with pytest.raises(BadOp):
        read_op(frame)


def test_the_id_of_a_mark_is_one_whatever_its_letters() -> None:
    assert read_op({"t": "op", "cid": "c", "k": "delete", "obj": OBJ.upper(), "base": 1, "p": {}}).obj == OBJ


def test_merge_takes_null_fields_away() -> None:
    assert merge({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}
