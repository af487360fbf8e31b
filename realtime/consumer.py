"""One WebSocket of a sheet's room: the server side of protocol review.v1 (realtime.md section 4)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings

from drawings.actions import OpRequest
from drawings.rules.ops import BadOp, read_op
from realtime import protocol
from realtime.admission import Admission, NotAdmitted, admit, identify
from realtime.house import House, house
from realtime.hub import Member, Room
from realtime.protocol import BadFrame, Hello, frame_of, read_eph, read_frame, read_hello, read_seq
from realtime.words import close_words, with_words

log = structlog.get_logger()

RESYNC_HELLO_SECONDS = 60.0
STRIKES_SECONDS = 10.0


class Rate:
    """30 messages a second with one burst; who goes on far beyond is closed with 4429."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.burst = 2 * per_second
        self.tokens = self.burst
        self.at = time.monotonic()
        self.strikes = 0.0

    def take(self) -> bool:
        """One message; False when there were too many."""
        now = time.monotonic()
        passed, self.at = now - self.at, now
        self.tokens = min(self.burst, self.tokens + passed * self.per_second)
        self.strikes = max(0.0, self.strikes - passed * self.per_second)
        if self.tokens < 1:
            self.strikes += 1
            return False
        self.tokens -= 1
        return True

    @property
    def is_flood(self) -> bool:
        """Refused messages amount to ten seconds of the rate."""
        return self.strikes > self.per_second * STRIKES_SECONDS


