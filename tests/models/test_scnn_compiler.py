"""Compiler, packets and functional model of SCNN against the plain convolution."""

from dataclasses import replace

import numpy as np
import pytest

from models.golden import chain, golden
from models.layer import Layer
from models.packets import split_sections
from models.scnn import ScnnConfig, compile, compile_network, cycles, unpack
from models.scnn.blocks import decode
from models.scnn.geometry import Geometry
from models.scnn.lowering import lower
from models.scnn.machine import Machine
from models.scnn.packets import Rows, pe_data, sections, weight_rows, weight_words
from models.scnn.plan import plans
from models.scnn.registers import Kind, Mode
from models.scnn.runs import encode, encode_to_the_end, positions
from tests.models.scnn_cases import random_program, run, small


def ones(filters, channels, kernel, size, batch=1, **options):
    """A dense layer of ones."""
    weights = np.ones((filters, channels, *kernel), dtype=np.int64)
    acts = np.ones((batch, channels, *size), dtype=np.int64)
    return Layer(weights, acts, **options)


def exact(layer, config):
    """Compile, run, compare; the program."""
    program = compile(layer, config)
    assert np.array_equal(run(program, config), golden(layer))
    return program


def blocks_of(program, config):
    """Blocks of every weight packet of a program."""
    found = []
    for item in program.passes:
        if item.wgt is None:
            continue
        for part in sections(item.wgt, config):
            if part.kind == Kind.WEIGHT:
                rows = weight_rows(part.payload, config)
                found.append(decode(rows, Geometry.of(item.cfg)))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_random_layers(seed):
    """Any layer on any build that holds it: bit by bit what the convolution says."""
    layer, config, program = random_program(seed)
    assert np.array_equal(run(program, config), golden(layer))


