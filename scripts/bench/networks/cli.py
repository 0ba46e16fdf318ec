"""``make bench`` of whole networks: every layer of an evaluation, totals of networks, studies.

What is run, and what it is compared with, the design's ``EVALUATION`` says. Layers that are not
simulated come from the cycle model, which equals the RTL and is held against it on those that are;
each record says which. Writes ``bench.json`` and ``bench.html``; what the model said of a case is
kept until a model changes.

Exit status: 0 all goals met; 1 an output or a counter differs or a network misses its goal; 2 bad
input.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.markup import escape

from models.names import unknown
from models.places import ROOT
from scripts import interrupt
from scripts import options as cli
from scripts.bench import tasks as bench_run
from scripts.bench.networks import evaluation
from scripts.bench.networks import rows as kept_rows
from scripts.bench.networks.evaluation import Case, Evaluation
from scripts.bench.networks.measure import Record, Tools, measure
from scripts.bench.networks.page import draw_for_docs, write_page
from scripts.bench.networks.summary import check, problems, summaries
from scripts.bench.networks.tables import all_tables
from scripts.console import Console
from scripts.farm.bar import Bar
from scripts.farm.farm import opened
from scripts.farm.settings import add_option, shared_setting
from scripts.measure.engine import Player, rtl_player
from scripts.measure.records import VERSION
from scripts.outputs import own_folder, publish, renewing, report_root
from tb.common.sim.builds import write_whole

OK, FAILED, BAD_INPUT = 0, 1, 2
SOURCES = ("auto", "rtl", "model")


def parser(mine: Evaluation) -> argparse.ArgumentParser:
    """Options of the benchmark of a design."""
    made = cli.Parser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--design", default=mine.design, type=cli.choice(mine.design))
    made.add_argument("--layers", default="", help="rows or networks, commas between; default all")
    made.add_argument("--variants", default="", help=f"{', '.join(mine.variants)}; default all")
    maps = f"{', '.join(mine.maps)}; default {mine.maps[0] if mine.brief else 'all'}"
    made.add_argument("--maps", default="", help=maps)
    source = f"auto: {mine.sources} from RTL; rtl: all {mine.maps[0]} maps"
    made.add_argument("--source", type=cli.choice(*SOURCES), default="auto", help=source)
    made.add_argument("--simulator", "--sim", type=cli.simulator, default="verilator")
    made.add_argument("--jobs", type=cli.jobs, default=2, help="layers at a time")
    made.add_argument("--seed", type=cli.integer(0), default=1, help="of the patterns")
    studies = "the studies, too; default " + ("no" if mine.brief else "yes")
    made.add_argument("--studies", action=argparse.BooleanOptionalAction, help=studies)
    made.add_argument("--only-studies", action="store_true")
    made.add_argument("--docs", action="store_true", help=f"run all, write docs/{mine.design}.json")
    if mine.counts_rows:
        rows = f"keep the rows that ran from RTL in docs/{mine.design}.json"
        made.add_argument("--rows", action="store_true", help=rows)
    add_option(made)
    made.add_argument("--fresh", action="store_true", help="ask the model again, too")
    made.add_argument("--out", type=cli.folder, help="folder of the report")
    made.add_argument("--resume", action="store_true", help="simulate only what has not passed")
    return made


def rows(text: str, mine: Evaluation) -> list[str]:
    """Layers by name or network, all if empty; ValueError on an unknown one.

    >>> len(rows("alexnet,vgg16-conv5-1", evaluation.of("scnn")))
    7
    """
    asked = [part.strip() for part in text.split(",") if part.strip()]
    for one in asked:
        if one not in mine.rows and one not in mine.networks:
            raise ValueError(unknown("layers", one, [*mine.networks, *mine.rows]))
    return [one for one in mine.rows if not asked or one in asked or one.partition("-")[0] in asked]


def some(text: str, known: Sequence[str], what: str) -> list[str]:
    """A list of names, all if empty; ValueError on an unknown one."""
    asked = [part.strip() for part in text.split(",") if part.strip()] or list(known)
    for one in asked:
        if one not in known:
            raise ValueError(unknown(what, one, known))
    return asked


def source_of(mine: Evaluation, layer: str, variant: str, maps: str, asked: str) -> str:
    """Where a layer's figures come from."""
    if maps != mine.maps[0] or asked == "model":
        return "model"
    return "rtl" if asked == "rtl" or mine.simulated(layer, variant) else "model"


