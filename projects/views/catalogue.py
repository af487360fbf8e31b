"""Pages of the catalogue (审批标准清单): editions, drafts with graph and path, the year's notice, the powers table."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, can, get_for
from accounts.actions import ask_second_key
from accounts.legal_day import today_in_shanghai
from accounts.queries import departments, districts
from ledger.errors import Invalid, Refused
from projects import actions
from projects.actions import PowerForm
from projects.models import PipelineEdition, Power
from projects.queries.catalogue import editions_for, shown_edition, years_for
from projects.queries.powers import powers_of
from projects.views.reading import actor_of, day, text
from projects.workdays import rules_from_rows

TEXT_FIELDS = ("name_zh", "name_en", "department", "applies_if", "legal_basis", "fee")
LIST_FIELDS = ("conditions", "review_criteria")
DAY_FIELDS = ("limit_working_days", "internal_limit_working_days")
LARGEST_NOTICE = 200_000


@action("config.view_catalogue")
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Editions in force, drafts and earlier ones; the years whose notice is loaded."""
    actor = actor_of(request)
    context = {
        "editions": editions_for(actor),
        "years": years_for(actor),
        "may_draft": can(actor, "config.draft_catalogue"),
    }
    return render(request, "projects/catalogue.html", context)


@action("config.view_catalogue")
@require_GET
def edition(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """One edition: graph, critical path, items; a draft can be edited here before it is published."""
    actor = actor_of(request)
    shown = shown_edition(actor, edition_id)
    is_draft = shown.edition.state == PipelineEdition.State.DRAFT
    context = {
        "shown": shown,
        "is_draft": is_draft,
        "may_draft": can(actor, "config.draft_catalogue", shown.edition),
    }
    return render(request, "projects/edition.html", context)


def to_edition(edition_id: UUID) -> HttpResponse:
    """The edition's page."""
    return HttpResponseRedirect(reverse("projects:edition", args=[edition_id]))


@action("config.draft_catalogue")
@require_POST
def begin_draft(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Begin a draft from an edition (编制新版本)."""
    made = actions.begin_draft(edition_id, text(request, "version"), actor=actor_of(request))
    return to_edition(made.pk)


@action("config.draft_catalogue")
@require_POST
def change_item(request: HttpRequest, edition_id: UUID, code: str) -> HttpResponse:
    """Change one item of a draft (修改事项)."""
    actions.change_draft_item(
        edition_id, code, fields_typed(request), actor=actor_of(request), expected_version=version_seen(request)
    )
    messages.success(request, _("已保存。关键路径和问题已重新计算。"))
    return to_edition(edition_id)


@action("config.draft_catalogue")
@require_POST
def remove_item(request: HttpRequest, edition_id: UUID, code: str) -> HttpResponse:
    """Take one item out of a draft (删除事项)."""
    actions.remove_draft_item(edition_id, code, actor=actor_of(request), expected_version=version_seen(request))
    return to_edition(edition_id)


@action("config.draft_catalogue")
@require_POST
def drop_draft(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Throw a draft away (删除草稿)."""
    actions.drop_draft(edition_id, actor=actor_of(request))
    return HttpResponseRedirect(reverse("projects:catalogue"))


@action("config.edit_item_catalogue")
@require_POST
def publish(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Ask a second administrator to put the draft in force (提请发布); its faults are told before he is troubled."""
    actor = actor_of(request)
    shown = shown_edition(actor, edition_id)
    if shown.faults:
        raise Refused("template_faults", _("流程还有 %(n)s 处问题，不能提请发布。") % {"n": len(shown.faults)})
    summary = _("发布流程：%(name)s %(version)s（关键路径 %(days)s 个工作日）") % {
        "name": shown.edition.name_zh,
        "version": shown.edition.version,
        "days": shown.total,
    }
    arguments = {"draft_version": shown.edition.draft_version}
    ask_second_key("config.edit_item_catalogue", shown.edition, actor=actor, summary=summary, arguments=arguments)
    messages.success(request, _("已提请发布，待另一位系统管理员确认后施行。"))
    return to_edition(edition_id)


def version_seen(request: HttpRequest) -> int | None:
    """The version of the draft that the page showed."""
    written = text(request, "draft_version")
    return int(written) if written.isascii() and written.isdigit() else None


def fields_typed(request: HttpRequest) -> dict[str, Any]:
    """The fields of an item as they were typed; a blank one is taken away. Invalid names each that cannot be read."""
    fields: dict[str, Any] = {name: text(request, name) or None for name in TEXT_FIELDS}
    errors: dict[str, list[str]] = {}
    for name in DAY_FIELDS:
        written = text(request, name)
        if not written:
            fields[name] = None
        elif written.lstrip("-").isascii() and written.lstrip("-").isdigit():
            fields[name] = int(written)
        else:
            errors[name] = [_("请填写工作日数，例如 20。")]
    for name in LIST_FIELDS:
        lines = [line.strip() for line in text(request, name).splitlines()]
        fields[name] = [line for line in lines if line] or None
    fields["prerequisites"] = text(request, "prerequisites").replace(",", " ").replace("，", " ").split()
    fields["materials"] = []
    for line in text(request, "materials").splitlines():
        parts = [part.strip() for part in line.split("|")]
        if len(parts) < 2 or not parts[0] or not parts[1]:
            errors["materials"] = [_("每行写一份材料：编码 | 名称，可容缺的再加 | *。")]
            continue
        fields["materials"].append(
            {"code": parts[0], "name_zh": parts[1], "may_be_late": len(parts) > 2 and parts[2] == "*"}
        )
    if errors:
        raise Invalid(errors)
    return fields


@action("config.edit_holiday_calendar")
@require_POST
def load_year(request: HttpRequest) -> HttpResponse:
    """Ask a second administrator to load the official notice of a year (载入放假通知)."""
    actor = actor_of(request)
    years = years_for(actor)
    written = text(request, "year")
    if not (written.isascii() and written.isdigit() and 2000 <= int(written) <= 2099):
        raise Invalid({"year": [_("请填写年份，例如 2027。")]})
    rows = rows_typed(request)
    rules_from_rows(rows)
    source = text(request, "source")
    if len(source) < 6:
        raise Invalid({"source": [_("请写明通知的名称和文号。")]})
    if not years:
        raise Refused("calendar_empty", _("还没有载入任何年份的工作日历，请先初始化系统。"))
    summary = _("载入 %(year)s 年放假通知（%(n)s 天）") % {"year": written, "n": len(rows)}
    arguments = {"year": int(written), "rows": rows, "source": source}
    ask_second_key("config.edit_holiday_calendar", years[0], actor=actor, summary=summary, arguments=arguments)
    messages.success(request, _("已提请载入，待另一位系统管理员确认后施行，预计日期随即重算并通知。"))
    return HttpResponseRedirect(reverse("projects:catalogue"))


def rows_typed(request: HttpRequest) -> list[dict[str, str]]:
    """The rows of the uploaded table (date, kind OFF|WORK, name_zh, name_en)."""
    upload = request.FILES.get("rows")
    if upload is None:
        raise Invalid({"rows": [_("请选择放假通知的表格文件（CSV）。")]})
    content = upload.read(LARGEST_NOTICE + 1)
    try:
        lines = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid({"rows": [_("文件不是 UTF-8 编码的 CSV。")]}) from None
    if len(content) > LARGEST_NOTICE:
        raise Invalid({"rows": [_("文件过大，放假通知的表格不会超过 200 KB。")]})
    kept = ("date", "kind", "name_zh", "name_en", "reason")
    return [{name: row.get(name) or "" for name in kept if name in row} for row in csv.DictReader(io.StringIO(lines))]


@action("config.list_powers")
@require_GET
def powers(request: HttpRequest) -> HttpResponse:
    """The powers table (权责清单): who decides, on what basis, by whose delegation, from when to when."""
    actor = actor_of(request)
    places = [(row.pk, row.name_zh, departments(row.pk)) for row in districts()]
    context = {
        "powers": powers_of(actor),
        "kinds": kind_names(),
        "places": places,
        "may_draft": can(actor, "config.draft_catalogue"),
    }
    return render(request, "projects/powers.html", context)


def kind_names() -> list[tuple[str, str]]:
    """Kinds of entries in the reader's words."""
    return [
        ("own", _("本级行使")),
        ("handed_down", _("下放")),
        ("entrusted", _("委托")),
        ("authorised", _("授权")),
        ("concentrated", _("集中行使")),
    ]


@action("config.draft_catalogue")
@require_POST
def propose_power(request: HttpRequest) -> HttpResponse:
    """Write an entry down and ask a second administrator to confirm it."""
    actor = actor_of(request)
    first = day(request, "valid_from")
    district = text(request, "district")
    if first is None or not (district.isascii() and district.isdigit()):
        raise Invalid({"valid_from": [_("请按 2026-12-31 的格式填写日期。")]})
    form = PowerForm(
        district_id=int(district),
        department_code=text(request, "department_code"),
        holder_code=text(request, "holder_code"),
        kind=text(request, "kind"),
        basis=text(request, "basis"),
        valid_from=first,
        valid_to=day(request, "valid_to"),
        item_code=text(request, "item_code"),
        delegated_by=text(request, "delegated_by"),
    )
    power = actions.propose_power(form, actor=actor)
    summary = _("权责清单生效：%(entry)s") % {"entry": str(power)}
    ask_second_key("config.edit_powers", power, actor=actor, summary=summary, arguments={"act": "confirm"})
    return HttpResponseRedirect(reverse("projects:powers"))


@action("config.edit_powers")
@require_POST
def take_back_power(request: HttpRequest, power_id: UUID) -> HttpResponse:
    """Ask a second administrator to confirm that a power is taken back (收回)."""
    actor = actor_of(request)
    power = get_for(actor, "config.list_powers", Power, power_id)
    last = day(request, "last_day") or today_in_shanghai()
    arguments = {"act": "take_back", "last_day": last.isoformat(), "why": text(request, "why")}
    summary = _("收回职权：%(entry)s，至 %(day)s 止") % {"entry": str(power), "day": last.isoformat()}
    ask_second_key("config.edit_powers", power, actor=actor, summary=summary, arguments=arguments)
    return HttpResponseRedirect(reverse("projects:powers"))
