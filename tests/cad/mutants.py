"""Honest drawings damaged in one place, as disks, cables and programs damage them. Pure and repeatable: the same seed, the same files."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_FLIPS = 12
HOLE = (16, 64, 512, 4096)


@dataclass(frozen=True)
class Mutant:
    """One damaged copy and, for the message of a test that fails, how it came about."""

    how: str
    data: bytes


def cut(data: bytes, dice: random.Random) -> Mutant:
    """The end is missing, by a byte or by nearly all."""
    left = dice.randrange(1, len(data)) if dice.random() < 0.6 else len(data) - dice.randrange(1, min(len(data), 256))
    return Mutant(f"cut to {left} of {len(data)}", data[:left])


def cut_at_a_page(data: bytes, dice: random.Random) -> Mutant:
    """The end is missing, from a border at which the format lays its pages."""
    page = dice.choice((32, 128, 512, 4096))
    left = max(page, dice.randrange(1, len(data)) // page * page)
    return Mutant(f"cut to {left}, a multiple of {page}, of {len(data)}", data[: min(left, len(data) - 1)])


def flipped(data: bytes, dice: random.Random) -> Mutant:
    """Some bits are wrong."""
    count = 1 if dice.random() < 0.6 else dice.randrange(2, MOST_FLIPS)
    changed = bytearray(data)
    places = [dice.randrange(len(data)) for _ in range(count)]
    for at in places:
        changed[at] ^= 1 << dice.randrange(8)
    return Mutant(f"bits flipped at {places}", bytes(changed))


def _hole(data: bytes, dice: random.Random) -> tuple[int, int]:
    size = min(dice.choice(HOLE), max(1, len(data) // 4))
    return dice.randrange(0, max(1, len(data) - size)), size


def emptied(data: bytes, dice: random.Random) -> Mutant:
    """A piece is zeros: a block that was never written."""
    at, size = _hole(data, dice)
    return Mutant(f"{size} zeros at {at}", data[:at] + bytes(size) + data[at + size :])


def noisy(data: bytes, dice: random.Random) -> Mutant:
    """A piece is of another file."""
    at, size = _hole(data, dice)
    return Mutant(f"{size} of noise at {at}", data[:at] + dice.randbytes(size) + data[at + size :])


def taken_out(data: bytes, dice: random.Random) -> Mutant:
    """A piece is missing and the rest has moved up."""
    at, size = _hole(data, dice)
    return Mutant(f"{size} taken out at {at}", data[:at] + data[at + size :])


def doubled(data: bytes, dice: random.Random) -> Mutant:
    """A piece is there twice."""
    at, size = _hole(data, dice)
    return Mutant(f"{size} doubled at {at}", data[: at + size] + data[at:])


def exchanged(data: bytes, dice: random.Random) -> Mutant:
    """Two pieces stand in each other's place."""
    size = min(dice.choice(HOLE), max(1, len(data) // 4))
    a, b = sorted(dice.randrange(0, max(1, len(data) // size - 1)) * size for _ in range(2))
    if b < a + size:
        b = min(a + size, len(data) - size)
    middle = data[a + size : b]
    return Mutant(
        f"{size} exchanged at {a} and {b}",
        data[:a] + data[b : b + size] + middle + data[a : a + size] + data[b + size :],
    )


def sent_as_text(data: bytes, dice: random.Random) -> Mutant:
    """Line ends changed by a transfer in text mode."""
    changed = data.replace(b"\r\n", b"\n") if dice.random() < 0.5 else data.replace(b"\n", b"\r\n")
    return Mutant("sent as text", changed)


def line_lost(data: bytes, dice: random.Random) -> Mutant:
    """One line of a text is missing."""
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    return Mutant(f"line {at + 1} is missing: {lines[at][:20]!r}", b"\n".join(lines[:at] + lines[at + 1 :]))


Damage = Callable[[bytes, random.Random], Mutant]
DAMAGES: tuple[Damage, ...] = (
    cut,
    cut_at_a_page,
    flipped,
    flipped,
    flipped,
    emptied,
    noisy,
    taken_out,
    doubled,
    exchanged,
)
OF_TEXT: tuple[Damage, ...] = (*DAMAGES, sent_as_text, line_lost, line_lost)


def mutants(data: bytes, count: int, seed: int, *, text: bool = False) -> Iterator[Mutant]:
    """`count` damaged copies that differ from `data`."""
    dice = random.Random(seed)
    made = 0
    while made < count:
        mutant = dice.choice(OF_TEXT if text else DAMAGES)(data, dice)
        if mutant.data and mutant.data != data:
            made += 1
            yield mutant
