"""The compiler of the dense array, proved by an interpreter that knows only the contract's text."""

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from models.array.compiler import Places
from models.array.lowering import Plan, lower, plan, sizes, spans, window
from models.dense import DESIGN, DenseConfig, compile, cycles, unpack
from models.dense.config import GROUPS
from models.dense.store import DenseTiles
from models.fixed import requant
from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import Program
from tests.models.dense_interpreter import Machine

LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT, _, _, ACC_KEEP, BIAS, RELU = (1 << i for i in range(9))
SMALL = {"rows": 4, "cols": 4}


def make_layer(rng, weights, acts, **options) -> Layer:
    """A random layer of two shapes, about a third of it zero."""
    values = rng.integers(-120, 121, weights) * (rng.random(weights) < 0.7)
    inputs = rng.integers(-100, 101, acts) * (rng.random(acts) < 0.7)
    if options.pop("bias", True):
        options["bias"] = rng.integers(-3000, 3000, weights[0])
    return Layer(values, inputs, **({"shift": 4} | options))


def correlated(layer: Layer, act_width: int) -> np.ndarray:
    """The layer by ``scipy.signal.correlate``: exact for integers, no code of this project."""
    pad, step = layer.border, layer.step
    inputs = np.pad(layer.activations, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    samples = [
        [
            correlate(one, kernel, mode="valid", method="direct")[0, ::step, ::step]
            for kernel in layer.weights
        ]
        for one in inputs
    ]
    return requant(
        np.array(samples) + layer.bias[:, None, None], layer.shift, act_width, layer.relu
    )


def execute(program: Program, config: DenseConfig) -> tuple[list[np.ndarray], Machine]:
    """Result packets of a program, and the machine it ran on; the model must agree in every pass.

    Agree: results, and every counter that does not depend on time.
    """
    machine, packets = Machine(config), []
    for one, predicted in zip(program.passes, cycles(program, config), strict=True):
        words = machine.run(one)
        for name, value in machine.counts.items():
            assert predicted.counters[name] == value, name
        assert predicted.macs_per_pe.sum() == machine.counts["mac_useful"]
        assert (words is None) == (predicted.results is None)
        if words is not None:
            packets.append(np.array(words, dtype=np.uint64))
            lanes = predicted.results.reshape(-1, config.cols)
            assert (pack_rows_of_lanes(lanes, config.act_width) == packets[-1]).all()
    return packets, machine


def check(layer: Layer, config: DenseConfig) -> tuple[Program, Machine]:
    """Compile, interpret, unpack, compare with two oracles."""
    program = compile(layer, config)
    packets, machine = execute(program, config)
    (out,) = unpack(program, packets)
    assert out.dtype == np.int64
    assert out.shape == layer.out_shape
    assert (out == golden(layer, config.act_width)).all()
    assert (out == correlated(layer, config.act_width)).all()
    return program, machine


def planned(layer: Layer, config: DenseConfig) -> Plan:
    low = lower(layer, config)
    return plan(low, config, DenseTiles(low, config))


def modes(program: Program) -> list[int]:
    return [one.cfg[0] for one in program.passes]


@st.composite
def configs(draw):
    """Builds small enough that most layers must be cut."""
    rows = draw(st.sampled_from([4, 4, 8]))
    group_n, group_m = draw(st.sampled_from([(1, 1), *GROUPS]))
    return DenseConfig(
        group_n=group_n,
        group_m=group_m,
        rows=rows,
        cols=draw(st.sampled_from([4, 4, 8])),
        act_width=draw(st.sampled_from([8, 16])),
        wgt_width=draw(st.sampled_from([8, 16])),
        act_depth=draw(st.sampled_from([1, 2, 3, 7, 20, 60, 400])),
        wgt_depth=rows * draw(st.sampled_from([1, 2, 3, 9, 30, 200])) + draw(st.integers(0, 3)),
        acc_depth=draw(st.sampled_from([1, 2, 5, 16, 100])),
        bias_depth=draw(st.integers(1, 3)),
    )


@st.composite
def layers(draw):
    """Convolutions of every geometry, as large as plain Python can follow."""
    r, s = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    padding = draw(st.sampled_from([0, 0, 1, 2, 3, 17]))
    low = max(1, r - 2 * padding), max(1, s - 2 * padding)
    height, width = (at + draw(st.integers(0, 4)) for at in low)
    if padding == 17:
        stride = draw(st.sampled_from([8, 15, 16, 19]))
    else:
        stride = draw(st.sampled_from([1, 1, 2, 3, 5]))
    shape = draw(st.integers(1, 10)), draw(st.integers(1, 10))
    return make_layer(
        np.random.default_rng(draw(st.integers(0, 2**32 - 1))),
        (*shape, r, s),
        (draw(st.integers(1, 2)), shape[1], height, width),
        padding=padding,
        stride=stride,
        relu=draw(st.booleans()),
        bias=draw(st.booleans()),
    )


@settings(max_examples=150)
@given(layers(), configs())
def test_any_layer_on_any_build(layer, config):
    check(layer, config)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 30), st.integers(1, 9))
