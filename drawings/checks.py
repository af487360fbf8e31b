"""System check at deployment: which fences around the reading of drawings this host does not give (部署检查)."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Info, Tags, register

from drawings.cad.sandbox import protections


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
