"""What stands on a paper, as plain frozen data: no layout, no keys, no database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Paragraph:
    """One paragraph, first line indented by two letters (首行缩进二字)."""

    text: str
    indent: bool = True


@dataclass(frozen=True)
class NumberedList:
    """Numbered lines: 1. 2. 3. ..."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Label and value pairs, set as a ruled table of two or four columns."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A ruled table. `widths` are shares of the text width; they need not add up to one."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Opinion:
    """One review opinion (审查意见) as the applicant reads it; `picture` is a PNG or JPEG cut from the sheet."""

    number: str
    department: str
    text: str
    discipline: str = ""
    kind: str = ""
    clause: str = ""
    sheet: str = ""
    demand: str = ""
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Opinions:
    """The numbered opinions of a merged notice (合并告知书)."""

    items: tuple[Opinion, ...]


@dataclass(frozen=True)
class DrawingEntry:
    """One line of the drawing list (图纸目录): sheet number, name, version, sha256 of the file."""

    number: str
    name: str
    version: str
    sha256: str
    file: str = ""


Block = Paragraph | NumberedList | Facts | Table | Opinions


@dataclass(frozen=True)
class Appendix:
    """附件: starts on a page of its own after the signature."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class PaperContent:
    """One official paper.

    `issuer` is printed in red on top (发文机关标志), `signer` over the date with the seal; both are
    names of bodies. `day` is the date of the paper in Asia/Shanghai. `verify_url` goes into the QR code.
    `draft` prints 样稿 across the pages: for previews, which carry no number and no seal.
    """

    title: str
    number: str
    issuer: str
    addressee: str
    body: tuple[Block, ...]
    signer: str
    day: date
    verify_url: str
    verify_code: str
    remedy: str = ""
    appendices: tuple[Appendix, ...] = ()
    drawings: tuple[DrawingEntry, ...] = ()
    copies_to: str = ""
    draft: bool = False


BLOCKS: dict[str, type[Block]] = {kind.__name__: kind for kind in (Paragraph, NumberedList, Facts, Table, Opinions)}


def to_json(content: PaperContent) -> dict[str, object]:
    """The content as JSON values; a picture becomes the sha256 of its bytes."""
    values = _plain(content)
    if not isinstance(values, dict):
        raise TypeError("a content is a dataclass")
    return values


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        named: dict[str, object] = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return {"block": type(value).__name__, **named} if type(value).__name__ in BLOCKS else named
    return value


def from_json(values: dict[str, Any], picture: Callable[[str], bytes]) -> PaperContent:
    """What `to_json` gave; `picture` finds the bytes of a sha256."""
    return PaperContent(
        **{
            **values,
            "body": _blocks(values["body"], picture),
            "day": date.fromisoformat(values["day"]),
            "appendices": tuple(
                Appendix(entry["title"], _blocks(entry["blocks"], picture)) for entry in values["appendices"]
            ),
            "drawings": tuple(DrawingEntry(**entry) for entry in values["drawings"]),
        }
    )


def _blocks(values: list[dict[str, Any]], picture: Callable[[str], bytes]) -> tuple[Block, ...]:
    return tuple(_block(value, picture) for value in values)


def _block(value: dict[str, Any], picture: Callable[[str], bytes]) -> Block:
    kind = BLOCKS[value["block"]]
    rest = {name: item for name, item in value.items() if name != "block"}
    if kind is Opinions:
        return Opinions(
            tuple(
                Opinion(**{**item, "picture": picture(item["picture"]) if item["picture"] else None})
                for item in rest["items"]
            )
        )
    return kind(**{name: _tuples(item) for name, item in rest.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


class PictureUnusable(ValueError):
    """A picture that belongs on the paper is no PNG or JPEG that can be decoded."""
