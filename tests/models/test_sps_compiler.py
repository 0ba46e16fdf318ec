"""The compiler of SPS, proved by an interpreter that knows only the contract's text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import dense
from models.dense import DenseConfig
from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes, row_words
from models.program import Program
from models.sps import Options, SpsConfig, compile, cycles, unpack
from models.sps.registers import PERIOD, REGISTERS
from tests.models.sps_cases import (
    check,
    configs,
    drawn,
    execute,
    layer_of,
    layers,
    periodic,
    small,
)
from tests.models.test_dense_compiler import layers as any_layers


def tiles(program: Program, config: SpsConfig) -> int:
    """Weight tiles of all passes."""
    return sum(one.counters["wgt_reads"] for one in cycles(program, config)) // config.rows


def periods(program: Program) -> set[int]:
    return {PERIOD.of(one.cfg) for one in program.passes}


@settings(max_examples=80)
@given(layers(), configs())
def test_periodic_layers_on_any_build(layer, config):
    check(layer, config)


@settings(max_examples=30)
@given(any_layers(), configs())
def test_any_layer_on_any_build(layer, config):
    """Weights without any pattern, as the dense array is tested on."""
    check(layer, config)


@pytest.mark.parametrize("size", [1, 4, 9])
@pytest.mark.parametrize("period", [1, 2, 3, 4, 5, 7])
def test_patterns_of_one_size_take_a_tile_for_each_position(period, size):
    """P a power of two or not; outputs enough to fill every residue's tiles."""
    rng = np.random.default_rng(period)
    filters, channels = 4 * period, 9
    weights = periodic(rng, (filters, channels, 3, 3), drawn(rng, period, 9, [size]))
    program, machine = check(layer_of(rng, weights, (4, 5), padding=1), small())
    assert machine.loads == {"wgt": 1, "act": 1}
    if size < 9:
        assert tiles(program, small()) == period * 3 * size
        assert periods(program) == {period}
    else:
        assert periods(program) == {1}


@pytest.mark.parametrize(
    ("filters", "channels", "period"),
    [
        (16, 3, 8),  # P larger than C
        (3, 16, 8),  # fewer outputs than P
        (5, 6, 3),  # neither a multiple of the array
        (1, 1, 16),
        (17, 33, 16),
    ],
)
@pytest.mark.parametrize("row_offsets", [0, 1])
def test_layers_that_do_not_fill_a_period(filters, channels, period, row_offsets):
    rng = np.random.default_rng(period)
    weights = periodic(rng, (filters, channels, 3, 3), drawn(rng, period, 9, [4]))
    check(layer_of(rng, weights, (3, 4), padding=1), small(row_offsets=row_offsets))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("kernel", [3, 5])
def test_patterns_at_the_border(kernel, padding, stride):
    """Every corner and edge position is in some pattern, so some row lies outside on every side."""
    rng = np.random.default_rng(1)
    taps = kernel * kernel
    patterns = [
        np.isin(np.arange(taps), corner)
        for corner in ([0], [kernel - 1, taps - 1], [taps - kernel])
    ]
    weights = periodic(rng, (12, 9, kernel, kernel), patterns)
    layer = layer_of(rng, weights, (6, 7), padding=padding, stride=stride)
    program, _ = check(layer, small())
    assert periods(program) == {3}


def test_kernels_of_no_and_of_all_weights():
    """Sizes 0, 9 and 2 in one period; a tile of kernels without weights still starts its sums."""
    rng = np.random.default_rng(2)
    weights = periodic(rng, (12, 12, 3, 3), drawn(rng, 3, 9, [0, 9, 2]))
    layer = layer_of(rng, weights, (5, 5), padding=1)
    program, _ = check(layer, small())
    assert tiles(program, small()) == 3 * (1 + 9 + 2)
    nothing = layer_of(rng, np.zeros((5, 5, 3, 3), dtype=int), (4, 4))
    program, _ = check(nothing, small())
    assert tiles(program, small()) == 2 * 2


