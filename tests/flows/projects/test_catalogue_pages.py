"""Catalogue, powers table, calendar and pre-review as people use them in the browser."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from accounts.models import SecondKey
from ledger.clock_now import freeze
from projects.actions import load_domain
from projects.models import CalendarYear, PipelineEdition, Power, PrereviewMessage
from projects.queries.editions import edition_in_force, template_of
from tests.actions.projects.filing import OFFICE, accepted, draft, instant, item, submitted
from tests.cast import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    load_domain()
    return cast


def post(city: Cast, who: str, path: str, form: dict[str, Any] | None = None) -> HttpResponse:
    return city.client(who).post(path, {**(form or {}), "idempotency_key": str(uuid4())})


def words(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


FIELDS = {
    "name_zh": "企业投资项目备案",
    "name_en": "Filing of an enterprise project",
    "department": "DRC",
    "limit_working_days": "2",
    "internal_limit_working_days": "1",
    "prerequisites": "DR-COD",
    "applies_if": "",
    "legal_basis": "国务院令第673号",
    "fee": "",
    "materials": "M1 | 企业投资项目备案表",
}


def test_an_administrator_edits_a_draft_and_sees_path_and_faults_before_publishing(city: Cast) -> None:
    assert city.client("owner").get("/catalogue/").status_code == 403
    page = city.client("sysadmin").get("/catalogue/")
    assert page.status_code == 200
    assert "社会投资备案类一般项目" in words(page)
    base = edition_in_force("PRIVATE_FILING_40")
    assert post(city, "sysadmin", f"/catalogue/{base.pk}/draft/", {"version": "1.1"}).status_code == 302
    made = PipelineEdition.objects.get(state="draft")
    path = f"/catalogue/{made.pk}/"
    shown = city.client("sysadmin").get(path)
    assert "没有问题，可以提请发布" in words(shown)
    assert 'class="gantt' in shown.content.decode()
    changed = post(city, "sysadmin", f"{path}items/DR-REC/", {**FIELDS, "draft_version": "1"})
    assert changed.status_code == 302
    # A vague paper is shown as a fault with its reason, and publication is refused.
    post(city, "sysadmin", f"{path}items/DR-REC/", {**FIELDS, "materials": "M1 | 其他材料", "draft_version": "2"})
    assert "其他材料”含糊不清" in words(city.client("sysadmin").get(path))
    assert post(city, "sysadmin", f"{path}publish/").status_code == 422
    post(city, "sysadmin", f"{path}items/DR-REC/", {**FIELDS, "draft_version": "3"})
    listed = {
        **FIELDS,
        "conditions": "已取得投资项目代码\n\n 不在核准目录内 ",
        "review_criteria": "信息是否齐全",
        "draft_version": "4",
    }
    assert post(city, "sysadmin", f"{path}items/DR-REC/", listed).status_code == 302
    spec = template_of(PipelineEdition.objects.get(pk=made.pk)).by_code["DR-REC"]
    assert (spec.conditions, spec.review_criteria) == (("已取得投资项目代码", "不在核准目录内"), ("信息是否齐全",))
    # A stale page does not overwrite, a cycle is refused in words.
    assert post(city, "sysadmin", f"{path}items/DR-REC/", {**FIELDS, "draft_version": "1"}).status_code == 409
    circle = post(city, "sysadmin", f"{path}items/DR-REC/", {**FIELDS, "prerequisites": "DR-REC", "draft_version": "5"})
    assert circle.status_code == 422
    assert "循环" in words(circle)
    assert post(city, "sysadmin", f"{path}items/DR-REC/", {**FIELDS, "limit_working_days": "x"}).status_code == 422
    assert post(city, "sysadmin", f"{path}publish/").status_code == 302
    assert SecondKey.objects.get().summary.startswith("发布流程")
    assert post(city, "window", f"{path}publish/").status_code == 403


def test_a_notice_is_uploaded_and_waits_for_the_second_administrator(city: Cast) -> None:
    def upload(content: bytes, year: str = "2027") -> HttpResponse:
        form = {"year": year, "source": "国办发明电〔2026〕X号", "rows": SimpleUploadedFile("y.csv", content)}
        return post(city, "sysadmin", "/catalogue/calendar/", form)

    assert upload(b"date,kind\n2027-13-01,OFF\n").status_code == 422
    assert upload("date,kind\n元旦,OFF\n".encode("gbk")).status_code == 422
    assert upload(b"date,kind\n2027-01-01,MAYBE\n").status_code == 422
    assert upload(b"date,kind\n2027-01-01,OFF\n", year="soon").status_code == 422
    assert SecondKey.objects.count() == 0
    assert upload("date,kind,name_zh,name_en\n2027-01-01,OFF,元旦,New Year\n".encode()).status_code == 302
    assert SecondKey.objects.get().arguments["year"] == 2027
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_a_power_is_entered_and_shown(city: Cast) -> None:
    form = {
        "district": str(city.district.pk),
        "department_code": "DRC",
        "holder_code": "HUC",
        "kind": "entrusted",
        "basis": "云川政发〔2026〕1号委托书",
        "valid_from": "2026-03-01",
        "valid_to": "2026-03-10",
        "item_code": "DR-REC",
    }
    assert post(city, "sysadmin", "/powers/propose/", {**form, "basis": "口头"}).status_code == 422
    assert post(city, "sysadmin", "/powers/propose/", form).status_code == 302
    assert Power.objects.get().confirmed_at is None
    assert "待确认" in words(city.client("supervisor").get("/powers/"))
    assert city.client("rival").get("/powers/").status_code == 403
    assert post(city, "window", "/powers/propose/", form).status_code == 403


def test_a_draft_is_pre_reviewed_item_by_item(city: Cast) -> None:
    project = draft(city, facts=OFFICE)
    path = f"/projects/{project.pk}/prereview/"
    # The window does not see a draft until it is asked.
    assert city.client("window").get(path).status_code == 404
    assert (
        post(city, "owner", f"{path}say/", {"text": "红线是否需要坐标表？", "item_code": "DR-REC"}).status_code == 302
    )
    assert post(city, "rival", f"{path}ask/").status_code == 404
    assert post(city, "owner", f"{path}ask/").status_code == 302
    assert post(city, "owner", f"{path}ask/").status_code == 409
    assert "红线是否需要坐标表" in words(city.client("window").get(path))
    assert post(city, "window", f"{path}answer/", {}).status_code == 422
    assert post(city, "window", f"{path}answer/", {"verdict-DR-REC": "mend"}).status_code == 422
    form = {"verdict-DR-REC": "mend", "text-DR-REC": "请补充坐标成果表", "verdict-NR-LUP": "ready"}
    answered = post(city, "window", f"{path}answer/", form)
    assert answered.status_code == 302
    assert PrereviewMessage.objects.filter(verdict="mend").count() == 1
    page = words(city.client("owner").get(path))
    assert "请补充坐标成果表" in page
    assert "需要修改" in page
    assert post(city, "window", f"{path}answer/", form).status_code == 409
    assert post(city, "owner", f"{path}say/", {"text": "x", "item_code": "NO-SUCH"}).status_code == 422


def test_modes_are_offered_with_what_stands_against_them(city: Cast) -> None:
    project = submitted(city)
    page = words(city.client("window").get(f"/projects/{project.pk}/intake/"))
    assert "先建后验" in page
    assert "“零土地”承诺备案须不新增用地" in page
    with freeze(instant("2026-03-02T11:00")):
        refused = post(city, "window", f"/projects/{project.pk}/intake/accept/", {"mode": "zero_land"})
        assert refused.status_code == 422
        assert (
            post(city, "window", f"/projects/{project.pk}/intake/accept/", {"mode": "build_first"}).status_code == 302
        )
    project.refresh_from_db()
    assert project.mode == "build_first"


def test_an_item_shows_its_three_clocks(city: Cast) -> None:
    project = accepted(city)
    found = item(project, "DR-REC")
    page = words(city.client("window").get(f"/items/{found.pk}/"))
    assert "承诺时限" in page
    assert "本环节应完成" in page
    assert "办理方式" in page


def test_tolerated_papers_are_listed_with_their_date_and_handed_in(city: Cast) -> None:
    from projects import actions
    from projects.models import Material
    from projects.queries.materials import filed_materials

    with freeze(instant("2026-03-02T10:00")):
        project = draft(city)
        actions.declare_materials(project.pk, {}, actor=city.owner)
        wanted = {material.code: not material.may_be_late for material in filed_materials(project)}
        actions.declare_materials(project.pk, wanted, actor=city.owner)
        late = [
            material for material in filed_materials(project) if material.may_be_late and material.state == "missing"
        ]
        if not late:  # this pipeline asks for none that may follow: make one so
            first = project.materials.filter(state="declared").order_by("code")[0]
            project.materials.filter(pk=first.pk).update(may_be_late=True, state="missing")
        actions.submit_project(project.pk, actor=city.owner)
        actions.accept_at_window(project.pk, actor=city.window, tolerate=True)
    owed = Material.objects.filter(project=project, state="outstanding")
    assert owed.exists()
    one = owed.order_by("code")[0]
    path = f"/projects/{project.pk}/late/"
    page = words(city.client("owner").get(path))
    assert one.name_zh in page
    assert "2026-03-16" in page  # ten working days after acceptance
    assert "终止办理或者撤销" in page
    assert post(city, "rival", f"{path}{one.code}/").status_code == 404
    assert post(city, "owner", f"{path}{one.code}/").status_code == 302
    one.refresh_from_db()
    assert one.state == "declared"
    assert post(city, "owner", f"{path}{one.code}/").status_code == 422
