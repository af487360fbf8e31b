"""Papers over HTTP: lists, public facts, judging a file, asking for revocation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Router, Status
from ninja.files import UploadedFile

from accounts.access import action
from certificates import actions, queries
from certificates.schemas import PaperOut, PublicPaperOut, RevokeIn, SecondKeyOut, VerdictOut
from certificates.verdict import LARGEST
from certificates.views import actor_of, slow_down
from certificates.wording import sentences
from ledger.errors import Refused

router = Router()


@router.get("/papers", response=list[PaperOut], summary="文书与证照")
@action("document.download_issued")
def papers(request: HttpRequest, project: UUID | None = None) -> list[queries.PaperLine]:
    """The papers that the caller may fetch, of one project or of all."""
    actor = actor_of(request)
    return queries.papers_of(project, actor) if project else queries.papers_for(actor)


@router.get("/verify/{code}", response=PublicPaperOut, summary="公开核验")
@action("document.verify_seal")
def public_paper(request: HttpRequest, code: str) -> queries.PublicPaper:
    """The public facts of the paper with this code."""
    return queries.paper_by_verify_code(code, actor_of(request))


@router.post("/verify", response=VerdictOut, summary="核验文件")
@action("document.verify_seal")
def judge_upload(request: HttpRequest, file: File[UploadedFile], code: str = "") -> dict[str, Any]:
    """Judge a PDF against its seal and against the register; with `code` it must be that paper."""
    slow_down(request)
    if (file.size or 0) > LARGEST:
        raise Refused("too_large", _("文件超过 50 MB，本系统出具的文书没有这么大。"), field="file")
    checked = queries.check_file(
        file.read(), actor=actor_of(request), expected_code=queries.normal_code(code) if code else ""
    )
    verdict = checked.verdict
    return {
        "valid": verdict.valid,
        "signer": verdict.signer,
        "coverage": verdict.coverage,
        "reasons": sentences(verdict),
        "codes": [reason.code for reason in verdict.reasons],
        "sha256": verdict.sha256,
        "signed_at": verdict.signed_at,
        "paper": checked.paper,
    }


@router.post("/papers/{paper_id}/revoke", response={202: SecondKeyOut}, summary="发起撤销")
@action("certificate.revoke")
def revoke(request: HttpRequest, paper_id: UUID, payload: RevokeIn) -> Status[object]:
    """Ask a second person to confirm that the paper loses its effect."""
    return Status(202, actions.ask_to_revoke(paper_id, actor=actor_of(request), reason=payload.reason))
