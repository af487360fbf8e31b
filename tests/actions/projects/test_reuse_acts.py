"""Reuse of regional assessments: proposed, confirmed, certified; and the wave when one is taken back."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from certificates.models import Paper
from certificates.queries import holding_by_code, paper_by_verify_code, paper_file
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import Forbidden, Invalid, NotFound, Refused, StateConflict
from ledger.models import Outbox
from ledger.outbox import dispatch_all
from notices.models import Letter
from projects import actions
from projects.invariants import violations
from projects.models import AssessmentReuse, Project, RecheckTask
from projects.pipeline.planner import Need, Reusable
from projects.queries.confirmed_reuse import confirmed_reuse
from projects.queries.editions import spec_of
from projects.queries.reuse import choose_for
from projects.queries.reuse_page import reuse_page
from projects.queries.touched import projects_on
from projects.reuse_events import ReuseEnded
from projects.rules.reuse import digest_of
from projects.subscribers import end_confirmation_paper
from tests.actions.projects.filing import OFFICE, accepted, decide, draft, instant, item, nothing_sent, submitted
from tests.actions.projects.reuse_land import HALF, assess, plan, recalled, revoke
from tests.cast import Cast, build_cast

pytestmark = pytest.mark.django_db
PRONE = {**OFFICE, "in_geo_hazard_prone_area": True}
MONDAY = "2026-03-02T10:00"
PLANS = Actor.system(cause="PlanLayerPublished")


@pytest.fixture(scope="module")
def drafted_made(standing: Path) -> Project:
    with freeze(instant(MONDAY)), nothing_sent():
        return draft(build_cast())


@pytest.fixture(scope="module")
def prone_filed_made(standing: Path) -> Project:
    with nothing_sent():
        return submitted(build_cast(), facts=PRONE, at=MONDAY)


@pytest.fixture
def prone_filed(city: Cast, prone_filed_made: Project) -> Project:
    """Filed for land where the ground may slide."""
    return deepcopy(prone_filed_made)


@pytest.fixture(scope="module")
def prone_running_made(standing: Path) -> Project:
    with nothing_sent():
        return accepted(build_cast(), facts=PRONE, at=MONDAY)


@pytest.fixture
def prone_running(city: Cast, prone_running_made: Project) -> Project:
    """Another one on such land, accepted."""
    return deepcopy(prone_running_made)


def confirmed(cast: Cast, project: Project, kind: str = "GEO_HAZARD", **more: Any) -> AssessmentReuse:
    """Proposed by the enterprise, confirmed by natural resources."""
    found = actions.propose_reuse(project.pk, kind, actor=cast.owner, **more)
    return actions.confirm_reuse(found.pk, actor=cast.planning)


def test_before_filing_the_item_is_not_run_and_a_paper_certifies_why(city: Cast, prone_filed: Project) -> None:
    assess(city, "GEO_HAZARD", days_saved=25, fee_saved_yuan=80_000)
    with freeze(instant(MONDAY)):
        found = confirmed(city, prone_filed)
        prone_filed = actions.accept_at_window(prone_filed.pk, actor=city.window)
    assert (found.outcome, found.effect, found.fee_yuan, found.report_days) == ("REUSABLE", "EXEMPT", 80_000, 25)
    assert digest_of(found.answer) == found.answer_sha256
    assert item(prone_filed, "EA-GEO").need == Need.REUSED
    assert item(prone_filed, "EA-GEO").state is None
    paper = Paper.objects.get(pk=found.paper_id)
    assert paper.kind == "reuse_confirmation"
    assert paper.number.startswith("云川区评〔2026〕")
    printed = str(paper.content)
    assert all(text in printed for text in ("GEO_HAZARD-1", "云川产业园", found.answer_sha256, "100.00%", "EPSG:4548"))
    # The answer is stored as it was frozen: nothing of it changes on its way through the database.
    again = AssessmentReuse.objects.get(pk=found.pk)
    assert digest_of(again.answer) == again.answer_sha256


def test_beside_the_critical_path_it_saves_no_day_and_says_so(city: Cast) -> None:
    assess(city, "GEO_HAZARD", days_saved=25, fee_saved_yuan=80_000)
    with freeze(instant(MONDAY)):
        project = draft(city, facts=PRONE)
        confirmed(city, project)
        page = reuse_page(city.owner, project)
    assert page.savings is not None
    assert page.savings.days == 0
    assert page.savings.by_kind["GEO_HAZARD"].beside
    assert (page.fee_yuan, page.longest_report) == (80_000, 25)


def test_what_is_not_covered_or_lacks_a_figure_is_refused_with_the_reason(city: Cast, drafted: Project) -> None:
    assess(city, "GEO_HAZARD", where=HALF)
    assess(city, "SEISMIC", limits={"excavation_depth_m": 12})
    with freeze(instant(MONDAY)):
        with pytest.raises(Refused, match="未被覆盖") as part:
            actions.propose_reuse(drafted.pk, "GEO_HAZARD", actor=city.owner)
        assert part.value.code == "not_reusable"
        with pytest.raises(Refused, match="开挖深度"):
            actions.propose_reuse(drafted.pk, "SEISMIC", actor=city.owner)
        with pytest.raises(Refused, match="超出"):
            actions.propose_reuse(drafted.pk, "SEISMIC", actor=city.owner, figures={"excavation_depth_m": 15})
        found = actions.propose_reuse(drafted.pk, "SEISMIC", actor=city.owner, figures={"excavation_depth_m": 9.5})
        with pytest.raises(Refused, match="不能用于本项目"):
            actions.propose_reuse(drafted.pk, "MINERAL", actor=city.owner)
    assert found.answer["facts"]["excavation_depth_m"] == 9.5
    drafted.refresh_from_db()
    assert drafted.facts["excavation_depth_m"] == 9.5


def test_once_at_a_time_by_those_who_may(city: Cast, drafted: Project) -> None:
    assess(city, "GEO_HAZARD")
    agent = city.acting()
    with freeze(instant(MONDAY)):
        with pytest.raises((NotFound, Forbidden)):
            actions.propose_reuse(drafted.pk, "GEO_HAZARD", actor=city.rival)
        found = actions.propose_reuse(drafted.pk, "GEO_HAZARD", actor=agent)
        with pytest.raises(StateConflict):
            actions.propose_reuse(drafted.pk, "GEO_HAZARD", actor=city.owner)
        for other in (city.fire, city.window, city.owner, city.assess):
            with pytest.raises((NotFound, Forbidden)):
                actions.confirm_reuse(found.pk, actor=other)
        with pytest.raises(Refused):
            actions.refuse_reuse(found.pk, actor=city.planning, reason="不行")
        actions.refuse_reuse(found.pk, actor=city.planning, reason="场地邻近高陡边坡，应当单独评估")
        with pytest.raises(StateConflict):
            actions.confirm_reuse(found.pk, actor=city.planning)
        again = actions.propose_reuse(drafted.pk, "GEO_HAZARD", actor=city.owner)
        assert actions.withdraw_reuse(again.pk, actor=city.owner).state == "withdrawn"


def test_a_commitment_is_signed_before_it_is_confirmed(city: Cast, prone_filed: Project) -> None:
    assess(city, "GEO_HAZARD", effect="COMMITMENT")
    agent = city.acting()
    with freeze(instant(MONDAY)):
        found = actions.propose_reuse(prone_filed.pk, "GEO_HAZARD", actor=city.owner)
        with pytest.raises(Refused, match="告知承诺"):
            actions.confirm_reuse(found.pk, actor=city.planning)
        with pytest.raises((NotFound, Forbidden)):
            actions.promise_reuse(found.pk, actor=agent)
        actions.promise_reuse(found.pk, actor=city.owner)
        actions.confirm_reuse(found.pk, actor=city.planning)
        prone_filed = actions.accept_at_window(prone_filed.pk, actor=city.window)
    promised = item(prone_filed, "EA-GEO")
    assert (promised.need, promised.limit_days, promised.need_reason) == (
        Need.PROMISED, 1, "reuse:REUSABLE_WITH_COMMITMENT"
    )  # fmt: skip


def test_what_ends_between_proposal_and_confirmation_is_not_confirmed(city: Cast, drafted: Project) -> None:
    assessment = assess(city, "GEO_HAZARD")
    with freeze(instant(MONDAY)):
        found = actions.propose_reuse(drafted.pk, "GEO_HAZARD", actor=city.owner)
        revoke(city, assessment)
        with pytest.raises(Refused):
            actions.confirm_reuse(found.pk, actor=city.planning)
    assert AssessmentReuse.objects.get(pk=found.pk).state == "proposed"


def test_confirmed_in_a_running_project_the_item_follows_and_comes_back_when_put_back(city: Cast) -> None:
    assessment = assess(city, "GEO_HAZARD", effect="SIMPLIFIED")
    other = assess(city, "HERITAGE")
    project = accepted(city, facts={**PRONE, "in_heritage_control_zone": True}, at=MONDAY)
    needed = item(project, "EA-GEO")
    assert needed.need == Need.NEEDED
    limit = needed.limit_days
    with freeze(instant("2026-03-03T10:00")):
        confirmed(city, project)
        heritage = actions.propose_reuse(project.pk, "HERITAGE", actor=city.owner)
        actions.confirm_reuse(heritage.pk, actor=city.bureau)
    simplified = item(project, "EA-GEO")
    assert simplified.need == Need.SIMPLIFIED
    assert simplified.is_open
    assert simplified.limit_days == limit  # no day is claimed for a smaller form
    archaeology = item(project, "EA-ARC")
    assert (archaeology.need, archaeology.state, archaeology.due_on) == (Need.REUSED, None, None)
    with freeze(instant("2026-03-10T10:00")):
        recalled(city, other)
        (task,) = RecheckTask.objects.filter(project=project)
        assert (task.kind, task.how, str(task.due_on)) == ("HERITAGE", "revoked", "2026-03-17")
        assert item(project, "EA-ARC").need == Need.REUSED  # nothing is undone by itself
        actions.close_recheck(
            task.pk, actor=city.assess, outcome="put_back", reason="原结论已撤销，须单独开展考古调查勘探"
        )
    back = item(project, "EA-ARC")
    assert (back.need, back.is_open, str(back.day_zero)) == (Need.NEEDED, True, "2026-03-10")
    assert back.due_on is not None
    assert AssessmentReuse.objects.get(pk=heritage.pk).state == "recalled"
    assert assessment in AssessmentReuse.objects.get(project=project, kind="GEO_HAZARD").assessment_ids


def test_the_wave_reaches_everybody_before_the_works_begin_and_nobody_after(city: Cast, prone_running: Project) -> None:
    assessment = assess(city, "GEO_HAZARD")
    with freeze(instant(MONDAY)):
        early, late = draft(city, facts=PRONE), prone_running
        confirmed(city, early)
        confirmed(city, late)
        begun = item(late, "EV-BEG")
        begun.state = 11  # as far as the works, whatever came before
        begun.ready_at = begun.decided_at = instant(MONDAY)
        begun.decided_on = begun.day_zero = instant(MONDAY).date()
        begun.save()
        Outbox.objects.all().delete()  # letters and seals of what came before are not of interest here
        revoke(city, assessment)
        dispatch_all()
        dispatch_all()
    assert list(RecheckTask.objects.values_list("project_id", flat=True)) == [early.pk]
    wave = Letter.objects.filter(kind__in=["recheck_opened", "recheck_to_decide"])
    told = set(wave.values_list("person__username", "project_id"))
    assert {("owner", early.pk), ("planning", early.pk), ("assess", early.pk)} <= told
    assert {project_id for _who, project_id in told} == {early.pk}


def test_renewed_on_what_is_in_force_now(city: Cast, drafted: Project) -> None:
    assessment = assess(city, "GEO_HAZARD")
    with freeze(instant(MONDAY)):
        first = confirmed(city, drafted)
        code = Paper.objects.get(pk=first.paper_id).verify_code
        held = holding_by_code(code, Actor.public())
        assert held is not None
        assert held.holds
        recalled(city, assessment)
        (task,) = RecheckTask.objects.all()
        twice = actions.recheck_changed_land(plan(city, "2035"), how="plan_published", actor=PLANS)
        assert [other.reuse_id for other in twice] == [first.pk]
        gone = holding_by_code(code, Actor.public())
        assert gone is not None
        assert not gone.holds
        with pytest.raises(Refused):
            actions.close_recheck(task.pk, actor=city.assess, outcome="renewed", reason="按新成果重新确认")
        assess(city, "GEO_HAZARD", number="GEO-2", code="geo-second")
        actions.close_recheck(task.pk, actor=city.assess, outcome="renewed", reason="新成果已发布，按新成果重新确认")
        with pytest.raises(StateConflict):
            actions.close_recheck(task.pk, actor=city.assess, outcome="kept", reason="原确认继续有效，不再调整")
        assert not RecheckTask.objects.filter(closed_at__isnull=True).exists()
        assert list(violations()) == []
        AssessmentReuse.objects.filter(pk=first.pk).update(answer={**first.answer, "on": "2026-01-01"})
        assert [str(first.pk) in found for found in violations()] == [True]
    first.refresh_from_db()
    second = drafted.reuses.get(state="confirmed")
    assert (first.state, second.answer["answer"]["used"][0]["number"]) == ("renewed", "GEO-2")
    assert second.paper_id != first.paper_id
    assert confirmed_reuse(drafted) == {"GEO_HAZARD": Reusable("REUSABLE", "EXEMPT")}


def test_a_new_red_line_is_not_covered_by_the_old_confirmation(city: Cast, drafted: Project) -> None:
    assess(city, "GEO_HAZARD")
    with freeze(instant(MONDAY)):
        found = confirmed(city, drafted)
        moved = {"type": "Polygon", "coordinates": [[[116.12, 38.99], [116.123, 38.99], [116.123, 38.993],
                                                     [116.12, 38.993], [116.12, 38.99]]]}  # fmt: skip
        actions.set_site(drafted.pk, moved, actor=city.owner)
        drafted = Project.objects.get(pk=drafted.pk)
        assert confirmed_reuse(drafted) == {}
        held = holding_by_code(Paper.objects.get(pk=found.paper_id).verify_code, Actor.public())
    assert held is not None
    assert not held.holds
    assert "红线" in " ".join(held.reasons)
    assert AssessmentReuse.objects.get(pk=found.pk).state == "lapsed"


def test_a_figure_that_breaks_a_limit_ends_the_confirmation(city: Cast, drafted: Project) -> None:
    assess(city, "GEO_HAZARD", limits={"building_height_m": 80})
    with freeze(instant(MONDAY)):
        found = confirmed(city, drafted)
        actions.edit_form(drafted.pk, actor=city.owner, facts={"building_height_m": 75})
        assert AssessmentReuse.objects.get(pk=found.pk).state == "confirmed"
        actions.edit_form(drafted.pk, actor=city.owner, facts={"building_height_m": 99})
        ended = AssessmentReuse.objects.get(pk=found.pk)
        assert list(violations()) == []
    assert ended.state == "lapsed"
    assert "99" in ended.ended_why


def test_land_survey_stands_in_for_a_paper(city: Cast, drafted: Project) -> None:
    assess(city, "LAND_SURVEY")
    with freeze(instant(MONDAY)):
        confirmed(city, drafted, "LAND_SURVEY")
        actions.declare_materials(drafted.pk, {}, actor=city.owner)
    survey = drafted.materials.filter(code="M-BND").first()
    assert survey is not None
    assert survey.state == "from_library"


def test_standard_land_is_chosen_when_the_geometry_says_so(city: Cast) -> None:
    facts = {**OFFICE, "use": "INDUSTRY", "land": "STANDARD_LAND", "industry_code": "C3912", "eia_class": "FORM"}
    with freeze(instant(MONDAY)):
        project = draft(city, facts=facts)
        before = choose_for(project).chosen
        for kind in ("EIA", "ENERGY", "SOIL_WATER"):
            assess(city, kind, effect="COMMITMENT", valid_to="2030-12-31")
        after = choose_for(project).chosen
    assert (before, after) == ("PRIVATE_FILING_40", "INDUSTRIAL_STANDARD_LAND_40")


def test_only_red_lines_on_changed_land_are_found(drafted: Project) -> None:
    every = sorted(Project.objects.values_list("pk", flat=True))  # all have the same red line
    assert drafted.pk in every
    assert sorted(projects_on([(116.113, 38.992, 116.2, 39.2)])) == every
    assert projects_on([(116.115, 38.99, 116.2, 39.2), (116.0, 38.0, 116.109, 39.9)]) == []
    assert projects_on([]) == []


def test_a_decided_item_is_finished_not_reused(city: Cast, prone_running: Project) -> None:
    assess(city, "GEO_HAZARD")
    decide(city, prone_running, "EA-GEO", at="2026-03-03T10:00")
    with freeze(instant("2026-03-04T10:00")), pytest.raises(StateConflict, match="已经开始办理"):
        actions.propose_reuse(prone_running.pk, "GEO_HAZARD", actor=city.owner)


def test_a_new_plan_asks_again_only_where_it_changes_the_land_and_the_answer(city: Cast, drafted: Project) -> None:
    with freeze(instant(MONDAY)):
        plan(city, "2030")
        assess(city, "GEO_HAZARD", plan_version="2030")
        assess(city, "SEISMIC")  # rests on no plan
        confirmed(city, drafted)
        found = actions.propose_reuse(drafted.pk, "SEISMIC", actor=city.owner)
        actions.confirm_reuse(found.pk, actor=city.bureau)
        newer = plan(city, "2035")
        opened = actions.recheck_changed_land(newer, how="plan_published", actor=PLANS)
        again = actions.recheck_changed_land(newer, how="plan_published", actor=PLANS)
    assert [(task.kind, task.how) for task in opened] == [("GEO_HAZARD", "plan_published")]
    assert "2030" in opened[0].reason
    assert "2035" in opened[0].reason
    assert again == []


def public_state(paper_id: Any) -> str:
    """What the register says to anybody with the code."""
    return paper_by_verify_code(Paper.objects.get(pk=paper_id).verify_code).state


def test_put_back_takes_the_effect_of_the_certificate_and_its_download(city: Cast, prone_running: Project) -> None:
    assessment = assess(city, "GEO_HAZARD")
    with freeze(instant(MONDAY)):
        found = confirmed(city, prone_running)
        dispatch_all()
        assert public_state(found.paper_id) == "issued"
        revoke(city, assessment)
        dispatch_all()
        assert public_state(found.paper_id) == "issued"  # nothing is undone by itself
        (task,) = RecheckTask.objects.filter(project=prone_running)
        # The department that confirmed answers for its own part; another one does not see it.
        with pytest.raises((Forbidden, NotFound)):
            actions.close_recheck(task.pk, actor=city.fire, outcome="put_back", reason="成果已撤销，须单独开展评估")
        actions.close_recheck(task.pk, actor=city.planning, outcome="put_back", reason="成果已撤销，须单独开展评估")
        dispatch_all()
    paper = Paper.objects.get(pk=found.paper_id)
    assert public_state(paper.pk) == "revoked"
    assert "成果已撤销" in paper.revoked_reason
    with pytest.raises(StateConflict, match="已经撤销"):
        paper_file(paper)
    verify = Client().get(f"/verify/{paper.verify_code}/").content.decode()
    assert "已撤销" in verify
    assert item(prone_running, "EA-GEO").need == Need.NEEDED
    assert list(violations()) == []


def test_a_certificate_that_ends_before_its_seal_is_sealed_and_then_revoked(city: Cast, drafted: Project) -> None:
    assessment = assess(city, "GEO_HAZARD")
    with freeze(instant(MONDAY)):
        first = confirmed(city, drafted)
        recalled(city, assessment)
        assess(city, "GEO_HAZARD", number="GEO-2", code="geo-second")
        (task,) = RecheckTask.objects.all()
        actions.close_recheck(task.pk, actor=city.planning2, outcome="renewed", reason="新成果已发布，按新成果重新确认")
        assert public_state(first.paper_id) == "sealing"
        end_confirmation_paper(ReuseEnded(drafted.pk, first.pk, first.kind, first.paper_id, "renewed", "换发"), None)  # type: ignore[arg-type]
        dispatch_all()
    assert public_state(first.paper_id) == "revoked"
    assert Paper.objects.get(pk=first.paper_id).sha256
    assert public_state(drafted.reuses.get(state="confirmed").paper_id) == "issued"


def test_what_was_decided_on_the_strength_of_a_reuse_is_for_its_department_to_keep_or_retract(city: Cast) -> None:
    assessment = assess(city, "MINERAL", effect="COMMITMENT")
    with freeze(instant(MONDAY)):
        with nothing_sent():
            project = submitted(city, facts={**OFFICE, "in_mineral_area": True})
        found = actions.propose_reuse(project.pk, "MINERAL", actor=city.owner)
        actions.promise_reuse(found.pk, actor=city.owner)
        actions.confirm_reuse(found.pk, actor=city.planning)
        with nothing_sent():
            project = actions.accept_at_window(project.pk, actor=city.window)
    decided = decide(city, project, "EA-MIN", at="2026-03-03T10:00")
    licence = decided.decision_paper_id
    assert decided.need == Need.PROMISED
    assert licence is not None
    with freeze(instant("2026-03-05T10:00")):
        recalled(city, assessment)
        (task,) = RecheckTask.objects.filter(item__isnull=True)
        actions.close_recheck(task.pk, actor=city.assess, outcome="put_back", reason="原成果已撤销，须单独评估")
        assert item(project, "EA-MIN").decided_at is not None  # a decision is never undone by the platform
        (asked,) = RecheckTask.objects.filter(item__code="EA-MIN")
        assert (asked.cause, asked.department_code, asked.closed_at) == ("decision_leaned", "NRP", None)
        assert list(violations()) == []
        with pytest.raises(Forbidden):
            actions.close_recheck(asked.pk, actor=city.assess, outcome="put_back", reason="原成果已撤销，须单独评估")
        with pytest.raises(Invalid):
            actions.close_recheck(asked.pk, actor=city.planning2, outcome="renewed", reason="原成果已撤销，须单独评估")
        actions.close_recheck(asked.pk, actor=city.planning2, outcome="put_back", reason="承诺所依据的成果已撤销")
        dispatch_all()
    again = item(project, "EA-MIN")
    assert (again.need, again.is_open, str(again.day_zero)) == (Need.NEEDED, True, "2026-03-05")
    assert again.limit_days == spec_of(again).limit_days
    assert public_state(licence) == "revoked"
    assert 14 in again.moves.values_list("to_state", flat=True)
    # Decided anew, by two people as before, with a paper of its own.
    anew = decide(city, project, "EA-MIN", at="2026-03-06T10:00")
    assert anew.decision_paper_id not in {None, licence}
    assert list(violations()) == []
