"""Compiler, machine and cycles of Sparse-on-Dense, proved by an interpreter of its contract."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import dense
from models.array.timing import tile_interval
from models.dense import DenseConfig
from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Program
from models.pruning import nm
from models.socket import COUNTERS
from models.sparse_on_dense import DESIGN, SparseOnDenseConfig, compile, cycles, unpack
from models.sparse_on_dense.config import WgtFormat
from models.sparse_on_dense.timing import CLEAR_0, DECODE, START
from tests.models.sparse_on_dense_interpreter import Machine
from tests.models.test_dense_compiler import layers, make_layer

SMALL = {"rows": 4, "cols": 4}


def pruned(layer: Layer, config: SparseOnDenseConfig) -> Layer:
    """The layer as the build's format can hold it: N:M groups along the outputs."""
    if config.wgt_format != WgtFormat.NM:
        return layer
    weights = layer.weights.copy()
    for first in range(0, len(weights), config.group_m):
        group = weights[first : first + config.group_m]
        order = np.argsort(-np.abs(group), axis=0, kind="stable")
        np.put_along_axis(group, order[config.group_n :], 0, axis=0)
    return replace(layer, weights=weights)


def execute(program: Program, config: SparseOnDenseConfig) -> tuple[list[np.ndarray], Machine]:
    """Result packets of a program, and the machine it ran on; the model must agree in every pass:
    results, and every counter, those that depend on time included.
    """
    machine, packets = Machine(config), []
    for one, predicted in zip(program.passes, cycles(program, config), strict=True):
        words = machine.run(one)
        pixels = (one.cfg[2] & 0xFFFF) * (one.cfg[2] >> 16)
        for name, value in (machine.counts | machine.times(pixels)).items():
            assert predicted.counters[name] == value, name
        assert predicted.macs_per_pe.sum() == machine.counts["mac_useful"]
        assert (words is None) == (predicted.results is None)
        if words is not None:
            packets.append(np.array(words, dtype=np.uint64))
            lanes = predicted.results.reshape(-1, config.cols)
            assert (pack_rows_of_lanes(lanes, config.act_width) == packets[-1]).all()
    return packets, machine


def check(layer: Layer, config: SparseOnDenseConfig) -> tuple[Program, Machine]:
    """Compile, interpret, unpack, compare with the golden answer."""
    program = compile(layer, config)
    assert program.design == "sparse_on_dense"
    packets, machine = execute(program, config)
    (out,) = unpack(program, packets)
    assert (out == golden(layer, config.act_width)).all()
    return program, machine


@st.composite
def configs(draw):
    """Builds of all formats, small enough that most layers must be cut."""
    wgt_format = draw(st.integers(0, 2))
    group_m = draw(st.sampled_from([1, 2, 4]))
    rows, cols = draw(st.sampled_from([4, 4, 8])), draw(st.sampled_from([4, 4, 8]))
    return SparseOnDenseConfig(
        rows=rows,
        cols=cols,
        act_width=draw(st.sampled_from([8, 16])),
        wgt_width=draw(st.sampled_from([8, 16])),
        act_depth=draw(st.sampled_from([1, 2, 3, 7, 20, 60, 400])),
        wgt_depth=draw(st.sampled_from([20, 21, 40, 100, 1000])),
        acc_depth=draw(st.sampled_from([1, 2, 5, 16, 100])),
        bias_depth=draw(st.integers(1, 3)),
        wgt_format=wgt_format,
        num_units=draw(st.sampled_from([1, 2, 4])),
        num_lanes=draw(st.sampled_from([1, 4, 16])) if wgt_format else 1,
        group_n=draw(st.integers(1, group_m)),
        group_m=group_m,
    )


@settings(max_examples=150)
@given(layers(), configs())
def test_any_layer_on_any_build(layer, config):
    check(pruned(layer, config), config)


@settings(max_examples=40)
@given(layers(), configs())
def test_slots_add_up(layer, config):
    """Every slot is useful, padding or stalled; no counter is negative or unknown."""
    for one in cycles(compile(pruned(layer, config), config), config):
        found = one.counters
        kinds = ("mac_useful", "slot_padding", "stall_input", "stall_sync")
        assert sum(found[name] for name in kinds) == found["mac_slots"]
        assert found["mac_slots"] == one.compute * config.multipliers
        assert min(found.values()) >= 0
        assert set(found) <= {name for name, _ in COUNTERS}
        assert one.busy_per_pe.sum() == found["mac_useful"] + found["slot_padding"]


@pytest.mark.parametrize("wgt_format", [0, 1, 2])
def test_fully_connected_batches_are_rows_of_pixels(wgt_format):
    config = SparseOnDenseConfig(**SMALL, wgt_format=wgt_format)
    layer = pruned(make_layer(np.random.default_rng(1), (17, 30), (5, 30)), config)
    program, machine = check(layer, config)
    assert len(program.passes) == 1
    assert program.passes[0].cfg[2] == 1 | 5 << 16
    assert machine.loads == {"wgt": 1, "act": 1}


