"""Covergroup of the geometries that layers have, and of how a design took each: its own way, or
lowered to plain geometry (``models/lower.py``).

Sampled from jobs that the scoreboard found good. What a design took its own way is what the layers
still have that were compiled, not what the design says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from models.design import Design
from models.layer import Layer
from models.lower import plain_layers
from models.program import Program
from tb.common.coverage.functional import Cross, Group, Point, labels


def _side(at: int) -> Callable[[Layer], bool]:
    """Whether a side has more padding than another."""
    return lambda layer: layer.padding[at] > min(layer.padding)


def _line(layer: Layer) -> bool:
    """A convolution along a line."""
    _, _, rows, cols = layer.weights.shape
    return rows == 1 < cols and layer.inputs.shape[2] == 1


#: Geometry beside the plain one -> whether a layer with inputs has it.
KINDS: Mapping[str, Callable[[Layer], bool]] = MappingProxyType(
    {
        "stride_h": lambda layer: layer.stride[0] > layer.stride[1],
        "stride_w": lambda layer: layer.stride[0] < layer.stride[1],
        "pad_top": _side(0),
        "pad_bottom": _side(1),
        "pad_left": _side(2),
        "pad_right": _side(3),
        "dilated_h": lambda layer: layer.reach[0] > layer.weights.shape[2],
        "dilated_w": lambda layer: layer.reach[1] > layer.weights.shape[3],
        "grouped": lambda layer: layer.groups > 1 and layer.weights.shape[1] > 1,
        "depthwise": lambda layer: layer.groups > 1 and layer.weights.shape[1] == 1,
        "line": lambda layer: _line(layer) and layer.padding[2] > min(layer.padding),
        "kernel_1x7": lambda layer: (
            layer.weights.shape[2:] == (1, 7) and layer.padding == (0, 0, 3, 3)
        ),
        "kernel_7x1": lambda layer: (
            layer.weights.shape[2:] == (7, 1) and layer.padding == (3, 3, 0, 0)
        ),
    }
)
#: What of ``Design.geometry`` a kind is; groups are nobody's own.
_FIELDS = {
    "stride": "stride_*",
    "padding": "pad_*",
    "dilation": "dilated_*",
}
_PADDED = ("line", "kernel_*")


def geometry_group(prefix: str, design: Design) -> Group:
    """Every kind as the design takes it."""
    ignore: dict[tuple[str, ...], str] = {("plain", "lowered"): "nothing of it is to be lowered"}
    for name, pattern in _FIELDS.items():
        own = name in design.geometry
        for one in (pattern, *_PADDED) if name == "padding" else (pattern,):
            if own:
                ignore[one, "lowered"] = f"this design has {name} of its own"
            else:
                ignore[one, "own"] = f"{name} of this kind is lowered for this design"
    for one in ("grouped", "depthwise"):
        ignore[one, "own"] = "no design here has groups of its own"
    return Group(
        f"{prefix}_geometry",
        "geometry of layers whose results were right, all of a layer",
        (
            Point("kind", "what the layer has", labels("plain", *KINDS)),
            Point("how", "how the design took it", labels("own", "lowered")),
        ),
        (Cross("taken", "each kind the way that the design has for it", ("kind", "how"), ignore),),
    )


def geometry_of(layer: Layer, program: Program) -> dict[str, Any]:
    """Points of ``geometry_group`` of a layer with inputs and its program."""
    parts = plain_layers(layer, program)
    found = {
        name: "own" if any(has(part) for part in parts) else "lowered"
        for name, has in KINDS.items()
        if has(layer)
    } or {"plain": "own"}
    return {"kind": list(found), "how": list(found.values())}
