"""The only writers of the projects room."""

from projects.actions.acceptance import accept_at_window, accept_by_silence
from projects.actions.catalogue import (
    add_draft_item,
    begin_draft,
    change_draft_item,
    drop_draft,
    publish_edition,
    remove_draft_item,
)
from projects.actions.clock import (
    answer_contest,
    contest_day,
    pause_clock,
    resume_clock,
    stop_clock,
    unpause_clock,
)
from projects.actions.domain import draft_edition, load_calendar_year, load_domain, put_in_force
from projects.actions.edition_change import ask_to_change_edition, change_edition
from projects.actions.exchange import export_dossier
from projects.actions.intake import reject_at_window, request_correction, submit_project
from projects.actions.items import (
    accept_item,
    approve_item,
    decide_item,
    deny_item,
    first_review,
    hold_item,
    release_item,
    report_event,
    require_in_hand,
    second_review,
    settle_need,
)
from projects.actions.materials import check_materials, declare_materials, hand_in_late
from projects.actions.powers import PowerForm, edit_power, propose_power
from projects.actions.prereview import answer_prereview, ask_prereview, post_message
from projects.actions.projects import (
    ProjectForm,
    create_project,
    edit_form,
    engage_designer,
    release_designer,
    set_site,
    withdraw_project,
)
from projects.actions.recall import close_recheck, open_rechecks, recheck_changed_land
from projects.actions.reuse import confirm_reuse, promise_reuse, propose_reuse, refuse_reuse, withdraw_reuse
from projects.actions.upkeep import recompute_due_dates

__all__ = [
    "PowerForm",
    "ProjectForm",
    "accept_at_window",
    "accept_by_silence",
    "accept_item",
    "add_draft_item",
    "answer_contest",
    "answer_prereview",
    "approve_item",
    "ask_prereview",
    "ask_to_change_edition",
    "begin_draft",
    "change_draft_item",
    "change_edition",
    "check_materials",
    "close_recheck",
    "confirm_reuse",
    "contest_day",
    "create_project",
    "decide_item",
    "declare_materials",
    "deny_item",
    "draft_edition",
    "drop_draft",
    "edit_form",
    "edit_power",
    "engage_designer",
    "export_dossier",
    "first_review",
    "hand_in_late",
    "hold_item",
    "load_calendar_year",
    "load_domain",
    "open_rechecks",
    "pause_clock",
    "post_message",
    "promise_reuse",
    "propose_power",
    "propose_reuse",
    "publish_edition",
    "put_in_force",
    "recheck_changed_land",
    "recompute_due_dates",
    "refuse_reuse",
    "reject_at_window",
    "release_designer",
    "release_item",
    "remove_draft_item",
    "report_event",
    "request_correction",
    "require_in_hand",
    "resume_clock",
    "second_review",
    "set_site",
    "settle_need",
    "stop_clock",
    "submit_project",
    "unpause_clock",
    "withdraw_project",
    "withdraw_reuse",
]
