"""What an event is called: the term its class gives in its docstring, "The seal was pressed (加盖电子印章)."

In English the class's own name is the term: PaperSealed is "Paper sealed". tests/architecture/test_events.py holds every
event to the convention.
"""

from __future__ import annotations

import re

from ledger.events import REGISTRY

TERM = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")
WORD = re.compile(r"[A-Z][a-z0-9]*")


def event_in_words(name: str, *, english: bool) -> str:
    """The event's term; its bare name where this version does not know the event."""
    if english:
        return " ".join(WORD.findall(name)).capitalize() or name
    kind = REGISTRY.get(name)
    found = TERM.search(kind.__doc__ or "") if kind else None
    return found[1] if found else name
