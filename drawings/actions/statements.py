"""The statements of a commit, in SQL (提交语句): the one hot path where the ORM's compiling costs more than the database's work.

Each function gives one statement whatever the size of the batch; `in_one_go` sends several together. A commit is three ways
to the server: what must be known, what is written, COMMIT. All run in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
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


@dataclass(frozen=True)
class Statement:
    """One statement that is sent together with others; `rows`: how many it must write."""

    sql: str
    params: Sequence[Any]
    rows: int | None = None


def in_one_go(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Send statements together and read what each answers: one way to the server and back, whatever their number.

    They run one after the other, and each sees what was committed before it began: what follows a lock sees what the
    last holder wrote. RuntimeError when one wrote another number of rows than it must.
    """
    answers = []
    with connection.cursor() as cursor:
        # psycopg binds parameters at the client, so that one text may hold several statements.
        cursor.execute(
            ";\n".join(statement.sql for statement in statements),
            [value for statement in statements for value in statement.params],
        )
        for statement in statements:
            if statement.rows is not None and cursor.rowcount != statement.rows:
                raise RuntimeError(f"{cursor.rowcount} rows written instead of {statement.rows}")
            answers.append(cursor.fetchall() if cursor.description else [])
            cursor.nextset()
    return answers


def lock_sheet(sheet_id: UUID) -> Statement:
    """The sheet's row, locked until the end of the transaction: (seq, head_hash, state, round_id)."""
    return Statement("SELECT seq, head_hash, state, round_id FROM drawings_sheet WHERE id = %s FOR UPDATE", [sheet_id])


def first_seqs(sheet_id: UUID, people: Collection[int], cids: Collection[str]) -> Statement:
    """Ops of these people that the log knows already: (person, cid, seq, ver)."""
    return Statement(
        "SELECT by_id, cid, seq, ver FROM drawings_sheetop WHERE sheet_id = %s AND by_id = ANY(%s) AND cid = ANY(%s)",
        [sheet_id, list(people), list(cids)],
    )


def marks_named(objs: Collection[str]) -> Statement:
    """The marks with these ids, on whatever sheet they are; `marks_in` reads the answer."""
    return Statement(
        "SELECT obj, sheet_id, ver, dept, author_id, p::text, deleted, cited, resolved, thread::text"
        " FROM drawings_annotation WHERE obj = ANY(%s::uuid[])",
        [list(objs)],
    )


def marks_in(answer: Sequence[tuple[Any, ...]]) -> dict[str, Mark]:
    """The marks by id."""
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
        for obj, sheet, ver, dept, by, p, deleted, cited, resolved, thread in answer
    }


def insert_ops(sheet_id: UUID, rows: Sequence[OpRow]) -> Statement:
    """Append rows to the log."""
    return with_document(
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


def move_head(sheet_id: UUID, seq: int, head_hash: bytes, state: str, round_id: UUID | None) -> Statement:
    """The sheet stands at a new head."""
    return Statement(
        "UPDATE drawings_sheet SET seq = %s, head_hash = %s, state = %s, round_id = %s WHERE id = %s",
        [seq, head_hash, state, round_id, sheet_id],
        rows=1,
    )


def insert_marks(sheet_id: UUID, marks: Sequence[Mark], at: datetime) -> Statement:
    """Store new marks; an id that another sheet took meanwhile is an IntegrityError."""
    return with_document(
        "INSERT INTO drawings_annotation"
        " (sheet_id, obj, ver, deleted, cited, resolved, dept, author_id, at, p, thread, cited_by)"
        " SELECT %s, obj, ver, deleted, FALSE, resolved, dept, author_id, at, p, thread, '{}'"
        " FROM jsonb_to_recordset(%s::jsonb) AS row(obj uuid, ver int, deleted boolean, resolved boolean, dept text,"
        " author_id bigint, at timestamptz, p jsonb, thread jsonb)",
        sheet_id,
        [{**changing(mark), "dept": mark.dept, "author_id": mark.by, "at": at.isoformat()} for mark in marks],
    )


def update_marks(sheet_id: UUID, marks: Sequence[Mark]) -> Statement:
    """Store what ops did to marks of this sheet."""
    return with_document(
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


def with_document(sql: str, sheet_id: UUID, rows: Sequence[Fields]) -> Statement:
    """All rows as one JSON document: one parameter, whatever the size of the batch."""
    document = json.dumps(rows, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Statement(sql, [sheet_id, document], rows=len(rows))
