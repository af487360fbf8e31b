"""The same fixtures as the actions' tests."""

from tests.actions.projects.conftest import (
    at_land,
    at_land_made,
    begun,
    begun_made,
    city,
    own_files,
    running,
    running_made,
)

__all__ = ["at_land", "at_land_made", "begun", "begun_made", "city", "own_files", "running", "running_made"]
