"""What a reuse certificate still certifies (重新核对), for the public page of certificates."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.legal_day import today_in_shanghai
from certificates.holding import Holding, register_holding
from projects.models import AssessmentReuse
from projects.queries.confirmed_reuse import reuse_of_paper
from projects.queries.reuse import holding_of
from projects.states import reuse_state_name
from regional_eval.terms import outcome_name

REUSE_PAPER = "reuse_confirmation"


def reuse_holds(paper_id: UUID) -> Holding | None:
    """Compute the reuse behind a confirmation paper again, today."""
    reuse = reuse_of_paper(paper_id)
    if reuse is None:
        return None
    found = holding_of(reuse)
    confirmed = reuse.state == AssessmentReuse.State.CONFIRMED
    reasons = list(found.reasons)
    if not confirmed:
        reasons.insert(0, _("这份确认已不再有效：%(state)s。") % {"state": reuse_state_name(reuse.state)})
    elif not found.holds:
        reasons.append(_("确认本身没有因此自动失效；开工之前由审批部门复核，复核结果会书面告知。"))
    holds = confirmed and found.holds
    return Holding(
        holds=holds,
        title=_("按今天的数据重新核对：仍然成立") if holds else _("按今天的数据重新核对：已不再成立"),
        reasons=tuple(reasons),
        facts=(
            (_("核对日期"), today_in_shanghai().isoformat()),
            (_("今天的结论"), outcome_name(found.outcome)),
            (_("存档结论的校验值"), reuse.answer_sha256),
            (_("存档结论"), _("未被改动") if found.intact else _("与校验值不符")),
            (_("用地红线"), _("与确认时一致") if found.same_site else _("确认之后已改变")),
        ),
    )


def register() -> None:
    """Answer for confirmation papers."""
    register_holding(REUSE_PAPER, reuse_holds)
