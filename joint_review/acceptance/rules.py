"""Decisions of joint acceptance (联合验收), pure.

Source: acceptance.yaml (aggregate, defect.rule); domain.md section 5.

Fire never passes by silence or by commitment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

FIRE = "AC-FIR"
PASSING = frozenset({"PASS", "DEEMED_PASS"})


@dataclass(frozen=True)
class CheckKind:
    """One thing that a department checks (验收事项)."""

    code: str
    department: str
    applies_if: str | None
    item: str | None
    commitment: bool
    silence: bool


@dataclass(frozen=True)
class DepartmentPlan:
    """One task: a department and all it checks here; `undecided`: a fact is missing, the department says so."""

    department: str
    checks: tuple[str, ...]
    undecided: tuple[str, ...]


def plan_acceptance(
    kinds: Iterable[CheckKind], applies: Callable[[CheckKind], bool | None]
) -> tuple[DepartmentPlan, ...]:
    """One task per department with every check that applies; an undecided one stays in, never dropped."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for kind in kinds:
        verdict = applies(kind)
        if verdict is not False:
            found.setdefault(kind.department, []).append((kind.code, verdict is None))
    return tuple(
        DepartmentPlan(department, tuple(code for code, _ in checks), tuple(code for code, open_ in checks if open_))
        for department, checks in found.items()
    )


@dataclass(frozen=True)
class Finding:
    """What is known of a check when its result is noted. `undecided`: a fact is missing, it may not concern here."""

    failing_defects: int = 0
    promise: bool = False
    reason: str = ""
    undecided: bool = False


def why_not_result(kind: CheckKind, result: str, finding: Finding) -> str | None:
    """Why a department may not give this result for a check, or None.

    PASS and PASS_WITH_COMMITMENT need no failing defect open, FAIL needs one: a failure nobody can mend is no failure.
    """
    if result == "DEEMED_PASS" and (kind.code == FIRE or not kind.silence):
        return "never_silent"
    if result == "PASS_WITH_COMMITMENT":
        if kind.code == FIRE or not kind.commitment:
            return "never_by_commitment"
        if not finding.promise:
            return "promise_needed"
    if result == "FAIL" and finding.failing_defects == 0:
        return "defect_needed"
    if result != "FAIL" and finding.failing_defects > 0:
        return "defects_open"
    if result == "NOT_APPLICABLE":
        if kind.applies_if is None and not finding.undecided:
            return "always_applies"
        if not finding.reason.strip():
            return "reason_needed"
    return None


def aggregate(results: Iterable[str | None]) -> str:
    """The one conclusion of all checks (汇总结论): PASS, PASS_WITH_COMMITMENT, FAIL or OPEN.

    OPEN while an applicable check has no result; FAIL as soon as all have one and any failed; nothing at all is OPEN.
    """
    seen = list(results)
    if not seen or any(result is None for result in seen):
        return "OPEN"
    applicable = [result for result in seen if result != "NOT_APPLICABLE"]
    if any(result == "FAIL" for result in applicable):
        return "FAIL"
    if any(result == "PASS_WITH_COMMITMENT" for result in applicable):
        return "PASS_WITH_COMMITMENT"
    return "PASS" if all(result in PASSING for result in applicable) else "OPEN"


def checks_to_reinspect(results: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Re-inspection covers only failed checks; what passed keeps its date (只复验未通过项)."""
    return tuple(code for code, result in results if result == "FAIL")
