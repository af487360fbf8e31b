"""Floor plans (平面图) of the office building, 1:100."""

from __future__ import annotations

from ezdxf.enums import TextEntityAlignment

from portal.demo.drawings.board import Board, Title
from portal.demo.drawings.office import (
    AXES_X,
    AXES_Y,
    BAY,
    COLUMN,
    DEPTH,
    INNER,
    LENGTH,
    NAMES_X,
    NAMES_Y,
    OUTER,
    STAIR,
    STOREY,
    Floor,
    Opening,
    Room,
    columns,
    floor,
)
from portal.demo.drawings.project import OFFICE, Issue

PAPER = (743.0, 420.0)
CHINESE = {1: "一", 2: "二"}


def floor_plan(number: int, issue: Issue) -> bytes:
    """The plan of storey 1 or 2 as DXF."""
    board = Board(issue, per_mm=100)
    storey = floor(number, issue.east_stair_bay)
    define_parts(board)
    draw_grid(board)
    draw_columns(board)
    draw_notes(board, storey)
    title = Title(f"{OFFICE}{CHINESE[number]}层平面图", f"建施-{number + 1:02d}", "1:100", "建筑", "A2+1/4")
    board.frame((-11000, -14800), PAPER, title)
    board.caption(f"{CHINESE[number]}层平面图", "1:100", (LENGTH / 2, -9800))
    draw_dimensions(board, storey)
    draw_rooms(board, storey)
    draw_openings(board, storey)
    for name, left in storey.stairs:
        draw_stair(board, number, name, left)
    draw_walls(board, storey)
    if number == 1:
        draw_entrance(board)
        board.north((LENGTH + 3200, DEPTH + 3600))
    return board.to_bytes()


def define_parts(board: Board) -> None:
    """Blocks that plans share: doors, windows, stair, furniture, sanitary ware."""
    window = board.block("窗")  # one metre wide, as thick as an outer wall
    for y in (-0.5, -0.17, 0.17, 0.5):
        window.add_line((-0.5, y), (0.5, y))
    for x in (-0.5, 0.5):
        window.add_line((x, -0.5), (x, 0.5))
    leaf = board.block("单扇门")  # leaf of one metre, hung at the origin, closing along +x, opening to +y
    leaf.add_lwpolyline([(0, 0), (0, 1), (0.04, 1), (0.04, 0)], close=True)
    leaf.add_arc((0, 0), 1, 0, 90)
    for stair, words in (("楼梯一层", "上"), ("楼梯二层", "下")):
        draw_flights(board, stair, words, full=words == "下")
    desk = board.block("办公桌")
    desk.add_lwpolyline([(0, 0), (1400, 0), (1400, 700), (0, 700)], close=True)
    desk.add_lwpolyline([(450, -520), (950, -520), (950, -80), (450, -80)], close=True)
    desk.add_lwpolyline([(500, 380), (900, 380), (900, 620), (500, 620)], close=True)
    table = board.block("会议桌")
    table.add_lwpolyline([(-3200, -700), (3200, -700), (3200, 700), (-3200, 700)], close=True)
    for index in range(8):
        x = -2800 + index * 800
        for y in (-1150, 750):
            table.add_lwpolyline([(x - 230, y), (x + 230, y), (x + 230, y + 400), (x - 230, y + 400)], close=True)
    sofa = board.block("沙发")
    sofa.add_lwpolyline([(0, 0), (2100, 0), (2100, 850), (0, 850)], close=True)
    sofa.add_lwpolyline([(150, 0), (150, 650), (1950, 650), (1950, 0)])
    bowl = board.block("蹲便器")
    bowl.add_lwpolyline([(0, 0), (900, 0), (900, 1200), (0, 1200)], close=True)
    bowl.add_ellipse((450, 650), major_axis=(0, 330), ratio=0.6)
    basin = board.block("洗手盆")
    basin.add_lwpolyline([(0, 0), (750, 0), (750, 550), (0, 550)], close=True)
    basin.add_ellipse((375, 260), major_axis=(240, 0), ratio=0.7)
    shelf = board.block("档案柜")
    shelf.add_lwpolyline([(0, 0), (2400, 0), (2400, 450), (0, 450)], close=True)
    shelf.add_line((0, 0), (2400, 450))
    shelf.add_line((0, 450), (2400, 0))


