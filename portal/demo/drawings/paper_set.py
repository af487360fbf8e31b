"""Two sheets as PDF (A3): the design notes, and the schedule of doors and windows with details."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

import pymupdf
from reportlab.lib.pagesizes import A3, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from portal.demo.drawings.office import floor
from portal.demo.drawings.project import INSTITUTE, OFFICE, OWNER, PROJECT, Issue

WIDE, TALL = landscape(A3)
LEFT, BOTTOM, RIGHT, TOP = 25 * mm, 10 * mm, WIDE - 10 * mm, TALL - 10 * mm
STRIP = 42 * mm
FONT = "DemoDrawing"
SHEETS = (("建施-00", "建筑设计说明"), ("建施-05", "门窗表及节点详图"))


@cache
def letters() -> str:
    """The name of the Chinese face, registered once."""
    font = pymupdf.Font("china-s")
    pdfmetrics.registerFont(TTFont(FONT, io.BytesIO(bytes(font.buffer))))
    return FONT


def paper_set(issue: Issue) -> bytes:
    """Both sheets in one PDF; equal issues give equal bytes."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDE, TALL), pageCompression=1, invariant=1, initialFontName=letters())
    canvas.setTitle(f"{PROJECT} {OFFICE} 建筑施工图 {issue.letter}版")
    canvas.setAuthor(INSTITUTE)
    for (number, name), draw in zip(SHEETS, (draw_notes, draw_schedule), strict=True):
        frame(canvas, issue, number, name)
        draw(canvas, issue)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def frame(canvas: Canvas, issue: Issue, number: str, name: str) -> None:
    """Frame and title block."""
    canvas.setLineWidth(0.4)
    canvas.rect(5 * mm, 5 * mm, WIDE - 10 * mm, TALL - 10 * mm)
    canvas.setLineWidth(1.4)
    canvas.rect(LEFT, BOTTOM, RIGHT - LEFT, TOP - BOTTOM)
    x = RIGHT - STRIP
    canvas.setLineWidth(0.7)
    canvas.line(x, BOTTOM, x, TOP)
    fields = [
        ("设计单位", INSTITUTE, 26),
        ("建设单位", OWNER, 22),
        ("工程名称", PROJECT, 22),
        ("子项名称", OFFICE, 20),
        ("图名", name, 24),
        ("专业", "建筑", 16),
        ("比例", "见图", 16),
        ("日期", f"{issue.day:%Y.%m.%d}", 16),
        ("版次", issue.letter, 16),
        ("图号", number, 20),
    ]
    y = TOP - 22 * mm
    for label, value, height in fields:
        canvas.line(x, y, RIGHT, y)
        write(canvas, x + 1.5 * mm, y - 4 * mm, label, 6.5)
        size = min(13.0 if label in {"图名", "图号"} else 9.0, (STRIP - 4 * mm) / max(wide(value, 1.0), 1))
        write(canvas, x + STRIP / 2, y - (height / 2 + 1.5) * mm, value, size, middle=True)
        y -= height * mm
    canvas.line(x, y, RIGHT, y)
    for index, (role, person) in enumerate((("设计", "陈 设"), ("校对", "林 校"), ("审核", "周 审"))):
        top = BOTTOM + (24 - index * 8) * mm
        canvas.line(x, top, RIGHT, top)
        write(canvas, x + 2 * mm, top - 5.5 * mm, role, 7.5)
        write(canvas, x + 18 * mm, top - 5.5 * mm, person, 7.5)


