"""From upload to sheets (图纸处理): real files through the real sandbox, refusals with one code, nothing kept of them."""

from __future__ import annotations

import hashlib
import io
import stat
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import ezdxf
import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone

from drawings import store
from drawings.actions import (
    add_files,
    add_revision,
    create_set,
    freeze_sheets,
    open_sheets,
    prepare_file,
    receive_file,
    revise_sheets,
    thaw_sheets,
    withdraw_file,
)
from drawings.actions.files import clear_quarantine, files_to_take_up, take
from drawings.models import DrawingSet, Revision, Sheet, SheetOp, SourceFile
from ledger.errors import Forbidden, Invalid, NotFound, Refused, StateConflict
from ledger.models import AuditEvent
from tests.actions.drawings_world import make_project
from tests.cast import Cast


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> Path:
    settings.BLOB_DIR = tmp_path / "blobs"
    folder: Path = settings.BLOB_DIR
    return folder


@pytest.fixture
def drawing_set(cast: Cast) -> DrawingSet:
    return create_set(make_project(cast).pk, name="建筑施工图", actor=cast.owner)


def dxf(word: str = "首层平面图", layouts: tuple[str, ...] = ()) -> bytes:
    """A small honest drawing."""
    document = ezdxf.new("R2018", setup=True)
    document.header["$INSUNITS"] = 4
    space = document.modelspace()
    space.add_lwpolyline([(0, 0), (42000, 0), (42000, 18000), (0, 18000)], close=True)
    space.add_text(word, height=350).set_placement((1000, 1000))
    for name in layouts:
        layout = document.layouts.new(name)
        layout.add_line((0, 0), (420, 297))
    stream = io.StringIO()
    document.write(stream)
    return stream.getvalue().encode()


def received(name: str, content: bytes) -> store.IncomingFile:
    return receive_file(name, io.BytesIO(content), sha256=hashlib.sha256(content).hexdigest())


def prepare_all(revision: Revision) -> None:
    for file_id in revision.files.values_list("pk", flat=True):
        prepare_file(file_id)
    revision.refresh_from_db()


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_a_good_file_becomes_sheets(cast: Cast, drawing_set: DrawingSet, blobs: Path) -> None:
    content = dxf(layouts=("A-01 总平面", "A-02 首层"))
    revision = add_revision(drawing_set.pk, [received("建施.dxf", content)], actor=cast.owner)
    (source,) = revision.files.all()
    quarantined = store.quarantine_path(source.quarantine)
    assert quarantined.suffix == ""
    assert stat.S_IMODE(quarantined.stat().st_mode) == 0o600
    assert prepare_file(source.pk) == "ready"
    source.refresh_from_db()
    revision.refresh_from_db()
    assert (source.state, source.progress, source.quarantine) == ("ready", 100, "")
    assert revision.state == "clean"
    assert not quarantined.exists()
    kept = store.clean_path(source.sha256)
    assert kept.read_bytes() == content
    assert kept.name == hashlib.sha256(content).hexdigest()
    sheets = list(Sheet.objects.filter(revision=revision).order_by("position"))
    assert len(sheets) >= 3
    assert {sheet.state for sheet in sheets} == {"draft"}
    for sheet in sheets:
        folder = store.prepared_path(source.render_sha) / sheet.key
        assert (folder / "manifest.json").is_file()
        assert len(sheet.bbox) == 4
        assert sheet.fingerprint
    assert not list((blobs / "prepared").glob(".work-*"))
    names = list(
        AuditEvent.objects.filter(project_id=drawing_set.project_id).order_by("n").values_list("name", flat=True)
    )
    assert names == ["DrawingSetCreated", "RevisionAdded", "FilePrepared", "RevisionReady"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("不是图.dwg", b"MZ\x90\x00" + b"\x00" * 4000, "E_TYPE"),
        ("半张图.dxf", dxf()[: len(dxf()) // 2], "E_TRUNCATED"),
        ("空.pdf", b"%PDF-1.7\n", None),
    ],
)
def test_a_bad_file_gets_one_code_and_nothing_of_it_stays(
    cast: Cast, drawing_set: DrawingSet, blobs: Path, name: str, content: bytes, code: str | None
) -> None:
    revision = add_revision(drawing_set.pk, [received(name, content)], actor=cast.owner)
    prepare_all(revision)
    (source,) = revision.files.all()
    assert source.state == "refused"
    assert source.code.startswith("E_")
    if code is not None:
        assert source.code == code
    assert revision.state == "rejected"
    assert not Sheet.objects.filter(revision=revision).exists()
    assert files_below(blobs) == []
    defects = AuditEvent.objects.get(name="RevisionRejected").body["defects"]
    assert defects == [{"file_id": str(source.pk), "name": name, "code": source.code}]


def test_only_the_bad_file_has_to_be_sent_again(cast: Cast, drawing_set: DrawingSet) -> None:
    good, bad, mended = dxf("好"), b"MZ" + b"\x00" * 500, dxf("补")
    revision = add_revision(drawing_set.pk, [received("好.dxf", good), received("坏.dwg", bad)], actor=cast.owner)
    prepare_all(revision)
    assert revision.state == "rejected"
    bad_row = revision.files.get(name="坏.dwg")
    add_files(revision.pk, [received("坏.dxf", mended)], actor=cast.owner)
    prepare_all(revision)
    assert revision.state == "rejected", "the refused file still counts"
    withdraw_file(bad_row.pk, actor=cast.owner)
    revision.refresh_from_db()
    assert revision.state == "clean"
    assert [sheet.position for sheet in Sheet.objects.filter(revision=revision).order_by("position")] == [0, 1]
    with pytest.raises(StateConflict):
        withdraw_file(revision.files.get(name="好.dxf").pk, actor=cast.owner)


def test_what_the_transfer_changed_is_not_kept(cast: Cast, blobs: Path) -> None:
    content = dxf()
    with pytest.raises(Refused) as refused:
        receive_file("a.dxf", io.BytesIO(content + b"x"), sha256=hashlib.sha256(content).hexdigest())
    assert refused.value.code == "sha256_mismatch"
    with pytest.raises(Refused):
        receive_file("a.dxf", io.BytesIO(content), sha256="no sum")
    with pytest.raises(Refused) as empty:
        receive_file("a.dxf", io.BytesIO(b""))
    assert empty.value.code == "E_SIZE"
    assert files_below(blobs) == []


def test_a_disk_that_is_full_leaves_nothing(blobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("drawings.store.os.fsync", full)
    with pytest.raises(store.StorageFull):
        receive_file("a.dxf", io.BytesIO(dxf()))
    assert files_below(blobs) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\图\\首层.dwg", "首层.dwg"),
        ("a\x00b\u202e.dwg", "ab.dwg"),
        ("  .. ", "drawing"),
        ("x" * 300 + ".dwg", "x" * 196 + ".dwg"),
        ("<script>.dxf", "<script>.dxf"),
    ],
)
def test_names_are_only_names(given: str, kept: str) -> None:
    assert receive_file(given, io.BytesIO(b"x")).name == kept


