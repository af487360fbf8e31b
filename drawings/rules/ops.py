"""The op table (批注操作判定表): what one op does to one mark, or why it is refused.

Order of the questions is fixed (realtime.md section 4.1): known before? (asked by the caller, for a replay of an
accepted op stays accepted) > is the mark on this sheet > role > frozen > own department > cited > deleted > seen the
current version > apply. Editing is for the mark's own department and only while it is a draft (lifecycle.md, "One mark,
one opinion, one answer"); others reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drawings.rules.marks import (
    BadFields,
    Fields,
    clean_create,
    clean_empty,
    clean_patch,
    clean_reply,
)

OP_BYTES = 64 * 1024
CID_LIMIT = 40
THREAD_LIMIT = 500

KINDS = ("create", "patch", "delete", "restore", "reply", "resolve", "reopen")
# The permission each kind needs (accounts/permission_matrix.tsv).
PERMISSION = {
    "create": "annotation.create",
    "patch": "annotation.edit",
    "delete": "annotation.delete",
    "restore": "annotation.restore",
    "reply": "annotation.reply",
    "resolve": "annotation.resolve",
    "reopen": "annotation.reopen",
}
SYSTEM_KINDS = (
    "sheet.open",
    "sheet.freeze",
    "sheet.thaw",
    "sheet.revise",
    "cite",
    "uncite",
    "perm.grant",
    "perm.revoke",
    "sign",
)
NACK_CODES = (
    "forbidden",
    "frozen",
    "cited",
    "stale",
    "deleted",
    "exists",
    "not_found",
    "not_owner",
    "invalid",
    "rate",
    "retry",
)
OP_FIELDS = frozenset({"t", "cid", "k", "obj", "base", "p"})
CID = re.compile(r"[A-Za-z0-9._:-]{1,40}\Z")
OBJ = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


@dataclass(frozen=True)
class Mark:
    """One mark as it is now; `ver` counts its changes, a reply does not change it."""

    obj: str
    sheet: str
    ver: int
    dept: str | None
    by: int | None
    p: Fields
    deleted: bool = False
    cited: bool = False
    resolved: bool = False
    thread: tuple[Fields, ...] = ()

    def as_seen(self) -> Fields:
        """`cur` of a nack: what the server holds, so that the client can show yours and theirs."""
        return {
            "obj": self.obj,
            "ver": self.ver,
            "deleted": self.deleted,
            "cited": self.cited,
            "resolved": self.resolved,
            "dept": self.dept,
            "by": self.by,
            "p": self.p,
        }


@dataclass(frozen=True)
class Op:
    """One well-formed op of a client. `fields` are still to be checked against the mark's tool."""

    cid: str
    k: str
    obj: str
    base: int | None
    fields: object


@dataclass(frozen=True)
class Writer:
    """Who sends the op: person, department of the chosen post, and which annotation actions this sheet allows him."""

    person_id: int
    department_code: str | None
    may: frozenset[str]


@dataclass(frozen=True)
class Nack:
    """Refused; `cur` is what the server holds of the mark, `why` is for the log and the API client."""

    code: str
    cur: Fields | None = None
    why: str = ""


@dataclass(frozen=True)
class Accepted:
    """Applied: the mark after the op, and the fields as they are stored in the log."""

    mark: Mark
    p: Fields = field(default_factory=dict)
    is_new: bool = False


