"""The pipeline's pure parts: conditions, the network, templates, the choice of one, and the plan."""

from __future__ import annotations

import copy
import itertools
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from projects import domain
from projects.pipeline import graph
from projects.pipeline.choice import choose
from projects.pipeline.conditions import decide, facts_missing, facts_named, parse
from projects.pipeline.planner import Change, Need, Reusable, date_place, make_plan, rank_levers
from projects.pipeline.publishing import Known, faults_before_publishing
from projects.pipeline.template import Template, read_template
from regional_eval.domain import assessment_kinds
from tests.unit.projects.calendars import bundled

TOTALS = {  # issue 3: plan_project on all 7 templates with domain/worst_case_facts.json
    "GOV_BUILDING_40": 40,
    "GOV_MUNICIPAL_LINEAR_40": 39,
    "PRIVATE_FILING_40": 37,
    "PRIVATE_VERIFICATION_40": 40,
    "INDUSTRIAL_STANDARD_LAND_40": 17,
    "SMALL_LOW_RISK_40": 12,
    "ZERO_LAND_RENOVATION_40": 13,
}
# domain.md section 1: only the items without a condition, everything reusable reused.
UNCONDITIONAL = {**TOTALS, "INDUSTRIAL_STANDARD_LAND_40": 14, "ZERO_LAND_RENOVATION_40": 3}
# The stage windows that the reference script critical_path.py prints.
WINDOWS = {
    "GOV_BUILDING_40": {"S1": (0, 15), "S2": (15, 25), "S3": (23, 33), "S4": (33, 40)},
    "GOV_MUNICIPAL_LINEAR_40": {"S1": (0, 14), "S2": (14, 24), "S3": (22, 32), "S4": (32, 39)},
    "INDUSTRIAL_STANDARD_LAND_40": {"S1": (0, 2), "S2": (2, 5), "S3": (3, 10), "S4": (10, 17)},
    "PRIVATE_FILING_40": {"S1": (0, 3), "S2": (3, 15), "S3": (15, 27), "S4": (27, 37)},
    "PRIVATE_VERIFICATION_40": {"S1": (0, 15), "S2": (15, 24), "S3": (24, 33), "S4": (33, 40)},
    "SMALL_LOW_RISK_40": {"S1": (0, 1), "S2": (1, 6), "S4": (6, 12)},
    "ZERO_LAND_RENOVATION_40": {"S1": (0, 1), "S3": (1, 6), "S4": (6, 13)},
}


def template(code: str) -> Template:
    return read_template(domain.template(code))


def known() -> Known:
    items = domain.read("items")
    return Known(
        facts={fact["code"] for fact in domain.read("facts")["facts"]},
        departments={department["code"] for department in items["departments"]},
        grounds={pause["code"] for pause in domain.read("clock_rules")["pauses"]},
        assessments=set(assessment_kinds()),
    )


# Conditions


@pytest.mark.parametrize(
    ("text", "facts", "verdict"),
    [
        (None, {}, True),
        ("", {}, True),
        ("a", {"a": True}, True),
        ("a", {"a": False}, False),
        ("a", {}, None),
        ("a", {"a": None}, None),  # "I do not know"
        ("a", {"a": 3}, None),  # not a yes-or-no fact: undecided, never guessed
        ("n >= 1000 or m >= 5000", {"n": 1000}, True),
        ("n >= 1000 or m >= 5000", {"n": 999}, None),
        ("n >= 1000 or m >= 5000", {"n": 999, "m": 4999.5}, False),
        ("n >= 1000", {"n": "1000"}, None),
        ("n == 0", {"n": False}, None),
        ("e in ['REPORT','FORM']", {"e": "FORM"}, True),
        ("e in ['REPORT','FORM']", {"e": "NONE"}, False),
        ("e in ['REPORT','FORM']", {}, None),
        ("e not in ['REPORT']", {"e": "FORM"}, True),
        ("not a and b", {"a": False, "b": True}, True),
        ("not (a and b)", {"a": False}, True),
        ("a and b", {"a": False}, False),
        ("a or b and c", {"a": False, "b": True, "c": True}, True),
        ("(a or b) and c", {"a": True, "c": False}, False),
        ("e == 'REPORT'", {"e": "REPORT"}, True),
        ("e != 'REPORT'", {"e": "REPORT"}, False),
        ("a == true", {"a": True}, True),
        ("n < -1.5", {"n": -2}, True),
    ],
)
def test_a_condition_has_three_answers(text: str | None, facts: dict[str, Any], verdict: bool | None) -> None:
    """domain.md section 1: an unknown fact makes the item "to be decided", never dropped."""
    assert decide(text, facts) is verdict


