"""Opening, signing, completing and closing rounds, with the permissions and the four eyes."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, transaction

from accounts.access import relation_query, stands
from accounts.models import Person
from certificates.models import Paper
from drawings.models import Annotation, Sheet
from joint_review import actions
from joint_review.actions.opinions import Spot
from joint_review.models import Opinion, Round, Task
from ledger.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    SecondKeyRequired,
    StateConflict,
    StepUpRequired,
)
from ledger.models import AuditEvent
from projects.models import ItemCase, Project
from tests.actions.joint_review.world import (
    LANE_REGION,
    PIECES,
    add_clean_revision,
    add_set,
    claim_all,
    mark,
    open_review,
    raise_from_mark,
    sheet_of,
    sign,
    sign_rest,
    task_of,
    wording,
)
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def events(name: str, round_: Round) -> int:
    """How often it was recorded for the round."""
    return AuditEvent.objects.filter(name=name, body__round_id=str(round_.pk)).count()


def test_the_lead_opens_a_round_with_parallel_tasks(city: Cast, opened: Round) -> None:
    tasks = {(task.department.code, task.discipline): task for task in opened.tasks.select_related("department")}
    assert set(tasks) == {("NRP", "PLAN"), ("HUC", "FIRE"), ("CAD", "CADF"), ("ADB", "")}
    assert {"ARCH", "STRU", "PLUM"} <= set(tasks["ADB", ""].covers)
    assert all(task.state == "open" and task.due_on for task in tasks.values())
    assert opened.due_on is not None
    assert opened.item.due_on is None or opened.due_on <= opened.item.due_on
    assert set(Sheet.objects.filter(revision=opened.revision).values_list("state", "round_id")) == {("open", opened.pk)}
    assert ItemCase.objects.get(pk=opened.item_id).held_by == f"round:{opened.pk}"
    assert events("RoundOpened", opened) == 1


def test_an_unknown_fact_keeps_the_task_and_names_it(city: Cast, in_review: Project) -> None:
    in_review.facts.pop("has_air_defence_basement")
    in_review.save(update_fields=["facts"])
    round_ = open_review(city, in_review)
    assert task_of(round_, "CAD").undecided == ["CADF"]
    in_review.facts["has_air_defence_basement"] = False
    in_review.save(update_fields=["facts"])
    other = open_review(city, in_review)
    assert not Task.objects.filter(round=other, department__code="CAD").exists()


@pytest.mark.parametrize("who", ["owner", "rival", "designer", "planning", "fire2", "supervisor", "sysadmin"])
def test_nobody_else_opens_a_round(city: Cast, in_review: Project, who: str) -> None:
    revision = add_clean_revision(add_set(in_review), [("A-01", PIECES)])
    with pytest.raises((Forbidden, NotFound)):
        actions.open_round(revision.pk, actor=city.actor(who))
    assert not Round.objects.filter(project=in_review).exists()


def test_a_round_needs_a_clean_revision_and_an_item_in_hand(city: Cast, in_review: Project) -> None:
    revision = add_clean_revision(add_set(in_review), [("A-01", PIECES)])
    revision.state = "checking"
    revision.save(update_fields=["state"])
    with pytest.raises(StateConflict, match="尚未通过检查"):
        actions.open_round(revision.pk, actor=city.lead)
    revision.state = "clean"
    revision.save(update_fields=["state"])
    with pytest.raises(Refused, match="没有这个专业"):
        actions.open_round(revision.pk, actor=city.lead, requested=["NOPE"])
    first = actions.open_round(revision.pk, actor=city.lead, requested=["PREF"])
    assert "PREF" in task_of(first, "ADB").covers
    with pytest.raises(StateConflict, match="正在进行"):
        actions.open_round(revision.pk, actor=city.lead)


def test_claiming_is_one_persons(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    actions.claim_task(task.pk, actor=city.fire)
    actions.claim_task(task.pk, actor=city.fire)
    with pytest.raises(Conflict, match="郑消防"):
        actions.claim_task(task.pk, actor=city.fire2)
    assert events("TaskClaimed", opened) == 1
    with pytest.raises(Forbidden):
        actions.claim_task(task_of(opened, "NRP").pk, actor=city.fire)
    with pytest.raises(NotFound):
        actions.claim_task(task.pk, actor=city.rival)


def test_an_opinion_cites_its_marks_and_claims_the_task(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire, demand="车道净宽 ≥ 4 m")
    anchor = opinion.anchors.get()
    cited = Annotation.objects.get(pk=anchor.marks[0]["obj"])
    assert cited.cited
    assert cited.cited_by == [opinion.pk]
    assert len(anchor.marks[0]["op_hash"]) == 64
    x0, y0, x1, y1 = anchor.region
    assert x0 < LANE_REGION[0] < LANE_REGION[2] < x1
    assert y0 < LANE_REGION[1] < LANE_REGION[3] < y1
    assert opinion.demand == {"parameter": "车道净宽", "operator": ">=", "value": "4", "unit": "m"}
    assert opinion.clause["cited"] == "《建筑防火通用规范》GB 55037-2022 第3.4.5条"
    task = task_of(opened, "HUC")
    assert (task.state, task.first_by_id) == ("claimed", city.fire.person_id)


def test_wording_and_place_are_checked(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC").pk
    with pytest.raises(Invalid) as caught:
        actions.raise_opinion(task, actor=city.fire, wording=wording(text=" ", clause_code=""))
    assert set(caught.value.errors) == {"text", "clause_code"}
    with pytest.raises(Invalid) as caught:
        actions.raise_opinion(task, actor=city.fire, wording=wording(), spot=Spot(region=LANE_REGION))
    assert set(caught.value.errors) == {"region"}
    with pytest.raises(Refused, match="不在本轮"):
        actions.raise_opinion(task, actor=city.fire, wording=wording(), spot=Spot(sheet_id=uuid.uuid4()))
    nan = Spot(sheet_id=sheet_of(opened).pk, region=(0, 0, float("nan"), 1))
    with pytest.raises(Invalid):
        actions.raise_opinion(task, actor=city.fire, wording=wording(), spot=nan)
    foreign = mark(sheet_of(opened), city.planning)
    with pytest.raises(Refused, match="只能引用本部门"):
        actions.raise_opinion(
            task, actor=city.fire, wording=wording(), spot=Spot(sheet_id=sheet_of(opened).pk, marks=[foreign])
        )
    assert not Opinion.objects.exists()
    assert task_of(opened, "HUC").state == "open"


def test_an_opinion_is_raised_only_for_ones_own_department(city: Cast, opened: Round) -> None:
    task = task_of(opened, "NRP").pk
    for who in ("fire", "lead", "airdefence"):
        with pytest.raises(Forbidden):
            actions.raise_opinion(task, actor=city.actor(who), wording=wording("DEPTH", "缺剖面"))
    for who in ("owner", "rival", "designer"):
        with pytest.raises((Forbidden, NotFound)):
            actions.raise_opinion(task, actor=city.actor(who), wording=wording("DEPTH", "缺剖面"))


def test_a_draft_is_edited_and_withdrawn_by_its_department(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire)
    obj = opinion.anchors.get().marks[0]["obj"]
    edited = actions.edit_opinion(opinion.pk, actor=city.fire2, wording=wording("SUGGESTION", "建议加宽"), version=1)
    assert (edited.version, edited.cls, edited.clause) == (2, "SUGGESTION", {})
    with pytest.raises(Conflict, match="同事"):
        actions.edit_opinion(opinion.pk, actor=city.fire, wording=wording(), version=1)
    with pytest.raises(Forbidden):
        actions.edit_opinion(opinion.pk, actor=city.planning, wording=wording())
    actions.withdraw_opinion(opinion.pk, actor=city.fire, why="误提")
    opinion.refresh_from_db()
    assert (opinion.state, opinion.why_withdrawn) == ("withdrawn", "误提")
    assert not Annotation.objects.get(pk=obj).cited
    with pytest.raises(StateConflict):
        actions.withdraw_opinion(opinion.pk, actor=city.fire)


def test_two_people_for_one_task(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    with pytest.raises(StateConflict, match="初审"):
        actions.sign_task(task.pk, actor=city.fire2, conclusion="agree")
    actions.claim_task(task.pk, actor=city.fire)
    with pytest.raises(Forbidden, match="两人"):
        actions.sign_task(task.pk, actor=city.fire, conclusion="agree")
    with pytest.raises(StepUpRequired):
        actions.sign_task(task.pk, actor=city.actor("fire2", fresh=False), conclusion="agree")
    with pytest.raises(Forbidden):
        actions.sign_task(task.pk, actor=city.planning2, conclusion="agree")
    actions.hand_over_task(task.pk, actor=city.fire)
    actions.take_back_task(task.pk, actor=city.fire2)
    actions.hand_over_task(task.pk, actor=city.fire)
    signed = actions.sign_task(task.pk, actor=city.fire2, conclusion="agree")
    assert (signed.state, signed.signed_by_id, signed.conclusion) == ("signed", city.fire2.person_id, "agree")
    with pytest.raises(Conflict, match="冯消防"):
        actions.sign_task(task.pk, actor=city.fire2, conclusion="agree")


def test_who_reviews_second_may_not_be_first(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    actions.claim_task(task.pk, actor=city.fire2)
    with pytest.raises(Forbidden):
        actions.sign_task(task.pk, actor=city.fire2, conclusion="agree")


def test_the_database_itself_refuses_one_person_in_two_places(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    actions.claim_task(task.pk, actor=city.fire)
    with pytest.raises(IntegrityError, match="task_signed_by_another"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(
            state="signed", signed_by_id=city.fire.person_id, signed_at="2026-03-06T00:00Z", conclusion="agree"
        )
    with pytest.raises(IntegrityError, match="task_signed_with_conclusion"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(state="signed")


def test_a_conclusion_must_be_borne_by_the_opinions(city: Cast, opened: Round) -> None:
    raise_from_mark(opened, "HUC", city.fire)
    task = task_of(opened, "HUC").pk
    with pytest.raises(Refused) as caught:
        actions.sign_task(task, actor=city.fire2, conclusion="agree")
    assert caught.value.code == "breach_stands"
    actions.claim_task(task_of(opened, "NRP").pk, actor=city.planning)
    with pytest.raises(Refused) as caught:
        actions.sign_task(task_of(opened, "NRP").pk, actor=city.planning2, conclusion="revise")
    assert caught.value.code == "no_breach_named"
    actions.sign_task(task, actor=city.fire2, conclusion="revise")
    opinion = Opinion.objects.get()
    assert opinion.state == "signed"
    with pytest.raises(StateConflict):
        actions.edit_opinion(opinion.pk, actor=city.fire, wording=wording())
    with pytest.raises(StateConflict):
        actions.raise_opinion(task, actor=city.fire, wording=wording())


def test_after_its_signature_a_department_may_no_longer_mark(city: Cast, opened: Round) -> None:
    sheet = sheet_of(opened)
    mark(sheet, city.fire)
    sign(city, opened, "HUC")
    with pytest.raises(AssertionError, match="forbidden"):
        mark(sheet, city.fire)
    mark(sheet, city.planning)


def test_the_kept_question_who_may_mark_has_the_answer_of_the_day(city: Cast, opened: Round) -> None:
    """The SQL of the relation is kept per actor (accounts.access); its answer never is."""
    sheet, everybody = sheet_of(opened), list(Person.objects.values_list("username", flat=True))

    def who_may() -> set[str]:
        marking = {name for name in everybody if stands(city.actor(name), Sheet, "D", sheet.pk)}
        asked_anew = {
            name
            for name in everybody
            if Sheet.objects.filter(relation_query(city.actor(name), Sheet, "D"), pk=sheet.pk).exists()
        }
        assert marking == asked_anew
        return marking

    assert {"fire", "fire2", "planning", "planning2", "lead"} <= who_may()
    assert not {"owner", "rival", "designer", "agent"} & who_may()
    task_of(opened, "NRP").delete()
    assert not {"planning", "planning2"} & who_may()
    assert "fire" in who_may()
    Task.objects.filter(round=opened).delete()
    Sheet.objects.filter(pk=sheet.pk).update(round_id=None)
    assert who_may() == set()


def test_the_last_signature_closes_a_round_without_breaches(city: Cast, opened: Round) -> None:
    actions.raise_opinion(task_of(opened, "NRP").pk, actor=city.planning, wording=wording("SUGGESTION", "建议统一图例"))
    for department in ("HUC", "CAD", "ADB"):
        sign(city, opened, department)
        opened.refresh_from_db()
        assert opened.state == "open"
    sign(city, opened, "NRP", "agree_with_conditions")
    opened.refresh_from_db()
    assert opened.state == "closed"
    assert events("RoundCompleted", opened) == events("RoundClosed", opened) == 1
    assert Opinion.objects.get().state == "closed"
    assert set(Sheet.objects.filter(revision=opened.revision).values_list("state", flat=True)) == {"signed"}
    item = ItemCase.objects.get(pk=opened.item_id)
    assert item.state == 11
    assert item.held_by == ""
    paper = Paper.objects.get(pk=opened.paper_id)
    assert paper.kind == "drawing_certificate"
    source = sheet_of(opened).file
    listed = paper.content["drawings"]
    assert [(entry["number"], entry["version"], entry["sha256"]) for entry in listed] == [
        ("A-01", "A", source.sha256),
        ("A-02", "A", source.sha256),
    ]
    assert "建议统一图例" in str(paper.content)


def test_a_second_set_holds_the_item_until_it_passes_too(city: Cast, in_review: Project) -> None:
    first, second = open_review(city, in_review), open_review(city, in_review)
    sign_rest(city, first)
    assert ItemCase.objects.get(pk=first.item_id).decided_at is None
    sign_rest(city, second)
    assert ItemCase.objects.get(pk=first.item_id).state == 11


def test_a_breach_waits_for_the_lead(city: Cast, opened: Round) -> None:
    raise_from_mark(opened, "HUC", city.fire)
    sign(city, opened, "HUC", "revise")
    sign_rest(city, opened)
    opened.refresh_from_db()
    assert opened.state == "complete"
    assert events("RoundClosed", opened) == 0
    assert ItemCase.objects.get(pk=opened.item_id).decided_at is None


def test_contradicting_demands_open_a_conflict_that_the_lead_rules(city: Cast, opened: Round) -> None:
    sheet = sheet_of(opened)
    spot = Spot(sheet_id=sheet.pk, region=LANE_REGION)
    wide = actions.raise_opinion(
        task_of(opened, "HUC").pk, actor=city.fire, wording=wording(demand="车道净宽 ≥ 4 m"), spot=spot
    )
    narrow = actions.raise_opinion(
        task_of(opened, "NRP").pk,
        actor=city.planning,
        wording=wording("PLANNING", "保留绿带", demand="车道净宽不超过 3500 mm"),
        spot=spot,
    )
    conflict = opened.conflicts.get()
    assert {conflict.first_id, conflict.second_id} == {wide.pk, narrow.pk}
    sign(city, opened, "HUC", "revise")
    sign(city, opened, "NRP", "revise")
    sign_rest(city, opened)
    with pytest.raises(Refused) as caught:
        actions.issue_notice(opened.pk, actor=city.lead)
    assert caught.value.code == "conflict_open"
    with pytest.raises((Forbidden, NotFound)):
        actions.rule_conflict(conflict.pk, actor=city.planning2, ruling="x", prevails=wide.pk)
    with pytest.raises(Refused):
        actions.rule_conflict(conflict.pk, actor=city.lead, ruling=" ")
    actions.rule_conflict(conflict.pk, actor=city.lead, ruling="消防车道优先，绿带移至北侧", prevails=wide.pk)
    narrow.refresh_from_db()
    assert narrow.state == "withdrawn"
    notice = actions.issue_notice(opened.pk, actor=city.lead)
    assert [item.opinion_id for item in notice.items.all()] == [wide.pk]


def test_a_ruling_that_leaves_nothing_blocking_closes_the_round(city: Cast, opened: Round) -> None:
    spot = Spot(sheet_id=sheet_of(opened).pk, region=LANE_REGION)
    breach = actions.raise_opinion(task_of(opened, "HUC").pk, actor=city.fire, wording=wording(), spot=spot)
    hint = actions.raise_opinion(
        task_of(opened, "NRP").pk, actor=city.planning, wording=wording("SUGGESTION", "建议保留绿带"), spot=spot
    )
    conflict = actions.open_conflict(
        opened.pk, actor=city.planning, first=breach.pk, second=hint.pk, reason="加宽车道就没有绿带"
    )
    sign(city, opened, "HUC", "revise")
    sign_rest(city, opened)
    actions.rule_conflict(conflict.pk, actor=city.lead, ruling="既有道路，按原审批", prevails=hint.pk)
    opened.refresh_from_db()
    assert opened.state == "closed"


def test_joining_as_co_author(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire)
    own = raise_from_mark(opened, "CAD", city.airdefence, cls="DEPTH", text="消防车道净宽不足 4 米，请加宽")
    with pytest.raises(Forbidden):
        actions.join_opinion(opinion.pk, actor=city.planning, task_id=task_of(opened, "CAD").pk)
    actions.join_opinion(opinion.pk, actor=city.airdefence, task_id=task_of(opened, "CAD").pk, instead_of=own.pk)
    own.refresh_from_db()
    assert (own.state, own.merged_into_id) == ("merged", opinion.pk)
    assert len(opinion.anchors.get().marks) == 2
    assert {author.department.code for author in opinion.authors.select_related("department")} == {"HUC", "CAD"}
    sign(city, opened, "CAD", "revise")
    opinion.refresh_from_db()
    assert opinion.state == "signed"
    with pytest.raises(StateConflict):
        actions.withdraw_opinion(opinion.pk, actor=city.fire)
    sign(city, opened, "HUC", "revise")
    sign_rest(city, opened)
    notice = actions.issue_notice(opened.pk, actor=city.lead)
    assert [item.departments for item in notice.items.all()] == [["CAD", "HUC"]]


def test_when_the_first_author_goes_the_others_remain(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire)
    actions.join_opinion(opinion.pk, actor=city.airdefence, task_id=task_of(opened, "CAD").pk)
    actions.withdraw_opinion(opinion.pk, actor=city.fire)
    opinion.refresh_from_db()
    author = opinion.authors.select_related("department").get()
    assert (opinion.state, author.department.code, author.is_first) == ("draft", "CAD", True)


def test_silence_counts_only_where_it_may(city: Cast, opened: Round) -> None:
    from ledger.actor import Actor

    system = Actor.system(cause="TaskOverdue")
    Task.objects.filter(round=opened).update(due_on="2020-01-01")
    assert actions.lapse_overdue_tasks(actor=system) == 0
    Task.objects.filter(round=opened, department__code__in=["CAD", "NRP"]).update(silence_counts=True)
    actions.raise_opinion(task_of(opened, "NRP").pk, actor=city.planning, wording=wording("DEPTH", "缺总图"))
    assert actions.lapse_overdue_tasks(actor=system) == 2
    assert Opinion.objects.get().state == "withdrawn"
    assert task_of(opened, "CAD").state == "silent"
    assert actions.lapse_overdue_tasks(actor=system) == 0
    sign(city, opened, "HUC")
    sign(city, opened, "ADB")
    opened.refresh_from_db()
    assert opened.state == "closed"
    with pytest.raises(Forbidden):
        actions.lapse_overdue_tasks(actor=Actor.system(cause="SomethingElse")) or actions.silence.lapse_task(
            task_of(opened, "HUC").pk, actor=Actor.system(cause="SomethingElse")
        )


def test_refusals_change_nothing(city: Cast, opened: Round) -> None:
    claim_all(city, opened)
    before = AuditEvent.objects.count()
    for act in (
        lambda: actions.sign_task(task_of(opened, "HUC").pk, actor=city.fire2, conclusion="nonsense"),
        lambda: actions.issue_notice(opened.pk, actor=city.lead),
        lambda: actions.submit_answers(opened.pk, actor=city.owner),
        lambda: actions.claim_task(uuid.uuid4(), actor=city.fire),
    ):
        with pytest.raises(DomainError), transaction.atomic():
            act()
    assert AuditEvent.objects.count() == before


def test_freezing_stops_marks_and_thawing_takes_two(city: Cast, opened: Round) -> None:
    from accounts.actions import confirm_second_key
    from accounts.models import SecondKey

    sheet = sheet_of(opened)
    with pytest.raises(Forbidden):
        actions.freeze_round(opened.pk, actor=city.fire, reason="测试")
    with pytest.raises(Refused):
        actions.freeze_round(opened.pk, actor=city.lead, reason=" ")
    actions.freeze_round(opened.pk, actor=city.lead, reason="汇总期间停止批注")
    with pytest.raises(AssertionError, match="frozen"):
        mark(sheet, city.fire)
    with pytest.raises(StateConflict):
        actions.freeze_round(opened.pk, actor=city.lead, reason="再次")
    with pytest.raises(SecondKeyRequired):
        actions.thaw_round(opened.pk, actor=city.lead, reason="继续")
    actions.ask_to_thaw(opened.pk, actor=city.lead, reason="继续审查")
    key = SecondKey.objects.get()
    with pytest.raises(Forbidden):
        confirm_second_key(key.pk, actor=city.lead)
    confirm_second_key(key.pk, actor=city.lead2)
    mark(sheet, city.fire)
    assert (events("RoomFrozen", opened), events("RoomThawed", opened)) == (1, 1)
