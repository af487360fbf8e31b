"""Joint acceptance from the one application to the one opinion, with rectification of what failed only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from certificates.models import Paper
from joint_review.acceptance import actions
from joint_review.acceptance.actions.checks import Promise
from joint_review.acceptance.models import AcceptanceCheck, AcceptanceRound, AcceptanceTask, Defect, RectificationNotice
from ledger.actor import Actor
from ledger.clock_now import freeze, now
from ledger.errors import Conflict, Forbidden, Invalid, NotFound, Refused, StateConflict, StepUpRequired
from ledger.models import AuditEvent
from projects.models import ClockPause, ItemCase, Project
from tests.actions.joint_review.world import START, project_before_acceptance
from tests.actions.projects.filing import accepted
from tests.cast import Cast, build_cast

pytestmark = pytest.mark.django_db

INSPECTORS = {"NRP": "planning", "HUC": "fire", "CAD": "airdefence"}
SIGNERS = {"NRP": "planning2", "HUC": "fire2", "CAD": "airdefence2"}


def inspector(city: Cast, task: AcceptanceTask) -> Actor:
    """Who looks on site."""
    return city.actor(INSPECTORS.get(task.department.code, "bureau"))


def signer(city: Cast, task: AcceptanceTask, *, fresh: bool = True) -> Actor:
    """Who signs."""
    return city.actor(SIGNERS.get(task.department.code, "bureau2"), fresh=fresh)


@pytest.fixture(scope="module")
def project_made(standing: Path) -> Project:
    return project_before_acceptance(build_cast())


@pytest.fixture
def project(city: Cast, project_made: Project) -> Project:
    """Everything before the acceptance is decided, the works are finished and surveyed."""
    return deepcopy(project_made)


@pytest.fixture(scope="module")
def visited_made(standing: Path) -> AcceptanceRound:
    cast = build_cast()
    return visited(cast, project_before_acceptance(cast))


@pytest.fixture
def visited_round(city: Cast, visited_made: AcceptanceRound) -> AcceptanceRound:
    """The visit of another project has taken place."""
    return deepcopy(visited_made)


@pytest.fixture(scope="module")
def failed_made(standing: Path) -> AcceptanceRound:
    cast = build_cast()
    return failed(cast, project_before_acceptance(cast))


@pytest.fixture
def failed_round(city: Cast, failed_made: AcceptanceRound) -> AcceptanceRound:
    """A third project: fire failed with one defect, everybody else passed, all signed."""
    return deepcopy(failed_made)


@contextmanager
def after_visit(round_: AcceptanceRound) -> Iterator[None]:
    """The day of the visit has come."""
    assert round_.visit_at is not None
    with freeze(round_.visit_at + timedelta(minutes=5)):
        yield


def scheduled(city: Cast, project: Project) -> AcceptanceRound:
    """Applied for, with a date."""
    round_ = actions.apply_for_acceptance(project.pk, actor=city.owner, statement="随时可验")
    return actions.schedule_visit(round_.pk, actor=city.lead, visit_at=now() + timedelta(days=2), meeting_point="北门")


def visited(city: Cast, project: Project) -> AcceptanceRound:
    """The visit has taken place."""
    round_ = scheduled(city, project)
    with after_visit(round_):
        return actions.record_visit(round_.pk, actor=city.lead)


def tasks_of(round_: AcceptanceRound) -> list[AcceptanceTask]:
    """The departments' tasks."""
    return list(round_.tasks.select_related("department").order_by("department__code"))


def conclude(city: Cast, task: AcceptanceTask, result: str = "PASS") -> None:
    """Every check of the task that has no result yet."""
    for check in task.checks.filter(result=""):
        actions.conclude_check(check.pk, actor=inspector(city, task), result=result)


def check_of(round_: AcceptanceRound, code: str) -> AcceptanceCheck:
    """One check."""
    return AcceptanceCheck.objects.get(task__round=round_, code=code)