@pytest.mark.parametrize("rows", [4, 16, 32])
@pytest.mark.parametrize("cols", [4, 16, 32])
@pytest.mark.parametrize("wgt_format", [0, 1, 2])
def test_all_arrays(rows, cols, wgt_format):
    """One unit, and as many as there may be."""
    rng = np.random.default_rng(rows + cols)
    for units in (1, min(rows, 16)):
        config = SparseOnDenseConfig(
            rows=rows,
            cols=cols,
            wgt_width=8,
            wgt_format=wgt_format,
            num_units=units,
            num_lanes=16 if wgt_format else 1,
        )
        program, _ = check(pruned(make_layer(rng, (37, 35, 2, 1), (1, 35, 3, 2)), config), config)
        assert len(program.passes) == 1


def test_weights_are_cut_by_the_largest_part():
    """A buffer of two largest parts holds two tiles, of one less only one."""
    layer = make_layer(np.random.default_rng(2), (4, 4, 3, 3), (1, 4, 4, 4))
    config = SparseOnDenseConfig(**SMALL, wgt_format=2, group_n=4, num_units=1)
    words = 1 + -(-16 * 18 // 64)
    for depth, taps in ((9 * words, 9), (9 * words - 1, 6), (2 * words, 2), (2 * words - 1, 1)):
        made = replace(config, wgt_depth=depth)
        program, machine = check(layer, made)
        found = {(one.cfg[3] & 0xFF) * (one.cfg[3] >> 8 & 0xFF) for one in program.passes}
        assert max(found) <= taps, depth
        assert machine.loads["wgt"] == len({one.tag[3] for one in program.passes})
    with pytest.raises(ValueError, match=f"wgt_depth: found {words - 1}, .* needs {words} \\(64"):
        compile(layer, replace(config, wgt_depth=words - 1))


@pytest.mark.parametrize("wgt_format", [0, 1, 2])
@pytest.mark.parametrize("zero", ["weights", "activations"])
def test_all_zero(wgt_format, zero):
    config = SparseOnDenseConfig(**SMALL, wgt_format=wgt_format)
    layer = make_layer(np.random.default_rng(3), (5, 5, 2, 2), (1, 5, 3, 3))
    scaled: dict[str, Any] = {"weights": layer.weights, "activations": layer.activations}
    if zero == "activations":
        scaled["weights"] = pruned(layer, config).weights
    scaled[zero] = scaled[zero] * 0
    _, machine = check(Layer(**scaled, bias=layer.bias, relu=False), config)
    assert machine.counts["mac_useful"] == 0


# ---------------------------------------------------------------- against the dense array


def pair(config: SparseOnDenseConfig, pixels: int, density: float) -> tuple[int, int, dict, dict]:
    """Compute cycles of a layer of 4 x 4 tiles on both designs, and their counters."""
    rng = np.random.default_rng(4)
    shape = 4 * config.cols, 4 * config.rows
    weights = rng.integers(1, 100, shape) * (rng.random(shape) < density)
    layer = Layer(weights, rng.integers(1, 50, (pixels, shape[1])), shift=4)
    plain = DenseConfig(rows=config.rows, cols=config.cols)
    (sparse,) = cycles(compile(layer, config), config)
    (full,) = dense.cycles(dense.compile(layer, plain), plain)
    return sparse.compute, full.compute, sparse.counters, full.counters


FULL = [
    {"wgt_format": 0},
    {"wgt_format": 1},
    {"wgt_format": 1, "num_lanes": 16},
    {"wgt_format": 2, "group_n": 4, "num_lanes": 4},
]


@pytest.mark.parametrize("options", FULL, ids=["csc", "bitmap", "bitmap_16", "nm"])
@pytest.mark.parametrize("density", [1.0, 0.3, 0.0])
def test_many_pixels_hide_all_decoding(options, density):
    """From N on that decoding fits into, only the first tile costs more than on the dense array."""
    config = SparseOnDenseConfig(rows=8, cols=8, **options)
    sparse, full, counters, plain = pair(config, 400, density)
    first = sparse - full
    assert 0 < first < 8 * 8 // 4 + 20
    assert counters["stall_sync"] - plain["stall_sync"] == first * 64
    assert counters["stall_input"] == plain["stall_input"]
    assert pair(config, 800, density)[0] - pair(config, 800, density)[1] == first


@pytest.mark.parametrize("options", FULL, ids=["csc", "bitmap", "bitmap_16", "nm"])
@pytest.mark.parametrize("pixels", [1, 20, 60])
def test_few_pixels_wait_and_the_waits_are_counted(options, pixels):
    """Never fewer cycles than dense; the difference is what the generator waits."""
    config = SparseOnDenseConfig(rows=8, cols=8, **options)
    for density in (1.0, 0.5, 0.1):
        sparse, full, counters, plain = pair(config, pixels, density)
        assert sparse - full == (counters["stall_sync"] - plain["stall_sync"]) // 64
        assert sparse > full


def test_reads_fall_with_density():
    config = SparseOnDenseConfig(rows=8, cols=8)
    reads = [pair(config, 20, density)[2]["wgt_reads"] for density in (1.0, 0.6, 0.3, 0.0)]
    assert reads == sorted(reads, reverse=True)
    assert reads[0] > 1.7 * reads[2] > 0
    assert reads[3] == 16 * 4 * 2, "a header and a word of pointers for every part"


def test_a_tile_by_hand():
    """CSC, one tile of one non-zero per unit: header, pointers, an entry; then the array."""
    config = SparseOnDenseConfig(**SMALL, num_units=2)
    weights = np.zeros((4, 4), dtype=int)
    weights[1, 0] = weights[2, 3] = 5  # rows (channels) 0 and 3: unit 1 has an empty row first
    layer = Layer(weights, np.ones((6, 4), dtype=int))
    (one,) = cycles(compile(layer, config), config)
    steps = 1 + 1 + 1 + 1  # 3 pointers of 4 bits; the empty row
    start = CLEAR_0 + steps + DECODE[WgtFormat.CSC] + START
    assert one.compute == start + 6 + 4 + 4 + 1
    assert one.counters["stall_sync"] == (start - 3) * 16
    assert one.counters["wgt_reads"] == one.counters["wgt_writes"] == 2 * 2
    assert one.counters["mac_useful"] == 12


def test_intervals_follow_the_slowest_unit():
    """Weights in the rows of one unit alone: each unit further down has G cycles less."""
    config = SparseOnDenseConfig(rows=8, cols=4, num_units=4)
    taken = []
    for unit in range(4):
        weights = np.zeros((4, 16), dtype=int)
        for tile in (0, 8):
            weights[:, tile + 2 * unit : tile + 2 * unit + 2] = 3
        (one,) = cycles(compile(Layer(weights, np.ones((1, 16), dtype=int)), config), config)
        taken.append(one.compute)
    assert np.diff(taken).tolist() == [2, 2, 2]
    assert taken[0] > tile_interval(1, DenseConfig(rows=8, cols=4)) + 1 + 8 + 4


# ---------------------------------------------------------------- refusals, damage


def test_weights_that_are_not_n_of_m_are_refused():
    weights = np.zeros((8, 3, 2, 2), dtype=int)
    weights[4:7, 2, 0, 1] = 1, -2, 3
    layer = Layer(weights, np.ones((3, 4, 4), dtype=int), name="conv")
    config = SparseOnDenseConfig(**SMALL, wgt_format=2)
    with pytest.raises(ValueError, match="'conv' has 3 non-zeros in group 1 .outputs 4..7 of cha"):
        compile(layer, config)
    with pytest.raises(ValueError, match=r"channel 2, tap 0, 1\), 2:4 allows 2"):
        compile(layer, config)
    check(layer, SparseOnDenseConfig(**SMALL, wgt_format=2, group_n=3))
    check(layer, SparseOnDenseConfig(**SMALL, wgt_format=1))


def test_pruning_along_the_outputs_makes_groups():
    """``models.pruning.nm`` works along rows: outputs are made rows' ends by a transposition."""
    layer = make_layer(np.random.default_rng(7), (10, 6, 2, 2), (1, 6, 3, 3))
    moved = layer.weights.transpose(1, 2, 3, 0)
    flat = moved.reshape(-1, 10)
    kept = flat * nm(np.abs(flat).astype(float), keep=flat.size // 2)
    weights = kept.reshape(moved.shape).transpose(3, 0, 1, 2)
    config = SparseOnDenseConfig(**SMALL, wgt_format=2)
    with pytest.raises(ValueError, match="2:4 allows 2"):
        compile(layer, config)
    check(replace(layer, weights=weights), config)


def test_layers_are_not_chained():
    with pytest.raises(ValueError, match="results leave .* layer by layer"):
        DESIGN.compile_network([Layer([[1]], [1]), Layer([[1]])], SparseOnDenseConfig())


def test_programs_of_another_design_are_refused():
    layer = Layer([[1]], [1])
    with pytest.raises(ValueError, match="found design 'dense', need 'sparse_on_dense'"):
        cycles(dense.compile(layer, DenseConfig()), SparseOnDenseConfig())
    with pytest.raises(ValueError, match="found design 'sparse_on_dense', need 'dense'"):
        dense.cycles(compile(layer, SparseOnDenseConfig()), DenseConfig())


@pytest.mark.parametrize("word", [0, 1, 2, 3, 4, -1, -4])
@pytest.mark.parametrize("wgt_format", [0, 1, 2])
def test_a_changed_packet_is_noticed(word, wgt_format):
    """A flipped bit in any part of a weight packet is an error or another answer, for both."""
    config = SparseOnDenseConfig(**SMALL, wgt_format=wgt_format)
    rng = np.random.default_rng(5)
    layer = make_layer(rng, (8, 8, 2, 1), (1, 8, 3, 3), shift=0, relu=False)
    layer = pruned(layer, config)
    program = compile(layer, config)
    program.passes[0].wgt[word] ^= np.uint64(1 << 4)
    expected = golden(layer)
    try:
        packets = [np.array(Machine(config).run(one), dtype=np.uint64) for one in program.passes]
        assert (unpack(program, packets)[0] != expected).any()
    except (AssertionError, KeyError, IndexError):
        pass
    try:
        found = cycles(program, config)[0].results.reshape(-1, 4)
        packet = pack_rows_of_lanes(found, config.act_width)
        assert word == 0 or (unpack(program, [packet])[0] != expected).any()
    except (ValueError, IndexError):
        pass


# ---------------------------------------------------------------- configuration, speed


def test_config_names_are_those_of_the_rtl():
    added = {"WgtFormat": 0, "NumUnits": 4, "NumLanes": 1, "GroupN": 2, "GroupM": 4}
    assert SparseOnDenseConfig().parameters() == DenseConfig().parameters() | added
    assert type(SparseOnDenseConfig(wgt_format=WgtFormat.NM).parameters()["WgtFormat"]) is int
    assert SparseOnDenseConfig(rows=8).plain() == SparseOnDenseConfig(rows=8)
    assert SparseOnDenseConfig(rows=8).multipliers == 128


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 12}, "rows: found 12, allowed 4, 8, 16 or 32"),
        ({"wgt_format": 3}, "wgt_format: found 3, allowed 0..2"),
        ({"wgt_format": True}, "wgt_format: found True, allowed 0..2"),
        ({"num_units": 3}, "num_units: found 3, allowed 1, 2, 4, 8, 16"),
        ({"num_units": 8, "rows": 4}, "num_units: found 8, allowed 1, 2, 4$"),
        ({"num_units": 32, "rows": 32}, "num_units: found 32, allowed 1, 2, 4, 8, 16"),
        ({"num_units": True}, "num_units: found True, allowed"),
        ({"num_lanes": 4}, r"num_lanes: found 4, allowed 1 \(wgt_format 0\)"),
        ({"num_lanes": 2, "wgt_format": 1}, r"num_lanes: found 2, allowed 1, 4, 16 \(wgt_format"),
        ({"num_lanes": True}, "num_lanes: found True, allowed"),
        ({"wgt_format": 2, "group_m": 3}, "group_m: found 3, allowed divisors of cols 16"),
        ({"wgt_format": 2, "group_m": 32, "cols": 32}, "group_m: found 32, allowed 1..16"),
        ({"wgt_format": 2, "group_n": 5}, "group_n: found 5, allowed 1..4"),
        ({"wgt_format": 2, "group_n": 0}, "group_n: found 0, allowed 1..4"),
    ],
)
def test_config_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        SparseOnDenseConfig(**options)


