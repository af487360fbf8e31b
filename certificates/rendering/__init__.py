"""Official papers (公文) as PDF: pure functions from content to bytes, without Django.

`compose(content)` lays a paper out after GB/T 9704-2012 (党政机关公文格式) as far as it fits an
administrative decision, and says where the seal belongs. Signing happens elsewhere
(`certificates.signing`); nothing here knows keys, databases or the clock.
"""

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
from certificates.rendering.paper import ComposedPaper, SealPlace, compose
from certificates.rendering.seal import draw_seal

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
