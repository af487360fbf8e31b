"""Reading regions, assessments and plan layers (登记簿): the published by everybody, drafts by their district's managers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access import can, scope
from ledger.actor import Actor
from ledger.errors import NotFound
from regional_eval.models import Assessment, LayerVersion, Region, State

IN_WORK = (State.DRAFT, State.REVIEWED)


def assessments_for(
    actor: Actor, *, kind: str = "", region: str = "", state: str = "", ended: bool = False
) -> QuerySet[Assessment]:
    """The assessments that the reader may see, newest first; ended ones only when asked for."""
    published = scope(actor, "assessment.list", Assessment.objects.exclude(state__in=IN_WORK))
    in_work = scope(actor, "assessment.draft", Assessment.objects.filter(state__in=IN_WORK))
    found = Assessment.objects.filter(Q(pk__in=published.values("pk")) | Q(pk__in=in_work.values("pk")))
    if kind:
        found = found.filter(kind=kind)
    if region:
        found = found.filter(region__code=region)
    if state:
        found = found.filter(state=state)
    elif not ended:
        found = found.exclude(state__in=(State.EXPIRED, State.REVOKED))
    return found.select_related("region", "layer").order_by("region__name", "kind", "-valid_from")


def assessment_for(actor: Actor, assessment_id: UUID) -> Assessment:
    """One assessment, if the reader may see it."""
    visible = assessments_for(actor, ended=True).filter(pk=assessment_id).select_related("layer__source")
    found: Assessment | None = visible.first()
    if found is None:
        raise NotFound
    return found


def plan_layers_for(actor: Actor, *, kind: str = "", state: str = "", ended: bool = False) -> QuerySet[LayerVersion]:
    """The plan layer versions that the reader may see, newest first."""
    plans = LayerVersion.objects.filter(purpose=LayerVersion.Purpose.PLAN)
    published = scope(actor, "plan_layer.list", plans.exclude(state__in=IN_WORK))
    in_work = scope(actor, "plan_layer.import", plans.filter(state__in=IN_WORK))
    found = LayerVersion.objects.filter(Q(pk__in=published.values("pk")) | Q(pk__in=in_work.values("pk")))
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    elif not ended:
        found = found.exclude(state__in=(State.EXPIRED, State.REVOKED, State.SUPERSEDED))
    return found.order_by("kind", "code", "-effective_from")


def layer_for(actor: Actor, layer_id: UUID) -> LayerVersion:
    """One layer version for staff, with its file: of a plan, or of assessments that one may work on."""
    layer = LayerVersion.objects.select_related("source", "supersedes").filter(pk=layer_id).first()
    if layer is None or not sees(actor, layer):
        raise NotFound
    return layer


def sees(actor: Actor, layer: LayerVersion) -> bool:
    """May this reader look at the version?"""
    plan = layer.purpose == LayerVersion.Purpose.PLAN
    if layer.state in IN_WORK:
        return can(actor, "plan_layer.import" if plan else "assessment.draft", layer)
    return can(actor, "plan_layer.list" if plan else "assessment.view", layer)


def waiting_layers(actor: Actor) -> list[LayerVersion]:
    """Drafts and reviewed versions of one's own district, for the managers' desk."""
    in_work = LayerVersion.objects.filter(state__in=IN_WORK)
    assessments = scope(actor, "assessment.draft", in_work.filter(purpose=LayerVersion.Purpose.ASSESSMENT))
    plans = scope(actor, "plan_layer.import", in_work.filter(purpose=LayerVersion.Purpose.PLAN))
    found = LayerVersion.objects.filter(Q(pk__in=assessments.values("pk")) | Q(pk__in=plans.values("pk")))
    return list(found.select_related("source").order_by("-drafted_at"))


def regions_of(district_id: int | None) -> QuerySet[Region]:
    """The regions of a district, and those common to all."""
    return Region.objects.filter(Q(district_id=district_id) | Q(district_id=None)).order_by("name")


def regions_for(actor: Actor) -> QuerySet[Region]:
    """The regions that one may maintain."""
    return scope(actor, "region.edit", Region.objects.order_by("name"))


def in_force(on: date) -> QuerySet[Assessment]:
    """What may be leaned on, on this day."""
    return Assessment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on), state=State.PUBLISHED, valid_from__lte=on
    )
