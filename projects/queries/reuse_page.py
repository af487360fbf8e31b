"""What the pages of reuse show (区域评估共享应用): per kind the share, what is left, validity, effect, savings, state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from accounts.access import can
from accounts.legal_day import today_in_shanghai
from accounts.queries import departments, display_names
from certificates.queries import papers_of
from ledger.actor import Actor
from projects.models import AssessmentReuse, Project, RecheckTask
from projects.pipeline.savings import ClockSaving, Savings, clock_savings, kinds_wanted
from projects.queries.confirmed_reuse import PAPER_KINDS, reasons_of, works_have_begun
from projects.queries.editions import template_for
from projects.queries.filing import in_english
from projects.queries.reuse import answer_of_kind, possible_reuse, site_answer
from projects.rules.facts import FactKind, catalogue
from projects.rules.reuse import PROPOSABLE
from projects.states import reuse_state_name
from projects.words import _
from regional_eval.domain import assessment_kinds
from regional_eval.reasons import in_words
from regional_eval.rules.answers import KindAnswer, Reason
from regional_eval.terms import OUTCOME_LOOK, effect_name, either_name, kind_name, outcome_name, parameter_name

MU_OF_M2 = 3 / 2000
TO_GIVE = frozenset({"parameter_missing", "exception_unknown"})
STATE_LOOK = {
    "proposed": ("amber", "hourglass"),
    "confirmed": ("green", "stamp"),
    "refused": ("red", "circle-x"),
    "withdrawn": ("stopped", "rotate-ccw"),
    "renewed": ("stopped", "rotate-ccw-clock"),
    "lapsed": ("red", "circle-x"),
    "recalled": ("red", "rotate-ccw"),
}


@dataclass(frozen=True)
class Badge:
    """Words with their colour and icon."""

    text: str
    colour: str
    icon: str


@dataclass(frozen=True)
class WantedFigure:
    """A fact that a limit or an exception asks for and the project has not given."""

    code: str
    name: str
    unit: str
    kind: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReuseShown:
    """One reuse as a page shows it."""

    reuse: AssessmentReuse
    badge: Badge
    who: str
    reasons: tuple[str, ...]
    paper: dict[str, str] | None
    recheck: RecheckTask | None
    may_promise: bool
    may_confirm: bool
    may_refuse: bool
    may_withdraw: bool


@dataclass(frozen=True)
class KindRow:
    """One kind of assessment on the project's page."""

    code: str
    name: str
    department: Any
    items: tuple[str, ...]
    outcome: Badge | None
    percent: float
    remainder_m2: float
    remainder_mu: float
    has_remainder: bool
    effect: str
    areas: tuple[str, ...]
    valid_to: date | None
    ends_early: bool
    reasons: tuple[str, ...]
    wanted: tuple[WantedFigure, ...]
    report_days: int | None
    fee_yuan: int | None
    is_guess: bool
    clock: ClockSaving | None
    shown: ReuseShown | None
    may_propose: bool

    @property
    def fee_text(self) -> str:
        """Yuan, grouped by thousands."""
        return f"{self.fee_yuan or 0:,}"

    @property
    def remainder_text(self) -> str:
        """Square metres, grouped by thousands."""
        return f"{self.remainder_m2:,.0f}"

    @property
    def matters(self) -> bool:
        """Does this project's pipeline ask for it, or is there anything to say of it?"""
        return bool(self.items) or self.shown is not None or (self.outcome is not None and self.percent > 0)


@dataclass(frozen=True)
class ReusePage:
    """The whole section."""

    rows: tuple[KindRow, ...]
    others: tuple[KindRow, ...]
    savings: Savings | None
    fee_yuan: int
    longest_report: int
    counted: int
    is_guess: bool
    shapes: list[dict[str, Any]] = field(default_factory=list)
    begun: bool = False
    on: date | None = None
    rule: str = ""

    @property
    def fee_text(self) -> str:
        """Yuan, grouped by thousands."""
        return f"{self.fee_yuan:,}"


