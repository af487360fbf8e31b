"""Checks of a site against the plans (规划核查): made, stored with what is clear, conflicts followed and overridden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, NotFound, Refused, StateConflict
from ledger.record import record
from projects.actions.progress import person_of
from projects.events import ConflictOverridden, SiteChecked
from projects.models import ConflictOverride, PlanConflict, Project, SiteCheck
from projects.models.conflicts import FINDINGS
from projects.queries.locking import lock_project
from projects.queries.plan_answers import asked_of, plans_today
from projects.rules.conflicts import compare_checks, conflict_digest, digest_of
from projects.words import _
from regional_eval.queries.plans import layer_owners
from regional_eval.queries.site_batch import check_plans_of_many
from regional_eval.queries.site_check import SiteAnswer

LEAST_REASON = 4
# Sites checked together: their pieces lie in memory at the same time.
AT_ONCE = 500
BLOCKING = "BLOCKING"


@transaction.atomic
def check_plans(project_id: UUID, *, actor: Actor, cause: str = "asked", layer_id: UUID | None = None) -> SiteCheck:
    """Check the project's site against every plan layer in force today, and keep the answer (规划核查).

    Stored with it: the site's digest, every layer version asked, the figures compared, and the layers that are clear.
    A conflict found again is the same one with its override; one no longer found is resolved; nothing is deleted.
    Refused without a red line.
    """
    project = lock_project(project_id)
    require(actor, "plan_check.run", project)
    site = getattr(project, "site", None)
    if site is None:
        raise Refused("no_site", _("还没有用地红线，无法核查。"), next_step=_("请先绘制或上传用地红线。"))
    answer = plans_today(project)
    return keep_check(project, answer, actor=actor, cause=cause, layer_id=layer_id)


@transaction.atomic
def check_plans_of(project_ids: Sequence[UUID], *, actor: Actor, cause: str, layer_id: UUID) -> list[SiteCheck]:
    """The same for many projects of which a published layer changed the ground: one tree a layer, not one check a project.

    A project without a red line is left out; one whose red line or figures change meanwhile is checked by itself.
    """
    made = []
    for district_id, group in by_district(project_ids):
        for start in range(0, len(group), AT_ONCE):
            chunk = group[start : start + AT_ONCE]
            asked = [asked_of(project) for project in chunk]
            answers = check_plans_of_many(asked, today_in_shanghai(), district_id=district_id)
            for seen, question, answer in zip(chunk, asked, answers, strict=True):
                project = lock_project(seen.pk)
                require(actor, "plan_check.run", project)
                if asked_of(project) == question:
                    made.append(keep_check(project, answer, actor=actor, cause=cause, layer_id=layer_id))
                else:
                    made.append(check_plans(project.pk, actor=actor, cause=cause, layer_id=layer_id))
    return made


def by_district(project_ids: Sequence[UUID]) -> list[tuple[int, list[Project]]]:
    """The projects with a red line, those of one district together, in the order in which they are locked."""
    found = Project.objects.filter(pk__in=project_ids, site__isnull=False).select_related("site")
    ordered = found.order_by("district_id", "pk")
    return [(district_id, list(group)) for district_id, group in groupby(ordered, key=lambda one: one.district_id)]


def keep_check(project: Project, answer: SiteAnswer, *, actor: Actor, cause: str, layer_id: UUID | None) -> SiteCheck:
    """Store a check with its conflicts, and say so; the caller holds the project's lock."""
    site, facts = project.site, dict(project.facts)
    result = {**answer.as_json(), "facts": facts}
    check = SiteCheck.objects.create(
        project=project,
        no=SiteCheck.objects.filter(project=project).count() + 1,
        on=today_in_shanghai(),
        at=now(),
        made_by_id=actor.person_id,
        cause=cause,
        layer_id=layer_id,
        site_sha256=site.sha256,
        rule=answer.rule,
        layers=[{"id": str(version), "sha256": digest} for version, digest in answer.layers],
        clear=list(answer.clear),
        result=result,
        sha256=digest_of(result),
    )
    came = keep_conflicts(project, check, [conflict.as_json() for conflict in answer.conflicts])
    event = SiteChecked(
        project_id=project.pk,
        check_id=check.pk,
        cause=cause,
        sha256=check.sha256,
        blocking=sum(conflict.severity == BLOCKING for conflict in answer.conflicts),
        came=check.came,
        went=check.went,
        departments=sorted({conflict.department_code for conflict in came}),
    )
    record(event, actor=actor, subject=project, project_id=project.pk)
    return check


