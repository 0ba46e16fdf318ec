"""Train, prune and quantize the embedded default networks: ``python -m scripts.train.cli``.

For each network: train dense, prune by magnitude in steps with masked fine-tuning, share weights
by a 16-entry codebook, fine-tune the codebook, turn everything into integers, and write one small
``.npz`` with the held-out accuracy of each stage. Within a run the held-out digits choose nothing:
schedules are fixed, and scales are calibrated on training digits (``models/networks/README.md``
tells how the schedules came about). Another run gives the same arrays, whatever the BLAS or thread
count (see ``scripts/train/math.py``), so ``git diff`` after it must be empty.
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

# Set before numpy loads its BLAS. The result is the same with more; the machine may be shared.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from models.networks import NETWORKS, STAGES, NetworkLayer, load_digits, load_network
from models.places import ROOT, build_root
from scripts import interrupt
from scripts import options as cli
from scripts.console import Console, Table
from scripts.train.data import PACKAGE, SHA256, SPLIT_SEED, DataError, Split, load_split
from scripts.train.infer import integer_accuracy
from scripts.train.math import Adam, Layer, accuracy, batches, gradients, jitter, to_float
from scripts.train.quant import (
    layer_fields,
    prune,
    save,
    share_weights,
    shared_gradient,
    to_integers,
)

DATA = build_root() / "data"
OUT = ROOT / "models" / "networks"
SHORT_NAMES = {"lenet300": "lenet_300_100", "lenet5": "lenet_5"}
DIGITS_KEPT = 256
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
# densities are those of Deep Compression, table 2 and 3, which EIE took its layers from.
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
}
SCHEDULES = {
    "lenet_300_100": Schedule(1, 24, 4, 5, 24, 6),
    "lenet_5": Schedule(2, 10, 3, 3, 10, 3),
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

    def __init__(self, name: str, data: Split, progress: Progress) -> None:
        """Untrained network ``name``, to be trained on ``data``."""
        self.name = name
        self.data = data
        self.progress = progress
        self.schedule = SCHEDULES[name]
        self.rng = np.random.default_rng(self.schedule.seed)
        self.layers = build(name, self.rng)

    def run(self, label: str, epochs: int, rate: float, shared: bool = False) -> None:
        """Train for ``epochs``; with ``shared``, codebook entries in place of weights."""
        layers = self.layers
        weights = [layer.book if shared else layer.weight for layer in layers]
        adam = Adam([w for w in weights if w is not None] + [layer.bias for layer in layers])
        train_x, train_y = self.data.train_x, self.data.train_y
        count = len(train_x)
        total = epochs * -(-count // self.schedule.batch)
        task = self.progress.add_task(f"{self.name}: {label}", total=total)
        done = 0
        for _ in range(epochs):
            for index in batches(self.rng, count, self.schedule.batch):
                images = jitter(self.rng, train_x[index])
                grads, biases = gradients(layers, to_float(images), train_y[index])
                if shared:
                    grads = [shared_gradient(la, g) for la, g in zip(layers, grads, strict=True)]
                adam.step(grads + biases, rate * (1.0 - done / total))
                for layer in layers:
                    self.constrain(layer, shared)
                done += 1
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
        self.run("dense", plan.dense_epochs, plan.dense_rate)
        result["dense"] = self.held_out()
        for step in range(1, plan.prune_steps + 1):
            for layer in self.layers:
                # Down to the target in equal ratios.
                # Rounded: the last bit of a power differs between machines.
                prune(layer, round(layer.density ** (step / plan.prune_steps), 6))
            epochs = plan.final_epochs if step == plan.prune_steps else plan.step_epochs
            self.run(f"prune {step}/{plan.prune_steps}", epochs, plan.prune_rate)
        result["pruned"] = self.held_out()
        for layer in self.layers:
            share_weights(layer)
        self.run("codebook", plan.book_epochs, plan.book_rate, shared=True)
        layers = to_integers(self.layers, self.data.train_x[:CALIBRATION])
        result["quantized"] = integer_accuracy(layers, self.data.held_x, self.data.held_y)
        return layers, result


def network_fields(
    name: str, layers: list[NetworkLayer], result: dict[str, float]
) -> dict[str, np.ndarray]:
    """All arrays of a network file."""
    fields: dict[str, np.ndarray] = {}
    for index, layer in enumerate(layers):
        fields.update(layer_fields(index, layer))
    for stage in STAGES:
        fields[f"accuracy_{stage}"] = np.array(result[stage], dtype=np.float64)
    fields["density"] = np.array([layer.density for layer in layers], dtype=np.float64)
    fields["input_scale"] = np.array("pixel value 0..255 as an integer, 0 is background")
    meta = {
        "network": name,
        "layers": [layer.name for layer in layers],
        "data": {"package": PACKAGE, "sha256": SHA256, "split_seed": SPLIT_SEED},
        "held_out_digits": 2_000,
        "schedule": asdict(SCHEDULES[name]),
    }
    fields["meta"] = np.array(json.dumps(meta, sort_keys=True))
    return fields


def write_digits(data: Split, out: Path) -> None:
    """Write the first held-out digits, whatever the networks make of them."""
    part = slice(0, DIGITS_KEPT)
    fields = {"images": data.held_x[part], "labels": data.held_y[part]}
    save(out / "digits.npz", fields | {"indices": data.held_index[part]})
    load_digits(out)


def report(console: Console, names: list[str], out: Path, seconds: dict[str, float]) -> None:
    """Print accuracy, density and size of each file written."""
    table = Table(title="held-out accuracy (2,000 digits, standard error about 0.003)")
    for column in ("network", *STAGES, "density by layer", "bytes", "seconds"):
        table.add_column(column)
    for name in names:
        network = load_network(name, out)
        density = " ".join(f"{layer.density:.3f}" for layer in network.layers)
        size = (out / f"{name}.npz").stat().st_size
        stages = [f"{network.accuracy[stage]:.4f}" for stage in STAGES]
        table.add_row(name, *stages, density, f"{size:,}", f"{seconds[name]:.0f}")
    console.print(table)


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit code."""
    parser = cli.Parser(prog="make train", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--net", type=cli.choice(*NETWORKS, *SHORT_NAMES, "all"), default="all")
    parser.add_argument("--out", type=cli.folder, default=OUT, help="folder of the .npz files")
    options = parser.parse_args(arguments)
    names = list(NETWORKS) if options.net == "all" else [SHORT_NAMES.get(options.net, options.net)]
    console = Console()
    try:
        data = load_split(DATA)
    except DataError as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        return 1
    write_digits(data, options.out)
    seconds = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for name in names:
            start = time.monotonic()
            layers, result = Trainer(name, data, progress).train()
            save(options.out / f"{name}.npz", network_fields(name, layers, result))
            seconds[name] = time.monotonic() - start
    report(console, names, options.out, seconds)
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
