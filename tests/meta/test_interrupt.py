"""One Ctrl-C ends everything: one line, status 130, nothing left running, what is done kept.

Programs are started as a shell starts them, in a process group of their own, and interrupted when
they have reached a state, not after a time. Processes are found by a variable of their environment,
since simulators are in sessions of their own.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import interrupt
from tb.common.sim import simulators

PATIENCE = 300.0  # seconds; only a machine that has stopped working needs them


class Program:
    """A program in a session of its own, and all that it starts."""

    def __init__(self, folder: Path, *command: str, environ: dict[str, str] | None = None) -> None:
        self.mark = f"LAC_MARK={uuid.uuid4()}"
        name, _, value = self.mark.partition("=")
        self.errors = folder / "errors.txt"
        # Where the tests run in the background of a shell or under nohup, some are ignored.
        before = {one: signal.signal(one, signal.SIG_DFL) for one in interrupt.STOPS}
        with self.errors.open("w") as errors, (folder / "out.txt").open("w") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "LAC_BUILD": str(folder / "build"), name: value}
                | (environ or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
        for one, handler in before.items():
            signal.signal(one, handler)

    def alive(self) -> dict[int, str]:
        """Command lines of the processes that carry the mark and have not ended."""
        found = {}
        for path in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if path.name.isdecimal() and self.mark.encode() in (path / "environ").read_bytes():
                    state = (path / "stat").read_text().rpartition(")")[2].split()[0]
                    if state not in "ZX":
                        words = (path / "cmdline").read_bytes().split(b"\0")
                        found[int(path.name)] = b" ".join(words).decode(errors="replace")
        return found

    def runs(self, *words: str) -> bool:
        """Whether a process with one of the words in its command line is there."""
        return any(word in line for line in self.alive().values() for word in words)

    def until(self, state: Callable[[], object]) -> None:
        """Wait for a state; the program must not end before."""
        end = time.monotonic() + PATIENCE
        while not state():
            assert self.process.poll() is None, self.errors.read_text()
            assert time.monotonic() < end, self.alive()
            time.sleep(0.02)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> str:
        """Signal the whole group, as a terminal does; what the program says, when it has ended."""
        os.killpg(self.process.pid, number)
        status = self.process.wait(PATIENCE)
        assert not self.alive()
        assert status == 128 + number, self.errors.read_text()
        return self.errors.read_text()

    def end(self) -> None:
        for one in [self.process.pid, *self.alive()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    made: list[Program] = []

    def begin(*command: str, **more: dict[str, str]) -> Program:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Program(folder, *command, **more))
        return made[-1]

    yield begin
    for one in made:
        one.end()


def python(code: str) -> tuple[str, str, str]:
    return sys.executable, "-c", f"from scripts import interrupt\n{code}"


#: A worker that ignores signals, with a child in a session of its own that does as well.
STUBBORN = """
import signal, subprocess, sys, time
def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    child = "import time; open(sys.argv[1], 'w').close(); time.sleep(3600)"
    child = f"import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); {child}"
    line = [sys.executable, "-c", child, sys.argv[1]]
    orphan = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"
    subprocess.run([sys.executable, "-c", orphan, *line])
    interrupt.note("a longer note than the last")
    interrupt.note("3 of 7 done")
    time.sleep(3600)
interrupt.entry(main)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_even_an_orphan_that_ignores_signals_is_ended(start, tmp_path, number):
    ready = tmp_path / "ready"
    program = start(*python(STUBBORN), str(ready))
    program.until(ready.exists)
    assert len(program.alive()) == 3
    assert program.interrupt(number) == "interrupted: 3 of 7 done\n"


@pytest.mark.parametrize("number", interrupt.STOPS)
def test_programs_of_these_tests_take_a_signal_that_the_tests_ignore(start, tmp_path, number):
    """As under nohup: the signal would be waited for in vain."""
    ready = tmp_path / "ready"
    before = signal.signal(number, signal.SIG_IGN)
    try:
        program = start(*python(STUBBORN), str(ready))
    finally:
        signal.signal(number, before)
    program.until(ready.exists)
    assert program.interrupt(number) == "interrupted: 3 of 7 done\n"


