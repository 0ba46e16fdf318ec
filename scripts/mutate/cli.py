"""``make mutate``: faults made by a program, N of them drawn at random: who notices?

Each is one change of one place of the RTL (``scripts/mutate/mutations.py``). It is built and run
against the benches of its block, then against a top that has it inside and the nearest others, as
``make test`` runs them, then against what the nightly set alone has of its block, until one
notices. ``DESIGN=`` names benches whose modules are changed (``fifo,eie*``), all without it.
``SEED=`` draws others, and is printed. What survives is shown with its change and a line that does
it again; what is known to change nothing (``rtl/mutation_equivalents.toml``) is not drawn. Each is
written down as it ends, ``RESUME=1`` goes on; ``build/mutate.json`` has all of the last call.

Exit status: 0 at least 99 % were noticed, 1 fewer, 2 wrong input or a bench that fails on the RTL
as it is, 130 interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape

from models.names import quoted, unknown
from models.places import build_root
from scripts import interrupt, kept, options
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
    SURVIVED,
    AloneError,
    Outcome,
)
from scripts.outputs import own_folder, publish, renewing
from tb.common.sim.bench import choose
from tb.common.sim.builds import write_whole

RECORD, JOURNAL = "mutate.json", "mutants.jsonl"
GOAL = 0.99


def candidates(design: str | None) -> dict[Mutation, tuple[str, ...]]:
    """All mutations of the modules that the named benches answer for, and the benches of each.

    Raises:
        ValueError: no such bench, or none that answers for a module.
    """
    wanted = {bench.name for bench in choose(design)} if design else None
    owners = trial.owners()
    known = trial.equivalents()
    found = {}
    for file, benches in trial.files().items():
        if wanted is not None and not wanted & set(owners[file]):
            continue
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
) -> list[dict[str, Any]]:
    """Run them; each is in the journal when it ends."""
    keys = {one: kept.key_of("verilator", "mutate", one.name, benches) for one, benches in chosen}
    records = []

    def ended(record: dict[str, Any]) -> None:
        records.append(record)
        with (folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(record) + "\n")
        if record["status"] == SURVIVED:
            show_survivor(console, record)

    before = {one: kept.load("mutate", keys[one]) if resume else None for one, _ in chosen}
    for record in before.values():
        if record is not None:
            ended(record)
    left = [(one, benches) for one, benches in chosen if before[one] is None]
    if len(left) < len(chosen):
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
                kept.save("mutate", keys[mutation], record)
            ended(record)
            bar.update(task, description=mutation.name)
            bar.advance(task)
    return records


def show_survivor(console: Console, record: dict[str, Any]) -> None:
    """A mutation that nobody noticed: the change, who looked, how to see it again."""
    console.print(
        f"[red]survived:[/] {record['name']} ({record['kind']}), not noticed by {record['by']}"
    )
    console.print(escape(record["diff"]))
    console.print(f"replay: make mutate MUTANT={record['name']}")


def table(records: Sequence[dict[str, Any]], by: str) -> Table:
    """Outcomes by module or by kind."""
    statuses = (KILLED, NIGHTLY, HANGS, SURVIVED, INVALID, LOST)
    made = Table(by, "mutants", *statuses)
    for name in sorted({record[by] for record in records}):
        mine = [record["status"] for record in records if record[by] == name]
        counts = [mine.count(one) for one in statuses]
        made.add_row(name, str(len(mine)), *(str(count or "") for count in counts))
    return made


def score(records: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """How many were noticed, of how many that could be."""
    statuses = [record["status"] for record in records]
    noticed = sum(statuses.count(one) for one in (KILLED, NIGHTLY, HANGS))
    return noticed, noticed + statuses.count(SURVIVED)


def written(folder: Path, records: Sequence[dict[str, Any]], seed: int, count: int) -> Path:
    """``mutate.json`` of a run, in its folder."""
    noticed, most = score(records)
    data = {"seed": seed, "planned": count, "noticed": noticed, "of": most, "kinds": KINDS}
    path = folder / RECORD
    write_whole(path, json.dumps({**data, "mutants": list(records)}, indent=1) + "\n")
    return path


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = options.Parser(prog="make mutate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--design", help="benches by name or pattern, commas between")
    parser.add_argument("--n", type=options.integer(1), default=20, help="mutants")
    parser.add_argument("--seed", type=options.seed, help="which are drawn; default: any")
    parser.add_argument("--mutant", help="one, by name")
    parser.add_argument("--jobs", type=options.jobs, default=2)
    add_option(parser)
    parser.add_argument("--resume", action="store_true", help="run only what was not run before")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    args = parse(arguments)
    console = Console()
    seed = secrets.randbelow(1 << 31) if args.seed is None else args.seed
    try:
        where = setting(args.farm)
        found = candidates(args.design)
        chosen = named(found, args.mutant) if args.mutant else drawn(found, args.n, seed)
    except ValueError as error:
        return options.refused(error)
    if not args.mutant:
        console.print(f"{len(chosen)} of {len(found)} mutants, SEED={seed}")
    with own_folder("mutate") as folder:
        interrupt.note(f"{len(chosen)} {seed} {folder}")
        try:
            records = execute(console, chosen, where, args.jobs, folder, args.resume)
        except AloneError as error:
            return options.refused(error)
        path = written(folder, records, seed, len(chosen))
        with renewing(build_root()) as latest:
            publish([path], latest)
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
    count, seed, folder = note.split(" ", 2)
    journal = Path(folder) / JOURNAL
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.is_file() else []
    records = [json.loads(line) for line in lines]
    path = written(Path(folder), records, int(seed), int(count))
    with renewing(build_root()) as latest:
        publish([path], latest)
    return f"{len(records)} of {count} mutants are done; RESUME=1 SEED={seed} does the rest"


if __name__ == "__main__":
    interrupt.entry(main, stopped)
