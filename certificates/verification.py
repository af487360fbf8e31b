"""Judging a sealed PDF (验签): pure, without Django, deterministic for equal bytes, roots and day.

A paper is genuine when it carries exactly one signature, that signature is judged good by pyHanko's `bottom_line`
(never by `valid`: an overlay leaves that True), its certificate comes from a root we trust, and
the signed byte range is the whole file except the signature itself. The last point is checked here on the raw bytes
too: pyHanko compares lengths only, so a second signature dictionary with a padded value could claim a whole file.

Files come from anybody, so `certificates.judging` runs this module in a process of its own; `judge` never raises.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import math
import sys
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from asn1crypto.core import Integer, Null, OctetString
from asn1crypto.parser import emit
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certificates.verdict import LARGEST, Reason, Trust, Verdict, refused

# What the child process allows itself before it opens the file.
SECONDS = 20
MEMORY = 1536 * 1024 * 1024
# Writers put a value in one case; a mixture is a changed byte.
CASES = (frozenset(b"0123456789abcdef"), frozenset(b"0123456789ABCDEF"))
SIGNED_DATA, DATA = (cms.ContentType(name).dump() for name in ("signed_data", "data"))
COVERAGE = {
    SignatureCoverageLevel.ENTIRE_FILE: "entire_file",
    SignatureCoverageLevel.ENTIRE_REVISION: "earlier_revision",
    SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START: "part",
    SignatureCoverageLevel.UNCLEAR: "unclear",
}


def judge(data: bytes, trust: Trust) -> Verdict:
    """Judge one file. Whatever it holds, the answer is a Verdict."""
    digest = hashlib.sha256(data).hexdigest()
    if len(data) > LARGEST:
        return refused("too_large", sha256=digest)
    if not data.startswith(b"%PDF-"):
        return refused("not_pdf", sha256=digest)
    try:
        return _judge_pdf(data, digest, trust)
    except (PdfError, SignatureValidationError, SigningError) as error:
        return refused("damaged", detail=type(error).__name__, sha256=digest)
    except Exception as error:  # noqa: BLE001 - a file made to hurt may raise anything; the answer is no
        return refused("damaged", detail=type(error).__name__, sha256=digest)


def _judge_pdf(data: bytes, digest: str, trust: Trust) -> Verdict:
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    if "/Encrypt" in reader.trailer:
        return refused("encrypted", sha256=digest)
    signatures = list(reader.embedded_signatures)
    if not signatures:
        return refused("no_signature", sha256=digest)
    if len(signatures) > 1:
        return refused("several_signatures", detail=str(len(signatures)), sha256=digest)
    signature = signatures[0]
    whole = range_is_whole_file(data, signature)
    status = validate_pdf_signature(
        signature,
        signer_validation_context=_context(trust),
        key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
    )
    return _verdict(status, signature, whole, digest, trust)


def _roots(trust: Trust) -> list[asn1_x509.Certificate]:
    return [
        asn1_x509.Certificate.load(der)
        for text in trust.roots
        for _, _, der in pem.unarmor(text.encode("ascii"), multiple=True)
    ]


def _context(trust: Trust) -> ValidationContext:
    return ValidationContext(trust_roots=_roots(trust), allow_fetching=False, revocation_mode="soft-fail")


def range_is_whole_file(data: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Does the signed range leave out nothing but one hexadecimal string, the signature's own?"""
    span = [int(number) for number in signature.byte_range]
    if len(span) != 4 or span[0] != 0 or min(span) < 0:
        return False
    _, before, start, after = span
    hole = data[before:start]
    return (
        start + after == len(data)
        and hole[:1] == b"<"
        and hole[-1:] == b">"
        and any(set(hole[1:-1]) <= digits for digits in CASES)
        and bytes.fromhex(hole[1:-1].decode("ascii")) == signature.pkcs7_content
    )


