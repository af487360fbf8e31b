"""Packed line chunks come back as they went in, arcs too, and take few bytes."""

from __future__ import annotations

import gzip
import json
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from drawings.cad.arcs import find_arcs, find_bends
from drawings.cad.chunk_code import pack_handles, pack_lines, unpack_handles, unpack_lines
from drawings.cad.curves import bulged
from drawings.cad.ink import arc_points

ORIGIN = (500_000.0, 4_000_000.0)


def mixed() -> tuple[np.ndarray, np.ndarray]:
    """Lines, a dot, circles, arcs of both directions, a slanted ellipse, a repeated vertex, a straight even run."""
    chance = np.random.default_rng(3)
    turned = np.array([[2.0, 0.4], [-0.3, 0.7]])
    parts = [chance.uniform(0, 900, (k, 2)) for k in (2, 2, 1, 5, 40)]
    parts += [
        arc_points(50, 60, 9, 0, 2 * math.pi),
        arc_points(150, 60, 400, 1, 2.5),
        arc_points(150, 60, 30, 1, 2.5)[::-1],
    ]
    parts += [arc_points(0, 0, 5, 0.2, 5) @ turned + 70, np.zeros((9, 2)), np.linspace((0, 0), (90, 50), 20)]
    xy, _n = bulged(np.array([[0.0, 0], [9, 0], [9, 9]]), np.array([3]), np.array([0.5, 0, 1]), np.array([True]))
    parts.append(xy)
    return np.vstack(parts) + np.array(ORIGIN), np.array([len(part) for part in parts])


def test_lines_and_arcs_come_back() -> None:
    xy, n = mixed()
    starts = np.concatenate([[0], np.cumsum(n)])
    arcs = find_arcs(xy, starts)
    assert arcs.found.tolist() == [False] * 5 + [True] * 4 + [False] * 3
    assert arcs.closed.tolist() == [False] * 5 + [True] + [False] * 6
    entity = np.arange(len(n), dtype=np.uint32) * 7 % 5
    data = pack_lines(xy, n, entity, arcs, ORIGIN)
    back, begins, owners = unpack_lines(data)
    order = [*np.flatnonzero(~arcs.found).tolist(), *np.flatnonzero(arcs.found).tolist()]
    assert owners.tolist() == entity[order].tolist()
    for place, line in enumerate(order):
        given, got = xy[starts[line] : starts[line + 1]], back[begins[place] : begins[place + 1]] + np.array(ORIGIN)
        assert len(given) == len(got)
        assert np.abs(given - got).max() < 1.5e-4
    closed = begins[order.index(5)]
    assert (back[closed] == back[begins[order.index(5) + 1] - 1]).all()


def test_bends_are_found_and_take_few_bytes() -> None:
    """A rounded corner between straight runs, two bends that meet, one turn of more than three quarters, a straight even run."""
    corners = np.array([[0.0, 0], [90, 0], [100, 10], [100, 60], [80, 60], [60, 60]])
    bulge = np.array([0, math.tan(math.pi / 8), 0, 1, -0.5, 0])
    xy, n = bulged(corners, np.array([6]), bulge, np.array([False]))
    full = np.vstack([[[-50.0, 0]], arc_points(0, 0, 9, 0, 2 * math.pi - 0.1)])
    even = np.linspace((0, 200), (90, 250), 20)
    points = np.vstack([xy, full, even])
    counts = np.array([int(n[0]), len(full), 20])
    bends = find_bends(points, counts)
    assert np.round(bends.bulge, 6).tolist()[:3] == [0.414214, 1, -0.5]
    assert len(bends) == 4
    arcs = find_arcs(points, np.concatenate([[0], np.cumsum(counts)]))
    assert not arcs.found.any()
    data = pack_lines(points, counts, np.arange(3, dtype=np.uint32), arcs, (0.0, 0.0))
    back, begins, _owners = unpack_lines(data)
    assert np.diff(begins).tolist() == counts.tolist()
    assert np.abs(back - points).max() < 1e-4
    assert len(data) < 0.6 * 8 * len(points)


def test_nothing_and_nonsense() -> None:
    none = np.zeros((0, 2))
    no = np.zeros(0, dtype=np.int64)
    data = pack_lines(none, no, no.astype(np.uint32), find_arcs(none, np.zeros(1, np.int64)), ORIGIN)
    assert [len(part) for part in unpack_lines(data)] == [0, 1, 0]
    with pytest.raises(ValueError, match="length"):
        unpack_lines(data + b"\x00")


def test_a_thousand_circles_are_small() -> None:
    chance = np.random.default_rng(1)
    parts = [arc_points(*chance.uniform(0, 9000, 2), chance.uniform(5, 60), 0, 2 * math.pi) for _ in range(1000)]
    xy, n = np.vstack(parts), np.full(1000, 97)
    entity = np.arange(1000, dtype=np.uint32)
    packed = pack_lines(xy, n, entity, find_arcs(xy, np.arange(1001) * 97), (4500.0, 4500.0))
    assert len(gzip.compress(packed)) < 0.06 * len(gzip.compress(xy.astype("<f4").tobytes()))


SCRIPT = """
import {{ readFileSync }} from "node:fs";
import {{ decodeChunk }} from "{module}";
const bytes = readFileSync("{chunk}");
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const chunk = decodeChunk({{ file: "geom/0.bin", kind: "line", role: "draw", bytes: bytes.byteLength }}, buffer);
console.log(JSON.stringify({{ xy: [...chunk.xy], start: [...chunk.start], entity: [...chunk.entity] }}));
"""


def test_the_browser_reads_the_same(tmp_path: Path) -> None:
    """The viewer's own decoder, run by Node, gives what ours gives."""
    node = shutil.which("node")
    bundler = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / ".bin" / "rolldown"
    if node is None or not bundler.exists():
        pytest.skip("Node or the frontend's packages are not installed: run setup")
    source = Path(__file__).resolve().parents[2] / "frontend" / "src" / "drawing" / "chunk.ts"
    bundle = tmp_path / "chunk.mjs"
    subprocess.run(
        [str(bundler), str(source), "--file", str(bundle), "--format", "esm"], check=True, capture_output=True
    )
    xy, n = mixed()
    data = pack_lines(
        xy, n, np.arange(len(n), dtype=np.uint32), find_arcs(xy, np.concatenate([[0], np.cumsum(n)])), ORIGIN
    )
    (tmp_path / "chunk.bin").write_bytes(data)
    (tmp_path / "read.mjs").write_text(SCRIPT.format(module=bundle, chunk=tmp_path / "chunk.bin"))
    told = json.loads(subprocess.run([node, str(tmp_path / "read.mjs")], check=True, capture_output=True).stdout)
    back, begins, owners = unpack_lines(data)
    assert told["start"] == begins.tolist()
    assert told["entity"] == owners.tolist()
    assert np.allclose(np.array(told["xy"]).reshape(-1, 2), back, rtol=2e-7, atol=2e-4)


def test_handles_come_back() -> None:
    handles = np.array([0, 7, 5, 2**64 - 1, 0, 0x1F3A], dtype=np.uint64)
    data = b"head" + pack_handles(handles)
    assert unpack_handles(data, 6, 4).tolist() == handles.tolist()
