"""The stream player: files, full-size runs, stalls, the tracer, and that it fails when it must."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from models import eie, socket
from models.golden import golden
from models.layer import Layer
from models.program import Program
from scripts import replay
from tb.common.player import bare, player, steps
from tb.common.sim import builds, runner, simulators

WATCHDOG = 300
NIGHTLY = os.environ.get("LAC_MUTANTS", "") == "all"


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


def prepared(program: Program, config: eie.EieConfig, folder, **changes) -> player.Plan:
    """The files of a run whose plan has ``changes``."""
    plan = replace(player.prepare(program, folder, config.parameters(), WATCHDOG), **changes)
    steps.write(folder / "steps.bin", steps.of_plan(plan))
    return plan


def test_late_interrupt_is_named(config, layer, tmp_path):
    plan = prepared(eie.compile(layer, config), config, tmp_path, pass_timeout=40)
    with pytest.raises(player.PlayerError, match="pass 0.*no interrupt in 40 cycles, phase .*busy"):
        player.run_plan(plan, tmp_path, "icarus")


def test_access_that_is_refused_is_named(config, layer, tmp_path):
    plan = prepared(eie.compile(layer, config), config, tmp_path)
    accesses = steps.of_plan(plan)
    place = next(n for n, one in enumerate(accesses) if one.last) + 1
    accesses.insert(place, steps.Step(steps.Kind.WRITE, 0xFFC, 7))
    steps.write(tmp_path / "steps.bin", accesses)
    with pytest.raises(player.PlayerError, match="pass 1.*write 0xffc = 0x7: response 2"):
        player.run_plan(plan, tmp_path, "icarus")


def test_accesses_that_are_cut_off_are_found(config, layer, tmp_path):
    plan = prepared(eie.compile(layer, config), config, tmp_path)
    path = tmp_path / "steps.bin"
    path.write_bytes(path.read_bytes()[: 5 * steps.RECORD.itemsize + 3])
    with pytest.raises(player.PlayerError, match="accesses end within a step"):
        player.run_plan(plan, tmp_path, "icarus")


def test_accesses_come_back(tmp_path):
    status, perf = steps.ADDRESS["STATUS"], steps.ADDRESS["PERF1"]
    done = socket.STATUS_DONE
    sent = [
        steps.Step(steps.Kind.WRITE, steps.ADDRESS["CTRL"], 1),
        steps.Step(steps.Kind.WAIT, data=70),
        steps.Step(steps.Kind.READ, status, done, done | socket.STATUS_ERROR),
        steps.Step(steps.Kind.READ, perf, last=True),
    ]
    steps.write(tmp_path / "steps.bin", sent)
    rows = steps.read(tmp_path / "steps.bin")
    assert [steps.step(row) for row in rows] == sent
    assert [str(one) for one in sent] == [
        "write CTRL = 0x1",
        "wait 70 cycles",
        "read STATUS",
        "read PERF1",
    ]
    reads = tmp_path / "reads.hex"
    reads.write_text("00000002\n000000ff\n")
    assert steps.counters(reads, rows, 1).tolist() == [[255]]
    reads.write_text("00000002\n0000x0ff\n")
    with pytest.raises(ValueError, match="reads.hex:2: read PERF1 is '0000x0ff', unknown"):
        steps.counters(reads, rows, 1)
    reads.write_text("00000002\n")
    with pytest.raises(ValueError, match="1 words, 2 were read"):
        steps.counters(reads, rows, 1)


@pytest.mark.parametrize("stall", [None, player.Stall(wgt=20, act=60, out=40, seed=3)])
def test_simulators_and_bare_harness_agree(config, layer, tmp_path, stall):
    """Our main program of a Verilator build, and the harness, against cocotb's clock on Icarus."""
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    program = eie.compile(layer, config)
    folders = {name: tmp_path / name for name in ("icarus", "verilator", "bare")}
    ours, theirs = (
        player.run_program(program, config, name, out_dir=folders[name], stall=stall, trace=True)
        for name in ("verilator", "icarus")
    )
    assert ours.counters == theirs.counters
    assert ours.sim_cycles == theirs.sim_cycles
    made = builds.build(runner.player_bench("eie", config.parameters()))
    plan = player.prepare(program, folders["bare"], config.parameters())
    assert bare.run(bare.link(made), plan, folders["bare"], stall=stall).cycles == ours.sim_cycles
    for name in ("out.hex", "reads.hex", "trace.txt"):
        want = (folders["icarus"] / name).read_bytes()
        assert want
        for other in ("verilator", *(["bare"] if name != "trace.txt" else [])):
            assert (folders[other] / name).read_bytes() == want, (name, other)


def test_bare_harness_checks_too(config, layer, tmp_path):
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    program = eie.compile(layer, config)
    binary = bare.link(builds.build(runner.player_bench("eie", config.parameters())))
    plan = prepared(program, config, tmp_path, pass_timeout=40)
    with pytest.raises(player.PlayerError, match="no interrupt"):
        bare.run(binary, plan, tmp_path)
    spoilt = with_passes(program, wgt=program.passes[0].wgt ^ np.uint64(1 << 60))
    plan = player.prepare(spoilt, tmp_path, config.parameters())
    with pytest.raises(player.PlayerError, match="read of register 0x00c"):
        bare.run(binary, plan, tmp_path)


def test_verilator_names_an_error(config, layer, tmp_path):
    """What stops the host wakes Python, which asks the device, in a build with our main program."""
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    program = eie.compile(layer, config)
    spoilt = with_passes(program, wgt=program.passes[0].wgt ^ np.uint64(1 << 60))
    with pytest.raises(player.PlayerError, match="WGT_HEADER at 0x0; wgt: .* cycle [0-9]+ after"):
        player.run_program(spoilt, config, out_dir=tmp_path, case=False)


@pytest.mark.skipif(not NIGHTLY, reason="LAC_MUTANTS=all")
def test_waves_have_every_edge(config, layer, tmp_path, monkeypatch):
    """A dump of our main program: the clock changes every 5 ns, once in a time step."""
    if why := simulators.missing("verilator"):
        pytest.skip(why)
    monkeypatch.setattr(simulators, "fst_missing", lambda: "VCD can be read here")
    player.prepare(eie.compile(layer, config), tmp_path, config.parameters())
    result = runner.run(
        replace(runner.player_bench("eie", config.parameters()), fast=False),
        waves=True,
        cases=False,
        plusargs=player.file_plusargs(tmp_path),
        extra_env={"LAC_PROGRAM": str(tmp_path / "program.npz"), "LAC_OUT": str(tmp_path)},
    ).check()
    with np.load(tmp_path / "result.npz") as data:
        cycles = int(data["cycles"])
    edges = [time for time, _ in list(dumped(result.waves, "clk_i"))[1:]]
    assert len(edges) > 2 * cycles > 1000
    assert set(np.diff(edges)) == {5000}


def dumped(path, name: str) -> Iterator[tuple[int, str]]:
    """(time, value) of a bit of the top in a VCD file."""
    time, code = 0, None
    for line in path.read_text().splitlines():
        fields = line.split()
        if code is None and fields[:3] == ["$var", "wire", "1"] and fields[4] == name:
            code = fields[3]
        elif line.startswith("#"):
            time = int(line[1:])
        elif code is not None and line[1:] == code:
            yield time, line[0]


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