def keep_conflicts(project: Project, check: SiteCheck, found: list[Mapping[str, Any]]) -> list[PlanConflict]:
    """Write what came, note what stayed, resolve what went; returns what came."""
    by_digest = {conflict_digest(conflict): conflict for conflict in found}
    live = PlanConflict.objects.select_for_update().filter(project=project).exclude(state=PlanConflict.State.RESOLVED)
    standing = {conflict.digest: conflict for conflict in live}
    change = compare_checks(standing, by_digest)
    owners = layer_owners({UUID(by_digest[digest]["layer_id"]) for digest in change.came})
    came = [new_conflict(project, check, by_digest[digest], digest, owners) for digest in sorted(change.came)]
    PlanConflict.objects.bulk_create(came)
    live.filter(digest__in=change.stayed).update(last_check=check)
    live.filter(digest__in=change.went).update(state=PlanConflict.State.RESOLVED, resolved_at=check.at)
    check.came, check.went = len(change.came), len(change.went)
    check.save(update_fields=["came", "went"])
    return came


def new_conflict(
    project: Project, check: SiteCheck, found: Mapping[str, Any], digest: str, owners: Mapping[UUID, str]
) -> PlanConflict:
    """One conflict, not stored yet."""
    layer_id = UUID(found["layer_id"])
    return PlanConflict(
        project=project,
        first_check=check,
        last_check=check,
        layer=found["layer"],
        layer_id=layer_id,
        feature=found["feature"],
        kind=found["kind"],
        severity=found["severity"],
        area_m2=found["area_m2"],
        mu=found["mu"],
        share=found["share"],
        geometry=found["geometry"],
        reasons=found["reasons"],
        department_code=owners[layer_id],
        digest=digest,
    )


@transaction.atomic
def override_conflict(
    conflict_id: UUID, *, actor: Actor, finding: str, reason: str, document: str = "", conditions: str = ""
) -> ConflictOverride:
    """Give the owner department's finding on a conflict (认定规划冲突), with its reason.

    The conflict stays as it was found; a later check that finds it again keeps the finding, a new version of the layer
    or a new red line makes a new conflict without one.
    """
    conflict = lock_conflict(conflict_id)
    require(actor, "plan_layer.override_conflict", conflict)
    if conflict.state != PlanConflict.State.OPEN:
        raise StateConflict(_("这处冲突已经认定或已消除，不需要再认定。"))
    errors: dict[str, list[str]] = {}
    if finding not in FINDINGS:
        errors["finding"] = [_("请选择认定结论。")]
    if len(reason.strip()) < LEAST_REASON:
        errors["reason"] = [_("请写明理由，至少几个字。")]
    if finding == "approved" and not document.strip():
        errors["document"] = [_("已获批准的，请填写批准文号。")]
    if finding == "conditions" and not conditions.strip():
        errors["conditions"] = [_("附条件同意的，请写明条件。")]
    if errors:
        raise Invalid(errors)
    made = ConflictOverride.objects.create(
        conflict=conflict,
        finding=finding,
        reason=reason.strip(),
        document=document.strip()[:120],
        conditions=conditions.strip(),
        department_code=actor.department_code or conflict.department_code,
        made_by_id=person_of(actor),
        made_at=now(),
    )
    conflict.state = PlanConflict.State.OVERRIDDEN
    conflict.save(update_fields=["state"])
    event = ConflictOverridden(
        project_id=conflict.project_id,
        conflict_id=conflict.pk,
        layer=conflict.layer,
        finding=finding,
        department=made.department_code,
    )
    record(event, actor=actor, subject=conflict, project_id=conflict.project_id)
    return made


def lock_conflict(conflict_id: UUID) -> PlanConflict:
    """The conflict, its project locked first; NotFound when there is none."""
    project_id = PlanConflict.objects.filter(pk=conflict_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    lock_project(project_id)
    return PlanConflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
