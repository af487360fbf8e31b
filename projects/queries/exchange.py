"""A project in the tables of the ministry's exchange standard (工程建设项目审批管理系统数据共享交换标准).

Table and column codes are data (`domain/exchange.tsv`); item states are the 15 national codes as they are, so nothing
is translated and nothing lost. Columns that we do not hold are empty, never guessed.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from accounts.legal_day import SHANGHAI
from accounts.queries import display_names
from certificates.queries import papers_of
from projects import domain
from projects.models import ClockPause, ItemCase, ItemMove, Project
from projects.pipeline.planner import Need
from projects.pipeline.template import Template
from projects.queries.editions import template_of

Row = Mapping[str, Any]
UNIT_CODES = {"working_day": "1", "calendar_day": "2"}
# Special procedure kinds 1-7 of the standard are not known to us; 8 (other) always names the ground.
OTHER_PROCEDURE = "8"
MASKED = "***"


@cache
def columns() -> dict[str, list[str]]:
    """Table -> its columns in order."""
    found: dict[str, list[str]] = {}
    for row in domain.read_table("exchange.tsv", delimiter="\t"):
        found.setdefault(row["table"], []).append(row["column"])
    return found


def exchange_tables(project: Project, *, masked: bool) -> dict[str, list[dict[str, str]]]:
    """Every table with its rows, all values as text; `masked` leaves out the names of people."""
    items = [item for item in project.items.order_by("position") if Need(item.need).is_run]
    moves = list(ItemMove.objects.filter(item__in=items))
    template = template_of(project.edition) if project.edition is not None else None
    rows: dict[str, Iterable[Row]] = {
        "SPGL_XMJBXXB": [project_row(project)],
        "SPGL_XMDWXXB": list(unit_rows(project, masked=masked)),
        "SPGL_XMSPSXBLXXB": [item_row(project, item) for item in items],
        "SPGL_XMSPSXBLXXXXB": list(move_rows(items, moves, masked=masked)),
        "SPGL_XMSPSXBLTBCXXXB": list(procedure_rows(project, items)),
        "SPGL_XMSPSXPFWJXXB": list(paper_rows(project)),
        "SPGL_XMQTFJXXB": list(material_rows(project)),
        "SPGL_XMYDHXJZXXB": list(vertex_rows(project)),
        **(flow_tables(project, template) if template is not None else {}),
    }
    return {table: [shown(row, names) for row in rows.get(table, ())] for table, names in columns().items()}


def shown(row: Row, names: list[str]) -> dict[str, str]:
    """One row with every column of its table; a column that the table does not have is a fault of the program."""
    stray = set(row) - set(names)
    if stray:
        raise KeyError(f"exchange.tsv has no column {sorted(stray)}")
    return {name: as_text(row.get(name)) for name in names}


def as_text(value: Any) -> str:
    """A value as the standard writes it: times in Asia/Shanghai, yes and no as 1 and 0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def flow_tables(project: Project, template: Template) -> dict[str, list[Row]]:
    """The pinned edition: flow, stages, items of stages."""
    flow = {"XZQHDM": project.district.code, "SPLCBM": template.code, "SPLCBBH": template.version}
    published = project.edition.published_at if project.edition is not None else None
    limits = {"ZSX": template.total_limit, "SXSJ": published}
    return {
        "SPGL_DFXMSPLCXXB": [{**flow, "SPLCMC": template.name_zh, **limits}],
        "SPGL_DFXMSPLCJDXXB": [
            {
                **flow,
                "SPJDXH": number,
                "SPJDBM": stage.code,
                "SPJDMC": stage.name_zh,
                "QTBM": stage.lead,
                "JDSX": stage.limit_days,
            }
            for number, stage in enumerate(template.stages, start=1)
        ],
        "SPGL_DFXMSPLCJDSXXXB": [
            {
                **flow,
                "SPJDBM": spec.stage,
                "SPSXBM": spec.code,
                "SPSXMC": spec.name_zh,
                "SPBMBM": spec.department,
                "CNSX": spec.limit_days,
                "FDSX": spec.statutory_days,
                "FDSXDW": UNIT_CODES[spec.statutory_unit] if spec.statutory_days is not None else None,
            }
            for spec in template.items
        ],
    }