def test_sorting_pays_where_one_pattern_is_full():
    """One full kernel a period: unsorted every tile has one, sorted a quarter of them."""
    rng = np.random.default_rng(3)
    weights = periodic(rng, (16, 16, 3, 3), drawn(rng, 4, 9, [9, 2, 2, 2]))
    layer = layer_of(rng, weights, (5, 6), padding=1)
    plain, _ = check(layer, small(), Options(orders=("natural",)))
    best, _ = check(layer, small())
    assert tiles(plain, small()) == 16 * 9
    assert tiles(best, small()) == 4 * (9 + 2 + 2 + 2)


def test_one_offset_for_all_rows_needs_channels_sorted():
    rng = np.random.default_rng(4)
    weights = periodic(rng, (16, 16, 3, 3), drawn(rng, 4, 9, [2]))
    layer, shared = layer_of(rng, weights, (5, 5)), small(row_offsets=0)
    program, machine = check(layer, shared)
    assert tiles(program, shared) == 4 * 4 * 2
    assert machine.counts["idx_reads"] == 4 * 4 * 2
    program, machine = check(layer, small())
    assert machine.counts["idx_reads"] == 4 * 4 * 2 * 4
    unsorted, _ = check(layer, shared, Options(orders=("natural",)))
    assert periods(unsorted) == {1}


@pytest.mark.parametrize("factors", [(0, 1), (1, 0), (2, 1), (3, 1)])
def test_other_rules_than_k_plus_c_are_found(factors):
    """By channel alone, by output alone, by twice the output: residues of tiles and rows say it."""
    rng = np.random.default_rng(5)
    weights = periodic(rng, (20, 20, 3, 3), drawn(rng, 5, 9, [1, 2]), factors)
    program, _ = check(layer_of(rng, weights, (4, 4)), small())
    assert tiles(program, small()) <= 5 * 5 * 2
    assert periods(program) == {5}


def test_few_channels_come_several_times():
    """Three channels on 16 rows: five copies, each with a fifth of the 49 positions."""
    rng = np.random.default_rng(6)
    layer = layer_of(rng, rng.integers(1, 90, (16, 3, 7, 7)), (8, 9), padding=3, stride=2)
    program, _ = check(layer, SpsConfig())
    assert tiles(program, SpsConfig()) == 10
    alone, _ = check(layer, SpsConfig(), Options(orders=("natural",)))
    assert tiles(alone, SpsConfig()) == 49


def test_large_kernels_are_cut_and_keep_their_patterns():
    rng = np.random.default_rng(7)
    weights = periodic(rng, (8, 8, 9, 5), drawn(rng, 2, 45, [6]))
    layer, config = layer_of(rng, weights, (10, 8), padding=1), small()
    program, machine = check(layer, config)
    assert len(program.passes) == machine.loads["wgt"] == 2
    assert tiles(program, config) <= 2 * 2 * 2 * 6
    # A table that holds few positions cuts as well.
    check(layer, small(table_depth=4))


def test_tables_that_hold_few_tiles_are_loaded_again():
    rng = np.random.default_rng(8)
    weights = periodic(rng, (16, 16, 3, 3), drawn(rng, 2, 9, [3]))
    layer = layer_of(rng, weights, (4, 4), padding=1)
    program, _ = check(layer, small(max_kt=1, max_ct=2))
    assert len(program.passes) == 4 * 2
    program, _ = check(layer, small())
    assert len(program.passes) == 1


def test_blocks_of_weights_are_as_large_as_the_largest():
    """Channels of nine positions and of one, in a buffer that holds one block or the other: two
    samples need both again.
    """
    rng = np.random.default_rng(15)
    weights = periodic(rng, (4, 8, 3, 3), drawn(rng, 2, 9, [9, 1]), (0, 1))
    layer = layer_of(rng, weights, (4, 4), samples=2)
    program, machine = check(layer, small(wgt_depth=38))
    assert [one.out_words > 0 for one in program.passes] == [False, True] * 2
    assert machine.loads["wgt"] > 2


