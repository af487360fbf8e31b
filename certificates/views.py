"""Fetching a sealed paper, and the public pages on which anybody checks one."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import action, require
from certificates import queries
from certificates.verdict import LARGEST, refused
from certificates.wording import coverage_words, sentences
from ledger.actor import Actor
from ledger.errors import Invalid, TooMany

CHECKS_PER_MINUTE = 20


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("document.download_issued")
@require_GET
def document(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """The sealed PDF of one paper, byte for byte as it was signed (下载文书)."""
    paper = queries.paper_for(actor_of(request), paper_id)
    response = HttpResponse(queries.paper_file(paper), content_type="application/pdf")
    name = quote(f"{paper.title}（{paper.number}）.pdf")
    kind = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f"{kind}; filename=\"{paper.pk}.pdf\"; filename*=UTF-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response


@action("document.verify_seal")
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check any paper by its code or by its file (公开核验)."""
    require(actor_of(request), "document.verify_seal")
    if request.method == "POST":
        return answered(request, checked_upload(request, ""))
    typed = request.GET.get("code", "").strip()
    code = queries.normal_code(typed)
    if code:
        return HttpResponseRedirect(reverse("certificates:verify_code", args=[code]))
    problem = _("核验码是 12 位字母和数字，印在文书二维码的下方，例如 ABCD-EFGH-JKMN。") if typed else ""
    return render(request, "certificates/verify.html", {"typed": typed, "problem": problem})


@action("document.verify_seal")
@require_http_methods(["GET", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the register says of one paper, and whether a file is that paper."""
    paper = queries.paper_by_verify_code(code, actor_of(request))
    if request.method == "POST":
        return answered(request, checked_upload(request, paper.verify_code))
    context: dict[str, object] = {"paper": paper}
    if paper.may_be_asked and "holds" in request.GET:
        slow_down(request)
        context["holding"] = queries.holding_by_code(code, actor_of(request))
    return render(request, "certificates/verify.html", context)


def checked_upload(request: HttpRequest, expected_code: str) -> dict[str, object]:
    """The judgement on the uploaded file, in words."""
    slow_down(request)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid({"file": [_("请选择要核验的 PDF 文件。")]})
    if (file.size or 0) > LARGEST:
        checked = queries.CheckedFile(refused("too_large"), None)
    else:
        checked = queries.check_file(file.read(), actor=actor_of(request), expected_code=expected_code)
    return {
        "verdict": checked.verdict,
        "paper": checked.paper,
        "sentences": sentences(checked.verdict),
        "coverage": coverage_words(checked.verdict),
        "file_name": file.name,
    }


def slow_down(request: HttpRequest) -> None:
    """At most 20 checks a minute from one address: reading a stranger's PDF costs a process, computing anew some time."""
    key = f"verify:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, 60)
    try:
        count = cache.incr(key)
    except ValueError:  # the minute ended between the two calls
        count = 1
    if count > CHECKS_PER_MINUTE:
        raise TooMany(next_step=_("请一分钟后再试。"))


def answered(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    """The result alone for htmx, else the whole page with it."""
    piece = request.headers.get("HX-Request") == "true"
    return render(request, "certificates/check_result.html" if piece else "certificates/verify.html", context)
