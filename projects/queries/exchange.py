"""A project in the tables of the ministry's exchange standard (工程建设项目审批管理系统数据共享交换标准).

Tables and columns are data (`domain/exchange.tsv`: those of version 2.0, then what 3.0 added); so are the code lists
(`domain/exchange_codes.tsv`). Item states are the 15 national codes as they are, so nothing is translated and nothing
lost. A column that we do not hold, or whose code nobody has entered, is empty, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from accounts.legal_day import SHANGHAI
from accounts.queries import departments, display_names
from certificates.queries import papers_of
from projects import domain
from projects.models import AssessmentReuse, ClockPause, ItemCase, ItemMove, Material, Project
from projects.pipeline.planner import Need
from projects.pipeline.template import Template
from projects.queries.editions import template_of

Row = Mapping[str, Any]
# Special procedure kinds 1-7 of the standard are not known to us; 8 (other) always names the ground.
OTHER_PROCEDURE = "8"
VALID = "1"
MASKED = "***"


@cache
def columns() -> dict[str, list[str]]:
    """Table -> its columns in order."""
    found: dict[str, list[str]] = {}
    for row in domain.read_table("exchange.tsv", delimiter="\t"):
        found.setdefault(row["table"], []).append(row["column"])
    return found


@cache
def code_lists() -> dict[tuple[str, str], str]:
    """(List of the standard, our value) -> its code; empty where the code has not been entered."""
    rows = domain.read_table("exchange_codes.tsv", delimiter="\t")
    return {(row["list"], row["ours"]): row["code"] for row in rows}


def coded(code_list: str, ours: object) -> str | None:
    """Our value in the codes of the standard; nothing where it has no code yet."""
    return code_lists().get((code_list, str(ours))) or None


def exchange_tables(project: Project, *, masked: bool) -> dict[str, list[dict[str, str]]]:
    """Every table with its rows, all values as text; `masked` leaves out the names of people."""
    items = [item for item in project.items.order_by("position") if Need(item.need).is_run]
    moves = list(ItemMove.objects.filter(item__in=items))
    template = template_of(project.edition) if project.edition is not None else None
    names = {row.code: row.name_zh for row in departments(project.district_id)}
    rows: dict[str, Iterable[Row]] = {
        "SPGL_XMJBXXB": [project_row(project)],
        "SPGL_XMDWXXB": list(unit_rows(project)),
        "SPGL_XMSPSXBLXXB": [item_row(project, item, names) for item in items],
        "SPGL_XMSPSXBLXXXXB": list(move_rows(items, moves, names, masked=masked)),
        "SPGL_XMSPSXBLTBCXXXB": list(procedure_rows(project, items)),
        "SPGL_XMSPSXPFWJXXB": list(paper_rows(project)),
        "SPGL_XMQTFJXXB": list(material_rows(project)),
        "SPGL_XMYDHXJZXXB": list(boundary_rows(project)),
        **(flow_tables(template, project, names) if template is not None else {}),
    }
    common = {"XZQHDM": project.district.code, "SJYXBS": VALID}
    of_project = {**common, "GCDM": project.receipt_number, "XMDM": project.code}
    return {
        table: [
            shown({**{key: value for key, value in of_project.items() if key in known}, **row}, known)
            for row in rows.get(table, ())
        ]
        for table, known in columns().items()
    }


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


def flow_tables(template: Template, project: Project, names: Mapping[str, str]) -> dict[str, list[Row]]:
    """The pinned edition: flow, stages, items of stages."""
    flow = {"SPLCBM": template.code, "SPLCBBH": template.version}
    key = f"{template.code}/{template.version}"
    number_of = {stage.code: number for number, stage in enumerate(template.stages, start=1)}
    published = project.edition.published_at if project.edition is not None else None
    kind = coded("SPLCLX", template.code)
    return {
        "SPGL_DFXMSPLCXXB": [
            {**flow, "DFSJZJ": key, "SPLCMC": template.name_zh, "SPLCSXSJ": published, "SPLCLX": kind}
        ],
        "SPGL_DFXMSPLCJDXXB": [
            {
                **flow,
                "DFSJZJ": f"{key}/{stage.code}",
                "SPJDXH": number_of[stage.code],
                "SPJDBM": stage.code,
                "SPJDMC": stage.name_zh,
                "SPJDSX": stage.limit_days,
            }
            for stage in template.stages
        ],
        "SPGL_DFXMSPLCJDSXXXB": [
            {
                **flow,
                "DFSJZJ": f"{key}/{spec.code}",
                "SPJDXH": number_of[spec.stage],
                "SPSXBM": spec.code,
                "SPSXBBH": template.version,
                "SPSXMC": spec.name_zh,
                "SFSXGZCNZ": spec.kind == "COMMITMENT",
                "SPSXBLSX": spec.limit_days,
                "SPBMBM": spec.department,
                "SPBMMC": names.get(spec.department),
                "QZSPSXBM": ",".join(spec.prerequisites),
            }
            for spec in template.items
        ],
    }


def project_row(project: Project) -> Row:
    """项目基本信息."""
    facts = project.facts
    site = getattr(project, "site", None)
    edition = project.edition
    finished = project.state == Project.State.FINISHED
    centre = ((site.min_lon + site.max_lon) / 2, (site.min_lat + site.max_lat) / 2) if site else None
    reused = project.reuses.filter(state=AssessmentReuse.State.CONFIRMED).exists()
    return {
        "DFSJZJ": project.pk,
        "XMMC": project.name,
        "XMTZLY": coded("XMTZLY", facts.get("investment")),
        "TDHQFS": coded("TDHQFS", facts.get("land")),
        # Confirmed reuse says yes; its absence does not say that no regional assessment was made.
        "SFWCQYPG": True if reused else None,
        "SPLCLX": coded("SPLCLX", edition.template_code) if edition else None,
        "LXLX": coded("LXLX", facts.get("management")),
        "JSXZ": coded("JSXZ", project.nature),
        "GBHY": facts.get("industry_code"),
        "NKGSJ": project.planned_start,
        "NJCSJ": project.planned_finish,
        "XMSFWQBJ": finished,
        "XMWQBJSJ": project.ended_at if finished else None,
        "ZTZE": facts.get("investment_10k_yuan"),
        "JSDDXZQH": project.district.code,
        "JSDD": project.place,
        "XMJSDDX": round(centre[0], 6) if centre else None,
        "XMJSDDY": round(centre[1], 6) if centre else None,
        "JSGMJNR": project.contents,
        "YDMJ": round(site.area_legal_m2, 2) if site else None,
        "JZMJ": facts.get("floor_area_m2"),
        "SBSJ": project.submitted_at,
        "SPLCBM": edition.template_code if edition else None,
        "SPLCBBH": edition.version if edition else None,
        "SFXXGC": project.is_linear,
        "CD": project.length_m,
        "JSDW": project.owner.name,
        "JSDWDM": project.owner.uscc,
        "JSDWLX": coded("DWLX", "owner"),
        "XMJWDZB": f"{centre[0]:.6f},{centre[1]:.6f}" if centre else None,
    }


def unit_rows(project: Project) -> Iterator[Row]:
    """项目单位: the owner, and the institutes that were engaged."""
    engaged = [row.organisation for row in project.engagements.select_related("organisation").order_by("since")]
    for unit, kind in [(project.owner, "owner"), *((one, "designer") for one in dict.fromkeys(engaged))]:
        yield {
            "DFSJZJ": f"{project.pk}/{unit.pk}",
            "DWMC": unit.name,
            "DWTYSHXYDM": unit.uscc,
            "DWLX": coded("DWLX", kind),
        }


def item_row(project: Project, item: ItemCase, names: Mapping[str, str]) -> Row:
    """项目审批事项办理: the case of one item; its state is in the detail table."""
    edition = project.edition
    return {
        "DFSJZJ": item.pk,
        "SPSXSLBM": item.pk,
        "SPSXBM": item.code,
        "SPSXBBH": edition.version if edition else None,
        "SPLCBM": edition.template_code if edition else None,
        "SPLCBBH": edition.version if edition else None,
        "SPBMBM": item.department_code,
        "SPBMMC": names.get(item.department_code),
        "SLFS": coded("SLFS", "ONLINE"),
        "GKFS": coded("GKFS", "ACTIVE"),
        # Items of one project that run together are one parallel approval (并联审批).
        "BLSPSLBM": f"{project.receipt_number}-{item.stage}" if project.receipt_number else None,
        "SXBLSX": item.limit_days,
        "SXGZCNZSPQK": True if item.need == Need.PROMISED else None,
    }


def move_rows(
    items: Iterable[ItemCase], moves: Iterable[ItemMove], departments_zh: Mapping[str, str], *, masked: bool
) -> Iterator[Row]:
    """办理详细: every change of the national code, who and when, in order per item."""
    held = list(moves)
    names = display_names(move.person_id for move in held if move.person_id is not None)
    by_item: dict[Any, list[ItemMove]] = {}
    for move in held:
        by_item.setdefault(move.item_id, []).append(move)
    for item in items:
        for number, move in enumerate(by_item.get(item.pk, ()), start=1):
            who = names.get(move.person_id, "") if move.person_id is not None else ""
            yield {
                "DFSJZJ": f"{item.pk}/{number}",
                "SPSXSLBM": item.pk,
                "BLCS": departments_zh.get(item.department_code),
                "BLR": MASKED if masked and who else who,
                "BLZT": move.to_state,
                "BLYJ": move.remark,
                "BLSJ": move.at,
            }


def procedure_rows(project: Project, items: Iterable[ItemCase]) -> Iterator[Row]:
    """特别程序: every stop of an item's clock; the kind is named as the standard demands for `other`."""
    rules = {rule["code"]: rule for rule in domain.read("clock_rules")["pauses"]}
    known = {item.pk for item in items}
    for row in ClockPause.objects.filter(project=project).order_by("starts_on", "started_at"):
        if row.item_id is not None and row.item_id not in known:
            continue
        yield {
            "DFSJZJ": row.pk,
            "SPSXSLBM": row.item_id,
            "TBCX": OTHER_PROCEDURE,
            "TBCXMC": rules[row.ground]["zh"] if row.ground in rules else row.ground,
            "TBCXKSSJ": row.started_at,
            "TBCXSXLX": coded("TBCXSXLX", "working_day") if row.expected_days else None,
            "TBCXSX": row.expected_days,
        }


