"""The one-window intake (一窗受理): submit, accept, tolerate, ask for corrections once, refuse, silence.

Basis: 行政许可法第三十二条.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions import two_key_act
from accounts.legal_day import SHANGHAI
from accounts.queries import district
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused
from ledger.record import record
from projects.actions import papers
from projects.actions.progress import advance, person_of
from projects.clock import legal_day
from projects.events import CorrectionRequested, ProjectAccepted, ProjectRejected, ProjectSubmitted
from projects.models import IntakeNotice, ItemCase, Material, Project, ReceiptCounter, StageCase
from projects.pipeline.planner import COMMITMENT_DAYS, Need, Plan, PlannedItem, make_plan
from projects.pipeline.template import APPLICANT, Template
from projects.queries.calendar import calendar_for
from projects.queries.editions import edition_in_force, template_for
from projects.queries.locking import lock_project
from projects.queries.materials import filed_materials, wanted_materials
from projects.rules.intake import (
    CHECK_WORKING_DAYS,
    TOLERANCE_WORKING_DAYS,
    CorrectionEntry,
    Filing,
    Paper,
    check_filing,
    decide_acceptance,
    decide_correction,
    decide_rejection,
)
from projects.states import project_move
from projects.words import _

# Crockford's alphabet: no I, L, O, U; a receipt number cannot be guessed from the one before.
RECEIPT_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SILENCE = "CheckPeriodOver"


@transaction.atomic
def declare_materials(project_id: UUID, declared: Mapping[str, bool], *, actor: Actor) -> None:
    """The applicant says which papers are ready (声明已备齐): material code -> yes or no."""
    project = lock_project(project_id)
    require(actor, "project.edit_form", project)
    if project.state not in {Project.State.DRAFT, Project.State.CORRECTION}:
        project_move(project.state, "edit")
    write_materials(project)
    changing = {Material.State.MISSING, Material.State.DECLARED, Material.State.FAULTY, Material.State.OUTSTANDING}
    for material in project.materials.select_for_update():
        if material.code in declared and material.state in changing:
            wanted_state = Material.State.DECLARED if declared[material.code] else Material.State.MISSING
            if material.state == wanted_state:
                continue
            material.state = wanted_state
            material.remark = ""
            material.changed_at = now()
            material.changed_by_id = actor.person_id
            material.save()


def write_materials(project: Project) -> None:
    """The papers that the plan wants, added where they are new, taken out where nobody wants them any more.

    What the platform knows already is not asked for; its source is named (四不提交).
    """
    wanted = {entry.code: entry for entry in wanted_materials(project)}
    known = {material.code: material for material in project.materials.all()}
    gone = [
        material.pk
        for code, material in known.items()
        if code not in wanted and material.state in {Material.State.MISSING, Material.State.FROM_LIBRARY}
    ]
    if gone:
        Material.objects.filter(pk__in=gone).delete()
    for code in known.keys() & wanted.keys():
        material, entry = known[code], wanted[code]
        if (material.item_codes, material.stage) != (entry.item_codes, entry.stage):
            material.item_codes, material.stage = list(entry.item_codes), entry.stage
            material.save(update_fields=["item_codes", "stage"])
        if entry.known_from and material.state == Material.State.MISSING:
            material.state, material.remark = Material.State.FROM_LIBRARY, entry.known_from
            material.save(update_fields=["state", "remark"])
    at = now()
    Material.objects.bulk_create(
        Material(
            project=project,
            code=code,
            name_zh=entry.name_zh,
            name_en=entry.name_en,
            source=entry.source,
            item_codes=list(entry.item_codes),
            stage=entry.stage,
            may_be_late=entry.may_be_late,
            state=Material.State.FROM_LIBRARY if entry.known_from else Material.State.MISSING,
            remark=entry.known_from,
            changed_at=at,
        )
        for code, entry in wanted.items()
        if code not in known
    )


@transaction.atomic
def submit_project(project_id: UUID, *, actor: Actor) -> Project:
    """File the project (提交申报): from now on the window has five working days, silence is acceptance.

    Invalid names everything that is still missing. A project sent back keeps its receipt number.
    """
    project = lock_project(project_id)
    require(actor, "project.submit", project)
    again = project.state == Project.State.CORRECTION
    target = project_move(project.state, "submit")
    check_filing(
        Filing(
            name=project.name,
            code=project.code,
            place=project.place,
            contents=project.contents,
            has_site=hasattr(project, "site"),
            has_facts=bool(project.facts),
            investment_known=all(project.facts.get(code) is not None for code in ("investment", "management", "use")),
        )
    )
    calendar = calendar_for(project.district_id)
    project.state = target
    project.submitted_at = now()
    project.submitted_by_id = actor.person_id
    project.check_due_on = calendar.add(legal_day(project.submitted_at, calendar), CHECK_WORKING_DAYS)
    if project.receipt_number is None:
        project.receipt_number = next_receipt(project, project.submitted_at)
    project.save()
    if again:
        project.intake_notices.filter(kind="correction", answered_at__isnull=True).update(answered_at=now())
    if project.edition_id is not None:
        write_materials(project)
    handed_in = [f"{material.name_zh}" for material in filed_materials(project) if material.state != "missing"]
    papers.issue_receipt(project, handed_in, actor=actor)
    event = ProjectSubmitted(
        project_id=project.pk,
        receipt_number=project.receipt_number,
        check_due_on=project.check_due_on,
        again=again,
    )
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project


def next_receipt(project: Project, at: datetime) -> str:
    """接件编号: district, day, a running number without gaps, and four letters nobody can guess."""
    local = at.astimezone(SHANGHAI)
    ReceiptCounter.objects.get_or_create(district_id=project.district_id, year=local.year)
    counter = ReceiptCounter.objects.select_for_update().get(district_id=project.district_id, year=local.year)
    counter.last += 1
    counter.save(update_fields=["last"])
    tail = "".join(secrets.choice(RECEIPT_LETTERS) for _letter in range(4))
    return f"{district(project.district_id).code}-{local:%Y%m%d}-{counter.last:05d}-{tail}"


@transaction.atomic
def check_materials(project_id: UUID, found: Mapping[str, tuple[str, str]], *, actor: Actor) -> None:
    """The window marks papers one by one (核对材料): code -> (checked | missing | faulty, what is wrong)."""
    project = lock_project(project_id)
    require(actor, "project.accept_at_window", project)
    if project.state != Project.State.SUBMITTED:
        project_move(project.state, "check")
    write_materials(project)
    for material in project.materials.select_for_update():
        if material.code not in found:
            continue
        state, remark = found[material.code]
        if state not in {Material.State.CHECKED, Material.State.MISSING, Material.State.FAULTY}:
            raise Refused("material_state", _("材料的核对结果应为：齐全、缺少或不符。"), field=material.code)
        if state == Material.State.FAULTY and not remark.strip():
            raise Refused(
                "fault_missing", _("请写明“%(name)s”哪里不符。") % {"name": material.name}, field=material.code
            )
        material.state = state
        material.remark = remark.strip()
        material.changed_at = now()
        material.changed_by_id = actor.person_id
        material.save()


@transaction.atomic
def accept_at_window(
    project_id: UUID, *, actor: Actor, tolerate: bool = False, template_code: str | None = None
) -> Project:
    """Accept the filing (受理, or 容缺受理 with `tolerate`): the edition is pinned, items are made, the clock starts.

    `template_code` is the window's choice where the facts name none. Refused while papers are missing that may not be
    late.
    """
    project = lock_project(project_id)
    require(actor, "project.accept_at_window", project)
    target = project_move(project.state, "accept")
    if template_code:
        project.edition = edition_in_force(template_code)
    template_for(project)
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
    plan = make_plan(template, project.facts)
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
    ItemCase.objects.bulk_create(item_row(project, position, item) for position, item in enumerate(plan.items))


def item_row(project: Project, position: int, planned: PlannedItem) -> ItemCase:
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
        pause_reasons=list(spec.pause_reasons),
    )


@transaction.atomic
def request_correction(project_id: UUID, entries: Sequence[CorrectionEntry], *, actor: Actor) -> IntakeNotice:
    """Tell everything to mend, at once and once (一次性补正告知); a second list is refused."""
    project = lock_project(project_id)
    require(actor, "project.request_correction", project)
    target = project_move(project.state, "request_correction")
    decide_correction(entries, asked_before=project.intake_notices.filter(kind="correction").exists())
    listed = [
        {"material": entry.material, "name": entry.name, "fault": entry.fault.strip(), "remedy": entry.remedy.strip()}
        for entry in entries
    ]
    for entry in entries:
        project.materials.filter(code=entry.material).update(
            state=Material.State.FAULTY, remark=entry.fault.strip()[:400], changed_at=now()
        )
    project.state = target
    project.check_due_on = None
    project.save(update_fields=["state", "check_due_on"])
    paper_id = papers.issue_correction(project, listed, actor=actor)
    notice = IntakeNotice.objects.create(
        project=project,
        kind=IntakeNotice.Kind.CORRECTION,
        entries=listed,
        made_at=now(),
        made_by_id=person_of(actor),
        paper_id=paper_id,
    )
    event = CorrectionRequested(project_id=project.pk, notice_id=notice.pk, entries=len(listed), paper_id=paper_id)
    record(event, actor=actor, subject=notice, project_id=project.pk)
    return notice


@two_key_act("project.reject_at_window")
@transaction.atomic
def reject_at_window(project_id: UUID, *, actor: Actor, reason: str) -> Project:
    """Do not accept the filing (不予受理), with reasons and remedy; a second clerk confirms."""
    project = lock_project(project_id)
    require(actor, "project.reject_at_window", project)
    target = project_move(project.state, "reject")
    decide_rejection(reason)
    project.state = target
    project.check_due_on = None
    project.ended_at = now()
    project.ended_reason = reason.strip()
    project.save(update_fields=["state", "check_due_on", "ended_at", "ended_reason"])
    paper_id = papers.issue_rejection(project, reason.strip(), actor=actor)
    IntakeNotice.objects.create(
        project=project,
        kind=IntakeNotice.Kind.REJECTION,
        text=reason.strip(),
        made_at=now(),
        made_by_id=person_of(actor),
        paper_id=paper_id,
    )
    event = ProjectRejected(project_id=project.pk, paper_id=paper_id)
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project


@transaction.atomic
def hand_in_late(project_id: UUID, material_code: str, *, actor: Actor) -> Material:
    """The enterprise hands in a tolerated paper (补交容缺材料)."""
    project = lock_project(project_id)
    require(actor, "item.answer_correction", project)
    material = project.materials.select_for_update().filter(code=material_code).first()
    if material is None or material.state != Material.State.OUTSTANDING:
        raise Refused("not_outstanding", _("这份材料不在容缺清单里。"))
    material.state = Material.State.DECLARED
    material.changed_at = now()
    material.changed_by_id = actor.person_id
    material.save()
    return material
