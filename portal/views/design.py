"""The living catalogue of the design system (设计系统): every component with its states, from the real templates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import action, require


class SampleForm(forms.Form):
    """Fields in their states; never stored."""

    name = forms.CharField(label=gettext_lazy("项目名称"), help_text=gettext_lazy("与备案证一致，最多 120 字。"))
    code = forms.CharField(label=gettext_lazy("项目代码"))
    area = forms.DecimalField(label=gettext_lazy("总建筑面积"), required=False)
    note = forms.CharField(label=gettext_lazy("说明"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_code(self) -> str:
        """The sample's code is always wrong, so that the error state can be seen."""
        raise forms.ValidationError(_("第 17 位应为数字。请对照备案证重新填写 24 位项目代码。"))


@action("public_page.design")
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every component with its states."""
    require(request.actor, "public_page.design")  # type: ignore[attr-defined]
    return render(request, "design/catalogue.html", samples())


def samples() -> dict[str, Any]:
    """What the catalogue shows: invented, but shaped as the pages' own queries shape it."""
    departments = [
        {"badge": badge, "color": color, "short_name": name}
        for color, (badge, name) in enumerate(
            [
                ("审", _("审批局")),
                ("规", _("规划局")),
                ("建", _("住建局")),
                ("防", _("人防办")),
                ("发", _("发改局")),
                ("环", _("环保局")),
                ("水", _("水利局")),
                ("消", _("消防支队")),
                ("文", _("文物局")),
                ("震", _("地震局")),
                ("城", _("城管局")),
                ("气", _("气象局")),
            ]
        )
    ]
    today = date(2026, 3, 18)
    return {
        "form": SampleForm({"name": _("云川智造产业园二期厂房"), "code": "2603-131099-04-01-12345X", "area": "28600"}),
        "strip_running": {
            "name": _("云川智造产业园二期厂房"),
            "code": "2603-131099-04-01-123456",
            "stage": _("施工许可阶段"),
            "day": 12,
            "total": 40,
            "running": True,
            "stopped": False,
            "next_actor": _("住建局 · 消防设计审查"),
        },
        "strip_stopped": {
            "name": _("镜湖人才公寓"),
            "code": "2602-131099-04-01-654321",
            "stage": _("联合审图"),
            "day": 21,
            "total": 40,
            "running": False,
            "stopped": True,
            "reason": _("等待企业答复合并告知书"),
            "next_actor": _("云川建设发展有限公司"),
        },
        "departments": departments,
        "steps": [
            {"name": _("项目与企业"), "state": "done"},
            {"name": _("用地红线"), "state": "failed", "note": _("边界自相交")},
            {"name": _("材料"), "state": "current"},
            {"name": _("核对并申报"), "state": "todo"},
        ],
        "upload_steps": [
            {"name": _("上传"), "state": "done"},
            {"name": _("检查"), "state": "done"},
            {"name": _("转换"), "state": "current"},
            {"name": _("成图"), "state": "todo"},
        ],
        "lines": sample_lines(departments, today),
        "days": sample_days(today),
        "entries": sample_entries(),
        "opinions": sample_opinions(departments),
        "lanes": sample_lanes(departments),
        "marks": [{"text": _("第 %(n)s 天") % {"n": n}} for n in (1, 7, 13, 19, 26)],
        "boundary": {
            "type": "Polygon",
            "coordinates": [
                [
                    [116.2260, 39.1042],
                    [116.2292, 39.1044],
                    [116.2294, 39.1022],
                    [116.2262, 39.1020],
                    [116.2260, 39.1042],
                ]
            ],
        },
        "act_summary": [
            _("提交后进入窗口受理，材料在受理前不能再改。"),
            _("送达：云川新区综合窗口；抄送：规划局、住建局、人防办。"),
            _("40 个工作日从窗口受理的次日起算。"),
        ],
    }


