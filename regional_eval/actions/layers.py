"""From draft to publication (图层版本: 起草 > 审核 > 发布): three acts, at least two people, then nothing changes any more."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.actions import two_key_act
from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden, Invalid, NotFound, Refused, StateConflict
from ledger.record import record
from regional_eval.events import (
    AssessmentEnded,
    AssessmentPublished,
    LayerDiscarded,
    LayerReturned,
    LayerReviewed,
    PlanLayerPublished,
)
from regional_eval.models import Assessment, LayerVersion, State
from regional_eval.rules.publishing import Interval, cut_by, missing_fields
from regional_eval.states import layer_after
from regional_eval.terms import field_name

# The row of the permission table for each act, by what the layer is for.
ROW = {
    ("assessment", "review"): "assessment.review",
    ("assessment", "publish"): "assessment.publish",
    ("assessment", "draft"): "assessment.draft",
    ("plan", "review"): "plan_layer.review",
    ("plan", "publish"): "plan_layer.publish",
    ("plan", "draft"): "plan_layer.import",
}
LEAST_REASON = 4


def row_for(layer: LayerVersion, act: str) -> str:
    """Which row decides on this act."""
    return ROW[layer.purpose, act]


def lock_layer(layer_id: UUID) -> LayerVersion:
    """The version, locked."""
    layer = LayerVersion.objects.select_for_update().filter(pk=layer_id).first()
    if layer is None:
        raise NotFound
    return layer


def next_state(layer: LayerVersion, act: str) -> str:
    """Where the act leads; StateConflict when it is not allowed here."""
    state = layer_after(layer.state, act)
    if state is None:
        raise StateConflict(_("这个版本当前的状态不能进行此操作，请刷新后再看。"))
    return state


@transaction.atomic
def review_layer(layer_id: UUID, *, actor: Actor) -> LayerVersion:
    """Find a draft correct (审核通过): by another person than the one who drafted it, with all its terms filled in."""
    layer = lock_layer(layer_id)
    require(actor, row_for(layer, "review"), layer)
    state = next_state(layer, "review")
    if layer.drafted_by_id is not None and layer.drafted_by_id == actor.person_id:
        raise Forbidden(
            _("起草人不能审核自己起草的版本。"), code="same_person", next_step=_("请另一位区域评估管理人员审核。")
        )
    check_complete(layer)
    layer.state, layer.reviewed_by_id, layer.reviewed_at = state, actor.person_id, now()
    layer.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    layer.assessments.update(state=state)
    record(LayerReviewed(layer_id=layer.pk, purpose=layer.purpose, kind=layer.kind), actor=actor, subject=layer)
    return layer


def check_complete(layer: LayerVersion) -> None:
    """Every term that publication needs; Invalid names all that are missing at once."""
    if layer.features == 0:
        raise Refused("no_features", _("这个版本没有任何图形，不能审核。"))
    errors: dict[str, list[str]] = {}
    for assessment in layer.assessments.select_related("region").order_by("pk"):
        for name in missing_fields(assessment.__dict__):
            errors.setdefault(name, []).append(
                _("%(assessment)s 缺少%(field)s。") % {"assessment": str(assessment), "field": field_name(name)}
            )
    if errors:
        raise Invalid(errors, code="terms_missing")


@transaction.atomic
def return_layer(layer_id: UUID, *, actor: Actor, reason: str) -> LayerVersion:
    """Send a reviewed version back to its drafter (退回修改)."""
    layer = lock_layer(layer_id)
    require(actor, row_for(layer, "review"), layer)
    state = next_state(layer, "return")
    words = needed_reason(reason)
    layer.state, layer.reviewed_by_id, layer.reviewed_at = state, None, None
    layer.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    layer.assessments.update(state=state)
    record(
        LayerReturned(layer_id=layer.pk, purpose=layer.purpose, kind=layer.kind, reason=words),
        actor=actor,
        subject=layer,
    )
    return layer


def needed_reason(reason: str) -> str:
    """A reason in words, for whoever reads it in a year."""
    words = reason.strip()
    if len(words) < LEAST_REASON:
        raise Invalid({"reason": [_("请写明理由，至少几个字。")]})
    return words


@transaction.atomic
def discard_layer(layer_id: UUID, *, actor: Actor) -> None:
    """Throw a draft away (删除草稿): the original file stays in the store, the audit says what was thrown away."""
    layer = lock_layer(layer_id)
    require(actor, row_for(layer, "draft"), layer)
    if layer.state != State.DRAFT:
        raise StateConflict(_("只有草稿可以删除；已发布的版本只能撤销。"))
    event = LayerDiscarded(
        layer_id=layer.pk, purpose=layer.purpose, kind=layer.kind, code=layer.code, version=layer.version
    )
    record(event, actor=actor, subject=layer)
    # Features lean on assessments and on the layer, so the layer goes with all that is its own.
    layer.assessments.all().delete()
    layer.delete()


@two_key_act("assessment.publish")
def publish_assessments(layer_id: object, *, actor: Actor) -> LayerVersion:
    """Publish a reviewed layer of assessments, confirmed by another person (发布区域评估)."""
    return publish_layer(UUID(str(layer_id)), actor=actor)


@two_key_act("plan_layer.publish")
def publish_plan(layer_id: object, *, actor: Actor) -> LayerVersion:
    """Publish a reviewed plan layer, confirmed by another person (发布规划图层)."""
    return publish_layer(UUID(str(layer_id)), actor=actor)


@transaction.atomic
def publish_layer(layer_id: UUID, *, actor: Actor) -> LayerVersion:
    """Let a version take effect (发布); the version of the same code before it is cut to the day before."""
    layer = lock_layer(layer_id)
    require(actor, row_for(layer, "publish"), layer)
    layer.state = next_state(layer, "publish")
    earlier = predecessor(layer)
    if earlier is not None:
        layer.supersedes = earlier
    layer.published_by_id, layer.published_at = actor.person_id, now()
    layer.save(update_fields=["state", "supersedes", "published_by", "published_at"])
    found = list(layer.assessments.select_for_update().select_related("region").order_by("pk"))
    if earlier is not None:
        supersede(earlier, layer, found, actor=actor)
    for assessment in found:
        assessment.state = State.PUBLISHED
        assessment.save(update_fields=["state", "replaces"])
        record(
            AssessmentPublished(
                assessment_id=assessment.pk,
                layer_id=layer.pk,
                kind=assessment.kind,
                district_id=layer.district_id,
            ),
            actor=actor,
            subject=assessment,
        )
    if layer.purpose == LayerVersion.Purpose.PLAN:
        event = PlanLayerPublished(layer_id=layer.pk, kind=layer.kind, district_id=layer.district_id)
        record(event, actor=actor, subject=layer)
    return layer


def predecessor(layer: LayerVersion) -> LayerVersion | None:
    """The published version of the same code, locked."""
    return (
        LayerVersion.objects.select_for_update()
        .filter(purpose=layer.purpose, district=layer.district, code=layer.code, state=State.PUBLISHED)
        .exclude(pk=layer.pk)
        .order_by("-effective_from")
        .first()
    )


def supersede(earlier: LayerVersion, layer: LayerVersion, successors: Iterable[Assessment], *, actor: Actor) -> None:
    """Cut the earlier version to the day before; at once when that day is past, else the daily sweep ends it."""
    cut = cut_by(Interval(earlier.effective_from, earlier.effective_to), layer.effective_from)
    earlier.effective_to = cut.ends
    ended = layer.effective_from <= today_in_shanghai()
    if ended:
        earlier.state = State.SUPERSEDED
    earlier.save(update_fields=["effective_to", "state"])
    by_land = {(successor.region_id, successor.kind): successor for successor in successors}
    for old in earlier.assessments.select_for_update().filter(state=State.PUBLISHED):
        successor = by_land.get((old.region_id, old.kind))
        if successor is not None:
            successor.replaces = old
        old.valid_to = cut_by(Interval(old.valid_from, old.valid_to), layer.effective_from).ends
        if ended:
            old.state = State.EXPIRED
        old.save(update_fields=["valid_to", "state"])
        if ended:
            record(
                AssessmentEnded(
                    assessment_id=old.pk,
                    layer_id=earlier.pk,
                    kind=old.kind,
                    how="amended",
                    reason=_("由新版本 %(version)s 替代。") % {"version": layer.version},
                ),
                actor=actor,
                subject=old,
            )
