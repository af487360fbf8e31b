"""The draw order that the author of a DWG set (绘制次序), given to the document: LibreDWG's DXF lacks it in R14 and in some files of 2004.

Without it a mask or a hatch may cover text that the author laid above: what cannot be kept is named (W_ORDER).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ezdxf.entities.dictionary import Dictionary
from ezdxf.entities.dxfobj import SortEntsTable

Row = tuple[str, list[tuple[str, str]] | None]
"""Handles of the record of a block, and of its entities, each with the handle that it is sorted by; None: not readable."""
NAME = "ACAD_SORTENTS"
NAMED = 3
NOT_READ = (
    "备用读取程序不带作者设定的绘制次序（谁盖住谁），文字可能被遮罩或填充盖住，请与原图核对",
    "The second reader does not bring the author's draw order: a mask or a fill may cover text, compare with the original",
)


def give_orders(
    doc: Any, rows: Sequence[Row], owners: Mapping[str, str], *, apart: Collection[str], unread: Collection[str]
) -> list[str]:
    """Order the blocks of `doc` by the tables of the file. Returns the names of the blocks whose order is not wholly kept.

    `owners`: block names by handle; `apart`: entities that the document lacks and that are drawn last, wherever they stand;
    `unread`: objects of unknown classes, any of which may be a table.
    """
    lost: list[str] = []
    blocks = {str(block.block_record_handle): block for block in doc.blocks}
    for owner, pairs in rows:
        block = blocks.get(owner)
        if pairs:
            if block is not None:
                _order(block, pairs)
            if block is None or any(handle in apart for handle, _ in pairs):
                lost.append(owners.get(owner, ""))
        elif pairs is None:
            lost.append(owners.get(owner, ""))
    unknown = frozenset(unread)
    for block in blocks.values():
        entry = _entry(block)
        if isinstance(entry, str) and entry.upper() in unknown:
            lost.append(str(block.name))
    return lost


def not_kept(names: Sequence[str]) -> tuple[str, str]:
    """The warning in Chinese and in English."""
    zh = [_spoken(name, "模型", "布局", "图块") for name in dict.fromkeys(names)]
    en = [_spoken(name, "model", "layout", "block") for name in dict.fromkeys(names)]
    zh_where = "、".join(zh[:NAMED]) + (" 等" if len(zh) > NAMED else "")
    en_where = ", ".join(en[:NAMED]) + (" and others" if len(en) > NAMED else "")
    return (
        f"作者设定的绘制次序（谁盖住谁）未能完全还原：{zh_where}。文字可能被遮罩或填充盖住，请与原图核对",
        f"The author's draw order is not wholly kept in: {en_where}. A mask or a fill may cover text, compare with the original",
    )


def _spoken(name: str, model: str, layout: str, block: str) -> str:
    lower = name.lower()
    if lower.startswith("*model_space"):
        return model
    return layout if lower.startswith("*paper_space") else f"{block} {name}".strip()


def _dictionary(record: Any) -> Any:
    """The extension dictionary of a block record, or None."""
    extension = record.get_extension_dict() if record.has_extension_dict else None
    return extension if extension is not None and isinstance(extension.dictionary, Dictionary) else None


def _entry(block: Any) -> Any:
    """The table of the block; its handle in its place where the document lacks it; None when the block has none."""
    extension = _dictionary(block.block_record)
    return extension.get(NAME) if extension is not None else None


def _order(block: Any, pairs: Sequence[tuple[str, str]]) -> None:
    record = block.block_record
    if not isinstance(_entry(block), SortEntsTable):
        extension = _dictionary(record)
        if extension is None:
            extension = record.new_extension_dict()
        extension.discard(NAME)
    block.set_redraw_order([(handle, sort) for handle, sort in pairs])
