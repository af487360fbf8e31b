"""HTTP API of the projects room: projects, filing, the window, items, the day ledger, plans."""

from projects.api import days, items, plans, projects, window
from projects.api.routing import router

__all__ = ["days", "items", "plans", "projects", "router", "window"]
