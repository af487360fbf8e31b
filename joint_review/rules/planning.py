"""Which departments review what: tasks of a round from the disciplines and the project's facts (分派任务).

Source: disciplines.yaml; lifecycle.md, "Rounds and sheets". A fact that nobody stated leaves a discipline undecided: it
stays in the round, for a review that was needless costs a day and one that was left out costs a building.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Discipline:
    """One discipline (专业) of the catalogue; `layer_hint` is a glob over CAD layer names, `-` for none."""

    code: str
    department: str
    applies_if: str | None = None
    layer_hint: str = "-"
    on_request: bool = False


@dataclass(frozen=True)
class TaskPlan:
    """One task to make: unique by department and discipline; `discipline` None means several, listed in `covers`."""

    department: str
    discipline: str | None
    covers: tuple[str, ...]
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetChange:
    """How a sheet of the new revision differs: `layers` of what was added, removed or changed; None = not known."""

    sheet: str
    name: str
    layers: frozenset[str] | None


def needed(
    disciplines: Iterable[Discipline],
    applies: Callable[[str | None], bool | None],
    *,
    requested: frozenset[str] = frozenset(),
) -> list[tuple[Discipline, bool]]:
    """The disciplines to review, each with whether it is undecided; `applies` answers yes, no or None."""
    chosen = []
    for discipline in disciplines:
        if discipline.code in requested:
            chosen.append((discipline, False))
            continue
        if discipline.on_request:
            continue
        verdict = applies(discipline.applies_if)
        if verdict is not False:
            chosen.append((discipline, verdict is None))
    return chosen


def plan_tasks(
    disciplines: Iterable[Discipline],
    applies: Callable[[str | None], bool | None],
    *,
    own: Iterable[str],
    rest: str,
    requested: frozenset[str] = frozenset(),
) -> tuple[TaskPlan, ...]:
    """The tasks of a first round (并联分派).

    A discipline named in `own` gets a task of its department; all others together make one task of `rest`.
    """
    separate = set(own)
    chosen = needed(disciplines, applies, requested=requested)
    plans = [
        TaskPlan(item.department, item.code, (item.code,), (item.code,) if undecided else ())
        for item, undecided in chosen
        if item.code in separate
    ]
    others = [(item, undecided) for item, undecided in chosen if item.code not in separate]
    if others:
        plans.append(
            TaskPlan(
                rest,
                None,
                tuple(item.code for item, _ in others),
                tuple(item.code for item, undecided in others if undecided),
            )
        )
    return tuple(plans)


def concerned_disciplines(changes: Iterable[SheetChange], hints: Mapping[str, str]) -> frozenset[str] | None:
    """The disciplines that a new revision touches; None means all.

    A change is attributed by its layer (`layer_hint`) or, for hints without a layer pattern, by the sheet's name. What
    cannot be attributed concerns everybody.
    """
    touched: set[str] = set()
    for change in changes:
        by_name = {code for code, hint in hints.items() if hint != "-" and "*" not in hint and hint in change.name}
        if change.layers is None:
            if not by_name:
                return None
            touched |= by_name
            continue
        touched |= by_name
        for layer in change.layers:
            by_layer = {code for code, hint in hints.items() if "*" in hint and fnmatchcase(layer.upper(), hint)}
            if not by_layer and not by_name:
                return None
            touched |= by_layer
    return frozenset(touched)


def tasks_of_next_round(
    previous: Iterable[TaskPlan],
    with_open_opinions: frozenset[tuple[str, str | None]],
    touched: frozenset[str] | None,
) -> tuple[TaskPlan, ...]:
    """Only departments with open opinions or changed sheets go on (lifecycle.md); None in `touched` = all are touched.

    `with_open_opinions` holds (department, discipline) of the tasks that raised or joined an open opinion.
    """
    return tuple(
        plan
        for plan in previous
        if (plan.department, plan.discipline) in with_open_opinions
        or touched is None
        or not touched.isdisjoint(plan.covers)
    )
