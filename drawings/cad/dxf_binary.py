"""Binary DXF as ASCII, so that one scanner judges both (二进制 DXF)."""

from __future__ import annotations

import re

from drawings.cad.errors import Refusal

BINARY_SENTINEL = b"AutoCAD Binary DXF\r\n\x1a\x00"


def to_ascii(data: bytes) -> bytes:
    """Binary DXF (R10 to 2018) as the same pairs in ASCII, so that one scanner judges both. Raises E_TRUNCATED, E_DAMAGED."""
    from ezdxf.lldxf.const import DXFStructureError
    from ezdxf.lldxf.tagger import binary_tags_loader
    from ezdxf.lldxf.types import DXFBinaryTag

    out: list[str] = []
    ended = False
    try:
        for tag in binary_tags_loader(data, errors="surrogateescape"):
            code, value = tag.code, tag.value
            if isinstance(tag, DXFBinaryTag):
                value = tag.tostring()
            elif isinstance(value, float):
                value = repr(value)
            elif isinstance(value, bytes):
                value = value.hex().upper()
            elif isinstance(value, str):
                value = value.replace("\r", "^M").replace("\n", "^J")
            out.append(f"{code}\n{value}\n")
            if code == 0 and value == "EOF":
                ended = True
                break
    except (IndexError, ValueError, OverflowError, DXFStructureError, UnicodeError) as error:
        raise Refusal(
            "E_TRUNCATED" if not ended else "E_DAMAGED", "二进制 DXF 不完整", "binary DXF is cut off"
        ) from error
    except Exception as error:
        if type(error).__name__ == "error":  # struct.error
            raise Refusal("E_TRUNCATED", "二进制 DXF 不完整", "binary DXF is cut off") from error
        raise
    if not ended:
        raise Refusal("E_TRUNCATED", "没有 EOF 结束标记", "no EOF mark")
    text = "".join(out)
    codec = "utf-8" if _version_of(data) >= "AC1021" else "latin-1"
    try:
        return text.encode(codec, "surrogateescape")
    except UnicodeError:
        return text.encode("utf-8", "surrogateescape")


def _version_of(data: bytes) -> str:
    found = re.search(rb"\$ACADVER\x00.{1,3}?(AC\d{4})", data[:4096], re.DOTALL)
    return found.group(1).decode() if found else ""
