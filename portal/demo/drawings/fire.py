"""The fire layout (消防布置图) of the office: compartment, ways out, equipment, rescue field and fire lane, 1:100.

The same drawing is written as DXF R2018 and, for offices with old software, as DXF R2000 in code page 936.
"""

from __future__ import annotations

from collections.abc import Sequence

from ezdxf.enums import TextEntityAlignment

from portal.demo.drawings.board import Board, Point, Title
from portal.demo.drawings.floors import define_parts, draw_columns, draw_door, draw_stair, draw_walls
from portal.demo.drawings.office import AXES_X, AXES_Y, BAY, DEPTH, LENGTH, NAMES_X, NAMES_Y, OUTER, floor
from portal.demo.drawings.project import OFFICE, Issue
from portal.demo.drawings.site import OFFICE_AT, RESCUE_FIELD

NUMBER = "消施-01"
PAPER = (841.0, 594.0)
# The north edge of the fire lane lies 20.4 m north of axis D in every revision (site plan).
LANE_NORTH = 36000.0


def fire_layout(issue: Issue, version: str = "R2018") -> bytes:
    """The fire layout as DXF; version R2000 is written in GBK ($DWGCODEPAGE ANSI_936)."""
    board = Board(issue, per_mm=100, version=version)
    if version == "R2000":
        board.doc.header["$DWGCODEPAGE"] = "ANSI_936"
        board.doc.encoding = "gbk"
    define_parts(board)
    define_symbols(board)
    title = Title(f"{OFFICE}{issue.fire_name}", NUMBER, "1:100", "消防", "A1")
    board.frame((-13000, -14500), PAPER, title)
    draw_grid(board)
    draw_columns(board)
    storey = floor(1, issue.east_stair_bay)
    draw_labels(board, issue)
    for opening in storey.openings:
        if opening.is_door:
            draw_door(board, opening)
        else:
            angle = 90 if opening.upright else 0
            board.put("窗", (opening.x, opening.y), layer="建-门窗", scale=(opening.width, OUTER), angle=angle)
    draw_compartment(board)
    draw_equipment(board, storey.stairs[1][1])
    draw_outside(board, issue)
    draw_ways_out(board, storey.stairs)
    draw_legend(board)
    for name, left in storey.stairs:
        draw_stair(board, 1, name, left)
    draw_walls(board, storey)
    return board.to_bytes()


def define_symbols(board: Board) -> None:
    """Symbols of fire equipment, in millimetres on paper."""
    cabinet = board.block("室内消火栓")
    cabinet.add_lwpolyline([(-4, 0), (4, 0), (4, 2.4), (-4, 2.4)], close=True)
    cabinet.add_solid([(-4, 0), (4, 0), (-4, 2.4)])
    can = board.block("灭火器")
    can.add_circle((0, 0), 1.8)
    can.add_lwpolyline([(-1.2, -0.8), (1.2, -0.8), (0, 1.4)], close=True)
    exit_sign = board.block("安全出口")
    exit_sign.add_lwpolyline([(-5, -1.8), (5, -1.8), (5, 1.8), (-5, 1.8)], close=True)
    exit_sign.add_text("安全出口", height=1.7, dxfattribs={"style": "HZ"}).set_placement(
        (0, 0), align=TextEntityAlignment.MIDDLE_CENTER
    )
    lamp = board.block("应急照明")
    lamp.add_circle((0, 0), 1.5)
    lamp.add_line((-1.06, -1.06), (1.06, 1.06))
    lamp.add_line((-1.06, 1.06), (1.06, -1.06))
    hydrant = board.block("室外消火栓")
    hydrant.add_circle((0, 0), 3)
    hydrant.add_solid([(-3, 0), (3, 0), (-2.1, -2.1), (2.1, -2.1)])
    arrow = board.block("疏散箭头")
    arrow.add_solid([(0, 0.9), (0, -0.9), (2.8, 0)])
    smoke = board.block("感烟探测器")
    smoke.add_lwpolyline([(-1.6, -1.6), (1.6, -1.6), (1.6, 1.6), (-1.6, 1.6)], close=True)
    smoke.add_lwpolyline([(-0.6, -1), (0.6, -0.2), (-0.6, 0.2), (0.6, 1)])


