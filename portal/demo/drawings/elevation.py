"""The south elevation (①—⑦立面图) of the office building, 1:100. The same in every revision."""

from __future__ import annotations

from ezdxf.enums import TextEntityAlignment

from portal.demo.drawings.board import Board, Title
from portal.demo.drawings.office import AXES_X, BAY, LENGTH, STOREY, floor
from portal.demo.drawings.project import ISSUES, OFFICE

GROUND = -450
ROOF = 2 * STOREY
PARAPET = ROOF + 1200
SILL = 900
PAPER = (743.0, 420.0)
NAME = f"{OFFICE}①—⑦立面图"
NUMBER = "建施-04"


def elevation() -> bytes:
    """The elevation as DXF: drawn once in revision A and handed in again unchanged."""
    board = Board(ISSUES["A"], per_mm=100)
    board.frame((-11000, -20500), PAPER, Title(NAME, NUMBER, "1:100", "建筑", "A2+1/4"))
    board.caption("①—⑦立面图", "1:100", (LENGTH / 2, -9200))
    define_parts(board)
    draw_body(board)
    draw_windows(board)
    draw_entrance(board)
    draw_marks(board)
    return board.to_bytes()


def define_parts(board: Board) -> None:
    """One window as seen from outside, one metre square, and one tree."""
    window = board.block("立面窗")
    window.add_lwpolyline([(-0.5, 0), (0.5, 0), (0.5, 1), (-0.5, 1)], close=True)
    window.add_lwpolyline([(-0.46, 0.03), (0.46, 0.03), (0.46, 0.97), (-0.46, 0.97)], close=True)
    window.add_line((0, 0.03), (0, 0.97))
    window.add_line((-0.46, 0.68), (0.46, 0.68))
    window.add_lwpolyline([(-0.56, -0.06), (0.56, -0.06), (0.56, 0), (-0.56, 0)], close=True)
    tree = board.block("立面树")
    tree.add_line((-90, 0), (-60, 1500))
    tree.add_line((90, 0), (60, 1500))
    for x, y, radius in ((0, 2900, 1250), (-750, 2200, 800), (780, 2250, 820), (-350, 3650, 780), (420, 3600, 760)):
        tree.add_circle((x, y), radius)


def draw_body(board: Board) -> None:
    """Outline, storey lines, plinth and parapet, ground."""
    board.rect("建-立面", (-120, GROUND), (LENGTH + 120, PARAPET), lineweight=50)
    for y in (0, STOREY, ROOF):
        board.line("建-立面", (-120, y), (LENGTH + 120, y), lineweight=13)
    board.rect("建-立面", (-220, PARAPET - 250), (LENGTH + 220, PARAPET))
    for x in AXES_X[1:-1]:
        board.line("建-立面", (x, 0), (x, ROOF), lineweight=9)
    board.line("建-立面", (-6000, GROUND), (LENGTH + 6000, GROUND), lineweight=100)
    ground = [(-6000, GROUND), (LENGTH + 6000, GROUND), (LENGTH + 6000, GROUND - 350), (-6000, GROUND - 350)]
    board.hatch("建-填充", [ground], "ANSI31", size=1.2)
    top = SILL - 300
    for x0, x1 in ((-120, LENGTH / 2 - 4700), (LENGTH / 2 + 4700, LENGTH + 120)):
        plinth = [(x0, GROUND), (x1, GROUND), (x1, top), (x0, top)]
        board.path("建-立面", plinth, close=True, lineweight=18)
        board.hatch("建-填充", [plinth], "BRICK", size=0.5)
    for x in (-4900, LENGTH + 5400):
        board.put("立面树", (x, GROUND), layer="总-绿化", scale=1.0)


def draw_windows(board: Board) -> None:
    """The windows of the south front, as the plans have them."""
    for number in (1, 2):
        storey = floor(number, ISSUES["A"].east_stair_bay)
        for opening in storey.openings:
            if opening.y == 0 and not opening.is_door:
                at = (opening.x, (number - 1) * STOREY + SILL)
                board.put("立面窗", at, layer="建-门窗", scale=(opening.width, 1800))


def draw_entrance(board: Board) -> None:
    """Glass doors under a canopy, with steps and the name of the house."""
    x = LENGTH / 2
    for side in (-1350, 1350):
        board.rect("建-门窗", (x + side - 900, 0), (x + side + 900, 2400))
        board.line("建-门窗", (x + side, 0), (x + side, 2400))
    board.rect("建-立面", (x - 4200, 2900), (x + 4200, 3300), lineweight=35)
    for side in (-1, 1):
        board.rect("建-立面", (x + side * 3700 - 200, GROUND + 450), (x + side * 3700 + 200, 2900))
    for step in range(3):
        reach = 3600 + step * 300
        board.line("建-立面", (x - reach, -150 * step), (x + reach, -150 * step))
    board.text("云 启 精 密 制 造", (x, ROOF + 420), size=6.5, style="HT", layer="建-立面")


def draw_marks(board: Board) -> None:
    """Levels at the right, axes below, heights at the left, materials on leaders."""
    for y, words in ((GROUND, "-0.450"), (0, "±0.000"), (STOREY, "3.900"), (ROOF, "7.800"), (PARAPET, "9.000")):
        x = LENGTH + (4300 if y == GROUND else 1900)
        board.line("建-标高", (x - 700, y), (x + 700, y))
        board.level(words, (x, y))
    board.chain([GROUND, 0, STOREY, ROOF, PARAPET], level=-2300, foot=-600, upright=True)
    board.chain([GROUND, PARAPET], level=-3500, foot=-600, upright=True)
    for x, name in ((0, "1"), (LENGTH, "7")):
        board.line("建-轴线", (x, -5000), (x, GROUND - 400))
        board.bubble(name, (x, -5400))
    board.chain([0.0, float(LENGTH)], level=-4000, foot=-1400)
    notes = [
        ((BAY * 0.5, ROOF - 500), (BAY * 0.7, PARAPET + 1300), "浅灰色真石漆"),
        ((LENGTH / 2 + 4000, 3100), (LENGTH / 2 + 5600, PARAPET + 1300), "铝板雨篷，挑出2400"),
        ((BAY * 4.6, 200), (BAY * 4.8, -2600), "仿石面砖勒脚，高1050"),
    ]
    for foot, at, words in notes:
        board.path("公-文字", [foot, at, (at[0] + 5200, at[1])])
        place = (at[0] + 200, at[1] + 120)
        board.text(words, place, size=3, align=TextEntityAlignment.BOTTOM_LEFT)
