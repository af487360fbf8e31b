"""The land over HTTP: the public register of assessments, and the check of a site."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router

from accounts.access import action, require
from accounts.legal_day import today_in_shanghai
from regional_eval.models import Assessment
from regional_eval.queries.register import assessments_for
from regional_eval.queries.site_check import check_site
from regional_eval.schemas import AssessmentOut, SiteCheckIn
from regional_eval.views.precheck import CHECKS_PER_MINUTE
from regional_eval.views.reading import actor_of, slow_down, working_epsg

router = Router()
MOST = 500


@router.get("/assessments", response=list[AssessmentOut], summary="区域评估")
@action("assessment.list")
def assessments(request: HttpRequest, kind: str = "", region: str = "", ended: bool = False) -> QuerySet[Assessment]:
    """The assessments that the caller may see, at most 500."""
    actor = actor_of(request)
    require(actor, "assessment.list")
    return assessments_for(actor, kind=kind, region=region, ended=ended)[:MOST]


@router.post("/precheck", response=dict[str, Any], summary="选址预查")
@action("precheck.run")
def precheck(request: HttpRequest, payload: SiteCheckIn) -> dict[str, Any]:
    """What may be reused on a site, what conflicts and what is clear; nothing is stored."""
    actor = actor_of(request)
    require(actor, "precheck.run")
    slow_down(request, "precheck", most=CHECKS_PER_MINUTE)
    answer = check_site(
        payload.boundary,
        payload.on or today_in_shanghai(),
        industry=payload.industry or None,
        facts={name: value for name, value in payload.facts.items() if value is not None},
        district_id=actor.district_id,
        crs=payload.crs,
        zone_epsg=working_epsg(actor),
    )
    return answer.as_json()
