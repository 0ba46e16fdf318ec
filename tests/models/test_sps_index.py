"""The index unit of SPS: tables of any content, not only those of the compiler."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.array.packets import weight_section
from models.packets import Section, split_sections
from models.program import Pass
from models.sps import SpsConfig, compile
from models.sps.errors import ScanError, SpsError
from models.sps.index import Tables
from models.sps.machine import Geometry
from models.sps.machine import Machine as Model
from models.sps.packets import (
    dir_section,
    entries,
    kres_section,
    pos_section,
    rres_section,
    table_words,
)
from models.sps.registers import Kind
from tests.models.sps_cases import drawn, layer_of, periodic, small
from tests.models.sps_interpreter import Machine, Refused

COMPUTE_OUTPUT = 0b1100


def both(config: SpsConfig, rng) -> tuple[Model, Machine]:
    """The model and the interpreter with the same random memories and empty tables."""
    model, machine = Model(config), Machine(config)
    words = rng.integers(-3, 4, (config.wgt_depth, config.cols))
    model.wgt.load(weight_section(0, words, config))
    model.act = rng.integers(-3, 4, (config.act_depth, config.rows))
    machine.wgt = dict(enumerate(words.tolist()))
    machine.act = dict(enumerate(model.act.tolist()))
    return model, machine


def fill(model: Model, machine: Machine, tables: dict[Kind, np.ndarray]) -> None:
    for kind, values in tables.items():
        model.tables.held[kind] = values
    machine.dir = {at: tuple(one) for at, one in enumerate(tables[Kind.DIR].tolist())}
    machine.pos = {at: tuple(one) for at, one in enumerate(tables[Kind.POS].tolist())}
    machine.kres = dict(enumerate(tables[Kind.KRES].tolist()))
    machine.rres = dict(enumerate(tables[Kind.RRES].tolist()))


def a_pass(period: int, kt: int, ct: int, window=(3, 3), size=(4, 3), **changes: int) -> Pass:
    """A pass on what is in the memories; outputs of half the size of the input."""
    cfg = {
        0: COMPUTE_OUTPUT,
        1: size[0] | size[1] << 16,
        2: 2 | 2 << 16,
        3: window[0] | window[1] << 8 | 1 << 16 | 1 << 20 | 1 << 24,
        4: ct | kt << 16,
        5: changes.get("wgt_base", 0),
        9: period,
        10: changes.get("kres_base", 0) | changes.get("rres_base", 0) << 16,
    }
    return Pass(cfg, None, None, kt * 4)


def outcome(run):
    """What a run gives, or the error it ends in."""
    try:
        return run()
    except (ScanError, Refused) as error:
        return int(error.code), error.pos


@settings(max_examples=150)
@given(st.data())
def test_any_tables(data):
    """Random tables and registers: the same results and counts, or the same error."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    config = small(
        act_width=16,
        act_depth=64,
        wgt_depth=data.draw(st.sampled_from([40, 400, 400])),
        table_depth=data.draw(st.sampled_from([9, 40])),
        row_offsets=data.draw(st.sampled_from([0, 1, 1])),
        max_kt=5,
        max_ct=4,
    )
    period = data.draw(st.integers(1, 16))
    window = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    wild = data.draw(st.sampled_from([0.0, 0.0, 0.01, 0.1]))

    def values(high: int, most: int, shape) -> np.ndarray:
        """Mostly below ``high``, now and then anything up to ``most``."""
        good = rng.integers(0, high, shape)
        return np.where(rng.random(shape) < wild, rng.integers(0, most + 1, shape), good)

    longest = data.draw(st.integers(0, 5))
    base = values(max(1, config.table_depth - longest), 255, config.max_period)
    size = values(longest + 1, 255, config.max_period)
    dy, dx = (values(window[axis], 15, config.table_depth) for axis in (0, 1))
    model, machine = both(config, rng)
    fill(
        model,
        machine,
        {
            Kind.DIR: np.stack((base, size), axis=1),
            Kind.POS: np.stack((dy, dx), axis=1),
            Kind.KRES: values(period, 15, config.max_kt),
            Kind.RRES: values(period, 15, (config.max_ct, config.rows)),
        },
    )
    kt, ct = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    one = a_pass(
        period,
        kt,
        ct,
        window,
        kres_base=data.draw(st.integers(0, 2)),
        rres_base=data.draw(st.integers(0, 1)),
    )
    found = outcome(lambda: model.run(one))
    want = outcome(lambda: machine.run(one))
    if isinstance(found[0], int):
        assert found == want
        return
    work, results = found
    packed = results.astype(np.int16).view("<u8").ravel().tolist()
    assert packed == want
    assert work.macs.sum() == machine.counts["mac_useful"]
    assert work.act_reads == machine.counts["act_reads"]
    assert work.wgt_reads == machine.counts["wgt_reads"]
    assert work.idx_reads == machine.counts["idx_reads"]


def loaded(**changes) -> tuple[Model, Machine, Pass]:
    """Three patterns of two positions on 12 x 8 kernels, loaded; a pass that runs them."""
    rng = np.random.default_rng(0)
    config = small(**changes)
    weights = periodic(rng, (12, 8, 3, 3), drawn(rng, 3, 9, [2]))
    program = compile(layer_of(rng, weights, (4, 4), bias=np.zeros(12, dtype=int)), config)
    model, machine = Model(config), Machine(config)
    (one,) = program.passes
    model.run(one)
    machine.run(one)
    return model, machine, Pass({**one.cfg, 0: COMPUTE_OUTPUT}, None, None, one.out_words)


