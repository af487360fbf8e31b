"""Projects and their filing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Status

from accounts.access import action
from projects import actions
from projects.api.routing import PAGE, actor_of, router
from projects.api.shown import brief_out, form_of, material_out, project_out, site_out
from projects.models import Site
from projects.queries.editions import template_of
from projects.queries.lists import filter_projects
from projects.queries.materials import filing_items
from projects.queries.steps import projects_of
from projects.queries.strips import project_for
from projects.schemas import (
    Declared,
    DesignerIn,
    MaterialOut,
    NewProject,
    ProjectChange,
    ProjectOut,
    ProjectPage,
    Reason,
    SiteIn,
    SiteOut,
)


@router.get("/projects", response=ProjectPage, summary="项目列表")
@action("project.list")
def list_projects(
    request: HttpRequest,
    q: str = "",
    state: str = "",
    page: int = 1,
) -> dict[str, Any]:
    """The projects within one's sight, newest first, fifty a page."""
    found = filter_projects(projects_of(actor_of(request)), q=q.strip(), state=state)
    paginator = Paginator(found, PAGE)
    shown = paginator.get_page(page)
    return {
        "count": paginator.count,
        "page": shown.number,
        "pages": paginator.num_pages,
        "results": [brief_out(project) for project in shown],
    }


@router.post("/projects", response={201: ProjectOut}, summary="新建项目")
@action("project.create")
def post_project(request: HttpRequest, body: NewProject) -> Status[dict[str, Any]]:
    """Begin a project as a draft; nothing is filed yet."""
    actor = actor_of(request)
    made = actions.create_project(form_of(body.dict()), actor=actor)
    return Status(201, project_out(actor, made.pk))


@router.get("/projects/{uuid:project_id}", response=ProjectOut, summary="项目")
@action("project.view")
def get_project(request: HttpRequest, project_id: UUID) -> dict[str, Any]:
    """One project with its form, facts, red line and clock."""
    return project_out(actor_of(request), project_id)


@router.patch("/projects/{uuid:project_id}", response=ProjectOut, summary="修改申报信息")
@action("project.edit_form")
def patch_project(request: HttpRequest, project_id: UUID, body: ProjectChange) -> dict[str, Any]:
    """Change the form or the facts of a draft, or of a project under correction."""
    actor = actor_of(request)
    given = body.dict(exclude_unset=True)
    facts = given.pop("facts", None)
    version = given.pop("version", None)
    actions.edit_form(project_id, form_of(given) if given else None, actor=actor, facts=facts, expected_version=version)
    return project_out(actor, project_id)


@router.put("/projects/{uuid:project_id}/site", response=SiteOut, summary="划定用地红线")
@action("project.edit_form")
def put_site(request: HttpRequest, project_id: UUID, body: SiteIn) -> dict[str, Any]:
    """Draw or upload the red line."""
    source = Site.Source.UPLOADED if body.file_name else Site.Source.DRAWN
    site = actions.set_site(
        project_id,
        body.boundary,
        actor=actor_of(request),
        source=source,
        datum=body.datum,
        file_name=body.file_name,
    )
    return site_out(site)


@router.get("/projects/{uuid:project_id}/materials", response=list[MaterialOut], summary="申报材料")
@action("project.view")
def list_materials(request: HttpRequest, project_id: UUID) -> list[dict[str, Any]]:
    """The papers of a project, by stage."""
    project = project_for(actor_of(request), project_id)
    early = filing_items(template_of(project.edition)) if project.edition else frozenset()
    return [material_out(material, early) for material in project.materials.order_by("stage", "code")]


@router.put("/projects/{uuid:project_id}/materials", response=list[MaterialOut], summary="声明材料备齐")
@action("project.edit_form")
def put_materials(request: HttpRequest, project_id: UUID, body: Declared) -> list[dict[str, Any]]:
    """The applicant says which papers are ready."""
    actions.declare_materials(project_id, body.materials, actor=actor_of(request))
    return list_materials(request, project_id)


@router.post("/projects/{uuid:project_id}/submit", response=ProjectOut, summary="提交申报")
@action("project.submit")
def post_submit(request: HttpRequest, project_id: UUID) -> dict[str, Any]:
    """File the project."""
    actor = actor_of(request)
    actions.submit_project(project_id, actor=actor)
    return project_out(actor, project_id)


@router.post("/projects/{uuid:project_id}/withdraw", response=ProjectOut, summary="撤件")
@action("project.withdraw")
def post_withdraw(request: HttpRequest, project_id: UUID, body: Reason) -> dict[str, Any]:
    """Take the project back; an agent asks the enterprise's second key first (POST .../second-keys)."""
    actor = actor_of(request)
    actions.withdraw_project(project_id, actor=actor, reason=body.reason)
    return project_out(actor, project_id)


@router.post("/projects/{uuid:project_id}/designers", response={201: None}, summary="委托设计单位")
@action("project.engage_designer")
def post_designer(request: HttpRequest, project_id: UUID, body: DesignerIn) -> Status[None]:
    """Let a design institute work for the project."""
    actions.engage_designer(project_id, body.uscc, actor=actor_of(request))
    return Status(201, None)


@router.delete(
    "/projects/{uuid:project_id}/designers/{uuid:organisation_id}", response={204: None}, summary="解除设计委托"
)
@action("project.engage_designer")
def delete_designer(request: HttpRequest, project_id: UUID, organisation_id: UUID) -> Status[None]:
    """End the institute's engagement."""
    actions.release_designer(project_id, organisation_id, actor=actor_of(request))
    return Status(204, None)
