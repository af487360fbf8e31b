"""A file on its way (图纸处理): taken from quarantine, run through the sandbox, kept as sheets or refused with a code.

Any number of workers may be told of the same file, any number of times: a lease on the row lets one work, a heartbeat
keeps the lease, a dead worker's lease runs out and another begins anew. Nothing of a refused file is kept.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from drawings import store
from drawings.cad.compare import fingerprint
from drawings.cad.errors import Refusal
from drawings.cad.job import render_id
from drawings.cad.readings import read_sheet
from drawings.cad.sandbox import run
from drawings.events import FilePrepared, FileRefused, RevisionReady, RevisionRejected
from drawings.models import Revision, Sheet, SourceFile, Upload
from drawings.queries.intake import seen
from drawings.rules.intake import check
from drawings.rules.titles import titled
from drawings.rules.uploads import ATTEMPTS, extension_of, revision_state
from drawings.states import FILE_MOVES, move
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.queries import lock_project

log = structlog.get_logger()

LEASE = timedelta(seconds=45)
BEAT_SECONDS = 10.0
PROGRESS_SECONDS = 0.4
WAITING = ("queued", "inspecting", "rendering")
SYSTEM = Actor.system(cause="RevisionAdded")


def prepare_file(file_id: UUID) -> str:
    """Prepare one file and return its state; safe to call twice, from anywhere, at any time.

    The heavy work happens outside any transaction, in the sandbox's process.
    """
    source = take(file_id)
    if source is None:
        return SourceFile.objects.filter(pk=file_id).values_list("state", flat=True).first() or "gone"
    log.info("file_taken", file=str(file_id), attempt=source.attempts, size=source.size)
    try:
        with heartbeat(SourceFile.objects.filter(pk=file_id, attempts=source.attempts, state__in=WAITING)):
            made = prepared(source)
    except Refusal as refusal:
        refuse(source, refusal)
        return "refused"
    keep(source, made)
    return "ready"


@transaction.atomic
def take(file_id: UUID) -> SourceFile | None:
    """Get the lease of a file, or None when it is done or another worker holds it."""
    source = SourceFile.objects.select_for_update(skip_locked=True).filter(pk=file_id, state__in=WAITING).first()
    at = timezone.now()
    if source is None or source.withdrawn_at is not None or (source.held_until is not None and source.held_until > at):
        return None
    source.state = move(FILE_MOVES, source.state, "inspect")
    source.attempts += 1
    source.progress, source.step = 0, "start"
    source.held_until = at + LEASE
    source.save(update_fields=["state", "attempts", "progress", "step", "held_until"])
    return source


def prepared(source: SourceFile) -> dict[str, Any]:
    """The result of the sandbox with `render_id` and the folder's sheets; raises Refusal."""
    if source.attempts > ATTEMPTS:
        raise Refusal("E_INTERNAL", "多次处理均中断", "processing broke off several times")
    path = store.quarantine_path(source.quarantine)
    if not path.exists():
        path = store.clean_path(source.sha256)
    if not path.exists():
        raise Refusal("E_INTERNAL", "暂存文件丢失", "the quarantined file is missing")
    return made_from(path, source.name, source.sha256, Progress(source))


def made_from(
    path: Path, name: str, sha256: str, on_progress: Callable[[int, str], None] | None = None
) -> dict[str, Any]:
    """The kept result for these bytes, or that of the sandbox, kept from now on; no database. Raises Refusal."""
    known = store.prepared_result(render_id(sha256))
    if known is not None and known.get("format") == extension_of(name):
        # The same bytes went this way before, with the same version of the preparation.
        return known
    work = store.working_folder()
    try:
        result = run("prepare", path, work, on_progress=on_progress, name=name)
        store.keep_prepared(work, result["render_id"], result)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return result


class Progress:
    """Stores how far the sandbox is, at most every 0.4 s; judging is `inspecting`, drawing is `rendering`."""

    DRAWING = frozenset({"draw", "write", "tiles", "done"})

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.at = 0.0
        self.step = ""

    def __call__(self, percent: int, step: str) -> None:
        if step == self.step and time.monotonic() - self.at < PROGRESS_SECONDS:
            return
        self.at, self.step = time.monotonic(), step
        state = "rendering" if step in self.DRAWING else "inspecting"
        SourceFile.objects.filter(pk=self.source.pk, attempts=self.source.attempts, state__in=WAITING).update(
            progress=min(percent, 99), step=step, state=state
        )


