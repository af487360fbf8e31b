"""The state tables of joint review and acceptance: closed, reachable, and exactly what lifecycle.md says."""

from __future__ import annotations

from itertools import product

import pytest

from joint_review.acceptance import states as acceptance
from joint_review.states import (
    CONFLICT_MOVES,
    CONFLICT_STATES,
    OPINION_MOVES,
    OPINION_STATES,
    ROUND_MOVES,
    ROUND_STATES,
    TASK_MOVES,
    TASK_STATES,
    Moves,
    NoSuchMove,
    acts_in,
    target_of,
)

MACHINES = [
    ("round", ROUND_MOVES, ROUND_STATES, "open", {"closed", "answered", "returned"}),
    ("task", TASK_MOVES, TASK_STATES, "open", {"signed", "silent"}),
    ("opinion", OPINION_MOVES, OPINION_STATES, "draft", {"withdrawn", "merged"}),
    ("conflict", CONFLICT_MOVES, CONFLICT_STATES, "open", {"ruled", "settled"}),
    ("acceptance", acceptance.ACCEPTANCE_MOVES, acceptance.ACCEPTANCE_STATES, "applied", {"passed"}),
    ("acceptance task", acceptance.ACCEPTANCE_TASK_MOVES, acceptance.ACCEPTANCE_TASK_STATES, "open", set()),
    ("defect", acceptance.DEFECT_MOVES, acceptance.DEFECT_STATES, "listed", {"closed", "struck"}),
]


@pytest.mark.parametrize(("name", "moves", "states", "first", "final"), MACHINES, ids=[m[0] for m in MACHINES])
def test_every_state_is_reached_and_only_final_states_have_no_way_out(
    name: str, moves: Moves, states: tuple[str, ...], first: str, final: set[str]
) -> None:
    reached = {first}
    while True:
        more = {target for (source, _), target in moves.items() if source in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(states)
    assert {state for state in states if not acts_in(moves, state)} == final


@pytest.mark.parametrize(("name", "moves", "states", "first", "final"), MACHINES, ids=[m[0] for m in MACHINES])
def test_what_the_table_does_not_have_is_refused(
    name: str, moves: Moves, states: tuple[str, ...], first: str, final: set[str]
) -> None:
    acts = {act for _, act in moves}
    for state, act in product(states, acts | {"nonsense"}):
        if (state, act) in moves:
            assert target_of(moves, state, act) in states
        else:
            with pytest.raises(NoSuchMove):
                target_of(moves, state, act)


def test_an_opinion_that_the_applicant_has_seen_is_never_withdrawn() -> None:
    for state in ("issued", "answered"):
        assert "withdrawn" not in {target for (source, _), target in OPINION_MOVES.items() if source == state}
