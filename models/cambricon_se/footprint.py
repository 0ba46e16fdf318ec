"""The memory bits that a layer fills in Cambricon-SE: what ``make pergate`` prices."""

from __future__ import annotations

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.packets import BOOK, LANE, entries_of, masks_of, sections
from models.cambricon_se.registers import Kind, Mode
from models.layer import Layer
from models.program import Program, weights_once

#: Bits of an entry of a list beside its mask: row, region, last.
_ENTRY = 21


def footprint(layer: Layer, config: CambriconSeConfig, program: Program) -> dict[str, int]:
    """Bits by what they hold, weights and activations of the whole layer, each once and resident;
    accumulators: what the fullest pass holds. A code counts where a mask has a bit, a neuron with
    the flag that it has.
    """
    width = 4 if program.passes[0].cfg.get(0, 0) & Mode.CODE4 else 8
    weights = 0
    for packet in weights_once(program):
        for section in sections(packet, config):
            if section.kind == Kind.LIST:
                masks = entries_of(section, config.window)[1]
                weights += section.count * _ENTRY
                if not config.per_pe:
                    weights += masks.size + int(masks.sum()) * width * config.pes
            elif section.kind == Kind.MASK:
                masks = masks_of(section, config.window)
                weights += masks.size + int(masks.sum()) * width
            elif section.kind == Kind.BOOK:
                weights += section.count * BOOK * LANE
            elif section.kind == Kind.BIAS:
                weights += section.count * config.bias_width
    results = max(Geometry.of(item).groups * Geometry.of(item).pixels for item in program.passes)
    return {
        "weights": weights,
        "activations": layer.inputs.size * (config.act_width + 1),
        "accumulators": results * config.pes * config.acc_width,
    }
