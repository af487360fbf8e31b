"""Pages of the drawings room, and the prepared files the viewer asks for."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.access import action, can
from drawings import queries, words
from drawings.actions import create_set, withdraw_file
from drawings.models import DrawingSet, Revision, Sheet
from drawings.queries.anew import preparation_state
from drawings.rules.matching import SheetPair
from drawings.serving import prepared_file, send_prepared
from ledger.actor import Actor
from ledger.errors import Invalid
from projects import queries as projects


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("drawing.tile")
def prepared(request: HttpRequest, render_sha: str, key: str, path: str) -> HttpResponse:
    """One file of a prepared sheet (docs/drawing-format.md); only for those who may see a sheet it belongs to."""
    if not queries.may_read_prepared(actor_of(request), render_sha, key):
        raise Http404
    return send_prepared(request, prepared_file(render_sha, key, path))


@action("drawing.list")
def sets_page(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The drawing sets of a project (图纸), and the form that begins one."""
    actor = actor_of(request)
    project = projects.project_for(actor, project_id)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            made = create_set(project_id, name=request.POST.get("name", ""), actor=actor)
        except Invalid as refusal:
            errors = refusal.errors
        else:
            return redirect("drawings:set", made.pk)
    sets = [(item, list(item.revisions.all())) for item in queries.sets_for(actor, project_id)]
    context = {
        "project": project,
        "strip": projects.project_strip(project_id),
        "sets": [{"row": item, "last": revisions[-1] if revisions else None} for item, revisions in sets],
        "may_upload": can(actor, "drawing.upload_version", project),
        "errors": errors,
        "name": request.POST.get("name", ""),
    }
    return render(request, "drawings/sets.html", context, status=422 if errors else 200)


