"""HTTP of the drawings room: uploads, progress, prepared files, originals, twins of the socket, and who may not."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from drawings import store
from drawings.actions import (
    OpRequest,
    anchor_sheets,
    commit_ops,
    create_set,
    freeze_sheets,
    prepare_file,
    seal_sheets,
)
from drawings.models import DrawingSet, Revision, Sheet, SheetOp, SourceFile
from ledger.actor import Actor
from tests.actions.drawings_world import TEXT, make_project, make_sheets, new_obj, op, reviewing
from tests.actions.test_drawings_uploads import dxf
from tests.cast import Cast


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> Path:
    settings.BLOB_DIR = tmp_path / "blobs"
    folder: Path = settings.BLOB_DIR
    return folder


@pytest.fixture
def drawing_set(cast: Cast) -> DrawingSet:
    return create_set(make_project(cast).pk, name="建筑施工图", actor=cast.owner)


@pytest.fixture
def reviewers() -> Iterator[None]:
    with reviewing("fire", "planning"):
        yield


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def send(client: Client, path: str, *files: tuple[str, bytes], sums: list[str] | None = None, **more: Any) -> Any:
    """A multipart POST as the upload script makes it."""
    data: dict[str, Any] = {
        "file": [SimpleUploadedFile(name, content) for name, content in files],
        "sha256": sums if sums is not None else [hashlib.sha256(content).hexdigest() for _name, content in files],
        **more,
    }
    return client.post(path, data, headers=key())


def test_a_revision_is_sent_followed_and_looked_at(cast: Cast, drawing_set: DrawingSet) -> None:
    client = cast.client("owner")
    files = [("首层.dxf", dxf("首层")), ("坏.dwg", b"MZ" + b"\x00" * 400), ("二层.dxf", dxf("二层"))]
    answer = send(client, f"/api/v1/sets/{drawing_set.pk}/revisions", *files, note="第一次提交")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["no"] == "A"
    assert [item["name"] for item in body["files"]] == ["首层.dxf", "坏.dwg", "二层.dxf"]
    assert {item["state"] for item in body["files"]} == {"queued"}
    for item in body["files"]:
        prepare_file(uuid.UUID(item["id"]))
    states = [client.get(f"/api/v1/files/{item['id']}").json() for item in body["files"]]
    assert [item["state"] for item in states] == ["ready", "refused", "ready"]
    assert states[1]["code"] == "E_TYPE"
    assert states[1]["message"].startswith("文件不是可识别的")
    assert states[1]["next_step"]
    assert states[0]["progress"] == 100
    assert states[0]["code"] is None
    sheet = states[0]["sheets"][0]
    picture = client.get(f"{sheet['render']}overview.webp")
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/webp"
    assert picture["Cache-Control"] == "private, max-age=31536000, immutable"
    manifest = client.get(f"{sheet['render']}manifest.json", headers={"Accept-Encoding": "gzip"})
    text = gzip.decompress(manifest.content) if manifest.get("Content-Encoding") == "gzip" else manifest.content
    assert json.loads(text)["kind"] == "model"
    revision = client.get(f"/api/v1/revisions/{body['id']}").json()
    assert revision["state"] == "rejected"
    mended = send(client, f"/api/v1/revisions/{body['id']}/files", ("坏.dxf", dxf("补")))
    assert [item["name"] for item in mended.json()["files"]] == ["坏.dxf"]
    prepare_file(uuid.UUID(mended.json()["files"][0]["id"]))
    gone = client.delete(f"/api/v1/files/{states[1]['id']}", headers=key())
    assert gone.status_code == 200, gone.content
    assert gone.json()["state"] == "clean"
    english = client.get(f"/api/v1/files/{states[1]['id']}", headers={"Accept-Language": "en"}).json()
    assert english["message"].startswith("The file is not")


def test_the_same_post_twice_is_one_revision(cast: Cast, drawing_set: DrawingSet) -> None:
    client, headers, content = cast.client("owner"), key(), dxf()
    for _ in range(2):
        data = {"file": [SimpleUploadedFile("a.dxf", content)], "sha256": [hashlib.sha256(content).hexdigest()]}
        answer = client.post(f"/api/v1/sets/{drawing_set.pk}/revisions", data, headers=headers)
        assert answer.status_code == 201, answer.content
    assert Revision.objects.filter(set=drawing_set).count() == 1


def test_a_file_that_changed_on_the_way_is_refused_and_nothing_stays(
    cast: Cast, drawing_set: DrawingSet, blobs: Path
) -> None:
    client = cast.client("owner")
    good, path = dxf(), f"/api/v1/sets/{drawing_set.pk}/revisions"
    for sums in (["0" * 64], ["xyz"], ["0" * 64, "1" * 64]):
        answer = send(client, path, ("a.dxf", good), sums=sums)
        assert answer.status_code == 422, answer.content
        assert answer["Content-Type"] == "application/problem+json"
    nothing = client.post(path, {"note": "x"}, headers=key())
    assert nothing.status_code == 422
    assert not Revision.objects.filter(set=drawing_set).exists()
    assert [item for item in blobs.rglob("*") if item.is_file()] == []


@pytest.mark.parametrize(
    "path",
    [
        "../manifest.json",
        "..%2fmanifest.json",
        "%2e%2e/%2e%2e/secret.json",
        "geom/../../../../clean/secret.bin",
        "//etc/passwd",
        "/etc/passwd",
        "manifest.json%00.webp",
        ".hidden.json",
        "result.json/..",
        "script.html",
        "a/b/c/d/e/f/g.json",
        "link.json",
    ],
)
def test_no_path_leaves_the_folder_of_the_sheet(cast: Cast, path: str) -> None:
    (sheet,) = make_sheets(cast)
    folder = store.prepared_path(sheet.file.render_sha) / sheet.key
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (folder / "script.html").write_text("<script>alert(1)</script>")
    secret = store.clean_path("secret.json")
    secret.parent.mkdir(parents=True)
    secret.write_text('{"secret": 1}')
    (folder / "link.json").symlink_to(secret)
    client = cast.client("owner")
    assert client.get(f"{sheet.render}manifest.json").status_code == 200
    answer = client.get(f"{sheet.render}{path}")
    assert answer.status_code in {400, 404}, answer.content
    assert b'"secret": 1' not in answer.content


def test_who_may_not_see_a_project_sees_nothing_of_its_drawings(cast: Cast, drawing_set: DrawingSet) -> None:
    owner = cast.client("owner")
    answer = send(owner, f"/api/v1/sets/{drawing_set.pk}/revisions", ("秘密平面图.dxf", dxf("秘密"))).json()
    (file_id,) = [item["id"] for item in answer["files"]]
    prepare_file(uuid.UUID(file_id))
    sheet = Sheet.objects.get(revision_id=answer["id"])
    addresses = [
        f"/api/v1/projects/{drawing_set.project_id}/sets",
        f"/api/v1/sets/{drawing_set.pk}/revisions",
        f"/api/v1/revisions/{answer['id']}",
        f"/api/v1/files/{file_id}",
        f"/api/v1/files/{file_id}/original",
        f"/api/v1/sheets/{sheet.pk}",
        f"/api/v1/sheets/{sheet.pk}/snapshot",
        f"/api/v1/sheets/{sheet.pk}/ops",
        f"{sheet.render}manifest.json",
        f"{sheet.render}overview.webp",
        f"/sets/{drawing_set.pk}/",
        f"/sheets/{sheet.pk}/review/",
    ]
    assert owner.get(addresses[-1]).status_code == 200
    for name in ("rival", "fire", "designer", "sysadmin", "auditor", "assess"):
        client = cast.client(name)
        for address in addresses:
            answer = client.get(address)
            empty = answer.status_code == 200 and address.endswith("/sets") and answer.json() == []
            assert answer.status_code in {403, 404} or empty, (name, address, answer.status_code)
            assert "秘密" not in answer.content.decode(), (name, address)
        sent = send(client, f"/api/v1/sets/{drawing_set.pk}/revisions", ("a.dxf", dxf()))
        assert sent.status_code in {403, 404}, name
    stranger = Client()
    for address in addresses:
        assert stranger.get(address).status_code in {302, 401}, address
    acting = cast.client("agent")
    prefix = f"/as/{cast.mandate()}"
    assert acting.get(f"{prefix}{addresses[1]}").status_code == 200
    assert acting.get(addresses[1]).status_code in {403, 404}, "without the mandate's address he is nobody here"


def test_an_original_is_only_ever_an_attachment(cast: Cast, drawing_set: DrawingSet) -> None:
    client, content = cast.client("owner"), dxf()
    answer = send(client, f"/api/v1/sets/{drawing_set.pk}/revisions", ("平面图；A 区.dxf", content)).json()
    file_id = answer["files"][0]["id"]
    assert client.get(f"/api/v1/files/{file_id}/original").status_code == 404, "still in quarantine"
    prepare_file(uuid.UUID(file_id))
    elsewhere = client.get(f"/api/v1/files/{file_id}/original")
    assert elsewhere.status_code == 302
    other = urlsplit(elsewhere["Location"])
    assert other.hostname != "testserver"
    got = Client().get(other.path, headers={"Host": other.netloc})
    assert got.status_code == 200
    assert b"".join(got.streaming_content if not got.is_async else collect(got)) == content
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"]
    assert got["Content-Type"] == "application/octet-stream"


def collect(response: Any) -> list[bytes]:
    from asgiref.sync import async_to_sync

    async def pieces() -> list[bytes]:
        return [piece async for piece in response.streaming_content]

    found: list[bytes] = async_to_sync(pieces)()
    return found


def test_the_sheet_for_the_viewer(cast: Cast, reviewers: None) -> None:
    (sheet,) = make_sheets(cast)
    body = cast.client("fire").get(f"/api/v1/sheets/{sheet.pk}").json()
    assert body["id"] == str(sheet.pk)
    assert body["state"] == "open"
    assert body["render"] == sheet.render
    assert body["round_id"] == str(sheet.round_id)
    assert body["revision"]["no"] == "A"
    assert body["set"]["name"] == "施工图"


# ---- twins of the socket


def post_ops(client: Client, sheet: Sheet, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(
        f"/api/v1/sheets/{sheet.pk}/ops", text, content_type="application/json", headers={**key(), **headers}
    )


def test_a_batch_is_answered_op_by_op(cast: Cast, reviewers: None) -> None:
    (sheet,) = make_sheets(cast)
    client, obj = cast.client("fire"), new_obj()
    frames = [op("create", obj), op("patch", obj, 9, {"text": "x"}), {"cid": "bad"}, op("reply", obj)]
    for frame in frames:
        frame.pop("t", None)
    answer = post_ops(client, sheet, {"ops": frames})
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [(item["t"], item.get("code")) for item in results] == [
        ("ack", None),
        ("nack", "stale"),
        ("nack", "invalid"),
        ("ack", None),
    ]
    assert results[1]["cur"]["ver"] == 1
    assert results[1]["msg"] == "同事刚刚修改了这处批注。"
    again = post_ops(client, sheet, {"ops": frames[:1]}).json()["results"][0]
    assert again == {**results[0], "dup": True}
    taken = client.get(f"/api/v1/sheets/{sheet.pk}/snapshot").json()
    assert taken["head"] == answer.json()["head"] == 3
    assert taken["objects"][0]["thread"][0]["text"] == "同意"
    assert taken["people"] == {str(cast.fire.person_id): cast.fire.name}
    page = client.get(f"/api/v1/sheets/{sheet.pk}/ops?after=1&limit=1").json()
    assert page["head"] == 3
    assert [row["seq"] for row in page["ops"]] == [2]


def test_pages_of_the_log_are_zipped_and_kept_when_full(cast: Cast, reviewers: None) -> None:
    (sheet,) = make_sheets(cast)
    commit_ops(sheet.pk, [OpRequest(cast.fire, op("create", new_obj())) for _ in range(30)])
    client = cast.client("fire")
    full = client.get(f"/api/v1/sheets/{sheet.pk}/ops?after=0&limit=20", headers={"Accept-Encoding": "gzip"})
    assert full["Content-Encoding"] == "gzip"
    assert "immutable" in full["Cache-Control"]
    assert full["ETag"]
    assert [row["seq"] for row in json.loads(gzip.decompress(full.content))["ops"]] == list(range(1, 21))
    rest = client.get(f"/api/v1/sheets/{sheet.pk}/ops?after=20&limit=20")
    assert "immutable" not in rest["Cache-Control"]
    assert [row["seq"] for row in rest.json()["ops"]] == list(range(21, 32))
    for query in ("after=-1", "limit=0", "limit=5000", "after=x", f"after={2**40}"):
        assert client.get(f"/api/v1/sheets/{sheet.pk}/ops?{query}").status_code == 422, query


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        "",
        "[]",
        "{}",
        '{"ops": {}}',
        '{"ops": []}',
        '{"ops": [1]}',
        '{"ops": [{"p": NaN}]}',
        '{"ops": ' + "[" * 5000 + "]" * 5000 + "}",
        json.dumps({"ops": [{"cid": str(n)} for n in range(257)]}),
        json.dumps({"ops": [{"cid": "c", "p": {"text": "x" * 70_000}}]}),
    ],
)
def test_a_bad_batch_is_one_plain_refusal(cast: Cast, reviewers: None, body: str | bytes) -> None:
    (sheet,) = make_sheets(cast)
    answer = post_ops(cast.client("fire"), sheet, body)
    assert answer.status_code in {422, 429}, answer.content
    assert answer.json()["title"]
    assert SheetOp.objects.filter(sheet=sheet).count() == 1


def test_poison_in_a_batch_is_refused_alone(cast: Cast, reviewers: None) -> None:
    (sheet,) = make_sheets(cast)
    frames = [op("create", new_obj()), op("create", new_obj(), p={**TEXT, "text": "\ud800"}), op("create", new_obj())]
    results = post_ops(cast.client("fire"), sheet, {"ops": frames}).json()["results"]
    assert [item["t"] for item in results] == ["ack", "nack", "ack"]


def test_http_ops_ask_the_same_permissions(cast: Cast, reviewers: None) -> None:
    (sheet,) = make_sheets(cast)
    assert post_ops(cast.client("owner"), sheet, {"ops": [op("create", new_obj())]}).status_code == 403
    assert post_ops(cast.client("rival"), sheet, {"ops": [op("create", new_obj())]}).status_code in {403, 404}
    with transaction.atomic():
        freeze_sheets([sheet.pk], reason="合并告知书", actor=cast.lead)
    frozen = post_ops(cast.client("fire"), sheet, {"ops": [op("create", new_obj())]}).json()["results"][0]
    assert frozen["code"] == "frozen"


# ---- pages


def test_the_page_of_a_set_shows_sheets_refusals_and_what_to_do(cast: Cast, drawing_set: DrawingSet) -> None:
    client = cast.client("owner")
    page = client.get(f"/sets/{drawing_set.pk}/")
    assert page.status_code == 200
    assert f"/api/v1/sets/{drawing_set.pk}/deliveries" in page.content.decode()
    sent = send(client, f"/api/v1/sets/{drawing_set.pk}/revisions", ("好.dxf", dxf("<b>首层</b>")), ("<i>.dwg", b"MZ0"))
    waiting = client.get(f"/sets/{drawing_set.pk}/").content.decode()
    assert waiting.count("data-file=") == 2
    assert "正在检查，请等检查完成后再提交新版本" in waiting
    for item in sent.json()["files"]:
        prepare_file(uuid.UUID(item["id"]))
    page_text = client.get(f"/sets/{drawing_set.pk}/").content.decode()
    sheet = Sheet.objects.get(revision__set=drawing_set)
    assert f"{sheet.render}overview.webp" in page_text
    assert f"/sheets/{sheet.pk}/review/" in page_text
    assert "E_TYPE" in page_text
    assert "<i>.dwg" not in page_text
    assert "/files" in page_text
    bad = SourceFile.objects.get(state="refused")
    answer = client.post(f"/files/{bad.pk}/withdraw/", {"idempotency_key": str(uuid.uuid4())})
    assert answer.status_code == 302
    assert Revision.objects.get(set=drawing_set).state == "clean"


def test_sets_are_made_on_the_page_of_the_project(cast: Cast, drawing_set: DrawingSet) -> None:
    client, path = cast.client("owner"), f"/projects/{drawing_set.project_id}/drawings/"
    wrong = client.post(path, {"name": "建筑施工图", "idempotency_key": str(uuid.uuid4())})
    assert wrong.status_code == 422
    assert "同名图纸集" in wrong.content.decode()
    made = client.post(path, {"name": "总平面图", "idempotency_key": str(uuid.uuid4())})
    assert made.status_code == 302
    assert made["Location"].startswith("/sets/")
    assert "总平面图" in client.get(path).content.decode()


def test_the_canvas_page_says_who_i_am(cast: Cast, reviewers: None) -> None:
    (sheet,) = make_sheets(cast)
    text = cast.client("fire").get(f"/sheets/{sheet.pk}/review/").content.decode()
    config = json.loads(text.split('id="review-config" type="application/json">')[1].split("</script>")[0])
    assert config["sheet"] == str(sheet.pk)
    assert config["round"] is None, "the round of this sheet was made up"
    assert config["me"]["dept"] == "HUC"
    assert config["me"]["name"] == cast.fire.name
    assert config["me"]["badge"]
    # What the canvas asks for first is on its way before its programs are here.
    assert re.findall(r'rel="preload" as="fetch" crossorigin href="([^"]+)"', text) == [
        sheet.render + "manifest.json",
        sheet.render + "entities.bin",
    ]


@pytest.mark.django_db(transaction=True)
def test_system_ops_are_part_of_an_act() -> None:
    for write in (partial(freeze_sheets, reason="x"), seal_sheets, anchor_sheets):
        with pytest.raises(transaction.TransactionManagementError):
            write([uuid.uuid4()], actor=Actor.system(cause="test"))
