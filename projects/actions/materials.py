"""Papers of a filing (申报材料): declared by the enterprise, checked by the window, handed in later."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.access import require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused
from projects.models import Material, Project
from projects.pipeline.planner import Need
from projects.queries.locking import lock_project
from projects.queries.materials import wanted_materials
from projects.states import project_move
from projects.words import _


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
    end_tolerance(project)
    return material


def end_tolerance(project: Project) -> None:
    """Items whose last outstanding paper came are needed like any other again."""
    owing = project.materials.filter(state=Material.State.OUTSTANDING).values_list("item_codes", flat=True)
    still = {code for codes in owing for code in codes}
    project.items.filter(need=Need.TOLERATED, decided_at__isnull=True).exclude(code__in=still).update(need=Need.NEEDED)