def defect(city: Cast, round_: AcceptanceRound, code: str = "AC-FIR", **more: str) -> Defect:
    """A defect at a check."""
    check = check_of(round_, code)
    fields = {"severity": "FIX", "place": "1 号楼 3 层", "text": "防火门未安装闭门器", **more}
    return actions.list_defect(check.pk, actor=inspector(city, check.task), **fields)


def sign_all(city: Cast, round_: AcceptanceRound) -> None:
    """Everybody who has not signed passes what is open and signs."""
    for task in tasks_of(round_):
        if task.state != "signed":
            conclude(city, task)
            actions.sign_acceptance(task.pk, actor=signer(city, task))


def failed(city: Cast, project: Project) -> AcceptanceRound:
    """Fire failed with one defect, everybody else passed, all signed."""
    round_ = visited(city, project)
    defect(city, round_, clause_code="GB55037-2022#7.1.4")
    actions.conclude_check(check_of(round_, "AC-FIR").pk, actor=city.fire, result="FAIL")
    sign_all(city, round_)
    round_.refresh_from_db()
    return round_


def test_one_application_gives_every_department_its_task(city: Cast, project: Project) -> None:
    with pytest.raises(StepUpRequired):
        actions.apply_for_acceptance(project.pk, actor=city.actor("owner", fresh=False))
    for who in (city.rival, city.fire, city.lead, city.acting(principal="chuanhe")):
        with pytest.raises((Forbidden, NotFound)):
            actions.apply_for_acceptance(project.pk, actor=who)
    round_ = actions.apply_for_acceptance(project.pk, actor=city.acting())
    assert round_.on_behalf_of == city.yunqi.pk
    codes = {task.department.code: set(task.checks.values_list("code", flat=True)) for task in tasks_of(round_)}
    assert codes["NRP"] == {"AC-PLN", "AC-LND"}
    assert {"AC-FIR", "AC-QUA"} <= codes["HUC"]
    assert codes["CAD"] == {"AC-CAD"}
    # Not needed here: no gas, no greenery check, no lightning risk.
    assert not {"AC-GAS", "AC-GRN", "AC-LPD"} & set().union(*codes.values())
    with pytest.raises(StateConflict):
        actions.apply_for_acceptance(project.pk, actor=city.owner)


def test_what_is_open_before_stands_in_the_way_and_is_named(city: Cast) -> None:
    project = accepted(city, at=START)
    with pytest.raises(Refused) as caught:
        actions.apply_for_acceptance(project.pk, actor=city.owner)
    assert caught.value.code == "not_ready_for_acceptance"
    assert "工程完工、五方验收" in caught.value.message
    assert not AcceptanceRound.objects.filter(project=project).exists()


def test_one_date_for_all_decides_the_papers_check_and_holds_the_items(city: Cast, project: Project) -> None:
    round_ = actions.apply_for_acceptance(project.pk, actor=city.owner)
    with pytest.raises(Refused, match="不能早于"):
        actions.schedule_visit(round_.pk, actor=city.lead, visit_at=now() - timedelta(hours=1))
    with pytest.raises((Forbidden, NotFound)):
        actions.schedule_visit(round_.pk, actor=city.fire, visit_at=now() + timedelta(days=1))
    actions.schedule_visit(round_.pk, actor=city.lead, visit_at=now() + timedelta(days=1))
    actions.schedule_visit(round_.pk, actor=city.lead2, visit_at=now() + timedelta(days=2))
    assert ItemCase.objects.get(project=project, code="AC-APP").state == 11
    held = ItemCase.objects.filter(project=project, held_by=f"acceptance:{round_.pk}")
    assert {"AC-PLN", "AC-FIR", "AC-CAD"} <= set(held.values_list("code", flat=True))


