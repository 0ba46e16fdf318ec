"""The cycle model of SCNN against the contract's interpreter, and what it must keep."""

from dataclasses import replace

import numpy as np
import pytest

from models.layer import Layer
from models.program import Program
from models.scnn import ScnnConfig, compile, cycles
from models.scnn.cycles import OWN_COUNTERS
from models.scnn.geometry import Geometry
from models.scnn.machine import Machine
from models.scnn.xbar import Crossbars
from models.socket import COUNTERS
from tests.models.scnn_cases import random_program, small
from tests.models.scnn_interpreter import Interpreter

#: Passes that the interpreter is given, at most, and words of weights in each.
MANY, LARGE = 4, 2500


def compare(program, config, most=MANY):
    """Counters and result words of the first passes: interpreter and model say the same."""
    interpreter, machine = Interpreter(config), Machine(config)
    short = replace(program, passes=program.passes[:most])
    for item, predicted in zip(short.passes, cycles(short, config), strict=True):
        counters, words = interpreter.run(item)
        for name, value in predicted.counters.items():
            assert counters.get(name, 0) == value, name
        assert predicted.compute == counters["cycles_compute"]
        assert predicted.output == counters.get("cycles_output", 0)
        _, expected, _ = machine.run(item)
        assert (words is None) == (expected is None)
        if words is not None:
            assert words == expected.tolist()


def small_enough(program):
    return all(item.wgt is None or item.wgt.size < LARGE for item in program.passes)


@pytest.mark.parametrize("seed", range(100, 130))
def test_equal_to_the_interpreter(seed):
    """Every register of every PE, cycle by cycle, on random programs."""
    _, config, program = random_program(seed)
    if not small_enough(program):
        pytest.skip("too large for the interpreter")
    compare(program, config, most=2)


