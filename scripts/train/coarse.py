"""Accuracy of coarse-grained compression: networks pruned by blocks, beside pruned freely.

For each network and seed: train dense; then, for each way of pruning on its own, prune to one share
after the other, with masked fine-tuning after each. Every layer is pruned: a convolution in blocks
of 16 outputs at one input and place of the kernel, fully connected layers in blocks of 32 x 32, the
last in 16 x 16; by the average or the maximum magnitude of a block; one way lets blocks slide in
halves of their sides. Shares are multiples of the
densities that the embedded networks have (``SHAPES``). A layer keeps at least one block: where it
could not, the curve ends. The schedule is fixed, and the held-out digits choose nothing on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from models.pruning import mask
from scripts.train.data import Split
from scripts.train.math import MANTISSA, Layer, on_grid
from scripts.train.trainer import Schedule, Trainer

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


SEEDS = (1, 2, 3)
CONV_BLOCK, BLOCK, LAST_BLOCK = (16, 1), (32, 32), (16, 16)


@dataclass(frozen=True)
class Blocks:
    """Pruning by blocks: those of the fully connected layers but the last, the criterion, and in
    how many steps of its sides above 1 a block slides.
    """

    block: tuple[int, int] = BLOCK
    criterion: str = "average"
    steps: int = 1


#: Ways of pruning; fine: weights one by one.
WAYS: dict[str, Blocks | None] = {
    "fine": None,
    "average": Blocks(),
    "maximum": Blocks(criterion="maximum"),
    "average 16x16": Blocks(LAST_BLOCK),
    "average sliding": Blocks(steps=2),
}
#: What stages before pruning have for a way.
UNTRAINED, DENSE = "untrained", "dense"


@dataclass(frozen=True)
class Plan:
    """What a network goes through.

    ``fine``, ``blocks``: multiples of its densities, one after the other, for weights one by one
    and for blocks; ``dense_epochs`` of training before them, of which the first batch takes the
    share ``decay`` off every weight, the last none; ``steps``: batches of fine-tuning after each
    pruning, at ``rate`` in the beginning; ``ways``: of ``WAYS``.
    """

    fine: tuple[float, ...]
    blocks: tuple[float, ...]
    dense_epochs: int
    decay: float
    steps: int
    rate: float
    ways: tuple[str, ...] = tuple(WAYS)


_SHORT = tuple(WAYS)[:3]
PLANS = {
    "lenet_300_100": Plan(
        (2, 1, 0.7, 0.5, 0.35), (8, 5.6, 4, 2.8, 2, 1.4, 1), 24, 2**-11, 625, 1e-3
    ),
    "lenet_5": Plan((1.4, 1, 0.7), (4, 2.8, 2), 5, 2**-10, 160, 1e-3, _SHORT),
    "vgg_7": Plan((1.4, 1, 0.7, 0.5), (2.8, 2, 1.4, 1), 5, 2**-10, 160, 1e-3, _SHORT),
}

Point = dict[str, Any]


@dataclass(frozen=True, eq=False)
class State:
    """A layer at some point: weights that are not pruned, in the order of the mask, and biases."""

    mask: Bools
    live: Floats
    bias: Floats

    @classmethod
    def of(cls, layer: Layer) -> State:
        """As the layer is now."""
        kept = layer.mask > 0
        return cls(kept, layer.weight[kept], layer.bias.copy())

    def put(self, layer: Layer) -> None:
        """Make the layer what it was."""
        layer.mask = self.mask.astype(np.float64)
        layer.weight = np.zeros(self.mask.shape)
        layer.weight[self.mask] = self.live
        layer.bias = self.bias.copy()


@dataclass(frozen=True, eq=False)
class Stage:
    """The network at one point of a curve; ``factor`` is 0 before pruning."""

    seed: int
    way: str
    factor: float
    accuracy: float
    layers: tuple[State, ...]


class Decaying(Trainer):
    """A trainer that can take a share off every weight after each batch.

    A weight whose input is never anything but zero (the border of the digits) keeps the value it
    began with otherwise, and a block of those looks as important as a trained one.
    """

    decay: Iterator[float] | None = None

    def dense(self, plan: Plan) -> None:
        """Train with weights that decay, by less and less as the rate falls."""
        steps = plan.dense_epochs * self.epoch
        self.decay = (plan.decay * (1.0 - at / steps) for at in range(steps) for _ in self.layers)
        self.run(f"seed {self.schedule.seed}, dense", steps, self.schedule.dense_rate)
        self.decay = None

    def constrain(self, layer: Layer, shared: bool) -> None:  # type: ignore[override]
        """As of every trainer, then the decay."""
        Trainer.constrain(layer, shared)
        if self.decay is not None:
            layer.weight *= 1.0 - next(self.decay)


def canonical(layer: Layer) -> Floats:
    """Weights [K, C, R, S] of a layer; R = S = 1 where it is fully connected."""
    side = max(layer.kernel, 1)
    outputs = layer.weight.shape[1]
    return layer.weight.reshape(side, side, -1, outputs).transpose(3, 2, 0, 1)


def pruned_block(layer: Layer, last: bool, blocks: Blocks) -> tuple[int, int]:
    """Block (outputs, inputs) of a layer that goes as a whole."""
    if layer.kernel:
        return CONV_BLOCK
    return LAST_BLOCK if last else blocks.block


def block_of(layer: Layer, last: bool, way: str) -> tuple[int, int]:
    """Block (outputs, inputs) of a layer that has a bit of the index: a step, where blocks slide.

    Raises ValueError where weights are pruned one by one.
    """
    blocks = WAYS[way]
    if blocks is None:
        raise ValueError(f"way: found '{way}', which has no blocks")
    outputs, inputs = pruned_block(layer, last, blocks)
    return max(outputs // blocks.steps, 1), max(inputs // blocks.steps, 1)


def kept_weights(layer: Layer, last: bool, way: str, density: float) -> Bools:
    """Which weights [K, C, R, S] of a layer stay.

    Magnitudes are rounded so far that their sums are exact: else the order of summation, which is
    not the same on every machine, could decide between two blocks.
    """
    weights = canonical(layer)
    magnitude = on_grid(np.abs(weights), MANTISSA - weights.size.bit_length())
    blocks = WAYS[way]
    if blocks is None:
        return mask(magnitude, density, "fine")
    return mask(
        magnitude,
        density,
        "block",
        block=pruned_block(layer, last, blocks),
        criterion=blocks.criterion,
        stride=block_of(layer, last, way),
    )


def stage_of(trainer: Decaying, seed: int, way: str, factor: float) -> Stage:
    """The network as it is."""
    states = tuple(State.of(layer) for layer in trainer.layers)
    return Stage(seed, way, factor, trainer.held_out(), states)


def curve(trainer: Decaying, plan: Plan, way: str, start: Stage) -> Iterator[Stage]:
    """Every point of a way of pruning, from the dense network down."""
    layers, seed = trainer.layers, start.seed
    trainer.rng = np.random.default_rng((seed, list(WAYS).index(way)))
    for layer, state in zip(layers, start.layers, strict=True):
        state.put(layer)
    for factor in plan.blocks if WAYS[way] else plan.fine:
        kept = [
            kept_weights(layer, layer is layers[-1], way, min(1.0, factor * layer.density))
            for layer in layers
        ]
        if not all(one.any() for one in kept):
            break
        for layer, one in zip(layers, kept, strict=True):
            layer.mask = one.transpose(2, 3, 1, 0).reshape(layer.weight.shape).astype(float)
            layer.weight = layer.weight * layer.mask
        trainer.run(f"seed {seed}, {way} x{factor:g}", plan.steps, plan.rate)
        yield stage_of(trainer, seed, way, factor)


def curves(trainer: Decaying, plan: Plan, seed: int) -> Iterator[Stage]:
    """The network before training and dense, then every point of every curve."""
    yield stage_of(trainer, seed, UNTRAINED, 0)
    trainer.dense(plan)
    start = stage_of(trainer, seed, DENSE, 0)
    yield start
    for way in plan.ways:
        yield from curve(trainer, plan, way, start)


def new_trainer(
    name: str, seed: int, data: Split, progress: Progress, plan: Plan | None = None
) -> Decaying:
    """A network that is not trained yet; ``plan``: other than its own."""
    schedule = Schedule(seed, (plan or PLANS[name]).dense_epochs, 1, 1, 1, 0)
    return Decaying(name, data, progress, schedule)
