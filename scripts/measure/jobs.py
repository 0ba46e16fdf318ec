"""What is run: an embedded network on digits, a named workload, or a layer of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.fixed import limits
from models.golden import golden
from models.layer import Layer
from models.networks import Network, NetworkLayer, load_digits, load_network
from models.quantization import relative_error
from scripts.measure.engine import (
    CannotTake,
    Engine,
    GroupResult,
    flat,
    has_queues,
    max_pool,
    save_case,
)

#: digits sent when no count is given
DEFAULT_COUNT = {"lenet_300_100": 200, "lenet_5": 25, "vgg_7": 25}
#: the same where a convolution is one run of the accelerator per output pixel
COUNT_PER_PIXEL = 2
NOTE_PER_PIXEL = (
    "convolutions run on this design as one matrix-vector product per output pixel (im2col), 640 "
    "runs of the accelerator for each digit: fewer digits by default"
)


@dataclass
class Digits:
    """Digits, what they are, and what was seen in them: uint8 [N, 28, 28], [N], [N]."""

    images: np.ndarray
    labels: np.ndarray
    indices: np.ndarray


@dataclass
class Outcome:
    """Everything a job gave.

    results: one per program that ran; answers and wanted: the last layer's output in RTL and in
    the model (network run from the images on, without RTL in between); accuracy: see
    ``NetworkJob``; failing: file with the first layer that differed; missing: (layer, why) of those
    that the build cannot take.
    """

    workload: str
    results: list[GroupResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    answers: np.ndarray | None = None
    wanted: np.ndarray | None = None
    digits: Digits | None = None
    accuracy: dict[str, float] = field(default_factory=dict)
    failing: Path | None = None
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def runs(self) -> list[Any]:
        """Layer runs in order."""
        return [run for result in self.results for run in result.runs]

    @property
    def exact(self) -> bool:
        """Every output of every layer is golden, there was something to compare, and the RTL
        took the cycles and did the work that the cycle model predicts."""
        runs = self.runs
        same = self.answers is None or (
            self.wanted is not None and np.array_equal(self.answers, self.wanted)
        )
        good = all(r.different == 0 and r.compared > 0 and not r.counter_errors for r in runs)
        return bool(runs) and good and same


def to_layer(source: NetworkLayer) -> Layer:
    """A ``NetworkLayer`` as the common ``Layer``, without inputs."""
    return Layer(
        weights=source.weights.astype(np.int64),
        stride=source.stride,
        padding=source.padding,
        bias=source.bias,
        shift=source.shift,
        relu=source.relu,
        name=source.name,
    )


class NetworkJob:
    """An embedded network on the first ``count`` of the committed test digits."""

    def __init__(self, name: str, count: int | None = None, per_pixel: bool = False) -> None:
        """``per_pixel``: the design runs once per output pixel of a convolution.

        Raises ValueError when the network is unknown or there are not that many digits.
        """
        self.name = name
        self.network: Network = load_network(name)
        digits = load_digits()
        if count is None:
            convolves = any(one.weights.shape[2:] != (1, 1) for one in self.network.layers)
            count = COUNT_PER_PIXEL if convolves and per_pixel else DEFAULT_COUNT[name]
        if not 1 <= count <= len(digits.labels):
            raise ValueError(f"count: found {count}, need 1..{len(digits.labels)} digits")
        self.digits = Digits(digits.images[:count], digits.labels[:count], digits.indices[:count])
        self.layers = [to_layer(layer) for layer in self.network.layers]
        self.pools = [layer.pool for layer in self.network.layers]
        self.inputs = self.digits.images[:, None].astype(np.int64)

    @property
    def chainable(self) -> bool:
        """Fully connected layers only: the accelerator can keep the activations inside."""
        return all(layer.weights.shape[2:] == (1, 1) for layer in self.layers) and all(
            pool == 1 for pool in self.pools
        )

    def run(self, engine: Engine) -> Outcome:
        """All layers in RTL; the outputs of each layer, as RTL gave them, feed the next."""
        outcome = Outcome(self.name, digits=self.digits)
        first = self.layers[0].with_activations(flat(self.inputs, self.layers[0]))
        group = [first, *self.layers[1:]]
        if self.chainable and len(group) > 1 and not engine.model.last_only:
            try:
                program = engine.compile(group)
            except ValueError as error:
                outcome.notes.append(f"layers run one by one: {error}")
            else:
                result = engine.run(group, self.name, "chained", program=program)
                outcome.results.append(result)
                outcome.answers = result.outputs[-1]
        elif engine.model.per_pixel:
            outcome.notes.append(NOTE_PER_PIXEL)
        if not outcome.results:
            outcome.answers = self._layer_by_layer(engine, outcome)
        outcome.wanted = self.model_answers(engine.act_width)
        self._finish(outcome, engine)
        return outcome

    def _layer_by_layer(self, engine: Engine, outcome: Outcome) -> np.ndarray:
        seen = self.inputs
        for layer, pool in zip(self.layers, self.pools, strict=True):
            fed = layer.with_activations(flat(seen, layer))
            result = engine.run([fed], self.name, layer.name)
            outcome.results.append(result)
            seen = max_pool(result.outputs[0], pool)
        return seen

    def trace(self, engine: Engine, outcome: Outcome) -> GroupResult:
        """One digit more, traced: all layers if chained, else the fully connected one that reads
        most."""
        if len(outcome.results) == 1:
            first = self.layers[0].with_activations(flat(self.inputs[:1], self.layers[0]))
            return engine.run([first, *self.layers[1:]], self.name, "traced", trace=True)
        dense = [x for x in self._inputs_of(outcome) if x.weights.shape[2:] == (1, 1)]
        layer = max(dense or self._inputs_of(outcome), key=lambda one: one.in_size)
        fed = layer.with_activations(layer.inputs[:1])
        return engine.run([fed], self.name, "traced", trace=True)

    def with_inputs(self, act_width: int) -> list[Layer]:
        """The layers with what they are given in the integer model."""
        return self._through_model(act_width)[0]

    def model_answers(self, act_width: int) -> np.ndarray:
        """Output of the network in the integer model, int64 [N, classes, 1, 1]."""
        return self._through_model(act_width)[1]

    def _through_model(self, act_width: int) -> tuple[list[Layer], np.ndarray]:
        fed, seen = [], self.inputs
        for layer, pool in zip(self.layers, self.pools, strict=True):
            fed.append(layer.with_activations(flat(seen, layer)))
            seen = max_pool(golden(fed[-1], act_width), pool)
        return fed, seen

    def _finish(self, outcome: Outcome, engine: Engine) -> None:
        labels = self.digits.labels
        outcome.accuracy = {
            "rtl": accuracy(outcome.answers, labels),
            "model": accuracy(outcome.wanted, labels),
            **{f"held_out_{stage}": float(v) for stage, v in self.network.accuracy.items()},
        }
        outcome.failing = save_failing(self._inputs_of(outcome), outcome, engine)

    def _inputs_of(self, outcome: Outcome) -> list[Layer]:
        """The layers with the inputs they had in RTL."""
        outputs = [out for result in outcome.results for out in result.outputs]
        fed, seen = [], self.inputs
        for layer, pool, out in zip(self.layers, self.pools, outputs, strict=True):
            fed.append(layer.with_activations(flat(seen, layer)))
            seen = max_pool(out, pool)
        return fed


class LayerJob:
    """Layers with their own inputs: from a file, a named workload, a trained network."""

    def __init__(self, workload: str, layers: Sequence[Layer], notes: Sequence[str] = ()) -> None:
        """``workload`` is what reports call it."""
        self.name = workload
        self.layers = [replace(one, name=one.name.rpartition("/")[2]) for one in layers]
        self.notes = list(notes)

    def with_inputs(self, act_width: int) -> list[Layer]:
        """The layers; they have their inputs, whatever the width."""
        return self.layers

    def run(self, engine: Engine) -> Outcome:
        """Each layer by itself in RTL; a single one is traced. A layer that the build cannot take
        is left out; CannotTake where that leaves none.
        """
        outcome = Outcome(self.name, notes=list(self.notes))
        trace = len(self.layers) == 1 and has_queues(engine.config)
        ran = []
        for layer in self.layers:
            try:
                result = engine.run([layer], self.name, layer.name, trace=trace)
            except CannotTake as error:
                outcome.missing.append((layer.name, str(error)))
                continue
            ran.append(layer)
            outcome.results.append(result)
            outcome.notes += fitted_note(layer, engine)
            if result.lowered:
                outcome.notes.append(lowered_note(engine.design, result))
            outcome.notes += hollow(layer, result.golden[0], engine.act_width)
        if not ran:
            raise CannotTake("; ".join(dict.fromkeys(why for _, why in outcome.missing)))
        outcome.notes += [f"layer {name} is missing: {why}" for name, why in outcome.missing]
        outcome.failing = save_failing(ran, outcome, engine)
        return outcome


def fitted_note(layer: Layer, engine: Engine) -> list[str]:
    """By how much the weights of a layer had to change for a design; nothing where they run as
    they are.
    """
    fitted = engine.model.fitted(layer, engine.config)
    if fitted is layer:
        return []
    used = np.unique(fitted.weights[fitted.weights != 0]).size
    error = relative_error(layer.weights, fitted.weights)
    return [
        f"{layer.name} on {engine.design}: weights re-quantized to {used} shared values, relative "
        f"error {error:.3g} (root mean square); designs without a codebook have them as they are"
    ]


def lowered_note(design: str, result: GroupResult) -> str:
    """What was done to a layer that the design does not take as it is, and what it costs."""
    (run,) = result.runs
    passes = f"{run.passes:,} pass{'es' * (run.passes > 1)}"
    return (
        f"{run.layer} on {design}: lowered, {result.lowered}, {passes}; compared with the layer as "
        "it was given"
    )


def hollow(layer: Layer, outputs: np.ndarray, act_width: int) -> list[str]:
    """Why the comparison of a layer proves little: nothing, or nothing visible, was computed.

    >>> hollow(Layer([[0]], [1], name="a"), np.array([[[[0]]]]), 16)
    ['a: all weights are zero, so every product is: nothing was computed']
    """
    name = layer.name
    if not layer.weights.any() or not layer.inputs.any():
        what = "activations" if layer.weights.any() else "weights"
        but = "only the bias shows" if layer.bias.any() else "nothing was computed"
        return [f"{name}: all {what} are zero, so every product is: {but}"]
    if not outputs.any():
        why = "ReLU, or the shift" if layer.relu else "the shift"
        return [f"{name}: all {outputs.size:,} outputs are zero ({why}): equal says little"]
    if np.isin(outputs, limits(act_width)).all():
        return [f"{name}: all {outputs.size:,} outputs saturate: equal says little"]
    return []


def accuracy(answers: np.ndarray | None, labels: np.ndarray) -> float:
    """Share of samples whose largest output (the first, if several) is at the label."""
    return float((predictions(answers) == labels).mean())


def predictions(answers: np.ndarray | None) -> np.ndarray:
    """Class of each sample of [N, classes, 1, 1]."""
    if answers is None:
        raise ValueError("answers: found none, need a run that has ended")
    return answers.reshape(len(answers), -1).argmax(axis=1)


def save_failing(layers: Sequence[Layer], outcome: Outcome, engine: Engine) -> Path | None:
    """Write the first sample of the first layer that differs, for a run of its own."""
    for layer, run, wanted, got in zip(
        layers,
        outcome.runs,
        (w for r in outcome.results for w in r.golden),
        (o for r in outcome.results for o in r.outputs),
        strict=True,
    ):
        if not run.different and not run.counter_errors:
            continue
        if not run.different:
            message = f"{run.layer}: counter {run.counter_errors[0]}"
            return save_case(engine, layer, message, None, wanted, got)
        sample = None
        if got.shape == wanted.shape:
            sample = int(np.argwhere(got != wanted)[0][0])
        message = f"{run.layer}: outputs differ, first {run.first_difference}"
        return save_case(engine, layer, message, sample, wanted, got)
    return None
