"""What reuse really saves on the government's clock (共享应用节省的时间). Pure.

Assessments run beside the critical path in most pipelines: reusing one then saves the enterprise a report and its
cost, and no day of the 40 (domain.md section 1). 0 is said as 0, and the days of several kinds are never added up: the
plan with all of them is compared with the plan without any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projects.pipeline.planner import Need, Reusable, make_plan, need_of
from projects.pipeline.template import Template


@dataclass(frozen=True)
class ClockSaving:
    """Working days of the government's clock that one kind saves by itself, and the items it touches."""

    days: int
    items: tuple[str, ...]
    beside: bool


@dataclass(frozen=True)
class Savings:
    """All kinds together: `days` is what the whole plan gets shorter."""

    days_without: int
    days_with: int
    by_kind: Mapping[str, ClockSaving]

    @property
    def days(self) -> int:
        """Working days saved by all together."""
        return self.days_without - self.days_with


def clock_savings(template: Template, facts: Mapping[str, Any], reuse: Mapping[str, Reusable]) -> Savings:
    """Compare the plan with these reuses and without; `beside` marks a kind whose items are run off the path."""
    without = make_plan(template, facts)
    together = make_plan(template, facts, reuse=reuse)
    by_kind = {}
    for kind, answer in reuse.items():
        touched = tuple(
            item.spec.code
            for item in without.items
            if item.spec.regional_assessment == kind
            and item.need.is_run
            and need_of(item.spec, facts, {kind: answer})[0] is not item.need
        )
        alone = make_plan(template, facts, reuse={kind: answer})
        off_path = not set(touched) & set(without.critical_path)
        by_kind[kind] = ClockSaving(without.total - alone.total, touched, bool(touched) and off_path)
    return Savings(without.total, together.total, by_kind)


def kinds_wanted(template: Template, facts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Kind of assessment -> the items of this pipeline that ask for it and are not switched off by the facts."""
    wanted: dict[str, tuple[str, ...]] = {}
    for spec in template.items:
        if spec.regional_assessment and need_of(spec, facts, {})[0] is not Need.NOT_NEEDED:
            wanted[spec.regional_assessment] = (*wanted.get(spec.regional_assessment, ()), spec.code)
    return wanted
