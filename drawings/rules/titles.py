"""What a sheet is called (图号、图名): by its layout, else by its file.

The model space of every file is called Model and a new layout is called Layout1; nobody finds a drawing by that. Design
institutes name the file after the title block: "总施-01 总平面图.dwg".
"""

from __future__ import annotations

import re
from pathlib import PurePath

# Names that programs give by themselves, and bare page numbers.
GIVEN_BY_PROGRAM = re.compile(r"(model|模型|layout ?\d*|布局 ?\d*|\d{1,4})", re.IGNORECASE)
# A few letters or characters of the discipline, a running number, then the name: 建施-02 一层平面图, A-101_Plan.
NUMBERED = re.compile(r"(?P<number>[A-Za-z\u4e00-\u9fff]{1,4}[-–]?\d{1,4}[A-Za-z]?)[\s_、·—–-]+(?P<name>\S.*)")


def titled(name: str, file_name: str, *, is_model: bool, alone: bool) -> tuple[str, str]:
    """Number and name of a sheet.

    A layout that somebody named keeps that name. Else the file's name stands for it, followed by the layout's where the
    file holds several sheets; the model space is the file's main drawing and takes its name alone.
    """
    stem = PurePath(file_name).stem.strip() or name
    if not GIVEN_BY_PROGRAM.fullmatch(name.strip()):
        return split(name.strip())
    number, words = split(stem)
    return number, words if alone or is_model else f"{words} · {name.strip()}"


def split(words: str) -> tuple[str, str]:
    """Drawing number and name; no number where the words do not begin with one."""
    found = NUMBERED.fullmatch(words)
    return (found["number"], found["name"].strip()) if found else ("", words)
