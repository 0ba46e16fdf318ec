"""The compiler of Cambricon-SE: golden answers on a second reading of the contract,
``cambricon_se_interpreter``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.array.problem import problem_of
from models.cambricon_se import CambriconSeConfig, compile, cycles, unpack
from models.cambricon_se.config import KINDS
from models.cambricon_se.design import DESIGN
from models.cambricon_se.lists import digits, entries_of
from models.cambricon_se.lowering import Problem
from models.cambricon_se.plan import Layout
from models.cambricon_se.registers import Kind, Mode
from models.golden import golden
from models.layer import Layer
from models.names import camel
from models.workloads.cambricon_se import cambricon_se_layer
from tests.models.cambricon_se_cases import check, random_config, random_layer, small


def conv(weights: np.ndarray, acts: np.ndarray, **more) -> Layer:
    """A layer without bias or shift."""
    return Layer(weights, acts, relu=False, **more)


@pytest.mark.parametrize("part", range(8))
def test_any_layer_gives_the_golden_answer(part):
    for case in range(6):
        rng = np.random.default_rng([16, part, case])
        config = random_config(rng)
        wide = config.regions > 1 and rng.random() < 0.25
        config = replace(
            config, kind=str(rng.choice(["", "", *KINDS])), balance=bool(rng.integers(2))
        )
        check(random_layer(rng, wide), config)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("selector", range(3))
def test_every_kind_runs_on_every_selector(kind, selector):
    rng = np.random.default_rng(3)
    weights = rng.integers(-9, 9, (5, 10, 3, 3)) * (rng.random((5, 10, 3, 3)) < 0.5)
    layer = conv(weights, rng.integers(0, 3, (2, 10, 5, 6)), stride=2, padding=1)
    config = small(cores=2, selector=selector, kind=kind, packed_in=True, packed_out=True)
    passes = check(layer, config)
    assert sum(one["mac_useful"] for one in passes) > 0


@pytest.mark.parametrize("live", [0, 1, 2, 3, 8])
def test_a_window_with_so_many_survivors(live):
    """None, one vector, one more, all: a vector has two lanes, a window eight positions."""
    acts = np.zeros((1, 8, 1, 2), dtype=np.int64)
    acts[0, :live] = 5
    layer = conv(np.ones((2, 8, 1, 1), dtype=np.int64), acts)
    (counts,) = check(layer, small())
    assert counts["vectors"] == 2 * max(1, -(-live // 2))
    assert counts["empty_windows"] == (2 if live == 0 else 0)


def test_windows_without_weights_are_not_walked():
    """The first of three windows, then all: a list without weights has one entry."""
    weights = np.ones((2, 24, 1, 1), dtype=np.int64)
    weights[:, :8] = 0
    acts = np.ones((1, 24, 1, 1), dtype=np.int64)
    assert check(conv(weights, acts), small())[0]["windows"] == 2
    assert check(conv(0 * weights, acts), small())[0]["windows"] == 1


def test_a_zero_weight_in_a_block_is_padding():
    weights = np.array([[3, 0, 1, 0], [1, 0, 0, 0]])
    (counts,) = check(conv(weights, np.ones((1, 4), dtype=np.int64)), small())
    assert (counts["mac_useful"], counts["slot_padding"]) == (3, 1)


def test_a_core_without_a_group_is_idle():
    layer = conv(np.ones((2, 40, 1, 1), dtype=np.int64), np.ones((1, 40, 1, 1), dtype=np.int64))
    one = check(layer, small())[0]
    two = check(layer, small(cores=2))[0]
    assert two["cycles_compute"] == one["cycles_compute"]
    assert one["stall_sync"] == 0 < two["stall_sync"]


def test_lists_longer_than_their_memory_take_several_passes():
    rng = np.random.default_rng(1)
    layer = conv(rng.integers(1, 9, (4, 40, 3, 3)), rng.integers(1, 9, (1, 40, 3, 3)))
    config = small(list_depth=4, kind="channels")
    assert len(check(layer, config)) > 2 * (9 * 5) // 4
    assert sum(one["idx_writes"] for one in check(layer, config)) >= 2 * 9 * 5


def test_entries_hold_no_more_codes_than_a_row():
    rng = np.random.default_rng(2)
    for selector, sets in ((0, 1), (1, 1), (2, 2)):
        config = CambriconSeConfig(pes=2, lanes=4, window=32, code_row=8, selector=selector)
        weights = rng.integers(-300, 300, (6, 2, 32)) * (rng.random((6, 1, 32)) < 0.6)
        entries = entries_of(weights, (0, 8), config)
        assert entries.masks.shape[1] == sets
        found = np.zeros_like(weights)
        np.add.at(found, entries.place, entries.weights)
        assert np.array_equal(found, weights)
        lanes = entries.masks.reshape(len(entries), sets, 8, 4).sum(axis=2)
        assert (lanes.max() <= 2) if selector == 1 else (lanes.sum(axis=2).max() <= 8)


@pytest.mark.parametrize("allowed", [(0, 8), (0, 5, 8), tuple(range(9))])
def test_digits_add_up_to_any_weight(allowed):
    weights = np.concatenate((np.arange(-32768, 32768, 37), [-32768, 32767, 32640, 0]))[:, None]
    found = np.zeros_like(weights)
    for at, part, shift in digits(weights, allowed):
        codes = part >> shift[:, None]
        assert np.isin(shift, allowed).all()
        assert np.array_equal(codes << shift[:, None], part)
        assert codes.min() >= -128
        assert codes.max() <= 127
        found[at] += part
    assert np.array_equal(found, weights)


def test_codes_of_four_bits_name_the_values_of_local_codebooks():
    """Each group has 15 large values of its own: 8 bits would need two steps."""
    rng = np.random.default_rng(4)
    values = rng.choice(np.arange(200, 9000), (3, 15), replace=False)
    weights = np.concatenate([np.append(row, 0).reshape(2, 8) for row in values])
    layer = conv(weights, rng.integers(0, 9, (2, 8)), shift=4)
    config = small(regions=2)
    program = compile(layer, config)
    assert all(one.cfg[0] & Mode.CODE4 for one in program.passes)
    assert len(program.passes) == 2  # a core has two codebooks
    eight = compile(layer, replace(config, codes=8))
    assert not eight.passes[0].cfg[0] & Mode.CODE4
    for one in (config, replace(config, codes=8)):
        check(layer, one)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": 4, "regions": 1}, "codes: found 4, a group of layer 'layer' needs more than"),
        ({"codes": 8, "regions": 1}, "weights: found -?[0-9]+..300, regions 1 has one shift"),
        ({"act_depth": 2, "kind": "channels"}, "act_depth: found 2, too few rows for an output"),
    ],
)
def test_what_a_build_cannot_hold_is_named(changes, message):
    weights = np.arange(-11, 313, 18).reshape(2, 1, 3, 3) if "codes" in changes else None
    weights = np.ones((2, 1, 3, 3), dtype=np.int64) if weights is None else weights
    weights.ravel()[-1] = 300 if "codes" in changes else 1
    with pytest.raises(ValueError, match=message):
        compile(conv(weights, np.ones((1, 1, 4, 4), dtype=np.int64)), small(**changes))


def test_packed_results_have_the_length_that_is_announced():
    """All zero: masks alone. Not one zero: longer than they would be plain."""
    acts = np.ones((1, 8, 2, 2), dtype=np.int64)
    weights = np.ones((4, 8, 1, 1), dtype=np.int64)
    config = small(pes=4, packed_out=True)
    for sign, units in ((1, 4 * 5), (-1, 4)):
        layer = Layer(sign * weights, acts)
        (counts,) = check(layer, config)
        assert counts["words_out"] == -(-units // 4)
    assert check(Layer(weights, acts), replace(config, packed_out=False))[0]["words_out"] == 4


def test_balance_shortens_the_slowest_core():
    rng = np.random.default_rng(5)
    heavy = np.arange(8) % 2 == 0
    kept = rng.random((8, 1, 64)) < np.where(heavy, 0.9, 0.2)[:, None, None]
    weights = np.repeat(kept, 16, axis=1).reshape(128, 64, 1, 1) * 3
    layer = conv(weights, rng.integers(1, 9, (1, 64, 6, 6)))
    config = CambriconSeConfig()
    found = {}
    for balance in (False, True):
        one = replace(config, balance=balance)
        program = compile(layer, one)
        found[balance] = sum(item.compute for item in cycles(program, one))
        results = [item.results for item in cycles(program, one) if item.results is not None]
        words = [np.ascontiguousarray(r, dtype="<i2").view("<u8") for r in results]
        assert np.array_equal(unpack(program, words)[0], golden(layer))
    assert found[True] < 0.8 * found[False]


def test_groups_are_dealt_to_and_fro():
    """Groups with 1 to 8 windows on two cores: 8 + 5 + 4 + 1 and 7 + 6 + 3 + 2."""
    weights = np.zeros((16, 64, 1, 1), dtype=np.int64)
    for group in range(8):
        weights[2 * group : 2 * group + 2, : 8 * (group + 1)] = 1
    layer = conv(weights, np.ones((1, 64, 3, 1), dtype=np.int64), shift=2)
    (counts,) = check(layer, small(cores=2, list_depth=64))
    assert counts["stall_sync"] == 0


def test_a_block_of_another_width_has_its_own_rows():
    """Lines of seven outputs are cut into four and three."""
    rng = np.random.default_rng(7)
    layer = conv(rng.integers(-9, 9, (2, 8, 3, 3)), rng.integers(0, 9, (1, 8, 4, 9)), shift=2)
    assert len(check(layer, small(act_depth=20, kind="channels"))) == 4


def test_the_kind_that_is_chosen_is_about_the_fastest():
    layer = cambricon_se_layer("googlenet-4a-5x5")  # 16 channels: a window would be nearly empty
    time = {}
    for kind in ("", *KINDS):
        config = CambriconSeConfig(kind=kind)
        time[kind] = sum(one.compute for one in cycles(compile(layer, config), config))
    best = min(time[kind] for kind in KINDS)
    assert time[""] <= 1.05 * best < 0.8 * time["channels"]


def test_blocks_beat_selectors_in_every_pe():
    """At the same density: fine-grained masks there, the neurons' zeros skipped here."""
    name, config = "googlenet-5b-3x3", CambriconSeConfig()
    shared = sum(one.compute for one in cycles(compile(cambricon_se_layer(name), config), config))
    x_like, fine = config.x_like(), cambricon_se_layer(name, structure="fine")
    own = sum(one.compute for one in cycles(compile(fine, x_like), x_like))
    assert own > 1.2 * shared


