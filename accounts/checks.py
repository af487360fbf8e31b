"""System checks: a URL or socket message without an action name stops the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver

from accounts.policy import policy, row_of, system_acts

# Probes, sign-in pages of allauth, language switch, the API's own description: reached before anybody is known.
PLUMBING_NAMES = frozenset({"healthz", "readyz", "metrics", "set_language", "openapi-json", "api-root"})
PLUMBING_MODULES = ("allauth.", "django.views.static", "django.views.i18n", "django_prometheus.", "ninja.openapi.views")


def is_plumbing(match: ResolverMatch) -> bool:
    """A technical address that no row of the table speaks of."""
    module = getattr(match.func, "__module__", "") or ""
    return match.url_name in PLUMBING_NAMES or module.startswith(PLUMBING_MODULES)


def action_of_view(view: Callable[..., Any], method: str) -> str | None:
    """The action name of a page view or of the API operation behind a path."""
    name = getattr(view, "action_name", None) or getattr(getattr(view, "view_class", None), "action_name", None)
    if name is not None:
        return str(name)
    for operation in operations_of(view):
        if method in operation.methods:
            return getattr(operation.view_func, "action_name", None)
    return None


def operations_of(view: Callable[..., Any]) -> list[Any]:
    """The ninja operations served by one path."""
    path_view = getattr(view, "__self__", None)
    if path_view is None:
        cells = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
        path_view = next((cell for cell in cells if hasattr(cell, "operations")), None)
    return list(getattr(path_view, "operations", []))


def all_patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL pattern with its full path."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from all_patterns(entry, path)
        else:
            yield path, entry


def missing_actions() -> Iterator[str]:
    """Paths and socket messages whose view names no action, or one without a row."""
    for path, pattern in all_patterns(get_resolver()):
        module = getattr(pattern.callback, "__module__", "") or ""
        if pattern.name in PLUMBING_NAMES or module.startswith(PLUMBING_MODULES):
            continue
        operations = operations_of(pattern.callback)
        names = [getattr(operation.view_func, "action_name", None) for operation in operations] or [
            action_of_view(pattern.callback, "GET")
        ]
        if any(name is None or name not in policy() for name in names):
            yield f"/{path}"
    for message, name in SOCKET_MESSAGES.items():
        if name not in policy():
            yield f"socket message {message}"


# Socket message type -> action; realtime fills it (register_socket_message).
SOCKET_MESSAGES: dict[str, str] = {}


def register_socket_message(kind: str, name: str) -> None:
    """Name the row of the permission table that a socket message asks."""
    row_of(name)
    SOCKET_MESSAGES[kind] = name


@register(Tags.security)
def every_door_has_its_row(**_kwargs: Any) -> list[CheckMessage]:
    """Default deny begins here: no row, no start."""
    try:
        policy()
        system_acts()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="accounts.E002")]
    return [
        Error(
            f"{place} has no action of the permission table",
            hint='Put @action("object.action") on the view and its row into accounts/permission_matrix.tsv.',
            id="accounts.E001",
        )
        for place in missing_actions()
    ]
