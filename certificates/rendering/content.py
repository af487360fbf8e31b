"""What stands on a paper, as plain frozen data: no layout, no keys, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


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
