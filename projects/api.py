"""HTTP API of the projects room: projects, filing, the window, items, the day ledger, plans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from accounts.access import action, get_for, require
from accounts.actions import ask_second_key
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, Refused
from projects import actions
from projects.actions import ProjectForm
from projects.clock import SHANGHAI, legal_day
from projects.models import DayContest, ItemCase, Material, Project, Site
from projects.pipeline.planner import Plan, date_place, make_plan, rank_levers
from projects.pipeline.template import Template
from projects.queries.calendar import calendar_for
from projects.queries.editions import choose_template, edition_in_force, published_editions, template_of
from projects.queries.items import acts_on_item
from projects.queries.ledger import DayRow, day_ledger
from projects.queries.lists import filter_projects
from projects.queries.materials import filing_items
from projects.queries.steps import projects_of
from projects.queries.strips import items_of, project_for, strips_of
from projects.rules.facts import check_values
from projects.rules.intake import CorrectionEntry
from projects.schemas import (
    AcceptIn,
    AnswerIn,
    AskedOut,
    Checked,
    ContestIn,
    ContestOut,
    CorrectionIn,
    Decision,
    Declared,
    DesignerIn,
    EventIn,
    ItemOut,
    ItemRow,
    LedgerOut,
    MaterialOut,
    NeedIn,
    NewProject,
    NoticeOut,
    PauseIn,
    PlanIn,
    PlanOut,
    ProjectBrief,
    ProjectChange,
    ProjectOut,
    ProjectPage,
    Reason,
    Remark,
    ResumeIn,
    SiteIn,
    SiteOut,
    TemplateOut,
)
from projects.states import item_state_name, project_state_name

router = Router()
PAGE = 50


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


# Projects


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


# The window


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
    actions.accept_at_window(project_id, actor=actor, tolerate=body.tolerate, template_code=body.template)
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


# Items


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


# The day ledger


@router.get("/projects/{uuid:project_id}/days", response=LedgerOut, summary="逐日台账")
@action("day_ledger.view")
def get_days(request: HttpRequest, project_id: UUID, at: datetime | None = None) -> dict[str, Any]:
    """Every day of the project; `at` shows what was known at a past moment."""
    project = get_for(actor_of(request), "day_ledger.view", Project, project_id)
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=SHANGHAI)
    ledger = day_ledger(project.pk, at=at)
    return {
        "at": ledger.at,
        "counted": ledger.counted,
        "stopped": ledger.stopped,
        "rest": ledger.rest,
        "days": [day_out(row) for row in ledger.rows],
    }


@router.post("/projects/{uuid:project_id}/days/{day}/contest", response={201: ContestOut}, summary="对台账提出异议")
@action("day_ledger.contest")
def post_contest(request: HttpRequest, project_id: UUID, day: date, body: ContestIn) -> Status[DayContest]:
    """The enterprise contests one day."""
    return Status(201, actions.contest_day(project_id, day, actor=actor_of(request), reason=body.reason))


@router.post("/contests/{uuid:contest_id}/answer", response=ContestOut, summary="答复异议")
@action("day_ledger.answer_contest")
def post_contest_answer(request: HttpRequest, contest_id: UUID, body: AnswerIn) -> DayContest:
    """The supervisor answers an objection."""
    return actions.answer_contest(contest_id, actor=actor_of(request), upheld=body.upheld, answer=body.answer)


# Plans


@router.get("/templates", response=list[TemplateOut], summary="施行中的流程")
@action("rehearsal.run")
def list_templates(request: HttpRequest) -> list[dict[str, Any]]:
    """The pipeline editions in force, by priority."""
    require(actor_of(request), "rehearsal.run")
    return [
        {
            "code": edition.template_code,
            "version": edition.version,
            "name_zh": edition.name_zh,
            "name_en": edition.name_en,
            "priority": edition.priority,
            "total_limit": edition.total_limit,
            "critical_days": edition.critical_days,
        }
        for edition in published_editions()
    ]


@router.post("/plans", response=PlanOut, summary="编排预演")
@action("rehearsal.run")
def post_plan(request: HttpRequest, body: PlanIn) -> dict[str, Any]:
    """Plan a project that is not filed: items, critical path, dates, levers. Writes nothing."""
    actor = actor_of(request)
    require(actor, "rehearsal.run")
    facts = check_values(body.facts)
    choice = choose_template(facts)
    code = body.template or choice.chosen
    if code is None:
        raise Refused(
            "no_template",
            _("按现有情况没有匹配的流程。"),
            field="facts",
            next_step=_("请补充投资类型、管理方式和用途；仍不能确定的，由综合窗口选择。"),
        )
    template = template_of(edition_in_force(code))
    plan = make_plan(template, facts)
    levers = rank_levers(template, facts)
    accept = body.accept or now()
    return plan_out(plan, template, accept.replace(tzinfo=accept.tzinfo or SHANGHAI), actor) | {
        "chosen_by": "caller" if body.template else "facts",
        "might_come_first": [{"template": fit.code, "missing": list(fit.missing)} for fit in choice.might_come_first],
        "levers": [{"change": lever.text, "days_saved": lever.days_saved} for lever in levers],
    }


# How rows are shown


def form_of(given: dict[str, Any]) -> ProjectForm:
    """The form of the fields that were given."""
    length = given.get("length_m")
    if length is not None:
        given = given | {"length_m": Decimal(str(length))}
    unknown = set(given) - set(ProjectForm.__dataclass_fields__)
    if unknown:
        raise Invalid({name: [_("没有这个字段。")] for name in sorted(unknown)})
    return ProjectForm(**given)


def brief_out(project: Project) -> dict[str, Any]:
    """One line of a list."""
    return {name: getattr(project, name) for name in ProjectBrief.model_fields if hasattr(project, name)} | {
        "owner": project.owner.name,
        "state_name": project_state_name(project.state),
    }


def project_out(actor: Actor, project_id: UUID) -> dict[str, Any]:
    """One project."""
    project = project_for(actor, project_id)
    strip = strips_of([project])[project.pk]
    simple = {name: getattr(project, name) for name in ProjectOut.model_fields if hasattr(project, name)}
    return (
        simple
        | brief_out(project)
        | {
            "version": project.form_version,
            "template": project.edition.template_code if project.edition else None,
            "edition": project.edition.version if project.edition else None,
            "day": strip["day"],
            "next_actor": strip["next_actor"],
            "site": site_out(project.site) if hasattr(project, "site") else None,
        }
    )


def site_out(site: Site) -> dict[str, Any]:
    """The red line."""
    return {name: getattr(site, name) for name in SiteOut.model_fields}


def material_out(material: Material, early: Iterable[str]) -> dict[str, Any]:
    """One paper."""
    names = ("code", "name_zh", "name_en", "source", "stage", "may_be_late", "state", "remark", "due_on")
    return {name: getattr(material, name) for name in names} | {
        "items": material.item_codes,
        "at_filing": not set(early).isdisjoint(material.item_codes),
    }


def item_out(item: ItemCase) -> dict[str, Any]:
    """One item."""
    return {name: getattr(item, name) for name in ItemRow.model_fields if hasattr(item, name)} | {
        "department": item.department_code,
        "state_name": item_state_name(item.state),
    }


def item_for(actor: Actor, item_id: UUID) -> dict[str, Any]:
    """One item with the acts the actor has."""
    item = get_for(actor, "item.view", ItemCase, item_id)
    return item_out(item) | {"can": acts_on_item(actor, item)}


def day_out(row: DayRow) -> dict[str, Any]:
    """One row of the ledger."""
    shown = asdict(row)
    shown["holders"] = [
        {"code": holder.code, "name": holder.name, "department": holder.department_code} for holder in row.holders
    ]
    shown["contested"] = row.contest.state if row.contest else None
    return shown


def plan_out(plan: Plan, template: Template, accept: datetime, actor: Actor) -> dict[str, Any]:
    """A plan with its dates."""
    calendar = calendar_for(actor.district_id)
    day_zero = legal_day(accept, calendar)
    items = []
    for item in plan.items:
        dates = date_place(item.place, day_zero, calendar) if item.place else None
        items.append(
            {
                "code": item.spec.code,
                "name_zh": item.spec.name_zh,
                "name_en": item.spec.name_en,
                "stage": item.spec.stage,
                "department": item.spec.department,
                "applies": item.applies,
                "need": item.need.value,
                "reason": item.reason,
                "missing": list(item.missing),
                "days": item.days,
                "prerequisites": list(item.prerequisites),
                "es": item.place.es if item.place else None,
                "ef": item.place.ef if item.place else None,
                "slack": item.place.slack if item.place else None,
                "critical": bool(item.place and item.place.critical),
                "start_on": dates.start_on if dates else None,
                "due_on": dates.due_on if dates else None,
                "provisional": bool(dates and dates.provisional),
            }
        )
    return {
        "template": template.code,
        "total_days": plan.total,
        "limit_days": template.total_limit,
        "critical_path": list(plan.critical_path),
        "items": items,
        "stages": [{"code": stage.code, "from": stage.first, "to": stage.last} for stage in plan.stages],
    }
