"""Builds of different sizes of each design, with what they cost: ``docs/sizes.json``.

Gates and longest paths of a build are those that ``docs/area.json`` or ``docs/pergate.json`` has of
the same parameters; ``--synthesise`` makes what neither has, for the designs that it names. The
rest is written as not synthesised: multipliers and memory are known, gates are not.

    python -m scripts.compare.sizes                        from the records alone
    python -m scripts.compare.sizes --synthesise eie,scnn  the rest of two designs too: minutes
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models import registry
from models.design import Design
from models.names import respelled
from models.places import ROOT
from scripts import options as cli
from scripts.console import Console
from tb.common.sim.builds import write_whole

FILE = ROOT / "docs" / "sizes.json"
AREA = ROOT / "docs" / "area.json"
COMMAND = "python -m scripts.compare.sizes"
NOT_MADE = "not synthesised"
#: What a read of an on-chip memory takes before its output moves, in FO4: on top of the paths that
#: begin there. That of some KiB; the synthesiser knows none.
ACCESS_FO4 = 12.0


class SizesError(ValueError):
    """``docs/sizes.json`` is not there, or does not hold what it should."""


@dataclass(frozen=True)
class Cost:
    """Silicon of a build.

    gates         NAND2 equivalents without the accounting; None: not synthesised
    register_fo4, memory_fo4   longest paths that begin in a register, at a memory's output; None:
                  not known
    source        where the figures are from
    """

    gates: float | None
    register_fo4: float | None
    memory_fo4: float | None
    source: str


NONE = Cost(None, None, None, NOT_MADE)


@dataclass(frozen=True)
class Size:
    """A build of ``Design.sizes`` with what it costs.

    changes      fields that are not the default's
    memory_bits  capacity of ``Design.memories``
    """

    design: str
    label: str
    changes: Mapping[str, Any]
    multipliers: int
    memory_bits: int
    cost: Cost

    @property
    def model(self) -> Design:
        """The design."""
        return registry.design(self.design)

    @property
    def config(self) -> Any:
        """The configuration."""
        return self.model.config(**self.changes)

    @property
    def published(self) -> bool:
        """Whether it is without our gains: ``Design.published``."""
        return self.label in self.model.published

    @property
    def title(self) -> str:
        """Design and size."""
        return f"{self.model.title}, {self.label}"

    @property
    def fo4(self) -> float | None:
        """The shortest clock period in FO4, access of memories in it; None: not known."""
        found = [self.cost.register_fo4] if self.cost.register_fo4 else []
        if self.cost.memory_fo4:
            found.append(self.cost.memory_fo4 + ACCESS_FO4)
        return max(found, default=None)


def declared() -> Iterator[tuple[Design, str, Mapping[str, Any]]]:
    """Every size of every design: design, label, changes."""
    for design in registry.every():
        for label, changes in design.sizes.items():
            yield design, label, changes


# ---------------------------------------------------------------- costs


@cache
def recorded(path: Path = AREA) -> dict[tuple[str, str], Cost]:
    """(design, build) -> cost, of the last ``make area AREA_ARGS=--docs``."""
    data = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for one in data["tops"]:
        paths = {kind: path["fo4"] for kind, path in one["paths"].items()}
        cost = Cost(
            one["accelerator_gates"],
            paths.get("register"),
            paths.get("memory"),
            f"docs/area.json: {one['config']}",
        )
        found[one["design"], one["config"]] = cost
    return found


def known(design: Design, config: Any) -> Cost | None:
    """The cost of a build with the same parameters in the records, None without."""
    mine = config.parameters()
    for name, changes in design.builds.items():
        fields = respelled(dict(changes), list(type(config).__dataclass_fields__), design.name)
        cost = recorded().get((design.name, name))
        if cost is not None and design.config(**fields).parameters() == mine:
            return cost
    return None


def synthesised(design: Design, config: Any) -> Cost:
    """By Yosys, from the cache where it is there; AreaError where it does not synthesise."""
    from scripts.area.tree import area  # late: readers of the record need no synthesiser

    tree = area(design.top, config.parameters())
    paths = {kind: one["fo4"] for kind, one in tree.paths.items()}
    return Cost(tree.accelerator_gates, paths.get("register"), paths.get("memory"), "synthesis")


def fingerprint(design: Design, config: Any) -> str:
    """Of everything that decides what the synthesis of a build gives."""
    from scripts.area import yosys

    return yosys.fingerprint(design.top, config.parameters(), ROOT / "rtl", False)


def entry(design: Design, label: str, cost: Cost) -> dict[str, Any]:
    """A line of the record."""
    changes = dict(design.sizes[label])
    config = design.config(**changes)
    made = {
        "design": design.name,
        "size": label,
        "changes": changes,
        "multipliers": design.multipliers(config),
        "memory_bits": sum(one.bits for one in design.memories(config).values()),
        **asdict(cost),
    }
    if cost.source == "synthesis":
        made["fingerprint"] = fingerprint(design, config)
    return made


def lines(before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines of all sizes from the records, and from ``before``, the last lines, where neither RTL
    nor tools have changed since.
    """
    kept = {(one["design"], one["size"]): one for one in before}
    made = []
    for design, label, changes in declared():
        config = design.config(**changes)
        cost = known(design, config)
        old = kept.get((design.name, label), {})
        if cost is None and old.get("fingerprint") == fingerprint(design, config):
            cost = _cost(old)
        made.append(entry(design, label, cost or NONE))
    return made


