"""Reading drawing sets, revisions, files and sheets."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.access import get_for, scope
from drawings.models import Annotation, DrawingSet, FormerPreparation, Revision, Sheet, SourceFile
from drawings.rules.matching import SheetFacts, SheetPair, match
from drawings.rules.uploads import revision_name
from ledger.actor import Actor
from ledger.errors import NotFound


def sets_of(project_id: UUID) -> QuerySet[DrawingSet]:
    """The drawing sets of a project (图纸集), oldest first; the caller has decided who asks."""
    return DrawingSet.objects.filter(project_id=project_id).order_by("made_at")


def sets_for(actor: Actor, project_id: UUID) -> QuerySet[DrawingSet]:
    """The drawing sets of a project that the actor may list, with their revisions."""
    revisions = Revision.objects.order_by("position")
    return (
        scope(actor, "drawing.list", DrawingSet.objects.filter(project_id=project_id))
        .prefetch_related(Prefetch("revisions", revisions))
        .order_by("made_at")
    )


def set_for(actor: Actor, set_id: UUID) -> DrawingSet:
    """One set the actor may see, or NotFound."""
    return get_for(actor, "drawing.view", DrawingSet, set_id)


def revisions_of(set_id: UUID) -> QuerySet[Revision]:
    """The revisions of a set, oldest first, with files and sheets."""
    return (
        Revision.objects.filter(set_id=set_id)
        .select_related("set")
        .prefetch_related(
            Prefetch("files", SourceFile.objects.filter(withdrawn_at__isnull=True).order_by("made_at", "name")),
            Prefetch("sheets", Sheet.objects.select_related("file").order_by("position")),
        )
        .order_by("position")
    )


def revisions_for(actor: Actor, set_id: UUID) -> QuerySet[Revision]:
    """The revisions of a set the actor may see, or NotFound when he may not see the set."""
    set_for(actor, set_id)
    return scope(actor, "drawing.view", revisions_of(set_id))


def revision(revision_id: UUID) -> Revision:
    """One revision, for a room that has decided who asks."""
    found = Revision.objects.select_related("set").filter(pk=revision_id).first()
    if found is None:
        raise NotFound
    return found


def revision_for(actor: Actor, revision_id: UUID) -> Revision:
    """One revision the actor may see, or NotFound."""
    found = get_for(actor, "drawing.view", Revision, revision_id)
    return revisions_of(found.set_id).get(pk=revision_id)


def current_revision(set_id: UUID) -> Revision | None:
    """The latest clean revision of a set."""
    return Revision.objects.filter(set_id=set_id, state="clean").order_by("-position").first()


def busy_reason(last: Revision | None) -> str:
    """Why no new revision can follow this one now, in words; empty when it can."""
    if last is None:
        return ""
    if last.state in {"uploading", "checking"}:
        return _("版本 %(no)s 正在检查，请等检查完成后再提交新版本。") % {"no": last.no}
    states = set(Sheet.objects.filter(revision=last).values_list("state", flat=True))
    if "open" in states:
        return _("版本 %(no)s 正在会审，须待合并告知书发出后再提交新版本。") % {"no": last.no}
    if "signed" in states:
        return _("版本 %(no)s 已审定，不能再提交新版本。") % {"no": last.no}
    return ""


def next_revision_name(last: Revision | None) -> str:
    """The letter of the revision that comes next."""
    return revision_name((last.position if last else 0) + 1)


def sheets_of(revision_id: UUID) -> QuerySet[Sheet]:
    """The sheets of a revision in order."""
    return Sheet.objects.filter(revision_id=revision_id).select_related("file", "revision").order_by("position")


def sheet(sheet_id: UUID) -> Sheet:
    """One sheet with file, revision, set, for a room that has decided who asks."""
    found = Sheet.objects.select_related("file", "revision__set__project").filter(pk=sheet_id).first()
    if found is None:
        raise NotFound
    return found


def sheet_of_room(sheet_id: UUID) -> Sheet:
    """One sheet with what its room tells who comes in, and no more: two hundred pages may come at the same moment."""
    wanted = ("seq", "state", "epoch", "round_id", "revision__set__project_id")
    found = Sheet.objects.select_related("revision__set").only(*wanted).filter(pk=sheet_id).first()
    if found is None:
        raise NotFound
    return found


def sheet_for(actor: Actor, sheet_id: UUID) -> Sheet:
    """One sheet the actor may look at, or NotFound."""
    get_for(actor, "drawing.view", Sheet, sheet_id)
    return sheet(sheet_id)


def file_for(actor: Actor, file_id: UUID) -> SourceFile:
    """One file the actor may follow on its way, or NotFound."""
    found = get_for(actor, "drawing.view", SourceFile, file_id)
    return SourceFile.objects.select_related("revision__set").get(pk=found.pk)


def original_for(actor: Actor, file_id: UUID) -> SourceFile:
    """An accepted file whose original the actor may download; a file still in quarantine is NotFound."""
    found = get_for(actor, "drawing.download_original", SourceFile, file_id)
    if found.state != "ready":
        raise NotFound
    return found


def mark_counts(sheet_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many living marks each sheet has."""
    rows = Annotation.objects.filter(sheet_id__in=set(sheet_ids), deleted=False).values("sheet_id")
    return {row["sheet_id"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def match_sheets(old_revision_id: UUID, new_revision_id: UUID) -> list[SheetPair]:
    """Which sheet of the new revision follows which of the old one (图幅对应), without writing anything."""
    old = [facts_of(sheet) for sheet in sheets_of(old_revision_id)]
    new = [facts_of(sheet) for sheet in sheets_of(new_revision_id)]
    return match(old, new)


def facts_of(row: Sheet) -> SheetFacts:
    """What matching looks at."""
    return SheetFacts(
        id=row.pk,
        number=row.number,
        name=row.name,
        file_name=row.file.name,
        key=row.key,
        fingerprint=row.fingerprint,
        sketch=frozenset(row.readings.get("sketch", ())),
        kind=row.kind,
    )


def may_read_prepared(actor: Actor, render_sha: str, key: str) -> bool:
    """May the actor read this prepared sheet? True when any sheet within his `drawing.tile` is there, or was before (重新制备)."""
    prepared_here = Sheet.objects.filter(file__render_sha=render_sha, key=key, kept_sha="")
    if scope(actor, "drawing.tile", prepared_here).exists():
        return True
    # Two rare cases, each by its own index: the hot path above asks one question.
    former = FormerPreparation.objects.filter(render_sha=render_sha, key=key).values("sheet")
    left_behind = Sheet.objects.filter(kept_sha=render_sha, key=key)
    return (
        scope(actor, "drawing.tile", left_behind).exists()
        or scope(actor, "drawing.tile", Sheet.objects.filter(pk__in=former)).exists()
    )
