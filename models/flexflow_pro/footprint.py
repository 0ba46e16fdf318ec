"""The memory bits that a layer fills in FlexFlow-Pro: what ``make pergate`` prices."""

from __future__ import annotations

from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.packets import LANES, sections
from models.flexflow_pro.registers import Kind
from models.layer import Layer
from models.program import Program, weights_once


def footprint(layer: Layer, config: FlexflowProConfig, program: Program) -> dict[str, int]:
    """Bits by what they hold, weights and activations of the whole layer, each once and resident,
    with the mask bit that each has; accumulators: what the fullest pass holds.
    """
    weights = 0
    for packet in weights_once(program):
        for section in sections(packet):
            if section.kind == Kind.WEIGHT:
                weights += section.count * LANES * (config.wgt_width + 1)
            else:
                weights += section.count * config.bias_width
    results = max(Geometry.of(item).results for item in program.passes)
    return {
        "weights": weights,
        "activations": layer.inputs.size * (config.act_width + 1),
        "accumulators": results * config.rows * config.acc_width,
    }
