"""The hash chain of audit events (审计链): pure functions.

hash(n) = SHA-256(hash(n-1) || canonical JSON of row n). Verifying recomputes each row and names the first bad one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = bytes(32)


@dataclass(frozen=True)
class Link:
    """One row of a chain as it is hashed."""

    chain: str
    n: int
    content: dict[str, object]
    prev: bytes
    hash: bytes


def canonical(content: dict[str, object]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: one text for one content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hash_link(prev: bytes, content: dict[str, object]) -> bytes:
    """The hash of a row that follows `prev`."""
    return hashlib.sha256(prev + canonical(content)).digest()


def first_bad(links: Iterable[Link], *, head_n: int, head_hash: bytes) -> int | None:
    """The position of the first row that does not fit (1-based), or None.

    A row changed, swapped, inserted or missing breaks the chain at its place; a cut tail differs from the stored head.
    """
    expected_n, prev = 1, GENESIS
    for link in links:
        if link.n != expected_n or link.prev != prev or hash_link(prev, link.content) != link.hash:
            return expected_n
        prev = link.hash
        expected_n += 1
    if expected_n - 1 != head_n or prev != head_hash:
        return expected_n
    return None
