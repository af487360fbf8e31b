"""How projects, papers and items are shown."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.access import get_for
from ledger.actor import Actor
from ledger.errors import Invalid
from projects.actions import ProjectForm
from projects.models import ItemCase, Material, Project, Site
from projects.queries.items import acts_on_item
from projects.queries.strips import project_for, strips_of
from projects.schemas import (
    ItemRow,
    ProjectBrief,
    ProjectOut,
    SiteOut,
)
from projects.states import item_state_name, project_state_name


def form_of(given: dict[str, Any]) -> ProjectForm:
    """The form of the fields that were given."""
    length = given.get("length_m")
    if length is not None:
        given = given | {"length_m": Decimal(str(length))}
    unknown = set(given) - set(ProjectForm.__dataclass_fields__)
    if unknown:
        raise Invalid({name: [_("没有这个字段。")] for name in sorted(unknown)})
    return ProjectForm(**given)


def brief_out(project: Project) -> dict[str, Any]:
    """One line of a list."""
    return {name: getattr(project, name) for name in ProjectBrief.model_fields if hasattr(project, name)} | {
        "owner": project.owner.name,
        "state_name": project_state_name(project.state),
    }


def project_out(actor: Actor, project_id: UUID) -> dict[str, Any]:
    """One project."""
    project = project_for(actor, project_id)
    strip = strips_of([project])[project.pk]
    simple = {name: getattr(project, name) for name in ProjectOut.model_fields if hasattr(project, name)}
    return (
        simple
        | brief_out(project)
        | {
            "version": project.form_version,
            "template": project.edition.template_code if project.edition else None,
            "edition": project.edition.version if project.edition else None,
            "day": strip["day"],
            "next_actor": strip["next_actor"],
            "site": site_out(project.site) if hasattr(project, "site") else None,
        }
    )


def site_out(site: Site) -> dict[str, Any]:
    """The red line."""
    return {name: getattr(site, name) for name in SiteOut.model_fields}


def material_out(material: Material, early: Iterable[str]) -> dict[str, Any]:
    """One paper."""
    names = ("code", "name_zh", "name_en", "source", "stage", "may_be_late", "state", "remark", "due_on")
    return {name: getattr(material, name) for name in names} | {
        "items": material.item_codes,
        "at_filing": not set(early).isdisjoint(material.item_codes),
    }


def item_out(item: ItemCase) -> dict[str, Any]:
    """One item."""
    return {name: getattr(item, name) for name in ItemRow.model_fields if hasattr(item, name)} | {
        "department": item.department_code,
        "state_name": item_state_name(item.state),
    }


def item_for(actor: Actor, item_id: UUID) -> dict[str, Any]:
    """One item with the acts the actor has."""
    item = get_for(actor, "item.view", ItemCase, item_id)
    return item_out(item) | {"can": acts_on_item(actor, item)}
