"""`check --deploy` says which fences are missing on this host, and is silent where all hold."""

from __future__ import annotations

from typing import Any

import pytest

from drawings import checks


def test_what_is_missing_is_said_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def held(*_: Any) -> dict[str, Any]:
        return {"missing": ["no network fence"]}

    monkeypatch.setattr(checks, "protections", held)
    (message,) = checks.fences_hold()
    assert (message.msg, message.id) == ("no network fence", "drawings.I001")
    assert not message.is_serious()
    monkeypatch.setattr(checks, "protections", lambda: {"missing": []})
    assert checks.fences_hold() == []
