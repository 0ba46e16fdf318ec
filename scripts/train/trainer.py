"""Networks on their way from random weights to integers: shapes, schedules, stages.

Another run gives the same arrays, whatever the BLAS or thread count (``scripts/train/math.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, islice

import numpy as np
from rich.progress import Progress

from models.networks import NetworkLayer
from scripts.train.data import Split
from scripts.train.infer import integer_accuracy
from scripts.train.math import Adam, Layer, accuracy, batches, gradients, jitter, to_float
from scripts.train.quant import prune, share_weights, shared_gradient, to_integers

CALIBRATION = 2_000  # training digits from which output scales are chosen


@dataclass(frozen=True)
class Schedule:
    """Fixed training schedule; each rate falls linearly to 0 within its stage."""

    seed: int
    dense_epochs: int
    prune_steps: int
    step_epochs: int
    final_epochs: int
    book_epochs: int
    batch: int = 64
    dense_rate: float = 1e-3
    prune_rate: float = 5e-4
    book_rate: float = 1e-3


# name, kernel (0: fully connected), inputs, outputs, pooled, ReLU, density after pruning. The
# LeNets' are those of Deep Compression, table 2 and 3, which EIE took its layers from; those of
# vgg_7 are our choice.
SHAPES = {
    "lenet_300_100": [
        ("fc1", 0, 784, 300, False, True, 0.08),
        ("fc2", 0, 300, 100, False, True, 0.09),
        ("fc3", 0, 100, 10, False, False, 0.26),
    ],
    "lenet_5": [
        ("conv1", 5, 1, 20, True, True, 0.66),
        ("conv2", 5, 20, 50, True, True, 0.12),
        ("fc1", 0, 800, 500, False, True, 0.08),
        ("fc2", 0, 500, 10, False, False, 0.19),
    ],
    "vgg_7": [
        ("conv1_1", 3, 1, 4, False, True, 0.9),
        ("conv1_2", 3, 4, 12, True, True, 0.6),
        ("conv2_1", 3, 12, 32, False, True, 0.4),
        ("conv2_2", 3, 32, 32, True, True, 0.3),
        ("conv3_1", 3, 32, 64, False, True, 0.2),
        ("fc1", 0, 256, 64, False, True, 0.2),
        ("fc2", 0, 64, 10, False, False, 0.4),
    ],
}
SCHEDULES = {
    "lenet_300_100": Schedule(1, 24, 4, 5, 24, 6),
    "lenet_5": Schedule(2, 10, 3, 3, 10, 3),
    "vgg_7": Schedule(3, 8, 3, 1, 6, 3),
}


def build(name: str, rng: np.random.Generator) -> list[Layer]:
    """Untrained layers, He-uniform weights (uniform: no libm in its generator)."""
    layers = []
    for label, kernel, inputs, outputs, pool, relu, density in SHAPES[name]:
        fan_in = inputs * max(kernel, 1) ** 2
        weight = (rng.random((fan_in, outputs)) * 2.0 - 1.0) * math.sqrt(6.0 / fan_in)
        layers.append(Layer(label, kernel, pool, relu, weight, np.zeros(outputs), density))
    return layers


class Trainer:
    """One network on its way from random weights to integers."""

    def __init__(
        self, name: str, data: Split, progress: Progress, schedule: Schedule | None = None
    ) -> None:
        """Untrained network ``name``, to be trained on ``data`` by its own schedule or another."""
        self.name = name
        self.data = data
        self.progress = progress
        self.schedule = schedule or SCHEDULES[name]
        self.rng = np.random.default_rng(self.schedule.seed)
        self.layers = build(name, self.rng)

    @property
    def epoch(self) -> int:
        """Batches that show every training digit once."""
        return -(-len(self.data.train_x) // self.schedule.batch)

    def stream(self) -> Iterator[np.ndarray]:
        """Indices of batches, epoch after epoch, each in an order of its own."""
        digits, size = len(self.data.train_x), self.schedule.batch
        return chain.from_iterable(batches(self.rng, digits, size) for _ in count())

    def run(self, label: str, steps: int, rate: float, shared: bool = False) -> None:
        """Train on ``steps`` batches; with ``shared``, codebook entries in place of weights."""
        layers = self.layers
        weights = [layer.book if shared else layer.weight for layer in layers]
        adam = Adam([w for w in weights if w is not None] + [layer.bias for layer in layers])
        train_x, train_y = self.data.train_x, self.data.train_y
        task = self.progress.add_task(f"{self.name}: {label}", total=steps)
        for done, index in enumerate(islice(self.stream(), steps)):
            images = jitter(self.rng, train_x[index])
            grads, biases = gradients(layers, to_float(images), train_y[index])
            if shared:
                grads = [shared_gradient(la, g) for la, g in zip(layers, grads, strict=True)]
            adam.step(grads + biases, rate * (1.0 - done / steps))
            for layer in layers:
                self.constrain(layer, shared)
            self.progress.advance(task)

    @staticmethod
    def constrain(layer: Layer, shared: bool) -> None:
        """Bring the weights back to what the stage allows: shared values, or live ones."""
        if shared and layer.book is not None and layer.codes is not None:
            layer.book[0] = 0.0
            layer.weight = layer.book[layer.codes]
        else:
            layer.weight *= layer.mask

    def held_out(self) -> float:
        """Accuracy of the float network on the held-out digits."""
        return accuracy(self.layers, self.data.held_x, self.data.held_y)

    def train(self) -> tuple[list[NetworkLayer], dict[str, float]]:
        """All stages; the integer layers and the held-out accuracy of each stage."""
        plan = self.schedule
        result = {}
        self.run("dense", plan.dense_epochs * self.epoch, plan.dense_rate)
        result["dense"] = self.held_out()
        for step in range(1, plan.prune_steps + 1):
            for layer in self.layers:
                # Down to the target in equal ratios.
                # Rounded: the last bit of a power differs between machines.
                prune(layer, round(layer.density ** (step / plan.prune_steps), 6))
            epochs = plan.final_epochs if step == plan.prune_steps else plan.step_epochs
            self.run(f"prune {step}/{plan.prune_steps}", epochs * self.epoch, plan.prune_rate)
        result["pruned"] = self.held_out()
        for layer in self.layers:
            share_weights(layer)
        self.run("codebook", plan.book_epochs * self.epoch, plan.book_rate, shared=True)
        layers = to_integers(self.layers, self.data.train_x[:CALIBRATION])
        result["quantized"] = integer_accuracy(layers, self.data.held_x, self.data.held_y)
        return layers, result