@pytest.mark.parametrize("size", range(1, 12))
def test_kernels_up_to_eleven(size):
    """Kernels 1 x 1 to 11 x 11, the larger ones in parts, as their blocks exceed the FIFO."""
    rng = np.random.default_rng(size)
    weights = rng.integers(1, 10, (5, 2, size, size))
    layer = Layer(weights, rng.integers(-9, 10, (2, 11, 12)), padding=size // 2)
    program = exact(layer, small(banks=16, entries=128))
    parts = {item.tag[4] for item in program.passes}
    assert (len(parts) > 1) == (size * size * 4 > 23 * 2), "a block of four kernels and the FIFO"


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(11, 4, 0), (7, 2, 3), (3, 2, 1), (1, 2, 0), (2, 3, 0)]
)
def test_strides_become_channels(kernel, stride, padding):
    """Any stride; a phase that the kernel does not reach is left out."""
    rng = np.random.default_rng(kernel)
    weights = rng.integers(-9, 10, (4, 3, kernel, kernel))
    layer = Layer(weights, rng.integers(-9, 10, (3, 23, 19)), stride=stride, padding=padding)
    program = exact(layer, small(pe_x=3, banks=16, iaram_rows=256))
    geo = Geometry.of(program.passes[0].cfg)
    assert geo.kernel == (-(-kernel // stride),) * 2
    assert geo.c == 3 * min(kernel, stride) ** 2


@pytest.mark.parametrize("batch", [1, 2, 5, 16])
def test_fully_connected_layers_are_planes_of_samples(batch):
    """C larger than the count memory and the activation memories: several parts, sums carried."""
    rng = np.random.default_rng(batch)
    weights = rng.integers(-9, 10, (13, 150)) * (rng.random((13, 150)) < 0.3)
    layer = Layer(weights, rng.integers(-9, 10, (batch, 150)))
    program = exact(layer, small())
    parts = {item.tag[4] for item in program.passes}
    assert parts == set(range(len(parts))) and len(parts) >= 3
    assert golden(layer).shape == (batch, 13, 1, 1)


def test_sums_are_carried_over_the_borders_of_uneven_tiles():
    """A plane of many tiles: the last ones are smaller, corners belong to four of them."""
    rng = np.random.default_rng(5)
    weights = rng.integers(-9, 10, (6, 2, 3, 3))
    layer = Layer(weights, rng.integers(-9, 10, (2, 33, 30)), padding=1)
    program = exact(layer, small())
    geos = [Geometry.of(item.cfg) for item in program.passes]
    assert len({(geo.tile_w, geo.tile_h) for geo in geos}) > 1
    assert any(geo.carry_in_x and geo.carry_in_y for geo in geos)
    assert any(geo.carry_out_x > geo.final_x1 and geo.carry_out_y > geo.final_y1 for geo in geos)
    assert all(geo.mode & Mode.RIM for geo in geos)


def test_tiles_smaller_than_the_halo():
    """One PE and a kernel of five: a position belongs to more than two tiles in a row."""
    rng = np.random.default_rng(6)
    layer = Layer(rng.integers(-9, 10, (3, 2, 5, 5)), rng.integers(-9, 10, (2, 7, 8)), padding=2)
    program = exact(layer, small(pe_x=1, pe_y=1, entries=8, banks=16, carry_depth=4096))
    assert min(Geometry.of(item.cfg).tile_w for item in program.passes) < 4


def test_a_tile_of_one_pixel_and_pes_outside_the_plane():
    """A plane smaller than the grid, halos wider than a tile: sums go on from PE to PE."""
    rng = np.random.default_rng(7)
    layer = Layer(rng.integers(-9, 10, (4, 2, 5, 5)), rng.integers(-9, 10, (2, 3, 3)), padding=2)
    program = exact(layer, small(pe_x=4, pe_y=4, banks=16))
    geo = Geometry.of(program.passes[0].cfg)
    assert (geo.tile_w, geo.tile_h, geo.halo_l) == (1, 1, 2)


def test_one_by_one_has_no_halo():
    program = exact(ones(5, 3, (1, 1), (6, 6)), small())
    geo = Geometry.of(program.passes[0].cfg)
    assert (geo.halo_l, geo.halo_r, geo.halo_u, geo.halo_d) == (0, 0, 0, 0)
    assert geo.halo_words(small()) == 0


def test_the_last_group_is_smaller_and_a_group_of_one_channel():
    for filters, last in ((5, 1), (6, 2), (8, 4), (1, 1)):
        program = exact(ones(filters, 2, (3, 3), (4, 4), padding=1), small(kc=4))
        assert Geometry.of(program.passes[-1].cfg).last_k == last


def test_empty_blocks_and_empty_tiles():
    """Channels without weights or without activations, PEs without any, a layer of zeros."""
    rng = np.random.default_rng(8)
    weights = rng.integers(1, 9, (8, 5, 3, 3))
    acts = rng.integers(1, 9, (5, 8, 8))
    weights[:, 1] = 0
    weights[:4, 2] = 0
    acts[3] = 0
    acts[:, :4] = 0
    for free in (True, False):
        config = small(kc=4, empty_free=free)
        program = exact(Layer(weights, acts, padding=1), config)
        (found,) = blocks_of(program, config)
        empty = np.count_nonzero((found.count == 0) & (found.end == 0))
        assert empty == (0 if free else 3)
    exact(Layer(weights * 0, acts, padding=1, bias=np.arange(8)), small())
    exact(Layer(weights, acts * 0, padding=1, bias=np.arange(8)), small())


@pytest.mark.parametrize(
    ("zeros", "runs"), [(14, [14]), (15, [15]), (16, [15, 0]), (31, [15, 15]), (32, [15, 15, 0])]
)
def test_runs(zeros, runs):
    """Placeholders begin with the sixteenth zero; positions come back."""
    found = encode(np.zeros(1, int), np.array([zeros]), np.array([7]))
    assert found.run.tolist() == runs
    assert positions(found.segment, found.run)[-1] == zeros
    weights = np.zeros((4, 1, 3, 3), dtype=np.int64)
    tap, k = divmod(zeros, 4)
    weights[k, 0, tap // 3, tap % 3] = 3
    acts = np.zeros((1, 1, 40), dtype=np.int64)
    acts[0, 0, zeros] = 5
    exact(Layer(weights, np.repeat(acts, 3, axis=1), padding=1), small(pe_x=1, pe_y=1))


def test_zeros_at_the_end_of_results_have_placeholders():
    planes = np.zeros((2, 33), dtype=np.int64)
    planes[1, 0] = 4
    found = encode_to_the_end(planes)
    assert found.counts(2).tolist() == [2, 3]
    assert (found.value[found.segment == 0] == 0).all()


@pytest.mark.parametrize("row_vectors", [2, 4, 8])
def test_the_largest_block_begins_anywhere_in_a_row(row_vectors):
    """It is taken whole behind any other one; one vector more, in the last place, never is."""
    config = small(kc=4, banks=16, row_vectors=row_vectors, shapes=False)

    def layer(*vectors):
        """Channels with so many vectors; position p of a block is channel p mod 4, tap p // 4."""
        weights = np.zeros((4, len(vectors), 3, 4), dtype=np.int64)
        for channel, number in enumerate(vectors):
            at = np.arange(config.f * number)
            weights[at % 4, channel, at // 16, at // 4 % 4] = 1
        return Layer(weights, np.ones((len(vectors), 6, 6), dtype=np.int64))

    program = exact(layer(row_vectors - 1, config.max_block), config)
    (found,) = blocks_of(program, config)
    assert found.vectors[:2].tolist() == [row_vectors - 1, config.max_block]
    assert len(program.passes) == 1 and found.of_slot[0, row_vectors - 1] == 1
    assert cycles(program, config)[0].compute > 0
    more = layer(row_vectors - 1, config.max_block + 1)
    with pytest.raises(ValueError, match="a block is larger than the weight FIFO takes"):
        cycles(compile(more, replace(config, wgt_fifo=2 * config.wgt_fifo)), config)
    assert len(exact(more, config).passes) == 2, "in parts"


def test_rows_are_filled_as_asked():
    """Rows of eight in a build hold four, where the compiler is told so: the rows of a build of
    four, each with four places that are not used."""
    layer = ones(8, 9, (3, 3), (6, 6), padding=1)
    config = ScnnConfig(pe_x=2, pe_y=2, kc=8, row_fill=4)
    narrow = replace(config, row_vectors=4, row_fill=0)
    eight, four = (exact(layer, one) for one in (config, narrow))
    (found,), (want,) = blocks_of(eight, config), blocks_of(four, narrow)
    assert np.array_equal(found.of_slot[:, :4], want.of_slot)
    assert (found.of_slot[:, 4:] == -1).all() and found.of_slot.shape[1] == 8


def test_what_does_not_fit_is_cut():
    """Activations, results, weights, biases and carried sums beyond a memory: more passes."""
    rng = np.random.default_rng(10)
    layer = Layer(rng.integers(-5, 6, (20, 6, 3, 3)), rng.integers(1, 6, (6, 12, 12)), padding=1)
    whole = len(exact(layer, small(iaram_rows=1024, banks=32, kc=4)).passes)
    assert whole == 1
    for changes in (
        {"iaram_rows": 40},
        {"wgt_depth": 64},
        {"wgt_depth": 16},
        {"bias_depth": 8},
        {"entries": 8, "banks": 16},
        {"count_width": 4},
    ):
        fields = {"iaram_rows": 1024, "banks": 32, "kc": 4} | changes
        assert len(exact(layer, small(**fields)).passes) > 1, changes


def test_results_that_would_not_fit_are_cut():
    """The results of every layer are known, so no pass of the compiler overflows its destination:
    fewer groups to a pass, then smaller chip tiles."""
    acts = np.zeros((1, 8, 8), dtype=np.int64)
    acts[0, ::4, ::4] = 3
    layer = Layer(np.ones((12, 1, 1, 1), dtype=np.int64), acts, bias=np.full(12, 9))
    for rows, tiles in ((1024, 1), (32, 1), (16, 2)):
        program = exact(layer, small(iaram_rows=rows, banks=32, kc=4))
        assert len({item.tag[2] for item in program.passes}) >= tiles
        assert (len(program.passes) > 1) == (rows < 96), rows


def test_channels_in_parts_are_worth_larger_tiles():
    """Where all channels of a tile just do not fit, sums are handed on instead of smaller tiles:
    4 x 4 positions fill the lanes that 2 x 4 leave empty."""
    rng = np.random.default_rng(12)
    weights = rng.integers(1, 9, (32, 96, 3, 3)) * (rng.random((32, 96, 3, 3)) < 0.3)
    acts = rng.integers(1, 9, (96, 8, 8)) * (rng.random((96, 8, 8)) < 0.5)
    config = ScnnConfig(pe_x=2, pe_y=2, iaram_rows=128, carry_depth=2048).plain()
    layer = Layer(weights, acts, padding=1)
    program = exact(layer, config)
    geo = Geometry.of(program.passes[0].cfg)
    assert (geo.tile_w, geo.tile_h) == (4, 4)
    assert {item.tag[4] for item in program.passes} == {0, 1, 2}
    (small, *_) = [one for one in plans(lower(layer), config) if len(one.segments) == 1]
    found = sum(one.compute for one in cycles(program, config))
    assert found < 0.95 * small.cost


def test_weights_are_loaded_once_if_they_stay():
    rng = np.random.default_rng(11)
    layer = Layer(rng.integers(-5, 6, (8, 2, 3, 3)), rng.integers(1, 6, (2, 2, 16, 16)), padding=1)
    program = exact(layer, small(wgt_depth=4096))
    loads = [
        {part.kind for part in sections(item.wgt, small())} if item.wgt is not None else set()
        for item in program.passes
    ]
    blocks = {item.tag[3:] for item in program.passes}
    assert len(program.passes) > len(blocks) == sum(Kind.WEIGHT in kinds for kinds in loads)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": 1 << 15}, "weights: found a value beyond 16 bits"),
        ({"acts": -(1 << 15) - 1}, "activations: found a value beyond 16 bits"),
        ({"bias": [1 << 23]}, "bias: found a value beyond 24 bits"),
        ({"shift": 24}, r"shift: found 24, allowed 0\.\.23"),
        ({"weights": 2000, "acts": 4000}, "acc_width: found 24, a sum of layer 'layer' needs 25"),
    ],
)
def test_refused(changes, message):
    """A value or a sum that the build does not hold; 2000 * 4000 just does not fit 24 bits."""
    changes = {"weights": 1, "acts": 1, "bias": [400000], "shift": 0} | changes
    layer = Layer(
        [[changes["weights"]]], [[changes["acts"]]], bias=changes["bias"], shift=changes["shift"]
    )
    with pytest.raises(ValueError, match=message):
        compile(layer, small(acc_width=24))


def test_a_sum_at_the_rail_is_not_refused():
    """The bound is that of the layer's own sums, not of the largest values anywhere."""
    weights = [[2000, 0], [0, 3]]
    layer = Layer(weights, [[4000, 8000]], bias=[-388608 + 776000, 0])
    exact(Layer(weights, [[4000, 8000]], bias=[388607, 0]), small(acc_width=24))
    exact(layer, small(acc_width=24))


def test_a_kernel_that_the_build_does_not_hold():
    with pytest.raises(ValueError, match=r"kernel of \(4, 4\), allowed 9 positions"):
        compile(ones(1, 1, (4, 4), (4, 4)), small(max_taps=9))
    with pytest.raises(ValueError, match="accumulators in tiles of a pixel"):
        compile(ones(1, 1, (5, 5), (5, 5)), small(entries=8))


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("f", 3, "2, 4, 8 or 16"),
        ("banks", 24, "a power of two"),
        ("wgt_fifo", 15, "a multiple of 2 from 4 to 256"),
        ("row_vectors", 6, "2, 4, 8"),
        ("row_fill", 9, r"0\.\.2 \(row_vectors\)"),
        ("look_ahead", 4, r"1\.\.3 \(lane_depth\)"),
        ("bank_depth", 1, r"2\.\.8 \(xbar_grants\)"),
        ("kc", 16, "0, 4, 8"),
        ("pe_x", 0, r"1\.\.16"),
        ("merge", True, r"0\.\.1"),
    ],
)
def test_configurations_are_refused(field, value, allowed):
    with pytest.raises(ValueError, match=f"{field}: found {value}, allowed {allowed}"):
        small(**{field: value})


