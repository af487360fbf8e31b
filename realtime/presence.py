"""Who is here, and where he points (在线与光标): never in the log, coalesced, the first thing to be dropped.

A client sends its cursor at most 20 times a second; one timer per room makes ONE frame of all that moved, so that n people
cost 20 frames a second and member, not 20 (n - 1).
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from realtime.bus import Bus
from realtime.hub import Hub, Member, Room
from realtime.protocol import EPH_HZ, dump, frame_of_text

PERIOD = 1.0 / EPH_HZ
HEARTBEAT_SECONDS = 15.0


class Presence:
    """Cursors and presence of all rooms of this process."""

    def __init__(self, hub: Hub, bus: Bus) -> None:
        self.hub = hub
        self.bus = bus
        self.moved: dict[UUID, dict[str, dict[str, Any]]] = {}
        self.timers: dict[UUID, asyncio.TimerHandle] = {}
        self.flushed_at: dict[UUID, float] = {}
        self.elsewhere: dict[UUID, dict[str, dict[str, Any]]] = {}
        # Who came and who left since the last frame, by sheet and then by connection.
        self.news: dict[UUID, dict[str, tuple[str, dict[str, Any]]]] = {}
        self.told_at: dict[UUID, float] = {}

    def move(self, room: Room, member: Member, data: dict[str, Any]) -> None:
        """Note the newest cursor of a member; it goes out with the next frame of the room."""
        self.moved.setdefault(room.sheet, {})[member.conn] = {"conn": member.conn, "user": member.info["user"], **data}
        if room.sheet in self.timers:
            return
        loop = asyncio.get_running_loop()
        due = max(0.0, self.flushed_at.get(room.sheet, 0.0) + PERIOD - loop.time())
        self.timers[room.sheet] = loop.call_later(due, self.flush, room.sheet)

    def flush(self, sheet: UUID) -> None:
        """One frame with everything that moved since the last one."""
        self.timers.pop(sheet, None)
        moved = self.moved.pop(sheet, {})
        room = self.hub.rooms.get(sheet)
        if room is None or not moved:
            return
        self.flushed_at[sheet] = asyncio.get_running_loop().time()
        text = dump({"t": "eph", "list": list(moved.values())})
        self.hub.tell_frame(room, frame_of_text(text), lossy=True)
        self.bus.publish(sheet, "eph", [text])

    async def arrive(self, room: Room, member: Member) -> None:
        """Tell the newcomer who is here, and everybody that he came."""
        who = self.here(room) | {item["conn"]: item for item in await self.bus.present(room.sheet)}
        who.pop(member.conn, None)
        member.push(frame_of_text(dump({"t": "presence", "k": "list", "who": [*who.values(), member.info]})))
        self.say(room.sheet, "join", member.info)
        await self.bus.note_present(room.sheet, {member.conn: member.info})

    async def depart(self, room: Room, member: Member) -> None:
        """Tell everybody that he left."""
        moved = self.moved.get(room.sheet, {})
        moved.pop(member.conn, None)
        self.say(room.sheet, "leave", member.info)
        await self.bus.note_absent(room.sheet, member.conn)
        if room.sheet not in self.hub.rooms:
            self.forget(room.sheet)

    def forget(self, sheet: UUID) -> None:
        """The room is shut."""
        for table in (self.moved, self.flushed_at, self.elsewhere, self.told_at):
            table.pop(sheet, None)
        timer = self.timers.pop(sheet, None)
        if timer is not None:
            timer.cancel()

    def say(self, sheet: UUID, kind: str, info: dict[str, Any]) -> None:
        """Note that somebody came or left; told at once, but not more often than cursors: a storm of two hundred pages
        that come back is some tens of frames for each, not two hundred."""
        waiting = self.news.setdefault(sheet, {})
        waiting[info["conn"]] = (kind, info)
        if len(waiting) > 1:
            return
        loop = asyncio.get_running_loop()
        due = max(0.0, self.told_at.get(sheet, 0.0) + PERIOD - loop.time())
        loop.call_later(due, self.tell, sheet)

    def tell(self, sheet: UUID) -> None:
        """Who came and who left, to those who take part in presence, here and in other processes."""
        news = self.news.pop(sheet, {})
        room = self.hub.rooms.get(sheet)
        if room is not None:
            self.told_at[sheet] = asyncio.get_running_loop().time()
        for kind in ("leave", "join"):
            who = {conn: info for conn, (what, info) in news.items() if what == kind}
            if not who:
                continue
            text = dump({"t": "presence", "k": kind, "who": [*who.values()]})
            if room is not None:
                frame = frame_of_text(text)
                for member in list(room.members):
                    # Nobody is told of himself alone; among others he knows his own connection.
                    if member.info and who.keys() != {member.conn}:
                        member.push(frame)
            self.bus.publish(sheet, "presence", [text])

    def here(self, room: Room) -> dict[str, dict[str, Any]]:
        """Members of this process who show themselves, by connection."""
        return {member.conn: member.info for member in room.members if member.info}

    async def heartbeat(self) -> None:
        """Renew who is here; tell a room when somebody elsewhere vanished without a goodbye (a killed process)."""
        for room in list(self.hub.rooms.values()):
            here = self.here(room)
            await self.bus.note_present(room.sheet, here)
            elsewhere = {item["conn"]: item for item in await self.bus.present(room.sheet) if item["conn"] not in here}
            if elsewhere.keys() != self.elsewhere.get(room.sheet, {}).keys():
                self.elsewhere[room.sheet] = elsewhere
                everybody = [*here.values(), *elsewhere.values()]
                frame = frame_of_text(dump({"t": "presence", "k": "list", "who": everybody}))
                for member in list(room.members):
                    if member.info:
                        member.push(frame)
