"""``make area``: silicon cost of every block, PE and top, through Yosys.

Each module is synthesised once per set of parameters and put together by number of instances;
memories are left out as bits. ``scripts/area/cells.toml`` says what a cell costs. Writes
``area.json`` (all trees) and ``area.html`` with pictures. Results are kept by hash of sources,
parameters and tool versions: a second run synthesises only what has changed.

    python -m scripts.area.cli                           everything
    python -m scripts.area.cli --design dense            one design, to dense.json
    python -m scripts.area.cli --config 16x16            one configuration, to 16x16.json
    python -m scripts.area.cli --top lac_fifo -G Depth=3 one module

    >>> from scripts.area.cli import area
    >>> tree = area("lac_fifo", {"Width": 8, "Depth": 4})   # doctest: +SKIP
    >>> tree.gates, tree.ffs, tree.mem_bits, tree.fo4       # doctest: +SKIP
    (447.0, 39, 0, 9.9)
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.names import quoted, respelled, unknown
from models.places import ROOT, build_root
from scripts import interrupt
from scripts import options as cli
from scripts.area import builds as area_configs
from scripts.area import page as area_report
from scripts.area import yosys
from scripts.area.builds import Config
from scripts.area.tree import ACCOUNTING, BIT_PRICE, CELLS, AreaTree, Key, Synthesis, area, key_of
from scripts.area.yosys import AreaError
from scripts.console import Console
from scripts.outputs import renewing
from tb.common.sim.builds import write_whole
from tb.common.sim.configs import declared

__all__ = ["ACCOUNTING", "AreaError", "AreaTree", "area", "load"]

RTL = ROOT / "rtl"
AREA = build_root() / "area" / "area.json"


def load(path: Path = AREA) -> dict[tuple[str, str], AreaTree]:
    """(design, configuration) -> tree, of the last ``make area``."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return {
        (one["design"], one["config"]): AreaTree.from_json(one["tree"])
        for one in (*data["tops"], *data["blocks"])
    }


def key(config: Config) -> Key:
    """What to synthesise for a line of the table (a block's name is its module)."""
    top = config.name if config.name.startswith("lac_") else config.top
    return key_of(top, config.parameters)


def synthesise(
    console: Console, configs: Sequence[Config], jobs: int, flat: bool = False
) -> tuple[list[AreaTree], int]:
    """Trees of the configurations, in order, and how many modules were not in the cache."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("preparing", total=None)
        yosys.prepare()

        def progress(done: int, known: int, text: str) -> None:
            bar.update(task, completed=done, total=known, description=f"{text:<24.24}")

        synthesis = Synthesis(RTL, jobs, flat, progress)
        synthesis.run([key(one) for one in configs])
        trees = [synthesis.tree(key(one)) for one in configs]
    return trees, synthesis.synthesised


def entry(config: Config, tree: AreaTree) -> dict[str, Any]:
    """A line of ``area.json``."""
    return {
        "design": config.design,
        "config": config.name,
        "module": tree.module,
        "parameters": dict(config.parameters),
        "gates": tree.gates,
        "transistors": tree.transistors,
        "ffs": tree.ffs,
        "mem_bits": tree.mem_bits,
        "memory_types": tree.memory_types,
        "fo4": tree.fo4,
        "paths": tree.as_json()["paths"],
        "accounting_gates": tree.accounting_gates,
        "accelerator_gates": tree.accelerator_gates,
        "tree": tree.as_json(),
    }


def compare_flat(console: Console, jobs: int) -> list[dict[str, Any]]:
    """Small tops put together and in one netlist."""
    made = []
    parts, _ = synthesise(console, area_configs.FLAT, jobs)
    whole, _ = synthesise(console, area_configs.FLAT, jobs, flat=True)
    for config, one, other in zip(area_configs.FLAT, parts, whole, strict=True):
        made.append(
            {
                "design": config.design,
                "config": config.name,
                "parameters": dict(config.parameters),
                "composed": {"gates": one.gates, "ffs": one.ffs, "fo4": one.fo4},
                "flat": {"gates": other.gates, "ffs": other.ffs, "fo4": other.fo4},
            }
        )
    return made


def measure(console: Console, options: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for, as ``area.json`` holds it.

    Raises ValueError without such a design or configuration, AreaError when a module does not
    synthesise.
    """
    began = time.monotonic()
    tops = area_configs.existing(area_configs.asked(options.design, options.config), RTL)
    blocks = [] if options.partial else area_configs.blocks(RTL)
    trees, new = synthesise(console, [*tops, *blocks], options.jobs)
    entries = [entry(*pair) for pair in zip([*tops, *blocks], trees, strict=True)]
    return {
        "versions": yosys.versions(),
        "cells": CELLS,
        "accounting": list(ACCOUNTING),
        "synthesised": new,
        "tops": entries[: len(tops)],
        "blocks": entries[len(tops) :],
        "flat": [] if options.partial else compare_flat(console, options.jobs),
        "seconds": round(time.monotonic() - began, 1),
    }


