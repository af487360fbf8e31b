"""Forged papers are refused, genuine ones are not (promise S10): the attacks of promises.md 6.3 and some more."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pymupdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation import validate_pdf_signature

from certificates.judging import judge_bytes
from certificates.keys import KeyRoom
from certificates.rendering import ComposedPaper, PaperContent, Paragraph, compose, draw_seal
from certificates.signing import ProviderSigner, press_seal
from certificates.verification import Trust, Verdict, judge

BODY = "云川新区住房和城乡建设局"


@dataclass(frozen=True)
class Sealed:
    """A key room, an unsigned paper and the same paper under the seal."""

    room: KeyRoom
    paper: ComposedPaper
    pdf: bytes
    trust: Trust


def content(text: str = "经审查，你单位的申请符合法定条件，决定予以受理。") -> PaperContent:
    return PaperContent(
        title="受理通知书",
        number="云川受理〔2026〕1号",
        issuer=BODY,
        addressee="云启精密制造有限公司",
        body=(Paragraph(text),),
        signer=BODY,
        day=date(2026, 3, 11),
        verify_url="http://testserver/verify/ABCD-EFGH-JKMN/",
        verify_code="ABCD-EFGH-JKMN",
    )


def seal_with(room: KeyRoom, paper: ComposedPaper) -> bytes:
    signer = room.seal("131099-HUC", body=BODY, district="云川新区")
    return press_seal(
        paper.pdf, place=paper.seal, seal=draw_seal(BODY), signer=signer, reason="受理通知书", location="云川新区"
    )


def sign_for_approval(room: KeyRoom, pdf: bytes) -> bytes:
    """An ordinary (not certifying) signature with our own key: weaker than what we issue."""
    out = io.BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name="Approval", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES),
        signer=ProviderSigner(room.seal("131099-HUC", body=BODY, district="云川新区")),
        new_field_spec=SigFieldSpec("Approval"),
    ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    room = KeyRoom(tmp_path_factory.mktemp("keys") / "room", "联审测试根证书")
    paper = compose(content())
    return Sealed(room, paper, seal_with(room, paper), Trust((room.root_pem().decode(),)))


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


# -- genuine ------------------------------------------------------------------------------------------------------


def test_the_sealed_paper_is_genuine(sealed: Sealed) -> None:
    verdict = judge(sealed.pdf, sealed.trust)
    assert verdict.valid
    assert verdict.signer == BODY
    assert verdict.coverage == "entire_file"
    assert codes(verdict) == {"genuine"}
    assert verdict.authority == "联审测试根证书"


def test_an_approval_signature_over_the_whole_file_is_genuine_too(sealed: Sealed) -> None:
    verdict = judge(sign_for_approval(sealed.room, sealed.paper.pdf), sealed.trust)
    assert verdict.valid, verdict


def test_judging_twice_gives_the_same_answer(sealed: Sealed) -> None:
    assert judge(sealed.pdf, sealed.trust) == judge(sealed.pdf, sealed.trust)


def test_the_child_process_says_what_judge_says(sealed: Sealed) -> None:
    assert judge_bytes(sealed.pdf, sealed.trust) == judge(sealed.pdf, sealed.trust)
    forged = flip_one_bit(sealed)
    assert judge_bytes(forged, sealed.trust) == judge(forged, sealed.trust)


# -- forged -------------------------------------------------------------------------------------------------------


def flip_one_bit(sealed: Sealed) -> bytes:
    data = bytearray(sealed.pdf)
    data[len(sealed.paper.pdf) // 2] ^= 1
    return bytes(data)


def update_certified(sealed: Sealed) -> bytes:
    return incremental_page_text(sealed.pdf)


def update_approved(sealed: Sealed) -> bytes:
    return incremental_page_text(sign_for_approval(sealed.room, sealed.paper.pdf))


def incremental_page_text(pdf: bytes) -> bytes:
    """Append a revision that writes over the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    stream = generic.StreamObject(stream_data=b"q 1 0 0 rg 100 500 300 60 re f Q")
    writer.add_stream_to_page(0, writer.add_object(stream))
    return written(writer)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def overlay_annotation(sealed: Sealed) -> bytes:
    """A stamp annotation over the text, in a new revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed.pdf))
    look = generic.StreamObject(
        dict_data={
            generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Form"),
            generic.pdf_name("/BBox"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 400, 60)]),
        },
        stream_data=b"1 1 1 rg 0 0 400 60 re f",
    )
    stamp = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"),
            generic.pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (80, 450, 480, 510)]),
            generic.pdf_name("/F"): generic.NumberObject(4),
            generic.pdf_name("/AP"): generic.DictionaryObject({generic.pdf_name("/N"): writer.add_object(look)}),
        }
    )
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(stamp))
    return written(writer)


def shadow_hide_and_replace(sealed: Sealed) -> bytes:
    """Sign a document with a hidden layer, then flip the layers: the signed bytes stay as they were."""
    drawn = pymupdf.open(stream=sealed.paper.pdf, filetype="pdf")
    shown = drawn.add_ocg("shown", on=True)
    hidden = drawn.add_ocg("hidden", on=False)
    drawn[0].insert_text((100, 300), "REFUSED", oc=shown)
    drawn[0].insert_text((100, 300), "GRANTED", oc=hidden)
    signed = seal_with(sealed.room, ComposedPaper(drawn.tobytes(), 1, sealed.paper.seal))
    assert judge(signed, sealed.trust).valid, "the signer's own layers are no forgery yet"
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    layers = writer.root["/OCProperties"]
    default = layers["/D"]
    default["/ON"], default["/OFF"] = (
        default.get("/OFF", generic.ArrayObject()),
        generic.ArrayObject([reference for reference in layers["/OCGs"] if reference not in default.get("/OFF", [])]),
    )
    writer.update_root()
    return written(writer)


def set_byte_range(replacement: bytes) -> Callable[[Sealed], bytes]:
    def attack(sealed: Sealed) -> bytes:
        found = re.search(rb"/ByteRange ?\[[^\]]*\]", sealed.pdf)
        assert found
        filler = replacement.ljust(len(found.group()))
        assert len(filler) == len(found.group())
        return sealed.pdf.replace(found.group(), filler)

    return attack


def zero_contents(sealed: Sealed) -> bytes:
    start, end = signature_hole(sealed.pdf)
    return sealed.pdf[: start + 1] + b"0" * (end - start - 2) + sealed.pdf[end - 1 :]


def signature_hole(pdf: bytes) -> tuple[int, int]:
    found = re.search(rb"/ByteRange ?\[\s*0\s+(\d+)\s+(\d+)", pdf)
    assert found
    return int(found.group(1)), int(found.group(2))


def rewrite_by_pymupdf(sealed: Sealed) -> bytes:
    return pymupdf.open(stream=sealed.pdf, filetype="pdf").tobytes(garbage=1)


def save_incrementally_by_pymupdf(sealed: Sealed, directory: Path) -> bytes:
    path = directory / "paper.pdf"
    path.write_bytes(sealed.pdf)
    opened = pymupdf.open(path)
    opened[0].insert_text((100, 300), "GRANTED")
    opened.saveIncr()
    opened.close()
    return path.read_bytes()


def wrap_signature(sealed: Sealed) -> bytes:
    """Signature wrapping (SWA): a new dictionary claims the old range, and its value is padded until lengths agree.

    The field's value is redirected in an appended revision, which no signature covers; the value is a literal string
    of zeros after the old one, so that each byte of padding counts twice for who takes it for hexadecimal.
    """
    pdf = sealed.pdf
    before, after = signature_hole(pdf)
    tail = len(pdf) - after
    value = bytes.fromhex(pdf[before + 1 : after - 1].decode())
    reader = PdfFileReader(io.BytesIO(pdf))
    field = reader.root["/AcroForm"]["/Fields"].raw_get(0)
    entries = generic.DictionaryObject({key: field.get_object().raw_get(key) for key in field.get_object()})
    new = int(reader.trailer_view["/Size"])
    entries[generic.pdf_name("/V")] = generic.IndirectObject(new, 0, reader)
    field_text = io.BytesIO()
    entries.write_to_stream(field_text)
    root = reader.root_ref.idnum
    escaped = value.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")

    def appended(padding: int) -> bytes:
        first = (
            b"\n%d 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" % new
            + b"/ByteRange[0 %d %d %d]/Contents(" % (before, after, tail)
            + escaped
            + bytes(padding)
            + b")>>\nendobj\n"
        )
        second = b"%d 0 obj\n" % field.idnum + field_text.getvalue() + b"\nendobj\n"
        start_first = len(pdf) + 1
        start_second = len(pdf) + len(first)
        table = len(pdf) + len(first) + len(second)
        previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
        return (
            first
            + second
            + b"xref\n%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n" % (field.idnum, start_second, new, start_first)
            + b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%010d\n%%%%EOF\n"
            % (new + 1, root, previous, table)
        )

    def surplus(padding: int) -> int:
        return len(pdf) + len(appended(padding)) - (before + tail + 2 * (len(value) + padding) + 2)

    forged = pdf + appended(surplus(0))
    assert len(forged) == before + tail + 2 * (len(value) + surplus(0)) + 2
    return forged


def append_a_byte(sealed: Sealed) -> bytes:
    return sealed.pdf + b"\n"


def prepend_a_comment(sealed: Sealed) -> bytes:
    return b"%!\n" + sealed.pdf


def cut_the_end(sealed: Sealed) -> bytes:
    return sealed.pdf[:-200]


def move_signature_to_another_paper(sealed: Sealed) -> bytes:
    """The value of one paper's signature in another paper's place."""
    other = seal_with(sealed.room, compose(content("经审查，不符合法定条件，决定不予受理。")))
    start, end = signature_hole(sealed.pdf)
    ours, theirs = sealed.pdf[start:end], signature_hole(other)
    assert len(ours) == theirs[1] - theirs[0]
    return other[: theirs[0]] + ours + other[theirs[1] :]


def seal_of_a_stranger(sealed: Sealed, directory: Path) -> bytes:
    """The same names, another root."""
    return seal_with(KeyRoom(directory / "stranger", "联审测试根证书"), sealed.paper)


ATTACKS: dict[str, tuple[Callable[[Sealed], bytes], set[str]]] = {
    "one bit changed": (flip_one_bit, {"changed"}),
    "incremental save on a certified paper": (update_certified, {"added_after"}),
    "incremental save on an approved paper": (update_approved, {"added_after"}),
    "annotation overlay": (overlay_annotation, {"added_after"}),
    "shadow hide and replace by layers": (shadow_hide_and_replace, {"added_after"}),
    "byte range removed": (set_byte_range(b""), {"damaged"}),
    "byte range all zero": (set_byte_range(b"/ByteRange [0 0 0 0]"), {"damaged", "changed", "added_after"}),
    "byte range negative": (set_byte_range(b"/ByteRange [0 -1 -1 -1]"), {"damaged", "changed", "added_after"}),
    "contents all zero": (zero_contents, {"damaged"}),
    "rewritten by PyMuPDF": (rewrite_by_pymupdf, {"damaged", "changed", "added_after"}),
    "signature wrapping": (wrap_signature, {"added_after", "damaged", "changed"}),
    "one byte appended": (append_a_byte, {"added_after"}),
    "bytes put in front": (prepend_a_comment, {"not_pdf"}),
    "end cut off": (cut_the_end, {"damaged", "added_after"}),
    "value moved to another paper": (move_signature_to_another_paper, {"changed"}),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_forgery_is_refused_with_its_reason(name: str, sealed: Sealed) -> None:
    attack, expected = ATTACKS[name]
    forged = attack(sealed)
    assert forged != sealed.pdf
    verdict = judge(forged, sealed.trust)
    assert not verdict.valid
    assert codes(verdict) & expected, verdict
    assert "genuine" not in codes(verdict)


def test_an_incremental_save_by_pymupdf_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    verdict = judge(save_incrementally_by_pymupdf(sealed, tmp_path), sealed.trust)
    assert not verdict.valid
    assert codes(verdict) & {"added_after", "damaged"}


def test_the_wrapped_signature_fools_the_length_check_of_the_library(sealed: Sealed) -> None:
    """Why we look at the raw range ourselves: pyHanko's coverage compares lengths and says ENTIRE_FILE here."""
    forged = wrap_signature(sealed)
    signature = PdfFileReader(io.BytesIO(forged)).embedded_signatures[0]
    assert signature.evaluate_signature_coverage().name == "ENTIRE_FILE"
    assert validate_pdf_signature(signature).intact
    assert not judge(forged, sealed.trust).valid


