"""The list of projects one may see."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import action, can
from projects.models import Project
from projects.queries.forecast import outlooks_of
from projects.queries.lists import filter_projects
from projects.queries.steps import projects_of
from projects.states import project_state_name
from projects.views.reading import actor_of

PAGE = 50


@action("project.list")
@require_GET
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project within one's sight (项目列表), by name, code or receipt number;
    as many queries for fifty as for one."""
    actor = actor_of(request)
    asked = {"q": request.GET.get("q", "").strip(), "state": request.GET.get("state", "")}
    found = filter_projects(projects_of(actor), **asked)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    states = [(state.value, project_state_name(state.value)) for state in Project.State]
    outlooks = outlooks_of(page)
    rows = [(project, project_state_name(project.state), outlooks.get(project.pk)) for project in page]
    may_create = actor.principal_id is not None and can(actor, "project.create")
    return render(
        request,
        "projects/list.html",
        {"page": page, "rows": rows, "asked": asked, "states": states, "may_create": may_create},
    )
