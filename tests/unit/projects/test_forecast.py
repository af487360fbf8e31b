"""The forecast on arrays says what the scalar engine says (graph.schedule), whatever is switched off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from projects import domain
from projects.pipeline import graph
from projects.pipeline.forecast import forecast
from projects.pipeline.template import read_template

CODES = sorted(domain.template_paths())


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_arrays_equal_the_scalar_engine(code: str, seed: int) -> None:
    template = read_template(domain.template(code))
    chance = np.random.default_rng(seed)
    days = chance.integers(0, 12, (len(template.order), 7))
    kept = chance.random((len(template.order), 7)) < 0.7
    days[~kept] = 0
    made = forecast(template, days)
    for project in range(7):
        here = dict(zip(template.order, days[:, project].tolist(), strict=True))
        whole = graph.schedule(template.prerequisites, here, template.order)
        assert made.total[project] == whole.total
        for number, item in enumerate(template.order):
            place = whole.places[item]
            assert (made.ef[number, project], made.lf[number, project]) == (place.ef, place.lf), item
            assert made.slack()[number, project] == place.slack
        # An item without days hands on what it waited for: the same as taking it out of the network.
        running = [item for number, item in enumerate(template.order) if kept[number, project]]
        network = graph.hand_on(template.prerequisites, running, template.order)
        assert graph.schedule(network, here).total == whole.total


def test_the_worst_case_of_the_templates_on_arrays() -> None:
    for code in CODES:
        template = read_template(domain.template(code))
        days = [[template.by_code[item].days_on_clock] for item in template.order]
        plan = graph.schedule(template.prerequisites, {i.code: i.days_on_clock for i in template.items}, template.order)
        assert forecast(template, days).total.tolist() == [plan.total]


@pytest.mark.parametrize(("days", "code"), [([[1, 2]], "forecast_shape"), ([1, 2], "forecast_shape")])
def test_another_shape_is_refused(days: list[object], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        forecast(read_template(domain.template(CODES[0])), days)
    assert refusal.value.code == code


def test_a_negative_number_is_refused() -> None:
    template = read_template(domain.template(CODES[0]))
    with pytest.raises(Refused) as refusal:
        forecast(template, [[-1] for _item in template.order])
    assert refusal.value.code == "negative_limit"
