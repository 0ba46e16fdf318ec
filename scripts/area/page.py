"""``area.json`` as tables in the terminal and as the page ``area.html`` with pictures.

``python -m scripts.area.page [FOLDER]`` makes the page again from ``build/area/area.json``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from models import registry
from models.design import REST, Split
from models.places import build_root
from scripts.area.tree import BIT_PRICE
from scripts.console import Console, Table
from scripts.pages.again import again
from scripts.pages.figure import GRID, subplots, svg
from scripts.pages.frame import Picture, written

PAGE = "area.html"
#: configurations whose tree is printed; the page has all
PRINTED = ("pe64_full", "16x16", "csc_16x16")
HEADS = ("instances", "gates each", "gates", "share", "flip-flops", "memory bits", "FO4")
TOP_HEADS = ("gates", "accelerator", "accounting", "transistors", "flip-flops", "memory bits",
             "of them 1R1W", "FO4")  # fmt: skip
COLOURS = ("#2f6db5", "#2a7f62", "#e0a030", "#7b6fb0", "#c0392b", "#4aa3a2", "#b9770e", "#829ab1")
OTHER = "#dde3ea"
SPLIT_HEADS = ("gates", "memory bits", "of the gates", "with memory", "paper, of the area")
NUM_COLOURED = len(COLOURS)
Node = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A line of a tree: what it is, how far in, whether it is accounting, cells of the table."""

    level: int
    name: str
    module: str
    accounting: bool
    cells: tuple[str, ...]


def rows(tree: Node, accounting: Sequence[str]) -> list[Row]:
    """The tree as lines; a module with parts has a line for what is its own."""
    return list(_rows(tree, accounting, tree["gates"] or 1, 1, 0, False))


def _rows(
    node: Node, accounting: Sequence[str], whole: float, times: int, level: int, inside: bool
) -> Iterator[Row]:
    times *= node["count"]
    marked = inside or node["module"] in accounting
    yield Row(
        level,
        node["name"],
        node["module"],
        marked,
        (
            f"{times:,}",
            f"{node['gates']:,.0f}",
            f"{times * node['gates']:,.0f}",
            f"{100 * times * node['gates'] / whole:.1f} %",
            f"{times * node['ffs']:,}",
            f"{times * node['mem_bits']:,}",
            f"{node['fo4']:.1f}",
        ),
    )
    logic = [one for one in node["children"] if one["gates"]]
    if logic and node["own_gates"]:
        own = times * node["own_gates"]
        share = f"{100 * own / whole:.1f} %"
        ffs = sum(n for kind, n in node["cells"].items() if kind.startswith("$_DFF"))
        cells = (f"{times:,}", f"{node['own_gates']:,.0f}", f"{own:,.0f}", share,
                 f"{times * ffs:,}", f"{times * node['own_mem_bits']:,}", "")  # fmt: skip
        yield Row(level + 1, "(its own)", "", marked, cells)
    for one in node["children"]:
        yield from _rows(one, accounting, whole, times, level + 1, marked)


def _within(node: Node, module: str, times: int = 1) -> Iterator[tuple[Node, int]]:
    """The nodes of a module in a tree, and how many of each there are."""
    if node["module"] == module:
        yield node, times
    for one in node["children"]:
        yield from _within(one, module, times * one["count"])


def split_parts(split: Split, tree: Node) -> dict[str, tuple[float, int]]:
    """(gates, memory bits) of each part of one instance, the rest last; none without one.

    A module of a part within another one of the same part is counted with that.

    Raises ValueError naming a part that lies in another: it would be counted twice.
    """
    whole, _ = next(_within(tree, split.module), (None, 0))
    if whole is None:
        return {}
    part_of = {module: label for label, modules in split.parts.items() for module in modules}
    counted = dict.fromkeys(split.parts, (0.0, 0))

    def count(node: Node, times: int, outer: str) -> None:
        label = part_of.get(node["module"])
        if label is not None and outer and label != part_of[outer]:
            name = node["module"]
            raise ValueError(f"split of {split.title}: {name} is a part, and in {outer}")
        if label is not None and not outer:
            gates, bits = counted[label]
            counted[label] = gates + times * node["gates"], bits + times * node["mem_bits"]
        for one in node["children"]:
            count(one, times * one["count"], outer or (node["module"] if label else ""))

    for one in whole["children"]:
        count(one, one["count"], "")
    gates, bits = (
        whole[kind] - sum(one[at] for one in counted.values())
        for at, kind in enumerate(("gates", "mem_bits"))
    )
    return counted | {REST: (gates, bits)}


