"""Sheets of an older version are prepared anew (重新制备): nothing is lost, nothing slips in, one worker at a time."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import ezdxf
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from config.celery import BEAT_SCHEDULE
from drawings import queries, store, tasks
from drawings.actions import anew, commit_ops, freeze_sheets, grant_marking, open_sheets, seal_sheets
from drawings.actions.anew import prepare_anew, prepare_next_anew, take_anew
from drawings.actions.files import findings_of, sheets_from
from drawings.actions.former import clear_former_preparations
from drawings.actions.log import OpRequest
from drawings.answers import sheet_out
from drawings.cad import PREPARE_VERSION, job
from drawings.cad.errors import Refusal
from drawings.cad.tables import SIGNATURES
from drawings.models import DrawingSet, FormerPreparation, Revision, Sheet, SheetOp, SourceFile
from drawings.queries.anew import files_to_prepare_anew, preparation_figures, preparation_state
from drawings.queries.log import first_bad_seq
from ledger.errors import Refused
from ledger.models import AuditEvent
from tests.actions.drawings_world import make_project, new_obj, op, reviewing
from tests.cast import Cast

OLD = str(int(PREPARE_VERSION) - 1)


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """A drawing with two layouts, prepared once by this version: (original, folder, result)."""
    folder = tmp_path_factory.mktemp("anew")
    document = ezdxf.new("R2018", setup=True)
    document.header["$INSUNITS"] = 4
    document.modelspace().add_lwpolyline([(0, 0), (42000, 0), (42000, 18000), (0, 18000)], close=True)
    for name in ("首层平面", "二层平面"):
        layout = document.layouts.new(name)
        layout.add_line((0, 0), (420, 297))
        layout.add_text(name, height=10).set_placement((20, 20))
    document.layouts.delete("Layout1")
    path = folder / "建施.dxf"
    document.saveas(path)
    return path, folder / "prepared", job.run("prepare", path, folder / "prepared", name="建施.dxf")


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


def old_id(sha256: str) -> str:
    """The render id that the version before gave."""
    return hashlib.sha256(f"{sha256}:{OLD}".encode()).hexdigest()


def rename(folder: Path, name: str) -> None:
    """The layout's own name, as the older preparation had it."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "name": name}))


def handed_in(
    cast: Cast,
    drawing: tuple[Path, Path, dict[str, Any]],
    *,
    lacked: str = "",
    extra: str = "",
    original: bool = True,
    revision: Revision | None = None,
) -> SourceFile:
    """A clean revision whose one file the version before prepared; `lacked`: a key it dropped, `extra`: one it made up."""
    path, folder, result = drawing
    if revision is None:
        drawing_set = DrawingSet.objects.create(
            project=make_project(cast, name=f"项目 {uuid.uuid4().hex[:8]}"), name="施工图"
        )
        revision = Revision.objects.create(set=drawing_set, position=1, no="A", state="clean")
    sha256 = result["sha256"]
    if original:
        store.clean_path(sha256).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, store.clean_path(sha256))
    for render in (result["render_id"], old_id(sha256)):
        if not store.prepared_path(render).exists():
            shutil.copytree(folder, store.prepared_path(render))
            (store.prepared_path(render) / "result.json").write_text(json.dumps(result))
    was, items = store.prepared_path(old_id(sha256)), list(result["sheets"])
    if lacked:
        items = [item for item in items if item["key"] != lacked]
        shutil.rmtree(was / lacked)
        # The layouts behind it stood one place before.
        shutil.move(was / "layout-2", was / "layout-1")
        items = [{**item, "key": "layout-1"} if item["key"] == "layout-2" else item for item in items]
    if extra:
        shutil.copytree(was / "layout-1", was / extra)
        rename(was / extra, "草图")
        items.append({**items[-1], "key": extra, "name": "草图"})
    then = {**result, "render_id": old_id(sha256), "prepare_version": OLD, "sheets": items}
    source = SourceFile.objects.create(
        revision=revision, name="建施.dxf", sha256=sha256, render_sha=old_id(sha256), size=1, state="ready",
        findings=findings_of(then),
    )  # fmt: skip
    sheets = sheets_from(source, then)
    for sheet in sheets:
        sheet.fidelity, sheet.readings = {}, {}
    Sheet.objects.bulk_create(sheets)
    return source


def sheets_by_key(source: SourceFile) -> dict[str, Sheet]:
    return {sheet.key: sheet for sheet in Sheet.objects.filter(file=source).select_related("file")}


def under_review(source: SourceFile, cast: Cast) -> uuid.UUID:
    """Open every sheet for a round in which the fire department may mark."""
    round_id = uuid.uuid4()
    with transaction.atomic():
        ids = open_sheets(source.revision_id, actor=cast.lead, round_id=round_id)
        grant_marking(ids, department_code="FIR", actor=cast.lead)
    return round_id


