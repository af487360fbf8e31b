"""Saving and restoring drafts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from accounts.access import action
from ledger.actor import Actor
from portal.actions import save_draft
from portal.queries.drafts import draft_of


@action("draft.save")
@require_http_methods(["GET", "POST"])
def drafts(request: HttpRequest) -> HttpResponse:
    """GET the kept text of a form, POST it anew (草稿)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        kept = save_draft(request.POST.get("key", ""), request.POST.get("content", ""), actor=actor)
    else:
        kept = draft_of(actor, request.GET.get("key", ""))
    return JsonResponse(
        {"content": kept.content if kept else None, "saved_at": kept.saved_at.isoformat() if kept else None},
        json_dumps_params={"ensure_ascii": False},
    )
