"""What happens to people, posts and mandates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class PostChosen(Event):
    """A person chose the post he works in (切换岗位)."""

    person_id: int
    post_id: int


@dataclass(frozen=True)
class StepUpFailed(Event):
    """A fresh factor was wrong (二次认证失败)."""

    person_id: int


@dataclass(frozen=True)
class TokenIssued(Event):
    """An API token was made (签发接口令牌)."""

    person_id: int
    post_id: int


@dataclass(frozen=True)
class PersonDisabled(Event):
    """An account was stopped (停用账户)."""

    person_id: int


@dataclass(frozen=True)
class PostEnded(Event):
    """A post was taken away (免去岗位)."""

    person_id: int
    post_id: int


@dataclass(frozen=True)
class MandateGranted(Event):
    """An enterprise authorised an agent (授权代办)."""

    mandate_id: UUID
    principal_id: UUID
    agent_id: int
    ends_on: date


@dataclass(frozen=True)
class MandateAccepted(Event):
    """The agent accepted the mandate (接受委托)."""

    mandate_id: UUID
    principal_id: UUID
    agent_id: int


@dataclass(frozen=True)
class MandateDeclined(Event):
    """The agent did not accept the mandate (谢绝委托)."""

    mandate_id: UUID
    principal_id: UUID
    agent_id: int


@dataclass(frozen=True)
class MandateRevoked(Event):
    """The mandate was ended (撤销委托)."""

    mandate_id: UUID
    principal_id: UUID
    agent_id: int


@dataclass(frozen=True)
class SecondKeyAsked(Event):
    """An act waits for another person (发起双人确认)."""

    key_id: UUID
    action: str
    summary: str


@dataclass(frozen=True)
class SecondKeyConfirmed(Event):
    """Another person confirmed the act (确认)."""

    key_id: UUID
    action: str


@dataclass(frozen=True)
class SecondKeyRefused(Event):
    """Another person refused the act, or the asker took it back (不予确认)."""

    key_id: UUID
    action: str
