"""What must always hold of the audit chains and the outbox."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.queries import outbox_figures, verify_chains

LATE_SECONDS = 600


def violations() -> Iterator[str]:
    """Broken chains, deliveries given up, deliveries that are due and not tried."""
    for verdict in verify_chains():
        if verdict.first_bad is not None:
            yield f"ledger: chain {verdict.chain} does not verify at {verdict.first_bad}"
    figures = outbox_figures()
    if figures["parked"]:
        yield f"ledger: {figures['parked']:.0f} deliveries were given up"
    if figures["oldest_seconds"] > LATE_SECONDS:
        yield f"ledger: the oldest due delivery has waited {figures['oldest_seconds']:.0f} s"
