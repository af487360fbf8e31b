"""What an opinion must have, whether it blocks, and what a task and a round may conclude (审查意见与结论).

Source: disciplines.yaml (opinion_classes, conclusion_rules); 住建部令第13号第十一至十三条 by pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from joint_review.states import DONE_TASKS, STANDING_OPINIONS


@dataclass(frozen=True)
class OpinionClass:
    """A class of opinion (意见类别)."""

    code: str
    must_fix: bool
    blocks: bool
    needs_clause: bool


@dataclass(frozen=True)
class Standing:
    """What decisions need to know of one opinion."""

    cls: str
    state: str


def blocks(opinion: Standing, classes: Mapping[str, OpinionClass]) -> bool:
    """Does it stand in the way of the certificate (是否阻断)? A breach, not a suggestion, that still stands."""
    return classes[opinion.cls].blocks and opinion.state in STANDING_OPINIONS


def faults_of_wording(
    *, cls: str, clause: str | None, text: str, classes: Mapping[str, OpinionClass], clauses: Iterable[str]
) -> list[tuple[str, str]]:
    """(field, what is wrong) of a draft opinion: class known, clause where the class needs one, text not empty."""
    faults = []
    if cls not in classes:
        faults.append(("cls", "unknown_class"))
    elif classes[cls].needs_clause and not clause:
        faults.append(("clause_code", "clause_needed"))
    if clause and clause not in clauses:
        faults.append(("clause_code", "unknown_clause"))
    if not text.strip():
        faults.append(("text", "empty"))
    return faults


def why_not_conclude(
    conclusion: str, opinions: Iterable[Standing], classes: Mapping[str, OpinionClass], *, remark: str
) -> str | None:
    """Why a task cannot be signed with this conclusion, or None.

    A department may not agree against its own open breach, nor refuse without naming one: a refusal nobody can answer
    is no refusal.
    """
    standing = [item for item in opinions if item.state in STANDING_OPINIONS]
    if any(item.state == "answered" for item in standing):
        return "recheck_first"
    breaches = [item for item in standing if classes[item.cls].blocks]
    if conclusion in {"agree", "agree_with_conditions", "not_concerned"} and breaches:
        return "breach_stands"
    if conclusion == "not_concerned" and standing:
        return "opinions_stand"
    if conclusion in {"revise", "disagree"} and not breaches:
        return "no_breach_named"
    if conclusion == "disagree" and not remark.strip():
        return "reason_needed"
    if conclusion == "agree_with_conditions" and not standing and not remark.strip():
        return "condition_needed"
    return None


def propose_conclusion(opinions: Iterable[Standing], classes: Mapping[str, OpinionClass]) -> str:
    """The conclusion that the department's own opinions suggest."""
    standing = [item for item in opinions if item.state in STANDING_OPINIONS]
    if any(classes[item.cls].blocks for item in standing):
        return "revise"
    return "agree_with_conditions" if standing else "agree"


def is_complete(task_states: Iterable[str]) -> bool:
    """A round is complete when every task is signed, or silent where silence counts; a round without tasks never is."""
    states = list(task_states)
    return bool(states) and all(state in DONE_TASKS for state in states)


def outcome_of_round(
    *, number: int, opinions: Iterable[Standing], classes: Mapping[str, OpinionClass], max_rounds: int
) -> str:
    """What a complete round leads to: `close`, `issue_notice`, or `return` after the last round (退回)."""
    if not any(blocks(item, classes) for item in opinions):
        return "close"
    return "return" if number >= max_rounds else "issue_notice"


def after_recheck(results: Iterable[str | None]) -> str | None:
    """What the authors' rechecks (复核) make of an opinion: `accept` closes it only when every author accepts.

    `keep` and `partly` of one author keep it. None while an author has not looked.
    """
    seen = list(results)
    if any(result is None for result in seen) or not seen:
        return None
    return "accept" if all(result == "accept" for result in seen) else "keep"


def silence_counts(covers: Iterable[str], *, on_timeout: str, never: frozenset[str]) -> bool:
    """May silence count as no objection (逾期视为无意见)?

    Only where the item's own rule says so, and never for fire, structure or air defence (clock_rules.yaml,
    deemed_approval.never).
    """
    return on_timeout == "SILENCE_IS_CONSENT" and never.isdisjoint(covers)
