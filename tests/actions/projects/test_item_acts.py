"""Items: whose turn it is, two people for two steps, the clock's stops, and the whole way to the end."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import can
from accounts.models import Person, Post
from certificates.models import Paper
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import Forbidden, NotFound, Refused, SecondKeyRequired, StateConflict, StepUpRequired
from projects import actions
from projects.models import ItemCase, ItemMove, ItemStep, Project, StageCase
from projects.queries import day_ledger
from projects.states import Code
from tests.actions.projects.filing import (
    OFFICE,
    SMALL_SITE,
    accepted,
    decide,
    instant,
    item,
    open_codes,
    project_at_drawings,
)
from tests.cast import Cast, build_cast

ROUND = Actor.system(cause="RoundClosed")


@pytest.fixture(scope="module")
def at_drawings_made(standing: Path) -> Project:
    return project_at_drawings(build_cast())


@pytest.fixture
def at_drawings(city: Cast, at_drawings_made: Project) -> Project:
    """A third project: up to the joint drawing review."""
    return deepcopy(at_drawings_made)


def test_two_people_take_the_two_steps(city: Cast, begun: Project) -> None:
    found = item(begun, "DR-REC")
    with freeze(instant("2026-03-03T10:00")):
        found = actions.accept_item(found.pk, actor=city.bureau, remark="材料齐全")
        assert (found.state, found.step, found.posts_now) == (Code.IN_PROGRESS, 1, ["pos_second", "pos_approve"])
        found = actions.approve_item(found.pk, actor=city.bureau2, basis="符合备案条件")
    assert (found.state, found.decided_on, found.decision_basis) == (Code.PASSED, date(2026, 3, 3), "符合备案条件")
    steps = list(ItemStep.objects.filter(item=found).values_list("number", "person__username"))
    assert steps == [(0, "bureau"), (1, "bureau2")]
    moves = list(ItemMove.objects.filter(item=found).values_list("from_state", "to_state"))
    assert moves == [(None, 1), (1, 3), (3, 8), (8, 11)]


def test_the_same_person_never_takes_both_steps(city: Cast, begun: Project) -> None:
    found = item(begun, "DR-REC")
    Post.objects.filter(person__username="bureau").update(
        roles=["pos_accept", "pos_first", "pos_second", "pos_approve"]
    )
    actions.accept_item(found.pk, actor=city.bureau)
    with pytest.raises(Refused) as refusal:
        actions.approve_item(found.pk, actor=city.bureau)
    assert refusal.value.code == "same_person"
    assert not can(city.bureau, "item.approve", item(begun, "DR-REC"))


def test_the_database_itself_refuses_the_same_person(city: Cast, begun: Project) -> None:
    """promises S6: the four-eyes rule is a constraint, not a view."""
    found = item(begun, "DR-REC")
    actions.accept_item(found.pk, actor=city.bureau)
    person = Person.objects.get(username="bureau")
    again = {"item": found, "person": person, "code": "X", "posts": [], "outcome": "pass", "at": timezone.now()}
    with pytest.raises(IntegrityError, match="item_steps_by_different_people"), transaction.atomic():
        ItemStep.objects.create(number=1, **again)
    ItemStep.objects.create(number=0, **again)  # the same step again, after it was returned, is his own


def test_who_is_too_late_is_told_who_was_faster(city: Cast, begun: Project) -> None:
    found = item(begun, "DR-REC")
    actions.accept_item(found.pk, actor=city.bureau)
    with pytest.raises(StateConflict) as refusal:
        actions.accept_item(found.pk, actor=city.bureau)
    assert refusal.value.code == "already_done"
    assert "蒋审批" in refusal.value.message


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("owner", Forbidden),
        ("rival", NotFound),
        ("designer", NotFound),
        ("planning", Forbidden),
        ("window", Forbidden),
        ("supervisor", Forbidden),
        ("bureau2", StateConflict),  # holds the desk, but it is not his turn
    ],
)
def test_nobody_else_takes_a_step(city: Cast, begun: Project, who: str, kind: type[Exception]) -> None:
    act = actions.approve_item if who == "bureau2" else actions.accept_item
    with pytest.raises(kind):
        act(item(begun, "DR-REC").pk, actor=city.actor(who))


def test_approving_needs_a_fresh_factor(city: Cast, begun: Project) -> None:
    actions.accept_item(item(begun, "DR-REC").pk, actor=city.bureau)
    with pytest.raises(StepUpRequired):
        actions.approve_item(item(begun, "DR-REC").pk, actor=city.actor("bureau2", fresh=False))


def test_an_item_is_reached_when_all_before_it_passed(city: Cast, at_land: Project) -> None:
    assert "EV-LND" in open_codes(at_land)
    assert item(at_land, "NR-LUP").state is None
    decide(city, at_land, "EV-LND", at="2026-03-16T10:00")
    reached = item(at_land, "NR-LUP")
    assert (reached.state, reached.day_zero, reached.due_on) == (1, date(2026, 3, 16), date(2026, 3, 18))
    assert reached.statutory_due_on == date(2026, 4, 14)  # 行政许可法第四十二条: 20 working days


def test_the_applicants_time_is_not_counted(city: Cast, begun: Project) -> None:
    """domain.md section 1: while only the enterprise has something to do the 40 days stand still."""
    assert (begun.used_days, begun.due_on) == (0, date(2026, 4, 28))
    decide(city, begun, "DR-REC", at="2026-03-03T10:00")
    begun.refresh_from_db()
    assert (begun.used_days, begun.remaining_days, begun.due_on) == (1, 39, None)
    assert (begun.stopped_since, begun.stopped_ground) == (date(2026, 3, 4), "WAITING_APPLICANT")
    decide(city, begun, "EV-LND", at="2026-03-16T10:00")
    begun.refresh_from_db()
    assert begun.stopped_since is None
    assert begun.due_on == date(2026, 5, 13)  # 39 working days after 2026-03-16
    rows = {row.day.isoformat(): row for row in day_ledger(begun.pk, at=instant("2026-03-18T12:00")).rows}
    assert (rows["2026-03-02"].kind, rows["2026-03-03"].number) == ("day_zero", 1)
    assert (rows["2026-03-04"].kind, rows["2026-03-04"].ground) == ("stopped", "WAITING_APPLICANT")
    assert (rows["2026-03-16"].kind, rows["2026-03-17"].number) == ("stopped", 2)
    assert [holder.code for holder in rows["2026-03-17"].holders] == ["NR-LUP"]


def test_a_denied_item_holds_what_follows(city: Cast, begun: Project) -> None:
    found = item(begun, "DR-REC")
    with freeze(instant("2026-03-03T10:00")):
        actions.accept_item(found.pk, actor=city.bureau)
        with pytest.raises(Refused):
            actions.deny_item(found.pk, actor=city.bureau2, basis="不行")
        found = actions.deny_item(found.pk, actor=city.bureau2, basis="属于核准目录，不适用备案")
    assert found.state == Code.NOT_PASSED
    assert item(begun, "EV-LND").state is None


def test_the_enterprise_reports_its_own_items_and_only_these(city: Cast, at_land: Project) -> None:
    land = item(at_land, "EV-LND")
    with freeze(instant("2026-03-16T10:00")):
        for actor, kind in ((city.rival, NotFound), (city.bureau, Forbidden)):
            with pytest.raises(kind):
                actions.report_event(land.pk, actor=actor)
        with pytest.raises(Refused) as refusal:
            actions.report_event(land.pk, actor=city.owner, happened_on=date(2026, 3, 17))
        assert refusal.value.code == "future_event"
        with pytest.raises(Refused) as refusal:
            actions.report_event(item(at_land, "PL-GEN").pk, actor=city.owner)
        assert refusal.value.code == "not_by_applicant"
        with pytest.raises(StateConflict):
            actions.report_event(item(at_land, "EV-DSN").pk, actor=city.owner)
        done = actions.report_event(land.pk, actor=city.owner, happened_on=date(2026, 3, 12), remark="合同 2026-12 号")
        assert (done.happened_on, done.decided_on) == (date(2026, 3, 12), date(2026, 3, 16))
        with pytest.raises(StateConflict):
            actions.report_event(land.pk, actor=city.owner)


def test_no_officer_decides_the_enterprises_item(city: Cast, at_land: Project) -> None:
    with pytest.raises((Forbidden, Refused)):
        actions.accept_item(item(at_land, "EV-LND").pk, actor=city.bureau)


def test_a_drawing_review_is_never_decided_by_hand(city: Cast, at_drawings: Project) -> None:
    review = item(at_drawings, "HU-DRW")
    assert review.is_open
    with pytest.raises(Refused) as refusal:
        actions.accept_item(review.pk, actor=city.fire)
    assert refusal.value.code == "decided_by_round"
    with freeze(instant("2026-04-02T10:00")):
        actions.hold_item(review.pk, by="round:1", actor=city.lead)
        review.refresh_from_db()
        assert (review.state, review.held_by) == (Code.IN_PROGRESS, "round:1")
        with pytest.raises(StateConflict):
            actions.hold_item(review.pk, by="acceptance:1", actor=city.lead)
        actions.hold_item(review.pk, by="round:2", actor=city.lead)
        with pytest.raises(Forbidden):
            actions.decide_item(review.pk, actor=city.lead, passed=True, basis="联审通过")
        done = actions.decide_item(review.pk, actor=ROUND, passed=True, basis="多图联审第1轮通过")
    assert (done.state, done.held_by) == (Code.PASSED, "")
    assert "EV-TND" in open_codes(at_drawings)


def test_the_merged_notice_stops_the_clock_and_the_answer_lets_it_go_on(city: Cast, at_drawings: Project) -> None:
    """住建部令13号: the design unit's time is outside the limit."""
    review = item(at_drawings, "HU-DRW")
    assert (review.day_zero, review.due_on) == (date(2026, 4, 1), date(2026, 4, 15))
    with freeze(instant("2026-04-02T10:00")):
        actions.hold_item(review.pk, by="round:1", actor=city.lead)
        decide(city, at_drawings, "EV-TND", at="2026-04-02T10:00")
        pause = actions.stop_clock(
            review, ground="DESIGN_REVISION", evidence="合并告知书 1 号", actor=city.lead, act="notice.issue"
        )
    assert pause.starts_on == date(2026, 4, 3)
    review.refresh_from_db()
    assert (review.state, review.is_paused, review.due_on, review.remaining_days) == (9, True, None, 8)
    at_drawings.refresh_from_db()
    assert (at_drawings.due_on, at_drawings.stopped_ground) == (None, "DESIGN_REVISION")
    with freeze(instant("2026-04-02T11:00")), pytest.raises(StateConflict):
        actions.stop_clock(review, ground="DESIGN_REVISION", evidence="再次", actor=city.lead, act="notice.issue")
    with freeze(instant("2026-04-13T15:00")):
        actions.resume_clock(
            review, ground="DESIGN_REVISION", evidence="第1轮答复", actor=city.owner, act="notice.submit_answers"
        )
    review.refresh_from_db()
    assert (review.state, review.is_paused, review.remaining_days) == (Code.IN_PROGRESS, False, None)
    assert review.due_on == date(2026, 4, 23)  # 8 working days after 2026-04-13
    at_drawings.refresh_from_db()
    assert at_drawings.stopped_ground == ""


