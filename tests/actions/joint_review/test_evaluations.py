"""Rounds without drawings: 前期意见 and 规划同评 before filing, 多评合一 with one meeting, 三书合一 by chapters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from certificates.models import Paper
from joint_review.actions import claim_task, hand_over_task, lapse_overdue_tasks, sign_task
from joint_review.actions.evaluations import Question, convene, record_meeting
from joint_review.models import Round, Task
from ledger.actor import Actor
from ledger.clock_now import freeze, now
from ledger.errors import DomainError, Forbidden, Invalid, NotFound, Refused, StateConflict
from ledger.outbox import dispatch_all
from notices.models import Letter
from projects.models import Project
from tests.actions.joint_review.world import add_clean_revision, add_set
from tests.actions.projects.filing import accepted, draft, instant, item
from tests.cast import Cast

pytestmark = pytest.mark.django_db
QUESTION = Question("拟选址创新大道东侧，请就选址和指标提出意见", ("选址说明书 云启〔2026〕1号",))


@pytest.fixture(autouse=True)
def one_day() -> Any:
    with freeze(instant("2026-03-02T10:00")):
        yield


def post(client: Client, url: str, **fields: Any) -> Any:
    """A form as a page sends it, once."""
    return client.post(url, {**fields, "idempotency_key": str(uuid4())})


def answer(cast: Cast, task: Task, conclusion: str = "agree", remark: str = "") -> None:
    own = {"NRP": ("planning", "planning2"), "HUC": ("fire", "fire2"), "CAD": ("airdefence", "airdefence2")}
    first, second = own.get(task.department.code, ("bureau", "bureau2"))
    claim_task(task.pk, actor=cast.actor(first))
    hand_over_task(task.pk, actor=cast.actor(first))
    sign_task(task.pk, actor=cast.actor(second), conclusion=conclusion, remark=remark)


def tasks(round_: Round) -> list[Task]:
    return list(round_.tasks.select_related("department").order_by("department__code", "discipline"))


def test_departments_say_early_what_they_think_of_a_draft(city: Cast) -> None:
    project = draft(city)
    round_ = convene(project.pk, "early_opinion", actor=city.owner, question=QUESTION, asked=["NRP", "EEB", "WRB"])
    assert (round_.convened_by.code, round_.no, round_.set_id) == ("NRP", 1, None)
    assert round_.due_on is not None
    assert round_.due_on.isoformat() == "2026-03-09"
    dispatch_all()
    told = set(Letter.objects.filter(kind="evaluation_opened").values_list("person__username", flat=True))
    assert told == {"bureau", "planning"}
    eeb, nrp, wrb = tasks(round_)
    with pytest.raises(StateConflict):
        convene(project.pk, "early_opinion", actor=city.owner, question=QUESTION, asked=["NRP"])
    claim_task(nrp.pk, actor=city.planning)
    hand_over_task(nrp.pk, actor=city.planning)
    with pytest.raises(DomainError, match="条件"):
        sign_task(nrp.pk, actor=city.planning2, conclusion="agree_with_conditions", remark="")
    sign_task(nrp.pk, actor=city.planning2, conclusion="agree_with_conditions", remark="退让道路红线不少于10米")
    answer(city, eeb)
    assert round_.tasks.filter(state="open").count() == 1
    # The third says nothing in time: no objection, recorded as silence, and the result follows by itself.
    with freeze(instant("2026-03-10T09:00")):
        assert lapse_overdue_tasks(actor=Actor.system(cause="TaskOverdue")) == 1
    round_.refresh_from_db()
    wrb.refresh_from_db()
    assert (round_.state, wrb.state) == ("closed", "silent")
    paper = Paper.objects.get(pk=round_.paper_id)
    text = str(paper.content)
    assert paper.kind == "early_opinion"
    assert "退让道路红线不少于10米" in text
    assert "逾期视为无意见" in text


def test_strangers_neither_convene_nor_see(city: Cast) -> None:
    project = draft(city)
    for stranger in (city.rival, city.planning, city.supervisor):
        with pytest.raises((Forbidden, NotFound)):
            convene(project.pk, "early_opinion", actor=stranger, question=QUESTION, asked=["NRP"])
    with pytest.raises((Forbidden, NotFound)):
        convene(project.pk, "multi_evaluation", actor=city.owner, question=QUESTION, asked=["EA-EIA"])
    with pytest.raises(Invalid):
        convene(project.pk, "early_opinion", actor=city.owner, question=QUESTION, asked=[])
    with pytest.raises(Invalid):
        convene(project.pk, "early_opinion", actor=city.owner, question=QUESTION, asked=["XXX"])
    with pytest.raises(Refused):
        convene(project.pk, "drawings", actor=city.owner, question=QUESTION, asked=["NRP"])


def test_evaluations_together_one_meeting_one_result(city: Cast, running: Project) -> None:
    asked = ["EA-EIA", "EA-WSC", "EA-SSR"]
    round_ = convene(running.pk, "multi_evaluation", actor=city.lead, question=QUESTION, asked=asked)
    assert [(task.department.code, task.discipline) for task in tasks(round_)] == [
        ("EEB", "EA-EIA"), ("PLC", "EA-SSR"), ("WRB", "EA-WSC"),
    ]  # fmt: skip
    record = {
        "held_at": now() - timedelta(hours=1),
        "place": "政务中心301",
        "experts": ["张三（环评）", "李四（水保）"],
    }
    with pytest.raises(StateConflict):
        record_meeting(round_.pk, actor=city.lead, minutes="通过评审", **record)
    eia, ssr, wsc = tasks(round_)
    answer(city, eia)
    answer(city, ssr)
    answer(city, wsc, "revise", "补充弃渣场防护措施")
    round_.refresh_from_db()
    assert (round_.state, round_.paper_id) == ("complete", None)
    with pytest.raises((Forbidden, NotFound)):
        record_meeting(round_.pk, actor=city.planning2, minutes="通过评审", **record)
    with pytest.raises(Invalid) as wrong:
        record_meeting(round_.pk, actor=city.lead, minutes="", **{**record, "experts": []})
    assert set(wrong.value.errors) == {"experts", "minutes"}
    record_meeting(round_.pk, actor=city.lead, minutes="原则通过，弃渣场须补充论证", **record)
    round_.refresh_from_db()
    assert round_.state == "closed"
    paper = Paper.objects.get(pk=round_.paper_id)
    assert paper.kind == "multi_evaluation_result"
    for said in ("补充弃渣场防护措施", "张三（环评）、李四（水保）", "原则通过", "须按所列意见修改完善后再报"):
        assert said in str(paper.content)


def test_a_technical_assessment_in_hand_waits_for_the_result_and_is_decided_by_it(city: Cast) -> None:
    from tests.actions.projects.filing import OFFICE

    project = accepted(city, facts={**OFFICE, "social_risk_required": True, "traffic_generator": True})
    held = [code for code in ("EA-SSR", "EA-TRA") if (found := item(project, code)).is_open and not found.held_by]
    assert held, "no technical assessment is in hand after acceptance"
    round_ = convene(project.pk, "multi_evaluation", actor=city.lead, question=QUESTION, asked=held)
    assert all(item(project, code).held_by == f"round:{round_.pk}" for code in held)
    for task in tasks(round_):
        answer(city, task)
    record_meeting(
        round_.pk, actor=city.lead, held_at=now(), place="政务中心301", experts=["王五"], minutes="同意通过评审"
    )
    assert all(item(project, code).decided_at is not None for code in held)


def test_three_reports_in_one_are_reviewed_by_chapter(city: Cast, running: Project) -> None:
    parts = ["DR-FEA", "EA-ENE", "EA-SSR"]
    round_ = convene(running.pk, "three_reports", actor=city.lead, question=QUESTION, asked=parts)
    assert [(task.department.code, task.discipline) for task in tasks(round_)] == [
        ("DRC", "DR-FEA"), ("DRC", "EA-ENE"), ("PLC", "EA-SSR"),
    ]  # fmt: skip
    for task in tasks(round_):
        answer(city, task)
    round_.refresh_from_db()
    assert round_.state == "closed"
    assert "可行性研究" in str(Paper.objects.get(pk=round_.paper_id).content)
    again = convene(running.pk, "three_reports", actor=city.lead, question=QUESTION, asked=parts[:1])
    assert again.no == 2


def test_the_one_report_goes_with_the_question_in_the_version_that_was_asked_about(
    city: Cast, running: Project
) -> None:
    report, other = add_set(running, "三书合一报告"), add_set(running, "空文件")
    asked = add_clean_revision(report, [("第一章", []), ("第二章", []), ("第三章", [])])
    parts = ["DR-FEA", "EA-ENE", "EA-SSR"]
    for wrong in (other.pk, uuid4()):
        with pytest.raises(Invalid) as refused:
            convene(
                running.pk,
                "three_reports",
                actor=city.lead,
                question=Question("请分章审查", set_ids=(wrong,)),
                asked=parts,
            )
        assert set(refused.value.errors) == {"sets"}
    form = city.client("lead").get(f"/projects/{running.pk}/evaluations/new/?kind=three_reports").content.decode()
    assert str(report.pk) in form
    assert str(other.pk) not in form
    fields = {"question": "请分章审查一份报告", "sets": [str(report.pk)], "asked": parts}
    made = post(city.client("lead"), f"/projects/{running.pk}/evaluations/three_reports/convene/", **fields)
    assert made.status_code == 302
    add_clean_revision(report, [("第一章", [])])
    page = city.client("bureau").get(made.url).content.decode()
    assert "三书合一报告" in page
    assert f"/sets/{report.pk}/" in page
    assert f"{asked.no} 版" in page
    assert "3 页" in page


def test_acts_on_drawings_do_not_meet_a_round_without_them(city: Cast) -> None:
    from joint_review.actions import issue_notice, raise_opinion
    from joint_review.actions.drafting import Spot, Wording
    from joint_review.queries import round_for, task_for

    project = draft(city)
    round_ = convene(project.pk, "plan_evaluation", actor=city.owner, question=QUESTION, asked=["NRP"])
    (task,) = tasks(round_)
    with pytest.raises(NotFound):
        issue_notice(round_.pk, actor=city.lead)
    with pytest.raises(NotFound):
        raise_opinion(task.pk, actor=city.planning, wording=Wording(cls="SUGGESTION", text="不应走到这里"), spot=Spot())
    with pytest.raises(NotFound):
        round_for(city.planning, round_.pk)
    with pytest.raises(NotFound):
        task_for(city.planning, task.pk)


def test_the_pages(city: Cast) -> None:
    project = draft(city)
    owner, planning, planning2 = city.client("owner"), city.client("planning"), city.client("planning2")
    assert "前期意见" in owner.get(f"/projects/{project.pk}/evaluations/new/").content.decode()
    form = owner.get(f"/projects/{project.pk}/evaluations/new/?kind=early_opinion")
    assert "自然资源和规划局" in form.content.decode()
    where = f"/projects/{project.pk}/evaluations/early_opinion/convene/"
    assert post(owner, where, question="", asked=["NRP"]).status_code == 422
    made = post(owner, where, question=QUESTION.text, asked=["NRP"], documents="选址说明书\n红线图")
    assert made.status_code == 302
    page = owner.get(made["Location"])
    assert "红线图" in page.content.decode()
    task = Task.objects.get(round__project=project)
    drawn = planning.get(f"/rounds/{task.round_id}/")
    assert drawn.status_code in {302, 404}
    for url in (f"/evaluation-tasks/{task.pk}/", f"/evaluations/{task.round_id}/", f"/projects/{project.pk}/"):
        assert planning.get(url).status_code == 200, url
    assert post(planning, f"/review-tasks/{task.pk}/claim/").status_code == 302
    assert post(planning, f"/review-tasks/{task.pk}/hand-over/").status_code == 302
    signed = post(planning2, f"/review-tasks/{task.pk}/sign/", conclusion="disagree", remark="压占规划绿地")
    assert signed.status_code == 302
    seen = owner.get(f"/evaluations/{task.round_id}/").content.decode()
    assert "压占规划绿地" in seen
    assert "项目前期意见书" in seen
    assert city.client("rival").get(f"/evaluations/{task.round_id}/").status_code == 404
    assert planning.get("/").status_code in {200, 302}
