"""Freezing a round's sheets by hand (冻结批注): by the lead or a commissioner; thawing needs a second lead."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.actions import ask_second_key, two_key_act
from drawings import actions as drawings
from drawings.queries import sheets_of
from joint_review.actions.locking import lock_round, require_open
from joint_review.events import RoomFrozen, RoomThawed
from joint_review.models import Round
from joint_review.rules.evaluations import of_drawings
from ledger.actor import Actor
from ledger.errors import Refused, StateConflict
from ledger.record import record


@transaction.atomic
def freeze_round(round_id: UUID, *, actor: Actor, reason: str) -> Round:
    """Stop all marking on the round's sheets (冻结), with the reason; opinions without new marks go on."""
    round_ = lock_round(round_id)
    require(actor, "room.freeze", round_)
    require_open(round_)
    written = checked_reason(reason)
    drawings.freeze_sheets(open_sheets_of(round_, "open"), reason=written, actor=actor, round_id=round_.pk)
    event = RoomFrozen(project_id=round_.project_id, round_id=round_.pk, reason=written)
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    return round_


@transaction.atomic
def ask_to_thaw(round_id: UUID, *, actor: Actor, reason: str) -> object:
    """Ask another lead to confirm that marking goes on (申请解冻)."""
    round_ = lock_round(round_id)
    written = checked_reason(reason)
    summary = _("解冻“%(set)s”第 %(no)s 轮联审的批注：%(reason)s") % {
        "set": round_.set.name,
        "no": round_.no,
        "reason": written,
    }
    return ask_second_key("room.thaw", round_, actor=actor, summary=summary[:400], arguments={"reason": written})


@two_key_act("room.thaw")
@transaction.atomic
def thaw_round(round_id: UUID | str, *, actor: Actor, reason: str) -> Round:
    """Marking goes on (解冻), confirmed by a second person."""
    round_ = lock_round(UUID(str(round_id)))
    require(actor, "room.thaw", round_)
    require_open(round_)
    drawings.thaw_sheets(open_sheets_of(round_, "frozen"), reason=reason, actor=actor, round_id=round_.pk)
    event = RoomThawed(project_id=round_.project_id, round_id=round_.pk, reason=reason)
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    return round_


def open_sheets_of(round_: Round, state: str) -> list[UUID]:
    """The round's sheets in this state; StateConflict when there are none."""
    found = [sheet.pk for sheet in sheets_of(of_drawings(round_.revision_id)) if sheet.state == state]
    if not found:
        raise StateConflict(
            _("没有需要处理的图幅，可能已由他人办理。"), next_step=_("页面内容可能已经更新，请刷新后查看。")
        )
    return found


def checked_reason(reason: str) -> str:
    """Why, in a few words."""
    written = reason.strip()[:200]
    if not written:
        raise Refused("reason_needed", _("请写明理由。"), field="reason")
    return written
