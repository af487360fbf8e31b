"""Editing the catalogue in the browser (审批标准清单): drafts, publication by two, a project's move to another edition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions import two_key_act
from ledger.actor import Actor
from ledger.errors import Conflict, NotFound, Refused, StateConflict
from ledger.record import record
from projects.actions.acceptance import item_row
from projects.actions.domain import draft_edition, put_in_force, worst_case
from projects.actions.progress import advance
from projects.events import EditionChanged, EditionDrafted
from projects.models import ItemCase, Material, PipelineEdition, Project
from projects.pipeline import editing
from projects.pipeline.planner import Plan, make_plan
from projects.pipeline.template import read_template
from projects.queries.confirmed_reuse import confirmed_reuse
from projects.queries.editions import template_of
from projects.queries.locking import lock_project
from projects.rules.modes import handling_of, promised_by_mode, tolerated_items
from projects.words import _


@transaction.atomic
def begin_draft(edition_id: UUID, version: str, *, actor: Actor) -> PipelineEdition:
    """Begin a draft from an edition (编制新版本); what is in force stays untouched."""
    base = PipelineEdition.objects.filter(pk=edition_id).first()
    if base is None:
        raise NotFound
    require(actor, "config.draft_catalogue", base)
    content = editing.with_version(base.content, version)
    if PipelineEdition.objects.filter(template_code=base.template_code, version=content["version"]).exists():
        raise Conflict(
            _("版本 %(version)s 已经存在，请换一个版本号。") % {"version": content["version"]}, code="version_taken"
        )
    edition = draft_edition(content)
    edition.based_on = base
    edition.save(update_fields=["based_on"])
    note_draft(edition, [], actor=actor)
    return edition


def note_draft(edition: PipelineEdition, changed: list[str], *, actor: Actor) -> None:
    """Every change of a draft is on record."""
    event = EditionDrafted(
        edition_id=edition.pk, template_code=edition.template_code, version=edition.version, changed=changed
    )
    record(event, actor=actor, subject=edition)


def lock_draft(edition_id: UUID, expected_version: int | None, *, actor: Actor) -> PipelineEdition:
    """The draft, locked; Conflict when somebody else changed it since the page was shown."""
    edition = PipelineEdition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    require(actor, "config.draft_catalogue", edition)
    if edition.state != PipelineEdition.State.DRAFT:
        raise StateConflict(_("已发布的版本不能修改，请以它为基础编制新版本。"))
    if expected_version is not None and expected_version != edition.draft_version:
        raise Conflict(_("草稿刚刚被他人修改过，您的修改没有保存。"), next_step=_("请刷新页面，在最新内容上重新修改。"))
    return edition


def store_draft(edition: PipelineEdition, content: Mapping[str, Any], *, actor: Actor) -> PipelineEdition:
    """Keep the changed data with its hash and critical path."""
    before, after = template_of(edition), read_template(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    edition.content = json.loads(text)
    edition.sha256 = hashlib.sha256(text.encode()).hexdigest()
    edition.critical_days = worst_case(after)
    edition.total_limit = after.total_limit
    edition.name_zh, edition.name_en = after.name_zh, after.name_en
    edition.draft_version += 1
    edition.save()
    note_draft(edition, editing.changed_items(before, after), actor=actor)
    return edition


@transaction.atomic
def change_draft_item(
    edition_id: UUID, code: str, fields: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> PipelineEdition:
    """Change some fields of one item of a draft; Refused when the whole could not be read any more (环、负时限等)."""
    edition = lock_draft(edition_id, expected_version, actor=actor)
    return store_draft(edition, editing.change_item(edition.content, code, fields), actor=actor)


@transaction.atomic
def add_draft_item(
    edition_id: UUID, item: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> PipelineEdition:
    """Add an item to a draft."""
    edition = lock_draft(edition_id, expected_version, actor=actor)
    return store_draft(edition, editing.add_item(edition.content, item), actor=actor)


@transaction.atomic
def remove_draft_item(
    edition_id: UUID, code: str, *, actor: Actor, expected_version: int | None = None
) -> PipelineEdition:
    """Take an item out of a draft; those behind it wait for what it waited for."""
    edition = lock_draft(edition_id, expected_version, actor=actor)
    return store_draft(edition, editing.remove_item(edition.content, code), actor=actor)


@transaction.atomic
def drop_draft(edition_id: UUID, *, actor: Actor) -> None:
    """Throw a draft away; what was published is never deleted."""
    edition = lock_draft(edition_id, None, actor=actor)
    note_draft(edition, ["dropped"], actor=actor)
    edition.delete()


@two_key_act("config.edit_item_catalogue")
@transaction.atomic
def publish_edition(edition_id: UUID, *, actor: Actor, draft_version: int) -> PipelineEdition:
    """Put a draft in force (发布), confirmed by a second administrator for exactly the version both looked at.

    Refused with every fault and its place (faults_before_publishing).
    """
    edition = PipelineEdition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    require(actor, "config.edit_item_catalogue", edition)
    if edition.draft_version != draft_version:
        raise Conflict(_("草稿在提请发布之后又被修改过，请重新核对后再提请发布。"))
    put_in_force(edition, actor=actor)
    return edition


@two_key_act("project.change_edition")
@transaction.atomic
def change_edition(project_id: UUID, *, actor: Actor, edition_id: str, reason: str) -> Project:
    """Move a running project to another edition of its pipeline (更换流程版本): a recorded act of two clerks.

    What was done stays; items not begun follow the new edition. Refused when the new edition lacks an item that was
    already reached, so that nothing done is lost.
    """
    project = lock_project(project_id)
    require(actor, "project.change_edition", project)
    edition = PipelineEdition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    check_move(project, edition, reason)
    was = project.edition
    template = template_of(edition)
    reuse = confirmed_reuse(project)
    plan = make_plan(template, project.facts, reuse=reuse)
    outstanding = set(project.materials.filter(state=Material.State.OUTSTANDING).values_list("code", flat=True))
    if settled := {**tolerated_items(plan, outstanding), **promised_by_mode(project.mode, plan)}:
        plan = make_plan(template, project.facts, reuse=reuse, needs=settled)
    added, dropped = follow_plan(project, plan)
    project.edition, project.limit_days = edition, template.total_limit
    project.save(update_fields=["edition", "limit_days"])
    for row in project.stages.all():
        row.limit_days = template.stage(row.code).limit_days
        row.save(update_fields=["limit_days"])
    event = EditionChanged(
        project_id=project.pk,
        was=str(was),
        now=str(edition),
        reason=reason.strip(),
        added=sorted(added),
        dropped=sorted(dropped),
    )
    record(event, actor=actor, subject=project, project_id=project.pk)
    advance(project, cause="EditionChanged")
    return project


def check_move(project: Project, edition: PipelineEdition, reason: str) -> None:
    """Same pipeline, in force, another edition, with a reason."""
    if project.state != Project.State.ACCEPTED or project.edition is None:
        raise StateConflict(_("只有办理中的项目可以更换流程版本。"))
    if len(reason.strip()) < 6:
        raise Refused("reason_missing", _("请写明更换流程版本的理由和依据。"), field="reason")
    if edition.state != PipelineEdition.State.PUBLISHED or edition.template_code != project.edition.template_code:
        raise Refused("edition", _("只能更换为同一流程正在施行的版本。"), field="edition_id")
    if edition.pk == project.edition_id:
        raise Refused("edition", _("项目已经适用这个版本。"), field="edition_id")
    codes = {stage.code for stage in template_of(edition).stages}
    if codes != set(project.stages.values_list("code", flat=True)):
        raise Refused("edition", _("新版本的阶段划分不同，办理中的项目不能更换。"), field="edition_id")


def follow_plan(project: Project, plan: Plan) -> tuple[set[str], set[str]]:
    """Items not begun as the new plan has them; codes that were added and dropped."""
    handling = handling_of(plan)
    wanted = {item.spec.code: (position, item) for position, item in enumerate(plan.items)}
    held = {row.code: row for row in project.items.select_for_update()}
    begun = [row for row in held.values() if row.state is not None]
    lost = sorted(row.code for row in begun if row.code not in wanted or not wanted[row.code][1].need.is_run)
    if lost:
        raise Refused(
            "edition",
            _("事项 %(codes)s 已经到达或办结，新版本没有这些事项，不能更换。") % {"codes": "、".join(lost)},
            field="edition_id",
        )
    dropped = set(held) - set(wanted)
    waiting = [row.pk for row in held.values() if row.state is None]
    ItemCase.objects.filter(pk__in=waiting).delete()
    fresh = set(wanted) - {row.code for row in begun}
    ItemCase.objects.bulk_create(
        item_row(project, position, item, handling[code]) for code, (position, item) in wanted.items() if code in fresh
    )
    for row in begun:
        row.position = wanted[row.code][0]
        row.save(update_fields=["position"])
    return set(wanted) - set(held), dropped
