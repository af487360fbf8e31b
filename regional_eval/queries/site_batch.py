"""Many sites against the plans at once (批量核查): after a layer was published, one tree a layer instead of one check a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from regional_eval.domain import plan_layers
from regional_eval.engine import Piece, Wanted, engine
from regional_eval.geometry.ground import read_ground
from regional_eval.models import LayerVersion, State
from regional_eval.queries.site_check import REACH_M, Asked, SiteAnswer, answer_of, is_of_lines, plan_layers_on

PLAN = ("plan",)


@dataclass(frozen=True)
class SiteAsked:
    """One site of a batch: its boundary as GeoJSON, its figures and its industry."""

    boundary: Mapping[str, Any]
    facts: Mapping[str, Any]
    industry: str | None


def check_plans_of_many(sites: Sequence[SiteAsked], on: date, *, district_id: int | None) -> list[SiteAnswer]:
    """The same answers as `check_site` gives one by one for the plans of a day, in the order of the sites."""
    grounds = [read_ground(site.boundary) for site in sites]
    layers = plan_layers_on(on, district_id)
    areal = [layer_id for layer_id, kind in layers_that_speak(on, district_id) if not is_of_lines(kind)]
    pieces: list[list[Piece]] = [[] for _site in sites]
    for position, piece in engine().join([ground.plane for ground in grounds], areal):
        pieces[position].append(piece)
    lines = tuple(kind for kind in plan_layers() if is_of_lines(kind))
    if any(is_of_lines(layer.kind) for layer in layers.values()):
        wanted = Wanted(on=on, purposes=PLAN, district_id=district_id, kinds=lines, reach_m=REACH_M)
        for position, ground in enumerate(grounds):
            pieces[position] += engine().overlay(ground.plane, wanted)
    answers = []
    for site, ground, found in zip(sites, grounds, pieces, strict=True):
        facts = {"land_area_m2": ground.area_m2, **site.facts}
        asked = Asked(on, site.industry, facts, district_id, PLAN)
        answers.append(answer_of(ground, sorted(found, key=lambda piece: piece.feature_id), asked, layers))
    return answers


def layers_that_speak(on: date, district_id: int | None) -> list[tuple[UUID, str]]:
    """Id and kind of the plan layer versions in force on a day, and of those that ran out without a successor."""
    ran_out = LayerVersion.objects.filter(
        purpose=LayerVersion.Purpose.PLAN, state__in=[State.PUBLISHED, State.EXPIRED], effective_from__lte=on
    )
    if district_id is not None:
        ran_out = ran_out.filter(district_id__in=[district_id]) | ran_out.filter(district__isnull=True)
    in_force = [(layer.pk, layer.kind) for layer in plan_layers_on(on, district_id).values()]
    return sorted({*in_force, *ran_out.values_list("pk", "kind")})
