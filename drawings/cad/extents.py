"""How far a sheet reaches, and what of it to show first (图形范围)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drawings.cad.ink import Drawn, Picture, Text

Box = tuple[float, float, float, float]


def text_boxes(texts: Sequence[Text]) -> NDArray[np.float64]:
    """The upright boxes around texts, from base line to cap height."""
    m = np.array([t.matrix for t in texts], dtype=np.float64).reshape(-1, 6)
    w = np.array([t.width for t in texts], dtype=np.float64)
    h = np.array([t.cap for t in texts], dtype=np.float64)
    columns = []
    for along, up, at in ((0, 2, 4), (1, 3, 5)):
        with np.errstate(invalid="ignore", over="ignore"):
            side, rise = m[:, along] * w, m[:, up] * h
            corners = np.stack((m[:, at], m[:, at] + side, m[:, at] + side + rise, m[:, at] + rise), axis=1)
        columns.append((corners.min(axis=1), corners.max(axis=1)))
    (x0, x1), (y0, y1) = columns
    return np.column_stack((x0, y0, x1, y1))


def picture_box(picture: Picture) -> Box:
    """The upright box around a picture."""
    corners = np.array(picture_corners(picture))
    low, high = corners.min(axis=0), corners.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def picture_corners(picture: Picture) -> list[tuple[float, float]]:
    """Where the corners of a picture lie, from its first pixel round."""
    a, b, c, d, e, f = picture.matrix
    h, w = picture.pixels.shape[:2]
    return [(e, f), (a * w + e, b * w + f), (a * w + c * h + e, b * w + d * h + f), (c * h + e, d * h + f)]


def bounding_box(drawn: Drawn) -> Box:
    """The box around everything, also around what is switched off."""
    strokes, fills, texts, pictures = drawn
    parts = [strokes.xy] if len(strokes) else []
    if len(fills):
        parts.append(fills.xy[fills.corner.ravel()])
    parts += [np.array(picture_corners(picture)) for picture in pictures]
    if texts:
        parts.append(text_boxes(texts).reshape(-1, 2))
    if not parts:
        return (0.0, 0.0, 1.0, 1.0)
    x, y = ([p[:, axis] for p in parts] for axis in (0, 1))
    x0, y0 = (min(float(part.min()) for part in column) for column in (x, y))
    x1, y1 = (max(float(part.max()) for part in column) for column in (x, y))
    return x0, y0, x1, y1


def first_view(drawn: Drawn, shown: NDArray[np.bool_], bbox: Box) -> Box:
    """What to show first: what is visible, without strays. Strays are what lies far outside of the middle 98 per cent."""
    strokes, fills, texts, pictures = drawn
    boxes = [strokes.boxes()[shown[strokes.look]], fills.boxes()[shown[fills.look]]]
    boxes.append(text_boxes([t for t in texts if shown[t.look]]))
    boxes.append(np.array([picture_box(p) for p in pictures if shown[p.look]]).reshape(-1, 4))
    box = np.vstack(boxes)
    if not len(box):
        return padded(bbox)
    middle = (box[:, :2] + box[:, 2:]) / 2
    low, high = np.percentile(middle, 1, axis=0), np.percentile(middle, 99, axis=0)
    size = np.maximum(high - low, 1e-9)
    reach = 1.5 * float(size.max())
    near = ((middle >= low - reach) & (middle <= high + reach)).all(axis=1)
    near &= ((box[:, 2:] - box[:, :2]) <= 20 * (float(size.max()) + 1e-9)).all(axis=1) | (len(box) < 20)
    chosen = box[near] if near.any() else box
    return padded(
        (float(chosen[:, 0].min()), float(chosen[:, 1].min()), float(chosen[:, 2].max()), float(chosen[:, 3].max()))
    )


def padded(box: Box) -> Box:
    """A box with a margin and a size, also around a single point or a straight line."""
    size = max(box[2] - box[0], box[3] - box[1])
    if size <= 0:
        size = max(1.0, abs(box[0]) * 1e-6, abs(box[1]) * 1e-6)
    pad = size * 0.02
    x0, y0, x1, y1 = box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad
    short = size * 0.05
    if x1 - x0 < short:
        middle = (x0 + x1) / 2
        x0, x1 = middle - short / 2, middle + short / 2
    if y1 - y0 < short:
        middle = (y0 + y1) / 2
        y0, y1 = middle - short / 2, middle + short / 2
    return x0, y0, x1, y1
