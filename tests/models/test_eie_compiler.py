"""The compiler of EIE, proved by an interpreter that knows only the contract's text."""

import itertools
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.eie import EieConfig, compile, compile_network, theoretical_cycles, unpack
from models.eie.lowering import balance_rows
from models.formats.csc import encode
from models.golden import golden, golden_chain
from models.layer import Layer
from models.program import Program
from models.workloads import eie_layer
from tests.models.eie_interpreter import execute

LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT, SWAP, SRC_FILE, ACC_KEEP, BIAS = (1 << i for i in range(8))


def make_layer(rng, filters, channels, window=1, density=0.3, batch=1, size=1, **options) -> Layer:
    """A random layer with few enough values for any codebook."""
    values = options.pop("values", 15)
    book = rng.choice(np.concatenate((np.arange(-99, 0), np.arange(1, 100))), values)
    shape = (filters, channels, window, window)
    weights = (rng.random(shape) < density) * rng.choice(book, shape)
    acts = rng.integers(-100, 100, (batch, channels, size, size))
    acts *= rng.random(acts.shape) < 0.6
    if options.pop("bias", True):
        options["bias"] = rng.integers(-3000, 3000, filters)
    return Layer(weights, acts, **({"shift": 4} | options))


def check(layer: Layer, config: EieConfig) -> tuple[Program, Any]:
    """Compile, interpret, unpack, compare with golden."""
    program = compile(layer, config)
    packets, machine = execute(program, config)
    (out,) = unpack(program, [np.array(packet, dtype=np.uint64) for packet in packets])
    assert (out == golden(layer, config.act_width)).all()
    assert out.dtype == np.int64
    return program, machine


@st.composite
def configs(draw):
    """Builds small enough that most layers must be cut."""
    code_width, idx_width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    per_row = 2 ** draw(st.integers(1, 5))
    return EieConfig(
        num_pe=2 ** draw(st.integers(0, 4)),
        code_width=code_width,
        idx_width=idx_width,
        spmat_width=per_row * (code_width + idx_width),
        spmat_depth=draw(st.integers(1, 40)),
        ptr_depth=2 * draw(st.integers(1, 30)),
        ptr_width=draw(st.integers(1, 12)),
        act_regs=draw(st.integers(1, 9)),
        act_depth=draw(st.integers(1, 9)),
        bias_depth=draw(st.integers(1, 9)),
        act_width=draw(st.sampled_from([8, 16])),
        balance=draw(st.booleans()),
        skip_empty=draw(st.booleans()),
        fuse_pad=draw(st.booleans()),
    )


@settings(max_examples=120)
@given(configs(), st.integers(0, 2**32 - 1), st.data())
def test_any_layer_on_any_build(config, seed, data):
    rng = np.random.default_rng(seed)
    window = data.draw(st.integers(1, 3))
    layer = make_layer(
        rng,
        data.draw(st.integers(1, 40)),
        data.draw(st.integers(1, 12)),
        window,
        data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        data.draw(st.integers(1, 2)),
        window + data.draw(st.integers(0, 1)),
        values=min(20, (1 << config.code_width) - 1),
        bias=data.draw(st.booleans()),
        padding=data.draw(st.integers(0, 1)),
        stride=data.draw(st.integers(1, 2)),
        relu=data.draw(st.booleans()),
    )
    check(layer, config)


@pytest.mark.parametrize("num_pe", [1, 2, 4, 16, 64, 256])
@pytest.mark.parametrize("balance", [True, False])
def test_all_pe_counts(num_pe, balance):
    rng = np.random.default_rng(num_pe)
    layer = make_layer(rng, 70, 50)
    config = EieConfig(num_pe=num_pe, act_regs=128, balance=balance)
    program, machine = check(layer, config)
    assert len(program.passes) == 1
    live = layer.activations[0, :, 0, 0] != 0
    assert machine.macs == np.count_nonzero(layer.weights[:, live])


def modes(program: Program) -> list[int]:
    return [one.cfg[0] for one in program.passes]


def test_resident_weights_are_loaded_once():
    layer = make_layer(np.random.default_rng(1), 20, 16, batch=5)
    program, machine = check(layer, EieConfig(num_pe=4))
    assert machine.loads == 1
    assert [bool(mode & LOAD_WGT) for mode in modes(program)] == [True] + [False] * 4
    assert all(mode & LOAD_ACT and mode & OUTPUT and mode & BIAS for mode in modes(program))
    assert [one.tag for one in program.passes] == [(0, v, 0, 0) for v in range(5)]


