"""A project of the demo from its form to acceptance at the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.identifiers import make_project_code
from accounts.sessions import actor_named
from ledger.actor import Actor
from ledger.clock_now import freeze
from projects import actions
from projects.actions.projects import ProjectForm
from projects.queries.filing import materials_to_bring
from projects.queries.strips import project_for

NO = (
    "no_new_land no_new_floor_area has_structural_works fire_special_project security_protection_site climate_sensitive "
    "seismic_evaluation_required takes_water_directly lightning_high_risk traffic_generator social_risk_required "
    "in_flood_storage_area in_river_management_zone in_geo_hazard_prone_area in_mineral_area in_heritage_control_zone "
    "environmental_sensitive_area occupies_road touches_green_space needs_gas connection_applied_for "
    "green_check_required local_rule_requires_check"
)
FACTS: Mapping[str, Any] = {
    "investment": "PRIVATE",
    "management": "FILING",
    "use": "INDUSTRY",
    "land": "AUCTION",
    "floor_area_m2": 11800,
    "building_height_m": 18,
    "investment_10k_yuan": 8600,
    "has_building_works": True,
    "has_air_defence_basement": True,
    "earthwork_m3": 600,
    "annual_energy_tce": 300,
    "annual_power_mwh": 1200,
    "eia_class": "REGISTER",
    **dict.fromkeys(NO.split(), False),
}
YUNQI = "91520900MA6DM3K99Y"


@dataclass(frozen=True)
class Blueprint:
    """What one project of the demo is."""

    name: str
    place: str
    contents: str
    serial: int
    # South-west corner of the red line in the demo district, and its size in degrees.
    corner: tuple[float, float]
    size: tuple[float, float] = (0.0026, 0.0018)
    # The red line itself where it is known; else one is made at `corner`.
    boundary: Mapping[str, object] | None = None
    owner: str = "owner"
    facts: Mapping[str, Any] = field(default_factory=dict)
    # Papers that are not ready at filing.
    lacking: frozenset[str] = frozenset()


def red_line(blueprint: Blueprint) -> dict[str, Any]:
    """The blueprint's red line: a quadrilateral with one cut corner, EPSG:4490."""
    if blueprint.boundary is not None:
        return dict(blueprint.boundary)
    x, y = blueprint.corner
    w, h = blueprint.size
    ring = [(x, y), (x + w, y), (x + w, y + h * 0.8), (x + w * 0.85, y + h), (x, y + h), (x, y)]
    return {"type": "Polygon", "coordinates": [[[round(a, 7), round(b, 7)] for a, b in ring]]}


def person(username: str, principal_uscc: str = "") -> Actor:
    """A person of the cast with a fresh factor."""
    return actor_named(username, principal_uscc=principal_uscc, stepped_up=True)


def draft(blueprint: Blueprint, at: datetime, *, actor: Actor | None = None) -> UUID:
    """Form, facts, red line and papers, not filed yet."""
    actor = actor or person(blueprint.owner)
    with freeze(at):
        project = actions.create_project(form_of(blueprint, at), actor=actor)
        actions.edit_form(project.pk, actor=actor, facts={**FACTS, **blueprint.facts})
        actions.set_site(project.pk, red_line(blueprint), actor=actor)
        papers = materials_to_bring(project_for(actor, project.pk))
        ready = {paper.code: paper.code not in blueprint.lacking for paper in papers if not paper.known_from}
        actions.declare_materials(project.pk, ready, actor=actor)
        if "ent_admin" in actor.roles:
            actions.engage_designer(project.pk, "91350100M000100Y43", actor=actor)
    found: UUID = project.pk
    return found


def form_of(blueprint: Blueprint, at: datetime) -> ProjectForm:
    """The basic data."""
    code = make_project_code(
        year=at.year, month=at.month, region="131099", department="89", kind="01", serial=blueprint.serial
    )
    return ProjectForm(
        name=blueprint.name,
        code=code,
        kind="01",
        nature="new",
        place=blueprint.place,
        contents=blueprint.contents,
    )


def file(project_id: UUID, at: datetime, *, actor: Actor) -> None:
    """Hand it in (提交申报)."""
    with freeze(at):
        actions.submit_project(project_id, actor=actor)


def accept(project_id: UUID, at: datetime, *, tolerate: bool = False) -> None:
    """The window accepts it (受理, 容缺受理)."""
    with freeze(at):
        actions.accept_at_window(project_id, actor=person("window"), tolerate=tolerate)
