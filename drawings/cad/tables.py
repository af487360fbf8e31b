"""Everything on a prepared sheet as arrays, for comparing two revisions (图幅数据表): one row per entity the user would select.

The same facts as `contents`, but kept in numpy: 200,000 entities are compared in well under a second.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad.contents import (
    Floats,
    Tally,
    Whole,
    picture_cells,
    read_entities,
    read_fills,
    read_lines,
    read_texts,
)

if TYPE_CHECKING:
    from drawings.cad.sheet import Sheet

Measures = NDArray[np.floating[Any]]
_Named = tuple[NDArray[np.str_], NDArray[np.uint16]]

# Records without a handle stand for themselves: their numbers are beyond any handle.
NO_HANDLE = np.uint64(1) << np.uint64(62)
CELL, WORD = "CELL", "WORD"
SIGNATURES = "signatures.npz"
# Rows whose measures are taken together, and a quarter of the vertices.
AT_ONCE = 50_000
# Columns of `measures_of`: five of lines, five of fills, width and height.
PLAIN = 12


@dataclass(frozen=True)
class Table:
    """Rows sorted by handle. `box` x0, y0, x1, y1; `measures` do not depend on the place; `has_handles` False for pages.

    `frame` and the first `plain` columns of `measures` are of the geometry without the words (infinite where there is none).
    """

    size: float
    handles: NDArray[np.uint64]
    kinds: NDArray[np.str_]
    layers: NDArray[np.str_]
    texts: dict[int, str]
    box: Floats
    measures: Measures
    frame: Floats
    plain: int
    has_handles: bool

    def __len__(self) -> int:
        return len(self.handles)

    def name(self, row: int) -> str:
        """The handle in upper-case hex; a running name where the file has none."""
        handle = int(self.handles[row])
        if not self.has_handles:
            return f"{str(self.kinds[row]).lower()} {handle}"
        return f"{handle:X}" if handle < int(NO_HANDLE) else f"record {handle - int(NO_HANDLE)}"


def read_table(folder: Path) -> Table:
    """The table of the prepared sheet in `folder`; OSError or ValueError when its files are not as documented."""
    stored = folder / SIGNATURES
    return loaded(stored) if stored.is_file() else made_table(folder)


def made_table(folder: Path) -> Table:
    """The table from the sheet's own files."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["kind"] == "page":
        x0, y0, x1, y1 = manifest["bbox"]
        return page_table(folder, manifest, ((x0 + x1) / 2, (y0 + y1) / 2), max(x1 - x0, y1 - y0, 1e-9))
    return drawing_table(folder, manifest)


def store_table(sheet: Sheet, folder: Path) -> None:
    """Keep the table of a sheet just written beside its files, so that comparing two large ones later takes no time, and so that no
    vertex of them is rounded. Never served."""
    table = sheet_table(sheet)
    words = json.dumps([[row, text] for row, text in table.texts.items()], ensure_ascii=False)
    (kinds, kind_of), (layers, layer_of) = numbered_names(table.kinds), numbered_names(table.layers)
    with (folder / SIGNATURES).open("wb") as stream:
        np.savez(
            stream, handles=table.handles, kinds=kinds, kind_of=kind_of, layers=layers,
            layer_of=layer_of, box=table.box, measures=table.measures.astype(np.float32, copy=False),
            frame=table.frame, words=np.frombuffer(words.encode("utf-8", "replace"), dtype=np.uint8),
            rest=np.array([table.size, table.plain, table.has_handles]),
        )  # fmt: skip


def numbered_names(names: NDArray[np.str_]) -> tuple[NDArray[np.str_], NDArray[np.uint16]]:
    """The different names, and the number of each: sorting hundreds of thousands of words would take longer."""
    known: dict[str, int] = {}
    numbers = np.fromiter((known.setdefault(name, len(known)) for name in names.tolist()), np.uint16, count=len(names))
    return np.array(list(known) or [""]), numbers


