"""States of layer versions and of assessments and the moves between them: data for server, buttons, database and tests."""

from __future__ import annotations

DRAFT = "draft"
REVIEWED = "reviewed"
PUBLISHED = "published"
SUPERSEDED = "superseded"
EXPIRED = "expired"
REVOKED = "revoked"

# (state, act) -> next state. What was published is never changed again: it is superseded, expires or is revoked.
LAYER_MOVES: dict[tuple[str, str], str] = {
    (DRAFT, "review"): REVIEWED,
    (REVIEWED, "return"): DRAFT,
    (REVIEWED, "publish"): PUBLISHED,
    (PUBLISHED, "supersede"): SUPERSEDED,
    (PUBLISHED, "expire"): EXPIRED,
    (PUBLISHED, "revoke"): REVOKED,
}
ASSESSMENT_MOVES: dict[tuple[str, str], str] = {
    (DRAFT, "review"): REVIEWED,
    (REVIEWED, "return"): DRAFT,
    (REVIEWED, "publish"): PUBLISHED,
    # An amended one expires the day before its successor begins.
    (PUBLISHED, "expire"): EXPIRED,
    (PUBLISHED, "revoke"): REVOKED,
}


def layer_after(state: str, act: str) -> str | None:
    """The state of a layer version that `act` leads to; None when it is not allowed here."""
    return LAYER_MOVES.get((state, act))


def assessment_after(state: str, act: str) -> str | None:
    """The state of an assessment that `act` leads to; None when it is not allowed here."""
    return ASSESSMENT_MOVES.get((state, act))
