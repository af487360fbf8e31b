"""Draw the base map of the demo district 云川新区: a place that does not exist, so no survey of a real one is shown.

`python -m portal.demo.make_basemap` writes portal/demo/basemap/*.geojson again, byte for byte the same: every choice
comes from one seed. Built in metres of the CGCS2000 3-degree zone (EPSG:4548), written in EPSG:4490: parcels with 8 decimals (1 mm),
the rest with 7 (1 cm).
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pyproj import Transformer
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, split, unary_union

FOLDER = Path(__file__).resolve().parent / "basemap"
SEED = 40
EPSG = 4548
CENTRE = (116.2, 39.1)
Position = tuple[float, float]
TO_ZONE = Transformer.from_crs(4490, EPSG, always_xy=True)
TO_DEGREES = Transformer.from_crs(EPSG, 4490, always_xy=True)
ORIGIN = TO_ZONE.transform(*CENTRE)
EXTENT = box(-4000, -3000, 4000, 3000)


@dataclass
class Layer:
    """One file: what kind of thing, and its features."""

    name: str
    digits: int = 7
    features: list[dict[str, Any]] = field(default_factory=list)

    def add(self, shape: BaseGeometry, **properties: Any) -> None:
        """One feature in degrees; empty shapes are left out."""
        if not shape.is_empty:
            self.features.append(
                {"type": "Feature", "properties": properties, "geometry": in_degrees(shape, self.digits)}
            )


def in_degrees(shape: BaseGeometry, digits: int) -> dict[str, Any]:
    """GeoJSON geometry of a shape given in metres from the centre."""

    def turn(part: Any) -> Any:
        if isinstance(part[0], (int, float)):
            east, north = TO_DEGREES.transform(part[0] + ORIGIN[0], part[1] + ORIGIN[1])
            return [round(east, digits), round(north, digits)]
        return [turn(each) for each in part]

    geometry = mapping(shape)
    return {"type": geometry["type"], "coordinates": turn(geometry["coordinates"])}


def smooth(points: Sequence[Position], rounds: int = 3, *, closed: bool = False) -> list[Position]:
    """Chaikin's corner cutting."""
    line = list(points)
    for _round in range(rounds):
        pairs = list(zip(line, line[1:] + line[:1] if closed else line[1:], strict=False))
        cut: list[Position] = []
        for (ax, ay), (bx, by) in pairs:
            cut += [(ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25), (ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75)]
        line = cut if closed else [line[0], *cut, line[-1]]
    return line


def blob(centre: Position, radius: float, dice: random.Random, *, flat: float = 1.0, points: int = 14) -> Polygon:
    """A soft closed shape (a lake, a wood, a contour)."""
    corners = []
    for at in range(points):
        angle = 2 * math.pi * at / points
        reach = radius * dice.uniform(0.86, 1.14)
        corners.append((centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle) * flat))
    return Polygon(smooth(corners, closed=True))


# --- what is given: water, main roads, quarters ---

RIVER = smooth(
    [(-4200, 1750), (-3300, 1500), (-2600, 850), (-1900, 900), (-1350, 200), (-700, -250), (-150, -150), (500, -700),
     (1100, -1350), (2000, -1300), (2800, -1750), (4200, -1900)],
    4,
)  # fmt: skip
RAILWAY = smooth([(-4200, -1450), (-2400, -1750), (-600, -2350), (1200, -2500), (4200, -2650)], 3)

MAIN_ROADS: list[tuple[str, str, str, list[Position]]] = [
    ("trunk", "云川大道", "Yunchuan Avenue", smooth([(-4100, 420), (-1500, 480), (600, 330), (2200, 350), (4100, 250)], 3)),
    ("trunk", "迎宾路", "Yingbin Road", smooth([(-260, 3100), (-220, 1500), (-160, 200), (-300, -1200), (-420, -3100)], 3)),
    ("trunk", "望山路", "Wangshan Road", smooth([(1750, 3100), (1700, 1500), (1620, 0), (1700, -3100)], 3)),
    ("main", "环城北路", "Ring Road North", smooth([(-4100, 2250), (-1800, 2200), (600, 2150), (1700, 2050)], 2)),
    ("main", "学府路", "Xuefu Road", smooth([(-4100, 1250), (-1200, 1320), (-230, 1300), (1700, 1250)], 2)),
    ("main", "建设路", "Jianshe Road", smooth([(-4100, -520), (-2200, -560), (-230, -700), (1650, -650), (4100, -720)], 2)),
    ("main", "滨河南路", "Binhe Road South", smooth([(-4100, -1180), (-2300, -1350), (-350, -1750), (1680, -2050), (4100, -2150)], 2)),
    ("main", "工业大道", "Gongye Avenue", smooth([(2900, 1250), (2850, 300), (2900, -700), (2950, -3100)], 2)),
    ("main", "科创路", "Kechuang Road", smooth([(1720, 1250), (2900, 1230), (4100, 1050)], 2)),
    ("main", "古城西街", "Gucheng West Street", smooth([(-2350, 1280), (-2300, 300), (-2250, -560), (-2350, -1350), (-2500, -3100)], 2)),
    ("main", "文昌路", "Wenchang Road", smooth([(-1250, 3100), (-1230, 1320), (-1280, 400)], 2)),
    ("main", "镜湖路", "Jinghu Road", smooth([(760, 2150), (740, 1280), (700, 330)], 2)),
]  # fmt: skip
WIDTHS = {"trunk": 44.0, "main": 30.0, "street": 16.0, "lane": 7.0}


