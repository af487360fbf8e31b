"""What the repository holds, and what it must never hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture.source import ROOT, name_of, tracked

LONGEST_LINES = 450  # house rule: split by noun near 400
# Longer files, each with its reason.
MAY_BE_LONG: dict[str, str] = {}
LARGEST_BYTES = 1_500_000
# In pieces, so that this file does not hold them itself.
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "npm" + "mirror.com",
    "tuna." + "tsinghua",
)
PLACES = ("/" + "work/", "/tm" + "p/team", "/opt/" + "pypi", "/" + "root/")
WRITERS = re.compile("|".join(("Clau" + "de", "Anth" + "ropic", "Chat" + "GPT", "Co-Authored" + "-By")))
TEXT = {".py", ".ts", ".html", ".css", ".md", ".toml", ".json", ".yaml", ".yml", ".txt", ".in", ".lock", ".tsv", ".csv",
        ".po", ".sh", ".service", ".conf", ".svg", "", ".mjs", ".npmrc"}  # fmt: skip


def texts() -> list[tuple[Path, str]]:
    """Every text file with its content."""
    return [
        (path, path.read_text(encoding="utf-8", errors="replace"))
        for path in tracked()
        if path.suffix in TEXT and path.stat().st_size < 5_000_000
    ]


def test_no_registry_address_and_no_path_of_one_machine() -> None:
    wrong = [f"{name_of(path)}: {word}" for path, text in texts() for word in (*REGISTRIES, *PLACES) if word in text]
    assert not wrong, "\n".join(wrong)


def test_nothing_tells_which_tool_wrote_it() -> None:
    wrong = [f"{name_of(path)}: {found[0]}" for path, text in texts() if (found := WRITERS.search(text))]
    assert not wrong, wrong


def test_no_secret_is_kept() -> None:
    secret = re.compile("-----BEGIN " + r"(?:[A-Z ]+ )?PRIVATE KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}")
    wrong = [name_of(path) for path, text in texts() if secret.search(text)]
    assert not wrong, wrong


def test_no_file_is_long_without_a_reason() -> None:
    wrong = []
    for path in tracked():
        name = name_of(path)
        ours = path.suffix in {".py", ".ts"} and "migrations" not in path.parts and not name.startswith("tests/")
        if ours and name not in MAY_BE_LONG:
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > LONGEST_LINES:
                wrong.append(f"{name}: {lines} lines")
    assert not wrong, "\n".join(wrong)


def test_no_package_or_large_file_is_committed() -> None:
    wrong = [
        f"{name_of(path)}: {path.stat().st_size} bytes"
        for path in tracked()
        if path.stat().st_size > LARGEST_BYTES or "node_modules" in path.parts or path.suffix in {".pyc", ".mo"}
    ]
    assert not wrong, wrong


def test_both_kinds_of_lock_are_without_addresses() -> None:
    for name in ("frontend/package-lock.json", "tests/browser/package-lock.json"):
        assert '"resolved"' not in (ROOT / name).read_text(encoding="utf-8"), name
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-tools.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, name
        pinned = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
        assert len(pinned) <= text.count("--hash=sha256:"), name


def test_generated_documents_are_fresh() -> None:
    call_command("generate", "--check")


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_readme_names_every_demo_account() -> None:
    import yaml

    cast = yaml.safe_load((ROOT / "accounts" / "cast.yaml").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [person["user"] for person in cast["people"] if f"`{person['user']}`" not in readme]
    assert not missing, missing


def test_pictures_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"\]\(((?!http)[^)#]+)\)", readme)
    assert not [name for name in named if not (ROOT / name).exists()]
