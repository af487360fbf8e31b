"""States of sheets, revisions and files, as tables: server, buttons, diagram and tests read these."""

from __future__ import annotations

from typing import Final

# A sheet (图幅): {(state, move): next state}. `signed` is final; an old revision's sheet ends frozen.
SHEET_MOVES: Final[dict[tuple[str, str], str]] = {
    ("draft", "open"): "open",
    ("open", "freeze"): "frozen",
    ("frozen", "thaw"): "open",
    ("draft", "revise"): "frozen",
    ("open", "revise"): "frozen",
    ("frozen", "revise"): "frozen",
    ("open", "seal"): "signed",
    ("frozen", "seal"): "signed",
}
SHEET_STATES: Final = ("draft", "open", "frozen", "signed")

# A revision (版本) of a drawing set.
REVISION_MOVES: Final[dict[tuple[str, str], str]] = {
    ("uploading", "check"): "checking",
    ("checking", "pass"): "clean",
    ("checking", "reject"): "rejected",
    # A refused file is replaced or withdrawn: the rest need not be sent again.
    ("rejected", "check"): "checking",
}
REVISION_STATES: Final = ("uploading", "checking", "clean", "rejected")

# A file (原始文件) on its way through quarantine and sandbox.
FILE_MOVES: Final[dict[tuple[str, str], str]] = {
    ("queued", "inspect"): "inspecting",
    ("inspecting", "render"): "rendering",
    ("rendering", "finish"): "ready",
    ("queued", "refuse"): "refused",
    ("inspecting", "refuse"): "refused",
    ("rendering", "refuse"): "refused",
    # The worker died; another takes the file from the beginning.
    ("inspecting", "inspect"): "inspecting",
    ("rendering", "inspect"): "inspecting",
}
FILE_STATES: Final = ("queued", "inspecting", "rendering", "ready", "refused")


class NoSuchMove(ValueError):
    """The table has no such move from this state."""


def move(table: dict[tuple[str, str], str], state: str, name: str) -> str:
    """The state after `name`, or NoSuchMove."""
    try:
        return table[state, name]
    except KeyError:
        raise NoSuchMove(f"{name} is not possible in state {state}") from None
