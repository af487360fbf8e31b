"""Every refusal the product can give.

DomainError (status 409)
  Refused          422  a rule says no; carries its own code
    Invalid        422  fields of a form are wrong, each with how to mend it
  SignInRequired   401
  Forbidden        403  seen but not allowed
    StepUpRequired 403  allowed after a fresh password or factor
    SecondKeyRequired 403  allowed after another person's confirmation
  NotFound         404  absent or not to be seen: the same answer
  Conflict         409  somebody else was first
    StateConflict  409  not in this state
    InFlight       409  the same request is still being worked on
  TooMany          429

`message` says what and why in plain words, `next_step` what to do now; both are already in the reader's language.
They become problem+json, an error page or a socket nack in one place each; nothing else catches them.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _


class DomainError(Exception):
    """The product says no."""

    status = 409
    default_code = "refused"

    def __init__(self, message: str = "", *, code: str | None = None, next_step: str | None = None) -> None:
        self.message = message or self.default_message()
        self.code = code or self.default_code
        self.next_step = next_step
        super().__init__(self.message)

    def default_message(self) -> str:
        """What is said when the rule has no words of its own."""
        return _("这项操作未能完成。")

    def as_problem(self) -> dict[str, object]:
        """RFC 9457 problem details."""
        problem: dict[str, object] = {
            "type": f"about:blank#{self.code}",
            "title": self.message,
            "status": self.status,
            "code": self.code,
        }
        if self.next_step:
            problem["next_step"] = self.next_step
        return problem


class Refused(DomainError):
    """A rule refuses the act; `field` names the input to mend, where there is one."""

    status = 422

    def __init__(self, code: str, message: str, *, field: str | None = None, next_step: str | None = None) -> None:
        super().__init__(message, code=code, next_step=next_step)
        self.field = field

    def as_problem(self) -> dict[str, object]:
        problem = super().as_problem()
        if self.field:
            problem["errors"] = {self.field: [self.message]}
        return problem


class Invalid(Refused):
    """Fields are wrong: {field: [what is wrong and how to mend it]}."""

    def __init__(self, errors: Mapping[str, list[str]], *, code: str = "invalid") -> None:
        first = next((text for texts in errors.values() for text in texts), _("填写的内容有误。"))
        super().__init__(code, first)
        self.errors = {name: list(texts) for name, texts in errors.items()}

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "errors": self.errors}


class SignInRequired(DomainError):
    """Nobody is signed in."""

    status = 401
    default_code = "sign_in_required"

    def default_message(self) -> str:
        return _("请先登录。")


class Forbidden(DomainError):
    """Seen, but not for this post."""

    status = 403
    default_code = "forbidden"

    def default_message(self) -> str:
        return _("您当前的岗位不能办理这项操作。")


class StepUpRequired(Forbidden):
    """A fresh factor is needed (二次认证)."""

    default_code = "step_up_required"

    def default_message(self) -> str:
        return _("这项操作具有法律效力，请再次输入密码确认身份。")


class SecondKeyRequired(Forbidden):
    """Another person must confirm (双人确认)."""

    default_code = "second_key_required"

    def default_message(self) -> str:
        return _("这项操作需要另一位有权人员确认。")


class NotFound(DomainError):
    """Absent, or not to be seen."""

    status = 404
    default_code = "not_found"

    def default_message(self) -> str:
        return _("没有找到，或您无权查看。")


class Conflict(DomainError):
    """Somebody else was first."""

    default_code = "conflict"

    def default_message(self) -> str:
        return _("内容已被他人更新，请刷新后再试。")


class StateConflict(Conflict):
    """The object is not in a state that allows this."""

    default_code = "state"

    def default_message(self) -> str:
        return _("当前状态下不能进行这项操作。")


class InFlight(Conflict):
    """The same request is still being worked on."""

    default_code = "in_flight"

    def default_message(self) -> str:
        return _("同一请求正在处理，请稍候。")


class TooMany(DomainError):
    """Too many requests."""

    status = 429
    default_code = "too_many"

    def default_message(self) -> str:
        return _("操作过于频繁，请稍后再试。")
