"""The bus between server processes (总线): `local` for one process, Redis pub/sub for several.

One subscription per room per process, whatever the number of sockets. What is published may be lost; rooms heal from the
database. Nothing here ever raises into a room, and no publish lasts longer than half a second.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

import redis.asyncio as redis
import structlog
from django.conf import settings

from ledger import doorbell

log = structlog.get_logger()

PUBLISH_SECONDS = 0.5
QUEUE_MESSAGES = 10_000
PRESENCE_SECONDS = 45
# What a room hears: kind and fields, split from one text.
OnRoom = Callable[[UUID, str, list[str]], None]
OnRing = Callable[[str, dict[str, Any]], None]


class Bus(Protocol):
    """What the rooms need of a bus."""

    async def start(self) -> None:
        """Begin to listen."""

    async def stop(self) -> None:
        """End."""

    async def subscribe(self, sheet: UUID) -> None:
        """Hear what other processes say of this room."""

    async def unsubscribe(self, sheet: UUID) -> None:
        """Hear no more of it."""

    def publish(self, sheet: UUID, kind: str, lines: list[str]) -> None:
        """Tell the other processes; never waits, may be lost."""

    async def note_present(self, sheet: UUID, people: dict[str, dict[str, Any]]) -> None:
        """Renew the presence of this process's members."""

    async def note_absent(self, sheet: UUID, conn: str) -> None:
        """One of them left."""

    async def present(self, sheet: UUID) -> list[dict[str, Any]]:
        """Who is present in other processes too."""

    async def count_socket(self, person: int, conn: str) -> int:
        """Note (or renew) one socket of a person and say how many he has in all processes."""

    async def forget_socket(self, person: int, conn: str) -> None:
        """It is closed."""


