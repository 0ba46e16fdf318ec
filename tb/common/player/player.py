"""Full-size runs: a whole program through RTL with the streams read from files.

``lac_tb_top.sv`` plays the streams and the register accesses; Python sets up, sleeps, and asks what
went wrong. So the simulation runs at the speed of the RTL, not of the interpreter.

    result = run_program(program, config)
    tensors = models.eie.unpack(program, result.packets)

Files in the run's folder: ``wgt.bin`` and ``act.bin`` (packets: 64-bit count, then that many
64-bit words, big endian), ``out.hex`` (one ``<16 hex digits> <tlast> <tuser>`` line per
word), ``program.npz`` (the plan), ``steps.bin`` (register accesses, ``steps.py``), ``reads.hex``
(what they read), ``result.npz`` (counters), ``progress.txt`` (passes done), ``trace.txt`` (only
with ``trace``).
"""

from __future__ import annotations

import shlex
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from models import registry
from models.case import Case
from models.places import plain
from tb.common.player import steps
from tb.common.player.plan import PassPlan, Plan
from tb.common.sim import runner
from tb.common.sim.results import read_notes

WORD = np.dtype(">u8")
TRACE_COLUMNS = ("macs", "zeros", "empties", "drained", "full")
#: Plusarg -> file of the run's folder.
FILES = {
    "wgt_file": "wgt.bin",
    "act_file": "act.bin",
    "out_file": "out.hex",
    "host_file": "steps.bin",
    "host_reads": "reads.hex",
    "host_progress": "progress.txt",
}
#: What a run makes.
MADE = ("result.npz", "cases.json", "out.hex", "reads.hex", "progress.txt", "error.txt")


class PlayerError(RuntimeError):
    """The run ended in an error of the accelerator, a hang, or a broken output file.

    case: file with the passes that were played (``models.case``), if it was saved.
    """

    case: Path | None = None


@dataclass(frozen=True)
class PlayerResult:
    """What came back.

    packets: result packets in pass order (uint64 words); counters: one dict per pass, counter name
    (``Design.counter_names``) to value; sim_seconds: wall time from the first register write to
    the last counter read; sim_cycles: clock cycles in that time; out_dir: the run's files.
    """

    packets: list[np.ndarray]
    counters: list[dict[str, int]]
    sim_seconds: float
    sim_cycles: int
    out_dir: Path
    trace: Path | None = None


@dataclass(frozen=True)
class Stall:
    """Stall pattern of the three streams: percent of cycles, and seed of the LFSR."""

    wgt: int = 0
    act: int = 0
    out: int = 0
    seed: int = 1

    def plusargs(self) -> list[str]:
        """Plusargs for ``lac_tb_player`` and ``lac_tb_sink``."""
        args = []
        for index, name in enumerate(("wgt", "act", "out")):
            percent = getattr(self, name)
            if not 0 <= percent < 100:
                raise ValueError(f"stall of {name}: {percent} %, allowed 0..99")
            args += [f"+{name}_stall={percent}", f"+{name}_seed={self.seed * 3 + index}"]
        return args


def write_packets(path: Path, packets: Iterable[np.ndarray]) -> int:
    """Write stream packets for ``lac_tb_player``; returns the number of packets."""
    count = 0
    with path.open("wb") as out:
        for packet in packets:
            words = np.asarray(packet, dtype=np.uint64).reshape(-1)
            if words.size == 0:
                raise ValueError(f"packet {count} for {path.name} has no words")
            out.write(np.array([words.size], dtype=WORD).tobytes())
            out.write(words.astype(WORD).tobytes())
            count += 1
    return count


def read_packets(path: Path) -> list[np.ndarray]:
    """Read a file of :func:`write_packets`."""
    words = np.fromfile(path, dtype=WORD).astype(np.uint64)
    packets: list[np.ndarray] = []
    at = 0
    while at < words.size:
        count = int(words[at])
        if count == 0 or at + 1 + count > words.size:
            raise ValueError(f"{path.name}: packet {len(packets)} at word {at} is cut off")
        packets.append(words[at + 1 : at + 1 + count])
        at += 1 + count
    return packets