def loaded(path: Path) -> Table:
    """A stored table; ValueError for another file."""
    with np.load(path, allow_pickle=False) as stored:
        rows = json.loads(stored["words"].tobytes().decode("utf-8"))
        size, plain, has_handles = stored["rest"].tolist()
        return Table(
            size=size,
            handles=stored["handles"],
            kinds=stored["kinds"][stored["kind_of"]],
            layers=stored["layers"][stored["layer_of"]],
            texts={int(row): str(text) for row, text in rows},
            box=stored["box"],
            measures=stored["measures"],
            frame=stored["frame"],
            plain=int(plain),
            has_handles=bool(has_handles),
        )


class _Gathered:
    """What belongs to each handle of a model or a layout: filled piece by piece, then a table."""

    def __init__(self, handles: NDArray[np.uint64], bbox: Sequence[float]) -> None:
        x0, y0, x1, y1 = bbox
        self.size = max(x1 - x0, y1 - y0, 1e-9)
        centre = ((x0 + x1) / 2, (y0 + y1) / 2)
        own = handles.copy()
        without = handles == 0
        own[without] = NO_HANDLE + np.flatnonzero(without).astype(np.uint64)
        self.keys, self.first, group = np.unique(own, return_index=True, return_inverse=True)
        self.group = group.astype(np.int64)
        self.tally, self.written = Tally(len(self.keys), centre), Tally(len(self.keys), centre)
        self.words: dict[int, list[str]] = defaultdict(list)

    def add_texts(self, texts: list[dict[str, Any]]) -> None:
        # A run drawn in pieces (p) has its whole as a hidden record besides.
        records = [record for record in texts if "e" in record and not record.get("p")]
        rows = self.group[np.array([record["e"] for record in records], dtype=np.int64)].tolist()
        self.written.add_texts(records, rows)
        for record, row in zip(records, rows, strict=True):
            self.words[row].append(record["s"])

    def table(self, layers: _Named, kinds: _Named) -> Table:
        """`layers` and `kinds`: names, and the number of each record's."""
        tally, written = self.tally, self.written
        low, high = np.minimum(tally.low, written.low), np.maximum(tally.high, written.high)
        drawn = np.isfinite(low).all(axis=1)
        renumbered = np.cumsum(drawn) - 1
        texts = {int(renumbered[row]): "\n".join(sorted(lines)) for row, lines in self.words.items() if drawn[row]}
        shown = self.first[drawn]
        return Table(
            size=self.size,
            handles=self.keys[drawn],
            kinds=kinds[0][kinds[1][shown].astype(np.int64)],
            layers=layers[0][layers[1][shown].astype(np.int64)],
            texts=texts,
            box=np.hstack([low[drawn], high[drawn]]),
            measures=self._measures(np.flatnonzero(drawn)),
            frame=np.hstack([tally.low[drawn], tally.high[drawn]]),
            plain=PLAIN,
            has_handles=True,
        )

    def _measures(self, rows: Whole) -> Measures:
        """32-bit numbers are a hundred times finer than the tolerance, and a million rows of them still fit."""
        out = np.empty((len(rows), 2 * PLAIN), dtype=np.float32)
        for begin in range(0, len(rows), AT_ONCE):
            part = rows[begin : begin + AT_ONCE]
            out[begin : begin + AT_ONCE, :PLAIN] = measures_of(self.tally, part)
            out[begin : begin + AT_ONCE, PLAIN:] = measures_of(self.written, part)
        return out


def drawing_table(folder: Path, manifest: dict[str, Any]) -> Table:
    """Model or layout, from its files: rows by handle."""
    handles, layers, kinds = read_entities(folder / manifest["entities"]["file"])
    gathered = _Gathered(handles, manifest["bbox"])
    for chunk in manifest["chunks"]:
        if chunk["role"] != "draw":
            continue
        data = (folder / chunk["file"]).read_bytes()
        if len(data) != chunk["bytes"]:
            raise ValueError(f"{chunk['file']} has {len(data)} bytes, not {chunk['bytes']}")
        if chunk["kind"] == "line":
            gathered.tally.add_lines(*read_lines(data, chunk["origin"]), gathered.group)
        else:
            gathered.tally.add_fills(*read_fills(data, chunk["origin"]), gathered.group)
    gathered.add_texts(read_texts(folder, manifest))
    names = np.array([layer["name"] for layer in manifest["layers"]] or [""])
    types = np.array(manifest["types"] or [""])
    return gathered.table((names, layers), (types, kinds))


