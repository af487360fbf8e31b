"""Reading the reuse of regional assessments (区域评估共享应用): what the geometry says, what was confirmed, what it saves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.legal_day import today_in_shanghai
from projects.models import AssessmentReuse, Project
from projects.pipeline.choice import Choice
from projects.pipeline.planner import Reusable
from projects.queries.editions import choose_template
from projects.rules.reuse import PROPOSABLE, SCHEMA, Holding, judge_holding
from regional_eval.queries.site_check import SiteAnswer, check_site
from regional_eval.reasons import in_words
from regional_eval.rules.answers import KindAnswer, Outcome, Reason

REGIONAL = "requires_regional_reuse"


def site_answer(project: Project, *, on: date | None = None, figures: Mapping[str, Any] | None = None) -> SiteAnswer:
    """What the regional assessments say of the project's red line on a day; today when none is given."""
    facts = {**project.facts, **(figures or {})}
    industry = facts.get("industry_code")
    return check_site(
        project.site.boundary,
        on or today_in_shanghai(),
        industry=str(industry) if industry else None,
        facts=facts,
        district_id=project.district_id,
        purposes=("assessment",),
    )


def answer_of_kind(found: SiteAnswer, kind: str) -> KindAnswer:
    """The answer for one kind; where none of it is published: not reusable, everything is left to be assessed."""
    for answer in found.assessments:
        if answer.kind == kind:
            return answer
    nothing = (Reason("no_assessment"),)
    outcome = Outcome.NOT_REUSABLE
    return KindAnswer(kind, outcome, None, 0.0, found.site.area_m2, None, (), nothing, None, None, None)


def frozen_answer(
    project: Project, found: SiteAnswer, answer: KindAnswer, *, on: date, figures: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything the answer rests on, to be kept for good: versions with their digests, rule, day, values used."""
    used = {area.layer_id for area in answer.used}
    return {
        "schema": SCHEMA,
        "project": str(project.pk),
        "on": on.isoformat(),
        "rule": found.rule,
        "site": {
            "sha256": project.site.sha256,
            "area_m2": round(project.site.area_m2, 2),
            # Planar, in the district's own zone: the figure of land papers.
            "area_legal_m2": round(project.site.area_legal_m2, 2),
            "epsg": project.site.epsg,
        },
        "facts": {code: value for code, value in sorted({**project.facts, **figures}.items()) if value is not None},
        "layers": sorted([str(layer_id), sha256] for layer_id, sha256 in found.layers if layer_id in used),
        "answer": answer.as_json(),
    }


def possible_reuse(found: SiteAnswer) -> dict[str, Reusable]:
    """Kind -> what could be proposed by this answer."""
    return {
        answer.kind: Reusable(str(answer.outcome), str(answer.effect) if answer.effect else None)
        for answer in found.assessments
        if answer.outcome in PROPOSABLE
    }


def choose_for(project: Project) -> Choice:
    """Which pipeline fits the project; the geometry is asked only where it alone still decides (标准地)."""
    first = choose_template(project.facts)
    waiting = any(fit.missing == (REGIONAL,) for fit in first.might_come_first)
    if not waiting or getattr(project, "site", None) is None:
        return first
    return choose_template(project.facts, reusable=set(possible_reuse(site_answer(project))))


def holding_of(reuse: AssessmentReuse) -> Holding:
    """Compute a confirmed reuse again on today's assessments, with the figures it was confirmed on (重新核对)."""
    project = reuse.project
    found = site_answer(project, figures=reuse.answer.get("facts", {}))
    answer = answer_of_kind(found, reuse.kind)
    return judge_holding(
        reuse.answer,
        reuse.answer_sha256,
        site_sha256=project.site.sha256,
        outcome=str(answer.outcome),
        reasons=tuple(in_words(reason) for reason in answer.reasons if reason.code != "saving_typical"),
    )
