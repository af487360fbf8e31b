"""Pre-review before filing (网上预审、申审互动): who may say what, item by item. Pure."""

from __future__ import annotations

from collections.abc import Collection

from ledger.errors import Refused, StateConflict
from projects.words import _

LONGEST_MESSAGE = 2000
VERDICTS = frozenset({"", "ready", "mend"})


def check_message(text: str, item_code: str, items: Collection[str]) -> None:
    """A message has words and belongs to an item of the plan, or to the filing as a whole."""
    if not text.strip():
        raise Refused("empty_message", _("请填写内容。"), field="text")
    if len(text) > LONGEST_MESSAGE:
        raise Refused("long_message", _("最多 %(n)s 个字。") % {"n": LONGEST_MESSAGE}, field="text")
    if item_code and item_code not in items:
        raise Refused("unknown_item", _("这个项目没有事项 %(code)s。") % {"code": item_code}, field="item_code")


def check_verdict(verdict: str, item_code: str) -> None:
    """ready or mend, and only for a named item: the whole is answered by answering every item."""
    if verdict not in VERDICTS:
        raise Refused("verdict", _("预审结论应为“可以申报”或“需要修改”。"), field="verdict")
    if verdict and not item_code:
        raise Refused("verdict", _("预审结论应按事项逐项给出。"), field="item_code")


def check_asking(*, is_editable: bool, is_asked: bool, has_pipeline: bool) -> None:
    """Pre-review is for what can still be changed, once at a time, when it is clear which items there are."""
    if not is_editable:
        raise StateConflict(_("项目已经提交，不再预审；请等待窗口受理或补正告知。"))
    if is_asked:
        raise StateConflict(_("已经提请预审，请等待窗口逐项答复。"))
    if not has_pipeline:
        raise Refused(
            "no_template",
            _("还不能确定适用哪个流程，无法逐项预审。"),
            next_step=_("请先回答“项目情况”中投资类型、管理方式和用途三个问题。"),
        )
