"""How actors stand to regions, assessments and plan layers (relation letters of the permission table)."""

from __future__ import annotations

from django.db.models import Q

from accounts.access import NOBODY, register_relation
from ledger.actor import Actor
from regional_eval.models import Assessment, LayerVersion, Region


def of_own_district(actor: Actor) -> Q:
    """R: of one's own district; layers common to all districts come in by the command line only."""
    return Q(district_id=actor.district_id) if actor.district_id is not None else NOBODY


def assessed_in_own_district(actor: Actor) -> Q:
    """R: assessments whose layer is of one's own district."""
    return Q(layer__district_id=actor.district_id) if actor.district_id is not None else NOBODY


register_relation(Region, "R", of_own_district)
register_relation(LayerVersion, "R", of_own_district)
register_relation(Assessment, "R", assessed_in_own_district)