def test_row_blocks_stay_resident_and_share_the_inputs():
    """3 row blocks x 4 samples: every block loaded once, every sample's inputs loaded once."""
    layer = make_layer(np.random.default_rng(2), 24, 10, batch=4)
    program, machine = check(layer, EieConfig(num_pe=2, act_regs=4))
    assert len(program.passes) == 12
    assert machine.loads == 3
    assert sum(bool(mode & LOAD_ACT) for mode in modes(program)) == 4
    assert len({one.cfg[3] for one in program.passes}) == 3, "three pointer bases"


def test_row_blocks_that_do_not_fit_together_come_one_after_the_other():
    layer = make_layer(np.random.default_rng(3), 24, 10, batch=4)
    program, machine = check(layer, EieConfig(num_pe=2, act_regs=4, ptr_depth=12))
    assert machine.loads == 3
    assert [one.tag[2] for one in program.passes] == [0] * 4 + [1] * 4 + [2] * 4


def test_column_blocks_keep_the_accumulators():
    layer = make_layer(np.random.default_rng(4), 9, 23, batch=2)
    program, machine = check(layer, EieConfig(num_pe=2, ptr_depth=10))
    assert [one.cfg[1] for one in program.passes] == [9, 9, 5] * 2
    for at, mode in enumerate(modes(program)):
        assert bool(mode & ACC_KEEP) == (at % 3 > 0)
        assert bool(mode & BIAS) == (at % 3 == 0)
        assert bool(mode & OUTPUT) == (at % 3 == 2)
    assert machine.loads == 6, "blocks that do not fit together are loaded before each use"


def test_column_blocks_that_fit_together_are_loaded_once():
    layer = make_layer(np.random.default_rng(4), 9, 23, batch=3)
    program, machine = check(layer, EieConfig(num_pe=2, act_depth=4))
    assert [one.cfg[1] for one in program.passes] == [8, 8, 7] * 3
    assert machine.loads == 3


def test_a_column_too_long_for_a_pe_halves_the_rows():
    layer = Layer(np.full((16, 3), 7), [1, 2, 3])
    config = EieConfig(num_pe=2, spmat_depth=1, spmat_width=16)  # two entries per PE
    program, _ = check(layer, config)
    assert {one.cfg[2] for one in program.passes} == {4}


def test_the_smallest_build_takes_any_layer():
    config = EieConfig(
        num_pe=1,
        spmat_depth=1,
        spmat_width=16,
        ptr_depth=2,
        ptr_width=1,
        act_regs=1,
        act_depth=1,
        bias_depth=1,
    )
    layer = make_layer(np.random.default_rng(5), 5, 4, density=1.0, batch=2)
    program, _ = check(layer, config)
    assert len(program.passes) == 5 * 4 * 2


@pytest.mark.parametrize(
    "weights",
    [
        [[5]],
        [[0]],
        np.zeros((20, 6), dtype=int),
        np.full((20, 6), -3),
        np.pad([[1], [2]], ((0, 0), (3, 3))),
        [[1, 2, 3], [0, 0, 0]],
    ],
    ids=["one", "one_zero", "all_zero", "dense", "empty_columns", "fewer_rows_than_pes"],
)
@pytest.mark.parametrize("zero_inputs", [False, True])
def test_edges(weights, zero_inputs):
    channels = np.shape(weights)[1]
    acts = np.zeros(channels, dtype=int) if zero_inputs else np.arange(channels) + 1
    bias = np.arange(len(weights)) - 1
    for num_pe in (1, 4):
        check(Layer(weights, acts, bias=bias, relu=False), EieConfig(num_pe=num_pe))


def test_both_rails_of_the_output():
    layer = Layer([[32767], [-32768]], [32767], shift=3, relu=False)
    program, _ = check(layer, EieConfig(num_pe=2))
    assert golden(layer).ravel().tolist() == [32767, -32768]
    assert program.passes[0].cfg[7] == 3


# ---------------------------------------------------------------- networks