@pytest.mark.parametrize(
    "text",
    [
        "a >",
        "(a",
        "a)",
        "a in []",
        "a in 'x'",
        "a b",
        "and a",
        "not",
        "a >= 'x' or",
        "a @ b",
        "__import__('os').system('true')",
        "a.b",
        "1 < a",
        "not " * 500 + "a",
        "(" * 500 + "a" + ")" * 500,
        "a" * 3000,
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse(text)
    assert refusal.value.code == "bad_condition"


def test_the_missing_facts_are_named() -> None:
    assert facts_missing("a or n > 3 and b", {"b": True}) == ["a", "n"]
    assert facts_missing("a or n > 3", {"a": True}) == []


@given(st.text(max_size=60))
def test_no_text_ever_does_more_than_be_refused(text: str) -> None:
    try:
        condition = parse(text)
    except Refused:
        return
    assert condition.decide({}) in {None}
    assert facts_named(condition)


# The network


@pytest.mark.parametrize("code", sorted(TOTALS))
def test_the_critical_path_equals_the_reference(code: str) -> None:
    made = template(code)
    days = {item.code: item.days_on_clock for item in made.items}
    schedule = graph.schedule(made.prerequisites, days)
    assert schedule.total == TOTALS[code]
    # The path is a chain of the network, critical throughout, and as long as the total.
    path = schedule.critical_path
    assert sum(days[item] for item in path) == schedule.total
    assert all(schedule.places[item].critical for item in path)
    for earlier, later in itertools.pairwise(path):
        assert earlier in graph.ancestors(made.prerequisites, later)


@pytest.mark.parametrize("code", sorted(UNCONDITIONAL))
def test_switched_off_items_hand_their_prerequisites_on(code: str) -> None:
    made = template(code)
    kept = [
        i.code for i in made.items if not i.applies_if and not (i.regional_assessment and i.regional_effect == "EXEMPT")
    ]
    days = {item.code: item.days_on_clock for item in made.items}
    assert graph.longest_chain(made.prerequisites, days, kept) == UNCONDITIONAL[code]


REFERENCE = Path(__file__).parents[4] / "shared" / "domain" / "critical_path.py"


@pytest.mark.fixtures
@pytest.mark.skipif(not REFERENCE.exists(), reason="LOUD: ../shared/domain/critical_path.py is not beside this folder")
def test_the_reference_script_says_the_same_of_our_templates(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [str(path) for path in domain.template_paths().values()]
    monkeypatch.setattr(sys, "argv", ["critical_path.py", *paths])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(REFERENCE))
    assert ended.value.code in (0, False)
    printed = capsys.readouterr().out
    for code, total in TOTALS.items():
        line = next(line for line in printed.splitlines() if line.startswith(code))
        assert f"worst-case={total:3}" in line


def test_a_cycle_is_named() -> None:
    with pytest.raises(Refused) as refusal:
        graph.order_of({"A": ["C"], "B": ["A"], "C": ["B"], "D": ["A"]})
    assert refusal.value.code == "cycle"
    assert all(code in refusal.value.message for code in "ABC")
    assert "D" not in refusal.value.message


def test_a_prerequisite_that_does_not_exist_is_named() -> None:
    with pytest.raises(Refused) as refusal:
        graph.order_of({"A": ["Z"]})
    assert refusal.value.code == "unknown_prerequisite"
    assert "Z" in refusal.value.message


@st.composite
def networks(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, int]]:
    size = draw(st.integers(1, 12))
    names = [f"N{number}" for number in range(size)]
    needed = {
        name: draw(st.lists(st.sampled_from(names[:n]), unique=True)) if n else [] for n, name in enumerate(names)
    }
    shuffled = draw(st.permutations(names))
    return {name: needed[name] for name in shuffled}, {name: draw(st.integers(0, 9)) for name in names}


def every_path(needed: dict[str, list[str]], code: str) -> list[list[str]]:
    paths = [[*path, code] for other in needed[code] for path in every_path(needed, other)]
    return paths or [[code]]


@settings(max_examples=200, deadline=None)
@given(networks())
def test_the_schedule_equals_all_paths_tried(network: tuple[dict[str, list[str]], dict[str, int]]) -> None:
    needed, days = network
    schedule = graph.schedule(needed, days)
    longest = {code: max(sum(days[step] for step in path) for path in every_path(needed, code)) for code in needed}
    assert {code: place.ef for code, place in schedule.places.items()} == longest
    assert schedule.total == max(longest.values())
    for code, place in schedule.places.items():
        assert place.slack >= 0
        later = dict(days)
        later[code] += place.slack
        assert graph.schedule(needed, later).total == schedule.total
        later[code] += 1
        assert graph.schedule(needed, later).total == schedule.total + 1


@settings(max_examples=200, deadline=None)
@given(networks(), st.data())
def test_handing_on_keeps_the_order_of_the_rest(
    network: tuple[dict[str, list[str]], dict[str, int]], data: st.DataObject
) -> None:
    needed, _days = network
    kept = data.draw(st.sets(st.sampled_from(sorted(needed))))
    handed = graph.hand_on(needed, kept)
    assert set(handed) == kept
    for code in kept:
        assert graph.ancestors(handed, code) == graph.ancestors(needed, code) & kept


# Templates


@pytest.mark.parametrize("code", sorted(TOTALS))
def test_every_template_may_be_published(code: str) -> None:
    assert faults_before_publishing(template(code), known()) == []


def draft(**changes: Any) -> dict[str, Any]:
    raw: dict[str, Any] = copy.deepcopy(domain.template("PRIVATE_FILING_40"))
    raw.update(changes)
    return raw


def with_item(code: str, **changes: Any) -> dict[str, Any]:
    raw = draft()
    next(item for item in raw["items"] if item["code"] == code).update(changes)
    return raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ([], "bad_template"),
        ({"template_code": "X"}, "bad_template"),
        ({"template_code": "X", "items": [{"name_zh": "没有编码"}]}, "bad_template"),
        ({"template_code": "X", "items": ["DR-REC"]}, "bad_template"),
        (with_item("DR-REC", limit_working_days=-1), "negative_limit"),
        (with_item("DR-REC", limit_working_days="1"), "bad_template"),
        (with_item("DR-REC", limit_working_days=True), "bad_template"),
        (with_item("DR-REC", kind="PARTY"), "bad_template"),
        (with_item("DR-REC", stage="S9"), "bad_template"),
        (with_item("DR-REC", counts_toward_total="yes"), "bad_template"),
        (with_item("DR-REC", prerequisites=["HU-CPM"]), "cycle"),
        (with_item("DR-REC", prerequisites=["NO-SUCH"]), "unknown_prerequisite"),
        (with_item("DR-REC", applies_if="land_area_m2 >"), "bad_condition"),
        (with_item("DR-REC", regional_effect="MAGIC"), "bad_template"),
        (with_item("DR-REC", statutory_limit={"value": -2, "unit": "working_day"}), "negative_limit"),
        (draft(steps=[{"code": "X", "posts": ["pos_boss"]}]), "bad_template"),
    ],
)
def test_a_broken_template_is_refused_and_named(raw: Any, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_template(raw)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (with_item("DR-REC", applies_if="has_pool"), "unknown_reference", "DR-REC"),
        (with_item("DR-REC", department="XXX"), "unknown_reference", "DR-REC"),
        (with_item("DR-REC", pause_reasons=["COFFEE"]), "unknown_reference", "DR-REC"),
        (with_item("EA-GEO", regional_assessment="ASTROLOGY"), "unknown_reference", "EA-GEO"),
        (with_item("NR-LUP", prerequisites=["EV-DSN"]), "cycle", ""),
        (with_item("PL-GEN", prerequisites=["EV-LND"]), "unreachable", "PL-GEN"),
        (with_item("HU-DRW", limit_working_days=13), "over_total", "PRIVATE_FILING_40"),
        (with_item("NR-SCH", limit_working_days=9), "over_stage", "S2"),
        (with_item("AC-FIR", on_timeout="SILENCE_IS_CONSENT"), "silence", "AC-FIR"),
        (with_item("NR-CEP", on_timeout="DEEMED_APPROVED"), "silence", "NR-CEP"),
    ],
)
def test_what_keeps_a_draft_from_being_published(raw: Any, code: str, place: str) -> None:
    if code == "cycle":
        with pytest.raises(Refused):
            read_template(raw)
        return
    faults = faults_before_publishing(read_template(raw), known())
    assert (code, place) in {(fault.code, fault.place) for fault in faults}


