"""The stream player: files, full-size runs, stalls, the tracer, and that it fails when it must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import eie
from models.golden import golden
from models.layer import Layer
from models.program import Program
from scripts import replay
from tb.common.player import player
from tb.common.sim import simulators

WATCHDOG = 300


@pytest.fixture(scope="module")
def config() -> eie.EieConfig:
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    return eie.EieConfig(
        num_pe=4,
        queue_depth=2,
        spmat_depth=64,
        ptr_depth=66,
        ptr_width=10,
        act_regs=16,
        act_depth=8,
        bias_depth=16,
    )


@pytest.fixture(scope="module")
def layer() -> Layer:
    rng = np.random.default_rng(5)
    weights = np.where(rng.random((70, 40)) < 0.3, rng.choice((-7, -2, 3, 11), (70, 40)), 0)
    acts = np.where(rng.random((2, 40)) < 0.5, rng.integers(1, 99, (2, 40)), 0)
    return Layer(weights, acts, bias=rng.integers(-50, 50, 70), shift=4)


def with_passes(program: Program, **changes) -> Program:
    """The program with changes in its first pass."""
    first, *rest = program.passes
    return replace(program, passes=(replace(first, **changes), *rest))


def test_packets_come_back(tmp_path):
    rng = np.random.default_rng(1)
    packets = [rng.integers(0, 1 << 63, n, dtype=np.uint64) for n in (1, 2, 77)]
    path = tmp_path / "packets.bin"
    assert player.write_packets(path, packets) == 3
    for found, sent in zip(player.read_packets(path), packets, strict=True):
        assert np.array_equal(found, sent)


def test_broken_files_are_refused(tmp_path):
    path = tmp_path / "packets.bin"
    with pytest.raises(ValueError, match="packet 1 .* no words"):
        player.write_packets(path, [np.ones(1, dtype=np.uint64), np.zeros(0, dtype=np.uint64)])
    player.write_packets(path, [np.ones(4, dtype=np.uint64)])
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match="cut off"):
        player.read_packets(path)
    path.write_text("0000000000000001 0 0\n")
    with pytest.raises(player.PlayerError, match="no tlast"):
        player.read_sink(path)
    path.write_text("00000000xxxx0001 1 0\n")
    with pytest.raises(player.PlayerError, match="unknown"):
        player.read_sink(path)
    with pytest.raises(ValueError, match="allowed 0..99"):
        player.Stall(wgt=100).plusargs()


@pytest.mark.parametrize("stall", [None, player.Stall(wgt=20, act=60, out=40, seed=3)])
def test_program_is_exact(config, layer, tmp_path, stall):
    program = eie.compile(layer, config)
    assert len(program.passes) > 4  # cut both ways, two samples
    steps = []
    result = player.run_program(
        program,
        config,
        simulator="icarus",
        out_dir=tmp_path,
        progress=lambda done, total: steps.append((done, total)),
        stall=stall,
        trace=True,
    )
    (found,) = eie.unpack(program, result.packets)
    assert np.array_equal(found, golden(layer))
    assert steps[-1] == (len(program.passes), len(program.passes))
    predicted = eie.cycles(program, config)
    for counters, model in zip(result.counters, predicted, strict=True):
        assert counters["mac_useful"] == model.counters["mac_useful"]
    assert result.sim_cycles >= sum(c["cycles"] for c in result.counters)
    held = sum(c["stall_output"] for c in result.counters)
    assert held > 0 if stall else held == 0
    for trace, model in zip(player.read_trace(result.trace), predicted, strict=True):
        assert np.array_equal(trace.pe["macs"], model.macs_per_pe)
        slots = trace.pe["macs"] + trace.pe["zeros"] + trace.pe["empties"]
        assert np.array_equal(slots, model.busy_per_pe)
        assert trace.queue.max(initial=0) <= config.queue_depth


def test_error_is_named(config, layer, tmp_path, monkeypatch, capsys):
    program = eie.compile(layer, config)
    wgt = program.passes[0].wgt.copy()
    wgt[0] ^= np.uint64(1 << 60)
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    message = (
        r"pass 0.*WGT_HEADER at 0x0.*\(at [0-9,]+ ns, cycle \d+ after reset\) case: make replay"
    )
    with pytest.raises(player.PlayerError, match=message):
        run_bad(with_passes(program, wgt=wgt), config, tmp_path / "run")
    # The file has the spoilt packet: the same error at the same time.
    (path,) = (tmp_path / "cases" / "run").glob("*.npz")
    assert replay.main(["--case", str(path)]) == replay.FAILED
    text = capsys.readouterr().out
    assert "reproduced: PlayerError: pass 0" in text
    assert "WGT_HEADER" in text


def test_hang_is_named(config, layer, tmp_path):
    program = eie.compile(layer, config)
    with pytest.raises(player.PlayerError, match="TIMEOUT at 0x2.*wgt: 1 packets"):
        run_bad(Program("eie", (replace(program.passes[0], act=None),)), config, tmp_path)


def test_packets_left_over_are_found(config, layer, tmp_path):
    first = eie.compile(layer, config).passes[0]
    cfg = dict(first.cfg) | {0: first.cfg[0] & ~2}  # the activations of before
    passes = (first, replace(first, cfg=cfg, wgt=first.wgt, act=first.act))
    with pytest.raises(player.PlayerError, match="PACKETS .*, expected"):
        run_bad(Program("eie", passes), config, tmp_path)


def test_result_of_other_length_is_found(config, layer, tmp_path):
    program = eie.compile(layer, config)
    index = next(i for i, item in enumerate(program.passes) if item.out_words)
    passes = list(program.passes[: index + 1])
    passes[index] = replace(passes[index], out_words=passes[index].out_words + 1)
    with pytest.raises(player.PlayerError, match="result of .* words, .* expected"):
        run_bad(Program("eie", tuple(passes)), config, tmp_path)


def run_bad(program: Program, config: eie.EieConfig, folder) -> player.PlayerResult:
    """A run whose messages may span lines."""
    try:
        return player.run_program(
            program, config, simulator="icarus", out_dir=folder, watchdog=WATCHDOG
        )
    except player.PlayerError as error:
        raise player.PlayerError(" ".join(str(error).split())) from error
