"""The site plan (总平面图), 1:500, in metres of EPSG:4548: red line, setbacks, buildings, roads, fire lane, green."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ezdxf.enums import TextEntityAlignment
from shapely import affinity
from shapely.geometry import Polygon

from portal.demo.drawings.board import Board, Point, Title
from portal.demo.drawings.project import EPSG, FACTORY, OFFICE, PARCEL, RED_LINE, Issue

NUMBER = "总施-01"
NAME = "总平面图"
PAPER = (841.0, 594.0)
SETBACKS = (10.0, 8.0, 15.0, 8.0)  # north, east, south, west, from the planning conditions
# Everything on the site is laid out from its south-west corner, then turned with the red line.
ANCHOR = RED_LINE[3]
TURN = math.degrees(math.atan2(RED_LINE[2][1] - RED_LINE[3][1], RED_LINE[2][0] - RED_LINE[3][0]))
FACTORY_AT = (24.0, 74.0, 84.0, 170.0)  # x0, y0, x1, y1
OFFICE_AT = (40.0, 32.0, 86.8, 47.6)
GATE_AT = (100.0, 12.0, 106.0, 18.0)
GATE_ROAD = (90.0, 97.0)
LANE = 4.0  # clear width of the fire lane where the revisions agree
LANE_WEST, LANE_GAP = 12.0, 6.0  # outer west edge of the lane; distance from the factory's short sides
TURNING = 9.0
RESCUE_FIELD = (55.9, 52.6, 70.9, 62.6)  # 15 m x 10 m, 5 m from the office (消防救援场地)
GREEN = (
    (2, 2, 87, 12),
    (110, 2, 127, 12),
    (2, 186, 127, 198),
    (2, 56, 8, 176),
    (30, 52, 53, 60),
    (74, 52, 88, 60),
)


def site_plan(issue: Issue) -> bytes:
    """The site plan as DXF."""
    board = Board(issue, per_mm=0.5, in_metres=True)
    plan = Plan(board, issue)
    corner = (ANCHOR[0] - 78, ANCHOR[1] - 42)
    board.frame(corner, PAPER, Title(NAME, NUMBER, "1:500", "总图", "A1"))
    plan.neighbours()
    plan.red_line()
    plan.buildings()
    plan.green()
    plan.parking()
    plan.roads()
    plan.tables(corner)
    plan.fire_lane()
    return board.to_bytes()


class Plan:
    """The site laid out in its own metres (x east along the south side, y north)."""

    def __init__(self, board: Board, issue: Issue) -> None:
        self.board = board
        self.issue = issue
        self.lane = issue.lane / 1000

    def at(self, x: float, y: float) -> Point:
        """A place of the site in survey coordinates."""
        cos, sin = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
        return (ANCHOR[0] + x * cos - y * sin, ANCHOR[1] + x * sin + y * cos)

    def ring(self, points: Sequence[Point]) -> list[Point]:
        """Several places."""
        return [self.at(x, y) for x, y in points]

    def block_ring(self, edges: tuple[float, float, float, float]) -> list[Point]:
        """The corners of an upright block."""
        x0, y0, x1, y1 = edges
        return self.ring([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    def label(
        self, words: str, x: float, y: float, *, size: float = 3.5, layer: str = "公-文字", angle: float = 0
    ) -> None:
        """Letters at a place of the site."""
        self.board.text(words, self.at(x, y), size=size, layer=layer, angle=TURN + angle)

    def span(self, a: Point, b: Point, off: float, words: str = "<>") -> None:
        """A dimension between two places, `off` metres to the left of the way from a to b."""
        start, end = self.at(*a), self.at(*b)
        angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
        normal = math.radians(angle + 90)
        base = (start[0] + math.cos(normal) * off, start[1] + math.sin(normal) * off)
        self.board.dim(start, end, base, angle=angle, words=words)

    def rounded(self, edges: tuple[float, float, float, float], radius: float) -> list[tuple[float, float, float]]:
        """An upright block with rounded corners, as (x, y, bulge)."""
        x0, y0, x1, y1 = edges
        quarter = math.tan(math.radians(22.5))
        points = [
            (x0 + radius, y0, 0.0),
            (x1 - radius, y0, quarter),
            (x1, y0 + radius, 0.0),
            (x1, y1 - radius, quarter),
            (x1 - radius, y1, 0.0),
            (x0 + radius, y1, quarter),
            (x0, y1 - radius, 0.0),
            (x0, y0 + radius, quarter),
        ]
        return [(*self.at(x, y), bulge) for x, y, bulge in points]

    # -- what is drawn --------------------------------------------------------------------------------------------

    def neighbours(self) -> None:
        """Adjoining parcels and streets."""
        board = self.board
        for points, words, place in (
            ([(-46, -2), (-4, -2), (-4, 202), (-46, 202)], "YC-ZC-112　一类工业用地", (-24, 105)),
            ([(0, 219), (129, 219), (129, 246), (0, 246)], "YC-ZC-015　一类工业用地", (64, 233)),
        ):
            board.path("总-地块", self.ring(points), close=True)
            self.label(words, *place, size=3, angle=90 if place[0] < 0 else 0)
        for near, far, words, place, angle in (
            ([(-46, -6), (190, -6)], [(-46, -26), (190, -26)], "创 新 大 道　（规划宽度 20m）", (60, -16), 0.0),
            ([(136, -6), (136, 246)], [(152, -6), (152, 246)], "规 划 支 路　（规划宽度 16m）", (144, 120), 90.0),
        ):
            board.path("总-道路", self.ring(near))
            board.path("总-道路", self.ring(far))
            middle = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(near, far, strict=True)]
            board.path("总-道路中线", self.ring(middle))
            self.label(words, *place, size=5, layer="总-道路", angle=angle)

    def red_line(self) -> None:
        """Red line with the coordinates of its corners; the line behind which buildings stand (建筑控制线)."""
        board = self.board
        board.path("总-用地红线", RED_LINE, close=True)
        north, east, south, west = SETBACKS
        corners = [self.local(point) for point in RED_LINE]
        inner = [
            (corners[0][0] + west, corners[0][1] - north),
            (corners[1][0] - east, corners[1][1] - north),
            (corners[2][0] - east, corners[2][1] + south),
            (corners[3][0] + west, corners[3][1] + south),
        ]
        board.path("总-建筑控制线", self.ring(inner), close=True)
        for index, point in enumerate(RED_LINE):
            west_side, north_side = index in {0, 3}, index in {0, 1}
            shift = (-26 if west_side else 6, 9 if north_side else -9)
            foot = (point[0] + shift[0], point[1] + shift[1])
            board.path("总-坐标", [point, foot, (foot[0] + 21, foot[1])])
            for row, words in enumerate((f"X={point[1]:.3f}", f"Y={point[0]:.3f}")):
                place = (foot[0] + 0.5, foot[1] + (0.6 if row == 0 else -2.0))
                board.text(words, place, size=2.5, layer="总-坐标", style="SZ", align=TextEntityAlignment.LEFT)
            board.msp.add_circle(point, 0.8, dxfattribs={"layer": "总-坐标"})
        self.label("用地红线", 24, corners[0][1] + 2.4, size=3, layer="总-用地红线")
        self.label("建筑控制线", 40, 183.2, size=3, layer="总-建筑控制线")

    def local(self, point: Point) -> Point:
        """Survey coordinates in the site's own metres."""
        cos, sin = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
        dx, dy = point[0] - ANCHOR[0], point[1] - ANCHOR[1]
        return (dx * cos + dy * sin, -dx * sin + dy * cos)

    def buildings(self) -> None:
        """Buildings with name, storeys, height, level and distance to the red line."""
        board = self.board
        for edges, name, storeys, more in (
            (FACTORY_AT, FACTORY, "1F", "H=9.60m　丁类　二级耐火"),
            (OFFICE_AT, OFFICE, "2F", "H=9.00m　二级耐火"),
            (GATE_AT, "门卫", "1F", ""),
        ):
            ring = self.block_ring(edges)
            board.path("总-建筑", ring, close=True)
            x, y = (edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2
            label = [self.block_ring((x - 19, y - 7.5, x + 19, y + 6))] if more else []
            board.hatch("建-填充", [ring, *label], "ANSI31", size=1.6)
            self.label(name, x, y + 3.4, size=4.5 if more else 2.5)
            if more:
                self.label(f"{storeys}　{more}", x, y, size=2.8)
                self.label(f"{edges[2] - edges[0]:.1f}m × {edges[3] - edges[1]:.1f}m", x, y - 2.8, size=2.5)
                board.level("±0.000=52.30", self.at(x - 5, y - 7))
        fx0, fy0, fx1, fy1 = FACTORY_AT
        ox0, oy0, ox1, oy1 = OFFICE_AT
        self.span((ox0, oy0), (ox1, oy0), -5)
        self.span((ox1, oy0), (ox1, oy1), -5)
        self.span((fx0, fy1), (fx1, fy1), 4)
        self.span((fx0, fy0), (fx0, fy1), 3)
        self.span((45, oy1), (45, fy0), 0)
        self.span((55, 0.2), (55, oy0), 0)
        self.span((0.2, 150), (fx0, 150), 0)
        self.span((60, fy1), (60, 200.3), 0)

    def green(self) -> None:
        """Planted areas with trees."""
        board = self.board
        tree = board.block("乔木")
        tree.add_circle((0, 0), 2.0)
        for index in range(8):
            angle = math.radians(index * 45)
            tree.add_line((0, 0), (1.9 * math.cos(angle), 1.9 * math.sin(angle)))
        for edges in GREEN:
            ring = self.block_ring(edges)
            board.path("总-绿化", ring, close=True)
            board.hatch("总-绿化", [ring], "GRASS", size=0.09)
        for x in range(8, 86, 8):
            board.put("乔木", self.at(x, 7), layer="总-绿化", scale=1.0)
        for x in range(8, 126, 9):
            board.put("乔木", self.at(x, 192), layer="总-绿化", scale=1.0)
        for y in range(62, 176, 10):
            board.put("乔木", self.at(5, y), layer="总-绿化", scale=1.0)
        self.label("集中绿地", 41, 56, size=3, layer="总-绿化")

    def parking(self) -> None:
        """Car and bicycle stands."""
        board = self.board
        stall = board.block("停车位")
        stall.add_lwpolyline([(0, 0), (2.5, 0), (2.5, 5.3), (0, 5.3)], close=True)
        stall.add_lwpolyline([(0.4, 0.5), (2.1, 0.5), (2.1, 4.6), (0.4, 4.6)], close=True)
        for index in range(14):
            board.put("停车位", self.at(114.5, 66 + index * 2.5), layer="总-停车", scale=1.0, angle=TURN + 90)
        for index in range(10):
            board.put("停车位", self.at(9.5 + index * 2.5, 21), layer="总-停车", scale=1.0, angle=TURN)
        self.label("P 14 辆（含充电车位 6 辆）", 111.7, 63, size=2.5, layer="总-停车")
        self.label("P 10 辆", 22, 19, size=2.5, layer="总-停车")

    def roads(self) -> None:
        """Roads inside, with the gate and the entrances."""
        board = self.board
        for points in (
            [(GATE_ROAD[0], -6), (GATE_ROAD[0], 50), (30, 50)],
            [(GATE_ROAD[0], 62), (GATE_ROAD[0], 64)],
            [(GATE_ROAD[1], -6), (GATE_ROAD[1], 64)],
            [(36, 16), (GATE_ROAD[0] - 2, 16), (GATE_ROAD[0] - 2, 28)],
        ):
            board.path("总-道路", self.ring(points))
        gate = self.at(93.5, 4.5)
        board.msp.add_solid([self.at(92, 1), self.at(95, 1), gate], dxfattribs={"layer": "总-道路"})
        self.label("主出入口", 93.5, -3, size=3)
        for x, y in ((63.4, OFFICE_AT[1] - 2.2), (54, FACTORY_AT[1] - 2.2)):
            board.msp.add_solid(
                [self.at(x - 1, y), self.at(x + 1, y), self.at(x, y + 2)], dxfattribs={"layer": "总-道路"}
            )

    def fire_lane(self) -> None:
        """The ring road for fire engines around the factory; its south side is what the revisions differ in."""
        board = self.board
        _x0, y0, x1, y1 = FACTORY_AT
        east = x1 + 8.0
        inner = (LANE_WEST + LANE, y0 - LANE_GAP, east, y1 + LANE_GAP)
        outer = (LANE_WEST, inner[1] - self.lane, east + LANE, inner[3] + LANE)
        for edges, radius in ((inner, TURNING), (outer, TURNING + LANE)):
            board.path("消-消防车道", self.rounded(edges, radius), close=True)
        foot, knee = self.at(inner[0] + 2.7, inner[3] - 2.7), self.at(inner[0] - 8, inner[3] + 9)
        board.path("公-尺寸", [foot, knee, (knee[0] - 9, knee[1])])
        board.text("R9.00", (knee[0] - 4.5, knee[1] + 1.5), size=2.5, style="SZ")
        west = LANE_WEST + LANE / 2
        self.label("消防车道", west, 100, size=3, layer="消-消防车道", angle=90)
        self.label("消防车道", east + LANE / 2, 140, size=3, layer="消-消防车道", angle=90)
        self.label("消防车道", 40, inner[1] - self.lane / 2, size=3, layer="消-消防车道")
        self.span((LANE_WEST, 128), (LANE_WEST + LANE, 128), 0)
        self.span((east, 118), (east + LANE, 118), 0)
        self.span((80, inner[1] - self.lane), (80, inner[1]), 0)
        self.span((x1, 112), (east, 112), 0)
        for edges, angle in (((x1 + 0.5, 84, x1 + 7.5, 108), 90), (RESCUE_FIELD, 0)):
            field = self.block_ring(edges)
            x, y = (edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2
            name = self.block_ring((x - 6, y - 1.6, x + 6, y + 1.6) if angle == 0 else (x - 1.6, y - 6, x + 1.6, y + 6))
            board.path("消-登高场地", field, close=True)
            board.hatch("消-登高场地", [field, name], "ANSI37", size=1.2)
            self.label("消防救援场地", x, y, size=2.5, layer="消-登高场地", angle=angle)
        for x, y in ((9.8, 68), (9.8, 160), (101, 182), (101, 60)):
            place = self.at(x, y)
            board.msp.add_circle(place, 1.0, dxfattribs={"layer": "消-消火栓"})
            board.hatch("消-消火栓", [circle(place, 1.0, half=True)])
        self.label("室外消火栓", 109, 182, size=2.5, layer="消-消火栓")

    def tables(self, corner: Point) -> None:
        """Indicators, legend, notes and the north arrow in the right part of the sheet."""
        board = self.board
        left = corner[0] + 268
        top = corner[1] + 280
        board.north((left + 6, top - 10))
        land = Polygon(RED_LINE).area
        factory, office, gate = (size(edges) for edges in (FACTORY_AT, OFFICE_AT, GATE_AT))
        floors = factory + 2 * office + gate
        rows = [
            ["主要技术经济指标", "数值", "单位", "规划条件"],
            ["用地面积", f"{land:.1f}", "㎡", "—"],
            ["总建筑面积", f"{floors:.1f}", "㎡", "—"],
            ["其中：厂房", f"{factory:.1f}", "㎡", "—"],
            ["　　　办公", f"{2 * office:.1f}", "㎡", "≤30%"],
            ["容积率", f"{floors / land:.2f}", "—", "≥0.25"],
            ["建筑密度", f"{100 * (factory + office + gate) / land:.1f}", "%", "≤50"],
            ["绿地率", f"{100 * sum(map(size, GREEN)) / land:.1f}", "%", "15—20"],
            ["机动车位", "24", "辆", "≥22"],
            ["建筑高度", "9.60", "m", "≤24"],
        ]
        board.table((left + 24, top - 4), (44, 24, 14, 26), rows)
        lines = [
            "说明：",
            f"1. 坐标系统为 2000 国家大地坐标系（EPSG:{EPSG}），高程为 1985 国家高程基准。",
            f"2. 用地为 {PARCEL} 号地块，建筑坐标为外墙轴线交点坐标。",
            "3. 图中尺寸、标高、坐标均以米计；标注尺寸为外墙皮至外墙皮。",
            "4. 消防车道为环形车道，净宽、净高均不小于 4.0m，转弯半径 9.0m，坡度不大于 8%。",
            "5. 退界：北 10m、东 8m、南 15m、西 8m。",
        ]
        board.note(lines, (left + 2, top - 48), size=2.8, width=150)
        legend = [
            ("总-用地红线", "用地红线"),
            ("总-建筑控制线", "建筑控制线"),
            ("总-建筑", "新建建筑"),
            ("消-消防车道", "消防车道"),
            ("消-登高场地", "消防救援场地"),
            ("总-道路中线", "道路中心线"),
        ]
        board.text("图　例", (left + 10, top - 84), size=4, style="HT")
        for index, (layer, words) in enumerate(legend):
            y = top - 90 - index * 5
            board.line(layer, (left + 2, y), (left + 20, y))
            board.text(words, (left + 24, y), size=3, align=TextEntityAlignment.MIDDLE_LEFT)
        self.coordinates((left + 62, top - 84))
        board.caption(NAME, "1:500", (corner[0] + 150, corner[1] + 16))

    def coordinates(self, at: Point) -> None:
        """Coordinates of the red line and of the corners of the buildings (坐标表)."""
        rows = [["点号", "X (m)", "Y (m)"]]
        rows += [[f"J{index}", f"{y:.3f}", f"{x:.3f}"] for index, (x, y) in enumerate(RED_LINE, start=1)]
        for mark, edges in (("2#", FACTORY_AT), ("1#", OFFICE_AT)):
            for index, (x, y) in enumerate(self.block_ring(edges), start=1):
                rows.append([f"{mark}-{index}", f"{y:.3f}", f"{x:.3f}"])
        self.board.text("坐　标　表", (at[0] + 20, at[1]), size=4, style="HT")
        self.board.table((at[0], at[1] - 4), (22, 34, 34), rows, row=6.0)


def size(edges: tuple[float, float, float, float]) -> float:
    """Ground area of an upright block in m²."""
    return (edges[2] - edges[0]) * (edges[3] - edges[1])


def circle(middle: Point, radius: float, *, half: bool = False) -> list[Point]:
    """A (half) disc as a ring of 24 corners."""
    disc = [(radius * math.cos(math.radians(at)), radius * math.sin(math.radians(at))) for at in range(0, 361, 15)]
    points = [point for point in disc if not half or point[1] >= -1e-9]
    return [(float(x), float(y)) for x, y in affinity.translate(Polygon(points), *middle).exterior.coords]
