"""What a sheet says of itself (图签、图纸目录): title blocks and drawing lists, read from the text records of a prepared sheet.

A title block is found by its labels (图号, 图名, 比例 ...): the value stands to the right of its label in the same row, or below
it in the same cell. One sheet may hold several (frames side by side in the model space). A drawing list is a table under
a heading row that has a number and a name column. Nothing is guessed: what does not look like a value is left out.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

LABELS: dict[str, str] = {
    **dict.fromkeys(("图号", "图纸编号", "图纸号", "图纸图号", "DRAWINGNO", "DWGNO", "SHEETNO", "DRAWINGNUMBER", "SHEETNUMBER"), "number"),
    **dict.fromkeys(("图名", "图纸名称", "图纸名", "图纸内容", "图纸标题", "DRAWINGTITLE", "SHEETTITLE", "DRAWINGNAME", "DWGTITLE"), "name"),
    **dict.fromkeys(("比例", "图纸比例", "出图比例", "SCALE"), "scale"),
    **dict.fromkeys(("工程名称", "项目名称", "工程项目", "PROJECT", "PROJECTNAME"), "project"),
    **dict.fromkeys(("专业", "设计专业", "图别", "DISCIPLINE"), "discipline"),
    **dict.fromkeys(("设计阶段", "阶段", "STAGE"), "stage"),
    **dict.fromkeys(("版次", "版本", "版本号", "版号", "修改版次", "REV", "REVISION"), "revision"),
    **dict.fromkeys(("日期", "出图日期", "DATE"), "date"),
    # Known only so that their cells are not taken for another's value.
    **dict.fromkeys(
        (
            "序号", "建设单位", "设计单位", "设计号", "工程编号", "项目编号", "子项名称", "审定", "审核", "校对", "校核", "设计", "制图",
            "项目负责人", "专业负责人", "负责人", "图幅", "图纸规格", "规格", "备注", "张数", "页数", "CLIENT", "DRAWN", "CHECKED", "APPROVED",
            "DESIGNED", "NOTES", "REMARKS", "NO", "SIZE",
        ),
        "other",
    ),
}  # fmt: skip
LIST_LABELS = ("图纸目录", "图纸清单", "DRAWINGLIST", "DRAWINGINDEX", "SHEETLIST", "SHEETINDEX", "LISTOFDRAWINGS")
NUMBER = re.compile(
    r"[A-Z\u4e00-\u9fff]{1,8}(?:[-–—_./ ]?[A-Z0-9\u4e00-\u9fff]{1,6}){0,3}[-–—_./ ]?\d{1,4}[A-Z]?(?:[-–./]\d{1,4})?"
    r"|\d{1,4}(?:[-–/]\d{1,4})?",
    re.IGNORECASE,
)
SCALE = re.compile(r"1\s*[:：/∶]\s*(\d{1,7})")
PAPER = re.compile(r"A[0-5](?:\s*[+＋]\s*[\d./]+)?(?:加长)?", re.IGNORECASE)
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[A-Za-z\u4e00-\u9fff]")
# In heights of the label: how far to the right in its row, how far below, how far apart labels of one block may be.
RIGHT, BELOW, TOGETHER = 45.0, 9.0, 90.0
LIST_ROWS = 2_000
# Counter-clockwise, as texts are turned.
TURNS = (0, 90, 270, 180)
# How many hashes of its words a sheet keeps, see readings.sketch.
SKETCH = 96


@dataclass(frozen=True)
class Word:
    """One run of text: left end of its base line, cap height, width."""

    x: float
    y: float
    h: float
    w: float
    s: str

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def middle(self) -> float:
        return self.y + self.h / 2


@dataclass(frozen=True)
class Title:
    """What one title block says (图签): fields by name; `scale` is the N of 1:N."""

    fields: dict[str, str]
    at: tuple[float, float]

    @property
    def scale(self) -> int | None:
        """N of 1:N; None when it says nothing, "见图" or several."""
        found = {int(n) for n in SCALE.findall(self.fields.get("scale", ""))}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class ListRow:
    """One row of a drawing list (图纸目录)."""

    number: str
    name: str


@dataclass
class Told:
    """Everything that a sheet's texts say of it."""

    titles: list[Title] = field(default_factory=list)
    rows: list[ListRow] = field(default_factory=list)
    has_list: bool = False


def words_of(records: Iterable[dict[str, Any]], turn: int = 0) -> list[Word]:
    """Text records of text.json that are written at `turn` degrees (0, 90, 180, 270), with the page turned so that they are upright.

    Slanted and mirrored texts are no title block.
    """
    found = []
    for record in records:
        off = (float(record.get("rot", 0)) - turn) % 360
        if min(off, 360 - off) > 1 or record.get("mx"):
            continue
        x, y, h, w = (float(record[key]) for key in ("x", "y", "h", "w"))
        x, y = {0: (x, y), 90: (y, -x), 180: (-x, -y), 270: (-y, x)}[turn]
        if h > 0 and all(map(math.isfinite, (x, y, h, w))) and str(record["s"]).strip():
            found.append(Word(x, y, h, max(w, 0.0), str(record["s"]).strip()))
    return found


