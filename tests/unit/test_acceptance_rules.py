"""Joint acceptance: who checks what, which result is possible, and the one conclusion."""

from __future__ import annotations

from itertools import product

import pytest

from joint_review.acceptance.rules import (
    CheckKind,
    Finding,
    aggregate,
    checks_to_reinspect,
    plan_acceptance,
    why_not_result,
)
from joint_review.acceptance.states import CHECK_RESULTS

PLANNING = CheckKind("AC-PLN", "NRP", None, "AC-PLN", commitment=True, silence=False)
FIRE = CheckKind("AC-FIR", "HUC", None, "AC-FIR", commitment=True, silence=True)
AIR_DEFENCE = CheckKind("AC-CAD", "CAD", "has_air_defence_basement", "AC-CAD", commitment=True, silence=False)
QUALITY = CheckKind("AC-QUA", "HUC", None, "AC-QUA", commitment=True, silence=False)
TELECOM = CheckKind("AC-COM", "COM", "connection_applied_for", None, commitment=True, silence=True)


def test_one_task_per_department_with_everything_it_checks() -> None:
    facts = {"has_air_defence_basement": True}
    plans = plan_acceptance(
        (PLANNING, FIRE, AIR_DEFENCE, QUALITY, TELECOM),
        lambda kind: facts.get(kind.applies_if) if kind.applies_if else True,
    )
    assert [(plan.department, plan.checks, plan.undecided) for plan in plans] == [
        ("NRP", ("AC-PLN",), ()),
        ("HUC", ("AC-FIR", "AC-QUA"), ()),
        ("CAD", ("AC-CAD",), ()),
        # Nobody said whether a connection was applied for: the department is asked.
        ("COM", ("AC-COM",), ("AC-COM",)),
    ]
    none = plan_acceptance((AIR_DEFENCE,), lambda kind: False)
    assert none == ()


@pytest.mark.parametrize(
    ("kind", "result", "defects", "promise", "reason", "why"),
    [
        (PLANNING, "PASS", 0, False, "", None),
        (PLANNING, "PASS", 1, False, "", "defects_open"),
        (PLANNING, "FAIL", 1, False, "", None),
        (PLANNING, "FAIL", 0, False, "", "defect_needed"),
        (PLANNING, "PASS_WITH_COMMITMENT", 0, True, "", None),
        (PLANNING, "PASS_WITH_COMMITMENT", 0, False, "", "promise_needed"),
        (PLANNING, "PASS_WITH_COMMITMENT", 1, True, "", "defects_open"),
        (PLANNING, "NOT_APPLICABLE", 0, False, "x", "always_applies"),
        (AIR_DEFENCE, "NOT_APPLICABLE", 0, False, "", "reason_needed"),
        (AIR_DEFENCE, "NOT_APPLICABLE", 0, False, "无人防地下室", None),
        (PLANNING, "DEEMED_PASS", 0, False, "", "never_silent"),
        (TELECOM, "DEEMED_PASS", 0, False, "", None),
        # Fire never, whatever the table of the district says.
        (FIRE, "DEEMED_PASS", 0, False, "", "never_silent"),
        (FIRE, "PASS_WITH_COMMITMENT", 0, True, "", "never_by_commitment"),
    ],
)
def test_possible_results(
    kind: CheckKind, result: str, defects: int, promise: bool, reason: str, why: str | None
) -> None:
    assert why_not_result(kind, result, Finding(defects, promise, reason)) == why


def test_a_check_that_is_here_by_a_missing_fact_may_turn_out_not_to_concern() -> None:
    assert why_not_result(PLANNING, "NOT_APPLICABLE", Finding(reason="x", undecided=True)) is None
    assert why_not_result(PLANNING, "NOT_APPLICABLE", Finding(undecided=True)) == "reason_needed"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], "OPEN"),
        (["PASS", None], "OPEN"),
        (["FAIL", None], "OPEN"),
        (["PASS", "PASS"], "PASS"),
        (["PASS", "DEEMED_PASS", "NOT_APPLICABLE"], "PASS"),
        (["PASS", "PASS_WITH_COMMITMENT"], "PASS_WITH_COMMITMENT"),
        (["FAIL", "PASS_WITH_COMMITMENT", "PASS"], "FAIL"),
    ],
)
def test_the_one_conclusion(results: list[str | None], expected: str) -> None:
    assert aggregate(results) == expected


def test_no_combination_passes_over_a_failure_or_a_silence() -> None:
    for results in product((*CHECK_RESULTS, None), repeat=3):
        outcome = aggregate(results)
        if None in results:
            assert outcome == "OPEN"
        elif "FAIL" in results:
            assert outcome == "FAIL"
        else:
            assert outcome in {"PASS", "PASS_WITH_COMMITMENT"}
            assert (outcome == "PASS_WITH_COMMITMENT") == ("PASS_WITH_COMMITMENT" in results)


def test_only_what_failed_is_looked_at_again() -> None:
    assert checks_to_reinspect([("AC-PLN", "PASS"), ("AC-FIR", "FAIL"), ("AC-QUA", "PASS_WITH_COMMITMENT")]) == (
        "AC-FIR",
    )
