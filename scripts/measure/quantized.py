"""A quantized layer on a design: accumulators in RTL, the scale of each output behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.layer import Layer
from models.quantized import Quantized, exact_parts
from scripts.measure.engine import CannotTake, Engine
from scripts.measure.jobs import LayerJob, Outcome


class QuantizedJob(LayerJob):
    """A quantized layer with its inputs: parts whose answers are exact, their sum, its scales."""

    def __init__(self, workload: str, quantized: Quantized, notes: Sequence[str] = ()) -> None:
        """``workload`` is what reports call it."""
        super().__init__(workload, [quantized.layer], notes)
        self.quantized = quantized

    def parts(self, act_width: int) -> tuple[list[Layer], np.ndarray]:
        """What runs on a build, and what is added behind it: ``exact_parts``."""
        (layer,) = self.layers
        try:
            found, rest = exact_parts(layer, act_width)
        except ValueError as error:
            raise CannotTake(str(error)) from error
        if len(found) > 1:
            named = (f"{layer.name}.part{number}" for number in range(1, len(found) + 1))
            found = [replace(one, name=name) for one, name in zip(found, named, strict=True)]
        return found, rest

    def with_inputs(self, act_width: int) -> list[Layer]:
        """The parts."""
        return self.parts(act_width)[0]

    def run(self, engine: Engine) -> Outcome:
        """Every part in RTL; ``answers`` are the quantized outputs, ``wanted`` those of the model.
        CannotTake where the build cannot run all parts.
        """
        parts, rest = self.parts(engine.act_width)
        self._stored(parts, engine)
        outcome = LayerJob(self.name, parts, self.notes).run(engine)
        if outcome.missing:
            raise CannotTake("; ".join(why for _, why in outcome.missing))
        sums = [rest[:, None, None], rest[:, None, None]]
        for part, one in zip(parts, outcome.results, strict=True):
            sums[0] = sums[0] + (one.outputs[0] << part.shift)
            sums[1] = sums[1] + (one.golden[0] << part.shift)
        outcome.answers, outcome.wanted = (self.quantized.requant(one) for one in sums)
        outcome.notes.append(self._note(len(parts), engine, outcome.wanted))
        return outcome

    def _stored(self, parts: Sequence[Layer], engine: Engine) -> None:
        """CannotTake where digits of sums belong together and the build has other weights."""
        for one in parts if any(part.shift for part in parts) else ():
            stored = engine.model.fitted(one, engine.config)
            if not np.array_equal(stored.weights, one.weights):
                found, allowed = (np.unique(x.weights).size for x in (one, stored))
                raise CannotTake(
                    f"weights: found {found} values in '{one.name}', allowed {allowed} in this "
                    f"build of {engine.design}, where two runs make sums of results of "
                    f"{engine.act_width} bits"
                )

    def _note(self, parts: int, engine: Engine, wanted: np.ndarray) -> str:
        """What was computed where."""
        (layer,) = self.layers
        how = f"in {parts} parts that add up" if parts > 1 else "at once"
        same = np.array_equal(wanted, self.quantized.golden())
        model = "the quantized layer" if same else "the layer with the numbers of this build"
        return (
            f"{layer.name} on {engine.design}: quantized; zero points are taken off, accumulators "
            f"come out exactly, {how}; scales and output zero point behind them, {wanted.size:,} "
            f"outputs as {model} has"
        )
