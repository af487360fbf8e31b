"""`manage.py prepare_demo`: a seeding broken off is begun anew, a finished city is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.management.commands import seed_demo
from projects.actions.projects import ProjectForm, create_project
from projects.queries.lists import any_project
from tests.cast import Cast, build_cast

pytestmark = pytest.mark.django_db(transaction=True)


class Broken(Exception):
    """The power is cut."""


def test_a_broken_off_city_is_built_anew_and_a_whole_one_is_kept(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    stories: list[str] = []

    def first_story_only(say: Callable[[str], None]) -> None:
        tell("川禾中试车间", build_cast())
        raise Broken

    def whole(say: Callable[[str], None]) -> None:
        cast = build_cast()
        stories.append("already there" if any_project() else "told")
        if not any_project():
            tell("川禾综合楼", cast)

    monkeypatch.setattr(seed_demo, "build_city", first_story_only)
    with pytest.raises(Broken):
        call_command("prepare_demo", verbosity=0)
    assert any_project()

    monkeypatch.setattr(seed_demo, "build_city", whole)
    monkeypatch.setattr("config.management.commands.prepare_demo.get_commands", dict)
    call_command("prepare_demo", verbosity=0)
    call_command("prepare_demo", verbosity=0)
    assert stories == ["told", "already there"]


def tell(name: str, cast: Cast) -> None:
    """A project that is there."""
    create_project(ProjectForm(name=name), actor=cast.owner)
