"""The original files of imports (原始文件库), by their sha256: BLOB_DIR/layers/ab/<sha256>, written whole, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


class OriginalDamaged(RuntimeError):
    """A kept file is gone or holds other bytes: a fault of the disk, not of a user."""


def place_of(sha256: str) -> Path:
    """Path of a kept file."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"not a sha256: {sha256!r}")
    return Path(settings.BLOB_DIR) / "layers" / sha256[:2] / sha256


def keep(data: bytes) -> str:
    """Keep the bytes; returns their sha256."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = place_of(sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return sha256


def fetch(sha256: str) -> bytes:
    """The bytes of a kept file. Raises OriginalDamaged when they are not what the name says."""
    try:
        data = place_of(sha256).read_bytes()
    except OSError as error:
        raise OriginalDamaged(f"layers/{sha256}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise OriginalDamaged(f"layers/{sha256}: other bytes")
    return data
