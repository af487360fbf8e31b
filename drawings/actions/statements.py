"""The statements of a commit, in SQL (提交语句): the one hot path where the ORM's compiling costs more than the database's work.

Each function is one statement whatever the size of the batch. All run in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from drawings.rules.marks import Fields
from drawings.rules.ops import Mark


@dataclass(frozen=True)
class OpRow:
    """One row of the log to be written."""

    seq: int
    cid: str
    k: str
    obj: str | None
    ver: int | None
    by: int | None
    dept: str | None
    post_id: int | None
    at: datetime
    p: Fields
    prev_hash: bytes
    hash: bytes


def first_seqs(
    sheet_id: UUID, people: Collection[int], cids: Collection[str]
) -> dict[tuple[int, str], tuple[int, int]]:
    """Ops of these people that the log knows already: (person, cid) -> (seq, ver)."""
    if not people or not cids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT by_id, cid, seq, ver FROM drawings_sheetop WHERE sheet_id = %s AND by_id = ANY(%s) AND cid = ANY(%s)",
            [sheet_id, list(people), list(cids)],
        )
        return {(by, cid): (seq, ver) for by, cid, seq, ver in cursor.fetchall()}


def marks_named(objs: Collection[str]) -> dict[str, Mark]:
    """The marks with these ids, on whatever sheet they are."""
    if not objs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj, sheet_id, ver, dept, author_id, p::text, deleted, cited, resolved, thread::text"
            " FROM drawings_annotation WHERE obj = ANY(%s::uuid[])",
            [list(objs)],
        )
        return {
            str(obj): Mark(
                obj=str(obj),
                sheet=str(sheet),
                ver=ver,
                dept=dept,
                by=by,
                p=json.loads(p),
                deleted=deleted,
                cited=cited,
                resolved=resolved,
                thread=tuple(json.loads(thread)),
            )
            for obj, sheet, ver, dept, by, p, deleted, cited, resolved, thread in cursor.fetchall()
        }


def insert_ops(sheet_id: UUID, rows: Sequence[OpRow]) -> None:
    """Append rows to the log."""
    run(
        "INSERT INTO drawings_sheetop"
        " (sheet_id, seq, cid, k, obj, ver, by_id, dept, post_id, at, p, prev_hash, hash)"
        " SELECT %s, seq, cid, k, obj, ver, by_id, dept, post_id, at, p, decode(prev_hash, 'hex'), decode(hash, 'hex')"
        " FROM jsonb_to_recordset(%s::jsonb) AS row(seq int, cid text, k text, obj uuid, ver int, by_id bigint,"
        " dept text, post_id bigint, at timestamptz, p jsonb, prev_hash text, hash text)",
        sheet_id,
        [
            {
                "seq": row.seq,
                "cid": row.cid,
                "k": row.k,
                "obj": row.obj,
                "ver": row.ver,
                "by_id": row.by,
                "dept": row.dept,
                "post_id": row.post_id,
                "at": row.at.isoformat(),
                "p": row.p,
                "prev_hash": row.prev_hash.hex(),
                "hash": row.hash.hex(),
            }
            for row in rows
        ],
    )


def move_head(sheet_id: UUID, seq: int, head_hash: bytes, state: str, round_id: UUID | None) -> None:
    """The sheet stands at a new head."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE drawings_sheet SET seq = %s, head_hash = %s, state = %s, round_id = %s WHERE id = %s",
            [seq, head_hash, state, round_id, sheet_id],
        )


def insert_marks(sheet_id: UUID, marks: Sequence[Mark], at: datetime) -> None:
    """Store new marks; an id that another sheet took meanwhile is an IntegrityError."""
    run(
        "INSERT INTO drawings_annotation"
        " (sheet_id, obj, ver, deleted, cited, resolved, dept, author_id, at, p, thread, cited_by)"
        " SELECT %s, obj, ver, deleted, FALSE, resolved, dept, author_id, at, p, thread, '{}'"
        " FROM jsonb_to_recordset(%s::jsonb) AS row(obj uuid, ver int, deleted boolean, resolved boolean, dept text,"
        " author_id bigint, at timestamptz, p jsonb, thread jsonb)",
        sheet_id,
        [{**changing(mark), "dept": mark.dept, "author_id": mark.by, "at": at.isoformat()} for mark in marks],
    )


def update_marks(sheet_id: UUID, marks: Sequence[Mark]) -> None:
    """Store what ops did to marks of this sheet."""
    run(
        "UPDATE drawings_annotation AS mark SET ver = row.ver, deleted = row.deleted, resolved = row.resolved,"
        " p = row.p, thread = row.thread"
        " FROM (SELECT %s::uuid AS sheet_id, * FROM jsonb_to_recordset(%s::jsonb)"
        " AS changed(obj uuid, ver int, deleted boolean, resolved boolean, p jsonb, thread jsonb)) AS row"
        " WHERE mark.obj = row.obj AND mark.sheet_id = row.sheet_id",
        sheet_id,
        [changing(mark) for mark in marks],
    )


def changing(mark: Mark) -> Fields:
    """The columns of a mark that ops change."""
    return {
        "obj": mark.obj,
        "ver": mark.ver,
        "deleted": mark.deleted,
        "resolved": mark.resolved,
        "p": mark.p,
        "thread": list(mark.thread),
    }


def run(statement: str, sheet_id: UUID, rows: Sequence[Fields]) -> None:
    """Execute with all rows as one JSON document: one parameter, whatever the size of the batch."""
    if not rows:
        return
    document = json.dumps(rows, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    with connection.cursor() as cursor:
        cursor.execute(statement, [sheet_id, document])
        if cursor.rowcount != len(rows):
            raise RuntimeError(f"{cursor.rowcount} rows written instead of {len(rows)}")
