"""What each kind of letter says: title and body with named places, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Words:
    """Title and body of one kind; `asks_for_action` puts it among the things to do."""

    title: str
    body: str
    asks_for_action: bool = False


LETTERS: Mapping[str, Words] = {
    "project_submitted": Words(
        _("新申报待受理：%(project)s"), _("企业已提交申报，请在法定期限内作出受理决定。"), asks_for_action=True
    ),
    "project_accepted": Words(
        _("已受理：%(project)s"), _("接件编号 %(receipt)s。从下一个工作日起计时，进度逐日可查。")
    ),
    "correction_requested": Words(
        _("需要补正：%(project)s"), _("窗口已一次性列明需要补正的内容，请补正后重新提交。"), asks_for_action=True
    ),
    "project_rejected": Words(_("不予受理：%(project)s"), _("请查看不予受理的理由和救济途径。")),
    "item_ready": Words(
        _("待办：%(item)s"), _("%(project)s 的这个事项已到您部门，请在 %(due)s 前办结。"), asks_for_action=True
    ),
    "item_at_approval": Words(
        _("待批准：%(item)s"), _("%(project)s 的这个事项已完成审核，请批准办结。"), asks_for_action=True
    ),
    "item_decided": Words(_("已办结：%(item)s"), _("%(project)s：%(result)s。")),
    "clock_stopped": Words(_("计时已停止：%(project)s"), _("停止的依据：%(ground)s。停止期间不计入办理时限。")),
    "clock_resumed": Words(_("计时已恢复：%(project)s"), _("办理时限继续计算，新的到期日可在项目页查看。")),
    "due_changed": Words(_("到期日已重算：%(project)s"), _("放假安排公布后重新计算：原为 %(was)s，现为 %(now)s。")),
    "prereview_asked": Words(_("待预审：%(project)s"), _("企业在提交之前请窗口逐项预审。"), asks_for_action=True),
    "prereview_answered": Words(
        _("窗口已答复预审：%(project)s"), _("已逐项答复 %(items)s 项，其中 %(mend)s 项需要修改。"), asks_for_action=True
    ),
    "revision_ready": Words(_("图纸已通过检查：%(set)s"), _("%(project)s 的图纸第 %(revision)s 版可以查看和送审。")),
    "revision_rejected": Words(
        _("图纸被退回：%(set)s"), _("有文件未通过检查，请按列出的原因修改后重新上传。"), asks_for_action=True
    ),
    "revision_to_review": Words(
        _("新图纸可开展联审：%(project)s"),
        _("图纸第 %(revision)s 版已通过检查，可以组织联合审查。"),
        asks_for_action=True,
    ),
    "sheets_found": Words(
        _("图纸新发现 %(n)s 张图：%(project)s"),
        _("系统升级后从“%(set)s”的原文件中新发现：%(sheets)s。此前的审查没有看到，请查看；已签署的请复核。"),
        asks_for_action=True,
    ),
    "sheets_found_told": Words(
        _("图纸新发现 %(n)s 张图：%(project)s"),
        _("系统升级后从“%(set)s”的原文件中新发现：%(sheets)s。原文件没有变化，已告知审查部门。"),
    ),
    "round_opened": Words(
        _("联审任务：%(project)s"),
        _("第 %(round)s 轮联审已开始，请在 %(due)s 前完成审查并签署。"),
        asks_for_action=True,
    ),
    "task_to_sign": Words(_("待签署：%(project)s"), _("本部门的审查意见已拟好，请复核签署。"), asks_for_action=True),
    "round_complete": Words(
        _("各部门均已签署：%(project)s"), _("第 %(round)s 轮联审意见已齐，请汇总办理。"), asks_for_action=True
    ),
    "notice_issued": Words(
        _("合并告知书：%(project)s"),
        _("各部门意见已汇总为一份告知书，请逐条答复并上传修改后的图纸。"),
        asks_for_action=True,
    ),
    "answers_submitted": Words(
        _("企业已答复：%(project)s"), _("企业已逐条答复并提交新版图纸，请组织复核。"), asks_for_action=True
    ),
    "round_closed": Words(_("联审通过：%(project)s"), _("图纸联合审查已通过，审查合格书可在项目页下载。")),
    "acceptance_applied": Words(
        _("联合验收申请：%(project)s"), _("企业已申请联合验收，请安排统一的验收时间。"), asks_for_action=True
    ),
    "acceptance_visit": Words(
        _("联合验收安排：%(project)s"), _("现场验收时间：%(visit)s，各部门一次到场。"), asks_for_action=True
    ),
    "rectification": Words(
        _("需要整改：%(project)s"),
        _("各部门的问题已一次性列明，请整改后提交，只复验未通过的部分。"),
        asks_for_action=True,
    ),
    "acceptance_reinspect": Words(
        _("待复验：%(project)s"), _("企业已完成整改，请复验未通过的部分。"), asks_for_action=True
    ),
    "acceptance_concluded": Words(_("联合验收已完成：%(project)s"), _("联合验收意见书可在项目页下载。")),
    "paper_issued": Words(_("%(title)s：%(project)s"), _("文号 %(number)s，可在项目页查看和下载。")),
    "reuse_proposed": Words(
        _("待确认区域评估应用：%(project)s"),
        _("企业提请应用“%(assessment)s”成果，请核对覆盖范围和条件后确认或者答复不予确认。"),
        asks_for_action=True,
    ),
    "reuse_confirmed": Words(
        _("已确认应用区域评估：%(project)s"), _("“%(assessment)s”成果可以应用，确认书可在项目页下载和核验。")
    ),
    "reuse_refused": Words(_("区域评估应用未获确认：%(project)s"), _("“%(assessment)s”：%(reason)s")),
    "recheck_opened": Words(
        _("区域评估需要复核：%(project)s"),
        _("项目应用的“%(assessment)s”有变化（%(how)s）。原确认没有自动失效，将在 %(due)s 前复核并告知结果。"),
    ),
    "recheck_to_decide": Words(
        _("待复核区域评估应用：%(project)s"),
        _("项目应用的“%(assessment)s”有变化（%(how)s），项目尚未开工，请在 %(due)s 前复核。"),
        asks_for_action=True,
    ),
    "recheck_closed": Words(_("区域评估复核结果：%(project)s"), _("“%(assessment)s”：%(outcome)s。%(reason)s")),
    "plans_changed": Words(
        _("规划图层有变化：%(project)s"), _("已按新的图层重新核查：新增冲突 %(came)s 处，消除 %(went)s 处。")
    ),
    "contradiction_found": Words(
        _("规划间矛盾待答复：%(case)s"),
        _("两个已发布的规划在同一块地上要求相反，请在 %(due)s 前答复。"),
        asks_for_action=True,
    ),
    "contradiction_closed": Words(_("规划间矛盾已办结：%(case)s"), _("结果：%(outcome)s。")),
    "evaluation_opened": Words(
        _("%(what)s：%(project)s"), _("请在 %(due)s 前提出本部门意见并签署。"), asks_for_action=True
    ),
    "evaluation_answered": Words(
        _("各部门意见已齐：%(project)s"), _("%(what)s：请召开一次专家评审会并记录。"), asks_for_action=True
    ),
    "evaluation_concluded": Words(
        _("%(what)s已出具意见：%(project)s"), _("各部门意见已汇总为一份意见书，可在项目页查看。")
    ),
    "mentioned": Words(_("%(who)s 在批注中提到您：%(project)s"), _("图幅 %(sheet)s：“%(text)s”")),
    "card_raised": Words(
        _("%(colour)s：%(project)s"),
        _("%(rule)s：%(subject)s，日期 %(on)s。请说明原因和整改措施；认为有误的可以申诉。"),
        asks_for_action=True,
    ),
    "card_seen": Words(
        _("%(colour)s：%(project)s"), _("%(rule)s：%(subject)s，日期 %(on)s，责任部门 %(department)s。")
    ),
    "card_explained": Words(_("已说明原因：%(project)s"), _("%(department)s 已对“%(rule)s”说明原因和整改措施。")),
    "card_appealed": Words(
        _("申诉待核查：%(project)s"), _("%(department)s 认为“%(rule)s”有误，请核查并作出结论。"), asks_for_action=True
    ),
    "card_withdrawn": Words(_("牌已撤销：%(project)s"), _("经核查，“%(rule)s”（%(subject)s，%(on)s）已撤销。")),
    "mandate_granted": Words(
        _("新的代办委托：%(principal)s"), _("企业委托您代办，请查看范围和期限后接受。"), asks_for_action=True
    ),
    "mandate_accepted": Words(_("代办员已接受委托"), _("%(agent)s 已接受委托，可以开始代办。")),
    "mandate_revoked": Words(_("代办委托已撤销：%(principal)s"), _("委托已终止，您不能再以该企业名义办理。")),
    "second_key": Words(
        _("待您确认：%(summary)s"), _("这项操作需要另一位有权人员确认后才会执行。"), asks_for_action=True
    ),
}


def title_of(kind: str, details: Mapping[str, object]) -> str:
    """The letter's title in the active language."""
    return gettext(LETTERS[kind].title) % Places(details)


def body_of(kind: str, details: Mapping[str, object]) -> str:
    """The letter's body in the active language."""
    return gettext(LETTERS[kind].body) % Places(details)


class Places(dict[str, object]):
    """The named places of a text; {zh, en} is read in the active language, a place that is missing is a dash."""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        if isinstance(value, dict):
            return value.get("en" if (get_language() or "").startswith("en") else "zh", "—")
        return value

    def __missing__(self, key: str) -> str:
        return "—"
