"""Writing in a sheet's op log (图幅操作日志): the one function that commits ops, for sockets, HTTP and workers alike.

The sheet's row lock is held from the first question to COMMIT, so commit order is seq order: no gaps, no late arrivals.
Nothing here is acknowledged or sent: the caller does that with the returned Commit, after the transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction

from accounts.access import asked_of, can, kept_questions
from accounts.queries import permission_epochs_sql
from drawings.actions.statements import (
    OpRow,
    Statement,
    first_seqs,
    in_one_go,
    insert_marks,
    insert_ops,
    lock_sheet,
    marks_in,
    marks_named,
    move_head,
    update_marks,
)
from drawings.events import PeopleMentioned
from drawings.models import Sheet
from drawings.queries.log import instant
from drawings.rules.fold import reply_of
from drawings.rules.marks import Fields
from drawings.rules.op_chain import hash_op
from drawings.rules.ops import PERMISSION, SYSTEM_KINDS, Accepted, BadOp, Nack, Op, Writer, decide_op, read_op
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.doorbell import ring
from ledger.errors import DomainError, NotFound
from ledger.record import record

log = structlog.get_logger()


@dataclass(frozen=True)
class OpRequest:
    """One op somebody asks for. `permission_epoch` is the one his socket began with; None: the actor is fresh."""

    actor: Actor
    frame: Mapping[str, Any]
    permission_epoch: int | None = None


@dataclass(frozen=True)
class Commit:
    """What a commit did: one ack or nack per request, in order, and the new rows of the log as they are sent."""

    results: list[Fields]
    ops: list[Fields] = field(default_factory=list)
    head: int = 0


class LogWriter:
    """Appends rows to the log of one locked sheet; `write` stores them and moves the sheet's head."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.seq = sheet.seq
        self.head_hash = bytes(sheet.head_hash)
        self.at = now()
        self.at_text = instant(self.at)
        self.rows: list[OpRow] = []

    def append(
        self,
        kind: str,
        *,
        actor: Actor,
        p: Fields,
        obj: str | None = None,
        ver: int | None = None,
        cid: str | None = None,
    ) -> Fields:
        """Add one row; returns it as it is sent to clients."""
        sent: Fields = {
            "seq": self.seq + 1,
            "cid": cid or f"sys:{uuid.uuid4().hex}",
            "k": kind,
            "obj": obj,
            "ver": ver,
            "by": actor.person_id,
            "dept": actor.department_code,
            "at": self.at_text,
            "p": p,
        }
        hashed = hash_op(self.head_hash, str(self.sheet.pk), {**sent, "post": actor.post_id})
        row = OpRow(
            seq=sent["seq"],
            cid=sent["cid"],
            k=kind,
            obj=obj,
            ver=ver,
            by=actor.person_id,
            dept=actor.department_code,
            post_id=actor.post_id,
            at=self.at,
            p=p,
            prev_hash=self.head_hash,
            hash=hashed,
        )
        self.seq, self.head_hash = row.seq, hashed
        self.rows.append(row)
        return sent

    def write(self, also: Sequence[Statement] = (), *, announce: bool = True) -> None:
        """Store the rows, the sheet's head, and what the caller changes with them (`also`), in one go.

        Rings the sheet's doorbell after the commit unless the caller does.
        """
        if not self.rows:
            return
        self.sheet.seq, self.sheet.head_hash = self.seq, self.head_hash
        head = move_head(self.sheet.pk, self.seq, self.head_hash, self.sheet.state, self.sheet.round_id)
        in_one_go([insert_ops(self.sheet.pk, self.rows), head, *also])
        if announce:
            # `ask`: what people may do here has changed; open sockets are asked again.
            asks = any(row.k in SYSTEM_KINDS for row in self.rows)
            ring(f"sheet:{self.sheet.pk}", {"seq": self.seq, "ask": asks})


