"""What the wizard shows: questions with answers, papers to bring, and what a filing will lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from projects import domain
from projects.models import Material, PipelineEdition, Project
from projects.pipeline.choice import Choice
from projects.pipeline.planner import Plan, Reuse, make_plan
from projects.queries.editions import choose_template, published_editions, template_of
from projects.queries.materials import filing_items, plan_of, wanted_materials
from projects.rules.facts import UNKNOWN, FactKind, catalogue


@dataclass(frozen=True)
class AskedFact:
    """One question as the form shows it; `value` is the answer as the form would send it."""

    kind: FactKind
    question: str
    hint: str
    choices: tuple[tuple[str, str], ...]
    value: str
    source: str
    errors: tuple[str, ...]


@dataclass(frozen=True)
class FactGroup:
    """Questions that belong together."""

    code: str
    name: str
    facts: tuple[AskedFact, ...]


def in_english() -> bool:
    """Does the reader read English?"""
    return (get_language() or "").startswith("en")


def answer_of(project: Project, code: str) -> str:
    """The stored answer as the form would send it; blank when the question was not answered."""
    if code not in project.facts:
        return ""
    value = project.facts[code]
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def fact_groups(
    project: Project, *, typed: Mapping[str, str] | None = None, errors: Mapping[str, list[str]] | None = None
) -> list[FactGroup]:
    """Every question by group, with what is answered already, or what was just typed and what is wrong with it."""
    answers = typed if typed is not None else {code: answer_of(project, code) for code in catalogue()}
    return asked_groups(answers, errors or {}, sources=project.fact_sources)


def asked_groups(
    answers: Mapping[str, str],
    errors: Mapping[str, list[str]],
    *,
    sources: Mapping[str, str] | None = None,
    on_demand: bool = False,
) -> list[FactGroup]:
    """Every question by group with these answers, as the form sends them.

    Figures on demand appear once they have been answered: they are asked where an assessment wants them.
    """
    english = in_english()
    groups = []
    for group in domain.read("facts")["groups"]:
        facts = tuple(
            AskedFact(
                kind=kind,
                question=kind.question_en if english else kind.question_zh,
                hint=kind.hint_en if english else kind.hint_zh,
                choices=tuple((one.code, one.name_en if english else one.name_zh) for one in kind.choices),
                value=answers.get(code, ""),
                source=(sources or {}).get(code, ""),
                errors=tuple(errors.get(code, ())),
            )
            for code, kind in catalogue().items()
            if kind.group == group["code"] and (on_demand or not group.get("on_demand") or answers.get(code))
        )
        if not facts:
            continue
        groups.append(FactGroup(group["code"], group["name_en"] if english else group["name_zh"], facts))
    return groups


def asked_of(project: Project, group_code: str, codes: Sequence[str]) -> list[FactGroup]:
    """These questions alone, under the name of one group, whatever groups they belong to; none when there are none."""
    found = {fact.kind.code: fact for group in every_group(project) for fact in group.facts}
    facts = tuple(found[code] for code in codes if code in found)
    name = next(group.name for group in every_group(project) if group.code == group_code)
    return [FactGroup(group_code, name, facts)] if facts else []


def every_group(project: Project) -> list[FactGroup]:
    """Every question by group with what is answered already, those on demand as well."""
    answers = {code: answer_of(project, code) for code in catalogue()}
    return asked_groups(answers, {}, sources=project.fact_sources, on_demand=True)


TO_MEND = frozenset({Material.State.FAULTY, Material.State.MISSING})


@dataclass(frozen=True)
class PaperToBring:
    """One paper: why it is wanted, whether it is needed at filing, whether it is ready."""

    code: str
    name: str
    known_from: str
    items: tuple[str, ...]
    at_filing: bool
    may_be_late: bool
    ready: bool
    fault: str


def materials_to_bring(project: Project) -> list[PaperToBring]:
    """The papers of the plan (申报材料), those of the filing itself first; nothing the platform knows is asked for."""
    plan = plan_of(project)
    if plan is None or project.edition is None:
        return []
    english = in_english()
    early = filing_items(template_of(project.edition))
    names = {item.spec.code: item.spec.name_en if english else item.spec.name_zh for item in plan.items}
    stored = {material.code: material for material in project.materials.all()}
    papers = []
    for entry in wanted_materials(project):
        material = stored.get(entry.code)
        papers.append(
            PaperToBring(
                code=entry.code,
                name=entry.name_en if english else entry.name_zh,
                known_from=entry.known_from,
                items=tuple(names[code] for code in entry.item_codes),
                at_filing=bool(early.intersection(entry.item_codes)),
                may_be_late=entry.may_be_late,
                ready=material is not None and material.state in {Material.State.DECLARED, Material.State.CHECKED},
                fault=material.remark if material is not None and material.state in TO_MEND else "",
            )
        )
    return sorted(papers, key=lambda paper: (not paper.at_filing, bool(paper.known_from)))


@dataclass(frozen=True)
class FilingSummary:
    """What is about to be filed and what it leads to."""

    template: str
    total_days: int | None
    items: tuple[str, ...]
    undecided: tuple[str, ...]
    not_needed: int
    area_m2: float | None
    papers_ready: int
    papers_wanted: int
    lacking: tuple[str, ...]


def filing_summary(project: Project) -> FilingSummary:
    """The summary before an act of law (核对并提交)."""
    plan: Plan | None = plan_of(project)
    english = in_english()
    asked = [paper for paper in materials_to_bring(project) if paper.at_filing and not paper.known_from]
    run = [item for item in plan.items if item.need.is_run] if plan else []
    return FilingSummary(
        template="" if project.edition is None else project.edition.name_en if english else project.edition.name_zh,
        total_days=plan.total if plan else None,
        items=tuple(item.spec.name_en if english else item.spec.name_zh for item in run),
        undecided=tuple(item.spec.name_en if english else item.spec.name_zh for item in plan.undecided) if plan else (),
        not_needed=len([item for item in plan.items if not item.need.is_run]) if plan else 0,
        area_m2=project.site.area_legal_m2 if hasattr(project, "site") else None,
        papers_ready=sum(paper.ready for paper in asked),
        papers_wanted=len(asked),
        lacking=tuple(paper.name for paper in asked if not paper.ready and not paper.may_be_late),
    )


def filed_facts(project: Project) -> list[dict[str, Any]]:
    """The answered facts in words, for the window (申报情况)."""
    shown = []
    for group in fact_groups(project):
        for fact in group.facts:
            if not fact.value:
                continue
            words = {"yes": "是", "no": "否", UNKNOWN: "不知道"} if not in_english() else {UNKNOWN: "unknown"}
            value = dict(fact.choices).get(fact.value, words.get(fact.value, fact.value))
            shown.append({"question": fact.question, "value": value, "unit": fact.kind.unit, "source": fact.source})
    return shown


@dataclass(frozen=True)
class Effect:
    """What a set of answers leads to. `pipeline` is empty while none fits."""

    pipeline: str
    total_days: int | None
    limit_days: int | None
    needed: int
    undecided: tuple[str, ...]
    might_come_first: tuple[str, ...]
    missing: tuple[str, ...]
    none_fits: bool


def effect_of(facts: Mapping[str, Any], *, reuse: Reuse | None = None, choice: Choice | None = None) -> Effect:
    """Pipeline, items and days for these answers and confirmed reuses (编排预览)."""
    english = in_english()
    choice = choice or choose_template(facts)
    editions = {row.template_code: row for row in published_editions()}
    first = tuple(name_of(editions[fit.code], english=english) for fit in choice.might_come_first)
    asked = {fact for fit in choice.might_come_first for fact in fit.missing}
    missing = tuple(kind.name_en if english else kind.name_zh for code, kind in catalogue().items() if code in asked)
    if choice.chosen is None:
        return Effect("", None, None, 0, (), first, missing, choice.none_fits)
    edition = editions[choice.chosen]
    plan = make_plan(template_of(edition), facts, reuse=reuse)
    return Effect(
        pipeline=name_of(edition, english=english),
        total_days=plan.total,
        limit_days=edition.total_limit,
        needed=sum(item.need.is_run for item in plan.items) - len(plan.undecided),
        undecided=tuple(item.spec.name_en if english else item.spec.name_zh for item in plan.undecided),
        might_come_first=first,
        missing=missing,
        none_fits=False,
    )


def name_of(edition: PipelineEdition, *, english: bool) -> str:
    """The edition's name in the reader's language."""
    return edition.name_en if english else edition.name_zh
