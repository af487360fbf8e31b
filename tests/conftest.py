"""Fixtures of every test, and how tests are spread over processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Cast, build_cast

HERE = Path(__file__).resolve().parent
# Tests that are owed: they run, they are listed, and their failure does not stop a change. The list may only shrink.
OWED = (HERE / "owed.txt").read_text(encoding="utf-8").split()
# Tests of these folders start processes and take ports and databases of their own: one after another, in one worker.
TOGETHER = {"browser": "processes", "realtime": "processes"}


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast in a fresh database."""
    return build_cast()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n`, the tests of one file stay in one worker, and what kills processes stays together."""
    for item in items:
        path = item.path.relative_to(HERE)
        if any(item.nodeid.startswith(name) for name in OWED):
            item.add_marker(pytest.mark.xfail(reason="OWED: see tests/owed.txt", strict=False))
        kills = item.get_closest_marker("kill") is not None
        group = "processes" if kills else TOGETHER.get(path.parts[0], path.as_posix())
        item.add_marker(pytest.mark.xdist_group(group))
