"""What becomes of an opinion's place in the next revision: never dropped, never guessed in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joint_review.rules.geometry import Box, box_of_geometry, overlap, shifted
from joint_review.rules.matching import (
    CHANGED,
    GONE,
    MOVED,
    UNCHANGED,
    VERDICTS,
    Content,
    Entity,
    Place,
    changed_layers,
    is_late,
    match,
)


def entity(key: str, kind: str, x: float, y: float, w: float = 10, h: float = 10, layer: str = "A-WALL") -> Entity:
    box = (x, y, x + w, y + h)
    shape = f"{kind} {w}x{h} {layer}"
    return Entity(key, f"{shape} at {x},{y}", shape, box, layer)


def moved(one: Entity, dx: float, dy: float) -> Entity:
    box = shifted(one.box, dx, dy)
    return replace(one, box=box, signature=f"{one.shape} at {box[0]},{box[1]}")


STAIR = entity("2F1", "INSERT stair", 100, 100, 40, 60)
DOOR = entity("2F2", "INSERT door", 150, 100, 9, 9)
WALL = entity("2F3", "LINE", 0, 90, 500, 1)
FAR = entity("300", "LINE", 900, 900)
OLD = Content((STAIR, DOOR, WALL, FAR))
REGION: Box = (95, 95, 165, 165)


def new_without(*keys: str, plus: tuple[Entity, ...] = ()) -> Content:
    return Content(tuple(item for item in OLD.entities if item.key not in keys) + plus)


@pytest.mark.parametrize(
    ("name", "place", "new", "verdict", "certain"),
    [
        ("nothing touched", Place(REGION, ("2F1",)), OLD, UNCHANGED, True),
        ("change far away", Place(REGION, ("2F1",)), new_without("300"), UNCHANGED, True),
        ("neighbour taken away", Place(REGION, ("2F1",)), new_without("2F2"), CHANGED, True),
        (
            "neighbour added",
            Place(REGION, ("2F1",)),
            new_without(plus=(entity("400", "LINE", 120, 120),)),
            CHANGED,
            True,
        ),
        (
            "moved with its handle",
            Place(REGION, ("2F1",)),
            new_without("2F1", plus=(moved(STAIR, 30, 0),)),
            MOVED,
            True,
        ),
        (
            "moved, drawn again under another handle",
            Place(REGION, ("2F1",)),
            new_without("2F1", plus=(replace(moved(STAIR, 30, 0), key="999"),)),
            MOVED,
            False,
        ),
        (
            "same place, all handles new (exported again)",
            Place(REGION, ("2F1",)),
            Content(tuple(replace(item, key=f"9{item.key}") for item in OLD.entities)),
            UNCHANGED,
            True,
        ),
        ("erased", Place(REGION, ("2F1",)), new_without("2F1"), GONE, True),
        (
            "same handle, other shape",
            Place(REGION, ("2F1",)),
            new_without("2F1", plus=(entity("2F1", "INSERT ramp", 100, 100, 80, 20),)),
            CHANGED,
            True,
        ),
        ("sheet withdrawn from the set", Place(REGION, ("2F1",)), None, GONE, True),
        ("region only, same", Place(REGION), OLD, UNCHANGED, True),
        ("region only, changed", Place(REGION), new_without("2F2"), CHANGED, True),
        (
            "region only, all moved away together",
            Place(REGION),
            new_without("2F1", "2F2", plus=(moved(STAIR, 300, 0), moved(DOOR, 300, 0))),
            MOVED,
            False,
        ),
        ("region only, content erased", Place(REGION), new_without("2F1", "2F2"), GONE, True),
        ("whole sheet, same", Place(), OLD, UNCHANGED, True),
        ("whole sheet, changed", Place(), new_without("300"), CHANGED, True),
        ("handle nobody knows falls back on the region", Place(REGION, ("ABC",)), OLD, UNCHANGED, True),
    ],
)
def test_verdicts(name: str, place: Place, new: Content | None, verdict: str, certain: bool) -> None:
    found = match(place, OLD, new)
    assert (found.verdict, found.certain) == (verdict, certain), found


def test_a_moved_opinion_gets_its_region_moved() -> None:
    found = match(Place(REGION, ("2F1",)), OLD, new_without("2F1", plus=(moved(STAIR, 30, -5),)))
    assert found.region == shifted(REGION, 30, -5)
    assert found.handles == ("2F1",)


def test_two_entities_that_moved_apart_have_not_moved_together() -> None:
    new = new_without("2F1", "2F2", plus=(moved(STAIR, 30, 0), moved(DOOR, 0, 80)))
    assert match(Place(REGION, ("2F1", "2F2")), OLD, new).verdict == CHANGED


def test_a_scan_cannot_be_compared_and_says_so() -> None:
    first, second = Content(opaque=True, digest="a"), Content(opaque=True, digest="b")
    assert match(Place(REGION), first, first).verdict == UNCHANGED
    found = match(Place(REGION), first, second)
    assert (found.verdict, found.certain) == (CHANGED, False)


def test_changed_layers_name_both_sides() -> None:
    new = new_without("2F2", plus=(entity("500", "LINE", 5, 5, layer="F-HYDR"),))
    assert changed_layers(OLD, new) == {"A-WALL", "F-HYDR"}
    assert changed_layers(OLD, OLD) == frozenset()
    assert changed_layers(Content(opaque=True, digest="a"), Content(opaque=True, digest="b")) is None
    assert changed_layers(Content(opaque=True, digest="a"), Content(opaque=True, digest="a")) == frozenset()


@pytest.mark.parametrize(
    ("number", "first", "late"),
    [(1, OLD, False), (2, OLD, True), (2, None, False), (2, new_without("2F2"), False), (3, OLD, True)],
)
def test_late_hit(number: int, first: Content | None, late: bool) -> None:
    assert is_late(Place(REGION, ("2F1",)), first, OLD, round_number=number) is late


def test_boxes() -> None:
    assert overlap((0, 0, 10, 10), (5, 5, 30, 30)) == pytest.approx(0.25)
    assert overlap((0, 0, 10, 10), (2, 2, 4, 4)) == pytest.approx(1)
    assert overlap((0, 0, 10, 10), (11, 0, 12, 10)) == 0
    assert overlap((0, 0, 10, 10), (5, 5, 5, 5)) == 1
    assert box_of_geometry({"type": "Polygon", "coordinates": [[[0, 5], [7, 5], [7, -1], [0, 5]]]}) == (0, -1, 7, 5)
    assert box_of_geometry({"type": "Point", "coordinates": [3, 4]}) == (3, 4, 3, 4)
    assert box_of_geometry({}) is None


coordinates = st.integers(-500, 500).map(float)
entities = st.builds(
    entity,
    st.text("0123456789ABCDEF", min_size=1, max_size=3),
    st.sampled_from(["LINE", "ARC"]),
    coordinates,
    coordinates,
)
contents = st.lists(entities, max_size=12, unique_by=lambda item: item.key).map(lambda items: Content(tuple(items)))
regions = st.tuples(coordinates, coordinates).map(lambda corner: (corner[0], corner[1], corner[0] + 60, corner[1] + 60))


@given(contents, contents, regions, st.booleans())
def test_every_opinion_gets_one_verdict_and_a_place(old: Content, new: Content, region: Box, by_handle: bool) -> None:
    handles = tuple(item.key for item in old.inside(region)) if by_handle else ()
    found = match(Place(region, handles), old, new)
    assert found.verdict in VERDICTS
    assert found.region is not None
    assert set(found.handles) <= set(new.by_key) | set(handles)


@given(contents, regions, st.booleans())
def test_the_same_sheet_changes_nothing(old: Content, region: Box, by_handle: bool) -> None:
    handles = tuple(item.key for item in old.inside(region)) if by_handle else ()
    assert match(Place(region, handles), old, old).verdict == UNCHANGED


@given(contents, regions, st.integers(2000, 3000))
def test_a_sheet_moved_as_a_whole_is_never_called_unchanged(old: Content, region: Box, dx: int) -> None:
    inside = old.inside(region)
    new = Content(tuple(moved(item, dx, 0) for item in old.entities))
    if inside:
        found = match(Place(region, tuple(item.key for item in inside)), old, new)
        assert (found.verdict, found.region) == (MOVED, shifted(region, dx, 0))
