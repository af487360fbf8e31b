"""A plan that forbids the land bars the planning items until its owner finds otherwise (规划冲突否决)."""

from __future__ import annotations

import pytest

from ledger.clock_now import freeze
from ledger.errors import Refused
from projects import actions
from projects.actions.site_checks import check_plans, override_conflict
from projects.models import PlanConflict
from projects.rules.conflicts import check_not_barred, is_barred
from projects.states import Code
from tests.actions.projects.filing import accepted, instant, item
from tests.actions.projects.plans import EAST_QUARTER, publish
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_only_a_blocking_conflict_without_a_finding_bars() -> None:
    assert is_barred("BLOCKING", "a", set())
    assert not is_barred("BLOCKING", "a", {"a"})
    assert not is_barred("MAJOR", "a", set())
    check_not_barred("策划生成", ())
    with pytest.raises(Refused) as refused:
        check_not_barred("策划生成", ("永久基本农田",))
    assert refused.value.code == "blocking_conflict"
    assert "永久基本农田" in refused.value.message
    assert refused.value.next_step


def test_an_open_blocking_conflict_refuses_the_approval_and_a_finding_lets_it_pass(city: Cast) -> None:
    project = accepted(city)
    generation = item(project, "PL-GEN")
    # Published after acceptance and not checked yet: the day of the decision counts, not the last check.
    publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    publish(city, "REGULATORY_PLAN", EAST_QUARTER, properties={"land_use": "0902"})
    with freeze(instant("2026-03-03T10:00")):
        actions.accept_item(generation.pk, actor=city.planning)
        with pytest.raises(Refused, match="永久基本农田") as refused:
            actions.approve_item(generation.pk, actor=city.planning2)
        assert refused.value.code == "blocking_conflict"
        assert "规划核查" in str(refused.value.next_step)
        page = city.client("planning2").get(f"/items/{generation.pk}/").content.decode()
        assert "规划冲突未消除" in page
        check_plans(project.pk, actor=city.owner)
        conflict = PlanConflict.objects.get(project=project, severity="BLOCKING")
        override_conflict(conflict.pk, actor=city.lead, finding="wrong_layer", reason="图斑偏移，实地为建设用地")
        done = actions.approve_item(generation.pk, actor=city.planning2)
        assert done.state == Code.PASSED
        assert "规划冲突未消除" not in city.client("planning2").get(f"/items/{generation.pk}/").content.decode()


def test_it_may_always_be_denied(city: Cast) -> None:
    project = accepted(city)
    generation = item(project, "PL-GEN")
    publish(city, "PERMANENT_BASIC_FARMLAND", EAST_QUARTER)
    with freeze(instant("2026-03-03T10:00")):
        actions.accept_item(generation.pk, actor=city.planning)
        denied = actions.deny_item(generation.pk, actor=city.planning2, basis="用地占用永久基本农田，依法不予通过")
    assert denied.state == Code.NOT_PASSED
