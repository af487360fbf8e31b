"""Opinions while they are drafts (审查意见): raise from marks or from none, edit, withdraw, join as co-author."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.access import require
from drawings import actions as drawings
from joint_review.actions.conflicts import find_conflicts, settle_conflicts_of
from joint_review.actions.drafting import (
    Spot,
    Wording,
    checked_late_reason,
    checked_wording,
    clause_as_cited,
    mark_as_cited,
    place_of,
)
from joint_review.actions.locking import lock_opinion, lock_task, move, require_open
from joint_review.actions.tasks import begin_first_review
from joint_review.events import OpinionEdited, OpinionJoined, OpinionRaised, OpinionWithdrawn
from joint_review.models import Anchor, Opinion, OpinionAuthor, Task
from joint_review.rules.evaluations import of_drawings
from joint_review.rules.geometry import box_of, joined
from joint_review.states import OPINION_MOVES
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Forbidden, NotFound, StateConflict
from ledger.record import record

__all__ = ["Spot", "Wording", "edit_opinion", "join_opinion", "raise_opinion", "withdraw_opinion"]


@transaction.atomic
def raise_opinion(
    task_id: UUID, *, actor: Actor, wording: Wording, spot: Spot | None = None, late_reason: str = ""
) -> Opinion:
    """Raise an opinion for one's department (提出审查意见), from marks or from none.

    The marks are cited and from now on nobody changes them. On a place untouched since round one it needs a late reason
    (一次性告知, 行政许可法第三十二条). The first opinion of an unclaimed task claims it. Contradictions with other
    departments' demands open a conflict.
    """
    round_, task = lock_task(task_id)
    require(actor, "opinion.raise", task)
    require_own_task(task, actor)
    require_open(round_)
    require_unsigned(task)
    checked = checked_wording(wording)
    spot = spot or Spot()
    opinion_id = uuid.uuid4()
    cited, place = place_of(round_, spot, opinion_id, actor)
    late_reason = checked_late_reason(round_, spot.sheet_id, place, late_reason)
    if task.first_by_id is None:
        begin_first_review(task, actor)
    number = (Opinion.objects.filter(set_id=round_.set_id).aggregate(n=Max("number"))["n"] or 0) + 1
    opinion = Opinion.objects.create(
        id=opinion_id,
        set_id=of_drawings(round_.set_id),
        number=number,
        raised_in=round_,
        round=round_,
        cls=checked.cls,
        clause_code=checked.clause_code,
        clause=clause_as_cited(checked.clause_code),
        text=checked.text,
        demand=checked.demand,
        late_reason=late_reason,
        author_id=actor.signed_in(),
        raised_at=now(),
    )
    OpinionAuthor.objects.create(
        opinion=opinion,
        task=task,
        department=task.department,
        discipline=task.discipline,
        person_id=actor.signed_in(),
        at=now(),
        is_first=True,
    )
    if spot.sheet_id is not None:
        Anchor.objects.create(
            opinion=opinion,
            round=round_,
            sheet_id=spot.sheet_id,
            region=list(place.region) if place.region else None,
            handles=list(place.handles),
            marks=[mark_as_cited(mark) for mark in cited],
        )
    event = OpinionRaised(
        project_id=round_.project_id,
        round_id=round_.pk,
        opinion_id=opinion.pk,
        number=number,
        department=task.department.code,
        cls=opinion.cls,
        late_reason=late_reason,
    )
    record(event, actor=actor, subject=opinion, project_id=round_.project_id)
    find_conflicts(round_, opinion)
    return opinion


@transaction.atomic
def edit_opinion(opinion_id: UUID, *, actor: Actor, wording: Wording, version: int | None = None) -> Opinion:
    """Change the words of a draft (修改意见); the place stays: withdraw and raise again to move it.

    `version` is the one the writer saw; another one means that a colleague was faster.
    """
    round_, opinion = lock_opinion(opinion_id)
    require(actor, "opinion.edit", opinion)
    require_open(round_)
    require_nobody_signed(opinion)
    if version is not None and version != opinion.version:
        raise Conflict(
            _("这条意见已被同事修改。"), code="stale", next_step=_("请刷新后在最新内容上修改，您的文字仍在输入框中。")
        )
    checked = checked_wording(wording)
    before = (opinion.cls, opinion.clause_code, opinion.text, opinion.demand)
    after = (checked.cls, checked.clause_code, checked.text, checked.demand)
    changed = [
        name
        for name, old, new in zip(("cls", "clause_code", "text", "demand"), before, after, strict=True)
        if old != new
    ]
    if not changed:
        return opinion
    move(opinion, OPINION_MOVES, "edit")
    opinion.cls, opinion.clause_code, opinion.text = checked.cls, checked.clause_code, checked.text
    opinion.demand = checked.demand
    opinion.clause = clause_as_cited(checked.clause_code)
    opinion.version, opinion.edited_at = opinion.version + 1, now()
    opinion.save(update_fields=["state", "cls", "clause_code", "clause", "text", "demand", "version", "edited_at"])
    event = OpinionEdited(
        project_id=round_.project_id,
        round_id=round_.pk,
        opinion_id=opinion.pk,
        version=opinion.version,
        fields=changed,
    )
    record(event, actor=actor, subject=opinion, project_id=round_.project_id)
    settle_conflicts_of(opinion, actor=actor)
    find_conflicts(round_, opinion)
    return opinion


@transaction.atomic
def withdraw_opinion(opinion_id: UUID, *, actor: Actor, why: str = "") -> Opinion:
    """Take a draft back (撤回意见); its marks are free again. Where others have joined, only the own name is taken off."""
    round_, opinion = lock_opinion(opinion_id)
    require(actor, "opinion.edit", opinion)
    require_open(round_)
    require_nobody_signed(opinion)
    author = own_authorship(opinion, actor)
    drop_opinion(opinion, author.task, actor=actor, why=why.strip())
    return opinion


def drop_opinion(opinion: Opinion, task: Task, *, actor: Actor, why: str) -> None:
    """The department of `task` no longer stands behind a draft; without an author left the draft is withdrawn."""
    own = opinion.authors.filter(department=task.department, discipline=task.discipline)
    others = list(opinion.authors.exclude(pk__in=own.values("pk")).order_by("at"))
    if others:
        own.delete()
        if not any(author.is_first for author in others):
            OpinionAuthor.objects.filter(pk=others[0].pk).update(is_first=True)
    else:
        free_marks(opinion, actor)
        move(opinion, OPINION_MOVES, "withdraw")
        opinion.why_withdrawn, opinion.closed_at = why[:400], now()
        opinion.save(update_fields=["state", "why_withdrawn", "closed_at"])
        settle_conflicts_of(opinion, actor=actor)
    event = OpinionWithdrawn(
        project_id=task.round.project_id,
        round_id=task.round_id,
        opinion_id=opinion.pk,
        number=opinion.number,
        why=why,
    )
    record(event, actor=actor, subject=opinion, project_id=task.round.project_id)


@transaction.atomic
def join_opinion(opinion_id: UUID, *, actor: Actor, task_id: UUID, instead_of: UUID | None = None) -> Opinion:
    """Stand behind another department's draft (联合署名); `instead_of`: one's own draft that says the same goes into it."""
    round_, opinion = lock_opinion(opinion_id)
    task = Task.objects.select_for_update(of=("self",)).select_related("department").filter(pk=task_id).first()
    if task is None or task.round_id != round_.pk:
        raise NotFound
    task.round = round_
    require(actor, "opinion.join_authorship", task)
    require_own_task(task, actor)
    require_open(round_)
    require_unsigned(task)
    if opinion.state != "draft":
        raise StateConflict(_("这条意见已签署，不能再联合署名。"), next_step=_("请提出本部门自己的意见。"))
    require_nobody_signed(opinion)
    if opinion.authors.filter(department=task.department, discipline=task.discipline).exists():
        return opinion
    own = merge_own_draft(opinion, instead_of, task, actor) if instead_of else None
    if task.first_by_id is None:
        begin_first_review(task, actor)
    OpinionAuthor.objects.create(
        opinion=opinion,
        task=task,
        department=task.department,
        discipline=task.discipline,
        person_id=actor.signed_in(),
        at=now(),
    )
    event = OpinionJoined(
        project_id=round_.project_id,
        round_id=round_.pk,
        opinion_id=opinion.pk,
        department=task.department.code,
        instead_of=own.pk if own else None,
    )
    record(event, actor=actor, subject=opinion, project_id=round_.project_id)
    return opinion


def merge_own_draft(opinion: Opinion, own_id: UUID, task: Task, actor: Actor) -> Opinion:
    """One's own draft becomes part of another: its marks stay cited and are shown with the opinion that remains."""
    own = (
        Opinion.objects.select_for_update(of=("self",))
        .filter(pk=own_id, round_id=opinion.round_id, authors__department=task.department)
        .first()
    )
    if own is None or own.pk == opinion.pk:
        raise NotFound
    require(actor, "opinion.edit", own)
    require_nobody_signed(own)
    if own.authors.count() > 1:
        raise StateConflict(_("已有其他部门联署您的意见，不能并入他条。"), next_step=_("请保留两条意见。"))
    move(own, OPINION_MOVES, "merge")
    own.merged_into, own.closed_at = opinion, now()
    own.save(update_fields=["state", "merged_into", "closed_at"])
    theirs = Anchor.objects.filter(opinion=opinion, round_id=opinion.round_id).first()
    mine = Anchor.objects.filter(opinion=own, round_id=opinion.round_id).first()
    if mine is not None and theirs is not None and mine.sheet_id == theirs.sheet_id:
        theirs.marks = [*theirs.marks, *mine.marks]
        boxes = [box_of(region) for region in (theirs.region, mine.region) if region]
        around = joined(boxes)
        theirs.region, theirs.picture = list(around) if around else None, ""
        theirs.save(update_fields=["marks", "region", "picture"])
    settle_conflicts_of(own, actor=actor)
    return own


