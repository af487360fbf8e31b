"""Group commit (成组提交): while one batch of a sheet is being committed, the next one gathers.

A batch is bounded in ops AND bytes: a batch of large ops would be a frame that kicks healthy readers. The database work
runs in a writer executor of its own, so that no page view ever waits in front of it. One op that the database refuses does
not fail its neighbours (`commit_ops` halves the batch until the culprit stands alone).

Nobody is answered before COMMIT; then first the senders (ack, nack), then everybody in the room, then other processes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from drawings.actions import Commit, OpRequest
from ledger.errors import NotFound
from realtime.protocol import dump

log = structlog.get_logger()

BATCH_OPS = 256
BATCH_BYTES = 128 * 1024
QUEUE_OPS = 4000
# Seconds. A frame to one listener costs about 0.1 ms, so a batch waits for company half as long as its frame will take.
GATHERING_PER_LISTENER = 50e-6
LONGEST_GATHERING = 0.01
QUEUE_BYTES = 32 * 1024 * 1024
RETRY_PAUSES = (0.1, 0.4, 1.0)
RETRY_MS = 1000

CommitOps = Callable[[UUID, Sequence[OpRequest]], Commit]
Answer = Callable[[dict[str, Any]], None]
Announce = Callable[[UUID, int, list[str]], None]


@dataclass(frozen=True, slots=True)
class Queued:
    """One op that waits for its commit."""

    request: OpRequest
    size: int
    answer: Answer
    is_wanted: Callable[[], bool]


class Committer:
    """Commits the ops of all sheets of this process; one batch of a sheet at a time, several sheets side by side."""

    def __init__(
        self,
        commit: CommitOps,
        announce: Announce,
        executor: Executor,
        *,
        batch_ops: int = BATCH_OPS,
        batch_bytes: int = BATCH_BYTES,
        listeners: Callable[[UUID], int] = lambda _sheet: 0,
    ) -> None:
        self.commit = commit
        self.listeners = listeners
        self.announce = announce
        self.executor = executor
        self.batch_ops = batch_ops
        self.batch_bytes = batch_bytes
        self.queues: dict[UUID, deque[Queued]] = {}
        self.bytes: dict[UUID, int] = {}
        self.running: dict[UUID, asyncio.Task[None]] = {}

    def submit(
        self,
        sheet: UUID,
        request: OpRequest,
        size: int,
        answer: Answer,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Queue one op; `answer` gets its ack or nack after the commit. A queue that is full answers `retry` at once.

        `is_wanted` is asked when its turn comes: what somebody sent and then lost the right to is dropped, unanswered.
        """
        queue = self.queues.setdefault(sheet, deque())
        if len(queue) >= QUEUE_OPS or self.bytes.get(sheet, 0) + size > QUEUE_BYTES:
            answer(nack_of(request, "retry", retry=RETRY_MS))
            return
        queue.append(Queued(request, size, answer, is_wanted))
        self.bytes[sheet] = self.bytes.get(sheet, 0) + size
        if sheet not in self.running:
            self.running[sheet] = asyncio.create_task(self._drain(sheet))

    async def _drain(self, sheet: UUID) -> None:
        """Commit batch after batch until nothing waits."""
        queue = self.queues[sheet]
        try:
            while queue:
                await asyncio.sleep(self._gathering(sheet))
                batch = self._take(sheet, queue)
                if batch:
                    await self._commit_batch(sheet, batch)
        finally:
            self.running.pop(sheet, None)
            if queue:
                self.running[sheet] = asyncio.create_task(self._drain(sheet))
            else:
                self.queues.pop(sheet, None)
                self.bytes.pop(sheet, None)

    def _gathering(self, sheet: UUID) -> float:
        """Seconds to wait for more ops before a batch: a part of what its frame costs, which is one for every listener."""
        return min(LONGEST_GATHERING, self.listeners(sheet) * GATHERING_PER_LISTENER)

    def _take(self, sheet: UUID, queue: deque[Queued]) -> list[Queued]:
        """The next batch, at most the bounds, though one op always: none only when nothing that waits is wanted."""
        batch: list[Queued] = []
        size = 0
        while queue and len(batch) < self.batch_ops and (not batch or size + queue[0].size <= self.batch_bytes):
            item = queue.popleft()
            self.bytes[sheet] -= item.size
            if item.is_wanted():
                size += item.size
                batch.append(item)
        return batch

    async def _commit_batch(self, sheet: UUID, batch: list[Queued]) -> None:
        """One commit and its answers; whatever goes wrong, everybody in the batch is answered."""
        try:
            done = await self._commit_patiently(sheet, [item.request for item in batch])
        except NotFound:
            for item in batch:
                item.answer(nack_of(item.request, "not_found"))
        except Exception as error:
            log.error("commit_failed", sheet=str(sheet), ops=len(batch), exc_info=error)
            for item in batch:
                item.answer(nack_of(item.request, "retry", retry=RETRY_MS))
        else:
            self._tell(sheet, batch, done)

    async def _commit_patiently(self, sheet: UUID, requests: list[OpRequest]) -> Commit:
        """Try again after a lost connection or a lock timeout: a commit whose fate is unknown answers `dup` then."""
        loop = asyncio.get_running_loop()
        for pause in RETRY_PAUSES:
            try:
                return await loop.run_in_executor(self.executor, self.commit, sheet, requests)
            except (OperationalError, InterfaceError) as error:
                log.warning("commit_tried_again", sheet=str(sheet), error=type(error).__name__)
                await asyncio.sleep(pause)
        return await loop.run_in_executor(self.executor, self.commit, sheet, requests)

    def _tell(self, sheet: UUID, batch: list[Queued], done: Commit) -> None:
        """After the commit: the senders first, then the room."""
        for item, result in zip(batch, done.results, strict=True):
            item.answer(result)
        if done.ops:
            self.announce(sheet, done.ops[0]["seq"], [dump(op) for op in done.ops])

    async def settle(self) -> None:
        """Wait until nothing is queued (tests, shutdown)."""
        while self.running:
            await asyncio.gather(*self.running.values(), return_exceptions=True)


def nack_of(request: OpRequest, code: str, *, retry: int | None = None) -> dict[str, Any]:
    """A refusal that no rule of the op table gave."""
    frame: dict[str, Any] = {"t": "nack", "cid": request.frame.get("cid"), "code": code}
    if retry is not None:
        frame["retry"] = retry
    return frame
