"""Reading our own source for the architecture tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "config",
    "ledger",
    "accounts",
    "regional_eval",
    "certificates",
    "projects",
    "drawings",
    "joint_review",
    "realtime",
    "notices",
    "supervision",
    "portal",
)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository: what git tracks or would, on a machine without git everything that is ours."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        skipped = {".git", ".venv", "node_modules", "var", "dist", "__pycache__"}
        names = [
            path.relative_to(ROOT).as_posix()
            for path in ROOT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
        ]
    return tuple(sorted(path for path in (ROOT / name for name in names) if path.is_file()))


def name_of(path: Path) -> str:
    """The path as it is written in messages."""
    return path.relative_to(ROOT).as_posix()


def python_files(*, migrations: bool = False) -> Iterator[Path]:
    """The Python files of our rooms."""
    for path in tracked():
        parts = path.relative_to(ROOT).parts
        if path.suffix == ".py" and parts[0] in ROOMS and (migrations or "migrations" not in parts):
            yield path


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every absolute module name that a file imports (with the names taken from it), and the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def templates() -> Iterator[Path]:
    """Every page and mail template."""
    for path in tracked():
        if "templates" in path.relative_to(ROOT).parts and path.suffix in {".html", ".txt"}:
            yield path
