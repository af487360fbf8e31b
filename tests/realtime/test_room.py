"""The whole protocol review.v1 against a real server and PostgreSQL (realtime.md sections 4 and 5)."""

from __future__ import annotations

import json
import socket
import time
import uuid
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.actions import disable_person
from accounts.models import Person, Post
from drawings.actions import OpRequest, commit_ops, freeze_sheets
from drawings.models import Sheet, SheetOp
from drawings.queries import first_bad_seq, snapshot
from tests.actions.drawings_world import TEXT, make_sheets, new_obj, op, reviewing
from tests.cast import Cast
from tests.realtime.conftest import Open
from tests.realtime.rooms import ORIGIN, LiveServer, setting, small


@pytest.fixture
def sheet(people: Cast) -> Sheet:
    return make_sheets(people)[0]


def test_two_people_see_each_others_marks(browse: Open, sheet: Sheet) -> None:
    fire, planning = browse("fire", sheet), browse("planning", sheet)
    welcome = fire.hello()
    assert welcome["v"] == 1
    assert welcome["state"] == "open"
    assert welcome["head"] == 1
    assert welcome["limits"] == {"op_bytes": 65536, "eph_hz": 20}
    assert {"annotation.create", "annotation.reply", "room.presence"} <= set(welcome["can"])
    planning.hello()
    frame = op("create", new_obj())
    ack = fire.do(frame)
    assert ack == {"t": "ack", "cid": frame["cid"], "seq": 2, "ver": 1}
    planning.until_seq(2)
    fire.until_seq(2)
    assert [row["k"] for row in planning.ops] == ["sheet.open", "create"]
    assert planning.ops[1]["p"] == TEXT
    assert planning.ops[1]["dept"] == "HUC"
    assert planning.ops == fire.ops
    assert planning.do(op("patch", frame["obj"], 1, {"text": "x"}))["code"] == "not_owner"
    reply = planning.do(op("reply", frame["obj"]))
    assert reply["t"] == "ack"
    fire.until_seq(reply["seq"])


def test_nacks_speak_the_readers_language(browse: Open, sheet: Sheet) -> None:
    chinese = browse("fire", sheet)
    chinese.hello()
    refused = chinese.do(op("patch", new_obj(), 1, {"text": "x"}))
    assert refused["code"] == "not_found"
    assert refused["msg"] == "没有找到这处批注。"
    assert refused["next"] == "请刷新页面。"


