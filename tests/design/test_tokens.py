"""Text tokens keep 4.5:1 on every surface they are used on, light and dark."""

from __future__ import annotations

import re

import pytest

from tests.design.test_department_colours import TOKENS, contrast

PAIRS = [
    *(
        (ink, surface)
        for ink in ("ink", "ink-2", "ink-3")
        for surface in ("paper", "canvas", "raised", "sunken", "hover")
    ),
    *((tone, surface) for tone in ("primary", "red", "amber", "green", "stopped") for surface in ("paper", "canvas")),
    *((tone, f"{tone}-wash") for tone in ("primary", "red", "amber", "green", "stopped")),
    *(("on-solid", f"{tone}-solid") for tone in ("primary", "red", "green", "stopped")),
    ("mandate-ink", "mandate"),
    ("ink", "primary-wash"),
    ("ink-2", "primary-wash"),
]


def value(name: str, mode: str) -> str:
    """A token's colour in light or dark."""
    text = TOKENS.read_text(encoding="utf-8")
    both = re.search(rf"--{name}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\);", text)
    if both:
        return both[1 if mode == "light" else 2]
    one = re.search(rf"--{name}: (#[0-9a-f]{{6}});", text)
    assert one, f"--{name} is no plain colour"
    return one[1]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "surface"), PAIRS)
def test_contrast(ink: str, surface: str, mode: str) -> None:
    assert contrast(value(ink, mode), value(surface, mode)) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_edges_of_controls_and_the_focus_ring_are_seen(mode: str) -> None:
    for name in ("line-strong", "primary"):
        assert contrast(value(name, mode), value("paper", mode)) >= 3
        assert contrast(value(name, mode), value("canvas", mode)) >= 3
