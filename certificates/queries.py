"""Readers of papers, and the judgement on a file against the register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import get_for, require, scope
from accounts.legal_day import today_in_shanghai
from accounts.queries import department_by_code, district
from certificates import holding, store
from certificates.drafting import Draft, DraftIncomplete, Heading, compose_content, full_name, kind_of, kinds
from certificates.judging import JudgeBusy, judge_bytes
from certificates.keys import ROOT_FILE, KeyRoom
from certificates.models import Paper
from certificates.states import ISSUED, REVOKED, SEALING
from certificates.verdict import Reason, Trust, Verdict
from ledger.actor import Actor
from ledger.errors import NotFound, Refused, StateConflict, TooMany

# The name of the root says what it is worth: nobody outside vouches for it.
AUTHORITY = "联审平台自建根证书" if settings.PRODUCTION else "联审演示根证书"
NOT_CODE = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True)
class PaperLine:
    """One paper in a list; `href` is empty while the seal is being pressed or when the reader may not fetch it."""

    id: UUID
    kind: str
    title: str
    number: str
    day: date
    state: str
    signer: str
    href: str
    verify_href: str


@dataclass(frozen=True)
class PublicPaper:
    """What anybody may know of a paper; nothing else of it is public (一个允许清单)."""

    title: str
    number: str
    issuer: str
    day: date
    state: str
    verify_code: str
    sha256: str
    sealed_at: datetime | None
    revoked_at: datetime | None
    # What it certifies can be computed again, on request.
    may_be_asked: bool = False

    @property
    def is_sealing(self) -> bool:
        """The number is given, the seal is being pressed."""
        return self.state == SEALING

    @property
    def is_revoked(self) -> bool:
        """The paper has lost its effect."""
        return self.state == REVOKED


@dataclass(frozen=True)
class CheckedFile:
    """The judgement on a file: signature and register together; `paper` is the one on record with these bytes."""

    verdict: Verdict
    paper: PublicPaper | None


def papers_of(project_id: UUID, actor: Actor | None = None) -> list[PaperLine]:
    """The papers of one project, newest first (文书与证照).

    With an actor: those he may fetch, with their addresses. Without: title, number and state only, for a caller that
    has already decided that the reader may see the project.
    """
    papers = Paper.objects.filter(project_id=project_id)
    if actor is not None:
        papers = scope(actor, "document.download_issued", papers)
    ordered = papers.select_related("sealer", "district").order_by("-issued_at", "-n")
    return [line_of(paper, may_fetch=actor is not None) for paper in ordered]


def kept_picture(sha256: str) -> bytes:
    """A picture kept to be printed on papers, by its SHA-256; the caller has decided who asks."""
    return store.fetch("pictures", sha256)


def papers_for(actor: Actor) -> list[PaperLine]:
    """Every paper that the actor may fetch, newest first."""
    papers = scope(actor, "document.download_issued", Paper.objects.all())
    return [line_of(paper) for paper in papers.select_related("sealer", "district").order_by("-issued_at", "-n")[:200]]


def line_of(paper: Paper, *, may_fetch: bool = True) -> PaperLine:
    """One line of a list."""
    return PaperLine(
        id=paper.pk,
        kind=paper.kind,
        title=title_on_screen(paper),
        number=paper.number,
        day=paper.day,
        state=paper.state,
        signer=full_name(paper.district.name_zh, paper.sealer.name_zh),
        href=reverse("certificates:document", args=[paper.pk]) if may_fetch and paper.state == ISSUED else "",
        verify_href=reverse("certificates:verify_code", args=[paper.verify_code]),
    )


def title_on_screen(paper: Paper) -> str:
    """The title in the reader's language; the paper itself is in Chinese only."""
    if not (get_language() or "").startswith("en"):
        return paper.title
    return title_in_english(paper.kind, paper.title)


def title_in_english(kind: str, title: str) -> str:
    """What the paper is in English, with its own title, which is in Chinese."""
    return f"{kinds()[kind].title_en} ({title})" if kind in kinds() else title


def paper_for(actor: Actor, paper_id: UUID) -> Paper:
    """One paper, if the actor may fetch it."""
    return get_for(actor, "document.download_issued", Paper, paper_id)


def paper_file(paper: Paper) -> bytes:
    """The sealed PDF. Raises StateConflict while it is being sealed and after it was revoked."""
    if paper.state == SEALING:
        raise StateConflict(_("文书正在加盖电子印章，请稍候再下载。"), next_step=_("通常几秒钟即可完成，请刷新页面。"))
    if paper.state == REVOKED:
        raise StateConflict(_("这份文书已经撤销，不再提供下载。"), next_step=_("撤销的理由见项目动态。"))
    return store.fetch("papers", paper.sha256)


