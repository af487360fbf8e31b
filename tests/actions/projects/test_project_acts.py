"""From a draft to the accepted project."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.clock_now import freeze
from ledger.errors import Conflict, Forbidden, Invalid, NotFound, Refused, StateConflict, StepUpRequired
from ledger.models import AuditEvent
from projects import actions
from projects.actions import ProjectForm
from projects.models import IntakeNotice, ItemCase, Project
from projects.queries.materials import filed_materials
from projects.rules.intake import CorrectionEntry
from tests.actions.projects.filing import (
    BOUNDARY,
    OFFICE,
    accepted,
    fresh_code,
    instant,
    item,
    open_codes,
    submitted,
)
from tests.cast import Cast


def events(project: Project) -> list[str]:
    return list(AuditEvent.objects.filter(project_id=project.pk).order_by("n").values_list("name", flat=True))


def test_a_draft_is_the_enterprises_own(city: Cast) -> None:
    project = actions.create_project(ProjectForm(name="研发楼", code=fresh_code()), actor=city.owner)
    assert (project.owner_id, project.district_id, project.state) == (city.yunqi.pk, city.district.pk, "draft")
    assert events(project) == ["ProjectCreated"]


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        (ProjectForm(name=""), "name", "请填写项目名称"),
        (ProjectForm(name="x" * 121), "name", "最多 120 个字"),
        (ProjectForm(name="研发楼", code="2608-520900-04-01-314153"), "code", "末位应为 2"),
        (ProjectForm(name="研发楼", uscc="91520900MA6DM3K99A"), "uscc", "末位应为 Y"),
        (ProjectForm(name="研发楼", uscc="911310007401558257"), "uscc", "不是您所在企业"),
        (ProjectForm(name="研发楼", kind="99"), "kind", "选项"),
        (
            ProjectForm(name="研发楼", planned_start=date(2027, 1, 1), planned_finish=date(2026, 1, 1)),
            "planned_finish",
            "不能早于",
        ),
    ],
)
def test_a_wrong_field_says_what_is_wrong_and_how_to_mend_it(
    city: Cast, form: ProjectForm, field: str, said: str
) -> None:
    known = Project.objects.count()
    with pytest.raises(Invalid) as refusal:
        actions.create_project(form, actor=city.owner)
    assert said in refusal.value.errors[field][0]
    assert Project.objects.count() == known


def test_several_wrong_fields_are_told_at_once(city: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.create_project(ProjectForm(name="", code="1", kind="9"), actor=city.owner)
    assert set(refusal.value.errors) == {"name", "code", "kind"}


def test_a_project_code_belongs_to_one_project(city: Cast) -> None:
    code = fresh_code()
    actions.create_project(ProjectForm(name="一期", code=code), actor=city.owner)
    with pytest.raises(Conflict) as refusal:
        actions.create_project(ProjectForm(name="二期", code=code), actor=city.rival)
    assert refusal.value.code == "code_taken"


def test_the_same_draft_twice_is_one_draft(city: Cast) -> None:
    known = Project.objects.count()
    actions.create_project(ProjectForm(name="研发楼"), actor=city.owner)
    with pytest.raises(Conflict) as refusal:
        actions.create_project(ProjectForm(name="研发楼"), actor=city.owner)
    assert refusal.value.code == "draft_exists"
    actions.create_project(ProjectForm(name="研发楼"), actor=city.rival)
    assert Project.objects.count() == known + 2


def test_a_window_clerk_begins_it_for_an_enterprise_by_its_credit_code(city: Cast) -> None:
    form = ProjectForm(name="窗口代填", uscc=city.chuanhe.uscc)
    project = actions.create_project(form, actor=city.window)
    assert project.owner_id == city.chuanhe.pk
    with pytest.raises(Invalid) as refusal:
        actions.create_project(ProjectForm(name="窗口代填"), actor=city.window)
    assert "uscc" in refusal.value.errors


def test_an_agent_acts_for_his_principal(city: Cast) -> None:
    project = actions.create_project(ProjectForm(name="代办"), actor=city.acting("agent"))
    assert project.owner_id == city.yunqi.pk


def test_a_mandate_for_named_projects_covers_no_new_one(city: Cast) -> None:
    limited = replace(city.acting("agent"), mandate_projects=frozenset())
    with pytest.raises(Refused) as refusal:
        actions.create_project(ProjectForm(name="代办"), actor=limited)
    assert refusal.value.code == "mandate_scope"


def test_strangers_see_nothing(city: Cast, drafted: Project) -> None:
    for stranger in (city.rival, city.planning, city.window, city.supervisor):
        with pytest.raises(NotFound):
            actions.edit_form(drafted.pk, ProjectForm(name="改名"), actor=stranger)


def test_a_stale_form_is_refused(city: Cast, drafted: Project) -> None:
    actions.edit_form(drafted.pk, ProjectForm(place="甲"), actor=city.owner, expected_version=drafted.form_version)
    with pytest.raises(Conflict):
        actions.edit_form(drafted.pk, ProjectForm(place="乙"), actor=city.owner, expected_version=drafted.form_version)


def test_the_red_line_gives_the_area_unless_the_applicant_has_his_own(city: Cast) -> None:
    project = actions.create_project(ProjectForm(name="研发楼"), actor=city.owner)
    site = actions.set_site(project.pk, BOUNDARY, actor=city.owner)
    project.refresh_from_db()
    assert project.facts["land_area_m2"] == pytest.approx(site.area_legal_m2, abs=0.01)
    assert project.fact_sources["land_area_m2"] == "map"
    actions.edit_form(project.pk, actor=city.owner, facts={"land_area_m2": 100_000})
    actions.set_site(project.pk, BOUNDARY, actor=city.owner)
    project.refresh_from_db()
    assert project.facts["land_area_m2"] == 100_000


def test_a_self_crossing_red_line_is_refused_and_the_old_one_stays(city: Cast, drafted: Project) -> None:
    bow = [[116.11, 38.99], [116.114, 38.993], [116.114, 38.99], [116.11, 38.993], [116.11, 38.99]]
    before = drafted.site.sha256
    with pytest.raises(Invalid) as refusal:
        actions.set_site(drafted.pk, {"type": "Polygon", "coordinates": [bow]}, actor=city.owner)
    assert "自相交" in refusal.value.errors["boundary"][0]
    drafted.refresh_from_db()
    assert drafted.site.sha256 == before


def test_the_facts_choose_the_template(city: Cast, drafted: Project) -> None:
    assert drafted.edition is not None
    assert drafted.edition.template_code == "PRIVATE_FILING_40"
    actions.edit_form(drafted.pk, actor=city.owner, facts={"management": "VERIFICATION", "use": "ENERGY"})
    drafted.refresh_from_db()
    assert drafted.edition is not None
    assert drafted.edition.template_code == "PRIVATE_VERIFICATION_40"
    actions.edit_form(drafted.pk, actor=city.owner, facts={"use": "ROAD"})
    drafted.refresh_from_db()
    assert drafted.edition is None


def test_an_unknown_fact_and_a_wrong_kind_are_refused(city: Cast, drafted: Project) -> None:
    for facts, code in (({"floor_aera_m2": 1}, "unknown_fact"), ({"needs_gas": "yes"}, "fact_type")):
        with pytest.raises(Refused) as refusal:
            actions.edit_form(drafted.pk, actor=city.owner, facts=facts)
        assert refusal.value.code == code


def test_submitting_names_everything_that_is_missing(city: Cast) -> None:
    project = actions.create_project(ProjectForm(name="研发楼"), actor=city.owner)
    with pytest.raises(Invalid) as refusal:
        actions.submit_project(project.pk, actor=city.owner)
    assert set(refusal.value.errors) == {"code", "place", "contents", "boundary", "facts"}


def test_submitting_needs_a_fresh_factor(city: Cast, drafted: Project) -> None:
    with pytest.raises(StepUpRequired):
        actions.submit_project(drafted.pk, actor=city.actor("owner", fresh=False))


def test_submitting_gives_a_receipt_and_starts_the_five_days(city: Cast) -> None:
    known = Project.objects.exclude(receipt_number=None).count()
    project = submitted(city, at="2026-02-12T16:00")
    assert project.state == "submitted"
    assert project.check_due_on == date(2026, 2, 26)  # 行政许可法第三十二条: 5 working days over the Spring Festival
    assert project.receipt_number is not None
    assert project.receipt_number.startswith(f"131099-20260212-{known + 1:05}-")
    again = submitted(city, at="2026-02-12T16:30")
    assert again.receipt_number is not None
    assert again.receipt_number.startswith(f"131099-20260212-{known + 2:05}-")


def test_a_second_submit_is_refused_not_doubled(city: Cast, filed: Project) -> None:
    with pytest.raises(StateConflict):
        actions.submit_project(filed.pk, actor=city.owner)


def test_known_papers_are_not_asked_for(city: Cast, filed: Project) -> None:
    known = {m.code: m.remark for m in filed.materials.filter(state="from_library")}
    assert city.yunqi.uscc in known["M-USCC"]
    assert filed.code in known["M-PCODE"]
    assert "用地红线" in known["M-SITE"]


def test_acceptance_makes_the_items_and_starts_the_clock(city: Cast, running: Project) -> None:
    assert (running.state, running.acceptance_mode, running.stage) == ("accepted", "window", "S1")
    assert running.day_zero == date(2026, 3, 2)
    assert running.due_on == date(2026, 4, 28)  # vector: 40 working days from 2026-03-02
    assert running.warn_on == date(2026, 4, 16)
    assert not running.is_provisional
    assert open_codes(running) == {"PL-GEN", "DR-REC", "RG-CNF", "EA-WSC", "EA-ARC"}
    code = item(running, "DR-COD")
    assert (code.state, code.decision_basis.count(running.code)) == (11, 1)
    filing = item(running, "DR-REC")
    assert (filing.state, filing.due_on, filing.warn_on) == (1, date(2026, 3, 3), date(2026, 3, 2))
    assert filing.posts_now == ["pos_accept", "pos_first"]
    needs = dict(ItemCase.objects.filter(project=running).values_list("code", "need"))
    assert needs["EA-FLD"] == "not_needed"
    assert needs["EA-WSC"] == "needed"  # the site is larger than 5,000 m²
    assert item(running, "NR-CEP").prerequisites == ["NR-SCH", "NR-LUP"]
    assert {"ProjectAccepted", "StageStarted", "ItemReady", "ItemDecided"} <= set(events(running))


def test_acceptance_in_the_evening_counts_from_the_next_working_day(city: Cast) -> None:
    project = submitted(city, at="2026-02-13T10:00")
    with freeze(instant("2026-02-13T17:00")):
        project = actions.accept_at_window(project.pk, actor=city.window)
    assert project.day_zero == date(2026, 2, 14)


def test_a_due_date_that_reaches_into_an_unpublished_year_is_provisional(city: Cast) -> None:
    project = accepted(city, at="2026-11-23T10:00")
    assert (project.due_on, project.is_provisional) == (date(2027, 1, 19), True)


def test_undecided_items_are_kept_and_planned_as_needed(city: Cast) -> None:
    project = accepted(city, facts={**OFFICE, "needs_gas": None, "traffic_generator": None})
    assert item(project, "PS-GAS").need == "undecided"
    assert item(project, "NR-CEP").prerequisites == ["NR-SCH", "EA-TRA"]


def test_nobody_but_the_window_accepts(city: Cast, filed: Project) -> None:
    for actor, kind in ((city.owner, Forbidden), (city.rival, NotFound), (city.supervisor, Forbidden)):
        with pytest.raises(kind):
            actions.accept_at_window(filed.pk, actor=actor)


GOVERNMENT = {**OFFICE, "investment": "GOVERNMENT", "management": "APPROVAL", "use": "PUBLIC_BUILDING"}


def test_a_missing_paper_that_may_be_late_is_tolerated_with_its_date(city: Cast) -> None:
    """容缺受理: named papers follow by a date; the item that wants them passes with code 12 while they are out."""
    project = submitted(city, facts=GOVERNMENT)
    late = next(material for material in filed_materials(project) if material.may_be_late)
    with freeze(instant("2026-03-02T11:00")):
        actions.check_materials(project.pk, {late.code: ("missing", "")}, actor=city.window)
        with pytest.raises(Refused) as refusal:
            actions.accept_at_window(project.pk, actor=city.window)
        assert refusal.value.code == "papers_missing"
        assert late.name in refusal.value.message
        project = actions.accept_at_window(project.pk, actor=city.window, tolerate=True)
    late.refresh_from_db()
    assert (project.acceptance_mode, late.state, late.due_on) == ("tolerance", "outstanding", date(2026, 3, 16))
    notice = IntakeNotice.objects.get(project=project, kind="tolerance")
    assert [entry["material"] for entry in notice.entries] == [late.code]
    wanting = project.items.filter(code__in=late.item_codes)
    assert "tolerated" in set(wanting.values_list("need", flat=True))
    assert not project.items.filter(need="tolerated").exclude(code__in=late.item_codes).exists()
    actions.hand_in_late(project.pk, late.code, actor=city.owner)
    late.refresh_from_db()
    assert late.state == "declared"
    assert not project.items.filter(need="tolerated").exists()


def test_a_paper_that_may_not_be_late_stops_acceptance(city: Cast, filed: Project) -> None:
    hard = next(material for material in filed_materials(filed) if material.state == "declared")
    with pytest.raises(Refused) as refusal:
        actions.check_materials(filed.pk, {hard.code: ("faulty", " ")}, actor=city.window)
    assert refusal.value.code == "fault_missing"
    actions.check_materials(filed.pk, {hard.code: ("faulty", "没有盖章")}, actor=city.window)
    with pytest.raises(Refused) as refusal:
        actions.accept_at_window(filed.pk, actor=city.window, tolerate=True)
    assert refusal.value.code == "papers_missing"


def test_corrections_are_asked_for_once_and_a_second_list_is_refused(city: Cast, filed: Project) -> None:
    entry = CorrectionEntry("M-PLANC", "规划条件", "缺少附图", "补充盖章的附图")
    with freeze(instant("2026-03-03T10:00")):
        notice = actions.request_correction(filed.pk, [entry], actor=city.window)
    filed.refresh_from_db()
    assert (filed.state, filed.check_due_on, notice.paper_id is not None) == ("correction", None, True)
    with freeze(instant("2026-03-05T10:00")):
        filed = actions.submit_project(filed.pk, actor=city.owner)
        assert filed.state == "submitted"
        with pytest.raises(Refused) as refusal:
            actions.request_correction(filed.pk, [entry], actor=city.window)
    assert refusal.value.code == "second_correction"
    assert IntakeNotice.objects.get(project=filed, kind="correction").answered_at is not None


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "empty_correction"),
        ([CorrectionEntry("M", "规划条件", "缺少附图", " ")], "unclear_correction"),
    ],
)
def test_an_empty_or_unclear_list_is_refused(
    city: Cast, filed: Project, entries: list[CorrectionEntry], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        actions.request_correction(filed.pk, entries, actor=city.window)
    assert refusal.value.code == code


def test_a_refusal_needs_a_second_clerk(city: Cast, filed: Project) -> None:
    from accounts.actions import ask_second_key, confirm_second_key
    from ledger.errors import SecondKeyRequired

    reason = "项目位于永久基本农田，依法不得建设。"
    with pytest.raises(SecondKeyRequired):
        actions.reject_at_window(filed.pk, actor=city.window, reason=reason)
    key = ask_second_key(
        "project.reject_at_window", filed, actor=city.window, summary="不予受理", arguments={"reason": reason}
    )
    with pytest.raises(Forbidden):
        confirm_second_key(key.pk, actor=city.window)
    confirm_second_key(key.pk, actor=city.window2)
    filed.refresh_from_db()
    assert (filed.state, filed.ended_reason) == ("rejected", reason)


def test_silence_accepts_from_the_day_of_receipt(city: Cast, filed: Project) -> None:
    """行政许可法第三十二条: an item can be overdue at once (domain.md section 6)."""
    from ledger.actor import Actor

    system = Actor.system(cause="CheckPeriodOver")
    with freeze(instant("2026-03-09T16:59")):
        assert actions.accept_by_silence(filed.pk, actor=system) is None
    with freeze(instant("2026-03-10T09:00")):
        found = actions.accept_by_silence(filed.pk, actor=system)
        assert found is not None
        assert actions.accept_by_silence(filed.pk, actor=system) is None
    assert (found.acceptance_mode, found.day_zero, found.due_on) == ("silence", date(2026, 3, 2), date(2026, 4, 28))
    assert item(found, "DR-REC").due_on == date(2026, 3, 3)


def test_nobody_else_may_use_silence(city: Cast, filed: Project) -> None:
    from ledger.actor import Actor

    with pytest.raises(Forbidden):
        actions.accept_by_silence(filed.pk, actor=Actor.system(cause="TaskSigned"))


def test_withdrawing_ends_every_open_item(city: Cast, running: Project) -> None:
    with freeze(instant("2026-03-04T10:00")):
        running = actions.withdraw_project(running.pk, actor=city.owner, reason="调整选址")
    assert running.state == "withdrawn"
    assert open_codes(running) == set()
    assert item(running, "DR-REC").state == 2


def test_an_agent_cannot_withdraw_alone(city: Cast, running: Project) -> None:
    from ledger.errors import SecondKeyRequired

    with pytest.raises(SecondKeyRequired):
        actions.withdraw_project(running.pk, actor=city.acting("agent"), reason="调整选址")


def test_an_engaged_institute_sees_the_project_until_released(city: Cast, drafted: Project) -> None:
    from accounts.access import can

    assert not can(city.designer, "project.view", drafted)
    actions.engage_designer(drafted.pk, city.design.uscc, actor=city.owner)
    actions.engage_designer(drafted.pk, city.design.uscc, actor=city.owner)
    assert can(city.designer, "project.view", drafted)
    actions.release_designer(drafted.pk, city.design.pk, actor=city.owner)
    assert not can(city.designer, "project.view", drafted)
    with pytest.raises(Invalid):
        actions.engage_designer(drafted.pk, city.chuanhe.uscc, actor=city.owner)