def test_a_worker_that_died_is_followed_by_another(cast: Cast, drawing_set: DrawingSet) -> None:
    revision = add_revision(drawing_set.pk, [received("a.dxf", dxf())], actor=cast.owner)
    (source,) = revision.files.all()
    assert files_to_take_up() == [source.pk]
    assert files_to_take_up() == [], "asked a moment ago"
    assert take(source.pk) is not None
    assert take(source.pk) is None, "another worker holds it"
    assert prepare_file(source.pk) == "inspecting"
    SourceFile.objects.filter(pk=source.pk).update(
        held_until=timezone.now() - timedelta(seconds=1), asked_at=timezone.now() - timedelta(minutes=2)
    )
    assert files_to_take_up() == [source.pk]
    assert prepare_file(source.pk) == "ready"
    assert prepare_file(source.pk) == "ready", "a second message does nothing"
    assert Sheet.objects.filter(revision=revision).count() == 1


def test_a_file_that_kills_every_worker_is_refused(cast: Cast, drawing_set: DrawingSet) -> None:
    revision = add_revision(drawing_set.pk, [received("a.dxf", dxf())], actor=cast.owner)
    (source,) = revision.files.all()
    SourceFile.objects.filter(pk=source.pk).update(attempts=3)
    assert prepare_file(source.pk) == "refused"
    source.refresh_from_db()
    assert source.code == "E_INTERNAL"


