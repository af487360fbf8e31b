"""Acceptance of a filing (受理, 容缺受理, 视为受理): the edition is pinned, items are made, the clock starts.

Basis: 行政许可法第三十二条.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.access import require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.actions import papers
from projects.actions.materials import write_materials
from projects.actions.progress import advance, person_of
from projects.clock import legal_day
from projects.events import ProjectAccepted
from projects.models import IntakeNotice, ItemCase, Material, Project, StageCase
from projects.pipeline.planner import COMMITMENT_DAYS, Need, Plan, PlannedItem, make_plan
from projects.pipeline.template import APPLICANT, Template
from projects.queries.calendar import calendar_for
from projects.queries.confirmed_reuse import confirmed_reuse
from projects.queries.editions import edition_in_force, template_for
from projects.queries.locking import lock_project
from projects.queries.materials import filed_materials
from projects.rules.intake import (
    TOLERANCE_WORKING_DAYS,
    Paper,
    decide_acceptance,
)
from projects.rules.modes import check_mode, handling_of, promised_by_mode, tolerated_items, zero_land_for
from projects.states import project_move

SILENCE = "CheckPeriodOver"


@transaction.atomic
def accept_at_window(
    project_id: UUID,
    *,
    actor: Actor,
    tolerate: bool = False,
    template_code: str | None = None,
    mode: str | None = None,
) -> Project:
    """Accept the filing (受理, or 容缺受理 with `tolerate`): the edition is pinned, items are made, the clock starts.

    `template_code` is the window's choice where the facts name none; `mode` the handling mode (办理模式). Refused while papers are missing that may not be
    late.
    """
    project = lock_project(project_id)
    require(actor, "project.accept_at_window", project)
    target = project_move(project.state, "accept")
    if template_code:
        project.edition = edition_in_force(template_code)
    template_for(project)
    project.mode = mode or mode_of_facts(project)
    check_mode(project.mode, project.facts)
    write_materials(project)
    found = [
        Paper(material.code, material.name, material.state, material.may_be_late, material.remark)
        for material in filed_materials(project)
    ]
    decision = decide_acceptance(found, tolerate=tolerate)
    return begin_clock(project, target, mode=decision.mode, tolerated=decision.tolerated, actor=actor)


@transaction.atomic
def accept_by_silence(project_id: UUID, *, actor: Actor) -> Project | None:
    """The window was silent for five working days: accepted from the day of receipt (视为受理); system only.

    Idempotent: None when the project is no longer waiting or not yet over time.
    """
    project = lock_project(project_id)
    require(actor, "project.accept_at_window", project)
    calendar = calendar_for(project.district_id)
    waiting = project.state == Project.State.SUBMITTED and project.check_due_on is not None
    if not waiting or project.check_due_on is None or legal_day(now(), calendar) <= project.check_due_on:
        return None
    if project.edition_id is None:
        # Nobody chose a pipeline in time: the general one for the kind of investment, to be mended by the window.
        project.edition = edition_in_force(fallback_template(project))
    write_materials(project)
    lacking = tuple(m.code for m in filed_materials(project) if m.state in {"missing", "faulty"})
    target = project_move(project.state, "accept")
    return begin_clock(project, target, mode="silence", tolerated=lacking, actor=actor)


def mode_of_facts(project: Project) -> str:
    """“零土地”承诺备案 where the facts say so; 先建后验 only when the enterprise or the window chooses it."""
    if project.mode != Project.Mode.STANDARD:
        return project.mode
    return Project.Mode.ZERO_LAND if zero_land_for(project.facts).is_open else Project.Mode.STANDARD


def fallback_template(project: Project) -> str:
    """The general template when nothing fits and nobody chose."""
    return "GOV_BUILDING_40" if project.facts.get("investment") == "GOVERNMENT" else "PRIVATE_FILING_40"


def begin_clock(project: Project, target: str, *, mode: str, tolerated: Sequence[str], actor: Actor) -> Project:
    """Pin the edition, make stages and items, start the clock, hand out the paper."""
    calendar = calendar_for(project.district_id)
    template = template_for(project)
    at = now()
    # Silence reaches back to the day of receipt; it may find items overdue at once (domain.md section 6).
    effective = project.submitted_at if mode == "silence" and project.submitted_at else at
    project.state = target
    project.accepted_at = effective
    project.accepted_by_id = actor.person_id
    project.acceptance_mode = mode
    project.day_zero = legal_day(effective, calendar)
    project.limit_days = template.total_limit
    promised_by = None
    if tolerated:
        promised_by = calendar.add(legal_day(at, calendar), TOLERANCE_WORKING_DAYS)
        project.materials.filter(code__in=tolerated).update(
            state=Material.State.OUTSTANDING, due_on=promised_by, changed_at=at
        )
    project.save()
    reuse = confirmed_reuse(project)
    plan = make_plan(template, project.facts, reuse=reuse)
    if settled := {**tolerated_items(plan, tolerated), **promised_by_mode(project.mode, plan)}:
        plan = make_plan(template, project.facts, reuse=reuse, needs=settled)
    make_stages(project, template)
    make_items(project, plan)
    advance(project, cause="ProjectAccepted", at=effective)
    paper_id = papers.issue_acceptance(
        project,
        [f"{item.spec.name_zh}" for item in plan.items if item.need.is_run],
        [material.name_zh for material in project.materials.filter(code__in=tolerated)],
        actor=actor,
        promised_by=promised_by,
    )
    if tolerated and actor.person_id is not None:
        note_tolerance(project, paper_id, promised_by, actor=actor)
    event = ProjectAccepted(
        project_id=project.pk,
        edition=f"{template.code} {template.version}",
        mode=mode,
        day_zero=project.day_zero,
        due_on=project.due_on,
        paper_id=paper_id,
    )
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project


def note_tolerance(project: Project, paper_id: UUID, promised_by: date | None, *, actor: Actor) -> None:
    """Keep the list of tolerated papers with its date."""
    outstanding = project.materials.filter(state=Material.State.OUTSTANDING)
    IntakeNotice.objects.create(
        project=project,
        kind=IntakeNotice.Kind.TOLERANCE,
        entries=[{"material": material.code, "name": material.name_zh} for material in outstanding],
        due_on=promised_by,
        made_at=now(),
        made_by_id=person_of(actor),
        paper_id=paper_id,
    )


def make_stages(project: Project, template: Template) -> None:
    """One row per stage of the template."""
    StageCase.objects.bulk_create(
        StageCase(
            project=project,
            code=stage.code,
            name_zh=stage.name_zh,
            name_en=stage.name_en,
            lead_department_code=stage.lead,
            counts=stage.counts,
            limit_days=stage.limit_days,
        )
        for stage in template.stages
    )


def make_items(project: Project, plan: Plan) -> None:
    """One row per item of the plan, those not needed included: "not needed" is an answer, too."""
    handling = handling_of(plan)
    ItemCase.objects.bulk_create(
        item_row(project, position, item, handling[item.spec.code]) for position, item in enumerate(plan.items)
    )


def item_row(project: Project, position: int, planned: PlannedItem, handling: str) -> ItemCase:
    """One item as it begins."""
    spec = planned.spec
    days = min(spec.limit_days, COMMITMENT_DAYS) if planned.need is Need.PROMISED else spec.limit_days
    return ItemCase(
        project=project,
        code=spec.code,
        name_zh=spec.name_zh,
        name_en=spec.name_en,
        position=position,
        stage=spec.stage,
        department_code=spec.department or APPLICANT,
        consulted_codes=list(spec.consulted),
        kind=spec.kind,
        decided_by=spec.decided_by,
        counts=spec.counts,
        parallel_group=spec.parallel_group or "",
        prerequisites=list(planned.prerequisites),
        need=planned.need,
        need_reason=planned.reason,
        limit_days=days,
        statutory_days=spec.statutory_days,
        statutory_unit=spec.statutory_unit,
        legal_basis=spec.legal_basis,
        internal_days=None if spec.internal_days is None else min(spec.internal_days, days),
        pause_reasons=list(spec.pause_reasons),
        handling=handling,
    )
