"""Uploads in pieces: cut at any byte, go on from the offset, nothing half is ever handed in; quota; the second origin."""

from __future__ import annotations

import hashlib
import json
import os
import random
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from drawings import store
from drawings.actions import create_set, prepare_file
from drawings.actions.files import clear_quarantine
from drawings.actions.uploads import drop_given_up
from drawings.models import DrawingSet, Revision, SourceFile, Upload
from drawings.rules.uploads import PIECE_BYTES, clean_folder
from tests.actions.drawings_world import make_project
from tests.actions.test_drawings_uploads import dxf
from tests.api.test_drawings_api import collect
from tests.cast import Cast


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> Path:
    settings.BLOB_DIR = tmp_path / "blobs"
    folder: Path = settings.BLOB_DIR
    return folder


@pytest.fixture
def drawing_set(cast: Cast) -> DrawingSet:
    return create_set(make_project(cast).pk, name="建筑施工图", actor=cast.owner)


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json", headers=key())


def begin(client: Client, drawing_set: DrawingSet, name: str, content: bytes, **more: Any) -> Any:
    digest = hashlib.sha256(content).hexdigest()
    body = {"name": name, "size": len(content), "sha256": digest, **more}
    return post(client, f"/api/v1/sets/{drawing_set.pk}/uploads", body)


def piece(client: Client, url: str, offset: int, data: bytes) -> Any:
    headers = {**key(), "Upload-Offset": str(offset)}
    return client.patch(url, data, content_type="application/offset+octet-stream", headers=headers)


def offset_of(client: Client, url: str) -> int:
    answer = client.head(url)
    assert answer.status_code == 204, answer.content
    return int(answer["Upload-Offset"])


def hand_in(client: Client, drawing_set: DrawingSet, *ids: str, **more: Any) -> Any:
    return post(client, f"/api/v1/sets/{drawing_set.pk}/deliveries", {"uploads": list(ids), **more})


def test_cut_anywhere_and_continued_the_file_is_the_same(cast: Cast, drawing_set: DrawingSet) -> None:
    """Pieces of random length; attempts killed between the disk and the database leave garbage that is cut off."""
    client, content, chance = cast.client("owner"), dxf() + os.urandom(40_000), random.Random(5)
    begun = begin(client, drawing_set, "首层.dxf", content)
    assert begun.status_code == 201, begun.content
    url, upload = begun.json()["url"], Upload.objects.get()
    for _ in range(30):
        at = offset_of(client, url)
        data = content[at : at + chance.randrange(1, 1800)]
        if chance.random() < 0.4:
            # The worker died after writing, before the commit: more bytes on disk than the row counts.
            with store.quarantine_path(upload.quarantine).open("ab") as torn:
                torn.write(os.urandom(chance.randrange(1, 5000)))
            continue
        if chance.random() < 0.3:
            wrong = piece(client, url, at + chance.choice([-1, 1, 7]), data) if at else piece(client, url, 9, data)
            assert wrong.status_code == 409, wrong.content
            assert wrong.json()["code"] == "offset_mismatch"
            assert offset_of(client, url) == at
        assert piece(client, url, at, data).status_code == 204
    # The tab was closed: the same file chosen again finds what is here.
    again = begin(client, drawing_set, "首层.dxf", content).json()
    assert again["id"] == begun.json()["id"]
    assert 0 < again["offset"] < len(content)
    assert [row["id"] for row in client.get(f"/api/v1/sets/{drawing_set.pk}/uploads").json()] == [again["id"]]
    early = hand_in(client, drawing_set, again["id"])
    assert (early.status_code, early.json()["code"]) == (422, "upload_unfinished")
    last = piece(client, url, again["offset"], content[again["offset"] :])
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(content)))
    done = hand_in(client, drawing_set, again["id"], note="断点续传")
    assert done.status_code == 201, done.content
    (file,) = done.json()["files"]
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    kept = SourceFile.objects.get(pk=file["id"])
    assert store.quarantine_path(kept.quarantine).read_bytes() == content
    assert not Upload.objects.exists()


def test_one_piece_twice_is_one_piece(cast: Cast, drawing_set: DrawingSet) -> None:
    client, content = cast.client("owner"), dxf()
    url = begin(client, drawing_set, "a.dxf", content).json()["url"]
    headers = {**key(), "Upload-Offset": "0"}
    for _ in range(2):  # the answer was lost, the sender repeats with the same key
        answer = client.patch(url, content[:99], content_type="application/offset+octet-stream", headers=headers)
        assert answer.status_code == 204
    assert offset_of(client, url) == 99


