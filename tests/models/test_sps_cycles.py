"""The cycle model of SPS against clocks, and against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.layer import Layer
from models.sps import SpsConfig, compile, cycles
from models.sps.timing import FIRST, compute_cycles, last_start, waiting_cycles
from tests.models.dense_clock import clock as clocked_array
from tests.models.sps_cases import configs, drawn, layer_of, layers, periodic, small
from tests.models.sps_interpreter import clock

SIDES = st.sampled_from([4, 8, 16, 32])


@settings(max_examples=100)
@given(SIDES, SIDES, st.integers(1, 6), st.integers(1, 70))
def test_equal_to_the_clock_of_the_contract(rows, cols, tiles, pixels):
    config = SpsConfig(rows=rows, cols=cols)
    found = clock(tiles, pixels, rows, cols)
    last = last_start(tiles, pixels, config)
    assert found["cycles_compute"] == compute_cycles(last, pixels, config)
    assert found["stall_sync"] == waiting_cycles(last, pixels, tiles, config) * rows * cols
    assert found["stall_input"] == (rows + cols + 6) * rows * cols


@settings(max_examples=30)
@given(st.sampled_from([4, 8]), st.sampled_from([4, 8]), st.integers(1, 4), st.integers(5, 14))
def test_equal_to_the_array_clocked_pe_by_pe(rows, cols, tiles, pixels):
    """The dense array, its first weights later; pixels enough that the last one is not held."""
    rng = np.random.default_rng(rows)
    weights, acts = (
        rng.integers(-9, 10, (tiles, rows, cols)),
        rng.integers(-9, 10, (tiles, pixels, rows)),
    )
    sums, taken, _ = clocked_array(weights, acts, first=FIRST - 2)
    config = SpsConfig(rows=rows, cols=cols)
    last = last_start(tiles, pixels, config)
    assert (sums == acts @ weights).all()
    assert taken == compute_cycles(last, pixels, config)


@settings(max_examples=30)
@given(layers(), configs())
def test_slots_add_up(layer, config):
    for one in cycles(compile(layer, config), config):
        found = one.counters
        parts = ("mac_useful", "slot_padding", "stall_input", "stall_sync")
        assert sum(found[name] for name in parts) == found["mac_slots"]
        assert found["mac_slots"] == one.compute * config.multipliers
        assert min(found.values()) >= 0
        assert one.busy_per_pe.sum() == found["mac_useful"] + found["slot_padding"]


def test_counters_by_hand():
    """A diagonal of 2 x 2 ones on 3 x 3 ones, padding 1: two steps of 16 pixels, 9 inside each."""
    weights = np.eye(2, dtype=int)[None, None]
    layer = Layer(weights, np.ones((1, 3, 3), dtype=int), padding=1)
    config = small(row_offsets=0)
    (one,) = cycles(compile(layer, config), config)
    compute = 10 + 16 + 16 + 4 + 4 + 1
    assert one.compute == compute
    assert {name: value for name, value in one.counters.items() if value} == {
        "cycles_compute": compute,
        "mac_useful": 18,
        "mac_slots": compute * 16,
        "stall_input": (4 + 4 + 6) * 16,
        "stall_sync": 5 * 16,
        "slot_padding": 32 * 16 - 18,
        "wgt_reads": 8,
        "wgt_writes": 8,
        "idx_reads": 2,
        "idx_writes": 4,
        "act_reads": 18 * 4,
        "act_writes": 9 * 4,
        "psum_reads": 16 * 4 + 16 * 4,
        "psum_writes": 32 * 4,
    }


@pytest.mark.parametrize("period", [2, 4])
def test_patterns_of_one_size_fill_the_array(period):
    """P divides the array: nearly every slot has a weight and a pixel."""
    rng = np.random.default_rng(period)
    config = small()
    weights = periodic(rng, (16, 16, 3, 3), drawn(rng, period, 9, [4]))
    layer = layer_of(rng, weights, (30, 30), padding=1)
    passes = cycles(compile(layer, config), config)
    slots = sum(one.counters["mac_slots"] for one in passes)
    assert np.count_nonzero(weights) * 900 / slots > 0.97
