"""Breaking Chinese text into lines (避头尾): pure, measured by a function the caller gives."""

from __future__ import annotations

import re
from collections.abc import Callable

# Marks that may not begin a line, and marks that may not end one.
NEVER_FIRST = frozenset("，。、；：？！）〕】》〉」』”’％‰℃·…—,.;:?!)]}%")
NEVER_LAST = frozenset("（〔【《〈「『“‘([{")
_PIECE = re.compile(r"[A-Za-z0-9²³°±×Φφ/_@#&'’.,:+*=\-]+|[ \t\r]+|.", re.DOTALL)


def pieces(text: str) -> list[str]:
    """Unbreakable pieces: a Latin word or number, a space, or one Chinese letter."""
    return [" " if piece[0] in " \t\r" else piece for piece in _PIECE.findall(text)]


def break_lines(text: str, measure: Callable[[str], float], width: float, first_indent: float = 0.0) -> list[str]:
    """Lines no wider than `width` (the first `first_indent` narrower); newlines in `text` are kept.

    A word wider than a whole line, such as a hash, is cut anywhere.
    """
    lines: list[str] = []
    for index, part in enumerate(text.split("\n")):
        lines += _break_part(part, measure, width, first_indent if index == 0 else 0.0)
    return lines


def _break_part(text: str, measure: Callable[[str], float], width: float, first_indent: float) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    used = first_indent
    queue = list(reversed(pieces(text)))
    while queue:
        piece = queue.pop()
        if not line and piece == " ":
            continue
        advance = measure(piece)
        if used + advance <= width or not width:
            line.append(piece)
            used += advance
            continue
        if len(piece) > 1 and (not line or advance > width):
            fitting = _fitting(piece, measure, width - used)
            if fitting or not line:
                fitting = max(fitting, 1)
                line.append(piece[:fitting])
                if piece[fitting:]:
                    queue.append(piece[fitting:])
                lines.append("".join(line).rstrip(" "))
                line, used = [], 0.0
                continue
        if not line:
            lines.append(piece)
            used = 0.0
            continue
        queue.append(piece)
        carried = _carried(line, piece)
        queue.extend(reversed(carried))
        lines.append("".join(line).rstrip(" "))
        line, used = [], 0.0
    lines.append("".join(line).rstrip(" "))
    return lines


def _fitting(piece: str, measure: Callable[[str], float], room: float) -> int:
    count, used = 0, 0.0
    for letter in piece:
        used += measure(letter)
        if used > room:
            break
        count += 1
    return count


def _carried(line: list[str], following: str) -> list[str]:
    """Take from the end of `line` what must go to the next line with `following`."""
    carried: list[str] = []
    while len(line) > 1 and (following[0] in NEVER_FIRST or line[-1][-1] in NEVER_LAST):
        following = line.pop()
        carried.insert(0, following)
        if len(carried) > 4:
            line += carried
            return []
    return carried