@pytest.mark.parametrize("name", ["其他材料", "有关材料", "其他相关证明材料", "审批所需的有关资料", "设计文件等材料"])
def test_a_vague_paper_is_refused(name: str) -> None:
    """廊坊市意见: no catch-all papers."""
    raw = draft()
    raw["items"][0]["materials"].append({"code": "M-X", "name_zh": name})
    assert "vague_material" in {fault.code for fault in faults_before_publishing(read_template(raw), known())}


@pytest.mark.parametrize("condition", ["法律、法规规定的其他条件", "符合有关要求", "其它情形"])
def test_a_vague_condition_is_refused(condition: str) -> None:
    """廊坊市意见: no catch-all conditions either."""
    raw = with_item("DR-REC", conditions=["已取得投资项目代码", condition])
    found = [
        fault for fault in faults_before_publishing(read_template(raw), known()) if fault.code == "vague_condition"
    ]
    assert [fault.place for fault in found] == ["DR-REC"]
    assert condition in found[0].message


@pytest.mark.parametrize("code", sorted(domain.template_paths()))
def test_the_main_items_say_who_may_apply_and_what_is_examined(code: str) -> None:
    """审批标准清单: what is decided by hand for a permit says it; what has no text of law for it is not invented."""
    items = {item.code: item for item in read_template(domain.template(code)).items}
    for main in {"HU-CPM", "NR-CEP", "HU-DRW", "AC-FIR", "DR-REC", "DR-CHK"} & set(items):
        assert items[main].conditions, main
        assert items[main].review_criteria, main


