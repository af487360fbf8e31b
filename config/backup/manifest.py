"""What a backup says about itself, and copying with a checksum."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

NAME = "manifest.json"
DUMP = "database.dump"
BLOBS = "blobs"
FORMAT = 1
CHUNK = 1024 * 1024


class BackupRefused(Exception):
    """The folder is not a whole backup, or the place to restore into is not free; `code` names which."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass
class Stored:
    """One file of a backup."""

    size: int
    sha256: str


@dataclass
class Manifest:
    """The contents of manifest.json."""

    made_at: str
    audit_root: str
    rows: dict[str, int]
    migrations: list[str]
    files: dict[str, Stored] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        return sum(stored.size for stored in self.files.values())

    def write(self, folder: Path) -> None:
        """Last of all: a folder without a manifest is not a backup."""
        half = folder / f"{NAME}.part"
        half.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")
        with half.open("rb") as opened:
            os.fsync(opened.fileno())
        half.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raise BackupRefused when there is none, or it is not one of ours."""
        try:
            content = json.loads((folder / NAME).read_text(encoding="utf-8"))
            files = {name: Stored(**stored) for name, stored in content.pop("files").items()}
            read = cls(files=files, **content)
        except FileNotFoundError:
            raise BackupRefused("no_manifest", f"{folder} holds no {NAME}: it is not a whole backup") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BackupRefused("bad_manifest", f"{NAME} cannot be read: {error}") from None
        if read.format != FORMAT:
            raise BackupRefused("other_format", f"the backup has format {read.format}, this program reads {FORMAT}")
        if any(not is_safe(name) for name in files):
            raise BackupRefused("bad_manifest", f"{NAME} names a file outside the backup")
        return read

    def check_files(self, folder: Path) -> None:
        """Every file is there with its size and hash; nothing is restored from a damaged backup."""
        for name, stored in self.files.items():
            path = folder / name
            if not path.is_file():
                raise BackupRefused("file_missing", f"{name} is missing")
            if path.stat().st_size != stored.size or sha256_of(path) != stored.sha256:
                raise BackupRefused("file_changed", f"{name} is not what was backed up")


def is_safe(name: str) -> bool:
    """A relative path that stays inside."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def copy_with_checksum(source: Path, target: Path) -> Stored:
    """Copy, hash what was read, and put the bytes on the disk before saying that they are kept."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return Stored(size, digest.hexdigest())


def files_below(folder: Path) -> Iterator[Path]:
    """Every regular file, in a stable order; links are not followed."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root) / name
            if path.is_file() and not path.is_symlink():
                yield path
