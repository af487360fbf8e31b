"""What a project's site runs into, for pages (规划核查): the last check, its conflicts, what is clear, what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.geometry import shape

from accounts.access import can, get_for
from accounts.queries import departments, display_names
from ledger.actor import Actor
from projects.models import PlanConflict, PlanContradiction, Project, SiteCheck
from projects.models.conflicts import FINDINGS
from projects.queries.filing import FactGroup, asked_of
from projects.queries.ledger import department_names
from projects.rules.facts import catalogue
from regional_eval.domain import plan_layers, severities
from regional_eval.plan_reasons import basis_of, conflict_in_words, conflict_kind_name, read_reason
from regional_eval.queries.plans import LayerLabel, layer_labels
from regional_eval.terms import SEVERITY_LOOK, layer_name, severity_name

# Conflicts that say something must be done; the others are for the record.
WEIGHTY = ("BLOCKING", "MAJOR", "MINOR")
EDITABLE = (Project.State.DRAFT, Project.State.CORRECTION)
# Reasons that ask the applicant for something, and which fact answers them.
ASKS = ("missing_figure", "figure_missing", "figure_is_a_bound", "use_missing", "use_too_coarse")
ASKED_BY = {"use_missing": "land_use_code", "use_too_coarse": "land_use_code"}
FACT_OF = {
    "FLOOR_AREA_RATIO": "counted_floor_area_m2",
    "BUILDING_DENSITY": "building_footprint_m2",
    "GREEN_RATIO": "green_area_m2",
    "HEIGHT_LIMIT": "building_height_m",
    "SETBACK": "setback_m",
    "PARKING_RATIO": "parking_spaces",
    "INVESTMENT_INTENSITY": "fixed_investment_10k_yuan",
    "OFFICE_SHARE": "office_share_pct",
    "SPONGE_RUNOFF": "runoff_control_pct",
    "PREFAB_RATIO": "prefab_ratio_pct",
    "AIR_DEFENCE_AREA": "air_defence_area_m2",
}


@dataclass(frozen=True)
class Row:
    """One conflict as a page shows it."""

    conflict: PlanConflict
    layer: str
    kind: str
    severity: str
    colour: str
    icon: str
    version: str
    reasons: tuple[str, ...]
    basis: str
    department: Any
    overridden_by: str
    finding: str
    may_override: bool
    shape: str

    @property
    def percent(self) -> float:
        """Of the site."""
        return self.conflict.share * 100


def finding_name(code: str) -> str:
    """What an owner department found of a conflict (认定结论)."""
    return {
        "wrong_layer": _("图层数据有误"),
        "not_applicable": _("该规定不适用于本项目"),
        "approved": _("已依法批准"),
        "conditions": _("附条件同意"),
    }.get(code, code)


def cause_name(code: str) -> str:
    """Why a check was made."""
    return {
        "asked": _("人工核查"),
        "site_set": _("红线变更"),
        "layer_published": _("规划图层更新"),
        "layer_ended": _("规划图层失效"),
    }.get(code, code)


def last_check(project_id: UUID) -> SiteCheck | None:
    """The newest check of a project's site."""
    return SiteCheck.objects.filter(project_id=project_id).first()


def is_stale(project: Project, check: SiteCheck | None) -> bool:
    """Was the red line, or a figure that is compared, changed after the check?"""
    site = getattr(project, "site", None)
    if check is None or site is None:
        return False
    return bool(site.sha256 != check.site_sha256 or check.result.get("facts") != project.facts)


def plan_check_page(actor: Actor, project_id: UUID) -> dict[str, Any]:
    """Everything the page of a project's plan check shows."""
    found = get_for(actor, "plan_check.view", Project, project_id)
    project = Project.objects.select_related("site", "district", "owner").get(pk=found.pk)
    check = last_check(project.pk)
    rows = rows_of(actor, project, live_conflicts(project.pk))
    site = getattr(project, "site", None)
    return {
        "project": project,
        "site": site,
        "check": check,
        "stale": is_stale(project, check),
        "rows": rows,
        "counts": counts_of(row.conflict for row in rows if row.conflict.state == PlanConflict.State.OPEN),
        "clear": [layer_name(code) for code in check.clear] if check else [],
        "not_asked": not_asked(check) if check else [],
        "versions": versions_of(check) if check else [],
        "resolved": resolved_rows(actor, project),
        "checks": checks_of(project.pk),
        "contradictions": contradictions_on(project),
        "shapes": shapes_of(site, rows),
        "missing": missing_figures(project, [row.conflict for row in rows])
        if can(actor, "project.edit_form", project) and project.state in EDITABLE
        else [],
        "findings": [{"code": code, "name": finding_name(code)} for code in FINDINGS],
        "may_run": site is not None and can(actor, "plan_check.run", project),
        "may_open_contradictions": can(actor, "contradiction.list"),
    }


