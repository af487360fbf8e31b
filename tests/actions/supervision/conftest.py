"""The same fixtures as the tests of the projects room."""

from tests.actions.projects.conftest import city, own_files, running, running_made

__all__ = ["city", "own_files", "running", "running_made"]
