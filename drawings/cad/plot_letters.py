"""Letters of a print as a font of just those that are used (出图字体): outlines of our face as Type 3 glyphs, with their characters for search.

The face holds 30,000 characters and weighs 8 MB; a print needs a few hundred. A subset by a font library takes seconds, this takes milliseconds.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from drawings.cad.fonts import face_path

EM = 1000
PER_FONT = 255


@functools.lru_cache(maxsize=1)
def opened() -> tuple[Any, dict[int, str], float]:
    """The face, glyph names by character, units per em."""
    from fontTools.ttLib import TTFont

    font = TTFont(face_path(), lazy=True)
    return font.getGlyphSet(), font.getBestCmap(), float(font["head"].unitsPerEm)


@functools.lru_cache(maxsize=4096)
def outline(char: str) -> tuple[bytes, float]:
    """The drawing commands of one character and its advance, in thousandths of the em."""
    from fontTools.pens.basePen import BasePen

    glyphs, names, units = opened()
    name = names.get(ord(char)) or names.get(0x3013) or ".notdef"
    scale = EM / units
    said: list[str] = []

    def point(at: tuple[float, float]) -> str:
        return f"{at[0] * scale:.0f} {at[1] * scale:.0f}"

    class Pen(BasePen):  # type: ignore[misc]
        def _moveTo(self, pt: tuple[float, float]) -> None:
            said.append(f"{point(pt)} m")

        def _lineTo(self, pt: tuple[float, float]) -> None:
            said.append(f"{point(pt)} l")

        def _curveToOne(self, a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
            said.append(f"{point(a)} {point(b)} {point(c)} c")

        def _closePath(self) -> None:
            said.append("h")

    glyphs[name].draw(Pen(glyphs))
    return ("\n".join(said) + ("\nf" if said else "")).encode(), float(glyphs[name].width) * scale


@dataclass
class Letters:
    """The characters of one print, numbered as they come."""

    numbers: dict[str, int] = field(default_factory=dict)

    def width(self, text: str) -> float:
        """Width of a run in em."""
        return sum(outline(char)[1] for char in text) / EM

    def shown(self, text: str) -> bytes:
        """The operators that show a run, changing fonts as needed; the font size is set by the text matrix."""
        parts: list[tuple[int, list[int]]] = []
        for char in text:
            number = self.numbers.setdefault(char, len(self.numbers))
            font, code = divmod(number, PER_FONT)
            if not parts or parts[-1][0] != font:
                parts.append((font, []))
            parts[-1][1].append(code + 1)
        return b" ".join(b"/L%d 1 Tf <%s> Tj" % (font, bytes(codes).hex().encode()) for font, codes in parts)

    def embed(self, document: Any) -> dict[str, int]:
        """Write the fonts into the document; their object numbers by resource name."""
        chars = list(self.numbers)
        made = {}
        for first in range(0, len(chars), PER_FONT):
            made[f"L{first // PER_FONT}"] = self._font(document, chars[first : first + PER_FONT])
        return made

    def _font(self, document: Any, chars: list[str]) -> int:
        procs, widths = [], []
        for number, char in enumerate(chars):
            path, width = outline(char)
            xref = stream(document, b"%.0f 0 -100 -300 %.0f 1100 d1\n%s" % (width, max(width, 1.0) + 100, path))
            procs.append(f"/g{number + 1} {xref} 0 R")
            widths.append(f"{width:.0f}")
        unicode = stream(document, to_unicode(chars))
        names = "".join(f"/g{number + 1}" for number in range(len(chars)))
        return added(
            document,
            f"<</Type/Font/Subtype/Type3/FontBBox[-100 -300 1100 1100]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1/LastChar {len(chars)}"
            f"/Widths[{' '.join(widths)}]/Encoding<</Type/Encoding/Differences[1{names}]>>/CharProcs<<{''.join(procs)}>>"
            f"/Resources<<>>/ToUnicode {unicode} 0 R>>",
        )


def to_unicode(chars: list[str]) -> bytes:
    """Which character each code stands for, so that a print can be searched and copied from."""
    rows = [f"<{code + 1:02x}> <{char.encode('utf-16-be').hex()}>" for code, char in enumerate(chars)]
    blocks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /L def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{body}\nendcmap end end"
    ).encode()


def added(document: Any, content: str) -> int:
    """A new object of the PDF; its number."""
    xref = int(document.get_new_xref())
    document.update_object(xref, content)
    return xref


def stream(document: Any, data: bytes, head: str = "") -> int:
    """A new compressed stream of the PDF with further entries in its dictionary; its number."""
    xref = added(document, f"<<{head}>>")
    document.update_stream(xref, data, new=True, compress=True)
    return xref