def read_sink(path: Path) -> list[np.ndarray]:
    """Result packets in the order in which they came; a packet without tlast is an error."""
    packets: list[np.ndarray] = []
    current: list[int] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        digits, last, aborted = line.split()
        try:
            current.append(int(digits, 16))
        except ValueError:
            raise PlayerError(
                f"{path.name}:{number}: result word '{digits}' is unknown (X)"
            ) from None
        if aborted != "0":
            raise PlayerError(f"{path.name}:{number}: result packet {len(packets)} was aborted")
        if last == "1":
            packets.append(np.array(current, dtype=np.uint64))
            current = []
    if current:
        raise PlayerError(f"{path.name}: the last packet ({len(current)} words) has no tlast")
    return packets


def prepare(
    program: Any, out_dir: Path, parameters: Mapping[str, int], watchdog: int = 1_000_000
) -> Plan:
    """Write the stream files and the plan of ``program`` into ``out_dir``."""
    passes = list(program.passes)
    if not passes:
        raise ValueError("program without passes")
    plan = Plan(design=program.design, parameters=dict(parameters), watchdog=watchdog)
    for item in passes:
        plan.passes.append(
            PassPlan(
                cfg={int(k): int(v) for k, v in item.cfg.items()},
                wgt_words=0 if item.wgt is None else len(item.wgt),
                act_words=0 if item.act is None else len(item.act),
                out_words=int(item.out_words),
                tag=str(item.tag),
            )
        )
    out_dir.mkdir(parents=True, exist_ok=True)
    write_packets(out_dir / "wgt.bin", (p.wgt for p in passes if p.wgt is not None))
    write_packets(out_dir / "act.bin", (p.act for p in passes if p.act is not None))
    plan.save(out_dir / "program.npz")
    steps.write(out_dir / "steps.bin", steps.of_plan(plan))
    return plan


def counters_as_dicts(values: np.ndarray, design: str) -> list[dict[str, int]]:
    """``[passes, counters]`` array to one dict per pass."""
    names = registry.design(design).counter_names
    return [dict(zip(names, map(int, row), strict=True)) for row in values]


class _Progress:
    """Calls ``callback(done, total)`` from a thread while the simulation runs."""

    def __init__(self, path: Path, total: int, callback: Callable[[int, int], None] | None):
        self._path, self._total, self._callback = path, total, callback
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        seen = -1
        while not self._stop.wait(0.2):
            seen = self._report(seen)

    def _report(self, seen: int) -> int:
        # One byte per pass: the size of the file is the number of passes done.
        done = self._path.stat().st_size if self._path.exists() else 0
        if done != seen and self._callback is not None:
            self._callback(done, self._total)
        return done

    def __enter__(self) -> Self:
        if self._callback:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._callback:
            self._stop.set()
            self._thread.join()
            self._report(-1)


@dataclass
class PassTrace:
    """What the tracer saw of one pass; P = processing elements, n = samples.

    start, stop   cycles since reset
    cycles [n], queue [n, P]   levels of the queues, sampled in the compute phase
    pe     per PE int64 [P]: macs, zeros, empties (slots), drained, full (cycles)
    """

    index: int
    start: int
    stop: int
    cycles: np.ndarray
    queue: np.ndarray
    pe: dict[str, np.ndarray]


def read_trace(path: Path) -> list[PassTrace]:
    """Read what a design's tracer wrote (``tb/<design>/lac_<design>_trace.sv``)."""
    traces: list[PassTrace] = []
    index = start = 0
    samples: list[list[int]] = []
    rows: list[list[int]] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        kind, *fields = line.split()
        values = list(map(int, fields))
        if kind == "start":
            (index, start), samples, rows = values, [], []
        elif kind == "queue":
            samples.append(values)
        elif kind == "pe":
            rows.append(values[1:])
        elif kind == "stop":
            table = np.array(rows, dtype=np.int64)
            levels = np.array(samples, dtype=np.int64).reshape(len(samples), -1)
            if not samples:
                levels = np.zeros((0, 1 + len(rows)), dtype=np.int64)
            pe = dict(zip(TRACE_COLUMNS, table.T, strict=True))
            traces.append(PassTrace(index, start, values[1], levels[:, 0], levels[:, 1:], pe))
        else:
            raise ValueError(f"{path.name}:{number}: unknown record {kind!r}")
    return traces


