"""Layer table and colours of a drawing as the looks need them (图层)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drawings.cad.ink import ADAPTIVE, BLACK, COLOR_BY_LAYER, LayerLook

DEFAULT_WEIGHT = 25


@dataclass
class Layer:
    """One layer and its state when the file was saved."""

    name: str
    color: int
    weight: int
    line_type: str
    on: bool = True
    frozen: bool = False
    locked: bool = False
    plot: bool = True

    @property
    def adaptive(self) -> bool:
        return bool(self.color & ADAPTIVE)


@dataclass
class Layers:
    """Layers by lower-case name; those that entities name but the table lacks are added with default looks."""

    by_key: dict[str, Layer] = field(default_factory=dict)

    @property
    def looks(self) -> dict[str, LayerLook]:
        return {
            key: LayerLook(layer.color | COLOR_BY_LAYER, layer.weight, layer.line_type)
            for key, layer in self.by_key.items()
        }

    def get(self, name: str) -> Layer:
        key = name.lower()
        layer = self.by_key.get(key)
        if layer is None:
            layer = self.by_key[key] = Layer(name, ADAPTIVE | BLACK, DEFAULT_WEIGHT, "CONTINUOUS")
        return layer


def rgba(red: int, green: int, blue: int, alpha: int = 255) -> int:
    """Packed as entities.bin has it: red in the lowest byte."""
    return (alpha << 24) | (blue << 16) | (green << 8) | red


def aci_color(index: int) -> int:
    """AutoCAD colour index as a packed colour; 7 follows the paper."""
    from ezdxf.colors import DXF_DEFAULT_COLORS, int2rgb

    if index == 7 or not 0 < index < 256:
        return ADAPTIVE | BLACK
    red, green, blue = int2rgb(DXF_DEFAULT_COLORS[index])
    return rgba(red, green, blue)


def _color(index: int, rgb: tuple[int, int, int] | None, transparency: float) -> int:
    """A layer's colour: the true one or that of the index, with 0 (opaque) to 1 of transparency."""
    color = aci_color(abs(index)) if rgb is None else rgba(*rgb)
    alpha = round(255 * (1.0 - transparency))
    return color if alpha >= 255 else (color & ~BLACK) | (alpha << 24)


def overrides(doc: Any, viewport: str) -> tuple[dict[str, int], bool]:
    """Colours that the viewport with this handle gives layers (by lower-case name), and whether it gives them line types or weights."""
    colors: dict[str, int] = {}
    other = False
    for entry in doc.layers:
        if not entry.has_extension_dict:
            continue
        own = entry.get_vp_overrides()
        if not own.has_overrides(viewport):
            continue
        index, rgb = own.get_color(viewport), own.get_rgb(viewport)
        if index != own.get_color("") and rgb == own.get_rgb(""):
            rgb = None  # an index of its own stands for the layer's true colour, too
        color = _color(index, rgb, float(own.get_transparency(viewport) or 0.0))
        plain = _color(own.get_color(""), own.get_rgb(""), float(own.get_transparency("") or 0.0))
        if color != plain:
            colors[str(entry.dxf.name).lower()] = color
        other = other or own.get_linetype(viewport).lower() != own.get_linetype("").lower()
        other = other or own.get_lineweight(viewport) != own.get_lineweight("")
    return colors, other


def from_document(doc: Any, states: dict[str, dict[str, Any]] | None = None) -> Layers:
    """The layers of an ezdxf document; `states` (from the DWG reader's own tables) overrides on and frozen."""
    layers = Layers()
    for entry in doc.layers:
        name = str(entry.dxf.name)
        true = entry.dxf.get("true_color")
        rgb = None if true is None else ((true >> 16) & 255, (true >> 8) & 255, true & 255)
        color = _color(int(entry.dxf.get("color", 7)), rgb, float(entry.transparency or 0.0))
        weight = int(entry.dxf.get("lineweight", -3))
        layer = Layer(
            name,
            color,
            weight if weight >= 0 else DEFAULT_WEIGHT,
            str(entry.dxf.get("linetype", "CONTINUOUS")).upper(),
            on=bool(entry.is_on()),
            frozen=bool(entry.is_frozen()),
            locked=bool(entry.is_locked()),
            plot=bool(entry.dxf.get("plot", 1)),
        )
        state = (states or {}).get(name.lower())
        if state:
            layer.on, layer.frozen = bool(state["on"]), bool(state["frozen"])
            layer.locked = bool(state.get("locked", layer.locked))
        layers.by_key[name.lower()] = layer
    layers.get("0")
    return layers
