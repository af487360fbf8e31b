"""May a project lean on the regional assessments under its site (区域评估共享应用)? Pure.

In order (domain.md section 2): published, valid on the date of use, industry allowed, parameters under their limits,
no exception, plan version the same; then the geometry of those that pass, together. Six outcomes; a missing figure is
UNKNOWN, never a pass; "not needed here" is an answer of its own. What an approved record says decides, never a
constant per kind. Basis: 国办发〔2019〕11号 (区域评估), the notices of Langfang item 20 and Gaoming (负面清单, 简化).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from regional_eval.rules.answers import Cover, Effect, KindAnswer, Outcome, Reason, UsedArea
from regional_eval.rules.industries import Listed, is_listed, read_industry
from regional_eval.rules.kinds import AssessmentKind
from regional_eval.rules.limits import Limit, Verdict, check_limit

# A share below this is no cover worth a partial answer: the relative part of the rule COVERED_V1.
LEAST_SHARE = 0.001
# How the effects follow when several areas cover together: the mildest that covers wins, the strictest used is said.
MILDEST_FIRST = (Effect.EXEMPT, Effect.COMMITMENT, Effect.SIMPLIFIED)
FLAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Few enough to be tried one by one when more are on hand than are needed.
MOST_PRUNED = 12


@dataclass(frozen=True)
class AreaTerms:
    """The legal terms of one assessment that touches the site, and how much of the site it covers alone."""

    id: UUID
    layer_id: UUID
    number: str
    region: str
    state: str
    valid_from: date
    valid_to: date | None
    plan_version: str
    limits: tuple[Limit, ...]
    industries: tuple[str, ...]
    negative_list: tuple[str, ...]
    exceptions: tuple[Any, ...]
    effect: str
    not_needed: bool
    share: float
    cutout_m2: float = 0.0
    fee_saved_yuan: int | None = None
    days_saved: int | None = None
    # Plan versions that the approval declares compatible with the one that was assessed.
    compatible_plans: tuple[str, ...] = ()
    # The region's English name, where it has one.
    region_en: str = ""


@dataclass(frozen=True)
class Tested:
    """One area after the tests that need no geometry."""

    area: AreaTerms
    verdict: Verdict
    reasons: tuple[Reason, ...]


def decide(
    kind: AssessmentKind,
    areas: Sequence[AreaTerms],
    *,
    on: date,
    industry: str | None,
    facts: Mapping[str, object],
    plan_version: str | None,
    cover: Callable[[Collection[UUID]], Cover],
) -> KindAnswer:
    """The answer for one kind on the date of use. `cover` is the geometry of some areas together, by their ids."""
    tested = [
        try_area(area, on=on, industry=industry, facts=facts, plan_version=plan_version)
        for area in areas
        if area.share > 0 or area.cutout_m2 > 0
    ]
    passing = [found.area for found in tested if found.verdict is True]
    notes = tuple(reason for found in tested if found.verdict is True for reason in found.reasons)
    unsure = [found for found in tested if found.verdict is None]
    against = tuple(reason for found in tested if found.verdict is False for reason in found.reasons)
    asked = tuple(reason for found in unsure for reason in found.reasons)
    best = cover([])
    for group in mildest_groups(passing):
        best = cover([area.id for area in group])
        if best.covered:
            used = fewest(group, cover)
            return covered_answer(kind, used, best, notes)
    if unsure:
        every = cover([found.area.id for found in unsure] + [area.id for area in passing])
        if every.covered or best.share <= LEAST_SHARE:
            return answer(kind, Outcome.UNKNOWN, every, (), asked + against)
    cut = tuple(
        Reason("cut_out", {"number": area.number, "area_m2": round(area.cutout_m2, 2)})
        for area in passing
        if area.cutout_m2 > 0
    )
    if best.share > LEAST_SHARE:
        left = Reason("remainder", {"area_m2": round(best.remainder_m2, 2), "share": round(best.share, 6)})
        return answer(kind, Outcome.PARTIAL, best, passing, (left, *cut, *notes, *asked, *against))
    return answer(kind, Outcome.NOT_REUSABLE, best, (), (*cut, *against) or (Reason("no_assessment"),))


def try_area(
    area: AreaTerms, *, on: date, industry: str | None, facts: Mapping[str, object], plan_version: str | None
) -> Tested:
    """Every test that needs no geometry; all reasons are named at once, not only the first."""
    verdicts: list[Verdict] = []
    reasons: list[Reason] = []
    tests = [
        validity_of(area, on),
        plan_of(area, plan_version),
        *industry_of(area, industry),
        *(check_limit(limit, facts) for limit in area.limits),
        *(exception_of(exception, facts) for exception in area.exceptions),
    ]
    for one, reason in tests:
        verdicts.append(one)
        if reason is not None:
            reasons.append(Reason(reason.code, {"number": area.number, **reason.params}))
    verdict: Verdict = False if False in verdicts else None if None in verdicts else True
    return Tested(area, verdict, tuple(reasons))


def validity_of(area: AreaTerms, on: date) -> tuple[Verdict, Reason | None]:
    """Published, and valid on the date of use (不是受理日，是使用日)."""
    if area.state != "published":
        code = area.state if area.state in {"expired", "revoked", "superseded"} else "not_published"
        return False, Reason(code)
    if on < area.valid_from:
        return False, Reason("not_yet_valid", {"valid_from": area.valid_from.isoformat()})
    if area.valid_to is not None and on > area.valid_to:
        return False, Reason("out_of_date", {"valid_to": area.valid_to.isoformat()})
    return True, None


def plan_of(area: AreaTerms, plan_version: str | None) -> tuple[Verdict, Reason | None]:
    """The plan that was assessed is the one in force, or was declared compatible."""
    if not area.plan_version:
        return True, None
    shown: dict[str, str | int | float] = {"assessed": area.plan_version}
    if plan_version is None:
        return None, Reason("plan_unknown", shown)
    if plan_version in {area.plan_version, *area.compatible_plans}:
        return True, None
    return False, Reason("plan_changed", {**shown, "in_force": plan_version})


def industry_of(area: AreaTerms, industry: str | None) -> list[tuple[Verdict, Reason | None]]:
    """On the list of allowed industries where there is one, and not on the negative list (负面清单)."""
    allowed, unread_allowed = read_prefixes(area.industries)
    negative, unread_negative = read_prefixes(area.negative_list)
    # Entries in words cannot be compared; the approving department looks at them when it confirms.
    worded: list[tuple[Verdict, Reason | None]] = [
        (True, Reason("negative_in_words", {"text": text})) for text in unread_negative
    ]
    if unread_allowed:
        worded.append((True if allowed else None, Reason("allowed_in_words", {"text": "；".join(unread_allowed)})))
    if not allowed and not negative:
        return worded
    if industry is None or not industry.strip():
        return [*worded, (None, Reason("industry_missing"))]
    code = read_industry(industry)
    if code is None:
        return [*worded, (None, Reason("industry_unreadable", {"industry": industry}))]
    shown: dict[str, str | int | float] = {"industry": code}
    coarse = (None, Reason("industry_too_coarse", shown))
    by_allowed: dict[Listed, tuple[Verdict, Reason | None]] = {
        Listed.YES: (True, None),
        Listed.NO: (False, Reason("industry_not_allowed", {**shown, "allowed": ", ".join(allowed)})),
        Listed.MAYBE: coarse,
    }
    by_negative: dict[Listed, tuple[Verdict, Reason | None]] = {
        Listed.YES: (False, Reason("industry_negative", shown)),
        Listed.NO: (True, None),
        Listed.MAYBE: coarse,
    }
    found = list(worded)
    if allowed:
        found.append(by_allowed[is_listed(code, allowed)])
    if negative:
        found.append(by_negative[is_listed(code, negative)])
    return found


def read_prefixes(entries: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The entries that are industry codes, and those that are words."""
    read = [(entry, read_industry(entry)) for entry in entries if entry.strip()]
    return tuple(code for _entry, code in read if code), tuple(entry for entry, code in read if not code)


