"""Filled areas: rings in rings, rings that touch, rings that cross each other and themselves."""

from __future__ import annotations

import math

import pytest

from drawings.cad.triangles import Ring, filled, without_repeats


def area(rings: list[Ring]) -> float:
    total = 0.0
    for points, corners in filled(rings):
        for i in range(0, len(corners), 3):
            (x0, y0), (x1, y1), (x2, y2) = (points[k] for k in corners[i : i + 3])
            total += abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
    return total


def square(x: float, y: float, side: float) -> Ring:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def star(points: int, step: int) -> Ring:
    return [
        (math.cos(2 * math.pi * i * step / points), math.sin(2 * math.pi * i * step / points)) for i in range(points)
    ]


@pytest.mark.parametrize(
    ("rings", "wanted"),
    [
        ([square(0, 0, 10)], 100),
        ([square(0, 0, 10), square(2, 2, 4)], 84),
        ([square(0, 0, 10), square(2, 2, 6), square(3, 3, 2)], 68),
        ([square(0, 0, 10), square(20, 0, 5)], 125),
        ([square(0, 0, 10), square(0, 0, 4)], 84),  # a hole in the corner: its first point lies on the edge
        ([square(0, 0, 10), square(2, 2, 3), square(5, 2, 3)], 82),  # two holes with one edge in common
        ([square(0, 0, 10), square(2, 2, 4), square(4, 4, 4)], 100 - 16 - 16 + 2 * 4),  # holes that overlap
        ([[(0, 0), (10, 10), (10, 0), (0, 10)]], 50),  # a ring that crosses itself
        ([square(4e7, 3e7, 10), square(4e7 + 2, 3e7 + 2, 4)], 84),  # national coordinates in metres
        ([[(0, 0), (5, 0), (10, 0)]], 0),
    ],
)  # fmt: skip
def test_the_area_is_that_of_the_even_odd_rule(rings: list[Ring], wanted: float) -> None:
    assert area(rings) == pytest.approx(wanted, abs=1e-6)


def test_a_five_pointed_star_is_empty_in_its_middle() -> None:
    inner = math.cos(2 * math.pi / 5) / math.cos(math.pi / 5)
    pentagon = 2.5 * inner**2 * math.sin(2 * math.pi / 5)
    outline = 5 * inner * math.sin(math.pi / 5)  # the ten-sided outline of the star
    assert area([star(5, 2)]) == pytest.approx(outline - pentagon, rel=1e-9)


def test_a_ring_that_goes_round_twice_goes_round_once() -> None:
    ring = square(0, 0, 4)
    assert without_repeats([*ring, *ring, ring[0]]) == ring
    assert without_repeats([ring[0], *ring]) == ring