def draw_flights(board: Board, name: str, words: str, *, full: bool) -> None:
    """A stair of two flights with half landing (双跑楼梯): 11 treads of 280 each."""
    stair = board.block(name)
    left, right, foot, tread, count = 120, STAIR - 120, 1300, 280, 11
    top = foot + tread * count
    middle, gap = STAIR / 2, 80
    for index in range(count + 1):
        y = foot + index * tread
        if full or index < 7:
            stair.add_line((middle + gap, y), (right, y))
        if full:
            stair.add_line((left, y), (middle - gap, y))
    if full:
        stair.add_lwpolyline(
            [(middle - gap, foot), (middle + gap, foot), (middle + gap, top), (middle - gap, top)], close=True
        )
        stair.add_lwpolyline(
            [(left + 780, foot - 350), (left + 780, top + 600), (right - 780, top + 600), (right - 780, foot - 350)]
        )
    else:
        cut = foot + 6.4 * tread
        stair.add_line((middle + gap, foot), (middle + gap, cut))
        stair.add_lwpolyline(
            [(middle + gap - 120, cut - 260), (middle + 700, cut + 60), (middle + 780, cut - 120), (middle + 900, cut + 260),
             (middle + 980, cut + 80), (right + 60, cut + 380)]
        )  # fmt: skip
        stair.add_lwpolyline([(right - 780, foot - 350), (right - 780, cut - 250)])
    x = right - 780
    tip = foot - 350 if full else cut - 250
    way = -1 if full else 1
    stair.add_solid([(x - 70, tip - way * 260), (x + 70, tip - way * 260), (x, tip)])
    stair.add_text(words, height=300, dxfattribs={"style": "HZ"}).set_placement(
        (x, foot - 650), align=TextEntityAlignment.MIDDLE_CENTER
    )


def draw_grid(board: Board) -> None:
    """Axes and their bubbles on both sides (轴网)."""
    reach, bubble = 6300, 6700
    for x, name in zip(AXES_X, NAMES_X, strict=True):
        board.line("建-轴线", (x, -reach), (x, DEPTH + reach))
        board.bubble(name, (x, -bubble))
        board.bubble(name, (x, DEPTH + bubble))
    for y, name in zip(AXES_Y, NAMES_Y, strict=True):
        board.line("建-轴线", (-reach, y), (LENGTH + reach, y))
        board.bubble(name, (-bubble, y))
        board.bubble(name, (LENGTH + bubble, y))


def draw_columns(board: Board) -> None:
    """Concrete columns, filled."""
    for low, high in columns():
        board.rect("建-柱", low, high)
        board.hatch("建-柱", [[low, (high[0], low[1]), high, (low[0], high[1])]])


def draw_walls(board: Board, storey: Floor) -> None:
    """Wall outlines with the openings cut out."""
    for part in storey.walls():
        for ring in (part.exterior, *part.interiors):
            board.path("建-墙体", [(float(x), float(y)) for x, y in list(ring.coords)[:-1]], close=True)


def draw_openings(board: Board, storey: Floor) -> None:
    """Windows as blocks stretched to their width, doors with leaf and arc, each with its mark."""
    for opening in storey.openings:
        if opening.is_door:
            draw_door(board, opening)
        else:
            angle = 90 if opening.upright else 0
            board.put("窗", (opening.x, opening.y), layer="建-门窗", scale=(opening.width, OUTER), angle=angle)
            out = 420 if opening.y > DEPTH / 2 else -420
            at = (
                (opening.x + (-420 if opening.x == 0 else 420), opening.y)
                if opening.upright
                else (opening.x, opening.y + out)
            )
            board.text(opening.mark, at, size=2.2, layer="建-门窗", style="SZ", angle=angle)