def exception_of(exception: Any, facts: Mapping[str, object]) -> tuple[Verdict, Reason | None]:
    """An exception that is a fact is tested; one in words is for the department that confirms.

    `in_river_management_zone`, or {"fact": .., "text": ..}; anything else is words.
    """
    fact, text = "", ""
    if isinstance(exception, Mapping):
        fact, text = str(exception.get("fact") or ""), str(exception.get("text") or "")
    elif FLAG.fullmatch(str(exception)):
        fact = str(exception)
    else:
        text = str(exception)
    if not fact:
        return True, Reason("exception_in_words", {"text": text})
    given = facts.get(fact, facts.get(fact.lower()))
    shown: dict[str, str | int | float] = {"parameter": fact.lower(), "text": text}
    if not isinstance(given, bool):
        return None, Reason("exception_unknown", shown)
    return (False, Reason("exception", shown)) if given else (True, None)


def mildest_groups(passing: Sequence[AreaTerms]) -> list[list[AreaTerms]]:
    """Groups to try in turn: where nothing is needed, then with the exempting areas, then the stricter ones."""
    groups: list[list[AreaTerms]] = []
    group = [area for area in passing if area.not_needed]
    if group:
        groups.append(list(group))
    for effect in MILDEST_FIRST:
        more = [area for area in passing if not area.not_needed and area.effect == effect]
        if more:
            group = [*group, *more]
            groups.append(list(group))
    return groups


