"""A scratch database with one room, and servers on it; all of it is gone afterwards."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

HOST = "127.0.0.1"
START_SECONDS = 60.0
# The figure of a crowd from few accounts is not the figure of a limit: both are raised, and the rows say so.
RAISED = {"LIANSHEN_ROOM_RATE": "100000", "LIANSHEN_ROOM_SOCKETS": "10000"}


class Ground:
    """Where a measurement runs."""

    def __init__(self) -> None:
        self.database = f"scratch_bench_{secrets.token_hex(4)}"
        self.folder = Path(tempfile.mkdtemp(prefix="lianshen-bench-"))
        self.room: dict[str, Any] = {}

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

    @contextmanager
    def serving(self, store: str) -> Iterator[str]:
        """A server with this store, in a process of its own; gives the address of the room."""
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "realtime.bench.server:application", "--host", HOST]
        command += ["--port", str(port), "--ws", "websockets-sansio", "--ws-max-size", "131072", "--lifespan", "off"]
        command += ["--ws-per-message-deflate", "false", "--log-level", "error", "--no-access-log"]
        with (self.folder / f"{store}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=self.environment(LIANSHEN_BENCH_STORE=store),
                stdout=log,
                stderr=log,
            )
            try:
                self.wait(port, process)
                yield f"ws://{HOST}:{port}/ws/sheets/{self.room['sheet']}/"
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(10)

    def wait(self, port: int, process: subprocess.Popen[bytes]) -> None:
        """Until the port is open."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                return
            time.sleep(0.05)
        logs = "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))
        raise RuntimeError(f"the server does not start\n{logs}")

    def close(self) -> None:
        """Drop the database."""
        with self.server() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
