"""The clock while the designer revises (设计修改期间中止计时): stopped by a notice, resumed by the answers.

An item may have several drawing sets under review at once; its clock stands while any of them waits for the applicant.
Ground DESIGN_REVISION (住建部令第13号; clock_rules.yaml).
"""

from __future__ import annotations

from joint_review.models import Round
from ledger.actor import Actor
from projects import actions as projects

GROUND = "DESIGN_REVISION"


def stop_for_design(round_: Round, *, evidence: str, actor: Actor) -> None:
    """Part of `notice.issue`: the item's clock stands from the next working day."""
    if not is_stopped(round_):
        projects.stop_clock(round_.item, ground=GROUND, evidence=evidence, actor=actor, act="notice.issue")


def resume_for_design(round_: Round, *, evidence: str, actor: Actor, act: str) -> None:
    """Part of `act`: the item's clock goes on, unless another set still waits for the applicant."""
    others = Round.objects.filter(item_id=round_.item_id, state="noticed").exclude(pk=round_.pk)
    if is_stopped(round_) and not others.exists():
        projects.resume_clock(round_.item, ground=GROUND, evidence=evidence, actor=actor, act=act)


def is_stopped(round_: Round) -> bool:
    """Does design revision stop the item now?"""
    return bool(round_.item.pauses.filter(ground=GROUND, ended_at__isnull=True).exists())
