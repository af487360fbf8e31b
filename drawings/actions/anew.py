"""Sheets that an older version prepared are prepared anew (重新制备), one file at a time, new uploads first.

Any number of workers may ask at any time: a lease on the file's row lets one of all of them work. Originals, sheet ids,
logs and marks stay as they are. Nothing is taken away: a sheet that the new preparation lacks stays with the older one,
and a file that cannot be prepared anew keeps its old sheets, named to whoever runs the site. docs/adr/0008.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from drawings import store
from drawings.actions.files import (
    LEASE,
    WAITING,
    checks_of,
    findings_of,
    heartbeat,
    made_from,
    number_sheets,
    sheets_from,
)
from drawings.actions.sheets import append_one, locked, move_sheet, text
from drawings.cad import PREPARE_VERSION
from drawings.cad.errors import Refusal
from drawings.events import FilePreparedAnew, NewPreparationFailed, SheetsFound
from drawings.models import Annotation, FormerPreparation, Revision, Sheet, SheetOp, SourceFile
from drawings.queries.anew import files_to_prepare_anew, prepared_otherwise, version_of
from drawings.rules.anew import Box, Following, SheetIs, SheetWas, follow, steps_of_found
from drawings.rules.uploads import ATTEMPTS
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.queries import lock_project

log = structlog.get_logger()
SYSTEM = Actor.system(cause="PreparationOutdated")
# Of the sheet itself, from its newest preparation; number and name only while nobody reviews it (papers name them).
DERIVED = ("key", "kept_sha", "bbox", "units", "scale", "fingerprint", "fidelity", "readings", "number", "name")
LOCK = int.from_bytes(hashlib.sha256(b"drawings.anew").digest()[:8], "big", signed=True)


@dataclass(frozen=True)
class Anew:
    """What came of one file: done, failed, busy (another worker is at one, or uploads wait) or nothing (to be done)."""

    state: str
    file_id: UUID | None = None
    name: str = ""
    code: str = ""
    found: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def prepare_next_anew() -> Anew:
    """Prepare the next outdated file, unless new uploads wait or another worker is at one."""
    if uploads_wait():
        return Anew("busy")
    file_id = files_to_prepare_anew().values_list("pk", flat=True).first()
    return Anew("nothing") if file_id is None else prepare_anew(file_id)


def uploads_wait() -> bool:
    """Is a new file on its way? It goes first."""
    return SourceFile.objects.filter(state__in=WAITING, withdrawn_at__isnull=True).exists()


def prepare_anew(file_id: UUID, *, again: bool = False) -> Anew:
    """Prepare one file's sheets with this version; `again`: also where it failed before or a newer version made them.

    The heavy work happens outside any transaction, in the sandbox's process.
    """
    source = take_anew(file_id, again=again)
    if isinstance(source, Anew):
        return source
    log.info("file_taken_anew", file=str(file_id), attempt=source.anew_attempts, before=version_of(source))
    try:
        with heartbeat(SourceFile.objects.filter(**lease_of(source))):
            result = made_anew(source)
            made, names = sheets_from(source, result), own_names(source)
    except Refusal as refusal:
        return fail(source, refusal)
    return keep_anew(source, result, made, names)


@transaction.atomic
def take_anew(file_id: UUID, *, again: bool) -> SourceFile | Anew:
    """Get the lease of an outdated file, or why not. One file at a time, whatever the number of workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        alone = bool(cursor.fetchone()[0])
    at = timezone.now()
    if not alone or SourceFile.objects.filter(state="ready", held_until__gt=at).exists():
        return Anew("busy", file_id)
    wanted = prepared_otherwise() if again else files_to_prepare_anew()
    source = wanted.select_for_update(of=("self",)).filter(pk=file_id).select_related("revision__set").first()
    if source is None:
        return Anew("nothing", file_id)
    first = again or source.anew_version != PREPARE_VERSION
    source.anew_attempts = 1 if first else source.anew_attempts + 1
    source.anew_version, source.anew_code, source.anew_detail = PREPARE_VERSION, "", {}
    source.held_until, source.anew_lease = at + LEASE, uuid4()
    source.save(update_fields=["anew_attempts", "anew_version", "anew_code", "anew_detail", "anew_lease", "held_until"])
    return source


def lease_of(source: SourceFile) -> dict[str, Any]:
    """What finds the row while the lease is ours: another worker's is another, and an end takes it away."""
    return {"pk": source.pk, "state": "ready", "anew_lease": source.anew_lease}


