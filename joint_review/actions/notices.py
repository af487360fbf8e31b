"""The merged notice (合并告知书): once per round, by the lead, when every task is signed."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from drawings import actions as drawings
from drawings.queries import sheets_of
from joint_review import catalogue
from joint_review.actions.clock import stop_for_design
from joint_review.actions.locking import lock_round, move
from joint_review.actions.papers import issue_notice_paper
from joint_review.actions.pictures import with_picture
from joint_review.events import NoticeIssued, SetReturned
from joint_review.models import Anchor, Conflict, MergedNotice, NoticeItem, Opinion, Recheck, Round
from joint_review.queries.facts import drafts_of_round, outcome_of
from joint_review.queries.names import in_language
from joint_review.rules.evaluations import of_drawings
from joint_review.rules.merging import notice_items
from joint_review.states import OPINION_MOVES, ROUND_MOVES
from joint_review.words import refuse, state_label
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict as SomebodyWasFirst
from ledger.errors import StateConflict
from ledger.record import record
from projects.queries import due_after


@transaction.atomic
def issue_notice(round_id: UUID, *, actor: Actor) -> MergedNotice:
    """Issue the one notice of a complete round (签发合并告知书).

    Freezes the sheets, numbers the opinions and keeps their wording as issued, issues the paper, and stops the clock on
    the legal ground of design revision (住建部令第13号). After the last round the paper returns the set (退回).
    """
    round_ = lock_round(round_id)
    require(actor, "notice.issue", round_)
    require_complete(round_)
    outcome = outcome_of(round_)
    if outcome == "close":
        raise refuse("nothing_to_notice")
    if Conflict.objects.filter(round=round_, state="open").exists():
        raise refuse("conflict_open")
    returned = outcome == "return"
    items = write_items(round_)
    due_on = due_after(round_.project_id, catalogue.limits()["design_revision_working_days"])
    drawings.freeze_sheets(
        [sheet.pk for sheet in sheets_of(of_drawings(round_.revision_id))],
        reason="notice",
        actor=actor,
        round_id=round_.pk,
    )
    paper = issue_notice_paper(round_, items, due_on=due_on, returned=returned, actor=actor)
    notice = MergedNotice.objects.create(
        id=uuid.uuid4(),
        round=round_,
        issued_by_id=actor.signed_in(),
        issued_at=now(),
        paper_id=paper.pk,
        due_on=due_on,
    )
    for item in items:
        item.notice = notice
    NoticeItem.objects.bulk_create(items)
    for opinion in Opinion.objects.select_for_update(of=("self",)).filter(pk__in=[item.opinion_id for item in items]):
        move(opinion, OPINION_MOVES, "issue")
        opinion.save(update_fields=["state"])
    move(round_, ROUND_MOVES, "return" if returned else "issue_notice")
    round_.ended_at = now() if returned else None
    round_.save(update_fields=["state", "ended_at"])
    stop_for_design(round_, evidence=_("合并告知书%(number)s") % {"number": paper.number}, actor=actor)
    record_notice(round_, notice, items, returned=returned, actor=actor)
    return notice


def record_notice(
    round_: Round, notice: MergedNotice, items: list[NoticeItem], *, returned: bool, actor: Actor
) -> None:
    """What happened, for the chain and for those who wait for it."""
    issued = NoticeIssued(
        project_id=round_.project_id,
        round_id=round_.pk,
        notice_id=notice.pk,
        paper_id=notice.paper_id,
        opinions=len(items),
        due_on=notice.due_on,
    )
    record(issued, actor=actor, subject=notice, project_id=round_.project_id)
    if returned:
        back = SetReturned(
            project_id=round_.project_id,
            round_id=round_.pk,
            set_id=of_drawings(round_.set_id),
            no=round_.no,
            paper_id=notice.paper_id,
        )
        record(back, actor=actor, subject=round_, project_id=round_.project_id)


def require_complete(round_: Round) -> None:
    """Every task is signed and no notice has gone out yet."""
    if round_.state in {"noticed", "returned", "answered"}:
        raise SomebodyWasFirst(_("本轮的合并告知书已经签发，不能再次签发。"), code="noticed_already")
    if round_.state == "open":
        waiting = round_.tasks.exclude(state__in=["signed", "silent"]).select_related("department")
        names = _("、").join(in_language(task.department.short_name, task.department.name_en) for task in waiting)
        raise StateConflict(
            _("还有部门未签署：%(names)s。") % {"names": names},
            next_step=_("合并告知书在全部部门签署后一次性签发，可先催办。"),
        )
    if round_.state != "complete":
        raise StateConflict(
            _("当前状态（%(state)s）下不能签发告知书。") % {"state": state_label("Round", round_.state)}
        )


def write_items(round_: Round) -> list[NoticeItem]:
    """The numbered entries with their wording, not stored yet."""
    order = list(catalogue.opinion_classes())
    entries = notice_items(drafts_of_round(round_, states=["signed"]), order)
    opinions = {str(opinion.pk): opinion for opinion in round_.opinions.filter(state="signed")}
    anchors = {
        anchor.opinion_id: with_picture(anchor)
        for anchor in Anchor.objects.filter(round=round_, opinion__state="signed").select_related(
            "opinion", "sheet__file", "sheet__revision"
        )
    }
    return [
        NoticeItem(
            number=entry.number,
            opinion=opinions[entry.opinion],
            departments=list(entry.departments),
            near=list(entry.near),
            wording=wording_of(opinions[entry.opinion], anchors.get(opinions[entry.opinion].pk)),
        )
        for entry in entries
    ]


def wording_of(opinion: Opinion, anchor: Anchor | None) -> dict[str, Any]:
    """What the applicant is told, kept as it was issued."""
    rechecks = Recheck.objects.filter(opinion=opinion).exclude(result="accept").order_by("-at")
    return {
        "number": opinion.number,
        "cls": opinion.cls,
        "clause": opinion.clause,
        "text": opinion.text,
        "demand": opinion.demand,
        "disciplines": sorted({code for author in opinion.authors.all() for code in [author.discipline] if code}),
        "sheet": sheet_wording(anchor) if anchor else None,
        "region": anchor.region if anchor else None,
        "picture": anchor.picture if anchor else "",
        "since_round": opinion.raised_in.no,
        # What the departments said to the answer before: 部分采纳 or 保留 and why.
        "rechecks": [{"result": recheck.result, "text": recheck.text} for recheck in rechecks],
    }


def sheet_wording(anchor: Anchor) -> dict[str, Any]:
    """The sheet with version and content hash, as a notice names it."""
    sheet = anchor.sheet
    return {
        "id": str(sheet.pk),
        "number": sheet.number,
        "name": sheet.name,
        "revision": sheet.revision.no,
        "sha256": sheet.file.sha256,
    }
