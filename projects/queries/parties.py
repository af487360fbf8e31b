"""Who takes part in a project: for notices, papers and pages that have decided who asks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ledger.errors import NotFound
from projects.models import Engagement, ItemCase, Project


@dataclass(frozen=True)
class Parties:
    """The project's names and the organisations in it."""

    project_id: UUID
    name: str
    code: str
    receipt_number: str
    owner_id: UUID
    owner_name: str
    district_id: int
    # Design institutes engaged now.
    institutes: tuple[UUID, ...]
    created_by: int


def parties_of(project_id: UUID) -> Parties:
    """The parties of one project (参与单位)."""
    project = Project.objects.select_related("owner").filter(pk=project_id).first()
    if project is None:
        raise NotFound
    institutes = Engagement.objects.filter(project=project, until__isnull=True).order_by("pk")
    return Parties(
        project_id=project.pk,
        name=project.name,
        code=project.code,
        receipt_number=project.receipt_number or "",
        owner_id=project.owner_id,
        owner_name=project.owner.name,
        district_id=project.district_id,
        institutes=tuple(institutes.values_list("organisation_id", flat=True)),
        created_by=project.created_by_id,
    )


@dataclass(frozen=True)
class ItemBrief:
    """One item in few words."""

    name_zh: str
    name_en: str
    department_code: str
    posts_now: tuple[str, ...]


def item_brief(item_id: UUID) -> ItemBrief:
    """Name, department and the posts whose turn it is."""
    fields = ("name_zh", "name_en", "department_code", "posts_now")
    row = ItemCase.objects.filter(pk=item_id).values_list(*fields).first()
    if row is None:
        raise NotFound
    return ItemBrief(row[0], row[1], row[2], tuple(row[3]))
