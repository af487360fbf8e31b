"""Moving a running project to the edition in force (更换流程版本): asked by one clerk, confirmed by another, on record."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions import ask_second_key, two_key_act
from ledger.actor import Actor
from ledger.errors import NotFound, Refused, StateConflict
from ledger.record import record
from projects.actions.acceptance import item_row
from projects.actions.progress import advance
from projects.events import EditionChanged
from projects.models import ItemCase, PipelineEdition, Project
from projects.pipeline.planner import Plan
from projects.queries.edition_change import lost_items, plan_under
from projects.queries.editions import template_of
from projects.queries.locking import lock_project
from projects.rules.modes import handling_of
from projects.words import _


@transaction.atomic
def ask_to_change_edition(project_id: UUID, *, actor: Actor, edition_id: str, reason: str) -> None:
    """Ask another clerk to confirm the move (提请更换流程版本); what speaks against it is said before he is troubled."""
    project = lock_project(project_id)
    edition = edition_asked(edition_id)
    summary = _("更换流程版本：%(project)s，%(was)s → %(now)s") % {
        "project": project.name,
        "was": project.edition.version if project.edition else "—",
        "now": edition.version,
    }
    ask_second_key(
        "project.change_edition",
        project,
        actor=actor,
        summary=summary,
        arguments={"edition_id": str(edition.pk), "reason": reason},
    )
    check_move(project, edition, plan_under(project, edition), reason)


@two_key_act("project.change_edition")
@transaction.atomic
def change_edition(project_id: UUID, *, actor: Actor, edition_id: str, reason: str) -> Project:
    """Move a running project to another edition of its pipeline (更换流程版本): a recorded act of two clerks.

    What was done stays; items not begun follow the new edition. Refused when the new edition lacks an item that was
    already reached, so that nothing done is lost.
    """
    project = lock_project(project_id)
    require(actor, "project.change_edition", project)
    edition = edition_asked(edition_id)
    plan = plan_under(project, edition)
    check_move(project, edition, plan, reason)
    was = project.edition
    added, dropped = follow_plan(project, plan)
    template = plan.template
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


def edition_asked(edition_id: str) -> PipelineEdition:
    """The edition that was named."""
    edition = PipelineEdition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    return edition


def check_move(project: Project, edition: PipelineEdition, plan: Plan, reason: str) -> None:
    """Same pipeline and stages, in force, another edition, with a reason, and nothing that was reached is lost."""
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
    lost = lost_items(plan, project.items.all())
    if lost:
        raise Refused(
            "edition",
            _("事项 %(codes)s 已经到达或办结，新版本没有这些事项，不能更换。")
            % {"codes": "、".join(row.code for row in lost)},
            field="edition_id",
        )


def follow_plan(project: Project, plan: Plan) -> tuple[set[str], set[str]]:
    """Items not begun as the new plan has them; codes that were added and dropped."""
    handling = handling_of(plan)
    wanted = {item.spec.code: (position, item) for position, item in enumerate(plan.items)}
    held = {row.code: row for row in project.items.select_for_update()}
    begun = [row for row in held.values() if row.state is not None]
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
