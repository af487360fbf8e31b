"""The result paper of a round without drawings (综合意见书): what each department said, the meeting, the conclusion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.legal_day import SHANGHAI
from certificates.actions import issue_paper
from joint_review import catalogue
from joint_review.actions.papers import conclusion_in_words
from joint_review.models import ExpertMeeting, Round, Task
from ledger.actor import Actor

PAPER_OF = {
    "early_opinion": "early_opinion",
    "plan_evaluation": "plan_evaluation_opinion",
    "multi_evaluation": "multi_evaluation_result",
    "three_reports": "three_reports_result",
}
OVERALL = {
    "agree": "各部门一致同意。",
    "agree_with_conditions": "各部门同意，须落实所附条件。",
    "revise": "须按所列意见修改完善后再报。",
    "disagree": "有部门不同意，理由如上。",
}


def issue_result(round_: Round, tasks: Iterable[Task], outcome: str, *, actor: Actor) -> Any:
    """Issue the one result (一个结果), in the name of the department that convened; papers are Chinese whoever causes them."""
    listed = list(tasks)
    body: list[object] = [
        f"征求意见事项：{round_.subject.get('question', '')}",
        {"list": [said(task) for task in listed]},
    ]
    meeting = ExpertMeeting.objects.filter(round=round_).first()
    if meeting is not None:
        day = meeting.held_at.astimezone(SHANGHAI)
        held = f"{day.year}年{day.month}月{day.day}日在{meeting.place}召开专家评审会"
        body.append(f"{held}，参会专家：{'、'.join(meeting.experts)}。专家评审意见：{meeting.minutes}")
    body.append(f"综合结论：{OVERALL[outcome]}")
    names = dict.fromkeys(task.department.name_zh for task in listed)
    facts = {
        "project_name": round_.project.name,
        "project_code": round_.project.code,
        "owner_name": round_.project.owner.name,
        "reviewed_by": "、".join(names),
        "due_on": round_.due_on,
    }
    return issue_paper(
        PAPER_OF[round_.kind],
        project_id=round_.project_id,
        district_id=round_.project.district_id,
        organisation_id=round_.project.owner_id,
        addressee=round_.project.owner.name,
        facts={name: value for name, value in facts.items() if value},
        body=body,
        signer_department_code=round_.convened_by.code,
        department_codes=sorted({task.department.code for task in listed}),
        actor=actor,
    )


def said(task: Task) -> str:
    """One department's conclusion with its words."""
    part = catalogue.item_names().get(task.discipline) if task.discipline else None
    who = f"{task.department.name_zh}（{part.zh}）" if part else task.department.name_zh
    conclusion = conclusion_of(task)
    return f"{who}：{conclusion}。{task.remark}" if task.remark else f"{who}：{conclusion}。"


def conclusion_of(task: Task) -> str:
    """As printed: nothing was mended yet, unlike in a review of drawings."""
    if task.state == "silent":
        return conclusion_in_words("silent")
    return {"revise": "需修改", "disagree": "不同意"}.get(task.conclusion) or conclusion_in_words(task.conclusion)
