"""A part of a sheet as a PDF at scale (按比例打印), with the marks the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.access import can
from accounts.queries import departments
from drawings.cad.cuttings import MarkShape
from drawings.cad.palette import DEPARTMENT_COLORS
from drawings.cad.plot import MOST, PAPERS, PlotMark, frame_of, plot
from drawings.models import Annotation, Sheet
from drawings.queries.sets import sheet_for
from drawings.store import prepared_path
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, NotFound

MARKS_DRAWN = 2_000
# Tools whose words stand on the drawing themselves.
WORDLESS = frozenset({"measure"})


@dataclass(frozen=True)
class PlotWish:
    """What to print: round which place, on which paper, at 1:n (None: what `box` holds), with the marks or without."""

    box: tuple[float, float, float, float]
    paper: str = "A4"
    upright: bool = False
    n: float | None = None
    marks: bool = True


def plot_of(actor: Actor, sheet_id: UUID, wish: PlotWish) -> tuple[str, bytes]:
    """File name and PDF of a part of a sheet the actor may see. Raises NotFound, Invalid."""
    sheet = sheet_for(actor, sheet_id)
    check(wish)
    x0, y0, x1, y1 = wish.box
    frame = frame_of(
        ((x0 + x1) / 2, (y0 + y1) / 2), wish.paper, upright=wish.upright, n=wish.n, metres=sheet.scale, fit=wish.box
    )
    marks = marks_shown(actor, sheet) if wish.marks else []
    name = f"{sheet.number} {sheet.name}".strip()
    revision = sheet.revision
    said = _("比例 1:%(n)s") % {"n": f"{frame.scale:g}"} if wish.n and frame.scale else _("未按整比例")
    if wish.n and not sheet.scale:
        said = _("图纸没有单位，未按比例")
    lines = [
        name,
        _("%(project)s · %(set)s · %(no)s 版") % {
            "project": revision.set.project.name, "set": revision.set.name, "no": revision.no,
        },
        _("%(who)s 打印于 %(at)s · 批注 %(n)s 条 · 仅供审查，不作为归档图纸") % {
            "who": actor.name, "at": now().strftime("%Y-%m-%d %H:%M"), "n": len(marks),
        },
    ]  # fmt: skip
    try:
        data = plot(prepared_path(sheet.render_sha) / sheet.key, frame, marks, lines=lines, scale_text=said)
    except (OSError, ValueError) as error:
        raise NotFound from error
    return f"{name}-{wish.paper}.pdf", data


def check(wish: PlotWish) -> None:
    """What can be printed; Invalid says what is wrong."""
    x0, y0, x1, y1 = wish.box
    if wish.paper not in PAPERS:
        raise Invalid({"paper": [_("请选择 A4、A3、A2 或 A1 图幅。")]})
    if not (x0 < x1 and y0 < y1 and all(abs(value) <= 1e12 for value in wish.box)):
        raise Invalid({"box": [_("打印范围不正确，请重新选择。")]})
    if wish.n is not None and not 0.1 <= wish.n <= MOST:
        raise Invalid({"scale": [_("比例应在 10:1 至 1:1000000 之间。")]})


def marks_shown(actor: Actor, sheet: Sheet) -> list[PlotMark]:
    """All living marks for those on the round; only those cited in opinions for those who may see these; else none."""
    rows = Annotation.objects.filter(sheet=sheet, deleted=False).order_by("at")
    if not can(actor, "annotation.list_shared", sheet):
        if not can(actor, "annotation.list_cited", sheet) or sheet.state == "open":
            return []
        rows = rows.filter(cited=True)
    district = sheet.revision.set.project.district_id
    colors = {each.code: DEPARTMENT_COLORS[each.color] for each in departments(district)}
    found = []
    for row in rows[:MARKS_DRAWN]:
        geometry = row.p.get("geom")
        if isinstance(geometry, dict) and geometry.get("type"):
            text = "" if row.p.get("tool") in WORDLESS else str(row.p.get("text") or "")
            found.append(PlotMark(MarkShape(geometry, colors.get(row.dept or "", "#c8161d")), text))
    return found
