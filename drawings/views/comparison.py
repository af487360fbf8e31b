"""Pages that lay two revisions beside each other (版本比对)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import action
from drawings import queries, words
from drawings.models import Revision, Sheet
from drawings.views.sets import actor_of
from ledger.errors import NotFound
from projects import queries as projects


@action("drawing.compare_versions")
@require_GET
def revisions_page(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """Two revisions of a set: sheets pair by pair, what differs on each, and the proof of those that are identical."""
    actor = actor_of(request)
    drawing_set = queries.set_for(actor, set_id)
    clean = [item for item in queries.revisions_for(actor, set_id) if item.state == "clean"]
    if len(clean) < 2:
        raise NotFound(next_step=_("至少要有两个通过检查的版本才能比对。"))
    new = chosen(clean, request.GET.get("new", ""), clean[-1])
    earlier = [item for item in clean if item.position < new.position] or [item for item in clean if item.pk != new.pk]
    old = chosen([item for item in clean if item.pk != new.pk], request.GET.get("old", ""), earlier[-1])
    old, new, pairs = queries.revisions_compared(actor, old.pk, new.pk)
    context = {
        "set": drawing_set,
        "strip": projects.project_strip(drawing_set.project_id),
        "project_href": reverse("drawings:sets", args=[drawing_set.project_id]),
        "revisions": clean,
        "old": old,
        "new": new,
        "pairs": [pair for pair in pairs if pair.change != "identical"],
        "identical": [pair for pair in pairs if pair.change == "identical"],
        "count": len(pairs),
    }
    return render(request, "drawings/compare.html", context)


def chosen(revisions: list[Revision], no: str, otherwise: Revision) -> Revision:
    """The revision of this letter, or the usual one."""
    return next((item for item in revisions if item.no == no), otherwise)


@action("drawing.compare_versions")
@require_GET
def differences(request: HttpRequest, sheet_id: UUID, old_id: UUID) -> HttpResponse:
    """The differences of one pair as a piece of the page: counts, and what words became which."""
    old, new = queries.sheets_to_compare(actor_of(request), old_id, sheet_id)
    found = queries.compare_prepared(old, new)
    context = {"found": found, "old": old, "new": new, "texts": found.texts[:12], "more": max(0, len(found.texts) - 12)}
    return render(request, "drawings/differences.html", context)


@action("drawing.compare_versions")
@require_GET
def sheets_page(request: HttpRequest, sheet_id: UUID, old_id: UUID) -> HttpResponse:
    """Two sheets over or beside each other: revisions of one sheet, or two disciplines."""
    actor = actor_of(request)
    old, new = queries.sheets_to_compare(actor, old_id, sheet_id)
    drawing_set = new.revision.set
    context = {
        "title": _("比对：%(sheet)s") % {"sheet": f"{new.number} {new.name}".strip()},
        "strip": projects.project_strip(drawing_set.project_id),
        "project_href": reverse("drawings:set", args=[drawing_set.pk]),
        "config": {
            "old": config_of(old),
            "new": config_of(new),
            "back": f"{reverse('drawings:compare', args=[drawing_set.pk])}?old={old.revision.no}&new={new.revision.no}"
            if old.revision_id != new.revision_id
            else reverse("drawings:set", args=[drawing_set.pk]),
            "canvas": reverse("realtime:canvas", args=[new.pk]),
            "comparison": f"/api/v1/sheets/{new.pk}/comparison/{old.pk}",
            "others": others(actor, new),
        },
    }
    return render(request, "drawings/compare_sheets.html", context)


def config_of(sheet: Sheet) -> dict[str, Any]:
    """A sheet for the viewer's script."""
    return {
        "id": str(sheet.pk), "number": sheet.number, "name": sheet.name, "render": sheet.render, "kind": sheet.kind,
        "scale": sheet.scale, "revision": sheet.revision.no, "kind_text": words.sheet_kind(sheet.kind),
    }  # fmt: skip


def others(actor: Any, sheet: Sheet) -> list[dict[str, str]]:
    """The sheets that may be laid under this one: every clean revision of the set, newest first."""
    found = []
    for revision in reversed([r for r in queries.revisions_for(actor, sheet.revision.set_id) if r.state == "clean"]):
        found += [
            {"id": str(other.pk), "label": f"{revision.no} · {other.number} {other.name}".replace("  ", " ")}
            for other in revision.sheets.all()
            if other.pk != sheet.pk
        ]
    return found
