"""The one way from the pure modules (rules, clock, workdays, graph) to the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

__all__ = ["_", "ngettext"]
