"""What the models say of a layer on a build: cycles, counters, energy, references, bytes.

Cycle models are equal to the RTL, counter for counter (``make test``); nothing is simulated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.design import Design
from models.energy import EnergyTable, energy
from models.layer import Layer
from models.memories import CLASSES, moved
from models.program import stream_words
from scripts.measure.records import summed

#: Bytes of a word on a stream.
STREAM_BYTES = 8


@dataclass(frozen=True)
class Prediction:
    """One layer on one build.

    counters    of all passes, summed, every class of memory among them (``models/socket.py``)
    energy_pj   by cause, see ``models/energy.py``; ``dram`` is what goes over the streams
    words       64-bit words on each stream
    bits_moved  class of memory -> bits read and written
    """

    counters: Mapping[str, int]
    energy_pj: Mapping[str, float]
    words: Mapping[str, int]
    bits_moved: Mapping[str, Mapping[str, int]]

    @property
    def cycles(self) -> int:
        """Compute cycles: operands are in the accelerator, results not yet streamed."""
        return self.counters["cycles_compute"]

    @property
    def useful(self) -> int:
        """Multiplies with both operands not zero."""
        return self.counters["mac_useful"]

    @property
    def energy(self) -> float:
        """PJ, streams as DRAM among them."""
        return sum(self.energy_pj.values())

    @property
    def references(self) -> dict[str, int]:
        """Class of memory -> reads and writes."""
        found = self.counters
        return {name: found[f"{name}_reads"] + found[f"{name}_writes"] for name in CLASSES}

    @property
    def stream_bytes(self) -> int:
        """Bytes over all streams."""
        return STREAM_BYTES * sum(self.words.values())


def predict(
    design: Design, config: Any, layer: Layer, table: EnergyTable | None = None
) -> Prediction:
    """Compile ``layer`` (inputs int64 [B, C, H, W]) for a build and count.

    table  energies, by default those of ``models/energy.toml``

    Raises ValueError where the build cannot take the layer, with the number that is beyond it.
    """
    program = design.compile(layer, config)
    counters = dict.fromkeys(
        (f"{name}_{way}" for name in CLASSES for way in ("reads", "writes")), 0
    )
    counters |= summed([one.counters for one in design.cycles(program, config)])
    kinds, words = design.memories(config), stream_words(program.passes)
    widths = tuple(getattr(config, f"{name}_width") for name in ("act", "wgt", "acc"))
    executed = counters["mac_useful"] + counters.get("slot_padding", 0)
    bits = 8 * STREAM_BYTES * sum(words.values())
    parts = energy(counters, kinds, widths, executed, bits, table or EnergyTable.load())
    return Prediction(counters, parts, words, moved(counters, kinds))
