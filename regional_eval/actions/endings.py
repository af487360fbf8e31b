"""How published assessments and plan layers end (失效): revoked with a reason by two people, or past their last day."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.actions import two_key_act
from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.errors import NotFound, StateConflict
from ledger.record import record
from regional_eval.actions.layers import lock_layer, needed_reason, next_state
from regional_eval.events import AssessmentEnded, PlanLayerEnded, PlanLayerRevoked
from regional_eval.models import Assessment, LayerVersion, State
from regional_eval.rules.publishing import all_ended
from regional_eval.states import assessment_after

DAY_ENDED = "DayEnded"


def lock_assessment(assessment_id: UUID) -> Assessment:
    """The assessment, locked after its layer."""
    layer_id = Assessment.objects.filter(pk=assessment_id).values_list("layer_id", flat=True).first()
    if layer_id is None:
        raise NotFound
    lock_layer(layer_id)
    return Assessment.objects.select_for_update().select_related("layer").get(pk=assessment_id)


@two_key_act("assessment.withdraw")
@transaction.atomic
def revoke_assessment(assessment_id: object, *, actor: Actor, reason: str) -> Assessment:
    """Take a published assessment back (撤销区域评估), confirmed by another person; what leaned on it is looked at again."""
    assessment = lock_assessment(UUID(str(assessment_id)))
    require(actor, "assessment.withdraw", assessment)
    state = assessment_after(assessment.state, "revoke")
    if state is None:
        raise StateConflict(_("只有已发布的区域评估可以撤销。"))
    words = needed_reason(reason)
    end_assessment(assessment, state, how="revoked", reason=words, actor=actor)
    return assessment


def end_assessment(assessment: Assessment, state: str, *, how: str, reason: str, actor: Actor) -> None:
    """Write the end, and that of its layer version when it was the last one there."""
    assessment.state = state
    assessment.revoked_reason = reason if how == "revoked" else assessment.revoked_reason
    assessment.save(update_fields=["state", "revoked_reason"])
    ended = AssessmentEnded(
        assessment_id=assessment.pk, layer_id=assessment.layer_id, kind=assessment.kind, how=how, reason=reason
    )
    record(ended, actor=actor, subject=assessment)
    layer = assessment.layer
    siblings = list(layer.assessments.values_list("state", flat=True))
    if layer.state == State.PUBLISHED and all_ended(siblings):
        layer.state = State.REVOKED if how == "revoked" else State.EXPIRED
        layer.save(update_fields=["state"])


@two_key_act("plan_layer.withdraw")
@transaction.atomic
def revoke_plan_layer(layer_id: object, *, actor: Actor, reason: str) -> LayerVersion:
    """Take a published plan layer version back without a successor (撤销规划图层), confirmed by another person."""
    layer = lock_layer(UUID(str(layer_id)))
    require(actor, "plan_layer.withdraw", layer)
    if layer.purpose != LayerVersion.Purpose.PLAN:
        raise NotFound
    layer.state = next_state(layer, "revoke")
    words = needed_reason(reason)
    layer.save(update_fields=["state"])
    event = PlanLayerRevoked(layer_id=layer.pk, kind=layer.kind, district_id=layer.district_id, reason=words)
    record(event, actor=actor, subject=layer)
    return layer


def expire_assessments(*, actor: Actor) -> int:
    """End what is past its last day (到期失效); harmless to run twice or late. Returns how many ended."""
    today = today_in_shanghai()
    past = Assessment.objects.filter(state=State.PUBLISHED, valid_to__lt=today)
    over = LayerVersion.objects.filter(state=State.PUBLISHED, effective_to__lt=today)
    count = sum(expire_assessment(pk, actor=actor) for pk in list(past.values_list("pk", flat=True)))
    return count + sum(expire_layer(pk, actor=actor) for pk in list(over.values_list("pk", flat=True)))


@transaction.atomic
def expire_assessment(assessment_id: UUID, *, actor: Actor) -> bool:
    """End one assessment, unless somebody was faster."""
    assessment = lock_assessment(assessment_id)
    require(actor, "assessment.expire", assessment)
    state = assessment_after(assessment.state, "expire")
    if state is None or assessment.valid_to is None or assessment.valid_to >= today_in_shanghai():
        return False
    successor = Assessment.objects.filter(replaces=assessment).first()
    reason = (
        _("由新版本 %(version)s 替代。") % {"version": str(successor)}
        if successor is not None
        else _("有效期至 %(day)s，已届满。") % {"day": assessment.valid_to.isoformat()}
    )
    how = "amended" if successor is not None else "expired"
    end_assessment(assessment, state, how=how, reason=reason, actor=actor)
    return True


@transaction.atomic
def expire_layer(layer_id: UUID, *, actor: Actor) -> bool:
    """End one layer version; superseded when another one has taken its place."""
    layer = lock_layer(layer_id)
    require(actor, "plan_layer.expire", layer)
    if layer.state != State.PUBLISHED or layer.effective_to is None or layer.effective_to >= today_in_shanghai():
        return False
    superseded = LayerVersion.objects.filter(Q(supersedes=layer) & ~Q(state=State.DRAFT)).exists()
    how = "superseded" if superseded else "expired"
    layer.state = next_state(layer, "supersede" if superseded else "expire")
    layer.save(update_fields=["state"])
    if layer.purpose == LayerVersion.Purpose.PLAN:
        event = PlanLayerEnded(layer_id=layer.pk, kind=layer.kind, district_id=layer.district_id, how=how)
        record(event, actor=actor, subject=layer)
    return True