def project_row(project: Project) -> Row:
    """项目基本信息."""
    facts = project.facts
    site = getattr(project, "site", None)
    edition = project.edition
    return {
        "XZQHDM": project.district.code,
        "GCDM": project.receipt_number,
        "XMDM": project.code,
        "XMMC": project.name,
        "XMFL": project.kind,
        "LXLX": facts.get("management"),
        "JSXZ": project.nature,
        "XMTZLY": facts.get("investment"),
        "TDHQFS": facts.get("land"),
        "SPLCLX": edition.template_code if edition else None,
        "GBHYDM": facts.get("industry_code"),
        "NKGSJ": project.planned_start,
        "NJCSJ": project.planned_finish,
        "ZTZE": facts.get("investment_10k_yuan"),
        "JSDD": project.place,
        "JSDDXZQH": project.district.code,
        "XMJSDDX": round((site.min_lon + site.max_lon) / 2, 6) if site else None,
        "XMJSDDY": round((site.min_lat + site.max_lat) / 2, 6) if site else None,
        "SFXXGC": project.is_linear,
        "CD": project.length_m,
        "YDMJ": round(site.area_legal_m2, 2) if site else None,
        "JZMJ": facts.get("floor_area_m2"),
        "JSGMJNR": project.contents,
        "SBSJ": project.submitted_at,
        "SFWQBJ": project.state == Project.State.FINISHED,
        "WQBJSJ": project.ended_at if project.state == Project.State.FINISHED else None,
        "SPLCBM": edition.template_code if edition else None,
        "SPLCBBH": edition.version if edition else None,
    }


def unit_rows(project: Project, *, masked: bool) -> Iterator[Row]:
    """项目单位: the owner, and the institutes that were engaged."""
    owner = project.owner
    engaged = [row.organisation for row in project.engagements.select_related("organisation").order_by("since")]
    for unit, kind in [(owner, "建设单位"), *((one, "设计单位") for one in dict.fromkeys(engaged))]:
        yield {
            "XMDM": project.code,
            "DWMC": unit.name,
            "DWTYSHXYDM": unit.uscc,
            "DWLX": kind,
            "FRDB": MASKED if masked and unit.legal_representative else unit.legal_representative,
        }


def item_row(project: Project, item: ItemCase) -> Row:
    """项目审批事项办理: the state is the national code; blank while the item has not been reached."""
    return {
        "XZQHDM": project.district.code,
        "GCDM": project.receipt_number,
        "XMDM": project.code,
        "SPSXSLBM": item.pk,
        "SPSXBM": item.code,
        "SPSXMC": item.name_zh,
        "SPJDBM": item.stage,
        "SPBMBM": item.department_code,
        "SLFS": item.handling,
        "BLZT": item.state,
        "SJSJ": item.ready_at,
        "SLSJ": item.taken_at,
        "BJSJ": item.decided_at,
        "CNSX": item.limit_days,
        "FDSX": item.statutory_days,
        "FDSXDW": UNIT_CODES[item.statutory_unit] if item.statutory_days is not None else None,
        "YJBJR": item.due_on,
    }


def move_rows(items: Iterable[ItemCase], moves: Iterable[ItemMove], *, masked: bool) -> Iterator[Row]:
    """办理详细: every change of the national code, who and when, numbered per item."""
    held = list(moves)
    names = display_names(move.person_id for move in held if move.person_id is not None)
    by_item: dict[Any, list[ItemMove]] = {}
    for move in held:
        by_item.setdefault(move.item_id, []).append(move)
    for item in items:
        for number, move in enumerate(by_item.get(item.pk, ()), start=1):
            who = names.get(move.person_id, "") if move.person_id is not None else ""
            yield {
                "SPSXSLBM": item.pk,
                "XH": number,
                "BLZT": move.to_state,
                "BLSJ": move.at,
                "BLR": MASKED if masked and who else who,
                "BLYJ": move.remark,
            }


