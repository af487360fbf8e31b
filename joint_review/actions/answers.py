"""The applicant's answers (意见答复), the departments' rechecks (复核), and confirmed places on new sheets."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from drawings.queries import revisions_of, sheets_of
from joint_review import catalogue
from joint_review.actions.clock import resume_for_design
from joint_review.actions.drafting import checked_region
from joint_review.actions.locking import lock_opinion, lock_round, move, require_open
from joint_review.actions.rounds import Following, open_next_round
from joint_review.actions.tasks import begin_first_review
from joint_review.events import AnchorConfirmed, AnswersSubmitted, OpinionAnswered, OpinionRechecked
from joint_review.models import Anchor, MergedNotice, Opinion, OpinionAuthor, Recheck, Reply, Round, Task
from joint_review.models.notices import ANSWER_KINDS, RECHECK_RESULTS
from joint_review.rules.evaluations import of_drawings
from joint_review.rules.opinions import after_recheck
from joint_review.states import OPINION_MOVES, ROUND_MOVES
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden, Invalid, NotFound, Refused, StateConflict
from ledger.record import record

TEXT_LIMIT = 4000


@transaction.atomic
def answer_opinion(opinion_id: UUID, *, actor: Actor, kind: str, text: str = "") -> Reply:
    """Write or change the answer to one noticed opinion: revise 修改, explain 说明 or object 异议.

    It is a draft that only the applicant's side sees until all answers are submitted.
    """
    round_, opinion = lock_opinion(opinion_id)
    require(actor, "opinion.answer", opinion)
    notice = MergedNotice.objects.filter(round=round_, items__opinion=opinion).first()
    if notice is None:
        # Not issued: the applicant is not to know that it exists.
        raise NotFound
    if round_.state != "noticed" or opinion.state != "issued":
        raise StateConflict(_("答复已经提交，不能再修改。"), next_step=_("如需补充，请在下一轮告知后答复。"))
    errors: dict[str, list[str]] = {}
    text = text.strip()
    if kind not in ANSWER_KINDS:
        errors["kind"] = [_("请选择答复方式：修改、说明或异议。")]
    if kind in {"explain", "object"} and not text:
        errors["text"] = [_("请写明说明或异议的理由，审查部门据此复核。")]
    if len(text) > TEXT_LIMIT:
        errors["text"] = [_("文字过长，请控制在 4000 字以内。")]
    if errors:
        raise Invalid(errors)
    reply, _made = Reply.objects.update_or_create(
        opinion=opinion,
        notice=notice,
        defaults={
            "kind": kind,
            "text": text,
            "person_id": actor.signed_in(),
            "on_behalf_of": actor.on_behalf_of,
            "at": now(),
        },
    )
    event = OpinionAnswered(project_id=round_.project_id, round_id=round_.pk, opinion_id=opinion.pk, kind=kind)
    record(event, actor=actor, subject=opinion, project_id=round_.project_id)
    return reply


@transaction.atomic
def submit_answers(round_id: UUID, *, actor: Actor) -> Round:
    """Submit every answer at once (提交答复): the clock runs again and the next round opens.

    Every opinion that must be mended has an answer; where one says 修改 there is a new clean revision. Returns the next
    round.
    """
    round_ = lock_round(round_id)
    notice = MergedNotice.objects.select_for_update(of=("self",)).filter(round=round_).first()
    if notice is None:
        raise NotFound
    require(actor, "notice.submit_answers", notice)
    if round_.state == "answered":
        raise StateConflict(_("答复已经提交。"), next_step=_("请在项目页面查看下一轮联审的进展。"))
    if round_.state != "noticed":
        raise StateConflict(_("这套图纸已退回，不能再提交答复。"), next_step=_("请重新提交一套图纸。"))
    replies = {reply.opinion_id: reply for reply in notice.replies.all()}
    require_all_answered(round_, replies)
    revision_id = revision_of_answers(round_, list(replies.values()))
    at = now()
    for opinion in round_.opinions.select_for_update(of=("self",)).filter(state="issued", pk__in=list(replies)):
        move(opinion, OPINION_MOVES, "answer")
        opinion.save(update_fields=["state"])
    Reply.objects.filter(notice=notice).update(submitted_at=at)
    notice.answered_by_id, notice.on_behalf_of, notice.answered_at = actor.person_id, actor.on_behalf_of, at
    notice.revision_id = revision_id if revision_id != round_.revision_id else None
    notice.save(update_fields=["answered_by", "on_behalf_of", "answered_at", "revision"])
    move(round_, ROUND_MOVES, "submit_answers")
    round_.ended_at = at
    round_.save(update_fields=["state", "ended_at"])
    kinds = [reply.kind for reply in replies.values()]
    event = AnswersSubmitted(
        project_id=round_.project_id,
        round_id=round_.pk,
        notice_id=notice.pk,
        revision_id=notice.revision_id,
        revised=kinds.count("revise"),
        explained=kinds.count("explain"),
        objected=kinds.count("object"),
    )
    record(event, actor=actor, subject=notice, project_id=round_.project_id)
    resume_for_design(
        round_, evidence=_("第%(no)s轮答复已提交") % {"no": round_.no}, actor=actor, act="notice.submit_answers"
    )
    following = Following(answered=round_, revision_id=revision_id)
    return open_next_round(following, actor=Actor.system(cause="AnswersSubmitted"))


def require_all_answered(round_: Round, replies: dict[UUID, Reply]) -> None:
    """Nothing that must be mended may be left without a word; suggestions may."""
    classes = catalogue.opinion_classes()
    missing = [
        item.number
        for item in round_.notice.items.select_related("opinion")
        if classes[item.opinion.cls].must_fix and item.opinion_id not in replies
    ]
    if missing:
        raise Refused(
            "answers_missing",
            _("还有意见未答复：第 %(numbers)s 条。") % {"numbers": _("、").join(str(number) for number in missing)},
            next_step=_("请逐条选择修改、说明或异议，全部答复后一次提交。"),
        )


def revision_of_answers(round_: Round, replies: list[Reply]) -> UUID:
    """The newest revision, clean; the old one only when nothing was to be revised."""
    newer = [rev for rev in revisions_of(of_drawings(round_.set_id)) if rev.position > round_.revision.position]
    if any(rev.state in {"uploading", "checking"} for rev in newer):
        raise StateConflict(_("新版图纸还在检查中。"), code="revision_checking", next_step=_("检查完成后即可提交。"))
    if newer and newer[-1].state == "rejected":
        raise StateConflict(
            _("新版图纸有文件被拒收。"), code="revision_rejected", next_step=_("请更换被拒收的文件后再提交。")
        )
    clean = [rev for rev in newer if rev.state == "clean"]
    if clean:
        return clean[-1].pk
    if any(reply.kind == "revise" for reply in replies):
        raise Refused(
            "revision_needed",
            _("有意见答复为“修改”，但还没有上传新版图纸。"),
            next_step=_("请上传修改后的图纸，检查通过后再提交。"),
        )
    return of_drawings(round_.revision_id)


@transaction.atomic
def recheck_opinion(opinion_id: UUID, *, actor: Actor, result: str, text: str = "") -> Opinion:
    """An author department looks at the answer (复核): accept 采纳关闭, keep 保留 or partly 部分采纳.

    The opinion closes when every author accepts. Until the own department has signed, the result may be changed.
    """
    round_, opinion = lock_opinion(opinion_id)
    require(actor, "opinion.recheck", opinion)
    require_open(round_)
    text = text.strip()
    if result not in RECHECK_RESULTS:
        raise Refused("unknown_result", _("请选择复核结论：采纳关闭、部分采纳或保留。"), field="result")
    if result != "accept" and not text:
        raise Refused("reason_needed", _("请写明保留的理由或还需修改的内容，申请人据此修改。"), field="text")
    tasks = recheck_tasks(round_, opinion, actor)
    if opinion.state in {"closed", "kept"}:
        move(opinion, OPINION_MOVES, "reconsider")
        opinion.closed_at = None
    if opinion.state != "answered":
        raise StateConflict(_("这条意见没有待复核的答复。"))
    for task in tasks:
        if task.first_by_id is None:
            task.round = round_
            begin_first_review(task, actor)
        Recheck.objects.update_or_create(
            opinion=opinion,
            task=task,
            defaults={"result": result, "text": text, "person_id": actor.signed_in(), "at": now()},
        )
    verdict = after_recheck(results_of(round_, opinion))
    if verdict is not None:
        move(opinion, OPINION_MOVES, verdict)
        opinion.closed_at = now() if opinion.state == "closed" else None
    opinion.save(update_fields=["state", "closed_at"])
    event = OpinionRechecked(
        project_id=round_.project_id,
        round_id=round_.pk,
        opinion_id=opinion.pk,
        department=tasks[0].department.code,
        result=result,
        state=opinion.state,
    )
    record(event, actor=actor, subject=opinion, project_id=round_.project_id)
    return opinion


def recheck_tasks(round_: Round, opinion: Opinion, actor: Actor) -> list[Task]:
    """The unsigned tasks of this round through which the actor's department stands behind the opinion."""
    if opinion.raised_in_id == round_.pk:
        raise StateConflict(_("这是本轮新提的意见，还没有答复可以复核。"))
    mine = [
        (author.department_id, author.discipline)
        for author in opinion.authors.select_related("department")
        if author.department.code in actor.department_codes
    ]
    tasks = [
        task
        for task in Task.objects.select_for_update(of=("self",)).select_related("department").filter(round=round_)
        if (task.department_id, task.discipline) in mine
    ]
    if not tasks:
        raise Forbidden(_("复核由提出意见的部门办理。"), code="not_own_department")
    unsigned = [task for task in tasks if task.state not in {"signed", "silent"}]
    if not unsigned:
        raise StateConflict(_("本部门已签署本轮意见，复核结论不能再改。"))
    return unsigned


