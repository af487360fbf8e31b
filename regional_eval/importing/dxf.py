"""Reading DXF: closed polylines of the model space are polygons, open ones lines; arcs become chords of a centimetre."""

from __future__ import annotations

import io
from typing import Any

from ezdxf import recover
from ezdxf.lldxf.const import DXFError
from ezdxf.path import make_path

from ledger.errors import Refused
from regional_eval.importing.files import MEGABYTE, RawFeature, ReadFile, enough, refused
from regional_eval.words import _

FORMAT = "DXF"
# A drawing with its whole model in memory takes about twenty times its size.
LARGEST_DXF = 24 * MEGABYTE
ARC_ERROR = 0.01
ENDING = 64
BROKEN = (DXFError, ValueError, IndexError, KeyError, TypeError, AttributeError, OSError, RecursionError, MemoryError,
          ArithmeticError, UnicodeError)  # fmt: skip


def read_dxf(data: bytes) -> ReadFile:
    """The polylines of the model space. Refused: damaged, too large, no closed polyline in it."""
    if len(data) > LARGEST_DXF:
        raise refused(
            "too_large",
            _("DXF 文件过大（最多 %(most)s MB）。") % {"most": LARGEST_DXF // MEGABYTE},
            _("请只保留边界所在的图层后重新导出。"),
        )
    if b"EOF" not in data[-ENDING:]:
        # A reader that recovers what it can would take the first half of the boundaries for all of them.
        raise refused("dxf_damaged", _("DXF 文件不完整（没有结束标记），请重新导出或重新上传。"))
    try:
        document, _auditor = recover.read(io.BytesIO(data))
        found = list(document.modelspace().query("LWPOLYLINE POLYLINE"))
        enough(len(found))
        features = [feature_of(index, entity) for index, entity in enumerate(found)]
    except Refused:
        raise
    except BROKEN as error:
        raise refused("dxf_damaged", _("DXF 文件已损坏，无法读取。"), _("请在制图软件中核查后重新导出。")) from error
    if not any(feature.polygons or feature.lines for feature in features):
        raise refused(
            "no_closed_polyline",
            _("DXF 的模型空间里没有多段线。"),
            _("请把边界画成闭合多段线，不要放在图块里。"),
        )
    return ReadFile(FORMAT, features, None)


def feature_of(index: int, entity: Any) -> RawFeature:
    """One polyline; the CAD layer's name goes with it."""
    properties = {"cad_layer": str(entity.dxf.get("layer", "")), "cad_handle": str(entity.dxf.get("handle", ""))}
    if entity.dxftype() == "POLYLINE" and not (entity.is_2d_polyline or entity.is_3d_polyline):
        return RawFeature(index, properties=properties, fault="not_polygon")
    corners = [[float(corner.x), float(corner.y)] for corner in make_path(entity).flattening(ARC_ERROR)]
    closed = bool(getattr(entity, "closed", False) or getattr(entity, "is_closed", False))
    if not closed and len(corners) > 3:
        closed = corners[0] == corners[-1]
    if closed:
        return RawFeature(index, polygons=[[corners]], properties=properties)
    return RawFeature(index, lines=[corners], properties=properties)
