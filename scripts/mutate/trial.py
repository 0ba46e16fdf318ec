"""One mutation against the benches that answer for its module: who notices, if anybody does."""

from __future__ import annotations

import contextlib
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models import registry
from models.places import ROOT, build_root
from scripts.cov.scope import World
from scripts.mutate.mutations import Mutation, source
from tb.common.sim import folders, simulators
from tb.common.sim.bench import Bench
from tb.common.sim.builds import Build, BuildError, build
from tb.common.sim.faults import on_changed, problem
from tb.common.sim.runner import RunResult, run

#: What can become of a mutation. Killed by a check, by a run that never ends or a crash; not
#: noticed; not even a design, so that it counts for nothing.
KILLED, HANGS, SURVIVED, INVALID = "killed", "hangs", "survived", "invalid"
#: Killed too, but by a configuration that only the nightly set runs.
NIGHTLY = "nightly"
#: It did not come to an end: its worker was lost, or it met a limit of `farm.toml`.
LOST = "lost"
STATUSES = (KILLED, NIGHTLY, HANGS, SURVIVED, INVALID, LOST)
#: Benches beside a module's own and its top's that are asked too.
OTHERS = 3
EQUIVALENTS = ROOT / "rtl" / "mutation_equivalents.toml"


@dataclass(frozen=True)
class Equivalent:
    """A change that no bench can notice.

    file; before, after: the changed line with single blanks; reason: why it is the same. Where the
    line is there more than once, kind: of the mutation; behind: the line that follows
    """

    file: str
    before: str
    after: str
    reason: str
    kind: str = ""
    behind: str = ""

    def applies(self) -> bool:
        """Whether the line is still there."""
        lines = [" ".join(line.split()) for line in source(self.file).splitlines()]
        return any(
            line == self.before and self.behind in ("", following)
            for line, following in zip(lines, [*lines[1:], ""], strict=True)
        )

    def is_of(self, mutation: Mutation) -> bool:
        """Whether it is this mutation."""
        return (
            self.file == mutation.file
            and self.kind in ("", mutation.kind)
            and self.behind in ("", mutation.behind)
            and (self.before, self.after) == mutation.lines
        )


class AloneError(ValueError):
    """A bench fails or does not build on the RTL as it is: it says nothing of mutations."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutation.

    by: the run that noticed, or all that did not; why: it does not build, the first line of it
    """

    status: str
    by: str
    seconds: float
    why: str = ""


def equivalents(path: Path = EQUIVALENTS) -> list[Equivalent]:
    """The known ones."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Equivalent(**table) for table in tables.get("equivalent", [])]


def is_equivalent(mutation: Mutation, known: Sequence[Equivalent]) -> bool:
    """Whether it is a known one."""
    return any(one.is_of(mutation) for one in known if one.file == mutation.file)


@cache
def world() -> World:
    """Benches and the files they compile."""
    return World.of()


def files() -> Mapping[str, tuple[str, ...]]:
    """RTL file -> its benches, in the order in which they run: its block's, a top's, others.

    The others are small ones that have it inside, from one folder after the other: what a block
    does for its neighbour is often seen with the neighbour alone, and each design builds it with
    parameters of its own.
    """
    known = world()
    found = {}
    for file, own in owners().items():
        using = [name for name in known.benches if file in known.files[name]]
        using.sort(key=lambda name: len(known.files[name]))
        folder = Path(file).parent.name
        tops = [name for name in using if known.benches[name].top == f"lac_{folder}"]
        tops.sort(key=lambda name: name != folder)  # its main bench before errors and leftovers
        others = [name for name in using if name not in (*own, *tops)]
        rooms = [known.benches[name].module.split(".")[1] for name in others]
        turn = {name: rooms[:place].count(rooms[place]) for place, name in enumerate(others)}
        others.sort(key=turn.__getitem__)
        found[file] = (*own, *(name for name in tops if name not in own), *others[:OTHERS])
    return found


def runs(bench: Bench) -> Iterator[tuple[str, str, list[str] | None]]:
    """(configuration, simulator, tests) of a bench in ``make test``, quick builds first."""
    icarus = not simulators.missing("icarus")
    for simulator in ("icarus", "verilator"):
        if simulators.missing(simulator):
            continue
        for config in bench.configs:
            if bench.runs_in_test(config, simulator, icarus):
                yield config, simulator, bench.tests_in_test(simulator)


def nightly(file: str, benches: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(bench, configuration) that ``make regress`` runs of a file's own blocks, on Verilator.

    Not of whole designs, whose builds take minutes.
    """
    designs = {design.top for design in registry.every()}
    for name in benches:
        bench = world().benches[name]
        if name in owners()[file] and bench.top not in designs:
            yield from ((name, config) for config in bench.slow)


@cache
def owners() -> Mapping[str, tuple[str, ...]]:
    """RTL file -> benches that answer for it."""
    return world().owners_of_files()


def again(name: str, config: str, simulator: str, seed: int) -> str:
    """The line that runs a bench on the RTL as it is."""
    return f"make sim DESIGN={name} CONFIG={config} SIM={simulator} SEED={seed}"


