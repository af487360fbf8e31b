"""The inbox page."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action
from ledger.actor import Actor
from notices import actions, queries
from notices.words import body_of, title_of

PAGE = 30


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("inbox.read")
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me and what I should know (消息)."""
    letters = queries.inbox_of(actor_of(request))
    if request.GET.get("show") == "unread":
        letters = letters.filter(read_at__isnull=True)
    elif request.GET.get("show") == "todo":
        letters = letters.filter(asks_for_action=True, read_at__isnull=True)
    page = Paginator(letters, PAGE).get_page(request.GET.get("page"))
    for letter in page:
        letter.title = title_of(letter.kind, letter.details)  # type: ignore[attr-defined]
        letter.body = body_of(letter.kind, letter.details)  # type: ignore[attr-defined]
    return render(request, "notices/inbox.html", {"page": page, "show": request.GET.get("show", "all")})


@action("inbox.read")
@require_POST
def open_letter(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Mark a letter read and go where it leads."""
    letter = actions.mark_read(letter_id, actor=actor_of(request))
    return HttpResponseRedirect(letter.link or reverse("notices:inbox"))


@action("inbox.read")
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every letter read."""
    actions.mark_all_read(actor=actor_of(request))
    return HttpResponseRedirect(reverse("notices:inbox"))