def test_a_decision_ends_what_still_stops_the_item(city: Cast, at_drawings: Project) -> None:
    review = item(at_drawings, "HU-DRW")
    with freeze(instant("2026-04-02T10:00")):
        actions.hold_item(review.pk, by="round:1", actor=city.lead)
        actions.stop_clock(review, ground="DESIGN_REVISION", evidence="告知书", actor=city.lead, act="notice.issue")
        done = actions.decide_item(review.pk, actor=ROUND, passed=True, basis="全部意见已撤回")
    assert (done.state, done.pauses.filter(ended_at__isnull=True).exists()) == (Code.PASSED, False)


@pytest.mark.parametrize(
    ("ground", "code"),
    [
        ("SUPERIOR", "ground_does_not_stop"),  # 请示上级 is not in article 45
        ("SITE_VISIT", "ground_does_not_stop"),
        ("DESIGN_REVISION", "ground_not_for_item"),
        ("COFFEE", "unknown_ground"),
    ],
)
def test_only_a_legal_ground_of_the_item_stops_its_clock(city: Cast, at_land: Project, ground: str, code: str) -> None:
    decide(city, at_land, "EV-LND", at="2026-03-16T10:00")
    with freeze(instant("2026-03-16T11:00")), pytest.raises(Refused) as refusal:
        actions.stop_clock(
            item(at_land, "NR-LUP"), ground=ground, evidence="会议纪要", actor=city.planning, act="item.pause_clock"
        )
    assert refusal.value.code == code