def fewest(group: Sequence[AreaTerms], cover: Callable[[Collection[UUID]], Cover]) -> list[AreaTerms]:
    """Those of a covering group that are needed: who is not needed is not leaned on, and recalls nobody later."""
    kept = sorted(group, key=lambda area: (-area.share, area.valid_to is not None, area.number))
    if len(kept) == 1 or len(kept) > MOST_PRUNED:
        return kept
    for area in list(reversed(kept)):
        rest = [other for other in kept if other is not area]
        if rest and cover([other.id for other in rest]).covered:
            kept = rest
    return kept


def covered_answer(
    kind: AssessmentKind, used: Sequence[AreaTerms], cover: Cover, notes: tuple[Reason, ...]
) -> KindAnswer:
    """Covered: nothing needed, free, on commitment or simplified, by the strictest of the areas that are used."""
    numbers = {area.number for area in used}
    kept = tuple(reason for reason in notes if reason.params.get("number") in numbers)
    effects = [area.effect for area in used if not area.not_needed]
    if not effects:
        return answer(kind, Outcome.NOT_NEEDED, cover, used, kept)
    effect = next((strict for strict in reversed(MILDEST_FIRST) if strict in effects), Effect.SIMPLIFIED)
    outcome = Outcome.REUSABLE_WITH_COMMITMENT if effect is Effect.COMMITMENT else Outcome.REUSABLE
    return answer(kind, outcome, cover, used, kept, effect=effect)


def answer(
    kind: AssessmentKind,
    outcome: Outcome,
    cover: Cover,
    used: Sequence[AreaTerms],
    reasons: tuple[Reason, ...],
    *,
    effect: str | None = None,
) -> KindAnswer:
    """The answer with its validity (the earliest end) and what it saves."""
    days, fee, guess = savings(kind, outcome, used, effect)
    ends = [area.valid_to for area in used if area.valid_to is not None]
    return KindAnswer(
        kind=kind.code,
        outcome=outcome,
        effect=effect,
        covered_share=cover.share,
        remainder_m2=cover.remainder_m2,
        remainder=cover.remainder,
        used=tuple(
            UsedArea(area.id, area.layer_id, area.number, area.region, area.share, area.valid_to, area.region_en)
            for area in used
        ),
        reasons=(*reasons, *guess),
        valid_to=min(ends) if ends else None,
        days_saved=days,
        fee_saved=fee,
    )


def savings(
    kind: AssessmentKind, outcome: Outcome, used: Sequence[AreaTerms], effect: str | None
) -> tuple[int | None, int | None, tuple[Reason, ...]]:
    """Days and yuan of one report that need not be made; the least where several records name a figure.

    Without a recorded figure the low end of the kind's typical range, marked as such; nothing where a report is still
    made (simplified, partial) unless the record says what it saves.
    """
    if not outcome.may_be_proposed:
        return None, None, ()
    days = [area.days_saved for area in used if area.days_saved is not None]
    fees = [area.fee_saved_yuan for area in used if area.fee_saved_yuan is not None]
    found_days, found_fee = (min(days) if days else None), (min(fees) if fees else None)
    guess: tuple[Reason, ...] = ()
    if effect != Effect.SIMPLIFIED and (found_days is None or found_fee is None):
        typical_days, typical_yuan = kind.typical_days, kind.typical_yuan
        if found_days is None and typical_days:
            found_days, guess = typical_days[0], (Reason("saving_typical"),)
        if found_fee is None and typical_yuan:
            found_fee, guess = typical_yuan[0], (Reason("saving_typical"),)
    return found_days, found_fee, guess
