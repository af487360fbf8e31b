"""DWG R13 to 2018 as a document (读取 DWG): LibreDWG with its proxy graphics first, pycadkit when that loses something.

LibreDWG runs in Node, one process per file. It tells three things that no DXF made from a DWG holds complete: how many entities of which
type the file has (so that no loss goes unseen), the true states of the layers, and the proxy graphics of objects whose
program is missing (天正 walls, doors, stairs; tables; multileaders). pycadkit reads faster but drops unknown types.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import resource
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drawings.cad import (
    dwg_attributes,
    dwg_classes,
    dwg_end,
    dwg_map,
    dwg_mending,
    dwg_order,
    dwg_sums,
    dxf_guards,
    dxf_read,
    dxf_scan,
    limits,
)
from drawings.cad.dxf_draw import Extra
from drawings.cad.dxf_read import Loaded, Warning_
from drawings.cad.errors import Refusal
from drawings.cad.sniff import Sniffed
from drawings.cad.tools import libredwg_folder, node_binary

log = logging.getLogger("drawings.cad.dwg")

SCRIPT = Path(__file__).with_name("libredwg.mjs")
FLAGS = ("--single-threaded", "--liftoff-only", "--disable-wasm-trap-handler", "--max-old-space-size=2048")
"""One thread and the quick compiler: 9 MB of WebAssembly that runs once is not worth optimising (0.7 s instead of 6 s)."""
PARTS = ("BLOCK", "ENDBLK", "SEQEND", "VERTEX_2D", "VERTEX_3D", "VERTEX_MESH", "VERTEX_PFACE", "VERTEX_PFACE_FACE")
SAME = {"LWPOLYLINE": "POLYLINE", "MINSERT": "INSERT", "3DLINE": "LINE"}
FATAL = 64 * 2  # LibreDWG error bits from here on: classes or sections not found, invalid, out of memory
WRONG_SUM = 1
# Wrong checksum, invalid handle, invalid extended data: no whole file of ours has any of them.
DAMAGE = WRONG_SUM | 16 | 32
HARMLESS = 4 | 8 | 64  # objects of unknown classes or types, values out of bounds: also in whole files
LOSS_SHARE = 0.01
"""A damaged file that loses more than this share of its entities is refused: its other content is not to be trusted either."""


@dataclass
class Source:
    """What LibreDWG knows of the file."""

    error: int
    types: Counter[str]
    layers: list[dict[str, Any]]
    owners: dict[str, str]
    previews: list[dict[str, Any]]
    data: bytes
    header: dict[str, float | None]
    colors: list[tuple[str, int | None, int | None]]
    attributes: list[dict[str, Any]]
    widths: list[tuple[str, list[float]]]
    orders: list[dwg_order.Row]
    unread: list[str]
    """Handles of objects of unknown classes: any of them may be a table of the draw order."""

    def preview(self, row: dict[str, Any]) -> bytes:
        return self.data[row["at"] : row["at"] + row["bytes"]]


@dataclass
class Second:
    """What pycadkit makes of the file: a DXF, and how many entities it could not turn into one."""

    text: bytes
    unknown: Counter[str]
    types: Counter[str]
    version: str


def read(data: bytes, path: Path, kind: Sniffed) -> Loaded:
    """Read one DWG. Raises Refusal E_DAMAGED, E_TRUNCATED, E_EMPTY and what the DXF guards raise."""
    stated = dwg_end.least_size(data)
    if stated is not None and len(data) < stated:
        raise Refusal("E_TRUNCATED", f"只有 {len(data)} 字节，应有 {stated}", f"{len(data)} bytes instead of {stated}")
    folder = path.parent / "libredwg"
    source = _libredwg(path, folder, data)
    if dwg_end.has_odd_end(data) and (source is None or not source.types) and _can_check():
        raise Refusal("E_TRUNCATED", f"只有 {len(data)} 字节", f"only {len(data)} bytes")
    if source is not None and (dwg_sums.wrong_pages(data)[1] or dwg_map.lost_objects(data)):
        source.error |= WRONG_SUM
    second = _through(lambda: _cadkit(data))
    raw: Counter[str] = Counter()
    if source is not None:
        raw |= source.types
    if isinstance(second, Second):
        raw |= second.types
    raw.pop("VIEWPORT", None)
    first = _through(lambda: _from_libredwg(folder, source, kind)) if source else None
    if isinstance(first, Loaded) and not _unshown(raw, first):
        return _accounted(first, raw, source)
    other = _through(lambda: _from_pycadkit(second, source, kind)) if isinstance(second, Second) else second
    if isinstance(first, Loaded) and isinstance(other, Loaded):
        better = sum(_unshown(raw, first).values()) <= sum(_unshown(raw, other).values())
        return _accounted(first if better else other, raw, source)
    for loaded in (first, other):
        if isinstance(loaded, Loaded):
            return _accounted(loaded, raw, source)
    raise _refusal(first, other, source)


def _refusal(first: Any, other: Any, source: Source | None) -> Refusal:
    """Of what the two readers answer the refusal that says most: what is wrong inside before "damaged"."""
    refusals = [answer for answer in (other, first) if isinstance(answer, Refusal)]
    if (source is None or source.error & DAMAGE) and _can_check():
        # Not "empty": of the two readers at least one found the file broken.
        refusals = [
            Refusal("E_DAMAGED", "读不出任何图元", "no entity can be read") if refusal.code == "E_EMPTY" else refusal
            for refusal in refusals
        ]
    for refusal in reversed(refusals):
        if refusal.code not in {"E_DAMAGED", "E_TRUNCATED"}:
            return refusal
    return refusals[0] if refusals else Refusal("E_DAMAGED")


def _through(reader: Any) -> Any:
    """What the reader returns, or its refusal as a value."""
    try:
        return reader()
    except Refusal as refusal:
        return refusal


# ---------------------------------------------------------------- LibreDWG


def _libredwg(path: Path, folder: Path, data: bytes) -> Source | None:
    """Run Node on the file. None when Node or the package is not here, or when it cannot read the file."""
    node, package = node_binary(), libredwg_folder()
    if node is None or package is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    seconds = int(12 + 4 * len(data) / limits.MIB)
    command = [str(node), *FLAGS, str(SCRIPT), str(package), str(path)]
    mended = dwg_classes.mended(data)
    if mended is not None:
        (folder / "copy.dwg").write_bytes(mended)
        command.append(str(folder / "copy.dwg"))
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "OPENSSL_CONF": os.devnull,
        },
        preexec_fn=lambda: _room_for_node(seconds),  # noqa: PLW1509 - the worker has one thread
    )
    try:
        process.wait(seconds * 5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        table = json.loads((folder / "objects.json").read_bytes())
        previews = (folder / "previews.bin").read_bytes() if (folder / "previews.bin").exists() else b""
    except (OSError, ValueError):
        return None
    types: Counter[str] = Counter()
    for kind, count in table["types"].items():
        if kind in PARTS or not isinstance(count, int):
            continue
        types[_plain(kind)] += count
    source = Source(
        int(table["error"]), types, table["layers"], table["owners"], table["previews"], previews, table["header"],
        table["colors"], table["attributes"], table["widths"], table["orders"], table["unread"],
    )  # fmt: skip
    return source if types or source.error < FATAL else None


def _room_for_node(seconds: int) -> None:
    """WebAssembly reserves address space: up to the hard limit that the worker left. Its processor time is limited too."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _plain(kind: str) -> str:
    """One name for what DXF does not tell apart."""
    if kind.startswith("DIMENSION"):
        return "DIMENSION"
    if kind.startswith("POLYLINE"):
        return "POLYLINE"
    return SAME.get(kind, kind)


