"""The applicant's page of a merged notice (合并告知书), and the pictures of opinions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action
from certificates.queries import kept_picture
from joint_review import actions, queries
from joint_review.actions.pictures import with_picture
from joint_review.queries.notices import anchor_of_opinion, picture_of_item
from joint_review.queries.papers import paper_line
from joint_review.views.reading import actor_of, text
from ledger.errors import Invalid, NotFound
from projects.queries import project_strip


@action("notice.view")
@require_GET
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Numbered opinions by sheet with pictures; answer, revise, submit once."""
    return notice_answer(request, notice_id)


def notice_answer(
    request: HttpRequest, notice_id: UUID, *, errors: dict[str, list[str]] | None = None, of: UUID | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The notice page, with what was wrong in one answer."""
    actor = actor_of(request)
    found = queries.notice_for(actor, notice_id)
    context = {
        "notice": found,
        "view": queries.notice_view(actor, found),
        "paper": paper_line(actor, found.round.project_id, found.paper_id),
        "errors": errors or {},
        "errors_of": of,
        "typed": request.POST if of else {},
        "strip": project_strip(found.round.project_id),
    }
    return render(request, "joint_review/notice.html", context, status=status)


@action("opinion.answer")
@require_POST
def answer(request: HttpRequest, notice_id: UUID, opinion_id: UUID) -> HttpResponse:
    """Write or change the answer to one opinion (答复)."""
    try:
        actions.answer_opinion(
            opinion_id, actor=actor_of(request), kind=text(request, "kind"), text=text(request, "text")
        )
    except Invalid as error:
        return notice_answer(request, notice_id, errors=error.errors, of=opinion_id, status=422)
    return HttpResponseRedirect(reverse("joint_review:notice", args=[notice_id]) + f"#opinion-{opinion_id}")


@action("notice.submit_answers")
@require_POST
def submit(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Submit every answer at once (提交答复)."""
    actor = actor_of(request)
    found = queries.notice_for(actor, notice_id)
    actions.submit_answers(found.round_id, actor=actor)
    messages.success(request, _("答复已提交，时限恢复计时，下一轮联审已开启。"))
    return HttpResponseRedirect(reverse("joint_review:notice", args=[notice_id]))


@action("notice.view")
@require_GET
def notice_picture(request: HttpRequest, notice_id: UUID, opinion_id: UUID) -> HttpResponse:
    """The picture printed with an issued opinion."""
    return picture_answer(picture_of_item(actor_of(request), notice_id, opinion_id))


@action("joint_review.view")
@require_GET
def opinion_picture(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """The picture of where an opinion stands now, for departments."""
    anchor = anchor_of_opinion(actor_of(request), opinion_id)
    return picture_answer(with_picture(anchor).picture if anchor else "")


def picture_answer(sha256: str) -> HttpResponse:
    """The kept picture, named by its content; it never changes."""
    if not sha256:
        raise NotFound
    response = HttpResponse(kept_picture(sha256), content_type="image/png")
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
