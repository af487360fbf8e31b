"""Rooms in processes of their own, with a PostgreSQL and a Valkey of their own: for tests that kill all of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.launcher import processes
from config.launcher.child import Child
from config.launcher.nursery import Nursery
from config.launcher.postgres import EmbeddedPostgres, programs
from config.launcher.valkey import EmbeddedValkey, free_port
from config.launcher.warden import Warden
from tests.databases import ROOT, database_url, migrated

HOST = "127.0.0.1"
# A commit is answered when the system has it: that outlives every kill. Only a power cut would ask for fsync as well, and with it
# PostgreSQL spends seconds after each kill on syncing what the system still holds.
SETTINGS = {"synchronous_commit": "on", "fsync": "off", "shared_buffers": "64MB"}
DATABASE = "live_rooms"


class Ground:
    """Two web processes that share one room, a worker, PostgreSQL and Valkey; each may be killed and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lianshen-rooms-"))
        self.folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must come in
        (self.folder / "static").mkdir()
        self.postgres = EmbeddedPostgres(self.folder / "pg", self.folder / "postgres.log", settings=SETTINGS)
        self.valkey = EmbeddedValkey(self.folder / "valkey", self.folder / "valkey.log", durable=False)
        self.ports = [free_port(), free_port()]
        self.origin = f"http://{HOST}:{self.ports[0]}"
        self.commands = {f"web-{port}": processes.web(HOST, port) for port in self.ports}
        self.commands["worker"] = processes.worker("default")
        self.children: dict[str, Child] = {}
        self.warden = Warden()
        self.nursery: Nursery | None = None
        self.room: dict[str, Any] = {}

    def environment(self) -> dict[str, str]:
        """What every process is told."""
        return {
            **os.environ,
            "LIANSHEN_MODE": "demo",
            "LIANSHEN_VAR": str(self.folder),
            "PUBLIC_ORIGINS": self.origin,
            "DATABASE_URL": self.postgres.url_of(DATABASE),
            "REDIS_URL": self.valkey.url,
            "LIANSHEN_BUS": "redis",
            "LIANSHEN_ROOM_RATE": "1000",
            "LIANSHEN_ROOM_SOCKETS": "100",
        }

    def open(self) -> None:
        """Fill the database, make the room, start everything."""
        for server in (self.postgres, self.valkey):
            child = server.start()
            self.warden.watch(child.pid, child.polite)
        # A process that has the product loaded forks all others: a restart then costs a twentieth of a second.
        self.nursery = Nursery.open(self.environment(), ROOT, self.log_of("nursery"))
        self.warden.watch(self.nursery.process.pid, signal.SIGTERM)
        self.fill()
        self.start("seed", [sys.executable, "-m", "realtime.bench.seed"])
        assert self.children.pop("seed").wait(60)
        self.room = json.loads(self.log_of("seed").read_text().splitlines()[-1])
        for name, command in self.commands.items():
            self.start(name, command)
        for port in self.ports:
            self.wait(port)

    def fill(self) -> None:
        """The tables of the run's migrated database, copied from its server to this one: a second instead of twenty."""
        made = self.postgres.client("createdb", DATABASE)
        assert made.returncode == 0, made.stderr
        dump = [str(programs() / "pg_dump"), "--no-owner", "--dbname", database_url(migrated())]
        load = [str(self.postgres.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
        load += ["-h", str(self.postgres.sockets), "-U", "postgres", "-d", DATABASE]
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as reading:
            subprocess.run(load, stdin=reading.stdout, check=True)
        assert reading.returncode == 0

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start(self, name: str, command: list[str] | None = None) -> None:
        """Start one of our processes (again)."""
        assert self.nursery is not None
        child = self.nursery.spawn(name, command or self.commands[name], self.log_of(name), {"LIANSHEN_PROCESS": name})
        self.children[name] = child
        self.warden.watch(child.pid, signal.SIGTERM)

    def kill(self, name: str) -> None:
        """SIGKILL, by pid: one of our processes, `valkey`, or `postgres` with every process of its own."""
        if name == "postgres":
            assert self.postgres.child is not None
            parent = self.postgres.child.pid
            family = [parent, *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())]
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.postgres.child.wait(10)
            wait_until(lambda: not any(is_alive(pid) for pid in family), 10, lambda: family)
        elif name == "valkey":
            assert self.valkey.child is not None
            os.kill(self.valkey.child.pid, signal.SIGKILL)
            self.valkey.child.wait(10)
        else:
            child = self.children.pop(name)
            os.kill(child.pid, signal.SIGKILL)
            # Until it is buried: as a zombie it may have threads left that hold its port.
            assert child.wait(10)

    def start_again(self, name: str) -> None:
        """After a kill."""
        if name in {"postgres", "valkey"}:
            child = (self.postgres if name == "postgres" else self.valkey).start()
            self.warden.watch(child.pid, child.polite)
        else:
            self.start(name)

    def state(self) -> dict[str, Any]:
        """Who runs, and the last lines each has written: for the message of a failure."""
        return {name: (child.is_running(), child.last_lines(6)) for name, child in self.children.items()}

    def wait(self, port: int, seconds: float = 60) -> None:
        """Until this web process answers HTTP."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5).close()
                return
            time.sleep(0.05)
        raise RuntimeError(f"web on {port} does not answer\n{self.log_of(f'web-{port}').read_text()[-3000:]}")

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection to the rooms' database."""
        with psycopg.connect(self.postgres.url_of(DATABASE)) as connection:
            yield connection

    def close(self) -> None:
        """End everything and throw the data away."""
        if self.nursery is not None:
            for child in self.children.values():
                child.kill()
            self.nursery.close()
        self.valkey.stop()
        if self.postgres.child is not None and self.postgres.child.is_running():
            self.kill("postgres")
        self.postgres.stop()
        self.warden.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Does it still run? A zombie that nobody has buried does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Any, seconds: float, what: Any = lambda: "") -> None:
    """Fail with `what()` when the condition does not come true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what()}")
        time.sleep(0.02)
