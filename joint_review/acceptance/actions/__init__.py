"""The only writers of joint acceptance (联合验收)."""

from joint_review.acceptance.actions.application import (
    apply_for_acceptance,
    note_presence,
    record_visit,
    schedule_visit,
)
from joint_review.acceptance.actions.checks import conclude_check, list_defect, strike_defect
from joint_review.acceptance.actions.rectification import (
    answer_defect,
    issue_rectification,
    recheck_defect,
    submit_rectification,
)
from joint_review.acceptance.actions.signing import sign_acceptance

__all__ = [
    "answer_defect",
    "apply_for_acceptance",
    "conclude_check",
    "issue_rectification",
    "list_defect",
    "note_presence",
    "recheck_defect",
    "record_visit",
    "schedule_visit",
    "sign_acceptance",
    "strike_defect",
    "submit_rectification",
]