def test_fully_connected_batches_are_rows_of_pixels(seed, filters, channels, batch):
    rng = np.random.default_rng(seed)
    layer = make_layer(rng, (filters, channels), (batch, channels))
    program, machine = check(layer, DenseConfig(**SMALL))
    assert len(program.passes) == 1
    assert program.passes[0].cfg[2] == 1 | batch << 16
    assert machine.loads == {"wgt": 1, "act": 1}


def test_a_kernel_as_large_as_the_input_is_fully_connected():
    layer = make_layer(np.random.default_rng(1), (6, 3, 5, 5), (4, 3, 5, 5))
    program, _ = check(layer, DenseConfig(**SMALL))
    (one,) = program.passes
    assert one.cfg[1] == one.cfg[2] == 1 | 4 << 16, "4 samples are 4 pixels"
    assert one.cfg[4] == 19 | 2 << 16, "75 inputs in 19 channel tiles"


@pytest.mark.parametrize("rows", [4, 8, 16, 32])
@pytest.mark.parametrize("cols", [4, 8, 16, 32])
@pytest.mark.parametrize("width", [8, 16])
def test_all_arrays(rows, cols, width):
    config = DenseConfig(rows=rows, cols=cols, act_width=width, wgt_width=24 - width)
    layer = make_layer(np.random.default_rng(rows + cols), (37, 35, 2, 2), (1, 35, 3, 3))
    program, machine = check(layer, config)
    assert len(program.passes) == 1
    assert machine.loads == {"wgt": 1, "act": 1}


@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 11])
@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("padding", [0, 1, 5])
def test_common_convolutions(kernel, stride, padding):
    layer = make_layer(
        np.random.default_rng(kernel),
        (5, 3, kernel, kernel),
        (1, 3, 12, 13),
        stride=stride,
        padding=padding,
    )
    program, _ = check(layer, DenseConfig(**SMALL))
    assert len(program.passes) == 1
    assert program.passes[0].cfg[3] >> 16 & 15 == min(stride, kernel)


# ---------------------------------------------------------------- cuts and residency


def test_bands_of_rows_load_what_they_need():
    """3x3, padding 1, six rows of output in bands of two: 3, 4 and 3 rows of input."""
    layer = make_layer(np.random.default_rng(2), (4, 4, 3, 3), (1, 4, 6, 8), padding=1)
    program, machine = check(layer, DenseConfig(**SMALL, acc_depth=16))
    assert [one.cfg[1] for one in program.passes] == [3 | 8 << 16, 4 | 8 << 16, 3 | 8 << 16]
    assert [one.cfg[2] for one in program.passes] == [2 | 8 << 16] * 3
    assert [one.cfg[3] >> 20 & 15 for one in program.passes] == [1, 0, 0]
    assert machine.loads == {"wgt": 1, "act": 3}, "weights stay"


def test_columns_are_cut_only_when_a_row_is_too_wide():
    layer = make_layer(np.random.default_rng(3), (4, 4, 3, 3), (1, 4, 5, 9), padding=1)
    for depth in (9, 8):
        program, _ = check(layer, DenseConfig(**SMALL, acc_depth=depth))
        columns = {one.cfg[2] >> 16 for one in program.passes}
        assert (columns == {9}) == (depth == 9)


def test_channel_ranges_keep_the_accumulators():
    layer = make_layer(np.random.default_rng(4), (4, 20, 2, 2), (2, 20, 4, 4))
    program, _ = check(layer, DenseConfig(**SMALL, act_depth=32))
    assert [one.cfg[4] for one in program.passes] == [2 | 1 << 16, 2 | 1 << 16, 1 | 1 << 16] * 2
    for at, mode in enumerate(modes(program)):
        assert bool(mode & BIAS) == (at % 3 == 0)
        assert bool(mode & ACC_KEEP) == (at % 3 > 0)
        assert bool(mode & OUTPUT) == (at % 3 == 2)
        assert mode & COMPUTE and mode & RELU


