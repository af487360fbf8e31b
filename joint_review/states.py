"""State machines of joint review (多图联审): tables that drive the server, the buttons, the diagram and the DB checks.

Each table is {(state, act): next state}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Moves = Mapping[tuple[str, str], str]

# 联审轮次: open > complete > closed | noticed > answered (> the next round) | returned after the last round.
ROUND_MOVES: Final[Moves] = {
    ("open", "complete"): "complete",
    ("complete", "close"): "closed",
    ("complete", "issue_notice"): "noticed",
    ("complete", "return"): "returned",
    ("noticed", "submit_answers"): "answered",
}

# 部门任务: one person claims (初审) and may hand over (送审), another signs (审批); silence counts only where it may.
TASK_MOVES: Final[Moves] = {
    ("open", "claim"): "claimed",
    ("claimed", "hand_over"): "handed_over",
    ("handed_over", "take_back"): "claimed",
    ("claimed", "sign"): "signed",
    ("handed_over", "sign"): "signed",
    ("open", "lapse"): "silent",
    ("claimed", "lapse"): "silent",
    ("handed_over", "lapse"): "silent",
}

# 审查意见: one opinion keeps its number through all rounds until it is closed.
OPINION_MOVES: Final[Moves] = {
    ("draft", "edit"): "draft",
    ("draft", "withdraw"): "withdrawn",
    ("draft", "merge"): "merged",
    ("draft", "sign"): "signed",
    ("draft", "overrule"): "withdrawn",
    ("signed", "overrule"): "withdrawn",
    ("kept", "overrule"): "withdrawn",
    ("signed", "issue"): "issued",
    # A suggestion when the round closes: printed on the certificate, nothing to answer.
    ("signed", "note"): "closed",
    ("issued", "note"): "closed",
    ("issued", "answer"): "answered",
    ("answered", "accept"): "closed",
    ("answered", "keep"): "kept",
    # The reviewer changes his mind before his department has signed.
    ("closed", "reconsider"): "answered",
    ("kept", "reconsider"): "answered",
    ("kept", "sign"): "signed",
}

# 意见冲突
CONFLICT_MOVES: Final[Moves] = {
    ("open", "rule"): "ruled",
    # One of the two opinions was withdrawn, merged or closed.
    ("open", "settle"): "settled",
}

ROUND_STATES: Final = ("open", "complete", "closed", "noticed", "answered", "returned")
TASK_STATES: Final = ("open", "claimed", "handed_over", "signed", "silent")
OPINION_STATES: Final = ("draft", "signed", "issued", "answered", "kept", "closed", "withdrawn", "merged")
CONFLICT_STATES: Final = ("open", "ruled", "settled")

DONE_TASKS: Final = frozenset({"signed", "silent"})
# An opinion that still stands against the applicant.
STANDING_OPINIONS: Final = frozenset({"draft", "signed", "issued", "answered", "kept"})
# A set of drawings has at most one round in these states.
RUNNING_ROUNDS: Final = frozenset({"open", "complete", "noticed"})

TASK_CONCLUSIONS: Final = ("agree", "agree_with_conditions", "revise", "disagree", "not_concerned")


class NoSuchMove(ValueError):
    """The act is not possible in this state."""

    def __init__(self, state: str, act: str) -> None:
        super().__init__(f"{act} is not possible in state {state}")
        self.state = state
        self.act = act


def target_of(moves: Moves, state: str, act: str) -> str:
    """The state after `act`; NoSuchMove when the table does not have it."""
    try:
        return moves[state, act]
    except KeyError:
        raise NoSuchMove(state, act) from None


def acts_in(moves: Moves, state: str) -> frozenset[str]:
    """What may be done in this state (buttons)."""
    return frozenset(act for source, act in moves if source == state)
