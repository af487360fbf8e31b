"""Papers that may follow (容缺补交): what is owed, until when, what happens otherwise, and handing it in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, can, get_for
from accounts.legal_day import today_in_shanghai
from projects import actions
from projects.models import Project
from projects.queries.materials import owed_materials
from projects.views.reading import actor_of


@action("project.view")
@require_GET
def late(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Outstanding papers of a project with their date and the consequence."""
    actor = actor_of(request)
    project = get_for(actor, "project.view", Project, project_id)
    context = {
        "project": project,
        "owed": owed_materials(project),
        "today": today_in_shanghai(),
        "may_hand_in": can(actor, "item.answer_correction", project),
    }
    return render(request, "projects/late.html", context)


@action("item.answer_correction")
@require_POST
def hand_in(request: HttpRequest, project_id: UUID, code: str) -> HttpResponse:
    """Hand one of them in (补交)."""
    material = actions.hand_in_late(project_id, code, actor=actor_of(request))
    messages.success(request, _("已补交：%(name)s。") % {"name": material.name})
    return HttpResponseRedirect(reverse("projects:late", args=[project_id]))