def test_a_signal_that_is_ignored_from_the_start_stays_ignored(start, tmp_path):
    body = """
import pathlib, sys, time
def main():
    ready = pathlib.Path(sys.argv[1])
    ready.touch()
    while ready.exists():
        time.sleep(0.01)
    return 5
interrupt.entry(main)
"""
    ready = tmp_path / "ready"
    shell = start("bash", "-c", 'trap "" INT; "$@"', "-", *python(body), str(ready))
    shell.until(ready.exists)
    os.killpg(shell.process.pid, signal.SIGINT)
    ready.unlink()
    assert shell.process.wait(PATIENCE) == 5


@pytest.mark.parametrize(
    ("body", "status"),
    [("return 0", 0), ("return 7", 7), ("raise SystemExit(2)", 2), ("os.abort()", 128 + 6)],
)
def test_otherwise_the_status_is_that_of_the_work(start, body, status):
    program = start(*python(f"import os\ndef main(): {body}\ninterrupt.entry(main)"))
    assert program.process.wait(PATIENCE) == status


def test_what_the_work_leaves_running_ends_with_it(start):
    code = "import subprocess\ninterrupt.entry(lambda: bool(subprocess.Popen(['sleep', '3600'])))"
    program = start(*python(code))
    assert program.process.wait(PATIENCE) == 1
    assert not program.alive()


def test_a_stopped_program_goes_on(start, tmp_path):
    ready = tmp_path / "ready"
    program = start(*python(STUBBORN), str(ready))
    program.until(ready.exists)

    def states() -> set[str]:
        with contextlib.suppress(OSError):
            return {
                Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[0]
                for one in program.alive()
            }
        return set()

    os.killpg(program.process.pid, signal.SIGTSTP)
    program.until(lambda: states() == {"T"})
    os.killpg(program.process.pid, signal.SIGCONT)
    program.until(lambda: "T" not in states())
    assert program.interrupt() == "interrupted: 3 of 7 done\n"


@pytest.mark.parametrize("number", interrupt.STOPS)
def test_the_first_moment_of_the_work_is_no_exception(start, number):
    """A signal to the group while the child is still in it says one line, no traceback."""
    body = f"""
import os, time
own_session = os.setsid
def late():
    os.killpg(0, {int(number)})
    own_session()
os.setsid = late
interrupt.entry(lambda: time.sleep(3600))
"""
    program = start(*python(body))
    assert program.process.wait(PATIENCE) == 128 + number
    assert program.errors.read_text() == "interrupted\n"


def test_the_work_may_get_a_moment_to_end_by_itself(start, tmp_path):
    body = """
import time, pathlib, sys
def main():
    try:
        pathlib.Path(sys.argv[1]).touch()
        time.sleep(3600)
    except KeyboardInterrupt:
        pathlib.Path(sys.argv[1]).unlink()
    return 0
interrupt.entry(main, grace=100)
"""
    ready = tmp_path / "ready"
    program = start(*python(body), str(ready))
    program.until(ready.exists)
    assert program.interrupt() == "interrupted\n"
    assert not ready.exists()


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", program(name), *arguments]


def program(name: str) -> str:
    """Where a target's program is: a module, or the command line of a folder."""
    return f"scripts.{name}.cli" if (ROOT / "scripts" / name).is_dir() else f"scripts.{name}"