def test_nothing_is_noted_before_the_visit(city: Cast, project: Project) -> None:
    round_ = scheduled(city, project)
    with pytest.raises(StateConflict):
        actions.record_visit(round_.pk, actor=city.lead)
    with pytest.raises(StateConflict):
        conclude(city, tasks_of(round_)[0])
    with pytest.raises(StateConflict):
        defect(city, round_)
    actions.note_presence(round_.pk, actor=city.lead, department_code="NRP", came=True)
    actions.note_presence(round_.pk, actor=city.commissioner, department_code="HUC", came=False)
    assert dict(round_.visits.values_list("department__code", "came")) == {"NRP": True, "HUC": False}


def test_everybody_passes_gives_one_opinion_and_decides_the_items(city: Cast, visited_round: AcceptanceRound) -> None:
    sign_all(city, visited_round)
    visited_round.refresh_from_db()
    assert (visited_round.state, visited_round.outcome) == ("passed", "PASS")
    paper = Paper.objects.get(pk=visited_round.paper_id)
    assert paper.kind == "joint_acceptance_opinion"
    assert "消防验收" in str(paper.content)
    states = dict(
        ItemCase.objects.filter(project=visited_round.project_id, decided_by="ACCEPTANCE").values_list("code", "state")
    )
    assert {state for state in states.values() if state is not None} == {11}
    assert states["AC-OPN"] == 11
    assert ItemCase.objects.get(project=visited_round.project_id, code="AC-REC").ready_at is not None
    assert AuditEvent.objects.filter(name="AcceptancePassed").count() == 1
    assert Paper.objects.filter(kind="joint_acceptance_opinion").count() == 1


def test_two_people_sign_and_the_database_keeps_it(city: Cast, visited_round: AcceptanceRound) -> None:
    task = next(task for task in tasks_of(visited_round) if task.department.code == "NRP")
    with pytest.raises(StateConflict, match="没有结论"):
        actions.sign_acceptance(task.pk, actor=city.planning2)
    actions.conclude_check(check_of(visited_round, "AC-PLN").pk, actor=city.planning2, result="PASS")
    actions.conclude_check(check_of(visited_round, "AC-LND").pk, actor=city.planning, result="PASS")
    with pytest.raises(Forbidden, match="两人"):
        actions.sign_acceptance(task.pk, actor=city.planning2)
    for check in task.checks.all():
        actions.conclude_check(check.pk, actor=city.planning, result="PASS")
    AcceptanceTask.objects.filter(pk=task.pk).update(inspected_by_id=city.planning.person_id)
    with pytest.raises(StepUpRequired):
        actions.sign_acceptance(task.pk, actor=city.actor("planning2", fresh=False))
    with pytest.raises((Forbidden, NotFound)):
        actions.sign_acceptance(task.pk, actor=city.fire2)
    actions.sign_acceptance(task.pk, actor=city.planning2)
    with pytest.raises(Conflict, match="吴规划"):
        actions.sign_acceptance(task.pk, actor=city.planning2)
    with pytest.raises(IntegrityError, match="acceptance_task_signed_by_another"), transaction.atomic():
        AcceptanceTask.objects.filter(pk=task.pk).update(inspected_by_id=city.planning2.person_id)


def test_fire_never_passes_by_commitment_or_silence(city: Cast, visited_round: AcceptanceRound) -> None:
    promise = Promise("一个月内补齐", "王工", date(2100, 1, 1))
    fire = check_of(visited_round, "AC-FIR")
    with pytest.raises(Refused) as caught:
        actions.conclude_check(fire.pk, actor=city.fire, result="PASS_WITH_COMMITMENT", promise=promise)
    assert caught.value.code == "never_by_commitment"
    with pytest.raises(Refused):
        actions.conclude_check(fire.pk, actor=city.fire, result="DEEMED_PASS")
    for result in ("DEEMED_PASS", "PASS_WITH_COMMITMENT"):
        with pytest.raises(IntegrityError, match="acceptance_"), transaction.atomic():
            AcceptanceCheck.objects.filter(pk=fire.pk).update(result=result)


