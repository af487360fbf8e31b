"""Drawings that the tests make themselves: honest ones in Chinese, and hostile ones of a few kilobytes."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import job
from drawings.cad.contents import read_entities, read_lines


def tags(*pairs: object) -> str:
    """Group codes and values as DXF text."""
    return "".join(f"{pairs[i]:>3}\n{pairs[i + 1]}\n" for i in range(0, len(pairs), 2))


def line(x1: object, y1: object, x2: object, y2: object, layer: str = "0", *more: object) -> str:
    return tags(0, "LINE", 8, layer, *more, 10, x1, 20, y1, 30, 0, 11, x2, 21, y2, 31, 0)


def text(x: float, y: float, height: float, words: str, *more: object) -> str:
    return tags(0, "TEXT", 8, "0", *more, 10, x, 20, y, 30, 0, 40, height, 1, words)


def insert(name: str, x: float = 0, y: float = 0, *more: object) -> str:
    return tags(0, "INSERT", 8, "0", 2, name, 10, x, 20, y, 30, 0, *more)


def block(name: str, body: str) -> str:
    head = tags(0, "BLOCK", 8, "0", 2, name, 70, 0, 10, 0, 20, 0, 30, 0, 3, name, 1, "")
    return head + body + tags(0, "ENDBLK", 8, "0")


def dxf(entities: str, blocks: str = "", tables: str = "", header: str = "", version: str = "AC1009") -> str:
    """A small DXF file with the four sections that every reader needs."""
    return (
        tags(0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, version)
        + header
        + tags(0, "ENDSEC", 0, "SECTION", 2, "TABLES")
        + tables
        + tags(0, "ENDSEC", 0, "SECTION", 2, "BLOCKS")
        + blocks
        + tags(0, "ENDSEC", 0, "SECTION", 2, "ENTITIES")
        + entities
        + tags(0, "ENDSEC", 0, "EOF")
    )


def style_table(font: str, bigfont: str = "") -> str:
    return tags(
        0, "TABLE", 2, "STYLE", 70, 1, 0, "STYLE", 2, "HZ", 70, 0, 40, 0, 41, 1, 50, 0, 71, 0, 42, 3, 3, font, 4, bigfont,
        0, "ENDTAB",
    )  # fmt: skip


def layer_table(*rows: tuple[str, int, int]) -> str:
    """Rows of (name, flags, colour); a negative colour is a layer that is off, flag 1 a frozen one."""
    body = "".join(tags(0, "LAYER", 2, name, 70, flags, 62, color, 6, "CONTINUOUS") for name, flags, color in rows)
    return tags(0, "TABLE", 2, "LAYER", 70, len(rows)) + body + tags(0, "ENDTAB")


def exponential_blocks() -> str:
    """Seven kilobytes that mean 10^12 lines."""
    nested = "".join(block(f"B{i}", "".join(insert(f"B{i + 1}", j * 0.1, i) for j in range(10))) for i in range(12))
    return dxf(insert("B0"), nested + block("B12", line(0, 0, 1, 1)))


def proxy_square(x: float, y: float, side: float) -> bytes:
    """Proxy graphics with one polyline: what an absent program leaves of its wall."""
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    points = b"".join(struct.pack("<3d", px, py, 0.0) for px, py in corners)
    body = struct.pack("<I", len(corners)) + points
    chunk = struct.pack("<II", len(body) + 8, 6) + body
    return struct.pack("<II", len(chunk) + 8, 1) + chunk


def hexed(code: int, data: bytes) -> str:
    return "".join(tags(code, data[i : i + 127].hex().upper()) for i in range(0, len(data), 127))


@dataclass
class Prepared:
    """The written files of one sheet, read back as the browser reads them."""

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> Prepared:
        return cls(folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8")))

    @property
    def texts(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "text.json").read_text(encoding="utf-8"))["texts"]  # type: ignore[no-any-return]

    @property
    def words(self) -> list[str]:
        """What a search finds."""
        return [row["s"] for row in self.texts if not row.get("p")]

    @property
    def fidelity(self) -> dict[str, Any]:
        return json.loads((self.folder / "fidelity.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def entities(self) -> dict[str, NDArray[Any]]:
        data = (self.folder / "entities.bin").read_bytes()
        n = struct.unpack_from("<I", data)[0]
        assert n == self.manifest["entities"]["count"]
        out, at = {}, 8
        for name, kind in (
            ("handle", "<u8"), ("rgba", "<u4"), ("layer", "<u2"), ("via", "<u2"), ("type", "<u2"), ("weight", "<u2"),
            ("flags", "u1"),
        ):  # fmt: skip
            out[name] = np.frombuffer(data, dtype=kind, count=n, offset=at)
            at += out[name].nbytes
        out["handle"] = read_entities(self.folder / "entities.bin")[0]
        assert at == len(data)
        return out

    def lines(self, role: str = "draw") -> list[tuple[NDArray[np.float64], int, int]]:
        """(points, entity record, level) of every polyline."""
        out = []
        for chunk in self.manifest["chunks"]:
            if chunk["kind"] != "line" or chunk["role"] != role:
                continue
            data = (self.folder / chunk["file"]).read_bytes()
            assert len(data) == chunk["bytes"]
            xy, start, entity = read_lines(data, chunk["origin"])
            assert int(start[-1]) == len(xy) == chunk["vertices"]
            assert len(entity) == len(start) - 1 == chunk["prims"]
            out += [(xy[start[i] : start[i + 1]], int(entity[i]), chunk["level"]) for i in range(len(entity))]
        return out

    def triangles(self) -> list[tuple[NDArray[np.float64], int, int]]:
        """(three corners, entity record, level) of every triangle."""
        out = []
        for chunk in self.manifest["chunks"]:
            if chunk["kind"] != "fill":
                continue
            data = (self.folder / chunk["file"]).read_bytes()
            nv, nt = struct.unpack_from("<II", data)
            xy = np.frombuffer(data, "<f4", 2 * nv, 8).reshape(-1, 2).astype(float) + chunk["origin"]
            corner = np.frombuffer(data, "<u4", 3 * nt, 8 + 8 * nv).reshape(-1, 3)
            entity = np.frombuffer(data, "<u4", nt, 8 + 8 * nv + 12 * nt)
            assert 8 + 8 * nv + 16 * nt == len(data)
            out += [(xy[corner[i]], int(entity[i]), chunk["level"]) for i in range(nt)]
        return out


def prepared(content: str | bytes, folder: Path, name: str = "plan.dxf") -> dict[str, Prepared]:
    """Prepare without a sandbox (the tests' own files only) and read back: sheets by key."""
    source = folder / "source"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    result = job.run("prepare", source, folder / "out", name=name)
    return {sheet["key"]: Prepared.load(folder / "out" / sheet["key"]) for sheet in result["sheets"]}


def inspected(content: str | bytes, folder: Path, name: str = "plan.dxf") -> dict[str, Any]:
    source = folder / "source"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    return job.run("inspect", source, None, name=name)


def written(doc: Any) -> str:
    """An ezdxf document as text."""
    stream = io.StringIO()
    doc.write(stream)
    return stream.getvalue()


FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "drawings"


def half_dwg() -> bytes:
    """The first half of a real DWG; where the real drawings are absent, a head with noise behind it."""
    real = FIXTURES / "libredwg__test__test-data__2018__Spline.dwg"
    if real.is_file():
        content = real.read_bytes()
        return content[: len(content) // 2]
    return b"AC1032" + np.random.default_rng(7).bytes(20_000)


def locked_pdf() -> bytes:
    """A PDF that only a password opens."""
    import pymupdf

    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "plan")
    locked: bytes = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner")
    return locked


def bad_files() -> list[tuple[str, bytes, set[str]]]:
    """What people and attackers really send: name, content, and the codes of which one must answer it."""
    return [
        ("总平面图（传输中断）.dwg", half_dwg(), {"E_TRUNCATED", "E_DAMAGED"}),
        ("加密.pdf", locked_pdf(), {"E_ENCRYPTED"}),
        ("图块爆炸.dxf", exponential_blocks().encode(), {"E_EXPAND"}),
        ("首层平面图.dwg", b"MZ\x90\x00" + b"\x00" * 60 + b"PE\x00\x00" + b"\x90" * 4000, {"E_TYPE"}),
    ]
