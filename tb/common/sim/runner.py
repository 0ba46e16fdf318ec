"""The one way to run a simulation: ``run(bench, config, simulator, ...) -> RunResult``.

Every entry (pytest, ``make sim``, ``make regress``, the report) comes through here, so that all
have the same idea of failure. A run has failed when

- a test failed, no test ran, or the tests that ran are not the ones the bench lists;
- the RTL said ``$error`` or ``$fatal``, on either simulator;
- the simulator crashed, left no results (an import error does that), or took longer than allowed.

Every failing test carries one ``make sim ...`` line that does it again, and its inputs as a case
(``models.case``) with the ``make replay`` line that drives them again.

Environment of the cocotb tests: ``LAC_CONFIG`` (RTL parameters, JSON), ``LAC_OUT`` (folder for
what they leave), ``LAC_SEED``, ``LAC_BENCH``, ``LAC_SIM``, and those of
``tb.common.sim.recorder``; the random seed of each test is ``cocotb.RANDOM_SEED`` and does not
depend on which other tests run.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.places import ROOT, build_root, plain
from tb.common.sim import folders, results, simulators
from tb.common.sim.bench import SIMULATORS, Bench, discover, find
from tb.common.sim.builds import Build, BuildError, build, tail
from tb.common.sim.results import TestRecord
from tb.common.sim.simulators import ToolMissing

__all__ = [
    "ROOT",
    "SIMULATORS",
    "Bench",
    "Build",
    "BuildError",
    "RunResult",
    "TestRecord",
    "ToolMissing",
    "build",
    "build_root",
    "discover",
    "find",
    "player_bench",
    "replay_line",
    "run",
    "run_player",
]

_TAIL_LINES = 60


@dataclass(frozen=True)
class RunResult:
    """What one simulation gave.

    Attributes:
        tests: every test that ran, in order; those that failed with time and case.
        failures: one text per thing that went wrong; empty when all is well.
        log: complete output of the simulator.
        out: folder with what the tests saved (``LAC_OUT``).
        waves: the dump, if one was asked for; coverage: Verilator's ``coverage.dat``, likewise.
        replay: command that repeats this run, or its failing tests; replays: that of each.
        seconds: wall time of the run without the build.
        claim: keeps other runs out of the folder of ``log`` while this object is there.
    """

    passed: bool
    bench: str
    config: str
    simulator: str
    seed: int
    tests: tuple[TestRecord, ...]
    failures: tuple[str, ...]
    log: Path
    out: Path
    replay: str
    seconds: float
    build: Build | None = None
    waves: Path | None = None
    coverage: Path | None = None
    claim: folders.Claim | None = field(default=None, repr=False, compare=False)
    replays: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[TestRecord, ...]:
        """The tests that failed, in order."""
        return tuple(record for record in self.tests if record.status == "failed")

    def report(self) -> str:
        """The failures as text for a terminal: what, how to repeat it, where to look."""
        head = f"{self.bench} {self.config} {self.simulator} seed {self.seed}"
        if self.passed:
            return f"{head}: {len(self.tests)} passed"
        lines = [f"{head}: FAILED", *(f"- {failure}" for failure in self.failures)]
        lines.append(f"log: {self.log}")
        for record in self.failed:
            if record.case is not None:
                lines.append(f"case: make replay CASE={shlex.quote(shown(record.case))}")
            lines.append(f"replay: {self.replays[record.name]}")
        return "\n".join(lines if self.failed else [*lines, f"replay: {self.replay}"])

    def check(self) -> RunResult:
        """Itself if passed, else AssertionError with the report."""
        if not self.passed:
            raise AssertionError(self.report())
        return self


def shown(path: Path) -> str:
    """A path as a command line takes it: relative to the repository where it is inside."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def replay_line(
    bench: Bench,
    config: str | Mapping[str, int],
    simulator: str,
    seed: int,
    tests: str = "",
    *,
    debug: bool = False,
    plusargs: Sequence[str] = (),
    extra_env: Mapping[str, str] | None = None,
) -> str:
    """The command that repeats a run."""
    words = [f"{name}={shlex.quote(value)}" for name, value in sorted((extra_env or {}).items())]
    words += ["make", "sim", f"DESIGN={bench.name}", f"CONFIG={bench.label(config)}"]
    words += [f"TEST={shlex.quote(tests)}"] if tests else []
    words += [f"SEED={seed}", f"SIM={simulator}"]
    words += ["DEBUG=1"] if debug else []
    words += [f"PLUSARGS={shlex.quote(' '.join(plusargs))}"] if plusargs else []
    return " ".join(words)


