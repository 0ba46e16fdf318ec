"""Accuracy against thresholds: neurons and synapses so small that they may count as zero.

In the integer inference of ``infer.py`` every layer has two thresholds: inputs and weights of no
larger magnitude are set to 0. A pair, a multiply that is left, has both operands live.

chosen    layer by layer: of all thresholds that could go a step up, the one that saves most pairs
          of its layer, as long as every *validation* digit that was right stays right; one that
          loses a digit is left where it is. Steps: twentieths of a layer's live inputs on training
          digits; one more entry of the codebook.
curves    the same share of live inputs, or of live weights, in all layers

Accuracy is reported on *test* digits, which choose nothing. ``SEEDS`` are trained for this on
7,000 of the training digits, with half the epochs of the embedded networks, and validated on the
other 1,000; test digits are the 2,000 held out. The embedded networks (seed 0) have seen all
training digits: they are validated on the first 1,000 of those held out and tested on the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from models.networks import FOLDER, NETWORKS, Digits, Network, NetworkLayer, load_network
from scripts.train.data import TRAIN, Split
from scripts.train.granularity import SEEDS, Point, document
from scripts.train.infer import CHUNK, accumulate, first_input, fit_input, run_layer
from scripts.train.trainer import CALIBRATION, SCHEDULES, Schedule, Trainer

EMBEDDED = 0  # what the embedded networks have for a seed
VALIDATION = 1_000
STEPS = 20  # of the neurons' thresholds
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
KINDS = ("neurons", "synapses")
RESULTS = "thresholds.json"

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Thresholds:
    """Largest magnitude that counts as zero, by layer."""

    neurons: tuple[int, ...]
    synapses: tuple[int, ...]

    def with_one(self, kind: str, layer: int, value: int) -> Thresholds:
        """Another value for one layer.

        >>> Thresholds((0, 0), (0, 0)).with_one("synapses", 1, 7)
        Thresholds(neurons=(0, 0), synapses=(0, 7))
        """
        values = list(getattr(self, kind))
        values[layer] = value
        return replace(self, **{kind: tuple(values)})


def zeroed(x: np.ndarray, threshold: int) -> np.ndarray:
    """``x`` with all of ``|x| <= threshold`` set to 0.

    >>> zeroed(np.array([-3, 2, 0, 5]), 2).tolist()
    [-3, 0, 0, 5]
    """
    # A step wider, since the most negative value has no magnitude of its own type.
    return np.where(np.abs(x.astype(np.int64)) <= threshold, 0, x)


def pairs(layer: NetworkLayer, x: Ints) -> int:
    """Multiplies of live inputs [N, C, H, W] with live weights."""
    live = (layer.weights != 0).sum(axis=0, keepdims=True)
    counted = replace(layer, weights=live, bias=np.zeros(1, dtype=np.int64))
    return int(accumulate(counted, (x != 0).astype(np.int64)).sum())


def multiplies(layer: NetworkLayer, x: Ints) -> int:
    """Of the dense layer."""
    shape = fit_input(x[:1], layer).shape
    ones = replace(layer, weights=np.ones_like(layer.weights), bias=np.zeros_like(layer.bias))
    return len(x) * int(accumulate(ones, np.ones(shape, dtype=np.int64)).sum())


class Inference:
    """A network on some digits, layer by layer."""

    def __init__(self, layers: Sequence[NetworkLayer], images: np.ndarray, labels: np.ndarray):
        """Of uint8 [N, 28, 28] with uint8 [N]."""
        self.layers = layers
        self.images, self.labels = images, labels

    @property
    def none(self) -> Thresholds:
        """Only zero counts as zero."""
        zeros = (0,) * len(self.layers)
        return Thresholds(zeros, zeros)

    def inputs(self) -> list[Ints]:
        """Of the first layer."""
        chunks = range(0, len(self.images), CHUNK)
        return [first_input(self.images[at : at + CHUNK], self.layers[0]) for at in chunks]

    def step(self, at: int, chunks: list[Ints], limits: Thresholds) -> tuple[list[Ints], int]:
        """Outputs of layer ``at`` and its pairs."""
        weights = zeroed(self.layers[at].weights, limits.synapses[at])
        layer = replace(self.layers[at], weights=weights)
        some = [zeroed(fit_input(x, layer), limits.neurons[at]) for x in chunks]
        return [run_layer(layer, x) for x in some], sum(pairs(layer, x) for x in some)

    def right(self, chunks: list[Ints]) -> NDArray[np.bool_]:
        """Whether the largest output of a digit, the first of several, is at the label."""
        outputs = np.concatenate([x.reshape(len(x), -1) for x in chunks])
        found: NDArray[np.bool_] = outputs.argmax(axis=1) == self.labels
        return found

    def measured(self, limits: Thresholds) -> tuple[float, list[int]]:
        """Accuracy and pairs of every layer."""
        chunks, found = self.inputs(), []
        for at in range(len(self.layers)):
            chunks, number = self.step(at, chunks, limits)
            found.append(number)
        return float(self.right(chunks).mean()), found

    def dense(self) -> list[int]:
        """Multiplies of every layer."""
        chunks, found = self.inputs(), []
        for at, layer in enumerate(self.layers):
            found.append(sum(multiplies(layer, x) for x in chunks))
            chunks, _ = self.step(at, chunks, self.none)
        return found


def levels(layers: Sequence[NetworkLayer], images: np.ndarray) -> dict[tuple[str, int], list[int]]:
    """Rising thresholds by kind and layer, 0 first, on training digits."""
    run = Inference(layers, images, np.zeros(len(images)))
    chunks, made = run.inputs(), {}
    for at, layer in enumerate(layers):
        shares = [step / STEPS for step in range(1, STEPS)]
        made["neurons", at] = _quantiles(np.concatenate([x.ravel() for x in chunks]), shares)
        used = np.unique(np.abs(layer.weights[layer.weights != 0].astype(np.int64)))
        made["synapses", at] = [0, *(int(one) for one in used[:-1])]
        chunks, _ = run.step(at, chunks, run.none)
    return made


def _quantiles(x: np.ndarray, shares: Iterable[float]) -> list[int]:
    """0 and the quantiles of live magnitudes, each once."""
    live = np.abs(x[x != 0].astype(np.int64))
    return sorted({0, *(int(one) for one in np.quantile(live, list(shares), method="lower"))})


class Search:
    """The choice of thresholds at no loss on some digits."""

    def __init__(self, run: Inference, steps: Mapping[tuple[str, int], list[int]]) -> None:
        """Nothing chosen yet."""
        self.run, self.steps = run, steps
        self.limits = run.none
        self.open = dict.fromkeys(steps, 0)  # those that may go up, and the level of each
        self.inputs = [run.inputs()]
        self.pairs: list[int] = []
        for at in range(len(run.layers)):
            chunks, number = run.step(at, self.inputs[at], self.limits)
            self.inputs.append(chunks)
            self.pairs.append(number)
        self.right = run.right(self.inputs.pop())

    def chosen(self) -> Thresholds:
        """Thresholds from which no step up is free."""
        while wanted := [(self._saved(one), one) for one in self._steps()]:
            self._try(max(wanted, key=lambda item: item[0])[1])
        return self.limits

    def _steps(self) -> list[tuple[str, int]]:
        """Thresholds that can go up."""
        return [one for one, level in self.open.items() if level + 1 < len(self.steps[one])]

    def _raised(self, one: tuple[str, int]) -> Thresholds:
        return self.limits.with_one(*one, self.steps[one][self.open[one] + 1])

    def _saved(self, one: tuple[str, int]) -> int:
        """Pairs of its own layer."""
        limits, at = self._raised(one), one[1]
        weights = zeroed(self.run.layers[at].weights, limits.synapses[at])
        layer = replace(self.run.layers[at], weights=weights)
        some = (zeroed(fit_input(x, layer), limits.neurons[at]) for x in self.inputs[at])
        return self.pairs[at] - sum(pairs(layer, x) for x in some)

    def _try(self, one: tuple[str, int]) -> None:
        """A step up, or none ever again."""
        limits, first = self._raised(one), one[1]
        inputs, counts = self.inputs[: first + 1], self.pairs[:first]
        for at in range(first, len(self.run.layers)):
            chunks, number = self.run.step(at, inputs[at], limits)
            inputs.append(chunks)
            counts.append(number)
        if not self.run.right(inputs.pop())[self.right].all():
            del self.open[one]
            return
        self.limits, self.inputs, self.pairs = limits, inputs, counts
        self.open[one] += 1


def point(
    name: str,
    seed: int,
    layers: Sequence[NetworkLayer],
    seen: np.ndarray,
    digits: Mapping[str, tuple[np.ndarray, np.ndarray]],
    shares: Sequence[float] = SHARES,
) -> Point:
    """What is known of a network; ``seen``: training digits, ``digits``: validation and test."""
    steps = levels(layers, seen)
    runs = {part: Inference(layers, *some) for part, some in digits.items()}
    limits = Search(runs["validation"], steps).chosen()
    test = runs["test"]
    made: Point = {
        "network": name,
        "seed": seed,
        "layers": [layer.name for layer in layers],
        "digits": {part: len(run.labels) for part, run in runs.items()},
        "dense": test.dense(),
        "neurons": list(limits.neurons),
        "synapses": list(limits.synapses),
    }
    for label, some in (("zero", test.none), ("chosen", limits)):
        accuracy, made[f"pairs_{label}"] = test.measured(some)
        made[label] = {"test": accuracy, "validation": runs["validation"].measured(some)[0]}
    made["curves"] = [
        {"kind": kind, "share": share, **_on_curve(test, steps, kinds, share)}
        for kind, kinds in (*((one, (one,)) for one in KINDS), ("both", KINDS))
        for share in shares
    ]
    return made


def _on_curve(
    run: Inference, steps: Mapping[tuple[str, int], list[int]], kinds: Sequence[str], share: float
) -> dict[str, Any]:
    """Accuracy and pairs where about a share of every layer's live operands counts as zero."""
    limits = run.none
    for (kind, at), known in steps.items():
        if kind == "neurons" and kind in kinds:
            limits = limits.with_one(kind, at, known[min(round(share * STEPS), len(known) - 1)])
        elif kind in kinds:
            weights = run.layers[at].weights
            limits = limits.with_one(kind, at, _nearest(weights, known, share))
    accuracy, number = run.measured(limits)
    return {"test": accuracy, "pairs": sum(number)}