def write_docs(data: Mapping[str, Any]) -> None:
    """The figures of the tops for README.md (then: ``python -m scripts.docs.cli``)."""
    names = (
        *("design", "config", "gates", "accelerator_gates", "ffs"),
        *("mem_bits", "memory_types", "fo4", "paths"),
    )
    tops = [{name: one[name] for name in names} for one in data["tops"]]
    made = {
        "versions": data["versions"],
        "tops": tops,
        "flat": data["flat"],
        "bit_price": BIT_PRICE,
        "splits": area_report.split_records(data),
    }
    path = ROOT / "docs" / "area.json"
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def arguments_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = cli.Parser(prog="make area", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--design", help="only this design (and no blocks, no flat comparison)")
    parser.add_argument("--config", help="only this configuration (the same)")
    parser.add_argument("--top", help="only this module, printed")
    parser.add_argument("-G", dest="given", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--flat", action="store_true", help="--top in one netlist")
    parser.add_argument("--docs", action="store_true", help="also write docs/area.json")
    parser.add_argument("--jobs", type=cli.jobs, default=2, help="modules at a time")
    parser.add_argument("--folder", type=cli.folder, default=build_root() / "area")
    options = parser.parse_args(arguments)
    options.parameters = parameters_of(options.top, options.given)
    chosen = [one for one in (options.design, options.config) if one is not None]
    options.partial, options.name = bool(chosen), file_name("_".join(chosen)) or "area"
    if options.docs and options.partial:
        parser.error("--docs wants all designs and configurations, not --design or --config")
    return options


def file_name(text: str) -> str:
    """A configuration as part of a file's name.

    >>> file_name("eie_pe4,NumPe=8")
    'eie_pe4-NumPe8'
    """
    return re.sub(r"[^\w.-]+", "-", text.replace("=", ""))


def parameters_of(top: str | None, given: Sequence[str]) -> dict[str, int]:
    """``-G NAME=NUMBER`` of a module, spelled as in its header; ends the program on a wrong one."""
    found = {}
    try:
        for one in given:
            name, _, value = one.partition("=")
            try:
                found[name] = int(value, 0)
            except ValueError:
                raise ValueError(f"G: found {quoted(one)}, need NAME=NUMBER") from None
        if top is None:
            return cli.refuse("G: only beside --top") if given else {}
        paths = {path.stem: path for path in RTL.glob("*/*.sv")}
        if top not in paths:
            raise ValueError(unknown("top", top, paths))
        return respelled(found, declared(paths[top], top), top)
    except ValueError as error:
        return cli.refuse(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    options = arguments_of(arguments)
    console = Console()
    try:
        if options.top:
            tree = area(options.top, options.parameters, flat=options.flat)
            area_report.show_tree(console, options.top, tree.as_json())
            return 0
        data = measure(console, options)
    except (AreaError, ValueError) as error:
        return cli.refused(error)
    area_report.show(console, data)
    options.folder.mkdir(parents=True, exist_ok=True)
    target = options.folder / f"{options.name}.json"
    write_whole(target, json.dumps(data, indent=1) + "\n")
    if not options.partial:
        if options.docs:
            write_docs(data)
        with renewing(build_root() / "report") as report:
            console.print(f"{area_report.write_report(report, data)}", soft_wrap=True)
    console.print(f"{target} ({data['synthesised']} modules new, {data['seconds']:.0f} s)")
    return 0


if __name__ == "__main__":
    interrupt.entry(main)
