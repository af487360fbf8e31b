"""Stories told side by side, each by a process of its own: they share nothing but the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

MOST = 4
Begin = Callable[..., Future[None]]


def come_in() -> None:
    """What a new process needs before its first story."""
    # Nobody is told of a single act before all is there, so no commit need wait for the disk.
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    import django

    django.setup()
    from config.collector import look_less_often

    look_less_often()


@contextmanager
def hands() -> Iterator[Begin]:
    """`begin(story, *arguments)` for as many processes as there are cores; leaving waits for what was begun.

    New processes rather than forks: a fork would share sockets to the database and to Redis.
    """
    count = min(MOST, os.cpu_count() or 1)
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=come_in) as pool:
        yield pool.submit
