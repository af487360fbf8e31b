"""Decisions at the window (综合窗口): may it be submitted, accepted, corrected, refused? Pure.

Basis: 行政许可法第三十二条 (on the spot or within five days, everything at once, silence is acceptance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import Invalid, Refused
from projects.words import _

CHECK_WORKING_DAYS = 5
TOLERANCE_WORKING_DAYS = 10


@dataclass(frozen=True)
class Filing:
    """What is known of a project that wants to be filed."""

    name: str
    code: str
    place: str
    contents: str
    has_site: bool
    has_facts: bool
    investment_known: bool


@dataclass(frozen=True)
class Paper:
    """One paper as the window finds it. `state`: missing | declared | checked | from_library | outstanding | faulty."""

    code: str
    name: str
    state: str
    may_be_late: bool
    remark: str = ""

    @property
    def is_there(self) -> bool:
        """Handed in and not found wrong."""
        return self.state in {"declared", "checked", "from_library"}


@dataclass(frozen=True)
class Acceptance:
    """How a filing is accepted: `tolerated` names the papers that may follow."""

    mode: str
    tolerated: tuple[str, ...]


def check_filing(filing: Filing) -> None:
    """Everything a filing must have; Invalid names each missing part and where to give it."""
    errors: dict[str, list[str]] = {}
    if not filing.name.strip():
        errors["name"] = [_("请填写项目名称。")]
    if not filing.code.strip():
        errors["code"] = [_("请填写投资项目统一代码；还没有代码的，请先在投资项目在线审批监管平台赋码。")]
    if not filing.place.strip():
        errors["place"] = [_("请填写建设地点。")]
    if not filing.contents.strip():
        errors["contents"] = [_("请填写建设内容和规模。")]
    if not filing.has_site:
        errors["boundary"] = [_("还没有用地红线，请在地图上绘制或上传。")]
    if not filing.has_facts or not filing.investment_known:
        errors["facts"] = [_("请至少回答投资类型、管理方式和用途；其余可以选“不知道”。")]
    if errors:
        raise Invalid(errors, code="not_complete")


def decide_acceptance(papers: Sequence[Paper], *, tolerate: bool) -> Acceptance:
    """受理, or 容缺受理 when only papers that may be late are missing and the window tolerates them.

    Refused when a paper is missing that may not be late: the window must ask for corrections instead.
    """
    lacking = [paper for paper in papers if not paper.is_there]
    hard = [paper for paper in lacking if not paper.may_be_late]
    if hard:
        raise Refused(
            "papers_missing",
            _("还缺必须先交的材料：%(names)s。") % {"names": _("、").join(paper.name for paper in hard)},
            next_step=_("请核对收件情况，或出具一次性补正告知。"),
        )
    if lacking and not tolerate:
        raise Refused(
            "papers_missing",
            _("还缺可以容缺的材料：%(names)s。") % {"names": _("、").join(paper.name for paper in lacking)},
            next_step=_("可以选择容缺受理，并写明补交期限；或出具一次性补正告知。"),
        )
    mode = "tolerance" if lacking else "window"
    return Acceptance(mode=mode, tolerated=tuple(paper.code for paper in lacking))


@dataclass(frozen=True)
class CorrectionEntry:
    """One thing to mend: which paper, what is wrong, how to mend it."""

    material: str
    name: str
    fault: str
    remedy: str


def decide_correction(entries: Sequence[CorrectionEntry], *, asked_before: bool) -> None:
    """One list, with everything, once (一次性告知); a second list is refused."""
    if asked_before:
        raise Refused(
            "second_correction",
            _("一次性补正告知已经出具过，不能再出具第二份。"),
            next_step=_("材料符合要求的请受理；仍不符合的，可以容缺受理或不予受理并说明理由。"),
        )
    if not entries:
        raise Refused("empty_correction", _("请至少列出一项需要补正的内容。"), field="entries")
    unclear = [entry.name for entry in entries if not entry.fault.strip() or not entry.remedy.strip()]
    if unclear:
        raise Refused(
            "unclear_correction",
            _("以下各项请写清问题和补正办法：%(names)s。") % {"names": _("、").join(unclear)},
            field="entries",
        )


def decide_rejection(reason: str) -> None:
    """A refusal needs a reason that can be checked (行政许可法第三十八条)."""
    if len(reason.strip()) < 10:
        raise Refused("reason_missing", _("请写明不予受理的理由和依据（不少于 10 个字）。"), field="reason")
