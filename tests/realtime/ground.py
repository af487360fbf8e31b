"""Rooms in processes of their own, on a database of their own: for tests that kill them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from config.launcher import processes
from config.launcher.child import Child, start
from config.launcher.valkey import EmbeddedValkey, free_port
from config.launcher.warden import Warden
from tests.databases import ROOT, database_url, make_copy, on_server

HOST = "127.0.0.1"


class Ground:
    """A scratch database with one room, any number of web processes, and a Valkey where several share rooms."""

    def __init__(self, name: str, *, webs: int = 1) -> None:
        self.database = f"live_lianshen{os.environ.get('LIANSHEN_TEST_SUFFIX', '')}_{name}"
        self.var = Path(tempfile.mkdtemp(prefix="lianshen-rooms-"))
        self.ports = [free_port() for _ in range(webs)]
        self.origin = f"http://{HOST}:{self.ports[0]}"
        self.warden = Warden()
        self.valkey: EmbeddedValkey | None = None
        self.webs: dict[int, Child] = {}
        self.room: dict[str, Any] = {}

    def environment(self) -> dict[str, str]:
        """What every process is told."""
        return {
            **os.environ,
            "LIANSHEN_MODE": "demo",
            "LIANSHEN_VAR": str(self.var),
            "PUBLIC_ORIGINS": self.origin,
            "DATABASE_URL": database_url(self.database),
            "REDIS_URL": self.valkey.url if self.valkey else "redis://127.0.0.1:1/0",
            "LIANSHEN_BUS": "redis" if self.valkey else "local",
            "LIANSHEN_ROOM_RATE": "1000",
            "LIANSHEN_ROOM_SOCKETS": "100",
        }

    def open(self, *, with_valkey: bool = False) -> None:
        """Make the database and the room, start every web process."""
        self.var.chmod(0o755)
        (self.var / "static").mkdir()
        if with_valkey:
            self.valkey = EmbeddedValkey(self.var / "valkey", self.var / "valkey.log", durable=False)
            child = self.valkey.start()
            self.warden.watch(child.pid, child.polite)
        make_copy(self.database)
        self.room = json.loads(self.run("-m", "realtime.bench.seed").splitlines()[-1])
        for port in self.ports:
            self.start(port)
        for port in self.ports:
            self.wait(port)

    def run(self, *arguments: str) -> str:
        """A command on this database."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, port: int) -> None:
        """Start one web process (again)."""
        log = self.var / f"web-{port}.log"
        child = start(f"web-{port}", processes.web(HOST, port), log=log, environment=self.environment(), folder=ROOT)
        self.warden.watch(child.pid, child.polite)
        self.webs[port] = child

    def kill(self, port: int) -> None:
        """SIGKILL one web process, by pid."""
        child = self.webs.pop(port)
        os.kill(child.pid, signal.SIGKILL)
        child.process.wait(10)

    def wait(self, port: int, seconds: float = 90) -> None:
        """Until it answers HTTP."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5).close()
                return
            if not self.webs[port].is_running():
                raise RuntimeError(self.webs[port].last_lines(40))
            time.sleep(0.05)
        raise RuntimeError(f"web on {port} does not answer\n{self.webs[port].last_lines(40)}")

    def close(self) -> None:
        """Stop everything and drop the database."""
        for child in self.webs.values():
            child.ask_to_stop()
        for child in self.webs.values():
            child.stop(8)
        if self.valkey is not None:
            self.valkey.stop()
        self.warden.dismiss()
        on_server(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
