"""Which files were prepared by an older version of the product than this one (重新制备), and how far that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from drawings.cad import PREPARE_VERSION
from drawings.models import Sheet, SourceFile


@dataclass(frozen=True)
class PreparationFigures:
    """For whoever runs the site: files that wait to be prepared anew, files that failed, made by a newer version."""

    waiting: int
    failed: list[SourceFile]
    newer: int


def version_of(source: SourceFile) -> str:
    """The version that prepared a file's sheets; empty where it is not known."""
    return str(source.findings.get("prepare_version") or "")


def is_older(version: str) -> bool:
    """Is it a version before this one? A version nobody knows is none."""
    return version.isdigit() and int(version) < int(PREPARE_VERSION)


def older_versions() -> list[str]:
    """Every version before this one."""
    return [str(number) for number in range(int(PREPARE_VERSION))]


def prepared_otherwise() -> QuerySet[SourceFile]:
    """Ready files whose sheets another version made, an older or, after a step back, a newer one; oldest file first."""
    versions = Q(findings__has_key="prepare_version") & ~Q(findings__prepare_version=PREPARE_VERSION)
    return SourceFile.objects.filter(versions, state="ready", withdrawn_at__isnull=True).order_by("made_at", "pk")


def outdated_files() -> QuerySet[SourceFile]:
    """Ready files whose sheets an older version made: a worker of the last version beside us finds nothing of ours."""
    return prepared_otherwise().filter(findings__prepare_version__in=older_versions())


def tried_in_vain() -> Q:
    """Files of which this version could not make sheets; the next version tries them again."""
    return Q(anew_version=PREPARE_VERSION) & ~Q(anew_code="")


def files_to_prepare_anew() -> QuerySet[SourceFile]:
    """Outdated files that this version has not failed at: those under review first, then the latest."""
    under_review = Exists(Sheet.objects.filter(file=OuterRef("pk"), state="open"))
    wanted = outdated_files().exclude(tried_in_vain()).annotate(under_review=under_review)
    return wanted.order_by("-under_review", "-made_at", "pk")


def preparation_figures() -> PreparationFigures:
    """How many wait, which failed and why, how many a newer version made."""
    outdated = outdated_files()
    waiting = outdated.exclude(tried_in_vain()).count()
    failed = list(outdated.filter(tried_in_vain()).select_related("revision__set__project")[:100])
    return PreparationFigures(waiting, failed, prepared_otherwise().exclude(pk__in=outdated.values("pk")).count())


def preparation_state(sheet: Sheet) -> str:
    """current, waiting, failed or kept: whether what is shown of a sheet is what this version would show."""
    if sheet.kept_sha:
        return "kept"
    source = sheet.file
    if not is_older(version_of(source)):
        return "current"
    return "failed" if source.anew_version == PREPARE_VERSION and source.anew_code else "waiting"


def any_outdated(sheets: Iterable[Sheet]) -> bool:
    """Is one of them prepared by an older version?"""
    return any(preparation_state(sheet) != "current" for sheet in sheets)
