"""Who acts (操作人), and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from ledger.errors import SignInRequired


@dataclass(frozen=True)
class Actor:
    """One person in one chosen post (岗位), or the system, or the public; nothing here is ever guessed later.

    A mandate (代办授权) adds the enterprise on whose behalf the agent acts; two mandates are never merged.
    """

    person_id: int | None = None
    username: str = ""
    name: str = ""
    post_id: int | None = None
    roles: frozenset[str] = frozenset()
    department_id: int | None = None
    department_code: str | None = None
    # Own department and those whose powers it exercises (powers table, 权责清单).
    department_codes: frozenset[str] = frozenset()
    district_id: int | None = None
    organisation_id: UUID | None = None
    on_behalf_of: UUID | None = None
    mandate_id: UUID | None = None
    # None: the mandate covers every project of the principal; else only these.
    mandate_projects: frozenset[UUID] | None = None
    mandate_items: frozenset[str] | None = None
    stepped_up: bool = False
    language: str = "zh-hans"
    cause: str = ""
    request_id: str = field(default="", compare=False)

    @property
    def is_system(self) -> bool:
        """A consequence of an event, not a person's act."""
        return self.cause != ""

    @property
    def is_public(self) -> bool:
        """Nobody has signed in."""
        return self.person_id is None and not self.is_system

    @property
    def principal_id(self) -> UUID | None:
        """The organisation this act counts for: the enterprise represented, else one's own."""
        return self.on_behalf_of or self.organisation_id

    @classmethod
    def public(cls, *, language: str = "zh-hans") -> Actor:
        """A visitor who has not signed in."""
        return cls(roles=frozenset({"public"}), language=language)

    @classmethod
    def system(cls, *, cause: str) -> Actor:
        """The system acting because of `cause`; allowed only for the pairs in accounts/system_acts.tsv."""
        if not cause:
            raise ValueError("a system act needs its cause")
        return cls(username="system", name="系统", roles=frozenset({"system"}), cause=cause)

    def signed_in(self) -> int:
        """The person's id; SignInRequired where nobody signed in."""
        if self.person_id is None:
            raise SignInRequired
        return self.person_id

    def stepped(self) -> Actor:
        """The same actor just after a fresh factor (二次认证)."""
        return replace(self, stepped_up=True)