def live_conflicts(project_id: UUID) -> list[PlanConflict]:
    """Conflicts that stand, the heaviest and largest first."""
    rank = {code: at for at, code in enumerate(severities())}
    found = PlanConflict.objects.filter(project_id=project_id).exclude(state=PlanConflict.State.RESOLVED)
    conflicts = list(found.select_related("override", "project"))
    return sorted(conflicts, key=lambda one: (rank.get(one.severity, len(rank)), -one.area_m2))


def rows_of(actor: Actor, project: Project, conflicts: list[PlanConflict]) -> list[Row]:
    """Conflicts in the reader's words."""
    known = {one.code: one for one in departments(project.district_id)}
    names = department_names(project.district_id)
    labels = layer_labels({one.layer_id for one in conflicts})
    people = display_names({one.override.made_by_id for one in conflicts if hasattr(one, "override")})
    return [
        row_of(actor, one, known=known, names=names, label=labels.get(one.layer_id), people=people) for one in conflicts
    ]


def row_of(
    actor: Actor,
    conflict: PlanConflict,
    *,
    known: Mapping[str, Any],
    names: Mapping[str, str],
    label: LayerLabel | None,
    people: Mapping[int, str],
) -> Row:
    """One conflict in the reader's words."""
    colour, icon = SEVERITY_LOOK.get(conflict.severity, ("stopped", "info"))
    override = getattr(conflict, "override", None)
    return Row(
        conflict=conflict,
        layer=layer_name(conflict.layer),
        kind=conflict_kind_name(conflict.kind),
        severity=severity_name(conflict.severity),
        colour=colour,
        icon=icon,
        version=f"{label.code} {label.version}" if label else "",
        reasons=tuple(conflict_in_words(read_reason(raw), names) for raw in conflict.reasons),
        basis=basis_of(conflict.layer),
        department=known.get(conflict.department_code),
        overridden_by=people.get(override.made_by_id, "") if override else "",
        finding=finding_name(override.finding) if override else "",
        may_override=conflict.state == PlanConflict.State.OPEN
        and conflict.severity in WEIGHTY
        and can(actor, "plan_layer.override_conflict", conflict),
        shape=f"conflict:{conflict.pk}",
    )


def counts_of(conflicts: Iterable[PlanConflict]) -> list[dict[str, Any]]:
    """How many open conflicts of each severity, the heaviest first; severities without any are left out."""
    found = list(conflicts)
    return [
        {"severity": code, "name": severity_name(code), "colour": SEVERITY_LOOK[code][0], "icon": SEVERITY_LOOK[code][1], "n": n}
        for code in severities()
        if (n := sum(one.severity == code for one in found))
    ]  # fmt: skip


def not_asked(check: SiteCheck) -> list[str]:
    """Kinds of layer without a version in force: not asked, which is something else than clear."""
    hit = {entry["layer"] for entry in check.result.get("conflicts", [])}
    return [layer_name(code) for code in plan_layers() if code not in hit and code not in check.clear]


def versions_of(check: SiteCheck) -> list[dict[str, str]]:
    """The layer versions that the check asked, with their digests."""
    labels = layer_labels(UUID(entry["id"]) for entry in check.layers)
    return [
        {"layer": layer_name(label.kind), "version": f"{label.code} {label.version}", "sha256": entry["sha256"]}
        for entry in check.layers
        if (label := labels.get(UUID(entry["id"]))) is not None
    ]


def resolved_rows(actor: Actor, project: Project) -> list[Row]:
    """Conflicts that a later check no longer found, the latest first."""
    found = PlanConflict.objects.filter(project=project, state=PlanConflict.State.RESOLVED)
    return rows_of(actor, project, list(found.select_related("override", "project").order_by("-resolved_at")[:50]))


