"""The hash chain of one sheet's op log (图幅操作日志的散列链).

hash(seq) = SHA-256(hash(seq-1) || canonical JSON of the op as it is sent). The head of each log is anchored in the
project's audit chain (event SheetHead), so a rewritten log shows even when every hash in it was computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

GENESIS = bytes(32)


def canonical(op: dict[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: one text for one op."""
    return json.dumps(op, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def hash_op(previous: bytes, sheet: str, op: dict[str, Any]) -> bytes:
    """The hash of `op` on `sheet`, following `previous`."""
    return hashlib.sha256(previous + sheet.encode() + canonical(op)).digest()


def first_bad_op(
    sheet: str, rows: Iterable[tuple[dict[str, Any], bytes, bytes]], *, head: int, head_hash: bytes
) -> int | None:
    """The seq of the first (op, prev_hash, hash) that does not fit, or None; a cut tail differs from the stored head."""
    expected, previous = 1, GENESIS
    for op, prev_hash, stored in rows:
        if op["seq"] != expected or prev_hash != previous or hash_op(previous, sheet, op) != stored:
            return expected
        expected, previous = expected + 1, stored
    if expected - 1 != head or previous != head_hash:
        return expected
    return None
