"""What the API says of papers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Schema


class PaperOut(Schema):
    """One paper of a list."""

    id: UUID
    kind: str
    title: str
    number: str
    day: date
    state: str
    signer: str
    href: str
    verify_href: str


class PublicPaperOut(Schema):
    """What anybody may know of a paper."""

    title: str
    number: str
    issuer: str
    day: date
    state: str
    verify_code: str
    sha256: str


class VerdictOut(Schema):
    """The judgement on a file."""

    valid: bool
    signer: str
    coverage: str
    reasons: list[str]
    codes: list[str]
    sha256: str
    signed_at: str
    paper: PublicPaperOut | None


class RevokeIn(Schema):
    """Why a paper is to lose its effect."""

    reason: str


class SecondKeyOut(Schema):
    """The request that another person confirms."""

    id: UUID
    summary: str
    state: str
