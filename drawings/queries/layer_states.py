"""Layer states (图层状态) for those who keep them and those they are shared with."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access import get_for
from drawings.models import DrawingSet, LayerState
from ledger.actor import Actor
from ledger.errors import NotFound


def layer_states_for(actor: Actor, set_id: UUID) -> QuerySet[LayerState]:
    """One's own of a set, and those shared by people who act for the same principal: reviewers share with reviewers of
    every department, an enterprise's people among themselves. NotFound for a set that the actor may not see."""
    get_for(actor, "drawing.view", DrawingSet, set_id)
    mine = Q(person_id=actor.person_id, person__isnull=False)
    return (
        LayerState.objects.filter(mine | Q(shared=True), set_id=set_id, principal_id=actor.principal_id)
        .select_related("person")
        .order_by("name", "kept_at")
    )


def own_layer_states(actor: Actor, set_id: UUID) -> QuerySet[LayerState]:
    """What this person, for this principal, keeps for a set."""
    return LayerState.objects.filter(set_id=set_id, person_id=actor.signed_in(), principal_id=actor.principal_id)


def own_layer_state(actor: Actor, state_id: UUID) -> LayerState:
    """One of one's own, or NotFound: another's cannot be changed, shared or not."""
    found = LayerState.objects.filter(pk=state_id, person_id=actor.signed_in(), principal_id=actor.principal_id).first()
    if found is None:
        raise NotFound
    return found
