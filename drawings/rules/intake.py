"""What intake finds in a delivery (入库检查): each finding is a named cause with the sheets it is about; none blocks.

Pure: facts of the sheets in, findings out. A finding is data (a code and values); drawings.words says it in the reader's
language. Levels: `warn` somebody should look, `note` good to know, `ok` checked and in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drawings.cad.title_block import same_number

LEVELS = ("warn", "note", "ok")
# A red line whose rings hold less than this share of its strokes is worth a look.
LOOSE = 0.1
SITE_PLAN = ("总平面", "总图", "SITE PLAN", "总施", "用地")


@dataclass(frozen=True)
class SheetSeen:
    """What the checks know of a sheet: as it is called, what it reports of itself, what was read from it."""

    id: str
    number: str
    name: str
    kind: str
    units: str
    metres: float | None
    fidelity: dict[str, Any]
    readings: dict[str, Any]
    # Prepared anew by a newer version: it stays with the older preparation; it came to light only then.
    kept: bool = False
    found: bool = False

    @property
    def called(self) -> str:
        return f"{self.number} {self.name}".strip()


def finding(code: str, level: str, sheets: Sequence[SheetSeen] = (), **values: Any) -> dict[str, Any]:
    """One finding as it is stored."""
    return {"code": code, "level": level, "sheets": [sheet.id for sheet in sheets], **values}


def check(
    sheets: Sequence[SheetSeen], empty_layouts: Sequence[tuple[str, str]] = (), not_anew: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Everything found in a revision; `empty_layouts` are (file, layout) that hold nothing and became no sheet.

    `not_anew` names the files that a newer version of the product could not prepare anew.
    """
    found = [
        *prepared_anew(sheets, not_anew),
        *units_and_scales(sheets),
        *missing_parts(sheets),
        *emptiness(sheets, empty_layouts),
        *red_lines(sheets),
        *numbers(sheets),
        *against_the_list(sheets),
    ]
    return sorted(found, key=lambda item: LEVELS.index(item["level"]))


def prepared_anew(sheets: Sequence[SheetSeen], not_anew: Sequence[str]) -> list[dict[str, Any]]:
    """重新制备: sheets that came to light, sheets and files that stay as an older version made them."""
    found = []
    if new := [sheet for sheet in sheets if sheet.found]:
        found.append(finding("SHEET_FOUND", "warn", new, names=[sheet.called for sheet in new]))
    if kept := [sheet for sheet in sheets if sheet.kept]:
        found.append(finding("SHEET_KEPT", "warn", kept))
    if not_anew:
        found.append(finding("NOT_ANEW", "warn", files=list(not_anew)))
    return found


def units_and_scales(sheets: Sequence[SheetSeen]) -> list[dict[str, Any]]:
    """单位与比例: model spaces name their unit; the title block's scale is that of the viewports."""
    found = []
    unitless = [sheet for sheet in sheets if sheet.kind == "model" and sheet.metres is None]
    with_units = [sheet for sheet in sheets if sheet.kind == "model" and sheet.metres is not None]
    if unitless:
        found.append(finding("UNITS_MISSING", "warn", unitless))
    if with_units:
        names = sorted({sheet.units for sheet in with_units})
        found.append(finding("UNITS_FOUND", "ok", units=names, n=len(with_units)))
    for sheet in sheets:
        shown = sheet.readings.get("viewport_scale")
        titled = one_title(sheet).get("n")
        if shown and titled and abs(shown - titled) > 0.01 * titled:
            found.append(finding("SCALE_DIFFERS", "warn", [sheet], titled=titled, shown=shown))
    scaled = [sheet for sheet in sheets if one_title(sheet).get("n") or sheet.readings.get("viewport_scale")]
    if scaled:
        found.append(finding("SCALE_FOUND", "ok", n=len(scaled)))
    without = [sheet for sheet in sheets if one_title(sheet) and "scale" not in one_title(sheet)]
    if without:
        found.append(finding("SCALE_MISSING", "note", without))
    return found


def one_title(sheet: SheetSeen) -> dict[str, Any]:
    """The title block of a sheet that has exactly one; empty otherwise."""
    titles: list[dict[str, Any]] = sheet.readings.get("titles") or []
    return titles[0] if len(titles) == 1 else {}