def _from_libredwg(folder: Path, source: Source | None, kind: Sniffed) -> Loaded:
    path = folder / "drawing.dxf"
    if source is None or not path.is_file():
        raise Refusal("E_DAMAGED")
    loaded = dxf_read.read(path.read_bytes(), trusted=True)
    loaded.reader = f"libredwg + {loaded.reader}"
    loaded.version = kind.version
    by_handle = {str(layer.dxf.handle).upper(): str(layer.dxf.name).lower() for layer in loaded.doc.layers}
    names = {row["handle"]: by_handle.get(row["handle"], str(row["name"]).lower()) for row in source.layers}
    loaded.layer_states = _states(source, names)
    known = loaded.doc.entitydb
    dwg_mending.mend_hatch_splines(loaded.doc)
    _drop_stubs(loaded, source)
    dwg_attributes.add_missing(loaded.doc, source.attributes, names, loaded.words)
    for row in source.previews:
        entity = known.get(row["handle"])
        if entity is not None and entity.is_alive:
            loaded.previews[row["handle"]] = source.preview(row)
        elif not row["invisible"]:
            owner = row["owner"] if row["owner"] in known else _owner_by_name(loaded.doc, source, row)
            _add_extra(loaded, source, row, owner, names.get(row["layer"], "0"))
    dwg_mending.give_colors(loaded.doc, source.colors)
    dwg_mending.give_widths(loaded.doc, source.widths)
    apart = {f"{extra.handle:X}" for extras in loaded.extras.values() for extra in extras}
    lost = dwg_order.give_orders(loaded.doc, source.orders, source.owners, apart=apart, unread=source.unread)
    if lost:
        loaded.warnings.append(Warning_("W_ORDER", *dwg_order.not_kept(lost)))
    return loaded