def collect(plan: Plan, out_dir: Path, trace: bool = False) -> PlayerResult:
    """Read the files a finished simulation left and check them against the plan."""
    with np.load(out_dir / "result.npz") as data:
        counters = counters_as_dicts(data["counters"], plan.design)
        seconds, cycles = float(data["seconds"]), int(data["cycles"])
    packets = read_sink(out_dir / "out.hex")
    expected = [(p.tag, p.out_words) for p in plan.passes if p.out_words]
    if len(packets) != len(expected):
        raise PlayerError(f"{len(packets)} result packets, {len(expected)} expected")
    for packet, (tag, words) in zip(packets, expected, strict=True):
        if packet.size != words:
            raise PlayerError(f"pass {tag}: result of {packet.size} words, {words} expected")
    path = out_dir / "trace.txt" if trace else None
    return PlayerResult(packets, counters, seconds, cycles, out_dir, path)


def run_program(
    program: Any,
    config: Any,
    simulator: str = "verilator",
    seed: int = 1,
    out_dir: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
    stall: Stall | None = None,
    trace: bool = False,
    watchdog: int = 1_000_000,
    plusargs: Sequence[str] = (),
    case: bool = True,
) -> PlayerResult:
    """Build the design of ``program`` with ``config.parameters()`` and run every pass.

    progress(done, total) is called as passes end. stall: patterns on the streams. trace: write
    the per-PE trace (``trace.txt``). Raises :class:`PlayerError` when the accelerator flags an
    error, hangs, or returns packets of the wrong shape; the passes are saved then, unless ``case``
    is False.
    """
    folder = Path(out_dir) if out_dir else Path(tempfile.mkdtemp(prefix="lac_player_"))
    folder = folder.resolve()
    plan = prepare(program, folder, config.parameters(), watchdog)
    try:
        return run_plan(plan, folder, simulator, seed, progress, stall, trace, plusargs)
    except PlayerError as error:
        if case:
            failing = program_case(program, config, simulator, seed, f"PlayerError: {error}")
            if stall is not None:
                failing.meta["stall"] = asdict(stall)
            stem = f"{program.design}-{simulator}-seed{seed}"
            error.case = failing.save(program_cases(), stem)
            error.args = (f"{error}\ncase: {replay_command(error.case)}",)
        raise


def program_cases() -> Path:
    """Where the cases of full-size runs go."""
    return runner.build_root() / "cases" / "run"


def replay_command(case: Path) -> str:
    """The command that runs a case again."""
    return f"make replay CASE={shlex.quote(runner.shown(case))}"


def program_case(program: Any, config: Any, simulator: str, seed: int, message: str) -> Case:
    """A program that failed at full speed as a case; its layers are the caller's to add."""
    meta = {
        "kind": "run",
        "design": program.design,
        "design_config": asdict(config),
        "act_width": getattr(config, "act_width", 16),
        "simulator": simulator,
        "seed": seed,
        "message": message,
    }
    made = Case(meta)
    made.put_passes(program.passes)
    return made


def run_plan(
    plan: Plan,
    folder: Path,
    simulator: str = "verilator",
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    stall: Stall | None = None,
    trace: bool = False,
    plusargs: Sequence[str] = (),
) -> PlayerResult:
    """Run a plan whose files are in ``folder``; see :func:`run_program`."""
    for stale in (*MADE, "trace.txt"):
        (folder / stale).unlink(missing_ok=True)
    args = file_plusargs(folder) + (stall or Stall(seed=seed)).plusargs()
    if trace:
        args.append(f"+trace_file={plain(folder) / 'trace.txt'}")
    with _Progress(folder / "progress.txt", len(plan.passes), progress):
        try:
            runner.run_player(
                design=plan.design,
                parameters=plan.parameters,
                simulator=simulator,
                seed=seed,
                out_dir=folder,
                plusargs=[*args, *plusargs],
                env={"LAC_PROGRAM": str(folder / "program.npz")},
            )
        except AssertionError as error:
            note = folder / "error.txt"
            reason = note.read_text() if note.exists() else str(error)
            raise PlayerError(reason + "".join(f" ({when})" for when in _times(folder))) from error
    return collect(plan, folder, trace)


def file_plusargs(folder: Path) -> list[str]:
    """Plusargs that name the files of a run to the modules of the bench."""
    return [f"+{name}={plain(folder) / file}" for name, file in FILES.items()]


def _times(folder: Path) -> list[str]:
    """When the run failed, as text: one or none."""
    notes = read_notes(folder / "cases.json")
    return [f"at {one['ns']:,.10g} ns, cycle {one['cycle']} after reset" for one in notes[:1]]
