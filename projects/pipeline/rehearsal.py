"""Rehearsal before filing (申报预演): the government's clock and the calendar age together, and what shortens them. Pure.

The plan counts government days only. A rehearsal adds the enterprise's own time (land, design, tender, building) and
what runs outside the clock, so that the enterprise sees when it could be done, which of its own documents lie on the
path, and what each lever would really save: 0 is said as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.errors import Refused
from projects.pipeline import graph
from projects.pipeline.planner import Change, Plan, Reusable, Reuse, make_plan
from projects.words import _

LONGEST_OWN = 2000
EARLIER_DAYS = 5


@dataclass(frozen=True)
class RehearsedItem:
    """One item on the calendar, in working-day indices from acceptance. `own`: the enterprise's doing."""

    code: str
    own: bool
    days: int
    place: graph.Place


@dataclass(frozen=True)
class OwnLever:
    """What one change saves: government days and working days of the whole calendar."""

    item: str
    kind: str
    days: int
    saves_clock: int
    saves_calendar: int


@dataclass(frozen=True)
class Rehearsal:
    """A plan laid out on the calendar."""

    plan: Plan
    items: tuple[RehearsedItem, ...]
    calendar_days: int
    path: tuple[str, ...]
    # The enterprise's own doings on the path, in order: what it can hasten itself.
    own_on_path: tuple[str, ...]


def check_own_days(plan: Plan, own_days: Mapping[str, int]) -> None:
    """Refuse days for what is not the enterprise's own, and impossible numbers."""
    by_applicant = {item.spec.code for item in plan.items if item.spec.is_by_applicant}
    for code, days in own_days.items():
        if code not in by_applicant:
            raise Refused("not_by_applicant", _("%(code)s 不是企业自行完成的节点。") % {"code": code}, field=code)
        if not 0 <= days <= LONGEST_OWN:
            raise Refused("own_days", _("天数应为 0 至 %(longest)s 的整数。") % {"longest": LONGEST_OWN}, field=code)


def rehearse(plan: Plan, own_days: Mapping[str, int]) -> Rehearsal:
    """Lay the plan out with the enterprise's own working days (missing ones count as none)."""
    check_own_days(plan, own_days)
    running = [item for item in plan.items if item.place is not None]
    days = {}
    for item in running:
        if item.spec.is_by_applicant:
            days[item.spec.code] = own_days.get(item.spec.code, 0)
        else:
            days[item.spec.code] = item.days if item.spec.counts else item.spec.limit_days
    made = graph.schedule({item.spec.code: item.prerequisites for item in running}, days)
    own = {item.spec.code for item in running if item.spec.is_by_applicant}
    return Rehearsal(
        plan=plan,
        items=tuple(
            RehearsedItem(
                code=item.spec.code,
                own=item.spec.code in own,
                days=days[item.spec.code],
                place=made.places[item.spec.code],
            )
            for item in running
        ),
        calendar_days=made.total,
        path=made.critical_path,
        own_on_path=tuple(code for code in made.critical_path if code in own),
    )


def levers_of(
    rehearsal: Rehearsal,
    facts: Mapping[str, object],
    own_days: Mapping[str, int],
    reuse: Reuse,
    *,
    possible: Mapping[str, Reusable] | None = None,
) -> list[OwnLever]:
    """Every lawful lever, the one that saves most of the calendar first: reuse, commitment, hand in earlier.

    `possible`: what the geometry of a known red line allows; a kind that is not among it is no lever, and its effect is
    the assessment's own. Without a red line the catalogue is believed.
    """
    plan = rehearsal.plan
    levers = []
    for item in plan.items:
        if item.place is None:
            continue
        code = item.spec.code
        if item.spec.is_by_applicant:
            given = own_days.get(code, 0)
            sooner = min(EARLIER_DAYS, given)
            if sooner:
                tried = rehearse(plan, {**own_days, code: given - sooner})
                saved = rehearsal.calendar_days - tried.calendar_days
                levers.append(OwnLever(code, "earlier", sooner, 0, saved))
            continue
        assessment = item.spec.regional_assessment
        if possible is not None and assessment is not None and assessment not in possible:
            continue
        for kind in lawful_kinds(assessment, item.spec.regional_effect, item.need.value):
            if possible is not None and assessment is not None:
                other = make_plan(plan.template, facts, reuse={**reuse, assessment: possible[assessment]})
            else:
                other = make_plan(plan.template, facts, reuse=reuse, changes={code: Change(kind)})
            tried = rehearse(other, own_days)
            levers.append(
                OwnLever(code, kind, 0, plan.total - other.total, rehearsal.calendar_days - tried.calendar_days)
            )
    return sorted(levers, key=lambda lever: (-lever.saves_calendar, -lever.saves_clock))


def lawful_kinds(assessment: str | None, effect: str | None, need: str) -> list[str]:
    """Reuse where the catalogue names a regional assessment, a commitment where it says that one is possible."""
    if assessment is None or need in {"promised", "simplified"}:
        return []
    return ["commit"] if effect == "COMMITMENT" else ["reuse"]


def quantile(sorted_values: list[int], share: float) -> int:
    """The value that `share` of the cases do not exceed (nearest rank)."""
    rank = max(1, -(-int(share * 1000) * len(sorted_values) // 1000))
    return sorted_values[min(rank, len(sorted_values)) - 1]
