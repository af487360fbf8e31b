"""Papers of the projects room (文书): what the window and the departments hand to the enterprise, by certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import override

from accounts.legal_day import SHANGHAI
from accounts.queries import organisation
from certificates.actions import issue_paper
from ledger.actor import Actor
from projects.models import AssessmentReuse, ItemCase, Project
from projects.states import Code
from projects.words import _, ngettext
from regional_eval.reasons import in_words, read_reason
from regional_eval.terms import effect_name, kind_name, outcome_name

# The one-window belongs to the approval bureau (行政审批局).
WINDOW_DEPARTMENT = "ADB"
# Only decisions on an application are licensing decisions; filings and services are answered by their result.
LICENSING_KINDS = frozenset({"APPROVAL"})


def project_facts(project: Project, **more: Any) -> dict[str, Any]:
    """What every paper names; facts that are not known are left out."""
    facts: dict[str, Any] = {
        "project_name": project.name,
        "project_code": project.code,
        "owner_name": organisation(project.owner_id).name,
        **more,
    }
    if project.submitted_at is not None:
        facts["submitted_on"] = project.submitted_at.astimezone(SHANGHAI).date()
    return {name: value for name, value in facts.items() if value not in {None, ""}}


def issue(
    kind: str, project: Project, *, actor: Actor, body: object = None, facts: Mapping[str, Any], department: str
) -> UUID:
    """Issue one paper to the project's owner; its id."""
    paper = issue_paper(
        kind,
        project_id=project.pk,
        district_id=project.district_id,
        addressee=organisation(project.owner_id).name,
        facts=facts,
        body=body,
        signer_department_code=department,
        organisation_id=project.owner_id,
        department_codes=[department],
        actor=actor,
    )
    found: UUID = paper.pk
    return found


@override("zh-hans")
def issue_receipt(project: Project, papers: list[str], *, actor: Actor) -> UUID:
    """接件凭证: what was handed in and when."""
    facts = project_facts(project, received_on=local_date(project), **{_("接件编号"): project.receipt_number})
    body = [{"list": papers}] if papers else None
    return issue("receipt", project, actor=actor, body=body, facts=facts, department=WINDOW_DEPARTMENT)


def local_date(project: Project) -> date | None:
    """The day of filing in Asia/Shanghai."""
    return project.submitted_at.astimezone(SHANGHAI).date() if project.submitted_at else None


@override("zh-hans")
def issue_acceptance(
    project: Project, items: list[str], tolerated: list[str], *, actor: Actor, promised_by: date | None
) -> UUID:
    """受理通知书, or 容缺受理决定书 with the list of what must follow."""
    facts = project_facts(
        project,
        accepted_on=project.day_zero,
        due_on=project.due_on,
        limit=ngettext("%(days)s 个工作日", "%(days)s 个工作日", project.limit_days) % {"days": project.limit_days},
    )
    if tolerated:
        facts["promised_by"] = promised_by
        body: object = [{"list": tolerated}]
        kind = "tolerant_acceptance"
    else:
        body = [_("本项目经并联审批共办理以下事项："), {"list": items}]
        kind = "acceptance_notice"
    return issue(kind, project, actor=actor, body=body, facts=facts, department=WINDOW_DEPARTMENT)


@override("zh-hans")
def issue_correction(project: Project, entries: list[dict[str, str]], *, actor: Actor) -> UUID:
    """补正材料一次性告知书: every fault with how to mend it."""
    listed = [
        _("%(name)s：%(fault)s 补正办法：%(remedy)s")
        % {"name": entry["name"], "fault": stopped(entry["fault"]), "remedy": stopped(entry["remedy"])}
        for entry in entries
    ]
    facts = project_facts(project)
    return issue(
        "correction_notice",
        project,
        actor=actor,
        body=[{"list": listed}],
        facts=facts,
        department=WINDOW_DEPARTMENT,
    )


