"""Layers with periodic kernels and small builds, for the tests of SPS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Program
from models.sps import Options, SpsConfig, compile, cycles, unpack
from tests.models.sps_interpreter import Machine
from tests.models.test_dense_compiler import correlated


def periodic(rng, shape, patterns: Sequence[np.ndarray], factors=(1, 1)) -> np.ndarray:
    """Weights int [K, C, R, S]: kernel (k, c) has those of pattern (u*k + v*c) mod P."""
    filters, channels = shape[:2]
    table = np.array(patterns, dtype=bool)
    at = np.arange(filters)[:, None] * factors[0] + np.arange(channels) * factors[1]
    kept = table[at % len(table)].reshape(shape)
    return rng.integers(1, 100, shape) * rng.choice([-1, 1], shape) * kept


def drawn(rng, period: int, taps: int, sizes: Sequence[int]) -> list[np.ndarray]:
    """Patterns of ``sizes`` in turn."""
    made = []
    for at in range(period):
        pattern = np.zeros(taps, dtype=bool)
        pattern[rng.choice(taps, min(taps, sizes[at % len(sizes)]), replace=False)] = True
        made.append(pattern)
    return made


def layer_of(rng, weights: np.ndarray, size: tuple[int, int], samples: int = 1, **options) -> Layer:
    """The weights on random activations, about a third of them zero."""
    shape = samples, weights.shape[1], *size
    acts = rng.integers(-100, 101, shape) * (rng.random(shape) < 0.7)
    bias = rng.integers(-3000, 3000, weights.shape[0])
    return Layer(weights, acts, **({"shift": 4, "bias": bias} | options))


def small(**changes) -> SpsConfig:
    """A 4 x 4 array."""
    return SpsConfig(**({"rows": 4, "cols": 4} | changes))


def execute(program: Program, config: SpsConfig) -> tuple[list[np.ndarray], Machine]:
    """Result packets of a program, and the machine it ran on; the model must agree in every pass:
    results, and every counter.
    """
    machine, packets = Machine(config), []
    for one, predicted in zip(program.passes, cycles(program, config), strict=True):
        words = machine.run(one)
        counted = dict.fromkeys(predicted.counters, 0) | machine.counts | machine.times
        assert predicted.counters == counted
        assert predicted.compute == counted["cycles_compute"]
        assert predicted.macs_per_pe.sum() == machine.counts["mac_useful"]
        assert (words is None) == (predicted.results is None)
        if words is not None and predicted.results is not None:
            packets.append(np.array(words, dtype=np.uint64))
            lanes = predicted.results.reshape(-1, config.cols)
            assert (pack_rows_of_lanes(lanes, config.act_width) == packets[-1]).all()
    return packets, machine


def check(
    layer: Layer, config: SpsConfig, options: Options | None = None
) -> tuple[Program, Machine]:
    """Compile, interpret, unpack, compare with two oracles."""
    program = compile(layer, config, options)
    packets, machine = execute(program, config)
    (out,) = unpack(program, packets)
    assert out.dtype == np.int64
    assert out.shape == layer.out_shape
    assert (out == golden(layer, config.act_width)).all()
    assert (out == correlated(layer, config.act_width)).all()
    return program, machine


@st.composite
def configs(draw) -> SpsConfig:
    """Builds small enough that most layers must be cut."""
    rows = draw(st.sampled_from([4, 4, 8]))
    return SpsConfig(
        rows=rows,
        cols=draw(st.sampled_from([4, 4, 8])),
        act_width=draw(st.sampled_from([8, 16])),
        wgt_width=draw(st.sampled_from([8, 16])),
        act_depth=draw(st.sampled_from([1, 3, 20, 60, 400])),
        wgt_depth=rows * draw(st.sampled_from([1, 2, 9, 30, 200])) + draw(st.integers(0, 3)),
        acc_depth=draw(st.sampled_from([1, 5, 16, 100])),
        bias_depth=draw(st.integers(1, 3)),
        row_offsets=draw(st.sampled_from([0, 1, 1])),
        max_period=draw(st.sampled_from([1, 3, 4, 16])),
        kernel_size=draw(st.sampled_from([1, 2, 3, 7])),
        table_depth=draw(st.sampled_from([1, 5, 16, 144])),
        max_kt=draw(st.sampled_from([1, 2, 64])),
        max_ct=draw(st.sampled_from([1, 2, 128])),
    )


@st.composite
def layers(draw) -> Layer:
    """Convolutions with periodic kernels of every geometry, as large as plain Python can follow."""
    r, s = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    padding, stride = draw(st.sampled_from([0, 1, 1, 2])), draw(st.sampled_from([1, 1, 2, 3]))
    low = max(1, r - 2 * padding), max(1, s - 2 * padding)
    size = tuple(at + draw(st.integers(0, 3)) for at in low)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(0, r * s), min_size=1, max_size=4))
    patterns = drawn(rng, draw(st.integers(1, 5)), r * s, sizes)
    shape = draw(st.integers(1, 11)), draw(st.integers(1, 11)), r, s
    factors = draw(st.sampled_from([(1, 1), (1, 1), (0, 1), (1, 0), (2, 1)]))
    return layer_of(
        rng,
        periodic(rng, shape, patterns, factors),
        size,
        draw(st.integers(1, 2)),
        padding=padding,
        stride=stride,
        relu=draw(st.booleans()),
    )
