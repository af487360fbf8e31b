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
from projects.queries.strips import item_by_code, items_of, items_on_desk, project_for, project_strip, strips_of

__all__ = [
    "Ledger",
    "calendar_for",
    "choose_template",
    "day_ledger",
    "due_after",
    "filed_materials",
    "filing_items",
    "ground_name",
    "item_by_code",
    "items_of",
    "items_on_desk",
    "lock_item",
    "lock_project",
    "on_timeout_of",
    "preview_plan",
    "project_for",
    "project_strip",
    "published_editions",
    "spec_of",
    "strips_of",
    "template_for",
    "template_of",
    "today_of",
    "wanted_materials",
    "week_rows",
]
