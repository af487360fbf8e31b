"""Which plans bar a decision on an item today (规划冲突否决): computed on the very day, not read from an earlier check."""

from __future__ import annotations

from projects.models import PlanConflict, Project
from projects.queries.plan_answers import plans_today
from projects.rules.conflicts import BARRED_BY_PLANS, conflict_digest, is_barred
from regional_eval.terms import layer_name


def bars_on(project: Project, item_code: str) -> tuple[str, ...]:
    """Names of the plan layers that forbid the project's land and stand without a finding of their owner.

    Empty for items that plans do not bar, and for a project without a red line.
    """
    if item_code not in BARRED_BY_PLANS or not hasattr(project, "site"):
        return ()
    found = {conflict_digest(conflict.as_json()): conflict for conflict in plans_today(project).conflicts}
    state = PlanConflict.State.OVERRIDDEN
    overridden = set(PlanConflict.objects.filter(project=project, state=state).values_list("digest", flat=True))
    barring = [found[digest].layer for digest in found if is_barred(found[digest].severity, digest, overridden)]
    return tuple(dict.fromkeys(layer_name(code) for code in barring))
