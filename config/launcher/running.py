"""Let `manage.py` speak to the demo that is running: its database and its Valkey have addresses nobody knows beforehand."""

from __future__ import annotations

import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("LIANSHEN_MODE", "LIANSHEN_PORT", "PUBLIC_ORIGINS", "DATABASE_URL", "REDIS_URL")


def var_folder() -> Path:
    """Where the demo keeps its data."""
    return Path(os.environ.get("LIANSHEN_VAR", ROOT / "var")).resolve()


def write_note(environment: dict[str, str]) -> Path:
    """Note the addresses for `adopt`, readable by the owner only; they end with this process."""
    note = var_folder_note()
    note.unlink(missing_ok=True)
    content = {"pid": os.getpid(), **{name: environment[name] for name in NAMES}}
    handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(content, opened)
    return note


def var_folder_note() -> Path:
    """The note's place."""
    return var_folder() / "running.json"


def adopt() -> bool:
    """Take the running demo's addresses, unless the environment names a database itself; True when taken."""
    if "DATABASE_URL" in os.environ or os.environ.get("LIANSHEN_MODE", "demo") != "demo":
        return False
    try:
        content = json.loads(var_folder_note().read_text(encoding="utf-8"))
        os.kill(content.pop("pid"), 0)
    except (OSError, ValueError, KeyError):
        return False
    for name, value in content.items():
        os.environ.setdefault(name, value)
    return True
