"""What a mark may hold (批注字段): rows of refusals, and everything accepted survives jsonb and UTF-8."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drawings.rules.marks import (
    GEOMETRY_OF_TOOL,
    BadFields,
    clean_create,
    clean_empty,
    clean_patch,
    clean_reply,
)

RING = [[[0, 0], [10, 0], [10, 5], [0, 0]]]
CLOUD = {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": RING}}
POINT = {"type": "Point", "coordinates": [1, 2]}

SAMPLES = {
    "Point": [1, 2],
    "MultiPoint": [[1, 2], [3, 4]],
    "LineString": [[0, 0], [1.5, 2]],
    "MultiLineString": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]],
    "Polygon": RING,
    "MultiPolygon": [RING],
}


@pytest.mark.parametrize(
    ("tool", "kind"), [(tool, kind) for tool, kinds in GEOMETRY_OF_TOOL.items() for kind in sorted(kinds)]
)
def test_every_tool_takes_its_geometries_and_no_other(tool: str, kind: str) -> None:
    assert clean_create({"tool": tool, "geom": {"type": kind, "coordinates": SAMPLES[kind]}})["tool"] == tool
    for other in set(SAMPLES) - GEOMETRY_OF_TOOL[tool]:
        with pytest.raises(BadFields):
            clean_create({"tool": tool, "geom": {"type": other, "coordinates": SAMPLES[other]}})


@pytest.mark.parametrize(
    "p",
    [
        None,
        [],
        "cloud",
        {},
        {"tool": "cloud"},
        {"tool": "hack", "geom": CLOUD["geom"]},
        {"tool": ["cloud"], "geom": CLOUD["geom"]},
        {**CLOUD, "author": 7},
        {**CLOUD, "text": 7},
        {**CLOUD, "text": "x" * 4001},
        {**CLOUD, "text": "half \ud800 pair"},
        {**CLOUD, "text": "nul \x00 sign"},
        {**CLOUD, "style": "red"},
        {**CLOUD, "style": {"color": "red"}},
        {**CLOUD, "style": {"color": "#ff0000\n"}},
        {**CLOUD, "style": {"color": "#12345"}},
        {**CLOUD, "style": {"width": 0}},
        {**CLOUD, "style": {"width": True}},
        {**CLOUD, "style": {"opacity": 1.1}},
        {**CLOUD, "style": {"shadow": 1}},
        {**CLOUD, "scale": 0},
        {**CLOUD, "scale": -1},
        {**CLOUD, "scale": "1:100"},
        {**CLOUD, "scale": False},
        {"tool": "cloud", "geom": None},
        {"tool": "cloud", "geom": {"type": "Polygon"}},
        {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": []}},
        {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}},
        {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]}},
        {"tool": "cloud", "geom": {**CLOUD["geom"], "crs": "x"}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, math.nan]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, math.inf]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, 1e13]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, 10**400]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, True]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, "2"]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0], [1, 2, 3]]}},
        {"tool": "line", "geom": {"type": "LineString", "coordinates": [[0, 0]] * 5001}},
        {"tool": "line", "geom": {"type": "MultiLineString", "coordinates": [[[0, 0]] * 4000] * 2}},
        {"tool": "text", "geom": {"type": "Point", "coordinates": [[1, 2]]}},
        {"tool": "text", "geom": {"type": "Point", "coordinates": {"0": 1, "1": 2}}},
    ],
)
def test_wrong_fields_are_refused(p: object) -> None:
    with pytest.raises(BadFields):
        clean_create(p)


def test_a_patch_changes_some_fields_and_never_the_tool() -> None:
    assert clean_patch({"text": None}, "cloud") == {"text": None}
    assert clean_patch({"style": {"color": "#ABCDEF"}}, "cloud") == {"style": {"color": "#abcdef"}}
    for p in ({}, None, {"tool": "cloud"}, {"geom": None}, {"geom": POINT}, {"dept": "NRP"}):
        with pytest.raises(BadFields):
            clean_patch(p, "cloud")


def test_a_reply_has_text_and_may_mention_people() -> None:
    assert clean_reply({"text": "同意", "mentions": [3, 2, 3]}) == {"text": "同意", "mentions": [2, 3]}
    for p in (
        {},
        {"text": "  "},
        {"text": "a", "mentions": ["1"]},
        {"text": "a", "mentions": [True]},
        {"text": "\ud83d"},
    ):
        with pytest.raises(BadFields):
            clean_reply(p)


def test_delete_and_its_like_carry_nothing() -> None:
    assert clean_empty(None) == clean_empty({}) == {}
    with pytest.raises(BadFields):
        clean_empty({"text": "x"})


numbers = st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e12, 1e12, allow_nan=False))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=2, max_size=30))
def test_what_is_accepted_comes_back_from_json_the_same(line: list[list[float]]) -> None:
    cleaned = clean_create({"tool": "line", "geom": {"type": "LineString", "coordinates": line}})
    text = json.dumps(cleaned)
    assert json.dumps(json.loads(text)) == text
    assert "-0.0" not in json.dumps(cleaned["geom"]["coordinates"]).replace("-0.0,", "-0.0 ").split()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_whatever_comes_is_refused_or_cleaned(value: object) -> None:
    for p in (value, {"tool": "cloud", "geom": value}, {"tool": "text", "geom": POINT, "style": value, "text": value}):
        try:
            clean_create(p)
        except BadFields:
            continue
