"""State before + ops = state after: the one meaning of the log, in Python; `frontend/` has the same in TypeScript.

Both are held to `tests/realtime/vectors.json`. A sheet's state is {state, objects by id}; an op is a row of the log as
it is sent ({seq, cid, k, obj, ver, by, dept, at, p}).
"""

from __future__ import annotations

from typing import Any

from drawings.rules.marks import Fields
from drawings.rules.ops import merge

SHEET_STATE_AFTER = {
    "sheet.open": "open",
    "sheet.freeze": "frozen",
    "sheet.thaw": "open",
    "sheet.revise": "frozen",
}


def empty_state() -> Fields:
    """A sheet nobody has written on."""
    return {"head": 0, "state": "draft", "objects": {}}


def fold(state: Fields, op: Fields) -> Fields:
    """The state after one op. Ops come in seq order, each once; anything else is a fault of the caller."""
    if op["seq"] != state["head"] + 1:
        raise ValueError(f"op {op['seq']} does not follow {state['head']}")
    objects: dict[str, Any] = dict(state["objects"])
    after = {"head": op["seq"], "state": sheet_state_after(state["state"], op), "objects": objects}
    if op["obj"] is not None:
        objects[op["obj"]] = fold_mark(objects.get(op["obj"]), op)
    return after


def sheet_state_after(state: str, op: Fields) -> str:
    """Which state the sheet is in after the op."""
    if op["k"] == "sign" and op["p"].get("final"):
        return "signed"
    return SHEET_STATE_AFTER.get(op["k"], state)


def fold_mark(mark: Fields | None, op: Fields) -> Fields:
    """One object of the snapshot after an op on it."""
    kind, p = op["k"], op["p"]
    if kind == "create":
        return {
            "obj": op["obj"],
            "ver": op["ver"],
            "deleted": False,
            "cited": False,
            "resolved": False,
            "dept": op["dept"],
            "by": op["by"],
            "at": op["at"],
            "p": merge({}, p),
            "thread": [],
        }
    if mark is None:
        raise ValueError(f"op {op['seq']} changes {op['obj']}, which was never created")
    after = {**mark, "ver": op["ver"]}
    if kind == "patch":
        after["p"] = merge(mark["p"], p)
    elif kind == "reply":
        after["thread"] = [*mark["thread"], reply_of(op)]
    elif kind in ("delete", "restore"):
        after["deleted"] = kind == "delete"
    elif kind in ("resolve", "reopen"):
        after["resolved"] = kind == "resolve"
    elif kind in ("cite", "uncite"):
        after["cited"] = kind == "cite"
    else:
        raise ValueError(f"op {op['seq']} of kind {kind} names a mark")
    return after


def reply_of(op: Fields) -> Fields:
    """One entry of a mark's thread."""
    return {
        "seq": op["seq"],
        "by": op["by"],
        "dept": op["dept"],
        "at": op["at"],
        "text": op["p"]["text"],
        "mentions": op["p"].get("mentions", []),
    }
