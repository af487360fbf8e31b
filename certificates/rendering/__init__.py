"""Official papers (公文) as PDF: pure functions from content to bytes, without Django.

`compose(content)` lays a paper out after GB/T 9704-2012 (党政机关公文格式) as far as it fits an
administrative decision, and says where the seal belongs. Signing happens elsewhere
(`certificates.signing`); nothing here knows keys, databases or the clock.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from certificates.rendering.content import (
    Appendix,
    DrawingEntry,
    Facts,
    NumberedList,
    Opinion,
    Opinions,
    PaperContent,
    Paragraph,
    Table,
)

if TYPE_CHECKING:
    from certificates.rendering.paper import ComposedPaper, SealPlace, compose
    from certificates.rendering.seal import draw_seal

# The press is loaded only where a paper is made: a web process needs neither reportlab nor a font reader.
PRESS = {
    "ComposedPaper": "certificates.rendering.paper",
    "SealPlace": "certificates.rendering.paper",
    "compose": "certificates.rendering.paper",
    "draw_seal": "certificates.rendering.seal",
}

__all__ = [
    "Appendix",
    "ComposedPaper",
    "DrawingEntry",
    "Facts",
    "NumberedList",
    "Opinion",
    "Opinions",
    "PaperContent",
    "Paragraph",
    "SealPlace",
    "Table",
    "compose",
    "draw_seal",
]


def __getattr__(name: str) -> Any:
    """Load the press when it is first asked for."""
    if name not in PRESS:
        raise AttributeError(name)
    return getattr(import_module(PRESS[name]), name)