def stopped(text: str) -> str:
    """The sentence with its full stop."""
    plain = text.strip()
    return plain if plain.endswith(("。", "！", "？", ".", "；")) else f"{plain}。"


@override("zh-hans")
def issue_rejection(project: Project, reason: str, *, actor: Actor) -> UUID:
    """不予受理决定书: the reason, and how to appeal."""
    facts = project_facts(project)
    return issue("rejection", project, actor=actor, body=[reason], facts=facts, department=WINDOW_DEPARTMENT)


@override("zh-hans")
def issue_decision_paper(project: Project, item: ItemCase, *, actor: Actor) -> UUID | None:
    """准予/不予行政许可决定书 of an approval item; other kinds of items end without one."""
    if item.kind not in LICENSING_KINDS:
        return None
    granted = item.state in {Code.PASSED, Code.PASSED_WITH_OUTSTANDING}
    facts = project_facts(
        project,
        item_name=item.name_zh,
        accepted_on=item.taken_at.astimezone(SHANGHAI).date() if item.taken_at else None,
        site=project.place,
    )
    owner = organisation(project.owner_id)
    facts["owner_uscc"] = owner.uscc
    if granted and (site := getattr(project, "site", None)) is not None:
        facts["site_area"] = f"{site.area_legal_m2:.2f} m²"
    if item.decision_remark:
        facts["conditions"] = item.decision_remark.rstrip("。")
    return issue(
        "licence_granted" if granted else "licence_denied",
        project,
        actor=actor,
        body=None if granted else [item.decision_basis],
        facts=facts,
        department=item.department_code,
    )


@override("zh-hans")
def issue_special_procedure(
    project: Project, item: ItemCase | None, facts: Mapping[str, Any], *, actor: Actor, department: str
) -> UUID:
    """特别程序告知书: how long the clock stands still, and why (行政许可法第四十五条)."""
    named = project_facts(project, item_name=item.name_zh if item else None)
    return issue("special_procedure", project, actor=actor, facts={**named, **facts}, department=department)


@override("zh-hans")
def issue_reuse_confirmation(project: Project, reuse: AssessmentReuse, *, actor: Actor) -> UUID:
    """区域评估成果应用确认书: what is leaned on, how far it covers, until when, by which versions; with the digest."""
    frozen, answer = reuse.answer, reuse.answer["answer"]
    facts = project_facts(
        project,
        assessment_name=kind_name(reuse.kind),
        region_name=_("、").join(dict.fromkeys(area["region"] for area in answer["used"])),
        assessment_version=_("、").join(dict.fromkeys(area["number"] for area in answer["used"] if area["number"])),
        effect=effect_name(reuse.effect) if reuse.effect else outcome_name(reuse.outcome),
        valid_to=reuse.valid_to or _("未设终止日期"),
    )
    facts |= {
        _("核对日期"): reuse.used_on,
        _("用地红线面积"): _("%(area)s m²（EPSG:%(epsg)s）")
        % {"area": f"{frozen['site']['area_legal_m2']:,.2f}", "epsg": frozen["site"]["epsg"]},
        _("覆盖比例"): f"{answer['covered_share']:.2%}",
        _("覆盖判定规则"): frozen["rule"],
        _("结论校验值"): reuse.answer_sha256,
    }
    listed = [
        _("%(number)s：%(region)s，单独覆盖 %(share)s，成果数据版本 %(layer)s")
        % {
            "number": area["number"] or kind_name(reuse.kind),
            "region": area["region"],
            "share": f"{area['share']:.2%}",
            "layer": area["layer_id"],
        }
        for area in answer["used"]
    ]
    noted = [
        in_words(read_reason(raw)) for raw in answer["reasons"] if raw["code"] not in {"remainder", "saving_typical"}
    ]
    body: list[object] = [_("据以核对的区域评估成果："), {"list": listed}]
    if noted:
        body += [_("确认时一并核对的情形："), {"list": noted}]
    return issue("reuse_confirmation", project, actor=actor, body=body, facts=facts, department=reuse.department_code)
