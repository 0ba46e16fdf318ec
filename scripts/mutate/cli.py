"""``make mutate``: faults made by a program, N of them drawn at random: who notices?

Each is one change of one place of the RTL (``scripts/mutate/mutations.py``). It is built and run
against the benches of its block, then against a top that has it inside and the nearest others, as
``make test`` runs them, then against what the nightly set alone has of its block, until one
notices. ``DESIGN=`` names benches whose modules are changed (``fifo,eie*``), all without it.
``SEED=`` draws others, and is printed. What survives is shown with its change and a line that does
it again; what is known to change nothing (``rtl/mutation_equivalents.toml``) is not drawn. Each is
written down as it ends; ``build/mutate.json`` has all of the last call. ``RESUME=1`` runs what is
left of that call, or of the one of ``SEED=`` (and ``N=``, ``DESIGN=``).

Exit status: 0 at least 99 % were noticed, 1 fewer, 2 wrong input or a bench that fails or does not
build on the RTL as it is, 130 interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import secrets
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from rich.markup import escape

from models.names import quoted, unknown
from models.places import build_root
from scripts import interrupt, journal, kept, options
from scripts.console import Console, Table
from scripts.farm.bar import Bar
from scripts.farm.farm import opened
from scripts.farm.settings import Setting, add_option, setting
from scripts.mutate import trial
from scripts.mutate.mutations import KINDS, Mutation, mutations
from scripts.mutate.trial import (
    HANGS,
    INVALID,
    KILLED,
    LOST,
    NIGHTLY,
    STATUSES,
    SURVIVED,
    AloneError,
    Outcome,
)
from scripts.outputs import own_folder, publish, renewing
from tb.common.sim import simulators
from tb.common.sim.bench import SIMULATORS, choose
from tb.common.sim.builds import write_whole

RECORD, JOURNAL = "mutate.json", "mutants.jsonl"
GOAL = 0.99
COUNT = 20
#: What a record has, and what says of a call which mutants it runs.
_RECORD = dict.fromkeys(("name", "module", "kind", "diff", "status", "by", "why"), str)
_CALL = {"seed": int, "n": int, "design": str, "mutant": str}


@dataclasses.dataclass(frozen=True)
class Call:
    """What was asked for: ``n`` mutants that a seed draws, of what ``design`` names, or one."""

    seed: int
    n: int
    design: str = ""
    mutant: str = ""

    @property
    def words(self) -> str:
        """The variables of make that ask for the same."""
        if self.mutant:
            return f"MUTANT={self.mutant}"
        design = f" DESIGN={shlex.quote(self.design)}" if self.design else ""
        return f"SEED={self.seed} N={self.n}{design}"


def asked(args: argparse.Namespace) -> Call:
    """The call; what ``RESUME=1`` without a seed leaves open is as in the last one.

    Raises:
        ValueError: there is no last one, or it ran one mutant.
    """
    if args.resume and args.seed is None and not args.mutant:
        last = last_call(build_root() / RECORD)
        return dataclasses.replace(last, n=args.n or last.n, design=args.design or last.design)
    seed = secrets.randbelow(1 << 31) if args.seed is None else args.seed
    return Call(seed, args.n or COUNT, args.design or "", args.mutant or "")


def last_call(path: Path) -> Call:
    """The call that wrote a record; ValueError if there is none to go on with."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = None
    if not has(data, _CALL):
        raise ValueError(f"resume: no call in {path}, need SEED of the one to go on with")
    call = Call(**{name: data[name] for name in _CALL})
    if call.mutant:
        raise ValueError(f"resume: the last call ran {call.mutant} alone, need SEED of another one")
    return call


def has(found: Any, fields: Mapping[str, type]) -> bool:
    """Whether something that was read has these fields, of these types."""
    return isinstance(found, dict) and all(
        isinstance(found.get(name), kind) for name, kind in fields.items()
    )


def is_record(found: Any) -> TypeGuard[dict[str, Any]]:
    """Whether something that was read is the record of a mutant."""
    return has(found, _RECORD) and found["status"] in STATUSES


