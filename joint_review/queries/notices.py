"""The merged notice as the applicant reads it: numbered opinions by sheet, answers, and what the new revision did."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from accounts.access import can, get_for, scope
from drawings.queries import match_sheets, revisions_of
from joint_review import catalogue
from joint_review.models import Anchor, MergedNotice, NoticeItem, Opinion, Reply
from joint_review.queries.names import (
    answer_label,
    cited_clause_out,
    class_label,
    department_out,
    discipline_out,
    verdict_label,
)
from joint_review.queries.places import match_place, place_of
from joint_review.queries.words import demand_in_words
from joint_review.rules.evaluations import of_drawings
from joint_review.words import state_label
from ledger.actor import Actor


def notice_for(actor: Actor, notice_id: UUID) -> MergedNotice:
    """One issued notice the actor may read, or NotFound."""
    get_for(actor, "notice.view", MergedNotice, notice_id)
    return MergedNotice.objects.select_related(
        "round__project__owner", "round__set", "round__revision", "round__convened_by", "revision"
    ).get(pk=notice_id)


def notices_of(actor: Actor, project_id: UUID) -> list[MergedNotice]:
    """The notices of a project that the actor may read, newest first."""
    return list(
        scope(actor, "notice.view", MergedNotice.objects.filter(round__project_id=project_id))
        .select_related("round__set", "round__revision")
        .order_by("-issued_at")
    )


def notice_view(actor: Actor, notice: MergedNotice) -> dict[str, Any]:
    """The notice with its entries by sheet, the answers so far, and whether it may be answered or submitted."""
    items = list(notice.items.select_related("opinion").prefetch_related("opinion__authors__department"))
    replies = {reply.opinion_id: reply for reply in Reply.objects.filter(notice=notice)}
    revision = revision_after(notice)
    matches = matches_on(notice, items, revision.pk) if revision and revision.state == "clean" else {}
    entries = [entry_view(actor, item, replies.get(item.opinion_id), matches.get(item.opinion_id)) for item in items]
    must = [entry for entry in entries if entry["must_fix"]]
    return {
        "id": notice.pk,
        "state": notice.round.state,
        "state_label": state_label("Round", notice.round.state),
        "sheets": [
            {"sheet": sheet, "items": list(group)}
            for sheet, group in groupby(entries, key=lambda entry: entry["sheet"])
        ],
        "count": len(entries),
        "answered": sum(entry["reply"] is not None for entry in must),
        "must": len(must),
        "needs_revision": any(entry["reply"] and entry["reply"]["kind"] == "revise" for entry in entries),
        "revision": revision,
        "can_answer": notice.round.state == "noticed" and any(entry["can_answer"] for entry in entries),
        "can_submit": notice.round.state == "noticed" and can(actor, "notice.submit_answers", notice),
    }


def entry_view(actor: Actor, item: NoticeItem, reply: Reply | None, match: dict[str, Any] | None) -> dict[str, Any]:
    """One numbered entry."""
    wording, opinion = item.wording, item.opinion
    is_applicant = reply is None or reply.submitted_at is not None or actor.principal_id is not None
    return {
        "number": item.number,
        "opinion_id": opinion.pk,
        "departments": [department_out(author.department) for author in opinion.authors.all()],
        "disciplines": [discipline_out(code) for code in wording["disciplines"]],
        "cls": wording["cls"],
        "cls_label": class_label(wording["cls"]),
        "must_fix": catalogue.opinion_classes()[wording["cls"]].must_fix,
        "clause": cited_clause_out(wording["clause"]),
        "text": wording["text"],
        "demand": demand_in_words(wording["demand"]),
        "sheet": wording["sheet"],
        "picture": bool(wording["picture"]),
        "near": item.near,
        "since_round": wording["since_round"],
        "rechecks": wording["rechecks"],
        "reply": {"kind": reply.kind, "kind_label": answer_label(reply.kind), "text": reply.text}
        if reply and is_applicant
        else None,
        "match": match,
        "can_answer": opinion.state == "issued" and can(actor, "opinion.answer", opinion),
    }


def revision_after(notice: MergedNotice) -> Any:
    """The newest revision handed in since the notice, whatever its state, or None."""
    newer = [
        rev for rev in revisions_of(of_drawings(notice.round.set_id)) if rev.position > notice.round.revision.position
    ]
    return newer[-1] if newer else None


def matches_on(notice: MergedNotice, items: list[NoticeItem], revision_id: UUID) -> dict[UUID, dict[str, Any]]:
    """What a clean new revision does to the place of each opinion: the applicant sees it before submitting."""
    following = {
        pair.old: pair.new for pair in match_sheets(of_drawings(notice.round.revision_id), revision_id) if pair.old
    }
    anchors = Anchor.objects.filter(round=notice.round, opinion_id__in=[item.opinion_id for item in items])
    found = {}
    for anchor in anchors:
        match = match_place(place_of(anchor), anchor.sheet_id, following.get(anchor.sheet_id))
        found[anchor.opinion_id] = {
            "verdict": match.verdict,
            "label": verdict_label(match.verdict),
            "certain": match.certain,
        }
    return found


def picture_of_item(actor: Actor, notice_id: UUID, opinion_id: UUID) -> str:
    """SHA-256 of the picture printed with an issued opinion; empty when there is none."""
    notice = notice_for(actor, notice_id)
    item = NoticeItem.objects.filter(notice=notice, opinion_id=opinion_id).first()
    return str(item.wording["picture"]) if item else ""


def anchor_of_opinion(actor: Actor, opinion_id: UUID) -> Anchor | None:
    """Where an opinion stands now, for a department that may see it; NotFound else."""
    opinion = get_for(actor, "joint_review.view", Opinion, opinion_id)
    return Anchor.objects.filter(opinion=opinion, round_id=opinion.round_id).select_related("opinion", "sheet").first()