def refused(model: Model, machine: Machine, one: Pass) -> tuple[int, int]:
    with pytest.raises(ScanError) as found:
        model.run(one)
    with pytest.raises(Refused) as want:
        machine.run(one)
    assert (found.value.code, found.value.pos) == (want.value.code, want.value.pos)
    assert found.value.code.name in str(found.value)
    return found.value.code, found.value.pos


def test_a_residue_of_an_output_tile_past_the_period():
    model, machine, one = loaded()
    model.tables.held[Kind.KRES][2] = machine.kres[2] = 3
    assert refused(model, machine, one) == (SpsError.RESIDUE, 2 << 16 | 5 << 8)


def test_a_residue_of_a_row_past_the_period():
    model, machine, one = loaded()
    model.tables.held[Kind.RRES][1, 3] = machine.rres[1][3] = 15
    assert refused(model, machine, one) == (SpsError.RESIDUE, 1 << 16 | 6 << 8 | 3)


def test_the_period_of_another_layer():
    """Tables of a period of 3 in a pass with one of 2."""
    model, machine, one = loaded()
    code, _ = refused(model, machine, Pass({**one.cfg, 9: 2}, None, None, one.out_words))
    assert code == SpsError.RESIDUE


@pytest.mark.parametrize("place", [(3, 0), (0, 3), (15, 15)])
def test_a_position_outside_the_kernel(place):
    model, machine, one = loaded()
    model.tables.held[Kind.POS][4] = machine.pos[4] = place
    assert refused(model, machine, one) == (SpsError.POSITION, 4)


def test_a_pattern_past_the_table():
    model, machine, one = loaded(table_depth=6)
    model.tables.held[Kind.DIR][2] = machine.dir[2] = (5, 2)
    assert refused(model, machine, one) == (SpsError.POSITION, 6)


def test_weights_past_the_buffer():
    """12 tiles of four rows from word 5 on, in a buffer of 48 words: the last one does not fit."""
    model, machine, one = loaded(wgt_depth=48)
    moved = Pass({**one.cfg, 5: 5}, None, None, one.out_words)
    machine.wgt |= {at: [0] * 4 for at in range(48)}
    assert refused(model, machine, moved) == (SpsError.WGT_RANGE, 10)


def test_what_a_row_without_weights_would_read_does_not_matter():
    """No pattern has the last entry: what is in it is never looked at."""
    model, machine, one = loaded()
    model.tables.held[Kind.POS][6] = machine.pos[6] = (15, 15)
    model.run(one)
    machine.run(one)


def test_the_order_of_tiles_is_that_of_the_scan():
    model, _, one = loaded()
    scan = model.scan(Geometry.of(one))
    assert scan.tiles == 3 * 2 * 2
    assert scan.kt.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert scan.ct.tolist() == [0, 0, 1, 1] * 3
    assert scan.has.all()


@pytest.mark.parametrize("rows", [4, 16, 32])
@pytest.mark.parametrize("count", [1, 2, 7, 16])
def test_sections_of_tables_and_back(rows, count):
    """A table holds what was sent, and zeros to the end of the last stream word."""
    rng = np.random.default_rng(count)
    config = SpsConfig(rows=rows)
    residues = rng.integers(0, 16, (count, rows))
    dy, dx = rng.integers(0, 15, (2, count))
    sizes = rng.integers(0, 10, count)
    pairs = np.stack((dy, dx), axis=1)
    begins = np.stack((np.cumsum(sizes) - sizes, sizes), axis=1)
    for section, want, each in (
        (kres_section(16, residues[:, 0]), residues[:, 0], 16),
        (rres_section(16, residues), residues, 1),
        (pos_section(16, dy, dx), pairs, 8),
        (dir_section(0, sizes), begins, 4),
    ):
        assert section.payload.size == table_words(section.kind, count, config)
        header = np.array([0, section.header], dtype=np.uint64)
        words = np.concatenate((header, section.payload))
        (again,) = split_sections(words, Kind, lambda kind, n: table_words(kind, n, config))
        assert (again.base, again.count) == (section.base, count)
        assert (entries(again, config)[:count] == want).all()
        assert not entries(again, config)[count:].any()
        tables = Tables(config)
        held = tables.held[Kind(section.kind)]
        held[:] = 1
        written = tables.load(again)
        end = again.base + -(-count // each) * each
        assert written == (count if section.kind == Kind.RRES else -(-count // each))
        assert (held[again.base : again.base + count] == want).all()
        assert not held[again.base + count : end].any()
        assert held[end:].all()
        assert held[: again.base].all()


def test_the_last_word_of_a_table_may_be_cut():
    """Six positions in a table of six: the lanes behind them are dropped."""
    tables = Tables(small(table_depth=6))
    assert tables.load(pos_section(0, np.arange(6), np.arange(6))) == 1
    assert tables.held[Kind.POS].tolist() == [[at, at] for at in range(6)]


def test_a_section_of_no_kind_is_refused():
    section = Section(9, 0, 0, 1, np.zeros(1, dtype=np.uint64))
    with pytest.raises(ValueError, match="9"):
        Model(small()).load_table(section)
