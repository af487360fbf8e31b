"""Reading a sheet's op log: as it is sent, from a seq on, folded to a snapshot, and verified."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.queries import display_names
from drawings.models import Annotation, Sheet, SheetOp
from drawings.rules.marks import Fields
from drawings.rules.op_chain import first_bad_op
from ledger.errors import NotFound

PAGE_LIMIT = 1000


def as_sent(row: SheetOp) -> Fields:
    """One op as clients get it: {seq, cid, k, obj, ver, by, dept, at, p}."""
    return {
        "seq": row.seq,
        "cid": row.cid,
        "k": row.k,
        "obj": str(row.obj) if row.obj else None,
        "ver": row.ver,
        "by": row.by_id,
        "dept": row.dept,
        "at": instant(row.at),
        "p": row.p,
    }


def instant(at: datetime) -> str:
    """An instant in UTC to the microsecond, always with the same number of digits."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def object_of(values: dict[str, Any]) -> Fields:
    """One object of the snapshot, in the shape that `drawings.rules.fold` gives."""
    return {
        "obj": str(values["obj"]),
        "ver": values["ver"],
        "deleted": values["deleted"],
        "cited": values["cited"],
        "resolved": values["resolved"],
        "dept": values["dept"],
        "by": values["author_id"],
        "at": instant(values["at"]),
        "p": values["p"],
        "thread": values["thread"],
    }


OBJECT_COLUMNS = ("obj", "ver", "deleted", "cited", "resolved", "dept", "author_id", "at", "p", "thread")


def snapshot(sheet_id: UUID) -> Fields:
    """Everything on one sheet at one head: {epoch, head, state, objects, people}.

    One statement, hence one view of the database: a mark committed meanwhile is in both the head and the objects, or
    in neither. Deleted marks are there too, as tombstones.
    """
    columns = ("seq", "state", "epoch", *(f"annotations__{name}" for name in OBJECT_COLUMNS))
    rows = list(Sheet.objects.filter(pk=sheet_id).order_by("annotations__at", "annotations__obj").values(*columns))
    if not rows:
        raise NotFound
    objects = [
        object_of({name: row[f"annotations__{name}"] for name in OBJECT_COLUMNS})
        for row in rows
        if row["annotations__obj"] is not None
    ]
    people = {mark["by"] for mark in objects} | {reply["by"] for mark in objects for reply in mark["thread"]}
    names = display_names(person for person in people if person is not None)
    return {
        "epoch": epoch_text(rows[0]["epoch"]),
        "head": rows[0]["seq"],
        "state": rows[0]["state"],
        "objects": objects,
        "people": {str(person): name for person, name in sorted(names.items())},
    }


def epoch_text(epoch: UUID) -> str:
    """The epoch of a sheet's log in this database.

    A database restored from a backup, or promoted from a standby that was behind, carries the same rows but another
    cluster or timeline: clients that know more than it does must notice even when its log has grown past theirs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.system_identifier, c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c"
        )
        system, timeline = cursor.fetchone()
    return f"{epoch.hex[:12]}-{system & 0xFFFFFFFF:08x}-{timeline}"


def ops_after(sheet_id: UUID, after: int, limit: int = PAGE_LIMIT) -> Fields:
    """A page of the log: {head, ops}, contiguous from `after` + 1; NotFound when there is no such sheet."""
    head = Sheet.objects.filter(pk=sheet_id).values_list("seq", flat=True).first()
    if head is None:
        raise NotFound
    return {"head": head, "ops": ops_between(sheet_id, after, limit=limit)}


def ops_between(sheet_id: UUID, after: int, *, limit: int) -> list[Fields]:
    """Up to `limit` ops that follow `after`, as they are sent."""
    rows = SheetOp.objects.filter(sheet_id=sheet_id, seq__gt=after).order_by("seq")[:limit]
    return [as_sent(row) for row in rows]


def heads(sheet_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The last seq of each of these sheets: what the rooms compare themselves with once in a while."""
    return dict(Sheet.objects.filter(pk__in=set(sheet_ids)).values_list("pk", "seq"))


def annotation(sheet_id: UUID, obj: UUID) -> Fields | None:
    """One mark of a sheet as in its snapshot, or None."""
    values = Annotation.objects.filter(sheet_id=sheet_id, pk=obj).values(*OBJECT_COLUMNS).first()
    return None if values is None else object_of(values)


def first_bad_seq(sheet_id: UUID) -> int | None:
    """Verify the hash chain of a sheet's log: the seq of the first row that does not fit, or None."""
    sheet = Sheet.objects.get(pk=sheet_id)
    rows = SheetOp.objects.filter(sheet=sheet).order_by("seq").iterator(chunk_size=2000)
    return first_bad_op(
        str(sheet.pk),
        (({**as_sent(row), "post": row.post_id}, bytes(row.prev_hash), bytes(row.hash)) for row in rows),
        head=sheet.seq,
        head_hash=bytes(sheet.head_hash),
    )
