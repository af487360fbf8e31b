"""The only writers of papers, numbers and seals."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require, was_allowed
from accounts.actions import ask_second_key, two_key_act
from accounts.legal_day import today_in_shanghai
from accounts.queries import department_by_code, district
from certificates import store
from certificates.drafting import (
    Draft,
    DraftIncomplete,
    Heading,
    PaperKind,
    compose_content,
    district_mark,
    full_name,
    kind_of,
    written_number,
)
from certificates.events import PaperIssued, PaperRevoked, PaperSealed, SealKeyMade
from certificates.keys import SealSigner, serial_of
from certificates.models import NumberRule, NumberSeries, Paper, SealKey
from certificates.queries import key_room
from certificates.rendering import DrawingEntry
from certificates.rendering.content import PictureUnusable, to_json
from certificates.states import REVOKED, SEALING, after
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden, NotFound, Refused, StateConflict
from ledger.record import record

# No I, L, O, U, 0, 1: a code is read aloud over a counter.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@transaction.atomic
def issue_paper(
    kind: str,
    *,
    project_id: UUID | None,
    district_id: int,
    addressee: str,
    facts: Mapping[str, object],
    signer_department_code: str,
    actor: Actor,
    basis: str | Sequence[str] | None = None,
    body: object = None,
    remedy: str | None = None,
    sheets: Iterable[DrawingEntry | Mapping[str, str]] = (),
    organisation_id: UUID | None = None,
    department_codes: Iterable[str] = (),
    copies_to: str = "",
) -> Paper:
    """Issue a paper (出具文书): number and wording now, file and seal soon after by the outbox.

    A door for the acts of other rooms, inside their transaction. The permission is that of the act whose consequence
    the paper is (accept, deny, notice, certificate), which knows the project, the item or the round and asks `require`
    for it. So that no path comes here past that question, `require` leaves a note in the open transaction, and a
    paper is refused unless this very actor was allowed, in this very transaction, one of the acts that its kind names
    (`acts` in papers/kinds.yaml); the note is gone with the transaction, also with one that fails.

    `kind` is a code of papers/kinds.yaml. `facts`, `basis`, `body`, `remedy` are described in `drafting.Draft`;
    what is not given is taken from the kind. `sheets` become the drawing list with versions and sha256.
    `organisation_id` is the enterprise that may read the paper, `department_codes` the departments that took part.
    The paper is signed in the name of `signer_department_code` or of the body that exercises its power
    (powers table, 权责清单). 文号 runs per district, kind and year, under the row lock of its series: no gaps, no reuse.

    Raises Forbidden without such an act; Refused `paper_incomplete` when the wording needs a fact that was not given, `picture_unusable` for a
    picture that cannot be printed; ValueError for a kind or body that does not exist (a fault of the caller).
    """
    chosen = kind_of(kind)
    if not was_allowed(actor, chosen.acts):
        raise Forbidden
    place = district(district_id)
    signer = department_by_code(signer_department_code, district_id)
    sealer = signer.exercised_by or signer
    day = today_in_shanghai()
    draft = Draft(
        facts=facts,
        basis=basis,
        body=body,
        remedy=remedy,
        drawings=tuple(entry if isinstance(entry, DrawingEntry) else DrawingEntry(**entry) for entry in sheets),
        copies_to=copies_to,
    )
    n = next_number(district_id, kind, day.year)
    number = number_by_rule(chosen, district_id, place.name_zh, day.year, n)
    code = new_verify_code()
    heading = Heading(
        number=number,
        issuer=full_name(place.name_zh, sealer.name_zh),
        addressee=addressee,
        day=day,
        verify_url=verify_url(code),
        verify_code=code,
    )
    paper = Paper.objects.create(
        kind=kind,
        title=chosen.title,
        district=place,
        year=day.year,
        n=n,
        number=number,
        verify_code=code,
        day=day,
        addressee=addressee,
        project_id=project_id,
        organisation_id=organisation_id,
        signer=signer,
        sealer=sealer,
        department_codes=sorted({signer.code, sealer.code, *department_codes}),
        content=write_content(chosen, draft, heading),
        issued_by_id=actor.person_id,
        issued_at=now(),
    )
    record(
        PaperIssued(
            project_id=project_id,
            paper_id=paper.pk,
            kind=kind,
            number=number,
            title=paper.title,
            organisation_id=organisation_id,
        ),
        actor=actor,
        subject=paper,
        project_id=project_id,
    )
    return paper


def write_content(kind: PaperKind, draft: Draft, heading: Heading) -> dict[str, object]:
    """The paper's wording, checked: nothing that was given a number may fail to be printed later."""
    try:
        content = compose_content(kind, draft, heading, picture=lambda sha256: store.fetch("pictures", sha256))
    except DraftIncomplete as error:
        raise Refused(
            "paper_incomplete",
            _("出具%(title)s还缺少：%(missing)s。") % {"title": kind.title, "missing": _("、").join(error.missing)},
            next_step=_("请补全后再办理。"),
        ) from error
    return to_json(content)


