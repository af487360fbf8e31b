"""The supervisor behind `manage.py demo`: start everything in order, say where it is, end everything in order.

port free? > lock of the data folder > PostgreSQL, Valkey > migrate and seed > web, two workers, beat > /readyz.
Ctrl-C or SIGTERM ends with status 0, a child that dies ends it with status 1, and after kill -9 the warden and the
kernel end the children.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

from config.launcher import processes
from config.launcher.child import Child, StartFailed
from config.launcher.nursery import Nursery
from config.launcher.postgres import EmbeddedPostgres
from config.launcher.running import var_folder, write_note
from config.launcher.valkey import EmbeddedValkey
from config.launcher.warden import Warden

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120.0
PREPARE_SECONDS = 600.0
# What --fresh removes: everything the demo wrote. The unpacked test browser stays.
CITY_BEGUN = "city-begun"
DEMO_DATA = ("postgres", "valkey", "blobs", "keys", "log", "static", "demo.json", "running.json", CITY_BEGUN)
HOST = "127.0.0.1"


def say(text: str = "") -> None:
    """To the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into `Stopped`; while stopping, further ones are ignored."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def port_is_free(port: int) -> bool:
    """Can the web server bind it?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@dataclass
class Demo:
    """One running demo."""

    port: int
    var: Path
    fresh: bool = False
    children: list[Child] = field(default_factory=list)
    postgres: EmbeddedPostgres | None = None
    valkey: EmbeddedValkey | None = None
    warden: Warden | None = None
    nursery: Nursery | None = None
    note: Path | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def run(self) -> int:
        """Exit status: 0 when asked to stop, 1 when something failed."""
        try:
            with stoppable(), self.lock():
                try:
                    self.start_all()
                    return self.watch()
                finally:
                    self.stop_all()
        except Stopped:
            say("stopped")
            return 0
        except StartFailed as error:
            say(f"demo: {error}")
            return 1

    @contextmanager
    def lock(self) -> Iterator[IO[str]]:
        """One demo per data folder and per port; said before anything starts."""
        if not port_is_free(self.port):
            other = f"python3 run.py demo --port {self.port + 1}"
            raise StartFailed(f"port {self.port} is taken; choose another one: {other}")
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "demo.lock").open("a+", encoding="utf-8") as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise StartFailed(f"another demo is running on the data in {self.var}") from None
            yield opened

    def start_all(self) -> None:
        """Everything, in order, until /readyz says yes."""
        say("Lianshen 联审 · starting")
        self.warden = Warden()
        logs = self.var / "log"
        self.postgres = EmbeddedPostgres(self.var / "postgres", logs / "postgres.log", tell=say)
        self.postgres.choose_places()
        if self.begins_again():
            self.remove_data()
        (self.var / "static").mkdir(exist_ok=True)
        self.valkey = EmbeddedValkey(self.var / "valkey", logs / "valkey.log")
        self.add(self.valkey.start())
        # The program loads while the database starts.
        self.nursery = Nursery.open(self.environment(), ROOT, logs / "nursery.log")
        self.warden.watch(self.nursery.process.pid, signal.SIGTERM)
        self.add(self.postgres.start())
        self.prepare()
        say("  web, workers and schedule ...")
        for name, command in processes.all_of_them(HOST, self.port).items():
            self.spawn(name, command)
        self.wait_until_ready()
        self.note = write_note(self.environment())
        self.greet()

    def begins_again(self) -> bool:
        """Whether what lies in var/ goes: it was asked for, or the demo city was broken off while it was built."""
        if not self.fresh and (self.var / CITY_BEGUN).exists():
            say("  上次未建完演示城市，现重新建立 the demo city was not finished the last time, it is built anew")
            return True
        return self.fresh

    def remove_data(self) -> None:
        """The demo begins again."""
        folders = [self.var / name for name in DEMO_DATA]
        if self.postgres is not None:
            folders.append(self.postgres.data)  # elsewhere when its user cannot reach var/
        for path in folders:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        """What every child is told; the databases of the surrounding shell are not used."""
        if self.postgres is None or self.valkey is None:
            raise StartFailed("the database is not started yet")
        return {
            **os.environ,
            "LIANSHEN_MODE": "demo",
            "LIANSHEN_VAR": str(self.var),
            "LIANSHEN_PORT": str(self.port),
            "PUBLIC_ORIGINS": f"{self.address},http://localhost:{self.port}",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        }

    def add(self, child: Child) -> Child:
        """Remember a child, and let the warden know it."""
        self.children.append(child)
        if self.warden is not None:
            self.warden.watch(child.pid, child.polite)
        return child

    def spawn(self, name: str, command: list[str]) -> Child:
        """Start one of our own processes."""
        if self.nursery is None:
            raise StartFailed("the program is not loaded yet")
        log = self.var / "log" / f"{name}.log"
        return self.add(self.nursery.spawn(name, command, log, {"LIANSHEN_PROCESS": name}))

    def prepare(self) -> None:
        """Migrate, seed the demo city, note its accounts and its shared drawing in var/demo.json."""
        child = self.spawn("prepare", [sys.executable, "-m", "manage", "prepare_demo"])
        say("  database and demo city ...")
        until = time.monotonic() + PREPARE_SECONDS
        while not child.wait(0.1):
            self.check_children(but=child)
            if time.monotonic() > until:
                raise StartFailed(f"preparing the data took more than {PREPARE_SECONDS:.0f} s; see {child.log}")
        self.children.remove(child)
        if child.status:
            raise StartFailed(f"preparing the data failed:\n{child.last_lines(40)}")

    def wait_until_ready(self) -> None:
        """Poll /readyz: the database, the cache, both workers and the beat must all answer."""
        until = time.monotonic() + READY_SECONDS
        answer = ""
        while time.monotonic() < until:
            self.check_children()
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as response:  # noqa: S310 - own address
                    if response.status == 200:
                        return
            except urllib.error.HTTPError as error:
                answer = error.read().decode("utf-8", "replace")
            except OSError as error:
                answer = str(error)
            time.sleep(0.1)
        raise StartFailed(f"not ready after {READY_SECONDS:.0f} s: {answer}; logs are in {self.var / 'log'}")

    def check_children(self, but: Child | None = None) -> None:
        """A child that has died ends the demo."""
        for child in self.children:
            if child is not but and not child.is_running():
                raise StartFailed(f"{child.name} ended with status {child.status}; its log ends:\n{child.last_lines()}")

    def watch(self) -> int:
        """Until a signal or a death."""
        while True:
            self.check_children()
            time.sleep(0.3)

    def greet(self) -> None:
        """Where everything is."""
        say(f"  ready after {time.monotonic() - self.started:.1f} s")
        say()
        say(f"  {self.address}/")
        path = self.var / "demo.json"
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        accounts = facts.get("accounts", [])
        if accounts:
            say(f"\n  演示账号 demo accounts, all with the password {facts['password']}:")
            for account in accounts:
                say(f"    {account['username']:<12} {account['name']} · {account['title']}")
        if facts.get("room"):
            say("\n  同一张图，两个窗口 one drawing, two windows (planning, and fire in a private window):")
            say(f"    {self.address}{facts['room']['page']}")
        say("\n  Ctrl-C stops everything. Data stay in var/; --fresh begins again.")

    def stop_all(self) -> None:
        """The last started first, so that nobody misses what it works with."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if self.note is not None:
            self.note.unlink(missing_ok=True)
        servers = [child for child in self.children if child.name not in {"postgres", "valkey"}]
        for child in reversed(servers):
            child.ask_to_stop()
        until = time.monotonic() + 8
        for child in reversed(servers):
            if not child.wait(max(0.1, until - time.monotonic())):
                child.kill()
        if self.nursery is not None:
            self.nursery.close()
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()
        if self.warden is not None:
            self.warden.dismiss()


def main(arguments: list[str]) -> int:
    """Read `--port N --fresh` and run; `manage.py demo` comes here before Django is imported."""
    parser = argparse.ArgumentParser(prog="run.py demo", description="The whole system with its demo city.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("LIANSHEN_PORT", "8000")))
    parser.add_argument("--fresh", action="store_true", help="remove the data of earlier demos first")
    given = parser.parse_args(arguments)
    return Demo(port=given.port, var=var_folder(), fresh=given.fresh).run()
