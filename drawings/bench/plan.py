"""A plan of any size as a DXF file (生成图纸): what the drawing rows of `manage.py bench` read.

A storey plan repeated over a grid: walls, doors, windows as block references, axes with dashes, room names, hatched shafts. The mix
of entity types is about that of real building drawings; the same seed gives the same entities.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Iterator

from ezdxf.filemanagement import new

ROOMS = ("办公室", "会议室", "卫生间", "楼梯间", "强电井", "前室", "走道", "机房", "FM甲1021", "C1515")
LAYERS = (
    ("WALL", 7),
    ("DOOR", 2),
    ("WINDOW", 4),
    ("AXIS", 1),
    ("TEXT", 3),
    ("HATCH", 8),
    ("FURNITURE", 6),
    ("PIPE", 5),
)
# Share of each kind among one hundred entities.
SHARES = (
    ("line", 44), ("polyline", 21), ("circle", 5), ("arc", 8), ("text", 8), ("mtext", 2), ("insert", 7), ("hatch", 2),
    ("ellipse", 1), ("spline", 1), ("solid", 1),
)  # fmt: skip
CELL = 1000.0
FIRST_HANDLE = 0x10000


def plan(entities: int, *, seed: int = 1, moved: float = 0.0) -> bytes:
    """A DXF 2010 of so many entities; `moved`: the share that lies elsewhere than with 0.0, as a revision has it."""
    head, tail = _frame()
    draw = _Plan(entities, random.Random(seed), random.Random(seed + 1), moved)  # noqa: S311 - a drawing, no secret
    return head + "".join(draw.entities()).encode("utf-8") + tail


def _frame() -> tuple[bytes, bytes]:
    """All that stands before the entities of the model and after them."""
    doc = new("R2010", setup=["linetypes"])
    doc.header["$INSUNITS"] = 4
    for name, color in LAYERS:
        doc.layers.add(name, color=color)
    doc.layers.get("AXIS").dxf.linetype = "CENTER"
    doc.layers.get("WALL").dxf.lineweight = 50
    doc.header["$LTSCALE"] = 10
    door = doc.blocks.new("DOOR")
    door.add_line((0, 0), (0, 90))
    door.add_arc((0, 0), 90, 0, 90)
    window = doc.blocks.new("WINDOW")
    window.add_lwpolyline([(0, 0), (150, 0), (150, 24), (0, 24)], close=True)
    window.add_line((0, 12), (150, 12))
    desk = doc.blocks.new("DESK")
    desk.add_lwpolyline([(0, 0), (140, 0), (140, 70), (0, 70)], close=True)
    desk.add_circle((70, -30), 25)
    desk.add_blockref("WINDOW", (10, 30), dxfattribs={"xscale": 0.5, "yscale": 0.5})
    stream = io.StringIO()
    doc.write(stream)
    text = stream.getvalue().replace("\r\n", "\n")
    start = text.index("  2\nENTITIES\n") + len("  2\nENTITIES\n")
    return text[:start].encode("utf-8"), text[start:].encode("utf-8")


class _Plan:
    """Writes entity after entity."""

    def __init__(self, number: int, chance: random.Random, moves: random.Random, moved: float) -> None:
        self.number, self.chance, self.moves, self.moved = number, chance, moves, moved
        self.across = max(1, math.isqrt(number // 40) + 1)
        self.handle = FIRST_HANDLE
        self.x = self.y = 0.0

    def entities(self) -> Iterator[str]:
        """One text per entity."""
        makers: dict[str, Callable[[], str]] = {name: getattr(self, name) for name, _share in SHARES}
        order = [makers[name] for name, share in SHARES for _ in range(share)]
        self.chance.shuffle(order)
        for at in range(self.number):
            cell = at // 40
            self.x = (cell % self.across) * CELL
            self.y = (cell // self.across) * CELL
            if self.moved and self.moves.random() < self.moved:
                self.x += 37.0
            yield order[at % len(order)]()

    def head(self, kind: str, layer: str, marker: str, more: str = "") -> str:
        self.handle += 1
        return f"  0\n{kind}\n  5\n{self.handle:X}\n330\n17\n100\nAcDbEntity\n  8\n{layer}\n{more}100\n{marker}\n"

    def between(self, low: float, high: float) -> float:
        """A number as drawing programs write it, without the noise of a float's last digits."""
        return round(self.chance.uniform(low, high), 3)

    def spot(self) -> tuple[float, float]:
        return round(self.x + self.between(0, 900), 3), round(self.y + self.between(0, 900), 3)

    def line(self) -> str:
        x, y = self.spot()
        layer = self.chance.choice(("WALL", "AXIS", "PIPE", "WINDOW", "FURNITURE", "FURNITURE"))
        length = self.between(20, 400)
        ex, ey = (round(x + length, 3), y) if self.chance.random() < 0.5 else (x, round(y + length, 3))
        color = " 62\n1\n" if self.chance.random() < 0.1 else ""
        return (
            self.head("LINE", layer, "AcDbLine", color)
            + f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 11\n{ex}\n 21\n{ey}\n 31\n0.0\n"
        )

    def polyline(self) -> str:
        x, y = self.spot()
        corners = self.chance.randint(2, 8)
        points = []
        for _ in range(corners):
            points.append(f" 10\n{x}\n 20\n{y}\n")
            if self.chance.random() < 0.05:
                points.append(f" 42\n{self.between(-1, 1)}\n")
            x, y = round(x + self.between(-120, 120), 3), round(y + self.between(-120, 120), 3)
        closed = self.chance.randint(0, 1)
        layer = self.chance.choice(("WALL", "FURNITURE", "PIPE"))
        return self.head("LWPOLYLINE", layer, "AcDbPolyline") + f" 90\n{corners}\n 70\n{closed}\n" + "".join(points)

    def circle(self) -> str:
        x, y = self.spot()
        return (
            self.head("CIRCLE", "FURNITURE", "AcDbCircle")
            + f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 40\n{self.between(5, 60)}\n"
        )

    def arc(self) -> str:
        x, y = self.spot()
        head = self.head("ARC", "DOOR", "AcDbCircle") + f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 40\n{self.between(20, 120)}\n"
        start = self.between(0, 360)
        return head + f"100\nAcDbArc\n 50\n{start}\n 51\n{(start + 90) % 360}\n"

    def text(self) -> str:
        x, y = self.spot()
        words = f"{self.chance.choice(ROOMS)} {self.chance.randint(1, 2000)}"
        head = self.head("TEXT", "TEXT", "AcDbText") + f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 40\n25.0\n  1\n{words}\n"
        return head + "100\nAcDbText\n"

    def mtext(self) -> str:
        x, y = self.spot()
        words = f"{self.chance.choice(ROOMS)}\\P面积 {self.between(5, 90):.2f} m2"
        head = (
            self.head("MTEXT", "TEXT", "AcDbMText") + f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 40\n20.0\n 41\n300.0\n 71\n1\n"
        )
        return head + f" 72\n5\n  1\n{words}\n"

    def insert(self) -> str:
        x, y = self.spot()
        name, layer = self.chance.choice((("DOOR", "DOOR"), ("WINDOW", "WINDOW"), ("DESK", "FURNITURE")))
        scale = self.chance.choice((1.0, 1.0, -1.0, 1.2))
        head = (
            self.head("INSERT", layer, "AcDbBlockReference")
            + f"  2\n{name}\n 10\n{x}\n 20\n{y}\n 30\n0.0\n 41\n{scale}\n"
        )
        return head + f" 42\n1.0\n 43\n1.0\n 50\n{self.chance.choice((0, 90, 180, 270))}\n"

    def hatch(self) -> str:
        x, y = self.spot()
        size = self.between(20, 80)
        right, top = round(x + size, 3), round(y + size, 3)
        corners = ((x, y), (right, y), (right, top), (x, top))
        points = "".join(f" 10\n{px}\n 20\n{py}\n" for px, py in corners)
        head = (
            self.head("HATCH", "HATCH", "AcDbHatch")
            + " 10\n0.0\n 20\n0.0\n 30\n0.0\n210\n0.0\n220\n0.0\n230\n1.0\n  2\nSOLID\n"
        )
        return (
            head + f" 70\n1\n 71\n0\n 91\n1\n 92\n2\n 72\n0\n 73\n1\n 93\n4\n{points} 97\n0\n 75\n0\n 76\n1\n 98\n0\n"
        )

    def ellipse(self) -> str:
        x, y = self.spot()
        head = (
            self.head("ELLIPSE", "FURNITURE", "AcDbEllipse")
            + f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 11\n{self.between(20, 80)}\n"
        )
        return head + f" 21\n{self.between(-40, 40)}\n 31\n0.0\n 40\n0.5\n 41\n0.0\n 42\n{math.tau}\n"

    def spline(self) -> str:
        x, y = self.spot()
        knots = "".join(f" 40\n{k}\n" for k in (0, 0, 0, 0, 1, 2, 2, 2, 2))
        points = []
        for _ in range(5):
            points.append(f" 10\n{x}\n 20\n{y}\n 30\n0.0\n")
            x, y = round(x + self.between(10, 60), 3), round(y + self.between(-60, 60), 3)
        head = self.head("SPLINE", "PIPE", "AcDbSpline") + " 70\n8\n 71\n3\n 72\n9\n 73\n5\n 74\n0\n"
        return head + knots + "".join(points)

    def solid(self) -> str:
        x, y = self.spot()
        corners = ((10, x, y), (11, x + 30, y), (12, x, y + 30), (13, x + 30, y + 30))
        points = "".join(f" {code}\n{px}\n {code + 10}\n{py}\n {code + 20}\n0.0\n" for code, px, py in corners)
        return self.head("SOLID", "WALL", "AcDbTrace") + points