def results_of(round_: Round, opinion: Opinion) -> list[str | None]:
    """What each author has said in this round; None: nothing yet."""
    given = dict(Recheck.objects.filter(opinion=opinion, task__round=round_).values_list("task_id", "result"))
    tasks = {
        (task.department_id, task.discipline): task.pk
        for task in Task.objects.filter(round=round_).only("pk", "department_id", "discipline")
    }
    authors = OpinionAuthor.objects.filter(opinion=opinion).values_list("department_id", "discipline")
    return [given.get(tasks[author]) if author in tasks else None for author in authors]


@transaction.atomic
def confirm_anchor(
    opinion_id: UUID, *, actor: Actor, sheet_id: UUID | None = None, region: Sequence[float] | None = None
) -> Anchor:
    """A person says where the opinion is on the new sheet (确认意见位置), as found or corrected."""
    round_, opinion = lock_opinion(opinion_id)
    require(actor, "opinion.recheck", opinion)
    require_open(round_)
    anchor = Anchor.objects.select_for_update(of=("self",)).filter(opinion=opinion, round=round_).first()
    if anchor is None:
        raise NotFound
    fields = ["certain", "confirmed_by", "confirmed_at"]
    if sheet_id is not None and sheet_id != anchor.sheet_id:
        if sheet_id not in {sheet.pk for sheet in sheets_of(of_drawings(round_.revision_id))}:
            raise Refused("sheet_not_in_round", _("这张图不在本轮联审中。"), field="sheet_id")
        anchor.sheet_id = sheet_id
        fields.append("sheet")
    box = checked_region(region)
    if box is not None:
        anchor.region, anchor.handles, anchor.picture = list(box), [], ""
        fields += ["region", "handles", "picture"]
    anchor.certain = True
    anchor.confirmed_by_id, anchor.confirmed_at = actor.person_id, now()
    anchor.save(update_fields=fields)
    event = AnchorConfirmed(
        project_id=round_.project_id, round_id=round_.pk, opinion_id=opinion.pk, verdict=anchor.verdict
    )
    record(event, actor=actor, subject=opinion, project_id=round_.project_id)
    return anchor
