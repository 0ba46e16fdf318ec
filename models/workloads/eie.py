"""The nine benchmark layers of EIE: shapes, densities and times as printed.

Source: Han et al., "EIE", ISCA 2016, Table III (shapes, densities) and Table IV (times of the
64-PE machine at 800 MHz). The patterns are not public: ours are drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fixed import fitting_shift
from models.golden import accumulate
from models.layer import Layer

#: Clock of the published times, cycles per microsecond.
CLOCK_MHZ = 800


@dataclass(frozen=True)
class EieBenchmark:
    """One line of the paper: inputs, outputs, densities, microseconds."""

    inputs: int
    outputs: int
    weight_density: float
    activation_density: float
    theoretical_us: float
    actual_us: float

    @property
    def ratio(self) -> float:
        """Actual over theoretical time."""
        return self.actual_us / self.theoretical_us


EIE_LAYERS: dict[str, EieBenchmark] = {
    "alex-6": EieBenchmark(9216, 4096, 0.09, 0.351, 28.1, 30.3),
    "alex-7": EieBenchmark(4096, 4096, 0.09, 0.353, 11.7, 12.2),
    "alex-8": EieBenchmark(4096, 1000, 0.25, 0.375, 8.9, 9.9),
    "vgg-6": EieBenchmark(25088, 4096, 0.04, 0.183, 28.1, 34.4),
    "vgg-7": EieBenchmark(4096, 4096, 0.04, 0.375, 7.9, 8.7),
    "vgg-8": EieBenchmark(4096, 1000, 0.23, 0.411, 7.3, 8.4),
    "nt-we": EieBenchmark(4096, 600, 0.10, 1.0, 5.2, 8.0),
    "nt-wd": EieBenchmark(600, 8791, 0.11, 1.0, 13.0, 13.9),
    "nt-lstm": EieBenchmark(1201, 2400, 0.10, 1.0, 6.5, 7.5),
}


def _codebook(rng: np.random.Generator) -> NDArray[np.int64]:
    """16 entries: zero and 15 values of both signs, all different, that add up to zero.

    Without that sum every output would follow the mean weight and have the same sign.
    """
    while True:
        values = rng.choice(np.arange(1, 2048), size=14, replace=False)
        values[1::2] *= -1
        last = -int(values.sum())
        if 0 < abs(last) < 2048 and last not in values:
            return np.concatenate(([0], values, [last])).astype(np.int64)


def eie_layer(name: str, seed: int = 1) -> Layer:
    """One of the nine layers with a random pattern at the printed densities.

    Weights: each is non-zero on its own with the printed density (Bernoulli, so the count varies a
    little from seed to seed), the value one of 15 drawn by the seed. Activations: exactly
    ``round(density * inputs)`` positions hold a value in 1..2047, as behind a ReLU. The shift
    brings the largest accumulator just inside 16 bits. Raises ValueError on an unknown name.
    """
    if name not in EIE_LAYERS:
        raise ValueError(f"layer: found '{name}', known: {', '.join(EIE_LAYERS)}")
    facts = EIE_LAYERS[name]
    rng = np.random.default_rng([seed, list(EIE_LAYERS).index(name)])
    book = _codebook(rng)
    shape = (facts.outputs, facts.inputs)
    live = np.flatnonzero(rng.random(shape, dtype=np.float32) < facts.weight_density)
    weights = np.zeros(shape, dtype=np.int64)
    weights.reshape(-1)[live] = book[rng.integers(1, 16, size=live.size)]
    activations = np.zeros(facts.inputs, dtype=np.int64)
    count = round(facts.activation_density * facts.inputs)
    chosen = rng.choice(facts.inputs, size=count, replace=False)
    activations[chosen] = rng.integers(1, 2048, size=count)
    layer = Layer(weights, activations, name=f"eie/{name}")
    shift = fitting_shift(accumulate(layer), relu=layer.relu)
    return Layer(weights, activations, shift=shift, name=f"eie/{name}")
