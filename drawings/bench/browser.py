"""The viewer against dxf-viewer in the same Chromium (浏览器对比): whole picture, bytes on the wire, frames of a pan.

Both get their files gzipped from the same plain server and are bundled by the same tool; both draw 1280 x 800 with software GL.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from drawings.bench.row import Row, absent, row

PICTURE_GOAL = 1.0
BYTES_GOAL = 1 / 0.8
FRAME_GOAL = 2.0
TURNS = 3
LEAST_INK = 300
"""Pixels that differ from the paper; below, a page has drawn nothing."""
PATIENCE_MS = 300_000
HERE = Path(__file__).resolve().parent / "peers"
ROLLDOWN = HERE.parents[2] / "frontend" / "node_modules" / ".bin" / "rolldown"
PAGE = b"<!doctype html><meta charset=utf-8><body></body>"


class Wire(http.server.BaseHTTPRequestHandler):
    """Files of one folder, gzipped, counted by the first step of their address."""

    folder: Path
    sent: dict[str, int]

    def do_GET(self) -> None:
        path = self.path.split("?")[0].strip("/")
        found = self.folder / path
        if not path:
            body, packed = PAGE, False
        elif found.is_file():
            twin = found.with_name(found.name + ".gz")
            packed = found.suffix != ".webp" and (twin.is_file() or found.suffix not in {".json", ".bin"})
            body = twin.read_bytes() if packed and twin.is_file() else found.read_bytes()
            if packed and not twin.is_file():
                body = gzip.compress(body, 6)
                twin.write_bytes(body)
        else:
            self.send_error(404)
            return
        kinds = {".js": "text/javascript", ".json": "application/json", ".webp": "image/webp", "": "text/html"}
        self.send_response(200)
        self.send_header("Content-Type", kinds.get(Path(path).suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)
        who = path.split("/")[0]
        self.sent[who] = self.sent.get(who, 0) + len(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        pass


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """A server of `folder`; its address and what it sent."""
    sent: dict[str, int] = {}
    handler = type("Here", (Wire,), {"folder": folder, "sent": sent, "protocol_version": "HTTP/1.1"})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
    finally:
        server.shutdown()


def browser_rows(
    source: Path, out: Path, label: str, say: Callable[[str], None], *, wanted: bool, turns: int = TURNS
) -> list[Row]:
    """Ours against dxf-viewer; what is missing for it is said in the rows."""
    names = [f"{what} of {label}, against dxf-viewer" for what in ("whole picture", "bytes", "pan frame")]
    why = missing(wanted=wanted)
    if why:
        units = (("s", PICTURE_GOAL), ("MB", BYTES_GOAL), ("ms", FRAME_GOAL))
        return [
            absent(name, 0.0, unit=unit, goal=goal, why=why) for name, (unit, goal) in zip(names, units, strict=True)
        ]
    say(f"{label} in the browser, ours and dxf-viewer in turns")
    folder = out.parent / f"wire-{source.stem}"
    folder.mkdir(exist_ok=True)
    for name in ("ours.ts", "theirs.js"):
        target = folder / f"{Path(name).stem}.js"
        subprocess.run(
            [str(ROLLDOWN), str(HERE / name), "--file", str(target), "--format", "esm", "--minify"],
            check=True, capture_output=True, cwd=HERE,
        )  # fmt: skip
    (folder / "sheet").symlink_to(out / "model") if not (folder / "sheet").exists() else None
    (folder / "plan").mkdir(exist_ok=True)
    if not (folder / "plan" / "plan.dxf").exists():
        (folder / "plan" / "plan.dxf").symlink_to(source)
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    with serving(folder) as (address, sent):
        for _turn in range(turns):
            ours.append(seen(address, "ours", "/sheet/"))
            theirs.append(seen(address, "theirs", "/plan/plan.dxf"))
    if any(one["failed"] for one in ours) or min(one["ink"] for one in (*ours, *theirs)) < LEAST_INK:
        raise RuntimeError(f"nothing drawn: {ours[0]}, {theirs[0]}")
    mine, peer = sent["sheet"] / turns + overview_bytes(out), sent["plan"] / turns
    note = "both without program code and fonts; ours with the overview and every layer's texts"
    made = []
    for name, unit, goal, (a, b), more in (
        (names[0], "s", PICTURE_GOAL, timed(ours, theirs, lambda one: one["picture"] / 1000), ""),
        (names[1], "MB", BYTES_GOAL, (mine / 2**20, peer / 2**20), note),
        (names[2], "ms", FRAME_GOAL, timed(ours, theirs, lambda one: median(one["frames"])), ""),
    ):
        made.append(row(name, a, unit=unit, peer=b, goal=goal, met=b / a >= goal, note=more))
    return made


def overview_bytes(out: Path) -> int:
    return (out / "model" / "overview-dark.webp").stat().st_size


def timed(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]], of: Callable[[dict[str, Any]], float]
) -> tuple[float, float]:
    return median(of(one) for one in ours), median(of(one) for one in theirs)


def missing(*, wanted: bool) -> str:
    """What is not here; empty when all is."""
    if not wanted:
        return "asked for with --peers"
    if not (HERE / "node_modules" / "dxf-viewer").is_dir():
        return "npm ci in drawings/bench/peers"
    if not ROLLDOWN.exists():
        return "the frontend's packages"
    return "" if chromium() is not None else "no Chromium"


@functools.lru_cache(maxsize=1)
def chromium() -> Any:
    """The Chromium of the browser tests; None without one."""
    try:
        from tests.browser.chromium import find_chromium
    except ImportError:
        return None
    return find_chromium()


def seen(address: str, who: str, what: str) -> dict[str, Any]:
    """One page of a fresh browser."""
    from playwright.sync_api import sync_playwright

    found = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.path, args=list(found.args), env={**os.environ, **found.env}
        )
        try:
            page = browser.new_page(viewport={"width": 1300, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            page.goto(address + "/")
            page.add_script_tag(url=f"{address}/{who}.js", type="module")
            page.wait_for_function("window.measure !== undefined")
            page.evaluate("what => window.measure(what)", what if who == "theirs" else address + what)
            told: dict[str, Any] = page.evaluate("window.measured")
        finally:
            browser.close()
    return told