def missing_parts(sheets: Sequence[SheetSeen]) -> list[dict[str, Any]]:
    """缺失的字体、外部参照、图像, and objects that cannot be shown."""
    fonts: dict[str, list[SheetSeen]] = defaultdict(list)
    spelled: dict[str, str] = {}  # Arial.ttf and arial.ttf are one font
    uses: dict[str, int] = defaultdict(int)
    by: dict[str, str] = {}
    files: dict[tuple[str, str], list[SheetSeen]] = defaultdict(list)
    hidden: list[SheetSeen] = []
    lost = 0
    for sheet in sheets:
        report = sheet.fidelity
        of_fonts = report.get("fonts") or {}
        for named in of_fonts.get("missing", []):
            font = spelled.setdefault(named.lower(), named)
            fonts[font].append(sheet)
            uses[font] += int(of_fonts.get("uses", {}).get(named, 0))
            by[font] = of_fonts.get("substituted", {}).get(named, "")
        for item in report.get("missing", []):
            files[item["kind"], item["name"]].append(sheet)
        count = sum(int(item.get("count", 0)) for item in report.get("not_shown", []))
        if count:
            hidden.append(sheet)
            lost += count
    found = [
        finding({"xref": "XREF_MISSING", "image": "IMAGE_MISSING"}.get(kind, "PART_MISSING"), "warn", of, name=name)
        for (kind, name), of in sorted(files.items())
    ]
    if hidden:
        found.append(finding("NOT_SHOWN", "warn", hidden, n=lost))
    if fonts:
        listed = [{"font": font, "n": uses[font], "by": by[font]} for font in sorted(fonts)]
        of = {sheet.id: sheet for group in fonts.values() for sheet in group}
        found.append(finding("FONT_MISSING", "note", list(of.values()), fonts=listed))
    if sheets and not files and not hidden:
        found.append(finding("PARTS_COMPLETE", "ok"))
    return found


