"""How fast full-size simulations are: ``python -m scripts.speed``.

    .venv/bin/python -m scripts.speed --design dense,eie --rounds 5

Runs LeNet-5's first convolution on each design, in turns: as ``make run`` does, and by the bare
harness (``tb/common/player/bare.cpp``), which has the same compiled model, streams and register
accesses, but neither cocotb nor Python. The ratio of the two is what the bench costs; that of a
round is of two runs side by side. Results, counters and clock cycles of both must be equal.

Prints a table and writes ``build/speed.json``. A machine that is busy shows in min and max.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models import registry
from models.places import build_root
from models.program import Program
from scripts import interrupt, options
from scripts.console import Console, Table
from scripts.measure.jobs import NetworkJob
from scripts.run.tasks import configured, designs_of
from tb.common.player import bare, player
from tb.common.sim.builds import Build, BuildError, build, write_whole
from tb.common.sim.runner import player_bench
from tb.common.sim.simulators import ToolMissing

NET = "lenet_5"
DIGITS = 5
RATIOS: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "median": statistics.median,
    "max": max,
}


@dataclass
class Speed:
    """What was measured on a design: clock cycles of a run, simulated cycles a second of each."""

    design: str
    config: dict[str, Any]
    digits: int
    passes: int
    cycles: int = 0
    player: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Player against bare harness, of each round."""
        return [ours / theirs for ours, theirs in zip(self.player, self.bare, strict=True)]

    def record(self) -> dict[str, Any]:
        """For the file."""
        return asdict(self) | {"ratio": {name: of(self.ratios) for name, of in RATIOS.items()}}


class Pair:
    """A program on the player and on the bare harness."""

    def __init__(self, design: str, digits: int | None, seed: int) -> None:
        """Compile the layer. Raises ValueError when it has no such number of digits."""
        model = registry.design(design)
        config = configured(design, model.quick)
        count = digits or (1 if model.per_pixel else DIGITS)
        layers = NetworkJob(NET, count).with_inputs(getattr(config, "act_width", 16))
        self.config = model.holding(layers, config)  # the build of make run
        self.program: Program = model.compile(layers[0], self.config)
        self.folder, self.seed = build_root() / "run" / "speed" / design, seed
        self.speed = Speed(design, asdict(self.config), count, len(self.program.passes))

    def build(self) -> None:
        """The model, and the harness linked with it."""
        parameters = self.config.parameters()
        made: Build = build(player_bench(self.speed.design, parameters))
        self.binary = bare.link(made)

    def bare_round(self) -> None:
        """A run of the harness."""
        folder = self.folder / "bare"
        plan = player.prepare(self.program, folder, self.config.parameters())
        found = bare.run(self.binary, plan, folder, self.seed)
        self._took(self.speed.bare, found.cycles, found.seconds)

    def player_round(self) -> None:
        """A run as ``make run`` does it."""
        found = player.run_program(
            self.program, self.config, seed=self.seed, out_dir=self.folder / "player", case=False
        )
        self._took(self.speed.player, found.sim_cycles, found.sim_seconds)

    def _took(self, speeds: list[float], cycles: int, seconds: float) -> None:
        self.speed.cycles = self.speed.cycles or cycles
        if cycles != self.speed.cycles:
            raise player.PlayerError(f"{cycles} clock cycles, {self.speed.cycles} in another run")
        speeds.append(cycles / seconds)

    def measure(self, rounds: int) -> Speed:
        """Both in turns, the order turned round each time. PlayerError where they differ."""
        for number in range(rounds):
            turns = [self.bare_round, self.player_round]
            for turn in turns if number % 2 else reversed(turns):
                turn()
            same_files(self.folder / "player", self.folder / "bare")
        return self.speed


def same_files(first: Path, second: Path) -> None:
    """PlayerError unless results and all that was read from registers are equal."""
    for name in ("out.hex", "reads.hex"):
        if (first / name).read_bytes() != (second / name).read_bytes():
            raise player.PlayerError(f"{name} of player and bare harness differ")


def show(console: Console, speeds: Sequence[Speed], rounds: int) -> None:
    """The table."""
    table = Table(title=f"{NET}, first layer: simulated cycles a second, {rounds} rounds")
    table.add_column("design", no_wrap=True)
    for name in ("passes", "cycles", "player", "bare harness", *(f"ratio, {n}" for n in RATIOS)):
        table.add_column(name, justify="right")
    for one in speeds:
        rates = (statistics.median(one.player), statistics.median(one.bare))
        ratios = (f"{of(one.ratios):.2f}" for of in RATIOS.values())
        table.add_row(
            one.design,
            f"{one.passes:,}",
            f"{one.cycles:,}",
            *(f"{rate:,.0f}" for rate in rates),
            *ratios,
        )
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = options.Parser(prog="speed", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--design", default="all", help=f"all, or some of {', '.join(registry.DESIGNS)}"
    )
    parser.add_argument("--count", type=options.integer(1), help="digits sent through the layer")
    parser.add_argument("--rounds", type=options.integer(1, 100), default=5)
    parser.add_argument("--seed", type=options.seed, default=1, help="of the start states")
    args: argparse.Namespace = parser.parse_args(arguments)
    console, speeds = Console(), []
    try:
        for design in designs_of(args.design):
            console.print(f"[dim]{design}[/]")
            pair = Pair(design, args.count, args.seed)
            pair.build()
            speeds.append(pair.measure(args.rounds))
    except (ValueError, ToolMissing) as error:
        return options.refused(error)
    except (player.PlayerError, BuildError) as error:
        console.print(f"failed: {error}", markup=False)
        return 1
    show(console, speeds, args.rounds)
    target = build_root() / "speed.json"
    record = {"net": NET, "rounds": args.rounds, "seed": args.seed}
    record["designs"] = [one.record() for one in speeds]
    write_whole(target, json.dumps(record, indent=1) + "\n")
    console.print(f"written: {target}", markup=False)
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
