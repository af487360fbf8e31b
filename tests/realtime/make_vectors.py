"""Writes vectors.json: state before + ops = state after, for Python and TypeScript. Run by hand; the file is reviewed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
A, B = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
CLOUD = {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 3], [0, 0]]]}}
AT = "2026-03-02T01:02:03.{:06d}Z"


def op(
    seq: int, k: str, obj: str | None, ver: int | None, p: dict[str, Any], by: int | None = 7, dept: str | None = "HUC"
) -> dict[str, Any]:
    return {
        "seq": seq,
        "cid": f"c{seq}",
        "k": k,
        "obj": obj,
        "ver": ver,
        "by": by,
        "dept": dept,
        "at": AT.format(seq),
        "p": p,
    }


def mark(obj: str, ver: int, p: dict[str, Any], at: int, **more: Any) -> dict[str, Any]:
    base = {
        "obj": obj,
        "ver": ver,
        "deleted": False,
        "cited": False,
        "resolved": False,
        "dept": "HUC",
        "by": 7,
        "at": AT.format(at),
        "p": p,
        "thread": [],
    }
    return {**base, **more}


def state(head: int, name: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"head": head, "state": name, "objects": {item["obj"]: item for item in marks}}


OPEN = state(1, "open")
ONE = state(2, "open", mark(A, 1, {**CLOUD, "text": "疏散"}, 2))
VECTORS: list[dict[str, Any]] = [
    {
        "name": "a round opens the sheet",
        "before": state(0, "draft"),
        "ops": [op(1, "sheet.open", None, None, {"round": B}, None, None)],
        "after": OPEN,
    },
    {
        "name": "a mark is drawn",
        "before": OPEN,
        "ops": [op(2, "create", A, 1, {**CLOUD, "text": "疏散"})],
        "after": ONE,
    },
    {
        "name": "a patch replaces the fields it names, null takes one away",
        "before": ONE,
        "ops": [op(3, "patch", A, 2, {"text": None, "style": {"color": "#c8161d"}})],
        "after": state(3, "open", mark(A, 2, {**CLOUD, "style": {"color": "#c8161d"}}, 2)),
    },
    {
        "name": "a colleague's patch leaves author and time of the mark",
        "before": ONE,
        "ops": [op(3, "patch", A, 2, {"text": "改"}, 8)],
        "after": state(3, "open", mark(A, 2, {**CLOUD, "text": "改"}, 2)),
    },
    {
        "name": "a reply joins the thread and changes no version",
        "before": ONE,
        "ops": [
            op(3, "reply", A, 1, {"text": "同意", "mentions": [7]}, 9, "NRP"),
            op(4, "reply", A, 1, {"text": "谢谢"}),
        ],
        "after": state(
            4,
            "open",
            mark(
                A,
                1,
                {**CLOUD, "text": "疏散"},
                2,
                thread=[
                    {"seq": 3, "by": 9, "dept": "NRP", "at": AT.format(3), "text": "同意", "mentions": [7]},
                    {"seq": 4, "by": 7, "dept": "HUC", "at": AT.format(4), "text": "谢谢", "mentions": []},
                ],
            ),
        ),
    },
    {
        "name": "delete is a tombstone, restore brings all back",
        "before": ONE,
        "ops": [op(3, "delete", A, 2, {})],
        "after": state(3, "open", mark(A, 2, {**CLOUD, "text": "疏散"}, 2, deleted=True)),
    },
    {
        "name": "restored",
        "before": state(3, "open", mark(A, 2, CLOUD, 2, deleted=True)),
        "ops": [op(4, "restore", A, 3, {})],
        "after": state(4, "open", mark(A, 3, CLOUD, 2)),
    },
    {
        "name": "resolve and reopen",
        "before": ONE,
        "ops": [op(3, "resolve", A, 2, {}), op(4, "reopen", A, 3, {}), op(5, "resolve", A, 4, {})],
        "after": state(5, "open", mark(A, 4, {**CLOUD, "text": "疏散"}, 2, resolved=True)),
    },
    {
        "name": "cited, then free again",
        "before": ONE,
        "ops": [op(3, "cite", A, 2, {"opinion": B}), op(4, "uncite", A, 3, {"withdrawn": B})],
        "after": state(4, "open", mark(A, 3, {**CLOUD, "text": "疏散"}, 2)),
    },
    {
        "name": "cited stays while another opinion cites it",
        "before": state(3, "open", mark(A, 3, CLOUD, 2, cited=True)),
        "ops": [op(4, "cite", A, 4, {"withdrawn": B})],
        "after": state(4, "open", mark(A, 4, CLOUD, 2, cited=True)),
    },
    {
        "name": "freeze, thaw, freeze",
        "before": ONE,
        "ops": [
            op(3, "sheet.freeze", None, None, {"reason": "合并告知书"}, 3, None),
            op(4, "sheet.thaw", None, None, {"reason": "更正"}, 3, None),
            op(5, "sheet.freeze", None, None, {}, None, None),
        ],
        "after": state(5, "frozen", mark(A, 1, {**CLOUD, "text": "疏散"}, 2)),
    },
    {
        "name": "a new revision ends the log frozen",
        "before": ONE,
        "ops": [op(3, "sheet.revise", None, None, {"next": B, "change": "changed"}, None, None)],
        "after": state(3, "frozen", mark(A, 1, {**CLOUD, "text": "疏散"}, 2)),
    },
    {
        "name": "a department's signature leaves the sheet open, the final one does not",
        "before": OPEN,
        "ops": [
            op(2, "sign", None, None, {"task": B, "conclusion": "agree"}),
            op(3, "sign", None, None, {"final": True}, None, None),
        ],
        "after": state(3, "signed"),
    },
    {
        "name": "marking rights change nothing on the sheet",
        "before": OPEN,
        "ops": [op(2, "perm.grant", None, None, {"dept": "CAD"}), op(3, "perm.revoke", None, None, {"dept": "CAD"})],
        "after": state(3, "open"),
    },
    {
        "name": "two marks do not touch each other",
        "before": ONE,
        "ops": [op(3, "create", B, 1, CLOUD, 9, "NRP"), op(4, "patch", A, 2, {"scale": 0.001})],
        "after": state(
            4, "open", mark(A, 2, {**CLOUD, "text": "疏散", "scale": 0.001}, 2), mark(B, 1, CLOUD, 3, by=9, dept="NRP")
        ),
    },
    {
        "name": "null fields of a new mark are no fields",
        "before": OPEN,
        "ops": [op(2, "create", A, 1, {**CLOUD, "text": None})],
        "after": state(2, "open", mark(A, 1, CLOUD, 2)),
    },
]

if __name__ == "__main__":
    (HERE / "vectors.json").write_text(json.dumps(VECTORS, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
