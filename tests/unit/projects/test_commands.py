"""`due_date`, `plan_project`, `load_domain` as their users see them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.db import connection

from projects import domain
from tests.unit.projects.test_pipeline import TOTALS, WINDOWS

pytestmark = pytest.mark.django_db


def run(*args: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the JSON answer."""
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command(*args, "--json", stdout=out, stderr=err)
    except SystemExit as end:
        status = int(end.code or 0)
    lines = out.getvalue().strip().splitlines()
    assert len(lines) == 1
    assert "Traceback" not in err.getvalue()
    answer: dict[str, Any] = json.loads(lines[0])
    return status, answer


@pytest.mark.parametrize("vector", domain.read("clock_rules")["test_vectors"], ids=lambda v: str(v["accepted_at"]))
def test_due_date_gives_the_vectors(vector: dict[str, Any]) -> None:
    pauses = [word for a, b in vector["pauses"] for word in ("--pause", f"{a}..{b}")]
    status, answer = run("due_date", "--accept", str(vector["accepted_at"]), "--limit", str(vector["limit"]), *pauses)
    assert (status, answer["due_on"], answer["warn_on"]) == (0, vector["due"], str(vector["warn_on"]))
    assert sum(day["counted"] for day in answer["days"]) == vector["limit"]
    assert answer["days"][0]["why"] == "受理日，不计入"
    assert not answer["provisional"]


def test_due_date_in_an_unpublished_year_and_in_calendar_days() -> None:
    _status, answer = run("due_date", "--accept", "2026-11-23", "--limit", "40")
    assert (answer["due_on"], answer["provisional"]) == ("2027-01-19", True)
    _status, answer = run("due_date", "--accept", "2026-09-28T09:00", "--limit", "7", "--unit", "calendar_day")
    assert answer["due_on"] == "2026-10-08"
    assert answer["days"][-1]["why"] == "期限已满，届满日顺延至工作日"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--accept", "someday", "--limit", "5"), "instant"),
        (("--accept", "2026-03-02", "--limit", "-5"), "negative_limit"),
        (("--accept", "2026-03-02", "--limit", "five"), "limit"),
        (("--accept", "2026-03-02", "--limit", "99999"), "limit_too_long"),
        (("--accept", "2026-03-02", "--limit", "5", "--unit", "month"), "unit"),
        (("--accept", "2026-03-02", "--limit", "5", "--pause", "2026-03-09..2026-03-01"), "pause_order"),
        (("--accept", "2026-03-02", "--limit", "5", "--pause", "2026-03-09"), "pause"),
        (("--accept", "1912-01-01", "--limit", "5"), "date_out_of_range"),
    ],
)
def test_due_date_refuses_in_words(args: tuple[str, ...], code: str) -> None:
    status, answer = run("due_date", *args)
    assert (status, answer["verdict"], answer["code"]) == (2, "refused", code)
    assert answer["message"]


