"""The cycle model of the dense array against a clocked array and against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.array.timing import (
    compute_cycles,
    last_start,
    output_cycles,
    tile_interval,
    waiting_cycles,
)
from models.dense import DenseConfig, compile, cycles
from models.layer import Layer
from models.program import Program
from models.socket import COUNTERS
from tests.models.dense_clock import clock
from tests.models.test_dense_compiler import configs, layers

SIZES = st.sampled_from([4, 8])


@settings(max_examples=60)
@given(SIZES, SIZES, st.integers(1, 5), st.integers(1, 14), st.integers(0, 2**32 - 1))
def test_equal_to_a_clocked_array(rows, cols, tiles, pixels, seed):
    """Sums and cycles of T tiles on N pixels, arrays wider and higher than the other way."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(-9, 10, (tiles, rows, cols))
    acts = rng.integers(-9, 10, (tiles, pixels, rows))
    sums, taken, waits = clock(weights, acts)
    config = DenseConfig(rows=rows, cols=cols)
    assert (sums == acts @ weights).all()
    last = last_start(pixels, tiles, config)
    assert taken == compute_cycles(last, pixels, config)
    assert waits == waiting_cycles(last, pixels, tiles)


def test_each_bound_of_a_tile_is_reached():
    """Pixels, rows of weights, or the way of the switch: each one alone decides somewhere."""
    assert tile_interval(40, DenseConfig(rows=8, cols=8)) == 40
    assert tile_interval(1, DenseConfig(rows=32, cols=8)) == 32
    assert tile_interval(1, DenseConfig(rows=8, cols=8)) == 9


def test_the_clock_can_fail():
    """One cycle less than the model says is not enough: an interval of N alone is refused."""
    weights, acts = np.ones((3, 4, 4), dtype=int), np.ones((3, 2, 4), dtype=int)
    assert clock(weights, acts)[1] > 2 * 2 + 2 + 4 + 4 + 3


@settings(max_examples=60)
@given(layers(), configs())
def test_slots_add_up(layer, config):
    """Every slot is useful, padding or stalled; no counter is negative or unknown."""
    for one in cycles(compile(layer, config), config):
        found = one.counters
        assert found["mac_slots"] == one.compute * config.multipliers
        kinds = found["mac_useful"] + found["slot_padding"] + found["stall_input"]
        kinds += found["stall_sync"]
        assert kinds == found["mac_slots"]
        assert min(found.values()) >= 0
        assert set(found) <= {name for name, _ in COUNTERS}
        assert one.busy_per_pe.shape == one.macs_per_pe.shape == (config.multipliers,)
        assert (one.macs_per_pe <= one.busy_per_pe).all()
        assert one.busy_per_pe.sum() == found["mac_useful"] + found["slot_padding"]


def test_counters_by_hand():
    """2x2 ones on 3x3 ones, padding 1, 4x4 array: 16 pixels of 4 taps, 36 inside the input."""
    layer = Layer(np.ones((1, 1, 2, 2), dtype=int), np.ones((1, 3, 3), dtype=int), padding=1)
    config = DenseConfig(rows=4, cols=4)
    (one,) = cycles(compile(layer, config), config)
    compute = 3 * 16 + 16 + 4 + 4 + 5
    assert one.compute == compute
    assert {name: value for name, value in one.counters.items() if value} == {
        "cycles_compute": compute,
        "mac_useful": 36,
        "mac_slots": compute * 16,
        "stall_input": (compute - 64 - 1) * 16,
        "stall_sync": 16,
        "slot_padding": 64 * 16 - 36,
        "wgt_reads": 16,
        "wgt_writes": 16,
        "act_reads": 36,
        "act_writes": 9,
        "psum_reads": 3 * 16 * 4 + 16 * 4,
        "psum_writes": 4 * 16 * 4,
    }
    assert one.macs_per_pe.tolist() == [36] + [0] * 15
    assert output_cycles(16, 1, config) == 16 + 4


def test_layers_that_fill_the_array_use_it():
    """A 3x3 layer of 64 x 64 filters on 28 x 28 pixels: at least 90 % of the slots are fed."""
    rng = np.random.default_rng(0)
    layer = Layer(
        rng.integers(1, 9, (64, 64, 3, 3)), rng.integers(1, 9, (64, 28, 28)), padding=1, shift=8
    )
    passes = cycles(compile(layer, DenseConfig()), DenseConfig())
    slots = sum(one.counters["mac_slots"] for one in passes)
    useful = sum(one.counters["mac_useful"] for one in passes)
    border = (3 * 28 - 2) ** 2 / (3 * 28) ** 2  # taps that read inside the input
    assert useful / slots > 0.9
    assert useful / slots / border > 0.98


def test_another_design_is_refused():
    with pytest.raises(ValueError, match="found design 'eie', need 'dense'"):
        cycles(Program("eie", ()), DenseConfig())
