"""Protocol review.v1: names, limits, close codes, and frames read and written as JSON text (realtime.md section 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drawings.rules.json_text import BadJson, read_json
from drawings.rules.marks import is_storable

SUBPROTOCOL = "review.v1"
VERSION = 1

OP_BYTES = 64 * 1024
FRAME_BYTES = 128 * 1024
HELLO_SECONDS = 10.0
EPH_HZ = 20
BAD_FRAMES = 5
SOCKETS_PER_PERSON = 10
# Further behind than this, a client takes the snapshot instead of the ops.
RESYNC_OPS = 2000

# Close codes. The client reconnects by itself on 1001, 1006, 1012, 4408, 4429; after 4409 it takes the snapshot first.
BAD_FRAMES_SENT = 4400
NOT_SIGNED_IN = 4401
NO_ACCESS = 4403
NO_SHEET = 4404
SLOW_CONSUMER = 4408
AHEAD_OF_HEAD = 4409
OP_TOO_LARGE = 4413
TOO_MANY = 4429
RESTART = 1012
INTERNAL_ERROR = 1011

# The right was taken: what still waits of such a socket is not committed.
PUT_OUT = frozenset({NOT_SIGNED_IN, NO_ACCESS, NO_SHEET})

CLIENT_FRAMES = frozenset({"hello", "op", "eph", "pos", "ping"})
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


class BadFrame(ValueError):
    """Not a frame of this protocol; `code` is what `err` says."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Frame:
    """A text that goes to one or many sockets; its size in bytes is counted once."""

    text: str
    size: int


def frame_of(message: dict[str, Any]) -> Frame:
    """One message as it goes out."""
    return frame_of_text(dump(message))


def frame_of_text(text: str) -> Frame:
    """A ready JSON text as it goes out."""
    return Frame(text, len(text) if text.isascii() else len(text.encode()))


def dump(message: Any) -> str:
    """Compact JSON, UTF-8 kept readable, never NaN; no line break inside (the bus relies on it)."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def ops_frame(first: int, ops: Sequence[str]) -> Frame:
    """An `ops` frame of ops that are encoded already: contiguous from `first`."""
    return frame_of_text(f'{{"t":"ops","from":{first},"ops":[{",".join(ops)}]}}')


def read_frame(text: str | None) -> dict[str, Any]:
    """The object in a client's frame, or BadFrame: binary, no JSON, too deep, no known `t`."""
    if text is None:
        raise BadFrame("binary", "frames are JSON text")
    try:
        message = read_json(text)
    except BadJson as error:
        raise BadFrame("bad_json", str(error)) from None
    if not isinstance(message, dict):
        raise BadFrame("bad_json", "a frame is an object")
    kind = message.get("t")
    if not isinstance(kind, str) or kind not in CLIENT_FRAMES:
        raise BadFrame("unknown_type", "unknown t")
    return message


@dataclass(frozen=True)
class Hello:
    """The first frame of a client."""

    since: int
    epoch: str | None
    client: str
    post: int | None
    reason: str


def read_hello(message: dict[str, Any]) -> Hello:
    """Check a hello; BadFrame says what is wrong with it."""
    if message.get("v") != VERSION or isinstance(message.get("v"), bool):
        raise BadFrame("version", f"this server speaks v {VERSION}")
    since = message.get("since")
    if since is None:
        since = 0
    if isinstance(since, bool) or not isinstance(since, int) or not 0 <= since < 2**53:
        raise BadFrame("bad_hello", "since: a seq or null")
    epoch = message.get("epoch")
    if epoch is not None and (not isinstance(epoch, str) or len(epoch) > 64):
        raise BadFrame("bad_hello", "epoch: text or null")
    client = message.get("client")
    if client is not None and (not isinstance(client, str) or not UUID.match(client)):
        raise BadFrame("bad_hello", "client: a uuid")
    post = message.get("post")
    if post is not None and (isinstance(post, bool) or not isinstance(post, int) or not 0 < post < 2**53):
        raise BadFrame("bad_hello", "post: an id or null")
    reason = message.get("reason") or ""
    if not isinstance(reason, str) or len(reason) > 400 or not is_storable(reason):
        raise BadFrame("bad_hello", "reason: text")
    return Hello(since=since, epoch=epoch, client=client or "", post=post, reason=reason.strip())


def read_seq(message: dict[str, Any]) -> int:
    """The seq of a `pos` frame."""
    seq = message.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 2**53:
        raise BadFrame("bad_pos", "seq: a number")
    return seq


EPH_FIELDS = frozenset({"x", "y", "sel", "tool", "view", "edit", "call"})


def read_eph(message: dict[str, Any]) -> dict[str, Any]:
    """The cursor, selection and view of an `eph` frame; small, flat and finite."""
    data = message.get("d")
    if not isinstance(data, dict) or not set(data) <= EPH_FIELDS:
        raise BadFrame("bad_eph", "d: x, y, sel, tool, view, edit, call")
    for name in ("x", "y"):
        if data.get(name) is not None and not is_number(data[name]):
            raise BadFrame("bad_eph", f"{name}: a number")
    view = data.get("view")
    if view is not None and not (isinstance(view, list) and len(view) == 4 and all(is_number(item) for item in view)):
        raise BadFrame("bad_eph", "view: [cx, cy, res, rot]")
    for name in ("tool", "edit"):
        if data.get(name) is not None and not is_short(data[name]):
            raise BadFrame("bad_eph", f"{name}: short text")
    sel = data.get("sel")
    if sel is not None and not (
        is_short(sel) or (isinstance(sel, list) and len(sel) <= 50 and all(map(is_short, sel)))
    ):
        raise BadFrame("bad_eph", "sel: ids")
    call = data.get("call")
    if call is not None and not (isinstance(call, bool) or is_number(call) or is_short(call)):
        raise BadFrame("bad_eph", "call: a flag")
    return data


def is_number(value: object) -> bool:
    """A finite number that is no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def is_short(value: object) -> bool:
    """A text of at most 64 storable characters."""
    return isinstance(value, str) and len(value) <= 64 and is_storable(value)