def keep_picture(data: bytes) -> str:
    """Keep a picture to be printed on papers; returns the sha256 that an opinion's `picture` names.

    Raises Refused `picture_unusable` when it is no PNG or JPEG that can be decoded.
    """
    from certificates.rendering.typeset import fitted_picture

    try:
        fitted_picture(data)
    except PictureUnusable as error:
        raise Refused("picture_unusable", _("图片无法解码，只接受 PNG 或 JPEG。")) from error
    return store.keep("pictures", data)


def next_number(district_id: int, kind: str, year: int) -> int:
    """The next number of the series, its row locked until the act commits: a failed act leaves no gap."""
    NumberSeries.objects.bulk_create(
        [NumberSeries(district_id=district_id, kind=kind, year=year)], ignore_conflicts=True
    )
    series = NumberSeries.objects.select_for_update().get(district_id=district_id, kind=kind, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


def number_by_rule(kind: PaperKind, district_id: int, district_name: str, year: int, n: int) -> str:
    """文号 by the district's rule for this kind, else its rule for all, else the pattern of the kind."""
    rules = dict(NumberRule.objects.filter(district_id=district_id).values_list("kind", "pattern"))
    pattern = rules.get(kind.code) or rules.get("") or kind.pattern
    return written_number(pattern, district=district_mark(district_name), mark=kind.mark, year=year, n=n)


def new_verify_code() -> str:
    """An unguessable code, 12 letters in groups of four (核验码)."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def verify_url(code: str) -> str:
    """The public address printed in the QR code; never under a mandate's prefix."""
    return f"{settings.PUBLIC_ORIGIN}/verify/{code}/"


@transaction.atomic
def seal_paper(paper_id: UUID, *, actor: Actor) -> Paper:
    """Set the paper, press the seal, keep the file (加盖电子印章). A second call changes nothing.

    The signed file is first put aside under the paper's id: an attempt that dies before its commit leaves it there
    and the next one adopts it, so that there are never two signed files of one number.
    """
    paper = Paper.objects.select_for_update().filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    require(actor, "document.seal", paper)
    if paper.state != SEALING:
        return paper
    key, signer = seal_in_use(paper, actor=actor)
    # What sets and signs takes a second to load: here, where a paper is pressed, not in every process that can issue one.
    from certificates.pressing import adopted_file, signed_file

    pdf = adopted_file(paper) or signed_file(paper, key, signer)
    paper.sha256 = store.keep("papers", pdf)
    paper.size = len(pdf)
    paper.seal_key = key
    paper.sealed_at = now()
    paper.state = after(paper.state, "seal") or paper.state
    paper.save(update_fields=["sha256", "size", "pages", "seal_key", "sealed_at", "state"])
    record(
        PaperSealed(
            project_id=paper.project_id,
            paper_id=paper.pk,
            kind=paper.kind,
            number=paper.number,
            title=paper.title,
            sha256=paper.sha256,
            organisation_id=paper.organisation_id,
        ),
        actor=actor,
        subject=paper,
        project_id=paper.project_id,
    )
    transaction.on_commit(lambda: store.sealing_place(paper.pk).unlink(missing_ok=True))
    return paper


def seal_in_use(paper: Paper, *, actor: Actor) -> tuple[SealKey, SealSigner]:
    """The seal of the department that signs; made at its first use (制发印章)."""
    department = paper.sealer
    signer = key_room().seal(
        f"{paper.district.code}-{department.code}",
        body=full_name(paper.district.name_zh, department.name_zh),
        district=paper.district.name_zh,
    )
    key, is_new = SealKey.objects.get_or_create(
        department=department,
        defaults={
            "serial": serial_of(signer.certificate),
            "algorithm": signer.algorithm,
            "certificate": signer.certificate,
            "code": f"{paper.district.code}{department.pk:07d}",
            "made_at": now(),
        },
    )
    if is_new:
        record(SealKeyMade(department_code=department.code, serial=key.serial), actor=actor, subject=key)
    return key, signer


@transaction.atomic
def ask_to_revoke(paper_id: UUID, *, actor: Actor, reason: str) -> object:
    """Ask a second person to confirm that a paper loses its effect (发起撤销)."""
    paper = lock_paper(paper_id)
    refuse_unless_revocable(paper, reason)
    return ask_second_key(
        "certificate.revoke",
        paper,
        actor=actor,
        summary=_("撤销《%(title)s》%(number)s：%(reason)s")
        % {"title": paper.title, "number": paper.number, "reason": reason.strip()[:200]},
        arguments={"reason": reason.strip()},
    )


@two_key_act("certificate.revoke")
@transaction.atomic
def revoke_paper(paper_id: UUID | str, *, actor: Actor, reason: str) -> Paper:
    """Take a paper's effect away (撤销文书), confirmed by a second person. Number and file stay on record.

    Basis: 行政许可法 art. 69 for licences; other kinds by the decision that the reason names.
    """
    paper = lock_paper(UUID(str(paper_id)))
    require(actor, "certificate.revoke", paper)
    refuse_unless_revocable(paper, reason)
    return write_revocation(paper, reason, actor=actor)


def write_revocation(paper: Paper, reason: str, *, actor: Actor) -> Paper:
    """The row's last word, and its event."""
    paper.state = REVOKED
    paper.revoked_at = now()
    paper.revoked_by_id = actor.person_id
    paper.revoked_reason = reason.strip()[:400]
    paper.save(update_fields=["state", "revoked_at", "revoked_by", "revoked_reason"])
    record(
        PaperRevoked(
            project_id=paper.project_id,
            paper_id=paper.pk,
            kind=paper.kind,
            number=paper.number,
            reason=paper.revoked_reason,
            organisation_id=paper.organisation_id,
        ),
        actor=actor,
        subject=paper,
        project_id=paper.project_id,
    )
    return paper


@transaction.atomic
def end_paper(paper_id: UUID, *, actor: Actor, reason: str) -> Paper:
    """Take a paper's effect away because what it certifies was ended by an act of a room above (文书随之失效).

    For system actors. A paper that ends before its seal was pressed is sealed first, so that number and text stay on
    file; one that has no effect any more is left as it is.
    """
    paper = lock_paper(paper_id)
    require(actor, "certificate.revoke", paper)
    if paper.state == SEALING:
        seal_paper(paper_id, actor=actor)
        paper = lock_paper(paper_id)
    return paper if paper.state == REVOKED else write_revocation(paper, reason, actor=actor)


def lock_paper(paper_id: UUID) -> Paper:
    """The paper's row, locked."""
    paper = Paper.objects.select_for_update().filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    return paper


def refuse_unless_revocable(paper: Paper, reason: str) -> None:
    """Only what is issued can be revoked, and never without saying why."""
    if after(paper.state, "revoke") is None:
        message = _("文书正在加盖电子印章，还不能撤销。") if paper.state == SEALING else _("这份文书已经撤销。")
        raise StateConflict(message)
    if len(reason.strip()) < 5:
        raise Refused("reason_needed", _("请写明撤销的理由（至少 5 个字）。"), field="reason")
    if len(reason.strip()) > 400:
        raise Refused("reason_too_long", _("撤销理由不超过 400 个字。"), field="reason")
