"""Layer states (图层状态) that people keep for a drawing set: keep, write over, share, remove."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from drawings.actions.sets import lock_set
from drawings.events import LayerStateKept, LayerStateRemoved
from drawings.models import LayerState
from drawings.queries.layer_states import own_layer_state, own_layer_states
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, TooMany
from ledger.record import record

NAME_LENGTH = 60
MOST_STATES = 40
"""Of one person for one set."""
MOST_LAYERS = 5_000
LAYER_NAME_LENGTH = 255


@transaction.atomic
def keep_layer_state(
    set_id: UUID, *, name: str, shown: Iterable[str], hidden: Iterable[str], shared: bool, actor: Actor
) -> LayerState:
    """Keep what is shown under a name (保存图层状态); one's own of the same name is written over. Raises Invalid, TooMany."""
    drawing_set = lock_set(set_id)
    require(actor, "drawing.keep_layer_state", drawing_set)
    name = check_name(name)
    content = dict(zip(("shown", "hidden"), check_layers(shown, hidden), strict=True))
    own = own_layer_states(actor, set_id)
    if own.exclude(name=name).count() >= MOST_STATES:
        raise TooMany(
            _("您在这个图纸集里已有 %(n)d 个图层状态。") % {"n": MOST_STATES},
            next_step=_("请先删除不再需要的图层状态。"),
        )
    kept, _made = own.update_or_create(
        name=name,
        defaults={**content, "shared": shared, "kept_at": now()},
        create_defaults={
            "set": drawing_set,
            "person_id": actor.signed_in(),
            "principal_id": actor.principal_id,
            "name": name,
            **content,
            "shared": shared,
            "kept_at": now(),
        },
    )
    event = LayerStateKept(
        project_id=drawing_set.project_id, set_id=drawing_set.pk, state_id=kept.pk, name=name, shared=shared
    )
    record(event, actor=actor, subject=drawing_set, project_id=drawing_set.project_id)
    return kept


@transaction.atomic
def remove_layer_state(state_id: UUID, *, actor: Actor) -> None:
    """Remove one's own layer state (删除图层状态), for those it was shared with, too; another's is NotFound."""
    drawing_set = lock_set(own_layer_state(actor, state_id).set_id)
    require(actor, "drawing.keep_layer_state", drawing_set)
    found = own_layer_state(actor, state_id)
    event = LayerStateRemoved(
        project_id=drawing_set.project_id, set_id=drawing_set.pk, state_id=found.pk, name=found.name
    )
    found.delete()
    record(event, actor=actor, subject=drawing_set, project_id=drawing_set.project_id)


def check_name(name: str) -> str:
    """The name without stray spaces; Invalid when nothing or too much is left."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= NAME_LENGTH:
        raise Invalid({"name": [_("请填写图层状态的名称，不超过 %(n)d 字。") % {"n": NAME_LENGTH}]})
    return clean


def check_layers(shown: Iterable[str], hidden: Iterable[str]) -> tuple[list[str], list[str]]:
    """The lists without repetitions; Invalid when a layer is in both, a name cannot be one, or there are too many."""
    on, off = list(dict.fromkeys(shown)), list(dict.fromkeys(hidden))
    if len(on) + len(off) > MOST_LAYERS or any(not 1 <= len(each) <= LAYER_NAME_LENGTH for each in (*on, *off)):
        raise Invalid({"shown": [_("图层名称过长，或超过 %(n)d 个图层。") % {"n": MOST_LAYERS}]})
    if set(on) & set(off):
        raise Invalid({"hidden": [_("同一图层不能既显示又隐藏。")]})
    return on, off