def make_chain(rng, sizes, batch=1, **options) -> list[Layer]:
    layers = [make_layer(rng, sizes[1], sizes[0], batch=batch, **options)]
    for inputs, outputs in itertools.pairwise(sizes[1:]):
        layers.append(make_layer(rng, outputs, inputs, **options).with_activations(None))
    return layers


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 30), min_size=2, max_size=5),
    st.sampled_from([1, 2, 8]),
    st.booleans(),
)
def test_chains(seed, sizes, num_pe, balance):
    layers = make_chain(np.random.default_rng(seed), sizes, batch=3, relu=bool(seed & 1))
    config = EieConfig(num_pe=num_pe, balance=balance, act_regs=32)
    program = compile_network(layers, config)
    packets, machine = execute(program, config)
    outs = unpack(program, [np.array(packet, dtype=np.uint64) for packet in packets])
    for out, expected in zip(outs, golden_chain(layers), strict=True):
        assert (out == expected).all()
    count = len(layers)
    assert machine.loads == count
    assert len(program.passes) == 3 * count
    for at, mode in enumerate(modes(program)):
        first, last = at % count == 0, at % count == count - 1
        assert bool(mode & LOAD_ACT) == first
        assert bool(mode & SRC_FILE) != first
        assert bool(mode & SWAP) != last
        assert bool(mode & LOAD_WGT) == (at < count)
        assert mode & COMPUTE
        assert mode & OUTPUT
    assert [one.cfg[6] for one in program.passes[:count]] == list(range(count))


CHAIN = make_chain(np.random.default_rng(9), [12, 16, 8, 4])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_codebooks": 2}, "3 layers need a codebook each, num_codebooks is 2"),
        ({"act_regs": 7}, "layer 0 .* has 16 outputs, act_regs \\* num_pe is 14"),
        ({"act_depth": 5}, "layer 0 .* has 12 inputs, act_depth \\* num_pe is 10"),
        ({"ptr_depth": 34}, "layer 2 .*pointer memory needs .* ptr_depth is 34"),
        ({"ptr_depth": 16}, "layer 1 .* needs 2 segments"),
        ({"bias_depth": 9}, "layer 1 .*bias memory needs 12 words, bias_depth is 9"),
        ({"spmat_depth": 4}, "layer 1 .*weight memory of PE \\d needs .* entries, has 32"),
    ],
)
def test_what_does_not_fit_is_named(options, message):
    config = EieConfig(num_pe=2, **options)
    with pytest.raises(ValueError, match=f"network does not fit: .*{message}"):
        compile_network(CHAIN, config)


def test_what_is_no_chain_is_refused():
    config = EieConfig(num_pe=2)
    with pytest.raises(ValueError, match="layers: found none"):
        compile_network([], config)
    with pytest.raises(ValueError, match="layer 1 .* has activations of its own"):
        compile_network([CHAIN[0], Layer(np.ones((2, 16), dtype=int), np.arange(16))], config)
    with pytest.raises(ValueError, match="layer 1 .* has weights .* need \\[K, 16\\]"):
        compile_network([CHAIN[0], CHAIN[2]], config)
    with pytest.raises(ValueError, match="is first and has none"):
        compile_network(CHAIN[1:], config)
    conv = Layer(np.ones((2, 1, 2, 2), dtype=int), np.ones((1, 3, 3), dtype=int))
    with pytest.raises(ValueError, match="output pixels"):
        compile_network([conv], config)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("layer", "options", "message"),
    [
        (Layer([[1]], [200]), {"act_width": 8}, "activations: .* 200..200, act_width 8"),
        (Layer([[200]], [1]), {"wgt_width": 8}, "weights: .* 200..200, wgt_width 8"),
        (Layer([np.arange(20)], np.arange(20)), {}, "weights: .* 20 different .* holds 16"),
        (Layer([np.arange(1, 17)], np.arange(16)), {}, "weights: .* 17 different"),
        (Layer([[1]], [1], bias=[2**31]), {}, "bias: .* 2147483648 in row 0, bias_width 32"),
        (Layer([[1], [1]], [1], bias=[7, -9]), {"bias_width": 4}, "bias: .* -9 in row 1"),
        (Layer([[1]], [1], shift=32), {}, "shift: .* has 32, allowed 0..31"),
        (
            Layer([[1, 0], [127, 127]], [127, 127], bias=[0, 511], name="big"),
            {"act_width": 8, "wgt_width": 8, "acc_width": 16, "bias_width": 16},
            "accumulator: row 1 of layer 'big' can reach 32769 .* acc_width 16 .* 32768",
        ),
    ],
)
def test_what_the_widths_cannot_hold_is_refused(layer, options, message):
    with pytest.raises(ValueError, match=message):
        compile(layer, EieConfig(num_pe=2, **options))


