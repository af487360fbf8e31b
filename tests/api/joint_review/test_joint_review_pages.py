"""Pages: everybody sees his own, forms work without a script, nothing of a draft reaches the applicant."""

from __future__ import annotations

import re
import uuid
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from joint_review.models import Opinion, Round, Task
from projects.models import Project
from tests.actions.joint_review.test_acceptance_acts import sign_all, visited
from tests.actions.joint_review.world import (
    PIECES,
    WALL,
    add_clean_revision,
    add_set,
    project_before_acceptance,
    raise_from_mark,
    sign,
    sign_rest,
    task_of,
)
from tests.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
SECRET = "尚未告知的草稿意见"


@pytest.fixture(scope="module")
def finished_made(standing: Path) -> Project:
    return project_before_acceptance(build_cast())


@pytest.fixture
def finished(city: Cast, finished_made: Project) -> Project:
    """A project whose works are finished and surveyed."""
    return deepcopy(finished_made)


def page(client: Client, name: str, *args: object) -> Any:
    """A page by its name."""
    return client.get(reverse(f"joint_review:{name}", args=args))


def post(client: Client, name: str, *args: object, **fields: str) -> Any:
    """A form as the browser sends it."""
    return client.post(reverse(f"joint_review:{name}", args=args), {"idempotency_key": str(uuid.uuid4()), **fields})


def text_of(response: Any) -> str:
    """What is on the page."""
    return str(response.content.decode())


def test_the_lead_opens_a_round_from_its_page(city: Cast, in_review: Project) -> None:
    revision = add_clean_revision(add_set(in_review), [("A-01", PIECES)])
    lead = city.client("lead")
    shown = page(lead, "open", revision.pk)
    assert shown.status_code == 200
    assert "人防" in text_of(shown)
    done = post(lead, "open_round", revision.pk, discipline="PREF")
    round_ = Round.objects.get(project=in_review)
    assert done.headers["Location"] == reverse("joint_review:round", args=[round_.pk])
    assert "PREF" in task_of(round_, "ADB").covers
    assert page(city.client("planning"), "open", revision.pk).status_code in {403, 404}


def test_round_and_task_pages_for_departments_only(city: Cast, opened: Round) -> None:
    raise_from_mark(opened, "HUC", city.fire, text=SECRET)
    task = task_of(opened, "HUC")
    for who in ("fire", "fire2", "planning", "lead", "supervisor"):
        assert SECRET in text_of(page(city.client(who), "round", opened.pk)), who
    assert "提出意见" in text_of(page(city.client("fire"), "task", task.pk))
    for who in ("owner", "rival", "designer", "window"):
        for name, pk in (("round", opened.pk), ("task", task.pk)):
            answer = page(city.client(who), name, pk)
            assert answer.status_code in {403, 404}
            assert SECRET not in text_of(answer)
    project_page = city.client("owner").get(f"/projects/{opened.project_id}/")
    assert SECRET not in text_of(project_page)


def test_a_department_works_through_its_forms(city: Cast, opened: Round) -> None:
    task = task_of(opened, "HUC")
    fire = city.client("fire")
    assert post(fire, "claim", task.pk).status_code == 302
    bad = post(fire, "raise_opinion", task.pk, cls="MANDATORY", text="缺防火分区图", clause_code="")
    assert bad.status_code == 422
    assert "必须引用条文" in text_of(bad)
    assert "缺防火分区图" in text_of(bad), "the text must not be lost"
    assert post(fire, "raise_opinion", task.pk, cls="DEPTH", text="缺防火分区图").status_code == 302
    opinion = Opinion.objects.get(round__project=opened.project_id)
    post(fire, "edit_opinion", opinion.pk, cls="DEPTH", text="缺防火分区示意图", version="1", task_id=str(task.pk))
    opinion.refresh_from_db()
    assert opinion.text == "缺防火分区示意图"
    post(fire, "hand_over", task.pk)
    signer = city.client("fire2")
    assert "签署部门意见" in text_of(page(signer, "task", task.pk))
    done = post(signer, "sign", task.pk, conclusion="revise", remark="")
    assert done.headers["Location"] == reverse("joint_review:round", args=[opened.pk])
    assert Task.objects.get(pk=task.pk).conclusion == "revise"
    assert text_of(page(signer, "task", task.pk)).count("需修改") >= 1


def test_preview_issue_answer_submit(city: Cast, opened: Round) -> None:
    raise_from_mark(opened, "HUC", city.fire)
    sign(city, opened, "HUC", "revise")
    sign_rest(city, opened)
    lead = city.client("lead")
    shown = text_of(page(lead, "preview", opened.pk))
    assert "消防车道净宽不足" in shown
    assert page(city.client("planning2"), "preview", opened.pk).status_code in {403, 404}
    assert post(lead, "issue", opened.pk).status_code == 302
    notice = Round.objects.get(pk=opened.pk).notice
    owner = city.client("owner")
    shown = text_of(page(owner, "notice", notice.pk))
    assert "A-01" in shown
    picture = re.search(r'src="(/notices/[^"]+picture\.png)"', shown)
    assert picture
    image = owner.get(picture[1])
    assert (image.status_code, image["Content-Type"]) == (200, "image/png")
    assert city.client("rival").get(picture[1]).status_code == 404
    opinion = Opinion.objects.get(round__project=opened.project_id)
    empty = post(owner, "answer", notice.pk, opinion.pk, kind="object", text="")
    assert empty.status_code == 422
    assert "请写明说明或异议的理由" in text_of(empty)
    assert post(owner, "answer", notice.pk, opinion.pk, kind="revise", text="加宽至 4.5 m").status_code == 302
    refused = post(owner, "submit", notice.pk)
    assert refused.status_code == 422
    assert "还没有上传新版图纸" in text_of(refused)
    add_clean_revision(opened.set, [("A-01", [PIECES[0], WALL]), ("A-02", [WALL])])
    assert "此处已" in text_of(page(owner, "notice", notice.pk)), "what the revision did is shown before submitting"
    assert post(owner, "submit", notice.pk).status_code == 302
    following = Round.objects.get(project=opened.project_id, no=2)
    assert "复核答复" in text_of(page(city.client("fire"), "task", task_of(following, "HUC").pk))
    done = post(city.client("fire"), "recheck", opinion.pk, result="accept", task_id=str(task_of(following, "HUC").pk))
    assert done.status_code == 302
    assert "提交" in text_of(page(owner, "notice", notice.pk))


