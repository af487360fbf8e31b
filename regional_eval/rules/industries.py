"""Industry codes (国民经济行业分类, GB/T 4754-2017) and lists of their prefixes. Pure.

A code is written `C3912`, `3912`, `C39`, `39` or `C`: the section letter follows from the first two digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

# Section -> first and last division (GB/T 4754-2017).
SECTIONS = {
    "A": (1, 5),
    "B": (6, 12),
    "C": (13, 43),
    "D": (44, 46),
    "E": (47, 50),
    "F": (51, 52),
    "G": (53, 60),
    "H": (61, 62),
    "I": (63, 65),
    "J": (66, 69),
    "K": (70, 70),
    "L": (71, 72),
    "M": (73, 75),
    "N": (76, 79),
    "O": (80, 82),
    "P": (83, 83),
    "Q": (84, 85),
    "R": (86, 90),
    "S": (91, 96),
    "T": (97, 97),
}
WRITTEN = re.compile(r"([A-T]?)(\d{0,4})", re.IGNORECASE)
DIVISION = 2


class Listed(Enum):
    """Is an industry on a list? MAYBE: it was given more coarsely than the list is written."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


def read_industry(text: str) -> str | None:
    """The code as `C3912`, with its letter; None when it is not one of GB/T 4754."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None or not text.strip():
        return None
    letter, digits = found.group(1).upper(), found.group(2)
    if not digits:
        return letter
    if len(digits) < DIVISION:
        return None
    division = int(digits[:DIVISION])
    section = next((code for code, (first, last) in SECTIONS.items() if first <= division <= last), None)
    if section is None or letter not in {"", section}:
        return None
    return section + digits


def is_listed(industry: str, prefixes: Sequence[str]) -> Listed:
    """Compare one readable code with readable prefixes."""
    if any(industry.startswith(prefix) for prefix in prefixes):
        return Listed.YES
    if any(prefix.startswith(industry) for prefix in prefixes):
        return Listed.MAYBE
    return Listed.NO
