"""The demo's people and their published password: listed for the demo, refused in production."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Person

CAST = Path(__file__).with_name("cast.yaml")


def cast_people() -> list[dict[str, str]]:
    """Username, name and title of everyone of the cast (演员表), in the order of the file."""
    data: dict[str, Any] = yaml.safe_load(CAST.read_text(encoding="utf-8"))
    return [{"username": row["user"], "name": row["name"], "title": row["title"]} for row in data["people"]]


def refuse_demo_accounts() -> None:
    """Raise ImproperlyConfigured when an account of the cast can still be entered with the published password."""
    usernames = [person["username"] for person in cast_people()]
    found = Person.objects.filter(username__in=usernames, is_active=True).values_list("username", "password")
    by_hash: dict[str, list[str]] = {}
    for username, encoded in found:
        by_hash.setdefault(encoded, []).append(username)
    # The cast shares one hash, so this is one slow check and not thirty.
    entered = sorted(
        name for encoded, names in by_hash.items() if check_password(settings.DEMO_PASSWORD, encoded) for name in names
    )
    if entered:
        raise ImproperlyConfigured(
            f"accounts with the demo's password: {', '.join(entered)}; change it or disable them"
        )
