"""Make a backup; restore one into an empty system."""

from __future__ import annotations

import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from config.backup import postgres
from config.backup.manifest import BLOBS, DUMP, BackupRefused, Manifest, Stored, copy_with_checksum, files_below
from config.backup.manifest import sha256_of as hash_of
from drawings.actions import renew_epochs
from ledger.queries import audit_root, verify_chains


def make_backup(folder: Path, *, keys: Path | None = None) -> Manifest:
    """Write database, files and manifest into a new or empty folder (备份).

    The database is taken first, from one snapshot; a file is on the disk before the row that names it is committed, so
    the files copied afterwards hold all that the snapshot names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BackupRefused("not_empty", f"{folder} is not empty; a backup goes into a folder of its own")
    folder.chmod(0o700)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = str(cursor.fetchone()[0])
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            audit_root=audit_root(),
            rows=postgres.row_counts(),
            migrations=postgres.applied_migrations(),
        )
        postgres.dump(folder / DUMP, snapshot)
    dump = folder / DUMP
    manifest.files[DUMP] = Stored(dump.stat().st_size, hash_of(dump))
    blobs = Path(settings.BLOB_DIR)
    for source in files_below(blobs):
        name = f"{BLOBS}/{source.relative_to(blobs).as_posix()}"
        try:
            manifest.files[name] = copy_with_checksum(source, folder / name)
        except FileNotFoundError:
            # Moved out of quarantine meanwhile; where it went is copied, or was not part of the snapshot.
            (folder / name).unlink(missing_ok=True)
    if keys is not None:
        write_keys(keys)
    manifest.write(folder)
    return manifest


def write_keys(target: Path) -> None:
    """The private keys as a tar file that only its owner can read."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened, tarfile.open(fileobj=opened, mode="w") as archive:
        for path in files_below(Path(settings.KEY_DIR)):
            archive.add(path, arcname=path.relative_to(settings.KEY_DIR).as_posix(), recursive=False)


def restore_backup(folder: Path, *, keys: Path | None = None, replace: bool = False) -> Manifest:
    """Check every file of the backup, load it, and compare what came out with what went in (恢复).

    Raises BackupRefused, with nothing changed, when a file is missing or changed, the database is not empty (unless
    `replace`), or the backup is newer than this program. Browsers that know more than the restored logs notice by
    the new epoch of each sheet.
    """
    manifest = Manifest.read(folder)
    manifest.check_files(folder)
    refuse_newer(manifest)
    blobs = Path(settings.BLOB_DIR)
    if not replace and (postgres.tables() or any(files_below(blobs))):
        raise BackupRefused("not_empty", "the database or the file store is not empty; `--replace` overwrites both")
    empty_database()
    connection.close()
    postgres.restore(folder / DUMP)
    compare(manifest)
    shutil.rmtree(blobs, ignore_errors=True)
    blobs.mkdir(parents=True, exist_ok=True)
    for name, stored in manifest.files.items():
        if name.startswith(f"{BLOBS}/"):
            written = copy_with_checksum(folder / name, blobs / name.removeprefix(f"{BLOBS}/"))
            if written != stored:
                raise BackupRefused("file_changed", f"{name} changed while it was restored")
    if keys is not None:
        read_keys(keys)
    call_command("migrate", interactive=False, verbosity=0)
    renew_epochs()
    cache.clear()
    return manifest


def refuse_newer(manifest: Manifest) -> None:
    """A backup of a later version holds tables that this program does not know."""
    known = {f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.disk_migrations}
    newer = [name for name in manifest.migrations if name not in known]
    if newer:
        raise BackupRefused("newer_backup", f"the backup was made by a later version ({newer[0]} is unknown here)")


def empty_database() -> None:
    """Drop everything in the public schema."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS public CASCADE")
        cursor.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")  # as PostgreSQL itself makes it


def compare(manifest: Manifest) -> None:
    """The restored database holds the same rows and the same, unbroken history."""
    counted = postgres.row_counts()
    wrong = [name for name, number in manifest.rows.items() if counted.get(name) != number]
    if wrong:
        raise BackupRefused("rows_differ", f"the number of rows differs in {', '.join(wrong)}")
    if audit_root() != manifest.audit_root:
        raise BackupRefused("audit_root_differs", "the audit root is not that of the backup")
    broken = [verdict.chain for verdict in verify_chains() if verdict.first_bad is not None]
    if broken:
        raise BackupRefused("audit_chain_broken", f"the audit chain {broken[0]} does not verify")


def read_keys(source: Path) -> None:
    """Put the private keys back, readable by the owner only."""
    target = Path(settings.KEY_DIR)
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)
    with tarfile.open(source) as archive:
        archive.extractall(target, filter="data")
    for path in files_below(target):
        path.chmod(0o600)
