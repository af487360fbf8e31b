"""The papers of joint review (文书): merged notice and certificate, worded from what is on record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from certificates.actions import issue_paper
from drawings.queries import sheets_of
from joint_review import catalogue
from joint_review.models import NoticeItem, Opinion, Round, Task
from joint_review.queries.words import demand_in_words, sheet_in_words
from joint_review.rules.evaluations import of_drawings
from ledger.actor import Actor


def issue_notice_paper(
    round_: Round, items: list[NoticeItem], *, due_on: date | None, returned: bool, actor: Actor
) -> Any:
    """The merged notice (合并告知书) with every opinion, its picture, clause and departments."""
    names = short_names(round_)
    facts = {
        **project_facts(round_),
        "round": str(round_.no),
        "opinion_count": f"{len(items)} 条",
        "reviewed_by": reviewed_by(round_),
    }
    body: list[object] = [{"opinions": [opinion_entry(item, names) for item in items]}]
    rulings = [conflict.ruling for conflict in round_.conflicts.filter(state="ruled").order_by("ruled_at")]
    if rulings:
        body.insert(0, {"appendix": "联审会办裁定", "blocks": [{"list": rulings}]})
    if returned:
        body.insert(
            0, f"本套图纸经 {round_.no} 轮审查仍有必须整改的意见未解决，现予退回。请按附件意见全面修改后重新报送。"
        )
    elif due_on is not None:
        body.insert(0, f"请于{due_on.year}年{due_on.month}月{due_on.day}日前提交答复和修改后的图纸。")
    return issue_paper(
        "merged_notice",
        project_id=round_.project_id,
        district_id=round_.project.district_id,
        organisation_id=round_.project.owner_id,
        addressee=round_.project.owner.name,
        facts=facts,
        body=body,
        sheets=drawing_list(round_),
        signer_department_code=round_.convened_by.code,
        department_codes=department_codes(round_),
        actor=actor,
    )


def issue_certificate(round_: Round, *, actor: Actor) -> Any:
    """The certificate (施工图审查合格书): sheet numbers, versions and hashes, and what each department concluded."""
    rows = [
        [task_in_words(task), conclusion_in_words(task.conclusion or task.state), task.remark or "—"]
        for task in last_word_of_each(round_)
    ]
    body: list[object] = [{"table": {"head": ["参审部门", "结论", "备注"], "rows": rows, "widths": [4, 2, 4]}}]
    advice = [
        f"{opinion.text}（{'、'.join(author.department.short_name for author in opinion.authors.all())}）"
        for opinion in suggestions(round_)
    ]
    if advice:
        body.append({"appendix": "审查建议（不影响合格）", "blocks": [{"list": advice}]})
    return issue_paper(
        "drawing_certificate",
        project_id=round_.project_id,
        district_id=round_.project.district_id,
        organisation_id=round_.project.owner_id,
        addressee=round_.project.owner.name,
        facts={
            **project_facts(round_),
            "owner_name": round_.project.owner.name,
            "round": str(round_.no),
            "reviewed_by": reviewed_by(round_),
        },
        body=body,
        sheets=drawing_list(round_),
        signer_department_code=round_.convened_by.code,
        department_codes=department_codes(round_),
        actor=actor,
    )


def project_facts(round_: Round) -> dict[str, str]:
    """What every paper of a round says of the project."""
    return {
        "project_name": round_.project.name,
        "project_code": round_.project.code,
        "set_name": round_.set.name,
        "revision": round_.revision.no,
    }


def drawing_list(round_: Round) -> list[dict[str, str]]:
    """The sheets with number, name, version and the SHA-256 of the file they come from (图纸目录)."""
    return [
        {
            "number": sheet.number or str(sheet.position + 1),
            "name": sheet.name,
            "version": round_.revision.no,
            "sha256": sheet.file.sha256,
            "file": sheet.file.name,
        }
        for sheet in sheets_of(of_drawings(round_.revision_id))
    ]


def opinion_entry(item: NoticeItem, names: dict[str, str]) -> dict[str, str]:
    """One entry of the list, in the words kept with it."""
    wording = item.wording
    disciplines = [catalogue.discipline_names()[code].zh for code in wording["disciplines"]]
    text = wording["text"]
    for recheck in wording["rechecks"]:
        label = "部分采纳" if recheck["result"] == "partly" else "保留"
        text += f"\n复核意见（{label}）：{recheck['text']}"
    if item.near:
        text += f"\n与第 {'、'.join(str(number) for number in item.near)} 条相近，可一并答复。"
    return {
        "number": str(item.number),
        "department": "、".join(names.get(code, code) for code in item.departments),
        "text": text,
        "discipline": "、".join(disciplines),
        "kind": catalogue.class_names()[wording["cls"]].zh,
        "clause": wording["clause"].get("cited", ""),
        "sheet": sheet_in_words(wording["sheet"]),
        "demand": demand_in_words(wording["demand"]),
        "picture": wording["picture"],
    }


def short_names(round_: Round) -> dict[str, str]:
    """Department code -> name, of all departments of the set's rounds."""
    tasks = Task.objects.filter(round__set_id=round_.set_id).select_related("department")
    return {task.department.code: task.department.name_zh for task in tasks}


def reviewed_by(round_: Round) -> str:
    """The departments of this round as a paper names them."""
    return "、".join(dict.fromkeys(task.department.name_zh for task in tasks_in_order(round_)))


def department_codes(round_: Round) -> list[str]:
    """Who took part, and may read the paper."""
    return sorted({task.department.code for task in tasks_in_order(round_)})


def tasks_in_order(round_: Round) -> Iterable[Any]:
    """The tasks of a round in the order of the departments' codes."""
    return round_.tasks.select_related("department").order_by("department__code", "discipline")


def last_word_of_each(round_: Round) -> list[Any]:
    """Each department's latest task over all rounds: who agreed in an earlier round was not asked again."""
    latest: dict[tuple[int, str], Any] = {}
    tasks = Task.objects.filter(round__set_id=round_.set_id).select_related("department", "round")
    for task in tasks.order_by("round__no"):
        latest[task.department_id, task.discipline] = task
    return sorted(latest.values(), key=lambda task: (task.department.code, task.discipline))


def task_in_words(task: Any) -> str:
    """The department with its discipline."""
    if not task.discipline:
        return str(task.department.name_zh)
    return f"{task.department.name_zh}（{catalogue.discipline_names()[task.discipline].zh}）"


def conclusion_in_words(code: str) -> str:
    """A conclusion as printed: papers are Chinese whoever causes them."""
    return {
        "agree": "同意",
        "agree_with_conditions": "同意（附条件）",
        "revise": "需修改（已整改）",
        "disagree": "不同意（已整改）",
        "not_concerned": "不涉及",
        "silent": "逾期视为无意见",
    }[code]


def suggestions(round_: Round) -> Iterable[Any]:
    """Suggestions that stand on the certificate: of any round, never answered by a change."""
    return (
        Opinion.objects.filter(set_id=round_.set_id, state="closed", cls="SUGGESTION", rechecks__isnull=True)
        .prefetch_related("authors__department")
        .order_by("number")
    )