def commit_ops(sheet_id: UUID, requests: Sequence[OpRequest], *, announce: bool = True) -> Commit:
    """Decide and write ops on one sheet, in order: for sockets, HTTP and workers alike (realtime.md section 4.1).

    Every request gets its own answer; a refused one leaves no trace. A replay of an accepted op is answered with the
    first seq and `dup`, whatever has happened since. Raises NotFound when there is no such sheet, and OperationalError or
    InterfaceError when the database is away: nothing of the batch is then stored. An op that the database refuses for
    whatever reason is answered `invalid` without harm to its neighbours.
    """
    try:
        return commit_batch(sheet_id, requests, announce=announce)
    except (DomainError, OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(requests) > 1:
            middle = len(requests) // 2
            first = commit_ops(sheet_id, requests[:middle], announce=announce)
            second = commit_ops(sheet_id, requests[middle:], announce=announce)
            return Commit(first.results + second.results, first.ops + second.ops, max(first.head, second.head))
        cid = requests[0].frame.get("cid")
        log.error("poison_op", sheet=str(sheet_id), cid=cid, exc_info=error)
        return Commit([nack(cid if isinstance(cid, str) else None, Nack("invalid"))])


@transaction.atomic
def commit_batch(sheet_id: UUID, requests: Sequence[OpRequest], *, announce: bool) -> Commit:
    """One transaction: all of the batch or, when the database refuses something in it, nothing."""
    batch = Batch(sheet_id, requests)
    results = [batch.decide(request, op) for request, op in zip(requests, batch.read, strict=True)]
    batch.store(announce=announce)
    return Commit(results=results, ops=batch.sent, head=batch.sheet.seq)


class Batch:
    """The facts of one batch, asked for together behind the sheet's lock, and what they become."""

    def __init__(self, sheet_id: UUID, requests: Sequence[OpRequest]) -> None:
        self.sent: list[Fields] = []
        self.created: dict[str, None] = {}
        self.changed: set[str] = set()
        self.mentions: list[tuple[Actor, PeopleMentioned]] = []
        self.writers: dict[tuple[Actor, str], Writer] = {}
        self.read = [read_or_bad(request.frame) for request in requests]
        pairs = zip(requests, self.read, strict=True)
        ops = [(request.actor, op) for request, op in pairs if isinstance(op, Op)]
        people = {request.actor.person_id for request in requests if request.actor.person_id is not None}
        self.questions = {
            (actor, name): kept_questions(actor, name, Sheet)
            for actor, name in {(a, PERMISSION[op.k]) for a, op in ops}
        }
        kept = list(dict.fromkeys(question for asked in self.questions.values() for question in asked or ()))
        answers = in_one_go(
            [
                lock_sheet(sheet_id),
                Statement(*permission_epochs_sql(people)),
                first_seqs(sheet_id, people, {op.cid for _actor, op in ops}),
                # The marks the ops name, on whatever sheet they are.
                marks_named({op.obj for _actor, op in ops}),
                *(Statement(*asked_of(question, sheet_id)) for question in kept),
            ]
        )
        if not answers[0]:
            raise NotFound
        [(seq, head_hash, state, round_id)] = answers[0]
        # No more of the sheet than the log needs; it is never saved.
        self.sheet = Sheet(pk=sheet_id, seq=seq, head_hash=head_hash, state=state, round_id=round_id)
        self.log = LogWriter(self.sheet)
        self.epochs: dict[int, int] = dict(answers[1])
        self.first = {(by, cid): (seq, ver) for by, cid, seq, ver in answers[2]}
        self.marks = marks_in(answers[3])
        self.true = {question for question, rows in zip(kept, answers[4:], strict=True) if rows}

    def decide(self, request: OpRequest, op: Op | BadOp) -> Fields:
        """One op's answer; an accepted op changes the batch's picture of the marks for those after it."""
        if isinstance(op, BadOp):
            return nack(op.cid, Nack("invalid", why=op.reason))
        actor = request.actor
        known = self.first.get((actor.person_id or 0, op.cid))
        if known is not None:
            return {"t": "ack", "cid": op.cid, "seq": known[0], "ver": known[1], "dup": True}
        outcome = decide_op(
            sheet=str(self.sheet.pk),
            state=self.sheet.state,
            mark=self.marks.get(op.obj),
            writer=self.writer_for(request, op),
            op=op,
        )
        if isinstance(outcome, Nack):
            return nack(op.cid, outcome)
        return self.accept(actor, op, outcome)

    def accept(self, actor: Actor, op: Op, outcome: Accepted) -> Fields:
        """Append the op and note its effect."""
        mark = outcome.mark
        sent = self.log.append(op.k, actor=actor, p=outcome.p, obj=op.obj, ver=mark.ver, cid=op.cid)
        if op.k == "reply":
            mark = replace(mark, thread=(*mark.thread, reply_of(sent)))
            named = [person for person in outcome.p.get("mentions", ()) if person != actor.person_id]
            if named:
                event = PeopleMentioned(sheet_id=self.sheet.pk, obj=op.obj, seq=sent["seq"], people=named)
                self.mentions.append((actor, event))
        self.marks[op.obj] = mark
        if outcome.is_new:
            self.created[op.obj] = None
        elif op.obj not in self.created:
            self.changed.add(op.obj)
        self.first[actor.person_id or 0, op.cid] = (sent["seq"], mark.ver)
        self.sent.append(sent)
        return {"t": "ack", "cid": op.cid, "seq": sent["seq"], "ver": mark.ver}

    def writer_for(self, request: OpRequest, op: Op) -> Writer:
        """What this person may do on this sheet, from the permission table, asked once per batch and action.

        A socket whose person lost something since it began may do nothing: it is about to be closed.
        """
        actor, name = request.actor, PERMISSION[op.k]
        key = (actor, f"{name}@{request.permission_epoch}")
        writer = self.writers.get(key)
        if writer is None:
            person = actor.person_id
            stale = request.permission_epoch is not None and (
                person is None or self.epochs.get(person) != request.permission_epoch
            )
            allowed = person is not None and not stale and self.may(actor, name)
            writer = Writer(
                person_id=person or 0,
                department_code=actor.department_code,
                may=frozenset({name}) if allowed else frozenset(),
            )
            self.writers[key] = writer
        return writer

    def may(self, actor: Actor, name: str) -> bool:
        """What the permission table says, by the answers that came with the lock where its questions are kept SQL."""
        asked = self.questions[actor, name]
        return can(actor, name, self.sheet) if asked is None else not self.true.isdisjoint(asked)

    def store(self, *, announce: bool) -> None:
        """Write the log rows, the marks they leave, and the sheet's head."""
        marks = []
        if self.created:
            marks.append(insert_marks(self.sheet.pk, [self.marks[obj] for obj in self.created], self.log.at))
        if self.changed:
            marks.append(update_marks(self.sheet.pk, [self.marks[obj] for obj in sorted(self.changed)]))
        self.log.write(marks, announce=announce)
        for actor, event in self.mentions:
            # Not in the project's chain: that is locked before sheets, never after (lifecycle.md).
            record(event, actor=actor, subject=self.sheet)


def read_or_bad(frame: Mapping[str, Any]) -> Op | BadOp:
    """The op in a frame, or what is wrong with it."""
    try:
        return read_op(frame)
    except BadOp as error:
        return error


def nack(cid: str | None, refusal: Nack) -> Fields:
    """The refusal as it is sent."""
    frame: Fields = {"t": "nack", "cid": cid, "code": refusal.code}
    if refusal.cur is not None:
        frame["cur"] = refusal.cur
    if refusal.why:
        frame["why"] = refusal.why
    return frame
