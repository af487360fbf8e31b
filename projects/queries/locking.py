"""Row locks; every higher room's act takes the project first (order project > round > task > sheet)."""

from __future__ import annotations

from uuid import UUID

from ledger.errors import NotFound
from projects.models import ItemCase, Project


def lock_project(project_id: UUID) -> Project:
    """The project row, locked until the transaction ends; NotFound when there is none."""
    project = Project.objects.select_for_update(of=("self",)).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    return project


def lock_item(item_id: UUID) -> tuple[Project, ItemCase]:
    """The item and its project, the project locked first; NotFound when there is none."""
    project_id = ItemCase.objects.filter(pk=item_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    project = lock_project(project_id)
    item = ItemCase.objects.select_for_update(of=("self",)).get(pk=item_id)
    item.project = project
    return project, item