def _drop_stubs(loaded: Loaded, source: Source) -> None:
    """The writer gives some objects (tables) a new handle and no content: their previews stand for them."""
    wanted: dict[str, set[str]] = {}
    for row in source.previews:
        wanted.setdefault(_plain(row["type"]), set()).add(row["handle"])
    for block in loaded.doc.blocks:
        for entity in list(block):
            handles = wanted.get(_plain(entity.dxftype()))
            if not handles or str(entity.dxf.handle).upper() in handles:
                continue
            replaced = [h for h in handles if h not in loaded.doc.entitydb]
            if replaced:
                handles.discard(replaced[0])
                block.unlink_entity(entity)


def _cadkit(data: bytes) -> Second:
    import cadkit

    try:
        document = cadkit.read(data)
        text = document.to_dxf_bytes()
    except (cadkit.CadkitError, ValueError, OverflowError) as error:
        detail = str(error)[:120]
        truncated = any(
            word in detail.lower() for word in ("eof", "truncated", "out of bounds", "end of", "ends early")
        )
        raise Refusal("E_TRUNCATED" if truncated else "E_DAMAGED", detail, detail) from error
    unknown: Counter[str] = Counter()
    for note in document.warnings:
        found = re.match(r"(\d+) (\S+) entities mapped to Unknown", str(note.get("message", "")))
        if found:
            unknown[_plain(found.group(2))] += int(found.group(1))
    raw = dxf_guards.count(dxf_scan.scan(text))
    written: Counter[str] = Counter()
    for kind, count in (raw.entities + raw.blocks).items():
        written[_plain(kind)] += count
    types = written | unknown  # the larger: construction lines are written and yet called unknown
    return Second(text, unknown, types, str(cadkit.__version__))


