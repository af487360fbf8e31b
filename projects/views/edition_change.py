"""A running project's move to the edition in force (更换流程版本): what would change, and the request."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, can, get_for
from projects import actions
from projects.models import Project
from projects.queries.edition_change import edition_change_of
from projects.views.reading import actor_of, text


@action("project.view")
@require_GET
def edition_change(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The edition in force beside the project's own: items that come, go and would be lost, days before and after."""
    actor = actor_of(request)
    project = get_for(actor, "project.view", Project, project_id)
    may_ask = can(actor, "project.change_edition", project)
    context = {"project": project, "change": edition_change_of(project), "may_ask": may_ask}
    return render(request, "projects/edition_change.html", context)


@action("project.change_edition")
@require_POST
def ask(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Ask another clerk of the window to confirm the move."""
    actions.ask_to_change_edition(
        project_id, actor=actor_of(request), edition_id=text(request, "edition_id"), reason=text(request, "reason")
    )
    messages.success(request, _("已提请更换流程版本，待另一位窗口人员确认后生效。"))
    return HttpResponseRedirect(reverse("projects:edition_change", args=[project_id]))
