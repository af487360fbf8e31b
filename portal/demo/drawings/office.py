"""The office building 1#综合办公楼 as geometry: axes, walls, openings, rooms of two floors. Millimetres, pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

BAY = 7800
BAYS = 6
AXES_X = tuple(BAY * index for index in range(BAYS + 1))
NAMES_X = ("1", "2", "3", "4", "5", "6", "7")
AXES_Y = (0, 6600, 9000, 15600)
NAMES_Y = ("A", "B", "C", "D")
LENGTH, DEPTH = AXES_X[-1], AXES_Y[-1]
OUTER, INNER = 240, 200
COLUMN = 500
STOREY = 3900
STAIR = 3600  # axis to axis
Point = tuple[float, float]


@dataclass(frozen=True)
class Opening:
    """A door or window in a wall: centre, width, mark (M1021), in a wall along x or along y.

    `hinge` is the side on which a door is hung (-1 left or below, 1 right or above), `swing` to which side it opens.
    """

    mark: str
    x: float
    y: float
    width: float
    upright: bool = False
    is_door: bool = False
    hinge: int = -1
    swing: int = 1


@dataclass(frozen=True)
class Room:
    """A room: name and its clear rectangle."""

    name: str
    x0: float
    y0: float
    x1: float
    y1: float
    use: str = "office"

    @property
    def centre(self) -> Point:
        """Middle of the room."""
        return ((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2)

    @property
    def area(self) -> float:
        """Clear area in m²."""
        return (self.x1 - self.x0 - INNER) * (self.y1 - self.y0 - INNER) / 1e6


@dataclass(frozen=True)
class Floor:
    """One storey."""

    number: int
    rooms: tuple[Room, ...]
    partitions: tuple[tuple[float, float, float, float], ...]
    openings: tuple[Opening, ...]
    stairs: tuple[tuple[str, float], ...]  # (name, left axis of the stair)

    def walls(self) -> list[Polygon]:
        """Outlines of the walls with their openings cut out, in a stable order."""
        solid = [wall(0, 0, LENGTH, 0, OUTER), wall(0, DEPTH, LENGTH, DEPTH, OUTER)]
        solid += [wall(0, 0, 0, DEPTH, OUTER), wall(LENGTH, 0, LENGTH, DEPTH, OUTER)]
        solid += [wall(*partition, INNER) for partition in self.partitions]
        holes = [hole(opening) for opening in self.openings]
        rest = unary_union(solid).difference(unary_union(holes))
        parts = list(rest.geoms) if isinstance(rest, MultiPolygon) else [rest]
        return sorted(parts, key=lambda part: (round(part.bounds[0]), round(part.bounds[1]), round(part.area)))


def wall(x0: float, y0: float, x1: float, y1: float, thick: float) -> Polygon:
    """A wall along its centre line, square at the ends."""
    half = thick / 2
    return box(min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half)


def hole(opening: Opening) -> Polygon:
    """What an opening cuts out of its wall."""
    along, across = opening.width / 2, OUTER
    if opening.upright:
        return box(opening.x - across, opening.y - along, opening.x + across, opening.y + along)
    return box(opening.x - along, opening.y - across, opening.x + along, opening.y + across)


def columns() -> Iterator[tuple[Point, Point]]:
    """Lower left and upper right corner of every column."""
    half = COLUMN / 2
    for x in AXES_X:
        for y in AXES_Y:
            yield (x - half, y - half), (x + half, y + half)


def stair_axis(bay: int) -> float:
    """Left axis of the east stair: at the outer end in the last bay, at the inner end elsewhere."""
    return AXES_X[bay + 1] - STAIR if bay == BAYS - 1 else AXES_X[bay]


def windows(south_open: tuple[int, ...], wide: frozenset[int]) -> Iterator[Opening]:
    """Two windows per bay on both long sides; bays in `south_open` have none on the south (entrance)."""
    for bay in range(BAYS):
        for share in (0.25, 0.75):
            x = AXES_X[bay] + BAY * share
            if bay not in south_open:
                yield Opening("C2418" if bay in wide else "C2118", x, 0, 2400 if bay in wide else 2100)
            yield Opening("C1518", x, DEPTH, 1500)


def floor(number: int, east_bay: int) -> Floor:
    """The storey `number` (1 or 2) with its east stair in `east_bay` (5 in revision A, 4 in B)."""
    a, b, c, d = AXES_Y
    x = AXES_X
    stair = stair_axis(east_bay)
    left, right = x[east_bay], x[east_bay + 1]
    other = 4 if east_bay == 5 else 5
    aside = (left, stair) if stair > left else (stair + STAIR, right)
    small = "值班室" if number == 1 else "打印室"
    large = "档案室" if number == 1 else "资料室"
    rooms = [
        Room("LT-1", x[0], c, x[0] + STAIR, d, "stair"),
        Room("配电间" if number == 1 else "弱电间", x[0] + STAIR, c, x[1], d, "plant"),
        Room("男卫", x[1], c, x[1] + BAY / 2, d, "toilet"),
        Room("女卫", x[1] + BAY / 2, c, x[2], d, "toilet"),
        Room("会议室" if number == 1 else "多功能厅", x[2], c, x[4], d, "meeting"),
        Room("LT-2", stair, c, stair + STAIR, d, "stair"),
        Room(small, aside[0], c, aside[1], d, "plant"),
        Room(large, x[other], c, x[other + 1], d, "store"),
    ]
    partitions: list[tuple[float, float, float, float]] = [
        (x[0] + STAIR, c, x[0] + STAIR, d),
        (x[1], c, x[1], d),
        (x[1] + BAY / 2, c, x[1] + BAY / 2, d),
        (x[2], c, x[2], d),
        (x[4], c, x[4], d),
        (x[5], c, x[5], d),
        (0, c, LENGTH, c),
    ]
    edge = stair if stair > left else stair + STAIR
    partitions.append((edge, c, edge, d))
    doors = [
        Opening("FM乙1521", x[0] + STAIR / 2, c, 1500, is_door=True, swing=1),
        Opening("FM甲1021", x[0] + STAIR + 1500, c, 1000, is_door=True, swing=-1),
        Opening("M1021", x[1] + 1200, c, 1000, is_door=True, swing=1),
        Opening("M1021", x[2] - 1200, c, 1000, is_door=True, hinge=1, swing=1),
        Opening("M1521", x[2] + 1800, c, 1500, is_door=True, swing=-1),
        Opening("M1521", x[4] - 1800, c, 1500, is_door=True, hinge=1, swing=-1),
        Opening("FM乙1521", stair + STAIR / 2, c, 1500, is_door=True, swing=1),
        Opening("M1021", (aside[0] + aside[1]) / 2, c, 1000, is_door=True, swing=1),
        Opening("FM乙1021", x[other] + BAY / 2, c, 1000, is_door=True, swing=1),
    ]
    if number == 1:
        south = [("接待室", 0, 1), ("展示厅", 1, 2), ("门厅", 2, 4), ("消防控制室", 4, 5), ("办公室", 5, 6)]
        walls: list[tuple[float, float, float, float]] = [
            (0, b, x[2], b),
            (x[4], b, LENGTH, b),
            (x[1], a, x[1], b),
            (x[2], a, x[2], b),
            (x[4], a, x[4], b),
        ]
        walls += [(x[5], a, x[5], b)]
        doors += [
            Opening("M1021", x[0] + 1500, b, 1000, is_door=True, swing=-1),
            Opening("M1521", x[1] + BAY / 2, b, 1500, is_door=True, swing=-1),
            Opening("FM乙1021", x[4] + 1500, b, 1000, is_door=True, swing=-1),
            Opening("M1021", x[5] + 1500, b, 1000, is_door=True, swing=-1),
            Opening("M1824", x[3] - 1350, a, 1800, is_door=True, swing=-1),
            Opening("M1824", x[3] + 1350, a, 1800, is_door=True, swing=-1),
            Opening("M1524", LENGTH, (b + c) / 2, 1500, upright=True, is_door=True, swing=1),
        ]
        openings = [*windows((2, 3), frozenset({1})), Opening("C2418", x[2] + BAY * 0.3, a, 2400)]
        openings += [Opening("C2418", x[4] - BAY * 0.3, a, 2400), Opening("C1515", 0, (b + c) / 2, 1500, upright=True)]
    else:
        south = [("总经理室", 0, 1), ("副总经理室", 1, 2), ("开敞办公区", 2, 4), ("财务室", 4, 5), ("技术部", 5, 6)]
        walls = [(0, b, LENGTH, b), (x[1], a, x[1], b), (x[2], a, x[2], b), (x[4], a, x[4], b), (x[5], a, x[5], b)]
        doors += [
            Opening("M1021", x[0] + 1500, b, 1000, is_door=True, swing=-1),
            Opening("M1021", x[1] + 1500, b, 1000, is_door=True, swing=-1),
            Opening("M1521", x[2] + 2400, b, 1500, is_door=True, swing=-1),
            Opening("M1521", x[4] - 2400, b, 1500, is_door=True, hinge=1, swing=-1),
            Opening("M1021", x[4] + 1500, b, 1000, is_door=True, swing=-1),
            Opening("M1021", x[5] + 1500, b, 1000, is_door=True, swing=-1),
        ]
        openings = list(windows((), frozenset({2, 3})))
        openings += [Opening("C1515", at, (b + c) / 2, 1500, upright=True) for at in (0, LENGTH)]
    uses = {"门厅": "lobby", "开敞办公区": "open", "接待室": "meeting", "展示厅": "lobby"}
    rooms += [Room(name, x[start], a, x[end], b, uses.get(name, "office")) for name, start, end in south]
    return Floor(
        number=number,
        rooms=tuple(rooms),
        partitions=tuple(partitions + walls),
        openings=tuple(openings + doors),
        stairs=(("LT-1", x[0]), ("LT-2", stair)),
    )
