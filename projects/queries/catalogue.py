"""What an administrator sees of the catalogue (审批标准清单): editions, one edition with its graph, path and faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from accounts.access import get_for, require
from ledger.actor import Actor
from projects.models import CalendarYear, PipelineEdition
from projects.pipeline import graph
from projects.pipeline.publishing import Fault, faults_before_publishing
from projects.pipeline.template import ItemSpec, Template
from projects.queries.calendar import loaded_years
from projects.queries.editions import known_references, template_of
from projects.queries.ledger import ground_name
from projects.words import _


@dataclass(frozen=True)
class CatalogueItem:
    """One item with its place in the worst case, and its fields as a form types them."""

    spec: ItemSpec
    name: str
    place: graph.Place
    prerequisites: str
    materials: str
    # The grounds that may stop its clock (特别程序), in words.
    grounds: str


@dataclass(frozen=True)
class ShownEdition:
    """One edition: items, critical path, stages, and what keeps it from being published."""

    edition: PipelineEdition
    template: Template
    items: tuple[CatalogueItem, ...]
    total: int
    path: tuple[str, ...]
    faults: tuple[Fault, ...]
    lanes: tuple[dict[str, Any], ...]


def editions_for(actor: Actor) -> list[PipelineEdition]:
    """Every edition: drafts first, then by pipeline, the newest first."""
    require(actor, "config.view_catalogue")
    order = {PipelineEdition.State.DRAFT: 0, PipelineEdition.State.PUBLISHED: 1, PipelineEdition.State.RETIRED: 2}
    rows = PipelineEdition.objects.defer("content").order_by("priority", "template_code", "-made_at")
    return sorted(rows, key=lambda row: order[PipelineEdition.State(row.state)])


def years_for(actor: Actor) -> list[CalendarYear]:
    """Years whose official notice is in force."""
    require(actor, "config.view_catalogue")
    return list(loaded_years())


def shown_edition(actor: Actor, edition_id: UUID) -> ShownEdition:
    """One edition with its worst case: every conditional item applies, nothing is reused."""
    edition = get_for(actor, "config.view_catalogue", PipelineEdition, edition_id)
    template = template_of(edition)
    english = (get_language() or "").startswith("en")
    days = {item.code: item.days_on_clock for item in template.items}
    made = graph.schedule(template.prerequisites, days, template.order)
    names = {item.code: item.name_en if english else item.name_zh for item in template.items}
    faults = faults_before_publishing(template, known_references())
    return ShownEdition(
        edition=edition,
        template=template,
        items=tuple(shown_item(item, names[item.code], made.places[item.code]) for item in template.items),
        total=made.total,
        path=tuple(names[code] for code in made.critical_path),
        faults=tuple(faults),
        lanes=tuple(lanes_of(template, made, names)),
    )


def shown_item(spec: ItemSpec, name: str, place: graph.Place) -> CatalogueItem:
    """One item as its form shows it."""
    materials = "\n".join(
        f"{material.code} | {material.name_zh}{' | *' if material.may_be_late else ''}" for material in spec.materials
    )
    grounds = _("、").join(ground_name(ground) for ground in spec.pause_reasons)
    return CatalogueItem(spec, name, place, " ".join(spec.prerequisites), materials, grounds)


def lanes_of(template: Template, made: graph.Schedule, names: dict[str, str]) -> list[dict[str, Any]]:
    """The graph as lanes: bars by working day with slack behind them, critical ones marked."""
    lanes = []
    for item in sorted(template.items, key=lambda item: (made.places[item.code].es, made.places[item.code].ef)):
        place = made.places[item.code]
        length = place.ef - place.es
        if not length:
            continue
        text = _("%(name)s：第 %(first)s 至 %(last)s 个工作日，机动 %(slack)s 天") % {
            "name": names[item.code],
            "first": place.es + 1,
            "last": place.ef,
            "slack": place.slack,
        }
        kind = "planned critical" if place.critical else "planned"
        bars = [{"start": place.es, "days": length, "kind": kind, "text": text}]
        if place.slack:
            bars.append({"start": place.ef, "days": place.slack, "kind": "slack", "text": _("机动时间")})
        lanes.append({"name": names[item.code], "bars": bars})
    return lanes