COMPILERS = ("verilator_bin", "cc1plus", "/verilator ", "make -")
#: program, and what it is interrupted in
TARGETS = {
    "run": (module("run", "--design", "dense", "--count", "1"), COMPILERS),
    "sim": (module("sim", "--design", "fifo", "--test", "*"), COMPILERS),
    "regress": (module("regress", "--sim", "verilator", "--n", "1"), COMPILERS),
    "bench": (module("bench", "--layers", "nt-we", "--no-studies"), COMPILERS),
    "cov": (module("cov", "--design", "fifo"), COMPILERS),
    "area": (module("area"), ("run_yosys",)),
    "prove": (module("prove"), ("yowasp",)),
    "mutate": (module("mutate", "--design", "fifo"), ("ivl", "vvp", *COMPILERS)),
    "pergate": (module("pergate"), ("run_yosys",)),
    "lint": (module("lint"), ("iverilog", "verilator", "ruff", "verible")),
    "formats": (module("formats"), ()),
    "granularity": (module("granularity"), ()),
    "coarse": (module("coarse"), ()),
    "compare": (module("compare", "--net", "lenet_300_100", "--count", "1"), COMPILERS),
    "which": (module("which", "--net", "lenet_5"), ()),
    "map": (module("map"), ()),
    "sweep": (module("sweep", "--design", "dense", "--density", "0.01..1:0.01"), ()),
    "claims": (module("claims"), ()),
    "train": (module("train"), ()),
}


@pytest.mark.parametrize("target", TARGETS)
def test_every_long_target_ends_with_one_line(start, target):
    command, words = TARGETS[target]
    if COMPILERS is words and simulators.missing("verilator"):
        pytest.skip("needs Verilator")
    # The object cache of the tests: a compiler must have something to do.
    program = start(*command, environ={"CCACHE_DISABLE": "1"})
    program.until(lambda: program.runs(*words) if words else len(program.alive()) > 1)
    text = program.interrupt()
    assert text.splitlines()[-1].startswith("interrupted")
    assert text.count("interrupted") == 1 and "Traceback" not in text


@pytest.mark.skipif(bool(simulators.missing("icarus")), reason="needs Icarus")
def test_an_interrupted_regression_keeps_what_is_finished(start, tmp_path):
    command = module("regress", "--design", "sram", "--sim", "icarus", "--n")
    build = {"LAC_BUILD": str(tmp_path / "build")}
    program = start(*command, "1000", environ=build)
    journal = tmp_path / "build" / "reports"
    program.until(lambda: any(p.stat().st_size for p in journal.glob("*-regress/runs.jsonl")))
    (line,) = (one for one in program.interrupt().splitlines() if "interrupted" in one)
    record = json.loads((tmp_path / "build" / "regress.json").read_text())
    done = len(record["runs"])
    assert 1 <= done < record["planned"] and not record["finished"]
    assert f"{done} of {record['planned']} runs are done, 0 failed; RESUME=1" in line
    assert (tmp_path / "build" / "regress.xml").is_file()
    first = min(one["seed"] for one in record["runs"])
    again = start(*command, "1", "--seed", str(first), "--resume", environ=build)
    assert again.process.wait(PATIENCE) == 0
    assert json.loads((tmp_path / "build" / "regress.json").read_text())["kept"] >= 1


def test_every_program_goes_through_the_one_mechanism():
    scripts = sorted((ROOT / "scripts").rglob("*.py"))
    found = [one for one in scripts if "interrupt.entry(" in one.read_text(encoding="utf-8")]
    modules = {".".join(one.relative_to(ROOT).with_suffix("").parts) for one in found}
    simulates_as_sim_does = {"replay"}
    no_target = {"scripts.farm.cost", "scripts.speed"}
    known = {program(one) for one in {*TARGETS, *simulates_as_sim_does}}
    assert modules == known | no_target


def test_pytest_keeps_its_summary(start, tmp_path):
    (tmp_path / "test_slow.py").write_text(
        "import pathlib, sys, time\n"
        "def test_fails(): assert 0\n"
        f"def test_slow(): pathlib.Path({str(tmp_path / 'ready')!r}).touch(); time.sleep(3600)\n"
    )
    command = [sys.executable, "-m", "scripts.interrupt", "-p", "no:cacheprovider", "-n", "0"]
    program = start(*command, str(tmp_path / "test_slow.py"))
    program.until((tmp_path / "ready").exists)
    assert program.interrupt() == "interrupted\n"


def test_descendants_are_found_below_a_process():
    child = subprocess.Popen(["sleep", "3600"], start_new_session=True)
    try:
        assert child.pid in interrupt.descendants(os.getpid())
        assert os.getpid() not in interrupt.descendants(os.getpid())
    finally:
        child.kill()
        child.wait()
