"""Items and their steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Status

from accounts.access import action, get_for
from accounts.actions import ask_second_key
from projects import actions
from projects.api.routing import actor_of, router
from projects.api.shown import item_for, item_out
from projects.models import ItemCase
from projects.queries.strips import items_of, project_for
from projects.schemas import (
    AskedOut,
    Decision,
    EventIn,
    ItemOut,
    ItemRow,
    NeedIn,
    PauseIn,
    Remark,
    ResumeIn,
)


@router.get("/projects/{uuid:project_id}/items", response=list[ItemRow], summary="项目的事项")
@action("item.list")
def list_items(request: HttpRequest, project_id: UUID) -> list[dict[str, Any]]:
    """Every item of a project, those not needed included."""
    project = project_for(actor_of(request), project_id)
    return [item_out(item) for item in items_of(project.pk)]


@router.get("/items/{uuid:item_id}", response=ItemOut, summary="事项")
@action("item.view")
def get_item(request: HttpRequest, item_id: UUID) -> dict[str, Any]:
    """One item and what the caller may do to it."""
    return item_for(actor_of(request), item_id)


@router.post("/items/{uuid:item_id}/accept", response=ItemOut, summary="受理（受理审核）")
@action("item.accept")
def post_item_accept(request: HttpRequest, item_id: UUID, body: Remark) -> dict[str, Any]:
    """Take the step that begins with acceptance."""
    actor = actor_of(request)
    actions.accept_item(item_id, actor=actor, remark=body.remark)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/first-review", response=ItemOut, summary="初审")
@action("item.first_review")
def post_item_first(request: HttpRequest, item_id: UUID, body: Remark) -> dict[str, Any]:
    """Take the first review."""
    actor = actor_of(request)
    actions.first_review(item_id, actor=actor, remark=body.remark)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/second-review", response=ItemOut, summary="复审")
@action("item.second_review")
def post_item_second(request: HttpRequest, item_id: UUID, body: Remark) -> dict[str, Any]:
    """Take the second review."""
    actor = actor_of(request)
    actions.second_review(item_id, actor=actor, remark=body.remark)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/approve", response=ItemOut, summary="批准办结")
@action("item.approve")
def post_item_approve(request: HttpRequest, item_id: UUID, body: Decision) -> dict[str, Any]:
    """Approve and finish."""
    actor = actor_of(request)
    actions.approve_item(item_id, actor=actor, basis=body.basis, remark=body.remark)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/deny", response=ItemOut, summary="不予批准")
@action("item.deny")
def post_item_deny(request: HttpRequest, item_id: UUID, body: Decision) -> dict[str, Any]:
    """Decide against the application."""
    actor = actor_of(request)
    actions.deny_item(item_id, actor=actor, basis=body.basis)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/event", response=ItemOut, summary="企业报告完成")
@action("item.report_event")
def post_item_event(request: HttpRequest, item_id: UUID, body: EventIn) -> dict[str, Any]:
    """The enterprise reports what it has done itself."""
    actor = actor_of(request)
    actions.report_event(item_id, actor=actor, happened_on=body.happened_on, remark=body.remark)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/need", response=ItemOut, summary="确认是否需要办理")
@action("item.settle_need")
def post_item_need(request: HttpRequest, item_id: UUID, body: NeedIn) -> dict[str, Any]:
    """Settle whether an undecided item is needed."""
    actor = actor_of(request)
    actions.settle_need(item_id, actor=actor, needed=body.needed, reason=body.reason)
    return item_for(actor, item_id)


@router.post("/items/{uuid:item_id}/pause", response={202: AskedOut}, summary="提请中止时限")
@action("item.pause_clock")
def post_item_pause(request: HttpRequest, item_id: UUID, body: PauseIn) -> Status[dict[str, Any]]:
    """Ask a second person to confirm a stop of the clock; it takes effect by his confirmation."""
    actor = actor_of(request)
    item = get_for(actor, "item.view", ItemCase, item_id)
    summary = _("中止时限：%(name)s（%(ground)s）") % {"name": item.name, "ground": body.ground}
    key = ask_second_key("item.pause_clock", item, actor=actor, summary=summary, arguments=body.dict())
    return Status(202, {"second_key": key.pk, "action": key.action, "summary": key.summary})


@router.post("/items/{uuid:item_id}/resume", response=ItemOut, summary="恢复计时")
@action("item.resume_clock")
def post_item_resume(request: HttpRequest, item_id: UUID, body: ResumeIn) -> dict[str, Any]:
    """Let the clock go on."""
    actor = actor_of(request)
    actions.unpause_clock(item_id, actor=actor, ground=body.ground, evidence=body.evidence)
    return item_for(actor, item_id)