def run_alone(name: str, config: str, simulator: str, seed: int) -> None:
    """Run a bench on the RTL as it is; AloneError if it fails."""
    bench = world().benches[name]
    tests = bench.tests_in_test(simulator)
    if not run(bench, config, simulator, tests=tests, seed=seed, cases=False).passed:
        line = again(name, config, simulator, seed)
        raise AloneError(f"{name}: fails on the RTL as it is, so it kills nothing: {line}")


#: The same, but only once for all failures of tests.
check_alone = cache(run_alone)


def attempt(mutation: Mutation, benches: Sequence[str], seed: int = 1) -> Outcome:
    """Run its benches until one notices; AloneError where one would have failed anyway."""
    with folders.claim(build_root() / "mutants" / mutation.name) as folder:
        try:
            return _tried(mutation, benches, seed, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _tried(mutation: Mutation, benches: Sequence[str], seed: int, folder: Path) -> Outcome:
    changed, same = (folder / part / Path(mutation.file).name for part in ("changed", "same"))
    for path, text in ((changed, mutation.text()), (same, source(mutation.file))):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    tried, seconds = [], 0.0
    for name, config, simulator, tests, killed in plan(mutation.file, benches):
        where = f"{name} {config} {simulator}"
        broken, alike = (
            on_changed(world().benches[name], folder.name, mutation.file, path)
            for path in (changed, same)
        )
        made = compiled(broken, config, simulator)
        if isinstance(made, str):
            if why := compiled_alone(alike, config, simulator):
                line = again(name, config, simulator, seed)
                raise AloneError(f"{name}: does not build on the RTL as it is: {why}: {line}")
            made = compiled(broken, config, simulator)
        if isinstance(made, str):
            return Outcome(INVALID, where, round(seconds, 1), made)
        result = run(broken, config, simulator, tests=tests, seed=seed, cases=False)
        seconds += made.seconds + result.seconds
        status = judge(result)
        try:
            if status == HANGS:  # or the machine is to blame, since a moment ago
                run_alone(name, config, simulator, seed)
            elif status == KILLED:
                check_alone(name, config, simulator, seed)
        finally:
            tidy(result)  # not before: it makes room on a full disk
        if status != SURVIVED:
            test = result.failed[0].name if result.failed else ""
            status = killed if status == KILLED else status
            return Outcome(status, f"{where} {test}".strip(), round(seconds, 1))
        tried.append(where)
    return Outcome(SURVIVED, ", ".join(tried), round(seconds, 1))


def compiled(bench: Bench, config: str, simulator: str) -> Build | str:
    """The build of a bench, or the line that says why there is none."""
    try:
        return build(bench, config, simulator)
    except BuildError as error:
        if error.folder is not None:
            remove_build(error.folder)
        return reason(str(error))


def compiled_alone(bench: Bench, config: str, simulator: str) -> str:
    """Why a bench with the file as it is does not build, "" if it does.

    The file is a copy, so nothing that was built before is taken for it: a compiler that has
    stopped working meanwhile, or a full disk, is met again.
    """
    made = compiled(bench, config, simulator)
    if isinstance(made, str):
        return made
    remove_build(made.dir)
    return ""


def reason(message: str) -> str:
    """The first line of an error, or the last line, of what a compiler said; no folders of files.

    >>> reason("it failed (1); the end of /z:\\n  | $ cc /z\\n  | /a/lac_ffs.sv:1: syntax error")
    'lac_ffs.sv:1: syntax error'
    """
    head, *log = message.splitlines()
    said = [line.removeprefix("  | ").strip() for line in log]
    said = [line for line in said if line and not line.startswith("$ ")]
    errors = (line for line in said if re.search(r"error", line, re.IGNORECASE))
    line = next(errors, said[-1] if said else head)
    return re.sub(r"(?:/[^\s/:]+)+/", "", line)


def plan(
    file: str, benches: Sequence[str]
) -> Iterator[tuple[str, str, str, list[str] | None, str]]:
    """(bench, configuration, simulator, tests, what a mutation is that fails there), in order."""
    for name in benches:
        for config, simulator, tests in runs(world().benches[name]):
            yield name, config, simulator, tests, KILLED
    if not simulators.missing("verilator"):
        for name, config in nightly(file, benches):
            yield name, config, "verilator", None, NIGHTLY


def judge(result: RunResult) -> str:
    """What a run says of a mutation that was built."""
    if result.passed:
        return SURVIVED
    if result.build is None:
        raise AloneError(f"its build is gone: {reason(result.failures[0])}")
    return HANGS if problem(result) else KILLED


def tidy(result: RunResult) -> None:
    """Remove the build and what the run left: nobody asks for it again, thousands fill a disk."""
    if result.build is not None:
        remove_build(result.build.dir)
    folder = result.log.parent
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # others run there
        folder.parent.rmdir()


def remove_build(folder: Path) -> None:
    """Remove a build with its lock."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_suffix(".lock").unlink(missing_ok=True)
