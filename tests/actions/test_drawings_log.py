"""Committing ops: one log per sheet, contiguous, hash-chained, idempotent, decided under the sheet's lock."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, InternalError

from accounts.models import Person
from drawings.actions import OpRequest, cite_marks, commit_ops, freeze_sheets, thaw_sheets, uncite_marks
from drawings.models import Annotation, Sheet, SheetOp
from drawings.queries import annotation, first_bad_seq, ops_after, snapshot
from drawings.rules.fold import empty_state, fold
from ledger.actor import Actor
from ledger.errors import NotFound
from tests.actions.drawings_world import TEXT, make_sheets, new_obj, op, reviewing
from tests.cast import Cast, build_cast


@pytest.fixture
def reviewers() -> Iterator[None]:
    with reviewing("fire", "fire2", "planning"):
        yield


@pytest.fixture
def sheet(cast: Cast, reviewers: None) -> Sheet:
    return make_sheets(cast)[0]


def commit(sheet: Sheet, actor: Actor, *frames: dict[str, Any]) -> list[dict[str, Any]]:
    return commit_ops(sheet.pk, [OpRequest(actor, frame) for frame in frames]).results


def fold_log(sheet: Sheet) -> dict[str, Any]:
    state = empty_state()
    for row in ops_after(sheet.pk, 0)["ops"]:
        state = fold(state, row)
    return state


def assert_whole(sheet: Sheet) -> None:
    """The log is contiguous, its hashes hold, and folding it gives the snapshot."""
    seqs = list(SheetOp.objects.filter(sheet=sheet).order_by("seq").values_list("seq", flat=True))
    sheet.refresh_from_db()
    assert seqs == list(range(1, sheet.seq + 1))
    assert first_bad_seq(sheet.pk) is None
    folded, stored = fold_log(sheet), snapshot(sheet.pk)
    assert stored["head"] == folded["head"]
    assert stored["state"] == folded["state"]
    assert {mark["obj"]: mark for mark in stored["objects"]} == folded["objects"]


def test_a_mark_is_drawn_changed_answered_deleted_and_restored(cast: Cast, sheet: Sheet) -> None:
    obj = new_obj()
    (made,) = commit(sheet, cast.fire, op("create", obj))
    assert made == {"t": "ack", "cid": made["cid"], "seq": 2, "ver": 1}
    assert commit(sheet, cast.fire, op("patch", obj, 1, {"text": "改"}))[0]["ver"] == 2
    assert commit(sheet, cast.planning, op("reply", obj))[0]["ver"] == 2
    assert commit(sheet, cast.fire2, op("delete", obj, 2))[0]["ver"] == 3
    assert commit(sheet, cast.fire, op("patch", obj, 3, {"text": "x"}))[0]["code"] == "deleted"
    assert commit(sheet, cast.fire, op("restore", obj, 3))[0]["ver"] == 4
    assert commit(sheet, cast.fire, op("resolve", obj, 4))[0]["ver"] == 5
    assert commit(sheet, cast.fire, op("reopen", obj, 5))[0]["ver"] == 6
    mark = annotation(sheet.pk, uuid.UUID(obj))
    assert mark is not None
    assert mark["p"] == {**TEXT, "text": "改"}
    assert [reply["text"] for reply in mark["thread"]] == ["同意"]
    assert mark["dept"] == "HUC"
    assert mark["by"] == cast.fire.person_id
    assert_whole(sheet)


def test_a_batch_sees_its_own_earlier_ops(cast: Cast, sheet: Sheet) -> None:
    obj = new_obj()
    results = commit(
        sheet,
        cast.fire,
        op("create", obj),
        op("patch", obj, 1, {"text": "二"}),
        op("patch", obj, 1, {"text": "过时"}),
        op("reply", obj),
        op("delete", obj, 2),
        op("create", obj),
    )
    assert [(item["t"], item.get("ver"), item.get("code")) for item in results] == [
        ("ack", 1, None),
        ("ack", 2, None),
        ("nack", None, "stale"),
        ("ack", 2, None),
        ("ack", 3, None),
        ("nack", None, "exists"),
    ]
    assert_whole(sheet)


def test_the_same_op_twice_is_acknowledged_with_the_first_seq_even_when_frozen_since(cast: Cast, sheet: Sheet) -> None:
    frame = op("create", new_obj())
    first, again = commit(sheet, cast.fire, frame, frame)
    assert again == {**first, "dup": True}
    assert commit(sheet, cast.fire, frame)[0] == {**first, "dup": True}
    with transaction.atomic():
        freeze_sheets([sheet.pk], reason="合并告知书", actor=cast.lead)
    assert commit(sheet, cast.fire, frame)[0] == {**first, "dup": True}
    with reviewing():
        assert commit(sheet, cast.fire, frame)[0] == {**first, "dup": True}
    assert Annotation.objects.count() == 1


def test_the_same_cid_of_another_person_is_another_op(cast: Cast, sheet: Sheet) -> None:
    (one,) = commit(sheet, cast.fire, op("create", new_obj(), cid="c"))
    (two,) = commit(sheet, cast.planning, op("create", new_obj(), cid="c"))
    assert "dup" not in two
    assert two["seq"] == one["seq"] + 1


def test_nothing_is_written_after_the_freeze(cast: Cast, sheet: Sheet) -> None:
    obj = new_obj()
    commit(sheet, cast.fire, op("create", obj))
    with transaction.atomic():
        freeze_sheets([sheet.pk], reason="合并告知书", actor=cast.lead)
    results = commit(
        sheet,
        cast.fire,
        op("patch", obj, 1, {"text": "x"}),
        op("create", new_obj()),
        op("reply", obj),
        op("delete", obj, 1),
    )
    assert {item["code"] for item in results} == {"frozen"}
    frozen_at = SheetOp.objects.get(sheet=sheet, k="sheet.freeze").seq
    assert not SheetOp.objects.filter(sheet=sheet, seq__gt=frozen_at).exists()
    with transaction.atomic():
        thaw_sheets([sheet.pk], reason="更正", actor=cast.lead)
    assert commit(sheet, cast.fire, op("patch", obj, 1, {"text": "x"}))[0]["t"] == "ack"
    assert_whole(sheet)


def test_another_sheets_mark_cannot_be_reached(cast: Cast, sheet: Sheet) -> None:
    other = make_sheets(cast)[0]
    obj = new_obj()
    commit(other, cast.fire, op("create", obj))
    results = commit(
        sheet, cast.fire, op("patch", obj, 1, {"text": "x"}), op("delete", obj, 1), op("reply", obj), op("create", obj)
    )
    assert [item["code"] for item in results] == ["not_found", "not_found", "not_found", "exists"]
    assert all("cur" not in item for item in results)
    assert_whole(other)


def test_who_has_no_task_writes_nothing(cast: Cast, sheet: Sheet) -> None:
    for name in ("airdefence", "owner", "rival", "agent", "window", "supervisor", "sysadmin", "auditor", "designer"):
        assert commit(sheet, cast.actor(name), op("create", new_obj()))[0]["code"] == "forbidden", name


def test_a_socket_whose_person_lost_something_writes_nothing(cast: Cast, sheet: Sheet) -> None:
    person = Person.objects.get(username="fire")
    good = OpRequest(cast.fire, op("create", new_obj()), permission_epoch=person.permission_epoch)
    assert commit_ops(sheet.pk, [good]).results[0]["t"] == "ack"
    Person.objects.filter(pk=person.pk).update(permission_epoch=person.permission_epoch + 1)
    late = OpRequest(cast.fire, op("create", new_obj()), permission_epoch=person.permission_epoch)
    assert commit_ops(sheet.pk, [late, late]).results[0]["code"] == "forbidden"
    Person.objects.filter(pk=person.pk).update(permission_epoch=person.permission_epoch, is_active=False)
    assert commit_ops(sheet.pk, [late]).results[0]["code"] == "forbidden"


def test_a_cited_mark_stays_as_it_is_until_the_opinion_is_withdrawn(cast: Cast, sheet: Sheet) -> None:
    obj, opinion = new_obj(), uuid.uuid4()
    commit(sheet, cast.fire, op("create", obj))
    with transaction.atomic():
        (anchor,) = cite_marks(sheet.pk, [uuid.UUID(obj)], opinion_id=opinion, actor=cast.fire)
    assert anchor.geom == TEXT["geom"]
    assert anchor.op_hash == bytes(SheetOp.objects.get(sheet=sheet, k="cite").hash).hex()
    results = commit(sheet, cast.fire, op("patch", obj, 2, {"text": "x"}), op("delete", obj, 2), op("reply", obj))
    assert [item.get("code") for item in results] == ["cited", "cited", None]
    with transaction.atomic():
        uncite_marks(sheet.pk, [uuid.UUID(obj)], opinion_id=opinion, actor=cast.fire)
        uncite_marks(sheet.pk, [uuid.UUID(obj)], opinion_id=opinion, actor=cast.fire)
    assert commit(sheet, cast.fire, op("delete", obj, 3))[0]["t"] == "ack"
    assert_whole(sheet)


def test_what_the_database_cannot_hold_never_gets_there(cast: Cast, sheet: Sheet) -> None:
    bad = [
        {**TEXT, "text": "\ud800"},
        {**TEXT, "text": "a\x00b"},
        {**TEXT, "geom": {"type": "Point", "coordinates": [float("nan"), 0]}},
        {**TEXT, "geom": {"type": "Point", "coordinates": [10**400, 0]}},
    ]
    results = commit(sheet, cast.fire, *(op("create", new_obj(), p=p) for p in bad), op("create", new_obj()))
    assert [item.get("code") for item in results] == ["invalid"] * 4 + [None]
    assert_whole(sheet)


def test_numbers_keep_their_hash_through_jsonb(cast: Cast, sheet: Sheet) -> None:
    values = [1e-320, -0.0, 0.1 + 0.2, 1e12, 123456789.000001, 5, -7.0, 1e-7, 2.0**-40]
    for x in values:
        p = {**TEXT, "geom": {"type": "Point", "coordinates": [x, x]}}
        assert commit(sheet, cast.fire, op("create", new_obj(), p=p))[0]["t"] == "ack"
    assert_whole(sheet)


def test_no_sheet(cast: Cast, reviewers: None) -> None:
    with pytest.raises(NotFound):
        commit_ops(uuid.uuid4(), [OpRequest(cast.fire, op("create", new_obj()))])


@pytest.mark.parametrize("statement", ["UPDATE drawings_sheetop SET p = '{}'", "DELETE FROM drawings_sheetop"])
def test_the_database_refuses_to_change_the_log(sheet: Sheet, statement: str) -> None:
    with (
        pytest.raises((InternalError, DatabaseError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_changed_row_is_named(cast: Cast, sheet: Sheet) -> None:
    commit(sheet, cast.fire, *(op("create", new_obj()) for _ in range(5)))
    with connection.cursor() as cursor:
        # What only somebody with the database itself can do.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE drawings_sheetop SET p = jsonb_set(p, '{text}', '\"改\"') WHERE seq = 4")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert first_bad_seq(sheet.pk) == 4


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_on_one_sheet_leave_no_gap_and_no_double() -> None:
    cast = build_cast()
    with reviewing("fire", "planning"):
        sheet = make_sheets(cast)[0]
        people = [cast.fire, cast.planning]
        shared = new_obj()
        commit(sheet, cast.fire, op("create", shared))
        barrier = threading.Barrier(20)
        acked: list[tuple[str, int]] = []
        stale: list[str] = []

        def work(number: int) -> None:
            try:
                barrier.wait(20)
                actor = people[number % 2]
                for turn in range(5):
                    frames = [op("create", new_obj(), cid=f"{number}-{turn}-{n}") for n in range(3)]
                    # Every op is sent twice, as after a lost answer; and all fight for one mark.
                    frames += [frames[0], op("patch", shared, turn + 1, {"text": str(number)})]
                    for frame, result in zip(frames, commit(sheet, actor, *frames), strict=True):
                        if result["t"] == "ack":
                            acked.append((frame["cid"], result["seq"]))
                        else:
                            stale.append(result["code"])
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as pool:
            list(pool.map(work, range(20)))
        assert_whole(sheet)
        sheet.refresh_from_db()
        rows = dict(SheetOp.objects.filter(sheet=sheet, k="create").values_list("cid", "seq"))
        assert len(rows) == 20 * 5 * 3 + 1
        assert all(rows.get(cid, seq) == seq for cid, seq in acked)
        assert {cid for cid, _seq in acked} >= {f"{n}-{t}-{i}" for n in range(20) for t in range(5) for i in range(3)}
        patches = SheetOp.objects.filter(sheet=sheet, k="patch").order_by("seq").values_list("ver", flat=True)
        assert list(patches) == list(range(2, 2 + len(patches)))
        assert set(stale) <= {"stale", "not_owner"}


def test_an_op_that_the_database_refuses_harms_no_other(
    cast: Cast, sheet: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pitfall 3: suppose the door let U+0000 through; PostgreSQL refuses it, and only it is lost."""
    monkeypatch.setattr("drawings.rules.marks.is_storable", lambda _text: True)
    frames = [op("create", new_obj(), p={**TEXT, "text": "a\x00b" if n == 5 else "好"}) for n in range(12)]
    results = commit(sheet, cast.fire, *frames)
    assert [item["t"] for item in results] == ["ack"] * 5 + ["nack"] + ["ack"] * 6
    assert results[5]["code"] == "invalid"
    assert Annotation.objects.filter(sheet=sheet).count() == 11
    assert_whole(sheet)
