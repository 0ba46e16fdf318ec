"""Stimulus of the arrays' top-level tests: layers of an exact shape, and jobs made of them.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.packets import BIAS_LANE, MAX_STEP, Kind, Mode, weight_sections
from models.array.registers import REGISTERS
from models.array.timing import FIRST_RESULT, FIRST_TILE
from models.layer import Layer
from models.packets import Section, pack_rows_of_lanes, packet_of
from models.program import Pass
from tb.common.stimulus import CfgFields, Mask, Stimulus, exact_mask
from tb.common.uvm.items import Job

#: CFG fields by their name in the contract.
CFG = CfgFields(REGISTERS)
field, with_cfg = CFG.get, CFG.put


def words_needed(item: Pass, config: ArrayConfig) -> tuple[int, int, int]:
    """Words of a pass in the weight, activation and bias buffer."""
    get = {name: field(item, name) for name in CFG.fields}
    tiles = get["KT"] * get["R"] * get["S"] * get["CT"]
    return tiles * config.rows, get["CT"] * get["H"] * get["W"], get["KT"]


class Maker(Stimulus):
    """Makes layers and jobs for one build; ``rng``: generator of the test.

    A design may not take all weights: it has its own ``fitting`` and ``adapted`` then, and says so
    with ``every_output``.
    """

    config: ArrayConfig
    every_output = True
    #: Longest step between pixels that layers can ask for: the kernel is as long as a step.
    longest_step = MAX_STEP
    #: Cycles to the first tile.
    first_tile = FIRST_TILE

    @property
    def quiet(self) -> int:
        """Most cycles of Compute without progress: the last sum moves through all columns."""
        return self.config.cols + 1

    @property
    def channels_too_many(self) -> int:
        """Input channels whose weights, of a single output, are more than the buffer takes."""
        return self.config.wgt_depth + self.config.rows + 1

    @property
    def reaches_rails(self) -> bool:
        return super().reaches_rails and self.every_output

    def layer(
        self,
        kernel: tuple[int, int, int, int],
        size: tuple[int, int],
        *,
        batch: int = 1,
        stride: int = 1,
        padding: int = 0,
        density: float = 0.7,
        act_density: float = 0.7,
        bias: bool = False,
        relu: bool = False,
        shift: int | None = None,
        mask: Mask | None = None,
        name: str = "layer",
    ) -> Layer:
        """A layer of kernel [K, C, R, S] on an input of ``size`` (H, W) with exact densities.

        mask  bool [K, C, R, S], weights that are not zero, instead of ``density``
        """
        rng, terms = self.rng, int(np.prod(kernel[1:]))
        largest = wgt_max, act_max, bias_max = self.magnitudes(terms)
        if mask is None:
            mask = self.fitting(exact_mask(rng, kernel, density))
        weights = self.nonzero(mask, wgt_max)
        acts = self.nonzero(exact_mask(rng, (batch, kernel[1], *size), act_density), act_max)
        biases = self.biases(kernel[0], bias_max) if bias else None
        if shift is None:
            shift = self.some_shift(terms, largest, bias)
        return Layer(weights, acts, stride, padding, bias=biases, relu=relu, shift=shift, name=name)

    def any_layer(self, fits: bool = True) -> Layer:
        """A layer of random shape, density and options; ``fits`` False: may need many passes."""
        rng, config = self.rng, self.config
        scale = 1 if fits else 2
        outputs = int(rng.integers(1, scale * config.cols + 3))
        channels = int(rng.integers(1, scale * config.rows + 3))
        options: dict[str, Any] = {
            "batch": int(rng.choice((1, 1, 2))),
            "density": float(rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))),
            "act_density": float(rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))),
            "bias": bool(rng.integers(2)),
            "relu": bool(rng.integers(2)),
        }
        if rng.integers(4) == 0:  # fully connected
            options["batch"] = int(rng.integers(1, 2 * config.cols))
            return self.layer((outputs, channels, 1, 1), (1, 1), **options)
        taps = [int(x) for x in rng.choice((1, 2, 3, 4), 2)]
        padding = int(rng.integers(0, 4))
        lowest = [max(1, tap - 2 * padding) for tap in taps]
        high, wide = (int(rng.integers(low, low + 5 * scale)) for low in lowest)
        stride = int(rng.choice((1, 1, 2, 3, 5)))
        kernel = (outputs, channels, taps[0], taps[1])
        return self.layer(kernel, (high, wide), stride=stride, padding=padding, **options)

    # jobs -------------------------------------------------------------------------------------

    def good(self, label: str = "good") -> Job:
        """A small layer of one pass that uses all of the data path; run after a disturbance."""
        config = self.config
        kernel = (config.cols + 1, config.rows + 1, 2, 1)
        return self.job(self.layer(kernel, (3, 3), padding=1, bias=True), label)

    def long(self, label: str = "long") -> Job:
        """A layer of one pass that computes for some hundred cycles."""
        config = self.config
        layer = self.layer(
            (config.cols, config.rows, 3, 3), (6, 8), padding=1, density=1, act_density=1
        )
        return self.job(layer, label)

    def densities(self) -> Iterator[tuple[str, Layer]]:
        kernel = (self.config.cols, self.config.rows, 2, 2)
        for density, acts in product((0.0, 0.001, 0.3, 1.0), repeat=2):
            layer = self.layer(kernel, (3, 3), density=density, act_density=acts, bias=True)
            yield f"{density}_{acts}", layer

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        """Sections of a pass's weight packet."""
        assert item.wgt is not None, "a pass that loads weights"
        return list(weight_sections(item.wgt, self.config))

    def relocated(self, item: Pass) -> Pass:
        """The same pass with everything at the end of the buffers."""
        config, sections = self.config, self.sections_of(item)
        sizes = {kind: max(s.count for s in sections if s.kind == kind) for kind in Kind}
        bases = {
            Kind.WEIGHT: config.wgt_depth - sizes[Kind.WEIGHT],
            Kind.BIAS: config.bias_depth - sizes[Kind.BIAS],
        }
        moved = [replace(part, base=bases[part.kind]) for part in sections]
        return replace(
            with_cfg(
                item,
                WGT_BASE=bases[Kind.WEIGHT],
                BIAS_BASE=bases[Kind.BIAS],
                ACT_BASE=config.act_depth - words_needed(item, config)[1],
            ),
            wgt=packet_of(moved),
        )

    def places(self, label: str) -> Iterator[Job]:
        for high in (False, True):
            job = self.good(f"{label}_{high}")
            if high:
                job.passes = (self.relocated(job.passes[0]),)
                assert field(job.passes[0], "WGT_BASE") and field(job.passes[0], "ACT_BASE")
            yield job

    def groups(self, sections: Sequence[Section]) -> Iterable[Sequence[Section]]:
        weights, biases = ([s for s in sections if s.kind == kind] for kind in Kind)
        none = [replace(part, count=0, payload=part.payload[:0]) for part in weights]
        return weights, [*none, *biases], [], sections

    def careless(self, load: Pass) -> Pass:
        return replace(
            load, cfg={0: int(Mode.LOAD_WGT), **dict.fromkeys(range(1, 16), 0xFFFF_FFFF)}
        )

    def with_biases(self, job: Job, bias: NDArray[np.int64]) -> Pass:
        lanes = np.zeros((1, self.config.cols), dtype=np.int64)
        lanes[0, : bias.size] = bias
        parts = [
            replace(part, payload=pack_rows_of_lanes(lanes, BIAS_LANE))
            if part.kind == Kind.BIAS
            else part
            for part in self.sections_of(job.passes[0])
        ]
        return replace(job.passes[0], wgt=packet_of(parts))

    # speed ------------------------------------------------------------------------------------

    def slowest(self, item: Pass) -> Mapping[str, int]:
        return {**super().slowest(item), "cycles_output": item.out_words + FIRST_RESULT}

    def lost(self, spent: Mapping[str, int]) -> tuple[int, float]:
        """A tenth, or fill and drain where the array is larger than the pixels of the layer."""
        lost = spent["stall_input"] + spent["stall_sync"]
        fill = (self.config.rows + self.config.cols + 1 + self.first_tile) / spent["cycles_compute"]
        return lost, max(0.1, fill) * spent["mac_slots"]
