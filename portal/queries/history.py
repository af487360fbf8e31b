"""Which events of the audit trail a party reads, and in which words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WORDS = {
    "ProjectCreated": pgettext_lazy("done", "新建项目"),
    "SiteSet": _("划定用地红线"),
    "DesignerEngaged": _("委托设计单位"),
    "ProjectSubmitted": pgettext_lazy("done", "提交申报"),
    "CorrectionRequested": _("窗口一次性告知补正"),
    "ProjectAccepted": _("受理，开始计时"),
    "ProjectRejected": pgettext_lazy("done", "不予受理"),
    "ProjectWithdrawn": _("撤回申报"),
    "ProjectFinished": _("全流程办结"),
    "StageFinished": _("阶段办结"),
    "ItemDecided": _("事项办结"),
    "ItemEventReported": _("企业报告节点完成"),
    "ClockStopped": _("停止计时"),
    "ClockResumed": pgettext_lazy("done", "恢复计时"),
    "DueDatesChanged": _("应办结日期重新计算"),
    "RevisionAdded": _("提交图纸版本"),
    "RevisionReady": _("图纸通过检查"),
    "RevisionRejected": _("图纸被退回"),
    "RoundOpened": _("开始联合审查"),
    "TaskSigned": _("部门签署审查意见"),
    "NoticeIssued": pgettext_lazy("done", "签发合并告知书"),
    "AnswersSubmitted": _("企业提交答复"),
    "RoundClosed": _("联合审查通过"),
    "SetReturned": _("退回图纸"),
    "AcceptanceApplied": pgettext_lazy("done", "申请联合验收"),
    "VisitScheduled": _("确定现场验收时间"),
    "VisitRecorded": _("现场验收完成"),
    "AcceptanceSigned": _("部门签署验收意见"),
    "RectificationIssued": _("签发整改告知"),
    "RectificationSubmitted": _("企业申请复验"),
    "AcceptancePassed": pgettext_lazy("done", "联合验收通过"),
    "PaperSealed": _("文书加盖电子印章"),
    "ReuseProposed": _("提请应用区域评估"),
    "ReusePromised": pgettext_lazy("done", "签署告知承诺"),
    "ReuseConfirmed": _("确认应用区域评估"),
    "ReuseRefused": _("不予确认应用区域评估"),
    "RecheckOpened": _("区域评估变化，开始复核"),
    "RecheckClosed": _("区域评估复核办结"),
}
