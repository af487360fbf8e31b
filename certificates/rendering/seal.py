"""The red round seal (印章) as vector drawing: ring, star, name on the arc, purpose, code number.

Sizes after 国发〔1999〕25号: a department's seal is 42 mm across, a five-pointed star in the middle, the name
from left to right along the ring. The seal of a fictional city; `purpose` may say 行政审批专用章.
"""

from __future__ import annotations

import io
import math

from reportlab.pdfgen.canvas import Canvas

from certificates.rendering.faces import faces_for
from certificates.rendering.typeset import Setter, Style

SEAL_RED = (0.784, 0.086, 0.114)
SIDE = 120.0  # the drawing is made on a square of 120 points and scaled to its place
RING = 56.5


def draw_seal(name: str, *, purpose: str = "", code: str = "") -> bytes:
    """One-page PDF of SIDE x SIDE points with the seal; equal arguments give equal bytes.

    `name` is the body (云川新区行政审批局), `purpose` stands level under the star, `code` (印章编码) along the lower arc.
    """
    out = io.BytesIO()
    with faces_for(name + purpose + code) as faces:
        setter = Setter(faces, SIDE)
        canvas = Canvas(out, pagesize=(SIDE, SIDE), pageCompression=1, invariant=1, initialFontName=faces.names[0])
        canvas.translate(SIDE / 2, SIDE / 2)
        canvas.setStrokeColorRGB(*SEAL_RED)
        canvas.setFillColorRGB(*SEAL_RED)
        canvas.setLineWidth(3.0)
        canvas.circle(0, 0, RING, stroke=1, fill=0)
        canvas.setLineWidth(0.7)
        canvas.circle(0, 0, RING - 3.6, stroke=1, fill=0)
        _star(canvas, 17.0)
        _arc_text(canvas, setter, name, top=True)
        if purpose:
            style = Style(min(9.5, 62 / max(len(purpose), 1)), 12, bold=True, colour=SEAL_RED)
            setter.text(canvas, -setter.measure(purpose, style) / 2, -31, purpose, style)
        if code:
            _arc_text(canvas, setter, code, top=False)
        canvas.showPage()
        canvas.save()
    return out.getvalue()


def _star(canvas: Canvas, radius: float) -> None:
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    path = canvas.beginPath()
    for corner in range(10):
        length = radius if corner % 2 == 0 else inner
        angle = math.radians(90 + corner * 36)
        point = (length * math.cos(angle), length * math.sin(angle))
        path.moveTo(*point) if corner == 0 else path.lineTo(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _arc_text(canvas: Canvas, setter: Setter, text: str, *, top: bool) -> None:
    """Letters along the ring: the name over the star, upright from outside; the code under it."""
    if top:
        span = math.radians(min(250.0, 26.0 * max(len(text), 2)))
        step = span / max(len(text) - 1, 1)
        size = min(17.5, step * 37)
        style = Style(size, size, bold=True, colour=SEAL_RED, stroke=0.045)
        baseline, narrow = RING - 6.2 - size * 0.88, 0.8
    else:
        size = 5.6
        step = math.radians(6.4)
        span = step * (len(text) - 1)
        style = Style(size, size, colour=SEAL_RED)
        baseline, narrow = RING - 5.8, 1.0
    for index, letter in enumerate(text):
        canvas.saveState()
        if top:
            canvas.rotate(math.degrees(span / 2 - index * step))
            canvas.translate(0, baseline)
        else:
            canvas.rotate(math.degrees(-span / 2 + index * step))
            canvas.translate(0, -baseline)
        canvas.scale(narrow, 1)
        setter.text(canvas, -setter.measure(letter, style) / 2, 0, letter, style)
        canvas.restoreState()