@contextmanager
def heartbeat(held: QuerySet[SourceFile]) -> Iterator[None]:
    """Renew the lease from a thread while the sandbox works; `held` finds the row as long as the lease is ours."""
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(BEAT_SECONDS):
                held.update(held_until=timezone.now() + LEASE)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def keep(source: SourceFile, result: dict[str, Any]) -> None:
    """Move the original to the clean store and make its sheets; the revision is settled with its last file."""
    sheets = sheets_from(source, result)
    with transaction.atomic():
        row = mine(source)
        if row is None:
            return
        # Before the commit: a row that says ready must have its original; a move too many is found by the next attempt.
        store.keep_original(source.quarantine, source.sha256)
        row.state, row.progress, row.step = "ready", 100, "done"
        row.format = str(result.get("format", ""))
        row.render_sha, row.quarantine, row.held_until = result["render_id"], "", None
        row.findings = findings_of(result)
        row.finished_at = now()
        row.save()
        Sheet.objects.bulk_create(sheets)
        revision = row.revision
        event = FilePrepared(
            project_id=revision.set.project_id,
            revision_id=revision.pk,
            file_id=row.pk,
            sha256=row.sha256,
            sheets=[sheet.pk for sheet in sheets],
        )
        record(event, actor=SYSTEM, subject=row, project_id=revision.set.project_id)
        settle_revision(revision, actor=SYSTEM)


def sheets_from(source: SourceFile, result: dict[str, Any]) -> list[Sheet]:
    """The sheets of a finished preparation, in its order, not stored yet."""
    folder = store.prepared_path(result["render_id"])
    alone = len(result["sheets"]) == 1
    metres = (result.get("units") or {}).get("metres_per_unit")
    return [
        sheet_of(source, folder, item["key"], index, alone=alone, model_metres=metres)
        for index, item in enumerate(result["sheets"])
    ]


def findings_of(result: dict[str, Any]) -> dict[str, Any]:
    """What the file's row keeps of the sandbox's answer."""
    return {name: value for name, value in result.items() if name not in {"sheets", "peak_bytes"}}


def refuse(source: SourceFile, refusal: Refusal) -> None:
    """Note the code and throw the file away."""
    with transaction.atomic():
        row = mine(source)
        if row is None:
            return
        row.state, row.step, row.held_until = "refused", "done", None
        row.code, row.detail = refusal.code, {"zh": refusal.detail_zh, "en": refusal.detail_en}
        row.quarantine, row.finished_at = "", now()
        row.save()
        revision = row.revision
        event = FileRefused(
            project_id=revision.set.project_id,
            revision_id=revision.pk,
            file_id=row.pk,
            sha256=row.sha256,
            code=refusal.code,
        )
        record(event, actor=SYSTEM, subject=row, project_id=revision.set.project_id)
        settle_revision(revision, actor=SYSTEM)
    store.drop_quarantined(source.quarantine)


def mine(source: SourceFile) -> SourceFile | None:
    """The row, locked after project and revision, unless another attempt has taken it over or finished it."""
    lock_project(source.revision.set.project_id)
    Revision.objects.select_for_update().get(pk=source.revision_id)
    row = SourceFile.objects.select_for_update(of=("self",)).select_related("revision__set").get(pk=source.pk)
    if row.attempts != source.attempts or row.state not in WAITING:
        log.warning("file_taken_over", file=str(source.pk), attempt=source.attempts)
        return None
    return row


def settle_revision(revision: Revision, *, actor: Actor) -> None:
    """Give the revision the state its files have, and tell of it: part of an act that holds project and revision."""
    files = list(revision.files.filter(withdrawn_at__isnull=True).order_by("position"))
    state = revision_state([file.state for file in files])
    if state == "checking":
        return
    revision.state, revision.checked_at = state, now()
    revision.save(update_fields=["state", "checked_at"])
    project_id = revision.set.project_id
    if state == "clean":
        number_sheets(revision)
        revision.checks = checks_of(revision)
        revision.save(update_fields=["checks"])
        ready = RevisionReady(project_id=project_id, set_id=revision.set_id, revision_id=revision.pk, no=revision.no)
        record(ready, actor=actor, subject=revision, project_id=project_id)
        return
    defects = [
        {"file_id": str(file.pk), "name": file.name, "code": file.code} for file in files if file.state == "refused"
    ]
    rejected = RevisionRejected(
        project_id=project_id, set_id=revision.set_id, revision_id=revision.pk, no=revision.no, defects=defects
    )
    record(rejected, actor=actor, subject=revision, project_id=project_id)