@dataclass(frozen=True)
class Quarter:
    """A part of the district: how its land is used and cut."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    shape: BaseGeometry
    parcel: float  # m², the size parcels are cut to
    street: float  # m², blocks above this are crossed by a street
    use_zh: str
    use_en: str
    label: bool = True


QUARTERS = [
    Quarter("ZC", "industry", "云川智造产业园", "Yunchuan Smart Manufacturing Park", box(1640, -700, 4000, 1250), 38000, 150000, "一类工业用地 M1", "Light industry (M1)"),
    Quarter("BH", "industry", "滨河新材料产业园", "Binhe New Materials Park", box(-4000, -3000, -2330, -540), 46000, 190000, "二类工业用地 M2", "General industry (M2)"),
    Quarter("LC", "old_town", "云川老城", "Yunchuan Old Town", box(-2330, -1350, -230, 300), 2600, 11000, "历史城区混合用地", "Historic mixed use"),
    Quarter("JH", "living", "镜湖片区", "Jinghu Quarter", box(-230, 330, 1700, 2150), 17000, 60000, "二类居住用地 R2", "Housing (R2)"),
    Quarter("WC", "living", "文昌片区", "Wenchang Quarter", box(-2400, 1250, -230, 3000), 19000, 70000, "二类居住用地 R2", "Housing (R2)"),
    Quarter("ZX", "business", "行政商务区", "Civic and Business Quarter", box(-2330, 300, -230, 1320), 15000, 55000, "商业服务业设施用地 B", "Commerce and offices (B)"),
    Quarter("HW", "living", "河湾片区", "Hewan Quarter", box(-230, -2050, 1640, 330), 16000, 64000, "二类居住用地 R2", "Housing (R2)"),
    Quarter("BY", "living", "北苑片区", "Beiyuan Quarter", box(-230, 2150, 1700, 3000), 21000, 80000, "二类居住用地 R2", "Housing (R2)", label=False),
    Quarter("NX", "living", "南溪片区", "Nanxi Quarter", unary_union([box(-2330, -3000, -230, -1350), box(-230, -3000, 1640, -2050)]), 22000, 90000, "二类居住用地 R2", "Housing (R2)"),
    Quarter("WL", "logistics", "云川物流园", "Yunchuan Logistics Yard", box(1640, -3000, 4000, -700), 60000, 260000, "物流仓储用地 W", "Logistics (W)", label=False),
    Quarter("SL", "fields", "望云山麓", "Wangyun Foothills", box(1700, 1250, 4000, 3000), 60000, 10**9, "林地", "Woodland", label=False),
    Quarter("XC", "fields", "西川田园", "Xichuan Fields", box(-4000, -540, -2330, 3000), 52000, 10**9, "耕地", "Farmland"),
]  # fmt: skip


def cut(block: Polygon, quarter: Quarter, dice: random.Random, streets: Layer) -> Iterator[Polygon]:
    """Cut a block into parcels: across its long side again and again, with a street where a block is large."""
    if block.area <= quarter.parcel * 1.45 or block.area < 900:
        yield block
        return
    frame = block.minimum_rotated_rectangle
    corners = list(frame.exterior.coords)
    sides = [LineString(corners[0:2]), LineString(corners[1:3])]
    long, short = sorted(sides, key=lambda side: -side.length)
    share = dice.uniform(0.42, 0.58)
    at = long.interpolate(share, normalized=True)
    (x0, y0), (x1, y1) = short.coords
    across = LineString([(x0 - x1, y0 - y1), (x1 - x0, y1 - y0)])
    if quarter.kind == "old_town":
        across = affinity.rotate(across, dice.uniform(-9, 9), origin=(0, 0))
    line = affinity.translate(affinity.scale(across, 2, 2, origin=(0, 0)), at.x, at.y)
    pieces: list[BaseGeometry] = list(split(block, line).geoms)
    if block.area > quarter.street:
        kind = "lane" if quarter.kind == "old_town" else "street"
        centre = line.intersection(block)
        for part in getattr(centre, "geoms", [centre]):
            if isinstance(part, LineString) and part.length > 60:
                streets.add(part, kind=kind)
        pieces = [piece.difference(line.buffer(WIDTHS[kind] / 2, cap_style="flat")) for piece in pieces]
    for piece in pieces:
        for part in parts_of(piece):
            if part.area > 250:
                yield from cut(part, quarter, dice, streets)


def parts_of(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in a shape."""
    if isinstance(shape, Polygon):
        return [shape]
    return [part for part in getattr(shape, "geoms", []) if isinstance(part, Polygon)]


