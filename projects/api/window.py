"""The window: check papers, accept, ask once for corrections, refuse."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Status

from accounts.access import action, get_for
from accounts.actions import ask_second_key
from projects import actions
from projects.api.projects import list_materials
from projects.api.routing import actor_of, router
from projects.api.shown import project_out
from projects.models import Project
from projects.rules.intake import CorrectionEntry
from projects.schemas import (
    AcceptIn,
    AskedOut,
    Checked,
    CorrectionIn,
    MaterialOut,
    NoticeOut,
    ProjectOut,
    Reason,
)


@router.put("/projects/{uuid:project_id}/materials/checked", response=list[MaterialOut], summary="窗口核对材料")
@action("project.accept_at_window")
def put_checked(request: HttpRequest, project_id: UUID, body: Checked) -> list[dict[str, Any]]:
    """The window marks papers one by one."""
    found = {code: (check.state, check.remark) for code, check in body.materials.items()}
    actions.check_materials(project_id, found, actor=actor_of(request))
    return list_materials(request, project_id)


@router.post("/projects/{uuid:project_id}/accept", response=ProjectOut, summary="受理")
@action("project.accept_at_window")
def post_accept(request: HttpRequest, project_id: UUID, body: AcceptIn) -> dict[str, Any]:
    """Accept the filing: the clock starts."""
    actor = actor_of(request)
    actions.accept_at_window(
        project_id, actor=actor, tolerate=body.tolerate, template_code=body.template, mode=body.mode
    )
    return project_out(actor, project_id)


@router.post("/projects/{uuid:project_id}/correction", response=NoticeOut, summary="一次性补正告知")
@action("project.request_correction")
def post_correction(request: HttpRequest, project_id: UUID, body: CorrectionIn) -> Any:
    """Tell everything to mend, at once and once."""
    entries = [CorrectionEntry(line.material, line.name, line.fault, line.remedy) for line in body.entries]
    return actions.request_correction(project_id, entries, actor=actor_of(request))


@router.post("/projects/{uuid:project_id}/rejection", response={202: AskedOut}, summary="提请不予受理")
@action("project.reject_at_window")
def post_rejection(request: HttpRequest, project_id: UUID, body: Reason) -> Status[dict[str, Any]]:
    """Ask a second clerk to confirm a refusal; it takes effect by his confirmation."""
    actor = actor_of(request)
    project = get_for(actor, "project.view", Project, project_id)
    summary = _("不予受理：%(name)s") % {"name": project.name}
    key = ask_second_key(
        "project.reject_at_window", project, actor=actor, summary=summary, arguments={"reason": body.reason}
    )
    return Status(202, {"second_key": key.pk, "action": key.action, "summary": key.summary})
