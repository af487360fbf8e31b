"""Readers of the drawings room (图纸)."""

from drawings.queries.comparison import PairShown, compare_prepared, revisions_compared, sheets_to_compare
from drawings.queries.intake import drawing_list_of
from drawings.queries.layer_states import layer_states_for
from drawings.queries.log import (
    annotation,
    epoch_text,
    first_bad_seq,
    heads,
    ops_after,
    ops_between,
    snapshot,
)
from drawings.queries.plots import PlotWish, plot_of
from drawings.queries.sets import (
    busy_reason,
    current_revision,
    file_for,
    mark_counts,
    match_sheets,
    may_read_prepared,
    next_revision_name,
    original_for,
    revision,
    revision_for,
    revisions_for,
    revisions_of,
    set_for,
    sets_for,
    sets_of,
    sheet,
    sheet_for,
    sheet_of_room,
    sheets_of,
)
from drawings.queries.texts import search_texts
from drawings.queries.uploads import own_upload, own_uploads, used_bytes

__all__ = [
    "PairShown",
    "PlotWish",
    "annotation",
    "busy_reason",
    "compare_prepared",
    "current_revision",
    "drawing_list_of",
    "epoch_text",
    "file_for",
    "first_bad_seq",
    "heads",
    "layer_states_for",
    "mark_counts",
    "match_sheets",
    "may_read_prepared",
    "next_revision_name",
    "ops_after",
    "ops_between",
    "original_for",
    "own_upload",
    "own_uploads",
    "plot_of",
    "revision",
    "revision_for",
    "revisions_compared",
    "revisions_for",
    "revisions_of",
    "search_texts",
    "set_for",
    "sets_for",
    "sets_of",
    "sheet",
    "sheet_for",
    "sheet_of_room",
    "sheets_of",
    "sheets_to_compare",
    "snapshot",
    "used_bytes",
]
