"""What a mark (批注) may hold: the schema of an op's fields `p`, checked at the door.

`clean_create`, `clean_patch`, `clean_reply` and `clean_empty` return the fields in the one form that is stored, or raise
`BadFields` with the path and the reason. Nothing that PostgreSQL's jsonb or UTF-8 cannot carry gets past them, and
every number comes back from jsonb as the same number, so that the hash of a stored op can be computed again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Fields = dict[str, Any]

TEXT_LIMIT = 4000
VERTEX_LIMIT = 5000
MENTION_LIMIT = 50
COORDINATE_LIMIT = 1e12
POLYGON_LIMIT = 64

# Which GeoJSON geometries a tool may draw.
GEOMETRY_OF_TOOL: Mapping[str, frozenset[str]] = {
    "cloud": frozenset({"Polygon", "MultiPolygon", "LineString"}),
    "arrow": frozenset({"LineString"}),
    "line": frozenset({"LineString", "MultiLineString"}),
    "polygon": frozenset({"Polygon", "MultiPolygon"}),
    "rect": frozenset({"Polygon"}),
    "ellipse": frozenset({"Polygon"}),
    "freehand": frozenset({"LineString", "MultiLineString"}),
    "text": frozenset({"Point", "Polygon"}),
    "stamp": frozenset({"Point", "Polygon"}),
    "count": frozenset({"Point", "MultiPoint"}),
    "measure": frozenset({"LineString", "Polygon"}),
}
CREATE_FIELDS = frozenset({"tool", "geom", "text", "style", "scale"})
PATCH_FIELDS = frozenset({"geom", "text", "style", "scale"})
REMOVABLE_FIELDS = frozenset({"text", "style", "scale"})
COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")


class BadFields(ValueError):
    """The fields of an op are not what the schema allows; `path` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def clean_create(p: object) -> Fields:
    """The fields of a new mark: tool and geometry are required, the rest optional; unknown fields are refused."""
    fields = as_object(p, "p", CREATE_FIELDS)
    tool = fields.get("tool")
    if not isinstance(tool, str) or tool not in GEOMETRY_OF_TOOL:
        raise BadFields("p.tool", "unknown tool")
    if "geom" not in fields:
        raise BadFields("p.geom", "missing")
    cleaned: Fields = {"tool": tool, "geom": clean_geometry(fields["geom"], tool)}
    for name in ("text", "style", "scale"):
        if fields.get(name) is not None:
            cleaned[name] = CLEANERS[name](fields[name], f"p.{name}")
    return cleaned


def clean_patch(p: object, tool: str) -> Fields:
    """The changed fields of a mark drawn with `tool`; null takes an optional field away. The tool never changes."""
    fields = as_object(p, "p", PATCH_FIELDS)
    if not fields:
        raise BadFields("p", "nothing to change")
    cleaned: Fields = {}
    for name, value in fields.items():
        if name == "geom":
            cleaned[name] = clean_geometry(value, tool)
        elif value is None:
            cleaned[name] = None
        else:
            cleaned[name] = CLEANERS[name](value, f"p.{name}")
    return cleaned


def clean_reply(p: object) -> Fields:
    """A reply in a mark's thread: its text, and the ids of the people it mentions (@)."""
    fields = as_object(p, "p", frozenset({"text", "mentions"}))
    text = clean_text(fields.get("text"), "p.text")
    if not text.strip():
        raise BadFields("p.text", "empty")
    cleaned: Fields = {"text": text}
    mentions = fields.get("mentions")
    if mentions:
        if not isinstance(mentions, list) or len(mentions) > MENTION_LIMIT:
            raise BadFields("p.mentions", f"a list of at most {MENTION_LIMIT} person ids")
        for person in mentions:
            if isinstance(person, bool) or not isinstance(person, int) or not 0 < person < 2**53:
                raise BadFields("p.mentions", "person ids are positive integers")
        cleaned["mentions"] = sorted(set(mentions))
    return cleaned


def clean_empty(p: object) -> Fields:
    """delete, restore, resolve and reopen carry no fields."""
    if p is None or p == {}:
        return {}
    raise BadFields("p", "no fields here")


def as_object(value: object, path: str, allowed: frozenset[str]) -> Fields:
    """A JSON object with known keys only."""
    if not isinstance(value, dict):
        raise BadFields(path, "an object is needed")
    for key in value:
        if key not in allowed:
            raise BadFields(path, "unknown field")
    return value


