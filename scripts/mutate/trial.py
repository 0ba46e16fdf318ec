"""One mutation against the benches that answer for its module: who notices, if anybody does."""

from __future__ import annotations

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
from tb.common.sim import simulators
from tb.common.sim.bench import Bench
from tb.common.sim.faults import on_changed, problem
from tb.common.sim.runner import RunResult, run

#: What can become of a mutation. Killed by a check, by a run that never ends or a crash; not
#: noticed; not even a design, so that it counts for nothing.
KILLED, HANGS, SURVIVED, INVALID = "killed", "hangs", "survived", "invalid"
#: Killed too, but by a configuration that only the nightly set runs.
NIGHTLY = "nightly"
#: It did not come to an end: its worker was lost, or it met a limit of `farm.toml`.
LOST = "lost"
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
    """A bench fails on the RTL as it is, so that its failures say nothing of mutations."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutation; ``by``: the run that noticed, or all that did not."""

    status: str
    by: str
    seconds: float


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


@cache
def check_alone(name: str, config: str, simulator: str, seed: int) -> None:
    """Run a bench on the RTL as it is, once; AloneError if it fails."""
    bench = world().benches[name]
    tests = bench.tests_in_test(simulator)
    if not run(bench, config, simulator, tests=tests, seed=seed, cases=False).passed:
        again = f"make sim DESIGN={name} CONFIG={config} SIM={simulator} SEED={seed}"
        raise AloneError(f"{name}: fails on the RTL as it is, so it kills nothing: {again}")


def attempt(mutation: Mutation, benches: Sequence[str], seed: int = 1) -> Outcome:
    """Run its benches until one notices; AloneError where one would have failed anyway."""
    folder = build_root() / "mutants" / mutation.name
    folder.mkdir(parents=True, exist_ok=True)
    changed = folder / Path(mutation.file).name
    changed.write_text(mutation.text(), encoding="utf-8")
    tried, seconds = [], 0.0
    try:
        for name, config, simulator, tests, killed in plan(mutation.file, benches):
            broken = on_changed(world().benches[name], mutation.name, mutation.file, changed)
            result = run(broken, config, simulator, tests=tests, seed=seed, cases=False)
            where = f"{name} {config} {simulator}"
            seconds += result.seconds + (result.build.seconds if result.build else 0.0)
            status = judge(result)
            tidy(result)
            if status in (KILLED, HANGS):
                check_alone(name, config, simulator, seed)
            if status != SURVIVED:
                test = result.failed[0].name if result.failed else ""
                status = killed if status == KILLED else status
                return Outcome(status, f"{where} {test}".strip(), round(seconds, 1))
            tried.append(where)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome(SURVIVED, ", ".join(tried), round(seconds, 1))


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
    """What a run says of a mutation."""
    if result.build is None:
        return INVALID
    if result.passed:
        return SURVIVED
    return HANGS if problem(result) else KILLED


def tidy(result: RunResult) -> None:
    """Remove the build: nobody asks for it again, and thousands fill a disk."""
    if result.build is not None:
        shutil.rmtree(result.build.dir, ignore_errors=True)
        result.build.dir.with_suffix(".lock").unlink(missing_ok=True)
