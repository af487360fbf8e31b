"""What the blocks of a DXF file grow to, counted and not drawn (图块展开): bottom up, each block once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import limits
from drawings.cad.dxf_guards import PARTS
from drawings.cad.dxf_scan import DxfScan, Index
from drawings.cad.errors import Refusal


@dataclass(frozen=True)
class Expansion:
    """What the block graph grows to."""

    primitives: int
    vertices: int
    depth: int


def check_expansion(scanned: DxfScan) -> Expansion:
    """Count primitives after expanding all block references, bottom up and remembered; refuse cycles, depth and floods.

    Only blocks that the model or a layout reaches count. Raises E_CYCLE, E_DEPTH, E_EXPAND, E_OBJECTS.
    """
    blocks = scanned.in_sections(b"BLOCKS")
    entities = scanned.in_sections(b"ENTITIES")
    owner = _owners(scanned, blocks)
    part = np.array([name in PARTS for name in scanned.names], dtype=bool)
    is_entity = (blocks | entities) & ~part[scanned.kind]
    vertices = _vertex_weights(scanned, blocks | entities)

    own_count: dict[str, int] = defaultdict(int)
    own_vertices: dict[str, int] = defaultdict(int)
    labels = owner[0]
    ids = owner[1]
    counts = np.bincount(ids[is_entity], minlength=len(labels))
    weights = np.bincount(ids[blocks | entities], weights=vertices[blocks | entities], minlength=len(labels))
    for i, label in enumerate(labels):
        own_count[label] += int(counts[i])
        own_vertices[label] += int(weights[i])

    edges: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for record, name, times in _references(scanned, blocks | entities):
        edges[labels[ids[record]]][name] += times

    roots = [label for label in labels if label == "*MODEL_SPACE" or label.startswith("*PAPER_SPACE")]
    total, drawn, depth = _expand(roots, own_count, own_vertices, edges)
    if total > limits.PRIMITIVES:
        direct = sum(own_count[r] for r in roots)
        if direct > limits.PRIMITIVES:
            raise Refusal("E_OBJECTS", f"{direct} 个图元", f"{direct} objects")
        raise Refusal("E_EXPAND", f"展开后 {total:.3g} 个图元", f"{total:.3g} objects after expansion")
    if drawn > limits.VERTICES:
        raise Refusal("E_EXPAND", f"展开后 {drawn:.3g} 个顶点", f"{drawn:.3g} vertices after expansion")
    return Expansion(total, drawn, depth)


def _owners(scanned: DxfScan, blocks: NDArray[np.bool_]) -> tuple[list[str], Index]:
    """Which block each record lies in: labels and the number of the label per record; ENTITIES are the model space."""
    labels = ["*MODEL_SPACE"]
    known = {"*MODEL_SPACE": 0}
    ids = np.zeros(scanned.records, dtype=np.int64)
    begins = np.flatnonzero(blocks & scanned.of_type(b"BLOCK"))
    names: dict[int, str] = {}
    for pair in scanned.first_pairs(blocks & scanned.of_type(b"BLOCK"), 2):
        names[int(scanned.record_of_pair[pair])] = scanned.value(int(pair)).decode("latin-1").strip().upper()
    bounds = np.append(begins, scanned.records)
    for i, begin in enumerate(begins):
        name = names.get(int(begin), "")
        if name not in known:
            known[name] = len(labels)
            labels.append(name)
        end = int(bounds[i + 1])
        ids[begin:end] = np.where(blocks[begin:end], known[name], ids[begin:end])
    return labels, ids


def _vertex_weights(scanned: DxfScan, records: NDArray[np.bool_]) -> NDArray[np.float64]:
    """About how many vertices each record draws: point pairs of polylines, splines and hatches, 1 otherwise."""
    weight = np.ones(scanned.records)
    pairs = scanned.pairs(
        records & scanned.of_type(b"LWPOLYLINE", b"SPLINE", b"HATCH", b"MLINE", b"LEADER", b"MESH"), 10
    )
    if len(pairs):
        weight += np.bincount(scanned.record_of_pair[pairs], minlength=scanned.records)
    weight[records & scanned.of_type(b"CIRCLE", b"ARC", b"ELLIPSE")] = 48
    return weight


def _references(scanned: DxfScan, records: NDArray[np.bool_]) -> list[tuple[int, str, int]]:
    """(record, block name, how often) of each INSERT, DIMENSION and ACAD_TABLE."""
    inserts = records & scanned.of_type(b"INSERT")
    times: dict[int, int] = {}
    for code in (70, 71):
        for pair in scanned.first_pairs(inserts, code):
            record = int(scanned.record_of_pair[pair])
            try:
                number = max(1, min(32767, int(float(scanned.value(int(pair))))))
            except (ValueError, OverflowError):
                number = 1
            times[record] = times.get(record, 1) * number
    found = []
    for pair in scanned.first_pairs(records & scanned.of_type(b"INSERT", b"DIMENSION", b"ACAD_TABLE"), 2):
        record = int(scanned.record_of_pair[pair])
        found.append((record, scanned.value(int(pair)).decode("latin-1").strip().upper(), times.get(record, 1)))
    return found


def _expand(
    roots: Sequence[str], counts: dict[str, int], vertices: dict[str, int], edges: dict[str, dict[str, int]]
) -> tuple[int, int, int]:
    """Iterative post-order walk: totals per block once each. Raises E_CYCLE, E_DEPTH."""
    done: dict[str, tuple[int, int, int]] = {}
    for root in roots:
        stack: list[tuple[str, Any]] = [(root, iter(list(edges.get(root, {}))))]
        on_path = {root}
        while stack:
            name, children = stack[-1]
            for child in children:
                if child in done:
                    continue
                if child in on_path:
                    raise Refusal("E_CYCLE", f"图块 {_shown(child)}", f"block {_shown(child)}")
                if child not in counts and child not in edges:
                    done[child] = (0, 0, 0)
                    continue
                if len(stack) > 20_000:
                    raise Refusal("E_DEPTH")
                stack.append((child, iter(list(edges.get(child, {})))))
                on_path.add(child)
                break
            else:
                total, points, depth = counts.get(name, 0), vertices.get(name, 0), 0
                for child, times in edges.get(name, {}).items():
                    sub = done.get(child, (0, 0, 0))
                    total += sub[0] * times
                    points += sub[1] * times
                    depth = max(depth, sub[2] + 1)
                done[name] = (total, points, depth)
                on_path.discard(name)
                stack.pop()
    sums = [done[root] for root in roots if root in done]
    depth = max((s[2] for s in sums), default=0)
    if depth > limits.INSERT_DEPTH:
        raise Refusal("E_DEPTH", f"{depth} 层", f"{depth} levels")
    return sum(s[0] for s in sums), sum(s[1] for s in sums), depth


def _shown(name: str) -> str:
    text = name.encode("latin-1", "replace").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text)[:60]
