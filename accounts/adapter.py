"""How allauth's sign-in fits this product."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.sessions import mark_stepped_up


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up by oneself here; a sign-in is a fresh factor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Enterprises register through account.register_enterprise, staff are made by the system administrator."""
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """The password was just given: acts of law need no second asking for five minutes."""
        mark_stepped_up(request.session)
        return super().post_login(request, user, **kwargs)