class Plan:
    """The checked options."""

    def __init__(self, options: argparse.Namespace, mine: Evaluation) -> None:
        """Raises ValueError that names the option."""
        self.mine = mine
        asked = options.source
        variants = some(options.variants, list(mine.variants), "variants")
        brief = mine.brief and not options.docs
        kinds = some(options.maps or (mine.maps[0] if brief else ""), mine.maps, "maps")
        self.cases = [
            mine.case(
                layer, variant, maps, options.seed, source_of(mine, layer, variant, maps, asked)
            )
            for layer in rows(options.layers, mine)
            for maps in kinds
            for variant in variants
            if mine.drawn_in(layer, variant, maps)
        ]
        self.counted = "model" if asked == "model" else "rtl"
        studies = not brief if options.studies is None else options.studies
        self.studies = studies or options.only_studies
        if options.docs and not self.studies:
            raise ValueError("docs: found no studies, need all that the documents show")
        self.studied = list(mine.studied(self.counted)) if self.studies else []
        if options.only_studies:
            self.cases = [one for one in self.cases if mine.asked(one)]
        self.jobs, self.where = options.jobs, shared_setting(options.farm, "make bench")
        self.own = own_folder(f"bench-{mine.design}", options.out)
        self.out = self.own.path
        self.publishes = options.out is None
        self.docs, self.rows = options.docs, mine.counts_rows and options.rows
        folder = self.out / "bench"
        again = options.fresh, options.resume
        self.tools = Tools(options.simulator, folder, rtl_player, *again)


def ask(item: tuple[Case, Tools]) -> tuple[Case, Record | None, str]:
    """A case, its record, or why there is none."""
    case, tools = item
    try:
        found = measure(case, tools)
        check(found)
        return case, found, ""
    except (RuntimeError, ValueError, AssertionError) as error:
        return case, None, f"{case.words()}: {type(error).__name__}: {error}"


def builds(cases: Sequence[Case], tools: Tools) -> list[tuple[Any, ...]]:
    """Jobs of ``bench_run.build``: every machine that is simulated, each once."""
    configs = {repr(one.config.parameters()): one.config for one in cases if one.source == "rtl"}
    return [
        (cases[0].design, config, tools.simulator, tools.folder / f"build{at}", tools.player)
        for at, config in enumerate(configs.values())
    ]


def run(plan: Plan, console: Console) -> tuple[dict[Case, Record], list[str]]:
    """Records of all cases, those that take longest first, and what broke."""
    cases = list(dict.fromkeys([*plan.cases, *plan.studied]))
    cases.sort(key=lambda one: (one.source != "rtl", -one.work))
    found: dict[Case, Record] = {}
    broken = []
    with (
        opened(plan.where, plan.jobs, console, here=True) as farm,
        Bar(console, transient=True) as progress,
    ):
        first = builds(cases, plan.tools)
        bar = progress.add_task("builds", total=len(first))
        for built in farm.each(bench_run.build, first):
            built.result  # noqa: B018  raises if there is no build
            progress.advance(bar)
        bar = progress.add_task("layers", total=len(cases))
        jobs = (((one, plan.tools),) for one in cases)
        for ended in farm.each(ask, jobs, name=lambda item: str(item[0].words())):
            case, record, error = ended.value or (ended.job[0][0], None, ended.problem)
            if record is None:
                broken.append(error)
            else:
                found[case] = record
            progress.advance(bar)
            interrupt.note(f"{len(found)} cases are done; RESUME=1 does not run them again")
    return found, broken


