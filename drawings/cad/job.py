"""One file from bytes to answer, inside the fence: recognise, read, judge, draw, and for "prepare" write (处理流程)."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from drawings.cad import PREPARE_VERSION, limits
from drawings.cad.errors import Refusal
from drawings.cad.sniff import Sniffed, sniff


class Progress(Protocol):
    """Where the job tells how far it is (see `worker.Line`)."""

    def progress(self, percent: int, step: str) -> None: ...

    def judged(self) -> None: ...

    def allow(self, seconds: float) -> None: ...


class Quiet:
    """A progress line that says nothing, for use without a sandbox."""

    def progress(self, percent: int, step: str) -> None:
        pass

    def judged(self) -> None:
        pass

    def allow(self, seconds: float) -> None:
        pass


def render_id(sha256: str) -> str:
    """The `{sha}` of /r/{sha}/{key}/: changes with the file and with the version of the preparation."""
    return hashlib.sha256(f"{sha256}:{PREPARE_VERSION}".encode()).hexdigest()


@dataclass(frozen=True)
class Wish:
    """What to make of the sheets: nothing (inspect), all files (prepare), or one picture (render)."""

    out: Path | None = None
    picture_of: str | None = None
    """Name or key of the sheet; "" for the first."""
    width: int = 1600
    box: tuple[float, float, float, float] | None = None
    dark: bool = False

    def wants(self, key: str, name: str, *, first: bool) -> bool:
        return self.picture_of in {key, name} or (self.picture_of == "" and first)

    def save(self, image: Any) -> dict[str, Any]:
        if self.out is None:
            raise ValueError("no folder")
        self.out.mkdir(parents=True, exist_ok=True)
        image.save(self.out / "picture.png")
        return {"width": image.width, "height": image.height}


MAX_PICTURE = 12_000


def run(
    job: str,
    source: Path,
    out: Path | None,
    *,
    name: str,
    line: Progress | None = None,
    options: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Inspect, prepare or render `source`. Raises Refusal. For callers outside of tests: use `sandbox.run`."""
    line = line or Quiet()
    line.progress(1, "sniff")
    size = source.stat().st_size
    if size == 0 or size > limits.FILE_BYTES:
        raise Refusal("E_SIZE", f"{size / limits.MIB:.1f} MB", f"{size / limits.MIB:.1f} MB")
    data = source.read_bytes()
    kind = sniff(data, name)
    sha256 = hashlib.sha256(data).hexdigest()
    wish = Wish(out if job != "inspect" else None)
    if job == "render":
        given = options or {}
        wish = Wish(
            out,
            str(given.get("sheet") or ""),
            max(16, min(MAX_PICTURE, int(given.get("width") or 1600))),
            tuple(float(v) for v in given["box"]) if given.get("box") else None,  # type: ignore[arg-type]
            bool(given.get("dark")),
        )
    if kind.format == "pdf":
        from drawings.cad import pdf

        result = pdf.process(data, kind, wish, line)
    else:
        from drawings.cad import cad_file

        result = cad_file.process(data, kind, source, wish, line)
    if job == "render" and "picture" not in result:
        raise Refusal("E_EMPTY", f"没有图幅“{wish.picture_of}”", f'no sheet "{wish.picture_of}"')
    result.update(sha256=sha256, bytes=size, render_id=render_id(sha256), prepare_version=PREPARE_VERSION)
    return result


def summary(
    kind: Sniffed,
    *,
    version: str,
    reader: str,
    units: dict[str, Any],
    sheets: list[dict[str, Any]],
    reports: list[dict[str, Any]],
    layers: list[str],
    fonts: dict[str, Any],
    warnings: list[dict[str, Any]],
) -> dict[str, Any]:
    """The answer of `inspect_drawing` (cli.md) from the parts."""
    missed: dict[tuple[str, str], dict[str, Any]] = {}
    for report in reports:
        for item in report["not_shown"]:
            known = missed.setdefault((item["type"], item["reason"]), {**item, "count": 0})
            known["count"] += item["count"]
    missing: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for item in report["missing"]:
            missing[item["kind"], item["name"]] += item["count"]
    notes: dict[tuple[str, str], dict[str, Any]] = {}
    for note in [*warnings, *(n for r in reports for n in r["warnings"])]:
        notes.setdefault((note["code"], note["en"]), note)
    bad = bool(missed or missing or notes or fonts.get("missing"))
    return {
        "format": kind.format,
        "version": version,
        "units": units,
        "sheets": sheets,
        "layers": layers,
        "not_shown": [
            {k: item[k] for k in ("type", "count", "reason", "zh", "en", "handles") if k in item}
            for item in missed.values()
        ],
        "missing": [{"kind": k, "name": n, "count": c} for (k, n), c in sorted(missing.items())],
        "fonts": fonts,
        "reader": reader,
        "warnings": list(notes.values()),
        "verdict": "warn" if bad else "ok",
        "code": None,
    }