def test_a_layout_has_every_piece_once():
    low = problem_of(cambricon_se_layer("googlenet-4a-5x5"))
    config = CambriconSeConfig()
    for kind in KINDS:
        layout = Layout(Problem.of(low, kind), (0, 8), config)
        pieces = layout.pieces((0, layout.windows))
        assert np.array_equal(np.sort(pieces[pieces >= 0]), np.arange(layout.problem.pieces))


def test_a_layer_fills_as_many_bits_as_it_has_entries_and_codes():
    """Three windows of weights in two passes: the second one's lists count too."""
    weights = np.ones((2, 24, 1, 1), dtype=np.int64)
    weights[1, :3] = 0
    layer = conv(weights, np.ones((1, 24, 1, 1), dtype=np.int64))
    config = small(list_depth=2)
    filled = DESIGN.footprint(layer, config, compile(layer, config))
    books, entries, codes = 2 * 16 * 16, 3 * (21 + 8), 24 * 2 * 8
    assert filled["weights"] == books + entries + codes
    assert (filled["activations"], filled["accumulators"]) == (24 * 17, 2 * 48)


def test_every_named_build_is_one():
    fields = {camel(name): name for name in vars(CambriconSeConfig())}
    for changes in (*DESIGN.builds.values(), *DESIGN.checked.values()):
        chosen: dict[str, Any] = {fields[name]: value for name, value in changes.items()}
        config = CambriconSeConfig(**chosen)
        assert changes.items() <= config.parameters().items()
        assert set(DESIGN.memories(config)) == {"wgt", "idx", "act", "psum"}