def clean_text(value: object, path: str) -> str:
    """Text that UTF-8 and PostgreSQL can carry: no lone surrogate, no U+0000, at most 4,000 characters."""
    if not isinstance(value, str):
        raise BadFields(path, "text is needed")
    if len(value) > TEXT_LIMIT:
        raise BadFields(path, f"longer than {TEXT_LIMIT} characters")
    if not is_storable(value):
        raise BadFields(path, "holds a character that cannot be stored")
    return value


def is_storable(text: str) -> bool:
    """False for lone surrogates and U+0000."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean_number(value: object, path: str, *, low: float, high: float) -> int | float:
    """A finite JSON number within [low, high]; minus zero becomes zero (jsonb has none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFields(path, "a number is needed")
    # Not a number fails every comparison, and integers of any size compare without a conversion.
    if not low <= value <= high:
        raise BadFields(path, f"outside {low:g} .. {high:g}")
    return value if value else 0


def clean_style(value: object, path: str) -> Fields:
    """Colour `#rrggbb`, line width in pixels, opacity 0..1."""
    fields = as_object(value, path, frozenset({"color", "width", "opacity"}))
    cleaned: Fields = {}
    if fields.get("color") is not None:
        color = fields["color"]
        if not isinstance(color, str) or not COLOR.match(color):
            raise BadFields(f"{path}.color", "a colour is written #rrggbb")
        cleaned["color"] = color.lower()
    if fields.get("width") is not None:
        cleaned["width"] = clean_number(fields["width"], f"{path}.width", low=0.1, high=100)
    if fields.get("opacity") is not None:
        cleaned["opacity"] = clean_number(fields["opacity"], f"{path}.opacity", low=0, high=1)
    return cleaned


def clean_scale(value: object, path: str) -> int | float:
    """Real length of one drawing unit, in metres, as the person measuring set it."""
    return clean_number(value, path, low=1e-9, high=1e9)


def clean_geometry(value: object, tool: str) -> Fields:
    """GeoJSON geometry in the sheet's drawing units, of a kind that `tool` draws; at most 5,000 vertices."""
    fields = as_object(value, "p.geom", frozenset({"type", "coordinates"}))
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in GEOMETRY_OF_TOOL[tool]:
        raise BadFields("p.geom.type", f"{tool} draws {', '.join(sorted(GEOMETRY_OF_TOOL[tool]))}")
    coordinates = fields.get("coordinates")
    path = "p.geom.coordinates"
    cleaned: object
    if kind == "Point":
        cleaned = clean_position(coordinates, path)
    elif kind == "MultiPoint":
        cleaned = clean_positions(coordinates, path, least=1)
    elif kind == "LineString":
        cleaned = clean_positions(coordinates, path, least=2)
    elif kind == "MultiLineString":
        cleaned = [clean_positions(line, path, least=2) for line in as_parts(coordinates, path)]
    elif kind == "Polygon":
        cleaned = clean_rings(coordinates, path)
    else:
        cleaned = [clean_rings(part, path) for part in as_parts(coordinates, path)]
    if count_positions(cleaned) > VERTEX_LIMIT:
        raise BadFields(path, f"more than {VERTEX_LIMIT} vertices")
    return {"type": kind, "coordinates": cleaned}


def as_parts(value: object, path: str) -> list[object]:
    """A non-empty list of bounded length."""
    if not isinstance(value, list) or not 1 <= len(value) <= POLYGON_LIMIT:
        raise BadFields(path, f"a list of 1 to {POLYGON_LIMIT} parts is needed")
    return value


def clean_rings(value: object, path: str) -> list[list[list[int | float]]]:
    """Closed rings of at least four positions."""
    rings = [clean_positions(ring, path, least=4) for ring in as_parts(value, path)]
    for ring in rings:
        if ring[0] != ring[-1]:
            raise BadFields(path, "a ring must end where it began")
    return rings


def clean_positions(value: object, path: str, *, least: int) -> list[list[int | float]]:
    """A list of [x, y]."""
    if not isinstance(value, list) or not least <= len(value) <= VERTEX_LIMIT:
        raise BadFields(path, f"a list of {least} to {VERTEX_LIMIT} positions is needed")
    return [clean_position(item, path) for item in value]


def clean_position(value: object, path: str) -> list[int | float]:
    """[x, y], finite and below 1e12."""
    if not isinstance(value, list) or len(value) != 2:
        raise BadFields(path, "a position is [x, y]")
    return [clean_number(item, path, low=-COORDINATE_LIMIT, high=COORDINATE_LIMIT) for item in value]


def count_positions(value: object) -> int:
    """How many positions a cleaned coordinate list holds."""
    if not isinstance(value, list):
        return 0
    if value and not isinstance(value[0], list):
        return 1
    return sum(count_positions(item) for item in value)


CLEANERS = {"text": clean_text, "style": clean_style, "scale": clean_scale}