def inset_houses(parcel: Polygon, quarter: Quarter, dice: random.Random) -> Iterator[Polygon]:
    """The buildings of a parcel: slabs for housing, halls for industry, courtyards in the old town."""
    inner = parcel.buffer(-9 if quarter.kind != "old_town" else -2.5)
    if inner.is_empty or not isinstance(inner, Polygon) or inner.area < 120:
        return
    frame = inner.minimum_rotated_rectangle
    (ax, ay), (bx, by) = list(frame.exterior.coords)[0:2]
    angle = math.degrees(math.atan2(by - ay, bx - ax))
    turned = affinity.rotate(inner, -angle, origin=(0, 0))
    west, south, east, north = turned.bounds
    deep, gap, wide = {"living": (15, 27, 58), "business": (38, 26, 52), "old_town": (9, 7, 22)}.get(
        quarter.kind, (62, 24, 110)
    )
    y = south
    while y + deep <= north:
        x = west
        while x + wide * 0.6 <= east:
            length = min(wide * dice.uniform(0.75, 1.1), east - x)
            house = box(x, y, x + length, y + deep)
            if turned.contains(house) and dice.random() < 0.86:
                yield affinity.rotate(house, angle, origin=(0, 0))
            x += length + gap * 0.6
        y += deep + gap


@dataclass(frozen=True)
class Ground:
    """What is there before anybody builds."""

    river: BaseGeometry
    lake: Polygon
    pond: Polygon
    hill: Polygon
    railway: LineString

    def kept_free(self) -> BaseGeometry:
        """Where no parcel may lie: water and its banks, the park, the hill, the railway, the main roads."""
        roads = [LineString(points).buffer(WIDTHS[kind] / 2) for kind, _zh, _en, points in MAIN_ROADS]
        banks = [self.river.buffer(46), self.lake.buffer(120), self.pond.buffer(30)]
        return unary_union([*roads, *banks, self.hill.buffer(25), self.railway.buffer(22)])


SUMMIT = (2950, 2260)


def lay_ground(dice: random.Random) -> Ground:
    """River, lake, pond, hill, railway."""
    axis = LineString(RIVER).segmentize(25).coords
    river = unary_union([Point(x, y).buffer(52 + 18 * math.sin(at / 9.0)) for at, (x, y) in enumerate(axis)])
    lake = blob((1050, 860), 300, dice, flat=0.8)
    pond = blob((-3150, 1950), 110, dice, flat=0.7)
    hill = blob(SUMMIT, 1150, dice, flat=0.72, points=18).intersection(EXTENT)
    return Ground(river.simplify(1.5), lake, pond, hill, LineString(RAILWAY).intersection(EXTENT))


def paint_ground(ground: Ground, layers: dict[str, Layer]) -> None:
    """Water, woods, contour lines, railway and main roads."""
    layers["district"].add(EXTENT, name_zh="云川新区", name_en="Yunchuan New District")
    layers["water"].add(ground.river.intersection(EXTENT), kind="river", name_zh="云川河", name_en="Yunchuan River")
    layers["water"].add(ground.lake, kind="lake", name_zh="镜湖", name_en="Mirror Lake")
    layers["water"].add(ground.pond, kind="lake", name_zh="荷塘", name_en="Lotus Pond")
    layers["green"].add(ground.hill, kind="forest", name_zh="望云山", name_en="Wangyun Hill")
    for step in range(1, 10):
        inward = 1 - step * 0.105
        top = (SUMMIT[0] + step * 14, SUMMIT[1] - step * 9)
        ring = affinity.scale(ground.hill, inward, inward, origin=top)
        shore = LineString(ring.exterior.coords).intersection(EXTENT.buffer(-1))
        layers["hills"].add(shore, elevation=40 + step * 20, index=step % 5 == 0)
    park = ground.lake.buffer(120).difference(ground.lake)
    layers["green"].add(park, kind="park", name_zh="镜湖公园", name_en="Mirror Lake Park")
    banks = ground.river.buffer(46).difference(ground.river).intersection(EXTENT)
    layers["green"].add(banks, kind="park", name_zh="云川绿廊", name_en="Yunchuan Greenway")
    layers["railway"].add(ground.railway, kind="railway", name_zh="京云铁路", name_en="Jingyun Railway")
    for kind, name_zh, name_en, points in MAIN_ROADS:
        line = LineString(points).intersection(EXTENT)
        layers["roads"].add(line, kind=kind, name_zh=name_zh, name_en=name_en, width=WIDTHS[kind])