def test_rows_of_weights_come_back():
    rng = np.random.default_rng(12)
    config = ScnnConfig()
    shape = 7, config.row_vectors
    lanes = *shape, config.f
    rows = Rows(
        rng.integers(0, 1 << 16, 7),
        rng.integers(0, 8, shape),
        rng.integers(0, 5, shape),
        rng.integers(0, 2, shape),
        rng.integers(0, 2, shape),
        rng.integers(0, 2, shape),
        rng.integers(0, 16, lanes),
        rng.integers(-(1 << 15), 1 << 15, lanes),
    )
    words = weight_words(rows, config)
    assert words.size == 7 * config.row_words == 7 * 12
    found = weight_rows(words, config)
    for name, values in vars(rows).items():
        assert np.array_equal(vars(found)[name], values), name


def test_bad_result_packets_are_refused():
    """Too few, too short, a wrong PE, counts that do not fit the rows."""
    config = small()
    layer = ones(4, 2, (3, 3), (4, 4), padding=1)
    program = compile(layer, config)
    (words,) = [Machine(config).run(item)[1] for item in program.passes]
    with pytest.raises(ValueError, match="packets: found 0, need 1"):
        unpack(program, [])
    for at, change, message in (
        (slice(0, -1), 0, "PE 3 needs"),
        (slice(None), 1, "found PE 1, need 0"),
        (slice(None), 1 << 24, "counts say otherwise"),
    ):
        bad = words[at].copy()
        bad[0] ^= np.uint64(change)
        with pytest.raises(ValueError, match=rf"packets\[0\]: .*{message}"):
            unpack(program, [bad])
    with pytest.raises(ValueError, match="need"):
        pe_data(np.concatenate((words, words[:1])), 4, config)