def test_the_agent_answers_under_the_mandate_only(city: Cast, noticed: Round) -> None:
    agent = city.client("agent")
    path = reverse("joint_review:notice", args=[noticed.notice.pk])
    assert agent.get(path).status_code in {403, 404}
    mine = agent.get(f"/as/{city.mandate()}{path}")
    assert mine.status_code == 200
    assert f"/as/{city.mandate()}/notices/" in text_of(mine)
    assert agent.get(f"/as/{city.mandate(principal='chuanhe')}{path}").status_code in {403, 404}


def test_departments_see_pictures_of_drafts_and_applicants_do_not(city: Cast, opened: Round) -> None:
    opinion = raise_from_mark(opened, "HUC", city.fire)
    assert page(city.client("planning"), "opinion_picture", opinion.pk).status_code == 200
    assert page(city.client("owner"), "opinion_picture", opinion.pk).status_code in {403, 404}


def test_conflicts_on_the_round_page(city: Cast, opened: Round) -> None:
    first = raise_from_mark(opened, "HUC", city.fire)
    second = raise_from_mark(opened, "NRP", city.planning, cls="PLANNING", text="保留绿带")
    asked = post(
        city.client("planning"),
        "open_conflict",
        opened.pk,
        first=str(first.pk),
        second=str(second.pk),
        reason="加宽则占绿带",
    )
    assert asked.status_code == 302
    conflict = opened.conflicts.get()
    lead = city.client("lead")
    assert "会办后裁定" in text_of(page(lead, "round", opened.pk))
    post(lead, "rule", conflict.pk, ruling="车道优先", prevails=str(first.pk))
    conflict.refresh_from_db()
    assert conflict.state == "ruled"
    assert "车道优先" in text_of(page(city.client("planning"), "round", opened.pk))


def test_acceptance_pages(city: Cast, finished: Project) -> None:
    owner, lead = city.client("owner"), city.client("lead")
    assert "申请联合验收" in text_of(page(owner, "acceptance_apply", finished.pk))
    assert page(city.client("rival"), "acceptance_apply", finished.pk).status_code == 404
    post(owner, "acceptance_apply_now", finished.pk, statement="联系人王工")
    round_ = finished.acceptances.get()
    assert "确定验收时间" in text_of(page(lead, "acceptance", round_.pk))
    bad = post(lead, "acceptance_schedule", round_.pk, visit_at="下周一")
    assert bad.status_code == 422
    post(lead, "acceptance_schedule", round_.pk, visit_at="2099-03-05T09:30", meeting_point="北门")
    round_.refresh_from_db()
    assert round_.visit_at.isoformat() == "2099-03-05T01:30:00+00:00"
    post(lead, "acceptance_presence", round_.pk, department="NRP", came="yes")
    assert "北门" in text_of(page(owner, "acceptance", round_.pk))


def test_what_an_inspector_notes_reaches_the_enterprise_only_by_the_list(city: Cast, finished: Project) -> None:
    round_ = visited(city, finished)
    task = next(task for task in round_.tasks.select_related("department") if task.department.code == "HUC")
    fire, owner = city.client("fire"), city.client("owner")
    check = task.checks.get(code="AC-FIR")
    assert "不能以承诺" in text_of(page(fire, "acceptance_task", task.pk))
    bad = post(fire, "acceptance_defect", check.pk, task_id=str(task.pk), severity="FIX", place="", text="缺闭门器")
    assert bad.status_code == 422
    assert "缺闭门器" in text_of(bad)
    post(fire, "acceptance_defect", check.pk, task_id=str(task.pk), severity="FIX", place="3 层", text="缺闭门器")
    assert "缺闭门器" not in text_of(page(owner, "acceptance", round_.pk))
    assert page(owner, "acceptance_task", task.pk).status_code in {403, 404}
    post(fire, "acceptance_conclude", check.pk, result="FAIL")
    sign_all(city, round_)
    lead = city.client("lead")
    assert "签发整改告知书" in text_of(page(lead, "acceptance", round_.pk))
    post(lead, "acceptance_issue", round_.pk)
    shown = text_of(page(owner, "acceptance", round_.pk))
    assert "缺闭门器" in shown
    defect = check.defects.get()
    post(owner, "defect_answer", defect.pk, text="已安装")
    post(owner, "acceptance_submit", round_.pk)
    round_.refresh_from_db()
    assert round_.attempt == 2
    post(fire, "defect_recheck", defect.pk, passed="yes", note="")
    post(fire, "acceptance_conclude", check.pk, result="PASS")
    post(city.client("fire2"), "acceptance_sign", task.pk)
    round_.refresh_from_db()
    assert round_.state == "passed"
    assert "联合验收通过" in text_of(page(owner, "acceptance", round_.pk))
