"""Reuse of regional assessments (区域评估共享应用): the enterprise proposes, the approving department decides.

What is confirmed is frozen with every version and value used; a signed paper certifies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, NotFound, StateConflict
from ledger.record import record
from projects.actions.needs import apply_reuse, check_still_open
from projects.actions.papers import issue_reuse_confirmation
from projects.actions.progress import person_of
from projects.actions.projects import merge_facts, pin_template
from projects.models import AssessmentReuse, Project
from projects.pipeline.planner import Reusable
from projects.queries.locking import lock_project
from projects.queries.reuse import answer_of_kind, frozen_answer, site_answer
from projects.reuse_events import ReuseConfirmed, ReusePromised, ReuseProposed, ReuseRefused, ReuseWithdrawn
from projects.rules.facts import catalogue, check_values
from projects.rules.reuse import (
    check_may_propose,
    check_outcome,
    check_promise,
    check_reason,
    digest_of,
)
from projects.states import reuse_move
from projects.words import _
from regional_eval.domain import assessment_kinds
from regional_eval.reasons import in_words
from regional_eval.rules.answers import KindAnswer


@transaction.atomic
def propose_reuse(
    project_id: UUID,
    kind: str,
    *,
    actor: Actor,
    figures: Mapping[str, Any] | None = None,
    remark: str = "",
) -> AssessmentReuse:
    """Propose to lean on the regional assessments of one kind (提请共享应用).

    `figures` are facts that limits and exceptions ask for; those of the catalogue become facts of the project. Refused
    when the geometry, the dates or a limit speak against it, with every reason; StateConflict when it was proposed
    already or the item is under way.
    """
    project = lock_project(project_id)
    require(actor, "assessment.propose_reuse", project)
    entry = assessment_kinds().get(kind)
    if entry is None:
        raise Invalid({"kind": [_("没有这类区域评估。")]})
    check_may_propose(project.state, has_site=hasattr(project, "site"))
    if project.reuses.filter(kind=kind, state__in=AssessmentReuse.LIVE).exists():
        raise StateConflict(_("这类区域评估已经提请或确认应用。"), next_step=_("请刷新页面，查看最新办理情况。"))
    check_still_open(project, kind)
    given = {code: value for code, value in (figures or {}).items() if value is not None}
    keep_figures(project, given)
    answer, frozen = asked(project, kind, given)
    check_outcome(answer.outcome, spoken(answer))
    reuse = AssessmentReuse(
        project=project,
        kind=kind,
        department_code=entry["approving_department"],
        remark=remark.strip(),
        proposed_at=now(),
        proposed_by_id=person_of(actor),
    )
    write_answer(reuse, answer, frozen)
    reuse.save()
    event = ReuseProposed(
        project_id=project.pk,
        reuse_id=reuse.pk,
        kind=kind,
        department_code=reuse.department_code,
        outcome=reuse.outcome,
        effect=reuse.effect,
    )
    record(event, actor=actor, subject=reuse, project_id=project.pk)
    return reuse


def keep_figures(project: Project, figures: Mapping[str, Any]) -> None:
    """Figures that the catalogue knows become facts of the project, checked; an answer of its form is not overwritten."""
    known = {code: value for code, value in figures.items() if code in catalogue()}
    new = {code: value for code, value in check_values(known).items() if project.facts.get(code) is None}
    if new and merge_facts(project, new, source="applicant"):
        project.form_version += 1
        project.save(update_fields=["facts", "fact_sources", "form_version"])


def asked(project: Project, kind: str, figures: Mapping[str, Any]) -> tuple[KindAnswer, dict[str, Any]]:
    """The answer of today, and how it is frozen."""
    today: date = today_in_shanghai()
    found = site_answer(project, on=today, figures=figures)
    answer = answer_of_kind(found, kind)
    return answer, frozen_answer(project, found, answer, on=today, figures=figures)


def spoken(answer: KindAnswer) -> list[str]:
    """The reasons as sentences."""
    return [in_words(reason) for reason in answer.reasons]


def write_answer(reuse: AssessmentReuse, answer: KindAnswer, frozen: dict[str, Any]) -> None:
    """Freeze the answer in the row with its digest."""
    reuse.outcome = str(answer.outcome)
    reuse.effect = str(answer.effect or "")
    reuse.used_on = date.fromisoformat(frozen["on"])
    reuse.valid_to = answer.valid_to
    reuse.answer = frozen
    reuse.answer_sha256 = digest_of(frozen)
    reuse.assessment_ids = [area.assessment_id for area in answer.used]
    reuse.layer_ids = sorted({area.layer_id for area in answer.used}, key=str)
    reuse.report_days = answer.days_saved
    reuse.fee_yuan = answer.fee_saved


def lock_reuse(reuse_id: UUID) -> tuple[Project, AssessmentReuse]:
    """The reuse and its project, the project locked first; NotFound when there is none."""
    project_id = AssessmentReuse.objects.filter(pk=reuse_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    project = lock_project(project_id)
    reuse = AssessmentReuse.objects.select_for_update(of=("self",)).get(pk=reuse_id)
    reuse.project = project
    return project, reuse


@transaction.atomic
def promise_reuse(reuse_id: UUID, *, actor: Actor) -> AssessmentReuse:
    """The enterprise signs the commitment that the reuse depends on (签署告知承诺); once."""
    project, reuse = lock_reuse(reuse_id)
    require(actor, "promise.sign", reuse)
    if reuse.state != AssessmentReuse.State.PROPOSED or reuse.effect != "COMMITMENT":
        raise StateConflict(_("这项共享应用现在不需要签署承诺。"))
    if reuse.promised_at is None:
        reuse.promised_at, reuse.promised_by_id = now(), person_of(actor)
        reuse.save(update_fields=["promised_at", "promised_by"])
        event = ReusePromised(project_id=project.pk, reuse_id=reuse.pk, kind=reuse.kind)
        record(event, actor=actor, subject=reuse, project_id=project.pk)
    return reuse


@transaction.atomic
def confirm_reuse(reuse_id: UUID, *, actor: Actor, remark: str = "") -> AssessmentReuse:
    """Confirm the reuse (确认共享应用): computed anew on this very day, frozen, certified by a paper.

    Refused when it no longer holds, or while its commitment is not signed. In an accepted project the items of this
    kind are run accordingly from now on.
    """
    project, reuse = lock_reuse(reuse_id)
    require(actor, "assessment.confirm_reuse", reuse)
    target = reuse_move(reuse.state, "confirm")
    check_still_open(project, reuse.kind)
    answer, frozen = asked(project, reuse.kind, reuse.answer.get("facts", {}))
    check_outcome(answer.outcome, spoken(answer))
    check_promise(answer.effect, is_signed=reuse.promised_at is not None)
    write_answer(reuse, answer, frozen)
    reuse.decided_at, reuse.decided_by_id = now(), person_of(actor)
    reuse.decision_remark = remark.strip()
    reuse.paper_id = issue_reuse_confirmation(project, reuse, actor=actor)
    reuse.state = target
    reuse.save()
    follow(project, reuse, reuse.paper_id, actor=actor)
    return reuse


def follow(project: Project, reuse: AssessmentReuse, paper_id: UUID, *, actor: Actor) -> None:
    """What a confirmation leads to: its event, the items, and before acceptance the pipeline that fits now."""
    event = ReuseConfirmed(
        project_id=project.pk,
        reuse_id=reuse.pk,
        kind=reuse.kind,
        department_code=reuse.department_code,
        paper_id=paper_id,
        answer_sha256=reuse.answer_sha256,
    )
    record(event, actor=actor, subject=reuse, project_id=project.pk)
    if project.state == Project.State.ACCEPTED:
        remark = _("区域评估成果应用确认（%(day)s）") % {"day": reuse.used_on.isoformat()}
        apply_reuse(project, reuse.kind, Reusable(reuse.outcome, reuse.effect or None), remark=remark, actor=actor)
    elif project.state in {Project.State.DRAFT, Project.State.CORRECTION}:
        pin_template(project)
        project.save(update_fields=["edition", "limit_days"])


@transaction.atomic
def refuse_reuse(reuse_id: UUID, *, actor: Actor, reason: str) -> AssessmentReuse:
    """Do not confirm the reuse, with the reason (不予确认共享应用); an assessment of its own is then needed."""
    project, reuse = lock_reuse(reuse_id)
    require(actor, "assessment.refuse_reuse", reuse)
    reuse.state = reuse_move(reuse.state, "refuse")
    reuse.decision_remark = check_reason(reason)
    reuse.decided_at, reuse.decided_by_id = now(), person_of(actor)
    reuse.save(update_fields=["state", "decision_remark", "decided_at", "decided_by"])
    event = ReuseRefused(
        project_id=project.pk,
        reuse_id=reuse.pk,
        kind=reuse.kind,
        department_code=reuse.department_code,
        reason=reuse.decision_remark,
    )
    record(event, actor=actor, subject=reuse, project_id=project.pk)
    return reuse


@transaction.atomic
def withdraw_reuse(reuse_id: UUID, *, actor: Actor) -> AssessmentReuse:
    """Take a proposal back before it is decided (撤回共享应用)."""
    project, reuse = lock_reuse(reuse_id)
    require(actor, "assessment.propose_reuse", project)
    reuse.state = reuse_move(reuse.state, "withdraw")
    reuse.ended_at = now()
    reuse.save(update_fields=["state", "ended_at"])
    event = ReuseWithdrawn(project_id=project.pk, reuse_id=reuse.pk, kind=reuse.kind)
    record(event, actor=actor, subject=reuse, project_id=project.pk)
    return reuse