def draw_notes(canvas: Canvas, issue: Issue) -> None:
    """建筑设计说明, in two columns, with the table of materials."""
    x, y = LEFT + 8 * mm, TOP - 16 * mm
    write(canvas, (LEFT + RIGHT - STRIP) / 2, y, "建 筑 设 计 说 明", 20, middle=True)
    first = [
        ("一、设计依据", ["1. 建设工程规划许可条件及建设单位提供的设计任务书。",
          "2. 《建筑防火通用规范》GB 55037-2022。", "3. 《民用建筑通用规范》GB 55031-2022。",
          "4. 《建筑与市政工程无障碍通用规范》GB 55019-2021。", "5. 《建筑节能与可再生能源利用通用规范》GB 55015-2021。"]),
        ("二、工程概况", [f"1. 工程名称：{PROJECT}{OFFICE}。", "2. 建筑面积 1460.16㎡，地上二层，建筑高度 9.00m。",
          "3. 结构形式：钢筋混凝土框架结构；抗震设防烈度 7 度。", "4. 设计使用年限 50 年，耐火等级二级，屋面防水等级一级。"]),
        ("三、墙体工程", ["1. 外墙 240 厚、内墙 200 厚加气混凝土砌块，M5 专用砂浆砌筑。",
          "2. 墙身防潮层设于室内地坪下 60 处，20 厚 1:2 水泥砂浆加 5% 防水剂。"]),
    ]  # fmt: skip
    second = [
        ("四、消防设计", ["1. 每层为一个防火分区，设两座封闭楼梯间，净宽不小于 1.40m。",
          f"2. 厂房周围设环形消防车道，办公楼与厂房之间的车道净宽 {issue.lane / 1000:.1f}m，净高不小于 4.0m。",
          "3. 办公楼北侧设 15m×10m 消防救援场地，距外墙 5m。", "4. 消防控制室设于首层，隔墙耐火极限 2.00h，门直通走道并邻近室外出口。"]),
        ("五、无障碍设计", ["1. 主入口设 1:12 无障碍坡道，首层设无障碍厕位。", "2. 公共走道净宽 2.20m，门净宽不小于 0.90m。"]),
        ("六、节能设计", ["1. 外墙 60 厚岩棉板外保温，传热系数不大于 0.45W/(㎡·K)。", "2. 外窗 6+12A+6 中空玻璃断桥铝窗，气密性 7 级。"]),
    ]  # fmt: skip
    for column, sections in enumerate((first, second)):
        place = y - 16 * mm
        for heading, lines in sections:
            write(canvas, x + column * 168 * mm, place, heading, 12)
            place -= 8 * mm
            for line in lines:
                write(canvas, x + column * 168 * mm + 4 * mm, place, line, 9.5)
                place -= 6.6 * mm
            place -= 4 * mm
    rows = [
        ["部位", "名称", "做法", "适用范围"],
        ["楼地面", "地砖楼面", "8 厚 800×800 防滑地砖，20 厚 1:3 干硬性水泥砂浆结合层", "门厅、走道、展示厅、办公室"],
        ["楼地面", "防滑地砖楼面", "8 厚 300×300 防滑地砖，1.5 厚聚氨酯防水层，四周翻起 300", "卫生间"],
        ["内墙", "乳胶漆", "9 厚混合砂浆打底，5 厚面层，满刮腻子两道，乳胶漆三遍", "除卫生间外各房间"],
        ["外墙", "真石漆", "20 厚聚合物砂浆，60 厚岩棉板，抗裂砂浆，浅灰色真石漆", "南、北、东、西各立面"],
        ["屋面", "不上人屋面", "4+3 厚 SBS 改性沥青防水卷材，80 厚挤塑板，2% 找坡", "全部屋面"],
    ]
    table(canvas, (x, BOTTOM + 76 * mm), (24, 34, 150, 82), rows)


def draw_schedule(canvas: Canvas, issue: Issue) -> None:
    """门窗表 counted from the plans, elevations of one door and two windows, and a section of the wall foot."""
    x, y = LEFT + 8 * mm, TOP - 16 * mm
    write(canvas, x + 88 * mm, y, "门 窗 表", 16, middle=True)
    counts: Counter[str] = Counter()
    doors: set[str] = set()
    for number in (1, 2):
        for opening in floor(number, issue.east_stair_bay).openings:
            counts[opening.mark] += 1
            if opening.is_door:
                doors.add(opening.mark)
    rows = [["编号", "洞口尺寸 (mm)", "数量", "类型", "备注"]]
    for mark in sorted(counts):
        size = mark[-4:]
        kind = (
            "甲级防火门" if "甲" in mark else "乙级防火门" if "乙" in mark else "木门" if mark in doors else "断桥铝窗"
        )
        note = "向疏散方向开启，设闭门器" if "FM" in mark else "内开内倒" if mark not in doors else ""
        rows.append([mark, f"{int(size[:2]) * 100}×{int(size[2:]) * 100}", str(counts[mark]), kind, note])
    table(canvas, (x, y - 8 * mm), (28, 40, 18, 34, 56), rows)
    origin = x + 196 * mm
    write(canvas, origin + 60 * mm, y, "门 窗 大 样  1:50", 16, middle=True)
    for off, item in (
        (0, ("C2118", 2100, 1800, 3)),
        (58, ("C1518", 1500, 1800, 2)),
        (104, ("FM乙1521", 1500, 2100, 2)),
    ):
        window(canvas, origin + off * mm, y - 62 * mm, item)
    wall_foot(canvas, LEFT + 70 * mm, BOTTOM + 26 * mm)


def window(canvas: Canvas, x: float, y: float, item: tuple[str, int, int, int]) -> None:
    """One opening seen from outside, dimensioned."""
    mark, width, height, panes = item
    w, h = width / 50 * mm, height / 50 * mm
    canvas.setLineWidth(0.9)
    canvas.rect(x, y, w, h)
    canvas.setLineWidth(0.4)
    for pane in range(panes):
        canvas.rect(x + 1 + pane * (w - 2) / panes, y + 1, (w - 2) / panes, h - 2)
    if panes == 3:
        canvas.line(x, y + h * 0.68, x + w, y + h * 0.68)
    for pane in (0, panes - 1):
        hinge = x + 1 if pane == 0 else x + w - 1
        free = x + 1 + (w - 2) / panes if pane == 0 else x + w - 1 - (w - 2) / panes
        canvas.setDash(2, 1.5)
        canvas.line(free, y + 1, hinge, y + h / 2)
        canvas.line(hinge, y + h / 2, free, y + h - 1)
        canvas.setDash()
    dimension(canvas, (x, y - 6 * mm), (x + w, y - 6 * mm), str(width))
    dimension(canvas, (x - 6 * mm, y), (x - 6 * mm, y + h), str(height))
    write(canvas, x + w / 2, y - 14 * mm, mark, 10, middle=True)


