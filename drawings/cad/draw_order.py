"""What hides what: levels of a sheet on which a wipeout covers all that was drawn before it (绘制次序)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawings.cad import limits
from drawings.cad.extents import Box, picture_box, text_boxes
from drawings.cad.fidelity import Report
from drawings.cad.ink import Drawn

MASK_WORK = 4e8


def levels(
    masks: list[tuple[float, Box]], drawn: Drawn, report: Report
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[int], list[int]]:
    """Draw order where something hides something: each mask lies one level above all that it covers."""
    strokes, fills, texts, pictures = drawn
    counts = (len(strokes), len(fills), len(texts), len(pictures))
    masks = sorted(masks)
    total = sum(counts)
    if not masks or not total:
        return np.zeros(counts[0], np.uint8), np.zeros(counts[1], np.uint8), [0] * counts[2], [0] * counts[3]
    if len(masks) * total > MASK_WORK:
        masks = masks[: max(1, int(MASK_WORK / total))]
        report.warn("W_MASKS", "遮罩过多，部分遮盖次序未还原", "too many wipeouts: the order of some is not kept")
    boxes = np.vstack(
        [
            strokes.boxes(),
            fills.boxes(),
            text_boxes(texts),
            np.array([picture_box(p) for p in pictures]).reshape(-1, 4),
        ]
    )
    seq = np.concatenate([strokes.seq, fills.seq, [t.seq for t in texts], [p.seq for p in pictures]])
    level = np.zeros(total, dtype=np.int32)
    for order, (x0, y0, x1, y1) in masks:
        meets = (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0) & (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
        before = level[meets & (seq < order)]
        if not len(before):
            continue
        above = min(int(before.max()) + 1, limits.LEVELS - 1)
        after = meets & (seq >= order)
        level[after] = np.maximum(level[after], above)
    a, b, c = counts[0], counts[0] + counts[1], counts[0] + counts[1] + counts[2]
    return (
        level[:a].astype(np.uint8), level[a:b].astype(np.uint8), level[b:c].tolist(), level[c:].tolist()
    )  # fmt: skip
