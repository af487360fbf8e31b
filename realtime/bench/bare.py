"""The least a room can be, on uvicorn: every op to every socket, nothing stored, nothing checked."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
sockets: set[Send] = set()
seq = 0


async def application(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
    """One socket."""
    global seq  # noqa: PLW0603 - the whole state of this server
    if scope["type"] != "websocket":
        return
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept", "subprotocol": "review.v1"})
        elif message["type"] == "websocket.disconnect":
            sockets.discard(send)
            return
        else:
            frame = json.loads(message["text"])
            if frame["t"] == "hello":
                sockets.add(send)
                await send({"type": "websocket.send", "text": json.dumps({"t": "welcome", "v": 1, "head": seq})})
            elif frame["t"] == "op":
                seq += 1
                op = {"seq": seq, "cid": frame["cid"], "k": frame["k"], "obj": frame["obj"], "ver": 1, "p": frame["p"]}
                text = json.dumps({"t": "ops", "from": seq, "ops": [op]}, ensure_ascii=False, separators=(",", ":"))
                for one in list(sockets):
                    await one({"type": "websocket.send", "text": text})