def made_anew(source: SourceFile) -> dict[str, Any]:
    """What this version makes of the kept original. Raises Refusal."""
    if source.anew_attempts > ATTEMPTS:
        raise Refusal("E_INTERNAL", "多次重新制备均中断", "preparing it anew broke off several times")
    path = store.clean_path(source.sha256)
    if not path.is_file():
        raise Refusal("E_INTERNAL", "保存的原图丢失", "the kept original is missing")
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != source.sha256:
            raise Refusal("E_INTERNAL", "保存的原图与其校验值不符", "the kept original does not match its checksum")
    return made_from(path, source.name, source.sha256)


def own_names(source: SourceFile) -> dict[UUID, str]:
    """The name each sheet has in its file; those whose older preparation cannot be read are left out."""
    found = {}
    for sheet in Sheet.objects.filter(file=source).select_related("file"):
        name = store.own_name(sheet.render_sha, sheet.key)
        if name is not None:
            found[sheet.pk] = name
    return found


def keep_anew(source: SourceFile, result: dict[str, Any], made: list[Sheet], names: dict[UUID, str]) -> Anew:
    """Let the file's sheets be those of the new preparation; what is found and what stays behind is named."""
    with transaction.atomic():
        row = mine(source)
        if row is None:
            return Anew("busy", source.pk)
        before = row.render_sha
        old = locked(Sheet.objects.filter(file=row).values_list("pk", flat=True))
        following = follow(were(old, names), are(made, result))
        renew(old, {sheet.key: sheet for sheet in made}, following, before)
        row.render_sha, row.findings = result["render_id"], findings_of(result)
        row.held_until = row.anew_lease = None
        row.save(update_fields=["render_sha", "findings", "held_until", "anew_lease"])
        found = take_in([sheet for sheet in made if sheet.key in following.found], row.revision)
        check_anew(row.revision)
        event = FilePreparedAnew(
            project_id=row.revision.set.project_id,
            revision_id=row.revision_id,
            file_id=row.pk,
            sha256=row.sha256,
            before=version_of(source),
            version=PREPARE_VERSION,
            sheets=sorted(following.renewed, key=str),
            found=[sheet.pk for sheet in found],
            kept=list(following.kept),
        )
        record(event, actor=SYSTEM, subject=row, project_id=event.project_id)
    named = {sheet.pk: str(sheet) for sheet in old}
    kept = [named[pk] for pk in following.kept]
    log.info("file_prepared_anew", file=str(row.pk), found=len(found), kept=len(kept))
    return Anew("done", row.pk, row.name, found=[str(sheet) for sheet in found], kept=kept)


def fail(source: SourceFile, refusal: Refusal) -> Anew:
    """Note why this version makes no sheets of the file; those it has stay."""
    with transaction.atomic():
        row = mine(source)
        if row is None:
            return Anew("busy", source.pk)
        row.anew_code, row.anew_detail = refusal.code, {"zh": refusal.detail_zh, "en": refusal.detail_en}
        row.held_until = row.anew_lease = None
        row.save(update_fields=["anew_code", "anew_detail", "held_until", "anew_lease"])
        check_anew(row.revision)
        event = NewPreparationFailed(
            project_id=row.revision.set.project_id,
            revision_id=row.revision_id,
            file_id=row.pk,
            sha256=row.sha256,
            version=PREPARE_VERSION,
            code=refusal.code,
        )
        record(event, actor=SYSTEM, subject=row, project_id=event.project_id)
    log.error("new_preparation_failed", file=str(row.pk), code=refusal.code, detail=refusal.detail_en)
    return Anew("failed", row.pk, row.name, code=refusal.code)


def check_anew(revision: Revision) -> None:
    """The intake checks over what the sheets are now; a revision that is not clean yet is checked when it is."""
    if revision.state == "clean":
        revision.checks = checks_of(revision)
        revision.save(update_fields=["checks"])


def mine(source: SourceFile) -> SourceFile | None:
    """The row, locked after project and revision, unless the lease went to another attempt."""
    lock_project(source.revision.set.project_id)
    Revision.objects.select_for_update().get(pk=source.revision_id)
    held = SourceFile.objects.select_for_update(of=("self",)).select_related("revision__set")
    row = held.filter(**lease_of(source)).first()
    if row is None:
        log.warning("file_taken_over_anew", file=str(source.pk), attempt=source.anew_attempts)
    return row