class LocalBus:
    """One process: the hub has told everybody already; only doorbells of other threads come in."""

    def __init__(self, on_room: OnRoom, on_ring: OnRing) -> None:
        self.on_ring = on_ring
        self._sockets: dict[int, set[str]] = {}
        self._silence: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Listen to this process's doorbells, whichever thread rings."""
        self._loop = asyncio.get_running_loop()
        self._silence = doorbell.listen(self._heard)

    def _heard(self, topic: str, payload: dict[str, object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.on_ring, topic, payload)

    async def stop(self) -> None:
        """Listen no more."""
        if self._silence is not None:
            self._silence()
            self._silence = None

    async def subscribe(self, sheet: UUID) -> None:
        """Nobody else to hear."""

    async def unsubscribe(self, sheet: UUID) -> None:
        """Nobody else to hear."""

    def publish(self, sheet: UUID, kind: str, lines: list[str]) -> None:
        """Nobody else to tell."""

    async def note_present(self, sheet: UUID, people: dict[str, dict[str, Any]]) -> None:
        """The hub knows."""

    async def note_absent(self, sheet: UUID, conn: str) -> None:
        """The hub knows."""

    async def present(self, sheet: UUID) -> list[dict[str, Any]]:
        """Nobody elsewhere."""
        return []

    async def count_socket(self, person: int, conn: str) -> int:
        """Sockets of a person in this process."""
        sockets = self._sockets.setdefault(person, set())
        sockets.add(conn)
        return len(sockets)

    async def forget_socket(self, person: int, conn: str) -> None:
        """It is closed."""
        sockets = self._sockets.get(person, set())
        sockets.discard(conn)
        if not sockets:
            self._sockets.pop(person, None)


class RedisBus:
    """Several processes over Redis or Valkey; when it is away, rooms go on by looking at the table."""

    def __init__(self, on_room: OnRoom, on_ring: OnRing) -> None:
        self.on_room = on_room
        self.on_ring = on_ring
        self.origin = secrets.token_hex(6)
        self.client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PUBLISH_SECONDS,
            socket_connect_timeout=PUBLISH_SECONDS,
            decode_responses=True,
        )
        # Listening waits for ever: a client of its own, without a time limit.
        self.ears = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PUBLISH_SECONDS, decode_responses=True, health_check_interval=10
        )
        self.pubsub = self.ears.pubsub(ignore_subscribe_messages=True)
        self.channels: set[str] = set()
        self.queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(maxsize=QUEUE_MESSAGES)
        self.is_up = True
        self._tasks: list[asyncio.Task[None]] = []
        self._sockets: dict[int, set[str]] = {}

    async def start(self) -> None:
        """Begin to listen and to publish; a Redis that is down is waited for in the background."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]

    async def stop(self) -> None:
        """End both and close the connections."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for closing in (self.pubsub.aclose, self.ears.aclose, self.client.aclose):
            with suppress(redis.RedisError, OSError, RuntimeError):
                await closing()

    async def _listen(self) -> None:
        """Read what comes; after a break subscribe to everything again."""
        pause = 0.1
        while True:
            try:
                await self.pubsub.subscribe(doorbell.CHANNEL, *self.channels)
                pause = 0.1
                while True:
                    message = await self.pubsub.get_message(ignore_subscribe_messages=True, timeout=5.0)
                    if message is not None and message.get("type") == "message":
                        self._heard(message["channel"], message["data"])
            except asyncio.CancelledError:
                raise
            except (redis.RedisError, OSError, RuntimeError) as error:
                log.warning("bus_lost", error=type(error).__name__)
                with suppress(redis.RedisError, OSError, RuntimeError):
                    await self.pubsub.aclose()  # type: ignore[no-untyped-call]
                self.pubsub = self.ears.pubsub(ignore_subscribe_messages=True)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _heard(self, channel: str, data: str) -> None:
        """One message: a doorbell, or what another process said of a room."""
        try:
            if channel == doorbell.CHANNEL:
                message = json.loads(data)
                self.on_ring(str(message["topic"]), message["payload"])
                return
            origin, kind, *lines = data.split("\n")
            if origin != self.origin:
                self.on_room(UUID(channel.partition(":")[2]), kind, lines)
        except Exception:
            log.exception("bus_message_unreadable", channel=channel)

    async def _speak(self) -> None:
        """Publish in order; what cannot be sent in time is dropped."""
        while True:
            channel, data = await self.queue.get()
            try:
                await asyncio.wait_for(self.client.publish(channel, data), PUBLISH_SECONDS)
                self.is_up = True
            except (TimeoutError, redis.RedisError, OSError) as error:
                if self.is_up:
                    log.warning("bus_publish_lost", error=type(error).__name__)
                self.is_up = False

    async def subscribe(self, sheet: UUID) -> None:
        """One subscription for all members of this process."""
        channel = f"room:{sheet}"
        self.channels.add(channel)
        with suppress(TimeoutError, redis.RedisError, OSError, RuntimeError):
            await asyncio.wait_for(self.pubsub.subscribe(channel), PUBLISH_SECONDS)

    async def unsubscribe(self, sheet: UUID) -> None:
        """The last member of this process has left."""
        channel = f"room:{sheet}"
        self.channels.discard(channel)
        with suppress(TimeoutError, redis.RedisError, OSError, RuntimeError):
            await asyncio.wait_for(self.pubsub.unsubscribe(channel), PUBLISH_SECONDS)

    def publish(self, sheet: UUID, kind: str, lines: list[str]) -> None:
        """Queue a message for the other processes."""
        with suppress(asyncio.QueueFull):
            self.queue.put_nowait((f"room:{sheet}", "\n".join([self.origin, kind, *lines])))

    async def note_present(self, sheet: UUID, people: dict[str, dict[str, Any]]) -> None:
        """A sorted set says who is alive until when, a hash who he is."""
        if not people:
            return
        with suppress(TimeoutError, redis.RedisError, OSError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                seconds, _micro = await self.client.time()
                async with self.client.pipeline(transaction=False) as pipe:
                    pipe.zadd(f"pres:{sheet}", dict.fromkeys(people, seconds))
                    pipe.zremrangebyscore(f"pres:{sheet}", "-inf", seconds - PRESENCE_SECONDS)
                    pipe.hset(f"who:{sheet}", mapping={conn: json.dumps(who) for conn, who in people.items()})
                    pipe.expire(f"pres:{sheet}", 4 * PRESENCE_SECONDS)
                    pipe.expire(f"who:{sheet}", 4 * PRESENCE_SECONDS)
                    await pipe.execute()

    async def note_absent(self, sheet: UUID, conn: str) -> None:
        """Take one out at once."""
        with suppress(TimeoutError, redis.RedisError, OSError):
            async with asyncio.timeout(PUBLISH_SECONDS), self.client.pipeline(transaction=False) as pipe:
                pipe.zrem(f"pres:{sheet}", conn)
                pipe.hdel(f"who:{sheet}", conn)
                await pipe.execute()

    async def present(self, sheet: UUID) -> list[dict[str, Any]]:
        """Everybody whose presence was renewed lately, in all processes."""
        with suppress(TimeoutError, redis.RedisError, OSError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                seconds, _micro = await self.client.time()
                conns = await self.client.zrangebyscore(f"pres:{sheet}", seconds - PRESENCE_SECONDS, "+inf")
                if conns:
                    found = await self.client.hmget(f"who:{sheet}", [str(conn) for conn in conns])
                    return [json.loads(who) for who in found if who]
        return []

    async def count_socket(self, person: int, conn: str) -> int:
        """Sockets of a person in all processes; only those of this one while Redis is away."""
        own = self._sockets.setdefault(person, set())
        own.add(conn)
        with suppress(TimeoutError, redis.RedisError, OSError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                seconds, _micro = await self.client.time()
                async with self.client.pipeline(transaction=True) as pipe:
                    pipe.zremrangebyscore(f"sockets:{person}", "-inf", seconds - PRESENCE_SECONDS)
                    pipe.zadd(f"sockets:{person}", dict.fromkeys(own, seconds))
                    pipe.zcard(f"sockets:{person}")
                    pipe.expire(f"sockets:{person}", 4 * PRESENCE_SECONDS)
                    answers = await pipe.execute()
                    return max(int(answers[2]), len(own))
        return len(own)

    async def forget_socket(self, person: int, conn: str) -> None:
        """It is closed."""
        own = self._sockets.get(person, set())
        own.discard(conn)
        if not own:
            self._sockets.pop(person, None)
        with suppress(TimeoutError, redis.RedisError, OSError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self.client.zrem(f"sockets:{person}", conn)


def make_bus(on_room: OnRoom, on_ring: OnRing) -> Bus:
    """The bus that the settings name."""
    return RedisBus(on_room, on_ring) if settings.BUS == "redis" else LocalBus(on_room, on_ring)
