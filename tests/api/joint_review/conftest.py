"""The same fixtures as the actions' tests."""

from tests.actions.joint_review.conftest import (
    blobs,
    city,
    in_review,
    in_review_made,
    noticed,
    noticed_made,
    opened,
    opened_made,
)

__all__ = ["blobs", "city", "in_review", "in_review_made", "noticed", "noticed_made", "opened", "opened_made"]
