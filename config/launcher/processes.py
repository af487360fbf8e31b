"""The commands of our own processes: the same for the demo, the tests, compose and systemd (deploy/)."""

from __future__ import annotations

import sys
from pathlib import Path

# A frame over 128 KiB closes the socket (1009); a longest op is 64 KiB.
LONGEST_FRAME_BYTES = 128 * 1024
QUEUES = ("default", "drawings")


def web(host: str, port: int) -> list[str]:
    """uvicorn with sockets as realtime.md wants them: compression of live frames costs more than it saves."""
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", host, "--port", str(port)]
    command += ["--ws", "websockets-sansio", "--ws-max-size", str(LONGEST_FRAME_BYTES)]
    command += ["--ws-per-message-deflate", "false", "--no-access-log", "--no-server-header"]
    # uvicorn would otherwise take its own loggers away from ours.
    command += ["--log-config", str(Path(__file__).with_name("uvicorn_logging.json"))]
    return [*command, "--timeout-graceful-shutdown", "5", "--lifespan", "off"]


def worker(queue: str, concurrency: int = 2) -> list[str]:
    """One celery worker for one queue.

    Threads: a task here waits for the database or for a sandboxed process of its own, and nothing is left behind when
    the worker is killed.
    """
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", "--pool", "threads"]
    command += ["--concurrency", str(concurrency), "--queues", queue, "--hostname", f"{queue}@%h"]
    return [*command, "--without-gossip", "--without-mingle"]


def beat() -> list[str]:
    """The static schedule; it stores nothing."""
    return [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat", "--pidfile", ""]


def all_of_them(host: str, port: int) -> dict[str, list[str]]:
    """Every process of the product by name."""
    workers = {f"worker-{queue}": worker(queue) for queue in QUEUES}
    return {"web": web(host, port), **workers, "beat": beat()}