@action("drawing.view")
def set_page(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """One drawing set (图纸集): hand in a revision, follow its files, look at its sheets."""
    actor = actor_of(request)
    drawing_set = queries.set_for(actor, set_id)
    revisions = list(queries.revisions_for(actor, set_id))
    last = revisions[-1] if revisions else None
    context = {
        "set": drawing_set,
        "strip": projects.project_strip(drawing_set.project_id),
        "project_href": reverse("drawings:sets", args=[drawing_set.project_id]),
        "revisions": [revision_shown(actor, revisions, at) for at in reversed(range(len(revisions)))],
        "compare_href": reverse("drawings:compare", args=[set_id])
        if sum(item.state == "clean" for item in revisions) > 1
        else "",
        "upload": upload_shown(actor, drawing_set, last),
    }
    return render(request, "drawings/set.html", context)


def revision_shown(actor: Actor, revisions: list[Revision], at: int) -> dict[str, Any]:
    """A revision for the page: files that are not through, and its sheets with what changed since the one before."""
    revision = revisions[at]
    before = next((item for item in reversed(revisions[:at]) if item.state == "clean"), None)
    pairs: list[SheetPair] = []
    if before is not None and revision.state == "clean":
        pairs = queries.match_sheets(before.pk, revision.pk)
    change = {pair.new: pair.change for pair in pairs}
    gone = {pair.old for pair in pairs if pair.change == "gone"}
    files = list(revision.files.all())
    shown = [sheet_shown(sheet, change.get(sheet.pk)) for sheet in revision.sheets.all()]
    name_files(shown, many=len(files) > 1)
    return {
        "row": revision,
        "label": words.revision_state(revision.state),
        "badge": {"clean": "done", "rejected": "refused"}.get(revision.state, "running"),
        "waiting": [file for file in files if file.state in {"queued", "inspecting", "rendering"}],
        "refused": [
            {"row": file, "message": message, "next_step": next_step}
            for file in files
            if file.state == "refused"
            for message, next_step in [words.refusal_words(file)]
        ],
        "files": [file for file in files if file.state == "ready"],
        "sheets": shown,
        "checks": checks_shown(revision, shown),
        "tally": Counter(item["level"] for item in revision.checks),
        "list": queries.drawing_list_of(revision) if revision.state == "clean" else [],
        "gone": [sheet_shown(sheet, "gone") for sheet in before.sheets.all() if sheet.pk in gone] if before else [],
        "may_withdraw": can(actor, "drawing.delete", revision.set) and len(files) > 1,
        "may_download": can(actor, "drawing.download_original", files[0]) if files else False,
    }


def name_files(shown: list[dict[str, Any]], *, many: bool) -> None:
    """Say which file a sheet is from where its own name does not: twice the same name, or the name of a layout."""
    names = Counter(f"{each['row'].number} {each['row'].name}" for each in shown)
    for each in shown:
        sheet: Sheet = each["row"]
        stem = Path(sheet.file.name).stem
        twice = names[f"{sheet.number} {sheet.name}"] > 1
        told = not many or stem in sheet.name or sheet.name in stem
        each["of_file"] = sheet.file.name if twice or not told else ""


def checks_shown(revision: Revision, sheets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings of the intake checks in words, each with links to its sheets."""
    named = {str(each["row"].pk): each for each in sheets}
    shown = []
    for item in revision.checks:
        text, next_step = words.finding_words(item)
        of = [named[pk] for pk in item["sheets"] if pk in named]
        shown.append({"level": item["level"], "code": item["code"], "text": text, "next_step": next_step, "sheets": of})
    return shown


def sheet_shown(sheet: Sheet, change: str | None) -> dict[str, Any]:
    """A sheet for the page, with what its picture cannot show, in words."""
    language = "zh" if words.is_chinese() else "en"
    report = sheet.fidelity
    notes = [
        _("%(what)s（%(n)s 处）") % {"what": item.get(language, item.get("reason", "")), "n": item["count"]}
        for item in report.get("not_shown", [])
    ]
    notes += [item.get(language, item.get("code", "")) for item in report.get("warnings", [])]
    fonts = report.get("fonts", {})
    notes += [
        _("字体缺失 %(font)s，%(n)s 处，已用 %(by)s 代替")
        % {
            "font": font,
            "n": fonts.get("uses", {}).get(font, 0),
            "by": fonts.get("substituted", {}).get(font, "Noto Sans SC"),
        }
        for font in fonts.get("missing", [])
    ]
    notes += [_("缺少外部参照 %(name)s") % {"name": item.get("name", "")} for item in report.get("missing", [])]
    return {
        "row": sheet,
        "change": change,
        "kind": words.sheet_kind(sheet.kind),
        "state": words.sheet_state(sheet.state),
        "picture": f"{sheet.render}overview.webp",
        "notes": [note for note in [words.preparation_words(preparation_state(sheet)), *notes] if note],
    }


def upload_shown(actor: Actor, drawing_set: DrawingSet, last: Revision | None) -> dict[str, str] | None:
    """Where the next files go, and why not when they may not."""
    if not can(actor, "drawing.upload_version", drawing_set):
        return None
    after = reverse("drawings:set", args=[drawing_set.pk])
    pieces = f"/api/v1/sets/{drawing_set.pk}/uploads"
    mend = _("有文件未通过。打开结果页，只需补传未通过的文件，已通过的不用再传。")
    if last is not None and last.state == "rejected":
        return {
            "url": f"/api/v1/revisions/{last.pk}/deliveries",
            "pieces": pieces,
            "after": after,
            "mend": mend,
            "title": _("补传版本 %(no)s 中未通过的文件") % {"no": last.no},
            "text": _("已通过的文件不用再传。补传的文件通过后，请把未接收的旧文件撤回，本版即告完成。"),
        }
    busy = queries.busy_reason(last)
    if busy:
        return {"url": "", "why": busy}
    return {
        "url": f"/api/v1/sets/{drawing_set.pk}/deliveries",
        "pieces": pieces,
        "after": after,
        "mend": mend,
        "title": _("提交版本 %(no)s：拖入全部图纸，或点此选择") % {"no": queries.next_revision_name(last)},
        "text": _("DWG、DXF 或 PDF，单个不超过 200 MB。上传后逐张检查，问题会在这里逐条说明。"),
    }


@action("drawing.delete")
def withdraw(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Take a refused file out of its revision."""
    if request.method != "POST":
        raise Http404
    revision = withdraw_file(file_id, actor=actor_of(request))
    return redirect("drawings:set", revision.set_id)


@action("drawing.view")
def print_sheet(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """A part of a sheet as PDF at scale: ?box=x0,y0,x1,y1&paper=A3&upright=1&scale=100&marks=1."""
    given = request.GET
    try:
        box = [float(word) for word in given.get("box", "").split(",")]
        n = float(given["scale"]) if given.get("scale") else None
    except ValueError:
        box, n = [], None
    if len(box) != 4 or not all(map(math.isfinite, box)) or (n is not None and not math.isfinite(n)):
        raise Invalid({"box": [_("打印范围不正确，请重新选择。")]})
    wish = queries.PlotWish(
        box=(box[0], box[1], box[2], box[3]),
        paper=given.get("paper", "A4"),
        upright=given.get("upright") == "1",
        n=n,
        marks=given.get("marks", "1") == "1",
    )
    name, data = queries.plot_of(actor_of(request), sheet_id, wish)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or "inline"
    return response
