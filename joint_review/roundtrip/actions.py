"""Answers from the filled-in form (导入答复表): all rows or none, each by the same act as on the page."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from joint_review.actions import answer_opinion
from joint_review.actions.locking import lock_round
from joint_review.models import MergedNotice
from joint_review.roundtrip.form import FormAnswer, read_form
from ledger.actor import Actor
from ledger.errors import DomainError, Invalid, NotFound, Refused

ERRORS_SAID = 12


@transaction.atomic
def import_answers(notice_id: UUID, data: bytes, *, actor: Actor) -> Counter[str]:
    """Take over the answers of a form; how many of each kind. Raises Refused for the file, Invalid with one line per row.

    They stay drafts until all answers are submitted, as those written on the page.
    """
    found = MergedNotice.objects.filter(pk=notice_id).first()
    if found is None:
        raise NotFound
    lock_round(found.round_id)
    for item in found.items.select_related("opinion")[:1]:
        require(actor, "opinion.answer", item.opinion)
    answers = read_form(data, notice_id)
    if not answers:
        raise Refused(
            "form_empty",
            _("答复表里还没有填写任何答复。"),
            field="file",
            next_step=_("请填写“答复方式”和“答复内容”后再导入。"),
        )
    known = set(found.items.values_list("opinion_id", flat=True))
    problems, counts = [], Counter[str]()
    seen: set[UUID] = set()
    for answer in answers:
        problem = row_problem(answer, known, seen, actor)
        if problem:
            problems.append(_("第 %(row)s 行：%(problem)s") % {"row": answer.row, "problem": problem})
        else:
            counts[answer.kind] += 1
        seen.add(answer.opinion_id)
    if problems:
        rest = len(problems) - ERRORS_SAID
        more = [_("另有 %(n)s 行有问题。") % {"n": rest}] if rest > 0 else []
        raise Invalid({"file": problems[:ERRORS_SAID] + more})
    return counts


def row_problem(answer: FormAnswer, known: set[UUID], seen: set[UUID], actor: Actor) -> str:
    """Write one answer; what is wrong with its row, or nothing."""
    if answer.opinion_id not in known:
        return _("意见不在本告知书中。")
    if answer.opinion_id in seen:
        return _("同一条意见填写了两次。")
    try:
        with transaction.atomic():
            answer_opinion(answer.opinion_id, actor=actor, kind=answer.kind, text=answer.text)
    except Invalid as refusal:
        return " ".join(text for texts in refusal.errors.values() for text in texts)
    except DomainError as refusal:
        return refusal.message
    return ""