def test_the_accumulator_bound_is_exact():
    """One less than the bound compiles and runs; signs do not help, any order must be safe."""
    options: dict[str, Any] = {"act_width": 8, "wgt_width": 8, "acc_width": 16, "bias_width": 16}
    config = EieConfig(num_pe=2, **options)
    check(Layer([[127, 127]], [127, 127], bias=[509], shift=2), config)
    for weights in ([[127, 127]], [[127, -127]]):
        with pytest.raises(ValueError, match="can reach 32768"):
            compile(Layer(weights, [127, 127], bias=[510]), config)


def test_a_layer_without_inputs_is_refused():
    with pytest.raises(ValueError, match="activations: layer 'layer' has none"):
        compile(Layer([[1]]), EieConfig(num_pe=2))


def test_unpack_finds_damaged_answers():
    layer = make_layer(np.random.default_rng(6), 6, 5, batch=2)
    config = EieConfig(num_pe=2)
    program = compile(layer, config)
    packets = [np.array(p, dtype=np.uint64) for p in execute(program, config)[0]]
    with pytest.raises(ValueError, match="packets: found 1, need 2"):
        unpack(program, packets[:1])
    with pytest.raises(ValueError, match=r"packets\[1\]: found \(1,\) words, need 2"):
        unpack(program, [packets[0], packets[1][:1]])
    dirty = packets[1].copy()
    dirty[1] |= np.uint64(1 << 63)
    with pytest.raises(ValueError, match=r"packets\[1\]: the padding"):
        unpack(program, [packets[0], dirty])
    flipped = packets[0].copy()
    flipped[0] ^= np.uint64(1)
    assert (unpack(program, [flipped, packets[1]])[0] != golden(layer)).sum() == 1


@pytest.mark.parametrize("word", [0, 1, 2, 6, -1])
def test_the_interpreter_can_fail(word):
    """A flipped bit in any part of a weight packet is an error or another answer."""
    # No shift and no ReLU: nothing between a changed sum and the answer can hide it.
    layer = make_layer(np.random.default_rng(8), 12, 6, density=0.8, shift=0, relu=False)
    config = EieConfig(num_pe=2)
    program = compile(layer, config)
    packet = program.passes[0].wgt
    packet[word] ^= np.uint64(1 << 3)
    try:
        packets, _ = execute(program, config)
    except (AssertionError, KeyError, IndexError):
        return
    (out,) = unpack(program, [np.array(p, dtype=np.uint64) for p in packets])
    assert (out != golden(layer)).any()


# ---------------------------------------------------------------- rows to PEs


def column_load(codes: np.ndarray, order: np.ndarray, num_pe: int) -> np.ndarray:
    return np.array([(codes[order[pe::num_pe]] != 0).sum(axis=0) for pe in range(num_pe)])


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 20), st.sampled_from([1, 2, 8])
)
def test_balance_is_a_fair_permutation(seed, rows, cols, num_pe):
    rng = np.random.default_rng(seed)
    codes = (rng.random((rows, cols)) < rng.random()).astype(np.uint8)
    order = balance_rows(codes, num_pe)
    assert sorted(order.tolist()) == list(range(rows))
    for pe in range(num_pe):
        assert (np.diff(order[pe::num_pe]) > 0).all(), "ascending inside a PE"


