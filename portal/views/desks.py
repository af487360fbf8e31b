"""The desk of a department and the queue of the window."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import action
from portal.queries import desks
from portal.views.homes import actor_of


@action("item.list")
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for this post, what costs others most first (工作台)."""
    rows = desks.rows_of_desk(actor_of(request))
    return render(request, "portal/desk.html", {"rows": rows, "bulk": [row for row in rows if row.item_id]})


@action("project.list")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Filings that wait for the window (收件)."""
    show = "all" if request.GET.get("show") == "all" else "waiting"
    rows = desks.rows_of_queue(actor_of(request), everything=show == "all")
    waiting = sum(row.waiting for row in rows)
    return render(request, "portal/queue.html", {"rows": rows, "show": show, "waiting_count": waiting})