def test_rows_without_a_weight_carry_zeros():
    """Patterns of three and of one position in one tile."""
    rng = np.random.default_rng(16)
    weights = periodic(rng, (4, 4, 3, 3), drawn(rng, 2, 9, [3, 1]), (0, 1))
    layer = layer_of(rng, weights, (4, 4))
    program, machine = check(layer, small(), Options(orders=("natural",)))
    assert tiles(program, small()) == 3
    live = [[any(machine.wgt[4 * step + row]) for row in range(4)] for step in range(3)]
    assert live == [[True] * 4] + [[True, False] * 2] * 2


def test_fully_connected_and_1x1_layers_are_those_of_the_dense_array():
    rng = np.random.default_rng(9)
    for layer in (
        layer_of(rng, rng.integers(-9, 10, (30, 21, 1, 1)), (5, 6)),
        Layer(rng.integers(-9, 10, (30, 21)), rng.integers(-9, 10, (7, 21))),
    ):
        program, _ = check(layer, small())
        assert periods(program) == {1}
        same = dense.cycles(
            dense.compile(layer, DenseConfig(rows=4, cols=4)), DenseConfig(rows=4, cols=4)
        )
        found = cycles(program, small())
        assert [one.compute - 6 for one in found] == [one.compute for one in same]


def test_large_layers_by_the_model():
    """Several passes of the default build, against the reference."""
    rng = np.random.default_rng(10)
    weights = periodic(rng, (192, 144, 3, 3), drawn(rng, 8, 9, [9, 4, 4, 4]))
    layer = layer_of(rng, weights, (28, 28), padding=1, stride=2, shift=9)
    config = SpsConfig(acc_depth=256)
    program = compile(layer, config)
    results = [one.results for one in cycles(program, config) if one.results is not None]
    assert len(program.passes) > 4
    tensor = unpacked(program, results, config)
    assert (tensor == golden(layer, 16)).all()


def unpacked(program: Program, results: list[np.ndarray], config: SpsConfig) -> np.ndarray:
    lanes = [pack_rows_of_lanes(one.reshape(-1, config.cols), config.act_width) for one in results]
    return unpack(program, lanes)[0]


# ---------------------------------------------------------------- layers in a chain


@pytest.mark.parametrize("side", [4, 8])
def test_a_chain_forwards_its_words(side):
    """Result words of a layer are the activation words of the next; the last one restores."""
    rng, config = np.random.default_rng(side), SpsConfig(rows=side, cols=side)
    patterns = drawn(rng, 4, 9, [3])
    plain, options = rng.integers(0, 50, (1, 6, 5, 6)), Options()
    sent: list[np.ndarray] = []
    for filters, channels in ((13, 6), (11, 13), (9, 11)):
        weights = periodic(rng, (filters, channels, 3, 3), patterns)
        layer = Layer(weights, plain, padding=1, shift=8, bias=rng.integers(0, 99, filters))
        program = compile(layer, config, options)
        (one,) = program.passes
        assert one.act is not None
        assert not sent or (one.act[1:] == sent[0]).all(), "nothing has to be moved between layers"
        sent, _ = execute(program, config)
        plain = golden(layer, config.act_width)
        options = Options(in_order=program.outputs.out_order)
    (last,) = unpack(program, sent)
    assert (last == plain).all()
    order = program.outputs.out_order.tolist()
    assert order != sorted(order), "the last layer had an order to restore"


def test_an_order_of_arrival_keeps_its_empty_places():
    rng = np.random.default_rng(11)
    weights = periodic(rng, (8, 5, 3, 3), drawn(rng, 2, 9, [4]))
    layer = layer_of(rng, weights, (4, 4))
    order = np.array([-1, 4, -1, 2, 0, 1, -1, -1, -1, -1, -1, -1, 3])
    program, machine = check(layer, small(), Options(in_order=order))
    assert program.passes[0].cfg[4] & 0xFFFF == 4
    assert all(row[0] == 0 for row in list(machine.act.values())[:16])


