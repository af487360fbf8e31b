"""Readers of the projects room: what other rooms and pages may ask."""

from projects.queries.calendar import calendar_for, due_after, today_of
from projects.queries.editions import (
    choose_template,
    on_timeout_of,
    preview_plan,
    published_editions,
    spec_of,
    template_for,
    template_of,
)
from projects.queries.ledger import Ledger, day_ledger, ground_name, week_rows
from projects.queries.locking import lock_item, lock_project
from projects.queries.materials import filed_materials, filing_items, wanted_materials

__all__ = [
    "Ledger",
    "calendar_for",
    "choose_template",
    "day_ledger",
    "due_after",
    "filed_materials",
    "filing_items",
    "ground_name",
    "lock_item",
    "lock_project",
    "on_timeout_of",
    "preview_plan",
    "published_editions",
    "spec_of",
    "template_for",
    "template_of",
    "today_of",
    "wanted_materials",
    "week_rows",
]
