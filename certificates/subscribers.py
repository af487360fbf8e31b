"""What follows in this room: a paper that got its number gets its seal."""

from __future__ import annotations

from certificates.actions import seal_paper
from certificates.events import PaperIssued
from ledger.actor import Actor
from ledger.subscribe import Delivery, subscribe


@subscribe(PaperIssued)
def seal_issued_paper(event: PaperIssued, _delivery: Delivery) -> None:
    """Press the seal outside the act that issued the paper; a repeat finds it sealed and does nothing."""
    seal_paper(event.paper_id, actor=Actor.system(cause="PaperIssued"))
