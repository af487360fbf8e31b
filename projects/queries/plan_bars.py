"""Which plans bar a decision on an item today (规划冲突否决): computed on the very day, not read from an earlier check."""

from __future__ import annotations

from accounts.legal_day import today_in_shanghai
from projects.models import PlanConflict, Project
from projects.rules.conflicts import BARRED_BY_PLANS, conflict_digest, is_barred
from regional_eval.queries.site_check import check_site
from regional_eval.terms import layer_name


def bars_on(project: Project, item_code: str) -> tuple[str, ...]:
    """Names of the plan layers that forbid the project's land and stand without a finding of their owner.

    Empty for items that plans do not bar, and for a project without a red line.
    """
    site = getattr(project, "site", None)
    if item_code not in BARRED_BY_PLANS or site is None:
        return ()
    facts = dict(project.facts)
    answer = check_site(
        site.boundary,
        today_in_shanghai(),
        industry=str(facts.get("industry_code") or "") or None,
        facts=facts,
        district_id=project.district_id,
        purposes=("plan",),
    )
    found = {conflict_digest(row): conflict for conflict in answer.conflicts for row in (conflict.as_json(),)}
    state = PlanConflict.State.OVERRIDDEN
    overridden = set(PlanConflict.objects.filter(project=project, state=state).values_list("digest", flat=True))
    barring = [found[digest].layer for digest in found if is_barred(found[digest].severity, digest, overridden)]
    return tuple(dict.fromkeys(layer_name(code) for code in barring))