def test_a_kernel_larger_than_the_weight_buffer_is_cut():
    """5x5 taps: ranges of kernel rows as long as a row fits, else ranges of taps."""
    layer = make_layer(np.random.default_rng(5), (3, 2, 5, 5), (1, 2, 7, 7), padding=2, stride=2)
    for tiles in (25, 12, 3):
        program, _ = check(layer, DenseConfig(**SMALL, wgt_depth=4 * tiles))
        found = {(one.cfg[3] & 0xFF, one.cfg[3] >> 8 & 0xFF) for one in program.passes}
        assert max(r * s for r, s in found) <= tiles
        assert (found == {(5, 5)}) == (tiles == 25)
        assert ({s for _, s in found} == {5}) == (tiles >= 5)


def test_the_smallest_build_takes_any_layer():
    config = DenseConfig(**SMALL, act_depth=1, wgt_depth=4, acc_depth=1, bias_depth=1)
    layer = make_layer(np.random.default_rng(6), (5, 5, 2, 2), (1, 5, 3, 3), padding=1)
    program, _ = check(layer, config)
    assert len(program.passes) == 2 * 2 * 2 * 2 * 4 * 4


@pytest.mark.parametrize(("padding", "stride"), [(40, 16), (40, 33), (16, 1), (3, 20), (31, 15)])
def test_padding_and_stride_beyond_the_registers(padding, stride):
    """PAD_TOP and STRIDE have 4 bits: the rest is loaded as zeros, or not loaded at all."""
    layer = make_layer(
        np.random.default_rng(7), (3, 2, 3, 2), (1, 2, 6, 5), padding=padding, stride=stride
    )
    check(layer, DenseConfig(**SMALL))


def test_a_stride_and_a_kernel_beyond_the_registers():
    """17 taps at stride 18, 300 taps at stride 1."""
    for shape, size, stride in (((2, 1, 17, 1), (36, 1), 18), ((1, 1, 300, 1), (302, 1), 1)):
        layer = make_layer(np.random.default_rng(8), shape, (1, 1, *size), stride=stride)
        check(layer, DenseConfig(**SMALL))


def test_input_that_no_tap_reads_is_not_loaded():
    layer = make_layer(np.random.default_rng(9), (4, 4, 1, 1), (1, 4, 9, 9), stride=4)
    program, machine = check(layer, DenseConfig(**SMALL))
    assert program.passes[0].cfg[1] == 3 | 3 << 16
    assert machine.counts["act_writes"] == 9


def test_what_fits_together_is_loaded_once():
    """Every block of weights once when all fit; every block of inputs once per output range."""
    layer = make_layer(np.random.default_rng(10), (8, 12, 2, 2), (2, 12, 5, 4), bias=False)
    low = {"act_depth": 12, "acc_depth": 6}
    program, machine = check(layer, DenseConfig(**SMALL, **low))
    blocks = {one.tag[2:] for one in program.passes}
    assert machine.loads["wgt"] == len(blocks) > 1
    inputs = {(one.tag[1], one.tag[3]) for one in program.passes}
    assert machine.loads["act"] > len(inputs)
    program, machine = check(layer, DenseConfig(**SMALL, acc_depth=6, act_depth=1000))
    inputs = {(one.tag[1], one.tag[3]) for one in program.passes}
    assert machine.loads["act"] == len(inputs) > 1


def test_the_order_follows_the_smaller_traffic():
    """Weights that do not fit and few pixels: the weights are loaded once, and the reverse."""
    rng = np.random.default_rng(11)
    wide = make_layer(rng, (32, 16, 3, 3), (4, 16, 4, 4), padding=1)
    config = DenseConfig(**SMALL, wgt_depth=36 * 4, acc_depth=16)
    assert not planned(wide, config).pixels_first
    assert check(wide, config)[1].loads["wgt"] == 8
    flat = make_layer(rng, (8, 4, 1, 1), (1, 4, 24, 24))
    config = DenseConfig(**SMALL, wgt_depth=4, acc_depth=24, act_depth=24)
    assert planned(flat, config).pixels_first


def test_places_reload_what_was_thrown_out():
    places = Places(depth=11, size=5)
    assert places.count == 2
    taken = [places.take(name) for name in "abacab"]
    assert taken == [(0, True), (5, True), (0, False), (5, True), (0, False), (5, True)]


