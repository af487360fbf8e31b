"""The project page and the public status."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import action
from portal.queries import project_page, public
from portal.views.homes import actor_of


@action("project.view")
@require_GET
def project(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """One project: what to do now, who holds what, every day, drawings, papers (项目页)."""
    return render(request, "portal/project.html", project_page.page_of(actor_of(request), project_id))


@action("project.view_public_status")
@require_GET
def public_status(request: HttpRequest) -> HttpResponse:
    """The state of a filing by its number, without signing in (办件查询)."""
    number = request.GET.get("number", "").strip()
    status = public.status_of(actor_of(request), number)
    context = {"number": number, "status": status}
    return render(request, "portal/public_status.html", context, status=404 if number and status is None else 200)