def checks_of(revision: Revision) -> list[dict[str, Any]]:
    """What the intake checks find in a revision whose files are all accepted (入库检查)."""
    sheets = Sheet.objects.filter(revision=revision).order_by("position")
    empty = [
        (source.name, str(layout))
        for source in revision.files.filter(withdrawn_at__isnull=True).order_by("position")
        for layout in source.findings.get("empty_layouts", [])
    ]
    return check(
        [seen(sheet) for sheet in sheets], empty, [source.name for source in revision.files.all() if source.anew_code]
    )


def number_sheets(revision: Revision) -> None:
    """Sheets in the order of the files, then of the sheets in each: files end in any order."""
    sheets = list(Sheet.objects.filter(revision=revision).select_related("file").order_by("file__position", "position"))
    for position, sheet in enumerate(sheets):
        sheet.position = position
    Sheet.objects.bulk_update(sheets, ["position"])


def sheet_of(
    source: SourceFile, folder: Path, key: str, index: int, *, alone: bool, model_metres: float | None = None
) -> Sheet:
    """A sheet from its prepared folder (docs/drawing-format.md); `alone`: the only one of its file.

    Its one title block says what it is called; without one, the layout or the file does.
    """
    manifest = json.loads((folder / key / "manifest.json").read_text(encoding="utf-8"))
    fidelity = json.loads((folder / key / "fidelity.json").read_text(encoding="utf-8"))
    number, name = titled(str(manifest["name"]), source.name, is_model=manifest["kind"] == "model", alone=alone)
    readings = readings_of(folder / key, model_metres)
    titles = readings.get("titles", [])
    if len(titles) == 1:
        number, name = titles[0].get("number", number), titles[0].get("name", name)
    return Sheet(
        revision_id=source.revision_id,
        file=source,
        key=key,
        position=index,
        number=(str(manifest.get("number") or "") or number)[:60],
        name=name[:200] or key,
        kind=manifest["kind"],
        bbox=manifest["bbox"],
        units=manifest["units"]["name"],
        scale=manifest["units"].get("metres_per_unit"),
        fingerprint=fingerprint(folder / key),
        fidelity=fidelity,
        readings=readings,
    )


def readings_of(folder: Path, model_metres: float | None) -> dict[str, Any]:
    """What the sheet says of itself; a sheet that cannot be read so is none the worse, and the log has it."""
    try:
        return read_sheet(folder, model_metres=model_metres)
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        log.exception("readings_failed", folder=str(folder))
        return {}


def files_to_take_up(limit: int = 100) -> list[UUID]:
    """Files that wait and that no worker was asked to take lately; marks them as asked."""
    at = timezone.now()
    waiting = Q(held_until__isnull=True) | Q(held_until__lt=at)
    lately = Q(asked_at__isnull=True) | Q(asked_at__lt=at - LEASE)
    with transaction.atomic():
        ids = list(
            SourceFile.objects.select_for_update(skip_locked=True)
            .filter(waiting, lately, state__in=WAITING, withdrawn_at__isnull=True)
            .order_by(F("asked_at").asc(nulls_first=True), "made_at")
            .values_list("pk", flat=True)[:limit]
        )
        SourceFile.objects.filter(pk__in=ids).update(asked_at=at)
    return ids


def clear_quarantine(older_than_seconds: float = 3600) -> int:
    """Remove quarantined files that belong to no row, and half-made preparations (a killed upload or worker)."""
    known = set(SourceFile.objects.filter(state__in=WAITING).values_list("quarantine", flat=True))
    known |= set(Upload.objects.values_list("quarantine", flat=True))
    removed = 0
    for path in store.quarantined_before(older_than_seconds):
        if path.name in known:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed
