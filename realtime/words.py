"""What a refusal on the socket means, in the reader's language, and what to do next."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _


def nack_words(code: str) -> tuple[str, str]:
    """Message and next step of a nack code."""
    return {
        "forbidden": (_("您当前的岗位不能在这张图上做这项批注。"), _("请确认已选择正确的岗位，或联系联审牵头部门。")),
        "frozen": (_("图幅已冻结，批注不再变动。"), _("您写的内容已留作草稿，可在下一轮会审中使用。")),
        "cited": (_("这处批注已被审查意见引用，不能再修改。"), _("如需更正，请先撤回引用它的意见。")),
        "stale": (_("同事刚刚修改了这处批注。"), _("请对照两份内容，选择保留哪一份。")),
        "deleted": (_("这处批注已被删除。"), _("可请本部门同事恢复，或重新绘制。")),
        "exists": (_("这处批注已经存在。"), _("请刷新页面。")),
        "not_found": (_("没有找到这处批注。"), _("请刷新页面。")),
        "not_owner": (_("这是其他部门的批注，不能修改。"), _("您可以在它下面回复。")),
        "invalid": (_("批注内容不符合要求，没有保存。"), _("您写的内容已留作草稿，请调整后重试。")),
        "rate": (_("操作过于频繁，稍后自动重发。"), ""),
        "retry": (_("暂时未能保存，稍后自动重发。"), ""),
    }.get(code, ("", ""))


def with_words(frame: dict[str, Any], language: str) -> dict[str, Any]:
    """A nack with its message; an ack as it is."""
    if frame["t"] != "nack":
        return frame
    with translation.override(language):
        message, following = nack_words(frame["code"])
    frame = {**frame, "msg": message}
    if following:
        frame["next"] = following
    return frame


def close_words(code: int, language: str) -> str:
    """Why the server closes the socket, for the `err` frame before it."""
    with translation.override(language):
        return {
            4400: _("收到多次无法识别的消息，连接已关闭。请刷新页面。"),
            4401: _("登录已失效，请重新登录。未保存的批注留在本机，登录后自动发送。"),
            4403: _("您无权进入这张图的会审室。"),
            4404: _("没有这张图。"),
            4409: _("服务器数据已恢复到较早的时间，正在重新载入。"),
            4413: _("单个批注超过 64 KB，请拆分后再画。"),
            4429: _("操作过于频繁或打开的窗口过多，请稍后再试。"),
        }.get(code, "")


def tool_words(tool: str) -> str:
    """What a mark drawn with this tool is called (as in frontend/src/review/tools/kinds.ts)."""
    return {
        "cloud": _("云线"),
        "arrow": _("箭头"),
        "line": _("直线"),
        "polygon": _("多边形"),
        "rect": _("矩形"),
        "ellipse": _("椭圆"),
        "freehand": _("手绘"),
        "text": _("文字"),
        "stamp": _("印记"),
        "count": _("计数"),
        "measure": _("测量"),
    }.get(tool, "")


def act_words(kind: str) -> str:
    """What an op did, for the minutes."""
    return {
        "create": _("绘制"),
        "patch": _("修改"),
        "delete": _("删除"),
        "restore": _("恢复"),
        "reply": _("回复"),
        "resolve": _("标为已解决"),
        "reopen": _("重新打开"),
        "cite": _("写入意见"),
        "uncite": _("解除引用"),
        "sheet.open": _("开放会审"),
        "sheet.freeze": _("冻结图幅"),
        "sheet.thaw": _("解冻图幅"),
        "sheet.revise": _("被新版本取代"),
        "sign": _("签署"),
        "perm.grant": _("授予批注权限"),
        "perm.revoke": _("收回批注权限"),
    }.get(kind, kind)