def procedure_rows(project: Project, items: Iterable[ItemCase]) -> Iterator[Row]:
    """特别程序: every stop of an item's clock; the kind is named as the standard demands for `other`."""
    rules = {rule["code"]: rule for rule in domain.read("clock_rules")["pauses"]}
    known = {item.pk for item in items}
    for row in ClockPause.objects.filter(project=project).order_by("starts_on", "started_at"):
        if row.item_id is not None and row.item_id not in known:
            continue
        yield {
            "SPSXSLBM": row.item_id,
            "TBCX": OTHER_PROCEDURE,
            "TBCXMC": rules[row.ground]["zh"] if row.ground in rules else row.ground,
            "TBCXKSSJ": row.started_at,
            "TBCXJSSJ": row.ended_at,
            "TBCXSXLX": UNIT_CODES["working_day"] if row.expected_days else None,
            "TBCXSX": row.expected_days,
            "TBCXYJ": row.basis,
        }


def paper_rows(project: Project) -> Iterator[Row]:
    """批复文件: the papers issued, by number."""
    for paper in papers_of(project.pk):
        yield {
            "XMDM": project.code,
            "PFWJBT": paper.title,
            "PFWH": paper.number,
            "PFRQ": paper.day,
            "PFZT": paper.state,
        }


def material_rows(project: Project) -> Iterator[Row]:
    """其他附件: the papers handed in, with the date of those that are outstanding."""
    for material in project.materials.order_by("stage", "code"):
        yield {
            "XMDM": project.code,
            "CLBM": material.code,
            "CLMC": material.name_zh,
            "CLZT": material.state,
            "BJQX": material.due_on,
        }


def vertex_rows(project: Project) -> Iterator[Row]:
    """用地红线界址点: every corner, parcel by parcel, ring by ring, in EPSG:4490."""
    site = getattr(project, "site", None)
    if site is None:
        return
    shape = site.boundary
    parcels = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    for parcel, rings in enumerate(parcels, start=1):
        for ring, corners in enumerate(rings, start=1):
            for number, corner in enumerate(corners, start=1):
                yield {
                    "XMDM": project.code,
                    "DKXH": parcel,
                    "HXH": ring,
                    "JZDXH": number,
                    "JD": corner[0],
                    "WD": corner[1],
                    "ZBX": "EPSG:4490",
                }


def as_json(tables: Mapping[str, list[dict[str, str]]]) -> bytes:
    """One object: table name -> rows."""
    return json.dumps(tables, ensure_ascii=False, indent=1).encode()


def as_csv(tables: Mapping[str, list[dict[str, str]]]) -> bytes:
    """A zip with one CSV per table, UTF-8 with a byte-order mark for spreadsheet programs; the same rows, the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for table, rows in tables.items():
            lines = io.StringIO(newline="")
            writer = csv.DictWriter(lines, columns()[table])
            writer.writeheader()
            writer.writerows({name: unharmed(value) for name, value in row.items()} for row in rows)
            entry = zipfile.ZipInfo(f"{table}.csv", date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            folder.writestr(entry, "\ufeff" + lines.getvalue())
    return packed.getvalue()


def unharmed(value: str) -> str:
    """A text that a spreadsheet would run as a formula gets a quote before it."""
    return (
        f"'{value}"
        if value[:1] in {"=", "+", "@", "\t", "\r"} or (value[:1] == "-" and not is_number(value))
        else value
    )


def is_number(value: str) -> bool:
    """A plain number may begin with a minus."""
    try:
        float(value)
    except ValueError:
        return False
    return True