def reuse_page(actor: Actor, project: Project) -> ReusePage:
    """Every kind with today's answer and what became of it; savings of what was proposed or confirmed, all together."""
    site = getattr(project, "site", None)
    today = today_in_shanghai()
    found = site_answer(project, on=today) if site is not None else None
    answers = {answer.kind: answer for answer in found.assessments} if found else {}
    possible = possible_reuse(found) if found else {}
    template = template_for(project) if project.edition_id else None
    wanted = kinds_wanted(template, project.facts) if template else {}
    clock = clock_savings(template, project.facts, possible) if template else None
    latest = latest_by_kind(project)
    may_propose = site is not None and can(actor, "assessment.propose_reuse", project) and not works_have_begun(project)
    known = {row.code: row for row in departments(project.district_id)}
    english = in_english()
    names = {spec.code: spec.name_en if english else spec.name_zh for spec in template.items} if template else {}
    shown = {row.reuse.kind: row for row in shown_reuses(actor, project, latest.values())}
    rows = []
    for code, entry in assessment_kinds().items():
        items = tuple(names[item] for item in wanted.get(code, ()))
        if code in PAPER_KINDS and template is not None:
            items = (_("土地勘测定界成果（材料）"),)
        rows.append(
            kind_row(
                code,
                answers.get(code),
                department=known.get(entry["approving_department"]),
                items=items,
                clock=clock.by_kind.get(code) if clock else None,
                shown=shown.get(code),
                may_propose=may_propose,
                planned_start=project.planned_start,
            )
        )
    live = [row.reuse for row in shown.values() if row.reuse.state in AssessmentReuse.LIVE]
    kinds = {reuse.kind for reuse in live}
    saved = (
        clock_savings(template, project.facts, {k: v for k, v in possible.items() if k in kinds}) if template else None
    )
    ordered = sorted((row for row in rows if row.matters), key=rank)
    return ReusePage(
        rows=tuple(ordered),
        others=tuple(row for row in rows if not row.matters),
        savings=saved,
        fee_yuan=sum(reuse.fee_yuan or 0 for reuse in live),
        longest_report=max((reuse.report_days or 0 for reuse in live), default=0),
        counted=len(live),
        is_guess=any(row.is_guess for row in rows if row.code in kinds),
        shapes=shapes_of(project, answers.values()),
        begun=works_have_begun(project),
        on=today,
        rule=found.rule if found else "",
    )


def rank(row: KindRow) -> tuple[int, int, str]:
    """What is under way first, then what may be proposed, then what the pipeline asks for."""
    live = row.shown is not None and row.shown.reuse.state in AssessmentReuse.LIVE
    return (0 if live else 1 if row.may_propose else 2, 0 if row.items else 1, row.code)


def latest_by_kind(project: Project) -> dict[str, AssessmentReuse]:
    """The newest reuse of each kind."""
    return {reuse.kind: reuse for reuse in project.reuses.order_by("proposed_at")}


def kind_row(
    code: str,
    answer: KindAnswer | None,
    *,
    department: Any,
    items: tuple[str, ...],
    clock: ClockSaving | None,
    shown: ReuseShown | None,
    may_propose: bool,
    planned_start: date | None,
) -> KindRow:
    """One row from today's answer."""
    reasons = answer.reasons if answer else ()
    live = shown is not None and shown.reuse.state in AssessmentReuse.LIVE
    valid_to = answer.valid_to if answer else None
    return KindRow(
        code=code,
        name=kind_name(code),
        department=department,
        items=items,
        outcome=Badge(outcome_name(str(answer.outcome)), *OUTCOME_LOOK[str(answer.outcome)]) if answer else None,
        percent=(answer.covered_share if answer else 0) * 100,
        remainder_m2=answer.remainder_m2 if answer else 0,
        remainder_mu=(answer.remainder_m2 if answer else 0) * MU_OF_M2,
        has_remainder=bool(answer and answer.remainder and answer.covered_share > 0),
        effect=effect_name(str(answer.effect)) if answer and answer.effect else "",
        areas=tuple(f"{area.number} {either_name(area.region, area.region_en)}".strip() for area in answer.used) if answer else (),
        valid_to=valid_to,
        ends_early=bool(valid_to and planned_start and valid_to < planned_start),
        reasons=tuple(in_words(reason) for reason in reasons if reason.code != "saving_typical"),
        wanted=wanted_figures(reasons),
        report_days=answer.days_saved if answer else None,
        fee_yuan=answer.fee_saved if answer else None,
        is_guess=any(reason.code == "saving_typical" for reason in reasons),
        clock=clock,
        shown=shown,
        may_propose=may_propose and not live and answer is not None and (
            answer.outcome in PROPOSABLE or bool(wanted_figures(reasons))
        ),
    )  # fmt: skip


def wanted_figures(reasons: Iterable[Reason]) -> tuple[WantedFigure, ...]:
    """The missing figures, each once, with how they are asked."""
    codes = dict.fromkeys(str(reason.params["parameter"]) for reason in reasons if reason.code in TO_GIVE)
    flags = {str(reason.params["parameter"]) for reason in reasons if reason.code == "exception_unknown"}
    return tuple(wanted_figure(code, is_flag=code in flags) for code in codes)


def wanted_figure(code: str, *, is_flag: bool) -> WantedFigure:
    """One figure: as the catalogue asks it, else a number or yes and no."""
    kind: FactKind | None = catalogue().get(code)
    if kind is None:
        return WantedFigure(code, parameter_name(code), "", "yes_no" if is_flag else "number", ())
    english = in_english()
    choices = tuple((one.code, one.name_en if english else one.name_zh) for one in kind.choices)
    return WantedFigure(code, kind.name_en if english else kind.name_zh, kind.unit, kind.kind, choices)