def test_a_commitment_is_complete_and_stands_on_the_opinion(city: Cast, visited_round: AcceptanceRound) -> None:
    check = check_of(visited_round, "AC-ARC")
    with pytest.raises(Refused) as caught:
        actions.conclude_check(
            check.pk, actor=city.bureau, result="PASS_WITH_COMMITMENT", promise=Promise("补交竣工图")
        )
    assert caught.value.code == "promise_needed"
    late = Promise("补交竣工图", "王工", date(2020, 1, 1))
    with pytest.raises(Refused, match="晚于今天"):
        actions.conclude_check(check.pk, actor=city.bureau, result="PASS_WITH_COMMITMENT", promise=late)
    promise = Promise("补交竣工图", "王工", date(2100, 1, 1))
    actions.conclude_check(check.pk, actor=city.bureau, result="PASS_WITH_COMMITMENT", promise=promise)
    sign_all(city, visited_round)
    visited_round.refresh_from_db()
    assert (visited_round.state, visited_round.outcome) == ("passed", "PASS_WITH_COMMITMENT")
    assert "补交竣工图" in str(Paper.objects.get(pk=visited_round.paper_id).content)
    assert ItemCase.objects.get(project=visited_round.project_id, code="AC-ARC").state == 12
    assert ItemCase.objects.get(project=visited_round.project_id, code="AC-PLN").state == 11


def test_defects_need_words_and_bind_the_result(city: Cast, visited_round: AcceptanceRound) -> None:
    with pytest.raises(Invalid) as caught:
        defect(city, visited_round, severity="X", place=" ", text="", clause_code="nope")
    assert set(caught.value.errors) == {"severity", "place", "text", "clause_code"}
    check = check_of(visited_round, "AC-FIR")
    with pytest.raises(Refused) as refused:
        actions.conclude_check(check.pk, actor=city.fire, result="FAIL")
    assert refused.value.code == "defect_needed"
    actions.conclude_check(check.pk, actor=city.fire, result="PASS")
    found = defect(city, visited_round)
    check.refresh_from_db()
    assert check.result == ""
    with pytest.raises(Refused) as refused:
        actions.conclude_check(check.pk, actor=city.fire, result="PASS")
    assert refused.value.code == "defects_open"
    actions.strike_defect(found.pk, actor=city.fire)
    defect(city, visited_round, severity="NOTE", text="标识牌可更醒目")
    actions.conclude_check(check.pk, actor=city.fire, result="PASS")


def test_a_failure_waits_for_one_list_from_the_lead(city: Cast, failed_round: AcceptanceRound) -> None:
    assert (failed_round.state, failed_round.outcome) == ("failed", "FAIL")
    assert Paper.objects.filter(kind="joint_acceptance_opinion").count() == 0
    with pytest.raises(StepUpRequired):
        actions.issue_rectification(failed_round.pk, actor=city.actor("lead", fresh=False))
    for who in ("fire2", "owner", "planning2"):
        with pytest.raises((Forbidden, NotFound)):
            actions.issue_rectification(failed_round.pk, actor=city.actor(who))
    notice = actions.issue_rectification(failed_round.pk, actor=city.lead)
    content = str(Paper.objects.get(pk=notice.paper_id).content)
    assert "防火门未安装闭门器" in content
    assert "第7.1.4条" in content
    open_items = ItemCase.objects.filter(
        project=failed_round.project_id, held_by=f"acceptance:{failed_round.pk}", decided_at__isnull=True
    )
    paused = ClockPause.objects.filter(project=failed_round.project_id, ground="RECTIFICATION", ended_at__isnull=True)
    assert set(paused.values_list("item_id", flat=True)) == set(open_items.values_list("pk", flat=True))
    with pytest.raises(Conflict):
        actions.issue_rectification(failed_round.pk, actor=city.lead)