def wall_foot(canvas: Canvas, x: float, y: float) -> None:
    """Section of the outer wall at the ground (墙身大样), 1:20."""
    scale = mm / 20
    wall, floor_at = 240 * scale, 450 * scale
    canvas.setLineWidth(1.1)
    canvas.rect(x, y, wall, 1500 * scale)
    hatch(canvas, (x, y, wall, 1500 * scale), 2.2 * mm)
    canvas.rect(x + wall, y + floor_at, 900 * scale, 120 * scale)
    hatch(canvas, (x + wall, y + floor_at, 900 * scale, 120 * scale), 1.4 * mm)
    canvas.setFillGray(0.82)
    canvas.rect(x - 60 * scale, y, 60 * scale, 1500 * scale, fill=1)
    canvas.setFillGray(0)
    canvas.line(x - 900 * scale, y + 20 * scale, x - 60 * scale, y + 60 * scale)
    canvas.setLineWidth(2)
    canvas.line(x - 60 * scale, y + floor_at - 60 * scale, x + wall, y + floor_at - 60 * scale)
    canvas.setLineWidth(0.4)
    for at, words in ((0.0, "-0.450"), (floor_at + 120 * scale, "±0.000")):
        canvas.line(x + 1150 * scale, y + at, x + 1500 * scale, y + at)
        write(canvas, x + 1180 * scale, y + at + 1.2 * mm, words, 8)
    leaders: Sequence[tuple[float, float, str]] = (
        (-30 * scale, 1300 * scale, "60 厚岩棉板外保温"),
        (-30 * scale, 1100 * scale, "浅灰色真石漆"),
        (80 * scale, floor_at - 60 * scale, "防潮层：20 厚 1:2 水泥砂浆加 5% 防水剂"),
        (-500 * scale, 40 * scale, "散水：60 厚 C20 混凝土，坡度 4%"),
    )
    for index, (dx, dy, words) in enumerate(leaders):
        at = y + (1350 - index * 170) * scale
        canvas.line(x + dx, y + dy, x + 1800 * scale, at)
        canvas.line(x + 1800 * scale, at, x + 1850 * scale, at)
        write(canvas, x + 1870 * scale, at - 1 * mm, words, 8)
    write(canvas, x + 700 * scale, y - 10 * mm, "墙身大样  1:20", 13, middle=True)


def hatch(canvas: Canvas, box: tuple[float, float, float, float], step: float) -> None:
    """Oblique hatching inside a box."""
    x, y, width, height = box
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(x, y, width, height)
    canvas.clipPath(path, stroke=0)
    canvas.setLineWidth(0.25)
    at = -height
    while at < width:
        canvas.line(x + at, y, x + at + height, y + height)
        at += step
    canvas.restoreState()


def dimension(canvas: Canvas, a: tuple[float, float], b: tuple[float, float], words: str) -> None:
    """A dimension line with oblique ticks."""
    canvas.setLineWidth(0.3)
    canvas.line(*a, *b)
    for x, y in (a, b):
        canvas.line(x - 1.2 * mm, y - 1.2 * mm, x + 1.2 * mm, y + 1.2 * mm)
    if a[1] == b[1]:
        write(canvas, (a[0] + b[0]) / 2, a[1] + 1 * mm, words, 7, middle=True)
        return
    canvas.saveState()
    canvas.translate(a[0] - 1 * mm, (a[1] + b[1]) / 2)
    canvas.rotate(90)
    write(canvas, 0, 0, words, 7, middle=True)
    canvas.restoreState()


def table(canvas: Canvas, at: tuple[float, float], widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
    """A ruled table; widths in millimetres."""
    x, y = at
    row = 8 * mm
    edges = [x + sum(widths[:index]) * mm for index in range(len(widths) + 1)]
    canvas.setLineWidth(0.4)
    for number in range(len(rows) + 1):
        canvas.line(edges[0], y - number * row, edges[-1], y - number * row)
    for edge in edges:
        canvas.line(edge, y, edge, y - len(rows) * row)
    for number, cells in enumerate(rows):
        for index, cell in enumerate(cells):
            room = (widths[index] - 3) * mm
            size = min(9.0, room / max(wide(cell, 1.0), 1))
            write(canvas, (edges[index] + edges[index + 1]) / 2, y - number * row - 5.4 * mm, cell, size, middle=True)


def wide(words: str, size: float) -> float:
    """Width of a line in points."""
    return float(pdfmetrics.stringWidth(words, letters(), size))


def write(canvas: Canvas, x: float, y: float, words: str, size: float, *, middle: bool = False) -> None:
    """One line of letters."""
    canvas.setFont(letters(), size)
    draw: Callable[..., None] = canvas.drawCentredString if middle else canvas.drawString
    draw(x, y, words)
