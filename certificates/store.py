"""Where papers and pictures lie: files named by their sha256, written whole or not at all.

BLOB_DIR/papers/ab/<sha256>          sealed PDF, never changed once there
BLOB_DIR/papers/.sealing/<paper id>  sealed but not yet on record; what a second attempt finds and adopts
BLOB_DIR/pictures/ab/<sha256>        pictures printed on papers
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings


class StoredFileDamaged(RuntimeError):
    """A kept file is gone or its bytes are not those of its name: a fault of the disk, not of a user."""


def keep(room: str, data: bytes) -> str:
    """Keep bytes in a room (`papers`, `pictures`); returns their sha256."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = place_of(room, sha256)
    if not path.exists():
        write_whole(path, data)
    return sha256


def fetch(room: str, sha256: str) -> bytes:
    """The bytes of a name. Raises StoredFileDamaged when they are not what the name says."""
    try:
        data = place_of(room, sha256).read_bytes()
    except OSError as error:
        raise StoredFileDamaged(f"{room}/{sha256}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StoredFileDamaged(f"{room}/{sha256}: other bytes")
    return data


def place_of(room: str, sha256: str) -> Path:
    """Path of a kept file."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"not a sha256: {sha256!r}")
    return Path(settings.BLOB_DIR) / room / sha256[:2] / sha256


def sealing_place(paper_id: UUID) -> Path:
    """Where the sealed file of a paper waits until the paper's row says that it is issued."""
    return Path(settings.BLOB_DIR) / "papers" / ".sealing" / str(paper_id)


def write_whole(path: Path, data: bytes) -> None:
    """Write to a temporary neighbour, flush to disk, then rename: readers never see half a file."""
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
