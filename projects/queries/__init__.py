"""Readers of the projects room: what other rooms and pages may ask."""

from projects.queries.locking import lock_item, lock_project

__all__ = ["lock_item", "lock_project"]
