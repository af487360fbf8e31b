"""Making projects for tests, through the real acts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.identifiers import make_project_code
from ledger.clock_now import freeze
from ledger.models import Outbox
from projects import actions
from projects.actions import ProjectForm
from projects.clock import SHANGHAI
from projects.models import ItemCase, Project
from projects.queries.materials import filed_materials
from projects.states import Code
from tests.cast import Cast

SQUARE = [[116.11, 38.99], [116.114, 38.99], [116.114, 38.993], [116.11, 38.993], [116.11, 38.99]]
BOUNDARY = {"type": "Polygon", "coordinates": [SQUARE]}
# An office building of an enterprise under filing: the main way through, with few conditional items.
OFFICE: dict[str, Any] = {
    "investment": "PRIVATE",
    "management": "FILING",
    "use": "OFFICE",
    "land": "AUCTION",
    "floor_area_m2": 42000,
    "building_height_m": 60,
    "investment_10k_yuan": 36000,
    "earthwork_m3": 500,
    "annual_energy_tce": 400,
    "annual_power_mwh": 3000,
    "eia_class": "REGISTER",
    "climate_sensitive": False,
    "fire_special_project": True,
    "green_check_required": False,
    "has_air_defence_basement": True,
    "has_building_works": True,
    "has_structural_works": False,
    "in_flood_storage_area": False,
    "in_river_management_zone": False,
    "in_geo_hazard_prone_area": False,
    "in_mineral_area": False,
    "in_heritage_control_zone": False,
    "environmental_sensitive_area": False,
    "lightning_high_risk": False,
    "needs_gas": False,
    "occupies_road": False,
    "seismic_evaluation_required": False,
    "takes_water_directly": False,
    "touches_green_space": False,
    "traffic_generator": False,
    "social_risk_required": False,
    "connection_applied_for": True,
}
SMALL_SITE = {**OFFICE, "land_area_m2": 3000}
_serial = itertools.count(1)


@contextmanager
def nothing_sent() -> Iterator[None]:
    """Letters and seals of what happens in here are never made: a world that stands is not about them."""
    before = set(Outbox.objects.values_list("pk", flat=True))
    yield
    Outbox.objects.exclude(pk__in=before).delete()


def instant(text: str) -> datetime:
    """`2026-03-02T10:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def fresh_code() -> str:
    """A project code nobody has used."""
    return make_project_code(
        year=2026, month=3, region="131099", department="04", kind="01", serial=next(_serial) % 100_000
    )


def draft(
    cast: Cast, *, facts: Mapping[str, Any] | None = None, name: str = "云启研发楼", code: str | None = None
) -> Project:
    """A draft of the enterprise, complete enough to be filed."""
    form = ProjectForm(
        name=f"{name} {next(_serial)}",
        code=code or fresh_code(),
        place="云川新区创新大道 18 号",
        contents="新建研发楼一栋",
    )
    project = actions.create_project(form, actor=cast.owner)
    actions.edit_form(project.pk, actor=cast.owner, facts=OFFICE if facts is None else facts)
    actions.set_site(project.pk, BOUNDARY, actor=cast.owner)
    project.refresh_from_db()
    return project


def submitted(cast: Cast, *, at: str = "2026-03-02T10:00", **more: Any) -> Project:
    """A filed project, every paper of the filing declared."""
    with freeze(instant(at)):
        project = draft(cast, **more)
        actions.declare_materials(project.pk, {}, actor=cast.owner)
        wanted = {material.code: True for material in filed_materials(project)}
        actions.declare_materials(project.pk, wanted, actor=cast.owner)
        return actions.submit_project(project.pk, actor=cast.owner)


def accepted(cast: Cast, *, at: str = "2026-03-02T10:00", **more: Any) -> Project:
    """An accepted project: its clock runs from `at`."""
    project = submitted(cast, at=at, **more)
    with freeze(instant(at)):
        return actions.accept_at_window(project.pk, actor=cast.window)


def item(project: Project, code: str) -> ItemCase:
    """One item as it stands."""
    return ItemCase.objects.get(project=project, code=code)


DESKS = {"NRP": ("planning", "planning2"), "HUC": ("fire", "fire2"), "CAD": ("airdefence", "airdefence2")}


def decide(cast: Cast, project: Project, code: str, *, at: str) -> ItemCase:
    """Both steps of one item, by two people of its department; a report for the enterprise's own items."""
    found = item(project, code)
    with freeze(instant(at)):
        if found.is_by_applicant:
            return actions.report_event(found.pk, actor=cast.owner, remark="完成")
        if found.decided_by in {"ROUND", "ACCEPTANCE"}:
            from ledger.actor import Actor

            return actions.decide_item(
                found.pk, actor=Actor.system(cause="RoundClosed"), passed=True, basis="联审第1轮通过"
            )
        first, second = DESKS.get(found.department_code, ("bureau", "bureau2"))
        actions.accept_item(found.pk, actor=getattr(cast, first))
        return actions.approve_item(found.pk, actor=getattr(cast, second))


def begun_project(cast: Cast) -> Project:
    """Accepted on Monday 2026-03-02 with as few items as can be."""
    return accepted(cast, facts=SMALL_SITE)


def project_at_land(cast: Cast) -> Project:
    """The filing decided on Tuesday: the enterprise must now obtain the land."""
    project = begun_project(cast)
    decide(cast, project, "DR-REC", at="2026-03-03T10:00")
    project.refresh_from_db()
    return project


def project_at_drawings(cast: Cast) -> Project:
    """Up to the joint drawing review."""
    project = project_at_land(cast)
    decide(cast, project, "PL-GEN", at="2026-03-05T10:00")
    decide(cast, project, "EV-LND", at="2026-03-16T10:00")
    decide(cast, project, "NR-LUP", at="2026-03-18T10:00")
    decide(cast, project, "NR-SCH", at="2026-03-25T10:00")
    decide(cast, project, "NR-CEP", at="2026-03-31T10:00")
    decide(cast, project, "EV-DSN", at="2026-04-01T10:00")
    project.refresh_from_db()
    return project


def open_codes(project: Project | UUID) -> set[str]:
    """Items whose turn it is."""
    pk = project if isinstance(project, UUID) else project.pk
    rows = ItemCase.objects.filter(project_id=pk, ready_at__isnull=False, decided_at__isnull=True)
    return set(rows.values_list("code", flat=True))


def passed(found: ItemCase) -> bool:
    """Favourably decided?"""
    return found.state in {Code.PASSED, Code.PASSED_WITH_OUTSTANDING}