def write(made: Sequence[Mapping[str, Any]]) -> None:
    """The record."""
    write_whole(FILE, json.dumps({"access_fo4": ACCESS_FO4, "sizes": made}, indent=1) + "\n")


def synthesise(
    made: list[dict[str, Any]], wanted: Sequence[str], only: str | None, console: Console
) -> None:
    """What is missing of some designs, written as soon as it is there; ``only``: this size."""
    for at, one in enumerate(made):
        if one["gates"] is None and one["design"] in wanted and only in (None, one["size"]):
            design, label = registry.design(one["design"]), one["size"]
            with console.status(f"gates of {design.title}, {label}"):
                cost = synthesised(design, design.config(**one["changes"]))
            made[at] = entry(design, label, cost)
            write(made)
            console.print(f"  {design.title}, {label}: {cost.gates:,.0f} gates", style="dim")


# ---------------------------------------------------------------- reading


def _cost(record: Mapping[str, Any]) -> Cost:
    return Cost(**{name: record[name] for name in Cost.__dataclass_fields__})


def load(path: Path = FILE) -> list[Size]:
    """All sizes with their costs, those of a design that is not in the record not synthesised;
    SizesError with what to run where the record is not as it should be, or has a design with other
    sizes than today.
    """
    try:
        lines = json.loads(path.read_text(encoding="utf-8"))["sizes"]
        held = {one["design"] for one in lines}
        if not held:
            raise ValueError("no size")
        lines += [entry(design, label, NONE) for design, label, _ in declared()
                  if design.name not in held]  # fmt: skip
        if held <= registry.DESIGNS.keys():
            lines.sort(key=lambda one: list(registry.DESIGNS).index(one["design"]))
        found = [
            Size(
                one["design"],
                one["size"],
                one["changes"],
                one["multipliers"],
                one["memory_bits"],
                _cost(one),
            )
            for one in lines
        ]
    except FileNotFoundError:
        raise SizesError(f"{path.name}: found no such file, need that of {COMMAND}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise SizesError(f"{path.name}: found {error!r}, need what {COMMAND} writes") from None
    now = [(design.name, label, dict(changes)) for design, label, changes in declared()]
    if [(one.design, one.label, dict(one.changes)) for one in found] != now:
        raise SizesError(f"{path.name}: found other sizes than Design.sizes, need {COMMAND}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = cli.Parser(prog=COMMAND, description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--synthesise", default="", help="designs with commas between, or all")
    parser.add_argument("--size", help="only the size of this name")
    options: argparse.Namespace = parser.parse_args(arguments)
    console = Console()
    from scripts.area.yosys import AreaError

    try:
        names = list(registry.DESIGNS) if options.synthesise == "all" else []
        names = names or [one for one in options.synthesise.split(",") if one]
        for one in names:
            registry.design(one)
        before = json.loads(FILE.read_text(encoding="utf-8"))["sizes"] if FILE.is_file() else []
        made = lines(before)
        write(made)
        synthesise(made, names, options.size, console)
    except (AreaError, ValueError, KeyError) as error:
        return cli.refused(error)
    missing = [f"{one['design']} {one['size']}" for one in made if one["gates"] is None]
    console.print(f"{FILE.name}: {len(made)} sizes; {NOT_MADE}: {', '.join(missing) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