def checks_of(project_id: UUID) -> list[dict[str, Any]]:
    """Every check, newest first (核查记录)."""
    checks = list(SiteCheck.objects.filter(project_id=project_id).defer("result", "layers")[:30])
    names = display_names({check.made_by_id for check in checks if check.made_by_id})
    return [
        {
            "at": check.at,
            "what": cause_name(check.cause),
            "who": names.get(check.made_by_id or 0, _("系统")),
            "text": changes_in_words(check),
            "sha256": check.sha256,
        }
        for check in checks
    ]


def changes_in_words(check: SiteCheck) -> str:
    """What came and went with a check."""
    came = ngettext("新增 %(n)s 处", "新增 %(n)s 处", check.came) % {"n": check.came} if check.came else ""
    went = ngettext("消除 %(n)s 处", "消除 %(n)s 处", check.went) % {"n": check.went} if check.went else ""
    return _("，").join(filter(None, (came, went))) or _("没有变化")


def missing_figures(project: Project, conflicts: Iterable[PlanConflict]) -> list[FactGroup]:
    """The questions whose answers the open conflicts lack (待补充指标), as one group of the project's form."""
    wanted: dict[str, None] = {}
    for conflict in conflicts:
        for reason in conflict.reasons:
            params = reason.get("params") or {}
            fact = ASKED_BY.get(reason["code"]) or params.get("figure") or FACT_OF.get(str(params.get("parameter")))
            if reason["code"] in ASKS and fact in catalogue():
                wanted[str(fact)] = None
    return asked_of(project, "plan_terms", list(wanted))


def shapes_of(site: Any, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The red line and every conflict, for the map."""
    shapes = [
        {
            "id": row.shape,
            "group": row.conflict.severity,
            "label": f"{row.layer} · {row.kind}",
            "geometry": row.conflict.geometry,
        }
        for row in rows
        if row.conflict.geometry
    ]
    if site is not None:
        shapes.insert(0, {"id": "site", "group": "site", "label": _("用地红线"), "geometry": site.boundary})
    return shapes


def contradictions_on(project: Project) -> list[dict[str, Any]]:
    """Open contradictions between plans on the site's ground: no fault of the applicant (规划间矛盾)."""
    site = getattr(project, "site", None)
    if site is None:
        return []
    land = shapely.make_valid(shape(site.boundary))
    cases = PlanContradiction.objects.filter(district_id=project.district_id, state=PlanContradiction.State.OPEN)
    return [
        {
            "case": case,
            "first": layer_name(case.first_layer),
            "second": layer_name(case.second_layer),
            "href": reverse("projects:contradiction", args=[case.pk]),
        }
        for case in cases
        if any(land.intersects(shapely.make_valid(shape(patch["geometry"]))) for patch in case.patches)
    ]


def plan_summary(actor: Actor, project: Project) -> dict[str, Any] | None:
    """The plan check in a few words for the project page; None when it cannot be made or may not be seen."""
    if getattr(project, "site", None) is None or not can(actor, "plan_check.view", project):
        return None
    check = last_check(project.pk)
    open_ = PlanConflict.objects.filter(project=project, state=PlanConflict.State.OPEN).only("severity")
    return {
        "check": check,
        "stale": is_stale(project, check),
        "counts": counts_of(open_),
        "clear": len(check.clear) if check else 0,
        "href": reverse("projects:plan_check", args=[project.pk]),
    }


def checked_because_of(project_id: UUID, layer_id: UUID, cause: str) -> bool:
    """Was the site checked for this cause already, or has its last check asked the published version anyway?"""
    if SiteCheck.objects.filter(project_id=project_id, layer_id=layer_id, cause=cause).exists():
        return True
    last = last_check(project_id)
    asked = {entry["id"] for entry in last.layers} if last else set()
    return cause == "layer_published" and str(layer_id) in asked


def projects_in_conflict_with(layer_id: UUID) -> list[UUID]:
    """Projects with a standing conflict with this version."""
    standing = PlanConflict.objects.filter(layer_id=layer_id).exclude(state=PlanConflict.State.RESOLVED)
    return list(standing.order_by("project_id").values_list("project_id", flat=True).distinct())