# The choice of a template


@pytest.mark.parametrize(
    ("facts", "chosen"),
    [
        ({"investment": "GOVERNMENT", "management": "APPROVAL", "use": "HOUSING"}, "GOV_BUILDING_40"),
        ({"investment": "GOVERNMENT", "management": "APPROVAL", "use": "ROAD"}, "GOV_MUNICIPAL_LINEAR_40"),
        ({"investment": "PRIVATE", "management": "VERIFICATION", "use": "ENERGY"}, "PRIVATE_VERIFICATION_40"),
        ({"investment": "PRIVATE", "management": "FILING", "use": "OFFICE"}, "PRIVATE_FILING_40"),
        (
            {
                "investment": "PRIVATE",
                "management": "FILING",
                "use": "OFFICE",
                "floor_area_m2": 3000,
                "building_height_m": 12,
                "fire_special_project": False,
                "environmental_sensitive_area": False,
            },
            "SMALL_LOW_RISK_40",
        ),
        (
            {
                "investment": "PRIVATE",
                "management": "COMMITMENT_FILING",
                "use": "INDUSTRY",
                "no_new_land": True,
                "no_new_floor_area": True,
            },
            "ZERO_LAND_RENOVATION_40",
        ),
        ({"investment": "PRIVATE", "management": "FILING", "use": "ENERGY", "floor_area_m2": 99999}, None),
        ({}, None),
    ],
)
def test_the_template_is_chosen_by_facts_and_priority(facts: dict[str, Any], chosen: str | None) -> None:
    assert choose([template(code) for code in TOTALS], facts).chosen == chosen


def test_a_template_that_might_come_first_is_named_with_what_is_missing() -> None:
    facts = {"investment": "PRIVATE", "management": "FILING", "use": "OFFICE", "floor_area_m2": 3000}
    choice = choose([template(code) for code in TOTALS], facts)
    assert choice.chosen == "PRIVATE_FILING_40"
    small = next(fit for fit in choice.might_come_first if fit.code == "SMALL_LOW_RISK_40")
    assert set(small.missing) == {"fire_special_project", "environmental_sensitive_area", "building_height_m"}


def test_none_fits_is_said() -> None:
    facts = {"investment": "GOVERNMENT", "management": "FILING", "use": "OFFICE"}
    assert choose([template(code) for code in TOTALS], facts).none_fits


def test_standard_land_needs_every_reuse() -> None:
    facts = {"investment": "PRIVATE", "management": "FILING", "use": "INDUSTRY", "land": "STANDARD_LAND"}
    industrial = template("INDUSTRIAL_STANDARD_LAND_40")
    kinds = {i.regional_assessment for i in industrial.items if i.regional_effect in {"EXEMPT", "COMMITMENT"}}
    assert choose([industrial], facts, reusable={kind for kind in kinds if kind}).chosen == industrial.code
    assert choose([industrial], facts, reusable=set()).chosen is None
    assert choose([industrial], facts).might_come_first[0].missing == ("requires_regional_reuse",)


# The plan


@pytest.mark.parametrize("code", sorted(TOTALS))
def test_the_worst_case_of_every_template(code: str) -> None:
    plan = make_plan(template(code), domain.worst_case_facts())
    assert plan.total == TOTALS[code]
    assert {window.code: (window.first, window.last) for window in plan.stages} == WINDOWS[code]


