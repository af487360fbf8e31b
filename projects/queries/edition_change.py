"""What a running project's move to the edition now in force would change (更换流程版本), before anybody asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from projects.models import ItemCase, Material, PipelineEdition, Project
from projects.pipeline.planner import Plan, make_plan
from projects.queries.confirmed_reuse import confirmed_reuse
from projects.queries.editions import published_editions, template_of
from projects.rules.modes import promised_by_mode, tolerated_items


@dataclass(frozen=True)
class EditionChange:
    """The edition in force, and what would differ for this project; days are working days on the longest path."""

    edition: PipelineEdition
    total_before: int
    total_after: int
    limit_after: int
    added: tuple[ItemCase, ...]
    dropped: tuple[ItemCase, ...]
    lost: tuple[ItemCase, ...]
    other_stages: bool

    @property
    def is_possible(self) -> bool:
        """Nothing that was reached would be lost, and the stages are the same."""
        return not self.lost and not self.other_stages


def edition_change_of(project: Project) -> EditionChange | None:
    """The change that is open to a running project; None while it follows the edition in force."""
    if project.state != Project.State.ACCEPTED or project.edition is None:
        return None
    edition = published_editions().filter(template_code=project.edition.template_code).first()
    if edition is None or edition.pk == project.edition_id:
        return None
    plan = plan_under(project, edition)
    held = {row.code: row for row in project.items.all()}
    named = {item.spec.code: item.spec for item in plan.items}
    return EditionChange(
        edition=edition,
        total_before=plan_under(project, project.edition).total,
        total_after=plan.total,
        limit_after=plan.template.total_limit,
        added=tuple(
            ItemCase(code=spec.code, name_zh=spec.name_zh, name_en=spec.name_en)
            for code, spec in named.items()
            if code not in held
        ),
        dropped=tuple(row for code, row in held.items() if code not in named and row.state is None),
        lost=tuple(lost_items(plan, held.values())),
        other_stages={stage.code for stage in plan.template.stages} != {row.code for row in project.stages.all()},
    )


def plan_under(project: Project, edition: PipelineEdition) -> Plan:
    """The project's plan as this edition has it: its facts, confirmed reuses, promises and papers outstanding."""
    template = template_of(edition)
    reuse = confirmed_reuse(project)
    plan = make_plan(template, project.facts, reuse=reuse)
    outstanding = set(project.materials.filter(state=Material.State.OUTSTANDING).values_list("code", flat=True))
    settled = {**tolerated_items(plan, outstanding), **promised_by_mode(project.mode, plan)}
    return make_plan(template, project.facts, reuse=reuse, needs=settled) if settled else plan


def lost_items(plan: Plan, held: Iterable[ItemCase]) -> list[ItemCase]:
    """Items already reached that the plan does not run."""
    wanted = {item.spec.code for item in plan.items if item.need.is_run}
    return sorted((row for row in held if row.state is not None and row.code not in wanted), key=lambda row: row.code)