def collected(plan: Plan, found: dict[Case, Record], seconds: float) -> dict[str, Any]:
    """All that ``bench.json`` holds."""
    runs = [found[one] for one in plan.cases if one in found]
    merged = [found[one] for one in plan.studied if one.grain and one in found]
    return {
        "version": VERSION,
        "runs": runs + merged,
        "summary": summaries(runs),
        "studies": plan.mine.results(found, plan.counted, runs)
        | (plan.mine.claims() if plan.studies else {}),
        "assumes": plan.mine.assumes,
        "jobs": plan.jobs,
        "seconds": round(seconds, 1),
    }


def write_docs(mine: Evaluation, data: dict[str, Any], docs: Path = ROOT / "docs") -> None:
    """docs/<design>.json and the pictures of its page (then: ``python -m scripts.docs.cli``)."""
    place = docs / f"{mine.design}.json"
    found = mine.kept_for_docs(data)
    if mine.counts_rows:
        old = json.loads(place.read_text(encoding="utf-8"))["rows"] if place.exists() else []
        found = kept_rows.counted(found, kept_rows.joined(mine, old, data["runs"]))
    write_whole(place, json.dumps(found, indent=1) + "\n")
    draw_for_docs(found, docs / "pictures")


def write_rows(mine: Evaluation, records: Sequence[Record], docs: Path = ROOT / "docs") -> None:
    """The rows that ran from RTL into docs/<design>.json, whose other figures stay."""
    place = docs / f"{mine.design}.json"
    found = json.loads(place.read_text(encoding="utf-8"))
    found = kept_rows.counted(found, kept_rows.joined(mine, found["rows"], records))
    write_whole(place, json.dumps(found, indent=1) + "\n")


def main(design: str, arguments: Sequence[str] | None = None, player: Player = rtl_player) -> int:
    """Command line entry; returns the exit status."""
    console, errors = Console(), Console(stderr=True)
    start = time.monotonic()
    try:
        mine = evaluation.of(design)
        plan = Plan(parser(mine).parse_args(arguments), mine)
    except (ValueError, OSError) as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return BAD_INPUT
    if player is not rtl_player:
        plan.tools = replace(plan.tools, player=player)
    try:
        found, wrong = run(plan, console)
    except (RuntimeError, ValueError) as error:  # nothing to simulate with
        errors.print(f"[red]missed:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        plan.own.release()
        return FAILED
    data = collected(plan, found, time.monotonic() - start)
    if data["runs"]:
        for table in all_tables(data | {"runs": [r for r in data["runs"] if not r["granularity"]]}):
            console.print(table.console(), end="\n\n")
        write_whole(plan.out / "bench.json", json.dumps(data, indent=1) + "\n")
        page = write_page(plan.out)
        console.print(f"{'kept as' if plan.publishes else 'report'}: {page}", soft_wrap=True)
        if plan.publishes:
            with renewing(report_root()) as latest:
                publish([plan.out / "bench.json"], latest)
                console.print(f"report: {write_page(latest)}", soft_wrap=True)
        if plan.docs:
            write_docs(mine, data)
        elif plan.rows:
            write_rows(mine, data["runs"])
    plan.own.release()
    studied = (found[one] for one in plan.studied if one in found and not one.grain)
    checked = {id(one): one for one in (*data["runs"], *studied)}
    wrong += list(problems(list(checked.values()), data["summary"]))
    wrong += plan.mine.missed(data["studies"])
    for line in wrong:
        errors.print(f"[red]missed:[/red] {escape(line)}", highlight=False, soft_wrap=True)
    if not wrong:
        console.print("[green]all goals met[/green]")
    return FAILED if wrong else OK