def _from_pycadkit(second: Second, source: Source | None, kind: Sniffed) -> Loaded:
    loaded = dxf_read.read(second.text, trusted=True)
    loaded.reader = f"pycadkit {second.version} + {loaded.reader}"
    loaded.version = kind.version
    loaded.warnings.append(
        Warning_("W_HANDLES_NEW", "对象句柄由读取程序重新编号", "Handles were numbered anew by the reader")
    )
    if source is None or source.unread or any(pairs != [] for _, pairs in source.orders):
        loaded.warnings.append(Warning_("W_ORDER", *dwg_order.NOT_READ))
    if source is not None:
        for key, value in source.header.items():
            if value is not None and key in {"LTSCALE", "PDMODE", "PDSIZE"}:
                loaded.doc.header[f"${key}"] = int(value) if key == "PDMODE" else float(value)
        names = {row["handle"]: str(row["name"]).lower() for row in source.layers}
        have = Counter(_plain(e.dxftype()) for block in loaded.doc.blocks for e in block)
        for row in source.previews:
            if row["invisible"] or have[_plain(row["type"])] >= source.types[_plain(row["type"])]:
                continue
            _add_extra(loaded, source, row, _owner_by_name(loaded.doc, source, row), names.get(row["layer"], "0"))
    return loaded


def _states(source: Source, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {
        names[row["handle"]]: {"on": not row["off"], "frozen": row["frozen"], "locked": row["locked"]}
        for row in source.layers
    }


def _owner_by_name(doc: Any, source: Source, row: dict[str, Any]) -> str:
    """Handle of the block record in `doc` that stands for the entity's owner in the file."""
    name = source.owners.get(row["owner"], "")
    if not name:
        name = "*Model_Space" if row["mode"] == 2 else "*Paper_Space" if row["mode"] == 1 else ""
    block = doc.blocks.get(name) if name else None
    return str(block.block_record_handle) if block is not None else ""


def _add_extra(loaded: Loaded, source: Source, row: dict[str, Any], owner: str, layer: str) -> None:
    if owner:
        extra = Extra(int(row["handle"] or "0", 16), _plain(row["type"]), layer, source.preview(row))
        loaded.extras.setdefault(owner, []).append(extra)


def _counts(loaded: Loaded) -> Counter[str]:
    counts: Counter[str] = Counter()
    for block in loaded.doc.blocks:
        for entity in block:
            counts[_plain(entity.dxftype())] += 1
            if entity.dxftype() == "INSERT":
                counts["ATTRIB"] += len(entity.attribs)
            elif entity.dxftype() == "MTEXT" and entity.columns is not None:
                counts["MTEXT"] += len(entity.columns.linked_columns)
    for extras in loaded.extras.values():
        for extra in extras:
            counts[extra.kind] += 1
    return counts


def _unshown(raw: Counter[str], loaded: Loaded) -> Counter[str]:
    """Entities that the file has and that neither the document nor the previews bring."""
    return raw - _counts(loaded)


def _can_check() -> bool:
    """Whether the second reader is installed at all."""
    return node_binary() is not None and libredwg_folder() is not None


def _accounted(loaded: Loaded, raw: Counter[str], source: Source | None) -> Loaded:
    """The document with what it lost. Raises E_LOSS when the file is damaged and that cost entities."""
    loaded.lost = _unshown(raw, loaded)
    lost, total = sum(loaded.lost.values()), sum(raw.values())
    if source is not None and source.error & DAMAGE and lost > LOSS_SHARE * total:
        raise Refusal(
            "E_LOSS",
            f"文件校验不符，{total} 个图元中有 {lost} 个读不出",
            f"its checksums are wrong, {lost} of {total} entities cannot be read",
        )
    if source is not None and source.error & DAMAGE:
        loaded.warnings.append(
            Warning_(
                "W_CHECKSUM",
                "文件校验不符，部分数据可能有误，请与原图核对",
                "The file's checksums are wrong: compare with the original",
            )
        )
    elif source is not None and source.error & ~HARMLESS:
        loaded.warnings.append(
            Warning_("W_READER", f"读取程序报告代码 {source.error}", f"The reader reports code {source.error}")
        )
    if source is None or not source.types:
        loaded.warnings.append(
            Warning_(
                "W_ONE_READER",
                "只有一个读取程序能读取此文件，无法互相核对是否完整，请与原图核对",
                "Only one reader can read the file, so nothing confirms that it is whole: compare with the original",
            )
        )
    return loaded
