"""The memory bits that a layer fills in Cambricon-SE: what ``make pergate`` prices."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.packets import BOOK, LANE, entries_of, masks_of
from models.cambricon_se.reader import Reader
from models.cambricon_se.registers import Kind, Mode
from models.layer import Layer
from models.packets import Section
from models.program import Program

#: Bits of an entry of a list beside its mask: row, region, last.
_ENTRY = 21


def footprint(layer: Layer, config: CambriconSeConfig, program: Program) -> dict[str, int]:
    """Bits by what they hold, weights and activations of the whole layer, each once and resident;
    accumulators: what the fullest pass holds. A code counts where a mask has a bit, a neuron with
    the flag that it has.
    """
    width = 4 if program.passes[0].cfg.get(0, 0) & Mode.CODE4 else 8
    weights = 0
    for packet in _once(program, config):
        for section in packet:
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


def _once(program: Program, config: CambriconSeConfig) -> Iterator[list[Section]]:
    """Sections of the weight packets without those that load a set again, as ``weights_once``; what
    is in bit strings is read in order all the same, for its tables.
    """
    reader, seen = Reader(config), set[Hashable]()
    for item in program.passes:
        if item.wgt is None:
            continue
        again = item.tag[2:] in seen
        if again and not config.huffman:
            continue
        seen.add(item.tag[2:])
        found = reader.sections(item)
        if not again:
            yield found