def sample_lines(departments: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """A metro diagram with every state."""
    return [
        {"stage": _("施工许可阶段"), "text": _("4 条并行")},
        {"name": _("建设工程规划许可"), "note": _("与图审并行"), "department": departments[1], "who": _("许规划"), "state": "done", "label": "", "day": 6, "total": 8, "tone": "green", "text": ""},
        {"name": _("消防设计审查"), "department": departments[2], "who": _("钱消防"), "state": "running", "day": 3, "total": 6, "due": today + timedelta(days=5)},
        {"name": _("人防工程设计审查"), "department": departments[3], "who": _("孙人防"), "state": "warn", "day": 5, "total": 6, "tone": "amber", "due": today + timedelta(days=1)},
        {"name": _("超限高层抗震设防审查"), "department": departments[9], "state": "stopped", "day": 4, "total": 10, "stopped": True, "text": _("特别程序：专家评审，不计入时限")},
        {"name": _("涉河建设方案审查"), "department": departments[6], "state": "late", "day": 11, "total": 10, "tone": "red"},
        {"name": _("施工许可证核发"), "department": departments[2], "state": "waiting", "text": _("待前 3 项办结后开始")},
    ]  # fmt: skip


def sample_days(today: date) -> list[dict[str, Any]]:
    """A ledger of six weeks with every kind of day."""
    days: list[dict[str, Any]] = []
    counted = 0
    for step in range(42):
        day = date(2026, 2, 25) + timedelta(days=step)
        if day.weekday() >= 5:
            days.append({"date": day, "n": None, "kind": "rest", "why": _("周末，不计入")})
        elif date(2026, 3, 9) <= day <= date(2026, 3, 12):
            days.append({"date": day, "n": None, "kind": "stopped", "why": _("停表：等待企业补正（一次性告知）")})
        else:
            counted += 1
            kind = "today" if day == today else "due" if counted == 20 else "late" if counted > 20 else "counted"
            if day > today and counted < 20:
                kind = "ahead"
            days.append({"date": day, "n": counted, "kind": kind, "why": _("工作日，计入第 %(n)s 天") % {"n": counted}})
    return days


def sample_entries() -> list[dict[str, Any]]:
    """A timeline, newest first."""
    zone = timezone.get_current_timezone()
    return [
        {"at": datetime(2026, 3, 18, 9, 40, tzinfo=zone), "what": _("消防设计审查提出意见 2 条"), "who": _("钱消防 · 住建局"), "tone": "amber"},
        {"at": datetime(2026, 3, 16, 16, 5, tzinfo=zone), "what": _("联审第 1 轮开始"), "who": _("周牵头 · 住建局"), "tone": "blue"},
        {"at": datetime(2026, 3, 13, 10, 12, tzinfo=zone), "what": _("窗口受理，开始计时"), "text": _("受理通知书 云审受〔2026〕12 号"), "who": _("赵窗口"), "tone": "green"},
        {"at": datetime(2026, 3, 12, 15, 30, tzinfo=zone), "what": _("企业提交申报"), "who": _("王企业")},
    ]  # fmt: skip


def sample_opinions(departments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Opinion rows in their states."""
    return [
        {"no": 7, "department": departments[1], "discipline": _("规划"), "blocking": True, "cls_label": _("强制性条文"), "text": _("西侧消防车道净宽 3.6 m，不满足 4.0 m。"), "clause": {"no": "GB 50016-2014 7.1.8", "title": _("消防车道的净宽度和净空高度均不应小于 4.0 m")}, "demand": _("净宽 ≥ 4.0 m"), "state_label": _("待答复"), "tone": "amber", "replies": []},
        {"no": 8, "department": departments[2], "discipline": _("消防"), "blocking": False, "cls_label": _("一般"), "text": _("楼梯间首层外门开启方向请复核。"), "clause": None, "state_label": _("已采纳关闭"), "tone": "green", "replies": [{"by": _("设计院"), "kind_label": _("修改"), "text": _("已按意见改为外开，见 B 版 A-03。")}]},
    ]  # fmt: skip


def sample_lanes(departments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gantt lanes: start and length in days."""
    return [
        {"name": _("建设工程规划许可"), "department": departments[1], "bars": [{"start": 0, "days": 8, "kind": "done", "text": _("8 天")}]},
        {"name": _("消防设计审查"), "department": departments[2], "bars": [{"start": 8, "days": 6, "kind": "running", "text": _("第 3 天 / 共 6 天")}, {"start": 14, "days": 4, "kind": "slack", "text": _("机动 4 天")}]},
        {"name": _("专家评审（停表）"), "department": departments[9], "bars": [{"start": 6, "days": 5, "kind": "stopped", "text": _("停表 5 天")}]},
        {"name": _("施工许可证核发"), "department": departments[2], "bars": [{"start": 18, "days": 7, "kind": "planned critical", "text": _("计划 7 天，关键路径")}]},
    ]  # fmt: skip
