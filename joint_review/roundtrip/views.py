"""Downloads of a notice for CAD and Excel, and the form on its way back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action
from joint_review import queries
from joint_review.queries.names import answer_label
from joint_review.roundtrip.actions import import_answers
from joint_review.roundtrip.drawing import as_zip, marks_of_notice
from joint_review.roundtrip.form import FORM_BYTES, write_form
from joint_review.views.reading import actor_of
from ledger.errors import NotFound, Refused

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@action("notice.view")
@require_GET
def marks(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The notice's opinions as DXF: one file for one sheet, an archive for several."""
    notice = queries.notice_for(actor_of(request), notice_id)
    files = marks_of_notice(notice)
    if not files:
        raise NotFound
    if len(files) == 1:
        ((name, data),) = files.values()
        return attachment(data, name, "application/dxf")
    name = _("第%(no)s轮合并告知书意见图层") % {"no": notice.round.no}
    return attachment(as_zip(files), f"{name}.zip", "application/zip")


@action("notice.view")
@require_GET
def form(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The answer form in Excel, with the answers given so far."""
    actor = actor_of(request)
    notice = queries.notice_for(actor, notice_id)
    entries = [entry for group in queries.notice_view(actor, notice)["sheets"] for entry in group["items"]]
    entries.sort(key=lambda entry: entry["number"])
    heading = _("%(project)s · %(set)s · 第%(no)s轮审查意见答复表") % {
        "project": notice.round.project.name,
        "set": notice.round.set.name if notice.round.set else "",
        "no": notice.round.no,
    }
    return attachment(write_form(notice.pk, heading, entries), f"{_('意见答复表')}-{notice.round.no}.xlsx", SHEET_TYPE)


@action("opinion.answer")
@require_POST
def take_back(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The filled-in form: its answers are taken over, or every fault is named and nothing is."""
    actor = actor_of(request)
    queries.notice_for(actor, notice_id)
    page = reverse("joint_review:notice", args=[notice_id])
    given = request.FILES.get("file")
    try:
        if given is None:
            raise Refused("file_missing", _("请选择填写好的答复表。"), field="file")
        counts = import_answers(notice_id, given.read(FORM_BYTES + 1), actor=actor)
    except Refused as refusal:
        lines = getattr(refusal, "errors", {}).get("file", [refusal.message])
        for line in [*lines, *([refusal.next_step] if refusal.next_step else [])]:
            messages.error(request, line)
        return HttpResponseRedirect(f"{page}#roundtrip")
    said = _("、").join(f"{answer_label(kind)} {n}" for kind, n in counts.items())
    messages.success(
        request, _("已导入 %(n)s 条答复：%(said)s。请核对后提交。") % {"n": sum(counts.values()), "said": said}
    )
    return HttpResponseRedirect(page)


def attachment(data: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep, never to be shown from our origin."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
