"""When a card is raised (黄牌、红牌规则): which stored date, at which hour of it, for whom. Pure.

Basis: clock_rules.lights; 政务服务电子监察: yellow before a limit is over, red after it, also for single steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ledger.errors import Refused, StateConflict
from projects.clock import SHANGHAI, OfficeHours
from supervision.words import _

SHORTEST_REASON = 6


@dataclass(frozen=True)
class Rule:
    """One rule. `moment`: the card's legal instant is when the office `opens` or `closes` on the stored date."""

    code: str
    colour: str
    kind: str
    column: str
    moment: str


RULES = (
    Rule("ITEM_WARN", "yellow", "item", "warn_on", "opens"),
    Rule("ITEM_OVER", "red", "item", "due_on", "closes"),
    # A step over its share of the limit, though the whole may be in time.
    Rule("STEP_OVER", "yellow", "step", "step_due_on", "closes"),
    Rule("STAGE_WARN", "yellow", "stage", "warn_on", "opens"),
    Rule("STAGE_OVER", "red", "stage", "due_on", "closes"),
    Rule("PROJECT_WARN", "yellow", "project", "warn_on", "opens"),
    Rule("PROJECT_OVER", "red", "project", "due_on", "closes"),
    # The last day of the completeness check; after it silence is acceptance (行政许可法第三十二条).
    Rule("FILING_LAST_DAY", "yellow", "filing", "check_due_on", "opens"),
)
BY_CODE = {rule.code: rule for rule in RULES}


def legal_instant(rule: Rule, day: date, hours: OfficeHours | None = None) -> datetime:
    """The instant at which law says that it happened, however late it was noticed; aware, in UTC."""
    office = hours or OfficeHours()
    at = office.open if rule.moment == "opens" else office.close
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def last_day_reached(rule: Rule, at: datetime, hours: OfficeHours | None = None) -> date:
    """The latest date whose legal instant has come."""
    today = at.astimezone(SHANGHAI).date()
    return today if legal_instant(rule, today, hours) <= at else today - timedelta(days=1)


def check_explaining(state: str, text: str) -> None:
    """A card is explained once, in words that can be checked."""
    if state != "issued":
        raise StateConflict(_("这张牌已经说明过或已撤销。"))
    if len(text.strip()) < SHORTEST_REASON:
        raise Refused("reason_missing", _("请写明原因和整改措施。"), field="text")


def check_appealing(state: str, text: str) -> None:
    """A card may be appealed before or after it was explained, once."""
    if state not in {"issued", "explained"}:
        raise StateConflict(_("这张牌已经申诉过或已撤销。"))
    if len(text.strip()) < SHORTEST_REASON:
        raise Refused("reason_missing", _("请写明申诉的理由和依据。"), field="text")


def check_withdrawing(state: str, finding: str) -> None:
    """Only an appealed card is withdrawn, with a finding; the card itself stays on record."""
    if state != "appealed":
        raise StateConflict(_("只有已申诉的牌可以撤销。"))
    if len(finding.strip()) < SHORTEST_REASON:
        raise Refused("reason_missing", _("请写明核查结论。"), field="finding")


def rule_names() -> dict[str, str]:
    """Rules in the reader's words."""
    return {
        "ITEM_WARN": _("事项临近时限"),
        "ITEM_OVER": _("事项超过时限"),
        "STEP_OVER": _("环节超时（事项整体未超时）"),
        "STAGE_WARN": _("阶段临近时限"),
        "STAGE_OVER": _("阶段超过时限"),
        "PROJECT_WARN": _("项目临近总时限"),
        "PROJECT_OVER": _("项目超过总时限"),
        "FILING_LAST_DAY": _("收件核对的最后一日"),
    }
