"""The window's page of a filing (综合窗口): check papers, accept, tolerate, ask once for corrections, refuse."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, get_for
from accounts.actions import ask_second_key
from accounts.queries import organisation
from ledger.errors import SecondKeyRequired
from projects import actions
from projects.models import IntakeNotice, Project
from projects.queries.edition_change import edition_change_of
from projects.queries.editions import published_editions
from projects.queries.filing import filed_facts, filing_summary
from projects.queries.materials import filed_materials
from projects.rules.intake import CorrectionEntry
from projects.rules.modes import modes_for, names_of_modes
from projects.views.reading import actor_of, text


def back(project_id: UUID) -> HttpResponse:
    """The same page again."""
    return HttpResponseRedirect(reverse("projects:intake", args=[project_id]))


@action("project.accept_at_window")
@require_GET
def intake(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """What was filed, what is missing, and the four answers (收件)."""
    project = get_for(actor_of(request), "project.accept_at_window", Project, project_id)
    notices = list(project.intake_notices.order_by("made_at"))
    context = {
        "project": project,
        "owner": organisation(project.owner_id),
        "facts": filed_facts(project),
        "materials": filed_materials(project),
        "summary": filing_summary(project),
        "editions": [] if project.edition_id else list(published_editions()),
        "notices": notices,
        "asked_before": any(notice.kind == IntakeNotice.Kind.CORRECTION for notice in notices),
        "modes": [(one.mode, names_of_modes()[one.mode], one.why) for one in modes_for(project.facts)],
        "newer": edition_change_of(project),
        "waiting": project.state == Project.State.SUBMITTED,
    }
    return render(request, "projects/intake.html", context)


@action("project.accept_at_window")
@require_POST
def check(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Mark the papers one by one (核对材料)."""
    actor = actor_of(request)
    project = get_for(actor, "project.accept_at_window", Project, project_id)
    found = {
        material.code: (text(request, f"state-{material.code}"), text(request, f"remark-{material.code}"))
        for material in filed_materials(project)
        if text(request, f"state-{material.code}") in {"checked", "missing", "faulty"}
    }
    actions.check_materials(project_id, found, actor=actor)
    return back(project_id)


@action("project.accept_at_window")
@require_POST
def accept(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Accept, or accept with papers outstanding (受理, 容缺受理)."""
    actions.accept_at_window(
        project_id,
        actor=actor_of(request),
        tolerate=request.POST.get("tolerate") == "yes",
        template_code=text(request, "template") or None,
        mode=text(request, "mode") or None,
    )
    return back(project_id)


@action("project.request_correction")
@require_POST
def correct(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Tell everything to mend, once (一次性补正告知)."""
    lines = [line.strip() for line in text(request, "others").splitlines() if line.strip()]
    actor = actor_of(request)
    project = get_for(actor, "project.request_correction", Project, project_id)
    entries = [
        CorrectionEntry(
            material=material.code,
            name=material.name_zh,
            fault=material.remark or _("缺少这份材料"),
            remedy=text(request, f"remedy-{material.code}") or _("请补充提交"),
        )
        for material in filed_materials(project)
        if material.state in {"missing", "faulty"} and not material.may_be_late
    ]
    entries += [CorrectionEntry(material="", name=_("其他"), fault=line, remedy=_("请按要求修改")) for line in lines]
    actions.request_correction(project_id, entries, actor=actor)
    return back(project_id)


@action("project.reject_at_window")
@require_POST
def reject(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Ask a second clerk to confirm a refusal (不予受理, two keys)."""
    actor = actor_of(request)
    project = get_for_view(request, project_id)
    reason = text(request, "reason")
    try:
        actions.reject_at_window(project_id, actor=actor, reason=reason)
    except SecondKeyRequired:
        summary = _("不予受理：%(name)s") % {"name": project.name}
        ask_second_key("project.reject_at_window", project, actor=actor, summary=summary, arguments={"reason": reason})
    return back(project_id)


def get_for_view(request: HttpRequest, project_id: UUID) -> Project:
    """The project, if the clerk may see it."""
    return get_for(actor_of(request), "project.view", Project, project_id)
