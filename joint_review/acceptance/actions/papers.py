"""The papers of joint acceptance: the consolidated opinion (联合验收意见书) and the merged rectification notice."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.legal_day import SHANGHAI
from certificates.actions import issue_paper
from joint_review import catalogue
from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, Defect
from ledger.actor import Actor

OUTCOME_WORDS = {"PASS": "通过", "PASS_WITH_COMMITMENT": "通过（附承诺）"}
RESULT_WORDS = {
    "PASS": "通过",
    "PASS_WITH_COMMITMENT": "通过（附承诺）",
    "NOT_APPLICABLE": "不涉及",
    "DEEMED_PASS": "逾期视为通过",
    "FAIL": "不通过",
}


def issue_opinion(round_: AcceptanceRound, checks: list[AcceptanceCheck], *, actor: Actor) -> Any:
    """One consolidated opinion with every check, its department and date, commitments and remarks."""
    departments = department_names(round_)
    body: list[object] = [
        {
            "table": {
                "head": ["验收事项", "部门", "结论", "签署日期"],
                "rows": [check_row(check) for check in checks],
                "widths": [4, 4, 2, 2],
            }
        }
    ]
    promises = [
        f"{catalogue.check_names()[check.code].zh}：{check.promise}（责任人：{check.promise_by}；期限：{day(check.promise_due_on)}）"
        for check in checks
        if check.result == "PASS_WITH_COMMITMENT"
    ]
    if promises:
        body.append({"appendix": "承诺事项", "blocks": [{"list": promises}]})
    notes = [
        f"{defect.place}：{defect.text}"
        for defect in Defect.objects.filter(check_of__task__round=round_, state="listed").order_by("number")
    ]
    if notes:
        body.append({"appendix": "提示事项（不影响验收结论）", "blocks": [{"list": notes}]})
    return issue_paper(
        "joint_acceptance_opinion",
        project_id=round_.project_id,
        district_id=round_.project.district_id,
        organisation_id=round_.project.owner_id,
        addressee=round_.project.owner.name,
        facts={
            "project_name": round_.project.name,
            "project_code": round_.project.code,
            "owner_name": round_.project.owner.name,
            "departments": "、".join(departments),
            "inspected_on": local_day(round_),
            "conclusion": OUTCOME_WORDS[round_.outcome],
        },
        body=body,
        signer_department_code=round_.convened_by.code,
        department_codes=department_codes(round_),
        actor=actor,
    )


def issue_rectification_paper(round_: AcceptanceRound, defects: list[Defect], *, due_on: date, actor: Actor) -> Any:
    """One list of everything to mend, from all departments."""
    rows = [
        [
            str(defect.number),
            defect.check_of.task.department.name_zh,
            defect.place,
            defect.text + (f"（{catalogue.clauses()[defect.clause_code].cited()}）" if defect.clause_code else ""),
            catalogue.severities()[defect.severity].zh,
        ]
        for defect in defects
    ]
    return issue_paper(
        "rectification_notice",
        project_id=round_.project_id,
        district_id=round_.project.district_id,
        organisation_id=round_.project.owner_id,
        addressee=round_.project.owner.name,
        facts={
            "project_name": round_.project.name,
            "project_code": round_.project.code,
            "owner_name": round_.project.owner.name,
            "departments": "、".join(department_names(round_)),
            "inspected_on": local_day(round_),
            "defect_count": f"{len(defects)} 项",
            "due_on": due_on,
        },
        body=[
            {
                "table": {
                    "head": ["序号", "部门", "位置", "问题与要求", "等级"],
                    "rows": rows,
                    "widths": [1, 3, 3, 6, 2],
                }
            }
        ],
        signer_department_code=round_.convened_by.code,
        department_codes=department_codes(round_),
        actor=actor,
    )


def check_row(check: AcceptanceCheck) -> list[str]:
    """One line of the consolidated opinion."""
    result = RESULT_WORDS[check.result]
    if check.result == "NOT_APPLICABLE":
        result += f"（{check.reason}）"
    return [
        catalogue.check_names()[check.code].zh,
        check.task.department.name_zh,
        result,
        day(check.task.signed_at.astimezone(SHANGHAI).date() if check.task.signed_at else None),
    ]


def day(value: date | None) -> str:
    """2026-03-05, or a dash."""
    return value.isoformat() if value else "—"


def local_day(round_: AcceptanceRound) -> date | None:
    """The day of the visit in Shanghai."""
    return round_.visited_at.astimezone(SHANGHAI).date() if round_.visited_at else None


def department_names(round_: AcceptanceRound) -> list[str]:
    """Everybody who took part."""
    return [task.department.name_zh for task in round_.tasks.select_related("department").order_by("department__code")]


def department_codes(round_: AcceptanceRound) -> list[str]:
    """Their codes."""
    return list(round_.tasks.order_by("department__code").values_list("department__code", flat=True))
