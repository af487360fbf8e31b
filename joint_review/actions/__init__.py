"""The only writers of joint review (多图联审)."""

from joint_review.actions.answers import answer_opinion, confirm_anchor, recheck_opinion, submit_answers
from joint_review.actions.conflicts import open_conflict, rule_conflict
from joint_review.actions.freezing import ask_to_thaw, freeze_round, thaw_round
from joint_review.actions.notices import issue_notice
from joint_review.actions.opinions import edit_opinion, join_opinion, raise_opinion, withdraw_opinion
from joint_review.actions.rounds import open_round
from joint_review.actions.silence import lapse_overdue_tasks
from joint_review.actions.tasks import claim_task, hand_over_task, sign_task, take_back_task

__all__ = [
    "answer_opinion",
    "ask_to_thaw",
    "claim_task",
    "confirm_anchor",
    "edit_opinion",
    "freeze_round",
    "hand_over_task",
    "issue_notice",
    "join_opinion",
    "lapse_overdue_tasks",
    "open_conflict",
    "open_round",
    "raise_opinion",
    "recheck_opinion",
    "rule_conflict",
    "sign_task",
    "submit_answers",
    "take_back_task",
    "thaw_round",
    "withdraw_opinion",
]
