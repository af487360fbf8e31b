"""What today's plans say of a project's land (规划核查的问与答); nothing is stored here."""

from __future__ import annotations

from accounts.legal_day import today_in_shanghai
from projects.models import Project
from regional_eval.queries.site_batch import PLAN, SiteAsked
from regional_eval.queries.site_check import SiteAnswer, check_site


def asked_of(project: Project) -> SiteAsked:
    """What a check looks at: red line, figures, industry. The project must have a red line."""
    facts = dict(project.facts)
    return SiteAsked(project.site.boundary, facts, str(facts.get("industry_code") or "") or None)


def plans_today(project: Project) -> SiteAnswer:
    """The plans in force today against the project's red line."""
    asked = asked_of(project)
    return check_site(
        asked.boundary,
        today_in_shanghai(),
        industry=asked.industry,
        facts=asked.facts,
        district_id=project.district_id,
        purposes=PLAN,
    )