def run(
    bench: Bench,
    config: str | Mapping[str, int] = "default",
    simulator: str = "verilator",
    tests: str | Sequence[str] | None = None,
    seed: int = 1,
    *,
    waves: bool = False,
    debug: bool = False,
    coverage: bool = False,
    plusargs: Sequence[str] = (),
    extra_env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    echo: bool = False,
    cases: bool = True,
    replay: Path | None = None,
) -> RunResult:
    """Build what is missing, simulate, and judge.

    Args:
        config: name of a configuration, the same with changes (``"default,NumPe=4"``), or
            parameters.
        tests: names or patterns (``"random_*"``) of the tests, as a list or comma-separated;
            None or "" runs all.
        seed: ``cocotb.RANDOM_SEED`` of the run and start state of the registers.
        extra_env: more variables for the tests; they come back in the replay line.
        timeout: seconds of wall time, instead of the bench's.
        echo: show the simulator's output while it runs.
        cases: save the inputs of tests that fail under ``build/cases``.
        replay: a case whose values the pins get in place of those that the tests write.

    Raises:
        ToolMissing: the simulator is not installed.
        ValueError: unknown configuration, simulator or test.
    """
    chosen = _chosen(bench, tests)
    label = bench.label(config)
    extra_env = dict(extra_env or {})
    special = [waves, debug, plusargs, extra_env, *([replay] if replay else [])]
    own = folders.claim(_run_folder(bench, label, simulator, seed, chosen, *special))
    folder = own.path
    log, out, xml = folder / "sim.log", folder / "out", folder / "results.xml"
    options: dict[str, Any] = {"debug": debug, "plusargs": plusargs, "extra_env": extra_env}

    def judged(records: tuple[TestRecord, ...], failures: list[str], **rest) -> RunResult:
        bad = [record.name for record in records if record.status == "failed"]
        names = ",".join(bad or chosen or ())
        lines = {name: replay_line(bench, config, simulator, seed, name, **options) for name in bad}
        return RunResult(
            passed=not failures,
            bench=bench.name,
            config=label,
            simulator=simulator,
            seed=seed,
            tests=records,
            failures=tuple(failures),
            log=rest.pop("log", log),
            out=out,
            replay=replay_line(bench, config, simulator, seed, names, **options),
            replays=lines,
            claim=own,
            **rest,
        )

    try:
        made = build(bench, config, simulator, waves=waves, debug=debug, coverage=coverage)
    except BuildError as error:
        return judged((), [str(error)], seconds=0.0)

    out.mkdir()
    environment = _environment(bench, config, simulator, seed, log, out, **options)
    if cases:
        environment["LAC_CASES"] = str(build_root() / "cases" / bench.name)
    if waves:
        environment["LAC_WAVES"] = "1"
    if replay is not None:
        environment["LAC_REPLAY"] = str(replay.resolve())
    runner = simulators.runner(simulator, timeout or bench.timeout, echo)
    start = time.monotonic()
    crash = _simulate(runner, made, bench, chosen, seed, plusargs, environment, folder)
    seconds = time.monotonic() - start
    records = results.with_cases(results.parse(xml), out)
    failures = _failures(bench, records, chosen, runner, crash, log)
    data = folder / "coverage.dat"
    dumps = sorted(folder.glob("dump.*"))
    return judged(
        records,
        failures,
        seconds=seconds,
        build=made,
        waves=dumps[0] if dumps else None,
        coverage=data if data.is_file() else None,
    )


def player_bench(design: str, parameters: Mapping[str, int], timeout: float = 3600.0) -> Bench:
    """The bench of a design at full size: ``lac_tb_top``, its streams fed from files.

    The accelerator is a macro there, so its parameters are one as well. A module
    ``tb/<design>/top/lac_<design>_trace.sv`` is instantiated where it exists.
    """
    tracer = ROOT / "tb" / design / "top" / f"lac_{design}_trace.sv"
    defines = {
        "LAC_DUT": f"lac_{design}",
        "LAC_DUT_PARAMS": ",".join(f".{name}({value})" for name, value in parameters.items()),
    }
    if tracer.is_file():
        defines["LAC_TRACE_MODULE"] = tracer.stem
    return Bench(
        name=f"{design}_player",
        top="lac_tb_top",
        module="tb.common.player.player_tests",
        tests=("play",),
        # A design may be built on others: any module of rtl/ is found, only what is used compiled.
        rtl=tuple(sorted(path.name for path in (ROOT / "rtl").iterdir() if path.is_dir())),
        sources=(
            *(f"tb/common/player/lac_tb_{part}.sv" for part in ("host", "player", "sink", "top")),
            *([str(tracer)] if tracer.is_file() else []),
        ),
        defines={name: value for name, value in defines.items() if value},
        fast=True,
        main="tb/common/player/main.cpp",
        timeout=timeout,
    )