def test_loads_can_count():
    """Pieces of taps compute fastest here, and are loaded nine times."""
    rng = np.random.default_rng(6)
    weights = np.repeat(rng.random((1, 16, 3, 3)) < 0.5, 16, axis=0) * 2
    layer = conv(weights, rng.integers(0, 2, (1, 16, 12, 12)), padding=1)
    total = {}
    for loads in (False, True):
        config = CambriconSeConfig(cores=1, loads=loads)
        program = compile(layer, config)
        compute = sum(one.compute for one in cycles(program, config))
        total[loads] = compute, program.words["act"]
    assert total[False][0] < total[True][0]
    assert sum(total[True]) < 0.7 * sum(total[False])


@pytest.mark.parametrize(("filters", "depth", "often"), [(64, 16, "LOAD_ACT"), (16, 4, "LOAD_WGT")])
def test_what_is_larger_is_loaded_once(filters, depth, often):
    """Blocks and sets of groups: the loop over the smaller of both is the inner one."""
    rng = np.random.default_rng(8)
    layer = conv(rng.integers(1, 9, (filters, 8, 1, 1)), rng.integers(0, 9, (1, 8, 1, 80)))
    config = small(act_depth=16, list_depth=depth)
    program = compile(layer, config)
    blocks_, sets = (len({one.tag[at] for one in program.passes}) for at in (1, 2))
    assert min(blocks_, sets) > 1
    loads = {
        mode: sum(bool(one.cfg[0] & Mode[mode]) for one in program.passes)
        for mode in ("LOAD_ACT", "LOAD_WGT")
    }
    assert loads.pop(often) == len(program.passes) == blocks_ * sets
    assert loads.popitem()[1] == (sets if often == "LOAD_ACT" else blocks_)


