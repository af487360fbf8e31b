"""What closed cases say about a pipeline (历史用时): for the rehearsal's honest range."""

from __future__ import annotations

from dataclasses import dataclass

from projects.models import Project
from projects.pipeline.rehearsal import quantile

FEWEST = 5
MOST = 2000


@dataclass(frozen=True)
class PastCases:
    """Government days of closed projects of one pipeline; too few cases give no range."""

    sample: int
    p50: int | None
    p90: int | None


def past_cases(template_code: str, district_id: int | None) -> PastCases:
    """P50 and P90 of the government days of finished projects in this district, with the number of cases."""
    closed = Project.objects.filter(state=Project.State.FINISHED, edition__template_code=template_code)
    if district_id is not None:
        closed = closed.filter(district_id=district_id)
    days = sorted(closed.order_by("-ended_at").values_list("used_days", flat=True)[:MOST])
    if len(days) < FEWEST:
        return PastCases(len(days), None, None)
    return PastCases(len(days), quantile(days, 0.5), quantile(days, 0.9))
