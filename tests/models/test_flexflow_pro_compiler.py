"""The compiler of FlexFlow-Pro, proved by ``flexflow_pro_interpreter``."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from models.flexflow_pro import (
    FlexflowProConfig,
    compile,
    compiler,
    cycles,
    plan,
    unpack,
)
from models.flexflow_pro.balance import balanced, in_turn
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.lowering import lower
from models.flexflow_pro.plan import choose
from models.flexflow_pro.registers import Mode
from models.flexflow_pro.streams import streams
from models.golden import golden
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.program import stream_words
from tests.models.flexflow_pro_cases import any_options, check, random_config, random_layer, small


def layer_of(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    size: tuple[int, ...],
    density: float = 0.5,
    samples: int = 1,
    **options,
) -> Layer:
    """Random operands, so many of them not zero."""
    weights = rng.integers(-50, 51, shape) * (rng.random(shape) < density)
    acts = rng.integers(-50, 51, (samples, shape[1], *size))
    acts *= rng.random(acts.shape) < density
    bias = rng.integers(-99, 99, shape[0])
    return replace(Layer(weights, acts, shift=3, bias=bias), **options)


def geometries(program) -> list[Geometry]:
    return [Geometry.of(one) for one in program.passes]


@pytest.mark.parametrize("part", range(8))
def test_any_layer_on_any_build(part):
    for case in range(15):
        rng = np.random.default_rng([15, part, case])
        check(random_layer(rng), any_options(rng, random_config(rng)))


@pytest.mark.parametrize("kind", ["rows", "taps"])
@pytest.mark.parametrize("groups_log", [0, 1, 2])
@pytest.mark.parametrize("maps", [1, 3])
@pytest.mark.parametrize("stride", [1, 2, 5])
def test_every_mapping(kind, groups_log, maps, stride):
    """Strides below, at and beyond the width of the kernel; maps and pixels that fill nothing."""
    rng = np.random.default_rng([groups_log, maps, stride])
    layer = layer_of(rng, (7, 3, 2, 3), (7, 12), padding=1, stride=stride, samples=2)
    config = small(rows=4, n_cells=40, kind=kind, groups_log=groups_log, maps=maps)
    program, _ = check(layer, config)
    for geo in geometries(program):
        assert geo.groups_log == groups_log
        assert geo.maps <= maps
        assert geo.taps == (3 if kind == "rows" else 1)


@pytest.mark.parametrize("depth", [6, 9, 20])
def test_lines_that_do_not_fit_are_cut(depth):
    """Column buffers that hold less than a line, one line, or several."""
    rng = np.random.default_rng(depth)
    layer = layer_of(rng, (3, 2, 3, 3), (5, 7))
    program, _ = check(layer, small(kind="rows", act_depth=depth, groups_log=0))
    found = geometries(program)
    assert {geo.windows for geo in found} == ({3, 2} if depth < 7 else {5})
    assert max(geo.lines for geo in found) == (2 if depth == 20 else 1)


def test_accumulators_limit_a_block():
    rng = np.random.default_rng(1)
    layer = layer_of(rng, (8, 2, 1, 1), (5, 5))
    program, _ = check(layer, small(acc_depth=6, maps=2))
    assert max(geo.results for geo in geometries(program)) == 6


def test_a_long_reduction_takes_passes():
    """The first one starts the sums, the last one answers; biases come once. The next group goes
    back through the parts, so it finds the activations of its first one if columns are the same.
    """
    rng = np.random.default_rng(2)
    layer = layer_of(rng, (4, 30, 1, 1), (3, 3))
    program, machine = check(layer, small(k_cells=1, maps=1, balance="group"))
    modes = [geo.mode for geo in geometries(program)]
    groups = 2
    assert [bool(mode & Mode.ACC_KEEP) for mode in modes] == [False, True, True] * groups
    assert [bool(mode & Mode.BIAS) for mode in modes] == [True, False, False] * groups
    assert [one.out_words > 0 for one in program.passes] == [False, False, True] * groups
    assert [one.tag[3] for one in program.passes] == [0, 1, 2, 2, 1, 0]
    assert machine.loads == {"wgt": 6, "act": 6}
    _, machine = check(layer, small(k_cells=1, maps=1, balance="layer"))
    assert machine.loads == {"wgt": 6, "act": 5}


def test_weights_stay_where_blocks_of_a_long_reduction_turn():
    """Two parts, three blocks: every block but the first finds the weights of its first part."""
    rng = np.random.default_rng(12)
    layer = layer_of(rng, (2, 24, 1, 1), (4, 9))
    config = small(k_cells=1, maps=1, act_depth=12, groups_log=0, balance="group")
    program, machine = check(layer, config)
    assert [one.tag[1:] for one in program.passes] == [
        (0, 0, 0), (0, 0, 1), (1, 0, 1), (1, 0, 0), (2, 0, 0), (2, 0, 1),
    ]  # fmt: skip
    assert machine.loads == {"wgt": 4, "act": 6}


@pytest.mark.parametrize("balance", ["off", "layer", "group"])
@pytest.mark.parametrize("bias", [True, False])
def test_words_are_those_of_the_packets(balance, bias):
    """Any layer on any build: what the compiler weighs is what the streams carry."""
    for case in range(12):
        rng = np.random.default_rng([16, case, bias, len(balance)])
        layer = random_layer(rng)
        layer = replace(layer, bias=rng.integers(1, 99, len(layer.weights)) * bias)
        config = replace(any_options(rng, random_config(rng)), balance=balance)
        layout = choose(lower(layer, config), config)
        found = streams(layout)
        carried = stream_words(compile(layer, config).passes)
        assert {"wgt": found.wgt, "act": found.act, "out": found.out} == carried
        other = sum(stream_words(_in_order(layer, layout, not found.groups_first)).values())
        assert found.words == sum(carried.values()) <= other


def _in_order(layer: Layer, layout, groups_first: bool):
    """The passes in an order that was not chosen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            compiler, "streams", lambda layout: SimpleNamespace(groups_first=groups_first)
        )
        return [item for item, _ in compiler._Emitter(layer, layout).passes()]