def paper_rows(project: Project) -> Iterator[Row]:
    """批复文件: the papers issued, by number."""
    for paper in papers_of(project.pk):
        yield {
            "DFSJZJ": paper.id,
            "PFRQ": paper.day,
            "PFWH": paper.number,
            "PFWJBT": paper.title,
            "FJMC": f"{paper.number}.pdf",
            "FJLX": "pdf",
            "FJID": paper.id,
        }


def material_rows(project: Project) -> Iterator[Row]:
    """其他附件: the papers handed in (申报材料); those outstanding are not there yet."""
    absent = (Material.State.MISSING, Material.State.OUTSTANDING)
    for material in project.materials.exclude(state__in=absent).order_by("stage", "code"):
        yield {
            "DFSJZJ": material.pk,
            "BLSPSLBM": f"{project.receipt_number}-{material.stage}" if project.receipt_number else None,
            "FJMC": material.name_zh,
            "FJFL": coded("FJFL", "MATERIAL"),
            "FJID": material.pk,
        }


def boundary_rows(project: Project) -> Iterator[Row]:
    """用地红线界址: one file, the boundary as GeoJSON with every corner as stored, in EPSG:4490."""
    site = getattr(project, "site", None)
    if site is None:
        return
    yield {
        "DFSJZJ": f"{project.pk}/1",
        "JZWJXH": 1,
        "JZWJMC": f"{project.code}.geojson",
        "JZWJSM": "GeoJSON, EPSG:4490",
        "JZWJFJ": json.dumps(site.boundary, ensure_ascii=False),
    }