class BadOp(ValueError):
    """Not an op at all; `cid` is given when it could be read."""

    def __init__(self, reason: str, cid: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cid = cid


def read_op(frame: Mapping[str, Any]) -> Op:
    """The op in a decoded frame. Raises BadOp when its envelope is wrong; the fields `p` are judged later."""
    cid = frame.get("cid")
    if not isinstance(cid, str) or not CID.match(cid):
        raise BadOp(f"cid: 1 to {CID_LIMIT} letters, digits or ._:- are needed")
    if any(name not in OP_FIELDS for name in frame):
        raise BadOp("unknown field", cid)
    kind = frame.get("k")
    if not isinstance(kind, str) or kind not in PERMISSION:
        raise BadOp("k: unknown kind", cid)
    obj = frame.get("obj")
    if not isinstance(obj, str) or not OBJ.match(obj):
        raise BadOp("obj: a uuid is needed", cid)
    base = frame.get("base")
    if base is not None and (isinstance(base, bool) or not isinstance(base, int) or not 0 < base < 2**31):
        raise BadOp("base: a version number or null is needed", cid)
    return Op(cid=cid, k=kind, obj=obj.lower(), base=base, fields=frame.get("p"))


def decide_op(*, sheet: str, state: str, mark: Mark | None, writer: Writer, op: Op) -> Accepted | Nack:
    """Accept the op or say why not (realtime.md 4.1). `mark` is the mark with the op's id on ANY sheet, or None."""
    if mark is not None and mark.sheet != sheet:
        # Client-made ids: never say anything of another sheet's mark, never let one be written from here.
        return Nack("exists" if op.k == "create" else "not_found", why="the id belongs to another sheet")
    if mark is None and op.k != "create":
        return Nack("not_found")
    if PERMISSION[op.k] not in writer.may:
        return Nack("forbidden")
    if state != "open":
        return Nack("frozen", why=f"the sheet is {state}")
    try:
        if mark is None:
            return create_mark(sheet, writer, op)
        return change_mark(mark, writer, op)
    except BadFields as error:
        return Nack("invalid", why=str(error))


def create_mark(sheet: str, writer: Writer, op: Op) -> Accepted | Nack:
    """A new draft mark of the writer's department."""
    if op.base is not None:
        return Nack("invalid", why="base: a new mark has none")
    fields = clean_create(op.fields)
    mark = Mark(obj=op.obj, sheet=sheet, ver=1, dept=writer.department_code, by=writer.person_id, p=fields)
    return Accepted(mark, fields, is_new=True)


def change_mark(mark: Mark, writer: Writer, op: Op) -> Accepted | Nack:
    """Change a mark of this sheet."""
    if op.k == "create":
        return Nack("exists", mark.as_seen())
    if op.k == "reply":
        return reply_to(mark, op)
    if not owns(mark, writer):
        return Nack("not_owner", mark.as_seen())
    if mark.cited:
        return Nack("cited", mark.as_seen())
    if mark.deleted and op.k != "restore":
        return Nack("deleted", mark.as_seen())
    if op.base != mark.ver:
        return Nack("stale", mark.as_seen(), why=f"base {op.base}, now {mark.ver}")
    if op.k == "patch":
        fields = clean_patch(op.fields, mark.p["tool"])
        return Accepted(replace(mark, ver=mark.ver + 1, p=merge(mark.p, fields)), fields)
    clean_empty(op.fields)
    return flag_mark(mark, op.k)


def flag_mark(mark: Mark, kind: str) -> Accepted | Nack:
    """delete, restore, resolve, reopen: one flag goes up or down."""
    wanted = kind in {"delete", "resolve"}
    if kind in {"delete", "restore"}:
        if mark.deleted is wanted:
            return Nack("invalid", mark.as_seen(), why=f"deleted is {wanted} already")
        return Accepted(replace(mark, ver=mark.ver + 1, deleted=wanted))
    if mark.resolved is wanted:
        return Nack("invalid", mark.as_seen(), why=f"resolved is {wanted} already")
    return Accepted(replace(mark, ver=mark.ver + 1, resolved=wanted))


def reply_to(mark: Mark, op: Op) -> Accepted | Nack:
    """Add to the thread; any department of the round may. A deleted mark takes no reply; a cited one does."""
    if mark.deleted:
        return Nack("deleted", mark.as_seen())
    if len(mark.thread) >= THREAD_LIMIT:
        return Nack("invalid", why=f"the thread holds {THREAD_LIMIT} replies already")
    return Accepted(mark, clean_reply(op.fields))


def owns(mark: Mark, writer: Writer) -> bool:
    """Marks belong to the department that drew them; without a department, to the author."""
    if mark.dept is None or writer.department_code is None:
        return mark.dept == writer.department_code and mark.by == writer.person_id
    return mark.dept == writer.department_code


def merge(fields: Fields, changes: Fields) -> Fields:
    """The fields after a patch; null takes a field away."""
    merged = {**fields, **changes}
    return {name: value for name, value in merged.items() if value is not None}
