"""The one way from the pure modules (geometry, rules) to the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

__all__ = ["_", "ngettext"]