def test_a_stop_by_hand_needs_a_second_person_and_a_paper(city: Cast, at_land: Project) -> None:
    """clock_rules.pause_rules: a second person confirms every manual pause."""
    from accounts.actions import ask_second_key, confirm_second_key

    decide(city, at_land, "EV-LND", at="2026-03-16T10:00")
    found = item(at_land, "NR-LUP")
    Post.objects.filter(person__username="planning").update(roles=["commissioner"])
    Post.objects.filter(person__username="planning2").update(roles=["commissioner"])
    arguments = {"ground": "HEARING", "evidence": "听证告知书", "expected_days": 10}
    with freeze(instant("2026-03-16T14:00")):
        with pytest.raises(SecondKeyRequired):
            actions.pause_clock(found.pk, actor=city.planning, **arguments)
        key = ask_second_key("item.pause_clock", found, actor=city.planning, summary="听证", arguments=arguments)
        confirm_second_key(key.pk, actor=city.planning2)
        found.refresh_from_db()
        # At the latest: a hearing may take 20 working days in all, then the clock runs again.
        assert (found.is_paused, found.due_on) == (True, date(2026, 4, 16))
        at_land.refresh_from_db()
        assert (at_land.stopped_since, at_land.stopped_ground) == (date(2026, 3, 4), "HEARING")
        assert Paper.objects.filter(project_id=at_land.pk, kind="special_procedure").count() == 1
    with freeze(instant("2026-03-20T10:00")):
        actions.unpause_clock(found.pk, actor=city.planning, ground="HEARING", evidence="听证笔录")
    found.refresh_from_db()
    assert found.due_on == date(2026, 3, 24)  # not counted: 17 to 20 March