def settle(
    quarter: Quarter, blocks: list[Polygon], free: BaseGeometry, dice: random.Random, layers: dict[str, Layer]
) -> None:
    """Cut one quarter into numbered parcels, with streets and buildings."""
    number = 0
    pieces = [part for block in blocks for part in parts_of(block.intersection(quarter.shape).difference(free))]
    for block in sorted(pieces, key=lambda part: (-part.bounds[3], part.bounds[0])):
        for parcel in cut(block, quarter, dice, layers["roads"]):
            tidy = parcel.simplify(0.2)
            if not isinstance(tidy, Polygon) or tidy.area < 500 or tidy.area / tidy.length < 4:
                continue
            if quarter.kind == "fields":
                layers["green"].add(tidy, kind="field")
                continue
            number += 1
            if quarter.kind != "old_town":
                layers["parcels"].add(
                    tidy,
                    number=f"YC-{quarter.code}-{number:03d}",
                    use_zh=quarter.use_zh,
                    use_en=quarter.use_en,
                    area=round(tidy.area),
                )
            # Every seventh parcel is empty ground: that is where projects come.
            if number % 7 and dice.random() < (0.9 if quarter.kind == "old_town" else 0.55):
                for house in inset_houses(tidy, quarter, dice):
                    layers["buildings"].add(house)


PAINTED = ("district", "areas", "green", "hills", "water", "parcels", "buildings", "railway", "roads", "places")


def draw() -> dict[str, Layer]:
    """Every layer of the map, in the order in which they are painted."""
    dice = random.Random(SEED)  # noqa: S311 - the same map every time is the point
    layers = {name: Layer(name, digits=8 if name == "parcels" else 7) for name in PAINTED}
    ground = lay_ground(dice)
    paint_ground(ground, layers)
    free = ground.kept_free()
    lines = [LineString(points).intersection(EXTENT) for _kind, _zh, _en, points in MAIN_ROADS]
    blocks = list(polygonize(unary_union([EXTENT.exterior, *lines, LineString(RIVER), ground.railway])))
    water = unary_union([ground.river, ground.lake, ground.pond]).buffer(46)
    taken: BaseGeometry = Polygon()
    for drawn in QUARTERS:
        # Where two quarters meet, the ground belongs to the first.
        quarter = replace(drawn, shape=drawn.shape.difference(taken))
        taken = taken.union(drawn.shape)
        area = quarter.shape.difference(water).difference(ground.hill)
        layers["areas"].add(area, kind=quarter.kind, name_zh=quarter.name_zh, name_en=quarter.name_en)
        settle(quarter, blocks, free, dice, layers)
        if quarter.label:
            place = area.representative_point()
            layers["places"].add(place, kind=quarter.kind, name_zh=quarter.name_zh, name_en=quarter.name_en)
    layers["places"].add(Point(SUMMIT), kind="summit", name_zh="望云山 238 m", name_en="Wangyun Hill 238 m")
    layers["places"].add(Point(1050, 860), kind="water", name_zh="镜湖", name_en="Mirror Lake")
    layers["places"].add(Point(-1180, 720), kind="hall", name_zh="政务服务中心", name_en="Government Service Hall")
    station = ground.railway.interpolate(0.47, normalized=True)
    layers["places"].add(station, kind="station", name_zh="云川站", name_en="Yunchuan Station")
    return layers


def write(folder: Path = FOLDER) -> list[Path]:
    """The files of the map and `index.json`, which lists them in the order of painting."""
    folder.mkdir(parents=True, exist_ok=True)
    layers = draw()
    paths = []
    for layer in layers.values():
        path = folder / f"{layer.name}.geojson"
        lines = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in layer.features)
        path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")
        paths.append(path)
    west, south = TO_DEGREES.transform(ORIGIN[0] - 4000, ORIGIN[1] - 3000)
    east, north = TO_DEGREES.transform(ORIGIN[0] + 4000, ORIGIN[1] + 3000)
    index = {
        "name_zh": "云川新区（演示底图，虚构）",
        "name_en": "Yunchuan New District (fictional demo base map)",
        "epsg": EPSG,
        "bounds": [round(west, 8), round(south, 8), round(east, 8), round(north, 8)],
        "layers": list(layers),
    }
    path = folder / "index.json"
    path.write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [*paths, path]


if __name__ == "__main__":
    write()
