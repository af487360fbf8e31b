"""How often Python looks for circles of dead objects.

The product's modules are half a million objects that never die; the collector walks them again and again, every 700 new
objects, for a quarter of the processor's time in work that is all models and queries. What is loaded is put out of its
sight, and it looks when a hundred times as many objects have come, which bounds what can lie about to some megabytes.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 70_000
WHILE_LOADING = 300_000


def load_undisturbed() -> None:
    """Call before everything is imported: what modules make stays, and looking among it costs a seventh of a start."""
    gc.set_threshold(WHILE_LOADING, 20, 20)


def look_less_often() -> None:
    """Call once everything is imported, before a fork or the first request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