@given(st.integers(1, 400), st.integers(1, 400))
@example(1, 1)
def test_sizes_are_those_of_balanced_cuts(total, limit):
    found = sizes(total, limit)
    balanced = {-(-total // pieces) for pieces in range(1, total + 1)}
    assert found == sorted((size for size in balanced if size <= limit), reverse=True)
    for size in found:
        pieces = spans(total, size)
        assert [at for piece in pieces for at in range(*piece)] == list(range(total))


@given(
    st.integers(0, 5), st.integers(1, 5), st.integers(0, 3), st.integers(1, 4), st.integers(1, 9),
    st.integers(0, 20), st.integers(1, 9),
)  # fmt: skip
def test_windows_hold_every_row_that_is_read(first, outs, tap, taps, stride, padding, size):
    pitch = min(stride, taps)
    found = window((first, first + outs), (tap, tap + taps), pitch, stride, padding, size)
    assert 0 <= found.lead <= 15
    assert found.index.size >= 1
    for out in range(outs):
        for t in range(taps):
            at = out * pitch + t - found.lead
            row = (first + out) * stride + tap + t - padding
            if 0 <= at < found.index.size:
                assert found.index[at] == row
            else:
                assert not 0 <= row < size, "a row inside the input is missing"


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize(
    ("weights", "acts"),
    [((1, 1, 1, 1), (1, 1, 1, 1)), ((4, 4, 1, 1), (1, 4, 2, 2)), ((5, 5, 3, 3), (1, 5, 1, 1))],
    ids=["one", "full_tile", "all_but_centre_padding"],
)
@pytest.mark.parametrize("zero", ["weights", "activations", "none"])
def test_edges(weights, acts, zero):
    layer = make_layer(np.random.default_rng(12), weights, acts, padding=weights[2] // 2)
    if zero != "none":
        scaled: dict[str, Any] = {"weights": layer.weights, "activations": layer.activations}
        scaled[zero] = scaled[zero] * 0
        layer = Layer(**scaled, padding=layer.padding, bias=layer.bias, relu=False)
    _, machine = check(layer, DenseConfig(**SMALL))
    assert zero == "none" or machine.counts["mac_useful"] == 0


def test_both_rails_of_the_output():
    layer = Layer([[32767], [-32768]], [32767], shift=3, relu=False)
    program, _ = check(layer, DenseConfig(**SMALL))
    assert golden(layer).ravel().tolist() == [32767, -32768]
    assert program.passes[0].cfg[8] == 3


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("layer", "options", "message"),
    [
        (Layer([[1]], [200]), {"act_width": 8}, "activations: .* 200..200, act_width 8"),
        (Layer([[200]], [1]), {"wgt_width": 8}, "weights: .* 200..200, wgt_width 8"),
        (Layer([[1]], [1], bias=[2**31]), {}, "bias: .* 2147483648 in row 0, bias_width 32"),
        (Layer([[1], [1]], [1], bias=[7, -9]), {"bias_width": 4}, "bias: .* -9 in row 1"),
        (Layer([[1]], [1], shift=48), {}, "shift: .* has 48, allowed 0..47"),
        (Layer([[1]]), {}, "activations: layer 'layer' has none"),
        (Layer([[1]], [1]), {"wgt_depth": 3}, "wgt_depth: found 3, a weight tile needs 4"),
        (
            Layer([[1, 0], [127, 127]], [127, 127], bias=[0, 511], name="big"),
            {"act_width": 8, "wgt_width": 8, "acc_width": 16, "bias_width": 16},
            "accumulator: row 1 of layer 'big' can reach 32769 .* acc_width 16 .* 32768",
        ),
    ],
)
def test_what_the_build_cannot_hold_is_refused(layer, options, message):
    with pytest.raises(ValueError, match=message):
        compile(layer, DenseConfig(**SMALL, **options))


def test_the_accumulator_bound_is_exact():
    """One less than the bound compiles and runs; signs do not help, any order must be safe."""
    config = DenseConfig(**SMALL, act_width=8, wgt_width=8, acc_width=16, bias_width=16)
    check(Layer([[127, 127]], [127, 127], bias=[509], shift=2), config)
    for weights in ([[127, 127]], [[127, -127]]):
        with pytest.raises(ValueError, match="can reach 32768"):
            compile(Layer(weights, [127, 127], bias=[510]), config)


def test_layers_are_not_chained():
    with pytest.raises(ValueError, match="results leave .* layer by layer"):
        DESIGN.compile_network([Layer([[1]], [1]), Layer([[1]])], DenseConfig())


def test_unpack_finds_damaged_answers():
    layer = make_layer(np.random.default_rng(13), (6, 5, 1, 1), (1, 5, 2, 2))
    config = DenseConfig(**SMALL, acc_depth=4, act_width=8)
    program = compile(layer, config)
    packets, _ = execute(program, config)
    with pytest.raises(ValueError, match="packets: found 1, need 2"):
        unpack(program, packets[:1])
    with pytest.raises(ValueError, match=r"packets\[1\]: found \(3,\) words, need 4"):
        unpack(program, [packets[0], packets[1][:3]])
    for bit in (16, 40):  # a lane past K, then one past Cols
        dirty = packets[1].copy()
        dirty[1] |= np.uint64(1 << bit)
        with pytest.raises(ValueError, match=r"packets\[1\]: a lane without an output"):
            unpack(program, [packets[0], dirty])
    flipped = packets[0].copy()
    flipped[2] ^= np.uint64(1)
    assert (unpack(program, [flipped, packets[1]])[0] != golden(layer, 8)).sum() == 1


@pytest.mark.parametrize("word", [0, 1, 2, 9, -3])
def test_the_interpreter_can_fail(word):
    """A flipped bit in any part of a weight packet is an error or another answer."""
    # No shift and no ReLU: nothing between a changed sum and the answer can hide it.
    rng = np.random.default_rng(14)
    layer = make_layer(rng, (8, 4, 2, 2), (1, 4, 3, 3), shift=0, relu=False)
    config = DenseConfig(**SMALL)
    program = compile(layer, config)
    program.passes[0].wgt[word] ^= np.uint64(1 << 3)
    machine = Machine(config)
    try:
        packets = [np.array(machine.run(one), dtype=np.uint64) for one in program.passes]
    except (AssertionError, KeyError):
        return
    assert (unpack(program, packets)[0] != golden(layer)).any()


@pytest.mark.parametrize("index", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_changed_register_is_noticed(index):
    rng = np.random.default_rng(15)
    layer = make_layer(rng, (8, 8, 2, 3), (1, 8, 4, 4), padding=1, relu=False)
    config = DenseConfig(**SMALL)
    program = compile(layer, config)
    (one,) = program.passes
    machine = Machine(config)
    cfg: Any = one.cfg
    cfg[index] = cfg.get(index, 0) + 1
    try:
        packets = [np.array(machine.run(one), dtype=np.uint64)]
        assert (unpack(program, packets)[0] != golden(layer)).any()
    except (AssertionError, KeyError, ValueError):
        pass


# ---------------------------------------------------------------- configuration, speed


def test_config_names_are_those_of_the_rtl():
    names = DenseConfig().parameters()
    assert names == {
        "Rows": 16,
        "Cols": 16,
        "DataWidth": 64,
        "ActWidth": 16,
        "WgtWidth": 16,
        "AccWidth": 48,
        "ActDepth": 16384,
        "WgtDepth": 8192,
        "AccDepth": 4096,
        "BiasDepth": 64,
        "BiasWidth": 32,
        "GroupN": 1,
        "GroupM": 1,
    }
    assert DenseConfig(rows=8).plain() == DenseConfig(rows=8)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rows", 2),
        ("rows", 12),
        ("cols", 64),
        ("data_width", 32),
        ("act_width", 12),
        ("wgt_width", 4),
        ("acc_width", 49),
        ("acc_width", 31),
        ("act_depth", 0),
        ("wgt_depth", (1 << 24) + 1),
        ("acc_depth", 0),
        ("bias_depth", True),
        ("bias_width", 33),
        ("bias_width", 1.5),
    ],
)
def test_config_refuses(field, value):
    with pytest.raises(ValueError, match=f"{field}: found {value}, allowed"):
        DenseConfig(**{field: value})


def test_a_full_size_layer_compiles_fast():
    """A 3x3 layer of VGG-16 with 512 x 512 filters: under 5 s of processor time."""
    layer = make_layer(np.random.default_rng(16), (512, 512, 3, 3), (1, 512, 28, 28), padding=1)
    start = time.process_time()
    program = compile(layer, DenseConfig())
    assert time.process_time() - start < 5
    assert sum(one.out_words for one in program.passes) == 512 * 28 * 28 / 4