def conv(seed=1, filters=8, channels=6, size=(8, 8), kernel=3, density=(0.5, 0.5)):
    """A layer of small values."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 9, (filters, channels, kernel, kernel))
    weights *= rng.random(weights.shape) < density[0]
    acts = rng.integers(1, 9, (channels, *size))
    acts *= rng.random(acts.shape) < density[1]
    return Layer(weights, acts, padding=kernel // 2)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("width", [32, 40])
def test_output_cycles_against_the_interpreter(dense, width):
    """Tiles with carried sums, one and two in a word, an odd number of them; PEs without any."""
    changes = {"dense_out": dense, "acc_width": width, "carry_depth": 2048, "pe_y": 3}
    config = small(**changes)
    layer = conv(filters=10, channels=2, size=(35, 30))
    program = compile(layer, config)
    carry = {words for piece in program.outputs.pieces for words in piece.carry}
    assert 0 in carry and max(carry) > 0
    compare(program, config, most=8)


@pytest.mark.parametrize(
    "changes",
    [
        {"lane_depth": 1},
        {"lane_depth": 4, "look_ahead": 4, "xbar_grants": 1},
        {"xbar_grants": 1, "bank_depth": 1},
        {"bank_depth": 8},
        {"bank_map": 1},
        {"bank_map": 2},
        {"merging": True},
        {"merge": 0},
        {"empty_free": False},
        {"i": 4, "wgt_fifo": 8, "banks": 16, "row_vectors": 4},
        {"wgt_fifo": 16, "row_vectors": 2},
        {"wgt_fifo": 16, "row_vectors": 4},
        {"wgt_fifo": 16, "row_vectors": 8},
        {"wgt_fifo": 16, "row_vectors": 8, "row_fill": 4},
        {"kc": 8, "entries": 32},
    ],
)
def test_each_parameter_against_the_interpreter(changes):
    """Dense enough for conflicts at every bank."""
    config = small(**changes)
    compare(compile(conv(density=(0.9, 0.9)), config), config)


def one_bank():
    """(config, program): one output channel in four, positions a bank apart."""
    weights = np.zeros((8, 4, 1, 1), dtype=np.int64)
    weights[0], weights[4] = 1, 1
    acts = np.zeros((4, 1, 32), dtype=np.int64)
    acts[:, 0, ::4] = 1
    config = small(pe_x=1, pe_y=1, kc=8, entries=64, bank_map=1, xbar_grants=1, shapes=False)
    return config, compile(Layer(weights, acts), config)


def test_all_products_of_a_step_to_one_bank():
    """A step needs as many cycles as it has products."""
    config, program = one_bank()
    compare(program, config)
    (found,) = cycles(program, config)
    steps = found.counters["mac_useful"] // 4
    assert found.counters["mac_useful"] == found.counters["psum_writes"] == 4 * 2 * 8
    assert found.compute > 4 * steps


def test_the_same_accumulator_in_succession():
    """A pixel, a weight, many channels: nothing but one accumulator, added to in every cycle."""
    layer = Layer(np.ones((1, 24, 1, 1), int), np.ones((24, 1, 1), int))
    config = small(pe_x=1, pe_y=1)
    program = compile(layer, config)
    compare(program, config)
    (found,) = cycles(program, config)
    assert found.counters["psum_writes"] == 24
    assert found.counters["stall_bank"] == 0


def test_merging_saves_references_and_no_product():
    layer = conv(filters=1, density=(0.9, 0.9))  # so neighbours in a vector are of one channel
    config = small(shapes=False, kc=4)
    plain, merged = (
        cycles(compile(layer, c), c)[0].counters for c in (config, replace(config, merging=True))
    )
    assert merged["mac_useful"] == plain["mac_useful"]
    assert merged["psum_writes"] == plain["psum_writes"] - merged["merged"] < plain["psum_writes"]
    assert plain["merged"] == 0


def test_empty_channels_cost_nothing_or_a_cycle():
    layer = conv(filters=4, channels=24, kernel=1, density=(1, 0.05))
    config = small(kc=4)
    free, paid = (
        cycles(compile(layer, c), c)[0] for c in (config, replace(config, empty_free=False))
    )
    assert free.counters["skips"] == paid.counters["skips"] > 0
    nulls = paid.counters["slot_empty"] - free.counters["slot_empty"]
    assert nulls == paid.counters["skips"] * config.lanes


@pytest.mark.parametrize("seed", range(130, 150))
def test_counters_add_up(seed):
    """Every slot has one account, what is written is what is multiplied, names are known."""
    _, config, program = random_program(seed)
    names = {name for name, _ in (*COUNTERS, *OWN_COUNTERS)}
    for item, one in zip(program.passes, cycles(program, config), strict=True):
        found, geo = one.counters, Geometry.of(item.cfg)
        assert set(found) <= names and min(found.values()) >= 0
        accounts = ("mac_useful", "slot_padding", "slot_empty", "stall_input", "stall_sync")
        total = sum(found[name] for name in accounts) + found["stall_bank"]
        assert total == found["mac_slots"] == one.compute * config.multipliers
        assert found["psum_writes"] == found["mac_useful"] - found["merged"]
        assert found["mac_useful"] == one.macs_per_pe.sum()
        ideal = found["mac_useful"] / config.multipliers
        assert one.compute > ideal + geo.num_groups
        assert found["fifo_reads"] >= found["fifo_writes"]


def test_useful_multiplies_are_pairs_of_non_zeros():
    """Of a plane without borders: what no padding cuts off."""
    layer = conv(kernel=1, size=(5, 7))
    found = sum(one.counters["mac_useful"] for one in cycles(compile(layer, small()), small()))
    weights = np.count_nonzero(layer.weights, axis=(0, 2, 3))
    acts = np.count_nonzero(layer.inputs, axis=(0, 2, 3))
    assert found == int((weights * acts).sum())


def test_more_of_everything_is_not_slower():
    """Grants, lane FIFOs and queues of banks on a dense layer."""
    layer = conv(filters=8, density=(1, 1))

    def taken(**changes):
        config = small(shapes=False, kc=4, **changes)
        return sum(one.compute for one in cycles(compile(layer, config), config))

    narrow = taken(xbar_grants=1, lane_depth=1, bank_depth=1)
    usual = taken()
    wide = taken(lane_depth=8, bank_depth=8, look_ahead=4)
    assert wide <= usual < narrow


def test_many_lanes_are_granted_as_few_are(monkeypatch):
    """Sorting, for PEs with more lanes than a mantissa has bits, and counting: the same grants."""
    rng = np.random.default_rng(2)
    config = ScnnConfig(pe_x=2, pe_y=2)
    one, other = Crossbars(config), Crossbars(config)
    monkeypatch.setattr(other, "_grant", other._grant_sorted)
    for turn in range(200):
        keys = rng.integers(0, config.pes * config.banks, config.pes * config.lanes)
        keys = np.where(rng.random(keys.size) < 0.7, keys, one.nowhere)
        keys = np.where(
            keys // config.banks == np.arange(keys.size) // config.lanes, keys, one.nowhere
        )
        pushing = ~(one.full() & (keys != one.nowhere)).reshape(config.pes, -1).any(axis=1)
        for xbar in (one, other):
            xbar.cycle(turn % config.lanes, keys.copy(), np.repeat(pushing, config.lanes))
        assert np.array_equal(one.queue, other.queue) and np.array_equal(one.level, other.level)
    assert one.queue.any()


def test_a_large_pe():
    """256 multipliers in a PE, as in the study of four large PEs."""
    sizes = {"f": 16, "i": 16, "banks": 512, "entries": 8, "row_vectors": 4}
    config = small(**sizes, max_kc=8, wgt_fifo=16, iaram_rows=32)
    layer = conv(channels=3, kernel=1, size=(12, 12), density=(0.9, 0.9))
    compare(compile(layer, config), config)


def test_programs_of_other_designs_are_refused():
    with pytest.raises(ValueError, match="program: found design 'eie', need 'scnn'"):
        cycles(Program("eie", ()), small())


def test_the_interpreter_can_fail():
    """A narrower crossbar takes another time on a layer with conflicts."""
    config = small(shapes=False, kc=4)
    program = compile(conv(filters=4, density=(1, 1)), config)
    narrow = replace(config, xbar_grants=1, lane_depth=1, bank_depth=1)
    counters, _ = Interpreter(narrow).run(program.passes[0])
    assert counters["cycles_compute"] != cycles(program, config)[0].compute