def shown_reuses(actor: Actor, project: Project, reuses: Iterable[AssessmentReuse]) -> list[ReuseShown]:
    """Reuses with who did what, their paper, an open re-check, and what this reader may do."""
    rows = list(reuses)
    papers = {paper.id: paper for paper in papers_of(project.pk)}
    names = display_names({person for row in rows for person in (row.decided_by_id, row.proposed_by_id) if person})
    open_tasks = {task.reuse_id: task for task in open_rechecks_of(rows)}
    shown = []
    for row in rows:
        proposed = row.state == AssessmentReuse.State.PROPOSED
        owes_promise = proposed and row.effect == "COMMITMENT" and row.promised_at is None
        paper = papers.get(row.paper_id) if row.paper_id else None
        shown.append(
            ReuseShown(
                reuse=row,
                badge=Badge(reuse_state_name(row.state), *STATE_LOOK[row.state]),
                who=names.get(row.decided_by_id or row.proposed_by_id, ""),
                reasons=tuple(reasons_of(row)),
                paper={
                    "title": paper.title,
                    "number": paper.number,
                    "href": reverse("certificates:document", args=[paper.id]) if paper.state == "issued" else "",
                    "verify": paper.verify_href,
                }
                if paper
                else None,
                recheck=open_tasks.get(row.pk),
                may_promise=owes_promise and can(actor, "promise.sign", row),
                may_confirm=proposed and can(actor, "assessment.confirm_reuse", row),
                may_refuse=proposed and can(actor, "assessment.refuse_reuse", row),
                may_withdraw=proposed and can(actor, "assessment.propose_reuse", project),
            )
        )
    return shown


def open_rechecks_of(reuses: Iterable[AssessmentReuse]) -> QuerySet[RecheckTask]:
    """Re-checks of the reuses themselves; whether a decision stands that leaned on one is another question."""
    return RecheckTask.objects.filter(reuse__in=reuses, closed_at__isnull=True, item__isnull=True)


def shapes_of(project: Project, answers: Iterable[KindAnswer]) -> list[dict[str, Any]]:
    """The red line and what is left to be assessed, for the map."""
    site = getattr(project, "site", None)
    if site is None:
        return []
    shapes = [{"id": "site", "group": "INFO", "label": _("用地红线"), "geometry": site.boundary}]
    shapes += [
        {
            "id": f"remainder-{answer.kind}",
            "group": "remainder",
            "label": _("%(kind)s：补评范围") % {"kind": kind_name(answer.kind)},
            "geometry": answer.remainder,
        }
        for answer in answers
        if answer.remainder and answer.covered_share > 0
    ]
    return shapes


@dataclass(frozen=True)
class CaseFacts:
    """What the department sees of one proposal: the frozen answer and today's, side by side."""

    row: ReuseShown
    project: Project
    kind: str
    effect: str
    used: tuple[str, ...]
    reasons_now: tuple[str, ...]
    outcome_now: Badge
    holds: bool
    shapes: list[dict[str, Any]]
    facts: tuple[tuple[str, str], ...]
    waits_for_promise: bool


def reuse_case(actor: Actor, reuse: AssessmentReuse) -> CaseFacts:
    """One reuse for the department that decides it."""
    project = reuse.project
    found = site_answer(project, figures=reuse.answer.get("facts", {}))
    answer = answer_of_kind(found, reuse.kind)
    used = reuse.answer["facts"]
    asked = {str(raw.get("params", {}).get("parameter", "")) for raw in reuse.answer["answer"]["reasons"]}
    told = [code for code in used if code in asked or code in {"industry_code", "building_height_m", "floor_area_m2"}]
    told += [code for code, kind in catalogue().items() if kind.group == "land_terms" and code in used]
    return CaseFacts(
        row=shown_reuses(actor, project, [reuse])[0],
        project=project,
        kind=kind_name(reuse.kind),
        effect=effect_name(reuse.effect) if reuse.effect else outcome_name(reuse.outcome),
        used=tuple(
            f"{area['number']} {either_name(area['region'], area.get('region_en', ''))}".strip()
            for area in reuse.answer["answer"]["used"]
        ),
        reasons_now=tuple(in_words(reason) for reason in answer.reasons if reason.code != "saving_typical"),
        outcome_now=Badge(outcome_name(str(answer.outcome)), *OUTCOME_LOOK[str(answer.outcome)]),
        holds=answer.outcome in PROPOSABLE,
        shapes=shapes_of(project, [answer]),
        facts=tuple((parameter_name(code), str(used[code])) for code in dict.fromkeys(told)),
        waits_for_promise=reuse.state == "proposed" and reuse.effect == "COMMITMENT" and reuse.promised_at is None,
    )


def reuse_badges(project_id: UUID) -> list[dict[str, str]]:
    """The live reuses of a project in few words, for its page; nothing is computed."""
    rows = AssessmentReuse.objects.filter(project=project_id, state__in=AssessmentReuse.LIVE)
    waiting = set(open_rechecks_of(rows).values_list("reuse_id", flat=True))
    return [
        {
            "name": kind_name(row.kind),
            "label": _("待复核") if row.pk in waiting else reuse_state_name(row.state),
            "state": "warn" if row.pk in waiting else "done" if row.state == "confirmed" else "waiting",
        }
        for row in rows.order_by("kind")
    ]
