"""What may be handed in (提交图纸): names, numbers and sizes, before anything is looked into."""

from __future__ import annotations

import re
import unicodedata

FILE_BYTES = 200 * 1024 * 1024
FILES_PER_REVISION = 50
NAME_LIMIT = 200
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
EXTENSIONS = frozenset({"dwg", "dxf", "pdf"})
ATTEMPTS = 3
FOLDER_LIMIT = 400
# One piece of an upload; under the limit of what a request may hold in memory.
PIECE_BYTES = 4 * 1024 * 1024
# Uploads one person may have begun in one set and not handed in: a revision, and as many again that were given up.
OPEN_UPLOADS = 2 * FILES_PER_REVISION
# An upload that nobody continues is kept this long.
UPLOAD_KEPT_HOURS = 72


def clean_name(name: str) -> str:
    """The file name without folders, control characters and direction overrides; never empty."""
    last = re.split(r"[\\/]", name)[-1]
    kept = "".join(sign for sign in last if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    kept = unicodedata.normalize("NFC", " ".join(kept.split())).strip(". ")
    if len(kept) > NAME_LIMIT:
        stem, dot, extension = kept.rpartition(".")
        kept = (
            f"{stem[: NAME_LIMIT - len(extension) - 1]}{dot}{extension}"
            if dot and len(extension) < 10
            else kept[:NAME_LIMIT]
        )
    return kept or "drawing"


def clean_folder(path: str) -> str:
    """The folders of a file's relative path, cleaned one by one and joined by " / "; empty when there is none."""
    steps = [step for step in re.split(r"[\\/]", path)[:-1] if step.strip(". ")]
    return " / ".join(clean_name(step) for step in steps)[:FOLDER_LIMIT]


def extension_of(name: str) -> str:
    """dwg, dxf, pdf, or what else stands after the last dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def revision_name(position: int) -> str:
    """1 -> A, 26 -> Z, 27 -> AA: the letter of a revision (版次)."""
    if position < 1:
        raise ValueError("revisions count from 1")
    letters = ""
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def revision_state(file_states: list[str]) -> str:
    """checking while a file is on its way; clean when all are ready; rejected when any was refused."""
    if any(state in {"queued", "inspecting", "rendering"} for state in file_states):
        return "checking"
    if file_states and all(state == "ready" for state in file_states):
        return "clean"
    return "rejected"
