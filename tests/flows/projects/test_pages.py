"""Pages of the projects room as people use them: ledger, rehearsal, effects of answers, stops and needs of items."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse

from accounts.models import Post, SecondKey
from ledger.clock_now import freeze
from projects.actions import load_domain
from projects.models import DayContest, ItemCase
from tests.actions.projects.filing import OFFICE, accepted, decide, draft, instant, item
from tests.cast import Cast

ANSWERS = {"investment": "PRIVATE", "management": "FILING", "use": "OFFICE"}


@pytest.fixture
def city(cast: Cast) -> Cast:
    load_domain()
    return cast


def post(city: Cast, who: str, path: str, form: dict[str, Any] | None = None) -> HttpResponse:
    return city.client(who).post(path, {**(form or {}), "idempotency_key": str(uuid4())})


def text_of(answer: HttpResponse) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_ledger_is_shown_replayed_contested_and_answered(city: Cast) -> None:
    project = accepted(city, facts={**OFFICE, "land_area_m2": 3000})
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    path = f"/projects/{project.pk}/days/"
    with freeze(instant("2026-03-09T10:00")):
        page = city.client("owner").get(path)
        words = text_of(page)
        assert page.status_code == 200
        assert "计入 1 个工作日（时限 40 个工作日），停表 4 个工作日" in words
        assert "等待企业办理" in words
        assert "审批局：企业投资项目备案" in words or "发改局：企业投资项目备案" in words
        then = text_of(city.client("owner").get(path, {"at": "2026-03-04T12:00"}))
        assert "停表 1 个工作日" in then
        assert city.client("owner").get(path, {"at": "yesterday"}).status_code == 422
        assert city.client("rival").get(path).status_code == 404
        assert post(city, "planning", f"{path}2026-03-05/contest/", {"reason": "不是企业"}).status_code in {403, 404}
        assert post(city, "owner", f"{path}no-day/contest/", {"reason": "没有这一天"}).status_code == 404
        assert post(city, "owner", f"{path}2026-03-05/contest/", {"reason": "当日窗口未告知"}).status_code == 302
        contest = DayContest.objects.get()
        answer = {"upheld": "no", "answer": "系统于 3 月 3 日已通知"}
        assert post(city, "owner", f"/contests/{contest.pk}/answer/", answer).status_code == 403
        assert post(city, "supervisor", f"/contests/{contest.pk}/answer/", answer).status_code == 302
        assert "异议不成立" in text_of(city.client("owner").get(path))


def test_the_effect_of_the_answers_is_shown_before_anything_is_saved(city: Cast) -> None:
    project = draft(city, facts={})
    path = f"/projects/{project.pk}/facts/effect/"
    owner = city.client("owner")
    assert "请先回答" in text_of(owner.get(path))
    shown = text_of(owner.get(path, ANSWERS))
    assert "社会投资备案类一般项目" in shown
    assert "最长 37 个工作日（时限 40 个）" in shown
    assert "小型低风险" in shown
    assert "没有适合" in text_of(owner.get(path, {"investment": "GOVERNMENT", "management": "FILING", "use": "OFFICE"}))
    assert owner.get(path, {"floor_area_m2": "many"}).status_code == 204
    assert city.client("rival").get(path).status_code == 404
    project.refresh_from_db()
    assert project.edition is None
    assert owner.get(f"/projects/{project.pk}/facts/").status_code == 200


def test_a_rehearsal_says_days_path_and_honest_levers(city: Cast) -> None:
    owner = city.client("owner")
    assert owner.get("/rehearsal/").status_code == 200
    page = owner.get(
        "/rehearsal/", {"go": "1", **ANSWERS, "accept": "2026-11-23", "own-EV-DSN": "30", "own-EV-CON": "200"}
    )
    words = text_of(page)
    assert page.status_code == 200
    assert "37 个工作日（承诺不超过 40 个）" in words
    assert "样本不足（0 个已办结项目），不作推算" in words
    assert "提前 5 个工作日完成" in words
    levers = page.context["shown"]["levers"]
    design = next(one["lever"] for one in levers if one["lever"].item == "EV-DSN")
    assert (design.saves_clock, design.saves_calendar) == (0, 5)
    assert any(one["lever"].saves_calendar == 0 and one["lever"].kind == "reuse" for one in levers)
    assert page.context["shown"]["provisional"]
    assert owner.get("/rehearsal/", {"go": "1"}).context["shown"]["none"]
    assert owner.get("/rehearsal/", {"go": "1", "floor_area_m2": "x"}).status_code == 422
    assert owner.get("/rehearsal/", {"go": "1", **ANSWERS, "own-EV-DSN": "soon"}).status_code == 422
    project = draft(city)
    assert owner.get("/rehearsal/", {"project": str(project.pk)}).context["shown"]["plan"].total == 37
    assert city.client("rival").get("/rehearsal/", {"project": str(project.pk)}).status_code == 404
    assert city.client("planning").get("/rehearsal/").status_code == 403


def test_an_undecided_item_is_settled_on_its_page(city: Cast) -> None:
    project = accepted(city, facts={**OFFICE, "traffic_generator": None})
    found = item(project, "EA-TRA")
    path = f"/items/{found.pk}/"
    assert "待确定" in text_of(city.client("window").get(path))
    assert post(city, "window", f"{path}need/", {"needed": "no", "reason": "未达启动阈值"}).status_code == 302
    found.refresh_from_db()
    assert (found.need, found.need_remark) == ("not_needed", "未达启动阈值")
    assert "不需要办理（未达启动阈值）" in text_of(city.client("owner").get(path))


def test_a_stop_is_asked_for_confirmed_and_ended_on_the_items_page(city: Cast) -> None:
    from accounts.actions import confirm_second_key

    project = accepted(city, facts={**OFFICE, "land_area_m2": 3000})
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    decide(city, project, "EV-LND", at="2026-03-16T10:00")
    found = item(project, "NR-LUP")
    Post.objects.filter(person__username__in=["planning", "planning2"]).update(roles=["commissioner"])
    path = f"/items/{found.pk}/"
    form = {"ground": "HEARING", "evidence": "听证告知书 1 号", "expected_days": "10"}
    with freeze(instant("2026-03-16T14:00")):
        assert "提请中止时限" in text_of(city.client("planning").get(path))
        assert "提请中止时限" not in text_of(city.client("owner").get(path))
        assert post(city, "planning", f"{path}pause/", {**form, "ground": "SUPERIOR"}).status_code == 422
        assert post(city, "planning", f"{path}pause/", {**form, "expected_days": "ten"}).status_code == 422
        assert post(city, "owner", f"{path}pause/", form).status_code == 403
        assert post(city, "planning", f"{path}pause/", form).status_code == 302
        assert not ItemCase.objects.get(pk=found.pk).is_paused
        confirm_second_key(SecondKey.objects.get().pk, actor=city.planning2)
        assert "中止中" in text_of(city.client("owner").get(path))
    with freeze(instant("2026-03-18T10:00")):
        assert (
            post(city, "planning", f"{path}resume/", {"ground": "HEARING", "evidence": "听证笔录"}).status_code == 302
        )
        assert "已恢复" in text_of(city.client("owner").get(path))


def test_a_review_item_offers_no_step_by_hand(city: Cast) -> None:
    project = accepted(city)
    review = item(project, "HU-DRW")
    ItemCase.objects.filter(pk=review.pk).update(
        state=1, ready_at=instant("2026-03-02T10:00"), day_zero="2026-03-02", posts_now=["pos_accept", "pos_first"]
    )
    page = city.client("fire").get(f"/items/{review.pk}/")
    assert page.status_code == 200
    assert not page.context["may_take"]
    assert post(city, "fire", f"/items/{review.pk}/take/").status_code == 422
