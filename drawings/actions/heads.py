"""Anchoring the heads of sheet logs by the clock (日志锚定): what no freeze or signature has anchored for a while."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from drawings.actions.sheets import anchor_sheets
from drawings.models import Sheet
from ledger.actor import Actor
from projects.queries import lock_project


def anchor_moved_heads() -> int:
    """Anchor every head that moved, project by project; returns how many."""
    moved: dict[UUID, list[UUID]] = {}
    rows = Sheet.objects.filter(seq__gt=F("anchored_seq")).values_list("revision__set__project_id", "pk")
    for project_id, sheet_id in rows:
        moved.setdefault(project_id, []).append(sheet_id)
    anchored = 0
    for project_id, sheet_ids in sorted(moved.items()):
        with transaction.atomic():
            lock_project(project_id)
            anchored += anchor_sheets(sheet_ids, actor=Actor.system(cause="beat"))
    return anchored
