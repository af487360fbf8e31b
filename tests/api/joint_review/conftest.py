"""The same fixtures as the actions' tests."""

from tests.actions.joint_review.conftest import blobs, city

__all__ = ["blobs", "city"]
