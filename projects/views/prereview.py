"""Pre-review before filing, item by item (网上预审、申审互动)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, can, get_for
from projects import actions
from projects.models import Project
from projects.queries.prereview import item_names, threads_of
from projects.views.reading import actor_of, text


def back(project_id: UUID) -> HttpResponse:
    """The threads again."""
    return HttpResponseRedirect(reverse("projects:prereview", args=[project_id]))


@action("project.view")
@require_GET
def prereview(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Every item with what was said about it and the window's result."""
    actor = actor_of(request)
    project = get_for(actor, "project.view", Project, project_id)
    editable = project.state in {Project.State.DRAFT, Project.State.CORRECTION}
    waiting = editable and project.prereview_asked_at is not None and project.prereview_answered_at is None
    context = {
        "project": project,
        "threads": threads_of(project),
        "waiting": waiting,
        "may_ask": editable and not waiting and can(actor, "project.ask_prereview", project),
        "may_answer": waiting and can(actor, "project.answer_prereview", project),
        "may_post": can(actor, "project.post_thread", project),
    }
    return render(request, "projects/prereview.html", context)


@action("project.ask_prereview")
@require_POST
def ask(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Ask for a pre-review (提请预审)."""
    actions.ask_prereview(project_id, actor=actor_of(request))
    return back(project_id)


@action("project.post_thread")
@require_POST
def post(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Say something about one item or the whole."""
    actions.post_message(
        project_id, actor=actor_of(request), text=text(request, "text"), item_code=text(request, "item_code")
    )
    return back(project_id)


@action("project.answer_prereview")
@require_POST
def answer(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The window's results, item by item; items left blank are not answered."""
    actor = actor_of(request)
    project = get_for(actor, "project.view", Project, project_id)
    verdicts = {
        code: (text(request, f"verdict-{code}"), text(request, f"text-{code}"))
        for code in item_names(project)
        if text(request, f"verdict-{code}")
    }
    actions.answer_prereview(project_id, verdicts, actor=actor)
    return back(project_id)
