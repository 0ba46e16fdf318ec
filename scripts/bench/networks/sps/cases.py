"""One layer of SPS's evaluation: a structure of patterns, a build, an order of the channels."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.array.lowering import lower
from models.dense.store import DenseTiles
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Program
from models.sps.compiler import compile
from models.sps.config import SpsConfig
from models.sps.speedup import GOALS, UNSORTED, compute, dense_of
from models.workloads.sps import SPS_LAYERS, STRUCTURES, TAPS, sps_layer
from scripts.bench.networks import evaluation


@dataclass(frozen=True)
class Kind:
    """A way to prune and to run.

    structure    of ``models/workloads/sps.py``, with ``period`` patterns
    ordered      the compiler may sort channels by their patterns
    row_offsets  of the build: an offset for each row, or one for all
    """

    structure: str
    period: int
    ordered: bool = True
    row_offsets: int = 1

    @property
    def goal(self) -> float | None:
        """Least speed-up."""
        usual = self.ordered and self.row_offsets
        return GOALS.get((self.structure, self.period)) if usual else None

    @property
    def label(self) -> str:
        """What it is called.

        >>> Kind("full4", 8, ordered=False).label
        '4 of 9, one full, P 8, unsorted'
        """
        size, full = STRUCTURES[self.structure]
        parts = [f"{size} of {TAPS}", *(["one full"] if full else []), f"P {self.period}"]
        parts += [] if self.ordered else ["unsorted"]
        parts += [] if self.row_offsets else ["one offset"]
        return ", ".join(parts)


KINDS = {
    "kss4-p4": Kind("kss4", 4),
    "kss4-p8": Kind("kss4", 8),
    "kss2-p8": Kind("kss2", 8),
    "full4-p8": Kind("full4", 8),
    "full4-p8-unsorted": Kind("full4", 8, ordered=False),
    "kss4-p16": Kind("kss4", 16),
    "kss4-p8-shared": Kind("kss4", 8, row_offsets=0),
    "full4-p8-shared": Kind("full4", 8, row_offsets=0),
}
VARIANTS = {name: kind.label for name, kind in KINDS.items()}
#: Layers that are simulated by default: in all variants with a goal; of the last two, which are
#: small, those of the other build too.
SIMULATED = ("vgg16-conv3_2", "vgg16-conv4_2", "vgg16-conv5_1", "resnet18-conv4_1")


def simulated(layer: str, variant: str) -> bool:
    """Whether a layer runs from RTL by default."""
    kind = KINDS[variant]
    return (layer in SIMULATED[:2] and kind.goal is not None) or layer in SIMULATED[2:]


@dataclass(frozen=True)
class Case(evaluation.Case):
    """What is run; all of it is in the names of the layer and of the variant."""

    design = "sps"
    models = (
        "models/array/*.py", "models/sps/[!d]*.py", "models/workloads/sps.py",
        "models/dense/[cs]*.py",
    )  # fmt: skip
    baseline = "the dense array"
    counted = (
        "wgt_reads", "act_reads", "psum_reads", "psum_writes", "idx_reads", "idx_writes",
        "wgt_writes", "act_writes",
    )  # fmt: skip

    @property
    def kind(self) -> Kind:
        """Of its variant."""
        return KINDS[self.variant]

    @property
    def config(self) -> SpsConfig:
        built = SpsConfig(row_offsets=self.kind.row_offsets)
        return replace(built, **dict(self.changes))

    @property
    def work(self) -> int:
        row = SPS_LAYERS[self.layer]
        return row.filters * row.channels * TAPS * row.pixels

    def made(self) -> Layer:
        return sps_layer(self.layer, self.kind.structure, self.kind.period, self.seed)

    def program(self, layer: Layer) -> Program:
        return compile(layer, self.config, None if self.kind.ordered else UNSORTED)

    def packet(self, results: NDArray[np.int64]) -> NDArray[np.uint64]:
        return pack_rows_of_lanes(results.reshape(-1, self.config.cols), self.config.act_width)

    def baseline_cycles(self, layer: Layer) -> int:
        shapes = layer.weights.shape, layer.inputs.shape
        return dense_cycles(self.config, *shapes, layer.step, layer.border)

    def facts(self, layer: Layer, program: Program, count: Mapping[str, int]) -> dict[str, Any]:
        """operands: slots with a weight, the border included; whole: outputs of a pattern fill
        whole tiles and all patterns are of one size.
        """
        batch, filters, height, width = layer.out_shape
        live = int(np.count_nonzero(layer.weights))
        same = not STRUCTURES[self.kind.structure][1]
        return {
            "operands": live * batch * height * width,
            "whole": same
            and not SPS_LAYERS[self.layer].dense
            and filters % (self.kind.period * self.config.cols) == 0,
        }


@functools.cache
def dense_cycles(
    config: SpsConfig,
    weights: tuple[int, ...],
    acts: tuple[int, ...],
    stride: int,
    padding: int,
) -> int:
    """Compute cycles of the dense array with as many rows, columns and words, whatever the values,
    by its cycle model, which equals its RTL.
    """
    zeros = np.broadcast_to(np.int64(0), weights), np.broadcast_to(np.int64(0), acts)
    layer = Layer(*zeros, stride=stride, padding=padding)
    same = dense_of(config)
    return compute(DenseTiles(lower(layer, same), same))