def huffman_words(layer: Layer, config: CambriconSeConfig) -> dict[bool, int]:
    """Stream words of weights, with bit strings and without; both give the golden answer."""
    found = {}
    for huffman in (False, True):
        one = replace(config, huffman=huffman)
        history = check(layer, one)
        found[huffman] = sum(counts["words_wgt"] for counts in history)
        program = compile(layer, one)
        loads = [item for item in program.passes if item.wgt is not None]
        assert program.words["wgt"] == found[huffman] + len(loads)
        assert any(item.cfg[0] & Mode.HUFFMAN for item in loads) == huffman
    return found


@pytest.mark.parametrize("lanes", [8, 16])
@pytest.mark.parametrize("selector", range(3))
def test_codes_in_bit_strings_are_shorter(lanes, selector):
    """Weights of a few values, most of them small."""
    rng = np.random.default_rng(7)
    weights = np.rint(rng.laplace(0, 3, (16, 32, 3, 3))).astype(int)
    weights *= rng.random((16, 32, 3, 3)) < 0.6
    layer = conv(weights, rng.integers(0, 9, (1, 32, 4, 4)))
    config = CambriconSeConfig(
        cores=2, pes=4, lanes=4, window=32, code_row=32, huf_lanes=lanes, selector=selector
    )
    words = huffman_words(layer, config)
    assert words[True] < 0.75 * words[False]


def test_a_table_stays_while_it_is_good_enough():
    """Sets of groups with the same values: the first packet alone has a table."""
    rng = np.random.default_rng(9)
    weights = rng.choice([1, 2, 3, -1], (32, 64, 1, 1), p=[0.7, 0.1, 0.1, 0.1])
    layer = conv(weights, rng.integers(1, 9, (1, 64, 2, 2)))
    config = CambriconSeConfig(
        cores=1, pes=4, lanes=4, window=32, code_row=32, list_depth=4, huffman=True
    )
    loads = [one.wgt for one in compile(layer, config).passes if one.wgt is not None]
    assert len(loads) > 2
    check(layer, config)
    tables = [any(int(word) & 0xFFFF == Kind.TABLE for word in one[1:]) for one in loads]
    assert tables[0]
    assert not all(tables)


def test_a_packet_that_would_be_longer_stays_plain():
    """A row of codes of its own each: the table is longer than what it saves."""
    layer = conv(np.arange(1, 17).reshape(2, 8), np.ones((1, 8), dtype=np.int64))
    program = compile(layer, small(huffman=True))
    assert not any(one.cfg[0] & Mode.HUFFMAN for one in program.passes)