def test_a_file_that_changed_on_the_way_never_becomes_complete(cast: Cast, drawing_set: DrawingSet) -> None:
    client, content = cast.client("owner"), dxf()
    begun = begin(client, drawing_set, "a.dxf", content).json()
    assert piece(client, begun["url"], 0, content[:100]).status_code == 204
    bad = piece(client, begun["url"], 100, bytes(len(content) - 100))
    assert (bad.status_code, bad.json()["code"]) == (422, "sha256_mismatch")
    assert offset_of(client, begun["url"]) == 100
    assert hand_in(client, drawing_set, begun["id"]).status_code == 422
    quarantined = store.quarantine_path(Upload.objects.get().quarantine)
    assert client.delete(begun["url"], headers=key()).status_code == 204
    assert not Revision.objects.exists()
    assert client.head(begun["url"]).status_code == 404
    assert not quarantined.exists() or clear_quarantine(older_than_seconds=-5) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "木马.exe", "size": 10}, "E_TYPE"),
        ({"name": "图.dwg.zip", "size": 10}, "E_TYPE"),
        ({"name": "图.dwg", "size": 0}, "E_SIZE"),
        ({"name": "图.dwg", "size": 200 * 1024 * 1024 + 1}, "E_SIZE"),
        ({"name": "图.dwg", "size": 10, "sha256": "zz"}, "sha256_malformed"),
        ({"name": "图.dwg", "size": 10, "extra": 1}, None),
        ({"name": "图.dwg", "size": -1}, None),
        ({"name": "图.dwg", "size": "10"}, None),
        ({"name": "x" * 300, "size": 10}, None),
    ],
)
def test_what_cannot_be_taken_is_refused_before_a_byte(
    cast: Cast, drawing_set: DrawingSet, body: dict[str, Any], code: str | None
) -> None:
    answer = post(cast.client("owner"), f"/api/v1/sets/{drawing_set.pk}/uploads", {"sha256": "0" * 64, **body})
    assert answer.status_code == 422, answer.content
    if code:
        assert answer.json()["code"] == code
        assert answer.json()["title"]
    assert not Upload.objects.exists()


def test_hostile_pieces_change_nothing(cast: Cast, drawing_set: DrawingSet) -> None:
    client, content = cast.client("owner"), dxf()
    url = begin(client, drawing_set, "a.dxf", content).json()["url"]
    octets = "application/offset+octet-stream"
    for offset, data, kind in [
        ("0", content, "application/json"),
        ("", content, octets),
        ("-1", content, octets),
        ("1e3", content, octets),
        ("٣", content, octets),
        ("9" * 400, content, octets),
        ("0", content + b"one byte too many", octets),
        ("0", b"x" * (PIECE_BYTES + 1), octets),
    ]:
        answer = client.patch(url, data, content_type=kind, headers={**key(), "Upload-Offset": offset})
        assert answer.status_code in {400, 409, 413, 422}, (offset[:9], kind, answer.status_code)
        assert offset_of(client, url) == 0
    unsigned = Client().patch(url, content, content_type=octets, headers={"Upload-Offset": "0"})
    assert unsigned.status_code in {401, 403}
    # Nobody else's upload exists for anybody else: not a rival's, not a colleague's under a mandate, not staff's.
    for name in ("rival", "agent", "window", "fire", "sysadmin"):
        other = cast.client(name)
        assert other.head(url).status_code in {403, 404}, name
        assert piece(other, url, 0, content).status_code in {403, 404}, name
        assert other.delete(url, headers=key()).status_code in {403, 404}, name
        assert begin(other, drawing_set, "b.dxf", content).status_code in {403, 404}, name
        assert hand_in(other, drawing_set, url.rsplit("/", 1)[1]).status_code in {403, 404}, name
    assert Upload.objects.get().offset == 0