def test_only_what_failed_is_looked_at_again(city: Cast, failed_round: AcceptanceRound) -> None:
    actions.issue_rectification(failed_round.pk, actor=city.lead)
    found = Defect.objects.get(check_of__code="AC-FIR")
    planning = next(task for task in tasks_of(failed_round) if task.department.code == "NRP")
    signed_at = planning.signed_at
    with pytest.raises(Refused, match="第 1 条"):
        actions.submit_rectification(failed_round.pk, actor=city.owner)
    with pytest.raises((Forbidden, NotFound)):
        actions.answer_defect(found.pk, actor=city.rival, text="已整改")
    actions.answer_defect(found.pk, actor=city.acting(), text="闭门器已全部安装")
    actions.submit_rectification(failed_round.pk, actor=city.owner)
    failed_round.refresh_from_db()
    assert (failed_round.state, failed_round.attempt, failed_round.outcome) == ("visited", 2, "OPEN")
    assert not ClockPause.objects.filter(project=failed_round.project_id, ended_at__isnull=True).exists()
    assert {task.department.code: task.state for task in tasks_of(failed_round) if task.state != "signed"} == {
        "HUC": "open"
    }
    with pytest.raises(StateConflict):
        actions.conclude_check(check_of(failed_round, "AC-PLN").pk, actor=city.planning, result="FAIL")
    quality = check_of(failed_round, "AC-QUA")
    assert quality.result == "PASS"
    with pytest.raises(StateConflict, match="不再复验"):
        actions.conclude_check(quality.pk, actor=city.fire, result="PASS")
    with pytest.raises(Refused) as refused:
        defect(city, failed_round, text="新问题")
    assert refused.value.code == "late_defect"
    fire = check_of(failed_round, "AC-FIR")
    with pytest.raises(Refused) as refused:
        actions.conclude_check(fire.pk, actor=city.fire, result="PASS")
    assert refused.value.code == "defects_open"
    actions.recheck_defect(found.pk, actor=city.fire, passed=True)
    actions.conclude_check(fire.pk, actor=city.fire, result="PASS")
    huc = next(task for task in tasks_of(failed_round) if task.department.code == "HUC")
    with pytest.raises(Forbidden):
        actions.sign_acceptance(huc.pk, actor=city.fire)
    actions.sign_acceptance(huc.pk, actor=city.fire2)
    failed_round.refresh_from_db()
    assert (failed_round.state, failed_round.outcome) == ("passed", "PASS")
    planning.refresh_from_db()
    assert planning.signed_at == signed_at
    assert ItemCase.objects.get(project=failed_round.project_id, code="AC-OPN").state == 11


def test_a_second_failure_gives_a_second_list_and_wants_new_answers(city: Cast, failed_round: AcceptanceRound) -> None:
    actions.issue_rectification(failed_round.pk, actor=city.lead)
    found = Defect.objects.get(check_of__code="AC-FIR")
    actions.answer_defect(found.pk, actor=city.owner, text="已安装")
    actions.submit_rectification(failed_round.pk, actor=city.owner)
    with pytest.raises(Refused):
        actions.recheck_defect(found.pk, actor=city.fire, passed=False)
    actions.recheck_defect(found.pk, actor=city.fire, passed=False, note="3 层仍缺两处")
    actions.conclude_check(check_of(failed_round, "AC-FIR").pk, actor=city.fire, result="FAIL")
    huc = next(task for task in tasks_of(failed_round) if task.department.code == "HUC")
    actions.sign_acceptance(huc.pk, actor=city.fire2)
    actions.issue_rectification(failed_round.pk, actor=city.lead)
    assert RectificationNotice.objects.filter(round=failed_round).count() == 2
    with pytest.raises(Refused):
        actions.submit_rectification(failed_round.pk, actor=city.owner)
    actions.answer_defect(found.pk, actor=city.owner, text="两处已补装")
    actions.submit_rectification(failed_round.pk, actor=city.owner)
    failed_round.refresh_from_db()
    assert failed_round.attempt == 3


def test_visit_time_is_an_instant(city: Cast, project: Project) -> None:
    round_ = scheduled(city, project)
    assert isinstance(round_.visit_at, datetime)
    assert round_.visit_at.tzinfo is not None
