"""``make which``: the three best designs for a layer of yours, and why.

Every design at equal gates (or multipliers, or memory) by its cycle model, which is equal to the
RTL; nothing is simulated. Prints who is fastest, leanest per gate and per joule, where the slots
and the energy of the three best go, and why the others cannot take the layer.

Exit status: 0 done, 2 bad input, or no design takes the layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from scripts import interrupt
from scripts import options as cli
from scripts.compare import asked
from scripts.compare.choose import MEASURES, Entrant, budget_of
from scripts.compare.cli import entrants_of
from scripts.compare.results import row_of
from scripts.compare.sizes import NOT_MADE, load
from scripts.compare.tables import short
from scripts.console import Console, Table
from scripts.farm.farm import opened
from scripts.farm.settings import Setting
from scripts.pages.text import number, percent, table

#: How many are recommended, and how many of their losses are named.
BEST, LOSSES = 3, 2
#: Figure of merit, smaller being better -> how it reads.
GOALS = {"time": "fastest", "area": "leanest per gate", "energy": "leanest per joule"}


def merits(found: Entrant) -> dict[str, float | None]:
    """Time in us, gates times us, energy in uJ; None where gates or clock are not known."""
    time, gates = found.time_us, found.size.cost.gates
    area = None if time is None or gates is None else time * gates
    return {"time": time, "area": area, "energy": found.energy_uj}


def ranked(entrants: Sequence[Entrant], goal: str) -> list[tuple[Entrant, float]]:
    """Those that take the layer and whose merit is known, the best first, with it over the best."""
    known = [(one, merits(one)[goal]) for one in entrants if one.found]
    there = sorted(
        ((one, value) for one, value in known if value is not None), key=lambda one: one[1]
    )
    return [(one, value / there[0][1]) for one, value in there]


def why(found: Entrant) -> str:
    """Where the slots and the energy of a design go."""
    row = row_of(found)
    lost = list(row["lost"].items())[:LOSSES]
    parts: dict[str, float] = {}
    for one in found.found:
        for name, value in one.energy_pj.items():
            parts[name] = parts.get(name, 0.0) + value
    largest = max(parts, key=parts.__getitem__)
    share = parts[largest] / sum(parts.values())
    losses = "; ".join(f"{percent(value)} {label}" for label, value in lost) or "none lost"
    useful = percent(row["useful_share"])
    return f"{useful} of the slots useful ({losses}); energy: {percent(share)} {_PARTS[largest]}"


_PARTS = {
    "mac": "multiplying",
    "dram": "streams",
    "wgt": "weight memory",
    "idx": "index memory",
    "act": "activation memory",
    "psum": "partial sums",
}


def table_of(entrants: Sequence[Entrant], title: str) -> Table:
    """All designs that take the layer, the fastest first, and how far they are behind."""
    right = ("cycles", "time, us", "energy, uJ", "kilogates", *GOALS.values())
    made = table(title, "", ("design", "build"), right)
    behind = {goal: {id(one): ratio for one, ratio in ranked(entrants, goal)} for goal in GOALS}
    for one in sorted((one for one in entrants if one.found), key=lambda one: one.rank):
        gates = one.size.cost.gates
        made.add_row(
            one.size.model.title,
            one.size.label,
            number(one.cycles),
            short(one.time_us),
            short(one.energy_uj),
            NOT_MADE if gates is None else short(gates, 1e-3),
            *(_behind(behind[goal].get(id(one))) for goal in GOALS),
        )
    return made


def _behind(ratio: float | None) -> str:
    if ratio is None:
        return "-"
    return "[bold green]best[/]" if ratio == 1 else f"{ratio:.2f}x"


def advice(entrants: Sequence[Entrant]) -> list[str]:
    """The best by each goal in a line, then the three fastest and why."""
    lines = []
    for goal, text in GOALS.items():
        order = ranked(entrants, goal)
        if order:
            rest = ", ".join(f"{one.size.model.title} {ratio:.2f}x" for one, ratio in order[1:BEST])
            then = f" (then {rest})" if rest else ""
            lines.append(f"{text}: [bold]{order[0][0].size.title}[/]{then}")
    for one, _ in ranked(entrants, "time")[:BEST]:
        lines.append(f"  {one.size.model.title}: {why(one)}")
    return lines


def parser() -> Any:
    """The options."""
    made = cli.Parser(prog="make which", description=(__doc__ or "").splitlines()[0])
    asked.add_options(made)
    made.add_argument("--at", type=cli.choice(*MEASURES), default="gates", help="what is equal")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = parser().parse_args(arguments)
    console = Console()
    try:
        if options.layer is options.net is options.workload is None:
            raise ValueError("layer: found nothing, need a .npz file: LAYER=my.npz")
        given = asked.layers_of(options)
        sizes = load()
        budget = budget_of(sizes, options.at)
    except (OSError, ValueError, MemoryError) as error:
        return cli.refused(error)
    with opened(Setting(), 1, console, here=True) as farm:
        found = entrants_of(sizes, given.layers, options.at, budget, farm, console)
    if not any(one.found for one in found):
        return cli.refused("; ".join(f"{one.size.design}: {one.reason}" for one in found))
    title = f"{given.name}, at equal {MEASURES[options.at]}: nearest to {number(budget)}"
    console.print(table_of(found, escape(title)), end="\n\n")
    for line in advice(found):
        console.print(line, soft_wrap=True)
    for line in given.notes:
        console.print(f"[yellow]note:[/] {escape(line)}", soft_wrap=True)
    for one in found:
        if not one.found:
            text = f"{one.size.model.title}: {one.reason}"
            console.print(f"[yellow]missing:[/] {escape(text)}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
