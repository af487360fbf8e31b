"""The whole product as real processes on data of its own: for browser tests and for tests that kill processes."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.launcher import processes
from config.launcher.child import Child
from config.launcher.nursery import Nursery
from config.launcher.postgres import FOR_TESTS, EmbeddedPostgres
from config.launcher.valkey import EmbeddedValkey, free_port
from config.launcher.warden import Warden
from tests.databases import ROOT
from tests.launched import seeded_copy

HOST = "127.0.0.1"


@dataclass
class LiveSystem:
    """Web, workers and beat with the demo city; `kill` and `start` single processes by name."""

    port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="lianshen-live-")))
    children: dict[str, Child] = field(default_factory=dict)
    warden: Warden = field(default_factory=Warden)
    valkey: EmbeddedValkey | None = None
    postgres: EmbeddedPostgres | None = None
    nursery: Nursery | None = None
    commands: Iterator[int] = field(default_factory=itertools.count)

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What every process of this system is told."""
        if self.valkey is None or self.postgres is None:
            raise RuntimeError("the system is not started")
        return {
            **os.environ,
            "LIANSHEN_MODE": "demo",
            "LIANSHEN_VAR": str(self.var),
            "LIANSHEN_PORT": str(self.port),
            "PUBLIC_ORIGINS": self.url,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "PYTHONUTF8": "1",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command on this system; its stdout."""
        status, printed = self.command(*arguments)
        if status:
            raise RuntimeError(f"manage.py {' '.join(arguments)} ended with {status}:\n{printed}")
        return printed

    def command(self, *arguments: str, seconds: float = 120) -> tuple[int, str]:
        """Run a management command as a process of this system, which has loaded the product already: status and stdout."""
        if self.nursery is None:
            raise RuntimeError("the system is not started")
        name = f"command-{next(self.commands)}"
        printed = self.folder / f"{name}.txt"
        words = [sys.executable, "-m", "manage", *arguments]
        child = self.nursery.spawn(name, words, self.var / "log" / f"{name}.log", {}, output=printed)
        if not child.wait(seconds):
            child.kill()
            raise RuntimeError(f"manage.py {' '.join(arguments)} did not end within {seconds} s")
        return child.status or 0, printed.read_text(encoding="utf-8")

    def start_all(self) -> LiveSystem:
        """A copy of the finished demo city, then every process, until /readyz says yes."""
        self.folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must come in
        seeded_copy(self.var)
        logs = self.var / "log"
        self.postgres = EmbeddedPostgres(self.var / "postgres", logs / "postgres.log", settings=FOR_TESTS)
        self.valkey = EmbeddedValkey(self.var / "valkey", logs / "valkey.log", durable=False)
        for child in (self.postgres.start(), self.valkey.start()):
            self.warden.watch(child.pid, child.polite)
        # Four processes import the product once, as in the demo.
        self.nursery = Nursery.open(self.environment(), ROOT, logs / "nursery.log")
        self.warden.watch(self.nursery.process.pid, signal.SIGTERM)
        for name in processes.all_of_them(HOST, self.port):
            self.start(name)
        self.wait_until_ready()
        return self

    def start(self, name: str) -> None:
        """Start one process (again)."""
        if self.nursery is None:
            raise RuntimeError("the system is not started")
        command = processes.all_of_them(HOST, self.port)[name]
        child = self.nursery.spawn(name, command, self.var / "log" / f"{name}.log", {"LIANSHEN_PROCESS": name})
        self.warden.watch(child.pid, child.polite)
        self.children[name] = child

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would; by pid."""
        child = self.children.pop(name)
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)

    def wait_until_ready(self, seconds: float = 90, path: str = "/readyz") -> None:
        """Poll a probe; when it takes too long, fail with the ends of the logs."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(self.url + path, timeout=5) as response:  # noqa: S310 - own address
                    if response.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            dead = [child for child in self.children.values() if not child.is_running()]
            if dead:
                raise RuntimeError(f"{dead[0].name} ended:\n{dead[0].last_lines(40)}")
            time.sleep(0.05)
        logs = "\n".join(f"--- {child.name}\n{child.last_lines(15)}" for child in self.children.values())
        raise RuntimeError(f"not ready after {seconds} s\n{logs}")

    def stop_all(self) -> None:
        """End every process at once and throw its data away: nothing is left to be finished politely."""
        for child in self.children.values():
            child.kill()
        if self.postgres is not None and self.postgres.child is not None:
            os.kill(self.postgres.child.pid, signal.SIGQUIT)
        if self.nursery is not None:
            self.nursery.close()
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.stop()
        self.warden.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)