def test_the_objective_weighs_loading():
    """Cycles of computing, or those of the streams, too: either is less than with the other."""
    rng = np.random.default_rng(13)
    layer = layer_of(rng, (32, 32, 3, 3), (6, 6), padding=1)
    cost = {}
    for objective in ("compute", "total"):
        config = FlexflowProConfig(rows=4, cols=4, objective=objective)
        program = compile(layer, config)
        computing = sum(one.compute for one in cycles(program, config))
        cost[objective] = computing, computing + sum(stream_words(program.passes).values())
    assert cost["compute"][0] < cost["total"][0]
    assert cost["total"][1] < 0.8 * cost["compute"][1]


@pytest.mark.parametrize("objective", ["compute", "total"])
def test_the_choice_is_the_least_of_all(objective, monkeypatch):
    """Layouts whose words alone are more are left out, and none that is better is lost."""
    asked = []
    price = plan.price

    def heard(layout):
        asked.append(layout)
        return price(layout)

    monkeypatch.setattr(plan, "price", heard)
    rng = np.random.default_rng(14)
    for _ in range(4):
        layer = layer_of(rng, (12, 9, 3, 3), (7, 7), padding=1)
        config = FlexflowProConfig(rows=4, cols=4, objective=objective)
        low = lower(layer, config)
        asked.clear()
        found, priced = choose(low, config), len(asked)
        asked.clear()
        choose(low, replace(config, objective="compute"))
        words = (lambda one: 0) if objective == "compute" else (lambda one: streams(one).words)
        least = min(price(one) + words(one) for one in asked)
        assert price(found) + words(found) == least
        assert priced < len(asked) if objective == "total" else priced == len(asked)


def test_either_balance_is_tried():
    """By pass where computing counts alone, by layer where its words cost more than it gains."""
    rng = np.random.default_rng(15)
    layer = layer_of(rng, (32, 32, 3, 3), (6, 6), padding=1)
    for objective, balance in (("compute", "group"), ("total", "layer")):
        config = FlexflowProConfig(rows=4, cols=4, objective=objective)
        assert choose(lower(layer, config), config).config.balance == balance


def test_a_sample_decides_how_a_layer_is_laid_out():
    """What runs is computed right, whatever the compiler saw; columns are those of the sample."""
    rng = np.random.default_rng(17)
    for case in range(10):
        layer = random_layer(rng)
        config = any_options(rng, random_config(rng))
        sample = rng.integers(-9, 10, layer.inputs.shape) * (rng.random(layer.inputs.shape) < 0.5)
        check(layer, config, sample)
        layouts = [
            [one.cfg for one in compile(inputs, config, sample).passes]
            for inputs in (layer, layer.with_activations(sample))
        ]
        assert layouts[0] == layouts[1], case


def test_a_sample_is_not_what_runs():
    """Weights are in the columns that suit the sample: those of the layer's own would be others."""
    rng = np.random.default_rng(18)
    layer = layer_of(rng, (8, 24, 1, 1), (4, 4))
    thin = np.where(np.arange(24)[:, None, None] < 12, layer.inputs, 0)
    other = np.where(np.arange(24)[:, None, None] < 12, 0, layer.inputs)
    mine = layer.with_activations(thin)
    config = small(balance="group", maps=1)
    own, foreign, same = (
        compile(mine, config, sample).passes[0].wgt.tolist() for sample in (None, other, thin)
    )
    assert own == same != foreign


