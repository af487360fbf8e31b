"""Reading JSON that strangers send: bounded depth, no NaN, no surprise from the parser."""

from __future__ import annotations

import json
import re
from typing import Any

DEPTH_LIMIT = 12
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]')


class BadJson(ValueError):
    """The text is no JSON that we take."""


def read_json(text: str) -> Any:
    """The value in `text`, or BadJson: malformed, nested deeper than 12, NaN or Infinity, numbers beyond all measure."""
    if nesting(text) > DEPTH_LIMIT:
        raise BadJson("nested too deeply")
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadJson(str(error) if isinstance(error, BadJson) else "not JSON") from None


def refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise BadJson(f"{name} is not JSON")


def nesting(text: str) -> int:
    """How deep brackets are nested, outside strings; told before the parser recurses. Stops counting past the limit."""
    depth = deepest = 0
    for found in BRACKETS.finditer(text):
        sign = found.group()
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEPTH_LIMIT:
                return deepest
        elif sign in "]}":
            depth -= 1
    return deepest
