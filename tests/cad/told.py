"""What is told of one file, in a forked process with limits, and whether all that a damaged copy lost is among it (漏报).

A copy that is refused has told. One that is accepted must show or name all that it holds; where the format has check sums (DWG, compressed
PDF), it must show all that the whole file showed, or say that it is damaged. A DXF has none: a record that was cut out whole leaves an honest,
smaller file, which nothing can tell from another; so a DXF is held to what it holds itself, counted here by other means.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
from PIL import Image, ImageFilter

from drawings.cad import job
from drawings.cad.errors import Refusal

SECONDS = 60
MEMORY = 3 << 30
SIDE = 500
# Warnings that call the whole file damaged and ask to compare it with the original.
NAMED_DAMAGED = frozenset({"W_REPAIRED", "W_CONTENT", "W_CHECKSUM"})
MISSING_INK = 0.005
# What a text file may hold without it being a thing that is drawn.
FRAME = frozenset(
    {
        "SECTION", "ENDSEC", "TABLE", "ENDTAB", "LAYER", "LTYPE", "STYLE", "VIEW", "UCS", "VPORT", "APPID", "DIMSTYLE",
        "BLOCK_RECORD", "BLOCK", "ENDBLK", "SEQEND", "CLASS", "VIEWPORT",
    }
)  # fmt: skip


@dataclass
class Told:
    """One answer: refused with a code, or accepted with an account and a picture of the first sheet."""

    code: str | None
    detail: str = ""
    said: list[str] = field(default_factory=list)
    """Codes of warnings, and what is named as not shown."""
    there: Counter[str] = field(default_factory=Counter)
    """Things in the file by its account: top level of all sheets."""
    shown: Counter[str] = field(default_factory=Counter)
    sheets: int = 0
    picture: bytes = b""
    seconds: float = 0.0


def asked(data: bytes, name: str) -> Told:
    """The answer to one file, in this process."""
    started = processor_seconds()
    folder = Path(tempfile.mkdtemp(prefix="told-"))
    try:
        source = folder / "source"
        source.write_bytes(data)
        result = job.run("render", source, folder / "out", name=name, options={"width": SIDE})
        told = Told(None, sheets=len(result["sheets"]), picture=(folder / "out" / "picture.png").read_bytes())
        told.said = [w["code"] for w in result["warnings"]] + [
            f"{m['type']} {m['reason']}" for m in result["not_shown"]
        ]
        told.said += [m["name"] for m in result["missing"]]
        for sheet in result["sheets"]:
            told.there.update(sheet["entities"])
            told.there["words"] += sheet["texts"] if sheet["kind"] == "page" else 0
    except Refusal as refusal:
        told = Told(refusal.code, refusal.detail_en)
    except (MemoryError, RecursionError) as error:
        told = Told("E_MEMORY" if isinstance(error, MemoryError) else "E_DEPTH")
    except Exception as error:  # noqa: BLE001 - the harness must see what it is
        told = Told("E_INTERNAL", f"{type(error).__name__}: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told.seconds = processor_seconds() - started
    return told


def processor_seconds() -> float:
    """Processor seconds of this process and of those that it started: what else the machine does counts for nothing."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def told(contents: Sequence[bytes], name: str) -> Iterator[Told]:
    """The answers to files in their order, from forked processes with limits; that one dies of a file is an answer, too."""
    at = 0
    while at < len(contents):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _answer(contents[at:], name, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            for _ in contents[at:]:
                try:
                    found: Told = pickle.load(pipe)  # noqa: S301 - our own child
                except EOFError:
                    break
                at += 1
                yield found
        _pid, status = os.waitpid(child, 0)
        if status:
            at += 1
            signal_ = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            late = signal_ in {signal.SIGXCPU, signal.SIGKILL}
            yield Told("E_TIMEOUT" if late else "DIED", f"status {status}", seconds=SECONDS)


def _answer(contents: Sequence[bytes], name: str, writing: int) -> NoReturn:
    """The forked process: one pickle for each file."""
    try:
        gc.freeze()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not name.endswith(".dwg"):  # Node reserves more than it uses
            used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
        with os.fdopen(writing, "wb") as pipe:
            for data in contents:
                spent = int(time.process_time())
                resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
                pickle.dump(asked(data, name), pipe)
                pipe.flush()
    finally:
        os._exit(1 if sys.exc_info()[0] else 0)


def things(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Section, block (empty outside of one) and type of everything that a DXF holds by a plain reading of its lines."""
    lines = [line.strip() for line in data.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    section = block = ""
    for code, value in zip(lines[0::2], lines[1::2], strict=False):
        if code == "2" and section == "?":
            section = value
        elif code == "2" and block == "?":
            block = value
        if not re.fullmatch(r"0+", code):
            continue
        if value == "EOF":
            break
        if value == "SECTION":
            section = "?"
        elif value in {"BLOCK", "ENDBLK", "ENDSEC"}:
            block = "?" if value == "BLOCK" else ""
        elif value not in FRAME and section not in {"OBJECTS", "CLASSES", "ACDSDATA", "THUMBNAILIMAGE", "TABLES"}:
            yield section, block, value


def counted(data: bytes) -> Counter[str]:
    """Things of each type, wherever they stand."""
    return Counter(kind for _section, _block, kind in things(data))


def on_layouts(data: bytes) -> tuple[set[str], Counter[str]]:
    """Names of layouts in BLOCKS that hold something, and things of each type on the model and on layouts."""
    found = [(block, kind) for section, block, kind in things(data) if section == "ENTITIES" or block.startswith("*")]
    return {block for block, _kind in found}, Counter(kind for _block, kind in found)


def missing_ink(whole: bytes, damaged: bytes) -> float:
    """Share of the dark or coloured pixels of the whole picture that have nothing near them in the other, laid over each other."""
    with Image.open(io.BytesIO(whole)) as a, Image.open(io.BytesIO(damaged)) as b:
        theirs, ours = a.convert("L"), b.convert("L")
        if theirs.size != ours.size:
            return 1.0
        near = np.asarray(ours.filter(ImageFilter.MinFilter(5)))[3:-3, 3:-3]
        dark = np.asarray(theirs)[3:-3, 3:-3] < 150
    return float((dark & (near > 215)).sum() / max(1, dark.sum()))


def only_in_pictures(original: bytes, data: bytes) -> bool:
    """Whether a damaged PDF differs only inside streams that no sum guards (JPEG, fax, and what is not compressed)."""
    if len(original) != len(data):
        return False
    places = np.flatnonzero(np.frombuffer(original, np.uint8) != np.frombuffer(data, np.uint8))
    inside = np.zeros(len(places), bool)
    for found in re.finditer(rb"(<<(?:[^>]|>(?!>\s*stream))*>>)\s*stream\r?\n(.*?)endstream", original, re.DOTALL):
        if not re.search(rb"/Fl(?:ateDecode)?\b", found[1].rsplit(b" obj")[-1]):
            inside |= (places >= found.start(2)) & (places < found.end(2))
    return bool(inside.all())


def unreported(whole: Told, damaged: Told, data: bytes, name: str, original: bytes = b"") -> str:
    """What a damaged copy lost without a word; empty when it lost nothing or said so."""
    if damaged.code is not None:
        return "" if damaged.code != "DIED" else f"died: {damaged.detail}"
    if set(damaged.said) - set(whole.said) or NAMED_DAMAGED & set(damaged.said):
        return ""
    if name.endswith(".dxf"):
        held, account = counted(data), damaged.there
        # What the damage itself took out of the layouts is no loss of ours; `held` counts what lies in blocks, too.
        before, after = on_layouts(original), on_layouts(data)
        gone = before[1] - after[1] if before[0] == after[0] else Counter()
        lost = (whole.there - account).items()
        less = Counter({kind: n for kind, n in lost if held[kind] > account[kind] and n > gone[kind]})
        return f"of the file's own {dict(held)} it tells {dict(account)}" if less else ""
    if damaged.sheets < whole.sheets:
        return f"{damaged.sheets} of {whole.sheets} sheets"
    if sum(damaged.there.values()) < sum(
        whole.there.values()
    ):  # of whichever type: a class may have lost its name only
        return f"lost {dict(whole.there - damaged.there)}"
    if original and name.endswith(".pdf") and only_in_pictures(original, data):
        return ""
    ink = missing_ink(whole.picture, damaged.picture)
    return f"{100 * ink:.1f} % of the ink is missing" if ink > MISSING_INK else ""