def left_out() -> list[str]:
    """Why simulators are not there; ValueError if none is."""
    found = [why for one in SIMULATORS if (why := simulators.missing(one))]
    if len(found) == len(SIMULATORS):
        raise ValueError(f"nothing to run: {'; '.join(found)}")
    return found


def candidates(design: str) -> dict[Mutation, tuple[str, ...]]:
    """All mutations of the modules that the named benches answer for, and the benches of each.

    Raises:
        ValueError: no such bench, or none that answers for a module, or runs on what is there.
    """
    wanted = {bench.name for bench in choose(design)} if design else None
    owners = trial.owners()
    known = trial.equivalents()
    found = {}
    for file, benches in trial.files().items():
        if wanted is not None and not wanted & set(owners[file]):
            continue
        if not any(trial.plan(file, benches)):
            continue  # nobody would look at it
        for one in mutations(file):
            if not trial.is_equivalent(one, known):
                found[one] = benches
    if not found:
        raise ValueError(f"DESIGN: found {quoted(design)}, need a bench that answers for a module")
    return found


def drawn(
    found: dict[Mutation, tuple[str, ...]], count: int, seed: int
) -> list[tuple[Mutation, tuple[str, ...]]]:
    """``count`` of them at random: the same for the same seed and sources."""
    every = sorted(found, key=lambda one: (one.file, one.start, one.end, one.after))
    return [(one, found[one]) for one in random.Random(seed).sample(every, min(count, len(every)))]


def named(
    found: dict[Mutation, tuple[str, ...]], name: str
) -> list[tuple[Mutation, tuple[str, ...]]]:
    """The mutation of that name; ValueError without."""
    by_name = {one.name: one for one in found if name.rpartition("-")[0] == one.module}
    if name not in by_name:
        raise ValueError(unknown("MUTANT", name, by_name))
    return [(by_name[name], found[by_name[name]])]


def record_of(mutation: Mutation, outcome: Outcome) -> dict[str, Any]:
    """What is written down of one."""
    return {
        "name": mutation.name,
        "module": mutation.module,
        "kind": mutation.kind,
        "diff": mutation.diff(),
        **dataclasses.asdict(outcome),
    }


def execute(
    console: Console,
    chosen: Sequence[tuple[Mutation, tuple[str, ...]]],
    where: Setting,
    workers: int,
    folder: Path,
    resume: bool,
) -> None:
    """Run them; each is in the journal when it ends."""
    keys = {one: key(one, benches) for one, benches in chosen}

    def ended(record: dict[str, Any]) -> None:
        journal.append(folder / JOURNAL, record)
        if record["status"] == SURVIVED:
            show_survivor(console, record)
        elif record["status"] == INVALID:
            what = f"{record['name']} ({record['kind']}): {record['why']}"
            console.print(f"[yellow]does not build:[/] {escape(what)}")

    found = {one: kept.load("mutate", keys[one]) if resume else None for one, _ in chosen}
    before = {one: record for one, record in found.items() if is_record(record)}
    for record in before.values():
        ended(record)
    left = [(one, benches) for one, benches in chosen if one not in before]
    if before:
        console.print(f"{len(chosen) - len(left)} of {len(chosen)} were run before")
    with (
        opened(where, workers, console) as farm,
        Bar(console, width=32, transient=True) as bar,
    ):
        task = bar.add_task("running", total=len(left))
        for one in farm.each(trial.attempt, left, name=lambda mutation, _: mutation.name):
            mutation = one.job[0]
            if one.problem:
                record = record_of(mutation, Outcome(LOST, one.problem, 0.0))
                console.print(f"[red]lost:[/] {mutation.name}: {escape(one.problem)}")
            else:
                record = record_of(mutation, one.result)
                if record["status"] != INVALID:  # what a tool refuses is asked again
                    kept.save("mutate", keys[mutation], record)
            ended(record)
            bar.update(task, description=mutation.name)
            bar.advance(task)


def key(mutation: Mutation, benches: Sequence[str]) -> str:
    """Under which what became of a mutation is kept: which simulators look decides it, too."""
    tools = {one: simulators.version(one) for one in SIMULATORS if not simulators.missing(one)}
    return kept.key_of_models("mutate", tools, mutation.name, benches)


