"""Land use (用地性质): codes of 自然资发〔2023〕234号, their old GB 50137 names, and which use suits which plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

# Attributes under which plans name the use of a parcel.
KEYS = ("LAND_USE_CODE", "land_use_code", "land_use", "用地性质代码", "用地代码", "用地性质")
# What the project's `use` may be in land-use codes; several where the answer is coarser than the codes.
USES: Mapping[str, tuple[str, ...]] = {
    "HOUSING": ("0701",),
    "PUBLIC_BUILDING": ("08",),
    "COMMERCIAL": ("0901", "0902"),
    "OFFICE": ("0801", "0902"),
    "INDUSTRY": ("1001",),
    "ROAD": ("1207",),
    "PIPE": ("13",),
    "DRAINAGE": ("13",),
    "ENERGY": ("13",),
    "TRANSPORT": ("12",),
}
# First-level classes that are meant to be built on.
BUILT = frozenset({"07", "08", "09", "10", "11", "12", "13", "15"})
# Farm land that must be converted before it is built on (农用地转用, 土地管理法第四十四条).
FARM = frozenset({"01", "02", "03", "04", "06"})


class Suits(Enum):
    """Does a use suit the plan? CONDITIONAL: with the authority's consent; UNKNOWN: not said finely enough."""

    YES = "yes"
    CONDITIONAL = "conditional"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class LandUse:
    """One class of land use."""

    code: str
    name_zh: str
    name_en: str
    gb50137: tuple[str, ...]


def read_land_uses(rows: Iterable[Mapping[str, Any]]) -> tuple[LandUse, ...]:
    """The entries under `land_use_codes: codes` of plan_layers.yaml."""
    return tuple(LandUse(str(r["code"]), r["zh"], r["en"], tuple(str(r["gb50137"]).split("/"))) for r in rows)


def read_code(text: object, table: Sequence[LandUse]) -> str | None:
    """A use as a plan writes it (`1001`, `M2`, `工业用地`) as a code of the table; None when it cannot be told.

    The mapping from GB 50137 is approximate: the longest old code that fits, the finer class when two fit.
    """
    word = str(text or "").strip()
    if not word:
        return None
    known = {use.code for use in table}
    if word.isdigit():
        return next((word[:n] for n in range(len(word), 1, -1) if word[:n] in known), None)
    for use in table:
        if word in {use.name_zh, use.name_en}:
            return use.code
    fitting = [
        (len(old), len(use.code), use.code)
        for use in table
        for old in use.gb50137
        if old != "-" and word.upper().startswith(old)
    ]
    return max(fitting)[2] if fitting else None


def planned_use(attributes: Mapping[str, Any], table: Sequence[LandUse]) -> str | None:
    """The use that a parcel of a plan is meant for."""
    return next((read_code(attributes[key], table) for key in KEYS if attributes.get(key)), None)


def project_uses(facts: Mapping[str, Any], table: Sequence[LandUse]) -> tuple[str, ...]:
    """The use of the project: as its land-use code says, else what its purpose may be; empty when it is not known."""
    said = next((facts[key] for key in KEYS if facts.get(key)), None)
    if said is not None:
        code = read_code(said, table)
        return (code,) if code else ()
    return USES.get(str(facts.get("use") or ""), ())


def suits(wanted: Sequence[str], planned: str, attributes: Mapping[str, Any], table: Sequence[LandUse]) -> Suits:
    """Is the wanted use what the plan means, by the plan's own compatibility lists (用地兼容性)?

    A class suits every use below it. `compatible` and `conditional` on the parcel or its layer are the place's table.
    A wanted use coarser than the plan's is UNKNOWN.
    """
    if not wanted:
        return Suits.UNKNOWN
    yes = (planned, *codes_of(attributes.get("compatible"), table))
    conditional = codes_of(attributes.get("conditional"), table)
    answers = {suits_one(code, yes, conditional) for code in wanted}
    return answers.pop() if len(answers) == 1 else Suits.UNKNOWN


def suits_one(code: str, yes: Sequence[str], conditional: Sequence[str]) -> Suits:
    """One wanted code."""
    if any(code.startswith(allowed) for allowed in yes):
        return Suits.YES
    if any(code.startswith(allowed) for allowed in conditional):
        return Suits.CONDITIONAL
    if any(allowed.startswith(code) for allowed in (*yes, *conditional)):
        return Suits.UNKNOWN
    return Suits.NO


def codes_of(listed: object, table: Sequence[LandUse]) -> tuple[str, ...]:
    """A list of uses, or a text with separators as Shapefiles have it."""
    if not listed:
        return ()
    words = listed if isinstance(listed, list | tuple) else str(listed).replace("、", ",").replace(";", ",").split(",")
    return tuple(code for code in (read_code(word, table) for word in words) if code)


def is_built(code: str) -> bool:
    """Is this class meant to be built on (建设用地)?"""
    return code[:2] in BUILT


def is_farm(code: str) -> bool:
    """Must this class be converted before it is built on (农用地)?"""
    return code[:2] in FARM