def _nearest(weights: np.ndarray, known: Sequence[int], share: float) -> int:
    """The level that sets the share of the live weights to 0 that is nearest."""
    live = np.abs(weights[weights != 0].astype(np.int64))
    return min(known, key=lambda level: abs(float((live <= level).mean()) - share))


def schedule(name: str, seed: int) -> Schedule:
    """Half the epochs of the embedded network."""
    plan = SCHEDULES[name]
    fields = ("dense_epochs", "step_epochs", "final_epochs", "book_epochs")
    return replace(plan, seed=seed, **{one: -(-getattr(plan, one) // 2) for one in fields})


def study(name: str, seed: int, data: Split, progress: Progress) -> Point:
    """The point of a network; seed 0: the embedded one."""
    if seed == EMBEDDED:
        held = data.held_x, data.held_y
        digits = {
            "validation": (held[0][:VALIDATION], held[1][:VALIDATION]),
            "test": (held[0][VALIDATION:], held[1][VALIDATION:]),
        }
        layers: Sequence[NetworkLayer] = load_network(name).layers
        return point(name, seed, layers, data.train_x[:CALIBRATION], digits)
    seen = TRAIN - VALIDATION
    part = replace(data, train_x=data.train_x[:seen], train_y=data.train_y[:seen])
    layers, _ = Trainer(name, part, progress, schedule(name, seed)).train()
    digits = {
        "validation": (data.train_x[seen:], data.train_y[seen:]),
        "test": (data.held_x, data.held_y),
    }
    return point(name, seed, layers, part.train_x[:CALIBRATION], digits)


def tiny(digits: Digits, network: Network | None = None) -> Point:
    """A study small enough for a test: an embedded network on the embedded digits."""
    found = network or load_network("lenet_300_100")
    parts = {
        "validation": (digits.images[:128], digits.labels[:128]),
        "test": (digits.images[128:], digits.labels[128:]),
    }
    return point(found.name, EMBEDDED, found.layers, digits.images[:64], parts, (0.5,))


def write(points: Sequence[Point], check: Mapping[str, Any], out: Path) -> None:
    """The results, ``RESULTS`` in a folder."""
    plan = {"seeds": [EMBEDDED, *SEEDS], "networks": NETWORKS, "validation_digits": VALIDATION}
    text = document(points, check, STEPS, **plan)
    (out / RESULTS).write_text(text, encoding="utf-8")


def read(folder: Path = FOLDER) -> dict[str, Any]:
    """The committed results; ValueError where the file is damaged."""
    try:
        data: dict[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        for one in data["points"]:
            assert one["network"] in NETWORKS and 0 <= one["chosen"]["test"] <= 1
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise ValueError(f"{RESULTS}: found {error!r}, need what make train wrote") from error
    return data