def balance_by_the_rule(codes: np.ndarray, num_pe: int) -> list[int]:
    """The rule of ``balance_rows`` in its own words: try every PE, count the squares anew."""
    rows, cols = codes.shape
    room = [len(range(pe, rows, num_pe)) for pe in range(num_pe)]
    members: list[list[int]] = [[] for _ in range(num_pe)]
    loads = [[0] * cols for _ in range(num_pe)]
    for row in sorted(range(rows), key=lambda r: (-np.count_nonzero(codes[r]), r)):
        new = [int(value != 0) for value in codes[row]]

        def price(pe, new=new):
            grown = sum((a + b) ** 2 - a**2 for a, b in zip(loads[pe], new, strict=True))
            return grown, sum(loads[pe]), pe

        pe = min((p for p in range(num_pe) if len(members[p]) < room[p]), key=price)
        members[pe].append(row)
        loads[pe] = [a + b for a, b in zip(loads[pe], new, strict=True)]
    return [sorted(members[q % num_pe])[q // num_pe] for q in range(rows)]


@given(st.integers(0, 2**32 - 1), st.integers(3, 24), st.integers(1, 8), st.sampled_from([2, 4]))
def test_balance_follows_its_rule(seed, rows, cols, num_pe):
    rng = np.random.default_rng(seed)
    codes = (rng.random((rows, cols)) < rng.random((rows, 1))).astype(np.uint8)
    if rows > num_pe:
        assert balance_rows(codes, num_pe).tolist() == balance_by_the_rule(codes, num_pe)


@pytest.mark.parametrize("num_pe", [8, 64])
def test_balance_lowers_the_load(num_pe):
    """Sum over columns of load squared, and the spread of the totals, against row mod PEs."""
    codes = (np.random.default_rng(0).random((1024, 256)) < 0.1).astype(np.uint8)
    even = column_load(codes, np.arange(1024), num_pe)
    ours = column_load(codes, balance_rows(codes, num_pe), num_pe)
    assert (ours**2).sum() < 0.97 * (even**2).sum()
    assert np.ptp(ours.sum(axis=1)) < 0.5 * np.ptp(even.sum(axis=1))
    assert ours.max(axis=0).sum() < 0.95 * even.max(axis=0).sum()


def test_theoretical_cycles_by_hand():
    layer = eie_layer("nt-we")
    matrix = (layer.weights[:, :, 0, 0] != 0).astype(int)
    live = layer.activations[0, :, 0, 0] != 0
    entries = encode(matrix[:, live], 64).entries.sum()
    assert theoretical_cycles(layer) == entries / 64
    assert abs(theoretical_cycles(layer) / 800 - 4.8) < 0.1, "micro seconds at the printed density"


def test_theoretical_cycles_of_chain_and_batch():
    layers = make_chain(np.random.default_rng(3), [6, 7, 3], batch=2)
    first, second = layers
    hidden = golden(first)
    alone = theoretical_cycles(first, 2) + theoretical_cycles(second.with_activations(hidden), 2)
    assert theoretical_cycles(layers, 2) == alone


# ---------------------------------------------------------------- configuration, speed


def test_config_names_are_those_of_the_rtl():
    names = EieConfig().parameters()
    assert names["NumPe"] == 64
    assert names["SpmatWidth"] == 64
    assert len(names) == 19
    plain = EieConfig(num_pe=4).plain()
    assert (plain.skip_empty, plain.fuse_pad, plain.balance, plain.num_pe) == (False,) * 3 + (4,)
    assert modes(compile(Layer([[1]], [1]), plain))[0] >> 9 == 0
    assert modes(compile(Layer([[1]], [1]), EieConfig()))[0] >> 9 == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("num_pe", 3),
        ("num_pe", 512),
        ("data_width", 32),
        ("act_width", 12),
        ("wgt_width", 1),
        ("acc_width", 30),
        ("acc_width", 49),
        ("code_width", 9),
        ("idx_width", 0),
        ("spmat_width", 60),
        ("spmat_width", 8),
        ("spmat_width", 24),
        ("spmat_depth", 0),
        ("ptr_depth", 5),
        ("ptr_width", 33),
        ("bias_width", 33),
        ("num_codebooks", 17),
        ("queue_depth", 0),
        ("act_regs", 1.5),
    ],
)
def test_config_refuses(field, value):
    with pytest.raises(ValueError, match=f"{field}: found {value}, allowed"):
        EieConfig(**{field: value})


def test_a_full_size_layer_compiles_fast():
    """Alex-6, the 9216 x 4096 layer of the paper: under 5 s of processor time."""
    layer = eie_layer("alex-6")
    start = time.process_time()
    program = compile(layer, EieConfig())
    assert time.process_time() - start < 5
    assert len(program.passes) == 1