def test_an_attempt_that_was_overtaken_writes_nothing(
    cast: Cast, drawing_set: DrawingSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = add_revision(drawing_set.pk, [received("a.dxf", dxf())], actor=cast.owner)
    (source,) = revision.files.all()
    mine = take(source.pk)
    assert mine is not None
    SourceFile.objects.filter(pk=source.pk).update(held_until=None)
    assert prepare_file(source.pk) == "ready"
    from drawings.actions.files import keep, prepared

    keep(mine, prepared(mine))
    assert Sheet.objects.filter(revision=revision).count() == 1


def test_the_same_bytes_are_prepared_once(cast: Cast, drawing_set: DrawingSet, monkeypatch: pytest.MonkeyPatch) -> None:
    content = dxf()
    first = add_revision(drawing_set.pk, [received("a.dxf", content)], actor=cast.owner)
    prepare_all(first)

    def never(*_arguments: Any, **_options: Any) -> Any:
        raise AssertionError("the sandbox is not needed")

    monkeypatch.setattr("drawings.actions.files.run", never)
    second = add_revision(drawing_set.pk, [received("a.dxf", content)], actor=cast.owner)
    prepare_all(second)
    assert second.state == "clean"
    assert second.no == "B"


def test_what_killed_uploads_left_behind_is_swept(cast: Cast, drawing_set: DrawingSet, blobs: Path) -> None:
    orphan = receive_file("a.dxf", io.BytesIO(b"x"))
    add_revision(drawing_set.pk, [received("b.dxf", dxf())], actor=cast.owner)
    assert clear_quarantine(older_than_seconds=-5) == 1
    assert not store.quarantine_path(orphan.quarantine).exists()
    assert len(files_below(blobs)) == 1


def test_a_new_revision_waits_for_check_and_notice_and_ends_the_old_logs(cast: Cast, drawing_set: DrawingSet) -> None:
    first = add_revision(drawing_set.pk, [received("a.dxf", dxf("甲", ("A-01", "A-02")))], actor=cast.owner)
    with pytest.raises(StateConflict):
        add_revision(drawing_set.pk, [received("b.dxf", dxf("乙"))], actor=cast.owner)
    prepare_all(first)
    with transaction.atomic():
        ids = open_sheets(first.pk, actor=cast.lead, round_id=uuid.uuid4())
        assert open_sheets(first.pk, actor=cast.lead) == ids, "opening twice is opening once"
    with pytest.raises(StateConflict, match="会审"):
        add_revision(drawing_set.pk, [received("b.dxf", dxf("乙"))], actor=cast.owner)
    with transaction.atomic():
        freeze_sheets(ids, reason="合并告知书", actor=cast.lead)
        freeze_sheets(ids, reason="合并告知书", actor=cast.lead)
    anchored = AuditEvent.objects.filter(name="SheetHead")
    assert anchored.count() == len(ids)
    second = add_revision(drawing_set.pk, [received("a.dxf", dxf("乙", ("A-01", "A-03")))], actor=cast.owner)
    prepare_all(second)
    with transaction.atomic():
        pairs = revise_sheets(first.pk, second.pk, actor=cast.owner)
        assert revise_sheets(first.pk, second.pk, actor=cast.owner) == pairs
    changes = {pair.change for pair in pairs}
    assert changes <= {"identical", "changed", "new", "gone"}
    for sheet in Sheet.objects.filter(revision=first):
        assert sheet.state == "frozen"
        assert SheetOp.objects.filter(sheet=sheet).latest("seq").k == "sheet.revise"
    follower = Sheet.objects.get(revision=second, name="A-01")
    assert follower.predecessor == Sheet.objects.get(revision=first, name="A-01")
    with transaction.atomic(), pytest.raises(StateConflict):
        thaw_sheets(ids, reason="x", actor=cast.lead)


def test_who_may_hand_in(cast: Cast, drawing_set: DrawingSet) -> None:
    for name in ("fire", "window", "supervisor", "sysadmin"):
        with pytest.raises((Forbidden, NotFound)):
            add_revision(drawing_set.pk, [received("a.dxf", dxf())], actor=cast.actor(name))
    with pytest.raises(NotFound):
        add_revision(drawing_set.pk, [received("a.dxf", dxf())], actor=cast.rival)
    with pytest.raises(NotFound):
        create_set(drawing_set.project_id, name="x", actor=cast.rival)
    assert add_revision(drawing_set.pk, [received("a.dxf", dxf())], actor=cast.acting()).on_behalf_of == cast.yunqi.pk


def test_names_of_sets_are_unique_and_needed(cast: Cast, drawing_set: DrawingSet) -> None:
    for name in ("建筑施工图", "  建筑施工图 ", "", "x" * 121):
        with pytest.raises(Invalid):
            create_set(drawing_set.project_id, name=name, actor=cast.owner)


def test_the_same_file_twice_is_one_file(cast: Cast, drawing_set: DrawingSet) -> None:
    content = dxf()
    revision = add_revision(drawing_set.pk, [received("a.dxf", content), received("b.dxf", content)], actor=cast.owner)
    assert revision.files.count() == 1
    assert django_settings.UPLOAD_LIMIT_BYTES == 200 * 1024 * 1024
