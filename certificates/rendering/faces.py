"""Chinese type faces for papers: TrueType, embedded, only the glyphs a paper uses.

reportlab embeds TrueType outlines only, and the Song face (宋体, Noto Serif SC, OFL) has PostScript ones.
So every paper gets small TrueType files of its own with just its letters, the outlines turned into quadratic
curves once per process. An office that owns 仿宋 names its file in FONT_PATH and its papers are set in it; a
letter that a face lacks is taken from the next one, last from the face inside PyMuPDF (Droid Sans Fallback).
"""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pymupdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont as OutlineFont
from fontTools.ttLib import TTLibError
from fontTools.ttLib.tables._g_l_y_f import Glyph
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

# Quadratic curves may leave the cubic ones by this share of the letter height: invisible in print.
CURVE_TOLERANCE = 0.001
SONG_FILE = ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")
MISSING = ".notdef"
_registry = threading.RLock()


class FaceUnusable(ValueError):
    """The file named in FONT_PATH is no font whose outlines can be embedded."""


class Source:
    """A font file from which papers take their letters."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        try:
            self.font = OutlineFont(io.BytesIO(data), lazy=True, fontNumber=0)
            self.cmap: dict[int, str] = self.font.getBestCmap() or {}
            self.glyphs = self.font.getGlyphSet()
            self.units = int(self.font["head"].unitsPerEm)
        except (TTLibError, KeyError, AssertionError) as error:
            raise FaceUnusable(f"{name}: {error}") from error
        self._drawn: dict[str, Glyph] = {}

    def has(self, letter: str) -> bool:
        """Whether the file has a glyph for this letter."""
        return ord(letter) in self.cmap

    def glyph(self, name: str) -> Glyph:
        """One glyph with quadratic curves and no components."""
        if name not in self._drawn:
            pen = TTGlyphPen(None)
            is_postscript = "glyf" not in self.font
            curves = Cu2QuPen(pen, CURVE_TOLERANCE * self.units, reverse_direction=is_postscript)
            self.glyphs[name].draw(DecomposingFilterPen(curves, self.glyphs))
            self._drawn[name] = pen.glyph()
        return self._drawn[name]

    def cut(self, letters: Iterable[str]) -> bytes:
        """A TrueType file with the glyphs of those `letters` that the face has; equal letters, equal bytes."""
        wanted = {ord(letter): self.cmap[ord(letter)] for letter in sorted(set(letters)) if self.has(letter)}
        order = [MISSING, *sorted(set(wanted.values()) - {MISSING})]
        builder = FontBuilder(self.units, isTTF=True)
        builder.setupGlyphOrder(order)
        builder.setupCharacterMap(wanted)
        builder.setupGlyf({name: self.glyph(name) for name in order})
        glyf, advances = builder.font["glyf"], self.font["hmtx"]
        builder.setupHorizontalMetrics({name: (advances[name][0], getattr(glyf[name], "xMin", 0)) for name in order})
        head = self.font["hhea"]
        builder.setupHorizontalHeader(ascent=head.ascent, descent=head.descent)
        builder.setupOS2(
            sTypoAscender=head.ascent, sTypoDescender=head.descent, usWinAscent=head.ascent, usWinDescent=-head.descent
        )
        # Two subsets of one face must not carry one name: readers that cache by name would mix them up.
        mark = hashlib.sha256("".join(sorted(map(chr, wanted))).encode()).hexdigest()[:8]
        builder.setupNameTable({"familyName": self.name, "styleName": "Regular", "psName": f"{self.name}-{mark}"})
        builder.setupPost(keepGlyphNames=False)
        builder.font["head"].created = builder.font["head"].modified = self.font["head"].modified
        builder.font.recalcTimestamp = False
        out = io.BytesIO()
        builder.save(out)
        return out.getvalue()


@cache
def _song() -> Source:
    data = importlib.resources.files(SONG_FILE[0]).joinpath(SONG_FILE[1]).read_bytes()
    return Source("NotoSerifSC", data)


@cache
def _fallback() -> Source:
    font = pymupdf.Font("china-s")
    return Source("DroidSansFallback", bytes(font.buffer))


@cache
def _office(path: str, _modified: float) -> Source:
    return Source("OfficeFace", Path(path).read_bytes())


def sources(office_font: str | None = None) -> list[Source]:
    """The font files in the order they are asked. Raises FaceUnusable for a FONT_PATH that cannot be used."""
    path = office_font or os.environ.get("FONT_PATH", "")
    if not path:
        return [_song(), _fallback()]
    try:
        return [_office(path, Path(path).stat().st_mtime), _song(), _fallback()]
    except OSError as error:
        raise FaceUnusable(f"FONT_PATH {path}: {error.strerror}") from error


@dataclass(frozen=True)
class Faces:
    """The registered faces of one paper, first choice first; `face_of` says which one has a letter."""

    names: tuple[str, ...]
    letters: tuple[frozenset[str], ...] = field(repr=False)

    def face_of(self, letter: str) -> str:
        """Name of the first face that has this letter; the first face (its empty box) when none has."""
        for name, letters in zip(self.names, self.letters, strict=True):
            if letter in letters:
                return name
        return self.names[0]

    def width(self, text: str, size: float) -> float:
        """Advance width of `text` in points."""
        return float(sum(pdfmetrics.stringWidth(part, name, size) for name, part in self.runs(text)))

    def runs(self, text: str) -> Iterator[tuple[str, str]]:
        """(face name, text) for the longest stretches that one face can set."""
        start, current = 0, ""
        for index, letter in enumerate(text):
            name = self.face_of(letter)
            if name != current:
                if index > start:
                    yield current, text[start:index]
                start, current = index, name
        if text[start:]:
            yield current, text[start:]


@contextmanager
def faces_for(letters: Iterable[str], office_font: str | None = None) -> Iterator[Faces]:
    """The faces to set `letters` with, registered in reportlab while the block runs.

    `office_font` (or FONT_PATH) is the path of the office's own face, TrueType or OpenType.
    Raises FaceUnusable when its outlines cannot be embedded.
    """
    left = {letter for letter in letters if letter >= " "} | {" "}
    names: list[str] = []
    known: list[frozenset[str]] = []
    with _registry:
        try:
            for source in sources(office_font):
                own = frozenset(letter for letter in left if source.has(letter))
                if own or not names:
                    data = source.cut(own)
                    names.append(f"{source.name}-{hashlib.sha256(data).hexdigest()[:12]}")
                    known.append(own)
                    pdfmetrics.registerFont(TTFont(names[-1], io.BytesIO(data)))
                left -= own
            yield Faces(tuple(names), tuple(known))
        finally:
            # These files are made for one paper; left registered, a long-lived worker would collect them all.
            for name in names:
                pdfmetrics._fonts.pop(name, None)