def sheet_table(sheet: Sheet) -> Table:
    """The same of a sheet at hand."""
    gathered = _Gathered(sheet.records.handle, sheet.bbox)
    strokes, fills = sheet.strokes, sheet.fills
    starts, owners = strokes.starts, strokes.look.astype(np.int64)
    begin = 0
    while begin < len(strokes):
        end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + 4 * AT_ONCE, side="right")) - 1)
        points = strokes.xy[starts[begin] : starts[end]]
        gathered.tally.add_lines(points, starts[begin : end + 1] - starts[begin], owners[begin:end], gathered.group)
        begin = end
    if len(fills):
        gathered.tally.add_fills(fills.xy, fills.corner.astype(np.int64), fills.look.astype(np.int64), gathered.group)
    gathered.add_texts(sheet.texts)
    names = np.array([layer.name.encode("utf-8", "replace").decode() for layer in sheet.layers.by_key.values()] or [""])
    types = np.array(sheet.types or [""])
    return gathered.table((names, sheet.records.layer), (types, sheet.records.type))


def page_table(folder: Path, manifest: dict[str, Any], centre: tuple[float, float], size: float) -> Table:
    """A PDF page: its words, then the cells of its picture."""
    records = read_texts(folder, manifest)
    tally = Tally(len(records), centre)
    tally.add_texts(records, list(range(len(records))))
    drawn = np.isfinite(tally.low).all(axis=1)
    words = measures_of(tally, drawn)
    cells = picture_cells(folder, manifest["overview"])
    width = max([words.shape[1], *(len(cell.measures) for cell in cells)])
    painted = np.array([(*cell.measures, *[0.0] * (width - len(cell.measures))) for cell in cells]).reshape(-1, width)
    rows = np.vstack([np.pad(words, ((0, 0), (0, width - words.shape[1]))), painted])
    kept = np.flatnonzero(drawn).tolist()
    count = len(kept) + len(cells)
    return Table(
        size=size,
        handles=np.arange(count, dtype=np.uint64),
        kinds=np.array([WORD] * len(kept) + [CELL] * len(cells)),
        layers=np.array([""] * count),
        texts={row: str(records[number]["s"]) for row, number in enumerate(kept)},
        box=np.vstack(
            [np.hstack([tally.low[drawn], tally.high[drawn]]), np.array([c.box for c in cells]).reshape(-1, 4)]
        ),
        measures=rows,
        frame=np.full((count, 4), np.inf),
        plain=0,
        has_handles=False,
    )


def measures_of(tally: Tally, drawn: NDArray[Any]) -> Floats:
    """Lengths and areas, spread about the own centre (as lengths), number of pieces, width and height: all rows at once."""
    extent = tally.high[drawn] - tally.low[drawn]
    return np.hstack(
        [spread(tally.lines[drawn]), spread(tally.fills[drawn]), np.where(np.isfinite(extent), extent, 0.0)]
    )


def spread(rows: Floats) -> Floats:
    """Weight, spread along x and y and between them (as lengths), and pieces; as `contents.spread`, for every row."""
    weight, x, y, xx, xy, yy, pieces = rows.T
    safe = np.where(weight > 0, weight, 1.0)
    mean_x, mean_y = x / safe, y / safe
    var_x = np.maximum(xx / safe - mean_x**2, 0.0)
    var_y = np.maximum(yy / safe - mean_y**2, 0.0)
    cov = xy / safe - mean_x * mean_y
    both = np.sqrt(var_x + var_y)
    between = np.divide(cov, both, out=np.zeros_like(cov), where=both > 0)
    some = weight > 0
    columns = [np.where(some, value, 0.0) for value in (weight, np.sqrt(var_x), np.sqrt(var_y), between)]
    return np.column_stack([*columns, pieces])


def whole(values: NDArray[Any]) -> Whole:
    """As row numbers."""
    return values.astype(np.int64)