def test_reconnecting_gets_exactly_what_was_missed(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    welcome = fire.hello()
    for _ in range(30):
        last = fire.do(op("create", new_obj()))["seq"]
    late = browse("planning", sheet)
    late.hello(since=11, epoch=welcome["epoch"])
    late.until_seq(last)
    assert late.seqs == list(range(12, last + 1))
    again = browse("planning", sheet)
    again.hello(since=last, epoch=welcome["epoch"])
    fire.do(op("create", new_obj()))
    again.until_seq(last + 1)
    assert again.seqs == [last + 1]


def test_a_resent_op_is_one_op(browse: Open, sheet: Sheet) -> None:
    frame = op("create", new_obj())
    first = browse("fire", sheet)
    first.hello()
    ack = first.do(frame)
    first.close()
    second = browse("fire", sheet)
    second.hello()
    assert second.do(frame) == {**ack, "dup": True}
    assert SheetOp.objects.filter(sheet=sheet, k="create").count() == 1


def test_freeze_reaches_the_page_and_stops_writing(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    with transaction.atomic():
        freeze_sheets([sheet.pk], reason="合并告知书", actor=people.lead)
    frozen = fire.wait(lambda frame: frame["t"] == "ops" and frame["ops"][-1]["k"] == "sheet.freeze", 2)
    assert fire.do(op("create", new_obj()))["code"] == "frozen"
    assert not SheetOp.objects.filter(sheet=sheet, seq__gt=frozen["ops"][-1]["seq"]).exists()


def test_what_http_writes_the_sockets_hear(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    frames = [op("create", new_obj()), op("patch", new_obj(), 1, {"text": "x"})]
    client = people.client("planning")
    response = client.post(
        f"/api/v1/sheets/{sheet.pk}/ops",
        json.dumps({"ops": frames}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert response.status_code == 200, response.content
    assert [item["t"] for item in response.json()["results"]] == ["ack", "nack"]
    fire.until_seq(response.json()["results"][0]["seq"])


def test_snapshot_then_hello_gives_the_whole_state(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    for _ in range(5):
        fire.do(op("create", new_obj()))
    taken = people.client("planning").get(f"/api/v1/sheets/{sheet.pk}/snapshot").json()
    assert taken["head"] == 6
    assert len(taken["objects"]) == 5
    planning = browse("planning", sheet)
    assert planning.hello(since=taken["head"], epoch=taken["epoch"])["epoch"] == taken["epoch"]
    last = fire.do(op("create", new_obj()))["seq"]
    planning.until_seq(last)
    assert planning.seqs == [last]


def test_too_far_behind_is_sent_to_the_snapshot(
    browse: Open, sheet: Sheet, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.protocol.RESYNC_OPS", 200)
    requests = [OpRequest(people.fire, op("create", new_obj())) for _ in range(201)]
    commit_ops(sheet.pk, requests[:150])
    commit_ops(sheet.pk, requests[150:])
    fire = browse("fire", sheet)
    resync = fire.hello()
    assert resync["t"] == "resync"
    assert resync["why"] == "behind"
    assert resync["head"] == 202
    assert resync["url"] == f"/api/v1/sheets/{sheet.pk}/snapshot"
    taken = people.client("fire").get(resync["url"]).json()
    assert fire.hello(since=taken["head"], epoch=taken["epoch"])["t"] == "welcome"


def test_a_restored_database_is_noticed(browse: Open, sheet: Sheet) -> None:
    ahead = browse("fire", sheet)
    ahead.send({"t": "hello", "v": 1, "since": 5000, "epoch": None, "client": str(uuid.uuid4())})
    assert ahead.until_closed() == 4409
    epoch = snapshot(sheet.pk)["epoch"]
    Sheet.objects.filter(pk=sheet.pk).update(epoch=uuid.uuid4())
    other = browse("fire", sheet)
    assert other.hello(since=1, epoch=epoch)["why"] == "epoch"


# ---- who may not


FOREIGN_ORIGINS = [
    None,
    "null",
    "https://127.0.0.1:8000",
    "http://127.0.0.1:8001",
    "http://127.0.0.1",
    "http://127.0.0.1:8000.evil.example",
    "http://evil.example",
    "http://127.0.0.1:8000/",
    "HTTP://127.0.0.1:8000",
    "http://LOCALHOST:8000",
    "http://xn--127-0-0-1:8000",
    "file://",
]


def test_no_foreign_origin_gets_in_whatever_the_cookie(browse: Open, sheet: Sheet, people: Cast) -> None:
    """12 origins x 4 cookies: a reviewer's, a stranger's, a forged one, none."""
    cookies = {name: people.client(name).cookies[settings.SESSION_COOKIE_NAME].value for name in ("fire", "owner")}
    for origin in FOREIGN_ORIGINS:
        for cookie in (cookies["fire"], cookies["owner"], "a" * 32, None):
            with pytest.raises(InvalidStatus) as refused:
                browse(None, sheet, origin=origin, cookie=cookie)
            assert refused.value.response.status_code == 403, (origin, cookie)


def test_without_a_session_nobody_gets_in_from_our_own_page(browse: Open, sheet: Sheet) -> None:
    for cookie in (None, "", "a" * 32, "'; DROP TABLE"):
        with pytest.raises(InvalidStatus) as refused:
            browse(None, sheet, cookie=cookie)
        assert refused.value.response.status_code == 403, cookie


def test_who_is_no_member_learns_nothing(browse: Open, sheet: Sheet) -> None:
    for who in ("owner", "rival", "agent", "window", "designer", "sysadmin", "secadmin", "auditor", "airdefence"):
        browser = browse(who, sheet)
        browser.send({"t": "hello", "v": 1, "since": None, "epoch": None, "client": str(uuid.uuid4())})
        assert browser.until_closed() == 4403, who
        assert {frame["t"] for frame in browser.heard} <= {"err"}


def test_no_sheet(browse: Open, sheet: Sheet) -> None:
    browser = browse("fire", uuid.uuid4())
    browser.send({"t": "hello", "v": 1, "since": None, "epoch": None, "client": str(uuid.uuid4())})
    assert browser.until_closed() == 4404


def test_an_op_for_another_sheets_mark(browse: Open, sheet: Sheet, people: Cast) -> None:
    other = make_sheets(people)[0]
    here, there = browse("fire", sheet), browse("fire", other)
    here.hello()
    there.hello()
    frame = op("create", new_obj())
    here.do(frame)
    assert there.do(op("patch", frame["obj"], 1, {"text": "x"}))["code"] == "not_found"
    assert there.do(op("create", frame["obj"]))["code"] == "exists"


# ---- what is taken away


def closes_within(browser: Any, seconds: float) -> int | None:
    begun = time.monotonic()
    code = browser.until_closed(seconds + 2)
    assert time.monotonic() - begun < seconds
    return code


def test_signing_out_closes_the_socket(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    Session.objects.filter(session_key=fire.cookie).delete()
    assert closes_within(fire, 1.2) == 4401


def test_a_disabled_person_is_out_at_once(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire, planning = browse("fire", sheet), browse("planning", sheet)
    fire.hello()
    planning.hello()
    disable_person(Person.objects.get(username="fire").pk, actor=people.sysadmin)
    assert closes_within(fire, 1.0) == 4401
    assert planning.do(op("create", new_obj()))["t"] == "ack"


def test_an_ended_post_closes_the_socket(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    with transaction.atomic():
        Post.objects.filter(person__username="fire").update(is_active=False)
        Person.objects.filter(username="fire").update(permission_epoch=7)
    # Without any doorbell: the watch finds the epoch raised.
    assert closes_within(fire, 1.2) == 4401


def test_losing_the_right_to_read_closes_with_4403(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    with reviewing("planning"):
        Person.objects.filter(username="fire").update(permission_epoch=8)
        assert closes_within(fire, 1.2) == 4403


def test_an_op_after_the_revocation_is_refused_even_before_the_close(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    Person.objects.filter(username="fire").update(permission_epoch=9)
    frame = op("create", new_obj())
    fire.send(frame)
    heard = fire.next(3)
    while heard is not None and heard["t"] not in {"ack", "nack"}:
        heard = fire.next(3)
    assert heard is None or heard["code"] == "forbidden"
    assert not SheetOp.objects.filter(cid=frame["cid"]).exists()


# ---- bad input


def test_hello_must_be_first_and_bad_frames_close(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    bad: list[Any] = [
        op("create", new_obj()),
        "not json",
        '{"t":"what"}',
        "[1]",
        '{"t":"hello","v":2}',
        '{"t":"eph","d":{"x":NaN}}',
    ]
    for frame in bad:
        fire.send(frame)
    assert fire.until_closed() == 4400
    assert [frame["t"] for frame in fire.heard].count("err") >= 6
    assert not SheetOp.objects.filter(k="create").exists()


def test_binary_frames_are_bad_frames(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    for _ in range(6):
        fire.socket.send(b"\x00\x01")
    assert fire.until_closed() == 4400


def test_deep_json_does_no_harm(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    fire.send('{"t":"op","p":' + "[" * 60_000)
    assert fire.wait(lambda frame: frame["t"] == "err")["code"] == "bad_json"
    assert fire.do(op("create", new_obj()))["t"] == "ack"


def test_a_lone_surrogate_is_refused_and_its_neighbours_are_not(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    good = [op("create", new_obj()) for _ in range(10)]
    poison = op("create", new_obj(), p={**TEXT, "text": "\ud800"})
    nul = op("create", new_obj(), p={**TEXT, "text": "a\x00b"})
    for frame in [*good[:5], poison, nul, *good[5:]]:
        fire.send(json.dumps(frame))
    assert fire.answer(poison["cid"])["code"] == "invalid"
    assert fire.answer(nul["cid"])["code"] == "invalid"
    assert fire.answer(good[-1]["cid"])["t"] == "ack"
    assert SheetOp.objects.filter(sheet=sheet, k="create").count() == 10


def test_a_large_op_and_a_giant_frame(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    line = {"type": "LineString", "coordinates": [[1.123456789, 2.123456789]] * 2600}
    big = op("create", new_obj(), p={"tool": "freehand", "geom": line})
    assert len(json.dumps(big)) > 64 * 1024
    fire.send(big)
    assert fire.until_closed() == 4413
    giant = browse("fire", sheet)
    giant.hello()
    # It says how long it is before it comes. All of it would meet a torn line: the server reads no further.
    giant.socket.socket.sendall(bytes([0x81, 0xFF]) + (1_000_000).to_bytes(8, "big") + bytes(4))
    assert giant.until_closed() == 1009


def test_a_flood_is_slowed_then_closed_and_others_go_on(browse: Open, sheet: Sheet) -> None:
    flood, calm = browse("fire", sheet), browse("planning", sheet)
    flood.hello()
    calm.hello()
    frames = [op("create", new_obj()) for _ in range(600)]
    with suppress(ConnectionClosed):  # the server may close while we send
        for frame in frames:
            flood.send(frame)
    assert flood.until_closed(15) == 4429
    assert any(frame.get("code") == "rate" for frame in flood.heard)
    begun = time.monotonic()
    assert calm.do(op("create", new_obj()))["t"] == "ack"
    assert time.monotonic() - begun < 2
    assert first_bad_seq(sheet.pk) is None


def test_an_eleventh_socket_of_one_person_is_refused(browse: Open, sheet: Sheet) -> None:
    # Of a person whose sockets no test before this one broke: the server may still be clearing those away.
    opened = [browse("fire2", sheet) for _ in range(10)]
    for browser in opened:
        browser.hello()
    assert browse("fire2", sheet).until_closed() == 4429
    opened[0].close()
    time.sleep(0.2)
    assert browse("fire2", sheet).hello()["t"] == "welcome"


def test_no_hello_within_the_time_closes(browse: Open, sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.protocol.HELLO_SECONDS", 0.3)
    assert browse("fire", sheet).until_closed(3) == 4401


def test_a_wrong_subprotocol_is_refused(browse: Open, sheet: Sheet) -> None:
    with pytest.raises(InvalidStatus):
        browse("fire", sheet, subprotocols=["chat"])


# ---- together


def test_presence_and_cursors(browse: Open, sheet: Sheet, people: Cast) -> None:
    fire, planning = browse("fire", sheet), browse("planning", sheet)
    mine = fire.hello()["conn"]
    fire.wait(lambda frame: frame["t"] == "presence" and frame["k"] == "list")
    other = planning.hello()["conn"]
    who = planning.wait(lambda frame: frame["t"] == "presence" and frame["k"] == "list")["who"]
    assert {item["conn"] for item in who} == {mine, other}
    joined = fire.wait(lambda frame: frame["t"] == "presence" and frame["k"] == "join")["who"][0]
    assert joined["name"] == people.planning.name
    assert joined["dept"] == "NRP"
    for x in range(20):
        planning.send({"t": "eph", "d": {"x": x, "y": 1, "tool": "cloud", "sel": []}})
    last = fire.wait(lambda frame: frame["t"] == "eph" and frame["list"][0].get("x") == 19)
    assert last["list"][0]["conn"] == other
    assert len([frame for frame in fire.heard if frame["t"] == "eph"]) < 20, "cursors are coalesced"
    planning.close()
    left = fire.wait(lambda frame: frame["t"] == "presence" and frame["k"] == "leave")
    assert left["who"][0]["conn"] == other
    assert SheetOp.objects.filter(sheet=sheet).count() == 1, "nothing of this is in the log"


def test_ping_and_pos(browse: Open, sheet: Sheet) -> None:
    fire = browse("fire", sheet)
    fire.hello()
    fire.send({"t": "ping", "n": 7})
    assert fire.wait(lambda frame: frame["t"] == "pong") == {"t": "pong", "n": 7}
    fire.send({"t": "pos", "seq": 1})
    last = fire.do(op("create", new_obj()))["seq"]
    fire.send({"t": "pos", "seq": last})
    fire.send({"t": "pos", "seq": 1})
    assert fire.until_closed() == 4408, "who has not got what was sent before its last pos lags silently"


def test_a_supervisor_gives_a_reason_and_stays_unseen(browse: Open, sheet: Sheet, people: Cast) -> None:
    from ledger.models import AuditEvent

    sheet.revision.set.project.state = "submitted"
    sheet.revision.set.project.code = "2026-000000-00-01-000000"
    sheet.revision.set.project.save()
    fire = browse("fire", sheet)
    fire.hello()
    silent = browse("supervisor", sheet)
    silent.send({"t": "hello", "v": 1, "since": None, "epoch": None, "client": str(uuid.uuid4())})
    assert silent.until_closed() == 4403
    watcher = browse("supervisor", sheet)
    assert watcher.hello(reason="核查投诉 2026-17")["t"] == "welcome"
    assert watcher.do(op("create", new_obj()))["code"] == "forbidden"
    assert AuditEvent.objects.get(name="RoomObserved").body["reason"] == "核查投诉 2026-17"
    assert not any(frame["t"] == "presence" and frame["k"] == "join" for frame in fire.heard)


def test_a_slow_reader_is_closed_alone(browse: Open, sheet: Sheet, people: Cast, server: LiveServer) -> None:
    with setting(ROOM_MESSAGES_PER_SECOND=100_000, ROOM_OUTBOX_BYTES=400_000):
        fire = browse("fire", sheet)
        fire.hello()
        narrow = small(socket.create_connection(("127.0.0.1", server.port)))
        slow = browse("planning", sheet, max_queue=1, sock=narrow)
        slow.hello()
        line = {"type": "LineString", "coordinates": [[1.12345678, 2.12345678]] * 1800}
        for _ in range(60):
            fire.send(op("create", new_obj(), p={"tool": "freehand", "geom": line}))
        last = 0
        for _ in range(60):
            last = max(last, fire.wait(lambda frame: frame["t"] == "ack", 30)["seq"])
        fire.until_seq(last, 20)
        assert slow.until_closed(30) in {4408, 1006}
        assert max(slow.seqs, default=0) < last, "it was closed before it had everything"
        assert fire.do(op("create", new_obj()))["t"] == "ack"
        healthy = browse("planning", sheet)
        assert healthy.hello()["t"] == "welcome"
        healthy.until_seq(last, 30)
        assert healthy.seqs == sorted(healthy.seqs)


def test_origin_of_our_page_is_taken(browse: Open, sheet: Sheet) -> None:
    assert browse("fire", sheet, origin=ORIGIN).hello()["t"] == "welcome"
