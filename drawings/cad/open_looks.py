"""Looks that are still open while ezdxf resolves them: of the block reference, of the layer 0, of the paper (未定外观)."""

from __future__ import annotations

from collections.abc import Iterable

from ezdxf.addons.drawing.properties import DEFAULT_LAYER_PROPERTIES, LayerProperties, Properties

from drawings.cad.ink import ADAPTIVE, BLACK, BYBLOCK, BYLAYER0, MASK

# What the Frontend resolves to these values is still open or depends on the paper. No file is likely to use them.
FOREGROUND, OF_BLOCK, OF_LAYER0, BACKGROUND = "#01f3a7", "#01f3a8", "#01f3a9", "#01f3aa"
OPEN_LAYER = "\x01layer of the reference"
BLOCK_WEIGHT, LAYER0_WEIGHT = 99.99, 88.88
BLOCK_LINE, LAYER0_LINE = "\x01BYBLOCK", "\x02BYLAYER0"
MARKED = {FOREGROUND: ADAPTIVE | BLACK, OF_BLOCK: BYBLOCK, OF_LAYER0: BYLAYER0, BACKGROUND: MASK | BLACK}


def all_visible(layers: Iterable[LayerProperties]) -> None:
    """Layers that are off are drawn too: the viewer can switch them on. What lies on an undefined layer is black on white paper."""
    DEFAULT_LAYER_PROPERTIES.has_aci_color_7 = True
    for layer in layers:
        layer.is_visible = True


def open_layer() -> LayerProperties:
    """The layer that stands for "the layer of the reference" (content on layer 0)."""
    layer = LayerProperties()  # type: ignore[no-untyped-call]  # ezdxf leaves this constructor without types
    layer.layer = OPEN_LAYER
    layer.color = OF_LAYER0
    layer.lineweight = LAYER0_WEIGHT
    layer.linetype_name = LAYER0_LINE
    return layer


def open_properties() -> Properties:
    """What a block's content inherits: everything of the reference."""
    open_ = Properties()
    open_.color = OF_BLOCK
    open_.layer = OPEN_LAYER
    open_.lineweight = BLOCK_WEIGHT
    open_.linetype_name = BLOCK_LINE
    open_.linetype_pattern = ()
    return open_


def packed(color: str) -> int:
    """#rrggbb or #rrggbbaa as a number with the red in its lowest byte; marks of open looks as what they stand for."""
    alpha = int(color[7:9], 16) if len(color) == 9 else 255
    marked = MARKED.get(color[:7])
    if marked is not None:
        return marked if marked < 0 else (marked & ~BLACK) | (alpha << 24)
    return int(color[1:3], 16) | (int(color[3:5], 16) << 8) | (int(color[5:7], 16) << 16) | (alpha << 24)
