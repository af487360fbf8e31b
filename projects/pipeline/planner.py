"""The planner (流程编排): facts of a project in, its items with order, days, slack and levers out. Pure.

An item is needed, not needed, reused (区域评估共享), simplified (简化办理), promised (告知承诺), tolerated (容缺) or
undecided; undecided items are planned as needed, so that a missing answer never shortens the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from ledger.errors import Refused
from projects.pipeline import conditions, graph
from projects.pipeline.template import BESIDE, ItemSpec, Template
from projects.words import _
from projects.workdays import WorkCalendar

COMMITMENT_DAYS = 1
# Reasons behind which a condition was decided by known facts.
DECIDED = frozenset({"always", "condition"})


class Need(StrEnum):
    """Whether and how an item is run."""

    NEEDED = "needed"
    NOT_NEEDED = "not_needed"
    REUSED = "reused"
    # Runs with a smaller form that cites the regional result; no days are claimed for that.
    SIMPLIFIED = "simplified"
    PROMISED = "promised"
    # Runs while papers that may be late are outstanding.
    TOLERATED = "tolerated"
    UNDECIDED = "undecided"

    @property
    def is_run(self) -> bool:
        """Does it take place at all?"""
        return self not in NOT_RUN


NOT_RUN = frozenset({Need.NOT_NEEDED, Need.REUSED})


# What the reuse test of regional_eval answers for an assessment kind (区域评估应用结论).
REUSE_OUTCOMES = frozenset({"NOT_NEEDED", "REUSABLE", "REUSABLE_WITH_COMMITMENT", "PARTIAL", "NOT_REUSABLE", "UNKNOWN"})


# From the mildest effect to the strictest: where catalogue and assessment differ, the stricter one holds.
EFFECTS = ("EXEMPT", "COMMITMENT", "SIMPLIFIED")


class Reusable(NamedTuple):
    """The answer for one kind of assessment with what the approved assessment itself allows (应用效果)."""

    outcome: str
    effect: str | None


Reuse = Mapping[str, str | Reusable]


@dataclass(frozen=True)
class Change:
    """One what-if for an item: `reuse`, `commit`, or `more` days (may be negative)."""

    kind: str
    days: int = 0


class PlannedItem(NamedTuple):
    """One item of a plan. `place` is None when it is not run; `missing` are the facts that would decide."""

    spec: ItemSpec
    need: Need
    reason: str
    missing: tuple[str, ...]
    days: int
    prerequisites: tuple[str, ...]
    place: graph.Place | None

    @property
    def applies(self) -> str:
        """yes | no | undecided."""
        if self.need is Need.UNDECIDED:
            return "undecided"
        return "yes" if self.need.is_run else "no"


@dataclass(frozen=True)
class StageWindow:
    """From which to which working-day index a stage works (PRE-START items run beside and do not stretch it)."""

    code: str
    first: int
    last: int


@dataclass(frozen=True)
class Plan:
    """The plan of one project."""

    template: Template
    items: tuple[PlannedItem, ...]
    total: int
    critical_path: tuple[str, ...]
    stages: tuple[StageWindow, ...]

    def item(self, code: str) -> PlannedItem:
        """One planned item by code."""
        return next(item for item in self.items if item.spec.code == code)

    @property
    def undecided(self) -> tuple[PlannedItem, ...]:
        """Items whose facts are not known yet."""
        return tuple(item for item in self.items if item.need is Need.UNDECIDED)


def need_of(spec: ItemSpec, facts: Mapping[str, Any], reuse: Reuse) -> tuple[Need, str]:
    """Is the item needed? With the reason's code: always | condition | fact_missing | reuse:<outcome>."""
    verdict = conditions.decide(spec.applies_if, facts)
    if verdict is False:
        return Need.NOT_NEEDED, "condition"
    found = reuse.get(spec.regional_assessment) if spec.regional_assessment else None
    outcome, allowed = (found, None) if found is None or isinstance(found, str) else found
    if outcome == "NOT_NEEDED":
        return Need.NOT_NEEDED, "reuse:NOT_NEEDED"
    if outcome in {"REUSABLE", "REUSABLE_WITH_COMMITMENT"}:
        effect = strictest(spec.regional_effect, allowed, "COMMITMENT" if outcome != "REUSABLE" else None)
        if effect == "EXEMPT":
            return Need.REUSED, f"reuse:{outcome}"
        if effect == "COMMITMENT":
            return Need.PROMISED, f"reuse:{outcome}"
        if effect == "SIMPLIFIED" and verdict is True:
            return Need.SIMPLIFIED, f"reuse:{outcome}"
    if verdict is None:
        return Need.UNDECIDED, "fact_missing"
    return Need.NEEDED, "condition" if spec.applies_if else "always"


def strictest(*effects: str | None) -> str | None:
    """The strictest of these effects; None when none is named."""
    return max((effect for effect in effects if effect in EFFECTS), key=EFFECTS.index, default=None)


