"""`manage.py prepare_demo` and the launcher: a city broken off while it was built is begun anew, a whole one is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.launcher.demo import Demo
from config.management.commands import seed_demo
from projects.actions.projects import ProjectForm, create_project
from tests.cast import build_cast

pytestmark = pytest.mark.django_db


class PowerCut(Exception):
    """In the middle of it."""


def one_story(say: Callable[[str], None]) -> None:
    create_project(ProjectForm(name="川禾中试车间"), actor=build_cast().owner)


def broken_off(say: Callable[[str], None]) -> None:
    raise PowerCut


def prepare(story: Callable[[Callable[[str], None]], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, with this instead of the whole city."""
    monkeypatch.setattr(seed_demo, "build_city", story)
    call_command("prepare_demo", verbosity=0)


def test_a_city_broken_off_is_begun_anew(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    with pytest.raises(PowerCut):
        prepare(broken_off, monkeypatch)
    again = Demo(port=1, var=tmp_path)
    assert again.begins_again()
    again.remove_data()
    prepare(one_story, monkeypatch)
    assert not Demo(port=1, var=tmp_path).begins_again()
    # With nothing under review there is no drawing to meet on, and the demo starts all the same.
    assert "room" not in json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))


def test_a_whole_city_is_kept_whatever_happens_later(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    prepare(one_story, monkeypatch)
    with pytest.raises(PowerCut):
        prepare(broken_off, monkeypatch)
    assert not Demo(port=1, var=tmp_path).begins_again()
    assert Demo(port=1, var=tmp_path, fresh=True).begins_again()
