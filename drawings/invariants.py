"""What must always hold of sheets, their logs and their files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F, Max

from drawings.models import Annotation, Sheet, SourceFile
from drawings.queries.log import first_bad_seq
from drawings.store import clean_path, prepared_path, quarantine_path
from ledger.clock_now import now

STUCK_AFTER = timedelta(minutes=15)
IN_WORK = ("queued", "inspecting", "rendering")


def violations() -> Iterator[str]:
    """Logs with gaps or broken hashes, marks ahead of their log, files lost or stuck."""
    counted = Sheet.objects.annotate(rows=Count("ops"), top=Max("ops__seq"))
    for sheet in counted.filter(seq__gt=0).exclude(rows=F("seq"), top=F("seq")):
        yield f"drawings: sheet {sheet.pk} counts {sheet.seq} ops and holds {sheet.rows} up to {sheet.top}"
    for pk in Sheet.objects.filter(seq__gt=0).values_list("pk", flat=True):
        bad = first_bad_seq(pk)
        if bad is not None:
            yield f"drawings: the log of sheet {pk} does not verify at {bad}"
    for mark in Annotation.objects.filter(ver__lt=1).only("pk"):
        yield f"drawings: mark {mark.pk} has no version"
    yield from lost_files()


def lost_files() -> Iterator[str]:
    """Rows whose file is not on the disk, and files nobody works on any more."""
    for file in SourceFile.objects.filter(state="ready"):
        if not clean_path(file.sha256).is_file():
            yield f"drawings: the original of file {file.pk} is missing"
        if not prepared_path(file.render_sha).is_dir():
            yield f"drawings: the prepared sheets of file {file.pk} are missing"
    for sheet in Sheet.objects.exclude(kept_sha=""):
        if not (prepared_path(sheet.kept_sha) / sheet.key).is_dir():
            yield f"drawings: the older preparation of sheet {sheet.pk} is missing"
    waiting = SourceFile.objects.filter(state__in=IN_WORK, withdrawn_at__isnull=True)
    for file in waiting:
        if file.quarantine and not quarantine_path(file.quarantine).is_file():
            yield f"drawings: file {file.pk} waits and is not in quarantine"
        if file.made_at < now() - STUCK_AFTER and (file.held_until is None or file.held_until < now() - STUCK_AFTER):
            yield f"drawings: file {file.pk} has been {file.state} since {file.made_at.isoformat()}"
