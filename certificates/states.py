"""States of a paper and the moves between them: data for server, buttons, database and tests."""

from __future__ import annotations

SEALING = "sealing"
ISSUED = "issued"
REVOKED = "revoked"

# (state, act) -> next state. A number is never taken back: a paper that was wrong is revoked and stays on file.
MOVES: dict[tuple[str, str], str] = {
    (SEALING, "seal"): ISSUED,
    (ISSUED, "revoke"): REVOKED,
}
STATES = (SEALING, ISSUED, REVOKED)


def after(state: str, act: str) -> str | None:
    """The state that `act` leads to; None when it is not allowed here."""
    return MOVES.get((state, act))
