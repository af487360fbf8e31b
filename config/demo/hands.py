"""Stories told side by side, each by a process of its own: they share nothing but the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

MOST = 4
Begin = Callable[..., Future[None]]


def come_in() -> None:
    """What a new process needs before its first story."""
    # Nobody is told of a single act before all is there, so no commit need wait for the disk.
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"


@contextmanager
def hands() -> Iterator[Begin]:
    """`begin(story, *arguments)` for as many processes as there are cores; leaving waits for what was begun.

    Forks, which have loaded the product already; what is open to the database is closed before, as forks would share
    the socket. Celery and the client of Redis look after theirs.
    """
    count = min(MOST, os.cpu_count() or 1)
    with ProcessPoolExecutor(count, mp_context=get_context("fork"), initializer=come_in) as pool:
        for connection in connections.all():
            connection.close()
            if isinstance(connection, DatabaseWrapper):
                connection.close_pool()
        pool.submit(os.getpid).result()  # the first begins every process
        yield pool.submit
