"""HTTP API of joint review (多图联审): rounds, tasks, opinions, notices, clauses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from accounts.access import action, require
from joint_review import actions, catalogue, queries
from joint_review.actions.drafting import Spot, Wording, checked_demand
from joint_review.queries.names import clause_out
from joint_review.schemas import (
    AnchorIn,
    AnswerIn,
    ClauseOut,
    ConflictIn,
    ConflictOut,
    DemandIn,
    JoinIn,
    NoticeOut,
    OpinionEdit,
    OpinionIn,
    OpinionOut,
    ReasonIn,
    RecheckIn,
    RoundIn,
    RoundNext,
    RoundOut,
    RulingIn,
    SignIn,
    SimilarIn,
    SimilarOut,
    TaskOut,
    WithdrawIn,
)
from ledger.actor import Actor
from ledger.errors import NotFound

router = Router()


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def demand_in(demand: DemandIn | str | None) -> dict[str, Any] | str | None:
    """A demand as the actions take it."""
    return demand.model_dump() if isinstance(demand, DemandIn) else demand


@router.post("/rounds", response={201: RoundOut}, summary="开启联审")
@action("joint_review.open_round")
def post_round(request: HttpRequest, body: RoundIn) -> Status[dict[str, Any]]:
    """Open the first round on a clean revision."""
    actor = actor_of(request)
    made = actions.open_round(body.revision_id, actor=actor, requested=body.disciplines)
    return Status(201, queries.round_view(actor, queries.round_for(actor, made.pk)))


@router.get("/rounds/{uuid:round_id}", response=RoundOut, summary="联审轮次")
@action("joint_review.view")
def get_round(request: HttpRequest, round_id: UUID) -> dict[str, Any]:
    """One round: branches, sheets, and what the caller may do."""
    actor = actor_of(request)
    return queries.round_view(actor, queries.round_for(actor, round_id))


@router.get("/rounds/{uuid:round_id}/opinions", response=list[OpinionOut], summary="本轮意见")
@action("joint_review.view")
def list_opinions(request: HttpRequest, round_id: UUID) -> list[dict[str, Any]]:
    """Every opinion of the round, as numbered when raised."""
    actor = actor_of(request)
    return queries.opinions_of(actor, queries.round_for(actor, round_id))


@router.post("/rounds/{uuid:round_id}/opinions", response={201: OpinionOut}, summary="提出意见")
@action("opinion.raise")
def post_opinion(request: HttpRequest, round_id: UUID, body: OpinionIn) -> Status[dict[str, Any]]:
    """Raise an opinion for a task of this round; its marks are cited."""
    actor = actor_of(request)
    task = queries.task_for(actor, body.task_id)
    if task.round_id != round_id:
        raise NotFound
    opinion = actions.raise_opinion(
        body.task_id,
        actor=actor,
        wording=Wording(
            cls=body.cls, text=body.text, clause_code=body.clause_code or "", demand=demand_in(body.demand)
        ),
        spot=Spot(sheet_id=body.sheet_id, marks=body.marks, region=body.region, handles=body.handles),
        late_reason=body.late_reason or "",
    )
    return Status(201, opinion_out(actor, opinion.pk))


@router.post("/rounds/{uuid:round_id}/similar", response=SimilarOut, summary="查重与冲突提示")
@action("joint_review.view")
def post_similar(request: HttpRequest, round_id: UUID, body: SimilarIn) -> dict[str, list[int]]:
    """Opinions that say the same or the contrary, while one is being written; changes nothing."""
    actor = actor_of(request)
    round_ = queries.round_for(actor, round_id)
    task = queries.task_for(actor, body.task_id)
    faults: dict[str, list[str]] = {}
    demand = checked_demand(demand_in(body.demand), faults)
    return queries.similar_opinions(
        round_,
        task,
        sheet_id=body.sheet_id,
        region=body.region,
        cls=body.cls,
        clause=body.clause_code or "",
        text=body.text,
        demand=None if faults else demand,
    )


@router.patch("/opinions/{uuid:opinion_id}", response=OpinionOut, summary="修改意见草稿")
@action("opinion.edit")
def patch_opinion(request: HttpRequest, opinion_id: UUID, body: OpinionEdit) -> dict[str, Any]:
    """Change the words of a draft; what is left out stays."""
    actor = actor_of(request)
    before = queries.opinion_for(actor, opinion_id)
    given = body.model_dump(exclude_unset=True)
    wording = Wording(
        cls=given.get("cls") or before.cls,
        text=before.text if given.get("text") is None else given["text"],
        clause_code=(given["clause_code"] or "") if "clause_code" in given else before.clause_code,
        demand=demand_in(body.demand) if "demand" in given else before.demand,
    )
    actions.edit_opinion(opinion_id, actor=actor, wording=wording, version=body.version)
    return opinion_out(actor, opinion_id)


@router.post("/opinions/{uuid:opinion_id}/withdraw", response=OpinionOut, summary="撤回意见草稿")
@action("opinion.edit")
def post_withdraw(request: HttpRequest, opinion_id: UUID, body: WithdrawIn) -> dict[str, Any]:
    """Take a draft back; its marks are free again."""
    actor = actor_of(request)
    actions.withdraw_opinion(opinion_id, actor=actor, why=body.why)
    return opinion_out(actor, opinion_id)


@router.post("/opinions/{uuid:opinion_id}/join", response=OpinionOut, summary="联合署名")
@action("opinion.join_authorship")
def post_join(request: HttpRequest, opinion_id: UUID, body: JoinIn) -> dict[str, Any]:
    """Stand behind another department's draft."""
    actor = actor_of(request)
    actions.join_opinion(opinion_id, actor=actor, task_id=body.task_id, instead_of=body.instead_of)
    return opinion_out(actor, opinion_id)