def make_plan(
    template: Template,
    facts: Mapping[str, Any],
    *,
    reuse: Reuse | None = None,
    changes: Mapping[str, Change] | None = None,
    needs: Mapping[str, Need] | None = None,
) -> Plan:
    """Plan the template for these facts (编排).

    `reuse`: assessment kind -> outcome; `changes`: item -> what-if; `needs`: item -> what people have decided since.
    Refused for a change of an item that the template does not have.
    """
    changes = changes or {}
    for code in changes:
        if code not in template.by_code:
            raise Refused("unknown_item", _("模板中没有事项 %(code)s。") % {"code": code})
    chosen: dict[str, tuple[Need, str, int]] = {}
    for spec in template.items:
        need, reason = need_of(spec, facts, reuse or {})
        if needs is not None and spec.code in needs:
            need, reason = needs[spec.code], "settled"
        days = min(spec.days_on_clock, COMMITMENT_DAYS) if need is Need.PROMISED else spec.days_on_clock
        change = changes.get(spec.code)
        if change is not None:
            need, reason, days = changed(spec, change, need, reason, days)
        chosen[spec.code] = (need, reason, days)
    kept = [code for code, (need, _reason, _days) in chosen.items() if need not in NOT_RUN]
    keeping = frozenset(kept)
    prerequisites = graph.hand_on(template.prerequisites, keeping, template.order)
    made = graph.schedule(
        prerequisites,
        {code: chosen[code][2] for code in kept},
        [code for code in template.order if code in keeping],
    )
    items = tuple(
        planned(spec, chosen[spec.code], facts, prerequisites.get(spec.code), made.places.get(spec.code))
        for spec in template.items
    )
    return Plan(template, items, made.total, made.critical_path, windows_of(template, items))


def planned(
    spec: ItemSpec,
    chosen: tuple[Need, str, int],
    facts: Mapping[str, Any],
    prerequisites: tuple[str, ...] | None,
    place: graph.Place | None,
) -> PlannedItem:
    """One item with its place; a condition that was decided lacks no fact."""
    need, reason, days = chosen
    missing = () if reason in DECIDED else tuple(conditions.facts_missing(spec.applies_if, facts))
    return PlannedItem(spec, need, reason, missing, 0 if place is None else days, prerequisites or (), place)


def changed(spec: ItemSpec, change: Change, need: Need, reason: str, days: int) -> tuple[Need, str, int]:
    """One what-if applied; an item that is not run anyway stays so."""
    if not need.is_run:
        return need, reason, days
    if change.kind == "reuse":
        if spec.regional_effect == "SIMPLIFIED":
            return Need.SIMPLIFIED if need is Need.NEEDED else need, "what_if", days
        if spec.regional_effect == "COMMITMENT":
            return Need.PROMISED, "what_if", min(days, COMMITMENT_DAYS)
        return Need.REUSED, "what_if", 0
    if change.kind == "commit":
        return Need.PROMISED, "what_if", min(days, COMMITMENT_DAYS)
    if days + change.days < 0:
        raise Refused(
            "negative_limit",
            _("事项 %(code)s 只有 %(days)s 个工作日，不能再减 %(less)s 天。")
            % {"code": spec.code, "days": days, "less": -change.days},
        )
    return need, "what_if", days + change.days


def windows_of(template: Template, items: tuple[PlannedItem, ...]) -> tuple[StageWindow, ...]:
    """When each stage works, from the counted items that are run inside it."""
    windows: dict[str, tuple[int, int]] = {}
    for item in items:
        if item.place is None or not item.spec.counts or item.spec.parallel_group == BESIDE:
            continue
        first, last = windows.get(item.spec.stage, (item.place.es, item.place.ef))
        windows[item.spec.stage] = (min(first, item.place.es), max(last, item.place.ef))
    return tuple(StageWindow(stage.code, *windows[stage.code]) for stage in template.stages if stage.code in windows)


@dataclass(frozen=True)
class Lever:
    """One change the enterprise could make, and what it saves; 0 is said as 0."""

    item: str
    change: Change
    days_saved: int

    @property
    def text(self) -> str:
        """As on the command line: ITEM=reuse, ITEM=commit."""
        return f"{self.item}={self.change.kind}"


def rank_levers(
    template: Template,
    facts: Mapping[str, Any],
    *,
    reuse: Reuse | None = None,
    changes: Mapping[str, Change] | None = None,
) -> list[Lever]:
    """Every lawful single change on top of `changes`, the one that saves most first (优化建议)."""
    base = make_plan(template, facts, reuse=reuse, changes=changes)
    levers = []
    for item in base.items:
        if not item.need.is_run or item.spec.code in (changes or {}):
            continue
        for kind in lawful_changes(item):
            change = Change(kind)
            tried = make_plan(template, facts, reuse=reuse, changes={**(changes or {}), item.spec.code: change})
            levers.append(Lever(item.spec.code, change, base.total - tried.total))
    return sorted(levers, key=lambda lever: -lever.days_saved)


def lawful_changes(item: PlannedItem) -> list[str]:
    """Reuse where the catalogue names a regional assessment; a commitment where it says that one is possible."""
    spec = item.spec
    kinds = []
    if spec.regional_assessment and item.need not in {Need.PROMISED, Need.SIMPLIFIED}:
        kinds.append("reuse")
    if spec.regional_effect == "COMMITMENT" and spec.kind != "COMMITMENT" and item.need is not Need.PROMISED:
        kinds.append("commit")
    return kinds


@dataclass(frozen=True)
class PlannedDates:
    """An item's place as dates; `provisional` when a year without its notice is touched (预计)."""

    start_on: date
    due_on: date
    provisional: bool


def date_place(place: graph.Place, day_zero: date, calendar: WorkCalendar) -> PlannedDates:
    """The first and the last working day of a place; one that takes no time lies on the day before it could start."""
    due = calendar.add(day_zero, place.ef) if place.ef else day_zero
    start = due if place.ef == place.es else calendar.add(day_zero, place.es + 1)
    return PlannedDates(start, due, calendar.touches_provisional(day_zero, due))
