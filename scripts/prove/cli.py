"""``make prove``: properties of blocks, proved for every input rather than simulated for some.

For each proof and configuration: the proof, by induction or for so many cycles, and a trace to each
of its covers, so that what is assumed does not forbid everything. For each proof its faults: the
block is broken on purpose, and the tool has to find it. ``DESIGN=`` names some of the proofs
(``fifo,fmt_csr``), ``CONFIG=`` one configuration. Writes ``build/report/prove.json`` and the page
``prove.html``; with ``PROVE_ARGS=--docs`` the record of the document as well.

Exit status: 0 all is proved, 1 something is not, 2 wrong input or no tool.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.names import unknown
from models.places import ROOT
from scripts import interrupt, options
from scripts.console import Console, Table
from scripts.outputs import renewing, report_root
from scripts.prove import tool
from scripts.prove.page import RECORD, write_report
from scripts.prove.tables import HEAD, cells
from tb.common.prove.proof import Proof, choose
from tb.common.sim.builds import write_whole

PROVE, COVER, FAULT = "prove", "cover", "fault"


@dataclass(frozen=True)
class Attempt:
    """One run of the tool; ``fault``: which of the proof's."""

    proof: Proof
    config: str
    what: str
    fault: int = 0


@dataclass
class Row:
    """What is known of a proof in a configuration: a line of the table.

    covers, faults: reached or found, of how many; seconds: of the proof alone
    """

    proof: str
    config: str
    claims: str
    method: str
    seconds: float = 0.0
    covers: list[int] = field(default_factory=lambda: [0, 0])
    faults: list[int] = field(default_factory=lambda: [0, 0])
    problems: list[str] = field(default_factory=list)

    @property
    def proved(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems


def jobs_of(proofs: Sequence[Proof], config: str | None) -> list[Attempt]:
    """All runs; ValueError if no proof has the configuration."""
    known = dict.fromkeys(name for proof in proofs for name in proof.configs)
    if config and config not in known:
        raise ValueError(unknown("CONFIG", config, known))
    jobs = []
    for proof in proofs:
        chosen = [name for name in proof.configs if config in (None, name)]
        jobs += [Attempt(proof, name, what) for name in chosen for what in (PROVE, COVER)]
        first = next(iter(proof.configs))
        if first in chosen:  # faults are found in this one alone
            jobs += [Attempt(proof, first, FAULT, at) for at in range(len(proof.faults))]
    return jobs


def do(job: Attempt) -> tuple[Attempt, tool.Answer | str]:
    """Run one; the answer, or why there is none."""
    fault = job.proof.faults[job.fault] if job.what == FAULT else None
    try:
        return job, tool.run(job.proof, job.config, COVER if job.what == COVER else "", fault)
    except (tool.ProveError, ValueError) as error:
        return job, str(error)


def judge(job: Attempt, found: tool.Answer | str, row: Row) -> None:
    """Write what came out of a run into its row."""
    if job.what == FAULT:
        row.faults[1] += 1
    if isinstance(found, str):
        row.problems.append(found)
    elif job.what == FAULT:
        fault = job.proof.faults[job.fault]
        if found.status == tool.FAIL:
            row.faults[0] += 1
        else:
            row.problems.append(f"not found: {fault.file}: {fault.search} -> {fault.replace}")
    elif job.what == COVER:
        reached, missed = found.covers()
        wanted = missed - set(job.proof.unreached.get(job.config, ()))
        row.covers = [len(reached), len(reached) + len(wanted)]
        if wanted or not reached:
            row.problems.append(f"never reached: {', '.join(sorted(wanted)) or 'any cover'}")
    else:
        row.seconds = round(found.seconds, 1)
        if found.status != tool.PASS:
            row.problems.append(f"{found.status}: {'; '.join(found.said)}")


def prove(console: Console, jobs: Sequence[Attempt], workers: int) -> list[Row]:
    """Run them all; rows in order."""
    rows: dict[tuple[str, str], Row] = {}
    for job in jobs:
        proof = job.proof
        key = (proof.name, job.config)
        rows.setdefault(key, Row(*key, proof.claims, proof.reach))
    columns = TextColumn("{task.description:28.28}"), BarColumn(), MofNCompleteColumn()
    with (
        Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar,
        ThreadPoolExecutor(workers) as pool,
    ):
        task = bar.add_task("Yosys starts", total=len(jobs))
        tool.prepare()
        longest = sorted(jobs, key=lambda job: -job.proof.timeout)  # they begin first
        for future in as_completed([pool.submit(do, job) for job in longest]):
            job, found = future.result()
            judge(job, found, rows[job.proof.name, job.config])
            bar.update(task, advance=1, description=f"{job.proof.name} {job.config} {job.what}")
    return list(rows.values())


def table(rows: Sequence[Row]) -> Table:
    """A line for each proof and configuration."""
    made = Table(*HEAD)
    lines = cells([asdict(row) for row in rows])
    for row, (name, config, claims, *others) in zip(rows, lines, strict=True):
        colour = "" if row.proved else "[red]"
        made.add_row(escape(name), f"{colour}{config}", escape(claims), *others)
    return made


def record(rows: Sequence[Row]) -> dict[str, Any]:
    """What is written down."""
    return {
        "tool": tool.versions(),
        "solver": tool.SOLVER,
        "proofs": [{**asdict(row), "proved": row.proved} for row in rows],
    }


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = options.Parser(prog="make prove", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--design", help="proofs by name, commas between")
    parser.add_argument("--config", help="one configuration")
    parser.add_argument("--jobs", type=options.jobs, default=2)
    parser.add_argument("--docs", action="store_true", help="also write docs/prove.json")
    args = parser.parse_args(arguments)
    if args.docs and (args.design or args.config):
        parser.error("--docs wants all proofs, not --design or --config")
    return args


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    args = parse(arguments)
    console = Console()
    try:
        jobs = jobs_of(choose(args.design), args.config or None)
        rows = prove(console, jobs, args.jobs)
    except (ValueError, tool.ProveError) as error:
        return options.refused(error)
    console.print(table(rows))
    for row in rows:
        for problem in row.problems:
            console.print(f"[red]not proved:[/] {row.proof} {row.config}: {escape(problem)}")
    data = record(rows)
    root = report_root()
    root.mkdir(parents=True, exist_ok=True)
    with renewing(root):
        write_whole(root / RECORD, json.dumps(data, indent=1) + "\n")
        page = write_report(root, data)
    good = sum(row.proved for row in rows)
    if args.docs and good == len(rows):
        write_whole(ROOT / "docs" / RECORD, json.dumps(data, indent=1) + "\n")
    colour = "green" if good == len(rows) else "red"
    console.print(f"[{colour}]{good} of {len(rows)} proved[/]  {page}")
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    interrupt.entry(main)