def normal_code(text: str) -> str:
    """A code as printed, however it was typed: abcd efgh jkmn -> ABCD-EFGH-JKMN; empty when it cannot be one."""
    letters = NOT_CODE.sub("", text.upper())
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}" if len(letters) == 12 else ""


def paper_by_verify_code(code: str, actor: Actor | None = None) -> PublicPaper:
    """The public facts of the paper with this code (公开核验). Raises NotFound."""
    papers = scope(actor or Actor.public(), "document.verify_seal", Paper.objects.all())
    found = papers.filter(verify_code=normal_code(code)).select_related("sealer", "district").first()
    if found is None:
        raise NotFound
    return public_facts(found)


def holding_by_code(code: str, actor: Actor) -> holding.Holding | None:
    """Whether what the paper certifies still holds today, where a room knows (重新核对). Raises NotFound."""
    papers = scope(actor, "document.verify_seal", Paper.objects.all())
    found = papers.filter(verify_code=normal_code(code)).values_list("kind", "pk").first()
    if found is None:
        raise NotFound
    return holding.holding_of(*found)


def public_facts(paper: Paper) -> PublicPaper:
    """The allowlist of the public page."""
    return PublicPaper(
        title=title_on_screen(paper),
        number=paper.number,
        issuer=full_name(paper.district.name_zh, paper.sealer.name_zh),
        day=paper.day,
        state=paper.state,
        verify_code=paper.verify_code,
        sha256=paper.sha256,
        sealed_at=paper.sealed_at,
        revoked_at=paper.revoked_at,
        may_be_asked=holding.can_be_asked(paper.kind),
    )


def check_file(data: bytes, *, actor: Actor, expected_code: str = "") -> CheckedFile:
    """Judge a file from anybody against its seal and against the register (核验文件).

    Genuine means: the seal is good, these very bytes are on record, and the paper has not been revoked. With
    `expected_code` it must also be the paper of that code.
    """
    require(actor, "document.verify_seal")
    try:
        verdict = judge_bytes(data, trust())
    except JudgeBusy as error:
        raise TooMany(_("系统繁忙，没有完成核验。"), next_step=_("请一分钟后再试。")) from error
    return with_register(verdict, expected_code=expected_code)


def with_register(verdict: Verdict, *, expected_code: str = "") -> CheckedFile:
    """The verdict on a signature completed by what the register says of these bytes."""
    paper = Paper.objects.filter(sha256=verdict.sha256).select_related("sealer", "district").first()
    against = list(verdict.reasons) if not verdict.valid else []
    if verdict.valid and paper is None:
        against.append(Reason("not_registered"))
    if paper is not None and paper.state == REVOKED and paper.revoked_at is not None:
        against.append(Reason("revoked", paper.revoked_at.date().isoformat()))
    if paper is not None and expected_code and paper.verify_code != expected_code:
        against.append(Reason("another_paper", paper.number))
    reasons = tuple(against) or verdict.reasons
    judged = Verdict(**{**vars(verdict), "valid": verdict.valid and not against, "reasons": reasons})
    return CheckedFile(judged, public_facts(paper) if paper else None)


def key_room() -> KeyRoom:
    """The directory of root and seal keys."""
    return KeyRoom(Path(settings.KEY_DIR), AUTHORITY)


def trust() -> Trust:
    """The root this installation believes; none before the first seal was made."""
    if not (Path(settings.KEY_DIR) / ROOT_FILE).exists():
        return Trust(())
    return Trust((key_room().root_pem().decode("ascii"),))


def preview_paper(kind: str, *, district_id: int, addressee: str, signer_department_code: str, draft: Draft) -> bytes:
    """How a paper would look (预览): same wording, 样稿 across the page, no number, no seal."""
    place = district(district_id)
    signer = department_by_code(signer_department_code, district_id)
    heading = Heading(
        number="",
        issuer=full_name(place.name_zh, (signer.exercised_by or signer).name_zh),
        addressee=addressee,
        day=today_in_shanghai(),
        verify_url=f"{settings.PUBLIC_ORIGIN}/verify/",
        verify_code="",
        is_draft=True,
    )
    try:
        content = compose_content(kind_of(kind), draft, heading, lambda sha256: store.fetch("pictures", sha256))
    except DraftIncomplete as error:
        raise Refused(
            "paper_incomplete", _("还缺少：%(missing)s。") % {"missing": _("、").join(error.missing)}
        ) from error
    from certificates.rendering import compose

    return compose(content).pdf
