"""Putting templates and calendar years in force (发布流程、载入放假通知)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.actions import two_key_act
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused, StateConflict
from ledger.record import record
from projects import domain
from projects.events import CalendarLoaded, DomainLoaded, EditionPublished
from projects.models import CalendarDay, CalendarYear, PipelineEdition
from projects.pipeline import graph
from projects.pipeline.publishing import faults_before_publishing
from projects.pipeline.template import Template, read_template
from projects.queries.editions import known_references, template_of
from projects.words import _
from projects.workdays import DayRule, rules_from_rows

INSTALLATION = "Installation"


@transaction.atomic
def load_domain() -> list[str]:
    """Load the bundled templates and calendar where they are missing; a second call changes nothing.

    Part of the installation (`manage.py load_domain`), so it acts as the system. Returns the editions it published.
    """
    actor = Actor.system(cause=INSTALLATION)
    known = set(PipelineEdition.objects.values_list("template_code", flat=True))
    made = []
    for code in domain.template_paths():
        if code not in known:
            edition = draft_edition(domain.template(code))
            put_in_force(edition, actor=actor)
            made.append(code)
    years = load_bundled_years()
    if made or years:
        subject = PipelineEdition.objects.order_by("made_at")[0]
        record(DomainLoaded(editions=made, years=years), actor=actor, subject=subject)
    return made


def load_bundled_years() -> list[int]:
    """The published years of the bundle that the table does not have yet."""
    rules = rules_from_rows(domain.calendar_rows())
    known = set(
        CalendarYear.objects.filter(district__isnull=True, superseded_at__isnull=True).values_list("year", flat=True)
    )
    years = sorted({rule.day.year for rule in rules} - known)
    for year in years:
        write_year(year, [rule for rule in rules if rule.day.year == year], source="domain/calendar", loaded_by=None)
    return years


def write_year(year: int, rules: Iterable[DayRule], *, source: str, loaded_by: int | None) -> CalendarYear:
    """One year's notice as rows; the one before is superseded, not changed."""
    at = now()
    CalendarYear.objects.filter(year=year, district__isnull=True, superseded_at__isnull=True).update(superseded_at=at)
    made = CalendarYear.objects.create(year=year, source=source, loaded_at=at, loaded_by_id=loaded_by)
    CalendarDay.objects.bulk_create(
        CalendarDay(
            of_year=made,
            day=rule.day,
            working=rule.working,
            name_zh=rule.name_zh,
            name_en=rule.name_en,
            reason=rule.reason,
        )
        for rule in rules
    )
    return made


@transaction.atomic
def load_calendar_year(year: int, rows: Iterable[dict[str, str]], *, source: str, actor: Actor) -> CalendarYear:
    """Load the official notice of one year (放假通知); open due dates are then recomputed and their holders told.

    Refused for a row of another year, a bad row, or a notice without any day off.
    """
    require(actor, "config.edit_holiday_calendar")
    rules = rules_from_rows(rows)
    stray = next((rule.day for rule in rules if rule.day.year != year), None)
    if stray is not None:
        raise Refused("calendar_row", _("%(day)s 不属于 %(year)s 年。") % {"day": stray.isoformat(), "year": year})
    if not any(not rule.working for rule in rules):
        raise Refused("calendar_row", _("放假通知里没有任何休息日，请核对文件。"))
    made = write_year(year, rules, source=source, loaded_by=actor.person_id)
    record(CalendarLoaded(year=year, days=len(rules), source=source), actor=actor, subject=made)
    return made


@two_key_act("config.edit_holiday_calendar")
@transaction.atomic
def load_confirmed_year(
    _year_row: int, *, actor: Actor, year: int, rows: list[dict[str, str]], source: str
) -> CalendarYear:
    """What runs when a second administrator has confirmed a notice (放假通知)."""
    return load_calendar_year(year, rows, source=source, actor=actor)


def draft_edition(raw: Mapping[str, Any]) -> PipelineEdition:
    """A template's data as a draft; Refused when it cannot be read at all."""
    template = read_template(raw)
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    return PipelineEdition.objects.create(
        template_code=template.code,
        version=template.version,
        name_zh=template.name_zh,
        name_en=template.name_en,
        priority=template.priority,
        total_limit=template.total_limit,
        critical_days=worst_case(template),
        content=json.loads(text),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        made_at=now(),
    )


def worst_case(template: Template) -> int:
    """Working days of the longest path when every conditional item applies."""
    days = {item.code: item.days_on_clock for item in template.items}
    return graph.schedule(template.prerequisites, days, template.order).total


def put_in_force(edition: PipelineEdition, *, actor: Actor) -> None:
    """Validate and publish; the edition before is retired, its projects keep it."""
    if edition.state != PipelineEdition.State.DRAFT:
        raise StateConflict(_("这个流程版本已经发布过。"))
    faults = faults_before_publishing(template_of(edition), known_references())
    if faults:
        listed = "\n".join(f"{fault.place}: {fault.message}" for fault in faults)
        raise Refused(
            "template_faults",
            _("流程不能发布，有 %(count)s 处问题：\n%(listed)s") % {"count": len(faults), "listed": listed},
        )
    at = now()
    PipelineEdition.objects.filter(template_code=edition.template_code, state=PipelineEdition.State.PUBLISHED).update(
        state=PipelineEdition.State.RETIRED, retired_at=at
    )
    edition.state = PipelineEdition.State.PUBLISHED
    edition.published_at = at
    edition.published_by_id = actor.person_id
    edition.save(update_fields=["state", "published_at", "published_by"])
    record(
        EditionPublished(
            edition_id=edition.pk,
            template_code=edition.template_code,
            version=edition.version,
            critical_days=edition.critical_days,
        ),
        actor=actor,
        subject=edition,
    )
