"""Fonts for drawings: every name that a file asks for, answered with what we have (字体替换).

ezdxf looks for installed fonts and maps Chinese shape fonts to a face without Chinese glyphs: empty boxes. Here one open face
(Noto Sans SC) draws everything, and only advance widths are needed: text travels as records, not as outlines. Shape
fonts (SHX) get the proportions that AutoCAD gives them: a Chinese character of a big font is as high and as wide as
the text height, while a TrueType face is scaled by its capital letters.
"""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAMILY = "Noto Sans SC"
FILE = "NotoSansSC-Regular.otf"
CAP_HEIGHT = 0.733
"""Cap height of the face as a share of the em."""
HAN_BODY = 1.0
"""Height and advance of a Chinese character of an SHX big font, in text heights."""
HAN_DROP = 0.88
"""Top of a Chinese character of our face above its base line, as a share of the em."""

SHX_LATIN = {"txt": 1.20, "simplex": 1.14, "romans": 1.14, "romand": 1.14, "romanc": 1.14, "romant": 1.14, "complex": 1.14,
             "isocp": 0.92, "gbenor": 0.92, "gbeitc": 0.92, "tssdeng": 0.95, "complex_": 1.14}  # fmt: skip
"""Advance of Latin letters of well-known SHX fonts, relative to our face at the same cap height."""
NARROW_HAN = {"gbenor": 0.62, "gbeitc": 0.62, "gbcbig": 0.62}
"""Advance of Chinese characters in text heights where a big font is narrow: gbcbig (长仿宋) goes with gbenor and gbeitc.

Taken from a Tianzheng drawing whose title and scale stand side by side under one line: there it is 0.64 at most.
"""

_HAN = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_RUNS = re.compile(f"({_HAN.pattern}+)")


def is_han(text: str) -> bool:
    """Whether the text holds Chinese, Japanese, Korean or full-width characters."""
    return _HAN.search(text) is not None


def face_path() -> Path:
    """The CJK face from the package `pylopdf-fonts-zh-cn` (OFL). Raises FileNotFoundError."""
    import pylopdf_fonts_zh_cn

    path = Path(pylopdf_fonts_zh_cn.__file__).parent / FILE
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


@functools.lru_cache(maxsize=1)
def advances() -> tuple[NDArray[np.float32], dict[int, float]]:
    """Advance widths of the face in em: an array for the basic plane, a dictionary beyond. Missing characters get 1 em."""
    from fontTools.ttLib import TTFont

    with TTFont(face_path(), lazy=True) as font:
        units = float(font["head"].unitsPerEm)
        metrics = font["hmtx"].metrics
        table = np.full(0x10000, 1.0, dtype=np.float32)
        beyond: dict[int, float] = {}
        for code, glyph in font.getBestCmap().items():
            width = metrics[glyph][0] / units
            if code < 0x10000:
                table[code] = width
            else:
                beyond[code] = width
    table[:32] = 0.0
    return table, beyond


class _Widths(dict[str, float]):
    """Advance width of each character, looked up once."""

    def __missing__(self, char: str) -> float:
        table, beyond = advances()
        code = ord(char)
        width = self[char] = float(table[code]) if code < 0x10000 else beyond.get(code, 1.0)
        return width


_widths = _Widths()


@functools.lru_cache(maxsize=65536)
def em_width(text: str) -> float:
    """Width of a run in em of the face."""
    return sum(map(_widths.__getitem__, text))


@dataclass(frozen=True)
class Typeface:
    """How a font name of a file is drawn: which proportions, and whether it is a stroke (SHX) font."""

    name: str
    shx: bool
    latin: float
    han: float = HAN_BODY

    def runs(self, text: str) -> list[tuple[str, bool]]:
        """Parts of the text that are drawn with different proportions: (part, is Chinese of a big font)."""
        if not self.shx:
            return [(text, False)]
        return [(part, is_han(part)) for part in _RUNS.split(text) if part]

    def width(self, text: str) -> float:
        """Width of the text for cap height 1."""
        if not self.shx:
            return em_width(text) / CAP_HEIGHT
        return sum(self.run_width(part, han=han) for part, han in self.runs(text))

    def run_width(self, part: str, *, han: bool) -> float:
        if han:
            return len(part) * self.han
        return em_width(part) / CAP_HEIGHT * (self.latin if self.shx else 1.0)