def run_player(
    *,
    design: str,
    parameters: Mapping[str, int],
    simulator: str = "verilator",
    seed: int = 1,
    out_dir: Path,
    plusargs: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = 3600.0,
) -> RunResult:
    """Run a design at full speed on its :func:`player_bench`.

    Raises:
        AssertionError: the run failed; the message is its report.
    """
    environment = {
        "LAC_OUT": str(out_dir),
        "LAC_CONFIG": json.dumps(dict(parameters), sort_keys=True),
        **(env or {}),
    }
    result = run(
        player_bench(design, parameters, timeout),
        simulator=simulator,
        seed=seed,
        plusargs=plusargs,
        extra_env=environment,
        cases=False,
    )
    return result.check()


def _chosen(bench: Bench, tests: str | Sequence[str] | None) -> list[str] | None:
    """Names asked for, None for all."""
    if isinstance(tests, str):
        tests = [name.strip() for name in tests.split(",") if name.strip()]
    return results.select(bench.tests, tests) if tests else None


def _run_folder(
    bench: Bench, label: str, simulator: str, seed: int, chosen: list[str] | None, *rest: object
) -> Path:
    """A folder for each distinct run, so that two of them never meet in one."""
    parts = [label.replace(",", "-").replace("=", "")[:60], simulator, f"seed{seed}"]
    if chosen or any(rest) or parts[0] != label:
        key = hashlib.sha256(repr((label, chosen, rest)).encode()).hexdigest()[:8]
        parts += [*(name.split("/")[0] for name in (chosen or [])[:1]), key]
    return build_root() / "run" / bench.name / "-".join(parts)


def _environment(
    bench: Bench,
    config: str | Mapping[str, int],
    simulator: str,
    seed: int,
    log: Path,
    out: Path,
    *,
    debug: bool,
    plusargs: Sequence[str],
    extra_env: Mapping[str, str],
) -> dict[str, str]:
    """Variables for the cocotb tests."""
    told = {
        "bench": bench.name,
        "top": bench.top,
        "config": bench.label(config),
        "parameters": bench.parameters(config),
        "simulator": simulator,
        "seed": seed,
        "plusargs": list(plusargs),
        "environment": dict(extra_env),
        "debug": debug,
    }
    return {
        "LAC_CONFIG": bench.config_json(config),
        "LAC_OUT": str(out),
        "LAC_SEED": str(seed),
        "LAC_BENCH": bench.name,
        "LAC_SIM": simulator,
        "LAC_LOG": str(log),
        "LAC_CASE_META": json.dumps(told),
        **extra_env,
    }


def _simulate(
    runner: simulators._Limited,
    made: Build,
    bench: Bench,
    chosen: list[str] | None,
    seed: int,
    plusargs: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
) -> str:
    """Run the simulator; returns what cocotb's runner complained about, or ""."""
    plus = [*plusargs, *simulators.randomise_state(made.simulator, seed)]
    if made.waves and made.simulator == "icarus":
        plus.append(f"+dumpfile_path={plain(folder) / 'dump.fst'}")
    if made.coverage:
        plus.append(f"+verilator+coverage+file+{plain(folder) / 'coverage.dat'}")
    runner.forced = environment
    try:
        with simulators.clean_environment(made.simulator, {}):
            runner.test(
                test_module=["tb.common.sim.recorder", bench.module],
                hdl_toplevel=bench.top,
                hdl_toplevel_lang="verilog",
                parameters=made.parameters,
                build_dir=plain(made.dir),
                test_dir=plain(folder),
                results_xml=str(plain(folder) / "results.xml"),
                log_file=folder / "sim.log",
                test_filter=results.filter_regex(chosen) if chosen else None,
                seed=seed,
                plusargs=plus,
                waves=made.waves,
            )
    except (RuntimeError, SystemExit) as error:
        return str(error)
    return ""


def _failures(
    bench: Bench,
    records: tuple[TestRecord, ...],
    chosen: list[str] | None,
    runner: simulators._Limited,
    crash: str,
    log: Path,
) -> list[str]:
    """Everything that is wrong with a run, most telling first."""
    simulator = "icarus" if isinstance(runner, simulators.Icarus) else "verilator"
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    failures = []
    if runner.timed_out:
        failures.append(f"killed after {runner.limit:g} s of wall time (the run hangs, or is slow)")
    failures += [f"RTL: {line}" for line in results.rtl_errors(simulator, text)]
    for record in records:
        if record.status == "failed":
            when = f"\n    at {record.when}" if record.when else ""
            failures.append(f"{record.name}: {record.message}{when}")
    expected = chosen or list(bench.tests)
    missing = results.differences(records, expected, whole=chosen is None)
    failures += missing
    if crash and not failures:
        failures.append(crash)
    if runner.timed_out or missing or (crash and not records):
        failures.append(f"the end of the log:\n{tail(log, _TAIL_LINES)}")
    return failures
