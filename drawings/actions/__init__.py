"""The only writers of the drawings room (图纸)."""

from drawings.actions.files import prepare_file, settle_revision
from drawings.actions.layer_states import keep_layer_state, remove_layer_state
from drawings.actions.log import Commit, OpRequest, commit_ops
from drawings.actions.sets import add_files, add_revision, create_set, withdraw_file
from drawings.actions.sheets import (
    CitedMark,
    anchor_sheets,
    cite_marks,
    freeze_sheets,
    grant_marking,
    open_sheets,
    renew_epochs,
    revise_sheets,
    revoke_marking,
    seal_sheets,
    sign_sheets,
    thaw_sheets,
    uncite_marks,
)
from drawings.actions.uploads import append_to_upload, begin_upload, drop_upload, hand_in_more, hand_in_uploads
from drawings.store import IncomingFile, receive_file

__all__ = [
    "CitedMark",
    "Commit",
    "IncomingFile",
    "OpRequest",
    "add_files",
    "add_revision",
    "anchor_sheets",
    "append_to_upload",
    "begin_upload",
    "cite_marks",
    "commit_ops",
    "create_set",
    "drop_upload",
    "freeze_sheets",
    "grant_marking",
    "hand_in_more",
    "hand_in_uploads",
    "keep_layer_state",
    "open_sheets",
    "prepare_file",
    "receive_file",
    "remove_layer_state",
    "renew_epochs",
    "revise_sheets",
    "revoke_marking",
    "seal_sheets",
    "settle_revision",
    "sign_sheets",
    "thaw_sheets",
    "uncite_marks",
    "withdraw_file",
]