@functools.lru_cache(maxsize=4096)
def typeface(name: str) -> Typeface:
    """The typeface for a font file name of a text style ("hztxt.shx", "simsun.ttc", "" for the default)."""
    base = name.strip().lower().replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, extension = base.partition(".")
    shx = bool(base) and (extension in {"shx", "shp"} or (not dot and stem not in {"arial", "simsun", "simhei"}))
    return Typeface(base, shx, SHX_LATIN.get(stem, 1.0), NARROW_HAN.get(stem, HAN_BODY) if shx else HAN_BODY)


# ---------------------------------------------------------------- into ezdxf


def prepare_environment(cache: Path) -> None:
    """Give ezdxf a font list before its first import, so that it does not scan the system's folders (seconds)."""
    folder = cache / "ezdxf"
    folder.mkdir(parents=True, exist_ok=True)
    faces = [[str(face_path()), FAMILY, "Regular", 400, 5]]
    (folder / "font_manager_cache.json").write_text(json.dumps({"version": 2, "font-faces": faces}))
    os.environ["XDG_CACHE_HOME"] = str(cache)


@functools.lru_cache(maxsize=1)
def install() -> None:
    """Make ezdxf measure every font with our face; names are kept, so that proportions and the report know them."""
    from ezdxf.fonts import font_face, fonts
    from ezdxf.fonts.font_measurements import FontMeasurements

    class Measured(fonts.AbstractFont):
        """A font that measures but draws no outlines."""

        font_render_type = fonts.FontRenderType.OUTLINE

        def __init__(self, name: str, cap_height: float, width_factor: float) -> None:
            super().__init__(
                FontMeasurements(
                    baseline=0.0, cap_height=cap_height, x_height=cap_height * 0.74, descender_height=cap_height * 0.33
                )
            )
            self.name = name
            self.face = typeface(name)
            self._cap = float(cap_height)
            self._factor = float(width_factor)

        def text_width(self, text: str) -> float:
            return self.face.width(text) * self._cap * self._factor

        def text_width_ex(self, text: str, cap_height: float, width_factor: float = 1.0) -> float:
            return self.face.width(text) * cap_height * width_factor

        def space_width(self) -> float:
            return self.face.width(" ") * self._cap * self._factor

        def text_path(self, text: str) -> Any:
            raise NotImplementedError

        def text_path_ex(self, text: str, cap_height: float, width_factor: float = 1.0) -> Any:
            raise NotImplementedError

        def text_glyph_paths(self, text: str, cap_height: float, width_factor: float = 1.0) -> Any:
            return []

    def make_font(font_name: str, cap_height: float, width_factor: float = 1.0) -> Any:
        return Measured(font_name, cap_height, width_factor)

    def face_of(name: str, *_: Any, **__: Any) -> Any:
        return font_face.FontFace(filename=name or FILE, family=name or FAMILY)

    def best_match(
        *, family: str = "", style: str = "Regular", weight: int = 400, italic: bool | None = False, **_: Any
    ) -> Any:
        name = "Italic" if italic else style
        return font_face.FontFace(
            filename=f"{family}.ttf" if family else FILE, family=family, style=name, weight=weight
        )

    def file_name(face: Any) -> str:
        return str(face.filename or (f"{face.family}.ttf" if face.family else FILE))

    ours: list[tuple[Any, str, Any]] = [
        (fonts, "make_font", make_font),
        (fonts, "find_font_face", face_of),
        (fonts, "get_font_face", face_of),
        (fonts, "resolve_font_face", face_of),
        (fonts, "find_best_match", best_match),
        (fonts, "find_font_file_name", file_name),
        (fonts.font_manager, "get_font_face", face_of),
    ]
    for owner, name, function in ours:
        setattr(owner, name, function)
