"""Planning of tasks, classes of opinion, conclusions, completion and rechecks: tables of cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from joint_review.rules.opinions import (
    OpinionClass,
    Standing,
    after_recheck,
    blocks,
    faults_of_wording,
    is_complete,
    outcome_of_round,
    propose_conclusion,
    silence_counts,
    why_not_conclude,
)
from joint_review.rules.planning import (
    Discipline,
    SheetChange,
    TaskPlan,
    concerned_disciplines,
    plan_tasks,
    tasks_of_next_round,
)

DISCIPLINES = (
    Discipline("PLAN", "NRP", None, "总图"),
    Discipline("ARCH", "HUC", "has_building_works", "A-*"),
    Discipline("STRU", "HUC", "has_building_works", "S-*"),
    Discipline("FIRE", "HUC", "has_building_works", "F-*"),
    Discipline("CADF", "CAD", "has_air_defence_basement", "RF-*"),
    Discipline("LPRO", "MET", "lightning_high_risk", "E-LTNG*"),
    Discipline("PREF", "HUC", None, "-", on_request=True),
)
CLASSES = {
    "MANDATORY": OpinionClass("MANDATORY", must_fix=True, blocks=True, needs_clause=True),
    "DEPTH": OpinionClass("DEPTH", must_fix=True, blocks=True, needs_clause=False),
    "SUGGESTION": OpinionClass("SUGGESTION", must_fix=False, blocks=False, needs_clause=False),
}


def by_facts(facts: dict[str, bool]) -> Callable[[str | None], bool | None]:
    return lambda condition: True if condition is None else facts.get(condition)


def planned(facts: dict[str, bool], **more: Any) -> dict[tuple[str, str | None], TaskPlan]:
    plans = plan_tasks(DISCIPLINES, by_facts(facts), own=("PLAN", "FIRE", "CADF"), rest="ADB", **more)
    assert len({(plan.department, plan.discipline) for plan in plans}) == len(plans)
    return {(plan.department, plan.discipline): plan for plan in plans}


def test_a_building_with_an_air_defence_basement_has_four_tasks() -> None:
    tasks = planned({"has_building_works": True, "has_air_defence_basement": True, "lightning_high_risk": False})
    assert set(tasks) == {("NRP", "PLAN"), ("HUC", "FIRE"), ("CAD", "CADF"), ("ADB", None)}
    assert tasks["ADB", None].covers == ("ARCH", "STRU")


def test_without_the_basement_air_defence_is_not_asked() -> None:
    facts = {"has_building_works": True, "has_air_defence_basement": False, "lightning_high_risk": True}
    tasks = planned(facts)
    assert ("CAD", "CADF") not in tasks
    assert tasks["ADB", None].covers == ("ARCH", "STRU", "LPRO")


def test_an_unknown_fact_keeps_the_discipline_and_says_so() -> None:
    tasks = planned({"has_building_works": True})
    assert tasks["CAD", "CADF"].undecided == ("CADF",)
    assert tasks["ADB", None].undecided == ("LPRO",)


def test_a_discipline_on_request_comes_only_when_asked_for() -> None:
    facts = {"has_building_works": True, "has_air_defence_basement": False, "lightning_high_risk": False}
    assert "PREF" not in planned(facts)["ADB", None].covers
    assert "PREF" in planned(facts, requested=frozenset({"PREF"}))["ADB", None].covers


HINTS = {item.code: item.layer_hint for item in DISCIPLINES}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], frozenset()),
        ([SheetChange("a", "一层平面图", frozenset({"A-WALL"}))], frozenset({"ARCH"})),
        ([SheetChange("a", "一层平面图", frozenset({"a-wall", "F-HYDR"}))], frozenset({"ARCH", "FIRE"})),
        # A layer that says nothing concerns everybody, and so does a picture that cannot be compared.
        ([SheetChange("a", "一层平面图", frozenset({"0"}))], None),
        ([SheetChange("a", "扫描图", None)], None),
        # A site plan belongs to planning by its name; its other layers still speak.
        ([SheetChange("a", "总图", frozenset({"0", "S-COLU"}))], frozenset({"PLAN", "STRU"})),
        ([SheetChange("a", "总图", None)], frozenset({"PLAN"})),
    ],
)
def test_a_change_is_attributed_by_layer_or_name_or_to_everybody(
    changes: list[SheetChange], expected: frozenset[str] | None
) -> None:
    assert concerned_disciplines(changes, HINTS) == expected


PREVIOUS = (
    TaskPlan("NRP", "PLAN", ("PLAN",)),
    TaskPlan("HUC", "FIRE", ("FIRE",)),
    TaskPlan("ADB", None, ("ARCH", "STRU")),
)


@pytest.mark.parametrize(
    ("open_opinions", "touched", "expected"),
    [
        ({("HUC", "FIRE")}, frozenset(), {"HUC"}),
        ({("HUC", "FIRE")}, frozenset({"STRU"}), {"HUC", "ADB"}),
        (set(), frozenset({"PLAN"}), {"NRP"}),
        (set(), None, {"NRP", "HUC", "ADB"}),
        (set(), frozenset(), set()),
    ],
)
def test_the_next_round_asks_only_whom_it_concerns(
    open_opinions: set[tuple[str, str | None]], touched: frozenset[str] | None, expected: set[str]
) -> None:
    plans = tasks_of_next_round(PREVIOUS, frozenset(open_opinions), touched)
    assert {plan.department for plan in plans} == expected


@pytest.mark.parametrize(
    ("cls", "state", "expected"),
    [
        ("MANDATORY", "draft", True),
        ("MANDATORY", "issued", True),
        ("MANDATORY", "answered", True),
        ("MANDATORY", "kept", True),
        ("MANDATORY", "closed", False),
        ("MANDATORY", "withdrawn", False),
        ("MANDATORY", "merged", False),
        ("SUGGESTION", "signed", False),
    ],
)
def test_which_opinions_block_the_certificate(cls: str, state: str, expected: bool) -> None:
    assert blocks(Standing(cls, state), CLASSES) is expected


def test_wording_names_every_fault_at_once() -> None:
    known = {"GB55037-2022#3.4.5"}
    assert faults_of_wording(cls="MANDATORY", clause=None, text=" ", classes=CLASSES, clauses=known) == [
        ("clause_code", "clause_needed"),
        ("text", "empty"),
    ]
    assert faults_of_wording(cls="X", clause="Y", text="t", classes=CLASSES, clauses=known) == [
        ("cls", "unknown_class"),
        ("clause_code", "unknown_clause"),
    ]
    assert not faults_of_wording(
        cls="MANDATORY", clause="GB55037-2022#3.4.5", text="车道净宽 3.2 m", classes=CLASSES, clauses=known
    )
    assert not faults_of_wording(cls="DEPTH", clause=None, text="缺剖面", classes=CLASSES, clauses=known)


BREACH, HINT = Standing("MANDATORY", "draft"), Standing("SUGGESTION", "draft")


@pytest.mark.parametrize(
    ("conclusion", "opinions", "remark", "why"),
    [
        ("agree", [], "", None),
        ("agree", [HINT], "", None),
        ("agree", [BREACH], "", "breach_stands"),
        ("agree", [Standing("MANDATORY", "closed")], "", None),
        ("agree_with_conditions", [HINT], "", None),
        ("agree_with_conditions", [], "", "condition_needed"),
        ("agree_with_conditions", [], "施工前复核坐标", None),
        ("agree_with_conditions", [BREACH], "x", "breach_stands"),
        ("revise", [BREACH], "", None),
        ("revise", [HINT], "", "no_breach_named"),
        ("disagree", [BREACH], "", "reason_needed"),
        ("disagree", [BREACH], "选址不符", None),
        ("disagree", [], "选址不符", "no_breach_named"),
        ("not_concerned", [], "", None),
        ("not_concerned", [HINT], "", "opinions_stand"),
        ("agree", [Standing("MANDATORY", "answered")], "", "recheck_first"),
        ("revise", [Standing("MANDATORY", "kept"), Standing("DEPTH", "answered")], "", "recheck_first"),
        ("revise", [Standing("MANDATORY", "kept")], "", None),
    ],
)
def test_a_task_concludes_only_what_its_opinions_bear(
    conclusion: str, opinions: list[Standing], remark: str, why: str | None
) -> None:
    assert why_not_conclude(conclusion, opinions, CLASSES, remark=remark) == why


@pytest.mark.parametrize("opinions", [[], [HINT], [BREACH], [BREACH, HINT], [Standing("DEPTH", "kept")]])
def test_the_proposed_conclusion_can_always_be_signed(opinions: list[Standing]) -> None:
    assert why_not_conclude(propose_conclusion(opinions, CLASSES), opinions, CLASSES, remark="") is None


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], False),
        (["signed"], True),
        (["signed", "silent"], True),
        (["signed", "open"], False),
        (["signed", "claimed"], False),
        (["signed", "handed_over"], False),
    ],
)
def test_a_round_is_complete_when_all_have_spoken(states: list[str], expected: bool) -> None:
    assert is_complete(states) is expected


@pytest.mark.parametrize(
    ("number", "opinions", "expected"),
    [
        (1, [], "close"),
        (1, [Standing("SUGGESTION", "signed")], "close"),
        (1, [Standing("MANDATORY", "signed")], "issue_notice"),
        (2, [Standing("MANDATORY", "closed"), Standing("DEPTH", "signed")], "issue_notice"),
        (3, [Standing("MANDATORY", "signed")], "return"),
        (3, [Standing("MANDATORY", "closed")], "close"),
    ],
)
def test_what_a_complete_round_leads_to(number: int, opinions: list[Standing], expected: str) -> None:
    assert outcome_of_round(number=number, opinions=opinions, classes=CLASSES, max_rounds=3) == expected


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], None),
        ([None], None),
        (["accept", None], None),
        (["accept"], "accept"),
        (["accept", "accept"], "accept"),
        (["accept", "keep"], "keep"),
        (["partly"], "keep"),
    ],
)
def test_an_opinion_closes_when_every_author_accepts(results: list[str | None], expected: str | None) -> None:
    assert after_recheck(results) == expected


@pytest.mark.parametrize(
    ("covers", "on_timeout", "expected"),
    [
        (("ENER",), "SILENCE_IS_CONSENT", True),
        (("ENER",), "ESCALATE", False),
        (("FIRE",), "SILENCE_IS_CONSENT", False),
        (("ARCH", "STRU"), "SILENCE_IS_CONSENT", False),
    ],
)
def test_silence_never_reaches_fire_or_structure(covers: tuple[str, ...], on_timeout: str, expected: bool) -> None:
    assert silence_counts(covers, on_timeout=on_timeout, never=frozenset({"FIRE", "STRU", "CADF"})) is expected