@router.post("/opinions/{uuid:opinion_id}/answer", response={204: None}, summary="答复意见")
@action("opinion.answer")
def post_answer(request: HttpRequest, opinion_id: UUID, body: AnswerIn) -> Status[None]:
    """Write or change the answer to one noticed opinion; submitted with all others."""
    actions.answer_opinion(opinion_id, actor=actor_of(request), kind=body.kind, text=body.text)
    return Status(204, None)


@router.post("/opinions/{uuid:opinion_id}/recheck", response=OpinionOut, summary="复核答复")
@action("opinion.recheck")
def post_recheck(request: HttpRequest, opinion_id: UUID, body: RecheckIn) -> dict[str, Any]:
    """Accept, keep, or accept in part."""
    actor = actor_of(request)
    actions.recheck_opinion(opinion_id, actor=actor, result=body.result, text=body.text)
    return opinion_out(actor, opinion_id)


@router.post("/opinions/{uuid:opinion_id}/anchor", response=OpinionOut, summary="确认意见位置")
@action("opinion.recheck")
def post_anchor(request: HttpRequest, opinion_id: UUID, body: AnchorIn) -> dict[str, Any]:
    """Confirm or correct where an opinion is on the new sheet."""
    actor = actor_of(request)
    actions.confirm_anchor(opinion_id, actor=actor, sheet_id=body.sheet_id, region=body.region)
    return opinion_out(actor, opinion_id)


@router.post("/tasks/{uuid:task_id}/claim", response=TaskOut, summary="领取任务")
@action("task.claim")
def post_claim(request: HttpRequest, task_id: UUID) -> dict[str, Any]:
    """Take a task: the first review is the caller's."""
    actor = actor_of(request)
    actions.claim_task(task_id, actor=actor)
    return task_out(actor, task_id)


@router.post("/tasks/{uuid:task_id}/hand-over", response=TaskOut, summary="送审")
@action("task.hand_over")
def post_hand_over(request: HttpRequest, task_id: UUID) -> dict[str, Any]:
    """The first review is done; somebody else signs."""
    actor = actor_of(request)
    actions.hand_over_task(task_id, actor=actor)
    return task_out(actor, task_id)


@router.post("/tasks/{uuid:task_id}/take-back", response=TaskOut, summary="退回初审")
@action("task.take_back")
def post_take_back(request: HttpRequest, task_id: UUID) -> dict[str, Any]:
    """More work before the signature."""
    actor = actor_of(request)
    actions.take_back_task(task_id, actor=actor)
    return task_out(actor, task_id)


