"""Pressing the seal (签章): a PAdES certification signature whose visible appearance is the red seal.

The signature certifies the document (DocMDP, no changes allowed), so anything saved after it breaks it. A signed
file is never opened for writing again.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.keys import SealSigner

if TYPE_CHECKING:  # the press is loaded where a paper is pressed, not by every process that can sign
    from certificates.rendering.paper import SealPlace

FIELD = "Seal"
DIGEST = "sha256"
PLACEHOLDER_BYTES = 72  # the longest DER form of a P-256 signature


class ProviderSigner(Signer):
    """pyHanko's signer over our interface: it never sees a private key."""

    def __init__(self, provider: SealSigner) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(asn1_x509.Certificate.load(der) for der in provider.chain)
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(provider.certificate), cert_registry=store, embed_roots=False
        )
        self._provider = provider

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Raw signature from the provider; in a dry run only its length matters."""
        if dry_run:
            return bytes(PLACEHOLDER_BYTES)
        return self._provider.sign(data, digest_algorithm)


class SealImage(ImportedPdfPage):
    """The drawn seal as the background of the signature's appearance, from bytes instead of a named file."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(file_name="")  # type: ignore[no-untyped-call]
        self._pdf = pdf

    def render(self) -> bytes:
        """Import the page through a file that is gone afterwards: pyHanko reads files only."""
        with tempfile.TemporaryDirectory(prefix="seal-") as directory:
            self.file_name = str(Path(directory) / "seal.pdf")
            Path(self.file_name).write_bytes(self._pdf)
            return bytes(super().render())


def press_seal(pdf: bytes, *, place: SealPlace, seal: bytes, signer: SealSigner, reason: str, location: str) -> bytes:
    """Sign `pdf` with `signer` and show `seal` (a one-page PDF) at `place`.

    `reason` and `location` stand in the signature (事由、地点). PAdES-B-B: the time in it is this host's, without
    a time stamp, since no accredited time-stamping service is at hand; the audit chain holds the time as well.
    """
    left, bottom, right, top = place.box
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
        location=location,
        app_build_props=None,
        signer_key_usage={"non_repudiation"},
    )
    out = io.BytesIO()
    PdfSigner(
        metadata,
        signer=ProviderSigner(signer),
        stamp_style=StaticStampStyle(background=SealImage(seal), border_width=0, background_opacity=1.0),
        new_field_spec=SigFieldSpec(
            FIELD, on_page=place.page, box=(round(left), round(bottom), round(right), round(top))
        ),
    ).sign_pdf(writer, output=out)
    return out.getvalue()
