"""Conflicts between opinions (意见冲突): found by the system or opened by a department, ruled by the lead."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import require
from drawings import actions as drawings
from joint_review.actions.locking import lock_round, move
from joint_review.events import ConflictOpened, ConflictRuled, ConflictSettled
from joint_review.models import Anchor, Conflict, Opinion, Round
from joint_review.queries.facts import drafts_of_round
from joint_review.rules.merging import contradictions
from joint_review.states import CONFLICT_MOVES, OPINION_MOVES, STANDING_OPINIONS
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import NotFound, Refused, StateConflict
from ledger.record import record


def find_conflicts(round_: Round, opinion: Opinion) -> list[Conflict]:
    """Open a conflict with every other opinion that asks for the contrary at the same place; the round is locked."""
    key = str(opinion.pk)
    found = []
    for first, second in contradictions(drafts_of_round(round_)):
        if key in (first, second):
            conflict = store_conflict(
                round_, UUID(first), UUID(second), reason="", by=Actor.system(cause="OpinionRaised")
            )
            found += [conflict] if conflict else []
    return found


@transaction.atomic
def open_conflict(round_id: UUID, *, actor: Actor, first: UUID, second: UUID, reason: str) -> Conflict:
    """Say that two opinions of the round cannot both be met (提请会办), where the system did not see it."""
    round_ = lock_round(round_id)
    require(actor, "conflict.open", round_)
    if round_.state not in {"open", "complete"}:
        raise StateConflict(_("本轮意见已告知申请人，不能再提请会办。"))
    if not reason.strip():
        raise Refused("reason_needed", _("请写明两条意见为什么不能同时满足。"), field="reason")
    standing = round_.opinions.filter(pk__in=[first, second], state__in=sorted(STANDING_OPINIONS)).count()
    if first == second or standing != 2:
        raise NotFound
    conflict = store_conflict(round_, first, second, reason=reason.strip()[:400], by=actor)
    if conflict is None:
        raise StateConflict(_("这两条意见已经提请会办。"))
    return conflict


def store_conflict(round_: Round, first: UUID, second: UUID, *, reason: str, by: Actor) -> Conflict | None:
    """The conflict of two opinions, or None when it is known already; one that was settled opens again."""
    first, second = sorted((first, second))
    conflict = Conflict.objects.filter(first_id=first, second_id=second).first()
    if conflict is not None and conflict.state != "settled":
        return None
    if conflict is None:
        conflict = Conflict(first_id=first, second_id=second)
    conflict.round, conflict.state, conflict.reason = round_, "open", reason
    conflict.opened_by_id, conflict.opened_at = by.person_id, now()
    conflict.save()
    departments = sorted(
        set(Opinion.objects.filter(pk__in=[first, second]).values_list("authors__department__code", flat=True))
    )
    event = ConflictOpened(
        project_id=round_.project_id, round_id=round_.pk, conflict_id=conflict.pk, departments=departments
    )
    record(event, actor=by, subject=conflict, project_id=round_.project_id)
    return conflict


def settle_conflicts_of(opinion: Opinion, *, actor: Actor) -> None:
    """One of the two has changed or is gone: its open conflicts are settled; the system looks again after an edit."""
    about = Q(first=opinion) | Q(second=opinion)
    for conflict in (
        Conflict.objects.select_for_update(of=("self",)).select_related("round").filter(about, state="open")
    ):
        move(conflict, CONFLICT_MOVES, "settle")
        conflict.save(update_fields=["state"])
        project_id = conflict.round.project_id
        event = ConflictSettled(project_id=project_id, round_id=conflict.round_id, conflict_id=conflict.pk)
        record(event, actor=actor, subject=conflict, project_id=project_id)


@transaction.atomic
def rule_conflict(conflict_id: UUID, *, actor: Actor, ruling: str, prevails: UUID | None = None) -> Conflict:
    """The lead rules after the meeting (会办裁定): which opinion prevails, or how both stand, with the reasons.

    The opinion that does not prevail is withdrawn by the ruling. When nothing blocking is left in a complete round, the
    round closes.
    """
    from joint_review.actions.rounds import settle_complete_round

    round_id = Conflict.objects.filter(pk=conflict_id).values_list("round_id", flat=True).first()
    if round_id is None:
        raise NotFound
    round_ = lock_round(round_id)
    conflict = Conflict.objects.select_for_update().get(pk=conflict_id)
    require(actor, "conflict.rule", conflict)
    if not ruling.strip():
        raise Refused("reason_needed", _("请写明裁定内容和依据。"), field="ruling")
    if prevails is not None and prevails not in {conflict.first_id, conflict.second_id}:
        raise Refused("not_in_conflict", _("请从冲突的两条意见中选择。"), field="prevails")
    move(conflict, CONFLICT_MOVES, "rule")
    conflict.ruling, conflict.prevails_id = ruling.strip(), prevails
    conflict.ruled_by_id, conflict.ruled_at = actor.person_id, now()
    conflict.save(update_fields=["state", "ruling", "prevails", "ruled_by", "ruled_at"])
    if prevails is not None:
        loser = conflict.second_id if prevails == conflict.first_id else conflict.first_id
        overrule(Opinion.objects.select_for_update(of=("self",)).get(pk=loser), conflict, actor)
    event = ConflictRuled(project_id=round_.project_id, round_id=round_.pk, conflict_id=conflict.pk, prevails=prevails)
    record(event, actor=actor, subject=conflict, project_id=round_.project_id)
    settle_complete_round(round_)
    return conflict


def overrule(opinion: Opinion, conflict: Conflict, actor: Actor) -> None:
    """The opinion falls by the ruling; where the sheets are still open its marks are free again."""
    move(opinion, OPINION_MOVES, "overrule")
    opinion.why_withdrawn, opinion.closed_at = conflict.ruling[:400], now()
    opinion.save(update_fields=["state", "why_withdrawn", "closed_at"])
    for anchor in Anchor.objects.filter(opinion=opinion, round_id=conflict.round_id, sheet__state="open"):
        marks = [UUID(mark["obj"]) for mark in anchor.marks]
        if marks:
            drawings.uncite_marks(anchor.sheet_id, marks, opinion_id=opinion.pk, actor=actor)
    settle_conflicts_of(opinion, actor=actor)