def require_own_task(task: Task, actor: Actor) -> None:
    """An opinion is one's own department's, also for who leads the round."""
    if task.department.code not in actor.department_codes:
        raise Forbidden(_("只能以本部门的名义提出意见。"), code="not_own_department")


def require_unsigned(task: Task) -> None:
    """After the signature the department has spoken for this round."""
    if task.state in {"signed", "silent"}:
        raise StateConflict(_("本部门已签署本轮意见，不能再增改。"), next_step=_("新的意见请在下一轮提出。"))


def require_nobody_signed(opinion: Opinion) -> None:
    """A draft that an author's department has signed stands as signed."""
    if opinion.authors.filter(task__state__in=["signed", "silent"], task__round_id=opinion.round_id).exists():
        raise StateConflict(
            _("已有署名部门签署，这条意见不能再修改或撤回。"), next_step=_("如有不同意见，请另提一条并请牵头人会办。")
        )


def own_authorship(opinion: Opinion, actor: Actor) -> OpinionAuthor:
    """The authorship of the actor's department."""
    author = (
        opinion.authors.select_related("task__round", "task__department", "department")
        .filter(department__code__in=actor.department_codes)
        .order_by("-is_first", "at")
        .first()
    )
    if author is None:
        raise Forbidden(_("这不是本部门的意见。"), code="not_own_department")
    return author


def free_marks(opinion: Opinion, actor: Actor) -> None:
    """Nobody cites them through this opinion, or through one that was merged into it, any more."""
    for anchor in Anchor.objects.filter(
        Q(opinion=opinion) | Q(opinion__merged_into=opinion), round_id=opinion.round_id
    ):
        marks = [UUID(mark["obj"]) for mark in anchor.marks]
        if marks:
            drawings.uncite_marks(anchor.sheet_id, marks, opinion_id=anchor.opinion_id, actor=actor)
