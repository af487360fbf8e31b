"""The merged notice, answers with a new revision, the next rounds, rechecks, and the return after round three."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from certificates.models import Paper
from certificates.store import fetch
from drawings.models import Annotation, Sheet, SheetOp
from joint_review import actions
from joint_review.actions.opinions import Spot
from joint_review.models import Anchor, MergedNotice, Opinion, Round
from ledger.actor import Actor
from ledger.errors import Conflict, Forbidden, Invalid, NotFound, Refused, StateConflict, StepUpRequired
from projects.models import ClockPause, ItemCase
from tests.actions.joint_review.world import (
    LANE,
    LANE_REGION,
    PIECES,
    STAIR,
    STAIR_REGION,
    WALL,
    Piece,
    add_clean_revision,
    open_review,
    raise_from_mark,
    rectangle,
    sheet_of,
    sign,
    sign_rest,
    task_of,
    wording,
)
from tests.cast import Cast

pytestmark = pytest.mark.django_db

WIDE_LANE = Piece(0x2F2, layer=1, lines=[rectangle(300, 300, 200, 45)])


def answer_all(city: Cast, round_: Round, kind: str = "revise", *, actor: Actor | None = None) -> None:
    """One answer to every opinion."""
    for opinion in round_.opinions.filter(state="issued"):
        actions.answer_opinion(opinion.pk, actor=actor or city.owner, kind=kind, text="已按意见修改")


def next_round(city: Cast, round_: Round, pieces: list[Piece], *, wall: list[Piece] | None = None) -> Round:
    """The round after answers with a new revision of sheet A-01."""
    add_clean_revision(round_.set, [("A-01", pieces), ("A-02", wall or [WALL])])
    answer_all(city, round_)
    return actions.submit_answers(round_.pk, actor=city.owner)


def opinion_of(round_: Round, department: str) -> Opinion:
    """The department's opinion on the round's project."""
    return Opinion.objects.get(round__project=round_.project_id, authors__department__code=department)


def test_the_notice_is_numbered_has_pictures_and_stops_the_clock(city: Cast, noticed: Round) -> None:
    notice = noticed.notice
    items = list(notice.items.all())
    assert [(item.number, item.departments) for item in items] == [(1, ["HUC"]), (2, ["NRP"])]
    assert items[0].wording["clause"]["cited"].endswith("第3.4.5条")
    assert items[0].wording["sheet"]["revision"] == "A"
    picture = Image.open(io.BytesIO(fetch("pictures", items[0].wording["picture"])))
    assert max(picture.size) > 500
    paper = Paper.objects.get(pk=notice.paper_id)
    assert paper.kind == "merged_notice"
    assert paper.organisation_id == noticed.project.owner_id
    assert "消防车道净宽不足" in str(paper.content)
    assert items[0].wording["picture"] in str(paper.content)
    assert set(Sheet.objects.filter(revision=noticed.revision).values_list("state", flat=True)) == {"frozen"}
    assert ClockPause.objects.get(item=noticed.item).ground == "DESIGN_REVISION"
    assert ItemCase.objects.get(pk=noticed.item_id).is_paused
    assert notice.due_on is not None
    with pytest.raises(Conflict):
        actions.issue_notice(noticed.pk, actor=city.lead)


def test_only_the_lead_issues_with_a_fresh_factor_and_when_all_have_signed(city: Cast, opened: Round) -> None:
    raise_from_mark(opened, "HUC", city.fire)
    with pytest.raises(StateConflict, match="未签署"):
        actions.issue_notice(opened.pk, actor=city.lead)
    sign(city, opened, "HUC", "revise")
    sign_rest(city, opened)
    with pytest.raises(StepUpRequired):
        actions.issue_notice(opened.pk, actor=city.actor("lead", fresh=False))
    for who in ("planning2", "fire2", "commissioner", "owner", "rival"):
        with pytest.raises((Forbidden, NotFound)):
            actions.issue_notice(opened.pk, actor=city.actor(who))
    assert not MergedNotice.objects.filter(round=opened).exists()


def test_the_applicant_knows_nothing_before_the_notice(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire)
    with pytest.raises(NotFound):
        actions.answer_opinion(opinion.pk, actor=city.owner, kind="revise")


def test_answers_are_drafts_until_all_are_submitted(city: Cast, noticed: Round) -> None:
    fire = opinion_of(noticed, "HUC")
    with pytest.raises(Invalid):
        actions.answer_opinion(fire.pk, actor=city.owner, kind="explain", text=" ")
    actions.answer_opinion(fire.pk, actor=city.owner, kind="explain", text="按旧规范设计")
    actions.answer_opinion(fire.pk, actor=city.acting(), kind="revise", text="")
    reply = fire.replies.get()
    assert (reply.kind, reply.person_id, reply.on_behalf_of) == ("revise", city.agent.person_id, city.yunqi.pk)
    assert reply.submitted_at is None
    for who in (city.rival, city.acting(principal="chuanhe"), city.fire, city.lead):
        with pytest.raises((Forbidden, NotFound)):
            actions.answer_opinion(fire.pk, actor=who, kind="revise")
    with pytest.raises(Refused, match="第 2 条"):
        actions.submit_answers(noticed.pk, actor=city.owner)


def test_a_change_that_is_promised_must_be_there(city: Cast, noticed: Round) -> None:
    answer_all(city, noticed)
    with pytest.raises(Refused) as caught:
        actions.submit_answers(noticed.pk, actor=city.owner)
    assert caught.value.code == "revision_needed"
    revision = add_clean_revision(noticed.set, [("A-01", PIECES)])
    revision.state = "checking"
    revision.save(update_fields=["state"])
    with pytest.raises(StateConflict, match="检查中"):
        actions.submit_answers(noticed.pk, actor=city.owner)
    revision.state = "rejected"
    revision.save(update_fields=["state"])
    with pytest.raises(StateConflict, match="拒收"):
        actions.submit_answers(noticed.pk, actor=city.owner)


def test_the_designer_answers_but_the_applicant_submits(city: Cast, noticed: Round) -> None:
    from projects.actions import engage_designer

    with pytest.raises((Forbidden, NotFound)):
        actions.answer_opinion(opinion_of(noticed, "HUC").pk, actor=city.designer, kind="revise")
    engage_designer(noticed.project_id, city.design.uscc, actor=city.owner)
    answer_all(city, noticed, actor=city.designer)
    add_clean_revision(noticed.set, [("A-01", PIECES)])
    with pytest.raises((Forbidden, NotFound)):
        actions.submit_answers(noticed.pk, actor=city.designer)
    actions.submit_answers(noticed.pk, actor=city.acting())


def test_submitting_resumes_the_clock_and_opens_the_next_round(city: Cast, noticed: Round) -> None:
    old = sheet_of(noticed)
    following = next_round(city, noticed, [STAIR, WIDE_LANE, WALL])
    noticed.refresh_from_db()
    assert (noticed.state, following.no, following.state) == ("answered", 2, "open")
    assert ClockPause.objects.get(item=noticed.item).ended_at is not None
    assert not ItemCase.objects.get(pk=noticed.item_id).is_paused
    # Only who has an open opinion, or whose layers changed: not air defence, not the bureau.
    assert {task.department.code for task in following.tasks.select_related("department")} == {"HUC", "NRP"}
    assert SheetOp.objects.filter(sheet=old, k="sheet.revise").count() == 1
    assert Sheet.objects.get(pk=old.pk).state == "frozen"
    new = sheet_of(following)
    assert (new.state, new.round_id, new.predecessor_id) == ("open", following.pk, old.pk)
    fire, planning = opinion_of(noticed, "HUC"), opinion_of(noticed, "NRP")
    assert {fire.round_id, planning.round_id} == {following.pk}
    assert (fire.state, planning.state) == ("answered", "answered")
    changed = Anchor.objects.get(opinion=fire, round=following)
    assert (changed.sheet_id, changed.verdict) == (new.pk, "changed")
    same = Anchor.objects.get(opinion=planning, round=following)
    assert (same.sheet_id, same.verdict, same.certain) == (new.pk, "unchanged", True)
    assert list(same.region) == list(STAIR_REGION)
    with pytest.raises(StateConflict):
        actions.submit_answers(noticed.pk, actor=city.owner)


def test_a_moved_place_is_followed_and_confirmed_by_a_person(city: Cast, noticed: Round) -> None:
    following = next_round(city, noticed, [STAIR.moved(400, 50), LANE, WALL])
    planning = opinion_of(noticed, "NRP")
    anchor = Anchor.objects.get(opinion=planning, round=following)
    assert anchor.verdict == "moved"
    assert anchor.region == pytest.approx(
        [value + shift for value, shift in zip(STAIR_REGION, (400, 50) * 2, strict=True)], abs=0.01
    )
    with pytest.raises(Forbidden):
        actions.confirm_anchor(planning.pk, actor=city.fire)
    confirmed = actions.confirm_anchor(planning.pk, actor=city.planning, region=(500, 150, 550, 240))
    assert confirmed.confirmed_by_id == city.planning.person_id
    assert confirmed.region == [500, 150, 550, 240]


def test_a_withdrawn_sheet_does_not_take_its_opinion_along(city: Cast, noticed: Round) -> None:
    add_clean_revision(noticed.set, [("A-02", [WALL])])
    answer_all(city, noticed)
    following = actions.submit_answers(noticed.pk, actor=city.owner)
    for opinion in (opinion_of(noticed, "HUC"), opinion_of(noticed, "NRP")):
        anchor = Anchor.objects.get(opinion=opinion, round=following)
        assert (anchor.verdict, anchor.why) == ("gone", "sheet_gone")
        assert opinion.round_id == following.pk


def test_a_change_on_a_layer_of_another_discipline_asks_that_department_too(city: Cast, noticed: Round) -> None:
    following = next_round(city, noticed, [STAIR, LANE, WALL], wall=[WALL.moved(0, 12)])
    # A-WALL is architecture, which the bureau reviews.
    assert {task.department.code for task in following.tasks.select_related("department")} == {"HUC", "NRP", "ADB"}


def test_explanations_alone_go_on_with_the_same_sheets(city: Cast, noticed: Round) -> None:
    answer_all(city, noticed, "object")
    following = actions.submit_answers(noticed.pk, actor=city.owner)
    assert following.revision_id == noticed.revision_id
    assert {task.department.code for task in following.tasks.select_related("department")} == {"HUC", "NRP"}
    sheet = sheet_of(following)
    assert (sheet.state, sheet.round_id) == ("open", following.pk)
    anchor = Anchor.objects.get(opinion=opinion_of(noticed, "HUC"), round=following)
    assert (anchor.verdict, anchor.why) == ("unchanged", "same_revision")
    assert anchor.marks
    obj = anchor.marks[0]["obj"]
    assert Annotation.objects.get(pk=obj).cited


def test_recheck_accept_closes_and_the_round_passes(city: Cast, noticed: Round) -> None:
    following = next_round(city, noticed, [STAIR.moved(400, 0), WIDE_LANE, WALL])
    fire, planning = opinion_of(noticed, "HUC"), opinion_of(noticed, "NRP")
    with pytest.raises(Forbidden):
        actions.recheck_opinion(fire.pk, actor=city.planning, result="accept")
    with pytest.raises(Refused, match="未复核"):
        sign(city, following, "HUC", "agree")
    actions.recheck_opinion(fire.pk, actor=city.fire, result="keep", text="仍不足")
    actions.recheck_opinion(fire.pk, actor=city.fire, result="accept")
    fire.refresh_from_db()
    assert fire.state == "closed"
    assert task_of(following, "HUC").first_by_id == city.fire.person_id
    sign(city, following, "HUC", "agree")
    with pytest.raises((Forbidden, StateConflict)):
        actions.recheck_opinion(fire.pk, actor=city.fire, result="keep", text="反悔")
    actions.recheck_opinion(planning.pk, actor=city.planning, result="accept")
    sign(city, following, "NRP", "agree")
    following.refresh_from_db()
    # The moved stair is drawn on a layer of architecture: the bureau is asked as well.
    assert following.state == "open"
    sign(city, following, "ADB", "agree")
    following.refresh_from_db()
    assert following.state == "closed"
    assert ItemCase.objects.get(pk=following.item_id).state == 11
    content = str(Paper.objects.get(pk=following.paper_id).content)
    # Air defence agreed in round one, was not asked again, and stands on the certificate.
    assert "人民防空" in content


def test_a_co_authored_opinion_closes_when_both_accept(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire)
    actions.join_opinion(opinion.pk, actor=city.airdefence, task_id=task_of(opened, "CAD").pk)
    sign(city, opened, "HUC", "revise")
    sign(city, opened, "CAD", "revise")
    sign_rest(city, opened)
    actions.issue_notice(opened.pk, actor=city.lead)
    following = next_round(city, Round.objects.get(pk=opened.pk), [STAIR, WIDE_LANE, WALL])
    actions.recheck_opinion(opinion.pk, actor=city.fire, result="accept")
    opinion.refresh_from_db()
    assert opinion.state == "answered"
    sign(city, following, "HUC", "agree")
    actions.recheck_opinion(opinion.pk, actor=city.airdefence, result="partly", text="转弯半径仍不足")
    opinion.refresh_from_db()
    assert opinion.state == "kept"
    with pytest.raises(Refused):
        sign(city, following, "CAD", "agree")
    sign(city, following, "CAD", "revise")
    following.refresh_from_db()
    opinion.refresh_from_db()
    assert (following.state, opinion.state) == ("complete", "signed")
    notice = actions.issue_notice(following.pk, actor=city.lead)
    (item,) = notice.items.all()
    assert item.wording["rechecks"] == [{"result": "partly", "text": "转弯半径仍不足"}]
    assert item.wording["since_round"] == 1
    assert "转弯半径仍不足" in str(Paper.objects.get(pk=notice.paper_id).content)


def test_a_late_opinion_needs_its_reason(city: Cast, noticed: Round) -> None:
    following = next_round(city, noticed, [STAIR, WIDE_LANE, WALL])
    sheet, task = sheet_of(following), task_of(following, "NRP")
    untouched = Spot(sheet_id=sheet.pk, region=STAIR_REGION)
    with pytest.raises(Refused) as caught:
        actions.raise_opinion(task.pk, actor=city.planning, wording=wording("DEPTH", "缺栏杆大样"), spot=untouched)
    assert (caught.value.code, caught.value.field) == ("late_hit", "late_reason")
    late = actions.raise_opinion(
        task.pk, actor=city.planning, wording=wording("DEPTH", "缺栏杆大样"), spot=untouched, late_reason="MISSED"
    )
    assert late.late_reason == "MISSED"
    changed = Spot(sheet_id=sheet.pk, region=LANE_REGION)
    fresh = actions.raise_opinion(
        task.pk, actor=city.planning, wording=wording("DEPTH", "标注缺失"), spot=changed, late_reason="MISSED"
    )
    assert fresh.late_reason == ""
    identical = Spot(sheet_id=sheet_of(following, "A-02").pk)
    with pytest.raises(Refused):
        actions.raise_opinion(task.pk, actor=city.planning, wording=wording("DEPTH", "x"), spot=identical)


def test_after_round_three_the_set_is_returned(city: Cast, noticed: Round) -> None:
    round_ = noticed
    for number, height in ((2, 45.0), (3, 46.0)):
        lane = Piece(0x2F2, layer=1, lines=[rectangle(300, 300, 200, height)])
        round_ = next_round(city, round_, [STAIR, lane, WALL])
        assert round_.no == number
        for department, actor in (("HUC", city.fire), ("NRP", city.planning)):
            actions.recheck_opinion(opinion_of(noticed, department).pk, actor=actor, result="keep", text="仍不满足")
            sign(city, round_, department, "revise")
        notice = actions.issue_notice(round_.pk, actor=city.lead)
        round_.refresh_from_db()
    assert round_.state == "returned"
    assert "退回" in str(Paper.objects.get(pk=notice.paper_id).content)
    answer = opinion_of(noticed, "HUC")
    with pytest.raises(StateConflict):
        actions.answer_opinion(answer.pk, actor=city.owner, kind="revise")
    with pytest.raises(StateConflict, match="退回"):
        actions.submit_answers(round_.pk, actor=city.owner)
    newer = add_clean_revision(round_.set, [("A-01", PIECES)])
    with pytest.raises(StateConflict, match="退回"):
        actions.open_round(newer.pk, actor=city.lead)
    # A new set takes its place: the clock goes on and this time it passes.
    again = open_review(city, round_.project)
    assert ClockPause.objects.filter(item=round_.item, ended_at__isnull=True).count() == 0
    sign_rest(city, again)
    assert ItemCase.objects.get(pk=round_.item_id).state == 11


def test_a_suggestion_needs_no_answer_and_ends_on_the_certificate(city: Cast, opened: Round) -> None:
    raise_from_mark(opened, "HUC", city.fire)
    actions.raise_opinion(task_of(opened, "NRP").pk, actor=city.planning, wording=wording("SUGGESTION", "建议优化入口"))
    sign(city, opened, "HUC", "revise")
    sign_rest(city, opened)
    actions.issue_notice(opened.pk, actor=city.lead)
    opened.refresh_from_db()
    fire = opinion_of(opened, "HUC")
    actions.answer_opinion(fire.pk, actor=city.owner, kind="explain", text="已复核，净宽 4.2 m")
    following = actions.submit_answers(opened.pk, actor=city.owner)
    assert {task.department.code for task in following.tasks.select_related("department")} == {"HUC"}
    actions.recheck_opinion(fire.pk, actor=city.fire, result="accept")
    sign(city, following, "HUC")
    following.refresh_from_db()
    assert following.state == "closed"
    assert opinion_of(opened, "NRP").state == "closed"
    assert "建议优化入口" in str(Paper.objects.get(pk=following.paper_id).content)
