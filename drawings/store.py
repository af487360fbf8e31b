"""Where files are kept (文件库): quarantine, the clean store by sha256, and prepared sheets.

    BLOB_DIR/quarantine/<random>              just received, mode 0600, no extension, nobody is served from here
    BLOB_DIR/clean/ab/<sha256>                passed the sandbox; the original, served as attachment only
    BLOB_DIR/prepared/ab/<render sha>/<key>/  what the browser gets (docs/drawing-format.md), never changed once there

A file counts as stored after its bytes and its folder entry are on disk (fsync), by rename, under the name of its content.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from drawings.rules.uploads import FILE_BYTES, SHA256, clean_name
from ledger.errors import DomainError, Refused

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class IncomingFile:
    """A file in quarantine, its content known by sha256."""

    name: str
    quarantine: str
    sha256: str
    size: int
    folder: str = ""


class StorageFull(DomainError):
    """The disk took no more; nothing was kept."""

    status = 507
    default_code = "storage_full"

    def default_message(self) -> str:
        """What the uploader reads."""
        return _("服务器存储空间不足，文件没有保存。请联系系统管理员后重试。")


def quarantine_path(name: str) -> Path:
    """Where a quarantined file lies."""
    return Path(settings.BLOB_DIR) / "quarantine" / name


def clean_path(sha256: str) -> Path:
    """Where an accepted original lies."""
    return Path(settings.BLOB_DIR) / "clean" / sha256[:2] / sha256


def prepared_path(render_sha: str) -> Path:
    """Where the prepared sheets of one file lie."""
    return Path(settings.BLOB_DIR) / "prepared" / render_sha[:2] / render_sha


def receive_file(name: str, source: BinaryIO | Path, *, sha256: str = "") -> IncomingFile:
    """Copy a file into quarantine and compare it with the sha256 its sender claims (传输校验).

    Raises Refused `sha256_mismatch` (the transfer lost something), `E_SIZE`, or StorageFull; nothing is left then.
    """
    claimed = sha256.strip().lower()
    shown = clean_name(name)
    if claimed and not SHA256.match(claimed):
        raise Refused("sha256_malformed", _("文件“%(name)s”的校验值格式不正确。") % {"name": shown}, field="sha256")
    target = quarantine_path(secrets.token_hex(24))
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                size, digest = copy_hashed(stream, target)
        else:
            size, digest = copy_hashed(source, target)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise StorageFull from error
    problem = receiving_problem(shown, size, digest, claimed)
    if problem is not None:
        target.unlink(missing_ok=True)
        raise problem
    return IncomingFile(name=shown, quarantine=target.name, sha256=digest, size=size)


def begin_partial() -> str:
    """A new empty private file in quarantine for an upload in pieces; returns its name."""
    target = quarantine_path(secrets.token_hex(24))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        sync_folder(target.parent)
    except OSError as error:
        raise StorageFull from error
    return target.name


def append_partial(quarantine: str, offset: int, data: bytes) -> None:
    """Write a piece at `offset` and have it on disk when this returns; whatever a killed attempt left behind it is cut off.

    FileNotFoundError when the file is gone or shorter than `offset`: the upload has to begin anew.
    """
    path = quarantine_path(quarantine)
    descriptor = os.open(path, os.O_WRONLY)
    try:
        if os.fstat(descriptor).st_size < offset:
            raise FileNotFoundError(path)
        os.ftruncate(descriptor, offset)
        view = memoryview(data)
        at = offset
        while view:
            written = os.pwrite(descriptor, view, at)
            view, at = view[written:], at + written
        os.fsync(descriptor)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageFull from error
    finally:
        os.close(descriptor)


def partial_sha256(quarantine: str) -> str:
    """SHA-256 of what lies there."""
    with quarantine_path(quarantine).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def receiving_problem(name: str, size: int, digest: str, claimed: str) -> Refused | None:
    """Why a received file cannot stay, or None."""
    if size == 0 or size > FILE_BYTES:
        return Refused(
            "E_SIZE",
            _("文件“%(name)s”为空或超过 200 MB。") % {"name": name},
            field="files",
            next_step=_("单个文件不超过 200 MB；请清理（PURGE）或按专业、楼层拆分后上传。"),
        )
    if claimed and claimed != digest:
        return Refused(
            "sha256_mismatch",
            _("文件“%(name)s”在传输中发生变化，没有保存。") % {"name": name},
            field="files",
            next_step=_("请重新上传这个文件。"),
        )
    return None


def copy_hashed(stream: BinaryIO, target: Path) -> tuple[int, str]:
    """Copy to a new private file, on disk when this returns; stops one chunk past the limit."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while size <= FILE_BYTES and (chunk := stream.read(CHUNK)):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(target.parent)
    return size, digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_original(quarantine: str, sha256: str) -> Path:
    """Move an accepted file out of quarantine into the clean store, under the name of its content."""
    target = clean_path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = quarantine_path(quarantine)
    if source.exists():
        source.rename(target)
        sync_folder(target.parent)
    elif not target.exists():
        raise FileNotFoundError(source)
    return target


def drop_quarantined(quarantine: str) -> None:
    """Throw a refused file away."""
    if quarantine:
        quarantine_path(quarantine).unlink(missing_ok=True)


def working_folder() -> Path:
    """A new folder beside the prepared ones, for one job."""
    folder = Path(settings.BLOB_DIR) / "prepared" / f".work-{secrets.token_hex(8)}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def keep_prepared(made: Path, render_sha: str, result: dict[str, Any]) -> Path:
    """Put a finished preparation in its place, with its result beside it; whoever came first stays."""
    target = prepared_path(render_sha)
    (made / "result.json").write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    for folder, _folders, files in os.walk(made):
        for name in files:
            with (Path(folder) / name).open("rb") as stream:
                os.fsync(stream.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(target)
    except OSError:
        if not (target / "result.json").is_file():
            raise
        shutil.rmtree(made, ignore_errors=True)
    sync_folder(target.parent)
    return target


def prepared_result(render_sha: str) -> dict[str, Any] | None:
    """The result of a preparation that was kept before, or None."""
    try:
        result = json.loads((prepared_path(render_sha) / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if isinstance(result, dict) else None


def own_name(render_sha: str, key: str) -> str | None:
    """The name a prepared sheet has in its file, or None where that cannot be read any more."""
    try:
        manifest = json.loads((prepared_path(render_sha) / key / "manifest.json").read_text(encoding="utf-8"))
        return str(manifest["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def drop_prepared(render_sha: str) -> None:
    """Take a preparation away that nothing names any more."""
    shutil.rmtree(prepared_path(render_sha), ignore_errors=True)


def quarantined_before(seconds: float) -> Iterator[Path]:
    """Quarantined files and half-made preparations older than this."""
    limit = time.time() - seconds
    root = Path(settings.BLOB_DIR)
    for path in [*(root / "quarantine").glob("*"), *(root / "prepared").glob(".*")]:
        try:
            if path.stat().st_mtime < limit:
                yield path
        except FileNotFoundError:
            continue