def test_groups_are_not_looked_at_in_other_formats():
    assert SparseOnDenseConfig(group_n=9, group_m=3).group_n == 9


@pytest.mark.parametrize(("wgt_format", "lanes"), [(0, 1), (1, 4), (2, 4)])
def test_a_full_size_layer_is_predicted_fast(wgt_format, lanes):
    """A 3x3 layer of VGG-16, 512 x 512 filters, on 32 x 32: under 10 s of processor time."""
    rng = np.random.default_rng(6)
    weights = rng.integers(-99, 100, (512, 512, 3, 3)) * (rng.random((512, 512, 3, 3)) < 0.3)
    if wgt_format == WgtFormat.NM:
        groups = weights.reshape(128, 4, -1)
        order = np.argsort(-np.abs(groups), axis=1)
        np.put_along_axis(groups, order[:, 2:], 0, axis=1)
    layer = Layer(weights, rng.integers(0, 99, (512, 14, 14)), padding=1, shift=8)
    config = SparseOnDenseConfig(
        rows=32, cols=32, wgt_format=wgt_format, num_lanes=lanes, wgt_depth=1 << 17
    )
    start = time.process_time()
    found = cycles(compile(layer, config), config)
    assert time.process_time() - start < 10
    pixels, tiles = 14 * 14, 16 * 16 * 9
    assert sum(one.compute for one in found) < 1.01 * pixels * tiles, "all decoding is hidden"
