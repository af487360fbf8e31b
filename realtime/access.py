"""Every message a page may send over the socket has its row in the permission table; ops also ask the row of their kind."""

from __future__ import annotations

from accounts.checks import register_socket_message

MESSAGES = {
    "hello": "room.join",
    "op": "annotation.list_shared",
    "eph": "room.presence",
    "pos": "room.join",
    "ping": "room.join",
}

for message, name in MESSAGES.items():
    register_socket_message(message, name)
