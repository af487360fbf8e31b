"""The twelve department colours: readable, and apart for every kind of eye, on paper and on dark drawings."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "frontend" / "src" / "styles" / "tokens.css"
DARK_DRAWING = "#10171e"
WHITE = "#ffffff"
Rgb = tuple[float, float, float]
# Machado, Oliveira, Fernandes 2009, severity 1, linear RGB.
EYES: dict[str, tuple[Rgb, Rgb, Rgb]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
# Just noticeable is about 0.02 in OKLab.
LEAST_APART = {"usual": 0.14, "protan": 0.085, "deutan": 0.085, "tritan": 0.085}


def tokens() -> dict[str, str]:
    """Colour tokens written as one plain hexadecimal value."""
    return dict(re.findall(r"--(dept-\d+(?:-ink)?|seal): (#[0-9a-f]{6});", TOKENS.read_text(encoding="utf-8")))


def linear(colour: str) -> Rgb:
    """Linear RGB of #rrggbb."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    turn = lambda value: value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: E731
    return turn(red), turn(green), turn(blue)


def contrast(one: str, other: str) -> float:
    """WCAG contrast."""
    light = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other))), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


def seen(colour: str, eye: str) -> Rgb:
    """OKLab of the colour as this eye sees it."""
    rgb = linear(colour)
    r, g, b = (min(1.0, max(0.0, sum(f * v for f, v in zip(row, rgb, strict=True)))) for row in EYES[eye])
    lms = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    one, two, three = (value ** (1 / 3) for value in lms)
    return (
        0.2104542553 * one + 0.7936177850 * two - 0.0040720468 * three,
        1.9779984951 * one - 2.4285922050 * two + 0.4505937099 * three,
        0.0259040371 * one + 0.7827717662 * two - 0.8086757660 * three,
    )


def apart(one: str, other: str, eye: str) -> float:
    """Distance in OKLab."""
    return sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5


def test_there_are_twelve_with_their_inks() -> None:
    assert {name for name in tokens() if name.startswith("dept")} == {
        f"dept-{n}{ink}" for n in range(12) for ink in ("", "-ink")
    }


@pytest.mark.parametrize("n", range(12))
def test_the_badge_text_is_readable_and_the_mark_shows_on_a_dark_drawing(n: int) -> None:
    colours = tokens()
    assert contrast(colours[f"dept-{n}"], colours[f"dept-{n}-ink"]) >= 4.5
    assert contrast(colours[f"dept-{n}"], DARK_DRAWING) >= 3
    assert contrast(colours[f"dept-{n}"], WHITE) >= 2


@pytest.mark.parametrize("eye", EYES)
def test_any_two_departments_are_told_apart(eye: str) -> None:
    colours = tokens()
    close = {
        (one, other): round(apart(colours[f"dept-{one}"], colours[f"dept-{other}"], eye), 3)
        for one, other in itertools.combinations(range(12), 2)
        if apart(colours[f"dept-{one}"], colours[f"dept-{other}"], eye) < LEAST_APART[eye]
    }
    assert close == {}


@pytest.mark.parametrize("n", range(12))
def test_no_department_wears_the_seal_red(n: int) -> None:
    assert apart(tokens()[f"dept-{n}"], tokens()["seal"], "usual") >= 0.1
