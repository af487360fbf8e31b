"""A file looked at before anything is written (导入检查): format, coordinate system, each feature's land or fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ledger.errors import Refused
from regional_eval.geometry.ground import rejected_in_words
from regional_eval.geometry.recognise import Recognised, declared_epsg, recognise
from regional_eval.geometry.repair import Land, Rejected, land_of, line_land, ring_of
from regional_eval.importing.apart import read_apart
from regional_eval.importing.files import MOST_CORNERS, RawFeature, ReadFile, refused
from regional_eval.words import _


@dataclass(frozen=True)
class Piece:
    """One feature that may be stored."""

    index: int
    land: Land
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Examined:
    """What an import would store, and its report. `system.certain` is False where a person must confirm the system."""

    format: str
    system: Recognised
    pieces: list[Piece]
    repaired: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def area_m2(self) -> float:
        """Of all features, overlaps counted as often as they are."""
        return sum(piece.land.area_m2 for piece in self.pieces)


def examine(
    data: bytes, name: str, *, crs: str = "", home_epsg: int | None = None, takes_lines: bool = False
) -> Examined:
    """Read, recognise, check and repair. Refused: an unreadable file, a doubtful system, not one usable feature.

    `crs` is what the importer declares, `home_epsg` the zone of the district that the land must be near (None: anywhere).
    """
    read = read_apart(data, name)
    system = system_of(read, crs, home_epsg)
    pieces: list[Piece] = []
    repaired: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for feature in read.features:
        land = land_in(feature, system.epsg, takes_lines=takes_lines)
        if isinstance(land, Rejected):
            rejected.append({"index": feature.index, "code": land.code, "reason": rejected_in_words(land)})
            continue
        if land.repair is not None:
            repaired.append(land.repair.as_json(feature.index))
        pieces.append(Piece(feature.index, land, feature.properties))
    if not pieces:
        raise Refused(
            rejected[0]["code"],
            _("没有一个图形可以导入：%(reason)s") % {"reason": rejected[0]["reason"]},
            field="file",
            next_step=_("请在制图软件中检查拓扑后重新导出。"),
        )
    return Examined(read.format, system, pieces, repaired, rejected, read.notes)


def system_of(read: ReadFile, crs: str, home_epsg: int | None) -> Recognised:
    """The system: what the importer and the file say must agree with each other and with the numbers."""
    declared = declared_epsg(crs)
    if declared is not None and read.epsg is not None and declared != read.epsg:
        raise refused(
            "crs_differs",
            _("文件注明的坐标系是 EPSG:%(named)s，声明的是 EPSG:%(declared)s。")
            % {"named": read.epsg, "declared": declared},
            _("请核对后选择一致的坐标系。"),
        )
    return recognise(corners_of(read.features), declared or read.epsg, home_epsg)


def corners_of(features: list[RawFeature]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """All readable corners as rows."""
    rings = [
        ring
        for feature in features
        for raw in [*(ring for polygon in feature.polygons for ring in polygon), *feature.lines]
        if (ring := ring_of(raw)) is not None and len(ring)
    ]
    return np.vstack(rings) if rings else first_fault(features)


def first_fault(features: list[RawFeature]) -> Any:
    """Nothing in the file has coordinates: say why of the first."""
    rejected = fault_in(next((feature for feature in features if feature.fault), None))
    raise refused(rejected.code, _("没有一个图形可以导入：%(reason)s") % {"reason": rejected_in_words(rejected)})


def fault_in(feature: RawFeature | None) -> Rejected:
    """What the reader found wrong with a feature, with the figures that its sentence needs."""
    code = feature.fault if feature is not None else "bad_position"
    return Rejected(code, {"most": MOST_CORNERS} if code == "too_many_points" else {})


def land_in(feature: RawFeature, epsg: int, *, takes_lines: bool) -> Land | Rejected:
    """The land of one feature; lines only for the layers that consist of lines."""
    if feature.fault:
        return fault_in(feature)
    if feature.lines:
        return line_land(feature.lines, epsg) if takes_lines and not feature.polygons else Rejected("not_polygon")
    return land_of(feature.polygons, epsg)
