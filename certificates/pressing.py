"""One paper from its content to its signed file (排版盖章): nothing here writes a row."""

from __future__ import annotations

from certificates import store
from certificates.keys import SealSigner
from certificates.models import Paper, SealKey
from certificates.queries import trust
from certificates.rendering import compose, draw_seal
from certificates.rendering.content import from_json
from certificates.signing import press_seal
from certificates.verification import judge


def adopted_file(paper: Paper) -> bytes | None:
    """The file that an earlier attempt signed, when it is genuine."""
    place = store.sealing_place(paper.pk)
    if not place.exists():
        return None
    data = place.read_bytes()
    return data if judge(data, trust()).valid else None


def signed_file(paper: Paper, key: SealKey, signer: SealSigner) -> bytes:
    """Set and sign; the result is judged by our own rules before anybody else can."""
    content = from_json(paper.content, picture=lambda sha256: store.fetch("pictures", sha256))
    composed = compose(content)
    paper.pages = composed.pages
    signed = press_seal(
        composed.pdf,
        place=composed.seal,
        seal=draw_seal(content.signer, code=key.code),
        signer=signer,
        reason=f"{paper.title} {paper.number}",
        location=paper.district.name_zh,
    )
    verdict = judge(signed, trust())
    if not verdict.valid:
        raise RuntimeError(f"the file just sealed is refused: {[reason.code for reason in verdict.reasons]}")
    store.write_whole(store.sealing_place(paper.pk), signed)
    return signed
