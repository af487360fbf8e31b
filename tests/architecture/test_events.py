"""Every event says what happened, with its Chinese term: auditors read it."""

from __future__ import annotations

from ledger.event_words import TERM, event_in_words
from ledger.events import REGISTRY


def test_every_event_has_its_term() -> None:
    ours = {name: kind for name, kind in REGISTRY.items() if not kind.__module__.startswith("tests.")}
    assert len(ours) > 80
    wrong = [f"{kind.__module__}.{name}" for name, kind in ours.items() if not TERM.search(kind.__doc__ or "")]
    assert not wrong, wrong


def test_the_term_in_both_languages() -> None:
    assert event_in_words("PaperSealed", english=False) == "加盖电子印章"
    assert event_in_words("PaperSealed", english=True) == "Paper sealed"
    assert event_in_words("GoneSinceLastYear", english=False) == "GoneSinceLastYear"
