"""Decisions on the reuse of regional assessments by a project (区域评估共享应用). Pure.

The answer is frozen when it is confirmed: versions, limits and values used, with a digest (domain.md section 2). What
ends later does not undo it before construction by itself; it opens a re-check.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import Refused, StateConflict
from projects.words import _

SCHEMA = 1
PROPOSABLE = frozenset({"REUSABLE", "REUSABLE_WITH_COMMITMENT", "NOT_NEEDED"})
MAY_PROPOSE = frozenset({"draft", "submitted", "correction", "accepted"})
RECHECK_WORKING_DAYS = 5
SHORTEST_REASON = 10


def digest_of(answer: Mapping[str, Any]) -> str:
    """SHA-256 over the frozen answer, independent of the order of its keys."""
    written = json.dumps(answer, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def check_may_propose(project_state: str, *, has_site: bool) -> None:
    """A project that is still on its way, with a red line."""
    if project_state not in MAY_PROPOSE:
        raise StateConflict(_("项目已经结束，不能再应用区域评估成果。"))
    if not has_site:
        raise Refused(
            "site_missing",
            _("还没有划定用地红线，无法核对区域评估的覆盖情况。"),
            next_step=_("请先划定用地红线。"),
        )


def check_outcome(outcome: str, reasons: Collection[str]) -> None:
    """Only what is covered, valid and within every limit may be leaned on; the refusal says why not."""
    if outcome in PROPOSABLE:
        return
    words = {
        "PARTIAL": _("区域评估只覆盖了一部分红线，未覆盖部分需要补充评估。"),
        "UNKNOWN": _("资料不足，暂时不能判断能否共享应用。"),
        "NOT_REUSABLE": _("这类区域评估不能用于本项目。"),
    }
    raise Refused(
        "not_reusable", words[outcome] + "".join(reasons), next_step=_("请按所列原因处理，或者另行单独评估。")
    )


def check_promise(effect: str | None, *, is_signed: bool) -> None:
    """A reuse on commitment needs the enterprise's signature before it is confirmed (告知承诺)."""
    if effect == "COMMITMENT" and not is_signed:
        raise Refused(
            "promise_missing",
            _("这项成果须由企业签署告知承诺后才能应用。"),
            next_step=_("请企业管理员在项目的“区域评估共享应用”页签署承诺。"),
        )


def check_not_begun(name: str, *, is_begun: bool) -> None:
    """An assessment of the project's own that is already under way is finished, not dropped."""
    if is_begun:
        raise StateConflict(
            _("“%(name)s”已经开始办理，不能再改为共享应用。") % {"name": name},
            next_step=_("请由审批部门办结这一事项。"),
        )


def check_reason(text: str) -> str:
    """A refusal and a put-back say why, in words that the enterprise reads."""
    if len(text.strip()) < SHORTEST_REASON:
        raise Refused("reason_missing", _("请写明理由（不少于 10 个字），企业会看到。"), field="reason")
    return text.strip()


@dataclass(frozen=True)
class Holding:
    """Does a confirmed reuse still hold? `intact`: the stored answer is the one that was frozen."""

    holds: bool
    intact: bool
    same_site: bool
    outcome: str
    reasons: tuple[str, ...]


def judge_holding(
    frozen: Mapping[str, Any], digest: str, *, site_sha256: str, outcome: str, reasons: tuple[str, ...]
) -> Holding:
    """Compare the frozen answer with what the geometry says today (重新核对)."""
    intact = digest_of(frozen) == digest
    same_site = frozen.get("site", {}).get("sha256") == site_sha256
    found = list(reasons)
    if not intact:
        found.insert(0, _("存档的结论与其校验值不符。"))
    if not same_site:
        found.insert(0, _("确认之后，用地红线已经改变。"))
    return Holding(intact and same_site and outcome in PROPOSABLE, intact, same_site, outcome, tuple(found))
