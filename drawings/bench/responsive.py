"""Does the web stay quick while two large drawings are prepared (两图并行时的网页响应)?"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from drawings.bench.row import Row, row
from drawings.cad import sandbox

WEB_GOAL_MS = 200.0
"""What a person does not feel."""
REPOSITORY = Path(__file__).resolve().parents[2]
IDLE_SECONDS = 4.0
PAUSE = 0.05


def responsive_row(source: Path, say: Callable[[str], None]) -> Row:
    """p95 of /healthz on a web process of its own while two files are prepared, each in its sandbox as the queue does it."""
    say("two drawings at once, and the web")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--log-level", "error"]
    server = subprocess.Popen(
        command, cwd=REPOSITORY, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until_up(port)
        ends = time.monotonic() + IDLE_SECONDS
        idle = asked(port, lambda: time.monotonic() < ends)
        makers = [
            threading.Thread(
                target=sandbox.run,
                args=("prepare", source, source.with_name(f"twin-{twin}.out")),
                kwargs={"name": source.name},
            )
            for twin in (1, 2)
        ]
        begun = time.monotonic()
        for maker in makers:
            maker.start()
        busy = asked(port, lambda: any(maker.is_alive() for maker in makers))
        took = time.monotonic() - begun
    finally:
        server.terminate()
        server.wait(timeout=20)
    p95, quiet = quantiles(busy, n=20)[-1], quantiles(idle, n=20)[-1]
    note = f"{len(busy)} requests in {took:.0f} s while two files were prepared; idle p95 {quiet:.1f} ms"
    return row("web answer while two drawings are prepared, p95 of /healthz", p95, unit="ms", goal=WEB_GOAL_MS,
               met=p95 < WEB_GOAL_MS, note=note)  # fmt: skip


def get(port: int) -> None:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        if connection.getresponse().status != 200:
            raise RuntimeError("the web is not well")
    finally:
        connection.close()


def until_up(port: int) -> None:
    """Wait for the server, a minute at most."""
    deadline = time.monotonic() + 60
    while True:
        try:
            get(port)
        except (http.client.HTTPException, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def asked(port: int, going_on: Callable[[], bool]) -> list[float]:
    """Milliseconds of request after request."""
    spent: list[float] = []
    while going_on() or len(spent) < 20:
        begun = time.perf_counter()
        get(port)
        spent.append((time.perf_counter() - begun) * 1000)
        time.sleep(PAUSE)
    return spent