def draw_grid(board: Board) -> None:
    """Axes with bubbles on two sides."""
    for x, name in zip(AXES_X, NAMES_X, strict=True):
        board.line("建-轴线", (x, -3600), (x, DEPTH + 2000))
        board.bubble(name, (x, -4000))
    for y, name in zip(AXES_Y, NAMES_Y, strict=True):
        board.line("建-轴线", (-4600, y), (LENGTH + 1500, y))
        board.bubble(name, (-5000, y))
    board.chain([float(x) for x in AXES_X], level=-2600, foot=-700)
    board.chain([float(y) for y in AXES_Y], level=-3600, foot=-900, upright=True)


def draw_labels(board: Board, issue: Issue) -> None:
    """Names of the rooms as they stand, smaller than on the plan."""
    for room in floor(1, issue.east_stair_bay).rooms:
        if room.use != "stair":
            board.text(room.name, room.centre, size=3, layer="建-房间")
    board.caption(f"一层{issue.fire_name}", "1:100", (LENGTH / 2, -8600))


def draw_compartment(board: Board) -> None:
    """The whole storey is one fire compartment (防火分区)."""
    off = 480
    board.rect("消-防火分区", (-off, -off), (LENGTH + off, DEPTH + off))
    words = "防火分区①　建筑面积 730.08㎡（≤2500㎡）"
    board.text(words, (LENGTH * 0.27, DEPTH + 1050), size=3, layer="消-防火分区")


def draw_equipment(board: Board, east_stair: float) -> None:
    """Hydrant cabinets, extinguishers, lamps, detectors and signs."""
    corridor = (AXES_Y[1] + AXES_Y[2]) / 2
    for x in (AXES_X[1] + 3400, AXES_X[3] + 900, AXES_X[4] + 4300):
        board.put("室内消火栓", (x, AXES_Y[2] - 380), layer="消-消火栓")
        board.text("2×MF/ABC4", (x, AXES_Y[2] - 620), size=1.8, layer="消-灭火器", style="SZ")
        board.put("灭火器", (x + 700, AXES_Y[2] - 330), layer="消-灭火器")
    for bay in range(6):
        middle = AXES_X[bay] + BAY / 2
        board.put("应急照明", (middle, corridor), layer="消-标志")
        for y in (AXES_Y[1] / 2 - 1400, AXES_Y[2] + 4900):
            board.put("感烟探测器", (middle - 2300, y), layer="消-标志")
            board.put("感烟探测器", (middle + 2300, y), layer="消-标志")
    for at in (
        (LENGTH / 2, 700),
        (LENGTH - 800, corridor + 700),
        (1800, AXES_Y[2] + 750),
        (east_stair + 1800, AXES_Y[2] + 750),
    ):
        board.put("安全出口", at, layer="消-标志")


def draw_ways_out(board: Board, stairs: Sequence[tuple[str, float]]) -> None:
    """The longest ways out with their lengths (疏散路线)."""
    corridor = (AXES_Y[1] + AXES_Y[2]) / 2 - 350
    ways: list[tuple[list[Point], str]] = [
        ([(7000, 800), (7000, 1300), (1500, 6000), (1500, corridor), (1800, corridor), (1800, AXES_Y[2] + 500)], "L=14.6m"),
        ([(AXES_X[1] + 600, 900), (AXES_X[1] + BAY / 2, 6000), (AXES_X[1] + BAY / 2, corridor), (LENGTH / 2 - 1350, corridor),
          (LENGTH / 2 - 1350, -600)], "L=26.8m"),
        ([(AXES_X[5] - 700, 900), (AXES_X[4] + 1500, 5800), (AXES_X[4] + 1500, corridor), (LENGTH / 2 + 1350, corridor),
          (LENGTH / 2 + 1350, -600)], "L=24.3m"),
        ([(LENGTH - 700, 900), (AXES_X[5] + 1500, 5800), (AXES_X[5] + 1500, corridor), (LENGTH + 900, corridor)], "L=15.2m"),
        ([(stairs[1][1] + 1800, AXES_Y[2] + 700), (stairs[1][1] + 1800, corridor + 500), (LENGTH + 900, corridor + 500)], ""),
    ]  # fmt: skip
    for points, words in ways:
        board.path("消-疏散", points)
        (_x0, y0), (x1, y1) = points[-2:]
        angle = 0 if y0 == y1 else 90 if y1 > y0 else 270
        board.put("疏散箭头", (x1, y1), layer="消-疏散", angle=angle)
        if words:
            board.text(
                words,
                ((points[0][0] + points[1][0]) / 2 + 900, points[0][1] + 500),
                size=2.2,
                layer="消-疏散",
                style="SZ",
            )