def emptiness(sheets: Sequence[SheetSeen], empty_layouts: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """空白图幅: pages without ink, and layouts that became no sheet."""
    blank = [
        sheet for sheet in sheets if any(item.get("code") == "W_BLANK" for item in sheet.fidelity.get("warnings", []))
    ]
    found = [finding("SHEET_BLANK", "warn", blank)] if blank else []
    if empty_layouts:
        listed = [{"file": file, "layout": layout} for file, layout in empty_layouts]
        found.append(finding("LAYOUT_EMPTY", "note", layouts=listed))
    return found


def red_lines(sheets: Sequence[SheetSeen]) -> list[dict[str, Any]]:
    """用地红线闭合: only the model and layouts can say; where no sheet has one, the site plan is named."""
    found = []
    with_line = [sheet for sheet in sheets if sheet.readings.get("red_line")]
    for sheet in with_line:
        line = sheet.readings["red_line"]
        layer = "、".join(line["layers"])
        if not line["closed"]:
            found.append(
                finding("RED_LINE_OPEN", "warn", [sheet], layer=layer, ends=line["open_ends"], gap=line["gap"])
            )
            continue
        square = (sheet.metres or 0) ** 2 if sheet.kind == "model" else 0
        area = round(line["areas"][0] * square, 1) if square and line["areas"] else None
        found.append(finding("RED_LINE_CLOSED", "ok", [sheet], layer=layer, rings=line["closed"], area=area))
        if line.get("loose", 0) > LOOSE:
            found.append(finding("RED_LINE_LOOSE", "note", [sheet], layer=layer, share=round(100 * line["loose"])))
    site_plans = [
        sheet
        for sheet in sheets
        if sheet.kind != "page" and any(word in sheet.called.upper() for word in SITE_PLAN) and sheet not in with_line
    ]
    if site_plans and not with_line:
        found.append(finding("RED_LINE_NONE", "note", site_plans))
    return found


def numbers(sheets: Sequence[SheetSeen]) -> list[dict[str, Any]]:
    """图号: every sheet has one, and no two have the same; frames side by side in one model space count each."""
    owners: dict[str, list[SheetSeen]] = defaultdict(list)
    shown: dict[str, str] = {}
    for sheet in sheets:
        for number in numbers_of(sheet):
            owners[same_number(number)].append(sheet)
            shown.setdefault(same_number(number), number)
    found = [
        finding("NUMBER_TWICE", "warn", list({s.id: s for s in of}.values()), number=shown[key], n=len(of))
        for key, of in owners.items()
        if len(of) > 1 and not model_and_layout(of)
    ]
    without = [sheet for sheet in sheets if not numbers_of(sheet)]
    if without:
        found.append(finding("NUMBER_MISSING", "note", without))
    if owners and not found:
        found.append(finding("NUMBERS_UNIQUE", "ok", n=len(owners)))
    return found


def numbers_of(sheet: SheetSeen) -> list[str]:
    """The drawing numbers on a sheet: of its frames where it has several, else its own."""
    titles = sheet.readings.get("titles") or []
    framed = [title["number"] for title in titles if title.get("number")]
    if len(titles) > 1 and framed:
        return framed
    return [sheet.number] if sheet.number else framed


def model_and_layout(sheets: Sequence[SheetSeen]) -> bool:
    """A frame drawn in the model is seen again in the layout that shows it: that is one drawing, not two."""
    return sorted(sheet.kind for sheet in sheets) == ["layout", "model"]


def against_the_list(sheets: Sequence[SheetSeen]) -> list[dict[str, Any]]:
    """图纸目录: what it lists and was not sent, what was sent and is not listed, and names that differ."""
    rows = listed_rows(sheets)
    if not rows:
        return [finding("LIST_NONE", "note")] if len(sheets) > 1 else []
    sent = {same_number(number): (number, sheet) for sheet in sheets for number in numbers_of(sheet)}
    listed = {same_number(row["number"]): row for row in rows}
    absent = [row for key, row in listed.items() if key not in sent]
    unlisted = [sheet for key, (_n, sheet) in sent.items() if key not in listed and not sheet.readings.get("list")]
    found = []
    if absent:
        found.append(finding("LISTED_NOT_SENT", "warn", rows=absent))
    if unlisted:
        found.append(finding("SENT_NOT_LISTED", "warn", list({s.id: s for s in unlisted}.values())))
    for key, row in listed.items():
        if key in sent and not same_name(row["name"], name_under(sent[key][1], key)):
            other = name_under(sent[key][1], key)
            found.append(
                finding("NAME_DIFFERS", "note", [sent[key][1]], number=row["number"], listed=row["name"], sent=other)
            )
    if not absent and not unlisted:
        found.append(finding("LIST_COMPLETE", "ok", n=len(rows)))
    return found


def listed_rows(sheets: Sequence[SheetSeen]) -> list[dict[str, str]]:
    """The rows of every drawing list of the delivery, once each."""
    rows = {
        same_number(row["number"]): row
        for sheet in reversed(sheets)
        for row in reversed(sheet.readings.get("list") or [])
    }
    return list(reversed(rows.values()))


def name_under(sheet: SheetSeen, key: str) -> str:
    """What the sheet (or the frame of this number on it) is called."""
    framed = {
        same_number(t["number"]): t.get("name", "") for t in sheet.readings.get("titles") or [] if t.get("number")
    }
    return framed.get(key) or sheet.name


def same_name(a: str, b: str) -> bool:
    """Equal up to spaces, case and one standing inside the other (1#楼一层平面图, 一层平面图)."""
    left, right = ("".join(text.split()).upper() for text in (a, b))
    return left in right or right in left


def drawing_list(sheets: Sequence[SheetSeen]) -> list[dict[str, Any]]:
    """The set's own drawing list (图纸目录) as intake read it: one row per drawing, and one per listed drawing not sent.

    `source` says where the number is from: title 图签, or name (layout or file). `listed`: True, False, or None without a list.
    """
    rows = listed_rows(sheets)
    listed = {same_number(row["number"]) for row in rows}
    found: list[dict[str, Any]] = []
    for sheet in sheets:
        titles = [title for title in sheet.readings.get("titles") or [] if title.get("number")]
        frames: list[dict[str, Any]] = titles if len(titles) > 1 else [{}]
        for frame in frames:
            number = frame.get("number") or sheet.number
            title = frame or one_title(sheet)
            n = title.get("n") or sheet.readings.get("viewport_scale")
            found.append(
                {
                    "sheet": sheet.id,
                    "number": number,
                    "name": frame.get("name") or sheet.name,
                    "scale": f"1:{n}" if n else title.get("scale", ""),
                    "discipline": title.get("discipline", ""),
                    "source": "title" if title.get("number") == number and number else "name",
                    "listed": (same_number(number) in listed if number else False) if rows else None,
                    "sent": True,
                }
            )
    sent = {same_number(row["number"]) for row in found if row["number"]}
    found += [
        {"sheet": "", "number": row["number"], "name": row["name"], "scale": "", "discipline": "", "source": "list", "listed": True, "sent": False}
        for row in rows
        if same_number(row["number"]) not in sent
    ]  # fmt: skip
    return found
