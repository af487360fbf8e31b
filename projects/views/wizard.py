"""The enterprise's wizard (新建项目): basic data, facts, red line, papers, then filing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import action, can, get_for, require
from accounts.queries import district, organisation
from ledger.errors import Conflict, Invalid, Refused
from projects import actions
from projects.actions.projects import ProjectForm
from projects.models import Project
from projects.queries.confirmed_reuse import confirmed_reuse
from projects.queries.filing import Effect, effect_of, fact_groups, filing_summary, materials_to_bring
from projects.queries.reuse import choose_for
from projects.rules.facts import read_answers
from projects.views.reading import actor_of, day, number, text
from regional_eval.carrying import carried, put_down

STEPS = ("edit", "facts", "site", "materials", "filing")
FALLBACK_EPSG = 4548


def steps_of(project: Project | None, current: str) -> list[dict[str, Any]]:
    """The stepper above each page of the wizard."""
    names = {
        "edit": _("基本信息"),
        "facts": _("项目情况"),
        "site": _("用地红线"),
        "materials": _("材料与图纸"),
        "filing": _("核对并提交"),
    }
    done = {
        "edit": project is not None and bool(project.place and project.contents and project.code),
        "facts": project is not None and project.edition_id is not None,
        "site": project is not None and hasattr(project, "site"),
    }
    return [
        {
            "name": names[step],
            "state": "current" if step == current else "done" if done.get(step) else "todo",
            "href": reverse(f"projects:{step}", args=[project.pk]) if project is not None and step != current else "",
        }
        for step in STEPS
    ]


def page(request: HttpRequest, step: str, project: Project | None, status: int = 200, **context: Any) -> HttpResponse:
    """One page of the wizard."""
    shown = {"project": project, "steps": steps_of(project, step), "editable": is_editable(project), **context}
    return render(request, f"projects/{step}.html", shown, status=status)


def is_editable(project: Project | None) -> bool:
    """Drafts and projects sent back for correction may be changed."""
    return project is None or project.state in {Project.State.DRAFT, Project.State.CORRECTION}


def form_of(request: HttpRequest) -> ProjectForm:
    """The basic data as they were typed."""
    return ProjectForm(
        name=text(request, "name"),
        code=text(request, "code"),
        uscc=text(request, "uscc") or None,
        kind=text(request, "kind") or None,
        nature=text(request, "nature") or None,
        place=text(request, "place"),
        contents=text(request, "contents"),
        planned_start=day(request, "planned_start"),
        planned_finish=day(request, "planned_finish"),
        is_linear=request.POST.get("is_linear") == "on",
        length_m=number(request, "length_m"),
    )


def choices() -> dict[str, Any]:
    """The choices of the basic form."""
    return {
        "kinds": [
            ("01", _("基本建设")),
            ("02", _("技术改造")),
            ("03", _("单纯购置")),
            ("04", _("信息化")),
            ("05", _("其他")),
        ],
        "natures": [
            ("new", _("新建")),
            ("extension", _("扩建")),
            ("rebuilding", _("改建")),
            ("relocation", _("迁建")),
            ("other", _("其他")),
        ],
    }


@action("project.create")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a project (新建项目)."""
    actor = actor_of(request)
    require(actor, "project.create")
    owner = organisation(actor.principal_id) if actor.principal_id else None
    if request.method == "GET":
        return page(request, "edit", None, owner=owner, values={"kind": "01", "nature": "new"}, **choices())
    try:
        project = actions.create_project(form_of(request), actor=actor)
    except (Refused, Conflict) as refusal:
        return page(request, "edit", None, refusal.status, owner=owner, **said(request, refusal), **choices())
    return HttpResponseRedirect(reverse("projects:facts", args=[project.pk]))


def said(request: HttpRequest, refusal: Refused | Conflict) -> dict[str, Any]:
    """What was typed and what is wrong with it, for the same form again."""
    field = getattr(refusal, "field", None) or {"code_taken": "code", "draft_exists": "name"}.get(refusal.code, "")
    errors = getattr(refusal, "errors", None) or {field: [refusal.message]}
    return {"values": request.POST, "errors": errors, "next_step": refusal.next_step}