def test_a_folder_keeps_its_places_and_nothing_else(cast: Cast, drawing_set: DrawingSet) -> None:
    assert clean_folder("建筑/一层/平面.dwg") == "建筑 / 一层"
    assert clean_folder("../../etc/./x.dwg") == "etc"
    assert clean_folder("C:\\图\u202e\\x.dwg") == "C: / 图"
    client = cast.client("owner")
    first, second = dxf("甲"), dxf("乙")
    ids = []
    for path, content in (("建筑/平面.dxf", first), ("结构/平面.dxf", second)):
        begun = begin(client, drawing_set, "平面.dxf", content, path=path).json()
        assert piece(client, begun["url"], 0, content).status_code == 204
        ids.append(begun["id"])
    sent = hand_in(client, drawing_set, *ids).json()
    assert [(file["name"], file["folder"]) for file in sent["files"]] == [("平面.dxf", "建筑"), ("平面.dxf", "结构")]


def test_a_tenant_has_a_quota_and_others_do_not_feel_it(cast: Cast, drawing_set: DrawingSet, settings: Any) -> None:
    client, content = cast.client("owner"), dxf()
    settings.TENANT_QUOTA_BYTES = len(content) + 10
    begun = begin(client, drawing_set, "a.dxf", content).json()
    full = begin(client, drawing_set, "b.dxf", dxf("乙"))
    assert (full.status_code, full.json()["code"]) == (422, "quota_full")
    assert full.json()["next_step"]
    assert piece(client, begun["url"], 0, content).status_code == 204
    handed = hand_in(client, drawing_set, begun["id"])
    assert handed.status_code == 201, handed.content
    assert begin(client, drawing_set, "b.dxf", dxf("乙")).json()["code"] == "quota_full", "handed in counts, too"


def test_what_nobody_continues_is_thrown_away(cast: Cast, drawing_set: DrawingSet, blobs: Path) -> None:
    client = cast.client("owner")
    url = begin(client, drawing_set, "a.dxf", dxf()).json()["url"]
    assert clear_quarantine(older_than_seconds=-5) == 0, "an upload that may go on is no orphan"
    assert drop_given_up() == 0
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=73))
    assert drop_given_up() == 1
    assert client.head(url).status_code == 404
    assert [path for path in blobs.rglob("*") if path.is_file()] == []


def test_bytes_lost_on_our_side_are_said(cast: Cast, drawing_set: DrawingSet) -> None:
    client, content = cast.client("owner"), dxf()
    url = begin(client, drawing_set, "a.dxf", content).json()["url"]
    assert piece(client, url, 0, content[:500]).status_code == 204
    store.quarantine_path(Upload.objects.get().quarantine).unlink()
    gone = piece(client, url, 500, content[500:])
    assert (gone.status_code, gone.json()["code"]) == (409, "upload_gone")


def test_originals_come_from_the_other_origin_byte_for_byte(cast: Cast, drawing_set: DrawingSet, settings: Any) -> None:
    settings.FILES_ORIGIN = "http://files.example"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "files.example"]
    client, content = cast.client("owner"), dxf() + b"\r\n"
    begun = begin(client, drawing_set, "平面图；A 区.dxf", content).json()
    piece(client, begun["url"], 0, content)
    (file,) = hand_in(client, drawing_set, begun["id"]).json()["files"]
    prepare_file(uuid.UUID(file["id"]))
    answer = client.get(f"/api/v1/files/{file['id']}/original")
    assert answer.status_code == 302
    origin, path = answer["Location"][:20], answer["Location"][20:]
    assert origin == "http://files.example"
    stranger = Client()  # the address alone opens it, for a minute, and only there
    got = stranger.get(path, headers={"Host": "files.example"})
    assert got.status_code == 200
    assert b"".join(got.streaming_content if not got.is_async else collect(got)) == content
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Type"] == "application/octet-stream"
    assert "sandbox" in got["Content-Security-Policy"]
    assert not got.cookies
    assert client.get(path).status_code == 404, "not beside the pages"
    assert stranger.get(path[:-2] + "xx", headers={"Host": "files.example"}).status_code == 404
    for page in ("/", "/accounts/login/", f"/api/v1/files/{file['id']}", f"/sets/{drawing_set.pk}/", "/static/x"):
        assert client.get(page, headers={"Host": "files.example"}).status_code == 404, page
    rival = cast.client("rival")
    assert rival.get(f"/api/v1/files/{file['id']}/original").status_code == 404
    import drawings.serving

    settings_before = drawings.serving.ORIGINALS_SECONDS
    try:
        drawings.serving.ORIGINALS_SECONDS = -1
        assert stranger.get(path, headers={"Host": "files.example"}).status_code == 404, "too late"
    finally:
        drawings.serving.ORIGINALS_SECONDS = settings_before
