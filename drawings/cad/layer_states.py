"""Layer states that the author saved in the drawing (图层状态, AutoCAD LAYERSTATE): name, and which layers each shows.

They are records in the extension dictionary of the layer table. Each layer begins with its name (8) or its handle (330); 90 holds bits: 1 off, 2 frozen.
"""

from __future__ import annotations

from typing import Any

from ezdxf.lldxf.const import DXFError

DICTIONARY = "ACAD_LAYERSTATES"
NAME, HANDLE, FLAGS = 8, 330, 90
HIDDEN = 1 | 2
MOST = 200
"""States told of; some drawings carry thousands from one copy to the next."""


def of_document(doc: Any) -> list[dict[str, Any]]:
    """For each state its name and the names of the layers that it shows and hides; others it leaves as they are."""
    try:
        states = doc.layers.head.get_extension_dict().dictionary.get(DICTIONARY)
        items = sorted(states.items(), key=lambda item: str(item[0])) if states is not None else []
    except (DXFError, AttributeError, TypeError, ValueError, KeyError):
        return []
    found = [_state(doc, str(name), record) for name, record in items[:MOST]]
    return [state for state in found if state is not None]


def _state(doc: Any, name: str, record: Any) -> dict[str, Any] | None:
    if record is None or isinstance(record, str) or record.dxftype() != "XRECORD":
        return None
    shown: list[str] = []
    hidden: list[str] = []
    layer = ""
    for tag in record.tags:
        if tag.code == NAME:
            layer = str(tag.value)
        elif tag.code == HANDLE:
            entity = doc.entitydb.get(str(tag.value))
            layer = str(entity.dxf.name) if entity is not None and entity.dxftype() == "LAYER" else ""
        elif tag.code == FLAGS and layer:
            (hidden if int(tag.value) & HIDDEN else shown).append(layer)
            layer = ""
    return {"name": name, "shown": sorted(shown), "hidden": sorted(hidden)} if shown or hidden else None
