"""The only writers of accounts."""

from accounts.actions.cast import make_cast
from accounts.actions.identity import check_factor, choose_post, issue_token
from accounts.actions.mandates import accept_mandate, decline_mandate, grant_mandate, revoke_mandate
from accounts.actions.revocation import disable_person, end_post
from accounts.actions.second_key import ask_second_key, confirm_second_key, refuse_second_key, two_key_act

__all__ = [
    "accept_mandate",
    "ask_second_key",
    "check_factor",
    "choose_post",
    "confirm_second_key",
    "decline_mandate",
    "disable_person",
    "end_post",
    "grant_mandate",
    "issue_token",
    "make_cast",
    "refuse_second_key",
    "revoke_mandate",
    "two_key_act",
]
