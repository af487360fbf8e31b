"""System check at deployment: which fences around the reading of drawings this host does not give (部署检查)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, register

from drawings.cad.sandbox import protections


@register(Tags.security, deploy=True)
def originals_live_elsewhere(**_kwargs: Any) -> list[CheckMessage]:
    """Said when originals come from the pages' own origin (as attachments, sandboxed, never inline)."""
    if settings.FILES_ORIGIN:
        return []
    hint = "Set FILES_ORIGIN to a second host name of this server, https://files.example: it serves nothing else."
    return [
        Info("原始图纸与页面同源下发 (originals are served from the pages' own origin)", hint=hint, id="drawings.I002")
    ]


@register(Tags.security, deploy=True)
def fences_hold(**_kwargs: Any) -> list[CheckMessage]:
    """Said, not refused: limits of time and memory hold everywhere, and the operator decides about the host."""
    return [
        Info(
            sentence,
            hint="Install bubblewrap, or run on Linux 5.13 or later with Landlock (network: 6.7 or later).",
            id="drawings.I001",
        )
        for sentence in protections()["missing"]
    ]