@action("project.edit_form")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The basic data of a project (基本信息)."""
    actor = actor_of(request)
    project = get_for(actor, "project.edit_form", Project, project_id)
    owner = organisation(project.owner_id)
    if request.method == "GET":
        return page(request, "edit", project, owner=owner, values=values_of(project), **choices())
    version = text(request, "version")
    expected = int(version) if version.isdigit() else None
    try:
        actions.edit_form(project.pk, form_of(request), actor=actor, expected_version=expected)
    except (Refused, Conflict) as refusal:
        return page(request, "edit", project, refusal.status, owner=owner, **said(request, refusal), **choices())
    return HttpResponseRedirect(reverse("projects:facts", args=[project.pk]))


def values_of(project: Project) -> dict[str, Any]:
    """The stored basic data, as the form shows them."""
    names = ("name", "code", "kind", "nature", "place", "contents", "is_linear", "length_m")
    dates = {name: getattr(project, name) for name in ("planned_start", "planned_finish")}
    return {name: getattr(project, name) for name in names} | {
        name: value.isoformat() if value else "" for name, value in dates.items()
    }


@action("project.edit_form")
@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The plain questions that decide the items (项目情况); "I do not know" is an answer."""
    actor = actor_of(request)
    project = get_for(actor, "project.edit_form", Project, project_id)
    if request.method == "GET":
        return page(
            request,
            "facts",
            project,
            groups=fact_groups(project, typed=brought(request, project)),
            effect=effect_on(project),
        )
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    try:
        actions.edit_form(project.pk, actor=actor, facts=read_answers(typed))
    except Refused as refusal:
        errors = getattr(refusal, "errors", {})
        groups = fact_groups(project, typed=typed, errors=errors)
        shown = {"groups": groups, "errors": errors, "effect": effect_on(project)}
        return page(request, "facts", project, refusal.status, **shown)
    return HttpResponseRedirect(reverse("projects:site", args=[project.pk]))


def effect_on(project: Project) -> Effect:
    """What the stored answers lead to, with what the red line may lean on (编排预览)."""
    return effect_of(project.facts, reuse=confirmed_reuse(project), choice=choose_for(project))


def brought(request: HttpRequest, project: Project) -> dict[str, str] | None:
    """The figures given in the pre-check, as the form writes them; None once the project has answers of its own."""
    kept = carried(request.session)
    if kept is None or project.facts:
        return None
    words = {True: "yes", False: "no"}
    return {
        code: words[value] if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
        for code, value in kept["facts"].items()
    }


@action("project.edit_form")
@require_http_methods(["GET", "POST"])
def site(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The red line, drawn or uploaded (用地红线)."""
    actor = actor_of(request)
    project = get_for(actor, "project.edit_form", Project, project_id)
    epsg = district(project.district_id).epsg or FALLBACK_EPSG
    if request.method == "GET":
        kept = None if hasattr(project, "site") else carried(request.session)
        drawn = project.site.boundary if hasattr(project, "site") else kept["boundary"] if kept else None
        shown = json.dumps(drawn, ensure_ascii=False) if drawn else ""
        return page(request, "site", project, boundary=shown, epsg=epsg, from_precheck=kept is not None)
    boundary = text(request, "boundary")
    try:
        actions.set_site(project.pk, boundary, actor=actor)
    except Refused as refusal:
        errors = [text for texts in getattr(refusal, "errors", {"": [refusal.message]}).values() for text in texts]
        return page(request, "site", project, refusal.status, boundary=boundary, epsg=epsg, boundary_errors=errors)
    put_down(request.session)
    return HttpResponseRedirect(reverse("projects:materials", args=[project.pk]))


@action("project.edit_form")
@require_http_methods(["GET", "POST"])
def materials(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Which papers are ready (申报材料); what the platform knows is not asked for."""
    actor = actor_of(request)
    project = get_for(actor, "project.edit_form", Project, project_id)
    if request.method == "POST":
        asked = materials_to_bring(project)
        ready = set(request.POST.getlist("ready"))
        actions.declare_materials(project.pk, {paper.code: paper.code in ready for paper in asked}, actor=actor)
        return HttpResponseRedirect(reverse("projects:filing", args=[project.pk]))
    may_upload = can(actor, "drawing.upload_version", project)
    return page(request, "materials", project, papers=materials_to_bring(project), may_upload=may_upload)


@action("project.submit")
@require_http_methods(["GET", "POST"])
def filing(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """What will be filed and what follows; then file (提交申报)."""
    actor = actor_of(request)
    if request.method == "POST":
        actions.submit_project(project_id, actor=actor)
        return HttpResponseRedirect(reverse("portal:project", args=[project_id]))
    project = get_for(actor, "project.edit_form", Project, project_id)
    may_submit = can(actor, "project.submit", project)
    return page(request, "filing", project, summary=filing_summary(project), may_submit=may_submit)


@action("project.edit_form")
@require_GET
def effect(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """What the answers so far lead to (随填随看): pipeline, items, days; a piece of the page, nothing is saved."""
    actor = actor_of(request)
    project = get_for(actor, "project.edit_form", Project, project_id)
    typed = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    try:
        answers = read_answers(typed)
    except Invalid:
        # A half-typed number: the form itself will say so when it is sent.
        return HttpResponse(status=204)
    known = {code: value for code, value in project.facts.items() if code not in typed}
    return render(request, "projects/effect.html", {"effect": effect_of({**known, **answers})})
