"""The merged notice as DXF (告知书意见图层): for each sheet one file in its own coordinates, one layer per department."""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from uuid import UUID

from django.utils.translation import gettext as _

from drawings.queries.contents import DxfMark, dxf_of_marks
from joint_review.actions.pictures import COLORS
from joint_review.models import Anchor, MergedNotice, NoticeItem
from joint_review.queries.names import class_label, in_language
from joint_review.queries.words import demand_in_words
from joint_review.rules.geometry import box_of

UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def marks_of_notice(notice: MergedNotice) -> dict[UUID, tuple[str, bytes]]:
    """Sheet id -> (file name, DXF), for every sheet that an opinion of the issued notice points at."""
    items = {item.opinion_id: item for item in notice.items.prefetch_related("opinion__authors__department")}
    anchors = Anchor.objects.filter(round_id=notice.round_id, opinion_id__in=list(items)).select_related("sheet")
    by_sheet: dict[UUID, list[tuple[NoticeItem, Anchor]]] = defaultdict(list)
    for anchor in anchors:
        by_sheet[anchor.sheet_id].append((items[anchor.opinion_id], anchor))
    files = {}
    for sheet_id, found in by_sheet.items():
        found.sort(key=lambda pair: pair[0].number)
        sheet = found[0][1].sheet
        called = f"{sheet.number} {sheet.name}".strip()
        title = _("第%(no)s轮合并告知书意见 · %(sheet)s") % {"no": notice.round.no, "sheet": called}
        data = dxf_of_marks(sheet_id, [mark_of(item, anchor) for item, anchor in found], title=title)
        files[sheet_id] = (f"{UNSAFE.sub('_', called)[:120]}.dxf", data)
    return files


def mark_of(item: NoticeItem, anchor: Anchor) -> DxfMark:
    """One numbered entry as a mark on its first department's layer."""
    authors = sorted(item.opinion.authors.all(), key=lambda author: not author.is_first)
    department = authors[0].department
    names = _("、").join(in_language(author.department.short_name, author.department.name_en) for author in authors)
    demand = demand_in_words(item.wording["demand"])
    clause = item.wording["clause"]
    lines = [
        f"{item.number}. {names} [{class_label(item.wording['cls'])}]",
        item.wording["text"],
        f"{clause['standard']} {clause['number']}" if clause else "",
        _("要求：%(demand)s") % {"demand": demand} if demand else "",
    ]
    return DxfMark(
        number=str(item.number),
        layer=_("联审-%(department)s") % {"department": in_language(department.short_name, department.name_en)},
        color=COLORS[department.color],
        text="\n".join(line for line in lines if line),
        region=box_of(anchor.region) if anchor.region else None,
        geometries=tuple(mark["geom"] for mark in anchor.marks if isinstance(mark.get("geom"), dict)),
        department=names,
    )


def as_zip(files: dict[UUID, tuple[str, bytes]]) -> bytes:
    """All sheets in one archive; equal names get a number."""
    stream = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.values():
            stem, n, shown = name.removesuffix(".dxf"), 2, name
            while shown in used:
                shown, n = f"{stem} ({n}).dxf", n + 1
            used.add(shown)
            archive.writestr(shown, data)
    return stream.getvalue()