@pytest.mark.parametrize("code", sorted(TOTALS))
def test_nothing_known_is_planned_as_everything_needed(code: str) -> None:
    plan = make_plan(template(code), {})
    assert plan.total == TOTALS[code]
    assert {item.spec.code for item in plan.undecided} == {i.code for i in template(code).items if i.applies_if}


def test_a_fact_switches_an_item_off_and_its_prerequisites_pass_on() -> None:
    plan = make_plan(template("PRIVATE_FILING_40"), {"traffic_generator": False})
    assert plan.item("EA-TRA").need is Need.NOT_NEEDED
    assert plan.item("EA-TRA").applies == "no"
    assert plan.item("NR-CEP").prerequisites == ("NR-SCH", "NR-LUP")


@pytest.mark.parametrize(
    ("kind", "outcome", "item", "need"),
    [
        ("GEO_HAZARD", "REUSABLE", "EA-GEO", Need.REUSED),
        ("GEO_HAZARD", "REUSABLE_WITH_COMMITMENT", "EA-GEO", Need.PROMISED),
        ("GEO_HAZARD", "PARTIAL", "EA-GEO", Need.NEEDED),
        ("GEO_HAZARD", "UNKNOWN", "EA-GEO", Need.NEEDED),
        ("GEO_HAZARD", "NOT_NEEDED", "EA-GEO", Need.NOT_NEEDED),
        ("SOIL_WATER", "REUSABLE", "EA-WSC", Need.PROMISED),
        ("EIA", "REUSABLE", "EA-EIA", Need.SIMPLIFIED),  # the item still runs
        # What the approved assessment itself allows is stricter than the catalogue: the stricter holds, never the milder.
        ("GEO_HAZARD", Reusable("REUSABLE", "SIMPLIFIED"), "EA-GEO", Need.SIMPLIFIED),
        ("SOIL_WATER", Reusable("REUSABLE", "EXEMPT"), "EA-WSC", Need.PROMISED),
        ("GEO_HAZARD", Reusable("NOT_NEEDED", None), "EA-GEO", Need.NOT_NEEDED),
    ],
)
def test_what_a_regional_assessment_changes(kind: str, outcome: str | Reusable, item: str, need: Need) -> None:
    """domain.md section 2: effects EXEMPT, SIMPLIFIED, COMMITMENT; "not needed here" is not "missing"."""
    plan = make_plan(template("PRIVATE_FILING_40"), domain.worst_case_facts(), reuse={kind: outcome})
    assert plan.item(item).need is need


def test_reuse_does_not_decide_an_item_that_does_not_apply() -> None:
    plan = make_plan(template("PRIVATE_FILING_40"), {"in_mineral_area": False}, reuse={"MINERAL": "REUSABLE"})
    assert plan.item("EA-MIN").need is Need.NOT_NEEDED


def test_what_ifs_and_honest_zeros() -> None:
    """domain.md section 1: reuse does not shorten these templates; we do not claim that it does."""
    made, facts = template("GOV_BUILDING_40"), domain.worst_case_facts()
    levers = rank_levers(made, facts)
    assert {lever.days_saved for lever in levers if lever.change.kind == "reuse"} == {0}
    assert make_plan(made, facts, changes={"HU-DRW": Change("more", 5)}).total == 45
    assert make_plan(made, facts, changes={"HU-DRW": Change("commit")}).total < 40
    with pytest.raises(Refused) as refusal:
        make_plan(made, facts, changes={"HU-DRW": Change("more", -50)})
    assert refusal.value.code == "negative_limit"
    with pytest.raises(Refused) as refusal:
        make_plan(made, facts, changes={"NO-SUCH": Change("commit")})
    assert refusal.value.code == "unknown_item"


def test_places_become_dates() -> None:
    from datetime import date

    plan = make_plan(template("PRIVATE_FILING_40"), domain.worst_case_facts())
    zero = date(2026, 11, 23)
    first = plan.item("DR-REC")
    assert first.place is not None
    assert date_place(first.place, zero, bundled()).due_on == date(2026, 11, 24)
    event = plan.item("EV-LND")
    assert event.place is not None
    dates = date_place(event.place, zero, bundled())
    assert dates.start_on == dates.due_on
    last = plan.item("AC-REC")
    assert last.place is not None
    made = date_place(last.place, zero, bundled())
    assert made.provisional
    assert bundled().between(zero, made.due_on) == plan.total