def bare(text: str) -> str:
    """For comparing with labels: full-width to half-width, capitals, no spaces, no colon or dot at the end."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\u3000]+", "", plain).rstrip(":.：。")


def tell(records: Iterable[dict[str, Any]]) -> Told:
    """Title blocks and drawing lists among the text records of one sheet, upright or turned by a quarter (图签竖排, sheets laid on their side)."""
    known = list(records)
    told = Told()
    for turn in TURNS:
        words = words_of(known, turn)
        labelled = [(word, LABELS[bare(word.s)]) for word in words if bare(word.s) in LABELS]
        told.has_list = told.has_list or any(bare(w.s).startswith(LIST_LABELS) for w in words if len(w.s) < 30)
        headings = heading_rows(labelled)
        in_headings = {id(word) for row in headings for word, _kind in row}
        for row in headings:
            told.rows += rows_below(row, words)
        told.titles += titles_of(words, [(word, kind) for word, kind in labelled if id(word) not in in_headings])
    told.rows = list(dict.fromkeys(told.rows))
    told.has_list = told.has_list or bool(told.rows)
    told.titles = without_twins(told.titles)
    return told


def heading_rows(labelled: Sequence[tuple[Word, str]]) -> list[list[tuple[Word, str]]]:
    """Rows of labels that head a list: number and name side by side with 序号 or with three or more in all."""
    found = []
    for word, kind in labelled:
        if kind != "number":
            continue
        row = [(w, k) for w, k in labelled if abs(w.middle - word.middle) < 0.8 * word.h]
        kinds = {k for _w, k in row}
        if "name" in kinds and (len(row) >= 3 or any(bare(w.s) in {"序号", "NO"} for w, _k in row)):
            left = max((w.x for w, k in row if k == "number" and w.x < word.x - word.h), default=-math.inf)
            right = min((w.x for w, k in row if k == "number" and w.x > word.x + word.h), default=math.inf)
            found.append([(w, k) for w, k in row if left < w.x < right])
    return found


def rows_below(heading: Sequence[tuple[Word, str]], words: Sequence[Word]) -> list[ListRow]:
    """The rows of the list under its heading, until the rows end or another heading begins."""
    number = next(w for w, kind in heading if kind == "number")
    name = next(w for w, kind in heading if kind == "name")
    low, high = min(w.x for w, _k in heading), max(w.right for w, _k in heading)
    margin = max(8 * number.h, 0.6 * abs(name.x - number.x))
    inside = [
        w for w in words if w.middle < number.middle - 0.8 * number.h and low - margin <= w.x <= high + 4 * margin
    ]
    inside.sort(key=lambda w: -w.middle)
    rows: list[ListRow] = []
    last, pitch, at = number.middle, 0.0, 0
    while at < len(inside) and len(rows) < LIST_ROWS:
        first = inside[at]
        row = [w for w in inside[at : at + 60] if abs(w.middle - first.middle) < 0.6 * max(first.h, number.h * 0.5)]
        at += len(row)
        gap = last - first.middle
        if pitch and gap > 4.5 * pitch:
            break
        found = list_row(row, number, name)
        if found is None:
            continue
        pitch = gap if not pitch else max(pitch, min(gap, 1.5 * pitch))
        last = first.middle
        rows.append(found)
    return rows


def list_row(row: Sequence[Word], number: Word, name: Word) -> ListRow | None:
    """Number and name of one row; None when it has not both."""
    reach = abs(name.x - number.x)
    numbers = [
        w
        for w in row
        if is_number(w.s) and LETTER.search(w.s) and not PAPER.fullmatch(w.s) and abs(w.x - number.x) < 0.9 * reach
    ]
    if not numbers:
        numbers = [
            w for w in row if NUMBER.fullmatch(w.s) and abs(w.x + w.w / 2 - number.x - number.w / 2) < 0.35 * reach
        ]
    if not numbers:
        return None
    own = min(numbers, key=lambda w: abs(w.x + w.w / 2 - number.x - number.w / 2))
    on_side = [
        w
        for w in row
        if w is not own and (w.x > own.x) == (name.x > number.x) and LETTER.search(w.s) and not PAPER.fullmatch(w.s)
    ]
    if not on_side:
        return None
    called = min(on_side, key=lambda w: (abs(w.x - own.x) > 3 * reach, -len(w.s)))
    return ListRow(tidy(own.s), tidy(called.s))


def titles_of(words: Sequence[Word], labelled: Sequence[tuple[Word, str]]) -> list[Title]:
    """One title per label of a number (or of a name, where no number label is near), with its neighbours' values."""
    titles: list[Title] = []
    label_ids = {id(word) for word, _kind in labelled}
    values = [word for word in words if id(word) not in label_ids]
    numbers = [word for word, kind in labelled if kind == "number"]
    names = [word for word, kind in labelled if kind == "name" and not any(near(word, other) for other in numbers)]
    for seed in [*numbers, *names]:
        block = [(word, kind) for word, kind in labelled if near(seed, word)]
        fields: dict[str, str] = {}
        for kind in ("number", "name", "scale", "project", "discipline", "stage", "revision", "date"):
            for label in sorted((w for w, k in block if k == kind), key=lambda w: distance(seed, w)):
                value = value_of(label, kind, block, values)
                if value:
                    fields[kind] = value
                    break
        if ("number" in fields or "name" in fields) and len({kind for _w, kind in block}) >= 2:
            titles.append(Title(fields, (seed.x, seed.y)))
    return without_twins(titles)