def test_a_sample_of_another_shape_is_refused():
    layer = layer_of(np.random.default_rng(19), (2, 3, 1, 1), (2, 2))
    said = r"sample: found shape \(1, 3, 2, 1\), need \(1, 3, 2, 2\)"
    with pytest.raises(ValueError, match=said):
        compile(layer, small(), layer.inputs[..., :1])


def test_what_is_there_is_not_loaded_again():
    """Activations serve all maps if their columns do; weights of one pass serve all blocks."""
    rng = np.random.default_rng(3)
    wide = layer_of(rng, (12, 3, 1, 1), (3, 3))
    _, machine = check(wide, small(maps=1, balance="layer"))
    assert machine.loads == {"wgt": 6, "act": 1}
    _, machine = check(wide, small(maps=1, balance="group"))
    assert machine.loads == {"wgt": 6, "act": 6}
    long = layer_of(rng, (2, 3, 1, 1), (9, 9))
    _, machine = check(long, small(act_depth=27, groups_log=0))
    assert machine.loads == {"wgt": 1, "act": 3}
    both = layer_of(rng, (8, 3, 1, 1), (9, 9))
    for balance, loads in (("group", {"wgt": 2, "act": 6}), ("layer", {"wgt": 4, "act": 3})):
        _, machine = check(both, small(act_depth=27, groups_log=0, maps=2, balance=balance))
        assert machine.loads == loads


def test_passes_that_fill_one_cell_less(monkeypatch):
    """25 pieces in two passes: 13 are five in a column, two cells; 12 are four, which fill one."""
    monkeypatch.setattr(plan, "price", lambda layout: layout.mapping.passes)
    layer = layer_of(np.random.default_rng(10), (2, 25, 1, 1), (2, 2))
    program, _ = check(layer, small(k_cells=2, maps=1, groups_log=0, objective="compute"))
    assert [(geo.cells, geo.pieces) for geo in geometries(program)] == [(2, 5), (2, 5)]


def test_samples_of_a_fully_connected_layer_are_pixels():
    rng = np.random.default_rng(4)
    layer = layer_of(rng, (5, 6, 2, 2), (2, 2), samples=7)
    program, _ = check(layer, small())
    assert len({one.tag[1] for one in program.passes}) == 1
    assert sum(geo.all_windows << geo.groups_log for geo in geometries(program)[:1]) >= 7


def test_few_maps_take_rows_for_pixels():
    """One output map: every row is a pixel of its own."""
    rng = np.random.default_rng(5)
    program, _ = check(layer_of(rng, (1, 4, 3, 3), (8, 9)), small(rows=4, n_cells=40))
    assert {geo.groups_log for geo in geometries(program)} == {2}


@pytest.mark.parametrize("relaxed", [True, False])
@pytest.mark.parametrize(("acts", "weights"), [(0, 0), (7, 0), (0, 7), (32767, 0), (32768, 0)])
def test_tiny_values_do_not_count(acts, weights, relaxed):
    """The layer with tiny values set to 0 is answered, with -32768 among the neurons."""
    values = np.array([-32768, 32767, 7, -7, 8, -8, 1, 0] * 3).reshape(1, 2, 3, 4)
    layer = Layer(np.array([[5, -7], [8, 7], [-9, 1]]).reshape(3, 2, 1, 1), values, shift=4)
    config = small(act_threshold=acts, wgt_threshold=weights, relaxed=relaxed)
    program, machine = check(layer, config)
    assert all(one.cfg[4] == acts for one in program.passes)
    if acts == 32768:
        assert machine.counts["mac_useful"] == 0


def test_tiny_values_change_the_answer():
    layer = Layer([[3, 1]], [[4, 100]], bias=[0])
    config = FlexflowProConfig(rows=2, cols=2)
    assert golden(layer).item() == 112
    tiny = replace(config, wgt_threshold=1), replace(config, act_threshold=4)
    for chosen, found in zip(tiny, (12, 100), strict=True):
        program = compile(layer, chosen)
        results = cycles(program, chosen)[0].results
        (out,) = unpack(program, [pack_rows_of_lanes(results.reshape(-1, 2), 16)])
        assert out.item() == found


def test_pieces_of_like_load_are_spread():
    """Heavy pieces to different columns; as many in each."""
    load = np.array([[9.0, 8, 1, 1, 1, 1], [9, 8, 1, 1, 1, 1]])
    found = balanced(load, 3)
    assert sorted(found.ravel().tolist()) == list(range(6))
    assert {tuple(sorted(column)) for column in found.tolist()} >= {(0, 5)}
    assert not any({0, 1} <= set(column) for column in found.tolist())
    assert in_turn(4, 3).tolist() == [[0, 3], [1, -1], [2, -1]]


