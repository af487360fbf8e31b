"""Rows beside ours, without a goal: servers that hand ops on and store nothing. None of them is durable, none checks anything.

The two bare loops meet the same load as ours. y-websocket and Hocuspocus meet their own clients, on Node; how busy those were is
said, for a client that is a whole core busy measures itself.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from django.conf import settings

from config.launcher.valkey import free_port
from realtime.bench.ground import HOST, Ground, end, run_loop
from realtime.bench.load import Crowd, windows
from realtime.bench.rows_of import Row, row

PACKAGES = settings.BASE_DIR / "tests" / "peers"
SENDERS = 10
NODE_SERVERS = {"bare Node ws": ["bare.mjs"], "y-websocket": ["crdt_server.mjs"], "Hocuspocus": ["crdt_server.mjs"]}
KINDS = {"y-websocket": "y-websocket", "Hocuspocus": "hocuspocus"}

Say = Callable[[str], None]


def measure_peers(ground: Ground, crowds: Sequence[int], seconds: float, *, runs: int, say: Say) -> list[Row]:
    """Marks a second that reach everybody, ten writers, for each peer that is here; who is absent is named."""
    names = ["bare uvicorn"]
    node = shutil.which("node")
    if node is None or not (PACKAGES / "node_modules").is_dir():
        say("ABSENT, not measured: bare Node ws, y-websocket, Hocuspocus. Run `npm ci` in tests/peers (needs Node 20).")
    else:
        names += NODE_SERVERS
    figures: dict[tuple[str, int], list[tuple[float, float | None]]] = {}
    for people in crowds:
        for turn in range(runs):
            for name in names:
                say(f"peer {name}, {people} pages, run {turn + 1} of {runs}")
                figures.setdefault((name, people), []).append(one_run(ground, name, people, seconds))
    return [peer_row(name, people, found) for (name, people), found in figures.items()]


def peer_row(name: str, people: int, found: list[tuple[float, float | None]]) -> Row:
    """The median with its spread, and how busy the clients were."""
    rates = [rate for rate, _busy in found]
    made = row(
        f"peer, not durable: {name}, {people} pages",
        round(median(rates), 1),
        unit="marks/s",
        goal=None,
        met=None,
        runs=rates,
    )
    busy = [share for _rate, share in found if share is not None]
    return {**made, "clients_busy": round(max(busy), 2)} if busy else made


def one_run(ground: Ground, name: str, people: int, seconds: float) -> tuple[float, float | None]:
    """Marks a second, and the share of a core that the clients used (where they measure it)."""
    with serving(name) as port:
        if name in KINDS:
            load = ["node", "crdt_load.mjs", KINDS[name], str(port), str(people), str(SENDERS), str(seconds)]
            done = subprocess.run(load, cwd=PACKAGES, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                raise RuntimeError(f"the clients of {name} failed:\n{done.stderr[-2000:]}")
            answer = json.loads(done.stdout.splitlines()[-1])
            return float(answer["rate"]), float(answer["cpu"])

        async def work() -> float:
            async with Crowd(f"ws://{HOST}:{port}/", list(ground.room["cookies"].values()), "none", people) as pages:
                await windows(pages, seconds / 4, senders=SENDERS)
                return await windows(pages, seconds, senders=SENDERS)

        return run_loop(work()), None


@contextmanager
def serving(name: str) -> Iterator[int]:
    """The peer in a process of its own; gives its port."""
    port = free_port()
    if name == "bare uvicorn":
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "realtime.bench.bare:application",
            "--host",
            HOST,
            "--port",
            str(port),
        ]
        command += ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--lifespan", "off"]
        command += ["--log-level", "error", "--no-access-log"]
    else:
        command = ["node", *NODE_SERVERS[name], *([KINDS[name]] if name in KINDS else []), str(port)]
    folder = settings.BASE_DIR if name == "bare uvicorn" else PACKAGES
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not Ground.wait_for(port, lambda: process.poll() is None):
            raise RuntimeError(f"{name} does not start")
        yield port
    finally:
        end(process)