def without_twins(titles: Sequence[Title]) -> list[Title]:
    """The same block found twice (bilingual labels: 图号 and DRAWING NO.) counts once."""
    kept: list[Title] = []
    for title in titles:
        same = (title.fields.get("number"), title.fields.get("name"))
        if not any((other.fields.get("number"), other.fields.get("name")) == same for other in kept):
            kept.append(title)
    return kept


def near(a: Word, b: Word) -> bool:
    """Could these labels be of one title block?"""
    return distance(a, b) <= TOGETHER * a.h and 0.33 <= a.h / b.h <= 3


def distance(a: Word, b: Word) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)


def value_of(label: Word, kind: str, block: Sequence[tuple[Word, str]], values: Sequence[Word]) -> str:
    """The value of one label: right of it in its row, else below it in its cell; empty when nothing fits."""
    others = [word for word, _kind in block if word is not label]
    h = label.h
    stop = min((w.x for w in others if w.x > label.right and abs(w.middle - label.middle) < h), default=math.inf)
    right = [
        w
        for w in values
        if w.x >= label.right - 0.5 * h
        and w.x < min(stop, label.right + RIGHT * h)
        and (abs(w.middle - label.middle) < 0.9 * max(h, min(w.h, 2 * h)) and w.h <= 4 * h)
    ]
    found = pick(kind, sorted(right, key=lambda w: w.x)[:3], joined=False)
    if found:
        return found
    floor = max(
        (w.y + 0.5 * w.h for w in others if w.y < label.y - h and abs(w.x - label.x) < 6 * h),
        default=label.y - BELOW * h,
    )
    below = [
        w
        for w in values
        if max(floor, label.y - 2.5 * BELOW * h) <= w.middle < label.y + 0.2 * h
        and label.x - 2 * h <= w.x < min(stop, label.x + RIGHT * h)
        and w.h <= 5 * h
    ]
    return pick(kind, sorted(below, key=lambda w: (-w.y, w.x)), joined=kind in {"name", "project"})


def pick(kind: str, words: Sequence[Word], *, joined: bool) -> str:
    """The first that looks like a value of this kind; names of several lines are joined."""
    fitting = [word for word in words if fits(kind, word.s)]
    if not fitting:
        return ""
    if not joined:
        return tidy(fitting[0].s)
    tallest = max(word.h for word in fitting)
    lines = [word.s for word in fitting if word.h > 0.6 * tallest][:3]
    return tidy("".join(join(lines)))


def join(lines: Sequence[str]) -> Iterable[str]:
    """Lines of one name: a space between Latin words only."""
    for before, line in zip(["", *lines], lines, strict=False):
        latin = before and before[-1].isascii() and line[:1].isascii() and before[-1].isalnum() and line[:1].isalnum()
        yield f" {line}" if latin else line


def fits(kind: str, text: str) -> bool:
    """Could this text be a value of this kind?"""
    if kind == "number":
        return is_number(text)
    if kind == "scale":
        return bool(SCALE.search(text)) or bare(text) in {"见图", "如图", "无", "ASSHOWN", "NTS"}
    if kind == "name":
        return bool(LETTER.search(text)) and not SCALE.fullmatch(text.strip()) and len(text) <= 80
    return len(text) <= 120


def is_number(text: str) -> bool:
    """Could this be a drawing number (图号)?"""
    plain = unicodedata.normalize("NFKC", text).strip()
    return len(plain) <= 24 and bool(DIGIT.search(plain)) and bool(NUMBER.fullmatch(plain))


def tidy(text: str) -> str:
    """One line without doubled or trailing spaces; spaces between Chinese characters (字 距) are taken out."""
    line = " ".join(text.replace("\u3000", " ").split())
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", line)[:200]


def same_number(text: str) -> str:
    """For comparing numbers: 建施 - 02, 建施—02 and 建施-2 are one."""
    plain = re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text).upper())
    plain = re.sub(r"[–—－.]", "-", plain)
    return re.sub(r"\d+", lambda found: found[0].lstrip("0") or "0", plain)
