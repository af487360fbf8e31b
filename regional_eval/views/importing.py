"""Importing a file (导入): upload > coordinate system recognised, report and map to look at > confirmed > a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import action, require
from accounts.queries import district
from ledger.errors import Invalid, Refused
from regional_eval import actions, file_store
from regional_eval.domain import assessment_kinds, plan_layers
from regional_eval.geometry.planes import LONLAT, central_meridian, zone_of
from regional_eval.importing.examine import Examined, examine
from regional_eval.importing.files import LARGEST_FILE
from regional_eval.queries.preview import preview_shapes
from regional_eval.queries.register import regions_of
from regional_eval.terms import kind_name, kind_or_layer_name, layer_name, region_name
from regional_eval.views.reading import actor_of, day, text
from regional_eval.views.register import rejection_line, repair_line

SALT = "regional_eval.import"
PURPOSES = ("assessment", "plan")
# A person looks at the preview and confirms within the working day.
HOURS = 12


@dataclass(frozen=True)
class Given:
    """The uploaded file, kept in the store under its sha256 until it is confirmed."""

    sha256: str
    name: str

    def token(self) -> str:
        """For the hidden field: signed, so that nobody confirms a file that he did not upload."""
        return signing.dumps([self.sha256, self.name], salt=SALT)


def given_file(request: HttpRequest) -> Given:
    """The file of this request, or the one uploaded before."""
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        if (file.size or 0) > LARGEST_FILE:
            raise Invalid({"file": [_("文件过大（最多 64 MB），请按区县拆分后分次导入。")]})
        return Given(file_store.keep(file.read()), file.name or "")
    token = text(request.POST, "given")
    try:
        sha256, name = signing.loads(token, salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        raise Invalid({"file": [_("请选择要导入的文件。")]}) from None
    return Given(sha256, name)


def systems() -> list[tuple[str, str]]:
    """The coordinate systems that may be declared."""
    zones = [
        (
            str(epsg),
            _("CGCS2000 3 度带，中央子午线 %(meridian)s°，不带带号（EPSG:%(epsg)s）")
            % {"meridian": central_meridian(epsg), "epsg": epsg},
        )
        for epsg in range(4534, 4555)
    ]
    prefixed = [
        (str(epsg), _("CGCS2000 3 度带第 %(zone)s 带，带带号（EPSG:%(epsg)s）") % {"zone": zone_of(epsg), "epsg": epsg})
        for epsg in range(4513, 4534)
    ]
    return [("", _("按坐标数值识别")), (str(LONLAT), _("CGCS2000 经纬度（EPSG:4490）")), *zones, *prefixed]


def system_name(epsg: int) -> str:
    """One system in words."""
    return dict(systems()).get(str(epsg), f"EPSG:{epsg}")


@action("assessment.draft")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file and say what it is."""
    actor = actor_of(request)
    require(actor, "assessment.draft")
    if request.method == "GET":
        purpose = request.GET.get("purpose", "assessment")
        return form(request, {"purpose": purpose if purpose in PURPOSES else "assessment"}, {}, None)
    given: Given | None = None
    try:
        given = given_file(request)
        what = read_what(request)
        examined = examine(
            file_store.fetch(given.sha256),
            given.name,
            crs=text(request.POST, "crs"),
            home_epsg=home_epsg(request),
            takes_lines=what["purpose"] == "plan" and plan_layers()[what["kind"]]["geometry"] == "MultiLineString",
        )
    except Refused as refusal:
        errors = getattr(refusal, "errors", None) or {refusal.field or "file": [refusal.message]}
        return form(request, request.POST.dict(), errors, given, refusal)
    return confirmation(request, given, examined, what)


def home_epsg(request: HttpRequest) -> int | None:
    """The zone near which the land must be."""
    actor = actor_of(request)
    return district(actor.district_id).epsg if actor.district_id else None


def form(
    request: HttpRequest, values: dict[str, Any], errors: Any, given: Given | None, refusal: Refused | None = None
) -> HttpResponse:
    """The form, with what was typed and the file that is already here."""
    plan = values.get("purpose") == "plan"
    names = {
        code: layer_name(code) if plan else kind_name(code) for code in (plan_layers() if plan else assessment_kinds())
    }
    context = {
        "plan": plan,
        "values": values,
        "errors": errors,
        "next_step": refusal.next_step if refusal else None,
        "kinds": list(names.items()),
        "regions": [(each.code, region_name(each)) for each in regions_of(actor_of(request).district_id)],
        "systems": systems(),
        "given": given,
        "token": given.token() if given else "",
    }
    return render(request, "regional_eval/import.html", context, status=refusal.status if refusal else 200)


def read_what(request: HttpRequest) -> dict[str, Any]:
    """Purpose, kind, code, version and interval; Invalid names what is missing."""
    purpose = text(request.POST, "purpose")
    kinds = plan_layers() if purpose == "plan" else assessment_kinds()
    found: dict[str, Any] = {
        "purpose": purpose,
        "kind": text(request.POST, "kind"),
        "code": text(request.POST, "code"),
        "version": text(request.POST, "version"),
        "region": text(request.POST, "region"),
        "valid_from": day(request.POST, "valid_from"),
        "valid_to": day(request.POST, "valid_to"),
    }
    errors: dict[str, list[str]] = {}
    if purpose not in PURPOSES:
        errors["purpose"] = [_("请选择导入的是区域评估还是规划图层。")]
    if found["kind"] not in kinds:
        errors["kind"] = [_("请选择类型。")]
    if not found["code"]:
        errors["code"] = [_("请填写图层编号；同一编号的新版本会替代旧版本。")]
    if found["valid_from"] is None:
        errors["valid_from"] = [_("请填写第一天。")]
    if errors:
        raise Invalid(errors)
    return found


def confirmation(request: HttpRequest, given: Given, examined: Examined, what: dict[str, Any]) -> HttpResponse:
    """What would be kept: the coordinate system to confirm, the report, the map."""
    context = {
        "given": given,
        "token": given.token(),
        "examined": examined,
        "system": system_name(examined.system.epsg),
        "what": what,
        "kind_name": kind_or_layer_name(what["purpose"], what["kind"]),
        "repairs": [repair_line(entry) for entry in examined.repaired],
        "rejections": [rejection_line(entry) for entry in examined.rejected],
        "looks": sum(1 for entry in examined.repaired if entry.get("needs_look")),
        "shapes": preview_shapes(examined),
        "hectares": f"{examined.area_m2 / 10_000:,.2f}",
    }
    return render(request, "regional_eval/import_confirm.html", context)


@action("assessment.draft")
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Keep it as a draft: the coordinate system is the one that was shown and confirmed."""
    actor = actor_of(request)
    require(actor, "assessment.draft")
    given = given_file(request)
    what = read_what(request)
    if request.POST.get("confirmed") != "yes":
        raise Invalid({"confirmed": [_("请先核对图上位置，并勾选确认坐标系。")]})
    attributes: dict[str, Any] = {
        "layer" if what["purpose"] == "plan" else "kind": what["kind"],
        "valid_from": what["valid_from"].isoformat(),
    }
    if what["valid_to"]:
        attributes["valid_to"] = what["valid_to"].isoformat()
    if what["region"] and what["purpose"] == "assessment":
        attributes["region_code"] = what["region"]
    report = actions.import_layer(
        file_store.fetch(given.sha256),
        given.name,
        actor=actor,
        purpose=what["purpose"],
        code=what["code"],
        version=what["version"],
        attributes=attributes,
        crs=text(request.POST, "crs"),
    )
    return HttpResponseRedirect(reverse("regional_eval:layer", args=[report.version_id]))
