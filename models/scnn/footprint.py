"""The memory bits that a layer fills in SCNN: what ``make pergate`` prices."""

from __future__ import annotations

from models.layer import Layer
from models.program import Program
from models.scnn.config import ScnnConfig
from models.scnn.geometry import Geometry
from models.scnn.memories import memories
from models.scnn.packets import pe_data, sections
from models.scnn.registers import Kind


def footprint(layer: Layer, config: ScnnConfig, program: Program) -> dict[str, int]:
    """Bits by what they hold: rows of weights and biases, compressed activations of the whole
    layer, each once and resident; accumulators of the fullest pass, both sets.

    Weights are those of the first chip tile, which loads all of them.
    """
    kinds = memories(config)
    weights = acts = places = 0
    seen = set()
    for item in program.passes:
        layer_number, sample, tile, _, part = item.tag
        geo = Geometry.of(item.cfg)
        height, width = geo.acc_size
        places = max(places, geo.kc * ((height - 1) * geo.pitch + width))
        if item.wgt is not None and (sample, tile) == (0, 0):
            for section in sections(item.wgt, config):
                if section.kind == Kind.WEIGHT:
                    weights += section.count * kinds["wgt"].width
                elif section.kind == Kind.BIAS:
                    weights += section.count * config.bias_width
        if item.act is not None and (layer_number, sample, tile, part) not in seen:
            seen.add((layer_number, sample, tile, part))
            each = pe_data(item.act[1:], geo.c, config)
            acts += sum(len(one.run) for one in each) * kinds["act"].width
    return {
        "weights": weights,
        "activations": acts,
        "accumulators": 2 * places * config.pes * config.acc_width,
    }