def test_a_strangers_root_with_our_name_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    verdict = judge(seal_of_a_stranger(sealed, tmp_path), sealed.trust)
    assert not verdict.valid
    assert codes(verdict) == {"unknown_authority"}


def test_two_signatures_are_refused(sealed: Sealed) -> None:
    signed = sign_for_approval(sealed.room, sign_for_approval_named(sealed, "First"))
    assert codes(judge(signed, sealed.trust)) == {"several_signatures"}


def sign_for_approval_named(sealed: Sealed, name: str) -> bytes:
    out = io.BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES),
        signer=ProviderSigner(sealed.room.seal("131099-HUC", body=BODY, district="云川新区")),
        new_field_spec=SigFieldSpec(name),
    ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(sealed.paper.pdf)), output=out)
    return out.getvalue()


def test_every_single_byte_counts(sealed: Sealed) -> None:
    """A byte changed anywhere in the file is refused: 30 places spread over what is signed, all of them in the soak."""
    start, end = signature_hole(sealed.pdf)
    stride = 1 if os.environ.get("LIANSHEN_EVERY_BYTE") else max(len(sealed.pdf) // 30, 1)
    places = [place for place in range(0, len(sealed.pdf), stride) if not start <= place < end]
    for place in places:
        forged = bytearray(sealed.pdf)
        forged[place] ^= 0x01
        assert not judge(bytes(forged), sealed.trust).valid, place


def test_every_byte_of_the_signatures_own_value_counts(sealed: Sealed) -> None:
    """No part of the value is free: not the list of algorithms, not the padding, not the case of a letter."""
    start, end = signature_hole(sealed.pdf)
    digits = b"0123456789ABCDEF"
    assert set(sealed.pdf[start + 1 : end - 1]) <= set(digits)
    # The head of the value, where algorithms are named, closer than the rest; all of it in `run.py soak papers`.
    some = [*range(start, start + 150, 5), *range(start + 150, end, 151), end - 2, end - 1]
    for place in range(start, end) if os.environ.get("LIANSHEN_EVERY_BYTE") else some:
        forged = bytearray(sealed.pdf)
        old = forged[place]
        forged[place] = digits[(digits.index(old) + 1) % 16] if old in digits else old ^ 1
        assert not judge(bytes(forged), sealed.trust).valid, place


def test_a_letter_of_the_value_in_lower_case_is_refused(sealed: Sealed) -> None:
    start, end = signature_hole(sealed.pdf)
    place = next(place for place in range(start, end) if sealed.pdf[place] in b"ABCDEF")
    forged = sealed.pdf[:place] + sealed.pdf[place : place + 1].lower() + sealed.pdf[place + 1 :]
    assert not judge(forged, sealed.trust).valid


# -- hostile ------------------------------------------------------------------------------------------------------

TABLE = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Size 2/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
SELF_CALLING = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R/AcroForm 1 0 R/Fields[1 0 R]/Kids[1 0 R]>>endobj\n"
DEEP = b"%PDF-1.4\n1 0 obj" + b"[" * 50_000 + b"]" * 50_000 + b"endobj\n"
CIRCLE = b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF"
HOSTILE = {
    "nothing": (b"", {"not_pdf"}),
    "a program": (b"MZ\x90\x00" + bytes(500), {"not_pdf"}),
    "only a head": (b"%PDF-1.7\n", {"damaged"}),
    "a self-calling page tree": (SELF_CALLING + TABLE % len(SELF_CALLING), {"damaged", "no_signature"}),
    "deep arrays": (DEEP + TABLE % len(DEEP), {"damaged"}),
    "a table that points to itself": (CIRCLE, {"damaged"}),
    "a number too large": (b"%PDF-1.4\nstartxref\n" + b"9" * 5000 + b"\n%%EOF", {"damaged"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_get_an_answer(name: str, sealed: Sealed) -> None:
    data, expected = HOSTILE[name]
    verdict = judge(data, sealed.trust)
    assert not verdict.valid
    assert len(codes(verdict)) == 1
    assert codes(verdict) <= expected


def test_an_unsigned_pdf_is_said_to_be_unsigned(sealed: Sealed) -> None:
    assert codes(judge(sealed.paper.pdf, sealed.trust)) == {"no_signature"}


def test_an_encrypted_pdf_is_said_to_be_encrypted(sealed: Sealed) -> None:
    locked = pymupdf.open(stream=sealed.paper.pdf, filetype="pdf").tobytes(
        encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="secret"
    )
    assert codes(judge(locked, sealed.trust)) == {"encrypted"}


def test_hostile_bytes_cannot_hold_the_judge(sealed: Sealed) -> None:
    """The child answers within its limits for every hostile file, and the parent lives."""
    started = datetime.now(UTC)
    for data, _ in HOSTILE.values():
        assert not judge_bytes(data, sealed.trust).valid
    assert datetime.now(UTC) - started < timedelta(seconds=120)