@pytest.mark.parametrize("order", [[-1, 1, 3, -1, -1, -1, 0, 2], [1, 3, 0, 2, -1, -1, -1, -1]])
def test_rows_without_a_channel_make_no_tile_longer(order):
    """Channels 1 and 3 have one position, 0 and 2 have nine: an empty row must not bring nine."""
    rng = np.random.default_rng(13)
    weights = periodic(rng, (4, 4, 3, 3), drawn(rng, 2, 9, [9, 1]), (0, 1))
    program, _ = check(layer_of(rng, weights, (4, 4)), small(), Options(in_order=np.array(order)))
    tail = np.array(order).reshape(2, 4)
    longest = [9 if (tile[tile >= 0] % 2 == 0).any() else 1 for tile in tail]
    assert tiles(program, small()) == sum(longest)


def test_a_row_before_the_first_channel_of_its_tile_has_the_residue_of_that_one():
    """Channels 1 and 3 bring 1 or 9 positions by the tile of outputs; so must the row before."""
    rng = np.random.default_rng(14)
    weights = periodic(rng, (8, 4, 3, 3), drawn(rng, 2, 9, [9, 1]))
    order, config = np.array([-1, 1, 3, -1, 0, 2]), small(max_period=2)
    program, _ = check(layer_of(rng, weights, (4, 4)), config, Options(in_order=order))
    assert tiles(program, config) == (1 + 9) + (9 + 1)


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 4], [-1, 0, 1, 2]])
def test_an_order_without_every_channel_once_is_refused(order):
    layer = layer_of(np.random.default_rng(0), np.ones((4, 4, 3, 3), dtype=int), (4, 4))
    with pytest.raises(ValueError, match=r"in_order: found \d places, need every of 0..3 once"):
        compile(layer, small(), Options(in_order=np.array(order)))


# ---------------------------------------------------------------- what is refused


def test_orders_that_are_none():
    with pytest.raises(ValueError, match="orders: found .*allowed any of natural, residue, copies"):
        Options(orders=("natural", "size"))
    with pytest.raises(ValueError, match="orders"):
        Options(orders=())
    layer = layer_of(np.random.default_rng(0), np.ones((4, 8, 3, 3), dtype=int), (4, 4))
    with pytest.raises(ValueError, match="orders: found copies, need one that fits row_offsets 1"):
        compile(layer, small(), Options(orders=("copies",)))


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("row_offsets", 2, "0..1"),
        ("max_period", 17, "1..16"),
        ("kernel_size", 0, "1..15"),
        ("table_depth", 257, "1..256"),
        ("max_kt", 0, "1..1024"),
        ("max_ct", True, "1..1024"),
        ("rows", 5, "4, 8, 16 or 32"),
    ],
)
def test_builds_that_cannot_be(name, value, allowed):
    with pytest.raises(ValueError, match=rf"{name}: found {value}, allowed {allowed}"):
        SpsConfig(**{name: value})


def test_dirty_and_missing_results_are_refused():
    rng = np.random.default_rng(12)
    weights = periodic(rng, (5, 6, 3, 3), drawn(rng, 3, 9, [2]))
    config = small(act_width=16)
    program = compile(layer_of(rng, weights, (4, 4)), config)
    (packet,), _ = execute(program, config)
    empty = int(np.flatnonzero(program.outputs.out_order < 0)[0])
    tile, lane = divmod(empty, 4)
    dirty = packet.copy()
    dirty[tile * 4 * row_words(4, 16)] |= np.uint64(1 << 16 * lane)
    with pytest.raises(ValueError, match="lane without an output is not zero"):
        unpack(program, [dirty])
    with pytest.raises(ValueError, match="packets: found 0, need 1"):
        unpack(program, [])
    with pytest.raises(ValueError, match="found design 'eie', need 'sps'"):
        cycles(Program("eie", ()), config)


@settings(max_examples=12)
@given(layers(), st.sampled_from([3, 9, 10]))
def test_registers_are_checked(layer, word):
    """A pass of the compiler is good, and with the field of a register at its highest it is not."""
    (one, *_) = compile(layer, small(act_depth=400)).passes
    assert not list(REGISTERS.faults(small(act_depth=400), one.cfg))
    changed = {**one.cfg, word: 0xFFFF_FFFF}
    assert next(REGISTERS.faults(small(act_depth=400), changed)).word == word
