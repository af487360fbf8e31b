"""The domain data of this room (领域数据): 14 kinds of regional assessment, 23 plan layers with their vocabulary.

Reference data: what is in force lives in the database. Pure: no Django. Do not change what a reader returns; it is shared.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read(name: str) -> Any:
    """One part by its name: `assessment_kinds` or `plan_layers`; KeyError for a name that is not there."""
    path = HERE / f"{name}.yaml"
    if "/" in name or not path.is_file():
        raise KeyError(name)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - a safe loader, by libyaml or not


@cache
def assessment_kinds() -> dict[str, Any]:
    """Code -> the kind's entry (评估类型), in the order of the file."""
    return {kind["code"]: kind for kind in read("assessment_kinds")["kinds"]}


@cache
def plan_layers() -> dict[str, Any]:
    """Code -> the layer's entry (规划图层), in the order of the file."""
    return {layer["code"]: layer for layer in read("plan_layers")["layers"]}


@cache
def control_parameters() -> dict[str, Any]:
    """Code -> the control parameter (控制指标)."""
    return {parameter["code"]: parameter for parameter in read("plan_layers")["control_parameters"]}


@cache
def severities() -> tuple[str, ...]:
    """From the gravest to the lightest."""
    return tuple(severity["code"] for severity in read("plan_layers")["severities"])