def draw_door(board: Board, door: Opening) -> None:
    """One or two leaves."""
    leaves = [(-1, door.width / 2), (1, door.width / 2)] if door.width > 1200 else [(door.hinge, door.width)]
    for hinge, width in leaves:
        reach = hinge * door.width / 2
        at = (door.x, door.y + reach) if door.upright else (door.x + reach, door.y)
        # Closing runs from the hinge inwards; the block's own sense is +x and +y.
        across, up = -hinge * width, door.swing * width
        if door.upright:
            board.put("单扇门", at, layer="建-门窗", scale=(across, -up), angle=90)
        else:
            board.put("单扇门", at, layer="建-门窗", scale=(across, up))
    away = -door.swing * 330
    at = (door.x + away, door.y) if door.upright else (door.x, door.y + away)
    board.text(door.mark, at, size=2.2, layer="建-门窗", style="HZ", angle=90 if door.upright else 0)


def draw_stair(board: Board, number: int, name: str, left: float) -> None:
    """A stair at its place with its name and the fire-rated enclosure."""
    board.put("楼梯一层" if number == 1 else "楼梯二层", (left, AXES_Y[2]), layer="建-楼梯", scale=1.0)
    board.text(name, (left + STAIR / 2 - 700, AXES_Y[3] - 900), size=3, layer="建-楼梯")
    board.text("封闭楼梯间", (left + STAIR / 2, AXES_Y[3] - 420), size=2.5, layer="建-楼梯")


def draw_rooms(board: Board, storey: Floor) -> None:
    """Names, areas and what stands in the rooms."""
    for room in storey.rooms:
        if room.use == "stair":
            continue
        x, y = room.centre
        board.text(room.name, (x, y + 260), size=3.8, layer="建-房间")
        board.text(f"{room.area:.2f}㎡", (x, y - 320), size=2.5, layer="建-房间", style="SZ")
        furnish(board, room)
    x = LENGTH / 2 - BAY
    board.text("走　道", (x, (AXES_Y[1] + AXES_Y[2]) / 2), size=3.8, layer="建-房间")


def furnish(board: Board, room: Room) -> None:
    """A few pieces by use, clear of the name in the middle."""
    x, y = room.centre
    edge = INNER / 2 + 250
    match room.use:
        case "office":
            for dx in (-2900, 1500):
                board.put("办公桌", (x + dx, room.y0 + edge + 900), layer="建-家具", scale=1.0)
            board.put("档案柜", (x - 1200, room.y1 - edge - 450), layer="建-家具", scale=1.0)
        case "open":
            for column in range(6):
                for row in range(2):
                    board.put(
                        "办公桌",
                        (room.x0 + 900 + column * 2450, room.y0 + 1200 + row * 3000),
                        layer="建-家具",
                        scale=1.0,
                    )
        case "meeting":
            if room.x1 - room.x0 > BAY:
                board.put("会议桌", (x - 3600, y), layer="建-家具", scale=1.0)
                board.put("会议桌", (x + 3900, y), layer="建-家具", scale=1.0)
            else:
                board.put("沙发", (x - 1050, room.y0 + edge), layer="建-家具", scale=1.0)
        case "lobby":
            board.put("沙发", (room.x0 + 700, room.y0 + 1700), layer="建-家具", scale=1.0)
        case "toilet":
            fit_out_toilet(board, room)
        case "store":
            for index in range(3):
                board.put("档案柜", (room.x0 + 600, room.y0 + 500 + index * 1900), layer="建-家具", scale=1.0)
                board.put("档案柜", (room.x1 - 3000, room.y0 + 500 + index * 1900), layer="建-家具", scale=1.0)


