"""A scratch database with one room, and servers on it; all of it is gone afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import uvloop
from django.conf import settings

from config.launcher.child import Child
from config.launcher.nursery import Nursery
from config.launcher.valkey import EmbeddedValkey, free_port

T = TypeVar("T")
HOST = "127.0.0.1"
START_SECONDS = 60.0
# The figure of a crowd from few accounts is not the figure of a limit: both are raised, and the rows say so.
RAISED = {"LIANSHEN_ROOM_RATE": "100000", "LIANSHEN_ROOM_SOCKETS": "10000"}
ROOMS = "realtime.bench.server:application"
APPLICATIONS = {"stock": "realtime.bench.stock:application"}


class Ground:
    """Where a measurement runs. Servers are forked from a process that has the product loaded: one starts in half a second."""

    def __init__(self) -> None:
        self.database = f"scratch_bench_{secrets.token_hex(4)}"
        self.folder = Path(tempfile.mkdtemp(prefix="lianshen-bench-"))
        self.room: dict[str, Any] = {}
        self.pid = 0
        self.valkey = EmbeddedValkey(self.folder / "valkey", self.folder / "valkey.log", durable=False)
        self.nurseries: dict[tuple[tuple[str, str], ...], Nursery] = {}
        # What was acknowledged, or has reached every page, through a durable room: the table must have it, once.
        self.promised: set[str] = set()

    def server(self, **options: Any) -> psycopg.Connection[Any]:
        """A connection to the database server of the settings."""
        default = settings.DATABASES["default"]
        return psycopg.connect(
            host=str(default["HOST"]) or None,
            port=str(default["PORT"]) or None,
            user=str(default["USER"]) or None,
            password=str(default["PASSWORD"]) or None,
            dbname="postgres",
            autocommit=True,
            **options,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """What a process on this ground is told."""
        default = settings.DATABASES["default"]
        user, password = default["USER"], default["PASSWORD"]
        host, port = default["HOST"], default["PORT"]
        who = f"{user}:{password}@" if password else f"{user}@"
        place = (
            f"/{self.database}?host={host}" if str(host).startswith("/") else f"{host}:{port or 5432}/{self.database}"
        )
        return {
            **os.environ,
            **RAISED,
            "LIANSHEN_MODE": "demo",
            "LIANSHEN_VAR": str(self.folder),
            "LIANSHEN_BUS": "local",
            "DATABASE_URL": f"postgresql://{who}{place}",
            **more,
        }

    def prepare(self) -> None:
        """Make the database and the room."""
        with self.server() as server:
            server.execute(f'CREATE DATABASE "{self.database}"')
        self.run("manage.py", "migrate", "--verbosity", "0", "--skip-checks")
        self.room = json.loads(self.run("-m", "realtime.bench.seed").splitlines()[-1])

    def run(self, *arguments: str) -> str:
        """A command on the scratch database."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[-1]} ended with {done.returncode}\n{done.stderr[-4000:]}")
        return done.stdout

    def nursery(self, **environment: str) -> Nursery:
        """What forks servers with these settings; loaded at the first call."""
        key = tuple(sorted(environment.items()))
        if key not in self.nurseries:
            log = self.folder / f"nursery-{len(self.nurseries)}.log"
            self.nurseries[key] = Nursery.open(self.environment(**environment), settings.BASE_DIR, log)
        return self.nurseries[key]

    def spawn(self, store: str, port: int, **environment: str) -> Child:
        """A server with this store on this port, in a process of its own; returns when the port is open."""
        command = [sys.executable, "-m", "uvicorn", APPLICATIONS.get(store, ROOMS), "--host", HOST]
        command += ["--port", str(port), "--ws", "websockets-sansio", "--ws-max-size", "131072", "--lifespan", "off"]
        command += ["--ws-per-message-deflate", "false", "--log-level", "error", "--no-access-log"]
        chosen = {"LIANSHEN_BENCH_STORE": store}
        child = self.nursery(**environment).spawn(f"bench-{port}", command, self.folder / f"{store}.log", chosen)
        try:
            self.wait(port, child)
        except BaseException:
            child.kill()
            raise
        return child

    def url(self, port: int) -> str:
        """The address of the room on this port."""
        return f"ws://{HOST}:{port}/ws/sheets/{self.room['sheet']}/"

    @contextmanager
    def serving(self, store: str, **environment: str) -> Iterator[str]:
        """A server with this store; gives the address of the room, its process id is `pid`."""
        port = free_port()
        child = self.spawn(store, port, **environment)
        self.pid = child.pid
        try:
            yield self.url(port)
        finally:
            # Nothing to be polite about: what it promised is in the table.
            child.kill()

    def head(self) -> int:
        """The room's last seq: pages of a measurement begin there, not at the start of a log that grows from run to run."""
        return int(self.ask("SELECT seq FROM drawings_sheet WHERE id = %s", self.room["sheet"])[0][0])

    def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the scratch database."""
        with psycopg.connect(self.environment()["DATABASE_URL"]) as connection:
            return connection.execute(question, values).fetchall()

    @staticmethod
    def wait_for(port: int, is_running: Callable[[], bool]) -> bool:
        """Until the port is open; False when the process ended first or took too long."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and is_running():
            with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                return True
            time.sleep(0.02)
        return False

    def wait(self, port: int, child: Child) -> None:
        """Until the port is open."""
        if self.wait_for(port, child.is_running):
            return
        logs = "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))
        raise RuntimeError(f"the server does not start\n{logs}")

    def close(self) -> None:
        """End what forks servers and drop the database."""
        for nursery in self.nurseries.values():
            nursery.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        with self.server() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run the load on uvloop, as the server runs: a slow client measures itself."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def end(process: subprocess.Popen[bytes]) -> None:
    """Politely, then not."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def memory_mb(pid: int) -> float:
    """Resident memory of a process, in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no VmRSS of {pid}")