@router.post("/tasks/{uuid:task_id}/sign", response=TaskOut, summary="签署部门意见")
@action("task.sign")
def post_sign(request: HttpRequest, task_id: UUID, body: SignIn) -> dict[str, Any]:
    """Sign the department's conclusion, by another person than the first reviewer; needs a fresh factor."""
    actor = actor_of(request)
    actions.sign_task(task_id, actor=actor, conclusion=body.conclusion, remark=body.remark)
    return task_out(actor, task_id)


@router.post("/rounds/{uuid:round_id}/notice", response={201: NoticeOut}, summary="签发合并告知书")
@action("notice.issue")
def post_notice(request: HttpRequest, round_id: UUID) -> Status[dict[str, Any]]:
    """Issue the one notice of a complete round; needs a fresh factor."""
    notice = actions.issue_notice(round_id, actor=actor_of(request))
    return Status(201, {"id": notice.pk, "round_id": round_id, "paper_id": notice.paper_id, "due_on": notice.due_on})


@router.post("/rounds/{uuid:round_id}/freeze", response=RoundOut, summary="冻结批注")
@action("room.freeze")
def post_freeze(request: HttpRequest, round_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """Stop all marking on the round's sheets."""
    actor = actor_of(request)
    actions.freeze_round(round_id, actor=actor, reason=body.reason)
    return queries.round_view(actor, queries.round_for(actor, round_id))


@router.post("/rounds/{uuid:round_id}/thaw", response={202: None}, summary="申请解冻")
@action("room.thaw")
def post_thaw(request: HttpRequest, round_id: UUID, body: ReasonIn) -> Status[None]:
    """Ask another lead to let marking go on; it happens when he confirms."""
    actions.ask_to_thaw(round_id, actor=actor_of(request), reason=body.reason)
    return Status(202, None)


@router.post("/rounds/{uuid:round_id}/answers", response={201: RoundNext}, summary="提交全部答复")
@action("notice.submit_answers")
def post_answers(request: HttpRequest, round_id: UUID) -> Status[dict[str, Any]]:
    """Submit every answer at once; the next round opens."""
    following = actions.submit_answers(round_id, actor=actor_of(request))
    return Status(201, {"next_round_id": following.pk, "no": following.no})


@router.post("/rounds/{uuid:round_id}/conflicts", response={201: ConflictOut}, summary="提请会办")
@action("conflict.open")
def post_conflict(request: HttpRequest, round_id: UUID, body: ConflictIn) -> Status[dict[str, Any]]:
    """Say that two opinions cannot both be met."""
    made = actions.open_conflict(
        round_id, actor=actor_of(request), first=body.first, second=body.second, reason=body.reason
    )
    return Status(201, {"id": made.pk, "state": made.state})


@router.post("/conflicts/{uuid:conflict_id}/rule", response=ConflictOut, summary="会办裁定")
@action("conflict.rule")
def post_ruling(request: HttpRequest, conflict_id: UUID, body: RulingIn) -> dict[str, Any]:
    """Rule on a conflict; needs a fresh factor."""
    ruled = actions.rule_conflict(conflict_id, actor=actor_of(request), ruling=body.ruling, prevails=body.prevails)
    return {"id": ruled.pk, "state": ruled.state}


@router.get("/clauses", response=list[ClauseOut], summary="检索条文")
@action("opinion.search_clauses")
def list_clauses(request: HttpRequest, q: str = "", discipline: str | None = None) -> list[dict[str, Any]]:
    """Clauses that hold every word of `q`, those of the discipline first."""
    require(actor_of(request), "opinion.search_clauses")
    return [clause_out(clause) for clause in catalogue.search_clauses(q[:200], discipline=discipline)]


def task_out(actor: Actor, task_id: UUID) -> dict[str, Any]:
    """The task as it is now."""
    task = queries.task_for(actor, task_id)
    view = queries.round_view(actor, queries.round_for(actor, task.round_id))
    found: dict[str, Any] = next(entry for entry in view["tasks"] if entry["id"] == task_id)
    return found


def opinion_out(actor: Actor, opinion_id: UUID) -> dict[str, Any]:
    """The opinion as it is now."""
    return queries.opinion_as_it_is(actor, opinion_id)