def test_an_answer_on_the_day_of_the_notice_leaves_no_day_out(city: Cast, at_drawings: Project) -> None:
    review = item(at_drawings, "HU-DRW")
    with freeze(instant("2026-04-02T10:00")):
        actions.stop_clock(review, ground="DESIGN_REVISION", evidence="告知书", actor=city.lead, act="notice.issue")
        actions.resume_clock(review, ground="DESIGN_REVISION", evidence="答复", actor=city.owner, act="opinion.answer")
    review.refresh_from_db()
    assert review.due_on == date(2026, 4, 15)


def test_undecided_items_are_settled_with_a_reason(city: Cast) -> None:
    project = accepted(city, facts={**SMALL_SITE, "traffic_generator": None})
    found = item(project, "EA-TRA")
    with pytest.raises(Refused):
        actions.settle_need(found.pk, actor=city.window, needed=False, reason=" ")
    with pytest.raises(Forbidden):
        actions.settle_need(found.pk, actor=city.owner, needed=False, reason="我们觉得不需要")
    settled = actions.settle_need(found.pk, actor=city.window, needed=False, reason="建筑面积未达到启动阈值")
    assert settled.need == "not_needed"
    assert item(project, "NR-CEP").prerequisites == ["NR-SCH", "NR-LUP"]


def test_an_item_already_reached_may_still_be_found_not_needed(city: Cast) -> None:
    project = accepted(city, facts={**OFFICE, "land_area_m2": 60_000, "in_heritage_control_zone": None})
    assert "EA-ARC" in open_codes(project)
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    assert "EV-LND" not in open_codes(project)
    with freeze(instant("2026-03-04T10:00")):
        actions.settle_need(item(project, "EA-ARC").pk, actor=city.window, needed=False, reason="文物部门已出具意见")
    assert "EV-LND" in open_codes(project)


def test_an_approval_is_handed_out_as_a_paper(city: Cast, at_land: Project) -> None:
    decide(city, at_land, "EV-LND", at="2026-03-16T10:00")
    decide(city, at_land, "NR-LUP", at="2026-03-18T10:00")
    kinds = list(Paper.objects.filter(project_id=at_land.pk).values_list("kind", flat=True))
    assert {"receipt", "acceptance_notice", "licence_granted"} <= set(kinds)


def test_the_whole_way_to_the_end(city: Cast, at_drawings: Project) -> None:
    day = date(2026, 4, 2)
    for _round in range(60):
        todo = sorted(open_codes(at_drawings))
        if not todo:
            break
        for code in todo:
            decide(city, at_drawings, code, at=f"{day.isoformat()}T10:00")
        day = date.fromordinal(day.toordinal() + (3 if day.weekday() == 4 else 1))
    at_drawings.refresh_from_db()
    assert at_drawings.state == "finished"
    assert at_drawings.used_days <= 40
    assert at_drawings.ended_at is not None
    run = ItemCase.objects.filter(project=at_drawings).exclude(need__in=["not_needed", "reused"])
    assert set(run.values_list("state", flat=True)) <= {11, 12}
    states = dict(StageCase.objects.filter(project=at_drawings).values_list("code", "state"))
    assert set(states.values()) == {"finished"}
    ledger = day_ledger(at_drawings.pk)
    assert ledger.counted == at_drawings.used_days
    assert ledger.rows[-1].day <= at_drawings.ended_at.date()
    with pytest.raises(StateConflict):
        actions.withdraw_project(at_drawings.pk, actor=city.owner, reason="不办了")