class SheetRoom(AsyncConsumer):  # type: ignore[misc]
    """The socket of one person on one sheet."""

    def __init__(self) -> None:
        self.sheet: UUID
        self.house: House
        self.member: Member | None = None
        self.room: Room | None = None
        self.admission: Admission | None = None
        self.language = settings.LANGUAGE_CODE
        self.bad_frames = 0
        self.rate = Rate(settings.ROOM_MESSAGES_PER_SECOND)
        self.deadline: asyncio.TimerHandle | None = None
        self.cur_at_last_pos = 0
        self.dying: asyncio.Future[None] | None = None

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Run until the client leaves, or until a closed socket that nobody reads has been waited for long enough."""
        self.dead = asyncio.Event()
        work = asyncio.ensure_future(super().__call__(scope, receive, send))
        dead = asyncio.ensure_future(self.dead.wait())
        try:
            await asyncio.wait({work, dead}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            dead.cancel()
            if not work.done():
                work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            await self.depart()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels asks a thread to close old connections at every message; the executors here do that themselves."""
        handler = {
            "websocket.connect": self.on_connect,
            "websocket.receive": self.on_receive,
            "websocket.disconnect": self.on_disconnect,
        }.get(message["type"])
        if handler is not None:
            await handler(message)

    # ---- coming and going

    async def on_connect(self, _message: dict[str, Any]) -> None:
        """403 before accept when nobody is signed in; then ten seconds for a hello."""
        self.house = await house()
        self.sheet = self.scope["url_route"]["kwargs"]["sheet_id"]
        offered = self.scope.get("subprotocols") or []
        visitor = await self.house.read(identify, self.scope)
        if visitor is None or (offered and protocol.SUBPROTOCOL not in offered):
            await self.send({"type": "websocket.close"})
            return
        self.language = visitor.actor.language
        accept: dict[str, Any] = {"type": "websocket.accept"}
        if offered:
            accept["subprotocol"] = protocol.SUBPROTOCOL
        await self.send(accept)
        self.member = Member(
            conn=secrets.token_hex(8), sheet=self.sheet, send=self.send, outbox_limit=settings.ROOM_OUTBOX_BYTES
        )
        self.member.on_close = self.forget_visitor
        self.house.visitors[self.member] = visitor
        self.house.checked[self.member] = time.monotonic()
        self.member.start()
        self.dying = asyncio.ensure_future(self.die_after(self.member))
        self.await_hello(protocol.HELLO_SECONDS)
        person = visitor.actor.person_id or 0
        if await self.house.bus.count_socket(person, self.member.conn) > settings.ROOM_SOCKETS_PER_PERSON:
            self.close(protocol.TOO_MANY)

    async def die_after(self, member: Member) -> None:
        """A member whose sending has ended takes the consumer with it."""
        await member.gone.wait()
        self.dead.set()

    def await_hello(self, seconds: float) -> None:
        """Close with 4401 unless a hello comes in time."""
        if self.deadline is not None:
            self.deadline.cancel()
        loop = asyncio.get_running_loop()
        self.deadline = loop.call_later(seconds, self.close, protocol.NOT_SIGNED_IN)

    async def on_disconnect(self, _message: dict[str, Any]) -> None:
        """The client has gone."""
        raise StopConsumer

    async def depart(self) -> None:
        """Leave the room and everything that was counted."""
        if self.deadline is not None:
            self.deadline.cancel()
        member, self.member = self.member, None
        if member is None:
            return
        visitor = self.house.visitors.get(member)
        self.forget_visitor(member)
        member.closing = member.closing or 1000
        member.stop()
        room, self.room = self.room, None
        if room is not None:
            self.house.hub.leave(room, member)
            if member.info:
                await self.house.presence.depart(room, member)
        person = visitor.actor.person_id if visitor else self.person
        if person is not None:
            await self.house.bus.forget_socket(person, member.conn)

    person: int | None = None

    def forget_visitor(self, member: Member) -> None:
        """Closing: nothing this socket still sends counts, and nothing more is delivered to it."""
        visitor = self.house.visitors.pop(member, None)
        self.house.checked.pop(member, None)
        if visitor is not None:
            self.person = visitor.actor.person_id
        if self.room is not None:
            self.room.members.discard(member)

    def close(self, code: int) -> None:
        """Say why in words, then close."""
        if self.member is None or self.member.closing is not None:
            return
        words = close_words(code, self.language)
        if words:
            self.member.push(frame_of({"t": "err", "code": str(code), "msg": words}))
        self.member.close(code)

    # ---- frames

    async def on_receive(self, message: dict[str, Any]) -> None:
        """One frame of the client. Whatever it holds, the answer is a frame or a close code, never an exception."""
        member = self.member
        if member is None or member.closing is not None:
            return
        text = message.get("text")
        try:
            if not self.rate.take():
                self.too_fast(text)
                return
            frame = read_frame(text)
            await self.hear(member, frame, text or "")
        except BadFrame as error:
            self.bad_frame(member, error)
        except NotAdmitted as error:
            self.close(error.code)
        except TimeoutError:
            member.close(protocol.SLOW_CONSUMER)
        except OSError:
            raise  # the client has gone while we were sending
        except Exception:
            log.exception("socket_failed", sheet=str(self.sheet))
            member.close(protocol.INTERNAL_ERROR)

    async def hear(self, member: Member, frame: dict[str, Any], text: str) -> None:
        """Do what the frame says."""
        kind = frame["t"]
        if kind == "hello":
            await self.hello(member, read_hello(frame))
        elif kind == "ping":
            number = frame.get("n")
            pong = {"t": "pong", "n": number} if protocol.is_number(number) else {"t": "pong"}
            member.push(frame_of(pong))
        elif self.room is None or self.admission is None:
            raise BadFrame("hello_first", "hello must be first")
        elif kind == "op":
            self.op(member, frame, text)
        elif kind == "eph":
            data = read_eph(frame)
            if self.admission.is_present:
                self.house.presence.move(self.room, member, data)
        elif kind == "pos":
            self.position(member, self.room, read_seq(frame))

    def bad_frame(self, member: Member, error: BadFrame) -> None:
        """Say what is wrong; the sixth time close with 4400."""
        self.bad_frames += 1
        member.push(frame_of({"t": "err", "code": error.code, "msg": error.reason}))
        if self.bad_frames > protocol.BAD_FRAMES:
            self.close(protocol.BAD_FRAMES_SENT)

    def too_fast(self, text: str | None) -> None:
        """An op is to be sent again later; anything else is dropped; a flood closes the socket."""
        member = self.member
        if member is None:
            return
        if self.rate.is_flood:
            self.close(protocol.TOO_MANY)
            return
        with suppress(BadFrame, BadOp):
            frame = read_frame(text)
            if frame["t"] == "op":
                refusal = {"t": "nack", "cid": read_op(frame).cid, "code": "rate", "retry": 1000}
                member.push(frame_of(with_words(refusal, self.language)))

    # ---- hello

    async def hello(self, member: Member, hello: Hello) -> None:
        """Admit, then welcome, catch up, and tell who is here. A second hello is right only after a resync."""
        if self.room is not None:
            raise BadFrame("hello_twice", "hello was said already")
        if self.deadline is not None:
            # It has come in time; how long the answer takes when two hundred come at once is not the client's fault.
            self.deadline.cancel()
        known = self.house.visitors.get(member)
        if known is None or known.actor.person_id is None:
            return
        admission = await self.house.read(admit, self.scope, self.sheet, hello, known)
        if member.closing is not None:
            return
        self.house.visitors[member] = admission.visitor
        self.house.checked[member] = time.monotonic()
        self.language = admission.visitor.actor.language
        if hello.since > admission.head:
            self.close(protocol.AHEAD_OF_HEAD)
            return
        why = self.reason_to_resync(hello, admission)
        if why:
            url = f"/api/v1/sheets/{self.sheet}/snapshot"
            member.push(frame_of({"t": "resync", "url": url, "head": admission.head, "why": why}))
            self.await_hello(RESYNC_HELLO_SECONDS)
            return
        await self.enter(member, hello.since, admission)

    def reason_to_resync(self, hello: Hello, admission: Admission) -> str:
        """A snapshot is needed when the epoch is another one, or when too much was missed."""
        if hello.epoch is not None and hello.epoch != admission.epoch:
            return "epoch"
        if admission.head - hello.since > protocol.RESYNC_OPS:
            return "behind"
        return ""

    async def enter(self, member: Member, since: int, admission: Admission) -> None:
        """Join the room: welcome, everything after `since`, presence."""
        actor = admission.visitor.actor
        room = await self.house.hub.enter(self.sheet)
        self.room, self.admission = room, admission
        welcome = {
            "t": "welcome",
            "v": protocol.VERSION,
            "conn": member.conn,
            "epoch": admission.epoch,
            "head": admission.head,
            "role": admission.role,
            "can": admission.can,
            "state": admission.state,
            "limits": {"op_bytes": protocol.OP_BYTES, "eph_hz": protocol.EPH_HZ},
        }
        await member.send_now(frame_of(welcome))
        await self.house.hub.catch_up(room, member, since)
        if member.closing is not None:
            room.members.discard(member)
            return
        if admission.is_present:
            member.info = {
                "conn": member.conn,
                "user": actor.person_id,
                "name": actor.name,
                "dept": actor.department_code,
                "role": admission.role,
            }
            await self.house.presence.arrive(room, member)

    # ---- in the room

    def op(self, member: Member, frame: dict[str, Any], text: str) -> None:
        """Queue an op for the next commit; its answer comes after COMMIT, never before."""
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size > protocol.OP_BYTES:
            self.close(protocol.OP_TOO_LARGE)
            return
        try:
            read_op(frame)
        except BadOp as error:
            if error.cid is None:
                raise BadFrame("bad_op", error.reason) from None
        visitor = self.house.visitors.get(member)
        if visitor is None:
            return
        request = OpRequest(actor=visitor.actor, frame=frame, permission_epoch=visitor.permission_epoch)
        language = self.language

        def answer(result: dict[str, Any]) -> None:
            member.push(frame_of(with_words(result, language)))

        def is_wanted() -> bool:
            # Who was put out has sent nothing any more; who only lost his line has.
            return member.closing not in protocol.PUT_OUT

        self.house.committer.submit(self.sheet, request, size, answer, is_wanted)

    def position(self, member: Member, room: Room, seq: int) -> None:
        """A client that has not got what was sent before its last `pos` lags silently: closed, so that it catches up."""
        if seq < self.cur_at_last_pos and not member.waiting:
            log.info("silently_lagging", conn=member.conn, behind=room.cur - seq)
            member.close(protocol.SLOW_CONSUMER)
        self.cur_at_last_pos = room.cur
