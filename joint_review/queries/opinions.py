"""Opinions for departments, and the warnings while one is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.access import get_for, scope
from accounts.queries import display_names
from joint_review import catalogue
from joint_review.models import Anchor, Opinion, Recheck, Reply, Round, Task
from joint_review.queries.facts import demand_of, drafts_of_round
from joint_review.queries.names import (
    answer_label,
    cited_clause_out,
    class_label,
    department_out,
    discipline_out,
    in_language,
    recheck_label,
)
from joint_review.queries.words import demand_in_words
from joint_review.rules.contradictions import contradict
from joint_review.rules.geometry import box_of
from joint_review.rules.merging import Draft, duplicates_of, same_place
from joint_review.rules.opinions import Standing, blocks
from joint_review.words import state_label
from ledger.actor import Actor


def opinions_of(actor: Actor, round_: Round) -> list[dict[str, Any]]:
    """The opinions of a round, numbered as raised, with what the actor may do with each.

    The caller has decided that the actor sees the round; withdrawn and merged ones are shown too, as such.
    """
    opinions = list(
        Opinion.objects.filter(Q(round=round_) | Q(raised_in=round_))
        .prefetch_related("authors__department", "authors__task")
        .select_related("merged_into")
        .distinct()
        .order_by("number")
    )
    return views_of(actor, opinions, round_)


def opinion_for(actor: Actor, opinion_id: UUID) -> Opinion:
    """One opinion the actor may see, or NotFound."""
    return get_for(actor, "joint_review.view", Opinion, opinion_id)


def opinion_as_it_is(actor: Actor, opinion_id: UUID) -> dict[str, Any]:
    """One opinion with its thread, for a department that may see it."""
    opinion_for(actor, opinion_id)
    opinion = (
        Opinion.objects.select_related("round", "merged_into")
        .prefetch_related("authors__department", "authors__task")
        .get(pk=opinion_id)
    )
    return views_of(actor, [opinion], opinion.round)[0]


def views_of(actor: Actor, opinions: Sequence[Opinion], round_: Round) -> list[dict[str, Any]]:
    """These opinions as they stand in the round."""
    ids = [opinion.pk for opinion in opinions]
    anchors = {
        anchor.opinion_id: anchor
        for anchor in Anchor.objects.filter(opinion_id__in=ids, round=round_).select_related("sheet")
    }
    replies: dict[UUID, list[Reply]] = {}
    for reply in Reply.objects.filter(opinion_id__in=ids, submitted_at__isnull=False).order_by("at"):
        replies.setdefault(reply.opinion_id, []).append(reply)
    rechecks: dict[UUID, list[Recheck]] = {}
    for recheck in Recheck.objects.filter(opinion_id__in=ids).select_related("task__department").order_by("at"):
        rechecks.setdefault(recheck.opinion_id, []).append(recheck)
    people = display_names(
        {opinion.author_id for opinion in opinions}
        | {reply.person_id for listed in replies.values() for reply in listed}
        | {recheck.person_id for items in rechecks.values() for recheck in items}
    )
    allowed = opinion_acts(actor, opinions, round_)
    return [
        {
            **opinion_view(actor, opinion, anchors.get(opinion.pk), people),
            "can": allowed.get(opinion.pk, []),
            "replies": thread(replies.get(opinion.pk, []), rechecks.get(opinion.pk, []), people),
        }
        for opinion in opinions
    ]


def opinion_view(actor: Actor, opinion: Opinion, anchor: Anchor | None, people: dict[int, str]) -> dict[str, Any]:
    """One opinion without its thread."""
    authors = sorted(opinion.authors.all(), key=lambda author: (not author.is_first, author.at))
    first = authors[0]
    standing = Standing(opinion.cls, opinion.state)
    return {
        "id": opinion.pk,
        "no": opinion.number,
        "department": department_out(first.department),
        "discipline": discipline_out(first.discipline),
        "authors": [department_out(author.department) for author in authors],
        "cls": opinion.cls,
        "cls_label": class_label(opinion.cls),
        "clause": cited_clause_out(opinion.clause),
        "text": opinion.text,
        "demand": opinion.demand,
        "demand_label": demand_in_words(opinion.demand),
        "state": opinion.state,
        "state_label": state_label("Opinion", opinion.state),
        "blocking": blocks(standing, catalogue.opinion_classes()),
        "late_reason": opinion.late_reason or None,
        "version": opinion.version,
        "mine": any(author.department.code in actor.department_codes for author in authors),
        "author": {"id": opinion.author_id, "name": people.get(opinion.author_id, "—")},
        "raised_at": opinion.raised_at,
        "merged_into": opinion.merged_into.number if opinion.merged_into else None,
        "why_withdrawn": opinion.why_withdrawn or None,
        **anchor_view(anchor),
    }


def anchor_view(anchor: Anchor | None) -> dict[str, Any]:
    """Where it is on the drawings, and what the revision did to the place."""
    if anchor is None:
        return {"sheet_id": None, "region": None, "marks": [], "match": None, "picture": False}
    return {
        "sheet_id": anchor.sheet_id,
        "region": anchor.region,
        "marks": [mark["obj"] for mark in anchor.marks],
        "match": {"verdict": anchor.verdict, "certain": anchor.certain, "why": anchor.why} if anchor.verdict else None,
        "picture": True,
    }


def opinion_acts(actor: Actor, opinions: Sequence[Opinion], round_: Round) -> dict[UUID, list[str]]:
    """The acts whose permission row and state allow them now, for all opinions with a few queries."""
    rows = Opinion.objects.filter(pk__in=[opinion.pk for opinion in opinions])

    def within(action: str) -> set[UUID]:
        return set(scope(actor, action, rows).values_list("pk", flat=True))

    if round_.state != "open":
        return {}
    editable, recheckable = within("opinion.edit"), within("opinion.recheck")
    unsigned = {
        task.pk
        for task in Task.objects.filter(round=round_).select_related("department")
        if task.state in {"open", "claimed", "handed_over"} and task.department.code in actor.department_codes
    }
    own = {(task.department_id, task.discipline) for task in Task.objects.filter(pk__in=unsigned)}
    acts: dict[UUID, list[str]] = {}
    for opinion in opinions:
        if opinion.round_id != round_.pk:
            continue
        authors = [(author.department_id, author.discipline) for author in opinion.authors.all()]
        found = []
        signed = any(
            author.task.state == "signed" and author.task.round_id == round_.pk for author in opinion.authors.all()
        )
        if opinion.state == "draft" and not signed:
            if opinion.pk in editable and own & set(authors):
                found += ["edit", "withdraw"]
            if own - set(authors):
                found.append("join")
        if opinion.pk in recheckable and opinion.raised_in_id != round_.pk and own & set(authors):
            if opinion.state in {"answered", "kept", "closed"}:
                found.append("recheck")
            found.append("confirm")
        acts[opinion.pk] = found
    return acts


def thread(replies: Iterable[Reply], rechecks: Iterable[Recheck], people: dict[int, str]) -> list[dict[str, Any]]:
    """Answers and rechecks in the order in which they were given."""
    entries = [
        {
            "by": people.get(reply.person_id, "—"),
            "kind": reply.kind,
            "kind_label": answer_label(reply.kind),
            "text": reply.text,
            "at": reply.submitted_at,
        }
        for reply in replies
    ] + [
        {
            "by": in_language(recheck.task.department.short_name, recheck.task.department.name_en),
            "kind": recheck.result,
            "kind_label": recheck_label(recheck.result),
            "text": recheck.text,
            "at": recheck.at,
        }
        for recheck in rechecks
    ]
    return sorted(entries, key=lambda entry: entry["at"])


def similar_opinions(
    round_: Round, task: Task, *, sheet_id: UUID | None, region: Sequence[float] | None, cls: str, clause: str, text: str,
    demand: dict[str, Any] | None,
) -> dict[str, list[int]]:  # fmt: skip
    """The live warnings of the writer (意见查重与冲突): numbers of opinions that say the same, or the contrary."""
    draft = Draft(
        key="",
        number=0,
        cls=cls,
        clause=clause or None,
        text=text,
        authors=frozenset({(task.department.code, task.discipline or None)}),
        sheet=str(sheet_id) if sheet_id else None,
        region=box_of(region) if region else None,
        demand=demand_of(demand),
    )
    others = drafts_of_round(round_)
    alike = set(duplicates_of(draft, others))
    against = {
        other.key
        for other in others
        if draft.demand and other.demand and same_place(draft, other) and contradict(draft.demand, other.demand)
    }
    return {
        "duplicates": [other.number for other in others if other.key in alike],
        "contradicts": [other.number for other in others if other.key in against],
    }