def were(sheets: Sequence[Sheet], names: dict[UUID, str]) -> list[SheetWas]:
    """The sheets as the rule sees them."""
    marked = set(Annotation.objects.filter(sheet__in=sheets).values_list("sheet_id", flat=True))
    return [
        SheetWas(sheet.pk, sheet.key, sheet.kind, names.get(sheet.pk, ""), box(sheet), sheet.pk in marked)
        for sheet in sheets
    ]


def are(made: Sequence[Sheet], result: dict[str, Any]) -> list[SheetIs]:
    """What the new preparation gives, as the rule sees it."""
    names = {item["key"]: str(item["name"]) for item in result["sheets"]}
    return [SheetIs(sheet.key, sheet.kind, names[sheet.key], box(sheet)) for sheet in made]


def box(sheet: Sheet) -> Box:
    """Its bounding box."""
    x0, y0, x1, y1 = (float(value) for value in sheet.bbox)
    return (x0, y0, x1, y1)


def renew(old: Sequence[Sheet], made: dict[str, Sheet], following: Following, before: str) -> None:
    """Give each sheet what the new preparation says of it; those that stay behind keep theirs by name."""
    former = [FormerPreparation(sheet=sheet, render_sha=sheet.kept_sha or before, key=sheet.key) for sheet in old]
    FormerPreparation.objects.bulk_create(former, ignore_conflicts=True)
    # Layouts may have moved along: no two hold one key at any moment.
    for sheet in old:
        Sheet.objects.filter(pk=sheet.pk).update(key=f"moving-{sheet.pk}")
    for sheet in old:
        renewed = following.renewed.get(sheet.pk)
        if renewed is None:
            sheet.kept_sha = sheet.kept_sha or before
            continue
        for name in DERIVED:
            if name not in {"number", "name"} or sheet.state == "draft":
                setattr(sheet, name, getattr(made[renewed], name))
    Sheet.objects.bulk_update(old, DERIVED)


def take_in(found: list[Sheet], revision: Revision) -> list[Sheet]:
    """Store sheets that nobody had seen; they join the review their revision is in, and whoever reviews it is told."""
    if not found:
        return []
    others = list(Sheet.objects.filter(revision=revision).order_by("position"))
    last = Sheet.objects.filter(revision=revision).aggregate(Max("position"))["position__max"]
    for offset, sheet in enumerate(found, start=1):
        sheet.position, sheet.found_at = (last if last is not None else -1) + offset, now()
    Sheet.objects.bulk_create(found)
    states = [sheet.state for sheet in others]
    if set(states) <= {"draft"}:
        number_sheets(revision)
    round_id = next((sheet.round_id for sheet in others if sheet.round_id and sheet.state in {"open", "frozen"}), None)
    for sheet in locked([sheet.pk for sheet in found]):
        join(sheet, steps_of_found(states), round_id, like=next(iter(others), None))
    event = SheetsFound(
        project_id=revision.set.project_id,
        set_id=revision.set_id,
        revision_id=revision.pk,
        round_id=next((sheet.round_id for sheet in others if sheet.round_id), None),
        state=found_state(states),
        sheets=[sheet.pk for sheet in found],
        names=[f"{sheet.number} {sheet.name}".strip() for sheet in found],
    )
    record(event, actor=SYSTEM, subject=revision, project_id=event.project_id)
    return found


def join(sheet: Sheet, steps: Sequence[str], round_id: UUID | None, *, like: Sheet | None) -> None:
    """Open a sheet for the round its neighbours are in, for the departments that may mark those."""
    for step in steps:
        move_sheet(sheet, step)
        sheet.round_id = round_id
        append_one(sheet, f"sheet.{step}", SYSTEM, {"reason": "found", "round": text(round_id)})
    if not steps or like is None:
        return
    rights = SheetOp.objects.filter(sheet=like, k__in=["perm.grant", "perm.revoke"]).order_by("seq")
    last = {op.p["dept"]: op.k for op in rights}
    for department, kind in sorted(last.items()):
        if kind == "perm.grant":
            append_one(sheet, "perm.grant", SYSTEM, {"dept": department})


def found_state(states: Sequence[str]) -> str:
    """How far the review is that the found sheets come to: draft, open, frozen or signed."""
    return next((state for state in ("signed", "open", "frozen") if state in states), "draft")