def fit_out_toilet(board: Board, room: Room) -> None:
    """Tiles around the name, three pans along the outer wall, two basins away from the door."""
    x, y = room.centre
    tiles = [(room.x0 + 100, room.y0 + 100), (room.x1 - 100, room.y0 + 100)]
    tiles += [(room.x1 - 100, room.y1 - 100), (room.x0 + 100, room.y1 - 100)]
    name = [(x - 1100, y - 600), (x + 1100, y - 600), (x + 1100, y + 700), (x - 1100, y + 700)]
    board.hatch("建-填充", [tiles, name], "NET", size=1.9)
    basins = room.x0 + 250 if room.name == "女卫" else room.x1 - 1950
    for index in range(3):
        board.put("蹲便器", (room.x0 + 350 + index * 1000, room.y1 - 1450), layer="建-洁具", scale=1.0)
    for index in range(2):
        board.put("洗手盆", (basins + index * 850, room.y0 + 320), layer="建-洁具", scale=1.0)


def draw_dimensions(board: Board, storey: Floor) -> None:
    """Openings, axes, overall: three chains below, two on the other sides."""
    south = sorted((opening for opening in storey.openings if opening.y == 0), key=lambda opening: opening.x)
    stations = [0.0]
    for opening in south:
        stations += [opening.x - opening.width / 2, opening.x + opening.width / 2]
    stations.append(float(LENGTH))
    board.chain(stations, level=-2600, foot=-700)
    board.chain([float(x) for x in AXES_X], level=-3700, foot=-700)
    board.chain([-OUTER / 2, LENGTH + OUTER / 2], level=-4800, foot=-700)
    board.chain([float(x) for x in AXES_X], level=DEPTH + 2900, foot=DEPTH + 900)
    board.chain([float(y) for y in AXES_Y], level=-3700, foot=-900, upright=True)
    board.chain([-OUTER / 2, DEPTH + OUTER / 2], level=-4800, foot=-900, upright=True)
    left = storey.stairs[1][1]
    board.chain([left, left + STAIR], level=DEPTH + 1700, foot=DEPTH + 900)
    board.level("±0.000" if storey.number == 1 else f"{STOREY / 1000:.3f}", (LENGTH / 2 - 1200, AXES_Y[1] + 700))


def draw_entrance(board: Board) -> None:
    """Steps and ramp before the lobby, and the outdoor ground."""
    x = LENGTH / 2
    for step in range(3):
        reach = 3600 + step * 300
        drop = 1800 + step * 300
        board.path(
            "建-楼梯", [(x - reach, -OUTER / 2), (x - reach, -drop), (x + reach, -drop), (x + reach, -OUTER / 2)]
        )
    ramp = [(x + 4500, -OUTER / 2 - 100), (x + 9900, -OUTER / 2 - 100), (x + 9900, -1500), (x + 4500, -1500)]
    board.path("建-楼梯", ramp, close=True)
    board.text("无障碍坡道 1:12", (x + 7200, -850), size=2.5, layer="建-楼梯")
    board.level("-0.450", (x - 5600, -1700))


def draw_notes(board: Board, storey: Floor) -> None:
    """What holds for the whole sheet, and the table of rooms."""
    lines = [
        "说明：",
        "1. 本图尺寸除标高以米计外，其余均以毫米计。",
        f"2. 外墙 {OUTER} 厚，内墙 {INNER} 厚，均为加气混凝土砌块；柱 {COLUMN}×{COLUMN}。",
        "3. 耐火等级二级；本层为一个防火分区，建筑面积 730.08㎡。",
        "4. 封闭楼梯间的门为乙级防火门，向疏散方向开启。",
        "5. 卫生间楼地面低于相邻楼地面 20，并以 1% 坡度坡向地漏。",
    ]
    board.note(lines, (29500, -7600), size=2.8, width=190)
    rooms = [room for room in storey.rooms if room.use != "stair"]
    rows = [["房间", "净面积(㎡)"], *([room.name, f"{room.area:.2f}"] for room in rooms[:6])]
    board.table((-5200, -8000), (26, 22), rows, row=6.0)
    rows = [["房间", "净面积(㎡)"], *([room.name, f"{room.area:.2f}"] for room in rooms[6:])]
    board.table((-200, -8000), (26, 22), rows, row=6.0)
