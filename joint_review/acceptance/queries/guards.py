"""What stands between a project and its acceptance, and which checks concern it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from joint_review import catalogue
from joint_review.acceptance.models import Defect
from joint_review.acceptance.rules import CheckKind
from projects.pipeline.conditions import decide

BEFORE = ("S0", "S1", "S2", "S3")
FINISHED_FIRST = ("EV-CON", "SV-ALL")
NOT_RUN = {"not_needed", "reused"}


def why_not_yet(items: Iterable[Any]) -> list[str]:
    """Obstacles in words: items of the stages before that are open or denied, works not finished or surveyed."""
    run = [item for item in items if item.need not in NOT_RUN]
    waiting = [item.name for item in run if item.stage in BEFORE and item.decided_at is None]
    denied = [item.name for item in run if item.stage in BEFORE and item.state == 13]
    missing = [item.name for item in run if item.code in FINISHED_FIRST and item.decided_at is None]
    obstacles = []
    if waiting:
        shown = _("、").join(waiting[:5])
        more = _(" 等 %(count)s 项") % {"count": len(waiting)} if len(waiting) > 5 else ""
        obstacles.append(_("尚未办结：%(names)s%(more)s") % {"names": shown, "more": more})
    if denied:
        obstacles.append(_("办结不通过：%(names)s") % {"names": _("、").join(denied)})
    if missing:
        obstacles.append(_("尚未登记：%(names)s") % {"names": _("、").join(missing)})
    return obstacles


def applies_here(items: Iterable[Any], facts: Mapping[str, Any]) -> Callable[[CheckKind], bool | None]:
    """Does a check concern this project? As its item does where the pipeline has one, else by the facts."""
    needs = {item.code: item.need for item in items}

    def applies(kind: CheckKind) -> bool | None:
        need = needs.get(kind.item) if kind.item else None
        if need is None:
            return decide(kind.applies_if, facts)
        if need in NOT_RUN:
            return False
        return None if need == "undecided" else True

    return applies


def failing_defects(check_id: UUID) -> int:
    """Open defects that fail the check."""
    return Defect.objects.filter(
        check_of_id=check_id, state__in=["listed", "rectified"], severity__in=sorted(catalogue.failing_severities())
    ).count()
