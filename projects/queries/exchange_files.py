"""The exchange tables as files: one JSON object, or a zip of CSV tables (共享交换标准的导出文件)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping

from projects.queries.exchange import columns


def as_json(tables: Mapping[str, list[dict[str, str]]]) -> bytes:
    """One object: table name -> rows."""
    return json.dumps(tables, ensure_ascii=False, indent=1).encode()


def as_csv(tables: Mapping[str, list[dict[str, str]]]) -> bytes:
    """A zip with one CSV per table, UTF-8 with a byte-order mark for spreadsheet programs; the same rows, the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for table, rows in tables.items():
            lines = io.StringIO(newline="")
            writer = csv.DictWriter(lines, columns()[table])
            writer.writeheader()
            writer.writerows({name: unharmed(value) for name, value in row.items()} for row in rows)
            entry = zipfile.ZipInfo(f"{table}.csv", date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            folder.writestr(entry, "\ufeff" + lines.getvalue())
    return packed.getvalue()


def unharmed(value: str) -> str:
    """A text that a spreadsheet would run as a formula gets a quote before it."""
    return (
        f"'{value}"
        if value[:1] in {"=", "+", "@", "\t", "\r"} or (value[:1] == "-" and not is_number(value))
        else value
    )


def is_number(value: str) -> bool:
    """A plain number may begin with a minus."""
    try:
        float(value)
    except ValueError:
        return False
    return True