def draw_outside(board: Board, issue: Issue) -> None:
    """Rescue field and fire lane north of the house, with the width of the lane."""
    x0, y0, x1, y1 = ((value - start) * 1000 for value, start in zip(RESCUE_FIELD, (*OFFICE_AT[:2],) * 2, strict=True))
    middle = (x0 + x1) / 2
    name = [
        (middle - 4600, y0 + 3800),
        (middle + 4600, y0 + 3800),
        (middle + 4600, y0 + 6400),
        (middle - 4600, y0 + 6400),
    ]
    field = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    board.path("消-登高场地", field, close=True)
    board.hatch("消-登高场地", [field, name], "ANSI37", size=3)
    board.text("消防救援场地", (middle, y0 + 5500), size=4.5, layer="消-登高场地")
    board.text("15m×10m　坡度≤3%　荷载≥30t", (middle, y0 + 4500), size=2.6, layer="消-登高场地")
    board.dim((x0, y1), (x1, y1), (x0, y1 + 700))
    board.dim((x1, y0), (x1, y1), (x1 + 900, y0), angle=90)
    board.dim((x0 - 2500, DEPTH + OUTER / 2), (x0 - 2500, y0), (x0 - 2500, y0), angle=90)
    south = LANE_NORTH - issue.lane
    board.path("消-消防车道", [(-9000, LANE_NORTH), (LENGTH + 9000, LANE_NORTH)])
    board.path("消-消防车道", [(-9000, south), (LENGTH + 9000, south)])
    board.line("总-道路中线", (-9000, LANE_NORTH - issue.lane / 2), (LENGTH + 9000, LANE_NORTH - issue.lane / 2))
    board.text(
        "消　防　车　道　　　净高≥4.0m　转弯半径9.0m　坡度≤8%",
        (LENGTH / 2 - 6000, south + issue.lane * 0.72),
        size=4,
        layer="消-消防车道",
    )
    for x in (-4000, LENGTH + 4500):
        board.dim((x, south), (x, LANE_NORTH), (x, south), angle=90)
    for x in (AXES_X[1], LENGTH + 1500):
        board.put("室外消火栓", (x, south - 1600), layer="消-消火栓")
        board.text("室外消火栓 SS100", (x + 2600, south - 1600), size=2.4, layer="消-消火栓")
    for x in (-9000, LENGTH + 9000):
        board.line("总-道路", (x, south - 500), (x, LANE_NORTH + 500))


def draw_legend(board: Board) -> None:
    """What the symbols mean, what the sheet rests on, and the list of equipment."""
    left, top = LENGTH + 4700.0, 27500.0
    board.text("图　例", (left + 2200, top + 900), size=4.5, style="HT")
    symbols = [
        ("室内消火栓", "消-消火栓", "室内消火栓箱（单栓）"),
        ("灭火器", "消-灭火器", "磷酸铵盐干粉灭火器"),
        ("室外消火栓", "消-消火栓", "室外地上式消火栓"),
        ("安全出口", "消-标志", "安全出口标志灯"),
        ("应急照明", "消-标志", "应急照明灯"),
        ("感烟探测器", "消-标志", "点型感烟火灾探测器"),
        ("疏散箭头", "消-疏散", "疏散方向"),
    ]
    for index, (block, layer, words) in enumerate(symbols):
        y = top - 300 - index * 900
        board.put(block, (left + 900, y), layer=layer)
        board.text(words, (left + 2000, y), size=3, align=TextEntityAlignment.MIDDLE_LEFT)
    notes = [
        "说明：",
        "1. 本工程为二类多层公共建筑，耐火等级二级。",
        "2. 每层一个防火分区，设两座封闭楼梯间。",
        "3. 直通疏散走道的房间疏散门至最近安全出口",
        "   的直线距离：位于两个安全出口之间不大于",
        "   40m，袋形走道两侧或尽端不大于 22m。",
        "4. 消防车道净宽、净高均不应小于 4.0m。",
        "5. 消防控制室直通室外，隔墙耐火极限 2.00h。",
    ]
    board.note(notes, (left, 16800), size=2.8, width=118)
    rows = [
        ["名称", "型号", "数量"],
        ["室内消火栓箱", "SG24A65", "3"],
        ["干粉灭火器", "MF/ABC4", "6"],
        ["安全出口灯", "A型 LED", "4"],
        ["应急照明灯", "A型 LED", "6"],
        ["感烟探测器", "JTY-GD", "24"],
    ]
    board.table((left, 9400), (40, 36, 20), rows)