def split_rows(split: Split, tree: Node) -> list[tuple[str, ...]]:
    """Rows of ``SPLIT_HEADS``: what the parts of one instance are of it; none without one."""
    parts = split_parts(split, tree)
    if not parts:
        return []
    logic = sum(gates for gates, _ in parts.values())
    memory = sum(bits for _, bits in parts.values())
    total = logic + BIT_PRICE * memory
    made = []
    for label, (gates, bits) in parts.items():
        shares = 100 * gates / logic, 100 * (gates + BIT_PRICE * bits) / total
        paper = f"{split.paper[label]:.3g} %" if label in split.paper else ""
        numbers = f"{gates:,.0f}", f"{bits:,}"
        made.append((label, *numbers, *(f"{share:.1f} %" for share in shares), paper))
    last = f"{logic:,.0f}", f"{memory:,}", "100 %", "100 %", ""
    return [*made, (split.title, *last)]


def split_records(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A record for each part of every top whose design states them, for ``docs/area.json``."""
    made = []
    for one in data["tops"]:
        known = one["design"] in registry.DESIGNS
        if not known or (split := registry.design(one["design"]).split) is None:
            continue
        for label, (gates, bits) in split_parts(split, one["tree"]).items():
            made.append(
                {
                    "design": one["design"],
                    "config": one["config"],
                    "of": split.title,
                    "part": label,
                    "gates": gates,
                    "mem_bits": bits,
                }
            )
    return made


def splits(data: Mapping[str, Any]) -> list[tuple[str, str, list[tuple[str, ...]]]]:
    """(title, note, rows) of every top whose design states one."""
    made = []
    for one in data["tops"]:
        known = one["design"] in registry.DESIGNS
        if not known or (split := registry.design(one["design"]).split) is None:
            continue
        if lines := split_rows(split, one["tree"]):
            title = f"{one['design']} {one['config']}: {split.title}"
            made.append((title, split.note, lines))
    return made


def top_cells(one: Node) -> tuple[str, ...]:
    """The figures of a top or block."""
    numbers = (one["gates"], one["accelerator_gates"], one["accounting_gates"])
    memory = (one["mem_bits"], one["memory_types"]["1R1W"])
    counts = (one["transistors"], one["ffs"], *memory)
    fo4 = f"{one['fo4']:.1f}"
    return (*(f"{n:,.0f}" for n in numbers), *(f"{n:,}" for n in counts), fo4)


def show_tree(console: Console, title: str, tree: Node, accounting: Sequence[str] = ()) -> None:
    """A tree in the terminal."""
    table = Table(title=f"{title}: NAND2 equivalents")
    table.add_column("block", no_wrap=True)
    for head in HEADS:
        table.add_column(head, justify="right")
    for row in rows(tree, accounting):
        style = "dim" if row.accounting else "bold" if row.level == 0 else None
        module = "" if row.module in ("", row.name) else f" [dim]{row.module}[/]"
        name = row.name.replace("[", "\\[")
        table.add_row("  " * row.level + name + module, *row.cells, style=style)
    console.print(table)


def show(console: Console, data: Mapping[str, Any]) -> None:
    """A tree per design, then all tops, blocks and the comparison with flat netlists."""
    designs = dict.fromkeys(one["design"] for one in data["tops"])
    for design in designs:
        mine = [one for one in data["tops"] if one["design"] == design]
        for one in [o for o in mine if o["config"] in PRINTED] or mine[:1]:
            show_tree(console, f"{design} {one['config']}", one["tree"], data["accounting"])
    for title, note, lines in splits(data):
        table = Table(title=f"{title}; {note}" if note else title)
        table.add_column("part", no_wrap=True)
        for head in SPLIT_HEADS:
            table.add_column(head, justify="right")
        for line in lines:
            table.add_row(*line)
        console.print(table)
    for title, entries in (("tops", data["tops"]), ("blocks", data["blocks"])):
        table = Table(title=f"{title}: NAND2 equivalents")
        for head in ("", "configuration"):
            table.add_column(head, no_wrap=True)
        for head in TOP_HEADS:
            table.add_column(head, justify="right")
        for one in entries:
            table.add_row(one["design"], one["config"], *top_cells(one))
        if entries:
            console.print(table)
            show_paths(console, title, entries)
    for one in data["flat"]:
        console.print(flat_text(one))


def show_paths(console: Console, title: str, entries: Sequence[Node]) -> None:
    """The longest paths of tops or blocks, with their ends."""
    note = "longest paths, FO4 (memory: from its output, access not counted)"
    table = Table(title=f"{title}: {note}")
    for head in ("configuration", "FO4", "from", "to", "memory", "from", "to"):
        table.add_column(head, justify="right" if head in ("FO4", "memory") else "left")
    for one in entries:
        cells = (text.replace("[", "\\[") for text in _path_cells(one["paths"]))
        table.add_row(one["config"], *cells)
    console.print(table)


def flat_text(one: Node) -> str:
    """How far putting together is from one netlist."""
    whole, parts = one["flat"], one["composed"]
    off = parts["gates"] / whole["gates"] - 1
    return (
        f"{one['design']} {one['config']}: {parts['gates']:,.0f} gates put together, "
        f"{whole['gates']:,.0f} in one netlist ({100 * off:+.1f} %); flip-flops {parts['ffs']:,} "
        f"and {whole['ffs']:,}; FO4 {parts['fo4']:.1f} and {whole['fo4']:.1f}"
    )


def own_by_module(tree: Node, times: int = 1) -> dict[str, float]:
    """Module -> gates that are its own, over all its instances."""
    times *= tree["count"]
    found = {tree["module"]: times * tree["own_gates"]}
    for one in tree["children"]:
        for module, gates in own_by_module(one, times).items():
            found[module] = found.get(module, 0) + gates
    return found


def bars(entries: Sequence[Node]) -> Figure:
    """Where the gates of a design are: a stacked bar per configuration, in percent."""
    split = [own_by_module(one["tree"]) for one in entries]
    weight: dict[str, float] = {}
    for one, whole in zip(split, entries, strict=True):
        for module, gates in one.items():
            weight[module] = max(weight.get(module, 0), gates / whole["gates"])
    named = sorted(weight, key=lambda module: -weight[module])[:NUM_COLOURED]
    figure, axes = subplots(9.2, 2.2 + 0.45 * len(entries))
    axis = axes[0, 0]
    left = [0.0] * len(entries)
    parts = [(name, colour) for name, colour in zip(named, COLOURS, strict=False)]
    for name, colour in [*parts, ("all other modules", OTHER)]:
        share = [
            100 * (one.get(name, 0) if name in named else _rest(one, named)) / whole["gates"]
            for one, whole in zip(split, entries, strict=True)
        ]
        axis.barh(range(len(entries)), share, left=left, color=colour, label=name, height=0.68)
        left = [a + b for a, b in zip(left, share, strict=True)]
    labels = [f"{one['config']}\n{one['gates'] / 1000:,.0f} k" for one in entries]
    axis.set_yticks(range(len(entries)), labels)
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    axis.set_xlabel("% of the gates")
    axis.grid(axis="y", visible=False)
    axis.grid(axis="x", color=GRID)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def _rest(split: Mapping[str, float], named: Sequence[str]) -> float:
    return sum(gates for module, gates in split.items() if module not in named)


def path_rows(entries: Sequence[Node]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """(design, configuration, module, length, start and end of both kinds of path) of each top and
    block and every module in it, each module once.
    """
    found = []
    for one in entries:
        seen: dict[str, Node] = {}
        waiting = [one["tree"]]
        while waiting:
            node = waiting.pop(0)
            seen.setdefault(node["module"], node)
            waiting += node["children"]
        for module, node in seen.items():
            if node["paths"]:
                cells = _path_cells(node["paths"])
                found.append((one["design"], one["config"], module, cells))
    return found


def _path_cells(paths: Mapping[str, Any]) -> tuple[str, ...]:
    cells: list[str] = []
    for kind in ("register", "memory"):
        way = paths.get(kind)
        cells += (f"{way['fo4']:.1f}", way["start"], way["end"]) if way else ("", "", "")
    return tuple(cells)


def by_design(data: Mapping[str, Any]) -> dict[str, list[Node]]:
    """Tops of each design."""
    found: dict[str, list[Node]] = {}
    for one in data["tops"]:
        found.setdefault(one["design"], []).append(one)
    return found


def write_report(folder: Path, data: Mapping[str, Any]) -> Path:
    """Make ``area.html`` and ``area_<design>.png`` in ``folder``."""
    made = []
    for design, entries in by_design(data).items():
        made.append(
            Picture(
                f"Where the gates are: {design}",
                "Each module without the modules in it, over all its instances; memories are not "
                "in it.",
                svg(bars(entries), f"area_{design}"),
            )
        )
        figure = bars(entries)
        figure.savefig(folder / f"area_{design}.png", dpi=110, metadata={"Software": None})
    return written(
        folder / PAGE,
        "area.html.j2",
        title="Silicon cost",
        subtitle=", ".join(f"{name} {version}" for name, version in data["versions"].items()),
        cards=[
            (f"{one['design']} {one['config']}", f"{one['gates'] / 1000:,.0f} k")
            for one in data["tops"]
            if one["config"] in PRINTED
        ],
        costs=data["cells"],
        heads=HEADS,
        top_heads=TOP_HEADS,
        paths=path_rows([*data["tops"], *data["blocks"]]),
        tops=[(one["design"], one["config"], top_cells(one)) for one in data["tops"]],
        blocks=[(one["design"], one["config"], top_cells(one)) for one in data["blocks"]],
        flat=[flat_text(one) for one in data["flat"]],
        pictures=made,
        splits=splits(data),
        split_heads=SPLIT_HEADS,
        bit_price=BIT_PRICE,
        trees=[
            (f"{one['design']} {one['config']}", rows(one["tree"], data["accounting"]))
            for one in data["tops"]
        ],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, build_root() / "area" / "area.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
