"""Readers of joint review (多图联审)."""

from joint_review.queries.desk import branches_of, tasks_on_desk, waiting_for_applicant
from joint_review.queries.notices import notice_for, notice_view
from joint_review.queries.opinions import opinion_as_it_is, opinion_for, opinions_of, similar_opinions
from joint_review.queries.rounds import (
    departments_of_round,
    is_task_of,
    review_of_sheet,
    round_for,
    round_view,
    rounds_of,
    task_for,
)

__all__ = [
    "branches_of",
    "departments_of_round",
    "is_task_of",
    "notice_for",
    "notice_view",
    "opinion_as_it_is",
    "opinion_for",
    "opinions_of",
    "review_of_sheet",
    "round_for",
    "round_view",
    "rounds_of",
    "similar_opinions",
    "task_for",
    "tasks_on_desk",
    "waiting_for_applicant",
]
