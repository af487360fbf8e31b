"""Which template fits a project (流程匹配): by its facts, three-valued, in the order of priority. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from projects.pipeline.conditions import Verdict
from projects.pipeline.template import Template

LISTED = ("investment", "management", "use", "land")
AT_MOST = "_at_most"
AT_LEAST = "_at_least"


@dataclass(frozen=True)
class Fit:
    """Does one template fit? `missing`: the facts that would decide it; `against`: what speaks against it."""

    code: str
    verdict: Verdict
    missing: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """The template chosen, those that would come first if more were known, and every answer in order of priority."""

    chosen: str | None
    might_come_first: tuple[Fit, ...]
    fits: tuple[Fit, ...]

    @property
    def none_fits(self) -> bool:
        """Nothing fits and nothing might: the window chooses."""
        return all(fit.verdict is False for fit in self.fits)


def fit_of(template: Template, facts: Mapping[str, Any], reusable: Collection[str] | None) -> Fit:
    """Compare `applies_to` with the facts; `reusable`: the assessment kinds reusable on the date, None if unknown."""
    missing: list[str] = []
    against: list[str] = []
    for key, wanted in template.applies_to.items():
        for code, verdict in checks_of(key, wanted, facts, template, reusable):
            if verdict is None:
                missing.append(code)
            elif not verdict:
                against.append(code)
    verdict = False if against else None if missing else True
    return Fit(template.code, verdict, tuple(missing), tuple(against))


def checks_of(
    key: str, wanted: Any, facts: Mapping[str, Any], template: Template, reusable: Collection[str] | None
) -> Iterable[tuple[str, Verdict]]:
    """The single checks behind one line of `applies_to`; a line nobody understands stays undecided."""
    if key in LISTED:
        value = facts.get(key)
        yield key, None if value is None else value in wanted
    elif key == "requires":
        yield from ((code, truth(facts.get(code))) for code in wanted)
    elif key == "excludes":
        for code in wanted:
            value = truth(facts.get(code))
            yield code, None if value is None else not value
    elif key.endswith((AT_MOST, AT_LEAST)):
        code = key.removesuffix(AT_MOST).removesuffix(AT_LEAST)
        value = facts.get(code)
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield code, None
        else:
            yield code, value <= wanted if key.endswith(AT_MOST) else value >= wanted
    elif key == "requires_regional_reuse":
        # 标准地: every kind whose reuse exempts or turns into a commitment must be reusable on the date.
        kinds = {
            item.regional_assessment
            for item in template.items
            if item.regional_assessment and item.regional_effect in {"EXEMPT", "COMMITMENT"}
        }
        yield key, None if reusable is None else kinds <= set(reusable)
    else:
        yield key, None


def truth(value: Any) -> Verdict:
    """A yes-or-no fact; anything else is not known."""
    return value if isinstance(value, bool) else None


def choose(
    templates: Iterable[Template], facts: Mapping[str, Any], *, reusable: Collection[str] | None = None
) -> Choice:
    """The fitting template of the highest priority (smallest number); undecided ones before it are named."""
    ordered = sorted(templates, key=lambda template: (template.priority, template.code))
    fits = tuple(fit_of(template, facts, reusable) for template in ordered)
    chosen = next((fit for fit in fits if fit.verdict is True), None)
    before = fits[: fits.index(chosen)] if chosen else fits
    return Choice(
        chosen=chosen.code if chosen else None,
        might_come_first=tuple(fit for fit in before if fit.verdict is None),
        fits=fits,
    )
