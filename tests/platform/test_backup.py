"""Backup and restore (promise R13): what comes out is what went in, and a damaged backup is refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from config.backup.actions import make_backup, restore_backup
from config.backup.manifest import BackupRefused, Manifest, is_safe
from config.backup.postgres import row_counts
from ledger.actor import Actor
from ledger.queries import audit_root
from ledger.record import record
from projects.events import DomainLoaded
from tests.cast import build_cast
from tests.databases import database_url, on_server

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = f"restored_lianshen{os.environ.get('LIANSHEN_TEST_SUFFIX', '')}"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(tmp_path: Path, settings: Any) -> Path:
    """A database with people and an audit event, 40 files, and two keys."""
    cast = build_cast()
    loaded = DomainLoaded(editions=[], years=[2026])
    with transaction.atomic():
        record(loaded, actor=Actor.system(cause="installation"), subject=cast.district)
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.KEY_DIR = tmp_path / "keys"
    for number in range(40):
        content = f"图纸 {number}".encode() * (number + 1)
        sha = hashlib.sha256(content).hexdigest()
        path = settings.BLOB_DIR / "originals" / sha[:2] / sha
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    settings.KEY_DIR.mkdir()
    (settings.KEY_DIR / "seal.pem").write_bytes(b"a private key")
    return tmp_path


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an empty system on the same server."""
    on_server(f'DROP DATABASE IF EXISTS "{SCRATCH}" WITH (FORCE)')
    on_server(f'CREATE DATABASE "{SCRATCH}"')
    yield {**os.environ, "DATABASE_URL": database_url(SCRATCH), "LIANSHEN_VAR": str(tmp_path / "elsewhere")}
    on_server(f'DROP DATABASE IF EXISTS "{SCRATCH}" WITH (FORCE)')


def manage(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit status and JSON of a command in another process, on another database."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments, "--json"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_restored_system_is_the_same(filled: Path, scratch: dict[str, str]) -> None:
    folder = filled / "backup"
    manifest = make_backup(folder, keys=filled / "keys.tar")
    assert manifest.rows["accounts_person"] > 20
    assert manifest.rows["ledger_auditevent"] > 0
    assert manifest.audit_root == audit_root()
    assert (filled / "keys.tar").stat().st_mode & 0o077 == 0
    status, answer = manage(scratch, "restore", str(folder), "--keys", str(filled / "keys.tar"))
    assert (status, answer["verdict"]) == (0, "ok"), answer
    assert (answer["audit_root"], answer["files"]) == (manifest.audit_root, 41)
    status, verified = manage(scratch, "audit_verify")
    assert (status, verified["ok"], verified["events"]) == (0, True, manifest.rows["ledger_auditevent"])
    elsewhere = Path(scratch["LIANSHEN_VAR"])
    for path in (p for p in settings.BLOB_DIR.rglob("*") if p.is_file()):
        copy = elsewhere / "blobs" / path.relative_to(settings.BLOB_DIR)
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == path.name
    assert (elsewhere / "keys" / "seal.pem").read_bytes() == b"a private key"
    # What was restored can be backed up and restored again.
    status, second = manage(scratch, "backup", str(filled / "second"))
    assert (status, second["audit_root"]) == (0, manifest.audit_root)
    status, third = manage(scratch, "restore", str(filled / "second"), "--replace")
    assert (status, third["audit_root"]) == (0, manifest.audit_root)


def test_a_damaged_backup_is_refused_and_nothing_is_touched(filled: Path, scratch: dict[str, str]) -> None:
    folder = filled / "backup"
    manifest = make_backup(folder)
    name = next(name for name in manifest.files if name.startswith("blobs/"))
    content = bytearray((folder / name).read_bytes())
    content[0] ^= 1
    (folder / name).write_bytes(content)
    status, answer = manage(scratch, "restore", str(folder), "--replace")
    assert (status, answer["verdict"], answer["code"]) == (2, "refused", "file_changed")
    assert name in answer["message"]
    with psycopg.connect(scratch["DATABASE_URL"]) as other:
        tables = other.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_missing_file_a_later_version_and_a_missing_manifest_are_refused(filled: Path) -> None:
    folder = filled / "backup"
    manifest = make_backup(folder)
    with pytest.raises(BackupRefused) as refusal:
        restore_backup(folder)
    assert refusal.value.code == "not_empty"  # this very database is full
    manifest.migrations.append("projects.9999_from_the_future")
    manifest.write(folder)
    with pytest.raises(BackupRefused) as refusal:
        restore_backup(folder)
    assert refusal.value.code == "newer_backup"
    next(folder / name for name in manifest.files if name.startswith("blobs/")).unlink()
    with pytest.raises(BackupRefused) as refusal:
        restore_backup(folder)
    assert refusal.value.code == "file_missing"
    (folder / "manifest.json").unlink()
    with pytest.raises(BackupRefused) as refusal:
        restore_backup(folder)
    assert refusal.value.code == "no_manifest"


def test_the_snapshot_holds_nothing_written_during_the_backup(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are counted, the root computed and the dump taken from one instant, while others go on writing."""
    from config.backup import postgres

    before = audit_root()
    dump = postgres.dump

    def dump_while_somebody_writes(target: Path, snapshot: str) -> None:
        with psycopg.connect(database_url(connection.settings_dict["NAME"]), autocommit=True) as other:
            other.execute("INSERT INTO ledger_chainhead (chain, n, hash) VALUES ('system:new', 1, '\\x01')")
        dump(target, snapshot)

    monkeypatch.setattr(postgres, "dump", dump_while_somebody_writes)
    manifest = make_backup(filled / "backup")
    assert manifest.audit_root == before
    assert audit_root() != before
    assert manifest.rows["ledger_chainhead"] == row_counts()["ledger_chainhead"] - 1


def test_a_backup_goes_into_an_empty_folder_only(filled: Path) -> None:
    (filled / "backup").mkdir()
    (filled / "backup" / "something").touch()
    with pytest.raises(BackupRefused, match="not empty"):
        make_backup(filled / "backup")


def test_a_manifest_cannot_reach_outside() -> None:
    assert is_safe("blobs/originals/ab/cd")
    assert not is_safe("../etc/passwd")
    assert not is_safe("/etc/passwd")


def test_a_manifest_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"hello": 1}', encoding="utf-8")
    with pytest.raises(BackupRefused) as refusal:
        Manifest.read(tmp_path)
    assert refusal.value.code == "bad_manifest"
