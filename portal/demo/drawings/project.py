"""The project that the demo city draws: a small factory with its office building in the park 云川智造产业园.

Everything is invented. Coordinates are metres of EPSG:4548 (CGCS2000, 3-degree zone of the demo city).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyproj import Transformer

PROJECT = "云启精密制造产业园一期"
OFFICE = "1#综合办公楼"
FACTORY = "2#生产厂房"
OWNER = "云启精密制造有限公司"
INSTITUTE = "云川建筑设计研究院有限公司"
PARCEL = "YC-ZC-113"
EPSG = 4548
# Corners of the red line (用地红线), clockwise from the north-west; the parcel of the base map.
RED_LINE = ((432931.6, 4330225.8), (433061.9, 4330223.4), (433058.6, 4330023.9), (432929.6, 4330025.7))


@dataclass(frozen=True)
class Issue:
    """One revision of the set (版本): what differs between A and B, nothing else does.

    `lane` is the clear width in millimetres of the fire lane between factory and office, `east_stair_bay` the bay (from 0)
    in which the east stair stands, `fire_name` the name of the fire sheet, whose number stays.
    """

    letter: str
    day: date
    lane: int
    east_stair_bay: int
    fire_name: str


ISSUES = {
    "A": Issue("A", date(2026, 2, 20), lane=3500, east_stair_bay=5, fire_name="消防布置图"),
    "B": Issue("B", date(2026, 3, 16), lane=4000, east_stair_bay=4, fire_name="消防平面及登高场地布置图"),
}


def red_line_geojson() -> dict[str, object]:
    """The red line as a GeoJSON polygon in EPSG:4490, for the demo project's site."""
    to_degrees = Transformer.from_crs(EPSG, 4490, always_xy=True)
    ring = [[round(value, 9) for value in to_degrees.transform(east, north)] for east, north in reversed(RED_LINE)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