def show_survivor(console: Console, record: dict[str, Any]) -> None:
    """A mutation that nobody noticed: the change, who looked, how to see it again."""
    console.print(
        f"[red]survived:[/] {record['name']} ({record['kind']}), not noticed by {record['by']}"
    )
    console.print(escape(record["diff"]))
    console.print(f"replay: make mutate MUTANT={record['name']}")


def table(records: Sequence[dict[str, Any]], by: str) -> Table:
    """Outcomes by module or by kind."""
    made = Table(by, "mutants", *STATUSES)
    for name in sorted({record[by] for record in records}):
        mine = [record["status"] for record in records if record[by] == name]
        counts = [mine.count(one) for one in STATUSES]
        made.add_row(name, str(len(mine)), *(str(count or "") for count in counts))
    return made


def score(records: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """How many were noticed, of how many that could be."""
    statuses = [record["status"] for record in records]
    noticed = sum(statuses.count(one) for one in (KILLED, NIGHTLY, HANGS))
    return noticed, noticed + statuses.count(SURVIVED)


def published(folder: Path, call: Call, planned: int) -> list[dict[str, Any]]:
    """``mutate.json`` of a run as far as it is, in its folder and as the latest; the records."""
    records = [one for one in journal.read(folder / JOURNAL) if is_record(one)]
    noticed, most = score(records)
    data = {**dataclasses.asdict(call), "planned": planned, "noticed": noticed, "of": most}
    path = folder / RECORD
    whole = {**data, "kinds": KINDS, "mutants": records}
    write_whole(path, json.dumps(whole, indent=1) + "\n")
    with renewing(build_root()) as latest:
        publish([path], latest)
    return records


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = options.Parser(prog="make mutate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--design", help="benches by name or pattern, commas between")
    parser.add_argument("--n", type=options.count, help=f"mutants; default: {COUNT}")
    parser.add_argument("--seed", type=options.seed, help="which are drawn; default: any")
    parser.add_argument("--mutant", help="one, by name")
    parser.add_argument("--jobs", type=options.jobs, default=2)
    add_option(parser)
    parser.add_argument(
        "--resume", action="store_true", help="what the last call, or that of SEED, has left"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    args = parse(arguments)
    console = Console()
    try:
        where = setting(args.farm)
        call = asked(args)
        missing = left_out()
        found = candidates(call.design)
        chosen = named(found, call.mutant) if call.mutant else drawn(found, call.n, call.seed)
    except ValueError as error:
        return options.refused(error)
    for why in missing:
        console.print(f"[yellow]left out:[/] {escape(why)}")
    if not call.mutant:
        console.print(f"{len(chosen)} of {len(found)} mutants, SEED={call.seed}")
    with own_folder("mutate") as folder:
        told = {"call": dataclasses.asdict(call), "planned": len(chosen), "folder": str(folder)}
        interrupt.note(json.dumps(told))
        published(folder, call, len(chosen))  # RESUME=1 knows it, whatever ends it
        try:
            execute(console, chosen, where, args.jobs, folder, args.resume)
        except AloneError as error:
            published(folder, call, len(chosen))
            return options.refused(error)
        records = published(folder, call, len(chosen))
    for by in ("module", "kind"):
        console.print(table(records, by))
    noticed, most = score(records)
    invalid, lost = (sum(one["status"] == what for one in records) for what in (INVALID, LOST))
    good = most > 0 and noticed >= GOAL * most and not lost
    share = f"{100 * noticed / most:.1f} %" if most else "none"
    console.print(
        f"[{'green' if good else 'red'}]{noticed} of {most} noticed, {share}[/]; "
        f"{invalid} do not build{f', {lost} lost' if lost else ''}  {build_root() / RECORD}"
    )
    return 0 if good else 1


def stopped(note: str) -> str:
    """After an interrupt: write down what is finished, and say it."""
    if not note:
        return ""
    told = json.loads(note)
    call, planned = Call(**told["call"]), told["planned"]
    records = published(Path(told["folder"]), call, planned)
    return f"{len(records)} of {planned} mutants are done; RESUME=1 {call.words} does the rest"


if __name__ == "__main__":
    interrupt.entry(main, stopped)