@pytest.fixture
def worst(tmp_path: Path) -> str:
    path = tmp_path / "worst.json"
    path.write_text(json.dumps(domain.worst_case_facts()), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("code", sorted(TOTALS))
def test_plan_project_gives_the_totals(code: str, worst: str) -> None:
    status, plan = run("plan_project", "--template", code, "--facts", worst, "--accept", "2026-03-02T10:00")
    assert (status, plan["total_days"]) == (0, TOTALS[code])
    assert {stage["code"]: (stage["from"], stage["to"]) for stage in plan["stages"]} == WINDOWS[code]
    items = {item["code"]: item for item in plan["items"]}
    assert {"yes", "no", "undecided"} >= {item["applies"] for item in plan["items"]}
    assert max(item["ef"] or 0 for item in plan["items"]) == plan["total_days"]
    assert all(items[step]["critical"] and items[step]["slack"] == 0 for step in plan["critical_path"])
    saved = [lever["days_saved"] for lever in plan["levers"]]
    assert saved == sorted(saved, reverse=True)


# A template of 25 items that is in no repository: 43 days by hand (spatial.md section 5).
CHAIN = ["A01", "A03", "A06", "A09", "A11", "A14", "A17", "A20", "A23", "A24", "A25"]
DAYS = {"A01": 1, "A03": 5, "A06": 4, "A09": 5, "A11": 6, "A14": 5, "A17": 2, "A20": 5, "A23": 4, "A24": 4, "A25": 2}


def foreign() -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for number in range(1, 26):
        code = f"A{number:02}"
        on_chain = code in CHAIN
        before = [CHAIN[CHAIN.index(code) - 1]] if on_chain and code != "A01" else [] if on_chain else ["A01"]
        items.append({"code": code, "limit_working_days": DAYS.get(code, 1), "prerequisites": before})
    by_code = {item["code"]: item for item in items}
    by_code["A11"] |= {"regional_assessment": "GEO_HAZARD", "regional_effect": "EXEMPT"}
    by_code["A12"] |= {"regional_assessment": "MINERAL", "regional_effect": "EXEMPT"}
    by_code["A20"] |= {"applies_if": "has_tower"}
    return {"template_code": "FOREIGN", "total_limit_working_days": 60, "items": items}


@pytest.fixture
def template(tmp_path: Path) -> str:
    path = tmp_path / "foreign.yaml"
    path.write_text(yaml.safe_dump(foreign()), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("what_if", "total"),
    [
        ([], 43),
        (["--what-if", "A11=reuse"], 37),
        (["--what-if", "A12=reuse"], 43),  # not on the path: an honest zero
        (["--what-if", "A17=commit"], 42),
        (["--what-if", "A17=+5"], 48),
        (["--what-if", "A11=reuse", "A17=+5"], 42),
        (["--what-if", "A11=reuse,A17=+5"], 42),
        (["--what-if", "A11=reuse", "--what-if", "A03=-2"], 35),
    ],
)
def test_plan_project_on_a_template_of_no_repository(template: str, what_if: list[str], total: int) -> None:
    status, plan = run("plan_project", "--template", template, *what_if)
    assert (status, plan["total_days"]) == (0, total)
    if not what_if:
        assert plan["critical_path"] == CHAIN
        assert plan["levers"][0] == {"change": "A11=reuse", "days_saved": 6}
        assert {"change": "A12=reuse", "days_saved": 0} in plan["levers"]


def test_a_templates_own_fact_is_known_to_it(template: str, tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"has_tower": false}', encoding="utf-8")
    _status, plan = run("plan_project", "--template", template, "--facts", str(facts))
    assert plan["total_days"] == 38
    tower = next(item for item in plan["items"] if item["code"] == "A20")
    assert (tower["applies"], tower["es"], tower["due_on"], tower["critical"]) == ("no", None, None, False)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": []}, "bad_template"),
        ({"items": [{"code": "A", "limit_working_days": 1, "prerequisites": ["B"]}]}, "unknown_prerequisite"),
        (
            {
                "items": [
                    {"code": "A", "limit_working_days": 1, "prerequisites": ["B"]},
                    {"code": "B", "limit_working_days": 1, "prerequisites": ["A"]},
                ]
            },
            "cycle",
        ),
        ({"items": [{"code": "A", "limit_working_days": -1}]}, "negative_limit"),
        (
            {
                "stages": [{"code": "S1"}, {"code": "S2"}],
                "items": [
                    {"code": "A", "limit_working_days": 1, "stage": "S1", "prerequisites": ["B"]},
                    {"code": "B", "limit_working_days": 1, "stage": "S2"},
                ],
            },
            "unreachable",
        ),
        ({"items": [{"code": "A", "limit_working_days": 1, "applies_if": "x >"}]}, "bad_condition"),
    ],
)
def test_plan_project_refuses_a_broken_template(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(foreign() | change), encoding="utf-8")
    status, answer = run("plan_project", "--template", str(path))
    assert (status, answer["code"]) == (2, code)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ('{"has_pool": true}', "unknown_fact"),
        ('{"land_area_m2": "large"}', "fact_type"),
        ('{"land_area_m2": -1}', "fact_type"),
        ("[1]", "facts_file"),
        ("{", "facts_file"),
    ],
)
def test_plan_project_refuses_wrong_facts(tmp_path: Path, facts: str, code: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(facts, encoding="utf-8")
    status, answer = run("plan_project", "--template", "PRIVATE_FILING_40", "--facts", str(path))
    assert (status, answer["code"]) == (2, code)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--template", "NO_SUCH"), "no_template"),
        (("--template", "PRIVATE_FILING_40", "--facts", "/no/such/file"), "facts_file"),
        (("--template", "PRIVATE_FILING_40", "--what-if", "HU-DRW=magic"), "what_if"),
        (("--template", "PRIVATE_FILING_40", "--what-if", "NO-SUCH=reuse"), "unknown_item"),
        (("--template", "PRIVATE_FILING_40", "--accept", "yesterday"), "instant"),
    ],
)
def test_plan_project_refuses_in_words(args: tuple[str, ...], code: str) -> None:
    status, answer = run("plan_project", *args)
    assert (status, answer["code"]) == (2, code)


def test_load_domain_puts_everything_in_force_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE projects_pipelineedition, projects_calendaryear CASCADE")
    _status, first = run("load_domain")
    assert sorted(first["loaded"]) == sorted(TOTALS)
    _status, second = run("load_domain")
    assert (second["loaded"], len(second["templates"]), second["years"]) == ([], 7, [2024, 2025, 2026])
    assert {row["code"]: row["critical_days"] for row in second["templates"]} == TOTALS


@pytest.mark.parametrize(
    "args",
    [
        ("due_date", "--accept", "2026-03-02", "--limit", "5"),
        ("plan_project", "--template", "SMALL_LOW_RISK_40"),
        ("load_domain",),
    ],
)
def test_without_json_it_is_readable(args: tuple[str, ...]) -> None:
    out = StringIO()
    call_command(*args, stdout=out, stderr=StringIO())
    assert len(out.getvalue().splitlines()) >= 5
