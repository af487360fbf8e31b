"""What the tests of one file begin with, made once: it stands in a transaction that stays open until the file's last test.

Reaching a round by real acts takes a second, and thirty tests of a file begin with the same one. A fixture of module
scope that asks for `standing` writes it once; each test's own transaction is a savepoint in that of the file, so what a
test writes is gone after it. Hand each test a deep copy of the rows in memory: what a test does to them stays its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture(scope="module")
def standing(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The file's transaction, and the folder with the files and keys that are made in it."""
    refuse_tests_that_commit(request)
    folder = tmp_path_factory.mktemp("standing")
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # acts that must be outermost are so for the tests as well
    with django_db_blocker.unblock(), override_settings(**directories(folder)), whole:
        yield folder
        transaction.set_rollback(True)


def refuse_tests_that_commit(request: pytest.FixtureRequest) -> None:
    """Their commit would be a savepoint of the file's transaction, and nobody else would see it."""
    committing = [item.name for item in request.session.items if item.path == request.path and commits(item)]
    assert not committing, (
        f"{request.path.name} has a standing world; these tests need a file of their own: {committing}"
    )


def commits(item: pytest.Item) -> bool:
    """Does the test end its transactions as the product does?"""
    mark = item.get_closest_marker("django_db")
    asked = mark is not None and (mark.kwargs.get("transaction", False) or any(mark.args[:1]))
    return asked or "transactional_db" in getattr(item, "fixturenames", ())


def directories(folder: Path) -> dict[str, Path]:
    """The settings that send files and keys to `folder`."""
    return {"BLOB_DIR": folder / "blobs", "KEY_DIR": folder / "keys"}


def own_copy(standing: Path, folder: Path) -> dict[str, Path]:
    """The files of the standing world again in `folder`, for a test to add to and to spoil; the settings for them."""
    shutil.copytree(standing, folder, dirs_exist_ok=True)
    return directories(folder)
