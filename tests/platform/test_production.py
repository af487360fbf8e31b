"""Production starts only with settings of its own, and never with the demo's accounts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured

from accounts.actions import make_cast
from accounts.known_password import refuse_demo_accounts
from accounts.models import Person
from tests.cast import build_cast

ROOT = Path(__file__).resolve().parents[2]
OWN = {
    "LIANSHEN_MODE": "production",
    "SECRET_KEY": "a-long-text-of-their-own-that-nobody-else-knows-0123456789",
    "PUBLIC_ORIGINS": "https://lianshen.example",
    "DATABASE_URL": "postgresql://lianshen:secret@127.0.0.1:5432/lianshen",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command with these settings and none of ours."""
    ours = {*OWN, "LIANSHEN_BUS", "LIANSHEN_TEST_SUFFIX"}
    outside = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**outside, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_is_silent() -> None:
    done = manage(OWN, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "PUBLIC_ORIGINS", "DATABASE_URL", "REDIS_URL"])
def test_nothing_starts_without(name: str) -> None:
    done = manage({key: value for key, value in OWN.items() if key != name}, "check")
    assert done.returncode != 0
    assert f"{name} must be set in production" in done.stderr


@pytest.mark.django_db
def test_an_account_with_the_published_password_stops_the_start(settings: Any) -> None:
    build_cast()
    Person.objects.update(password=make_password(None))
    refuse_demo_accounts()
    Person.objects.filter(username="owner").update(password=make_password(settings.DEMO_PASSWORD))
    with pytest.raises(ImproperlyConfigured, match="owner"):
        refuse_demo_accounts()


@pytest.mark.django_db
def test_the_demo_city_is_never_made_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured):
        make_cast()
