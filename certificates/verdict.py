"""What a judgement on a file says (验签结论): plain values, so that who passes one on need not load what judges.

The library that reads signatures takes a second to load; only `certificates.verification` and `certificates.signing`
need it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

LARGEST = 50 * 1024 * 1024


@dataclass(frozen=True)
class Reason:
    """Why a verdict fell: a code (words in `certificates.wording`) and what it refers to, such as a date."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Trust:
    """What is believed: root certificates (PEM)."""

    roots: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """The judgement on one file. `coverage` is entire_file, earlier_revision, part, unclear or none."""

    valid: bool
    signer: str
    coverage: str
    reasons: tuple[Reason, ...]
    sha256: str = ""
    signed_at: str = ""
    authority: str = ""
    serial: str = ""

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, object]) -> Verdict:
        """What `as_json` gave, once it has been through JSON."""
        reasons = values["reasons"]
        if not isinstance(reasons, list):
            raise TypeError("reasons must be a list")
        return cls(**{**values, "reasons": tuple(Reason(**reason) for reason in reasons)})  # type: ignore[arg-type]


def refused(code: str, *, detail: str = "", coverage: str = "none", sha256: str = "") -> Verdict:
    """A verdict against a file about whose signer nothing can be said."""
    return Verdict(valid=False, signer="", coverage=coverage, reasons=(Reason(code, detail),), sha256=sha256)