def _verdict(
    status: PdfSignatureStatus, signature: EmbeddedPdfSignature, whole: bool, digest: str, trust: Trust
) -> Verdict:
    certificate: asn1_x509.Certificate = status.signing_cert
    serial = f"{certificate.serial_number:x}"
    signed_at = signature.self_reported_timestamp
    against = _reasons_against(signature, status, whole, trust)
    valid = bool(status.bottom_line) and not against
    if not valid and not against:
        against.append(Reason("not_accepted"))
    return Verdict(
        valid=valid,
        signer=_organisation(certificate.subject),
        coverage="entire_file" if whole else COVERAGE[status.coverage or SignatureCoverageLevel.UNCLEAR],
        reasons=(Reason("genuine"),) if valid else tuple(against),
        sha256=digest,
        signed_at=signed_at.astimezone(UTC).isoformat() if signed_at else "",
        authority=_common_name(certificate.issuer),
        serial=serial,
    )


def is_sealed_form(signature: EmbeddedPdfSignature, certificate: asn1_x509.Certificate, trust: Trust) -> bool:
    """Is the signature's value exactly what a seal writes, so that no byte of it is free to change?

    A CMS value has parts that no signature covers (outer algorithm list, further certificates, padding). The value
    is therefore written again from the parts that are covered and compared byte by byte; besides the signer's, only
    root certificates that we trust may stand in it.
    """
    value = bytes(signature.pkcs7_content)
    signer = signature.signer_info
    own = certificate.dump()
    roots = {root.dump() for root in _roots(trust)}
    kept = [entry.chosen.dump() for entry in signature.signed_data["certificates"]]
    if any(other not in roots for other in kept if other != own):
        return False
    issued_as = _sequence(certificate.issuer.dump(), Integer(certificate.serial_number).dump())
    attributes = _tagged(0, signer["signed_attrs"].contents)
    method = _sequence(signer["signature_algorithm"]["algorithm"].dump())
    signed = OctetString(signer["signature"].native).dump()
    version = Integer(1).dump()
    for parameters in (b"", Null().dump()):
        digest = _sequence(signer["digest_algorithm"]["algorithm"].dump(), parameters)
        about_signer = _sequence(version, issued_as, digest, attributes, method, signed)
        data = _sequence(version, _set_of(digest), _sequence(DATA), _tagged(0, *sorted(kept)), _set_of(about_signer))
        written = _sequence(SIGNED_DATA, _tagged(0, data))
        if value == written + bytes(len(value) - len(written)):
            return True
    return False


def _sequence(*parts: bytes) -> bytes:
    return bytes(emit(0, 1, 16, b"".join(parts)))


def _set_of(*parts: bytes) -> bytes:
    return bytes(emit(0, 1, 17, b"".join(sorted(parts))))


def _tagged(number: int, *parts: bytes) -> bytes:
    return bytes(emit(2, 1, number, b"".join(parts)))


def _reasons_against(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus, whole: bool, trust: Trust
) -> list[Reason]:
    certificate: asn1_x509.Certificate = status.signing_cert
    against = []
    if not status.intact:
        against.append(Reason("changed"))
    if not status.valid:
        against.append(Reason("forged"))
    if (
        not whole
        or status.coverage != SignatureCoverageLevel.ENTIRE_FILE
        or not (status.docmdp_ok or status.modification_level is None)
    ):
        against.append(Reason("added_after"))
    if not is_sealed_form(signature, certificate, trust):
        against.append(Reason("signature_altered"))
    if status.intact and status.valid and not status.trusted:  # pyHanko asks for the chain only then
        expiry = certificate.not_valid_after
        if expiry < datetime.now(UTC):
            against.append(Reason("expired", expiry.date().isoformat()))
        else:
            against.append(Reason("unknown_authority", _common_name(certificate.issuer)))
    return against


def _organisation(name: asn1_x509.Name) -> str:
    values = name.native
    return str(values.get("organization_name") or values.get("common_name") or "")[:200]


def _common_name(name: asn1_x509.Name) -> str:
    return str(name.native.get("common_name") or "")[:200]


def limit_this_process() -> None:
    """Bound time, memory, files and writing for good, where the host can.

    The seconds count from now: what loading the libraries took is not the file's doing, and without compiled modules
    on a busy machine it is more than half of them.
    """
    sys.dont_write_bytecode = True
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, until))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Child process: one JSON request on stdin {path, roots}, one JSON verdict on stdout."""
    logging.disable(logging.CRITICAL)
    limit_this_process()
    request = json.load(sys.stdin)
    trust = Trust(tuple(request["roots"]))
    with Path(request["path"]).open("rb") as file:
        data = file.read(LARGEST + 1)
    sys.stdout.write(json.dumps(judge(data, trust).as_json(), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
