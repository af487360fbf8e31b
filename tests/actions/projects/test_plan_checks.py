"""Plan checks of a project's site (规划核查): stored with what is clear, followed, overridden with the original kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import Forbidden, Invalid, NotFound, Refused, StateConflict
from ledger.outbox import dispatch_all
from notices.models import Letter
from portal.queries.desks import rows_of_desk
from projects.actions import edit_form
from projects.actions.contradictions import answer_contradiction, end_gone, find_contradictions
from projects.actions.site_checks import check_plans, override_conflict
from projects.models import PlanConflict, PlanContradiction, Project, SiteCheck
from projects.queries.plan_checks import is_stale, plan_check_page
from projects.rules.conflicts import digest_of
from regional_eval.models import LayerVersion
from tests.actions.projects.filing import OFFICE, draft, instant
from tests.actions.projects.plans import EAST_QUARTER, FAR_AWAY, WHOLE, publish
from tests.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
TODAY = "2026-03-02T10:00"


@pytest.fixture(autouse=True)
def one_day() -> Any:
    with freeze(instant(TODAY)):
        yield


@pytest.fixture(scope="module")
def drafted_made(standing: Path) -> Project:
    with freeze(instant(TODAY)):
        return draft(build_cast())


@pytest.fixture
def deliver() -> Any:
    """Run the outbox until nothing waits."""
    return dispatch_all


def live(project: Project) -> list[tuple[str, str, str]]:
    rows = PlanConflict.objects.filter(project=project).exclude(state="resolved").order_by("layer", "kind")
    return [(row.layer, row.kind, row.state) for row in rows]


def test_a_check_keeps_hits_what_is_clear_and_every_version(city: Cast, drafted: Project) -> None:
    farm = publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    river = publish(city, "RIVER_BLUE_LINE", FAR_AWAY)
    parcel = publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "0902", "容积率": "≤2.0"})
    check = check_plans(drafted.pk, actor=city.owner)

    assert check.clear == ["RIVER_BLUE_LINE"]
    assert {entry["id"] for entry in check.layers} == {str(farm), str(river), str(parcel)}
    assert check.sha256 == digest_of(SiteCheck.objects.get(pk=check.pk).result)
    assert check.site_sha256 == drafted.site.sha256
    hit = PlanConflict.objects.get(project=drafted, layer="PERMANENT_BASIC_FARMLAND")
    assert (hit.kind, hit.severity, hit.department_code) == ("OVERLAP_PROHIBITED", "BLOCKING", "NRP")
    assert hit.share == pytest.approx(0.25, abs=1e-6)
    assert hit.mu == pytest.approx(hit.area_m2 * 3 / 2000, abs=1e-3)
    assert hit.geometry["type"] == "Polygon"
    # 42,000 m2 in all on some 115,000 m2: under the limit for certain; the use is one of two.
    assert live(drafted)[1:] == [("REGULATORY_PLAN", "MISSING_PARAMETER", "open")]
    assert check.came == 2


def test_the_same_conflict_is_kept_and_one_no_longer_found_is_resolved(city: Cast, drafted: Project) -> None:
    publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    first = check_plans(drafted.pk, actor=city.owner)
    again = check_plans(drafted.pk, actor=city.owner)
    assert (again.no, again.came, again.went) == (2, 0, 0)
    drafted.refresh_from_db()
    assert not is_stale(drafted, again)
    edit_form(drafted.pk, actor=city.owner, facts={"building_height_m": 61})
    drafted.refresh_from_db()
    assert is_stale(drafted, again)
    kept = PlanConflict.objects.get(project=drafted)
    assert (kept.first_check_id, kept.last_check_id) == (first.pk, again.pk)
    publish(city, "PERMANENT_BASIC_FARMLAND", FAR_AWAY, version="2")
    moved = check_plans(drafted.pk, actor=city.owner)
    assert (moved.came, moved.went) == (0, 1)
    assert moved.clear == ["PERMANENT_BASIC_FARMLAND"]
    kept.refresh_from_db()
    assert (kept.state, kept.last_check_id) == ("resolved", again.pk)


def test_without_a_red_line_there_is_nothing_to_check(city: Cast) -> None:
    from projects.actions import ProjectForm, create_project

    project = create_project(ProjectForm(name="没有红线的项目"), actor=city.owner)
    with pytest.raises(Refused, match="红线"):
        check_plans(project.pk, actor=city.owner)
    with pytest.raises(NotFound):
        check_plans(project.pk, actor=city.rival)


def test_the_owner_department_overrides_with_a_reason_and_the_original_stays(city: Cast, filed: Project) -> None:
    publish(city, "RIVER_BLUE_LINE", EAST_QUARTER)
    check_plans(filed.pk, actor=city.owner)
    conflict = PlanConflict.objects.get(project=filed)
    before = conflict.geometry, conflict.severity, conflict.reasons
    for stranger in (city.planning2, city.airdefence2, city.owner, city.bureau):
        with pytest.raises((Forbidden, NotFound)):
            override_conflict(conflict.pk, actor=stranger, finding="wrong_layer", reason="蓝线数据偏移")
    with pytest.raises(Invalid) as refused:
        override_conflict(conflict.pk, actor=city.bureau2, finding="approved", reason="")
    assert set(refused.value.errors) == {"reason", "document"}
    made = override_conflict(conflict.pk, actor=city.bureau2, finding="wrong_layer", reason="蓝线数据偏移，实测不压占")
    conflict.refresh_from_db()
    assert conflict.state == "overridden"
    assert (conflict.geometry, conflict.severity, conflict.reasons) == before
    with pytest.raises(StateConflict):
        override_conflict(conflict.pk, actor=city.bureau2, finding="wrong_layer", reason="再认定一次")
    # Found again it keeps the finding; a new version of the layer needs a new one.
    check_plans(filed.pk, actor=city.owner)
    assert live(filed) == [("RIVER_BLUE_LINE", "OVERLAP_PROHIBITED", "overridden")]
    publish(city, "RIVER_BLUE_LINE", EAST_QUARTER, version="2")
    check_plans(filed.pk, actor=city.owner)
    assert live(filed) == [("RIVER_BLUE_LINE", "OVERLAP_PROHIBITED", "open")]
    made.conflict.refresh_from_db()
    assert made.conflict.state == "resolved"


def test_the_owner_of_a_plan_sees_the_filed_project_that_runs_into_it(
    city: Cast, filed: Project, drafted: Project
) -> None:
    publish(city, "FOREST_LAND", EAST_QUARTER)
    check_plans(drafted.pk, actor=city.owner)
    with pytest.raises(NotFound):
        plan_check_page(city.bureau2, drafted.pk)
    check_plans(filed.pk, actor=city.owner)
    assert [row.may_override for row in plan_check_page(city.bureau2, filed.pk)["rows"]] == [True]
    assert [row.may_override for row in plan_check_page(city.owner, filed.pk)["rows"]] == [False]


def test_a_red_line_and_a_published_layer_check_by_themselves(city: Cast, drafted: Project, deliver: Any) -> None:
    deliver()
    assert [check.cause for check in drafted.site_checks.all()] == ["site_set"]
    layer = publish(city, "GREEN_LINE", EAST_QUARTER)
    publish(city, "NATURE_RESERVE", FAR_AWAY)
    deliver()
    checks = list(drafted.site_checks.all())
    assert [(check.cause, check.layer_id) for check in checks][:1] == [("layer_published", layer)]
    assert len(checks) == 2
    assert live(drafted) == [("GREEN_LINE", "OVERLAP_PROHIBITED", "open")]


SYSTEM = Actor.system(cause="PlanLayerPublished")


def contradict(city: Cast) -> PlanContradiction:
    publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "07"})
    water = publish(city, "RIVER_BLUE_LINE", EAST_QUARTER)
    (case,) = find_contradictions(water, district_id=city.district.pk, actor=SYSTEM)
    return case


def test_two_plans_against_each_other_go_to_both_owners(city: Cast) -> None:
    case = contradict(city)
    assert (case.number, case.reason, case.owners) == (1, "forbidden_but_planned", ("WRB", "NRP"))
    # Five working days of its own: from Monday 2 March to Monday 9 March.
    assert case.due_on.isoformat() == "2026-03-09"
    assert len(case.patches) == 1
    # Nothing new when asked again.
    again = find_contradictions(case.first_layer_id, district_id=city.district.pk, actor=SYSTEM)
    assert again == []
    for stranger in (city.airdefence2, city.planning, city.window):
        with pytest.raises((Forbidden, NotFound)):
            answer_contradiction(case.pk, actor=stranger, position="stand", text="不归我们")
    with pytest.raises(Invalid):
        answer_contradiction(case.pk, actor=city.planning2, position="", text="")
    answer_contradiction(case.pk, actor=city.planning2, position="stand", text="控规已批准，按城乡规划法执行")
    case.refresh_from_db()
    assert case.state == "open"
    answer_contradiction(case.pk, actor=city.bureau2, position="amend", text="蓝线将在六月修编时调整")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "agreed")
    with pytest.raises(StateConflict):
        answer_contradiction(case.pk, actor=city.planning2, position="amend", text="再答一次")


def test_both_owners_are_told_and_the_owner_of_a_project_when_plans_change(
    city: Cast, drafted: Project, deliver: Any
) -> None:
    deliver()
    publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "07"})
    publish(city, "RIVER_BLUE_LINE", EAST_QUARTER)
    deliver()
    told = list(Letter.objects.values_list("kind", "person__username"))
    assert {name for kind, name in told if kind == "contradiction_found"} == {"planning2", "bureau2"}
    assert {name for kind, name in told if kind == "plans_changed"} == {"owner"}
    assert Letter.objects.filter(kind="plans_changed", link__endswith=f"/projects/{drafted.pk}/plan-check/").exists()
    case = PlanContradiction.objects.get()
    assert [row.kind for row in rows_of_desk(city.planning2)] == ["规划间矛盾"]
    answer_contradiction(case.pk, actor=city.planning2, position="amend", text="调整控规")
    answer_contradiction(case.pk, actor=city.bureau2, position="stand", text="维持蓝线")
    deliver()
    assert Letter.objects.filter(kind="contradiction_closed").count() == 2
    assert rows_of_desk(city.planning2) == []


def test_two_that_stand_are_referred_and_one_owner_of_both_answers_once(city: Cast) -> None:
    case = contradict(city)
    answer_contradiction(case.pk, actor=city.planning2, position="stand", text="维持控规")
    answer_contradiction(case.pk, actor=city.bureau2, position="stand", text="维持蓝线")
    case.refresh_from_db()
    assert case.outcome == "referred"
    farm = publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    (own,) = find_contradictions(farm, district_id=city.district.pk, actor=SYSTEM)
    assert own.owners == ("NRP",)
    answer_contradiction(own.pk, actor=city.planning2, position="amend", text="按三区三线调整控规")
    own.refresh_from_db()
    assert (own.state, own.outcome) == ("closed", "agreed")


def test_a_case_is_gone_with_the_version_it_speaks_of(city: Cast) -> None:
    case = contradict(city)
    publish(city, "RIVER_BLUE_LINE", FAR_AWAY, version="2")
    assert LayerVersion.objects.get(pk=case.first_layer_id).state == "superseded"
    assert end_gone(city.district.pk, actor=SYSTEM) == 1
    case.refresh_from_db()
    assert case.state == "gone"


def test_plans_that_agree_open_no_case(city: Cast) -> None:
    publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "14"})
    green = publish(city, "GREEN_LINE", EAST_QUARTER)
    assert find_contradictions(green, district_id=city.district.pk, actor=SYSTEM) == []


def test_figures_of_the_project_are_compared(city: Cast) -> None:
    publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "0902", "限高": 54})
    project = draft(city, facts={**OFFICE, "land_use_code": "0902"})
    check_plans(project.pk, actor=city.owner)
    found = PlanConflict.objects.get(project=project, kind="HEIGHT_EXCEEDED")
    assert found.reasons[0]["params"] | {"value": 60.0, "limit": 54.0} == found.reasons[0]["params"]


def test_the_pages_of_a_check_and_a_case(city: Cast, filed: Project) -> None:
    case = contradict(city)
    check_plans(filed.pk, actor=city.owner)
    for username in ("owner", "bureau2", "supervisor", "window"):
        look_at_pages(city, username, filed, case)


def look_at_pages(city: Cast, username: str, project: Project, case: PlanContradiction) -> None:
    page = city.client(username).get(f"/projects/{project.pk}/plan-check/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "河道蓝线" in text
    assert "规划之间的矛盾" in text
    listed = city.client(username).get("/plan-contradictions/")
    assert listed.status_code == (403 if username in {"owner", "window"} else 200)
    if username == "bureau2":
        assert city.client(username).get(f"/plan-contradictions/{case.pk}/").status_code == 200
        where = f"/plan-contradictions/{case.pk}/answer/"
        told = post(city.client(username), where, position="stand", text="")
        assert told.status_code == 422
        assert "请写明依据和打算" in told.content.decode()
        assert post(city.client(username), where, position="stand", text="维持蓝线").status_code == 302


def post(client: Client, url: str, **fields: Any) -> Any:
    """A form as a page sends it, once."""
    return client.post(url, {**fields, "idempotency_key": str(uuid4())})


def test_the_forms_of_a_check(city: Cast, filed: Project, drafted: Project) -> None:
    publish(city, "RIVER_BLUE_LINE", EAST_QUARTER)
    publish(city, "REGULATORY_PLAN", WHOLE, properties={"land_use": "0902", "容积率": "≤0.1"})
    owner = city.client("owner")
    assert post(owner, f"/projects/{drafted.pk}/plan-check/run/").status_code == 302
    page = owner.get(f"/projects/{drafted.pk}/plan-check/").content.decode()
    assert 'name="counted_floor_area_m2"' in page
    figures = f"/projects/{drafted.pk}/plan-check/figures/"
    assert post(owner, figures, counted_floor_area_m2="30000", land_use_code="0902").status_code == 302
    found = PlanConflict.objects.exclude(state="resolved").get(project=drafted, layer="REGULATORY_PLAN")
    assert found.kind == "PARAMETER_EXCEEDED"
    check_plans(filed.pk, actor=city.owner)
    blue = PlanConflict.objects.get(project=filed, layer="RIVER_BLUE_LINE")
    bureau2 = city.client("bureau2")
    where = f"/projects/{filed.pk}/plan-check/{blue.pk}/override/"
    assert "批准文号" in post(bureau2, where, finding="approved", reason="已经批准建设").content.decode()
    assert post(bureau2, where, finding="wrong_layer", reason="蓝线数据偏移").status_code == 302
    assert "蓝线数据偏移" in owner.get(f"/projects/{filed.pk}/plan-check/").content.decode()