def test_the_sheets_are_those_of_this_version_and_keep_ids_logs_and_marks(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    under_review(source, cast)
    sheet = sheets_by_key(source)["layout-1"]
    Sheet.objects.filter(pk=sheet.pk).update(name="已印在文书上的图名")
    with reviewing("fire"):
        commit_ops(sheet.pk, [OpRequest(cast.fire, op("create", new_obj()))])
    before = sheets_by_key(source)
    heads = {key: (row.pk, row.seq, bytes(row.head_hash), row.state, row.round_id) for key, row in before.items()}
    assert preparation_state(before["model"]) == "waiting"
    assert prepare_next_anew().state == "done"
    after = sheets_by_key(source)
    assert {
        key: (row.pk, row.seq, bytes(row.head_hash), row.state, row.round_id) for key, row in after.items()
    } == heads
    assert first_bad_seq(sheet.pk) is None
    assert after["layout-1"].annotations.count() == 1
    assert after["layout-1"].name == "已印在文书上的图名"
    assert {row.render_sha for row in after.values()} == {job.render_id(source.sha256)}
    assert after["model"].fidelity["verdict"] in {"ok", "warn"}
    assert preparation_state(after["model"]) == "current"
    told = AuditEvent.objects.get(name="FilePreparedAnew").body
    assert (told["before"], told["version"], told["found"], told["kept"]) == (OLD, PREPARE_VERSION, [], [])
    assert not AuditEvent.objects.filter(name="SheetsFound").exists()
    # Idempotent: nothing is left, and nothing more is written.
    assert prepare_next_anew().state == "nothing"
    assert prepare_anew(source.pk, again=True).state == "nothing"
    assert AuditEvent.objects.filter(name="FilePreparedAnew").count() == 1


def test_open_pages_go_on_until_the_old_files_are_taken_away(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    former = source.render_sha
    prepare_next_anew()
    assert queries.may_read_prepared(cast.owner, former, "layout-1")
    assert not queries.may_read_prepared(cast.rival, former, "layout-1")
    assert clear_former_preparations() == 0
    assert store.prepared_path(former).is_dir()
    # Another revision with the same bytes still stands on it.
    second = handed_in(cast, drawing)
    FormerPreparation.objects.update(replaced_at=timezone.now() - timedelta(days=15))
    assert clear_former_preparations() == 0
    assert store.prepared_path(former).is_dir()
    assert not queries.may_read_prepared(cast.rival, former, "layout-1")
    assert prepare_next_anew().file_id == second.pk
    FormerPreparation.objects.update(replaced_at=timezone.now() - timedelta(days=15))
    assert clear_former_preparations() == 1
    assert not store.prepared_path(former).exists()
    assert not queries.may_read_prepared(cast.owner, former, "layout-1")
    assert store.prepared_path(job.render_id(source.sha256)).is_dir()


def test_a_sheet_found_joins_the_review_and_those_who_review_are_told(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing, lacked="layout-1")
    round_id = under_review(source, cast)
    second_floor = sheets_by_key(source)["layout-1"]
    answer = prepare_next_anew()
    assert len(answer.found) == 1
    after = sheets_by_key(source)
    # The layout that was dropped stood first: the other moves along under its own id.
    assert after["layout-2"].pk == second_floor.pk
    found = after["layout-1"]
    assert (found.state, found.round_id, found.name) == ("open", round_id, "首层平面")
    assert found.position > after["layout-2"].position
    ops = list(SheetOp.objects.filter(sheet=found).order_by("seq").values_list("k", "p"))
    assert [kind for kind, _p in ops] == ["sheet.open", "perm.grant"]
    assert ops[1][1] == {"dept": "FIR"}
    assert first_bad_seq(found.pk) is None
    told = AuditEvent.objects.get(name="SheetsFound").body
    assert (told["round_id"], told["state"], told["names"]) == (str(round_id), "open", ["首层平面"])
    checks = Revision.objects.get(pk=source.revision_id).checks
    assert [item["sheets"] for item in checks if item["code"] == "SHEET_FOUND"] == [[str(found.pk)]]
    # The old page of the other layout is still answered under its old key.
    assert queries.may_read_prepared(cast.owner, old_id(source.sha256), "layout-1")


def test_what_was_signed_stays_as_it_was_signed(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing, lacked="layout-1")
    under_review(source, cast)
    with transaction.atomic():
        seal_sheets([sheet.pk for sheet in sheets_by_key(source).values()], actor=cast.lead)
    signed = {row.pk: (row.seq, bytes(row.head_hash), row.name) for row in sheets_by_key(source).values()}
    assert prepare_next_anew().state == "done"
    after = sheets_by_key(source)
    assert {row.pk: (row.seq, bytes(row.head_hash), row.name) for row in after.values() if row.pk in signed} == signed
    assert (after["layout-1"].state, after["layout-1"].round_id, after["layout-1"].seq) == ("draft", None, 0)
    assert AuditEvent.objects.get(name="SheetsFound").body["state"] == "signed"


def test_a_frozen_review_gets_the_found_sheet_frozen(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing, lacked="layout-1")
    under_review(source, cast)
    with transaction.atomic():
        freeze_sheets([sheet.pk for sheet in sheets_by_key(source).values()], reason="notice", actor=cast.lead)
    prepare_next_anew()
    found = sheets_by_key(source)["layout-1"]
    kinds = list(SheetOp.objects.filter(sheet=found).order_by("seq").values_list("k", flat=True))
    assert (found.state, kinds) == ("frozen", ["sheet.open", "sheet.freeze", "perm.grant"])


def test_a_sheet_that_is_gone_stays_with_the_older_preparation(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing, extra="layout-3")
    gone = sheets_by_key(source)["layout-3"]
    answer = prepare_next_anew()
    assert (answer.state, answer.kept) == ("done", [str(gone)])
    kept = sheets_by_key(source)["layout-3"]
    assert (kept.pk, kept.render_sha, preparation_state(kept)) == (gone.pk, old_id(source.sha256), "kept")
    assert queries.may_read_prepared(cast.owner, kept.render_sha, "layout-3")
    FormerPreparation.objects.update(replaced_at=timezone.now() - timedelta(days=15))
    assert clear_former_preparations() == 0
    assert (store.prepared_path(kept.render_sha) / "layout-3" / "manifest.json").is_file()
    checks = Revision.objects.get(pk=source.revision_id).checks
    assert [item["sheets"] for item in checks if item["code"] == "SHEET_KEPT"] == [[str(gone.pk)]]


def test_marks_are_never_carried_to_another_place(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    under_review(source, cast)
    marked, bare = sheets_by_key(source)["layout-1"], sheets_by_key(source)["layout-2"]
    with reviewing("fire"):
        commit_ops(marked.pk, [OpRequest(cast.fire, op("create", new_obj()))])
    Sheet.objects.filter(pk__in=[marked.pk, bare.pk]).update(bbox=[9000, 9000, 9420, 9297])
    answer = prepare_next_anew()
    assert answer.kept == [str(marked)]
    after = {row.pk: row for row in sheets_by_key(source).values()} | {
        row.pk: row for row in Sheet.objects.filter(pk=marked.pk).select_related("file")
    }
    assert (after[marked.pk].render_sha, after[marked.pk].bbox[0]) == (old_id(source.sha256), 9000)
    assert after[bare.pk].render_sha == job.render_id(source.sha256)


def test_a_file_that_fails_keeps_its_sheets_and_is_named(
    cast: Cast, drawing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = handed_in(cast, drawing)
    before = {key: (row.pk, row.render) for key, row in sheets_by_key(source).items()}

    def no(*_args: Any, **_kwargs: Any) -> dict[str, Any]:
        raise Refusal("E_TIMEOUT", "超时", "took too long")

    with monkeypatch.context() as patch:
        patch.setattr(anew, "made_from", no)
        answer = prepare_next_anew()
    assert (answer.state, answer.code) == ("failed", "E_TIMEOUT")
    after = sheets_by_key(source)
    assert {key: (row.pk, row.render) for key, row in after.items()} == before
    assert preparation_state(after["model"]) == "failed"
    assert [row.pk for row in preparation_figures().failed] == [source.pk]
    assert AuditEvent.objects.get(name="NewPreparationFailed").body["code"] == "E_TIMEOUT"
    checks = Revision.objects.get(pk=source.revision_id).checks
    assert [item["files"] for item in checks if item["code"] == "NOT_ANEW"] == [["建施.dxf"]]
    # Not tried again by itself; whoever asks for it by name gets it.
    assert prepare_next_anew().state == "nothing"
    assert prepare_anew(source.pk, again=True).state == "done"
    assert preparation_figures().failed == []
    assert not [item for item in Revision.objects.get(pk=source.revision_id).checks if item["code"] == "NOT_ANEW"]


def test_a_damaged_original_is_never_prepared(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    store.clean_path(source.sha256).write_bytes(b"other")
    assert prepare_next_anew().code == "E_INTERNAL"
    source.refresh_from_db()
    assert "校验值" in source.anew_detail["zh"]
    assert source.render_sha == old_id(source.sha256)


def test_a_dead_worker_is_followed_and_a_late_one_writes_nothing(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    dead = take_anew(source.pk, again=False)
    assert isinstance(dead, SourceFile)
    assert prepare_next_anew().state == "busy"
    SourceFile.objects.filter(pk=source.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    assert prepare_next_anew().state == "done"
    late = anew.made_anew(dead)
    assert anew.keep_anew(dead, late, sheets_from(dead, late), {}).state == "busy"
    assert AuditEvent.objects.filter(name="FilePreparedAnew").count() == 1


def test_what_breaks_off_every_time_is_given_up(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    for _turn in range(3):
        take_anew(source.pk, again=False)
        SourceFile.objects.filter(pk=source.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    assert prepare_next_anew().code == "E_INTERNAL"
    assert prepare_next_anew().state == "nothing"


def test_a_reader_is_told_while_the_sheet_waits(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    sheet = queries.sheet(sheets_by_key(source)["layout-1"].pk)
    told = sheet_out(sheet)["preparation"]
    assert (told["state"], "正在重新制备" in told["text"]) == ("waiting", True)
    # A form that says less than this version reads is not a fault of the file.
    folder = store.prepared_path(sheet.render_sha) / sheet.key
    (folder / SIGNATURES).unlink()
    (folder / "entities.bin").unlink()
    other = queries.sheet(sheets_by_key(source)["layout-2"].pk)
    with pytest.raises(Refused) as refused:
        queries.compare_prepared(sheet, other)
    assert refused.value.code == "being_prepared_anew"
    prepare_next_anew()
    assert not queries.compare_prepared(queries.sheet(sheet.pk), queries.sheet(other.pk)).identical
    assert sheet_out(queries.sheet(sheet.pk))["preparation"] == {"state": "current", "text": ""}


def test_new_uploads_go_first(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    upload = SourceFile.objects.create(
        revision=source.revision, name="新图.dxf", sha256="0" * 64, size=1, state="queued", position=1
    )
    assert prepare_next_anew().state == "busy"
    upload.delete()
    assert prepare_next_anew().state == "done"


def test_what_is_under_review_goes_first_then_the_latest(cast: Cast, drawing: Any) -> None:
    oldest, reviewed, latest = (handed_in(cast, drawing) for _ in range(3))
    under_review(reviewed, cast)
    assert list(files_to_prepare_anew()) == [reviewed, latest, oldest]


def test_a_newer_versions_sheets_are_left_alone_unless_asked(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing)
    source.findings["prepare_version"] = str(int(PREPARE_VERSION) + 1)
    source.save()
    assert not files_to_prepare_anew().exists()
    assert preparation_figures().newer == 1
    assert prepare_anew(source.pk).state == "nothing"
    assert prepare_anew(source.pk, again=True).state == "done"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_prepare_each_file_once(cast: Cast, drawing: Any) -> None:
    files = {handed_in(cast, drawing).pk for _ in range(3)}

    def worker(_n: int) -> list[str]:
        states = []
        try:
            for _turn in range(60):
                states.append(prepare_next_anew().state)
                if states[-1] == "nothing":
                    break
        finally:
            connection.close()
        return states

    with ThreadPoolExecutor(2) as pool:
        states = [state for found in pool.map(worker, range(2)) for state in found]
    assert states.count("done") == len(files)
    assert set(states) <= {"done", "busy", "nothing"}
    assert AuditEvent.objects.filter(name="FilePreparedAnew").count() == len(files)
    assert not SourceFile.objects.exclude(render_sha=job.render_id(SourceFile.objects.first().sha256)).exists()  # type: ignore[union-attr]


def test_the_command_says_what_it_does(cast: Cast, drawing: Any) -> None:
    source = handed_in(cast, drawing, lacked="layout-1")
    said = StringIO()
    call_command("prepare_anew", "--dry-run", stdout=said)
    assert str(source.pk) in said.getvalue()
    assert SourceFile.objects.get(pk=source.pk).render_sha == old_id(source.sha256)
    # Nothing of this version is there yet: the sandbox makes it.
    shutil.rmtree(store.prepared_path(job.render_id(source.sha256)))
    said = StringIO()
    call_command("prepare_anew", "--file", str(source.pk), stdout=said)
    assert "首层平面" in said.getvalue()
    assert SourceFile.objects.get(pk=source.pk).render_sha == job.render_id(source.sha256)
    with pytest.raises(CommandError):
        call_command("prepare_anew", "--file", str(uuid.uuid4()))


def test_one_file_after_the_other_until_none_is_left(cast: Cast, drawing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.prepare_next, "apply_async", lambda **how: asked.append(how))
    handed_in(cast, drawing)
    assert tasks.take_up_outdated() == 1
    assert tasks.prepare_next() == "done"
    assert len(asked) == 2
    assert tasks.prepare_next() == "nothing"
    assert tasks.take_up_outdated() == 0
    assert len(asked) == 2
    assert BEAT_SCHEDULE["prepare drawings of older versions anew"]["task"] == tasks.take_up_outdated.name