def test_kc_and_shape_are_chosen_by_the_layer():
    """A pixel for each PE wants one activation at a time and large groups; published: 4 x 4, 8."""
    rng = np.random.default_rng(13)
    weights = rng.integers(1, 9, (64, 40, 1, 1)) * (rng.random((64, 40, 1, 1)) < 0.3)
    layer = Layer(weights, rng.integers(1, 9, (40, 7, 7)))
    ours, plain = (compile(layer, c).passes[0] for c in (ScnnConfig(), ScnnConfig().plain()))
    geo = Geometry.of(plain.cfg)
    assert (geo.kc, geo.shape) == (8, 0)
    geo = Geometry.of(ours.cfg)
    assert geo.kc > 8 and geo.shape == 2


def test_sections_are_in_order():
    program = compile(ones(4, 2, (3, 3), (4, 4), padding=1), small())
    kinds = [part.kind for part in split_sections(program.passes[0].wgt, Kind, _size)]
    assert kinds == [Kind.OFFSET, Kind.BIAS, Kind.WEIGHT]


def _size(kind, count):
    return {Kind.OFFSET: -(-count // 4), Kind.BIAS: -(-count // 2)}.get(
        kind, count * small().row_words
    )


def chained(rng, sizes, kernels, size=(7, 6), batch=1, density=0.5):
    """Layers of a chain: ``sizes`` channels from layer to layer."""
    layers = []
    for number, (channels, filters, kernel) in enumerate(
        zip(sizes, sizes[1:], kernels, strict=False)
    ):
        weights = rng.integers(-9, 10, (filters, channels, kernel, kernel))
        weights *= rng.random(weights.shape) < density
        acts = rng.integers(0, 9, (batch, channels, *size)) if number == 0 else None
        options = {"padding": kernel // 2, "shift": 4, "bias": rng.integers(-50, 50, filters)}
        layers.append(Layer(weights, acts, name=f"layer{number}", **options))
    return layers


@pytest.mark.parametrize("seed", range(6))
def test_layers_chain_without_reloading(seed):
    """Results become inputs in the pitch of the next kernel; only the first layer is loaded."""
    rng = np.random.default_rng(seed)
    kernels = rng.choice([1, 3, 5], 3).tolist()
    layers = chained(rng, [3, 9, 5, 10], kernels, batch=1 + seed % 2, density=0.1 + 0.2 * seed)
    config = small(iaram_rows=256, wgt_fifo=64, dense_out=seed % 3 == 0, pe_x=3, wgt_depth=256)
    program = compile_network(layers, config)
    outputs = run(program, config)
    *_, (_, expected) = chain(layers)
    assert np.array_equal(outputs, expected)
    for item in program.passes:
        geo = Geometry.of(item.cfg)
        assert (item.act is not None) <= (item.tag[0] == 0)
        assert bool(geo.mode & Mode.OUTPUT) == (item.tag[0] == 2) == (item.out_words > 0)
    gaps = [Geometry.of(item.cfg).out_gap for item in program.passes]
    assert max(gaps) > 0 or max(kernels[1:]) == 1


def test_chains_that_do_not_fit():
    """Another plane, and one that is larger than a chip tile."""
    rng = np.random.default_rng(1)
    layers = chained(rng, [3, 4, 4], [3, 3])
    with pytest.raises(ValueError, match="in one chip tile"):
        compile_network(layers, small(entries=8))
    shrinking = [
        Layer(layers[0].weights, layers[0].activations, name="a"),
        Layer(layers[1].weights, name="b"),
    ]
    with pytest.raises(
        ValueError, match="tiles of layer 'b' are 3 x 2 pixels, those before it 4 x 3"
    ):
        compile_network(shrinking, small())
    with pytest.raises(ValueError, match="in one chip tile"):
        compile_network(chained(rng, [3, 40, 4], [1, 1]), small(iaram_rows=8))


@pytest.mark.parametrize(("size", "channels"), [((33, 30), 2), ((12, 9), 70)])
def test_sums_that_come_are_those_that_left(size, channels):
    """A host that only hands on: every carried sum was sent by an earlier pass, and none of those
    sent is forgotten. Borders of tiles, and parts of a reduction."""
    rng = np.random.default_rng(3)
    weights = rng.integers(-9, 10, (6, channels, 3, 3))
    layer = Layer(weights, rng.integers(-9, 10, (channels, *size)), padding=1)
    config = small(carry_depth=2048, acc_width=32)
    program = compile(layer, config)
    machine = Machine(config)
    waiting, handed = {}, 0
    for item, piece in zip(program.passes, program.outputs.pieces, strict=True):
        found = piece.geo.regions(config)
        machine.run(item)
        came = [np.zeros(0, dtype=np.int64)] * config.pes
        if item.act is not None:
            came = [one.carry for one in pe_data(item.act[1:], piece.geo.c, config)]
        for pe, words in enumerate(came):
            for key, value in carried(piece, found, found.carry_in, pe, words):
                assert waiting.pop(key) == value
                handed += 1
        for pe, out in enumerate(machine.out):
            for key, value in carried(piece, found, found.carry_out, pe, out.carry):
                assert key not in waiting
                waiting[key] = value
    assert handed and not waiting


def carried(piece, found, masks, pe, words):
    """((output channel, place in the plane), sum) of the words that a PE carries in or out."""
    mask = masks[pe]
    rows = (found.ey[pe][mask] + piece.origin[0]).tolist()
    cols = (found.ex[pe][mask] + piece.origin[1]).tolist()
    places = [(k, place) for k in range(*piece.k) for place in zip(rows, cols, strict=True)]
    return zip(places, words.tolist(), strict=True)