def test_balance_pays():
    """On weights of unequal channels and maps, on 4 x 4 PEs."""
    rng = np.random.default_rng(6)
    shape = 16, 64, 1, 1
    dense = rng.random((16, 1, 1, 1)) * rng.random((1, 64, 1, 1))
    weights = rng.integers(1, 50, shape) * (rng.random(shape) < dense)
    acts = rng.integers(1, 50, (1, 64, 8, 8)) * (rng.random((1, 64, 8, 8)) < 0.5)
    layer = Layer(weights, acts, shift=6)
    found = {}
    for balance in ("off", "layer", "group"):
        config = FlexflowProConfig(rows=4, cols=4, balance=balance)
        found[balance] = sum(one.compute for one in cycles(compile(layer, config), config))
    assert max(found["group"], found["layer"]) < 0.95 * found["off"]


def test_the_mapping_is_that_with_the_fewest_cycles():
    """What is chosen is within a few percent of the best of all."""
    rng = np.random.default_rng(7)
    layer = layer_of(rng, (12, 24, 3, 3), (9, 9), padding=1)
    config = FlexflowProConfig(rows=4, cols=4, mask_word=8, objective="compute")

    def took(config: FlexflowProConfig) -> int:
        return sum(one.compute for one in cycles(compile(layer, config), config))

    every = [
        took(replace(config, kind=kind, maps=maps, groups_log=log))
        for kind in ("rows", "taps")
        for maps in (1, 2, 3)
        for log in (0, 1)
        if kind == "taps" or maps * log <= 3
    ]
    assert took(config) <= min(every) * 1.05
    assert choose(lower(layer, config), config).mapping.passes >= 1


@pytest.mark.parametrize(
    ("changes", "layer", "said"),
    [
        ({"k_cells": 2, "kind": "rows"}, ((1, 1, 3, 3), (3, 5)), "the stores cannot hold a window"),
        ({"n_cells": 2, "groups_log": 2, "rows": 4}, ((1, 1, 1, 1), (3, 5)), "cannot hold"),
    ],
)
def test_options_that_leave_no_mapping_are_refused(changes, layer, said):
    layer = layer_of(np.random.default_rng(8), *layer)
    with pytest.raises(ValueError, match=said):
        compile(layer, small(**changes))


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Layer([[40000]], [1]), "weights: layer 'layer' has values 40000"),
        (Layer([[1]], [40000]), "activations: layer 'layer' has values 40000"),
        (Layer([[1]], [1], bias=[1 << 40]), "bias: layer 'layer' has"),
        (Layer([[1]], [1], shift=48), "shift: layer 'layer' has 48"),
        (Layer([[30000]], [30000]), "accumulator: row 0"),
    ],
)
def test_values_that_do_not_fit_are_refused(layer, said):
    narrow = {"acc_width": 20, "bias_width": 20} if layer.weights.max() == 30000 else {}
    config = small(**narrow)
    with pytest.raises(ValueError, match=said):
        compile(layer, config)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rows": 3}, "rows: found 3, allowed 2, 4, 8, 16 or 32"),
        ({"cols": 1}, "cols: found 1, allowed 2..32"),
        ({"mask_word": 5}, "mask_word: found 5, allowed 4, 8 or 16"),
        ({"balance": "some"}, "balance: found 'some', allowed off, layer, group or nothing"),
        ({"objective": "time"}, "objective: found 'time', allowed compute or total"),
        ({"kind": "pixels"}, "kind: found 'pixels', allowed rows, taps or nothing"),
        ({"maps": 5}, "maps: found 5, allowed 0..4"),
        ({"groups_log": 2, "rows": 2}, "groups_log: found 2, allowed -1..1"),
        ({"act_threshold": -1}, "act_threshold: found -1, allowed 0..65535"),
        ({"acc_width": 20}, "bias_width: found 32, allowed 2..20"),
    ],
)
def test_builds_that_cannot_be_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        FlexflowProConfig(**changes)


@pytest.mark.parametrize("bad", ["missing", "long"])
def test_result_packets_are_checked(bad):
    layer = layer_of(np.random.default_rng(9), (3, 2, 1, 1), (2, 2))
    config = small()
    program = compile(layer, config)
    one = np.zeros(program.passes[-1].out_words + (bad == "long"), dtype=np.uint64)
    with pytest.raises(ValueError, match="packets"):
        unpack(program, [] if bad == "missing" else [one] * len(program.outputs.pieces))
